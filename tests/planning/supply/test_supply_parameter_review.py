"""The review of parameters: known answers of its statistics, and what a planner may rely on of its verdicts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.supply import review_parameters
from sop_pipeline.planning.supply.parameters.evidence import (
    Estimate,
    beyond_tolerance,
    false_discovery_adjusted,
    lot_multiple,
    ratio_of_sums,
    safety_time,
    smallest_lot,
    smallest_order,
    trimmed_mean,
    without_outliers,
)
from sop_pipeline.planning.supply.parameters.pooling import Spread, shared_spread, with_shared_spread

CYCLE_START = pd.Timestamp("2026-03-01")
LIMITS = {
    "parameter_minimum_observations": 8,
    "parameter_false_discovery_ratio": 0.05,
    "purchase_lead_time_tolerance_days": 4,
    "make_lead_time_tolerance_days": 1,
    "lane_lead_time_tolerance_days": 1,
    "yield_tolerance_ratio": 0.015,
    "run_hours_tolerance_ratio": 0.05,
    "minimum_order_exception_ratio": 0.1,
    "lot_minimum_exception_ratio": 0.6,
    "lot_multiple_exception_ratio": 0.1,
    "component_scrap_tolerance_ratio": 0.02,
    "safety_time_tolerance_days": 2,
    "safety_stock_tolerance_ratio": 0.25,
}


def parameters(**changed: float) -> pd.DataFrame:
    values = LIMITS | changed
    return pd.DataFrame(
        {
            "parameter_id": list(values),
            "scope": "company",
            "scope_id": "all",
            "parameter_value": list(values.values()),
        }
    )


def reviewed(
    cases: dict[str, tuple[str, str, float, list[tuple[float, float]]]],
    days_ago: int = 400,
    stocks: list[tuple[str, float, int]] = (),
    **changed: float,
) -> pd.DataFrame:
    """Review of objects given as name -> (parameter, object type, configured value, observations)."""
    configured = [
        {"parameter_id": what, "object_id": name, "object_type": kind, "item_id": name, "site_id": "P", "configured_value": value}
        for name, (what, kind, value, _) in cases.items()
    ]  # fmt: skip
    observations = [
        {"parameter_id": what, "object_id": name, "observation_id": f"{number:04d}",
         "observed_date": CYCLE_START - pd.Timedelta(days=days_ago + number), "numerator": top, "denominator": bottom}
        for name, (what, _, _, seen) in cases.items() for number, (top, bottom) in enumerate(seen)
    ]  # fmt: skip
    columns = ["parameter_id", "object_id", "observation_id", "observed_date", "numerator", "denominator"]
    safety = pd.DataFrame(
        [(item, "P", "service_target", units) for item, units, _ in stocks],
        columns=["item_id", "site_id", "target_basis", "safety_stock_units"],
    )
    errors = pd.DataFrame(
        [(item, "P", True, count) for item, _, count in stocks],
        columns=["item_id", "site_id", "is_champion", "origins"],
    )
    review = review_parameters(
        pd.DataFrame(configured), pd.DataFrame(observations, columns=columns), safety, errors,
        parameters(**changed), "2026-03", CYCLE_START,
    )  # fmt: skip
    return review.set_index("object_id")


def days(*values: float) -> list[tuple[float, float]]:
    return [(value, 1.0) for value in values]


def test_a_trimmed_mean_forgets_the_extreme_fifths_and_knows_its_error() -> None:
    # 10 values, 2 cut at each end: mean of 3..8; winsorised 3,3,3,4,5,6,7,8,8,8 with squares about 5.5 of 40.5
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 400])
    found = trimmed_mean(values, resolution=0.0)
    assert found.value == 5.5
    assert found.standard_error == pytest.approx(math.sqrt(42.5 / (6 * 5)))
    assert found.freedom == 5


def test_days_that_never_differ_are_known_to_a_part_of_a_day() -> None:
    found = trimmed_mean(np.full(12, 9.0), resolution=1.0)
    assert (found.value, found.standard_error) == (9.0, pytest.approx(1 / 12))


def test_a_ratio_of_sums_is_weighted_by_size() -> None:
    # 90 of 100 and 1 of 2: 91 / 102; residuals +0.784 and -0.784
    found = ratio_of_sums(np.array([90.0, 1.0]), np.array([100.0, 2.0]))
    residual = 90 - 100 * 91 / 102
    assert found.value == pytest.approx(91 / 102)
    assert found.standard_error == pytest.approx(math.sqrt(2 * 2 * residual**2) / 102)


def test_a_misplaced_decimal_point_is_kept_out() -> None:
    hours = np.array([1.0, 1.1, 0.9, 1.0, 10.0])
    assert without_outliers(hours, np.ones(5)).tolist() == [True, True, True, True, False]


def test_a_difference_within_the_tolerance_speaks_for_the_configured_value() -> None:
    t, p = beyond_tolerance(Estimate(24.0, 0.5, 30.0), 20.0, 4.0)
    assert (t, p) == (0.0, 0.5)
    assert beyond_tolerance(Estimate(23.0, 0.5, 30.0), 20.0, 4.0)[1] > 0.9
    assert beyond_tolerance(Estimate(15.0, 0.5, 30.0), 20.0, 4.0)[0] == 2.0  # too early counts like too late


def test_orders_heaped_above_the_configured_minimum_show_the_real_one() -> None:
    orders = np.array([200.0] * 9 + [230, 260, 310, 350, 400])
    found = smallest_order(orders, 100.0, 0.1)
    assert found.value == 200 and found.p_value < 0.01
    spread = np.array([201.0, 210, 222, 231, 240, 255, 261, 277, 290, 310])
    assert smallest_order(spread, 100.0, 0.1).p_value == 1.0  # nobody needed less: that is no limit
    assert smallest_order(orders, 200.0, 0.1).p_value == 1.0
    assert smallest_order(orders, 300.0, 0.1).p_value < 1e-6  # and eleven orders below a minimum deny it


def test_a_smallest_lot_that_most_orders_are_far_from_is_none() -> None:
    orders = np.array([40.0] * 18 + [100.0] * 2)
    assert smallest_lot(orders, 100.0, 0.6).p_value < 0.01
    assert smallest_lot(orders, 100.0, 0.6).value == 40
    assert smallest_lot(orders, 80.0, 0.6).p_value == 1.0  # half of it is reached
    assert smallest_lot(orders * 100, 100.0, 0.6).p_value == 1.0  # larger lots do not contradict it


def test_lots_are_multiples_of_what_all_but_a_few_are_multiples_of() -> None:
    of_twelve = np.array([12.0, 24, 36, 48, 60, 72, 84, 96, 108, 130])
    found = lot_multiple(of_twelve, 10.0, 0.1)
    assert found.value == 12 and found.exceptions == 8 and found.p_value < 1e-4
    assert lot_multiple(of_twelve[:9], 12.0, 0.1).p_value == 1.0
    of_fifty = np.array([50.0, 100, 150, 200, 250, 300, 350, 400])
    assert lot_multiple(of_fifty, 10.0, 0.1).value == 50
    assert lot_multiple(of_fifty, 10.0, 0.1).p_value < 0.01  # each is a multiple of 50 by chance once in five
    assert lot_multiple(np.full(30, 50.0), 10.0, 0.1).p_value > 0.2  # the same lot every time says little


def test_a_safety_time_covers_nineteen_of_twenty_deliveries() -> None:
    late = np.array([0.0] * 30 + [6.0] * 8 + [20.0] * 2)
    found = safety_time(late, 0.0, 2.0)
    assert (found.value, found.exceptions) == (6.0, 10) and found.p_value < 0.001  # two of forty may be late
    assert safety_time(late, 6.0, 2.0).p_value > 0.5
    assert safety_time(-np.ones(100), 0.0, 2.0).p_value == 1.0  # there is nothing shorter than none
    early = safety_time(
        -np.ones(100), 9.0, 2.0
    )  # a hundred in time, where five would be late by the eighth day
    assert early.value == 0.0 and early.p_value == pytest.approx(2 * 0.95**100)


def test_the_spread_that_a_kind_shares_is_found_again() -> None:
    draw = np.random.default_rng(7)
    freedoms = np.full(4000, 7.0)
    true = 4.0 * 10.0 / draw.chisquare(10.0, 4000)  # around 4, worth 10 documents
    found = shared_spread(true * draw.chisquare(freedoms) / freedoms, freedoms)
    assert found is not None
    assert found.variance == pytest.approx(4.0, rel=0.05) and found.freedom == pytest.approx(10.0, rel=0.15)
    alike = shared_spread(draw.chisquare(7.0, 4000) / 7.0, freedoms)
    assert alike is not None and alike.freedom > 100
    assert shared_spread(np.ones(7), np.ones(7)) is None  # seven parameters tell nothing of their kind


def test_few_documents_weigh_their_own_spread_by_how_many_they_are() -> None:
    # own variance (0.2 / 0.1)^2 = 4 with 2, the kind's 1 with 10: 18 / 12
    found = with_shared_spread(Estimate(5.0, 0.2, 2.0), 0.1, Spread(1.0, 10.0))
    assert found == Estimate(5.0, pytest.approx(0.1 * math.sqrt(1.5)), 12.0)


def test_three_documents_are_proof_where_the_kind_hardly_scatters() -> None:
    draw = np.random.default_rng(3)
    usual = {
        f"part {number}": ("lead_time_days", "buy", 20.0, days(*(20.0 + 0.8 * draw.standard_normal(12))))
        for number in range(30)
    }
    new = {
        "late": ("lead_time_days", "buy", 20.0, days(29.0, 30.0, 31.0)),
        "near": ("lead_time_days", "buy", 20.0, days(23.0, 24.0, 25.0)),
        "one lorry": ("lead_time_days", "buy", 20.0, days(20.0, 20.0, 44.0)),
    }
    review = reviewed(usual | new, parameter_minimum_observations=3)
    assert review.loc[list(new), "verdict"].tolist() == ["wrong", "right", "right"]
    alone = reviewed(new, parameter_minimum_observations=3)  # nothing known of the kind: three prove less
    assert alone.loc["late", "p_value"] > 10 * review.loc["late", "p_value"]


def test_a_lead_time_of_no_days_is_measured_like_any_other() -> None:
    cases = {f"part {number}": ("lead_time_days", "make", 0.0, days(*[0.0, 1.0] * 6)) for number in range(9)}
    late = {"late": ("lead_time_days", "make", 0.0, days(9.0, 9.0, 10.0))}
    review = reviewed(cases | late, parameter_minimum_observations=3)
    assert review.pop("verdict").to_dict() == dict.fromkeys(cases, "right") | {"late": "wrong"}


def test_scrap_of_a_component_is_what_no_bill_calls_for() -> None:
    taken = [(5.0 + off, 100.0) for off in (-1.0, 0, 1, 0, -1, 1, 0, 0, 1, -1)]
    frugal = [(-off, 100.0) for off, _ in taken]
    review = reviewed({
        "frugal": ("component_scrap_ratio", "component", 0.0, frugal),  # the bill calls for too much: no scrap of it
        "spilled": ("component_scrap_ratio", "component", 0.0, taken),
        "known": ("component_scrap_ratio", "component", 0.04, taken),
    })  # fmt: skip
    assert review["verdict"].to_dict() == {"frugal": "right", "spilled": "wrong", "known": "right"}
    assert review.loc["spilled", "proposed_value"] == 0.05


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg() -> None:
    found = false_discovery_adjusted(np.array([0.01, 0.04, 0.03, 0.9]))
    assert found.tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.9])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_keeps_the_order_and_never_finds_more(p_values: list[float]) -> None:
    p = np.array(p_values)
    adjusted = false_discovery_adjusted(p)
    assert (adjusted >= p - 1e-12).all() and (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all()


def test_each_kind_gets_its_verdict_and_a_value_that_people_would_enter() -> None:
    spread = [-1.0, 0, 1, 0, -1, 1, 0, 0, 1, -1]
    review = reviewed(
        {
            "late": ("lead_time_days", "buy", 20, days(*(33.4 + off for off in spread))),
            "early": ("lead_time_days", "buy", 20, days(*(17.4 + off for off in spread))),
            "waste": ("yield_ratio", "make", 0.98, [(900.0 + 5 * off, 1000.0) for off in spread]),
            "slow": ("run_hours_per_unit", "operation", 0.05, [(5.91 + off / 50, 100.0) for off in spread]),
            "paced": ("run_hours_per_unit", "operation", 0.05, [(5.11 + off / 50, 100.0) for off in spread]),
        }
    )
    assert review["verdict"].to_dict() == {
        "late": "wrong", "early": "right", "waste": "wrong", "slow": "wrong", "paced": "right",
    }  # fmt: skip
    assert review.loc["late", "proposed_value"] == 33
    assert review.loc["waste", "proposed_value"] == 0.9
    assert review.loc["slow", "proposed_value"] == 0.0591
    assert review.loc[["early", "paced"], "proposed_value"].isna().all()
    assert review.loc["early", "delta_value"] == pytest.approx(-2.6)


def test_without_enough_documents_there_is_no_verdict_and_no_proposal() -> None:
    cases = {
        "new": ("lead_time_days", "buy", 20, days(*[60.0] * 7)),
        "none": ("lead_time_days", "buy", 20, []),
    }
    review = reviewed(cases)
    assert set(review["verdict"]) == {"too_few_observations"}
    assert review["proposed_value"].isna().all() and review["observation_count"].to_dict() == {
        "new": 7,
        "none": 0,
    }
    assert reviewed(cases, parameter_minimum_observations=7).loc["new", "verdict"] == "wrong"


def test_of_orders_placed_lately_the_fast_ones_alone_do_not_count() -> None:
    usual = [(40.0, 1.0)] * 10
    lately = {"part": ("lead_time_days", "buy", 20, usual)}
    assert reviewed(lately, days_ago=30).loc["part", "observation_count"] == 0
    assert reviewed(lately, days_ago=40).loc["part", "verdict"] == "wrong"


def test_a_yield_of_few_units_is_not_wrong_by_the_luck_of_no_scrap() -> None:
    review = reviewed({"few": ("yield_ratio", "make", 0.97, [(3.0, 3.0)] * 10), "many": ("yield_ratio", "make", 0.97, [(300.0, 300.0)] * 10)})  # fmt: skip
    assert review["verdict"].to_dict() == {"few": "right", "many": "wrong"}


def test_a_safety_stock_is_held_against_what_the_service_target_takes() -> None:
    cases = {name: ("safety_stock_units", "item_site", 100, []) for name in ("far", "near", "unknown")}
    review = reviewed(cases, stocks=[("far", 400.0, 40), ("near", 110.0, 40)])
    assert review["verdict"].to_dict() == {"far": "wrong", "near": "right", "unknown": "too_few_observations"}
    assert review.loc["far", "proposed_value"] == 400


def test_among_many_right_ones_hardly_any_is_called_wrong_by_chance() -> None:
    draw = np.random.default_rng(1)
    cases = {
        f"part {number}": ("lead_time_days", "buy", 20.0, days(*(24.0 + 3.0 * draw.standard_normal(12))))
        for number in range(300)
    }  # each lies on the very edge of its tolerance
    review = reviewed(cases)
    assert (review["p_value"] <= 0.05).sum() > 8  # one at a time some twenty would be
    assert (review["verdict"] == "wrong").sum() <= 1


def test_the_review_does_not_depend_on_the_order_of_rows() -> None:
    cases = {"late": ("lead_time_days", "buy", 20.0, days(*range(30, 45)))}
    one = reviewed(cases)
    other = reviewed({"late": ("lead_time_days", "buy", 20.0, days(*range(44, 29, -1)))})
    pd.testing.assert_frame_equal(one, other)
