"""Price lists by channel and currency, rates of currencies, terms of suppliers.

Add here: what something costs. Keep out: documents.
"""

from __future__ import annotations

from decimal import Decimal

from sop_pipeline.sources.demo.shapes.odoo.rows import Row, Rows, by_company
from sop_pipeline.sources.demo.shapes.tables import Tables


def write_prices(book: Rows) -> None:
    """Price lists with their customers, terms of suppliers, rates."""
    _price_lists(book)
    _supplier_terms(book)
    _rates(book)


def _price_lists(book: Rows) -> None:
    company = 1
    for row in book.delivered("prices"):
        key = row["channel_id"], row["currency_code"]
        if ("product_pricelist", key) not in book.numbers:
            book.add("product_pricelist", key, name=f"{key[0]} ({key[1]})", company_id=company, active=True, sequence=16,
                     currency_id=book.of("res_currency", key[1]))  # fmt: skip
        book.add(
            "product_pricelist_item", pricelist_id=book.of("product_pricelist", key), applied_on="1_product",
            product_tmpl_id=book.of("product_template", row["item_id"]), product_id=None, compute_price="fixed",
            fixed_price=row["unit_price"], min_quantity=0, date_start=book.moment(company, row["valid_from_date"], 0),
            date_end=book.moment(company, row["valid_to_date"], 23, 59),
        )  # fmt: skip
    buys_in = {row["customer_id"]: row["currency_code"] for row in book.delivered("sales_order_lines")}
    for row in book.delivered("customers"):
        key = row["channel_id"], buys_in.get(row["customer_id"])
        if ("product_pricelist", key) in book.numbers:
            number = book.of("res_partner", ("customer", row["customer_id"]))
            price_list = by_company({company: book.of("product_pricelist", key)})
            book.written["res_partner"][number - 1]["specific_property_product_pricelist"] = price_list


def company_terms(tables: Tables) -> dict[tuple[str, str, str], Row]:
    """Odoo has one row of terms for all warehouses of a company: (supplier, item, company) -> those of its first site."""
    companies = {row["site_id"]: row["company_id"] for row in tables["sites"].to_dict("records")}
    rows = sorted(
        tables["supplier_items"].to_dict("records"),
        key=lambda row: (row["item_id"], row["site_id"], row["priority"]),
    )
    terms: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        terms.setdefault((row["supplier_id"], row["item_id"], companies[row["site_id"]]), row)
    return terms


def _supplier_terms(book: Rows) -> None:
    for (supplier, item, company), row in company_terms(book.tables).items():
        size = book.of("size of purchase unit", item)
        book.add(
            "product_supplierinfo", partner_id=book.of("res_partner", ("supplier", supplier)),
            product_tmpl_id=book.of("product_template", item), product_id=None, delay=row["lead_time_days"],
            min_qty=(row["minimum_order_units"] or Decimal(0)) / size, price=row["unit_price"] * size,
            currency_id=book.of("res_currency", row["currency_code"]), sequence=row["priority"], discount=0,
            date_start=None, date_end=None, company_id=book.of("res_company", company),
        )  # fmt: skip


def _rates(book: Rows) -> None:
    companies = {
        row["currency_code"]: book.of("res_company", row["company_id"]) for row in book.delivered("companies")
    }
    for row in book.delivered("fx_rates"):
        book.add(
            "res_currency_rate", name=row["rate_date"], rate=float(1 / row["rate"]),
            currency_id=book.of("res_currency", row["from_currency_code"]),
            company_id=companies.get(row["to_currency_code"]),
        )  # fmt: skip
