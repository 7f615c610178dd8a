"""formats.yml: what a company says of its files, held to what can be meant; the nearest word to a column counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_pipeline.delivery.company import FormatsError, read_company_formats
from sop_pipeline.delivery.formats import COLUMN_KEYS, FILE_KEYS, VALUE_KEYS, Pad, problems_of
from sop_pipeline.delivery.names import files_called, names_of
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts


def declare(folder: Path, text: str) -> None:
    (folder / "formats.yml").write_text(text, encoding="utf-8")


def test_the_nearest_word_to_a_column_counts(tmp_path: Path) -> None:
    declare(
        tmp_path,
        "source: {decimal: ',', encoding: latin-1}\n"
        "tables: {vbap: {encoding: utf-16, columns: {KWMENG: {decimal: '.'}}}}\n",
    )
    company = read_company_formats(tmp_path, ["vbap"])
    contract = {"delimiter": ";", "decimal": ".", "date": ["%Y%m%d"]}
    of_table = company.format_of("sap", "vbap", contract)
    assert (of_table.delimiter, of_table.encoding, of_table.decimal) == (";", "utf-16", ",")
    assert company.format_of("sap", "vbak", contract).encoding == "iso8859-1"
    quantity = company.format_of_column("vbap", {"ordered_quantity", "kwmeng"}, of_table, {"decimal": ","})
    assert (quantity.decimal, quantity.date) == (".", ("%Y%m%d",))
    price = company.format_of_column("vbap", {"netpr"}, of_table, {"pad": {"length": 18}})
    assert (price.decimal, price.pad) == (",", Pad(18, "0", True))


def test_what_is_said_of_the_system_does_not_change_planners_files(tmp_path: Path) -> None:
    declare(tmp_path, "source: {delimiter: '|'}\nplanner: {delimiter: ';'}\n")
    company = read_company_formats(tmp_path, [])
    assert company.format_of("planner", "goals", {}).delimiter == ";"
    assert company.format_of("sap", "vbap", {}).delimiter == "|"


def test_all_that_cannot_be_meant_is_said_at_once(tmp_path: Path) -> None:
    declare(
        tmp_path,
        """
source: {encodng: utf-8, encoding: utf-9, delimiter: ':', decimal: ',', thousands: ','}
sources: {}
tables:
  vbpa: {}
  vbap:
    date: ['%d.%m.%Y', '%m.%d.%Y', '%d.%m.%y']
    timezone: Europe/Atlantis
    null_dates: [00000000]
    booleans: {true: [X], false: [X]}
    columns: {MATNR: {pad: {length: 0}}, WERKS: {pad: {length: 4, only: digits}, colour: red}}
files: {vbap: ../../etc/passwd}
""",
    )
    with pytest.raises(FormatsError) as wrong:
        read_company_formats(tmp_path, ["vbap", "vbak"])
    said = [problem.removeprefix(f"{tmp_path}/formats.yml") for problem in wrong.value.problems]
    for start in (
        ": no part is called 'sources'. Did you mean source?",
        ", source: no key is called 'encodng'. Did you mean encoding?",
        ", source, encoding: it: no encoding is called 'utf-9'. Did you mean utf-8?",
        ", source, delimiter: ':' is not one of",
        ", source: decimal and thousands are both ','",
        ", tables: no table is called 'vbpa'. Did you mean vba",
        ", tables, vbap, date: '%d.%m.%y' is not a pattern of a day",
        ", tables, vbap, date: ['%d.%m.%Y', '%m.%d.%Y', '%d.%m.%y'] says day first and month first at once",
        ", tables, vbap, timezone: 'Europe/Atlantis' is no time zone",
        ", tables, vbap, null_dates: 0 is read as a number or a day by YAML: put it in quotes",
        ", tables, vbap, booleans: a word means true and false at once",
        ", tables, vbap, columns, MATNR, pad: write {length: 18",
        ", tables, vbap, columns, WERKS, pad: only is numeric or all, not 'digits'",
        ", tables, vbap, columns, WERKS: no key is called 'colour'",
        ", files, vbap: '../../etc/passwd' is no file name",
    ):
        assert any(text.startswith(start) for text in said), (start, said)
    assert len(said) == 15


@pytest.mark.parametrize("text", ["source: {", "- a list\n", "source: latin-1\n", "tables: {vbap: [1]}\n", "tables: {vbap: {columns: x}}\n"])  # fmt: skip
def test_what_is_no_declaration_is_refused_in_words(tmp_path: Path, text: str) -> None:
    declare(tmp_path, text)
    with pytest.raises(FormatsError, match="formats.yml"):
        read_company_formats(tmp_path, ["vbap"])


def test_formats_that_contracts_declare_can_be_meant() -> None:
    problems = []
    for contract in load_contracts(DBT_PROJECT_DIR).values():
        problems += problems_of(contract.table, contract.declared_format, (*FILE_KEYS, *VALUE_KEYS))
        for column in contract.columns:
            problems += problems_of(f"{contract.table}.{column.name}", column.declared_format, COLUMN_KEYS)
    assert problems == []


def test_files_are_found_in_any_case_and_by_pattern_and_litter_is_not(tmp_path: Path) -> None:
    for name in ("ITEMS.CSV", "VBAP_20260101.txt", "items.csv.part", "~$items.csv", "VBAP_20260102.txt.tmp"):
        (tmp_path / name).touch()
    assert [p.name for p in files_called(tmp_path, names_of("items", None, None))] == ["ITEMS.CSV"]
    assert [p.name for p in files_called(tmp_path, names_of("vbap", "VBAP.csv", "vbap_*.txt"))] == ["VBAP_20260101.txt"]  # fmt: skip
    assert names_of("vbap", "VBAP.csv", None) == ("VBAP.csv",)
