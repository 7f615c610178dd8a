"""Months are levelled only where history proves that demand follows working days, and forecasts come back to each month's days."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import (
    Calendar,
    adjust_history,
    classify_demand,
    forecast_demand,
    level_months,
)
from sop_pipeline.planning.demand.series import SERIES, SERIES_PERIOD

MONTHS = 60


@pytest.fixture
def working_days(cycle) -> pd.DataFrame:
    """`core.fct_working_days` of a company that works from Monday to Friday, for history and horizon."""
    periods = pd.date_range(end=cycle.periods[-1], periods=MONTHS + cycle.horizon_months, freq="MS")
    ends = periods + pd.offsets.MonthBegin(1)
    worked = np.busday_count(
        periods.to_numpy().astype("datetime64[D]"), ends.to_numpy().astype("datetime64[D]")
    )
    return pd.DataFrame({"site_id": "all", "period_start_date": periods, "working_days": worked})


def sold(make_history, days: pd.DataFrame, elasticity: float, channel_id: str, noise: float = 0.03):
    """Twelve series of 60 months about a level of 1,000, times (days / 21.75) ^ elasticity."""
    follows = (days["working_days"].to_numpy()[:MONTHS] / 21.75) ** elasticity
    random = np.random.default_rng(int(10 * elasticity) + len(channel_id))
    season = 1.0 + 0.2 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    rows = [
        make_history(
            f"I{number}",
            (1000.0 * season * follows * (1.0 + noise * random.standard_normal(MONTHS))).round(),
            channel_id=channel_id,
        )
        for number in range(12)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def levelled(make_history, working_days, cycle):
    """A retail channel that follows working days, and one online that does not."""
    history = pd.concat(
        [
            sold(make_history, working_days, 1.0, "retail"),
            sold(make_history, working_days, 0.0, "online"),
        ],
        ignore_index=True,
    )
    adjusted = adjust_history(history, cycle)
    return history, adjusted, level_months(adjusted.clean, adjusted.adjustments, working_days, cycle)


def test_a_channel_that_follows_working_days_is_found_and_the_other_is_left_alone(levelled):
    _, _, made = levelled
    effects = made.effects.set_index("channel_id")
    assert effects["reason_code"].to_dict() == {"online": "not_significant", "retail": "applied"}
    assert 0.85 < effects.at["retail", "elasticity"] < 1.15
    assert effects.at["retail", "applied_elasticity"] < effects.at["retail", "elasticity"]
    online = made.clean[made.clean["channel_id"] == "online"]
    assert (online["levelling_units"] == 0).all()
    assert (online["levelled_units"] == online["clean_units"]).all()
    assert set(made.adjustments.loc[made.adjustments["reason"] == "working_days", "channel_id"]) == {"retail"}


def test_every_levelling_is_a_row_and_adds_up_and_raw_is_as_recorded(levelled):
    history, _, made = levelled
    rows = made.adjustments[made.adjustments["reason"] == "working_days"]
    clean = made.clean.merge(
        rows[[*SERIES_PERIOD, "adjustment_units"]].rename(columns={"adjustment_units": "row_units"}),
        on=SERIES_PERIOD,
        how="left",
        validate="1:1",
    )
    assert (clean["row_units"].fillna(0.0) == clean["levelling_units"]).all()
    assert np.array_equal(
        (clean["clean_units"] + clean["levelling_units"]).round(3), clean["levelled_units"].round(3)
    )
    assert clean["raw_units"].sum() == history["ordered_units"].sum()


def test_levelled_months_swing_less(levelled):
    _, _, made = levelled
    retail = made.clean[made.clean["channel_id"] == "retail"]
    by_month = retail.groupby("period_start_date")[["clean_units", "levelled_units"]].sum()
    year_on_year = np.log(by_month).diff(12).dropna().std()
    assert year_on_year["levelled_units"] < 0.5 * year_on_year["clean_units"]


@pytest.mark.parametrize("months", [24, 25])
def test_two_years_tell_nothing(make_history, working_days, cycle, months):
    history = sold(make_history, working_days, 1.0, "retail")
    history = history[history["period_start_date"] >= cycle.start - pd.DateOffset(months=months)]
    adjusted = adjust_history(history, cycle)
    made = level_months(adjusted.clean, adjusted.adjustments, working_days, cycle)
    assert made.effects["reason_code"].tolist() == ["history_too_short"]
    assert made.effects["t_value"].isna().all()
    assert (made.clean["levelling_units"] == 0).all()


def test_a_shift_of_level_is_no_evidence(make_history, working_days, cycle):
    """The level doubles in a month of 23 days: without that month the channel shows nothing."""
    history = sold(make_history, working_days, 0.0, "retail")
    days = working_days.set_index("period_start_date")["working_days"]
    long_month = days.index[:MONTHS][days.iloc[:MONTHS].to_numpy() == 23][8]
    late = history["period_start_date"] >= long_month
    history.loc[late, "ordered_units"] *= 2
    adjusted = adjust_history(history, cycle)
    made = level_months(adjusted.clean, adjusted.adjustments, working_days, cycle)
    assert made.effects["reason_code"].tolist() == ["not_significant"]


def test_the_forecast_comes_back_to_the_days_of_each_month_with_its_intervals(
    levelled, working_days, make_items, cycle
):
    history, _, made = levelled
    items = make_items(*sorted(history["item_id"].unique()))
    classes = classify_demand(made.clean, items, history, cycle)
    calendar = Calendar(made.effects, working_days, cycle)
    by_days = forecast_demand(made.clean, classes, items, cycle, calendar)
    nothing = made.effects.assign(applied_elasticity=0.0)
    flat = forecast_demand(made.clean, classes, items, cycle, Calendar(nothing, working_days, cycle))
    both = by_days.forecasts.merge(flat.forecasts, on=SERIES_PERIOD, suffixes=("", "_flat"), validate="1:1")
    ratio = calendar.ratios(both["channel_id"], both["period_start_date"])
    assert ratio[both["channel_id"] == "online"] == pytest.approx(1.0)
    days = both["period_start_date"].map(working_days.set_index("period_start_date")["working_days"])
    retail = (both["channel_id"] == "retail").to_numpy()
    assert np.corrcoef(ratio[retail], days[retail])[0, 1] > 0.99
    for name in ("forecast_units", "lower_80_units", "upper_80_units", "lower_95_units", "upper_95_units"):
        assert both[name].to_numpy() == pytest.approx(both[f"{name}_flat"].to_numpy() * ratio, abs=2e-3)
    past = by_days.past.merge(flat.past, on=[*SERIES_PERIOD, "lead_months"], suffixes=("", "_flat"))
    past_ratio = calendar.ratios(past["channel_id"], past["period_start_date"])
    assert past["forecast_units"].to_numpy() == pytest.approx(
        past["forecast_units_flat"].to_numpy() * past_ratio, abs=2e-3
    )
    sums = by_days.forecasts.groupby("period_start_date")["forecast_units"].sum().round(3)
    total = by_days.levels[by_days.levels["level"] == "total"].set_index("period_start_date")
    assert np.array_equal(total["forecast_units"], sums)
    # the total is known by itself, before it is added up: that moves to the days of the month too
    flat_total = flat.levels[flat.levels["level"] == "total"].set_index("period_start_date")
    moved = total["base_forecast_units"] / flat_total["base_forecast_units"]
    assert moved.to_numpy() == pytest.approx(
        (total["forecast_units"] / flat_total["forecast_units"]).to_numpy(), rel=1e-4
    )


# Units that AdventureWorks' resellers ordered (Sales.SalesOrderDetail, MIT licence), by day of posting, and how many of them lie
# on the first and the last three days: each posting stands for the month that ends, three of them were made a day late.
POSTED = {
    "2011-05": (820, 0, 820),
    "2011-07": (2053, 2053, 0),
    "2011-08": (2754, 1512, 1242),
    "2011-10": (5208, 2963, 2245),
    "2011-12": (852, 852, 0),
    "2012-01": (3774, 2132, 1642),
    "2012-02": (1260, 0, 1260),
    "2012-03": (2965, 0, 2965),
    "2012-04": (2204, 0, 2204),
}
BELONGS = [820, 2053, 1512, 1242, 2963, 2245, 852, 2132, 1642, 1260, 2965, 2204]


def posted(figures: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rows = [
        ("A", "P", "resellers", pd.Timestamp(month), units, 0, 5, 0, first, last)
        for month, (units, first, last) in figures.items()
    ]
    columns = [*SERIES, "period_start_date", "ordered_units", "promoted_units", "order_lines"]
    return pd.DataFrame(rows, columns=[*columns, "stock_out_days", "first_days_units", "last_days_units"])


def test_postings_that_slipped_over_the_turn_of_the_month_go_back_to_their_month():
    made = adjust_history(posted(POSTED), Cycle("2012-05", 12))
    clean = made.clean
    settled = clean["raw_units"] + clean.merge(
        made.adjustments[made.adjustments["reason"] == "month_end_posting"][
            [*SERIES_PERIOD, "adjustment_units"]
        ].rename(columns={"adjustment_units": "moved"}),
        on=SERIES_PERIOD,
        how="left",
    )["moved"].fillna(0.0)
    assert settled.tolist() == BELONGS
    raw = [POSTED.get(f"{month:%Y-%m}", (0,))[0] for month in clean["period_start_date"]]
    assert clean["raw_units"].tolist() == raw
    moved = made.adjustments[made.adjustments["reason"] == "month_end_posting"]
    assert moved["adjustment_units"].sum() == 0
    told = made.postings.iloc[0]
    assert told["decision"] == "moved"
    assert (told["gap_months"], told["gap_months_after"]) == (3, 0)
    assert told["moved_units"] == moved["adjustment_units"].clip(lower=0).sum()


def test_postings_at_month_ends_that_leave_no_gap_stay():
    steady = {f"2011-{month:02d}": (1000, 0, 1000) for month in range(1, 13)}
    made = adjust_history(posted(steady), Cycle("2012-01", 12))
    assert made.postings["decision"].tolist() == ["each_month_has_its_own"]
    assert made.adjustments.empty


def test_a_gap_that_no_posting_explains_stays():
    """The last three days hold all there is: nothing lies on the other side of the turn that could fill June."""
    gap = {f"2011-{month:02d}": (1000, 0, 1000) for month in range(1, 13) if month != 6}
    made = adjust_history(posted(gap), Cycle("2012-01", 12))
    assert made.postings["decision"].tolist() == ["gaps_would_remain"]
    assert (made.clean["adjustment_units"] == 0).all()


def test_demand_spread_over_the_month_is_no_posting():
    spread = {f"2011-{month:02d}": (1000, 100, 100) for month in range(1, 13) if month != 6}
    made = adjust_history(posted(spread), Cycle("2012-01", 12))
    assert made.postings["decision"].tolist() == ["not_at_month_ends"]


def test_what_would_leave_the_closed_months_stays():
    """Postings on first days: what lies on last days belongs to the month after, but the cycle's own month is not closed."""
    figures = {f"2011-{month:02d}": (1000, 1000, 0) for month in range(1, 13)}
    figures["2011-05"], figures["2011-06"] = (2000, 1000, 1000), (0, 0, 0)
    figures["2011-12"] = (2000, 1000, 1000)
    made = adjust_history(posted(figures), Cycle("2012-01", 12))
    assert made.postings["decision"].tolist() == ["moved"]
    assert made.postings["moved_units"].tolist() == [1000]
    moved = made.adjustments[made.adjustments["reason"] == "month_end_posting"]
    assert set(moved["period_start_date"]) == {pd.Timestamp("2011-05-01"), pd.Timestamp("2011-06-01")}
