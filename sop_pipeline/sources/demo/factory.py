"""Plants: what is started out of what was released, given material, hours and true yields.

Add here: a limit of production. Keep out: what should be made (`rule`, or the published plan).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo.columns import running_total, totals
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.orders import NUMBERS_PER_MONTH
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, stream, whole
from sop_pipeline.sources.demo.state import Books, State, add_rows, split_rows
from sop_pipeline.sources.demo.timeline import NO_DAY, buckets

OVERTIME_RATIO = 0.20
HOURS_NOISE = 0.04  # of the pace of an order, relative


def month_hours(firm: Firm, month: int, extra: Floats) -> Floats:
    """Hours that can really be worked in the month: calendar, overtime and what was added, less breakdowns."""
    hours = (firm.economics.capacity[:, month] * (1.0 + OVERTIME_RATIO) + extra) * available_share(
        firm, month
    )
    worked: Floats = np.maximum(hours, 0.0)
    return worked


def available_share(firm: Firm, month: int) -> Floats:
    """Share of the hours of each resource that breakdowns leave of the month."""
    share: Floats = 0.92 + 0.08 * stream(firm.seed, "capacity", month + 1).random(firm.resources)
    return share


def start_production(
    firm: Firm,
    state: State,
    books: Books,
    wanted: Floats,
    hours_left: Floats,
    days: tuple[int, int],
    rng: np.random.Generator,
) -> Integers:
    """Start orders for the wanted units as far as material and hours allow; returns units started by make.

    `hours_left` is used up in place.
    """
    lots = np.ceil(wanted / firm.true_multiple - 1e-9) * firm.true_multiple
    started = _within_hours(firm, _within_material(firm, state.stock, lots), hours_left)
    units = np.floor(started / firm.true_multiple + 1e-9).astype(np.int64) * firm.true_multiple
    chosen = np.flatnonzero(units > 0)
    lines = np.isin(firm.network.input_source, chosen)
    source = firm.network.input_source[lines]
    consumed = np.ceil(units[source] * firm.network.input_units[lines] - 1e-9).astype(np.int64)
    books.post(state, "consumption", firm.network.input_node[lines], consumed)
    _write_orders(firm, state, books, chosen, units, days, rng, hours_left)
    return units


def _within_material(firm: Firm, stock: Integers, wanted: Floats) -> Floats:
    """Scarce components are shared in proportion; what one shortage leaves over is shared again."""
    network = firm.network
    users = np.bincount(network.input_node[wanted[network.input_source] > 0], minlength=network.nodes)
    available = np.maximum(stock - users, 0).astype(np.float64)  # consumption is rounded up by order
    granted = np.zeros(len(wanted))
    for _ in range(2):
        rest = wanted - granted
        use = rest[network.input_source] * network.input_units
        needed = totals(network.input_node, use, network.nodes)
        ratio = np.where(needed > available, available / np.maximum(needed, 1e-9), 1.0)
        least = np.ones(len(wanted))
        np.minimum.at(least, network.input_source, ratio[network.input_node])
        more = rest * least
        granted = granted + more
        use = more[network.input_source] * network.input_units
        available = np.maximum(available - totals(network.input_node, use, network.nodes), 0.0)
    return granted


def _worth_setting_up(firm: Firm, wanted: Floats, hours_left: Floats) -> Floats:
    """Set-ups take at most half of a resource's hours: the smallest orders wait for the next bucket."""
    bills = firm.bills
    runs = np.flatnonzero(wanted[bills.operation_make] >= 1.0)
    make, resource = bills.operation_make[runs], bills.operation_resource[runs]
    order = np.lexsort((make, -wanted[make], resource))
    make, resource = make[order], resource[order]
    hundredths = whole(bills.operation_setup_hours[runs[order]] * 100.0)
    until = running_total(hundredths, resource) + hundredths
    waits = np.zeros(len(wanted), dtype=bool)
    waits[make[until > 50.0 * hours_left[resource]]] = True
    return np.where(waits, 0.0, wanted)


def _within_hours(firm: Firm, asked: Floats, hours_left: Floats) -> Floats:
    """Hours are shared in proportion by the true run rates, set-ups first."""
    bills = firm.bills
    wanted = _worth_setting_up(firm, asked, hours_left)
    granted = np.zeros(len(wanted))
    runs = wanted[bills.operation_make] >= 1.0
    setup = totals(bills.operation_resource[runs], bills.operation_setup_hours[runs], firm.resources)
    left = np.maximum(hours_left - setup, 0.0)
    true_hours = bills.operation_run_hours * bills.true_run_ratio
    for _ in range(2):
        rest = wanted - granted
        use = rest[bills.operation_make] * true_hours
        needed = totals(bills.operation_resource, use, firm.resources)
        ratio = np.where(needed > left, left / np.maximum(needed, 1e-9), 1.0)
        least = np.ones(len(wanted))
        np.minimum.at(least, bills.operation_make, ratio[bills.operation_resource])
        more = rest * least
        granted = granted + more
        use = more[bills.operation_make] * true_hours
        left = np.maximum(left - totals(bills.operation_resource, use, firm.resources), 0.0)
    return granted


def _write_orders(
    firm: Firm,
    state: State,
    books: Books,
    chosen: Integers,
    units: Integers,
    days: tuple[int, int],
    rng: np.random.Generator,
    hours_left: Floats,
) -> None:
    """One production order for each make started, with the confirmations of its operations."""
    count = len(chosen)
    number = books.next_numbers("production", count, NUMBERS_PER_MONTH)
    start = days[0] + np.floor(rng.random(count) * 4).astype(np.int64)
    slip = np.where(rng.random(count) < 0.06, 2 + np.floor(rng.random(count) * 4), 0).astype(np.int64)
    good_ratio: Floats = np.minimum(firm.bills.true_yield[chosen] + 0.01 * (rng.random(count) - 0.5), 1.0)
    good = np.minimum(whole(good_ratio * units[chosen]), units[chosen])
    state.production = add_rows(
        state.production,
        {
            "number": number,
            "make": chosen,
            "ordered": units[chosen],
            "good": good,
            "scrapped": units[chosen] - good,
            "start_day": start,
            "due_day": start + firm.network.lead_days[chosen],
            "complete_day": start + firm.network.true_lead_days[chosen] + slip,
            "done_day": np.full(count, NO_DAY),
        },
    )
    number_of = np.full(len(units), -1)
    number_of[chosen] = np.arange(count)
    operation = np.flatnonzero(units[firm.bills.operation_make] > 0)
    make = firm.bills.operation_make[operation]
    output = np.where(firm.bills.operation_yield[operation] < 1.0, good[number_of[make]], units[make])
    pace = (
        1.0
        + HOURS_NOISE * bell(stream(firm.seed, "hours", days[0]), len(firm.bills.operation_make))[operation]
    )
    run = output * firm.bills.operation_run_hours[operation] * firm.bills.true_run_ratio[operation] * pace
    spent = whole((run + firm.bills.operation_setup_hours[operation]) * 10_000)
    hours_left -= totals(firm.bills.operation_resource[operation], spent / 10_000.0, firm.resources)
    np.maximum(hours_left, 0.0, out=hours_left)
    books.write(
        "confirmations",
        {
            "number": number[number_of[make]],
            "operation": operation,
            "day": np.minimum(start[number_of[make]] + 1, days[1]),
            "ten_thousandths": spent,
        },
    )


def complete_production(firm: Firm, state: State, books: Books, last_day: int) -> None:
    """Orders that are through by the day give their good units into stock."""
    table = state.production
    first = buckets(books.month)[0][0]
    ready = table["complete_day"] <= last_day
    table["done_day"] = np.where(ready, np.maximum(table["complete_day"], first), table["done_day"])
    finished, state.production = split_rows(table, ready)
    books.post(state, "production", firm.network.node[finished["make"]], finished["good"])
    books.write("production", finished)
