"""Orders posted in the wrong month: where a channel books its demand in batches about the turn of the month.

A channel whose month is one posting on its last days has two in one month and none in another whenever a posting slips over the
turn. Where that is what happened, units on the wrong side of the turn go to the month that lacks them; their sum stays. Where
postings at month ends leave no gap, or moving them would not close it, they stay, and the table says why.
Add here: another way of posting in the wrong month. Keep out: other corrections (`history`), the length of months (`working_days`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    MONTHS_PER_YEAR,
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    month_number,
)

REASON = "month_end_posting"
EDGE_RATIO = 0.8  # of a month's units on the days about its turns, from which it counts as posted there
POSTING_RATIO = 0.8  # of the months with demand that must be so: else it is not how the channel posts
LEAST_MONTHS = 6
GAP_RATIO = 0.1  # of the usual month: below it a month has no posting
EDGE_COLUMNS = ["first_days_units", "last_days_units"]
_MEASURES = ["ordered_units", "promoted_units", "order_lines"]  # the last two go along in proportion

COLUMNS = [
    "cycle_id",
    "channel_id",
    "months",
    "edge_months",
    "gap_months",
    "gap_months_after",
    "belongs_to",
    "moved_units",
    "decision",
]


@dataclass(frozen=True)
class SettledHistory:
    """`core.fct_demand_history` with units in the month they belong to and what was moved (moved_units), and the evidence."""

    history: pd.DataFrame
    postings: pd.DataFrame


def settle_postings(history: pd.DataFrame, cycle: Cycle) -> SettledHistory:
    """Move postings over the turn of the month where a channel's months have two or none: table `month_end_postings`.

    `history`: table `core.fct_demand_history`; first_days_units and last_days_units are what of a month was wanted on its first
    and last three days (without these columns nothing is known, and nothing moved). moved_units (signed, 3 decimals) is in
    ordered_units, and adds up to 0 over each series; order lines and promoted units go along in proportion.
    decision: moved; or why not: not_at_month_ends (days about the turn hold less than EDGE_RATIO of the units in POSTING_RATIO
    of the months), each_month_has_its_own (no month without a posting), gaps_would_remain (moving closes none), too_few_months.
    """
    if not set(EDGE_COLUMNS) <= set(history.columns):
        return SettledHistory(history.assign(moved_units=0.0), pd.DataFrame(columns=COLUMNS))
    moves, rows = [], []
    for channel, part in history.groupby("channel_id", sort=True):
        row, column, step = _judge(part, cycle)
        moved = None if column is None else _moved(part, column, step, cycle)
        if moved is not None:
            row["moved_units"] = float(moved["moved_units"].clip(lower=0.0).sum().round(UNIT_DECIMALS))
            moves.append(moved)
        rows.append({"cycle_id": cycle.cycle_id, "channel_id": channel, **row})
    postings = pd.DataFrame(rows, columns=COLUMNS)
    if not moves:
        return SettledHistory(history.assign(moved_units=0.0), postings)
    return SettledHistory(_settled(history, pd.concat(moves, ignore_index=True)), postings)


def _judge(part: pd.DataFrame, cycle: Cycle) -> tuple[dict[str, object], str | None, int]:
    """Evidence of one channel; the column of units to move and the months to move them by, None where they stay."""
    summed = part.groupby("period_start_date")[["ordered_units", *EDGE_COLUMNS]].sum().astype(np.float64)
    months = pd.date_range(summed.index.min(), cycle.start - pd.DateOffset(months=1), freq="MS")
    summed = summed.reindex(months, fill_value=0.0)
    units, first, last = (summed[name].to_numpy() for name in ("ordered_units", *EDGE_COLUMNS))
    sold = units > 0
    at_edge = sold & (first + last >= EDGE_RATIO * units)
    at_end = last.sum() >= first.sum()
    row: dict[str, object] = {
        "months": int(sold.sum()),
        "edge_months": int(at_edge.sum()),
        "gap_months": 0,
        "gap_months_after": 0,
        "belongs_to": "month_before" if at_end else "month_after",
        "moved_units": 0.0,
    }
    if sold.sum() < LEAST_MONTHS:
        return row | {"decision": "too_few_months"}, None, 0
    if at_edge.sum() < POSTING_RATIO * sold.sum():
        return row | {"decision": "not_at_month_ends"}, None, 0
    strays, step = (first, -1) if at_end else (last, 1)
    after = units - strays
    if step < 0:
        after[:-1] += strays[1:]
        after[0] += strays[0]  # no month before it is known
    else:
        after[1:] += strays[:-1]
        after[-1] += strays[-1]  # the month after it is not closed
    gaps, gaps_after = _gaps(units), _gaps(after)
    row |= {"gap_months": gaps, "gap_months_after": gaps_after}
    if gaps == 0:
        return row | {"decision": "each_month_has_its_own"}, None, 0
    if gaps_after >= gaps:
        return row | {"decision": "gaps_would_remain"}, None, 0
    return row | {"decision": "moved"}, EDGE_COLUMNS[0] if at_end else EDGE_COLUMNS[1], step


def _gaps(units: FloatArray) -> int:
    """Months without a posting: far below the usual month between a month before and a month after that have one."""
    usual = np.array([np.median(units[max(0, at - 6) : at + 7]) for at in range(len(units))])
    empty = units < GAP_RATIO * usual
    return int(empty[1:-1].sum())


def _moved(part: pd.DataFrame, column: str, step: int, cycle: Cycle) -> pd.DataFrame:
    """What leaves a month and what arrives in its neighbour, by series and month; what would leave the closed months stays."""
    out = part.loc[part[column] > 0, [*SERIES_PERIOD, *_MEASURES, column]].copy()
    number = month_number(out["period_start_date"]) + step
    out["target"] = pd.to_datetime(
        {"year": number // MONTHS_PER_YEAR, "month": number % MONTHS_PER_YEAR + 1, "day": 1}
    ).to_numpy()
    out = out[(out["target"] >= part["period_start_date"].min()) & (out["target"] < cycle.start)]
    units = out[column].astype(np.float64).round(UNIT_DECIMALS)
    share = units / out["ordered_units"].astype(np.float64)
    going = pd.DataFrame({f"moved_{name}": out[name].astype(np.float64) * share for name in _MEASURES[1:]})
    going["moved_units"] = units
    leaving = pd.concat([out[SERIES_PERIOD], -going], axis=1)
    arriving = pd.concat([out[SERIES].assign(period_start_date=out["target"]), going], axis=1)
    both = pd.concat([leaving, arriving]).groupby(SERIES_PERIOD, as_index=False).sum()
    both["moved_units"] = both["moved_units"].round(UNIT_DECIMALS)
    return both[both["moved_units"] != 0]


def _settled(history: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """History with a row for every month that got or lost units."""
    frame = history.merge(moved, on=SERIES_PERIOD, how="outer", validate="1:1", sort=True)
    counts = [*_MEASURES, "stock_out_days"]
    frame[counts] = frame[counts].astype(np.float64).fillna(0.0)
    changes = ["moved_units", *(f"moved_{name}" for name in _MEASURES[1:])]
    frame[changes] = frame[changes].fillna(0.0)
    frame[_MEASURES] = (frame[_MEASURES] + frame[changes].to_numpy()).round(UNIT_DECIMALS)
    return frame[[*history.columns, "moved_units"]]
