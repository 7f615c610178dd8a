"""Rows of the marts of the supply review and of pre-S&OP, of the made-up company.

Add here: rows of a mart that a section on supply or money draws. Keep out: the company itself (`made_up_company`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from made_up_company import FAMILIES, HORIZON, RESOURCES, noise, season, units_of


def capacity_load() -> Iterator[dict]:
    for resource, (name, hours, load) in RESOURCES.items():
        for month in HORIZON:
            required = hours * load * season(month, 0.22)
            used = min(required, hours * 1.15)
            yield {
                "scenario_id": "base",
                "resource_id": resource,
                "resource_name": name,
                "capacity_basis": "demonstrated" if resource == "WC-20" else "calendar",
                "site_id": "PLANT",
                "period_start_date": month,
                "regular_hours": hours,
                "required_hours": required,
                "used_hours": used,
                "overtime_hours": max(0.0, used - hours),
                "required_load_ratio": required / hours,
                "shadow_price": 41.5 if required > hours * 1.15 else 0.0,
            }


def inventory() -> Iterator[dict]:
    for family in [*FAMILIES, "Raw Tubes"]:
        _, level, _, strength, _, cost = FAMILIES.get(family, ("Material", 30000, 0.0, 0.15, 0.0, 6.0))
        for month in HORIZON:
            yield {
                "scenario_id": "base",
                "family_id": family,
                "period_start_date": month,
                "inventory_value": level
                * cost
                * (0.9 - 0.5 * (season(month, strength) - 1) + 0.1 * noise(family, month)),
                "target_value": level * cost * 0.8 * season(month, strength),
            }


def resource_requirements() -> Iterator[dict]:
    """Welding is short for a summer and needs capital; final assembly is a crew that is three heads short."""
    for load in capacity_load():
        is_crew = load["resource_id"] == "WC-60"
        required, regular = load["required_hours"], load["regular_hours"]
        yield {
            "scenario_id": "base", "resource_id": load["resource_id"], "resource_name": load["resource_name"],
            "resource_type": "labour" if is_crew else "machine", "period_start_date": load["period_start_date"],
            "required_hours": required, "regular_hours": regular, "gap_hours": required - regular * 1.15,
            "required_heads": required / 140 if is_crew else None, "available_heads": regular / 140 if is_crew else None,
            "gap_heads": (required - regular) / 140 if is_crew else None,
            "needs_capital": load["resource_id"] == "WC-20" and required > regular * 1.15,
        }  # fmt: skip


def inventory_strategy() -> Iterator[dict]:
    """Frames that nobody asks for any more, and a family with more than the months ahead take."""
    for place, (family, (_, level, _, _, _, cost)) in enumerate(FAMILIES.items()):
        for site, share in (("PLANT", 0.6), ("NORTH", 0.3)):
            value = level * cost * share
            is_obsolete = family == "Frames" and site == "NORTH"
            parts = {
                "safety_value": 0.3,
                "cycle_value": 0.35,
                "anticipation_value": 0.2,
                "pipeline_value": 0.05,
                "excess_value": 0.1,
            }
            yield {
                "item_id": f"I{place}", "site_id": site, "family_id": family, "actual_value": value,
                **{name: value * (float(name == "excess_value") if is_obsolete else part) for name, part in parts.items()},
                "obsolete_value": value if is_obsolete else 0.0, "is_obsolete": is_obsolete, "target_value": value * 0.9,
            }  # fmt: skip


def inventory_proposals() -> Iterator[dict]:
    for item, name, proposal, units, value, reason in (
        (
            "I6",
            "Steel frame",
            "scrap_or_sell",
            -120.0,
            46_800.0,
            "Nothing is required, and no month of the last 6 saw stock leave.",
        ),
        (
            "I0",
            "Trail bike",
            "build_up",
            40.0,
            -37_600.0,
            "Stock and orders of 10 stand below the target of 50.",
        ),
    ):
        yield {
            "item_id": item, "item_name": name, "site_id": "NORTH", "proposal": proposal, "change_units": units,
            "freed_value": value, "reason": reason,
        }  # fmt: skip


def supply_risks() -> Iterator[dict]:
    """One that somebody works on, one that was never measured."""
    nothing = dict.fromkeys(
        ("action_id", "action_name", "owner", "hit_count", "chance_count", "likelihood_ratio", "score_margin")
    )
    yield nothing | {
        "risk_rank": 1, "risk_id": "supplier_unreliable:ALU", "risk_kind": "supplier_unreliable", "object_name": "Alu Nord",
        "likelihood_basis": "order_lines", "hit_count": 12, "chance_count": 48, "likelihood_ratio": 0.25,
        "impact_units": 210.0, "impact_margin": 96_600.0, "score_margin": 24_150.0, "action_id": "AC-1",
        "action_name": "Weekly call", "owner": "purchasing",
    }  # fmt: skip
    yield nothing | {
        "risk_rank": 2, "risk_id": "event:E1", "risk_kind": "event", "object_name": "Move of the paint shop",
        "likelihood_basis": "people", "likelihood_ratio": 0.6, "impact_units": 90.0, "impact_margin": 31_000.0,
        "score_margin": 18_600.0, "owner": "plant.north",
    }  # fmt: skip
    yield nothing | {
        "risk_rank": 3, "risk_id": "expiring_terms:TUBE@PLANT", "risk_kind": "expiring_terms", "object_name": "Tube at PLANT",
        "likelihood_basis": "ended_terms", "hit_count": 0, "chance_count": 0, "impact_units": 400.0, "impact_margin": 9_000.0,
    }  # fmt: skip


def shortages() -> Iterator[dict]:
    short = [row for row in capacity_load() if row["required_load_ratio"] > 1]
    for row in short:
        missing = row["required_hours"] - row["regular_hours"]
        yield {
            "scenario_id": "base",
            "shortage_type": "resource",
            "object_id": row["resource_id"],
            "object_name": row["resource_name"],
            "period_start_date": row["period_start_date"],
            "unit": "hours",
            "required_quantity": row["required_hours"],
            "available_quantity": row["regular_hours"],
            "short_quantity": missing,
            "short_ratio": missing / row["required_hours"],
            "shadow_price": row["shadow_price"],
            "price_from_quantity": row["regular_hours"] - 40,
            "price_to_quantity": row["regular_hours"] + 90,
            "confirmed_price": row["shadow_price"],
            "is_confirmed": True,
            "demand_at_risk_units": max(0.0, missing - 300) * 1.7,
            "demand_at_risk_margin": max(0.0, missing - 300) * 1.7 * 480,
        }
    for month in HORIZON[3:7]:
        yield {
            "scenario_id": "base",
            "shortage_type": "supplier",
            "object_id": "buy:TUBE@PLANT<ALU",
            "object_name": "Aluminium tube, Alu Nord",
            "period_start_date": month,
            "unit": "units",
            "required_quantity": 31000.0,
            "available_quantity": 29500.0,
            "short_quantity": 1500.0,
            "short_ratio": 1500 / 31000,
            "shadow_price": 3.2,
            # not among the dearest: nobody solved it again
            "price_from_quantity": 29000.0,
            "price_to_quantity": None,
            "confirmed_price": None,
            "is_confirmed": None,
            "demand_at_risk_units": 210.0,
            "demand_at_risk_margin": 96_600.0,
        }


def shortage_chains() -> Iterator[dict]:
    """One demand goes short for want of aluminium tube, one is only served dearly, in overtime."""
    steps = (
        ("item_site", "Trail bike at NORTH", 1.0),
        ("move", "Trail bike from PLANT to NORTH", 1.0),
        ("make", "Trail bike made at PLANT", 1.02),
    )
    ends = (("supplier", "Aluminium tube, Alu Nord", 3.1, 210.0), ("resource", "Painting", 0.4, 0.0))
    for channel, (limit, name, quantity, short) in zip(("retail", "web"), ends, strict=True):
        for number, (kind, what, each) in enumerate([*steps, (limit, name, quantity)], start=1):
            yield {
                "scenario_id": "base", "item_id": "TRAIL", "site_id": "NORTH", "channel_id": channel,
                "period_start_date": HORIZON[4], "step_number": number, "item_name": "Trail bike", "step_type": kind,
                "object_name": what, "step_period_start_date": HORIZON[3], "quantity_per_unit": each,
                "is_limit": number == len(steps) + 1, "demand_units": 900.0, "short_units": short,
                "short_margin": short * 460,
            }  # fmt: skip


def supply_options() -> Iterator[dict]:
    """One that pays, one that is proposed, one that costs more than it saves, one that is not used, one that cannot be solved."""
    nothing = dict.fromkeys(
        ("feasible_from_date", "unit", "used_quantity", "option_cost", "cost_saving", "recovered_units", "recovered_margin",
         "net_value", "payback_months", "value_rank", "reason", "owner", "assumption"))  # fmt: skip
    solved = nothing | {"option_type": "shift", "unit": "hours", "is_solved": True, "is_proposed": False,
                        "is_in_plan": False}  # fmt: skip
    yield solved | {
        "option_id": "O1", "option_name": "Late shift", "owner": "plant", "feasible_from_date": HORIZON[2], "used_quantity": 480.0,
        "option_cost": 42_000.0, "cost_saving": 131_000.0, "recovered_units": 210.0, "recovered_margin": 96_600.0,
        "net_value": 89_000.0, "payback_months": 3.4, "value_rank": 1,
    }  # fmt: skip
    yield solved | {
        "option_id": "proposed:welding", "option_name": "Added shift on welding", "is_proposed": True,
        "assumption": "20% more hours at the rate of overtime", "feasible_from_date": HORIZON[1], "used_quantity": 60.0,
        "option_cost": 3_000.0, "cost_saving": 11_000.0, "recovered_units": 20.0, "recovered_margin": 9_200.0,
        "net_value": 8_000.0, "value_rank": 2,
    }  # fmt: skip
    yield solved | {
        "option_id": "O2", "option_name": "Sunday shift", "owner": "plant", "feasible_from_date": HORIZON[1], "used_quantity": 0.0,
        "option_cost": 0.0, "cost_saving": 0.0, "recovered_units": 0.0, "recovered_margin": 0.0, "net_value": 0.0,
        "value_rank": 3,
    }  # fmt: skip
    yield solved | {
        "option_id": "O4", "option_name": "A new line", "option_type": "investment", "owner": "plant",
        "feasible_from_date": HORIZON[6], "used_quantity": 900.0, "option_cost": 70_000.0, "cost_saving": 30_000.0,
        "recovered_units": 40.0, "recovered_margin": 18_400.0, "net_value": -40_000.0, "payback_months": 90.0,
        "value_rank": 4,
    }  # fmt: skip
    yield solved | {
        "option_id": "building_ahead", "option_name": "Building ahead, as the plan does", "option_type": "pre_build",
        "is_proposed": True, "is_in_plan": True, "feasible_from_date": HORIZON[0], "unit": "unit months", "used_quantity": 700.0,
        "option_cost": 900.0, "cost_saving": 5_900.0, "recovered_units": 12.0, "recovered_margin": 5_520.0,
        "net_value": 5_000.0,
    }  # fmt: skip
    yield nothing | {
        "option_id": "O3", "option_name": "Second hall", "option_type": "pre_build", "owner": "logistics", "is_solved": False,
        "is_proposed": False, "is_in_plan": False, "reason": "nothing limits the stock of it at its site",
    }  # fmt: skip


def scenario_kpis() -> Iterator[dict]:
    """The plan of record, one that it beats in everything, and one that is another trade-off."""
    named = {"base": "Plan of record", "rain": "Rainy summer", "lean": "Half the safety stock"}
    figures = (
        ("base", 0.0, 0.0, 0.0),
        ("rain", -900.0, -410_000.0, 60_000.0),
        ("lean", -40.0, -18_000.0, -900_000.0),
    )
    for rank, (name, delivered, revenue, stock) in enumerate(figures, start=1):
        yield {
            "scenario_id": name, "scenario_name": named[name], "question": "What if it rains?", "is_solved": True, "reason": None,
            "delivered_units_change": delivered, "unserved_units_change": 0.0, "revenue_change": revenue,
            "margin_change": revenue * 0.4, "cost_change": abs(revenue) * 0.01, "stock_value_change": stock,
            "service_ratio": 0.97 + delivered / 1e6, "is_dominated": name == "rain",
            "dominated_by_scenario_id": "base" if name == "rain" else None, "priority_rank": {2: 3, 3: 2}.get(rank, rank),
        }  # fmt: skip


def supply_demand_gap() -> Iterator[dict]:
    for month in HORIZON:
        family_rows = []
        for family, facts in FAMILIES.items():
            demand = units_of(family, month)
            share = 0.0
            if facts[0] == "Bikes":
                share = {5: -0.04, 6: -0.07, 7: -0.05, 8: 0.06}.get(month.month, 0.0) * (
                    1 + 0.4 * noise(family)
                )
            family_rows.append(
                {
                    "level": "family",
                    "level_id": family,
                    "demand_units": demand,
                    "gap_units": demand * share,
                    "gap_revenue": demand * share * facts[4],
                }
            )
        total = {"level": "company", "level_id": "all"} | {
            name: sum(row[name] for row in family_rows)
            for name in ("demand_units", "gap_units", "gap_revenue")
        }
        for row in [total, *family_rows]:
            yield {
                "scenario_id": "base",
                "period_start_date": month,
                **row,
                "supply_units": row["demand_units"] + row["gap_units"],
                "gap_ratio": row["gap_units"] / row["demand_units"],
            }


def financial_projection() -> Iterator[dict]:
    for family, (_, _, _, _, price, cost) in FAMILIES.items():
        for month in HORIZON:
            units = units_of(family, month)
            yield {
                "scenario_id": "base",
                "period_start_date": month,
                "revenue": units * price,
                "standard_cost_of_sales": units * cost,
                "standard_gross_margin": units * (price - cost),
                "production_cost": units * cost * 0.18,
                "purchase_cost": units * cost * 0.55,
                "freight_cost": units * 4.2,
                "regular_labour_cost": units * cost * 0.14,
                "overtime_cost": units * cost * (0.01 if 4 <= month.month <= 7 else 0.0),
                "holding_cost": units * cost * 0.011,
                "inventory_value": units * cost * 0.8,
            }


# kpi_id, name, step, unit, better, actual, target, prior, status, reason


def parameter_review() -> Iterator[dict]:
    wrong = [
        ("lead_time_days", "Raw tube 3 m at PLANT from Smith Steel", 20.0, 31.4, 31.0, 36.0, 44, 31.0, "accepted", 812_000.0),
        ("run_hours_per_unit", "Frame, operation 20 on Frame Welding", 0.42, 0.4741, 0.472, 0.51, 61, 0.474, "open", 640_000.0),
        ("minimum_order_units", "Spoke 28 at PLANT from Wheel Works", 200.0, 500.0, 500.0, 640.0, 23, 500.0, "open", 90_400.0),
        ("yield_ratio", "Wheel made at PLANT", 0.985, 0.941, 0.942, 0.958, 70, 0.941, "open", 77_000.0),
    ]  # fmt: skip
    for rank, (what, name, configured, measured, p50, p90, count, proposed, state, value) in enumerate(
        wrong, 1
    ):
        yield {
            "parameter_id": what, "object_name": name, "configured_value": configured, "measured_value": measured,
            "p50_value": p50, "p90_value": p90, "observation_count": count, "verdict": "wrong", "proposed_value": proposed,
            "decision_state": state, "needs_decision": state == "open", "last_year_value": value, "value_rank": rank,
        }  # fmt: skip
    for verdict, number in (("right", 40), ("too_few_observations", 5)):
        for place in range(number):
            yield {
                "parameter_id": "lead_time_days", "object_name": f"Part {place}", "configured_value": 10.0,
                "measured_value": 10.0, "p50_value": 10.0, "p90_value": 12.0, "observation_count": 30, "verdict": verdict,
                "proposed_value": None, "decision_state": "open", "needs_decision": False, "last_year_value": 100.0,
                "value_rank": None,
            }  # fmt: skip


def supply_deviation_causes() -> Iterator[dict]:
    month = pd.Timestamp("2025-12-01")
    causes = [
        ("customer_otif", "out_of_stock", "trade", "order lines", 61, 900), ("customer_otif", "shipped_late", "trade", "order lines", 12, 900),
        ("supplier_otif", "received_late", "S1", "order lines", 18, 60), ("plan_attainment_mix", "resource_full", "WC-20", "base units", 410, 12000),
        ("plan_attainment_mix", "unexplained", "none", "base units", 95, 12000),
        ("effective_utilisation", "breakdown", "WC-20", "hours", 180, 19500), ("effective_utilisation", "no_load", "WC-70", "hours", 2100, 19500),
        ("effective_utilisation", "set_up", "WC-40", "hours", 1400, 19500), ("effective_utilisation", "slow_running", "WC-20", "hours", 720, 19500),
        ("effective_utilisation", "scrapped", "WC-50", "hours", 260, 19500), ("effective_utilisation", "overtime", "WC-20", "hours", -340, 19500),
        ("yield", "expected_scrap", "none", "base units", 150, 11800), ("yield", "excess_scrap", "none", "base units", 90, 11800),
    ]  # fmt: skip
    for metric, cause, object_id, unit, gap, due in causes:
        yield {
            "metric": metric, "period_start_date": month, "site_id": "PLANT", "cause": cause, "object_id": object_id,
            "unit": unit, "gap_quantity": float(gap), "due_quantity": float(due),
        }  # fmt: skip


def policy_breaches() -> Iterator[dict]:
    """Room at one site in two months, hours once ordered in lots, and five ways of supply below their smallest lot."""
    said = [("storage_room", "DC/m3", "2026-02-01", 900, 60), ("storage_room", "DC/m3", "2026-03-01", 900, 90),
            ("lot_hours", "WC-20", "2026-04-01", 1600, 48)]  # fmt: skip
    said += [
        ("smallest_lot", f"make:BIKE-{place}@PLANT", "2026-05-01", 50, 50 - 8 * place)
        for place in range(1, 6)
    ]
    for policy, object_id, month, base, missed in said:
        yield {
            "scenario_id": "base", "policy_type": policy, "object_id": object_id, "period_start_date": pd.Timestamp(month),
            "base_quantity": float(base), "missed_quantity": float(missed), "missed_ratio": missed / base,
        }  # fmt: skip


def plan_laws() -> Iterator[dict]:
    counts = {"storage_room": 5, "lot_orders": 89, "setup_hours": 35, "shelf_life": 0, "whole_lots": 0}
    for law, count in counts.items():
        yield {"scenario_id": "base", "law": law, "object_count": count}


def supply_rows() -> dict[str, list[dict]]:
    """Mart -> its rows."""
    return {
        "marts.fct_capacity_load": list(capacity_load()),
        "marts.fct_inventory_projection": list(inventory()),
        "marts.fct_resource_requirements": list(resource_requirements()),
        "marts.fct_inventory_strategy": list(inventory_strategy()),
        "marts.fct_inventory_proposals": list(inventory_proposals()),
        "marts.fct_supply_risks": list(supply_risks()),
        "marts.fct_parameter_review": list(parameter_review()),
        "marts.fct_policy_breaches": list(policy_breaches()),
        "planning.plan_laws": list(plan_laws()),
        "marts.fct_supply_deviation_causes": list(supply_deviation_causes()),
        "marts.fct_resource_shortages": list(shortages()),
        "marts.fct_shortage_chains": list(shortage_chains()),
        "marts.fct_supply_options": list(supply_options()),
        "marts.fct_scenario_kpis": list(scenario_kpis()),
        "marts.fct_supply_demand_gap": list(supply_demand_gap()),
        "marts.fct_financial_projection": list(financial_projection()),
    }
