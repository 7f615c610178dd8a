"""Orders on hand consume the forecast: no order counts twice, and what is usually ordered later is still expected.

The figures without weights are those of the prior: what is in the books beyond its usual share is more demand.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import compose_forecast, consume_orders
from sop_pipeline.planning.demand.consensus import BOUNDS, LAYERS

CYCLE = Cycle("2026-01", 12)
KEYS = ["item_id", "site_id", "channel_id", "period_start_date"]


def layers_of(item_id: str, channel_id: str, units: float, width: float = 5.0) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"item_id": item_id, "site_id": "P", "channel_id": channel_id, "period_start_date": CYCLE.periods}
    )
    frame = frame.assign(**dict.fromkeys(LAYERS, 0.0)).assign(statistical_units=units, forecast_units=units)
    low, high = max(units - width, 0.0), units + width
    return frame.assign(lower_80_units=low, upper_80_units=high, lower_95_units=low, upper_95_units=high)[
        [*KEYS, *LAYERS, "forecast_units", *BOUNDS]
    ]


def orders_of(item_id: str, channel_id: str, month: str, units: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": [item_id],
            "site_id": "P",
            "channel_id": channel_id,
            "period_start_date": pd.Timestamp(f"{month}-01"),
            "ordered_units": units,
        }
    )


def lead_times(**units_by_channel: dict[int, float]) -> pd.DataFrame:
    rows = [(channel, lead, units) for channel, by in units_by_channel.items() for lead, units in by.items()]
    return pd.DataFrame(rows, columns=["channel_id", "lead_months", "ordered_units"])


def weights_of(channel_id: str, weight: float) -> pd.DataFrame:
    return pd.DataFrame({"channel_id": channel_id, "lead_months": [0, 1, 2], "weight_ratio": weight})


NO_WEIGHTS = weights_of("web", 1.0).iloc[:0]
NO_ORDERS = orders_of("A", "web", "2026-01", 1.0).iloc[:0]


def test_a_channel_that_always_orders_a_month_ahead_is_known_and_not_forecast() -> None:
    # resellers order on the last day of the month before: January's 70 are all that January will be
    plan = consume_orders(
        layers_of("A", "store", 100.0),
        orders_of("A", "store", "2026-01", 70.0),
        lead_times(store={1: 900.0}),
        NO_WEIGHTS,
        CYCLE,
    )
    assert plan["forecast_units"].tolist() == [70.0] + [100.0] * 11
    assert plan["order_book_units"].tolist() == [-30.0] + [0.0] * 11
    assert plan.loc[0, ["lower_80_units", "upper_80_units"]].tolist() == [100.0, 100.0]  # nothing is open
    final = compose_forecast(plan, pd.DataFrame(columns=["override_id", *KEYS, "override_units"]), CYCLE)
    assert final.loc[0, ["forecast_units", "lower_80_units", "upper_80_units"]].tolist() == [70.0] * 3


def test_a_channel_that_orders_partly_ahead_is_expected_to_order_the_usual_rest() -> None:
    # 2 in 10 units are ordered before the month begins: 30 on hand and 8 in 10 of the forecast to come
    plan = consume_orders(
        layers_of("A", "web", 100.0),
        orders_of("A", "web", "2026-01", 30.0),
        lead_times(web={0: 80.0, 1: 20.0}),
        NO_WEIGHTS,
        CYCLE,
    )
    assert plan.loc[0, "forecast_units"] == 110.0
    assert plan.loc[1, "forecast_units"] == 100.0


def test_no_orders_where_there_usually_are_some_lower_the_month() -> None:
    plan = consume_orders(
        layers_of("A", "web", 100.0), NO_ORDERS, lead_times(web={0: 80.0, 1: 20.0}), NO_WEIGHTS, CYCLE
    )
    assert plan["forecast_units"].tolist() == [80.0] + [100.0] * 11


def test_orders_for_a_month_further_ahead_consume_that_month() -> None:
    shares = lead_times(web={0: 50.0, 1: 30.0, 2: 20.0})
    plan = consume_orders(
        layers_of("A", "web", 100.0), orders_of("A", "web", "2026-02", 25.0), shares, NO_WEIGHTS, CYCLE
    )
    assert plan["forecast_units"].tolist()[:3] == [50.0, 105.0, 100.0]  # 1 - 0.5; 25 + (1 - 0.2) x 100


def test_an_item_that_is_ordered_and_not_forecast_is_planned_as_ordered() -> None:
    orders = orders_of("NEW", "web", "2026-01", 7.0)
    plan = consume_orders(layers_of("A", "web", 100.0), orders, lead_times(web={0: 1.0}), NO_WEIGHTS, CYCLE)
    new = plan[plan["item_id"] == "NEW"]
    assert new["forecast_units"].tolist() == [7.0] + [0.0] * 11
    assert len(plan) == 24


def test_a_channel_without_history_is_not_known_to_order_ahead() -> None:
    plan = consume_orders(
        layers_of("A", "web", 10.0),
        orders_of("A", "web", "2026-01", 3.0),
        lead_times(store={1: 5.0}),
        NO_WEIGHTS,
        CYCLE,
    )
    assert plan.loc[0, "forecast_units"] == 13.0


def test_orders_whose_timing_is_chance_move_the_forecast_only_in_part() -> None:
    # 20 are usual and 50 on hand: of the 30 beyond, 0.4 have proved to be more demand and 0.6 to be early
    plan = consume_orders(
        layers_of("A", "web", 100.0, width=50.0),
        orders_of("A", "web", "2026-01", 50.0),
        lead_times(web={0: 80.0, 1: 20.0}),
        weights_of("web", 0.4),
        CYCLE,
    )
    assert plan["order_book_units"].tolist() == [12.0] + [0.0] * 11
    # the book takes 0.4 x 0.2 of the squared error away: 50 becomes 50 x sqrt(0.92) = 47.958
    assert plan.loc[0, ["lower_80_units", "upper_80_units"]].tolist() == [52.042, 147.958]
    assert plan.loc[1, ["lower_80_units", "upper_80_units"]].tolist() == [50.0, 150.0]


def test_a_book_that_says_nothing_leaves_the_forecast_but_is_planned() -> None:
    shares, chance = lead_times(web={0: 80.0, 1: 20.0}), weights_of("web", 0.0)
    for ordered, planned in ((0.0, 100.0), (50.0, 100.0), (130.0, 130.0)):
        orders = orders_of("A", "web", "2026-01", ordered)
        plan = consume_orders(layers_of("A", "web", 100.0), orders, shares, chance, CYCLE)
        assert plan.loc[0, "forecast_units"] == planned
        final = compose_forecast(plan, pd.DataFrame(columns=["override_id", *KEYS, "override_units"]), CYCLE)
        assert final.loc[0, "lower_95_units"] >= ordered


@settings(max_examples=50, deadline=None)
@given(
    weight=st.floats(0, 1),
    forecast=st.floats(0, 1e6),
    ordered=st.floats(0, 1e6),
    ahead=st.floats(0, 1e6),
    later=st.floats(0.001, 1e6),
)
def test_demand_is_never_less_than_what_is_ordered(
    weight: float, forecast: float, ordered: float, ahead: float, later: float
) -> None:
    plan = consume_orders(
        layers_of("A", "web", round(forecast, 3)),
        orders_of("A", "web", "2026-01", round(ordered, 3)),
        lead_times(web={0: later, 1: ahead}),
        weights_of("web", weight),
        CYCLE,
    )
    assert plan.loc[0, "forecast_units"] >= round(ordered, 3) - 1e-6
    assert np.allclose(plan[LAYERS].sum(axis=1), plan["forecast_units"], atol=1e-6)
    assert (plan["lower_95_units"] <= plan["upper_95_units"]).all()


def test_orders_that_make_no_sense_are_named() -> None:
    twice = pd.concat([orders_of("A", "web", "2026-01", 3.0)] * 2)
    with pytest.raises(ValueError, match="(?s)2 rows, e.g. A / P / web.*repeat a series and month"):
        consume_orders(layers_of("A", "web", 10.0), twice, lead_times(web={0: 1.0}), NO_WEIGHTS, CYCLE)
    with pytest.raises(ValueError, match="fewer than 0"):
        consume_orders(
            layers_of("A", "web", 10.0),
            orders_of("A", "web", "2026-01", -1.0),
            lead_times(web={0: 1.0}),
            NO_WEIGHTS,
            CYCLE,
        )
