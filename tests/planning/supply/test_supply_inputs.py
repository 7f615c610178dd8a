"""Inputs that cannot be planned are refused with everything that is wrong at once."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from sop_pipeline.planning.supply import (
    SupplyInputError,
    SupplySolveError,
    check_inputs,
    demand_streams,
    horizon_periods,
)
from sop_pipeline.planning.supply.solving.highs import REMEDIES, require_optimal

PERIODS = horizon_periods(pd.Timestamp("2026-01-01"), 4)


def changed(inputs, table, column, value, row=0):
    frame = inputs.tables()[table].copy()
    frame[column] = frame[column].astype(object)
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return replace(inputs, **{table: frame})


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("demand", "demand_units", -1.0, "demand_units empty, negative"),
        ("demand", "demand_units", 1e13, "above 1e+12"),
        ("demand", "unit_price", float("nan"), "unit_price empty"),
        ("sources", "lead_time_months", float("nan"), "lead_time_months empty"),
        ("sources", "yield_ratio", 0.0, "yield_ratio not above 0"),
        ("sources", "source_type", "borrow", "source_type not among make, buy, move"),
        ("sources", "from_site_id", None, "move without from_site_id"),
        (
            "sources",
            "maximum_units_per_month",
            float("inf"),
            "maximum_units_per_month empty, negative or above",
        ),
        ("source_inputs", "source_id", "make:ghost@plant", "unknown source_id"),
        ("source_inputs", "item_id", "ghost", "unknown item_id"),
        ("source_loads", "resource_id", "ghost", "unknown resource_id"),
        ("inventory_position", "usable_units", -3.0, "usable_units empty, negative"),
        ("open_supply", "expected_period_start_date", pd.Timestamp("2025-12-01"), "before the first month"),
        ("capacity", "overtime_cost_per_hour", 1.0, "overtime cheaper"),
        ("capacity", "period_start_date", pd.Timestamp("2030-01-01"), "without hours in every month"),
        ("parameters", "parameter_id", "other", "holding_cost_ratio_per_year missing"),
        ("parameters", "parameter_value", 0.9, "no target stock would ever be held"),
    ],
)
def test_a_wrong_value_is_named(factory, table, column, value, said):
    with pytest.raises(SupplyInputError) as error:
        check_inputs(changed(factory().inputs(), table, column, value), PERIODS)
    assert said in str(error.value)


def test_all_problems_are_told_at_once_with_examples_and_remedy(factory):
    inputs = changed(factory().inputs(), "demand", "demand_units", -1.0)
    inputs = changed(inputs, "sources", "yield_ratio", 0.0)
    inputs = replace(inputs, items=pd.concat([inputs.items, inputs.items.iloc[[0]]]))
    with pytest.raises(SupplyInputError) as error:
        check_inputs(inputs, PERIODS)
    text = str(error.value)
    assert "3 problem(s)" in text
    assert "bike / east / direct / 2026-01-01" in text
    assert "core.dim_items: 2 row(s) repeat the key" in text
    assert text.splitlines()[-1].startswith("Correct the extract")


def test_a_missing_column_is_named(factory):
    inputs = factory().inputs()
    with pytest.raises(SupplyInputError, match="core.fct_sources: column.s. lead_time_months missing"):
        check_inputs(replace(inputs, sources=inputs.sources.drop(columns="lead_time_months")), PERIODS)


def test_first_choice_sources_in_a_loop_are_named(company):
    loop = (
        company(1)
        .demand("A", "east", [1.0])
        .source("move", "A", "east", from_site="west")
        .source("move", "A", "west", from_site="east")
    )
    with pytest.raises(SupplyInputError, match="supplied in a loop"):
        loop.plan()


def test_moves_both_ways_are_no_loop_where_one_is_second_choice(company):
    plan = (
        company(1)
        .demand("A", "east", [2.0])
        .demand("A", "west", [2.0])
        .source("move", "A", "east", 1.0, from_site="west", priority=2)
        .source("move", "A", "west", 1.0, from_site="east", priority=2)
        .source("buy", "A", "east", 5.0, supplier="S")
        .source("buy", "A", "west", 9.0, supplier="S")
        .plan()
    )
    assert plan.supply_plan["source_id"].tolist() == ["buy:A@east<S", "move:A@west<east"]


def test_units_owed_without_a_demand_stream_are_refused(company):
    with pytest.raises(SupplyInputError, match="owe units to customers"):
        company(1).stock("A", "dc", 0.0, 1.0, backlog=3.0).plan()


def test_demand_streams_fill_months_and_keep_streams_that_are_only_owed(company):
    forecasts = pd.DataFrame(
        {
            "item_id": ["A"],
            "site_id": ["dc"],
            "channel_id": ["web"],
            "period_start_date": [PERIODS[1]],
            "forecast_units": [5.0],
        }
    )
    economics = pd.DataFrame(
        {
            "item_id": ["A", "B"],
            "site_id": ["dc", "dc"],
            "channel_id": ["web", "web"],
            "unit_price": [10.0, 20.0],
            "unit_cost": [4.0, 8.0],
        }
    )
    channels = pd.DataFrame(
        {
            "channel_id": ["web"],
            "priority": [1],
            "backlog_cost_ratio": [0.1],
            "lost_sale_cost_ratio": [0.2],
            "backlog_maximum_ratio": [0.5],
        }
    )
    position = company(1).stock("A", "dc", 1.0, 4.0).stock("B", "dc", 0.0, 8.0, backlog=2.0).inputs()
    left = pd.DataFrame(
        {
            "item_id": ["A"],
            "site_id": ["dc"],
            "channel_id": ["web"],
            "period_start_date": [PERIODS[1]],
            "shipped_units": [2.0],
        }
    )
    demand = demand_streams(forecasts, economics, channels, position.inventory_position, PERIODS, left)
    units = demand.pivot(index="item_id", columns="period_start_date", values="demand_units")
    assert units.loc["A"].tolist() == [0.0, 3.0, 0.0, 0.0]  # 5 less the 2 that have left already
    assert units.loc["B"].tolist() == [0.0] * 4
    assert demand.notna().all().all()


@pytest.mark.parametrize(
    ("lower", "cost", "status"),
    [(2.0, 1.0, "kInfeasible"), (0.0, -1.0, "kUnbounded")],
    ids=["infeasible", "unbounded"],
)
def test_a_solve_without_an_optimum_names_the_status_and_the_remedy(lower, cost, status):
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")
    solver.addVar(lower, highspy.kHighsInf if lower == 0 else 1.0)
    solver.changeColCost(0, cost)
    solver.run()
    with pytest.raises(SupplySolveError) as error:
        require_optimal(solver)
    assert status in str(error.value)
    assert REMEDIES[status].split(":")[0] in str(error.value)
