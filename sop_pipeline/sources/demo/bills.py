"""Bills of material and routings: what a unit takes, as configured and as it truly is.

Add here: how an item is made. Keep out: where stock stands and which sources feed it (`network`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import Items, Size, is_granulate, is_packaging
from sop_pipeline.sources.demo.randomness import Floats, Integers, between, rounded, stream


@dataclass(frozen=True)
class Bills:
    """Bill lines and routing operations of every item at every plant that makes it; hours of several plants differ."""

    make_item: Integers
    make_site: Integers
    line_make: Integers  # bill lines: position in make_item
    line_component: Integers
    line_units: Floats
    line_scrap: Floats
    operation_make: Integers
    operation_resource: Integers
    operation_run_hours: Floats
    operation_setup_hours: Floats
    operation_yield: Floats
    true_run_ratio: Floats  # hidden: true over configured run hours, by operation
    true_yield: Floats  # hidden: true yield of the make, by position in make_item
    moved_semi: Integers  # semi-finished made at the first plant and moved to the second


def resource_position(plant: int, kind: int, line: int, lines: int) -> int:
    """Resources are numbered plant by plant, kind by kind, line by line."""
    return (plant * len(catalogue.RESOURCE_KINDS) + kind) * lines + line


def plants_of(items: Items, size: Size) -> tuple[list[tuple[int, int]], list[int]]:
    """Every (item, plant) that is made, semi-finished first, and the semi-finished that travel between plants."""
    first_semi = size.finished + size.trade
    makes, moved = [], []
    for item in range(first_semi, first_semi + size.semi):
        family = catalogue.FAMILIES[items.family[item]]
        travels = family.both_plants or (family.family_id == "CORDLESS" and _ordinal(item, first_semi) < 2)
        makes.append((item, 0 if travels else family.plant))
        if travels:
            moved.append(item)
    for item in range(size.finished):
        family = catalogue.FAMILIES[items.family[item]]
        makes.append((item, family.plant))
        if family.both_plants:
            makes.append((item, 1 - family.plant))
    return makes, moved


def _ordinal(item: int, first_semi: int) -> int:
    return (item - first_semi) // len(catalogue.FAMILIES)


def build_bills(seed: int, size: Size, items: Items) -> Bills:
    """Draw the bills and routings, and what is wrong in them."""
    rng = stream(seed, "bills")
    makes, moved = plants_of(items, size)
    lines = _bill_lines(rng, size, items, makes)
    operations = _operations(rng, size, items, makes)
    count, operation_count = len(makes), len(operations)
    make = np.array([row[0] for row in operations])
    # several operations of a make share one configured yield: the last carries it
    last = np.append(make[1:] != make[:-1], True)
    configured = rounded(between(rng, 0.965, 0.995, count), 3)
    wrong_yield = np.where(
        rng.random(count) < 0.12, between(rng, 0.03, 0.07, count), between(rng, -0.004, 0.004, count)
    )
    wrong_rate = np.where(
        rng.random(operation_count) < 0.12,
        between(rng, 1.08, 1.22, operation_count),
        between(rng, 0.98, 1.03, operation_count),
    )
    return Bills(
        make_item=np.array([item for item, _ in makes]),
        make_site=np.array([site for _, site in makes]),
        line_make=np.array([row[0] for row in lines]),
        line_component=np.array([row[1] for row in lines]),
        line_units=np.array([row[2] for row in lines]),
        line_scrap=np.array([row[3] for row in lines]),
        operation_make=make,
        operation_resource=np.array([row[1] for row in operations]),
        operation_run_hours=np.array([row[2] for row in operations]),
        operation_setup_hours=np.array([row[3] for row in operations]),
        operation_yield=np.where(last, configured[make], 1.0),
        true_run_ratio=rounded(wrong_rate, 3),
        true_yield=rounded(np.minimum(0.999, configured - wrong_yield), 4),
        moved_semi=np.array(moved, dtype=np.int64),
    )


def _pools(size: Size, items: Items) -> tuple[list[list[int]], list[int]]:
    """Components that each family's products may use, and the cartons."""
    first = size.finished + size.trade + size.semi
    own: list[list[int]] = [[] for _ in catalogue.FAMILIES]
    shared, cartons = [], []
    for component in range(size.component):
        item = first + component
        if is_packaging(component):
            cartons.append(item)
        elif items.family[item] < 0:
            shared.append(item)
        else:
            own[items.family[item]].append(item)
    return [[*pool, *shared] for pool in own], cartons


def _pick(pool: list[int], draw: float, count: int) -> list[int]:
    """`count` different members of the pool, starting at a drawn place."""
    start = int(draw * len(pool))
    return [pool[(start + step) % len(pool)] for step in range(min(count, len(pool)))]


def _bill_lines(
    rng: np.random.Generator, size: Size, items: Items, makes: list[tuple[int, int]]
) -> list[tuple[int, int, float, float]]:
    """Component units and scrap of every make; the same bill at every plant that makes the item."""
    pools, cartons = _pools(size, items)
    first_semi = size.finished + size.trade
    first_component = first_semi + size.semi
    semis: list[list[int]] = [[] for _ in catalogue.FAMILIES]
    for item in range(first_semi, first_component):
        semis[items.family[item]].append(item)
    bills: dict[int, list[tuple[int, float, float]]] = {}
    for item, _ in makes:
        if item in bills:
            continue
        draws = rng.random(12)
        if item < size.finished:
            chosen = _pick(semis[items.family[item]], draws[0], 2) + _pick(
                pools[items.family[item]], draws[1], 2
            )
            chosen += _pick(cartons, draws[2], 1)
        else:
            chosen = _pick(pools[items.family[item]], draws[1], 3)
        bills[item] = []
        for place, component in enumerate(chosen):
            offset = component - first_component
            units = 1.0
            if offset >= 0 and is_granulate(offset):
                units = float(rounded(np.array([0.2 + 0.7 * draws[3 + place]]), 2)[0])
            elif offset >= 0 and not is_packaging(offset):
                units = float(1 + int(draws[3 + place] * 3))
            scrap = 0.0 if offset < 0 else float(rounded(np.array([0.03 * draws[7 + place % 5]]), 3)[0])
            bills[item].append((component, units, scrap))
    return [(make, *line) for make, (item, _) in enumerate(makes) for line in bills[item]]


def _operations(
    rng: np.random.Generator, size: Size, items: Items, makes: list[tuple[int, int]]
) -> list[tuple[int, int, float, float]]:
    """Resource and hours of every operation: machine, test bench where the family is tested, labour."""
    found = []
    first_semi = size.finished + size.trade
    for make, (item, plant) in enumerate(makes):
        draws = rng.random(6)
        line = item % size.lines
        family = catalogue.FAMILIES[items.family[item]]
        heavy = 0.7 + 0.3 * family.cost_factor

        def resource(kind: int, plant: int = plant, line: int = line) -> int:
            return resource_position(plant, kind, line, size.lines)

        if item < size.finished:
            steps = [(resource(2), (0.035 + 0.03 * draws[0]) * heavy, 1.0 + draws[1])]
            if family.is_tested:
                steps.append((resource(1), (0.05 + 0.03 * draws[2]) * heavy, 0.5))
            steps.append((resource(3), (0.10 + 0.10 * draws[3]) * heavy, 1.5 + draws[4]))
        else:
            winds = plant == 0 and _ordinal(item, first_semi) % 4 in (1, 2)
            steps = [(resource(1 if winds else 0), (0.012 + 0.014 * draws[0]) * heavy, 1.0 + draws[1])]
            steps.append((resource(3), (0.02 + 0.03 * draws[3]) * heavy, 0.5))
        for where, run, setup in steps:
            found.append(
                (make, where, float(rounded(np.array([run]), 4)[0]), float(rounded(np.array([setup]), 2)[0]))
            )
    return found
