"""Demand is put back only where a channel's months without stock show that it went away."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import clean_history

EMPTY = np.arange(5, 48, 4)  # eleven months of each series
SERIES = 4


@pytest.fixture
def channel_of(make_history):
    def make(channel_id: str, units_without_stock: list[float], days: int) -> pd.DataFrame:
        """Four items at 100 a month, but for the months without stock, which take the given units in turn."""
        units, stock_out_days = np.full(48, 100.0), np.zeros(48)
        units[EMPTY] = np.resize(units_without_stock, len(EMPTY))
        stock_out_days[EMPTY] = days
        return pd.concat(
            make_history(f"{channel_id}-{n}", units, channel_id=channel_id, stock_out_days=stock_out_days)
            for n in range(SERIES)
        )

    return make


def changed(clean: pd.DataFrame) -> pd.DataFrame:
    return clean[clean["adjustment_units"] != 0]


def test_customers_who_order_all_the_same_lose_nothing(cycle, channel_of):
    # As many months above the usual as below: shelves are empty, orders come, and nothing is missing.
    assert changed(clean_history(channel_of("trade", [60.0, 150.0], 30), cycle)).empty


def test_customers_who_turn_away_are_put_back_to_the_usual(cycle, channel_of):
    # Half a month is known to be empty, all months are 40 short: the other half must have been empty too.
    found = changed(clean_history(channel_of("online", [60.0], 15), cycle))
    assert len(found) == SERIES * len(EMPTY)
    assert set(found["adjustment_reason"]) == {"stock_out"}
    assert found["clean_units"].tolist() == pytest.approx([100.0] * len(found), abs=1.5)


def test_months_above_the_usual_count_against_the_loss(cycle, channel_of):
    # Of three months two are 60 short and one is 60 above: 60 of the 120 went away, the rest is chance.
    clean = clean_history(channel_of("online", [40.0, 40.0, 160.0], 30), cycle)
    empty = clean[clean["raw_units"] != 100.0]
    assert empty["clean_units"].mean() == pytest.approx(100.0, abs=0.5)
    assert (empty["clean_units"] <= 160.0).all()


def test_channels_speak_for_themselves(cycle, channel_of):
    both = pd.concat([channel_of("online", [60.0], 15), channel_of("trade", [60.0, 150.0], 30)])
    assert set(changed(clean_history(both, cycle))["channel_id"]) == {"online"}


def test_a_channel_of_few_months_loses_its_share_of_days(cycle, channel_of):
    one = channel_of("online", [60.0], 15)
    found = changed(clean_history(one[one["item_id"] == "online-0"], cycle))
    expected = 60 + 40 * 15 / found["period_start_date"].dt.days_in_month
    assert found["clean_units"].tolist() == pytest.approx(expected.tolist(), abs=0.001)
