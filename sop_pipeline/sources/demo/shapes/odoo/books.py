"""Terms of payment, accounts, and entries of the ledger.

An invoice posts its revenue itself; what the ledger has beyond the documents is one entry a month, account and company, as an
accountant closes a month. Add here: what the books keep. Keep out: the invoices (`sales`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sop_pipeline.sources.demo.shapes.odoo.rows import Rows, by_company, translated

ACCOUNT_TYPES = {
    "revenue": "income",
    "cost_of_sales": "expense_direct_cost",
    "inventory": "asset_current",
    "receivables": "asset_receivable",
}
CLEARING = "clearing"
"""The other side of entries that the demo company's ledger does not tell."""
ZERO = Decimal(0)


def write_terms(book: Rows) -> None:
    """Terms of payment, each with one part. A discount that is not granted stands there all the same, as Odoo fills it in."""
    for row in book.delivered("payment_terms"):
        has_discount = row["discount_ratio"] is not None
        number = book.add(
            "account_payment_term", row["payment_term_id"], name=translated(row["payment_term_name"]), active=True,
            early_discount=has_discount, discount_percentage=row["discount_ratio"] * 100 if has_discount else Decimal(2),
            discount_days=row["discount_days"] if has_discount else 10,
        )  # fmt: skip
        book.add(
            "account_payment_term_line", payment_id=number, value="percent", value_amount=Decimal(100),
            nb_days=row["net_days"], days_next_month="10",
            delay_type="days_after_end_of_month" if row["is_from_month_end"] else "days_after",
        )  # fmt: skip


def term_of(book: Rows, term: str | None) -> str | None:
    """A term of payment as the value of a partner by company."""
    return by_company({1: book.of("account_payment_term", term)}) if term else None


def write_accounts(book: Rows) -> None:
    """Accounts of the ledger, with the code that each company gives them."""
    companies = range(1, len(book.written["res_company"]) + 1)
    codes = {
        row["account_type"]: (row["account_id"], row["account_name"])
        for row in book.delivered("ledger_balances")
    }
    for kind, (code, name) in codes.items():
        book.add("account_account", kind, code_store=by_company(dict.fromkeys(companies, code)),
                 name=translated(name), account_type=ACCOUNT_TYPES[kind])  # fmt: skip
    book.add("account_account", CLEARING, code_store=by_company(dict.fromkeys(companies, "999999")),
             name=translated("Clearing"), account_type="asset_current")  # fmt: skip
    if "inventory" in codes:
        inventory = book.of("account_account", "inventory")
        of_goods = by_company(dict.fromkeys(companies, inventory))
        for row in book.written["product_category"]:
            row["property_stock_valuation_account_id"] = of_goods


def posting(book: Rows, account: str, day: date, amount: Decimal) -> dict[str, Any]:
    """The columns that post an amount, debit positive, to an account; none where the company has no ledger."""
    number = book.numbers.get(("account_account", account), book.numbers.get(("account_account", CLEARING)))
    return {"account_id": number, "date": day, "debit": max(amount, ZERO), "credit": max(-amount, ZERO)}


def write_entries(book: Rows) -> None:
    """What the ledger has beyond the invoices, by company, account and month; a balance begins with what there was before."""
    accounts = {book.numbers[key]: key[1] for key in book.numbers if key[0] == "account_account"}
    of_entries = {row["id"]: row["company_id"] for row in book.written["account_move"]}
    posted: dict[tuple[int, str, date], Decimal] = defaultdict(Decimal)
    for row in book.written["account_move_line"]:
        key = of_entries[row["move_id"]], accounts[row["account_id"]], row["date"].replace(day=1)
        posted[key] += row["debit"] - row["credit"]
    started: set[tuple[int, str]] = set()
    for row in sorted(book.delivered("ledger_balances"), key=lambda row: row["period_start_date"]):
        company, kind, month = (
            book.of("res_company", row["company_id"]), row["account_type"], row["period_start_date"],
        )  # fmt: skip
        last_day = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if row["closing_amount"] is not None and (company, kind) not in started:
            _entry(
                book, company, kind, month - timedelta(days=1), row["closing_amount"] - row["period_amount"]
            )
        started.add((company, kind))
        _entry(book, company, kind, last_day, row["period_amount"] - posted[company, kind, month])


def _entry(book: Rows, company: int, kind: str, day: date, amount: Decimal) -> None:
    if not amount:
        return
    number = book.add(
        "account_move", name=f"MISC/{day.year}/{len(book.written['account_move']):05d}", move_type="entry", state="posted",
        invoice_date=None, commercial_partner_id=None, team_id=None, company_id=company,
        currency_id=book.written["res_company"][company - 1]["currency_id"],
    )  # fmt: skip
    for account, value in ((kind, amount), (CLEARING, -amount)):
        book.add("account_move_line", move_id=number, display_type=None, product_id=None, quantity=None,
                 product_uom_id=None, price_subtotal=None, **posting(book, account, day, value))  # fmt: skip
