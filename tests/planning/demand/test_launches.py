"""A launch plan speaks for an item until the item's own history does."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import clean_history, plan_launches

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
