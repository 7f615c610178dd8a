"""Prices confirmed by solving again: what one unit more of a limit really saves, and what one less really costs.

A shadow price holds as long as the basis does, which may be less than a unit; where a plan is degenerate it differs to the left and
to the right. Add here: another way to test a price. Keep out: which prices there are (`limits`, `case.solution`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.supply.solving.highs import SupplySolveError
from sop_pipeline.planning.supply.solving.warm import WarmModel

LOG = logging.getLogger(__name__)
EQUAL_RATIO = 1e-6
"""Agreement of a price and of what another solve saved, of the price."""
NO_STEP = 1e-6
"""A range below it is none: the plan is degenerate there."""
CONFIRMED = 50
"""Dearest limits that are solved again."""


@dataclass(frozen=True)
class Limit:
    """A limit with a price: its row in the programme, what one unit more of it is on the right-hand side, its price."""

    row: int
    sign: float
    price: float


@dataclass(frozen=True)
class PriceRange:
    """How far the limit may fall and rise while the price holds, in its own units; infinite where nothing ends it."""

    down: float
    up: float


@dataclass(frozen=True)
class Confirmation:
    """What other solves said of a price. Company currency a unit; not a number where no plan has that side.

    `price_of_more` and `price_of_less`: the price just above and just below what is available. `confirmed_price`: saving per unit
    when the limit rose by `confirmed_step`, one unit or as far as the price holds; `is_confirmed`: it is the price, or where no step
    holds the price, the price lies between the two beside it.
    """

    saving_of_one_more: float
    loss_of_one_less: float
    price_of_more: float
    price_of_less: float
    confirmed_price: float
    confirmed_step: float
    is_confirmed: bool


def ranges(warm: WarmModel, limits: Iterable[Limit]) -> list[PriceRange]:
    """The range of every price; asked before anything is solved again, while the solver stands in the plan's basis.

    Where the plan is degenerate that basis may stand at another price of the limit than the one published: no range is known then.
    """
    found = []
    for limit in limits:
        if not _agrees(limit.sign * warm.saving(warm.base, limit.row), limit):
            found.append(PriceRange(0.0, 0.0))
            continue
        down, up = warm.range_of(limit.row)
        found.append(PriceRange(down, up) if limit.sign > 0 else PriceRange(up, down))
    return found


def confirm(warm: WarmModel, limit: Limit, within: PriceRange) -> Confirmation:
    """Solve again with one unit more, and where the range is shorter, within it; with one less where the price does not hold so far.

    Where the plan is degenerate to both sides no step keeps the price: it is right where it lies between what a little more saves
    and a little less costs.
    """
    more = _saving(warm, limit, 1.0)
    less = limit.price if within.down >= 1.0 else -_saving(warm, limit, -1.0)
    beside = (
        limit.price if within.up > NO_STEP else _price_beside(warm, limit, NO_STEP),
        limit.price if within.down > NO_STEP else _price_beside(warm, limit, -NO_STEP),
    )
    step = min(1.0, within.up) if within.up > NO_STEP else -min(1.0, within.down)
    if abs(step) <= NO_STEP:
        step = -1.0 if _agrees(less, limit) and not _agrees(more, limit) else 1.0
        confirmed, is_confirmed = more if step > 0 else less, _lies_between(limit.price, *beside)
    else:
        confirmed = more if step == 1.0 else _saving(warm, limit, step) / step
        if not _agrees(
            confirmed, limit
        ):  # many small steps leave their dust in the basis: judged from the plan's own
            warm.reset()
            confirmed = _saving(warm, limit, step) / step
        is_confirmed = _agrees(confirmed, limit)
    return Confirmation(more, less, *beside, confirmed, step, is_confirmed)


def _lies_between(price: float, of_more: float, of_less: float) -> bool:
    """Whether a price is one of those that are right at a corner; a side without a plan sets no end."""
    dust = EQUAL_RATIO * max(1.0, abs(price))
    return not (price < of_more - dust or price > of_less + dust)


def _agrees(confirmed: float, limit: Limit) -> bool:
    return bool(abs(confirmed - limit.price) <= EQUAL_RATIO * max(1.0, abs(limit.price)))


def _saving(warm: WarmModel, limit: Limit, step: float) -> float:
    try:
        return -warm.value_moved(limit.row, limit.sign * step)
    except SupplySolveError as error:
        return _no_plan(warm, error)


def _price_beside(warm: WarmModel, limit: Limit, step: float) -> float:
    """The price after a step so small that it says what holds on that side."""
    try:
        return limit.sign * warm.price_moved(limit.row, limit.sign * 10 * step)
    except SupplySolveError as error:
        return _no_plan(warm, error)


def _no_plan(warm: WarmModel, error: SupplySolveError) -> float:
    """A side without a plan has no price, and one that the solver gave up on is not confirmed; the plan itself stands."""
    if error.status not in ("kInfeasible", "kUnboundedOrInfeasible"):
        LOG.warning("A price could not be confirmed: %s", str(error).splitlines()[0])
    warm.reset()
    return float(np.nan)
