"""Classes on series small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import classify_demand, clean_history


@pytest.fixture
def classify(cycle, make_items):
    def run(history: pd.DataFrame, **item_columns: object) -> pd.DataFrame:
        items = make_items(*sorted(history["item_id"].unique()), **item_columns)
        return classify_demand(clean_history(history, cycle), items, history, cycle).set_index("item_id")

    return run


def test_the_four_kinds_of_demand(classify, make_history):
    found = classify(
        pd.concat(
            [
                make_history("smooth", [10, 12] * 12),
                # every month; sizes 2 and 30: mean 16, sample variance 196 * 24/23 -> CV2 0.80
                make_history("erratic", [2, 30] * 12),
                make_history("intermittent", [10, 0] * 12),  # every second month: interval 2
                # The one-off rule leaves these alone: 20 is less than four times the median of 11.
                make_history("lumpy", [2, 0, 20, 0] * 6),  # mean 11, sample variance 81 * 12/11 -> CV2 0.73
            ]
        )
    )
    assert {item: found.loc[item, "demand_class"] for item in found.index} == {
        item: item for item in ("smooth", "erratic", "intermittent", "lumpy")
    }
    assert found.loc["intermittent", "average_interval_months"] == 2.0
    assert found.loc["erratic", "squared_variation"] == pytest.approx(196 * 24 / 23 / 256, abs=1e-6)
    assert found.loc["lumpy", "squared_variation"] == pytest.approx(81 * 12 / 11 / 121, abs=1e-6)


def test_new_and_inactive(classify, make_history):
    history = pd.concat(
        [
            make_history("new", [4, 5, 6, 7, 8]),  # five months since its first demand
            make_history("old", [4, 5, 6, 7, 8, 9]),
            make_history("silent", [9] * 12 + [0] * 12),  # nothing for twelve months
            make_history("ended", [9] * 24),  # off sale on the last day before the cycle
        ]
    )
    ends = [pd.Timestamp("2025-12-31"), pd.NaT, pd.NaT, pd.NaT]  # ended, new, old, silent
    found = classify(history, end_date=ends)
    assert found["demand_class"].to_dict() == {
        "ended": "inactive",
        "new": "new",
        "old": "smooth",
        "silent": "inactive",
    }
    assert found.loc["new", "history_months"] == 5


def test_abc_by_revenue_of_the_last_12_months(classify, make_history):
    # Revenue 10 a unit over 12 months: 600, 250, 100, 50 of 1000 units in sum; shares before each: 0, 60, 85, 95 %.
    # The second begins below 80 % and is A although it ends at 85; the fourth begins at 95 and is C.
    units = {"first": 600, "second": 250, "third": 100, "fourth": 50, "past": 0}
    rows = [
        make_history(item, [9999] * 3 + [total / 12] * 12) for item, total in units.items()
    ]  # older years are out
    found = classify(pd.concat(rows))
    assert found["abc_class"].to_dict() == {
        "first": "A",
        "second": "A",
        "third": "B",
        "fourth": "C",
        "past": "C",
    }
    assert found.loc["third", "revenue_last_12_months"] == pytest.approx(1000.0)


def test_abc_by_margin_where_costs_are_known(cycle, make_history, make_items):
    # Revenue 10 a unit. Margins: dear 600 * (10 - 9) = 600, cheap 250 * (10 - 2) = 2000, loss 100 * (10 - 12) < 0.
    # A series without a cost takes the usual share of revenue: (600 + 2000 - 200) / 9500 of 500, so 126.
    units = {"dear": 600, "cheap": 250, "loss": 100, "unknown": 50}
    history = pd.concat([make_history(item, [total / 12] * 12) for item, total in units.items()])
    economics = pd.DataFrame(
        {"item_id": list(units), "site_id": "DC1", "channel_id": "retail", "unit_cost": [9.0, 2.0, 12.0, 0.0]}
    )
    items = make_items(*sorted(units))
    found = classify_demand(clean_history(history, cycle), items, history, cycle, economics)
    found = found.set_index("item_id")
    assert found["abc_class"].to_dict() == {"cheap": "A", "dear": "A", "unknown": "C", "loss": "C"}
    assert set(found["abc_basis"]) == {"margin"}
    assert found.loc["loss", "margin_last_12_months"] == pytest.approx(-200.0)
    assert np.isnan(found.loc["unknown", "margin_last_12_months"])


def test_stages_of_life(classify, make_history):
    year = [10, 12, 9, 11, 10, 13, 8, 10, 12, 9, 11, 10]
    histories = {
        "launch": year[:8],
        "growth": [*year, *(2 * np.array(year))],
        "mature": [*year, *year[::-1]],
        "decline": [*year, *(0.5 * np.array(year))],
        "phase_out": year * 2,
        "dead": [*year, *[0] * 12],
        "gone": year * 2,
        "one_big_month": [*year, *year[:11], 100],  # 1.7 times last year in sum, and 1 month of 12 above it
        "one_year": year,
    }
    rows = pd.concat([make_history(item, units) for item, units in histories.items()])
    ends = {"phase_out": pd.Timestamp("2026-09-30"), "gone": pd.Timestamp("2025-12-31")}
    found = classify(rows, end_date=[ends.get(item, pd.NaT) for item in sorted(histories)])
    assert found["life_cycle_stage"].to_dict() == {
        **{stage: stage for stage in ("launch", "growth", "mature", "decline", "phase_out", "dead")},
        "gone": "dead",
        "one_big_month": "mature",
        "one_year": "mature",
    }
    assert found["stage_reason"].to_dict() == {
        "launch": "under_12_months",
        "growth": "above_last_year",
        "mature": "as_last_year",
        "decline": "below_last_year",
        "phase_out": "end_of_sale_set",
        "dead": "no_demand_12_months",
        "gone": "end_of_sale",
        "one_big_month": "as_last_year",
        "one_year": "no_year_to_compare",
    }
    assert found.loc["growth", "growth_ratio"] == 2.0
    assert found["forecast_route"].to_dict() == {
        **dict.fromkeys(histories, "regular"),
        "launch": "recent_average",
        "dead": "zero",
        "gone": "zero",
    }


def test_xyz_by_variation(classify, make_history):
    # coefficients of variation: 0; 6/10 = 0.6; one month of twelve: sqrt(11) = 3.3
    history = [
        make_history("X", [10] * 12),
        make_history("Y", [4, 16] * 6),
        make_history("Z", [5] + [0] * 11),
    ]
    assert classify(pd.concat(history))["xyz_class"].to_dict() == {"X": "X", "Y": "Y", "Z": "Z"}


def test_an_item_without_master_data_is_named(cycle, make_history, make_items):
    history = make_history("ghost", [1, 2, 3])
    with pytest.raises(ValueError, match="dim_items lacks items.*ghost"):
        classify_demand(clean_history(history, cycle), make_items("A"), history, cycle)


def test_row_order_does_not_matter(classify, make_history):
    draw = np.random.default_rng(3)
    history = pd.concat([make_history(f"I{number}", draw.poisson(number, 24)) for number in range(1, 9)])
    pd.testing.assert_frame_equal(classify(history), classify(history.sample(frac=1.0, random_state=1)))
