"""From orders to the unconstrained forecast, every table in the columns of its contract."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from sop_pipeline.planning import demand

CONTRACT = (
    Path(__file__).parents[3] / "dbt_project" / "models" / "staging" / "planning" / "_planning__sources.yml"
)
NO_CALENDAR = pd.DataFrame({"site_id": [], "period_start_date": pd.DatetimeIndex([]), "working_days": []})
KEYS = ["item_id", "site_id", "channel_id", "period_start_date"]


@pytest.fixture
def tables(cycle, make_history, make_items, seasonal) -> dict[str, pd.DataFrame]:
    """Three series with history, a launch of NEW, a promotion of A and an override of the family."""
    history = pd.concat([make_history(item, seasonal(48, seed=seed)) for seed, item in enumerate("ABC")])
    items = make_items("A", "B", "C", "NEW")
    launch = pd.DataFrame(
        [["NEW", "DC1", "retail", pd.Timestamp("2026-04-01"), "A", 90.0, 3, "pm"]],
        columns=[
            *KEYS[:3],
            "launch_period_start_date",
            "like_item_id",
            "peak_units_per_month",
            "ramp_months",
            "owner",
        ],
    )
    activity = pd.DataFrame(
        [["promo", "A", "DC1", "retail", pd.Timestamp("2026-06-01"), 40.0, 0.5, "planned"]],
        columns=["activity_id", *KEYS, "uplift_units", "confidence_ratio", "activity_status"],
    )
    override = {
        "override_id": "O1",
        "level": "family",
        "level_id": "FAM",
        "site_id": None,
        "channel_id": None,
        "period_start_date": pd.Timestamp("2026-06-01"),
        "operation": "multiply",
        "override_value": 1.1,
        "reason_code": "market",
        "owner": "dana",
        "expires_cycle_id": None,
    }
    adjusted = demand.adjust_history(history, cycle)
    levelled = demand.level_months(adjusted.clean, adjusted.adjustments, NO_CALENDAR, cycle)
    clean = levelled.clean
    classes = demand.classify_demand(clean, items, history, cycle)
    statistical = demand.forecast_demand(clean, classes, items, cycle)
    launches = demand.plan_launches(launch, statistical.forecasts, clean, cycle)
    uplifts = demand.sum_activities(activity, cycle)
    layers = demand.stack_layers(statistical.forecasts, launches, uplifts, cycle)
    applied = demand.apply_overrides(pd.DataFrame([override]), layers, items, cycle)
    return {
        "demand_history_clean": clean,
        "working_day_effects": levelled.effects,
        "demand_classes": classes,
        "backtest_errors": statistical.backtest_errors,
        "backtest_summaries": statistical.summaries,
        "statistical_forecasts": statistical.forecasts,
        "level_forecasts": statistical.levels,
        "npd_forecasts": launches,
        "activity_uplifts": uplifts,
        "override_effects": applied.effects,
        "unconstrained_forecasts": demand.compose_forecast(layers, applied.effects, cycle),
    }


def test_every_table_is_as_its_contract_says(tables):
    declared = {
        table["name"]: table
        for source in yaml.safe_load(CONTRACT.read_text())["sources"]
        for table in source["tables"]
    }
    for name, frame in tables.items():
        columns = {
            column["name"]: column["config"]["meta"] if "config" in column else {}
            for column in declared[name]["columns"]
        }
        grain = declared[name]["config"]["meta"]["grain"]
        assert list(frame) == list(columns), name
        assert not frame.duplicated(grain).any(), name
        assert frame.equals(frame.sort_values(grain, ignore_index=True)), name
        for column, meta in columns.items():
            assert not meta.get("required") or frame[column].notna().all(), (name, column)
            known = frame[column].dropna()
            assert set(known) <= set(meta.get("accepted_values", known)), (name, column)


def test_the_plan_carries_every_layer(tables, cycle):
    plan = tables["unconstrained_forecasts"].set_index(["item_id", "period_start_date"])
    assert len(plan) == 4 * cycle.horizon_months
    june = plan.xs(pd.Timestamp("2026-06-01"), level="period_start_date")
    assert june.loc["A", "activity_units"] == 20.0
    assert june.loc["NEW", ["statistical_units", "launch_units"]].tolist() == [
        0.0,
        90.0,
    ]  # A's start is not on record
    below = june[["statistical_units", "launch_units", "activity_units"]].sum(axis=1)
    assert june["forecast_units"].sum() == pytest.approx(1.1 * below.sum(), abs=0.001)
