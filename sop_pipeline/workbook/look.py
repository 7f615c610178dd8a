"""How a workbook looks: colours, fonts, number formats, widths. One place, so that all sheets look alike.

Add here: another look of a cell. Keep out: what stands in it (`export`, `reply`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sop_pipeline.workbook.contract import ColumnContract, is_month, scale_of

INK, QUIET, LINE = "#1F2A33", "#6B7780", "#D5DADD"
HEADER, INPUT, KEY, READ_ONLY = "#1F3A4D", "#FFFBEA", "#F7EDC8", "#F3F5F6"
BAD, OPEN, PAST = "#F9CFC4", "#FBE0B0", "#E9EEF1"
TAB_GUIDE, TAB_INPUT, TAB_REFERENCE, TAB_REPLY = "#1F3A4D", "#E0B83C", "#9AA5AD", "#C0452C"

FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "vcenter"}
NARROWEST, WIDEST = 9, 44


@dataclass
class Look:
    """Formats of one workbook, each made once."""

    book: Any
    _made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def of(self, **facts: Any) -> Any:
        """The format with these facts on top of the common font."""
        name = tuple(sorted(facts.items()))
        if name not in self._made:
            self._made[name] = self.book.add_format(FONT | facts)
        return self._made[name]

    def title(self) -> Any:
        return self.of(bold=True, font_size=16, font_color=HEADER)

    def note(self) -> Any:
        return self.of(font_color=QUIET)

    def prose(self) -> Any:
        return self.of(text_wrap=True, valign="top")

    def hint(self) -> Any:
        return self.of(font_color=QUIET, font_size=8, text_wrap=True, valign="bottom")

    def unit(self) -> Any:
        return self.of(font_color=QUIET, font_size=8, italic=True, text_wrap=True, valign="bottom")

    def header(self, is_number: bool = False) -> Any:
        side = "right" if is_number else "left"
        return self.of(
            bold=True, font_color="#FFFFFF", bg_color=HEADER, text_wrap=True, border=1, border_color=HEADER, align=side, indent=1
        )  # fmt: skip

    def cell(self, background: str, number_format: str, is_locked: bool) -> Any:
        """A cell of a table: figures and days to the right, words to the left, none of them touching the border."""
        side = "left" if number_format == "@" else "right"
        return self.of(
            bg_color=background, border=1, border_color=LINE, num_format=number_format, locked=is_locked, align=side, indent=1
        )  # fmt: skip


def number_format(column: ColumnContract, text: str | None) -> str:
    """How a value is shown: as many decimals as it has, so that 53 is not 53.000; months as months, codes as text."""
    if column.data_type == "date":
        return "mmm yyyy" if is_month(column) else "yyyy-mm-dd"
    if column.data_type == "timestamp":
        return "yyyy-mm-dd hh:mm"
    scale = scale_of(column)
    if scale is None:
        return "@"
    decimals = min(scale, len((text or "").partition(".")[2]))
    return decimals_format(max(decimals, 2) if column.unit == "ratio" and text else decimals)


def decimals_format(decimals: int) -> str:
    """Thousands with separators and so many decimals."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def width_of(header: str, texts: Iterable[str | None]) -> float:
    """Width of a column: its longest value, and a third of its header, within limits."""
    longest = max((len(text) for text in texts if text), default=0)
    word = max((len(word) for word in header.split()), default=0)
    return float(min(max(longest + 4, word + 5, len(header) / 2 + 4, NARROWEST), WIDEST))


def height_of(texts: Iterable[tuple[str, float]], line: float) -> float:
    """Height that texts need in columns of their widths, at so many points a line."""
    return line * max((1 + int(len(text) * 0.95 / width) for text, width in texts), default=1) + 4
