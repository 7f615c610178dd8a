"""The demo company in SAP's tables, as a text dump of them would come.

What SAP's way of writing asks for is used on purpose: materials of digits padded in one table and stripped in the next,
prices per 100 or 10 000, weights of components in grams, a day as 00000000, document chains with cancelled and reversed
members, history of stock and prices that is there only where something changed, in-house production times in whole working
days of the plant's factory calendar. Only the company's document numbers are longer than SAP's. Add here: a table. Keep out: how values are written
(`text`), what staging makes of them.

Modules: `codes` (numbers that SAP gives to things), `masters`, `valuation`, `production`, `sales`, `purchasing`, `supplements`.
"""

from __future__ import annotations

from sop_pipeline.sources.demo.shapes.sap import (
    masters,
    production,
    purchasing,
    sales,
    supplements,
    valuation,
)
from sop_pipeline.sources.demo.shapes.sap.codes import Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables


def files_of(tables: Tables, cycle_id: str) -> list[ShapeFile]:
    """SAP's tables and the supplement, one file each."""
    codes = Codes(tables)
    made: list[SapTable] = []
    for module in (masters, valuation, production, sales, purchasing, supplements):
        made += module.tables_of(tables, codes, cycle_id)
    return [table.file() for table in made]
