"""Activities count as far as they are open, likely, and within the horizon."""

import pandas as pd
import pytest

from sop_pipeline.planning.demand import sum_activities

COLUMNS = [
    "activity_id",
    "item_id",
    "period_start_date",
    "uplift_units",
    "confidence_ratio",
    "activity_status",
]
ROWS = [
    ["promo", "A", "2026-02-01", 100.0, 0.8, "confirmed"],
    ["price", "A", "2026-02-01", -30.0, 0.5, "planned"],  # same month: 80 - 15 = 65
    ["promo", "A", "2026-03-01", 40.0, 0.8, "confirmed"],
    ["fair", "A", "2026-03-01", 999.0, 1.0, "cancelled"],
    ["fair", "A", "2026-04-01", 999.0, 1.0, "done"],
    ["promo", "A", "2025-12-01", 999.0, 1.0, "confirmed"],  # closed month
    ["promo", "A", "2027-07-01", 999.0, 1.0, "confirmed"],  # month after the last of the horizon
]


@pytest.fixture
def plans() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=COLUMNS).assign(site_id="DC1", channel_id="retail")
    return frame.assign(period_start_date=pd.to_datetime(frame["period_start_date"]))


def test_open_activities_add_up_by_confidence(plans, cycle):
    summed = sum_activities(plans, cycle)
    assert summed["period_start_date"].dt.month.tolist() == [2, 3]
    assert summed["uplift_units"].tolist() == [65.0, 32.0]
    assert summed["activity_count"].tolist() == [2, 1]


def test_confidence_is_a_share(plans, cycle):
    with pytest.raises(ValueError, match="(?s)7 rows, e.g. fair / A / DC1.*0.8 for 80 percent"):
        sum_activities(plans.assign(confidence_ratio=80.0), cycle)


def test_no_activities_give_an_empty_table(plans, cycle):
    assert sum_activities(plans.iloc[:0], cycle).empty


def test_row_order_does_not_matter(plans, cycle):
    shuffled = plans.sample(frac=1.0, random_state=2)
    pd.testing.assert_frame_equal(sum_activities(plans, cycle), sum_activities(shuffled, cycle))
