"""What a section is made of. The page template knows how each of these looks.

Add here: a new kind of block, with its macro in page.html.j2. Keep out: what a section says, and mark-up in texts:
every text is escaped by the template; `svg` alone is mark-up, and comes from `chart` only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup


@dataclass(frozen=True)
class Sentence:
    """A paragraph; also what stands where there is nothing to draw yet, and says why."""

    kind: ClassVar[str] = "sentence"
    text: str
    is_absence: bool = False


@dataclass(frozen=True)
class Key:
    """One entry of a figure's legend: the look of a mark (a class of page.css) and what it stands for."""

    mark: str
    label: str


@dataclass(frozen=True)
class Figure:
    kind: ClassVar[str] = "figure"
    title: str
    svg: Markup
    description: str
    legend: tuple[Key, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Column:
    label: str
    unit: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Cell:
    """A cell; `tone` is a class of page.css and never says what the text does not."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Table:
    kind: ClassVar[str] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    legend: tuple[Key, ...] = ()
    is_dense: bool = False

    @property
    def shape(self) -> str:
        """dense = a heat map; narrow = few numbers, not torn apart over the whole page."""
        is_prose = any("prose" in cell.tone for row in self.rows for cell in row)
        return "dense" if self.is_dense else "narrow" if len(self.columns) <= 6 and not is_prose else "wide"


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    status: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Tiles:
    kind: ClassVar[str] = "tiles"
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Term:
    name: str
    definition: str


@dataclass(frozen=True)
class Terms:
    kind: ClassVar[str] = "terms"
    terms: tuple[Term, ...]


Block = Sentence | Figure | Table | Tiles | Terms


@dataclass(frozen=True)
class Section:
    """A section answers one question of the meeting."""

    anchor: str
    title: str
    question: str
    blocks: tuple[Block, ...] = field(default_factory=tuple)


def absent(reason: str) -> Sentence:
    """Stands in place of a chart or table that has nothing to show."""
    return Sentence(reason, is_absence=True)
