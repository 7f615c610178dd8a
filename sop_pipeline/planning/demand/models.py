"""The forecast models that may try: one entry in `MODELS` is one model.

The backtest runs every entry on the series of its classes with enough history, and the combination weighs what came
out; nothing else knows a model by name. To add one: add an entry, with the reason why it is worth its time.
Keep out: choosing (see `combination`), running (see `backtest`). statsforecast takes seconds to import: only inside
functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR

REGULAR = frozenset({"smooth", "erratic"})
RARE = frozenset({"intermittent", "lumpy"})


@dataclass(frozen=True)
class ForecastModel:
    """One candidate: what it is for, from how much history, and how it is built.

    `is_seasonally_adjusted` models see the series without its season (see `seasonality`) and get it back afterwards.
    """

    name: str
    demand_classes: frozenset[str]
    minimum_months: int
    is_seasonally_adjusted: bool
    build: Callable[[], Any]
    reason: str


def _seasonal_naive() -> Any:
    from statsforecast.models import SeasonalNaive

    return SeasonalNaive(season_length=MONTHS_PER_YEAR)


def _seasonal_window_average() -> Any:
    from statsforecast.models import SeasonalWindowAverage

    return SeasonalWindowAverage(season_length=MONTHS_PER_YEAR, window_size=2)


def _window_average() -> Any:
    from statsforecast.models import WindowAverage

    return WindowAverage(window_size=6)


def _simple_smoothing() -> Any:
    from statsforecast.models import SimpleExponentialSmoothingOptimized

    return SimpleExponentialSmoothingOptimized()


def _damped_trend() -> Any:
    from statsforecast.models import AutoETS

    return AutoETS(season_length=1, model="AAN", damped=True)


def _theta() -> Any:
    from statsforecast.models import Theta

    return Theta(season_length=1)


def _tsb() -> Any:
    from statsforecast.models import TSB

    return TSB(alpha_d=0.2, alpha_p=0.2)


def _croston_sba() -> Any:
    from statsforecast.models import CrostonSBA

    return CrostonSBA()


def _imapa() -> Any:
    from statsforecast.models import IMAPA

    return IMAPA()


MODELS: tuple[ForecastModel, ...] = (
    ForecastModel(
        "seasonal_naive",
        REGULAR | RARE,
        MONTHS_PER_YEAR,
        False,
        _seasonal_naive,
        "The yardstick: a model that cannot beat last year's month earns no weight.",
    ),
    ForecastModel(
        "seasonal_window_average",
        REGULAR,
        2 * MONTHS_PER_YEAR,
        False,
        _seasonal_window_average,
        "Mean of the last two years' month: half the noise of seasonal naive at no cost.",
    ),
    ForecastModel(
        "window_average",
        REGULAR | RARE,
        6,
        True,
        _window_average,
        "Mean of the last six months: hard to beat where a level jumps, and on short histories.",
    ),
    ForecastModel(
        "simple_smoothing",
        REGULAR,
        6,
        True,
        _simple_smoothing,
        "Level only, smoothing fitted: no trend that an 18-month horizon could run away with.",
    ),
    ForecastModel(
        "damped_trend",
        REGULAR,
        18,
        True,
        _damped_trend,
        "Exponential smoothing with a trend that dies out (Gardner & McKenzie). The full AutoETS search costs 30 ms a "
        "series and, on adjusted data, wins little.",
    ),
    ForecastModel(
        "theta",
        REGULAR,
        12,
        True,
        _theta,
        "Winner of M3 and of another family than the rest. Season is taken out before: its own test for a season "
        "misses smooth ones.",
    ),
    ForecastModel(
        "tsb",
        RARE,
        6,
        False,
        _tsb,
        "Teunter, Syntetos & Babai (2011): demand that dies out decays to zero, which Croston never does.",
    ),
    ForecastModel(
        "croston_sba",
        RARE,
        6,
        False,
        _croston_sba,
        "Croston with the Syntetos-Boylan correction of its bias: the standard for intermittent demand.",
    ),
    ForecastModel(
        "imapa",
        RARE,
        12,
        False,
        _imapa,
        "Mean over temporal aggregations: smallest squared error on spare parts (carparts, h 12).",
    ),
)
