"""Safety and target stocks of small networks, worked out beside the numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from sop_pipeline.planning.supply import StockRecords, SupplyInputError, plan_safety_stocks

Z95 = 1.644854  # normal quantile of 0.95
ORIGINS = pd.date_range("2025-03-01", periods=4, freq="MS")


def backtest(streams, of_month=50.0):
    """Forecast and history of streams whose error alternates in sign from month to month and origin to origin.

    `streams`: (item, site, channel) -> error of the first, second and third month after each even origin, opposite after odd.
    """
    forecasts, history = [], {}
    for (item, site, channel), errors in streams.items():
        for turn, origin in enumerate(ORIGINS):
            for lead, error in enumerate(errors):
                month = origin + pd.DateOffset(months=lead)
                key = {"item_id": item, "site_id": site, "channel_id": channel, "period_start_date": month}
                history[(item, site, channel, month)] = key | {"clean_units": of_month}
                units = of_month - error * (-1) ** turn
                forecasts.append(key | {"lead_months": lead, "forecast_units": units})
    return pd.DataFrame(forecasts), pd.DataFrame(list(history.values()))


NO_RECORDS = pd.DataFrame(
    columns=[
        "item_id", "site_id", "channel_id", "period_start_date", "lead_months", "forecast_units", "actual_units",
    ]
)  # fmt: skip
NO_POLICIES = pd.DataFrame(
    columns=[
        "item_id", "site_id", "abc_class", "xyz_class", "cycle_service_ratio", "fill_ratio", "safety_stock_units", "owner",
    ]
)  # fmt: skip


def receipts(late_days, supplier="S", item="part", site="plant"):
    due = pd.date_range("2025-04-01", periods=len(late_days), freq="7D")
    return pd.DataFrame({
        "supplier_id": supplier, "item_id": item, "site_id": site, "due_date": due,
        "received_date": due + pd.to_timedelta(late_days, unit="D"),
    })  # fmt: skip


NO_RECEIPTS = receipts([])
TEN_LATE = list(range(0, 101, 10))  # 0, 10, ... 100 days: 80 between the quantiles, 80 / 2.5631 = 31.21 days


def classes(rows, demand_class="smooth"):
    frame = pd.DataFrame(rows, columns=["item_id", "site_id", "channel_id", "abc_class"])
    return frame.assign(xyz_class="Y", demand_class=demand_class)


def targets(**by_family):
    return pd.DataFrame(
        {"family_id": list(by_family), "cycle_service_ratio": list(by_family.values())}, dtype=object
    )


@pytest.fixture
def two_channels(company):
    """A is asked by two channels at dc, moved from the plant, made of 2 parts at yield 0.5; B has no known error."""
    return (
        company(2)
        .demand("A", "dc", [50.0, 50.0], channel="web")
        .demand("A", "dc", [50.0, 50.0], channel="shop")
        .demand("B", "dc", [8.0, 8.0], channel="web")
        .source("move", "A", "dc", from_site="plant", lead_time=0.5)
        .source("make", "A", "plant", of={"part": 2.0}, good=0.5)
        .source("buy", "part", "plant", 1.0, supplier="S", lead_time=1.0)
        .stock("A", "dc", 5.0, 10.0, maximum=500.0)
        .stock("B", "dc", 5.0, 10.0)
    )


KNOWN = {("A", "dc", "web"): (4.0, 0.0, 0.0), ("A", "dc", "shop"): (4.0, 0.0, 0.0)}
"""Both channels err by 4 units in the first month, together; a month later the forecast is right."""
ABC = [("A", "dc", "web", "B"), ("A", "dc", "shop", "A"), ("B", "dc", "web", "C")]


@pytest.fixture
def records():
    forecasts, history = backtest(KNOWN)
    return StockRecords(
        forecasts, history, NO_RECORDS, NO_RECEIPTS, classes(ABC), targets(all=0.95), NO_POLICIES
    )


@pytest.fixture
def stocks_of():
    def plan(case, records):
        inputs = case.inputs()
        inputs.inventory_position.loc[
            inputs.inventory_position["item_id"] == "B", "configured_safety_stock_units"
        ] = 7.0
        stocks, aimed = plan_safety_stocks(inputs, records, "2026-01", case.periods)
        return stocks.set_index(["item_id", "site_id"]), aimed

    return plan


def test_errors_that_come_together_add_up_and_are_carried_to_components(two_channels, records, stocks_of):
    stocks, _ = stocks_of(two_channels, records)
    # 4 + 4 = 8 at dc and, through the move, at the plant; 8 x 2 / 0.5 = 32 for the part
    assert stocks["demand_error_units"].to_dict() == {
        ("A", "dc"): 8.0,
        ("A", "plant"): 8.0,
        ("B", "dc"): 0.0,
        ("part", "plant"): 32.0,
    }
    assert stocks.loc[("part", "plant"), "demand_units_per_month"] == 400.0  # 100 asked x 2 / 0.5
    assert stocks.loc[("part", "plant"), "abc_class"] == "A"


def test_errors_that_cancel_out_need_no_stock(two_channels, records, stocks_of):
    opposite = KNOWN | {("A", "dc", "shop"): (-4.0, 0.0, 0.0)}
    forecasts, history = backtest(opposite)
    known = replace(records, backtest_forecasts=forecasts, demand_history_clean=history)
    assert stocks_of(two_channels, known)[0].loc[("A", "dc"), "safety_stock_units"] == 0.0


def test_the_error_is_that_of_the_exposure_not_of_a_month_times_its_root(two_channels, records, stocks_of):
    """Errors of 4, then -4, then 4: over one month 4, over two 0, over three 4, for each channel the same."""
    swinging = dict.fromkeys(KNOWN, (4.0, -4.0, 4.0))
    drifting = dict.fromkeys(KNOWN, (4.0, 4.0, 4.0))
    found = {}
    for name, streams in (("swinging", swinging), ("drifting", drifting)):
        forecasts, history = backtest(streams)
        known = replace(records, backtest_forecasts=forecasts, demand_history_clean=history)
        found[name] = stocks_of(two_channels, known)[0]["exposure_error_units"]
    # part: lead time 1 + review 1 = 2 months; drifting 2 x 32 = 64, swinging never below what a month shows
    assert (found["drifting"][("part", "plant")], found["swinging"][("part", "plant")]) == (64.0, 32.0)
    # dc: 1.5 months, between 8^2 and 16^2: sqrt((64 + 256) / 2) = 12.649
    assert found["drifting"][("A", "dc")] == pytest.approx(12.649, abs=0.001)


def test_what_was_published_takes_the_place_of_the_backtest(two_channels, records, stocks_of):
    forecasts, history = backtest(KNOWN)
    published = forecasts.merge(history).rename(columns={"clean_units": "actual_units"})
    published["forecast_units"] = published["actual_units"]  # published forecasts were right
    known = replace(records, forecast_records=published[published["period_start_date"] < ORIGINS[2]])
    row = stocks_of(two_channels, known)[0].loc[("A", "dc")]
    # origins of March and April are published in part: 0 there, 8 in May and June: sqrt((0 + 0 + 64 + 64) / 4)
    assert row["demand_error_units"] == pytest.approx(math.sqrt(32), abs=0.001)
    assert (row["error_origins"], row["published_origins"]) == (4, 2)


def test_the_formula_of_the_textbooks_with_its_two_parts(two_channels, records, stocks_of):
    forecasts, history = backtest(dict.fromkeys(KNOWN, (4.0, 4.0, 4.0)))
    known = replace(
        records, backtest_forecasts=forecasts, demand_history_clean=history, receipts=receipts(TEN_LATE)
    )
    row = stocks_of(two_channels, known)[0].loc[("part", "plant")]
    spread = 80 / 2.563103 / 30.4375  # months
    assert row["lead_time_deviation_months"] == pytest.approx(spread, abs=1e-6)
    variances = 64.0**2, (400 * spread) ** 2
    whole = Z95 * math.sqrt(sum(variances))
    assert row["safety_stock_units"] == pytest.approx(whole, abs=0.01)
    assert row["lead_time_part_units"] == pytest.approx(whole * variances[1] / sum(variances), abs=0.01)
    assert row["demand_part_units"] + row["lead_time_part_units"] == pytest.approx(row["safety_stock_units"])


def test_with_few_receipts_the_supplier_s_others_count_and_the_row_says_so(two_channels, records, stocks_of):
    few = pd.concat([receipts([40] * 3), receipts(TEN_LATE, item="bolt")])
    row = stocks_of(two_channels, replace(records, receipts=few))[0].loc[("part", "plant")]
    assert (row["lead_time_basis"], row["lead_time_receipts"]) == ("supplier", 14)
    assert row["lead_time_reason"] == (
        "14 receipts in 24 months of all items of supplier S, as the item has 3 of its own."
    )
    assert (
        row["lead_time_deviation_months"] > 0.5
    )  # each item from its own middle: what is always late is no spread


def test_without_receipts_the_lead_time_is_certain_and_the_row_says_so(two_channels, records, stocks_of):
    stocks = stocks_of(two_channels, records)[0]
    assert stocks["lead_time_basis"].to_dict() == {
        ("A", "dc"): "not_bought",
        ("A", "plant"): "not_bought",
        ("B", "dc"): "not_bought",
        ("part", "plant"): "no_receipts",
    }
    assert stocks["lead_time_part_units"].eq(0.0).all()


def test_the_configured_safety_stock_holds_where_no_error_is_known(two_channels, records, stocks_of):
    row = stocks_of(two_channels, records)[0].loc[("B", "dc")]
    assert (row["safety_stock_units"], row["target_basis"]) == (7.0, "configured")


def test_what_people_set_wins_over_everything(two_channels, records, stocks_of):
    by_hand = pd.DataFrame([
        {"item_id": "A", "site_id": "dc", "safety_stock_units": 11.0, "xyz_class": "X", "owner": "planner"},
        {"item_id": "A", "site_id": "plant", "cycle_service_ratio": 0.5, "owner": "planner"},
    ])  # fmt: skip
    stocks, aimed = stocks_of(
        two_channels, replace(records, inventory_policies=NO_POLICIES.merge(by_hand, how="outer"))
    )
    at_dc, at_plant = stocks.loc[("A", "dc")], stocks.loc[("A", "plant")]
    assert (at_dc["safety_stock_units"], at_dc["target_basis"], at_dc["owner"]) == (11.0, "people", "planner")
    assert (at_dc["xyz_class"], at_dc["class_basis"], at_plant["class_basis"]) == ("X", "people", "measured")
    assert (at_plant["safety_stock_units"], at_plant["service_basis"]) == (0.0, "item_site")
    assert aimed["safety_stock_units"][(aimed["item_id"] == "A") & (aimed["site_id"] == "dc")].tolist() == [
        11.0,
        11.0,
    ]


def test_a_fill_asked_for_sets_the_stock(two_channels, records, stocks_of):
    asked = targets(all=0.95).assign(fill_ratio=0.997487)
    forecasts, history = backtest(dict.fromkeys(KNOWN, (4.0, 4.0, 4.0)))
    known = replace(
        records, service_targets=asked, backtest_forecasts=forecasts, demand_history_clean=history
    )
    row = stocks_of(two_channels, known)[0].loc[("part", "plant")]
    # an order of 400 units for a deviation of 64: loss of k = 0.002513 x 400 / 64 = 0.0157 at k = 1.76
    assert row["safety_stock_units"] == pytest.approx(1.76 * 64, rel=0.01)
    assert row["safety_stock_units"] != pytest.approx(Z95 * 64, rel=0.01)


def test_rare_demand_is_stocked_in_whole_units_by_its_own_distribution(two_channels, records, stocks_of):
    rare = classes(ABC, "intermittent")
    row = stocks_of(two_channels, replace(records, demand_classes=rare))[0].loc[("A", "dc")]
    assert row["demand_distribution"] == "negative_binomial"
    mean = 1.5 * 100
    assert (row["safety_stock_units"] + mean) % 1 == 0
    # the deviation of 8 is below that of Poisson, sqrt(150) = 12.2: 95 of 100 cycles need 170 or 171 units
    assert 170 <= row["safety_stock_units"] + mean <= 171


def test_the_safety_stock_follows_the_forecast_by_month(company, records, stocks_of):
    rising = company(3).demand("A", "dc", [50.0, 50.0, 100.0], channel="web").stock("A", "dc", 5.0, 10.0)
    forecasts, history = backtest({("A", "dc", "web"): (4.0, 4.0, 4.0)})
    known = replace(records, backtest_forecasts=forecasts, demand_history_clean=history)
    _, aimed = stocks_of(rising, known)
    # months after January, February, March: 50, 100, 100 against the tested 50; the error grows in proportion
    assert aimed["safety_stock_units"].tolist() == pytest.approx([Z95 * 4, Z95 * 8, Z95 * 8], abs=0.001)


def test_a_family_has_its_own_service_target(two_channels, records, stocks_of):
    stocks, _ = stocks_of(two_channels, replace(records, service_targets=targets(all=0.95, family=0.5)))
    row = stocks.loc[("A", "dc")]
    assert (row["cycle_service_ratio"], row["safety_stock_units"], row["service_basis"]) == (
        0.5,
        0.0,
        "family",
    )


def test_the_company_s_parameter_holds_where_no_family_is_named(two_channels, records, stocks_of):
    stocks, _ = stocks_of(two_channels, replace(records, service_targets=targets(other=0.5)))
    assert set(stocks["cycle_service_ratio"]) == {0.95}
    assert set(stocks["service_basis"]) == {"parameter"}


def test_targets_are_safety_stock_and_half_of_next_month_s_use_within_the_maximum(
    two_channels, records, stocks_of
):
    stocks, aimed = stocks_of(two_channels, records)
    at_dc = (aimed["item_id"] == "A") & (aimed["site_id"] == "dc")
    safety = stocks.loc[("A", "dc"), "safety_stock_units"]
    # and 100 / 2 in both months (the last month stands for what follows)
    assert aimed[at_dc]["target_units"].tolist() == pytest.approx([safety + 50.0] * 2, abs=0.001)
    two_channels.rows["inventory_position"][0]["maximum_stock_units"] = 25.0
    _, capped = stocks_of(two_channels, records)
    assert capped[at_dc]["target_units"].tolist() == [25.0, 25.0]


def test_nothing_is_aimed_at_after_the_last_use(company, records, stocks_of):
    ending = company(3).demand("A", "dc", [10.0, 10.0, 0.0], channel="web").stock("A", "dc", 9.0, 1.0)
    _, aimed = stocks_of(ending, records)
    assert (aimed["target_units"] > 0).tolist() == [True, False, False]


def test_targets_out_of_range_and_rows_entered_twice_are_all_named(two_channels, records, stocks_of):
    twice = pd.DataFrame(
        {"item_id": ["A", "A"], "site_id": ["dc", "dc"], "owner": "x", "safety_stock_units": [1.0, -2.0]}
    )
    policies = NO_POLICIES.merge(twice, how="outer")
    with pytest.raises(
        SupplyInputError, match=r"(?s)outside 0.5 to 0.9999.*negative.*A@dc.*repeat item_id and site_id"
    ):
        stocks_of(
            two_channels, replace(records, service_targets=targets(all=95.0), inventory_policies=policies)
        )


def test_the_order_of_rows_changes_nothing(two_channels, records, stocks_of, shuffled):
    first, _ = stocks_of(two_channels, records)
    mixed = replace(
        records, backtest_forecasts=records.backtest_forecasts.sample(frac=1.0, random_state=3),
        demand_history_clean=records.demand_history_clean.sample(frac=1.0, random_state=4),
    )  # fmt: skip
    inputs = shuffled(two_channels.inputs())
    again, _ = plan_safety_stocks(inputs, mixed, "2026-01", two_channels.periods)
    columns = ["safety_stock_units", "demand_error_units", "xyz_class"]
    pd.testing.assert_frame_equal(
        first.loc[[("A", "dc"), ("A", "plant")], columns],
        again.set_index(["item_id", "site_id"]).loc[[("A", "dc"), ("A", "plant")], columns],
    )


def test_what_is_made_to_order_has_no_safety_stock_and_no_target(two_channels, records, stocks_of):
    for row in two_channels.rows["inventory_position"]:
        row["order_strategy"] = "MTO" if row["item_id"] == "A" else "MTS"
    stocks, aimed = stocks_of(two_channels, records)
    assert stocks.loc[("A", "dc"), ["safety_stock_units", "target_basis"]].tolist() == [0.0, "to_order"]
    assert aimed.loc[(aimed["item_id"] == "A") & (aimed["site_id"] == "dc"), "target_units"].sum() == 0.0
    assert stocks.loc[("part", "plant"), "safety_stock_units"] > 0.0
