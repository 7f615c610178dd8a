"""What a planner's case is written in: its tables, their columns, units and defaults.

A case is a folder of small CSV files; this list is their contract, from which reading, templates and the page
`examples/cases/README.md` are made. Add here: a table or column, with its unit and default. Keep out: what a column does
(`problem`), how it is checked (`reading`).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.case.fields import (
    DEFAULT_CHANNEL,
    DEFAULT_SITE,
    NOT_LIMITED,
    CaseTable,
    Field,
    key,
    number,
)

_ITEM = key("item_id", "Item")
_SITE = Field("site_id", "Site; may be left out where there is one", default=DEFAULT_SITE)
_PERIOD = Field("period", "Period; may be left out where there is one", default="1")
_SOURCE = key("source_id", "Source")
_RESOURCE = key("resource_id", "Resource")

SOURCE_TYPES = ("make", "buy", "move", "subcontract")

TABLES: dict[str, CaseTable] = {
    table.name: table
    for table in (
        CaseTable(
            "parameters",
            "What holds for the whole case.",
            ("parameter",),
            (
                key("parameter", "Name of a parameter (see `PARAMETERS`)"),
                Field("value", "Its value", is_required=True),
            ),
        ),
        CaseTable(
            "periods",
            "The horizon. May be left out where the periods named elsewhere are numbers or dates: they are sorted then.",
            ("period",),
            (
                key("period", "Name of the period"),
                number("sequence", "Its place in the horizon; without it the rows are in order"),
            ),
        ),
        CaseTable(
            "demand",
            "What customers ask for, by item, site, channel and period.",
            ("item_id", "site_id", "channel_id", "period"),
            (
                _ITEM,
                _SITE,
                Field(
                    "channel_id",
                    "Channel or customer; may be left out where there is one",
                    default=DEFAULT_CHANNEL,
                ),
                _PERIOD,
                number(
                    "demand_units",
                    "Most that can be sold; what must be delivered where nothing may be lost",
                    is_required=True,
                ),
                number("unit_price", "Money for one delivered unit", 0.0),
                number(
                    "backlog_cost_per_unit",
                    "Money for one unit owed at the end of the period; empty: nobody waits",
                ),
                number(
                    "backlog_maximum_units", "Most that may be owed at the end of the period; empty: no limit"
                ),
                number(
                    "lost_sale_cost_per_unit",
                    "Money for one unit never delivered; empty: nothing may be lost (objective cost), or it costs nothing beyond its price (margin, service)",
                ),
                number("priority", "1 is served first where objective is service", 1.0),
            ),
        ),
        CaseTable(
            "master_schedule",
            "Forecast and orders of an item, for a master schedule in lots (lot_units of its source) and its promises.",
            ("item_id", "site_id", "period"),
            (
                _ITEM,
                _SITE,
                _PERIOD,
                number("forecast_units", "Forecast of the period", is_required=True),
                number("order_units", "Customer orders of the period", 0.0),
            ),
        ),
        CaseTable(
            "stock",
            "Stock of an item at a site: what is there, what it costs, what it must be.",
            ("item_id", "site_id"),
            (
                _ITEM,
                _SITE,
                number("opening_units", "Units on hand before the first period", 0.0),
                number("opening_backlog_units", "Units owed before the first period", 0.0),
                number("holding_cost_per_unit", "Money for one unit in stock at the end of a period", 0.0),
                number("minimum_units", "Least stock at the end of every period", 0.0),
                number("ending_minimum_units", "Least stock at the end of the last period", 0.0),
                number(
                    "maximum_units", "Most stock at the end of every period; empty: no limit", NOT_LIMITED
                ),
                number(
                    "ending_maximum_units",
                    "Most stock at the end of the last period; empty: no limit",
                    NOT_LIMITED,
                ),
                number("shelf_life_periods", "Periods that stock keeps; empty: it does not age", NOT_LIMITED),
                Field(
                    "order_strategy",
                    "to_stock, or to_order: stock never rises by what is made or bought, demand waits or is lost instead",
                    default="to_stock",
                    accepted_values=("to_stock", "to_order"),
                ),
                Field(
                    "allocation_rule",
                    "How a shortage is spread over the channels: cost (where it costs least) or fair_share (every channel goes without "
                    "the same part of what it asks for)",
                    default="cost",
                    accepted_values=("cost", "fair_share"),
                ),
            ),
            other_names=("item_sites",),
        ),
        CaseTable(
            "stock_periods",
            "What differs by period from stock.csv.",
            ("item_id", "site_id", "period"),
            (
                _ITEM,
                _SITE,
                _PERIOD,
                number("holding_cost_per_unit", "Money for one unit in stock at the end of this period"),
                number("minimum_units", "Least stock at the end of this period"),
                number("maximum_units", "Most stock at the end of this period"),
                number("target_units", "Stock aimed at, missed at a price"),
                number(
                    "below_target_cost_per_unit",
                    "Money for one unit below the target at the end of this period",
                ),
            ),
        ),
        CaseTable(
            "sources",
            "Ways to supply an item at a site: make, buy, move, subcontract.",
            ("source_id",),
            (
                _SOURCE,
                Field(
                    "source_type",
                    "make, buy, move or subcontract",
                    is_required=True,
                    accepted_values=SOURCE_TYPES,
                ),
                key("item_id", "Item that it delivers"),
                Field("site_id", "Site that it delivers to", default=DEFAULT_SITE),
                Field("from_site_id", "Site that a move takes from"),
                number(
                    "unit_cost",
                    "Money for one released unit (material, fee or freight; hours are paid by their resource)",
                    0.0,
                ),
                number(
                    "lead_time_periods",
                    "Periods from release to arrival; 0.4 is 60 % at once, 40 % a period later",
                    0.0,
                ),
                number("yield_ratio", "Good units of one released unit", 1.0, is_above_zero=True),
                number(
                    "minimum_units",
                    "Least released in every period (in a period that runs, where there is a setup)",
                    0.0,
                ),
                number("maximum_units", "Most released in every period; empty: no limit", NOT_LIMITED),
                number("lot_units", "Released in whole lots of this size; empty: any quantity", 0.0),
                number("setup_cost", "Money for every period in which it runs", 0.0),
                Field(
                    "setup_id", "Setup of setups.csv that it needs, shared with other sources; empty: its own"
                ),
                number("minimum_share_ratio", "Least share of the item-site's supply over the horizon", 0.0),
                number("maximum_share_ratio", "Most of the item-site's supply over the horizon", 1.0),
                number("priority", "First choice of several is 1", 1.0),
            ),
        ),
        CaseTable(
            "source_periods",
            "What differs by period from sources.csv.",
            ("source_id", "period"),
            (
                _SOURCE,
                _PERIOD,
                number("unit_cost", "Money for one released unit"),
                number("minimum_units", "Least released"),
                number("maximum_units", "Most released; 0 is closed"),
                number("setup_cost", "Money if it runs in this period"),
            ),
        ),
        CaseTable(
            "source_inputs",
            "Bill of materials: what one released unit takes, at the source's site (a move takes its item by itself).",
            ("source_id", "item_id", "site_id"),
            (
                _SOURCE,
                key("item_id", "Component"),
                Field("site_id", "Site that it is taken from; empty: the source's site"),
                number(
                    "units_per_unit",
                    "Units of the component for one released unit, scrap included",
                    is_required=True,
                    is_above_zero=True,
                ),
            ),
        ),
        CaseTable(
            "source_input_periods",
            "What differs by period from source_inputs.csv: a bill that changes on a date.",
            ("source_id", "item_id", "site_id", "period"),
            (
                _SOURCE,
                key("item_id", "Component"),
                Field("site_id", "Site that it is taken from; empty: the source's site"),
                _PERIOD,
                number(
                    "units_per_unit",
                    "Units for one unit released in this period; 0: not taken",
                    is_required=True,
                ),
            ),
        ),
        CaseTable(
            "source_loads",
            "Hours (or other units) of resources that one released unit takes. A lane or supplier limit is a resource too.",
            ("source_id", "resource_id"),
            (
                _SOURCE,
                _RESOURCE,
                number("hours_per_unit", "Hours for one released unit", 0.0),
                number("setup_hours", "Hours for every period in which it runs", 0.0),
            ),
        ),
        CaseTable(
            "resources",
            "Machines, lines, people, suppliers, lanes: whatever has hours (or other units) in a period.",
            ("resource_id",),
            (
                _RESOURCE,
                number(
                    "regular_hours", "Hours in every period; empty: no limit (0 where labour.csv gives them)"
                ),
                number("overtime_maximum_hours", "Most overtime in every period", 0.0),
                number("regular_cost_per_hour", "Money for one regular hour used", 0.0),
                number("overtime_cost_per_hour", "Money for one hour of overtime", 0.0),
            ),
        ),
        CaseTable(
            "capacity",
            "What differs by period from resources.csv.",
            ("resource_id", "period"),
            (
                _RESOURCE,
                _PERIOD,
                number("regular_hours", "Hours in this period"),
                number("overtime_maximum_hours", "Most overtime in this period"),
                number("maintenance_hours", "Hours lost to planned maintenance", 0.0),
                number("regular_cost_per_hour", "Money for one regular hour used"),
                number("overtime_cost_per_hour", "Money for one hour of overtime"),
            ),
            other_names=("resource_periods",),
        ),
        CaseTable(
            "labour",
            "People who give a resource its hours.",
            ("resource_id",),
            (
                _RESOURCE,
                number("opening_heads", "People before the first period", 0.0),
                number("hours_per_head", "Regular hours of one person in a period", is_required=True),
                number("wage_per_head", "Money for one person and period, busy or not", 0.0),
                number("hire_cost_per_head", "Money for hiring one person", 0.0),
                number("layoff_cost_per_head", "Money for laying one person off", 0.0),
                number("overtime_hours_per_head", "Most overtime of one person in a period", 0.0),
                number("minimum_heads", "Fewest people", 0.0),
                number("maximum_heads", "Most people; empty: no limit", NOT_LIMITED),
            ),
        ),
        CaseTable(
            "labour_periods",
            "What differs by period from labour.csv.",
            ("resource_id", "period"),
            (
                _RESOURCE,
                _PERIOD,
                number("hours_per_head", "Regular hours of one person in this period"),
                number("wage_per_head", "Money for one person in this period"),
                number("overtime_hours_per_head", "Most overtime of one person in this period"),
                number("minimum_heads", "Fewest people in this period"),
                number("maximum_heads", "Most people in this period"),
            ),
        ),
        CaseTable(
            "spaces",
            "Room that several items share: a warehouse, a tank farm.",
            ("space_id", "period"),
            (
                key("space_id", "Space"),
                Field("period", "Period; empty: every period", default=""),
                number("maximum_space", "Most space taken at the end of a period", is_required=True),
            ),
            other_names=("storage",),
        ),
        CaseTable(
            "space_uses",
            "What stands in which space.",
            ("space_id", "item_id", "site_id"),
            (
                key("space_id", "Space"),
                _ITEM,
                _SITE,
                number("space_per_unit", "Space of one unit", 1.0),
            ),
            other_names=("storage_uses",),
        ),
        CaseTable(
            "setups",
            "Setups that several sources share: a mould, a lane that is opened.",
            ("setup_id",),
            (
                key("setup_id", "Setup"),
                number("setup_cost", "Money for every period in which it is set up", 0.0),
                number(
                    "minimum_units", "Least released of all its sources in a period that it is set up", 0.0
                ),
                number(
                    "maximum_units",
                    "Most released of all its sources in a period; empty: no limit",
                    NOT_LIMITED,
                ),
                number("maximum_setups", "Most periods in which it is set up; empty: no limit", NOT_LIMITED),
            ),
        ),
        CaseTable(
            "open_orders",
            "Supply that is under way already.",
            ("item_id", "site_id", "period"),
            (
                _ITEM,
                _SITE,
                _PERIOD,
                number("open_units", "Units that arrive in the period", is_required=True),
            ),
            other_names=("open_supply",),
        ),
        CaseTable(
            "maintenance",
            "Stoppages that the plan may place. One with a date is maintenance_hours in capacity.csv.",
            ("maintenance_id",),
            (
                key("maintenance_id", "Kind of stoppage"),
                _RESOURCE,
                number("hours_per_stoppage", "Hours that one stoppage takes", is_required=True),
                number("stoppages", "How many have to be placed", 1.0),
                Field("first_period", "First period of the window; empty: the first"),
                Field("last_period", "Last period of the window; empty: the last"),
                number("maximum_per_period", "Most in one period; empty: no limit", NOT_LIMITED),
            ),
        ),
    )
}

PARAMETERS: dict[str, tuple[str, str]] = {
    "objective": (
        "cost",
        "cost: least cost, everything is served; margin: revenue less cost, demand may be refused; service: least unserved by priority first, then least cost",
    ),
    "integer": ("no", "yes: units and people are whole numbers. Setups, lots and stoppages always are"),
    "ending_backlog_maximum_units": (
        "0",
        "Most that may be owed of one item, site and channel after the last period",
    ),
    "time_limit_seconds": ("300", "When the search for whole numbers stops; the gap is reported"),
    "confirm_prices": (
        "auto",
        "How many of the dearest limits are solved again with one unit more and one less; auto: 50, in a large case none",
    ),
    "gap_ratio": ("0.000001", "Gap to the best bound at which the search for whole numbers stops"),
    "algorithm": ("auto", "auto, interior_point or simplex: the way to the plan; the plan is the same"),
    "seed": ("1", "Seed of the solver, a whole number; the plan is the same from any"),
}
"""Parameter -> default and meaning; the command line's options win over parameters.csv."""

OBJECTIVES = ("cost", "margin", "service")
