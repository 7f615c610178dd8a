"""Open activities are taken at what their kind has brought, price changes at what prices have moved."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import (
    adjust_history,
    measure_elasticities,
    measure_realisations,
    sum_activities,
    with_price_effects,
)

KEYS = ["item_id", "site_id", "channel_id", "period_start_date"]


def plans_of(rows: pd.DataFrame, activity_type: str, units: float, status: str = "done") -> pd.DataFrame:
    """`planner.activity_plans`: the given units hoped for in each of the rows' months."""
    plans = rows[KEYS].assign(activity_type=activity_type, uplift_units=units, confidence_ratio=1.0)
    return plans.assign(activity_id=activity_type, activity_status=status)


def test_a_promotion_is_taken_at_what_promotions_have_brought(cycle, make_history):
    # 100 are usual, 150 came under each of 20 promotions that had hoped for 100 more: half of it
    rows = []
    for number in range(20):
        units, promoted = np.full(48, 100.0), np.zeros(48)
        units[20 + number], promoted[20 + number] = 150.0, 150.0
        ids = [f"P{number}" if value else None for value in promoted]
        rows.append(make_history(f"I{number}", units, promoted_units=promoted, activity_id=ids))
    history = pd.concat(rows)
    adjusted = adjust_history(history, cycle)
    past = plans_of(history[history["promoted_units"] > 0], "promotion", 100.0)
    found = measure_realisations(past, adjusted.clean, adjusted.adjustments, cycle)
    (row,) = found.to_dict("records")
    assert (row["planned_months"], row["planned_units"]) == (20, 2000.0)
    assert row["raw_ratio"] == pytest.approx(0.5, abs=0.01)
    # 20 months of 0.5 and 6 of 1 make (10 + 6) / 26 of the type; of the channel (10 + 6 x 0.615) / 26
    assert row["realisation_ratio"] == pytest.approx((20 * 0.5 + 6 * (16 / 26)) / 26, abs=0.01)
    open_plan = past.head(1).assign(
        period_start_date=cycle.start, activity_status="confirmed", confidence_ratio=0.5
    )
    (summed,) = sum_activities(open_plan, cycle, found).to_dict("records")
    assert summed["planned_units"] == 50.0
    assert summed["uplift_units"] == pytest.approx(50.0 * row["realisation_ratio"], abs=0.001)


@pytest.mark.parametrize(
    ("activity_type", "after", "hoped", "ratio"),
    [("new_customer", 140.0, 50.0, 0.8), ("phase_out", 70.0, -40.0, 0.75)],
)
def test_what_stays_is_measured_against_the_months_before_it(
    cycle, make_history, activity_type, after, hoped, ratio
):
    # from the 41st month on everything is at another level: cleansing takes that for usual, the plan must not
    units = np.r_[np.full(40, 100.0), np.full(8, after)]
    history = pd.concat([make_history(f"I{number}", units) for number in range(5)])
    adjusted = adjust_history(history, cycle)
    begun = history[history["period_start_date"] >= cycle.start - pd.DateOffset(months=8)]
    past = plans_of(begun, activity_type, hoped)
    found = measure_realisations(past, adjusted.clean, adjusted.adjustments, cycle)
    assert found["raw_ratio"].tolist() == pytest.approx([ratio], abs=0.02)
    assert measure_realisations(
        past.assign(activity_status="cancelled"), adjusted.clean, adjusted.adjustments, cycle
    ).empty


def price_history(make_history, elasticity: float, series: int, step: float) -> pd.DataFrame:
    """Prices of 10 that once move by `step`, in another month for each series, and demand that answers."""
    rows = []
    for number in range(series):
        price = np.where(np.arange(48) < 12 + number % 24, 10.0, 10.0 * (1 + step))
        units = 200.0 * (price / 10.0) ** elasticity
        rows.append(make_history(f"I{number}", units, revenue=units * price))
    return pd.concat(rows)


def test_elasticity_is_measured_on_price_steps_and_few_of_them_prove_nothing(cycle, make_history):
    history = price_history(make_history, elasticity=-2.0, series=40, step=0.10)
    measured = measure_elasticities(history, adjust_history(history, cycle).clean, cycle)
    assert measured["step_count"].tolist() == [40]
    assert measured["raw_elasticity"].iloc[0] == pytest.approx(-2.0, abs=0.15)
    assert -2.05 < measured["elasticity"].iloc[0] < -1.6
    few = price_history(make_history, elasticity=-2.0, series=3, step=0.10)
    prior = measure_elasticities(few, adjust_history(few, cycle).clean, cycle)
    assert prior[["elasticity", "elasticity_basis"]].to_numpy().tolist() == [[-1.0, "prior"]]


def test_a_planned_price_change_moves_the_forecast_by_the_measured_elasticity(cycle):
    key = {"item_id": "A", "site_id": "DC1", "channel_id": "retail", "period_start_date": cycle.start}
    plan = plans_of(pd.DataFrame([key]), "price", 7.0, "confirmed").assign(price_change_ratio=-0.1)
    forecast = pd.DataFrame([key | {"forecast_units": 100.0}])
    known = pd.DataFrame({"channel_id": ["retail"], "elasticity": [-2.0], "elasticity_basis": ["measured"]})
    # a tenth cheaper: 0.9^-2 = 1.2346
    assert with_price_effects(plan, known, forecast)["uplift_units"].tolist() == [23.457]
    unknown = known.assign(elasticity_basis="prior")
    assert with_price_effects(plan, unknown, forecast)["uplift_units"].tolist() == [7.0]
    promotion = plan.assign(activity_type="promotion")
    assert with_price_effects(promotion, known, forecast)["uplift_units"].tolist() == [7.0]
