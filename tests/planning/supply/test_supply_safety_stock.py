"""Safety and target stocks of small networks, worked out beside the numbers."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sop_pipeline.planning.supply import SupplyInputError, plan_safety_stocks

Z95 = 1.644854  # normal quantile of 0.95


def errors(rows):
    frame = pd.DataFrame(rows, columns=["item_id", "site_id", "channel_id", "root_mean_squared_error"])
    return frame.assign(model="theta", is_champion=True)


def classes(rows):
    return pd.DataFrame(rows, columns=["item_id", "site_id", "channel_id", "abc_class"])


def targets(**by_family):
    return pd.DataFrame(
        {"family_id": list(by_family), "cycle_service_ratio": list(by_family.values())}, dtype=object
    )


@pytest.fixture
def two_channels(company):
    """A is asked by two channels at dc, moved from the plant, made of 2 parts at yield 0.5; B has no known error."""
    return (
        company(2)
        .demand("A", "dc", [30.0, 50.0], channel="web")
        .demand("A", "dc", [10.0, 10.0], channel="shop")
        .demand("B", "dc", [8.0, 8.0], channel="web")
        .source("move", "A", "dc", from_site="plant", lead_time=0.5)
        .source("make", "A", "plant", of={"part": 2.0}, good=0.5)
        .source("buy", "part", "plant", 1.0, supplier="S", lead_time=3.0)
        .stock("A", "dc", 5.0, 10.0, maximum=60.0)
        .stock("B", "dc", 5.0, 10.0)
    )


@pytest.fixture
def stocks_of():
    def plan(case, service_targets):
        inputs = case.inputs()
        inputs.inventory_position.loc[
            inputs.inventory_position["item_id"] == "B", "configured_safety_stock_units"
        ] = 7.0
        known = errors([("A", "dc", "web", 4.0), ("A", "dc", "shop", 3.0)])
        abc = classes([("A", "dc", "web", "B"), ("A", "dc", "shop", "A"), ("B", "dc", "web", "C")])
        return plan_safety_stocks(inputs, known, abc, service_targets, "2026-01", case.periods)

    return plan


def test_errors_are_pooled_over_channels_and_carried_to_components(two_channels, stocks_of):
    stocks, _ = stocks_of(two_channels, targets(all=0.95))
    by_site = stocks.set_index(["item_id", "site_id"])
    # sqrt(4^2 + 3^2) = 5 at dc and, through the move, at the plant; 5 x 2 / 0.5 = 20 for the part
    assert by_site["demand_error_units"].to_dict() == {
        ("A", "dc"): 5.0,
        ("A", "plant"): 5.0,
        ("B", "dc"): 0.0,
        ("part", "plant"): 20.0,
    }
    # exposure: lead time + 1 month of review
    assert by_site.loc[("A", "dc"), "safety_stock_units"] == pytest.approx(
        Z95 * 5 * math.sqrt(1.5), abs=0.001
    )
    assert by_site.loc[("part", "plant"), "safety_stock_units"] == pytest.approx(Z95 * 20 * 2, abs=0.001)
    assert by_site.loc[("part", "plant"), "demand_units_per_month"] == 200.0  # 50 asked x 2 / 0.5
    assert by_site.loc[("part", "plant"), "abc_class"] == "A"


def test_the_configured_safety_stock_holds_where_no_error_is_known(two_channels, stocks_of):
    stocks, _ = stocks_of(two_channels, targets(all=0.95))
    row = stocks.set_index(["item_id", "site_id"]).loc[("B", "dc")]
    assert (row["safety_stock_units"], row["target_basis"]) == (7.0, "configured")


def test_a_family_has_its_own_service_target(two_channels, stocks_of):
    stocks, _ = stocks_of(two_channels, targets(all=0.95, family=0.5))
    row = stocks.set_index(["item_id", "site_id"]).loc[("A", "dc")]
    assert (row["cycle_service_ratio"], row["safety_stock_units"]) == (0.5, 0.0)


def test_the_company_s_parameter_holds_where_no_family_is_named(two_channels, stocks_of):
    stocks, _ = stocks_of(two_channels, targets(other=0.5))
    assert set(stocks["cycle_service_ratio"]) == {0.95}


def test_targets_are_safety_stock_and_half_of_next_month_s_use_within_the_maximum(two_channels, stocks_of):
    _, aimed = stocks_of(two_channels, targets(all=0.95))
    dc = aimed[(aimed["item_id"] == "A") & (aimed["site_id"] == "dc")]["target_units"].tolist()
    # 10.073 + 60 / 2 in both months (the last month stands for what follows)
    assert dc == pytest.approx([Z95 * 5 * math.sqrt(1.5) + 30.0] * 2, abs=0.001)
    two_channels.rows["inventory_position"][0]["maximum_stock_units"] = 25.0
    _, capped = stocks_of(two_channels, targets(all=0.95))
    assert capped[(capped["item_id"] == "A") & (capped["site_id"] == "dc")]["target_units"].tolist() == [
        25.0,
        25.0,
    ]


def test_nothing_is_aimed_at_after_the_last_use(company):
    ending = company(3).demand("A", "dc", [10.0, 10.0, 0.0]).stock("A", "dc", 9.0, 1.0)
    known, abc = errors([("A", "dc", "direct", 4.0)]), classes([("A", "dc", "direct", "A")])
    _, aimed = plan_safety_stocks(ending.inputs(), known, abc, targets(all=0.95), "2026-01", ending.periods)
    assert (aimed["target_units"] > 0).tolist() == [True, False, False]


def test_service_targets_out_of_range_are_refused(two_channels, stocks_of):
    with pytest.raises(SupplyInputError, match="outside 0.5 to 0.9999"):
        stocks_of(two_channels, targets(all=95.0))
