"""What an empty shelf costs in recorded demand, learnt from the months in which it was empty.

Where customers order all the same and wait, nothing is missing from the history and nothing may be put back; where
they turn away, orders were never placed. No record says which: the months of a sales channel without stock, beside
what was expected of them, do. Shelves empty when demand is high, so months below the expectation alone overstate
the loss: the ones above it count against them.
Add here: other evidence of lost demand. Keep out: which months are corrected (see `history`).
"""

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.series import BoolArray, FloatArray

# Months without stock from which a channel speaks for itself; with fewer, a month loses its share of days.
SPEAKING_MONTHS = 24
# A shelf found empty at one month end of two counts as half a month, and may well have been empty throughout.
LARGEST_MULTIPLE = 2.0


def lost_share(
    raw: FloatArray,
    expected: FloatArray,
    stock_out_ratio: FloatArray,
    comparable: BoolArray,
    lifted: BoolArray,
    channels: npt.NDArray[np.object_],
) -> FloatArray:
    """Share of its gap to the expectation that each month without stock lost, between 0 and 1: series x months.

    `raw` and `expected` are units, `stock_out_ratio` the share of the month without stock. In each channel the share
    is the stock_out_ratio times one multiple, chosen so that lifting the `lifted` months brings all `comparable`
    months without stock (those lifted or not) to the level of the comparable months with stock; 0 where they are
    there already.
    """
    share = np.zeros(raw.shape)
    gap = np.where(lifted, expected - raw, 0.0)
    for channel in np.unique(channels):
        rows = (channels == channel)[:, None]
        stocked = rows & comparable & (stock_out_ratio <= 0)
        empty = rows & comparable & (stock_out_ratio > 0)
        multiple = 1.0
        if empty.sum() >= SPEAKING_MONTHS and stocked.sum() >= SPEAKING_MONTHS:
            # The expectation is a median; demand is skewed, so months with stock lie somewhat above it on average.
            skew = raw[stocked].sum() / expected[stocked].sum()
            missing = skew * expected[empty].sum() - raw[empty].sum()
            by_days = (stock_out_ratio * gap)[rows & lifted].sum() if lifted.any() else 0.0
            multiple = float(np.clip(missing / by_days, 0.0, LARGEST_MULTIPLE)) if by_days > 0 else 0.0
        share[rows[:, 0]] = np.minimum(multiple * stock_out_ratio[rows[:, 0]], 1.0)
    return share
