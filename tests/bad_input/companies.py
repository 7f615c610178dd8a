"""Companies made of the demo company's delivery: a trader that buys all it sells, and small changes of CSV files.

Add here: another kind of company that tests of whole refreshes need. Keep out: defects (the tests say them).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts

Row = dict[str, str]

MAKING = ("bom_lines", "routing_operations", "resources", "resource_capacities", "production_orders",
          "operation_confirmations", "downtimes")  # fmt: skip
PEOPLE = tuple(contract.name for contract in load_contracts(DBT_PROJECT_DIR).of_schema("planner"))


def read_rows(path: Path) -> list[Row]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[Row], header: list[str] | None = None) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change_rows(path: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Rewrite a CSV file with other rows."""
    rows = read_rows(path)
    header = list(rows[0])
    write_rows(path, change(rows), header)


def make_a_trader(delivered: Path, folder: Path) -> None:
    """Write the delivery of a company that buys what the delivered one makes: no bills, no routings, no resources, no
    production orders, nothing from planners."""
    folder.mkdir(parents=True)
    sold = {row["item_id"] for row in read_rows(delivered / "items.csv") if row["is_saleable"] == "true"}
    cost = {(row["item_id"], row["site_id"]): row["unit_cost"] for row in read_rows(delivered / "standard_costs.csv")}  # fmt: skip
    for path in sorted(delivered.glob("*.csv")):
        if path.stem in MAKING + PEOPLE:
            continue
        rows = read_rows(path)
        kept = [row for row in rows if row.get("item_id", next(iter(sold))) in sold]
        write_rows(folder / path.name, kept, list(rows[0]))

    # the ledger's stock is also that of the parts, which a trader has none of
    change_rows(
        folder / "ledger_balances.csv",
        lambda rows: [row for row in rows if row["account_type"] != "inventory"],
    )
    made = {
        (row["item_id"], row["site_id"])
        for row in read_rows(folder / "item_sites.csv")
        if row["procurement_type"] in ("make", "both")
    }
    change_rows(
        folder / "item_sites.csv",
        lambda rows: [
            row | ({"procurement_type": "buy"} if (row["item_id"], row["site_id"]) in made else {})
            for row in rows
        ],
    )
    terms = read_rows(delivered / "supplier_items.csv")[0]
    change_rows(
        folder / "supplier_items.csv",
        lambda rows: [
            *rows,
            *(
                terms | {"item_id": item, "site_id": site, "unit_price": cost[item, site], "priority": "1"}
                for item, site in sorted(made)
            ),
        ],
    )
    orders = [
        row for row in read_rows(delivered / "production_orders.csv") if (row["item_id"], row["site_id"]) in made
    ]  # fmt: skip
    change_rows(
        folder / "purchase_order_lines.csv",
        lambda rows: [
            *rows,
            *(
                {
                    "purchase_order_id": row["production_order_id"],
                    "line_id": "10",
                    "supplier_id": terms["supplier_id"],
                    "item_id": row["item_id"],
                    "site_id": row["site_id"],
                    "ordered_date": row["start_date"],
                    "due_date": row["due_date"],
                    "ordered_quantity": row["ordered_quantity"],
                    "received_quantity": row["completed_quantity"],
                    "uom_id": row["uom_id"],
                    "unit_price": cost[row["item_id"], row["site_id"]],
                    "currency_code": terms["currency_code"],
                    "is_closed": "true" if row["completed_date"] else "false",
                }
                for row in orders
            ),
        ],
    )
