"""History is corrected in clear cases only, always with a reason, and never overwritten."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import adjust_history, clean_history


def changed(clean: pd.DataFrame) -> pd.DataFrame:
    return clean[clean["adjustment_units"] != 0].reset_index(drop=True)


def test_a_series_runs_without_gaps_from_its_first_demand_to_the_last_closed_month(cycle, make_history):
    rows = make_history("A", [0, 0, 7, 5, 3, 4])
    rows = rows[rows.index != 3]  # the month with 5 units has no row at all
    clean = clean_history(rows, cycle)
    assert clean["raw_units"].tolist() == [7, 0, 3, 4]
    assert clean["period_start_date"].tolist() == list(pd.date_range("2025-09-01", "2025-12-01", freq="MS"))
    assert set(clean["cycle_id"]) == {"2026-01"}


def test_a_series_that_stopped_selling_goes_on_with_zeros(cycle, make_history):
    rows = make_history("A", [9, 9, 9, 9, 0, 0]).iloc[:4]
    assert clean_history(rows, cycle)["raw_units"].tolist() == [9, 9, 9, 9, 0, 0]


def test_a_series_never_in_demand_is_no_series(cycle, make_history):
    returns_only = make_history("A", [0, 0, 0], returned_units=2.0)
    assert clean_history(returns_only, cycle).empty


def test_a_one_off_order_comes_down_to_what_is_usual(cycle, make_history, seasonal):
    units = seasonal(48)
    units[30] = 2000  # ten times the level, on no more order lines than ever
    found = changed(clean_history(make_history("A", units), cycle))
    assert found["adjustment_reason"].tolist() == ["one_off_order"]
    assert found["raw_units"].tolist() == [2000]
    assert 80 < found["clean_units"].iloc[0] < 320  # between the season's trough and peak


def test_a_peak_of_many_orders_is_an_outlier_but_not_in_the_last_month(cycle, make_history, seasonal):
    units, lines = seasonal(48), np.full(48, 5)
    units[[30, 47]], lines[[30, 47]] = 2000, 40
    found = changed(clean_history(make_history("A", units, order_lines=lines), cycle))
    # the last month may be the first of a new level
    assert found["adjustment_reason"].tolist() == ["outlier"]
    assert found["period_start_date"].tolist() == [pd.Timestamp("2024-07-01")]


@pytest.mark.parametrize(
    ("months", "peaks"), [(48, [11, 23, 35, 47]), (30, [6, 18])], ids=["4_years", "2_years"]
)
def test_a_peak_that_comes_every_year_is_a_season(cycle, make_history, months, peaks):
    units = np.full(months, 100.0)
    units[peaks] = 900
    assert changed(clean_history(make_history("A", units), cycle)).empty


def test_a_new_level_is_no_outlier(cycle, make_history):
    units = np.r_[np.full(40, 100.0), np.full(8, 900.0)]
    assert changed(clean_history(make_history("A", units), cycle)).empty


def test_noise_and_season_are_left_alone(cycle, make_history, seasonal):
    rows = pd.concat([make_history(f"A{seed}", seasonal(48, noise=0.2, seed=seed)) for seed in range(20)])
    assert len(changed(clean_history(rows, cycle))) <= 1  # of 960 months


def test_rare_demand_keeps_its_zeros_and_its_ordinary_sizes(cycle, make_history):
    units = np.zeros(48)
    units[::4] = [5, 8, 6, 7, 5, 9, 6, 500, 7, 8, 5, 6]
    found = changed(clean_history(make_history("A", units, stock_out_days=10), cycle))
    assert found["raw_units"].tolist() == [500]
    assert found["clean_units"].tolist() == [6.481]  # median of the demands on the log scale: sqrt(6 * 7)


def test_a_stock_out_is_lifted_by_the_share_of_days_without_stock(cycle, make_history):
    units, days = np.full(36, 100.0), np.zeros(36)
    units[20], days[20] = 40.0, 15  # September 2024 has 30 days: half of the missing 60 units
    units[25], days[25] = 100.0, 28  # customers ordered all the same: nothing to lift
    found = changed(clean_history(make_history("A", units, stock_out_days=days), cycle))
    assert found[["raw_units", "adjustment_units", "clean_units"]].to_numpy().tolist() == [[40.0, 30.0, 70.0]]
    assert found["adjustment_reason"].tolist() == ["stock_out"]


def test_promoted_units_come_out_only_as_far_as_they_stand_above_the_baseline(cycle, make_history):
    units, promoted = np.full(36, 100.0), np.zeros(36)
    units[20], promoted[20] = 160.0, 90.0  # 60 above the baseline: only these are the promotion's
    units[25], promoted[25] = 100.0, 50.0  # no excess: no evidence of an effect
    units[30], promoted[30] = 190.0, 40.0  # never more than was promoted
    found = changed(clean_history(make_history("A", units, promoted_units=promoted), cycle))
    assert found["adjustment_units"].tolist() == [-60.0, -40.0]
    assert set(found["adjustment_reason"]) == {"promotion"}


def test_clean_is_raw_plus_adjustment_and_never_negative(cycle, make_history, seasonal):
    units = seasonal(60, noise=0.5)
    units[[10, 33]] = [3000, -5]  # a correction booked as negative demand must not survive
    clean = clean_history(make_history("A", units, stock_out_days=3), cycle)
    assert (clean["clean_units"] == (clean["raw_units"] + clean["adjustment_units"]).round(3)).all()
    assert (clean["clean_units"] >= 0).all()
    assert (clean["adjustment_reason"].notna() == (clean["adjustment_units"] != 0)).all()
    assert sorted(clean["raw_units"]) == sorted(units)


def test_row_order_does_not_matter(cycle, make_history, seasonal):
    rows = pd.concat([make_history(f"A{seed}", seasonal(40, noise=0.6, seed=seed)) for seed in range(5)])
    shuffled = rows.sample(frac=1.0, random_state=7)
    pd.testing.assert_frame_equal(clean_history(rows, cycle), clean_history(shuffled, cycle))


def test_everything_wrong_with_the_history_is_said_at_once(cycle, make_history):
    rows = pd.concat([make_history("A", [5, 5, 5]), make_history("A", [5]), make_history("B", [np.nan])])
    rows = pd.concat([rows, make_history("C", [1]).assign(period_start_date=cycle.start)])
    with pytest.raises(
        ValueError, match="(?s)2 rows, e.g. A .* repeat.*leak the future.*missing or infinite"
    ):
        clean_history(rows, cycle)


def test_no_history_gives_an_empty_table(cycle, make_history):
    clean = clean_history(make_history("A", []), cycle)
    assert clean.empty
    assert list(clean)[:2] == ["cycle_id", "item_id"]


def test_a_last_month_in_which_all_orders_break_off_is_not_taken_for_a_full_one(
    cycle, make_history, seasonal
):
    def company(last_ratio: float) -> pd.DataFrame:
        parts = []
        for seed in range(25):
            units = seasonal(48, noise=0.2, seed=seed)
            units[-1] = np.round(units[-1] * last_ratio)
            parts.append(make_history(f"A{seed}", units))
        return pd.concat(parts)

    adjusted = adjust_history(company(0.3), cycle)  # the extract ends on the 10th
    cut = adjusted.adjustments[adjusted.adjustments["reason"] == "incomplete_month"]
    assert set(cut["period_start_date"]) == {pd.Timestamp("2025-12-01")} and len(cut) == 25
    last = adjusted.clean[adjusted.clean["period_start_date"] == "2025-12-01"]
    whole = company(1.0)
    december = whole.loc[whole["period_start_date"] == "2025-12-01", "ordered_units"].sum()
    assert last["clean_units"].sum() == pytest.approx(december, rel=0.15)
    assert "incomplete_month" not in set(adjust_history(company(0.8), cycle).adjustments["reason"])
    few = company(0.3)
    few = few[few["item_id"].isin(["A1", "A2"])]  # two series may well sell little
    assert "incomplete_month" not in set(adjust_history(few, cycle).adjustments["reason"])
