"""What the estimators of demand find of what the simulator hid: uplifts, stock-out losses, biased submitters.

Companies of 20 seeds (the demand part only), with noise of CV 0.3 and activities that overlap season and empty
shelves; medians over seeds beside their targets. Add here: another hidden thing with its target. Keep out: estimators
(planning.demand), what is hidden (sources.demo.trial).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.history import adjust_history
from sop_pipeline.planning.demand.submitters import SalesPolicy, measure_submitters
from sop_pipeline.sources.demo.trial import Trial, TrialSales, TrialTerms, build_trial, true_biases

TARGET_RATIO = 0.15
CYCLE = Cycle("2026-01", 18)
TERMS = {
    "shelves empty by chance, three times as often under an activity": TrialTerms(),
    "shelves empty the sooner the higher demand is": TrialTerms(stock_out_after_demand=1.0),
    "every activity in the peak of its season": TrialTerms(in_season_ratio=1.0),
    "half the noise": TrialTerms(noise_ratio=0.15),
}
POLICY = SalesPolicy(prior_weight_ratio=0.25, due_days=5, conflict_minimum_ratio=0.15)


@dataclass(frozen=True)
class Score:
    """Found over hidden, less 1; and whether the submitter of the largest bias is ranked last."""

    uplift_error_ratio: float
    loss_error_ratio: float
    is_biased_last: bool


def history_of(trial: Trial) -> pd.DataFrame:
    """The trial as table `core.fct_demand_history`, months without order and with stock left out."""
    months = pd.date_range("2022-01-01", periods=int(trial.month.max()) + 1, freq="MS")
    frame = pd.DataFrame(
        {
            "item_id": trial.item,
            "site_id": trial.site,
            "channel_id": trial.channel,
            "period_start_date": months[trial.month],
            "ordered_units": trial.ordered_units.astype(float),
            "returned_units": 0.0,
            "cancelled_units": 0.0,
            "promoted_units": trial.promoted_units.astype(float),
            "revenue": trial.ordered_units * 10.0,
            "order_lines": trial.order_lines,
            "stock_out_days": trial.stock_out_days,
            "activity_id": trial.activity_id,
        }
    )
    return frame[(frame["ordered_units"] > 0) | (frame["stock_out_days"] > 0)].reset_index(drop=True)


def results_of(sales: TrialSales) -> pd.DataFrame:
    """The submissions as table `core.fct_sales_forecast_results`."""
    months = pd.date_range("2022-01-01", periods=int(sales.month.max()) + 1, freq="MS")
    return pd.DataFrame(
        {
            "submitter": sales.submitter,
            "level": "item",
            "customer_group": "KEY-ACCOUNT",
            "item_id": sales.item,
            "site_id": sales.site,
            "channel_id": "trade",
            "period_start_date": months[sales.month],
            "forecast_units": sales.forecast_units.astype(float),
            "base_units": np.nan,
            "actual_units": sales.actual_units.astype(float),
        }
    )


def score(seed: int, terms: TrialTerms) -> Score:
    """What is found of one company."""
    trial, sales = build_trial(seed, terms)
    items = pd.DataFrame({"item_id": trial.item, "family_id": trial.family}).drop_duplicates()
    adjustments = adjust_history(history_of(trial), CYCLE, items).adjustments
    found = adjustments.groupby("reason")["adjustment_units"].sum()
    submitters = measure_submitters(
        results_of(sales), pd.DataFrame(columns=["submitter", "level"]), POLICY, CYCLE
    )
    ranks = submitters.set_index("submitter")["bias_rank"]
    biases = true_biases()
    return Score(
        uplift_error_ratio=-found.get("promotion", 0.0) / trial.truth_uplift_units.sum() - 1.0,
        loss_error_ratio=found.get("stock_out", 0.0) / trial.truth_lost_units.sum() - 1.0,
        is_biased_last=ranks.idxmax() == max(biases, key=lambda who: abs(np.log(biases[who]))),
    )


def main() -> None:
    """Print the medians over seeds beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=TrialTerms().scale)
    options = parser.parse_args()
    for words, terms in TERMS.items():
        started = time.process_time()
        scores = [score(seed, replace(terms, scale=options.scale)) for seed in range(1, options.seeds + 1)]
        spent = time.process_time() - started
        print(f"\n{options.seeds} companies at scale {options.scale}, {words} ({spent:.1f} s of CPU)")
        for name in ("uplift_error_ratio", "loss_error_ratio"):
            errors = np.array([getattr(found, name) for found in scores])
            low, middle, high = np.quantile(errors, [0.1, 0.5, 0.9])
            print(
                f"  {name:19} median {middle:+.3f}, of |error| {np.median(np.abs(errors)):.3f} (to reach: "
                f"{TARGET_RATIO}); 8 of 10 companies {low:+.3f} to {high:+.3f}"
            )
        last = sum(found.is_biased_last for found in scores)
        print(f"  most biased submitter ranked last in {last} of {len(scores)}")


if __name__ == "__main__":
    main()
