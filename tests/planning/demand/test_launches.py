"""A launch plan speaks for an item until the item's own history does."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import clean_history, launch_items, plan_launches, stack_layers

KEY = {"item_id": "NEW", "site_id": "DC1", "channel_id": "retail"}


def plan_of(**columns: object) -> pd.DataFrame:
    plan = {
        **KEY,
        "launch_period_start_date": pd.Timestamp("2026-03-01"),
        "like_item_id": None,
        "peak_units_per_month": 120.0,
        "ramp_months": 4,
        "owner": "pm",
    }
    return pd.DataFrame([{**plan, **columns}])


def statistical_of(cycle, units: float | None) -> pd.DataFrame:
    frame = pd.DataFrame({**KEY, "period_start_date": cycle.periods, "forecast_units": units})
    return frame if units is not None else frame.iloc[:0]


@pytest.fixture
def no_history(cycle, make_history):
    return clean_history(make_history("NEW", []), cycle)


def test_without_a_like_item_the_ramp_is_even(cycle, no_history):
    planned = plan_launches(plan_of(), statistical_of(cycle, None), no_history, cycle)
    # January and February before the launch, then 1/4, 2/4, 3/4 and the whole of 120
    assert planned["launch_units"].tolist() == [0, 0, 30, 60, 90, *[120] * 13]
    assert (planned["replaced_statistical_units"] == 0).all()
    assert planned["like_item_id"].isna().all()


def test_a_launch_goes_as_its_like_item_went(cycle, make_history):
    # OLD shows when recording began; LIKE starts later: 10, 40 (mean 25), 70 (mean 40), 90 (mean 66.7), then 100.
    like = make_history("LIKE", [10, 40, 70, 90, *[100] * 20])
    clean = clean_history(pd.concat([make_history("OLD", [5] * 40), like]), cycle)
    planned = plan_launches(plan_of(like_item_id="LIKE"), statistical_of(cycle, None), clean, cycle)
    # shares of its level of 100 after the ramp, three months' mean
    assert planned["launch_units"].tolist() == pytest.approx([0, 0, 12, 30, 48, 80, *[120] * 12], abs=1e-3)
    assert set(planned["like_item_id"]) == {"LIKE"}


def test_a_like_item_that_was_there_before_recording_has_no_start_to_follow(cycle, make_history):
    clean = clean_history(make_history("LIKE", [100] * 24), cycle)
    planned = plan_launches(plan_of(like_item_id="LIKE"), statistical_of(cycle, None), clean, cycle)
    assert planned["launch_units"].tolist()[:6] == [0, 0, 30, 60, 90, 120]


def test_own_history_takes_over_month_by_month(cycle, make_history):
    clean = clean_history(
        make_history("NEW", [50] * 9), cycle
    )  # on sale for 9 months of 12: a quarter of the plan
    plan = plan_of(launch_period_start_date=pd.Timestamp("2025-04-01"))
    planned = plan_launches(plan, statistical_of(cycle, 40.0), clean, cycle)
    assert set(planned["launch_units"]) == {30.0}
    assert set(planned["replaced_statistical_units"]) == {10.0}


def test_a_grown_up_item_needs_no_plan(cycle, make_history):
    clean = clean_history(make_history("NEW", [50] * 12), cycle)
    plan = plan_of(launch_period_start_date=pd.Timestamp("2025-01-01"))
    planned = plan_launches(plan, statistical_of(cycle, 40.0), clean, cycle)
    assert (planned[["launch_units", "replaced_statistical_units"]] == 0).all(axis=None)


def test_a_plan_without_ramp_starts_at_its_peak(cycle, no_history):
    planned = plan_launches(plan_of(ramp_months=0), statistical_of(cycle, None), no_history, cycle)
    assert planned["launch_units"].tolist()[:4] == [0, 0, 120, 120]


def test_unfit_plans_are_refused_together(cycle, no_history):
    plans = pd.concat([plan_of(peak_units_per_month=np.nan), plan_of(ramp_months=-1)])
    with pytest.raises(ValueError, match="(?s)2 rows.*repeat a series.*peak_units_per_month.*ramp_months"):
        plan_launches(plans, statistical_of(cycle, None), no_history, cycle)


def test_no_plans_give_an_empty_table(cycle, no_history):
    assert plan_launches(plan_of().iloc[:0], statistical_of(cycle, 1.0), no_history, cycle).empty


def items_of(**ends: tuple[str, str] | None) -> pd.DataFrame:
    """`core.dim_items`: family FAM; an ending item with its last day and its successor."""
    rows = [
        (item, "FAM", pd.Timestamp(end[0]) if end else pd.NaT, end[1] if end else None)
        for item, end in ends.items()
    ]
    return pd.DataFrame(rows, columns=["item_id", "family_id", "end_date", "successor_item_id"])


def test_without_a_like_item_a_launch_goes_as_those_of_its_family_went(cycle, make_history):
    # three starts after recording began: half, then three quarters (smoothed), then the whole; the oldest is no start
    starts = [make_history(f"PAST{n}", [50.0, 100.0, *[100.0] * 18]) for n in range(3)]
    clean = clean_history(pd.concat([make_history("OLD", [5.0] * 40), *starts]), cycle)
    items = items_of(NEW=None, OLD=None, PAST0=None, PAST1=None, PAST2=None)
    launched = launch_items(plan_of(ramp_months=3), statistical_of(cycle, None), clean, items, cycle)
    # means of three months: 50, 75, 83.3 of 100
    assert launched.forecasts["launch_units"].tolist()[2:6] == pytest.approx(
        [60.0, 90.0, 100.0, 120.0], abs=0.01
    )
    (basis,) = set(launched.curves["curve_basis"])
    assert (basis, set(launched.curves["launch_count"])) == ("family", {3})
    assert set(launched.forecasts["curve_id"]) == set(launched.curves["curve_id"])


def test_a_curves_shares_add_up_to_one_over_the_launch_window(cycle, no_history):
    plans = pd.concat(
        [plan_of(), plan_of(item_id="NEXT", ramp_months=7), plan_of(item_id="SLOW", ramp_months=20)]
    )
    curves = launch_items(plans, statistical_of(cycle, None), no_history, None, cycle).curves
    assert curves.groupby("curve_id")["share_ratio"].sum().round(9).tolist() == [1.0] * 3
    assert curves.groupby("curve_id")["month_number"].max().tolist() == [20, 12, 12]


def test_a_launch_takes_from_the_other_item_what_it_cannibalises_and_never_more_than_there_is(
    cycle, no_history
):
    plan = plan_of(ramp_months=0, cannibalised_item_id="OTHER", cannibalisation_ratio=0.5)
    other = pd.DataFrame(
        {**KEY, "item_id": "OTHER", "period_start_date": cycle.periods, "forecast_units": 40.0}
    )
    bounds = dict.fromkeys(["lower_80_units", "upper_80_units", "lower_95_units", "upper_95_units"], 40.0)
    statistical = pd.concat([statistical_of(cycle, 1.0).iloc[:0], other]).assign(**bounds)
    statistical.loc[statistical["period_start_date"] >= "2026-06-01", "forecast_units"] = 100.0
    launched = launch_items(plan, statistical, no_history, None, cycle).forecasts
    taken = launched[launched["item_id"] == "OTHER"].set_index("period_start_date")["cannibalised_units"]
    # half of 120 is 60, of 40 only 40; before the launch nothing
    assert taken.loc["2026-02-01":"2026-06-01"].tolist() == [0.0, 40.0, 40.0, 40.0, 60.0]
    layers = stack_layers(
        statistical, launched, pd.DataFrame(columns=[*KEY, "period_start_date", "uplift_units"]), cycle
    )
    june = layers[layers["period_start_date"] == "2026-06-01"].set_index("item_id")
    assert june["launch_units"].to_dict() == {"NEW": 120.0, "OTHER": -60.0}
    assert june["forecast_units"].to_dict() == {"NEW": 120.0, "OTHER": 40.0}


def test_a_successor_takes_over_after_the_end_and_nothing_counts_twice(cycle, make_history):
    sold = [float(10 * month) for month in range(1, 13)]  # January 10 to December 120
    clean = clean_history(make_history("PRED", sold * 3), cycle)
    items = items_of(PRED=("2026-03-31", "HEIR"), HEIR=None)
    nothing = plan_of().iloc[:0]
    launched = launch_items(nothing, statistical_of(cycle, None), clean, items, cycle).forecasts
    heir = launched[launched["item_id"] == "HEIR"].set_index("period_start_date")["launch_units"]
    assert heir.loc["2026-01-01":"2026-05-01"].tolist() == [0.0, 0.0, 0.0, 40.0, 50.0]
    planned = launch_items(
        plan_of(item_id="HEIR"), statistical_of(cycle, None), clean, items, cycle
    ).forecasts
    assert set(planned["curve_id"]) == {"even, 4 months"}  # whoever has a plan goes by the plan


def test_a_share_of_more_than_the_whole_cannot_be_taken(cycle, no_history):
    plan = plan_of(cannibalised_item_id="OTHER", cannibalisation_ratio=1.5)
    with pytest.raises(ValueError, match="cannibalisation_ratio outside 0 to 1"):
        plan_launches(plan, statistical_of(cycle, None), no_history, cycle)
