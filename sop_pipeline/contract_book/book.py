"""The folder that `sop contract export` writes: empty files, example rows, schemas, and the page.

    source-contract.html         every table for people
    templates/<table>.csv        the header, no row
    examples/<table>.csv         the header and one row
    schemas/<table>.schema.json  a row, as JSON Schema; index.schema.json: a delivery

Add here: another file of the book. Keep out: what is in it (a module each).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from sop_pipeline.contract_book.page import render_page
from sop_pipeline.contract_book.schemas import index_schema, table_schema
from sop_pipeline.warehouse.contracts import Contract

SYSTEM_TITLES = {
    "contract": "A company's own extracts",
    "planner": "Inputs that planners own",
    "sap": "SAP ECC and S/4",
    "odoo": "Odoo",
    "erpnext": "ERPNext",
    "adventureworks": "AdventureWorks",
}
"""Source contracts, as readers call them."""


def write_book(contracts: Sequence[Contract], folder: Path) -> list[Path]:
    """Write the book of source contracts into a new or empty folder; return the files, in order."""
    written: list[Path] = []

    def write(name: str, content: str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
        written.append(path)

    write("source-contract.html", render_page(contracts, SYSTEM_TITLES))
    for contract in contracts:
        header = [column.header for column in contract.columns]
        write(f"templates/{contract.name}.csv", _csv([header]))
        if any(column.example is not None for column in contract.columns):
            row = [column.example or "" for column in contract.columns]
            write(f"examples/{contract.name}.csv", _csv([header, row]))
        write(f"schemas/{contract.name}.schema.json", _json(table_schema(contract)))
    write("schemas/index.schema.json", _json(index_schema(contracts)))
    return written


def _csv(rows: list[list[str]]) -> str:
    from io import StringIO

    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
