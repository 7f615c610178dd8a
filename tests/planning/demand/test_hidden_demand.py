"""What the simulator hid is found again: uplifts, losses of empty shelves, the submitter that is biased most."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import adjust_history
from sop_pipeline.sources.demo.trial import TrialTerms, build_trial

BENCH = Path(__file__).parents[3] / "bench" / "demand_truth.py"
SEEDS = range(1, 8)


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """`bench/demand_truth.py`, which prints the same for 20 companies."""
    spec = importlib.util.spec_from_file_location("demand_truth", BENCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demand_truth"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_uplifts_losses_and_the_biased_submitter_are_found_under_noise(bench: ModuleType) -> None:
    scores = [bench.score(seed, TrialTerms(noise_ratio=0.30)) for seed in SEEDS]
    assert abs(np.median([found.uplift_error_ratio for found in scores])) < 0.15
    assert np.median([abs(found.uplift_error_ratio) for found in scores]) < 0.15
    assert abs(np.median([found.loss_error_ratio for found in scores])) < 0.15
    assert np.mean([found.is_biased_last for found in scores]) > 0.5


def test_a_trial_is_hard_where_its_terms_say_so() -> None:
    trial, _ = build_trial(3, TrialTerms())
    lifted = np.array([name is not None for name in trial.activity_id])
    empty = trial.stock_out_days > 0
    assert empty[lifted].mean() > 1.5 * empty[~lifted].mean()
    assert (trial.truth_lost_units[np.array(trial.channel) == "trade"] == 0).all()
    wanted = trial.ordered_units + trial.truth_lost_units
    mean = trial.truth_baseline_units + trial.truth_uplift_units
    calm = (mean > 50) & ~np.roll(lifted, 1)  # a month after an activity is in a dip
    assert np.std(wanted[calm] / mean[calm]) == pytest.approx(0.30, abs=0.02)


def test_the_season_is_not_taken_for_the_uplift_of_those_always_promoted_in_it(cycle, make_history) -> None:
    # four kin at 100 a month and 300 in June; one of them is promoted every June by half as much again
    units = np.full(48, 100.0)
    units[5::12] = 300.0
    promoted = units.copy()
    promoted[5::12] = 450.0
    rows = pd.concat([make_history(f"I{n}", units) for n in range(3)])
    one = make_history("P", promoted, promoted_units=np.where(promoted == 450.0, 400.0, 0.0))
    one["activity_id"] = [f"JUNE-{n}" if units_ == 450.0 else None for n, units_ in enumerate(promoted)]
    items = pd.DataFrame({"item_id": ["I0", "I1", "I2", "P"], "family_id": "FANS"})
    found = adjust_history(pd.concat([rows, one]), cycle, items).adjustments
    assert set(found["reason"]) == {"promotion"}
    assert found["effect_ratio"].tolist() == pytest.approx([0.5] * 4, abs=0.05)


def test_a_promotion_that_empties_the_shelf_shows_in_two_rows(cycle, make_history) -> None:
    """Usual 100; promotions bring half as much again, seen where stock held; two months lost half of the 150."""
    rows = []
    for number in range(30):
        units, promoted, days = np.full(48, 100.0), np.zeros(48), np.zeros(48)
        ids = np.full(48, None, dtype=object)
        for month, sold, without_stock in ((10, 150.0, 0), (22, 150.0, 0), (30, 75.0, 15), (40, 50.0, 15)):
            units[month], days[month] = sold, without_stock
            if month != 40:  # month 40 is an empty shelf without an activity
                promoted[month], ids[month] = sold, f"A{month}"
        rows.append(
            make_history(f"I{number}", units, promoted_units=promoted, stock_out_days=days, activity_id=ids)
        )
    adjusted = adjust_history(pd.concat(rows), cycle)
    both = adjusted.adjustments[adjusted.adjustments["activity_id"] == "A30"]
    month = adjusted.adjustments["period_start_date"].isin(both["period_start_date"])
    by_reason = adjusted.adjustments[month].groupby("reason")["adjustment_units"].mean()
    assert by_reason["promotion"] == pytest.approx(-50.0, abs=8.0)
    assert by_reason["stock_out"] == pytest.approx(75.0, abs=8.0)
    clean = adjusted.clean
    assert clean.loc[clean["raw_units"] != 100.0, "clean_units"].mean() == pytest.approx(100.0, abs=3.0)


def test_adjustments_add_up_to_the_clean_history(cycle, make_history, seasonal) -> None:
    rows = pd.concat(
        [
            make_history(
                f"I{seed}",
                seasonal(48, noise=0.5, seed=seed),
                stock_out_days=np.where(np.arange(48) % 5 == 0, 15, 0),
                promoted_units=np.where(np.arange(48) % 7 == 0, 120.0, 0.0),
            )
            for seed in range(12)
        ]
    )
    adjusted = adjust_history(rows, cycle)
    keys = ["item_id", "site_id", "channel_id", "period_start_date"]
    summed = adjusted.adjustments.groupby(keys)["adjustment_units"].sum().round(3)
    stated = adjusted.clean.set_index(keys)["adjustment_units"]
    assert (stated[stated != 0] == summed.reindex(stated[stated != 0].index)).all()
    assert (adjusted.clean["clean_units"] >= 0).all() and len(summed) > 20
