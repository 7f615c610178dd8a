"""What an empty shelf costs in recorded demand, learnt from the months in which it was empty.

Where customers order all the same and wait, nothing is missing from the history and nothing may be put back; where
they turn away, orders were never placed. No record says which: the months of a sales channel without stock, beside
what was expected of them, do. Months below the expectation alone would overstate the loss: the ones above it count against them. By how much higher it is then, the channel says whose customers order all
the same; those who turned away had wanted as much more.
Add here: other evidence of lost demand. Keep out: which months are corrected (see `history`).
"""

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.series import BoolArray, FloatArray

# Months without stock from which a channel speaks for itself; with fewer, a month loses its share of days.
SPEAKING_MONTHS = 24
# A shelf found empty at one month end of two counts as half a month, and may well have been empty throughout.
LARGEST_MULTIPLE = 2.0
STEPS = 40  # halvings until the multiple is known to a millionth of a millionth


def lost_share(
    raw: FloatArray,
    expected: FloatArray,
    stock_out_ratio: FloatArray,
    empty: BoolArray,
    channels: npt.NDArray[np.object_],
    noise: FloatArray | None = None,
) -> FloatArray:
    """Share of its gap to the expectation that each month without stock lost, between 0 and 1: series x months.

    `raw` and `expected` (the mean, not the median) are units, `stock_out_ratio` the share of the month without stock,
    `empty` the months without stock that may be judged. In each channel the share is the stock_out_ratio times one
    multiple, at most 1, chosen so that lifting the months below the expectation brings all its months without stock
    to the expectation together; 0 where they are there already. `noise` (units) is how far a single month must lie
    below it in a channel of too few months to speak for itself.
    """
    share = np.zeros(raw.shape)
    expected = expected * surge_of_empty_months(raw, expected, empty, channels, noise)
    gap = np.where(empty, np.maximum(expected - raw, 0.0), 0.0)
    for channel in np.unique(channels):
        rows = channels == channel
        here = rows[:, None] & empty
        if here.sum() < SPEAKING_MONTHS:
            clear = here & (gap > (noise if noise is not None else 0.0))
            share[clear] = np.minimum(stock_out_ratio[clear], 1.0)
            continue
        missing = float((expected[here] - raw[here]).sum())
        share[here] = np.minimum(
            _multiple(stock_out_ratio[here], gap[here], missing) * stock_out_ratio[here], 1.0
        )
    return share


def surge_of_empty_months(
    raw: FloatArray,
    expected: FloatArray,
    empty: BoolArray,
    channels: npt.NDArray[np.object_],
    noise: FloatArray | None,
) -> float:
    """Demand of months without stock over the expectation, 1 or more, as the channel shows that kept ordering most.

    Less one standard error: of several channels the highest is so by chance as well.
    """
    surges = [1.0]
    for channel in np.unique(channels):
        here = (channels == channel)[:, None] & empty
        usual = float(expected[here].sum())
        if here.sum() < SPEAKING_MONTHS or usual <= 0:
            continue
        error = float(np.sqrt((noise[here] ** 2).sum())) / usual if noise is not None else 0.0
        surges.append(float(raw[here].sum()) / usual - error)
    return max(surges)


def _multiple(ratio: FloatArray, gap: FloatArray, missing: float) -> float:
    """The multiple of `ratio` at which the shares of `gap` add up to `missing`, by halving; within its bounds."""
    low, high = 0.0, LARGEST_MULTIPLE
    if missing <= 0:
        return low
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        reached = float((np.minimum(middle * ratio, 1.0) * gap).sum()) >= missing
        low, high = (low, middle) if reached else (middle, high)
    return high
