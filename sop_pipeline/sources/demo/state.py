"""What the company's books hold between two months, and the books of the month being worked.

Add here: something that must survive the month end. Keep out: how it changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sop_pipeline.sources.demo.columns import Columns, empty, rows, stack, take
from sop_pipeline.sources.demo.randomness import Floats, Integers

PRODUCTION = (
    "number",
    "make",
    "ordered",
    "good",
    "scrapped",
    "start_day",
    "due_day",
    "complete_day",
    "done_day",
)
TRANSFERS = ("number", "source", "units", "shipped_day", "due_day", "arrive_day", "done_day")
PURCHASES = (
    "number",
    "line",
    "source",
    "units",
    "received",
    "ordered_day",
    "due_day",
    "first_day",
    "first_units",
    "second_day",
    "second_units",
    "rejected_first",
    "price_year",
    "closed",
)
RECEIPTS = ("number", "order", "line", "source", "units", "rejected", "day")
SHIPMENTS = (
    "number",
    "line",
    "order_number",
    "order_line",
    "series",
    "customer",
    "day",
    "units",
    "is_return",
)
INVOICES = (
    "number",
    "line",
    "is_credit",
    "order_number",
    "order_line",
    "series",
    "customer",
    "day",
    "units",
    "amount_cents",
)
RETURNS = ("day", "series", "customer", "units", "price_cents", "activity")
CONFIRMATIONS = ("number", "operation", "day", "ten_thousandths")
SNAPSHOTS = ("day", "node", "usable", "quality")
LOST = ("month", "series", "unrecorded", "cancelled")
MOVEMENTS = (
    "receipt",
    "production",
    "consumption",
    "shipment",
    "customer_return",
    "scrap",
    "transfer_in",
    "transfer_out",
)


@dataclass
class State:
    """Stock by node and every document that is not finished."""

    stock: Integers
    quality: Integers
    lines: Columns
    production: Columns
    transfers: Columns
    purchases: Columns
    returns: Columns


@dataclass
class Books:
    """What the month writes down: finished documents, stock movements, and what only the simulator sees."""

    month: int
    nodes: int
    parts: dict[str, list[Columns]] = field(default_factory=dict)
    moved: dict[str, Integers] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def post(self, state: State, movement: str, node: Integers, units: Integers) -> None:
        """Move unrestricted stock, and write the movement down. The sign follows from the kind of movement."""
        if movement not in MOVEMENTS:
            raise KeyError(movement)
        total = np.zeros(self.nodes, dtype=np.int64)
        np.add.at(total, node, units)
        self.moved[movement] = self.moved.get(movement, np.zeros(self.nodes, dtype=np.int64)) + total
        if movement in ("receipt", "production", "transfer_in"):
            state.stock += total
        elif movement in ("consumption", "shipment", "transfer_out"):
            state.stock -= total
        elif movement == "customer_return":
            state.quality += total
        else:
            state.quality -= total

    def write(self, document: str, table: Columns) -> None:
        """File finished documents."""
        if rows(table):
            self.parts.setdefault(document, []).append(table)

    def next_numbers(self, document: str, count: int, month_numbers: int) -> Integers:
        """The next numbers of a kind of document in this month."""
        start = self.numbers.get(document, 0)
        self.numbers[document] = start + count
        return self.month * month_numbers + start + np.arange(count)

    def tables(self) -> dict[str, Columns]:
        """All documents of the month."""
        found = {document: stack(parts) for document, parts in sorted(self.parts.items())}
        movements: Columns = {"month": np.full(self.nodes, self.month), "node": np.arange(self.nodes)}
        for movement in MOVEMENTS:
            movements[movement] = self.moved.get(movement, np.zeros(self.nodes, dtype=np.int64))
        return found | {"movements": movements}


def new_state(stock: Floats, lines: Columns) -> State:
    """Books of a company that opens with stock and an order book, and nothing under way."""
    opening: Integers = np.floor(stock + 0.5).astype(np.int64)
    return State(
        stock=opening,
        quality=np.zeros(len(opening), dtype=np.int64),
        lines=lines,
        production=empty(PRODUCTION),
        transfers=empty(TRANSFERS),
        purchases=empty(PURCHASES),
        returns=empty(RETURNS),
    )


def add_rows(table: Columns, more: Columns) -> Columns:
    """The table with more rows at its end."""
    return stack([table, {name: more[name] for name in table}])


def split_rows(table: Columns, finished: np.ndarray) -> tuple[Columns, Columns]:
    """Finished rows, and the rest."""
    return take(table, finished), take(table, ~finished)
