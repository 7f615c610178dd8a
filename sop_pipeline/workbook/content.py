"""What a workbook says, before it is written.

Add here: another thing that a workbook carries. Keep out: how it is written (`export`, `guide`) and looks (`look`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sop_pipeline.workbook.contract import TableContract
from sop_pipeline.workbook.judge import Keys
from sop_pipeline.workbook.parse import Cell
from sop_pipeline.workbook.reference import ReferenceSheet
from sop_pipeline.workbook.values import Row

GUIDE_SHEET = "Read me"
HEADER_ROW = 4  # counted from 0: title, what it is, hints, units, header


@dataclass(frozen=True)
class Mark:
    """A cell that somebody has to look at: `bad` or `open`, and why."""

    kind: str
    words: str


@dataclass(frozen=True)
class InputSheet:
    """An input with the rows in force, and, in a reply, rows that were not taken, as they were typed, with marks."""

    contract: TableContract
    rows: Sequence[Row]
    overlay: Mapping[int, Mapping[str, Cell]] = field(default_factory=dict)
    added: Sequence[Mapping[str, Cell]] = ()
    marks: Mapping[tuple[int, str], Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """Everything that a workbook says. `facts` go into the hidden meta sheet: company, source, release, ..."""

    company: str
    cycle_id: str
    role: str
    until: str
    facts: Mapping[str, str]
    inputs: Sequence[InputSheet]
    references: Sequence[ReferenceSheet]
    keys: Keys
