"""An extract as of an earlier day: what had not happened by then is taken out, by the rules of one table, `CUTS`.

The rules are those by which the extract itself was cut from the whole history: documents up to the day; on documents
still open then, what came later is empty again. So a cut of a cut is the cut (`cut(cut(x, d2), d1) == cut(x, d1)`), and
a cut at the day that the extract closes with changes nothing. The same extract and day give the same bytes again.

Not undone, because the extract does not say what was before: `ProductInventory` is one undated snapshot, customers and
stores have no date of creation, and `StandardCost` and `ListPrice` of a product are those of the extract (its histories
are cut).
Add here: a rule, as one entry of `CUTS`; a table without one stays as it is. Keep out: which files land (source.py).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CUT_FILE = "cut.json"
"""Record of a cut, beside the files that it was made of."""
LEDGER_LAG_DAYS = 153
QUOTA_LEAD_MONTHS = 3

Mask = pa.ChunkedArray
Condition = Callable[["Extract", str], Mask]
"""Says of each row of a table whether something holds, from the tables as delivered."""


class CutError(ValueError):
    """Tables cannot be cut: `problems` says of each what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass
class Extract:
    """The delivered tables, read when a rule asks for them, and the day that they are cut at."""

    folder: Path
    day: date
    tables: dict[str, pa.Table] = field(default_factory=dict)
    kept: dict[str, Mask] = field(default_factory=dict)

    @property
    def end_of_day(self) -> datetime:
        """Last moment before the next day."""
        return datetime.combine(self.day, time.max)

    def table(self, name: str) -> pa.Table:
        """A table as delivered. Raises CutError for a file that is missing or not whole."""
        if name not in self.tables:
            path = self.folder / f"{name}.parquet"
            try:
                self.tables[name] = pq.read_table(path)
            except (OSError, pa.ArrowException) as error:
                raise CutError([f"{path.name} cannot be read: {str(error).splitlines()[0]}"]) from error
        return self.tables[name]

    def column(self, name: str, column: str) -> pa.ChunkedArray:
        """A column as delivered. Raises CutError where it is missing."""
        if column not in self.table(name).column_names:
            raise CutError([f"{name} has no column {column}"])
        return self.table(name)[column]

    def kept_rows(self, name: str) -> Mask:
        """True on the rows of a table that are there on the day."""
        if name not in self.kept:
            cut = CUTS.get(name)
            self.kept[name] = cut.keep(self, name) if cut and cut.keep else always(self, name)
        return self.kept[name]


@dataclass(frozen=True)
class Change:
    """Where a condition holds, columns take a value; None is empty."""

    where: Condition
    values: Mapping[str, int | None]


@dataclass(frozen=True)
class Cut:
    """A table's rule in words, the rows that stay, and what changes on them."""

    rule: str
    keep: Condition | None = None
    changes: tuple[Change, ...] = ()


# --- conditions


def always(extract: Extract, name: str) -> Mask:
    """Every row."""
    return pa.chunked_array([pa.array([True] * extract.table(name).num_rows, pa.bool_())])


def _compared(column: str, limit: Callable[[Extract], datetime], is_later: bool) -> Condition:
    def condition(extract: Extract, name: str) -> Mask:
        dates = extract.column(name, column)
        scalar = pa.scalar(limit(extract), pa.timestamp("us")).cast(dates.type)
        compare = pc.greater if is_later else pc.less_equal
        return pc.fill_null(compare(dates, scalar), False)

    return condition


def dated(column: str) -> Condition:
    """The date is not after the cut."""
    return _compared(column, lambda extract: extract.end_of_day, is_later=False)


def later(column: str) -> Condition:
    """The date is after the cut; an empty one is not."""
    return _compared(column, lambda extract: extract.end_of_day, is_later=True)


def dated_on_late_calendar(column: str) -> Condition:
    """The date of a calendar that runs `LEDGER_LAG_DAYS` behind is not after the cut."""
    return _compared(column, lambda extract: extract.end_of_day - timedelta(days=LEDGER_LAG_DAYS), False)


def published_ahead(column: str) -> Condition:
    """The date is not after the end of the month `QUOTA_LEAD_MONTHS` after the cut's."""
    return _compared(column, lambda extract: _end_of_month(extract.end_of_day, QUOTA_LEAD_MONTHS), False)


def _end_of_month(moment: datetime, months: int) -> datetime:
    count = moment.year * 12 + moment.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return moment.replace(year=year, month=month, day=monthrange(year, month)[1])


def of(column: str, parent: str, parent_column: str, where: Condition | None = None) -> Condition:
    """The row points at a row of another table that stays, and of which `where` holds. An empty pointer does not."""

    def condition(extract: Extract, name: str) -> Mask:
        wanted = extract.kept_rows(parent)
        if where is not None:
            wanted = pc.and_(wanted, where(extract, parent))
        keys = extract.column(parent, parent_column).filter(wanted)
        return pc.is_in(extract.column(name, column), value_set=_values(keys))

    return condition


def empty(column: str) -> Condition:
    """The column is empty."""
    return lambda extract, name: pc.is_null(extract.column(name, column))


def any_of(*conditions: Condition) -> Condition:
    """One of them holds."""
    return lambda extract, name: reduce(pc.or_, (condition(extract, name) for condition in conditions))


def all_of(*conditions: Condition) -> Condition:
    """All of them hold."""
    return lambda extract, name: reduce(pc.and_, (condition(extract, name) for condition in conditions))


def part_of_kept_product(extract: Extract, name: str) -> Mask:
    """The product goes, at any depth, into one that is on sale, made or bought by the cut."""
    wholes, parts = (
        extract.column("Production.BillOfMaterials", column).to_pylist()
        for column in ("ProductAssemblyID", "ComponentID")
    )
    known = extract.column(name, "ProductID").filter(_on_sale_made_or_bought(extract, name))
    kept = set(known.to_pylist())
    pairs = list(zip(wholes, parts, strict=True))
    while more := {part for whole, part in pairs if whole in kept and part not in kept}:
        kept |= more
    return pc.is_in(extract.column(name, "ProductID"), value_set=pa.array(sorted(kept), known.type))


def _on_sale_made_or_bought(extract: Extract, name: str) -> Mask:
    return any_of(
        dated("SellStartDate"),
        of("ProductID", "Production.WorkOrder", "ProductID"),
        of("ProductID", "Purchasing.PurchaseOrderDetail", "ProductID"),
    )(extract, name)


def _values(keys: pa.ChunkedArray) -> pa.Array:
    return pc.unique(keys.combine_chunks()).drop_null()


# --- the rules

ORDER, ORDER_LINE = "Sales.SalesOrderHeader", "Sales.SalesOrderDetail"
PURCHASE, PURCHASE_LINE = "Purchasing.PurchaseOrderHeader", "Purchasing.PurchaseOrderDetail"
WORK_ORDER, PRODUCT, OFFER = "Production.WorkOrder", "Production.Product", "Sales.SpecialOffer"
OF_KEPT_PRODUCTS = "rows of the kept products"
NOT_RECEIVED: Mapping[str, int | None] = {"ReceivedQty": 0, "RejectedQty": 0, "StockedQty": 0}

CUTS: Mapping[str, Cut] = {
    ORDER: Cut(
        "OrderDate up to the cut; where shipped later ShipDate is empty and Status 1 (in process)",
        dated("OrderDate"),
        (Change(later("ShipDate"), {"ShipDate": None, "Status": 1}),),
    ),
    ORDER_LINE: Cut(
        "lines of the kept orders; CarrierTrackingNumber is empty where the order ships later",
        of("SalesOrderID", ORDER, "SalesOrderID"),
        (
            Change(
                of("SalesOrderID", ORDER, "SalesOrderID", later("ShipDate")), {"CarrierTrackingNumber": None}
            ),
        ),
    ),
    PURCHASE: Cut(
        "OrderDate up to the cut; a later ShipDate is empty; Status 1 (pending) where a line is due or the order ships later",
        dated("OrderDate"),
        (
            Change(
                any_of(
                    later("ShipDate"),
                    of("PurchaseOrderID", PURCHASE_LINE, "PurchaseOrderID", later("DueDate")),
                ),
                {"Status": 1},
            ),
            Change(later("ShipDate"), {"ShipDate": None}),
        ),
    ),
    PURCHASE_LINE: Cut(
        "lines of the kept orders; where due later, or of an order that ships later, nothing is received",
        of("PurchaseOrderID", PURCHASE, "PurchaseOrderID"),
        (
            Change(
                any_of(
                    later("DueDate"), of("PurchaseOrderID", PURCHASE, "PurchaseOrderID", later("ShipDate"))
                ),
                NOT_RECEIVED,
            ),
        ),
    ),
    WORK_ORDER: Cut(
        "StartDate up to the cut; where ended later EndDate and ScrapReasonID are empty, nothing is stocked or scrapped",
        dated("StartDate"),
        (
            Change(
                later("EndDate"), {"EndDate": None, "ScrapReasonID": None, "StockedQty": 0, "ScrappedQty": 0}
            ),
        ),
    ),
    "Production.WorkOrderRouting": Cut(
        "rows of the kept work orders; later actual dates are empty, and without an actual end there are no hours and no cost",
        of("WorkOrderID", WORK_ORDER, "WorkOrderID"),
        (
            Change(later("ActualStartDate"), {"ActualStartDate": None}),
            Change(
                later("ActualEndDate"), {"ActualEndDate": None, "ActualResourceHrs": None, "ActualCost": None}
            ),
        ),
    ),
    "Production.TransactionHistory": Cut("TransactionDate up to the cut", dated("TransactionDate")),
    "Production.TransactionHistoryArchive": Cut("TransactionDate up to the cut", dated("TransactionDate")),
    "Sales.CurrencyRate": Cut("CurrencyRateDate up to the cut", dated("CurrencyRateDate")),
    "Production.ProductListPriceHistory": Cut(
        "StartDate up to the cut, kept products; a later EndDate is empty",
        all_of(dated("StartDate"), of("ProductID", PRODUCT, "ProductID")),
        (Change(later("EndDate"), {"EndDate": None}),),
    ),
    "Production.ProductCostHistory": Cut(
        "StartDate up to the cut, kept products; a later EndDate is empty",
        all_of(dated("StartDate"), of("ProductID", PRODUCT, "ProductID")),
        (Change(later("EndDate"), {"EndDate": None}),),
    ),
    "Sales.SalesTerritoryHistory": Cut(
        "StartDate up to the cut; a later EndDate is empty",
        dated("StartDate"),
        (Change(later("EndDate"), {"EndDate": None}),),
    ),
    PRODUCT: Cut(
        "on sale by the cut, or by then made, bought or part of a kept product; a later SellEndDate or DiscontinuedDate is empty",
        part_of_kept_product,
        (
            Change(later("SellEndDate"), {"SellEndDate": None}),
            Change(later("DiscontinuedDate"), {"DiscontinuedDate": None}),
        ),
    ),
    "Production.BillOfMaterials": Cut(
        OF_KEPT_PRODUCTS,
        all_of(
            of("ComponentID", PRODUCT, "ProductID"),
            any_of(empty("ProductAssemblyID"), of("ProductAssemblyID", PRODUCT, "ProductID")),
        ),
    ),
    "Production.ProductInventory": Cut(OF_KEPT_PRODUCTS, of("ProductID", PRODUCT, "ProductID")),
    "Purchasing.ProductVendor": Cut(
        "rows of the kept products; LastReceiptDate, LastReceiptCost and OnOrderQty are empty where the receipt is later",
        of("ProductID", PRODUCT, "ProductID"),
        (
            Change(
                later("LastReceiptDate"),
                {"LastReceiptDate": None, "LastReceiptCost": None, "OnOrderQty": None},
            ),
        ),
    ),
    OFFER: Cut("StartDate up to the cut; EndDate stays as announced", dated("StartDate")),
    "Sales.SpecialOfferProduct": Cut(
        "rows of the kept offers and products",
        all_of(of("SpecialOfferID", OFFER, "SpecialOfferID"), of("ProductID", PRODUCT, "ProductID")),
    ),
    "Sales.SalesPersonQuotaHistory": Cut(
        f"QuotaDate up to the end of month {QUOTA_LEAD_MONTHS} after the cut, being published in advance",
        published_ahead("QuotaDate"),
    ),
    "DW.FactFinance": Cut(
        f"Date plus {LEDGER_LAG_DAYS} days up to the cut: the ledger's calendar runs that much behind",
        dated_on_late_calendar("Date"),
    ),
    "Sales.SalesPerson": Cut(
        "SalesYTD is empty: it holds later sales", None, (Change(always, {"SalesYTD": None}),)
    ),
    "Sales.SalesTerritory": Cut(
        "SalesYTD is empty: it holds later sales", None, (Change(always, {"SalesYTD": None}),)
    ),
}
"""Rule of each table that a cut touches; the other tables keep all rows."""

EVERY_TABLE = Change(later("ModifiedDate"), {"ModifiedDate": None})
"""In every table that has one, a later ModifiedDate is empty."""


# --- applying them


@dataclass(frozen=True)
class CutTable:
    """A table as of the day. `changed_rows`: kept rows of which a value is another than delivered."""

    rows: pa.Table
    delivered_rows: int
    changed_rows: int

    @property
    def is_untouched(self) -> bool:
        """True where nothing was taken out and nothing changed."""
        return self.rows.num_rows == self.delivered_rows and self.changed_rows == 0


def cut_table(extract: Extract, name: str) -> CutTable:
    """One table of an extract as of its day. Raises CutError for a column that a rule needs and the table has not."""
    delivered = extract.table(name)
    kept = extract.kept_rows(name)
    before = delivered.filter(kept)
    rows, is_changed = before, pa.chunked_array([pa.array([False] * before.num_rows, pa.bool_())])
    for change in _changes(delivered, name):
        where = change.where(extract, name).filter(kept)
        for column, value in change.values.items():
            extract.column(name, column)
            old = rows[column]
            new = pc.if_else(where, _scalar(value, old.type), old)
            is_changed = pc.or_(is_changed, pc.invert(_same(old, new)))
            rows = rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), new)
    return CutTable(rows, delivered.num_rows, pc.sum(is_changed).as_py() or 0)


def _changes(delivered: pa.Table, name: str) -> tuple[Change, ...]:
    changes = CUTS[name].changes if name in CUTS else ()
    return (*changes, EVERY_TABLE) if "ModifiedDate" in delivered.column_names else changes


def _scalar(value: int | None, data_type: pa.DataType) -> pa.Scalar:
    return pa.scalar(None, data_type) if value is None else pa.scalar(value, pa.int8()).cast(data_type)


def _same(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Mask:
    both_empty = pc.and_(pc.is_null(old), pc.is_null(new))
    return pc.or_(both_empty, pc.fill_null(pc.equal(old, new), False))


def cut_extract(folder: Path, names: Sequence[str], day: date, closes_on: date, into: Path) -> None:
    """Write the named tables of an extract, as of the end of a day, and the record of what was cut.

    A table of which nothing changes is copied byte by byte. Raises CutError, naming every table that cannot be read, lacks
    a column that a rule needs, or has a type in it that the rule cannot compare.
    """
    extract = Extract(folder, day)
    record: list[dict[str, object]] = []
    problems: dict[str, None] = {}
    for name in names:
        try:
            record.append(_write_cut(extract, name, into))
        except CutError as error:
            problems |= dict.fromkeys(error.problems)
        except (OSError, pa.ArrowException, TypeError) as error:
            problems[f"{name}: {str(error).splitlines()[0]}"] = None
    if problems:
        raise CutError(list(problems))
    content = {"as_of": day.isoformat(), "extract_closes_on": closes_on.isoformat(), "files": record}
    (into / CUT_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _write_cut(extract: Extract, name: str, into: Path) -> dict[str, object]:
    original = extract.folder / f"{name}.parquet"
    cut = cut_table(extract, name)
    if cut.is_untouched:
        shutil.copyfile(original, into / original.name)
    else:
        pq.write_table(cut.rows, into / original.name, compression="zstd", store_schema=False)
    return {
        "file": original.name,
        "rule": CUTS[name].rule if name in CUTS else "all rows; a later ModifiedDate is empty",
        "original_sha256": hashlib.sha256(original.read_bytes()).hexdigest(),
        "delivered_rows": cut.delivered_rows,
        "kept_rows": cut.rows.num_rows,
        "removed_rows": cut.delivered_rows - cut.rows.num_rows,
        "changed_rows": cut.changed_rows,
    }
