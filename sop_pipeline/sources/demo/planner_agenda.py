"""What the reviews keep lists of: events, market, assumptions, issues, actions, decisions, roles, scenarios.

The lists grow as the months go by: what was opened half a year ago is done, what is new is open.
Add here: a list that people keep. Keep out: figures of demand and supply (`planner_demand`, `planner_supply`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sop_pipeline.sources.demo.export import Extract, dates, from_rows
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.planner_goals import expected_goals
from sop_pipeline.sources.demo.randomness import between, rounded, stream
from sop_pipeline.sources.demo.timeline import cycle_of, first_day, year_of

INDEX_MONTHS = 36
REVIEW_DAY = 20

STEPS = ("start", "demand_review", "supply_review", "pre_sop", "sop_meeting", "execution")
# role, what it is called, who, step in which it is accountable, may override there, may approve there, also takes part in
ROLES: tuple[tuple[str, str, str, str, bool, bool, tuple[str, ...]], ...] = (
    ("sop_manager", "S&OP manager", "A. Winter", "start", False, True, ("demand_review", "supply_review", "pre_sop", "sop_meeting")),
    ("demand_manager", "Demand manager", "J. Berg", "demand_review", True, True, ("start", "pre_sop")),
    ("supply_manager", "Supply manager", "M. Svoboda", "supply_review", True, True, ("demand_review", "pre_sop")),
    ("finance_manager", "Head of finance", "R. Keller", "pre_sop", False, True, ("start", "sop_meeting")),
    ("managing_director", "Managing director", "H. Nordhaus", "sop_meeting", False, True, ("pre_sop",)),
    ("operations_manager", "Head of operations", "P. Dvorak", "execution", True, True, ("supply_review", "sop_meeting")),
    ("sales_manager", "Head of sales", "C. Moreau", "", False, False, ("demand_review", "pre_sop", "sop_meeting")),
    ("marketing_manager", "Head of marketing", "L. Hughes", "", False, False, ("demand_review", "start")),
    ("purchasing_manager", "Head of purchasing", "T. Lang", "", False, False, ("supply_review", "execution")),
)  # fmt: skip


def events(month: int) -> Extract:
    """What may move a figure: two from outside, one of our own."""
    rows = [
        (f"EV-{year_of(month)}-1", "external", "A competitor leaves the market of coffee makers", "family", "COFFEE",
         month + 2, month + 7, "units", 40.0, 120.0, 260.0, 0.4, "expected", "marketing.kitchen"),
        (f"EV-{year_of(month)}-2", "external", "Hot summer forecast", "family", "FANS",
         month + 3, month + 6, "units", 30.0, 90.0, 200.0, 0.35, "expected", "marketing.climate"),
        (f"EV-{year_of(month)}-3", "internal", "Move of the packing station in Kassel", "site", "PL01",
         month + 1, month + 1, "hours", -10.0, -24.0, -60.0, 0.8, "expected", "plant.kassel"),
    ]  # fmt: skip
    names = ("event_id", "event_origin", "event_name", "scope", "scope_id", "first_period_start_date",
             "last_period_start_date", "metric", "impact_low_value", "impact_base_value", "impact_high_value",
             "probability_ratio", "event_status", "owner")  # fmt: skip
    return _table(names, rows, months=("first_period_start_date", "last_period_start_date"))


def market_indices(firm: Firm, month: int) -> Extract:
    """The trade association's index of the market: our own market with its noise, 2023 = 100."""
    base = sum(float(expected_goals(firm, period)[0].sum()) for period in range(12, 24)) / 12.0
    rows = []
    for period in range(max(12, month - INDEX_MONTHS), month):
        noise = float(between(stream(firm.seed, "planners", 30_000 + period), 0.97, 1.03, 1)[0])
        value = float(
            rounded(np.array([100.0 * float(expected_goals(firm, period)[0].sum()) / base * noise]), 1)[0]
        )
        rows.append(("SMALL-APPLIANCES-EU", "Retail sales of small appliances in Europe", period, value, "2023 = 100", "Trade association"))  # fmt: skip
    names = ("index_id", "index_name", "period_start_date", "index_value", "unit", "publisher")
    return _table(names, rows, months=("period_start_date",))


def assumptions(month: int) -> Extract:
    """What the plan rests on."""
    opened, until = cycle_of(month - 1), cycle_of(month + 5)
    rows = [
        ("AS-1", opened, "The pound stays where it is", "exchange_rate", "site", "DC03", 1.19, 0.04, "EUR per GBP", until,
         "open", "finance.controlling"),
        ("AS-2", opened, "Online goes on growing faster than trade", "units", "channel", "online", 1.05, 0.03,
         "ratio to last year", until, "open", "marketing.online"),
        ("AS-4", cycle_of(month - 3), "Cordless vacuums earn what they earned last year", "revenue_to_last_year", "family",
         "CORDLESS", 1.0, 0.15, "ratio to last year", cycle_of(month + 2), "open", "finance.controlling"),
        ("AS-5", cycle_of(month - 8), "The market of small appliances grows no more", "market_index", "index",
         "SMALL-APPLIANCES-EU", 110.0, 8.0, "2023 = 100", cycle_of(month - 1), "open", "marketing.kitchen"),
        ("AS-3", cycle_of(month - 4), "No new competitor in cordless vacuums", "not_testable", "family", "CORDLESS", None,
         None, None, cycle_of(month + 2), "open", "marketing.kitchen"),
    ]  # fmt: skip
    names = ("assumption_id", "opened_cycle_id", "statement", "metric", "scope", "scope_id", "expected_value",
             "tolerance_value", "unit", "expires_cycle_id", "assumption_status", "owner")  # fmt: skip
    return _table(names, rows)


def issues(month: int) -> Extract:
    """What people took on: one is solved, two are open, one of these blocks."""
    opened, look = cycle_of(month - 2), (month, REVIEW_DAY)
    rows = [
        ("IS-1", opened, "supply_review", "high", "Motors come from one supplier only", "marts.fct_supply_performance",
         "purchasing", look, "in_progress", None),
        ("IS-2", cycle_of(month - 1), "demand_review", "medium", "Sales of the west forecasts too high",
         "marts.fct_forecast_accuracy", "sales.west", look, "open", None),
        ("IS-3", cycle_of(month - 7), "execution", "low", "Test bench without a substitute operator", None, "plant.brno", None,
         "resolved", "Second operator trained"),
        ("IS-4", opened, "supply_review", "blocking", "Hours of assembly do not reach through the season",
         "marts.fct_capacity_load", "supply.planning", look, "open", None),
    ]  # fmt: skip
    names = ("issue_id", "opened_cycle_id", "process_step", "severity", "issue_name", "evidence", "owner", "next_date",
             "issue_status", "resolution")  # fmt: skip
    return _table(names, rows, days=("next_date",))


def actions(month: int) -> Extract:
    """Who does what by when, and what would show that it helped: one is late, one is done."""
    opened = cycle_of(month - 2)
    rows = [
        ("AC-1", opened, "supply_review", "Qualify a second supplier of motors", "IS-1", "purchasing", (month + 3, 27),
         "in_progress", 25000.0, "EUR a year", None, None, None, None, None, None),
        ("AC-2", opened, "demand_review", "Agree with sales of the west how it forecasts", "IS-2", "sales.west",
         (month - 1, 15), "open", -0.1, "ratio", None, "forecast_bias", "site", "DC02", None, None),
        ("AC-3", cycle_of(month - 6), "execution", "Train a second operator of the test bench", "IS-3", "plant.brno",
         (month - 3, 28), "done", 0.02, "ratio", (month - 3, 20), "customer_otif", "company", "all", None, None),
        ("AC-4", cycle_of(month - 1), "supply_review", "Offer of a Saturday shift to the works council", "IS-4",
         "plant.kassel", (month + 1, 14), "open", 48000.0, "EUR of margin", None, None, None, None, "stock_out:F00008@DC01",
         "limit:R-PL01-ASSEMBLY-1"),
    ]  # fmt: skip
    names = ("action_id", "opened_cycle_id", "process_step", "action_name", "issue_id", "owner", "due_date",
             "action_status", "expected_effect_value", "effect_unit", "closed_date", "metric", "scope", "scope_id", "cause_id", "risk_id")  # fmt: skip
    return _table(names, rows, days=("due_date", "closed_date"))


def decisions(month: int) -> Extract:
    """What was put to the meeting: one decided, one open."""
    rows = [
        ("DE-1", cycle_of(month - 1), "Raise the stock of coffee makers before the season?", "yes; no; half", "half", "half",
         -12000.0, None, "approved", "managing.director", (month - 1, 25)),
        ("DE-2", cycle_of(month), "Saturday shift in Kassel?", "yes; no", "yes", None, 48000.0, "saturday-shift", "proposed",
         "managing.director", None),
    ]  # fmt: skip
    names = ("decision_id", "opened_cycle_id", "question", "options", "recommendation", "chosen_option", "money_effect",
             "scenario_id", "decision_status", "approver", "decided_date")  # fmt: skip
    return _table(names, rows, days=("decided_date",))


def roles() -> Extract:
    """Each step has one role that is accountable for it."""
    rows: list[tuple[Any, ...]] = []
    for role, name, person, accountable, may_override, may_approve, others in ROLES:
        if accountable:
            rows.append((role, accountable, name, person, "accountable", may_override, may_approve))
        rows += [(role, step, name, person, "consulted", False, False) for step in others]
    names = (
        "role_id",
        "process_step",
        "role_name",
        "person",
        "responsibility",
        "can_override",
        "can_approve",
    )
    return _table(names, rows)


def scenarios(month: int) -> Extract:
    """Two questions that the supply review asks."""
    rows = [
        ("saturday-shift", "base", "Saturday shift in Kassel", "What does a Saturday shift win?", cycle_of(month), "active",
         "supply.planning"),
        ("hot-summer", "base", "Hot summer", "What if fans sell a fifth more from spring on?", cycle_of(month), "active",
         "demand.planning"),
    ]  # fmt: skip
    names = (
        "scenario_id",
        "parent_scenario_id",
        "scenario_name",
        "question",
        "opened_cycle_id",
        "scenario_status",
        "owner",
    )
    return _table(names, rows)


def scenario_levers(month: int) -> Extract:
    """What differs in them."""
    rows = [
        ("saturday-shift", 1, "capacity", "resource", "R-PL01-ASSEMBLY-1", month + 1, month + 9, "add", 32.0, "hours",
         "Offer of the works council"),
        ("hot-summer", 1, "demand", "family", "FANS", month + 2, month + 6, "multiply", 1.2, "factor", "Weather service"),
    ]  # fmt: skip
    names = ("scenario_id", "lever_number", "lever_type", "scope", "scope_id", "first_period_start_date",
             "last_period_start_date", "operation", "lever_value", "unit", "reason")  # fmt: skip
    return _table(names, rows, months=("first_period_start_date", "last_period_start_date"))


def _table(
    names: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    months: tuple[str, ...] = (),
    days: tuple[str, ...] = (),
) -> Extract:
    """Rows as columns; months are month numbers, days (month, day of it) or missing."""
    extract = from_rows([name for name in names if name not in days], [
        tuple(value for name, value in zip(names, row, strict=True) if name not in days) for row in rows
    ])  # fmt: skip
    for name in months:
        place = names.index(name)
        extract[name] = dates(np.array([first_day(row[place]) for row in rows], dtype=np.int64))
    for name in days:
        place = names.index(name)
        numbers = [-1 if row[place] is None else first_day(row[place][0]) + row[place][1] - 1 for row in rows]
        extract[name] = dates(np.array(numbers, dtype=np.int64))
    return {name: extract[name] for name in names}
