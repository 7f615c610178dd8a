"""The audit finds a plan that was corrupted after the solve, law by law."""

from __future__ import annotations

import pytest

from sop_pipeline.planning.supply.proof.audit import LAWS, audit_plan

# law that must notice, table, column, change of one row
CORRUPTIONS = [
    ("material_balance", "stock_plan", "closing_units", 1.0),
    ("material_balance", "stock_plan", "sold_units", 0.01),
    ("material_balance", "stock_plan", "consumed_units", -0.5),
    ("material_balance", "stock_plan", "received_units", 2.0),
    ("material_balance", "stock_plan", "below_target_units", 1.0),
    ("material_balance", "supply_plan", "received_units", 1.0),
    ("material_balance", "supply_plan", "released_units", 1.0),
    ("demand_balance", "demand_fulfilment", "delivered_units", 0.5),
    ("demand_balance", "demand_fulfilment", "lost_units", 0.01),
    ("demand_balance", "demand_fulfilment", "backlog_units", 500.0),
    ("demand_balance", "demand_fulfilment", "demand_units", -1.0),
    ("capacity", "capacity_use", "used_hours", 1.0),
    ("capacity", "capacity_use", "overtime_hours", 100.0),
    ("capacity", "resource_load", "load_hours", 1.0),
    ("source_limit", "supply_plan", "released_units", 1000.0),
    ("non_negative", "demand_fulfilment", "lost_units", -500.0),
    ("non_negative", "stock_plan", "closing_units", float("nan")),
    ("open_supply", "stock_plan", "open_supply_units", 25.0),
    ("cost_terms", "plan_costs", "amount", 1.0),
    ("cost_terms", "supply_plan", "flow_cost", 1.0),
    ("source_shares", "source_shares", "below_share_units", 0.5),
    ("source_shares", "supply_plan", "released_units", 30.0),
    ("to_order", "stock_plan", "closing_units", 1.0),
    ("headcount", "headcount_plan", "hired_heads", 0.5),
    ("headcount", "capacity_use", "heads", 0.5),
    ("shelf_life", "stock_plan", "too_old_units", 1.0),
    ("storage_room", "storage_use", "outside_capacity", 1.0),
    ("whole_lots", "supply_plan", "released_units", 1.0),
    ("smallest_run", "supply_plan", "released_units", -25.0),
    ("lot_orders", "lot_orders", "ordered_units", -40.0),
    ("lot_orders", "lot_orders", "early_units", 1.0),
    ("allocation", "demand_fulfilment", "lost_units", 3.0),
    ("objective", "plan_costs", "amount", 50.0),
    ("objective", "solve_log", "objective_value", -50.0),
]


@pytest.fixture(scope="module")
def solved():
    """Filled by the first test that asks: the plan is the same for all corruptions."""
    return {}


@pytest.fixture
def clean(solved, governed, plan_inputs):
    if not solved:
        inputs = governed().inputs()
        solved["plan"] = (inputs, governed().periods, plan_inputs(inputs, 4).frames())
    return solved["plan"]


def row_to_corrupt(frame, law, table):
    if law == "source_limit":  # only a limited source has a limit to break
        return frame.index[frame["source_id"] == "buy:wheel@plant<S2"][0]
    if law == "source_shares" and table == "supply_plan":
        return frame.index[frame["source_id"] == "buy:frame@plant<S4"][0]
    if law == "whole_lots":
        return frame.index[frame["source_id"] == "buy:box@east<S5"][0]
    if law == "smallest_run":
        return frame.index[frame["source_id"] == "buy:tray@east<S7"][0]
    if law == "to_order":
        return frame.index[frame["item_id"] == "rush"][0]
    if law == "allocation":  # of the channels of the bike, which share what is short
        return frame.index[(frame["item_id"] == "bike") & (frame["channel_id"] == "retail")][0]
    if table == "plan_costs":
        return frame["amount"].idxmax()
    if table == "supply_plan":
        return frame.index[frame["released_units"] > 0][0]
    return frame.index[len(frame) // 2]


def test_a_clean_plan_obeys_every_law(clean):
    inputs, periods, frames = clean
    audit = audit_plan(inputs, periods, frames).set_index("law")
    assert list(audit.index) == list(LAWS)
    assert audit["violations"].sum() == 0
    assert (audit["checked_rows"] > 0).all()
    assert audit["example"].isna().all()


@pytest.mark.parametrize(("law", "table", "column", "change"), CORRUPTIONS)
def test_audit_notices_one_corrupted_row(clean, law, table, column, change):
    inputs, periods, frames = clean
    frame = frames[table].copy()
    row = row_to_corrupt(frame, law, table)
    frame.loc[row, column] += change
    audit = audit_plan(inputs, periods, {**frames, table: frame}).set_index("law")
    assert audit.loc[law, "violations"] > 0
    assert audit.loc[law, "example"]


@pytest.mark.parametrize(
    "table", ["stock_plan", "demand_fulfilment", "supply_plan", "plan_costs", "resource_load"]
)
def test_audit_notices_a_row_that_is_missing(clean, table):
    inputs, periods, frames = clean
    frame = frames[table]
    cut = frame.drop(index=row_to_corrupt(frame, "", table))
    assert audit_plan(inputs, periods, {**frames, table: cut})["violations"].sum() > 0


@pytest.mark.parametrize("table", ["stock_plan", "demand_fulfilment", "supply_plan"])
def test_audit_notices_a_row_that_stands_twice(clean, table):
    import pandas as pd

    inputs, periods, frames = clean
    twice = pd.concat([frames[table], frames[table].iloc[[0]]], ignore_index=True)
    assert audit_plan(inputs, periods, {**frames, table: twice})["violations"].sum() > 0


def test_audit_notices_an_order_that_the_plan_did_not_know(clean, governed):
    _, periods, frames = clean
    more = governed().open_order("PO2", "wheel", "plant", 2, 11.0).inputs()
    audit = audit_plan(more, periods, frames).set_index("law")
    assert audit.loc["open_supply", "violations"] == 1
    assert audit.loc["open_supply", "largest_violation"] == 11.0
