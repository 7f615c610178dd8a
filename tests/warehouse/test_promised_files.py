"""A file is held to what its sender's manifest promises; a missing one is refused, reused within its age, or empty."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.promises import PROMISES_FILE, PromisesError, read_promises
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all
from sop_pipeline.warehouse.ingest import IngestedFile, RejectedFile

RATES = Contract(
    schema="contract",
    name="rates",
    description="One row per currency.",
    columns=(
        Column("currency_code", "varchar", "Currency", is_required=True),
        Column("rate", "decimal(28,12)", "Rate", is_required=True),
    ),
    grain=("currency_code",),
    path=Path("_contract__sources.yml"),
    is_model=False,
    meta={"delivery": {"mode": "full", "mandatory": True}},
)
TEXT = "currency_code,rate\nUSD,1.1\nJPY,0.0061\n"


def delivered(folder: Path, cycle_id: str, text: str | None, **promised: object) -> AcceptedDelivery:
    place = folder / cycle_id
    place.mkdir()
    if text is not None:
        (place / "rates.csv").write_text(text, encoding="utf-8")
    if promised:
        (place / PROMISES_FILE).write_text(json.dumps({"files": {"rates.csv": promised}}), encoding="utf-8")
    return AcceptedDelivery(cycle_id, place, {}, None, read_promises(place / PROMISES_FILE))


def ingest(*history: AcceptedDelivery, ratio: float = 0.6, **delivery: object) -> IngestedFile:
    contract = replace(RATES, meta={"delivery": {**RATES.meta["delivery"], **delivery}})
    (file,) = ingest_all([contract], history[-1].folder, ratio, history=history)
    return file


def test_a_file_that_keeps_its_promise_is_read(tmp_path: Path) -> None:
    totals = {"rate": "1.1061"}
    assert ingest(delivered(tmp_path, "2026-01", TEXT, rows=2, totals=totals)).accepted_rows == 2


@pytest.mark.parametrize(
    ("promised", "says"),
    [
        ({"rows": 3}, "3 rows are promised, 2 are there"),
        ({"totals": {"rate": "1.2061"}}, "the sum of rate is promised as 1.2061, and is 1.106100000000: -0.1000"),
        ({"totals": {"rates": 1}}, "a total of 'rates' is promised, which is no number of contract.rates (did you mean 'rate'?)"),
        ({"totals": {"currency_code": 1}}, "a total of 'currency_code' is promised, which is no number"),
    ],
)  # fmt: skip
def test_a_broken_promise_refuses_the_file_with_the_difference(tmp_path: Path, promised: dict[str, object], says: str) -> None:  # fmt: skip
    with pytest.raises(RejectedFile) as refused:
        ingest(delivered(tmp_path, "2026-01", TEXT, **promised))
    assert "rates.csv is not what its manifest promises" in str(refused.value)
    assert says in str(refused.value)


def test_control_totals_count_rows_that_are_kept_out_too(tmp_path: Path) -> None:
    text = TEXT + ",5\n"  # a currency is missing: kept out, but the sender counted it
    file = ingest(delivered(tmp_path, "2026-01", text, rows=3, totals={"rate": "6.1061"}))
    assert (file.accepted_rows, file.quarantined_rows) == (2, 1)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "write {files:"),
        ('{"file": {}}', "no key is called 'file'. Did you mean files?"),
        ('{"extracted_at": "2026-01-03 04:00"}', "is no moment with its time zone"),
        ('{"files": {"a.csv": {"row": 1}}}', "no key is called 'row'. Did you mean rows?"),
        ('{"files": {"a.csv": {"rows": "12"}}}', "rows: '12' is no whole number"),
        ('{"files": {"a.csv": {"sha256": "abc"}}}', "is no sha256: 64 hexadecimal digits"),
        ('{"files": {"a.csv": {"totals": {"q": "NaN"}}}}', "totals, q: 'NaN' is no number"),
    ],
)
def test_a_manifest_that_cannot_be_meant_is_refused(tmp_path: Path, manifest: str, says: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(PromisesError) as refused:
        read_promises(tmp_path / "manifest.json")
    assert says in str(refused.value)


def test_a_mandatory_file_that_did_not_come_is_refused_with_the_age_of_the_last(tmp_path: Path) -> None:
    before = delivered(tmp_path, "2025-12", TEXT)
    now = delivered(tmp_path, "2026-01", None)
    with pytest.raises(RejectedFile, match="the last file accepted is of cycle 2025-12, 31 days older, and may not be used again"):  # fmt: skip
        ingest(before, now)
    with pytest.raises(RejectedFile, match="mandatory file rates.csv is not in"):
        ingest(now)


def test_a_file_may_be_used_again_within_its_declared_age(tmp_path: Path) -> None:
    history = [
        delivered(tmp_path, cycle, TEXT if cycle == "2025-12" else None)
        for cycle in ("2025-12", "2026-01", "2026-02")
    ]
    again = ingest(*history[:2], reuse_maximum_days=35)
    assert again.accepted_rows == 2
    assert again.warnings == (
        "was not delivered; the last file accepted is of cycle 2025-12, 31 days older, and is used again (up to 35 days)",
    )
    with pytest.raises(RejectedFile, match="62 days older, more than the 35 days that it may be used again"):
        ingest(*history, reuse_maximum_days=35)


def test_an_optional_table_that_came_before_and_does_not_now_is_empty_and_told(tmp_path: Path) -> None:
    history = delivered(tmp_path, "2025-12", TEXT), delivered(tmp_path, "2026-01", None)
    empty = ingest(*history, mandatory=False)
    assert empty.accepted_rows == 0
    assert empty.warnings[0].endswith("31 days older; the table is empty now")
    parameters = replace(RATES, schema="planner", name="planning_parameters", columns=(
        *(Column(name, "varchar", "") for name in ("parameter_id", "scope", "scope_id", "parameter_value")),
    ), meta={"delivery": {"mandatory": False}})  # fmt: skip
    files = ingest_all([parameters], history[-1].folder, 0.0)
    told = describe_deliveries([empty, *files], "2026-01", pd.DataFrame())
    assert told.set_index("table_name").loc["contract.rates", "warnings"] == empty.warnings[0]
