"""The doors that data comes through, and the files that it leaves by: what is no data does not pass."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

from sop_pipeline.delivery.company import FormatsError, read_company_formats
from sop_pipeline.delivery.formats import Format
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.sources import folders
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.case_files import write_tables
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest import RejectedFile, ingest_file
from sop_pipeline.warehouse.ingest.file import Limits
from sop_pipeline.warehouse.ingest.rows import only_in, scratch_database
from sop_pipeline.warehouse.originals import original_rows

if TYPE_CHECKING:
    from conftest import Delivery

DeliveryOf = Callable[[str], "Delivery"]


@pytest.mark.bad_input(86)
@pytest.mark.parametrize(
    "name", ["../items.csv", "/etc/passwd", "..\\items.csv", ".hidden.csv", "a/../../b.csv"]
)
def test_a_table_never_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "formats.yml").write_text(f"files: {{items: '{name}'}}\n", encoding="utf-8")
    with pytest.raises(FormatsError, match="is no file name or pattern"):
        read_company_formats(tmp_path)


@pytest.mark.bad_input(87)
@pytest.mark.parametrize(
    "name", ["items'; drop table x; --.csv", "x" * 200 + ".csv", "ite\nms.csv", "items .csv", "=cmd.csv"]
)
def test_odd_file_names_are_refused_and_shown_harmlessly(delivery_of: DeliveryOf, name: str) -> None:
    delivery = delivery_of("contract_csv")
    (delivery.extract.path.parent / name).write_text("item_id\n", encoding="utf-8")
    with pytest.raises(SourceError, match="belongs to no table") as refused:
        delivery.land()
    assert "\nms.csv" not in str(refused.value)
    assert len(str(refused.value)) < 6000


@pytest.mark.bad_input(88)
def test_sql_in_headers_and_file_names_is_text(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    expected = delivery.ingest().rows.drop_columns(["source_file_sha256"])
    attack = 'x" varchar); drop table delivered; --'

    def add(header: list[str], rows: list[list[str]]) -> None:
        header.append(attack)
        for row in rows:
            row.append("'; drop table typed; --")

    delivery.extract.spoil_rows(add)
    ingested = delivery.ingest()
    assert ingested.rows.drop_columns(["source_file_sha256"]).equals(expected)
    assert ingested.ignored_columns == (attack,)


@pytest.mark.bad_input(88)
@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('{outside}')",
        "copy (select 1) to '{outside}.copy'",
        "copy (select 1) to '{inside}/../{name}.copy'",
        "attach '{outside}.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
    ],
)
def test_the_connection_of_ingest_reaches_nothing_else(tmp_path: Path, statement: str) -> None:
    inside = tmp_path / "delivery"
    inside.mkdir()
    outside = tmp_path / "secret.csv"
    outside.write_text("a,b\n1,2\n", encoding="utf-8")
    (inside / "items.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with scratch_database(inside) as connection:
        only_in(connection, [inside])
        assert connection.execute(f"select a from read_csv('{inside}/items.csv')").fetchall() == [(1,)]
        with pytest.raises(duckdb.Error):
            connection.execute(statement.format(inside=inside, outside=outside, name=outside.name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["delivery", "secret.csv"]


@pytest.mark.bad_input(88)
def test_a_file_is_ingested_by_a_connection_that_is_locked(
    delivery_of: DeliveryOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = []
    monkeypatch.setattr(
        "sop_pipeline.warehouse.ingest.file.only_in", lambda connection, folders: locked.append(list(folders))
    )
    delivery = delivery_of("contract_csv")
    folder = delivery.land()
    ingest_file(delivery.extract.contract, folder, 0.005)
    ((scratch, landed),) = locked
    assert landed == folder
    assert scratch != folder


@pytest.mark.bad_input(89)
@pytest.mark.parametrize(
    "text",
    [
        "source: !!python/object/apply:os.system ['touch {0}']",
        "source: !!python/name:os.system",
        "a: &a [x]\nb: &b [*a, *a]\nsource: {{encoding: *b}}",
    ],
)
def test_formats_with_python_tags_are_refused(tmp_path: Path, text: str) -> None:
    touched = tmp_path / "touched"
    (tmp_path / "formats.yml").write_text(text.format(touched), encoding="utf-8")
    with pytest.raises(FormatsError):
        read_company_formats(tmp_path)
    assert not touched.exists()


@pytest.mark.bad_input(90)
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_we_write_is_no_formula(tmp_path: Path, text: str) -> None:
    table = pd.DataFrame({"item_id": [text, "plain"], "units": [-5.0, 1.0]})
    (path,) = write_tables({"plan": table}, tmp_path)
    with open(path, encoding="utf-8", newline="") as file:
        _, first, second = csv.reader(file)
    assert first == ["'" + text.replace("\r", " "), "-5"]  # numbers stay numbers
    assert second == ["plain", "1"]


@pytest.mark.bad_input(92)
@pytest.mark.parametrize(
    "name", ["customer_email", "Phone", "birthDate", "IBAN", "first_name_of_e-mail_owner"]
)
def test_personal_data_is_refused_by_the_name_of_its_column(delivery_of: DeliveryOf, name: str) -> None:
    delivery = delivery_of("contract_csv")

    def add(header: list[str], rows: list[list[str]]) -> None:
        header.append(name)
        for row in rows:
            row.append("x")

    delivery.extract.spoil_rows(add)
    with pytest.raises(
        RejectedFile, match=f"column '{name}' looks like personal data.*leave it out of the extract"
    ):
        delivery.ingest()


@pytest.mark.bad_input(92)
def test_no_table_of_ours_has_a_column_that_looks_personal() -> None:
    from sop_pipeline.warehouse.ingest.header import _is_personal

    contracts = load_contracts(DBT_PROJECT_DIR)
    ours = [contract for schema in ("contract", "planner") for contract in contracts.of_schema(schema)]
    assert [c.header for contract in ours for c in contract.columns if _is_personal(c.header)] == []


@pytest.mark.bad_input(96)
def test_a_file_above_the_cap_is_refused_with_the_setting_that_raises_it(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    delivery.extract.spoil_bytes(lambda content: content + content.split(b"\n", 1)[1] * 60)
    assert delivery.extract.path.stat().st_size > 2_000_000
    with pytest.raises(RejectedFile, match="more than the 1 MB that one file may have.*SOP_FILE_MAXIMUM_MB"):
        ingest_file(delivery.extract.contract, delivery.land(), 0.005, limits=Limits(maximum_mb=1))


@pytest.mark.bad_input(97)
@pytest.mark.parametrize(("failures", "is_refused"), [(3, False), (4, True)])
def test_a_locked_file_is_tried_again_three_times_and_then_refused_with_what_to_do(
    delivery_of: DeliveryOf, monkeypatch: pytest.MonkeyPatch, failures: int, is_refused: bool
) -> None:
    delivery = delivery_of("contract_csv")
    opened, tries, pauses = os.open, [], []

    def locked(path: str | Path, *arguments: int, **more: int) -> int:
        if Path(path).name == delivery.extract.path.name and len(tries) < failures:
            tries.append(path)
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **more)

    monkeypatch.setattr(os, "open", locked)
    monkeypatch.setattr(folders.time, "sleep", pauses.append)
    if is_refused:
        said = r"cannot be read: Permission denied\. Close it where it is open[\s\S]*nothing has landed\. Tried 4 times\."
        with pytest.raises(SourceError, match=said):
            delivery.land()
    else:
        delivery.land()
    assert len(tries) == failures
    assert pauses == [0.5, 1.0, 2.0]


def test_a_field_beyond_all_measure_is_refused(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    delivery.extract.put("code", 'A "' + "x" * 3_000_000)
    with pytest.raises(RejectedFile, match=delivery.extract.path.name):
        delivery.ingest()


# -- what a row said


def test_the_text_of_a_row_is_found_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes('item_id;item_name\r\n1;"a; b"\r\n\r\n2;Müller\r\n'.encode("latin-1"))
    first, second = original_rows(path, "abc", [2, 1], Format(encoding="latin-1", delimiter=";"))
    assert (first.number, first.text, first.values) == (1, '1;"a; b"', {"item_id": "1", "item_name": "a; b"})
    assert (second.number, second.text) == (2, "2;Müller")
