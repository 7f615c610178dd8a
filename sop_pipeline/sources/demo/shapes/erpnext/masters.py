"""Master data of ERPNext: items, warehouses, partners, prices, exchange rates.

Add here: a master doctype. Keep out: bills of material and workstations (`bills`), documents (`sales`, `supply`, `stock`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.erpnext.books import company_lists
from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    doctype_file,
    records,
    supplement_file,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

COUNTRIES = {"DE": "Germany", "CZ": "Czech Republic", "FR": "France", "GB": "United Kingdom", "CN": "China",
             "PL": "Poland", "IT": "Italy", "US": "United States"}  # fmt: skip
MADE_BY = {"make": "Manufacture", "buy": "Purchase", "move": "Transfer"}
NEVER = "2099-12-31"


def master_files(tables: Tables, plant: Plant, cycle_id: str) -> list[ShapeFile]:
    """All master doctypes and the supplement to them."""
    return [
        *_items(tables, plant),
        *_item_sites(tables, plant),
        *_warehouses(tables, plant),
        *_customers(tables),
        *_suppliers(tables, plant, cycle_id),
        *_prices(tables, plant, cycle_id),
        _rates(tables),
    ]


def price_list(channel: str, currency: str) -> str:
    """A price list of ERPNext has one currency."""
    return f"{channel} {currency}"


# -- items


def _items(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    items, homes = records(tables["items"]), _homes(tables)
    made = {row["parent_item_id"] for row in records(tables["bom_lines"])}
    rows = [_item(row, homes.get(row["item_id"]), row["item_id"] in made, tables) for row in items]
    group = items[0]["subfamily_id"]
    # a template, and a service: neither is planned
    for name, flags in (("TEMPLATE-1", {"has_variants": True}), ("FREIGHT", {"is_stock_item": False})):
        rows.append(
            {**rows[0], "name": name, "item_name": name, "item_group": group, "default_bom": None} | flags
        )
    yield doctype_file("Item", rows)
    yield doctype_file("Item Group", _tree(items, "All Item Groups", "item_group"))
    factors = [
        {"parent": item, "idx": idx, "uom": uom, "conversion_factor": factor}
        for idx, ((item, uom), factor) in enumerate(plant.factor.items(), start=1)
    ]
    yield doctype_file("UOM Conversion Detail", factors, "Item", "uoms")
    grams = {"name": "UOM-CONV-00001", "from_uom": "Kg", "to_uom": "Gram", "value": 1000}
    yield doctype_file("UOM Conversion Factor", [grams])
    successors = [
        {"name": f"ALT-{row['item_id']}", "item_code": row["item_id"], "two_way": False,
         "alternative_item_code": row["successor_item_id"]}
        for row in items if row["successor_item_id"]
    ]  # fmt: skip
    twins = [{"name": "ALT-TWINS", "item_code": items[0]["item_id"], "two_way": True,
              "alternative_item_code": items[1]["item_id"]}]  # fmt: skip
    yield doctype_file("Item Alternative", [*successors, *twins])
    told = [row | {"item_type": "packaging" if row["item_type"] == "packaging" else None,
                   "item_status": "phase_in" if row["item_status"] == "phase_in" else None} for row in items]  # fmt: skip
    columns = ("item_id", "item_type", "item_status", "launch_date")
    yield supplement_file("items", [row for row in told if any(row[c] for c in columns[1:])], columns)


def _item(row: Record, home: Record | None, is_made: bool, tables: Tables) -> Record:
    is_sold = row["item_type"] in ("finished", "trade")
    procurement = home["procurement_type"] if home else "buy"
    return {
        "name": row["item_id"],
        "item_name": row["item_name"],
        "item_group": row["subfamily_id"],
        "stock_uom": row["base_uom_id"],
        "is_stock_item": True,
        "has_variants": False,
        "disabled": row["item_status"] == "blocked",
        "is_sales_item": is_sold,
        "is_purchase_item": procurement == "buy",
        "default_bom": f"BOM-{row['item_id']}-001" if is_made else None,
        "default_material_request_type": "Manufacture" if procurement == "make" else "Purchase",
        "end_of_life": row["end_date"] or NEVER,
        "safety_stock": home["safety_stock_units"] if home else 0,
        "lead_time_days": _whole_days(home) if home else 0,
        "min_order_qty": 0,
        "weight_per_unit": row["weight_kg"] * 1000 if row["item_id"].endswith("3") else row["weight_kg"],
        "weight_uom": "Gram" if row["item_id"].endswith("3") else "Kg",
        "valuation_rate": 0,
    }


def _homes(tables: Tables) -> dict[str, Record]:
    """The first site that makes or buys an item."""
    homes: dict[str, Record] = {}
    for row in records(tables["item_sites"]):
        if row["procurement_type"] in ("make", "buy", "both"):
            homes.setdefault(row["item_id"], row)
    return homes


def _whole_days(home: Record) -> int:
    """Lead time of a made item; what a supplier takes is told by supplier."""
    days = home["make_lead_time_days"]
    return int(days) if days is not None and days == int(days) else 0


def _tree(items: list[Record], root: str, doctype: str) -> Iterator[Record]:
    """Category, family and subfamily as nodes: a node's name is unique in the whole tree."""
    levels = [{row["category_id"]: root for row in items}, {row["family_id"]: row["category_id"] for row in items},
              {row["subfamily_id"]: row["family_id"] for row in items}]  # fmt: skip
    shared = [
        name for name, count in Counter(name for level in levels for name in level).items() if count > 1
    ]
    if shared:
        raise ValueError(f"ERPNext's tree of item groups cannot hold {', '.join(shared)} at two levels.")
    yield {"name": root, f"parent_{doctype}": None, "is_group": True}
    for depth, level in enumerate(levels):
        yield from ({"name": n, f"parent_{doctype}": up, "is_group": depth < 2} for n, up in level.items())


# -- items by site


def _item_sites(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    rows, homes = records(tables["item_sites"]), _homes(tables)
    defaults = [
        {"parent": item, "idx": 1, "company": plant.company_of[home["site_id"]], "default_supplier": None,
         "default_warehouse": plant.stores(home["site_id"])}
        for item, home in homes.items()
    ]  # fmt: skip
    yield doctype_file("Item Default", defaults, "Item", "item_defaults")
    reorders = [
        {"parent": row["item_id"], "idx": idx, "warehouse": plant.stores(row["site_id"]),
         "warehouse_reorder_level": 0, "warehouse_reorder_qty": row["lot_minimum_units"] or 0,
         "material_request_type": MADE_BY[row["procurement_type"]]}
        for idx, row in enumerate(rows, start=1)
    ]  # fmt: skip
    yield doctype_file("Item Reorder", reorders, "Item", "reorder_levels")
    limits = [
        {"name": f"PUT-{idx:05d}", "item_code": row["item_id"], "warehouse": plant.stores(row["site_id"]),
         "disable": False, "capacity": row["maximum_stock_units"], "stock_capacity": row["maximum_stock_units"]}
        for idx, row in enumerate(rows, start=1) if row["maximum_stock_units"] is not None
    ]  # fmt: skip
    yield doctype_file("Putaway Rule", limits)
    columns = ("item_id", "site_id", "safety_stock_units", "make_lead_time_days", "lot_multiple_units")
    told = [_lacking(row, homes.get(row["item_id"])) for row in rows]
    yield supplement_file(
        "item_sites", [row for row in told if any(row[c] is not None for c in columns[2:])], columns
    )


def _lacking(row: Record, home: Record | None) -> Record:
    """What of an item-site neither the item nor its rows by warehouse can tell."""
    is_home = home is not None and home["site_id"] == row["site_id"]
    days = row["make_lead_time_days"]
    is_told = home is not None and days == _whole_days(home) and days != 0
    return row | {
        "safety_stock_units": None if is_home and row["safety_stock_units"] else row["safety_stock_units"],
        "make_lead_time_days": None if is_told else days,
    }


# -- warehouses and companies


def _warehouses(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    sites = records(tables["sites"])
    lists = company_lists(tables)
    companies = [
        {"name": row["company_name"], "abbr": plant.abbreviation(row["company_name"]), "default_currency": row["currency_code"],
         "country": COUNTRIES.get(row["country_code"], row["country_code"]),
         "default_holiday_list": lists.get(row["company_id"])}
        for row in records(tables["companies"])
    ]  # fmt: skip
    yield doctype_file("Company", companies)
    yield doctype_file("Warehouse", _nodes(sites, plant, [row["name"] for row in companies]))
    used = {
        row["country_code"] for table in ("sites", "customers", "suppliers") for row in records(tables[table])
    }
    codes = sorted(code for code in used if code)
    yield doctype_file("Country", [{"name": COUNTRIES.get(c, c), "code": c.lower()} for c in codes])
    owners = [("Warehouse", plant.node(row["site_id"]), row) for row in sites]
    owners += [("Customer", row["customer_id"], row) for row in records(tables["customers"])]
    owners = [owner for owner in owners if owner[2]["country_code"]]
    addresses = [
        {"name": f"{name}-Billing", "country": COUNTRIES.get(row["country_code"], row["country_code"])}
        for _, name, row in owners
    ]
    yield doctype_file("Address", addresses)
    links = [
        {"parent": f"{name}-Billing", "idx": 1, "link_doctype": doctype, "link_name": name}
        for doctype, name, _ in owners
    ]
    yield doctype_file("Dynamic Link", links, "Address", "links")
    plants = {row["site_id"] for row in records(tables["resources"])}
    told = [
        row | {"calendar_id": None if row["site_id"] in plants or row["calendar_id"] == lists[row["company_id"]]
               else row["calendar_id"]}
        for row in sites
    ]  # fmt: skip
    said = [row for row in told if row["region_id"] or row["calendar_id"]]
    yield supplement_file("sites", said, ("site_id", "region_id", "calendar_id"))
    yield supplement_file("lanes", records(tables["lanes"]), tables["lanes"].columns)


def _nodes(sites: list[Record], plant: Plant, companies: list[str]) -> Iterator[Record]:
    for company in companies:
        abbreviation = plant.abbreviation(company)
        root = f"All Warehouses - {abbreviation}"
        yield _node(root, "All Warehouses", None, company, is_group=True)
        yield _node(f"Goods In Transit - {abbreviation}", "Goods In Transit", root, company, "Transit")
    for site in (row for row in sites):
        company = plant.company_of[site["site_id"]]
        root = f"All Warehouses - {plant.abbreviation(company)}"
        group = plant.node(site["site_id"])
        yield _node(group, site["site_name"], root, company, is_group=True)
        yield _node(plant.stores(site["site_id"]), f"{site['site_id']} Stores", group, company)
        name = plant.stores(site["site_id"], "Quality")
        yield _node(name, f"{site['site_id']} Quality", group, company, "Quality")


def _node(
    name: str, short: str, parent: str | None, company: str, kind: str | None = None, is_group: bool = False
) -> Record:
    return {"name": name, "warehouse_name": short, "parent_warehouse": parent, "company": company,
            "is_group": is_group, "warehouse_type": kind, "disabled": False}  # fmt: skip


# -- customers and suppliers


def _customers(tables: Tables) -> Iterator[ShapeFile]:
    customers = records(tables["customers"])
    bought = {row["customer_id"]: row["currency_code"] for row in records(tables["sales_order_lines"])}
    usual = Counter(bought.values()).most_common(1)[0][0]
    rows = [
        {"name": row["customer_id"], "customer_name": row["customer_name"], "customer_group": row["customer_group"],
         "territory": row["region_id"], "customer_primary_address": f"{row['customer_id']}-Billing",
         "default_price_list": _own_list(row, bought.get(row["customer_id"], usual), usual),
         "payment_terms": row["payment_term_id"], "disabled": False}
        for row in customers
    ]  # fmt: skip
    yield doctype_file("Customer", rows)
    root = "All Customer Groups"
    channels = {row["channel_id"] for row in customers}
    groups: list[Record] = [
        {"name": root, "parent_customer_group": None, "is_group": True, "default_price_list": None}
    ]
    groups += [
        {"name": channel, "parent_customer_group": root, "is_group": True, "default_price_list": price_list(channel, usual)}
        for channel in sorted(channels)
    ]  # fmt: skip
    groups += [
        {"name": group, "parent_customer_group": channel, "is_group": False, "default_price_list": None}
        for group, channel in sorted({(row["customer_group"], row["channel_id"]) for row in customers})
    ]
    yield doctype_file("Customer Group", groups)


def _own_list(customer: Record, currency: str, usual: str) -> str | None:
    """A customer buys by the list of its group, unless it pays in another currency."""
    return None if currency == usual else price_list(customer["channel_id"], currency)


def _suppliers(tables: Tables, plant: Plant, cycle_id: str) -> Iterator[ShapeFile]:
    rows = [
        {"name": row["supplier_id"], "supplier_name": row["supplier_name"],
         "country": COUNTRIES.get(row["country_code"], row["country_code"]), "default_currency": row["currency_code"],
         "payment_terms": row["payment_term_id"], "disabled": not row["is_active"], "on_hold": False, "hold_type": None}
        for row in records(tables["suppliers"])
    ]  # fmt: skip
    yield doctype_file("Supplier", rows)
    terms = records(tables["supplier_items"])
    first = {}
    for row in sorted(terms, key=lambda row: (row["priority"], row["site_id"])):
        first.setdefault((row["item_id"], row["supplier_id"]), row)
    suppliers = [
        {"parent": item, "idx": idx, "supplier": supplier}
        for idx, (item, supplier) in enumerate(first, start=1)
    ]
    yield doctype_file("Item Supplier", suppliers, "Item", "supplier_items")
    told = [
        row | {"unit_price": None if row["unit_price"] == first[row["item_id"], row["supplier_id"]]["unit_price"]
               else row["unit_price"]}
        for row in terms
    ]  # fmt: skip
    columns = (
        "supplier_id",
        "item_id",
        "site_id",
        "lead_time_days",
        "minimum_order_units",
        "unit_price",
        "priority",
    )
    yield supplement_file("supplier_items", told, columns)
    capacities = tables["supplier_capacities"]
    yield supplement_file("supplier_capacities", records(capacities), capacities.columns)


# -- prices and rates


def _prices(tables: Tables, plant: Plant, cycle_id: str) -> Iterator[ShapeFile]:
    rows = [_selling_price(number, row, plant) for number, row in enumerate(records(tables["prices"]))]
    seen = set()
    for row in sorted(records(tables["supplier_items"]), key=lambda row: (row["priority"], row["site_id"])):
        key = (row["item_id"], row["supplier_id"])
        if key in seen:
            continue
        seen.add(key)
        january = f"{cycle_id[:4]}-01-01"
        bought = {"item_code": row["item_id"], "price_list": "Standard Buying", "selling": False, "buying": True,
                  "supplier": row["supplier_id"], "currency": row["currency_code"], "uom": None}  # fmt: skip
        name = f"BUY-{row['item_id']}-{row['supplier_id']}"
        rows.append({"name": name, "price_list_rate": row["unit_price"], "valid_from": january} | bought)
        # the price of years before, which is over
        rows.append({"name": f"{name}-OLD", "price_list_rate": row["unit_price"] * 2, "valid_from": "2020-01-01",
                     "valid_upto": "2020-12-31"} | bought)  # fmt: skip
    yield doctype_file("Item Price", [{"supplier": None, "valid_upto": None} | row for row in rows])


def _selling_price(number: int, row: Record, plant: Plant) -> Record:
    """Some prices are of a carton."""
    units = [uom for item, uom in plant.factor if item == row["item_id"] and uom != plant.base_uom[item]]
    uom = units[0] if units and number % 7 == 0 else plant.base_uom[row["item_id"]]
    factor: Decimal = plant.factor[row["item_id"], uom]
    return {
        "name": f"SELL-{number:06d}",
        "item_code": row["item_id"],
        "price_list": price_list(row["channel_id"], row["currency_code"]),
        "selling": True,
        "buying": False,
        "currency": row["currency_code"],
        "price_list_rate": row["unit_price"] * factor,
        "uom": uom,
        "valid_from": row["valid_from_date"],
        "valid_upto": row["valid_to_date"],
    }


def _rates(tables: Tables) -> ShapeFile:
    rows = [
        {"name": f"{row['rate_date']}-{row['from_currency_code']}-{row['to_currency_code']}", "date": row["rate_date"],
         "from_currency": row["from_currency_code"], "to_currency": row["to_currency_code"],
         "exchange_rate": row["rate"], "for_buying": True, "for_selling": True}
        for row in records(tables["fx_rates"])
    ]  # fmt: skip
    return doctype_file("Currency Exchange", rows)
