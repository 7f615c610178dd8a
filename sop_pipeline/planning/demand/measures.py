"""How wrong a forecast was, in numbers that people compare.

One sign convention: error = forecast - actual, positive for too much (Chopra & Meindl, *Supply Chain Management*,
chapter on demand forecasting). Ratios are between 0 and 1 and above, never percent. Arrays in, one number out.
Add here: a measure with its source. Keep out: choosing models by it (see `combination`), realised accuracy (a mart).
"""

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.series import FloatArray


def forecast_errors(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> FloatArray:
    """Forecast minus actual, period by period. Raises ValueError where lengths differ or nothing is given."""
    forecast_units, actual_units = (
        np.asarray(forecast, dtype=np.float64),
        np.asarray(actual, dtype=np.float64),
    )
    if forecast_units.shape != actual_units.shape or forecast_units.size == 0:
        raise ValueError(
            f"forecast has shape {forecast_units.shape}, actual {actual_units.shape}: give equal, filled ones."
        )
    return np.asarray(forecast_units - actual_units, dtype=np.float64)


def mean_absolute_deviation(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """MAD (or MAE): mean of |error|, units (Chopra & Meindl)."""
    return float(np.abs(forecast_errors(forecast, actual)).mean())


def root_mean_squared_error(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Root of the mean squared error, units."""
    return float(np.sqrt((forecast_errors(forecast, actual) ** 2).mean()))


def mean_absolute_percentage_error_ratio(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> float | None:
    """MAPE: mean of |error| / actual over the periods with demand; None where none has (Chopra & Meindl)."""
    errors, actual_units = forecast_errors(forecast, actual), np.asarray(actual, dtype=np.float64)
    demanded = actual_units != 0
    return (
        float((np.abs(errors[demanded]) / np.abs(actual_units[demanded])).mean()) if demanded.any() else None
    )


def weighted_absolute_percentage_error_ratio(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> float | None:
    """WAPE: sum of |error| over sum of actual; None without demand."""
    total = float(np.asarray(actual, dtype=np.float64).sum())
    return float(np.abs(forecast_errors(forecast, actual)).sum()) / total if total else None


def bias_ratio(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> float | None:
    """Sum of error over sum of actual, positive for over-forecasting; None without demand."""
    total = float(np.asarray(actual, dtype=np.float64).sum())
    return float(forecast_errors(forecast, actual).sum()) / total if total else None


def tracking_signal(forecast: npt.ArrayLike, actual: npt.ArrayLike) -> FloatArray:
    """Running sum of error over running MAD, period by period; 0 while there was no error (Chopra & Meindl).

    Outside -6 to 6 the forecast is biased (other texts use 3 to 4).
    """
    errors = forecast_errors(forecast, actual)
    running_deviation = np.abs(errors).cumsum() / np.arange(1, errors.size + 1)
    signal = np.zeros(errors.shape)
    np.divide(errors.cumsum(), running_deviation, out=signal, where=running_deviation > 0)
    return signal


def naive_scale(training: npt.ArrayLike, season_months: int) -> float | None:
    """Mean |change over a season| of the training data, units: what MASE divides by. None where it is 0 or unknown.

    Falls back to month-on-month change where the training data holds no full season and one month more.
    """
    units = np.asarray(training, dtype=np.float64)
    lag = season_months if units.size > season_months else 1
    if units.size <= lag:
        return None
    scale = float(np.abs(units[lag:] - units[:-lag]).mean())
    return scale if scale > 0 else None


def mean_absolute_scaled_error(
    forecast: npt.ArrayLike, actual: npt.ArrayLike, training: npt.ArrayLike, season_months: int
) -> float | None:
    """MASE: MAD over that of the in-sample seasonal naive (Hyndman & Koehler 2006); None where that is 0 or unknown."""
    scale = naive_scale(training, season_months)
    return mean_absolute_deviation(forecast, actual) / scale if scale else None
