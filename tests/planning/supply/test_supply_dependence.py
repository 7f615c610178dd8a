"""Demand that hangs on an object, worked out on a network with two ways to the same part."""

from __future__ import annotations

from sop_pipeline.planning.supply import hanging_demand


def test_demand_hangs_once_on_everything_that_its_first_choice_uses(company):
    case = (
        company(2)
        .demand("bike", "dc", [10.0, 20.0], price=100.0, cost=60.0)
        .demand("pump", "plant", [5.0, 0.0], price=9.0, cost=12.0)  # sold below cost
        .source("move", "bike", "dc", from_site="plant")
        .source("make", "bike", "plant", of={"frame": 1.0, "wheel": 2.0}, hours={"line": 0.5})
        .source("make", "frame", "plant", of={"bolt": 4.0})
        .source("make", "wheel", "plant", of={"bolt": 6.0})
        .source("buy", "bolt", "plant", supplier="S1")
        .source("buy", "bolt", "plant", supplier="S2", priority=2)  # second choice: nothing hangs on it
        .source("buy", "pump", "plant", supplier="S1")
        .resource("line", [99.0, 99.0])
    )
    rows = hanging_demand(case.inputs(), "2026-01", case.periods)
    rows["month"] = rows["period_start_date"].dt.month
    found = rows.set_index(["object_type", "object_id", "month"])[["demand_units", "revenue", "margin"]]
    # the bolt stands behind a bike by frame and by wheel, and counts it once
    assert found.loc[("item_site", "bolt@plant", 2)].tolist() == [20.0, 2000.0, 800.0]
    assert found.loc[("resource", "line", 1)].tolist() == [10.0, 1000.0, 400.0]
    # bikes and pumps; the pump has no margin to lose
    assert found.loc[("supplier", "S1", 1)].tolist() == [15.0, 1045.0, 400.0]
    assert found.loc[("supplier", "S1", 2)].tolist() == [20.0, 2000.0, 800.0]
    assert "S2" not in rows["object_id"].tolist()
    assert ("item_site", "pump@plant", 2) not in found.index
