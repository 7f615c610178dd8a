"""The company's size and its items.

Items are numbered finished, trade, semi-finished, components; every other module speaks of them by position.
Add here: a master attribute. Keep out: how items are made (`bills`), where they flow (`network`), what they cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.randomness import Floats, Integers, between, rounded, stream

FOREVER = 9999
BEFORE = -9999
COMPONENT, PACKAGING = "component", "packaging"


@dataclass(frozen=True)
class Size:
    """How many of each there are at a scale (1.0 is the standard company)."""

    finished: int
    trade: int
    semi: int
    component: int
    suppliers: int
    customers: int
    lines: int
    successions: int
    launches: int

    @staticmethod
    def of(scale: float) -> Size:
        """Items and customers grow with the scale, suppliers and production lines with its square root."""
        if not 0.05 <= scale <= 200:
            raise ValueError(f"Scale {scale} is outside 0.05 to 200; 1 is the standard company.")
        root = scale**0.5
        return Size(
            finished=max(24, round(122 * scale)),
            trade=max(2, round(4 * scale)),
            semi=max(10, round(40 * scale)),
            component=max(40, round(100 * scale)),
            suppliers=max(16, round(40 * root)),
            customers=max(24, round(150 * scale)),
            lines=max(1, round(root)),
            successions=max(2, round(8 * scale)),
            launches=max(2, round(10 * scale)),
        )


@dataclass(frozen=True)
class Items:
    """Attributes of every item, by position."""

    item_id: list[str]
    name: list[str]
    item_type: list[str]
    category_id: list[str]
    family_id: list[str]
    subfamily_id: list[str]
    base_uom: list[str]
    family: Integers  # position in the catalogue; -1 where the item belongs to none
    subfamily: Integers  # running number of the subfamily of finished items
    weight_kg: Floats
    carton: Integers  # pieces in a carton
    launch: Integers  # month
    end: Integers  # last month on sale
    successor: Integers
    sold: int  # finished and trade items come first

    def __len__(self) -> int:
        return len(self.item_id)


def build_items(seed: int, size: Size) -> Items:
    """All items of the company."""
    rng = stream(seed, "items")
    subfamilies = [
        (number, name) for number, family in enumerate(catalogue.FAMILIES) for name in family.subfamilies
    ]
    if size.finished < 2 * len(subfamilies):
        subfamilies = [(number, family.subfamilies[0]) for number, family in enumerate(catalogue.FAMILIES)]
    of_family = np.array([number for number, _ in subfamilies])
    finished_sub = np.arange(size.finished) % len(subfamilies)
    families = len(catalogue.FAMILIES)
    family = np.concatenate(
        [
            of_family[finished_sub],
            np.full(size.trade, -1),
            np.arange(size.semi) % families,
            np.arange(size.component) % (families + 2),
        ]
    )
    family[family >= families] = -1
    launch, end, successor = _life_cycles(size, len(subfamilies), len(family))
    texts = _item_texts(size, family, [name for _, name in subfamilies], finished_sub)
    base_weight = np.array([item.weight_kg for item in catalogue.FAMILIES])[family]
    share = np.repeat([1.0, 0.05, 0.25, 0.06], [size.finished, size.trade, size.semi, size.component])
    weight = rounded(base_weight * share * between(rng, 0.75, 1.3, len(family)) + 0.01, 3)
    return Items(
        **texts,
        family=family,
        subfamily=finished_sub,
        weight_kg=weight,
        carton=np.array([4, 6, 12])[rng.integers(0, 3, len(family))],
        launch=launch,
        end=end,
        successor=successor,
        sold=size.finished + size.trade,
    )


def _life_cycles(size: Size, subfamilies: int, items: int) -> tuple[Integers, Integers, Integers]:
    """Launches, phase-outs and who succeeds whom: some in history, some in the year after the opening months."""
    launch, end, successor = np.full(items, BEFORE), np.full(items, FOREVER), np.full(items, -1)
    pairs = min(size.successions, size.finished - subfamilies)
    for pair in range(pairs):
        last = 14 + (pair * 43) // max(1, pairs - 1)
        heir = pair + subfamilies
        if successor[pair] >= 0 or end[heir] != FOREVER or launch[pair] != BEFORE:
            continue
        end[pair], successor[pair], launch[heir] = last, heir, last - 1
    for number in range(size.launches):
        item = size.finished - 1 - number
        if item >= 0 and launch[item] == BEFORE and end[item] == FOREVER:
            launch[item] = 5 + (number * 49) // max(1, size.launches - 1)
    return launch, end, successor


def _item_texts(
    size: Size, family: Integers, subfamilies: list[str], finished_sub: Integers
) -> dict[str, list[str]]:
    """Numbers, names and hierarchy of all items."""
    texts: dict[str, list[str]] = {
        name: []
        for name in ("item_id", "name", "item_type", "category_id", "family_id", "subfamily_id", "base_uom")
    }
    first_trade, first_semi = size.finished, size.finished + size.trade
    first_component = first_semi + size.semi
    values: tuple[str, ...]
    for item, number in enumerate(family.tolist()):
        if item < first_trade:
            owner = catalogue.FAMILIES[number]
            generation = item // len(subfamilies)
            word = catalogue.MODEL_WORDS[generation % len(catalogue.MODEL_WORDS)]
            series = 100 + 10 * (generation // len(catalogue.MODEL_WORDS)) + item % 10
            sub = subfamilies[finished_sub[item]]
            values = (
                f"F{item + 1:05d}",
                f"{owner.noun} {sub.title()} {word} {series}",
                "finished",
                owner.category_id,
                owner.family_id,
                f"{owner.family_id}-{sub}",
                "PCE",
            )
        elif item < first_semi:
            kind = item - first_trade
            values = (
                f"T{kind + 1:05d}",
                f"Replacement filter {100 + kind}",
                "trade",
                *catalogue.TRADE_FAMILY,
                "PCE",
            )
        elif item < first_component:
            kind = item - first_semi
            owner = catalogue.FAMILIES[number]
            word = catalogue.SEMI_WORDS[kind // len(catalogue.FAMILIES) % len(catalogue.SEMI_WORDS)]
            values = (
                f"S{kind + 1:05d}",
                f"{word} {owner.noun.lower()} {kind + 1}",
                "semi_finished",
                "MATERIAL",
                "SEMI-FINISHED",
                f"SEMI-{word.upper().replace(' ', '-')}",
                "PCE",
            )
        else:
            values = _component_texts(item - first_component)
        for name, value in zip(texts, values, strict=True):
            texts[name].append(value)
    return texts


def is_packaging(component: int) -> bool:
    """Every ninth component is a printed carton."""
    return component % 9 == 8


def is_granulate(component: int) -> bool:
    """Granulate is counted in kg."""
    return not is_packaging(component) and component % len(catalogue.COMPONENT_WORDS) == 0


def _component_texts(component: int) -> tuple[str, ...]:
    """Bought material carries numbers with leading zeros, as such numbers do."""
    number = f"{400001 + component:08d}"
    if is_packaging(component):
        return (
            number,
            f"Printed carton {component + 1}",
            PACKAGING,
            "MATERIAL",
            "BOUGHT-IN",
            "PACKAGING",
            "PCE",
        )
    word = catalogue.COMPONENT_WORDS[component % len(catalogue.COMPONENT_WORDS)]
    unit = "KG" if is_granulate(component) else "PCE"
    subfamily = word.upper().replace(" ", "-")
    return (number, f"{word} {component + 1}", COMPONENT, "MATERIAL", "BOUGHT-IN", subfamily, unit)
