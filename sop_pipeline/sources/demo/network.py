"""Where stock stands and what can feed it: nodes (item at a site) and sources (make, buy, move), by position.

Add here: a way to supply. Keep out: the month's decisions (`rule`) and what happens to them (`execution`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.bills import Bills
from sop_pipeline.sources.demo.company import Items, Size
from sop_pipeline.sources.demo.partners import Suppliers
from sop_pipeline.sources.demo.randomness import Floats, Integers, between, rounded, stream, whole

MAKE, BUY, MOVE = 0, 1, 2
LEAST_DAYS_WRONG = 12  # a lead time that is wrong is wrong by this much, however short it is


@dataclass(frozen=True)
class Network:
    """Nodes and sources. Sources are ordered: makes (as in the bills), buys, moves."""

    node_item: Integers
    node_site: Integers
    node_of: Integers  # item x site -> node, -1 where the item does not stand
    kind: Integers
    source_id: list[str]
    node: Integers  # where the source delivers to
    from_node: Integers  # of a move
    supplier: Integers  # of a buy
    lead_days: Integers  # configured
    true_lead_days: Integers  # hidden
    share: Floats  # habit: share of the node's supply
    priority: Integers
    minimum_units: Integers  # smallest order, configured
    true_minimum_units: Integers  # hidden: smallest order that the supplier takes
    monthly_limit: Integers  # most a month; 0 = no limit
    input_source: Integers  # components: make, node taken from, units for one started unit
    input_node: Integers
    input_units: Floats

    @property
    def nodes(self) -> int:
        return len(self.node_item)

    def of_kind(self, kind: int) -> Integers:
        """Positions of the sources of a kind."""
        return np.flatnonzero(self.kind == kind)


def build_network(seed: int, size: Size, items: Items, bills: Bills, suppliers: Suppliers) -> Network:
    """All nodes and sources of the company."""
    rng = stream(seed, "network")
    nodes = sorted(_nodes(size, bills))
    node_of = np.full((len(items), len(catalogue.SITES)), -1)
    for position, (item, site) in enumerate(nodes):
        node_of[item, site] = position
    made = set(zip(bills.make_item.tolist(), bills.make_site.tolist(), strict=True))
    buys = _buys(rng, size, items, nodes, made, bills, len(suppliers.supplier_id))
    moves = _moves(nodes, node_of, made)
    count = [len(bills.make_item), len(buys), len(moves)]
    node = np.concatenate(
        [node_of[bills.make_item, bills.make_site], [row[0] for row in buys], [row[1] for row in moves]]
    ).astype(np.int64)
    from_node = np.concatenate([np.full(count[0] + count[1], -1), [row[0] for row in moves]]).astype(np.int64)
    supplier = np.concatenate([np.full(count[0], -1), [row[1] for row in buys], np.full(count[2], -1)])
    kind = np.repeat([MAKE, BUY, MOVE], count)
    lead, true_lead = _lead_times(rng, size, bills, buys, moves, suppliers)
    priority = np.concatenate([_rank(node[: count[0]]), [row[2] for row in buys], _rank(node[kind == MOVE])])
    has_second = np.bincount(node, minlength=len(nodes))[node] > 1
    share = np.where(has_second, np.where(priority == 1, 0.7, 0.3), 1.0)
    input_units = bills.line_units / (1.0 - bills.line_scrap)
    ids = _source_ids(items, nodes, node, from_node, supplier, kind, suppliers)
    return Network(
        node_item=np.array([item for item, _ in nodes]),
        node_site=np.array([site for _, site in nodes]),
        node_of=node_of,
        kind=kind,
        source_id=ids,
        node=node,
        from_node=from_node,
        supplier=supplier.astype(np.int64),
        lead_days=lead,
        true_lead_days=true_lead,
        share=share,
        priority=priority.astype(np.int64),
        minimum_units=np.zeros(len(ids), dtype=np.int64),
        true_minimum_units=np.zeros(len(ids), dtype=np.int64),
        monthly_limit=np.zeros(len(ids), dtype=np.int64),
        input_source=bills.line_make,
        input_node=node_of[bills.line_component, bills.make_site[bills.line_make]],
        input_units=input_units,
    )


def _nodes(size: Size, bills: Bills) -> set[tuple[int, int]]:
    """Sold items stand at every distribution centre, made items where they are made, material where it is used."""
    nodes = {
        (item, site) for item in range(size.finished + size.trade) for site in catalogue.DISTRIBUTION_CENTRES
    }
    nodes |= set(zip(bills.make_item.tolist(), bills.make_site.tolist(), strict=True))
    used = zip(bills.line_component.tolist(), bills.make_site[bills.line_make].tolist(), strict=True)
    nodes |= set(used)
    nodes |= {(item, 1) for item in bills.moved_semi.tolist()}
    return nodes


def _buys(
    rng: np.random.Generator,
    size: Size,
    items: Items,
    nodes: list[tuple[int, int]],
    made: set[tuple[int, int]],
    bills: Bills,
    suppliers: int,
) -> list[tuple[int, int, int]]:
    """(node, supplier, priority): material has one or two suppliers, the same at every plant."""
    moved = set(bills.moved_semi.tolist())
    first_semi, first_component = size.finished + size.trade, size.finished + size.trade + size.semi
    main = np.floor(rng.random(len(items)) * suppliers).astype(np.int64)
    has_second = rng.random(len(items)) < 0.3
    step = 1 + np.floor(rng.random(len(items)) * (suppliers - 1)).astype(np.int64)
    buys = []
    for node, (item, site) in enumerate(nodes):
        is_material = item >= first_component
        is_trade = size.finished <= item < first_semi
        if not (is_material or is_trade) or (item, site) in made or item in moved:
            continue
        # every supplier has work: material is dealt out before suppliers repeat
        first = (item - first_component) % suppliers if is_material else int(main[item])
        buys.append((node, first, 1))
        if is_material and has_second[item]:
            buys.append((node, (first + int(step[item])) % suppliers, 2))
    return buys


def _moves(
    nodes: list[tuple[int, int]], node_of: Integers, made: set[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    """(from node, to node, lane): along the lanes, from where an item is made to where it is not."""
    moves = []
    for to_node, (item, site) in enumerate(nodes):
        for lane, (start, end, *_) in enumerate(catalogue.LANES):
            if end == site and (item, start) in made and (item, site) not in made:
                moves.append((int(node_of[item, start]), to_node, lane))
    return moves


def _lead_times(
    rng: np.random.Generator,
    size: Size,
    bills: Bills,
    buys: list[tuple[int, int, int]],
    moves: list[tuple[int, int, int]],
    suppliers: Suppliers,
) -> tuple[Integers, Integers]:
    """Configured days, and the true ones: most right, some suppliers and lanes slower than the system believes."""
    is_semi = bills.make_item >= size.finished + size.trade
    make = np.where(is_semi, 4, 6) + np.floor(rng.random(len(is_semi)) * 2).astype(np.int64)
    buy = np.array([suppliers.lead_days[supplier] for _, supplier, _ in buys])
    buy = buy + np.floor(rng.random(len(buys)) * 5).astype(np.int64)
    move = np.array([catalogue.LANES[lane][2] for _, _, lane in moves])
    wrong = np.where(rng.random(len(buys)) < 0.15, between(rng, 1.25, 1.7, len(buys)), 1.0)
    true_make = make + (rng.random(len(make)) < 0.1).astype(np.int64) * 2
    true_buy = np.where(wrong > 1.0, np.maximum(whole(buy * wrong), buy + LEAST_DAYS_WRONG), buy)
    return np.concatenate([make, buy, move]), np.concatenate([true_make, true_buy, move])


def _rank(node: Integers) -> Integers:
    """1 for the first source of a node, 2 for the next."""
    order = np.argsort(node, kind="stable")
    ordered = node[order]
    rank = np.ones(len(node), dtype=np.int64)
    repeated = np.append(False, ordered[1:] == ordered[:-1])
    rank[order[repeated]] = 2
    return rank


def _source_ids(
    items: Items,
    nodes: list[tuple[int, int]],
    node: Integers,
    from_node: Integers,
    supplier: Integers,
    kind: Integers,
    suppliers: Suppliers,
) -> list[str]:
    """make:ITEM@SITE, buy:ITEM@SITE<SUPPLIER, move:ITEM@TO<FROM."""
    ids = []
    for position in range(len(node)):
        item, site = nodes[node[position]]
        stands = f"{items.item_id[item]}@{catalogue.SITES[site]}"
        if kind[position] == MAKE:
            ids.append(f"make:{stands}")
        elif kind[position] == BUY:
            ids.append(f"buy:{stands}<{suppliers.supplier_id[supplier[position]]}")
        else:
            ids.append(f"move:{stands}<{catalogue.SITES[nodes[from_node[position]][1]]}")
    return ids


def rounded_minimum(units: Floats) -> Integers:
    """Order minima as people write them: 10, 20, 50, 100, 200, 500 ..."""
    steps = np.array([step * 10**power for power in range(1, 7) for step in (1, 2, 5)])
    place = np.searchsorted(steps, units, side="right") - 1
    return steps[np.maximum(place, 0)]


def round_days(days: Floats) -> Integers:
    """Days as whole numbers."""
    return whole(rounded(days, 3))
