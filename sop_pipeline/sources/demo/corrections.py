"""What is put right after a month was closed: quantities, prices, goods held for inspection.

These are the rows that differ between one delivery and the next although their month is over.
Add here: a kind of correction. Keep out: the normal course of an order (`fulfilment`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo.columns import Columns, take
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.fulfilment import CREDIT_NUMBERS, write_losses
from sop_pipeline.sources.demo.orders import NUMBERS_PER_MONTH
from sop_pipeline.sources.demo.randomness import stream, whole
from sop_pipeline.sources.demo.state import Books, State
from sop_pipeline.sources.demo.timeline import first_day

RESTATED_SHARE = 0.15  # of the lines still owed from earlier months
WRONG_PRICE_SHARE = 0.004  # of the lines shipped last month
PRICE_CORRECTION = 0.9
LINE_NUMBERS = 100_000  # more than an order has
PRICE_CREDIT = 2  # a credit note without goods; 1 is that of a return


def correct_earlier_months(firm: Firm, state: State, books: Books) -> None:
    """In the first days of a month: what earlier months left to be put right."""
    rng = stream(firm.seed, "returns", 500 + books.month)
    _release_quality(state, books)
    _restate_quantities(state, books, rng)
    _correct_prices(state, books, rng)


def _release_quality(state: State, books: Books) -> None:
    """Returned goods are looked at: two thirds are as new, the rest is scrapped."""
    good = state.quality * 2 // 3
    bad = state.quality - good
    books.post(state, "scrap", np.arange(books.nodes), bad)
    state.stock += good
    state.quality -= good


def _restate_quantities(state: State, books: Books, rng: np.random.Generator) -> None:
    """Customers who still wait halve what they want: the quantity of an old line changes after the fact."""
    lines = state.lines
    count = len(lines["series"])
    owed = lines["quantity"] - lines["shipped"]
    start = first_day(books.month)
    chosen = (lines["done_month"] < 0) & (lines["requested_day"] < start) & (owed >= 2)
    chosen &= (lines["posted_day"] < start) & (rng.random(count) < RESTATED_SHARE)
    write_losses(
        books, lines["series"][chosen], np.zeros(int(chosen.sum()), dtype=np.int64), (owed // 2)[chosen]
    )
    lines["quantity"] = np.where(chosen, lines["quantity"] - owed // 2, lines["quantity"])
    lines["by_carton"] = np.where(chosen, 0, lines["by_carton"])
    day = start + np.floor(rng.random(count) * 5).astype(np.int64)
    lines["changed_day"] = np.where(chosen, day, lines["changed_day"])


def _correct_prices(state: State, books: Books, rng: np.random.Generator) -> None:
    """A few lines of last month were billed too dear: their price is restated and the difference credited.

    Not of a line whose rest was given up: the rest is a line of its own (number + 5), and one line has one price.
    """
    lines = state.lines
    count = len(lines["series"])
    shipped = (lines["done_month"] == books.month - 1) & (lines["is_cancelled"] == 0) & (lines["shipped"] > 0)
    key = lines["order_number"] * LINE_NUMBERS + lines["line_number"]
    is_split = np.isin(key + 5, key[lines["line_number"] % 10 == 5])
    chosen = shipped & (rng.random(count) < WRONG_PRICE_SHARE) & ~is_split
    day = first_day(books.month) + np.floor(rng.random(count) * 9).astype(np.int64)
    right = whole(lines["price_cents"] * PRICE_CORRECTION)
    wrong = take(lines, chosen)
    number = books.next_numbers("returns", int(chosen.sum()), NUMBERS_PER_MONTH) + CREDIT_NUMBERS
    credit: Columns = {
        "number": number,
        "line": np.full(len(number), 10),
        "order_number": wrong["order_number"],
        "order_line": wrong["line_number"],
        "series": wrong["series"],
        "customer": wrong["customer"],
        "is_credit": np.full(len(number), PRICE_CREDIT),
        "day": day[chosen],
        "units": np.zeros(len(number), dtype=np.int64),
        "amount_cents": (right[chosen] - wrong["price_cents"]) * wrong["shipped"],
    }
    books.write("invoices", credit)
    lines["price_cents"] = np.where(chosen, right, lines["price_cents"])
    lines["changed_day"] = np.where(chosen, day, lines["changed_day"])
