"""Launch curves: how past launches grew month by month, told as shares of what they sold in their launch window.

A curve is read from the start of the plan's like item; without one from the past launches of its family in the channel,
else of all families; without any it rises evenly. Shares of the window add up to 1.
Add here: another curve, or another way to measure one. Keep out: launch plans (see `launches`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import SERIES, FloatArray, month_number

WINDOW_MONTHS = 12  # the launch window; longer where the ramp is
ESTABLISHED_MONTHS = 3  # months after the ramp that a start must show, to know what its peak was
SMOOTHING_MONTHS = 3  # an item's single months are noise, its shape is not
PAST_LAUNCHES = 3  # fewer tell nothing of what is usual
SHARE_DECIMALS = 6

CURVE_COLUMNS = [
    "cycle_id",
    "curve_id",
    "curve_basis",
    "launch_count",
    "month_number",
    "peak_ratio",
    "share_ratio",
]


@dataclass(frozen=True)
class Curve:
    """`peak_ratios`: units of each ramp month over those once established; how it is known, and from how many launches."""

    curve_id: str
    basis: str
    launch_count: int
    peak_ratios: FloatArray


@dataclass(frozen=True)
class Starts:
    """Clean history from which starts are read, the family of each item, and the first month that was recorded at all."""

    clean: pd.DataFrame
    family_of: dict[str, str]
    first_recorded_month: int

    @staticmethod
    def of(clean: pd.DataFrame, items: pd.DataFrame | None) -> "Starts":
        """From tables `demand_history_clean` and `core.dim_items` (None: families are not known)."""
        first = int(month_number(clean["period_start_date"]).min()) if len(clean) else 0
        family = dict(zip(items["item_id"], items["family_id"], strict=True)) if items is not None else {}
        return Starts(clean, family, first)


def choose_curve(plan: object, ramp_months: int, starts: Starts) -> Curve:
    """Curve of a row of `planner.npd_plans` (item, site, channel, like_item_id) over its ramp."""
    item, like, site, channel = (
        getattr(plan, name) for name in ("item_id", "like_item_id", "site_id", "channel_id")
    )
    rows = starts.clean[starts.clean["item_id"] == like]
    same = rows[(rows["site_id"] == site) & (rows["channel_id"] == channel)]
    place = f"{like} @ {site} / {channel}" if len(same) else str(like)
    ratios = _start_of(same if len(same) else rows, ramp_months, starts.first_recorded_month)
    if ratios is not None:
        return Curve(f"like item {place}, {ramp_months} months", "like_item", 1, ratios)
    family = starts.family_of.get(item)
    in_channel = starts.clean[(starts.clean["channel_id"] == channel) & (starts.clean["item_id"] != item)]
    kin = in_channel[in_channel["item_id"].map(starts.family_of) == family] if family else in_channel.iloc[:0]
    for rows, basis, name in (
        (kin, "family", f"{family} / {channel}"),
        (in_channel, "company", str(channel)),
    ):
        past = [
            ratios
            for _, start in rows.groupby(SERIES)
            if (ratios := _start_of(start, ramp_months, starts.first_recorded_month)) is not None
        ]
        if len(past) >= PAST_LAUNCHES:
            median = np.maximum.accumulate(np.median(np.array(past), axis=0))
            return Curve(f"{basis} {name}, {ramp_months} months", basis, len(past), median)
    even = np.arange(1, ramp_months + 1) / ramp_months
    return Curve(f"even, {ramp_months} months", "even", 0, np.asarray(even, dtype=np.float64))


def _start_of(rows: pd.DataFrame, ramp_months: int, first_recorded_month: int) -> FloatArray | None:
    """Share of its peak in each month of the ramp, never falling; None where the start is not on record."""
    monthly = rows.groupby("period_start_date")["clean_units"].sum().sort_index()
    known_start = len(monthly) and month_number(pd.DatetimeIndex(monthly.index[:1]))[0] > first_recorded_month
    if not known_start or len(monthly) < ramp_months + ESTABLISHED_MONTHS:
        return None
    smooth = monthly.rolling(SMOOTHING_MONTHS, min_periods=1).mean().to_numpy(dtype=np.float64)
    peak = float(monthly.iloc[ramp_months : ramp_months + WINDOW_MONTHS].mean())
    if not peak > 0:
        return None
    return np.asarray(np.clip(np.maximum.accumulate(smooth[:ramp_months]) / peak, 0.0, 1.0), dtype=np.float64)


def tell_curves(curves: list[Curve], cycle: Cycle) -> pd.DataFrame:
    """Table `launch_curves`: one row per curve in use and month of its window, shares that add up to 1 exactly."""
    parts = []
    for curve in {curve.curve_id: curve for curve in curves}.values():
        window = max(WINDOW_MONTHS, len(curve.peak_ratios))
        ratios = np.concatenate([curve.peak_ratios, np.ones(window - len(curve.peak_ratios))])
        shares = np.round(ratios / ratios.sum(), SHARE_DECIMALS)
        shares[-1] = round(1.0 - float(shares[:-1].sum()), SHARE_DECIMALS)
        parts.append(
            pd.DataFrame(
                {
                    "cycle_id": cycle.cycle_id,
                    "curve_id": curve.curve_id,
                    "curve_basis": curve.basis,
                    "launch_count": curve.launch_count,
                    "month_number": np.arange(1, window + 1),
                    "peak_ratio": ratios.round(SHARE_DECIMALS),
                    "share_ratio": shares,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CURVE_COLUMNS)
    return frame.sort_values(["curve_id", "month_number"], ignore_index=True)
