"""The unconstrained forecast is the sum of its layers, to the last digit, in every series and month."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import compose_forecast, stack_layers

CYCLE = Cycle("2026-01", 12)
KEYS = ["item_id", "site_id", "channel_id", "period_start_date"]
LAYERS = ["statistical_units", "launch_units", "activity_units", "override_units"]


def months(item_id: str, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"item_id": item_id, "site_id": "DC1", "channel_id": "retail", "period_start_date": CYCLE.periods}
    )
    return frame.assign(**columns)


def statistical_of(item_id: str, units: object, width: float = 5.0) -> pd.DataFrame:
    units = np.broadcast_to(np.asarray(units, dtype=float), 12)
    low, high = np.maximum(units - width, 0).round(3), (units + width).round(3)
    bounds = {"lower_80_units": low, "upper_80_units": high, "lower_95_units": low, "upper_95_units": high}
    return months(item_id, forecast_units=units, **bounds)


def launches_of(item_id: str, units: object, replaced: object) -> pd.DataFrame:
    return months(item_id, launch_units=units, replaced_statistical_units=replaced)


def effects_of(item_id: str, units: object, override_id: str = "O1") -> pd.DataFrame:
    return months(item_id, override_id=override_id, override_units=units)


NO_LAUNCHES, NO_ACTIVITIES = launches_of("A", 0.0, 0.0).iloc[:0], months("A", uplift_units=0.0).iloc[:0]
NO_EFFECTS = effects_of("A", 0.0).iloc[:0]


def composed(statistical, launches=NO_LAUNCHES, activities=NO_ACTIVITIES, effects=NO_EFFECTS) -> pd.DataFrame:
    return compose_forecast(stack_layers(statistical, launches, activities, CYCLE), effects, CYCLE)


def test_layers_add_up():
    plan = composed(
        statistical_of("A", 100.0),
        launches_of("A", 60.0, 40.0),  # adds 60 and replaces 40: +20
        months("A", uplift_units=15.5),
        effects_of("A", -10.25),
    )
    assert plan.loc[0, LAYERS].tolist() == [100.0, 20.0, 15.5, -10.25]
    assert set(plan["forecast_units"]) == {125.25}
    assert set(plan["lower_80_units"]) == {120.25}  # the interval moves with the sum
    assert set(plan["forecast_state"]) == {"unconstrained_draft"}


def test_every_series_of_any_layer_has_every_month():
    launch, activity = launches_of("B", 7.0, 0.0).iloc[3:], months("C", uplift_units=2.0).iloc[[5]]
    plan = composed(statistical_of("A", 1.0), launch, activity)
    assert plan.groupby("item_id").size().to_dict() == {"A": 12, "B": 12, "C": 12}
    assert plan.groupby("item_id")["forecast_units"].sum().to_dict() == {"A": 12.0, "B": 63.0, "C": 2.0}
    assert plan.notna().all(axis=None)


def test_an_activity_or_override_cannot_take_more_than_there_is():
    plan = composed(
        statistical_of("A", 10.0), activities=months("A", uplift_units=-8.0), effects=effects_of("A", -5.0)
    )
    assert plan.loc[0, LAYERS].tolist() == [10.0, 0.0, -8.0, -2.0]
    plan = composed(statistical_of("A", 10.0), activities=months("A", uplift_units=-80.0))
    assert plan.loc[0, LAYERS].tolist() == [10.0, 0.0, -10.0, 0.0]
    assert (plan["forecast_units"] == 0).all()


thousandths = st.integers(min_value=-(10**9), max_value=10**9).map(lambda number: number / 1000)
positive = st.integers(min_value=0, max_value=10**9).map(lambda number: number / 1000)


@settings(max_examples=40, deadline=None)
@given(
    statistical=positive, launch=positive, share=st.floats(0, 1), activity=thousandths, override=thousandths
)
def test_the_sum_is_exact_and_never_negative(statistical, launch, share, activity, override):
    plan = composed(
        statistical_of("A", statistical),
        launches_of("A", launch, round(share * statistical, 3)),
        months("A", uplift_units=activity),
        effects_of("A", override),
    )
    whole = (plan[[*LAYERS, "forecast_units"]] * 1000).round().astype("int64")
    assert (whole[LAYERS].sum(axis=1) == whole["forecast_units"]).all()
    assert (plan["forecast_units"] >= 0).all()
    for level in ("80", "95"):
        assert (plan[f"lower_{level}_units"] <= plan["forecast_units"]).all()
        assert (plan["forecast_units"] <= plan[f"upper_{level}_units"]).all()


def test_layers_of_another_horizon_are_refused():
    late = statistical_of("A", 1.0).assign(period_start_date=CYCLE.periods + pd.DateOffset(months=6))
    with pytest.raises(ValueError, match="statistical_forecasts: 6 rows.*outside the horizon"):
        composed(late)
    with pytest.raises(ValueError, match="repeat a series and month"):
        composed(pd.concat([statistical_of("A", 1.0)] * 2))


def test_an_effect_on_what_is_not_forecast_is_refused():
    with pytest.raises(ValueError, match="12 rows, e.g. B"):
        composed(statistical_of("A", 1.0), effects=effects_of("B", 1.0))


def test_row_order_does_not_matter():
    statistical = pd.concat([statistical_of("A", 3.3), statistical_of("B", 4.4)])
    effects = pd.concat([effects_of("A", 0.1, "O2"), effects_of("A", 0.2, "O1")])
    shuffled = (frame.sample(frac=1.0, random_state=4) for frame in (statistical, effects))
    first, (statistical_2, effects_2) = composed(statistical, effects=effects), shuffled
    pd.testing.assert_frame_equal(first, composed(statistical_2, effects=effects_2))
