"""Companies with their holiday lists, terms of payment, and the general ledger.

Add here: what the books and the calendar of a company hold. Keep out: invoices (`sales`), which the ledger adds up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    doctype_file,
    records,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

WEEKEND = {5: "Saturday", 6: "Sunday"}
KINDS = {
    "revenue": ("Income", "Income Account"),
    "cost_of_sales": ("Expense", "Cost of Goods Sold"),
    "inventory": ("Asset", "Stock"),
}
"""Type of an account of ours -> root type and type of ERPNext's."""
ZERO = Decimal(0)


def book_files(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """Holiday List, Holiday, Payment Terms Template with its parts, Account, GL Entry."""
    yield from _holiday_lists(tables)
    yield from _terms(tables)
    yield from _ledger(tables, plant)


def company_lists(tables: Tables) -> dict[str, str]:
    """Company -> its default holiday list: the calendar of its first site."""
    lists: dict[str, str] = {}
    for row in records(tables["sites"]):
        lists.setdefault(row["company_id"], row["calendar_id"])
    return lists


def _holiday_lists(tables: Tables) -> Iterator[ShapeFile]:
    """Every Saturday and Sunday stands in a list, unless it is worked; a holiday on one of them stands there twice."""
    days: dict[str, list[Record]] = defaultdict(list)
    for row in records(tables["calendars"]):
        days[row["calendar_id"]].append(row)
    lists, holidays = [], []
    for name, told in days.items():
        first = date(min(row["calendar_date"] for row in told).year, 1, 1)
        last = date(max(row["calendar_date"] for row in told).year, 12, 31)
        lists.append({"name": name, "from_date": first, "to_date": last})
        worked = {row["calendar_date"] for row in told if row["is_working_day"]}
        free = [(row["calendar_date"], row["day_name"], False) for row in told if not row["is_working_day"]]
        span = (first + timedelta(days=n) for n in range((last - first).days + 1))
        free += [
            (day, WEEKEND[day.weekday()], True)
            for day in span
            if day.weekday() in WEEKEND and day not in worked
        ]
        holidays += [
            {"parent": name, "idx": idx, "holiday_date": day, "description": words, "weekly_off": is_weekly}
            for idx, (day, words, is_weekly) in enumerate(sorted(free, key=lambda one: one[0]), start=1)
        ]
    yield doctype_file("Holiday List", lists)
    yield doctype_file("Holiday", holidays, "Holiday List", "holidays")


def _terms(tables: Tables) -> Iterator[ShapeFile]:
    terms = records(tables["payment_terms"])
    yield doctype_file("Payment Terms Template", [{"name": row["payment_term_id"]} for row in terms])
    parts = [
        {
            "parent": row["payment_term_id"], "idx": 1, "invoice_portion": 100, "credit_days": row["net_days"], "credit_months": 0,
            "due_date_based_on": "Day(s) after the end of the invoice month" if row["is_from_month_end"] else "Day(s) after invoice date",
            "discount_type": "Percentage", "discount": row["discount_ratio"] * 100 if row["discount_ratio"] is not None else 0,
            "discount_validity": row["discount_days"] or 0,
        }
        for row in terms
    ]  # fmt: skip
    yield doctype_file("Payment Terms Template Detail", parts, "Payment Terms Template", "terms")


def account_name(code: str, name: str, abbreviation: str) -> str:
    """An account as ERPNext names it."""
    return f"{code} - {name} - {abbreviation}"


def _ledger(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """An entry for each month's amount, one that was cancelled, and one of what stood there before the first month."""
    names = {row["company_id"]: row["company_name"] for row in records(tables["companies"])}
    accounts: dict[str, Record] = {}
    entries: list[Record] = []
    for row in sorted(records(tables["ledger_balances"]), key=lambda row: row["period_start_date"]):
        company = names[row["company_id"]]
        account = account_name(row["account_id"], row["account_name"], plant.abbreviation(company))
        root, kind = KINDS[row["account_type"]]
        month = row["period_start_date"]
        if account not in accounts:
            accounts[account] = {
                "name": account,
                "company": company,
                "account_name": row["account_name"],
                "root_type": root,
                "account_type": kind,
            }
            if row["closing_amount"] is not None:
                before = row["closing_amount"] - row["period_amount"]
                entries.append(_entry(len(entries), company, account, month - timedelta(days=1), before))
        last_day = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        entries.append(_entry(len(entries), company, account, last_day, row["period_amount"]))
        if month.month == 1:
            entries.append(
                _entry(len(entries), company, account, last_day, row["period_amount"])
                | {"is_cancelled": True}
            )
    yield doctype_file("Account", accounts.values())
    yield doctype_file("GL Entry", entries)


def _entry(place: int, company: str, account: str, day: date, amount: Decimal) -> Record:
    return {
        "name": f"ACC-GLE-{place:06d}", "docstatus": 1, "is_cancelled": False, "posting_date": day, "account": account,
        "company": company, "cost_center": None, "debit": max(amount, ZERO), "credit": max(-amount, ZERO),
    }  # fmt: skip
