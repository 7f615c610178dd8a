"""What the ERP announces counts as much as such activities did before, else as declared; a planner's own plan goes first."""

import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import measure_activities, sum_activities, with_announced

CYCLE = Cycle("2026-01", 12)
PLANS = pd.DataFrame(
    columns=[
        "activity_id", "item_id", "site_id", "channel_id", "period_start_date", "uplift_units", "confidence_ratio",
        "activity_status",
    ]
)  # fmt: skip
PARAMETERS = pd.DataFrame(
    {"parameter_id": ["activity_uplift_ratio"], "scope": ["company"], "parameter_value": [0.1]}
)


def history_of(item_id: str, units: list[float]) -> pd.DataFrame:
    """Twelve closed months up to December."""
    months = pd.date_range(end="2025-12-01", periods=len(units), freq="MS")
    return pd.DataFrame(
        {
            "item_id": item_id,
            "site_id": "P",
            "channel_id": "web",
            "period_start_date": months,
            "raw_units": units,
        }
    )


def activity(
    activity_id: str, item_id: str, month: str, activity_type: str = "promotion", active_ratio: float = 1.0
):
    return pd.DataFrame(
        {
            "activity_id": [activity_id],
            "item_id": item_id,
            "site_id": "P",
            "channel_id": "web",
            "period_start_date": pd.Timestamp(f"{month}-01"),
            "activity_type": activity_type,
            "active_ratio": active_ratio,
        }
    )


def statistical_of(*item_ids: str) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "item_id": item,
                "site_id": "P",
                "channel_id": "web",
                "period_start_date": CYCLE.periods,
                "forecast_units": 200.0,
            }
        )
        for item in item_ids
    ]
    return pd.concat(frames, ignore_index=True)


SIX = [f"I{number}" for number in range(6)]
PAST = pd.concat([activity("OLD", item, "2025-09") for item in SIX])
# 100 a month, 150 in September under the offer: half as much again
HISTORY = pd.concat([history_of(item, [100.0] * 8 + [150.0] + [100.0] * 3) for item in SIX])


def measured(
    activities: pd.DataFrame, history: pd.DataFrame = HISTORY, plans: pd.DataFrame = PLANS
) -> pd.DataFrame:
    return measure_activities(activities, history, statistical_of(*SIX), plans, PARAMETERS, CYCLE)


def test_the_effect_is_that_of_past_activities_of_the_type() -> None:
    effects = measured(pd.concat([PAST, activity("NEW", "I0", "2026-02", active_ratio=0.5)]))
    row = effects.iloc[0]
    assert (row["activity_id"], row["effect_basis"], row["evidence_months"]) == ("NEW", "measured_type", 6)
    assert row["effect_ratio"] == pytest.approx(0.5)
    assert row["uplift_units"] == pytest.approx(200.0 * 0.5 * 0.5)
    summed = sum_activities(with_announced(PLANS, effects), CYCLE)
    assert summed["uplift_units"].tolist() == [50.0]


def test_a_type_that_is_new_takes_the_effect_of_all_in_the_channel() -> None:
    effects = measured(pd.concat([PAST, activity("NEW", "I0", "2026-02", "phase_out")]))
    assert effects["effect_basis"].tolist() == ["measured_channel"]
    assert effects["effect_ratio"].tolist() == [0.5]


def test_where_the_past_cannot_say_the_effect_is_declared() -> None:
    few = PAST[PAST["item_id"].isin(SIX[:5])]
    effects = measured(pd.concat([few, activity("NEW", "I0", "2026-02")]))
    assert effects["effect_basis"].tolist() == ["declared"]
    assert effects["uplift_units"].tolist() == [20.0]


def test_an_item_without_plain_months_around_the_offer_is_no_evidence() -> None:
    always = pd.concat([activity("OLD", item, f"2025-{month:02d}") for item in SIX for month in range(1, 13)])
    effects = measured(pd.concat([always, activity("NEW", "I0", "2026-02")]))
    assert effects["effect_basis"].tolist() == ["declared"]


def test_what_a_planner_has_planned_goes_before_what_was_measured() -> None:
    plan = activity("NEW", "I0", "2026-02").assign(
        uplift_units=7.0, confidence_ratio=1.0, activity_status="confirmed"
    )[PLANS.columns]
    effects = measured(pd.concat([PAST, activity("NEW", "I0", "2026-02")]), plans=plan)
    assert effects["effect_basis"].tolist() == ["planned"]
    assert sum_activities(with_announced(plan, effects), CYCLE)["uplift_units"].tolist() == [7.0]


def test_without_announcements_nothing_changes() -> None:
    assert measured(PAST.iloc[:0]).empty
    assert with_announced(PLANS, measured(PAST.iloc[:0])).empty


def test_an_undeclared_effect_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ValueError, match="has 0 rows for activity_uplift_ratio"):
        measure_activities(PAST, HISTORY, statistical_of("I0"), PLANS, PARAMETERS.iloc[:0], CYCLE)
