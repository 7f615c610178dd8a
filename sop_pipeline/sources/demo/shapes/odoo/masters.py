"""Companies, partners, units, items, warehouses, routes and replenishment rules.

Add here: master data. Keep out: prices (`prices`), bills and work centres (`making`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sop_pipeline.sources.demo.shapes.odoo.books import term_of, write_terms
from sop_pipeline.sources.demo.shapes.odoo.rows import CREATED, OFFICE_ZONE, Row, Rows, by_company, translated
from sop_pipeline.sources.demo.shapes.odoo.working_days import ZONES, company_calendars, write_working_days

PURCHASE_UNIT_FACTOR = 100
"""An item that is bought by a unit of more than this many is quoted in it: granulate by the tonne."""


def write_masters(book: Rows) -> None:
    """Every table of master data."""
    _currencies_and_countries(book)
    write_working_days(book)
    write_terms(book)
    _companies(book)
    _units(book)
    _items(book)
    _warehouses(book)
    _routes(book)
    _customers(book)
    _suppliers(book)
    _orderpoints(book)


def _currencies_and_countries(book: Rows) -> None:
    currencies = {
        row["currency_code"]
        for name in ("sites", "suppliers", "sales_order_lines")
        for row in book.delivered(name)
    }
    currencies |= {row["from_currency_code"] for row in book.delivered("fx_rates")}
    for code in sorted(currencies):
        book.add("res_currency", code, name=code, active=True)
    countries = {
        row["country_code"] for name in ("sites", "customers", "suppliers") for row in book.delivered(name)
    }
    for code in sorted(code for code in countries if code):
        book.add("res_country", code, name=translated(code), code=code)


def partner(book: Rows, key: Any, name: str, **columns: Any) -> int:
    """A partner of its own."""
    number = len(book.written["res_partner"]) + 1
    return book.add("res_partner", key, **{
        "name": name, "ref": None, "is_company": True, "active": True, "parent_id": None, "commercial_partner_id": number,
        "country_id": None, "customer_rank": 0, "supplier_rank": 0, "team_id": None, "tz": None,
        "property_purchase_currency_id": None, "specific_property_product_pricelist": None,
        "property_payment_term_id": None, "property_supplier_payment_term_id": None,
    } | columns)  # fmt: skip


def _companies(book: Rows) -> None:
    calendars = company_calendars(book)
    for row in book.delivered("companies"):
        zone = ZONES.get(row["country_code"], OFFICE_ZONE)
        of_partner = partner(
            book, ("company", row["company_id"]), row["company_name"],
            country_id=book.numbers.get(("res_country", row["country_code"])), ref=row["company_id"], tz=zone,
        )  # fmt: skip
        calendar = book.numbers.get(("resource_calendar", ("calendar", calendars.get(row["company_id"]))))
        number = book.add(
            "res_company", row["company_id"], name=row["company_name"], partner_id=of_partner,
            currency_id=book.of("res_currency", row["currency_code"]), resource_calendar_id=calendar,
        )  # fmt: skip
        book.zones[number] = ZoneInfo(zone)


def _units(book: Rows) -> None:
    """Base units are the references of their categories; the others hold so many of them."""
    base_units = {row["item_id"]: row["base_uom_id"] for row in book.delivered("items")}
    for place, code in enumerate(sorted(set(base_units.values())), start=1):
        book.numbers["uom_category", code] = place
        book.add("uom_uom", (code, code, Decimal(1)), name=translated(code), category_id=place, factor=1.0,
                 uom_type="reference", active=True)  # fmt: skip
    for row in book.delivered("uom_conversions"):
        code, base, size = (
            row["from_uom_id"],
            base_units[row["item_id"]],
            row["numerator"] / row["denominator"],
        )
        if ("uom_uom", (code, base, size)) not in book.numbers:
            book.add("uom_uom", (code, base, size), name=translated(f"{code} of {size.normalize():f}"),
                     category_id=book.of("uom_category", base), factor=float(1 / size), uom_type="bigger",
                     active=True)  # fmt: skip
        book.numbers["unit of item", (row["item_id"], code)] = book.of("uom_uom", (code, base, size))
        book.numbers["size of unit", (row["item_id"], code)] = int(size)
    for item, base in base_units.items():
        book.numbers["unit of item", (item, base)] = book.of("uom_uom", (base, base, Decimal(1)))
        book.numbers["size of unit", (item, base)] = 1


def unit(book: Rows, row: Row) -> int:
    """Number of the unit that a row of the demo company is told in."""
    return book.of("unit of item", (row["item_id"], row["uom_id"]))


def _categories(book: Rows) -> None:
    root = book.add("product_category", (), name="All", parent_id=None, parent_path="1/")
    for row in book.delivered("items"):
        above, path = root, f"{root}/"
        key: tuple[str, ...] = ()
        for level in ("category_id", "family_id", "subfamily_id"):
            key = (*key, row[level])
            if ("product_category", key) not in book.numbers:
                number = len(book.written["product_category"]) + 1
                book.add(
                    "product_category", key, name=row[level], parent_id=above, parent_path=f"{path}{number}/"
                )
            above = book.of("product_category", key)
            path = f"{path}{above}/"


def _items(book: Rows) -> None:
    _categories(book)
    costs = {row["item_id"]: row for row in book.delivered("standard_costs")}
    large_units = {row["item_id"]: row["from_uom_id"] for row in book.delivered("uom_conversions")
                   if row["numerator"] / row["denominator"] > PURCHASE_UNIT_FACTOR}  # fmt: skip
    for row in book.delivered("items"):
        item = row["item_id"]
        is_blocked = row["item_status"] == "blocked"
        base, large = row["base_uom_id"], large_units.get(item)
        bought_in = large if large and row["item_type"] in ("component", "packaging") else base
        template = book.add(
            "product_template", item, name=translated(row["item_name"]), type="consu", is_storable=True,
            categ_id=book.of("product_category", (row["category_id"], row["family_id"], row["subfamily_id"])),
            uom_id=book.of("unit of item", (item, base)), uom_po_id=book.of("unit of item", (item, bought_in)), sale_ok=row["is_saleable"] or row["item_type"] in ("finished", "trade"),
            active=True,
        )  # fmt: skip
        cost = {1: float(costs[item]["unit_cost"])} if item in costs else {}
        book.add(
            "product_product", item, product_tmpl_id=template, default_code=item, active=not is_blocked,
            weight=row["weight_kg"], standard_price=by_company(cost), create_date=CREATED,
        )  # fmt: skip
        book.numbers["size of purchase unit", item] = book.of("size of unit", (item, bought_in))


def _warehouses(book: Rows) -> None:
    location(book, "Partner Locations/Vendors", "supplier")
    location(book, "Partner Locations/Customers", "customer")
    location(book, "Virtual Locations/Inventory adjustment", "inventory")
    location(book, "Virtual Locations/Production", "production")
    location(book, "Physical Locations/Inter-warehouse transit", "transit")
    for row in book.delivered("sites"):
        site, company = row["site_id"], book.of("res_company", row["company_id"])
        address = partner(book, ("site", site), row["site_name"], is_company=False,
                          country_id=book.numbers.get(("res_country", row["country_code"])),
                          commercial_partner_id=book.of("res_partner", ("company", row["company_id"])))  # fmt: skip
        number = len(book.written["stock_warehouse"]) + 1
        above = location(book, site, "view", number)
        location(book, f"{site}/Stock", "internal", number, above)
        quality = location(book, f"{site}/Quality Control", "internal", number, above)
        book.add("stock_warehouse", site, code=site, name=row["site_name"], company_id=company, partner_id=address,
                 active=True, wh_qc_stock_loc_id=quality)  # fmt: skip
        book.numbers["company of site", site] = company
        for code in ("incoming", "outgoing", "internal", "mrp_operation"):
            book.add(
                "stock_picking_type", (site, code), name=translated(code), code=code, warehouse_id=number
            )


def location(
    book: Rows, name: str, usage: str, warehouse: int | None = None, above: int | None = None
) -> int:
    """A location below another one."""
    number = len(book.written["stock_location"]) + 1
    path = f"{above}/{number}/" if above else f"{number}/"
    return book.add("stock_location", name, complete_name=name, usage=usage, warehouse_id=warehouse, location_id=above,
                    parent_path=path)  # fmt: skip


def _routes(book: Rows) -> None:
    for action in ("buy", "manufacture"):
        route = _route(book, action, None, None)
        for site in (row["site_id"] for row in book.delivered("sites")):
            _rule(book, route, action, book.of("stock_warehouse", site), 0)
    for row in book.delivered("lanes"):
        from_site, to_site = row["from_site_id"], row["to_site_id"]
        ends = book.of("stock_warehouse", from_site), book.of("stock_warehouse", to_site)
        route = _route(book, (from_site, to_site), ends[1], ends[0])
        book.numbers.setdefault(("resupply", to_site), route)
        _rule(book, route, "pull", ends[0], 0)
        _rule(book, route, "pull", ends[1], int(row["lead_time_days"]))


def _route(book: Rows, key: Any, supplied: int | None, supplier: int | None) -> int:
    name = key if isinstance(key, str) else f"{key[1]}: supply from {key[0]}"
    return book.add("stock_route", key, name=translated(name), active=True, supplied_wh_id=supplied,
                    supplier_wh_id=supplier)  # fmt: skip


def _rule(book: Rows, route: int, action: str, warehouse: int, days: int) -> None:
    book.add("stock_rule", route_id=route, action=action, warehouse_id=warehouse, delay=days, active=True)


def _customers(book: Rows) -> None:
    for row in book.delivered("customers"):
        channel, group = row["channel_id"], row["customer_group"]
        if ("crm_team", channel) not in book.numbers:
            book.add("crm_team", channel, name=translated(channel))
        if ("res_partner_category", group) not in book.numbers:
            book.add("res_partner_category", group, name=translated(group))
        country = book.numbers.get(("res_country", row["country_code"]))
        number = partner(book, ("customer", row["customer_id"]), row["customer_name"], ref=row["customer_id"],
                         country_id=country, customer_rank=1, team_id=book.of("crm_team", channel),
                         property_payment_term_id=term_of(book, row["payment_term_id"]))  # fmt: skip
        partner(book, ("address", row["customer_id"]), "", is_company=False, parent_id=number, country_id=country,
                commercial_partner_id=number)  # fmt: skip
        book.relate("res_partner_res_partner_category_rel", partner_id=number,
                    category_id=book.of("res_partner_category", group))  # fmt: skip


def _suppliers(book: Rows) -> None:
    for row in book.delivered("suppliers"):
        currency = book.of("res_currency", row["currency_code"])
        partner(
            book, ("supplier", row["supplier_id"]), row["supplier_name"], ref=row["supplier_id"],
            country_id=book.numbers.get(("res_country", row["country_code"])), supplier_rank=1, active=row["is_active"],
            property_purchase_currency_id=by_company({1: currency}),
            property_supplier_payment_term_id=term_of(book, row["payment_term_id"]),
        )  # fmt: skip


def _orderpoints(book: Rows) -> None:
    for row in book.delivered("item_sites"):
        site, way = row["site_id"], row["procurement_type"]
        names = {"buy": "buy", "make": "manufacture", "both": "manufacture"}
        route = book.of("resupply", site) if way == "move" else book.of("stock_route", names[way])
        columns = {
            "product_id": book.of("product_product", row["item_id"]), "warehouse_id": book.of("stock_warehouse", site),
            "location_id": book.of("stock_location", f"{site}/Stock"), "active": True, "trigger": "auto",
            "product_min_qty": row.get("reorder_point_units") or row["safety_stock_units"] or Decimal(0),
            "product_max_qty": row["maximum_stock_units"] or Decimal(0),
            "qty_multiple": row["lot_multiple_units"] or Decimal(0),
        }  # fmt: skip
        book.add("stock_warehouse_orderpoint", route_id=route, **columns)
        if way == "both":
            book.add("stock_warehouse_orderpoint", route_id=book.of("stock_route", "buy"), **columns)
