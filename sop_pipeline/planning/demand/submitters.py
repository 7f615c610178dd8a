"""How good each submitter of sales' forecasts has been: bias, error, and the weight that follows.

Bias is the ratio of all that was forecast to all that was ordered, over the forecasts of closed months that were made
before these were known. On its logarithm a normal prior says that people are not biased, give or take
PRIOR_BIAS_SIGMA; a short record therefore moves little. The weight is that of Bates and Granger (1969, *The combination
of forecasts*): inverse error variances of the corrected forecast and of what the layers below said of the same account
at the time, net of the error that both share; where there is no record it is the declared parameter
`sales_forecast_prior_weight_ratio`, and that is worth PRIOR_WEIGHT_COUNT account-months beside the measured one.
Add here: another measure of a submitter. Keep out: what his forecast changes (`sales`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import SERIES, FloatArray

PRIOR_BIAS_SIGMA = 0.20  # of the log ratio: most people are within a fifth of what happens
PRIOR_WEIGHT_COUNT = 24.0
TYPICAL_ACCOUNTS = 8  # with fewer, the ratio of sums says more than the mean over accounts
RATIO_DECIMALS = 6
PERIOD_KEY = ["customer_group", *SERIES, "period_start_date"]

COLUMNS = [
    "cycle_id",
    "submitter",
    "level",
    "measured_count",
    "measured_months",
    "raw_bias_ratio",
    "bias_standard_error",
    "bias_ratio",
    "typical_bias_ratio",
    "error_ratio",
    "corrected_error_ratio",
    "base_error_ratio",
    "weighed_count",
    "weight_ratio",
    "weight_basis",
    "bias_rank",
]


@dataclass(frozen=True)
class SalesPolicy:
    """Declared parameters: weight without a record, days into a cycle by which its forecast is due, and how far two statements
    about the same demand may be apart."""

    prior_weight_ratio: float
    due_days: int
    conflict_minimum_ratio: float

    @staticmethod
    def of(parameters: pd.DataFrame) -> "SalesPolicy":
        """From table `core.fct_parameters`, scope company. Raises ValueError where one is missing."""
        company = parameters[parameters["scope"] == "company"].set_index("parameter_id")["parameter_value"]
        wanted = ("sales_forecast_prior_weight_ratio", "sales_forecast_due_days", "conflict_minimum_ratio")
        missing = [name for name in wanted if name not in company.index]
        if missing:
            raise ValueError(
                f"core.fct_parameters declares no {' and no '.join(missing)} at scope company.\n"
                "Declare it in planner.planning_parameters or in the dictionary of defaults."
            )
        return SalesPolicy(float(company[wanted[0]]), int(company[wanted[1]]), float(company[wanted[2]]))


def measure_submitters(
    results: pd.DataFrame, submitters: pd.DataFrame, policy: SalesPolicy, cycle: Cycle
) -> pd.DataFrame:
    """Table `sales_submitters`: one row per submitter and level in `submitters` (columns submitter, level) or in `results`.

    `results` is table `core.fct_sales_forecast_results`; what was handed in at a level is measured at that level. bias_ratio is
    positive for too much; bias_rank 1 is the least biased, by typical_bias_ratio: people err by a factor, which every account shows
    as well as a large one, and of 100 simulated companies it ranks the most biased last in 96 (bias_ratio in 88). Errors are sums of |error| over sums of orders (WAPE); None where
    nothing was ordered or nothing is known.
    """
    keys = ["submitter", "level"]
    who = pd.concat([submitters[keys], results[keys]]).dropna(subset=["submitter"]).drop_duplicates()
    rows = [
        _measure(_at_level(results[(results["submitter"] == name) & (results["level"] == level)]), policy)
        | {"submitter": name, "level": level}
        for name, level in sorted(who.itertuples(index=False, name=None))
    ]
    frame = pd.DataFrame(
        rows, columns=[column for column in COLUMNS if column not in ("cycle_id", "bias_rank")]
    )
    frame["cycle_id"] = cycle.cycle_id
    distance = np.abs(np.log1p(frame["typical_bias_ratio"].to_numpy(dtype=np.float64))).round(RATIO_DECIMALS)
    frame["bias_rank"] = pd.Series(distance).rank(method="min").astype(np.int64)
    numbers = [column for column in COLUMNS if column.endswith(("_ratio", "_error"))]
    frame[numbers] = frame[numbers].astype(np.float64).round(RATIO_DECIMALS)
    return frame[COLUMNS]


def _at_level(rows: pd.DataFrame) -> pd.DataFrame:
    """What was handed in above single accounts, put together again: one row per object, month and submission."""
    if rows.empty or rows["level"].iloc[0] == "item":
        return rows
    whole = rows.assign(item_id=rows["level_id"], site_id="all", channel_id="all")
    keys = [*PERIOD_KEY, "submission_id", "submitted_at"]
    summed: pd.DataFrame = whole.groupby(keys, as_index=False)[
        ["forecast_units", "base_units", "actual_units"]
    ].sum()
    return summed


def _measure(rows: pd.DataFrame, policy: SalesPolicy) -> dict[str, object]:
    """A forecast is made for a month several times; each month of an account counts once, by the mean of these."""
    rows = rows.astype(dict.fromkeys(("forecast_units", "base_units", "actual_units"), np.float64))
    months = rows.groupby(PERIOD_KEY, as_index=False)[["forecast_units", "actual_units"]].mean()
    ordered = float(months["actual_units"].sum())
    measured: dict[str, object] = {
        "measured_count": len(months),
        "measured_months": months["period_start_date"].nunique(),
        "raw_bias_ratio": None,
        "bias_standard_error": None,
        "bias_ratio": 0.0,
        "typical_bias_ratio": 0.0,
        "error_ratio": None,
        "corrected_error_ratio": None,
        "base_error_ratio": None,
        "weighed_count": 0,
        "weight_ratio": policy.prior_weight_ratio,
        "weight_basis": "declared",
    }
    if not ordered > 0:
        return measured
    raw_ratio = float(months["forecast_units"].sum()) / ordered
    deviation = _standard_error(months, raw_ratio)
    ratio = _shrunken(raw_ratio, deviation)
    error = (rows["forecast_units"] - rows["actual_units"]).abs().sum() / rows["actual_units"].sum()
    corrected = (rows["forecast_units"] / ratio - rows["actual_units"]).abs().sum() / rows[
        "actual_units"
    ].sum()
    measured |= {
        "raw_bias_ratio": raw_ratio - 1.0,
        "bias_standard_error": deviation,
        "bias_ratio": ratio - 1.0,
        "typical_bias_ratio": _typical_ratio(months, ratio) - 1.0,
        "error_ratio": error,
        "corrected_error_ratio": corrected,
    }
    return measured | _weight(rows[rows["base_units"].notna()], ratio, policy)


def _typical_ratio(months: pd.DataFrame, ratio: float) -> float:
    """Geometric mean over accounts of forecast to orders, shrunken by its standard error; `ratio` with too few accounts."""
    accounts = months.groupby(["customer_group", *SERIES])[["forecast_units", "actual_units"]].sum()
    accounts = accounts[(accounts > 0).all(axis=1)]
    if len(accounts) < TYPICAL_ACCOUNTS:
        return ratio
    factors = (accounts["forecast_units"] / accounts["actual_units"]).to_numpy(dtype=np.float64)
    logs = np.log(factors)
    return _shrunken(float(np.exp(logs.mean())), float(logs.std(ddof=1) / np.sqrt(len(logs))))


def _standard_error(months: pd.DataFrame, ratio: float) -> float:
    """Standard error of the log of a ratio of sums, linearised; errors of one month may go together."""
    residual = months["forecast_units"] - ratio * months["actual_units"]
    scale = ratio * float(months["actual_units"].sum())
    if not scale > 0:
        return float("inf")
    by_month = residual.groupby(months["period_start_date"]).sum().to_numpy(dtype=np.float64)
    groups: list[FloatArray] = [residual.to_numpy(dtype=np.float64), by_month]
    variances = [float((g**2).sum()) * len(g) / (len(g) - 1) for g in groups if len(g) > 1]
    return float(np.sqrt(max(variances, default=scale**2))) / scale


def _shrunken(raw_ratio: float, standard_error: float) -> float:
    """The ratio to correct by: between 1 and the measured one, the nearer to 1 the less is known."""
    if not (raw_ratio > 0 and np.isfinite(standard_error)):
        return 1.0
    belief = PRIOR_BIAS_SIGMA**2 / (PRIOR_BIAS_SIGMA**2 + standard_error**2)
    return float(np.exp(belief * np.log(raw_ratio)))


def _weight(rows: pd.DataFrame, ratio: float, policy: SalesPolicy) -> dict[str, object]:
    """Weight of the corrected forecast beside the base, from the rows for which a base was published."""
    ordered = float(rows["actual_units"].sum())
    apart = rows["forecast_units"] / ratio - rows["base_units"]
    if rows.empty or not ordered > 0 or not float((apart**2).sum()) > 0:
        return {}
    missed = rows["actual_units"] - rows["base_units"]
    best = float(np.clip((apart * missed).sum() / (apart**2).sum(), 0.0, 1.0))
    count = len(rows[PERIOD_KEY].drop_duplicates())
    weight = (count * best + PRIOR_WEIGHT_COUNT * policy.prior_weight_ratio) / (count + PRIOR_WEIGHT_COUNT)
    return {
        "base_error_ratio": missed.abs().sum() / ordered,
        "weighed_count": count,
        "weight_ratio": weight,
        "weight_basis": "measured",
    }
