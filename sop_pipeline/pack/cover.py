"""The cover: whose plan, of which cycle, how far it is agreed, and what the meeting should know first.

Add here: a headline that is picked from a mart. Keep out: anything computed for the headline alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.inputs import Pack


@dataclass(frozen=True)
class Cover:
    company_name: str
    cycle: str
    facts: tuple[tuple[str, str], ...]
    headlines: tuple[str, ...]


def cover(pack: Pack) -> Cover:
    headlines = (_kpis(pack), _fulfilment(pack), _bottleneck(pack), _goal(pack))
    return Cover(
        company_name=pack.company_name,
        cycle=words.month(pack.cycle_start),
        facts=_facts(pack),
        headlines=tuple(line for line in headlines if line),
    )


def _facts(pack: Pack) -> tuple[tuple[str, str], ...]:
    months = pack.months()
    last_closed = pack.cycle_start - pd.DateOffset(months=1)
    return (
        ("Cycle", pack.cycle_id),
        ("State", pack.agreement),
        ("Actuals", f"closed through {words.month(last_closed)}"),
        (
            "Plan",
            f"{words.month(months[0])} to {words.month(months[-1])}, {words.plural(len(months), 'month')}",
        ),
        ("Money", pack.currency_code),
        *pack.release_facts.items(),
    )


def _kpis(pack: Pack) -> str:
    status = pack.rows("marts.kpi_scorecard")["status"]
    counts = [(label, int((status == key).sum())) for key, label in STATUS_COUNTS]
    said = ", ".join(f"{count} {label}" for label, count in counts if count)
    return f"Of {words.plural(len(status), 'KPI')}: {said}." if said else ""


STATUS_COUNTS = (
    ("green", "on target"),
    ("amber", "within tolerance"),
    ("red", "off target"),
    ("no_target", "without a target"),
    ("no_data", "not measurable yet"),
)


def _fulfilment(pack: Pack) -> str:
    """The month in which the plan falls shortest of demand."""
    gap = pack.rows("marts.fct_supply_demand_gap")
    company = gap[gap["level"] == "company"]
    if company.empty:
        return ""
    worst = company.sort_values(["gap_revenue", "period_start_date"]).iloc[0]
    if worst["gap_revenue"] >= 0 or words.is_shown_as_zero(words.number(worst["gap_units"])):
        return "The plan delivers the demand of every month of the horizon."
    money = words.money_for([worst["gap_revenue"]], pack.currency_code)
    return (
        f"Demand and supply are furthest apart in {words.month(worst['period_start_date'])}: "
        f"{words.number(-worst['gap_units'])} units ({words.percent(-worst['gap_ratio'], 1)} of demand) "
        f"worth {money.say(-worst['gap_revenue'])} are not delivered in the month."
    )


def _bottleneck(pack: Pack) -> str:
    """The shortage that most margin hangs on."""
    shortages = pack.rows("marts.fct_resource_shortages")
    if shortages.empty:
        return "No resource, supplier, lane or store limits the plan."
    worst = shortages.sort_values(
        ["demand_at_risk_margin", "object_id", "period_start_date"], ascending=[False, True, True]
    ).iloc[0]
    if words.is_shown_as_zero(words.number(worst["demand_at_risk_units"])):
        return _dearest_limit(pack, shortages)
    money = words.money_for([worst["demand_at_risk_margin"]], pack.currency_code)
    return (
        f"The shortage that matters most: {worst['object_name']} in {words.month(worst['period_start_date'])}, "
        f"{words.percent(worst['short_ratio'])} short, with {money.say(worst['demand_at_risk_margin'])} of margin at risk."
    )


def _dearest_limit(pack: Pack, shortages: pd.DataFrame) -> str:
    """Where no demand is at risk: the limit whose lifting would save most."""
    dearest = shortages.sort_values(
        ["shadow_price", "object_id", "period_start_date"], ascending=[False, True, True]
    ).iloc[0]
    limits = words.plural(
        shortages.drop_duplicates(["shortage_type", "object_id"]).shape[0], "limit binds", "limits bind"
    )
    return (
        f"No demand is late or lost for want of supply. {limits}; the dearest: {dearest['object_name']} in "
        f"{words.month(dearest['period_start_date'])}, where one more of its {dearest['unit']} would save "
        f"{words.number(dearest['shadow_price'], 2)} {pack.currency_code}."
    )


def _goal(pack: Pack) -> str:
    """The first planned month against its budget."""
    goals = pack.rows("marts.fct_gap_to_goal")
    revenue = goals[
        (goals["metric"] == "revenue") & (goals["level"] == "company") & ~goals["is_actual"].astype(bool)
    ]
    revenue = revenue.dropna(subset=["budget_value"])
    if revenue.empty:
        return ""
    first = revenue.iloc[revenue["period_start_date"].argmin()]
    money = words.money_for([first["projected_value"]], pack.currency_code)
    side = "above" if first["gap_to_budget"] >= 0 else "below"
    return (
        f"Revenue of {words.month(first['period_start_date'])} is projected at {money.say(first['projected_value'])}, "
        f"{words.percent(abs(first['gap_ratio']), 1)} {side} budget."
    )
