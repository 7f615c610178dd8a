"""The demo company in Odoo's own tables, as version 18 stores them: rows with running numbers, moments in UTC without a zone,
names as JSON by language, costs as JSON by company, stock as movements.

What Odoo cannot say stands in the supplement (`supplement`). Add here: another area of Odoo, as one module. Keep out: what
staging makes of it.
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.sources.demo.shapes.odoo.books import write_accounts, write_entries
from sop_pipeline.sources.demo.shapes.odoo.buying import write_buying
from sop_pipeline.sources.demo.shapes.odoo.making import write_making
from sop_pipeline.sources.demo.shapes.odoo.masters import write_masters
from sop_pipeline.sources.demo.shapes.odoo.prices import write_prices
from sop_pipeline.sources.demo.shapes.odoo.rows import Rows, file_of
from sop_pipeline.sources.demo.shapes.odoo.sales import write_sales
from sop_pipeline.sources.demo.shapes.odoo.stock import write_stock
from sop_pipeline.sources.demo.shapes.odoo.supplement import write_supplement
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables


def files_of(tables: Tables, cycle_id: str) -> list[ShapeFile]:
    """One file per table of Odoo that has rows, and one per table of the supplement."""
    book = Rows(tables)
    write_masters(book)
    write_accounts(book)
    write_prices(book)
    write_making(book, cycle_id)
    write_sales(book)
    write_buying(book)
    write_stock(book, cycle_id)
    write_entries(book)
    files = [file_of(name, pd.DataFrame(rows, dtype=object)) for name, rows in book.written.items() if rows]
    return files + write_supplement(tables)
