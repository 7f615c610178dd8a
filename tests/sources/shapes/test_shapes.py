"""The demo company in the tables of another ERP is the same company: every core table comes out equal, row by row.

The expected side is our own contract's delivery. Where an ERP has no field of its own for what the contract says, its
extract has a supplement; where it names a document in another way than the demo company does, or keeps fewer
decimals, the expected delivery is rewritten so first (`AS_CARRIED`, with the reason), and nothing else is forgiven.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from built_tables import BuiltTables, build_tables, differences
from holidays import country_holidays

from sop_pipeline.sources.demo import open_world, write_delivery
from sop_pipeline.sources.demo.catalogue import COMPANIES, PAYMENT_TERMS, SITE_COUNTRIES, SITES
from sop_pipeline.sources.demo.shapes import CONTRACT, shape_names, write_shape

CYCLE = "2026-01"
SEED = 20_26
COMPANY_NAMES = {company: name for company, name, *_ in COMPANIES}
TERM_IDS = sorted(term for term, *_ in PAYMENT_TERMS)
BOOKS = ("companies", "payment_terms", "customers", "suppliers", "sites", "downtimes")
"""Tables of erp that no core table carries in full: compared themselves."""
COMPANY_DAYS = {"2025-12-24": "false", "2026-02-16": "false", "2026-02-21": "true"}
"""Days on which the company rests or works and no public holiday says so: a Wednesday, a Monday, a Saturday."""

Row = dict[str, str]


def _amended(row: Row) -> Row:
    """ERPNext: an order that was cancelled and amended goes on under a new number; the shape amends those that end in 7."""
    order = row["order_id"]
    return row | {"order_id": f"{order}-1" if order.startswith("SO") and order.endswith("7") else order}


def _noted(row: Row) -> Row:
    """ERPNext: a delivery note has one day, and a return has no order but its own note."""
    if row["is_return"] == "true":
        return row | {"shipment_id": row["order_id"], "line_id": row["order_line_id"]}
    day = row["shipped_date"].replace("-", "")[2:]
    return _amended(row) | {"shipment_id": f"{row['shipment_id']}-{day}"}


def _part_given_up_in_odoo(row: Row) -> Row:
    """Odoo has no line of its own for the part of line 30 that was given up (our 35): its movement is cancelled."""
    place = int(row["line_id"])
    return row if place % 10 == 0 else row | {"line_id": f"{place - place % 10}-cancelled"}


def dated(row: Row, column: str, day: str) -> Row:
    """A document of SAP's has one day: its lines of another day are another document."""
    return row | {column: f"{row[column]}.{row[day].replace('-', '')}"}


def billed(row: Row) -> Row:
    """And it is an invoice or a credit memo."""
    is_credit = row["net_amount"].startswith("-") or row["invoiced_quantity"].startswith("-")
    document = dated(row, "invoice_id", "invoiced_date")["invoice_id"]
    return row | {"invoice_id": document + ("C" if is_credit else "")}


def scrap_added(row: Row) -> Row:
    """SAP's component scrap is percent added to the requirement, with two decimals."""
    lost = Decimal(row["scrap_ratio"])
    added = (lost / (1 - lost) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return row | {"scrap_ratio": str((added / (100 + added)).quantize(Decimal("0.000001"), ROUND_HALF_UP))}


def capacity(row: Row) -> Row:
    """A resource is a capacity of a work centre in a plant: 002 is labour. (The demo company's names say plant and kind.)

    An operation takes several capacities: its number has four digits and the capacity's.
    """
    _, site_id, kind, _ = row["resource_id"].split("-")
    code = "002" if kind == "LABOUR" else "001"
    operation = (
        {"operation_number": f"{int(row['operation_number']):04d}/{code}"}
        if "operation_number" in row
        else {}
    )
    return row | operation | {"resource_id": f"{site_id}/{row['resource_id']}/{code}"}


def made_in_working_days(row: Row) -> Row:
    """SAP's in-house production time is whole working days; in the demo company those that are no public holiday of the country."""
    if not row["make_lead_time_days"]:
        return row
    country = dict(zip(SITES, SITE_COUNTRIES, strict=True))[row["site_id"]]
    holidays = country_holidays(country, years=int(CYCLE[:4]))
    first = date(int(CYCLE[:4]), 1, 1)
    year = [first + timedelta(days=place) for place in range(365)]
    per_working_day = len(year) / Decimal(sum(day.weekday() < 5 and day not in holidays for day in year))
    days = (Decimal(row["make_lead_time_days"]) / per_working_day).quantize(Decimal(1), ROUND_HALF_UP)
    return row | {"make_lead_time_days": str((days * per_working_day).quantize(Decimal("0.000001"), ROUND_HALF_UP))}  # fmt: skip


def named_company(row: Row) -> Row:
    """ERPNext: a company is its name, and an account is its number, name and the company's short name."""
    row = row | {"company_id": COMPANY_NAMES[row["company_id"]]}
    if "account_id" in row:
        short = f"N{row['company_id'].split()[-1]}"
        row |= {"account_id": f"{row['account_id']} - {row['account_name']} - {short}"}
    return row


def unnamed_use(row: Row) -> Row:
    """Odoo and ERPNext: the demo company's extract books what production takes as corrections of the stock, not as consumption."""
    return row | {"movement_type": "adjustment"} if row["movement_type"] == "consumption" else row


def numbered_term(row: Row) -> Row:
    """Odoo: a term of payment has a number and a name."""
    return row | {"payment_term_id": str(TERM_IDS.index(row["payment_term_id"]) + 1)}


AS_CARRIED: dict[str, dict[str, Callable[[Row], Row]]] = {
    "erpnext": {
        "sales_order_lines": _amended,
        "shipment_lines": _noted,
        "invoice_lines": _amended,
        "inventory_movements": unnamed_use,
        **dict.fromkeys(("companies", "sites", "ledger_balances"), named_company),
        # a template of terms is its name
        "payment_terms": lambda row: row | {"payment_term_name": row["payment_term_id"]},
    },
    "sap": {
        "shipment_lines": lambda row: dated(row, "shipment_id", "shipped_date"),
        "invoice_lines": billed,
        # a material document is named by its number, year and item; a stock transport by its order and item
        "purchase_receipts": lambda row: (
            row | {"receipt_id": f"{row['receipt_id']}/{row['received_date'][:4]}/1"}
        ),
        "transfer_orders": lambda row: row | {"transfer_order_id": f"{row['transfer_order_id']}/10"},
        "bom_lines": scrap_added,
        "item_sites": made_in_working_days,
        **dict.fromkeys(
            (
                "resources",
                "resource_capacities",
                "routing_operations",
                "operation_confirmations",
                "downtimes",
            ),
            capacity,
        ),
    },
    "odoo": {
        "sales_order_lines": _part_given_up_in_odoo,
        "inventory_movements": unnamed_use,
        **dict.fromkeys(("payment_terms", "customers", "suppliers"), numbered_term),
        # the productivity log counts its rows
        "downtimes": lambda row: row | {"downtime_id": str(int(row["downtime_id"][2:]) + 1)},
    },
}
"""Shape -> table of our contract -> its row as that ERP can carry it: under its own keys, and with its own decimals."""


@pytest.fixture(scope="session")
def delivery(smallest_scale: float, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest demo company's first delivery, in our own contract."""
    folder = tmp_path_factory.mktemp("demo")
    open_world(folder / "world", smallest_scale, SEED)
    write_delivery(folder / "world", CYCLE, folder / "delivery")

    def of_the_company(rows: list[Row]) -> list[Row]:
        names = {row["calendar_id"] for row in rows}
        days = [
            {"calendar_id": name, "calendar_date": day, "is_working_day": worked, "day_name": "Company day"}
            for name in sorted(names)
            for day, worked in COMPANY_DAYS.items()
        ]
        return [row for row in rows if row["calendar_date"] not in COMPANY_DAYS] + days

    rewrite(folder / "delivery" / "calendars.csv", of_the_company)
    return folder / "delivery"


Built = Callable[[str], BuiltTables]


@pytest.fixture(scope="session")
def expected(delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The core tables from our own contract, under the keys of a shape; built once for shapes that rename nothing."""
    built: dict[str, BuiltTables] = {}

    def of(shape: str) -> BuiltTables:
        renamed = AS_CARRIED.get(shape, {})
        key = shape if renamed else CONTRACT
        if key not in built:
            folder = tmp_path_factory.mktemp(f"expected_{key}")
            write_shape(CONTRACT, delivery, folder / "input", CYCLE)
            for table, rename in renamed.items():
                rewrite(
                    folder / "input" / f"{table}.csv", lambda rows, rename=rename: [rename(r) for r in rows]
                )
            built[key] = build_tables(folder / "home", CONTRACT, folder / "input", CYCLE)
        return built[key]

    return of


def rewrite(path: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change the rows of a CSV file in place."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [name for name in shape_names() if name != CONTRACT])
def test_the_core_tables_are_the_same_as_from_our_own_contract(
    shape: str, delivery: Path, expected: Built, tmp_path: Path
) -> None:
    write_shape(shape, delivery, tmp_path / "input", CYCLE)

    built = build_tables(tmp_path / "home", shape, tmp_path / "input", CYCLE)

    found = [
        *differences(expected(shape), built),
        *differences(expected(shape), built, "erp", BOOKS),
        # an ERP's ledger has more accounts, and what there was before
        *differences(expected(shape), built, "erp", ("ledger_balances",), surplus=False),
    ]
    said = f"{shape}: {len(found)} core tables differ from the contract's.\nKept out: {built.kept_out()}\n"
    assert not found, said + "\n".join(found)


@pytest.mark.slow
def test_one_price_off_by_a_millionth_is_seen(delivery: Path, expected: Built, tmp_path: Path) -> None:
    write_shape(CONTRACT, delivery, tmp_path / "input", CYCLE)

    def change(rows: list[Row]) -> list[Row]:
        price = f"{float(rows[0]['unit_price']) + 0.000001:.6f}"
        return [rows[0] | {"unit_price": price}, *rows[1:]]

    rewrite(tmp_path / "input" / "supplier_items.csv", change)
    built = build_tables(tmp_path / "home", CONTRACT, tmp_path / "input", CYCLE)

    found = differences(expected(CONTRACT), built)
    assert len(found) == 1
    assert "core.fct_sources: 1 rows missing" in found[0]
    assert "unit_cost (1)" in found[0]


def test_planners_files_stay_as_they_are(delivery: Path, tmp_path: Path) -> None:
    for shape in shape_names():
        written = write_shape(shape, delivery, tmp_path / shape, CYCLE)
        assert tmp_path / shape / "overrides.csv" in written
        assert (tmp_path / shape / "goals.csv").read_bytes() == (delivery / "goals.csv").read_bytes()
