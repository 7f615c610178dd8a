"""Bills, operations, work centres with their working hours, manufacturing orders and work orders.

Add here: what making leaves in Odoo. Keep out: movements of stock but the output of orders.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sop_pipeline.sources.demo.shapes.odoo.masters import unit
from sop_pipeline.sources.demo.shapes.odoo.rows import CREATED, OFFICE_ZONE, Rows, translated
from sop_pipeline.sources.demo.shapes.odoo.stock import LAST_SECOND, move

BILL_UNITS = 10
"""Bills are written for this many of the output."""
EFFICIENCIES = (Decimal(100), Decimal(80))
WEEKDAYS = range(5)
FIRST_HOUR = 0.0
HOURS_OF_A_DAY = 24


def write_making(book: Rows, cycle_id: str) -> None:
    """Every table of making."""
    _workcenters(book)
    _working_hours(book)
    _bills(book)
    _orders(book, cycle_id)
    _work_orders(book)
    _stops(book)


def _workcenters(book: Rows) -> None:
    for place, row in enumerate(book.delivered("resources")):
        company = book.of("company of site", row["site_id"])
        calendar = book.add("resource_calendar", row["resource_id"], name=row["resource_name"], tz=OFFICE_ZONE,
                            company_id=company, two_weeks_calendar=False)  # fmt: skip
        book.add(
            "mrp_workcenter", row["resource_id"], name=row["resource_name"], code=row["resource_id"], active=True,
            costs_hour=row["cost_per_hour"], time_start=0, time_stop=0, default_capacity=1,
            time_efficiency=EFFICIENCIES[place % len(EFFICIENCIES)], resource_calendar_id=calendar,
            resource_id=100 + place, company_id=company,
        )  # fmt: skip


def weekdays_of(month: date) -> list[date]:
    """Mondays to Fridays of the month that begins with the day."""
    days = [month + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == month.month and day.weekday() in WEEKDAYS]


def fits_into_days(hours: Decimal, month: date) -> bool:
    """Whether one calendar can say the hours: not more than around the clock on weekdays."""
    return float(hours) <= HOURS_OF_A_DAY * len(weekdays_of(month))


def _working_hours(book: Rows) -> None:
    """Hours of a month as spans that hold in that month alone: so many a weekday, a holiday's worth less on leave."""
    for row in book.delivered("resource_capacities"):
        month, hours = row["period_start_date"], row["available_hours"]
        if not fits_into_days(hours, month):
            continue
        days = weekdays_of(month)
        calendar = book.of("resource_calendar", row["resource_id"])
        daily = float(hours) / len(days)
        if month.month == 1 and 0 < daily * len(days) / (len(days) - 1) <= HOURS_OF_A_DAY:
            daily = daily * len(days) / (len(days) - 1)
            company = book.written["mrp_workcenter"][book.of("mrp_workcenter", row["resource_id"]) - 1][
                "company_id"
            ]
            book.add("resource_calendar_leaves", name="New Year", calendar_id=calendar, resource_id=None,
                     company_id=company, date_from=book.moment_in(OFFICE_ZONE, days[0], 0, 0),
                     date_to=book.moment_in(OFFICE_ZONE, days[0], *LAST_SECOND))  # fmt: skip
        for weekday in WEEKDAYS:
            book.add(
                "resource_calendar_attendance", calendar_id=calendar, dayofweek=str(weekday), hour_from=FIRST_HOUR,
                hour_to=FIRST_HOUR + daily, day_period="full_day", date_from=month, date_to=days[-1], week_type=None,
                display_type=None, name="Shift",
            )  # fmt: skip


def _bills(book: Rows) -> None:
    days = {
        (row["item_id"], row["site_id"]): row["make_lead_time_days"] for row in book.delivered("item_sites")
    }
    base_units = {row["item_id"]: row["base_uom_id"] for row in book.delivered("items")}
    for row in book.delivered("bom_lines"):
        item, site = row["parent_item_id"], row["site_id"]
        key = item, site, row["bom_alternative_id"]
        if ("mrp_bom", key) not in book.numbers:
            book.add(
                "mrp_bom", key, product_tmpl_id=book.of("product_template", item), product_id=None,
                product_qty=BILL_UNITS, product_uom_id=book.of("unit of item", (item, base_units[item])), type="normal",
                picking_type_id=book.of("stock_picking_type", (site, "mrp_operation")),
                company_id=book.of("company of site", site), sequence=int(row["bom_alternative_id"]), active=True,
                produce_delay=float(days.get((item, site)) or 0),
            )  # fmt: skip
        component = row["component_item_id"]
        book.add(
            "mrp_bom_line", bom_id=book.of("mrp_bom", key), product_id=book.of("product_product", component),
            product_qty=row["component_quantity"] * BILL_UNITS, sequence=int(row["line_id"]),
            product_uom_id=book.of("unit of item", (component, row["uom_id"])),
        )  # fmt: skip
    set_up: set[tuple[int, int]] = set()
    for row in book.delivered("routing_operations"):
        bill = book.of("mrp_bom", (row["item_id"], row["site_id"], row["routing_alternative_id"]))
        centre, product = (
            book.of("mrp_workcenter", row["resource_id"]),
            book.of("product_product", row["item_id"]),
        )
        efficiency = book.written["mrp_workcenter"][centre - 1]["time_efficiency"]
        book.add(
            "mrp_routing_workcenter", bom_id=bill, workcenter_id=centre, sequence=int(row["operation_number"]),
            name=f"Operation {row['operation_number']}", time_mode="manual", time_mode_batch=10, active=True,
            time_cycle_manual=float(row["run_hours_per_unit"] * 60 * efficiency / 100),
        )  # fmt: skip
        if (centre, product) not in set_up:
            set_up.add((centre, product))
            book.add("mrp_workcenter_capacity", workcenter_id=centre, product_id=product, capacity=1, time_stop=0,
                     time_start=row["setup_hours_per_lot"] * 60)  # fmt: skip


def _orders(book: Rows, cycle_id: str) -> None:
    states = {"closed": "done", "cancelled": "cancel", "open": "confirmed"}
    last_day = date.fromisoformat(f"{cycle_id}-01") - timedelta(days=1)
    for row in book.delivered("production_orders"):
        site, company = row["site_id"], book.of("company of site", row["site_id"])
        product = book.of("product_product", row["item_id"])
        moments: dict[str, Any] = {
            "date_start": book.moment(company, row["start_date"], 0, 45),
            "date_finished": book.moment(company, row["completed_date"] or row["due_date"], 0, 15),
            "date_deadline": book.moment(company, row["due_date"], 23, 30),
        }
        number = book.add(
            "mrp_production", row["production_order_id"], name=row["production_order_id"], product_id=product,
            product_qty=row["ordered_quantity"], product_uom_id=unit(book, row), state=states[row["order_status"]],
            picking_type_id=book.of("stock_picking_type", (site, "mrp_operation")), **moments,
        )  # fmt: skip
        if row["completed_quantity"]:
            move(
                book, row, "Virtual Locations/Production", f"{site}/Stock", row["completed_quantity"],
                row["completed_date"] or last_day, company, production_id=number,
            )  # fmt: skip
        if row["scrapped_quantity"]:
            book.add("stock_scrap", name=f"SP/{number:05d}", production_id=number, product_id=product, state="done",
                     scrap_qty=row["scrapped_quantity"], product_uom_id=unit(book, row))  # fmt: skip


def _work_orders(book: Rows) -> None:
    companies = {row["production_order_id"]: book.of("company of site", row["site_id"])
                 for row in book.delivered("production_orders")}  # fmt: skip
    rows = sorted(book.delivered("operation_confirmations"),
                  key=lambda row: (row["production_order_id"], int(row["operation_number"])))  # fmt: skip
    for row in rows:
        order = row["production_order_id"]
        book.add(
            "mrp_workorder", production_id=book.of("mrp_production", order), operation_id=None,
            workcenter_id=book.of("mrp_workcenter", row["resource_id"]), state="done", qty_produced=0,
            duration=float(row["confirmed_hours"] * 60), date_finished=book.moment(companies[order], row["confirmed_date"], 0, 5),
        )  # fmt: skip


def _stops(book: Rows) -> None:
    """Stops in the productivity log, beside slow work and work itself, which are no stops."""
    reasons = {
        kind: book.add("mrp_workcenter_productivity_loss", name=translated(name), loss_type=kind)
        for kind, name in (("availability", "Equipment failure"), ("performance", "Reduced speed"), ("productive", "Fully productive time"))
    }  # fmt: skip
    for row in book.delivered("downtimes"):
        centre = book.of("mrp_workcenter", row["resource_id"])
        book.add(
            "mrp_workcenter_productivity", row["downtime_id"], workcenter_id=centre, loss_id=reasons["availability"],
            description=row["reason"], date_start=book.moment_in(OFFICE_ZONE, row["start_date"], 0, 20),
            date_end=book.moment_in(OFFICE_ZONE, row["end_date"], *LAST_SECOND), duration=float(row["downtime_hours"] * 60),
        )  # fmt: skip
    for centre in range(1, len(book.written["mrp_workcenter"]) + 1):
        for kind in ("performance", "productive"):
            book.add("mrp_workcenter_productivity", workcenter_id=centre, loss_id=reasons[kind], description=None,
                     date_start=CREATED, date_end=CREATED, duration=30.0)  # fmt: skip
