"""One look at every byte of a delivered CSV file, at the speed of the disk: hash, encoding, control characters, shape.

DuckDB reads on over an open quote and over a NUL, and loses rows without a word (2.0.0): what it cannot see is looked for
here. Counts are taken in vectors over chunks; what is odd about quotes or fields is only noticed, and then told by the
slow walk (`csv_files.refuse_broken_rows`). Add here: something that bytes alone can show. Keep out: columns and values.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sop_pipeline.delivery.formats import STRICT, Format
from sop_pipeline.warehouse.ingest.csv_files import BrokenFile, not_utf_8, reader_of

CHUNK_BYTES = 1 << 17  # larger ones are new pages of memory each time: a third slower
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FEED, RETURN, TAB, DELETE = 10, 13, 9, 127
Progress = Callable[[int], None]
"""Told how many bytes were read so far."""


@dataclass(frozen=True)
class CsvFacts:
    """What a scan found: the header's names, the shape, and what has to be put right.

    `has_byte_order_mark`, `has_mixed_line_ends`: put right, and told. `ends_with_line_end` is False where the last line
    just stops, as in a file that was cut while it was copied. `rows`: lines that are not empty, without the header; None
    where lines end in several ways. `is_suspicious`: quotes or numbers of fields do not look right.
    """

    header: tuple[str, ...]
    sha256: str
    rows: int | None
    delimiters: int
    has_quotes: bool
    has_byte_order_mark: bool
    has_mixed_line_ends: bool
    ends_with_line_end: bool
    is_ascii: bool
    has_odd_quotes: bool

    @property
    def is_suspicious(self) -> bool:
        """A slow walk has to say whether rows are broken."""
        if self.has_odd_quotes:
            return True
        return self.rows is not None and self.delimiters != (self.rows + 1) * (len(self.header) - 1)


class _Quotes:
    """Follows quotes over chunks: is every one opened and closed at the edge of a field, on one line?"""

    def __init__(self, quote: int, delimiter: int) -> None:
        self.quote, self.delimiter = quote, delimiter
        self.is_inside = 0
        self.was_closed = False
        self.is_odd = False
        self.delimiters_outside = 0

    def look(self, chunk: npt.NDArray[np.uint8], before: int) -> None:
        marks = chunk == self.quote
        inside = (np.cumsum(marks, dtype=np.uint8) + np.uint8(self.is_inside)) & 1
        self.delimiters_outside += int(np.count_nonzero((chunk == self.delimiter) & (inside == 0)))
        edges = (chunk == self.delimiter) | (chunk == FEED) | (chunk == RETURN) | marks
        line_ends = (chunk == FEED) | (chunk == RETURN)
        follows_edge = np.empty_like(edges)
        follows_edge[1:] = edges[:-1]
        follows_edge[0] = before in (self.delimiter, FEED, RETURN, self.quote)
        opened, closed = marks & (inside == 1), marks & (inside == 0)
        self.is_odd = bool(
            self.is_odd
            or (self.was_closed and not edges[0])
            or np.any(line_ends & (inside == 1))
            or np.any(opened & ~follows_edge)
            or np.any(closed[:-1] & ~edges[1:])
        )
        self.was_closed = bool(closed[-1])
        self.is_inside = int(inside[-1])


def scan_csv(path: Path, written: Format = STRICT, on_bytes: Progress | None = None) -> CsvFacts:
    """Scan the bytes of a file in UTF-8. Raises BrokenFile for an empty one, one that is not UTF-8, and one with control
    characters."""
    decoder, sha256 = codecs.getincrementaldecoder("utf-8")(), hashlib.sha256()
    delimiter = ord(written.delimiter)
    quotes = _Quotes(ord(written.quote), delimiter) if written.quote else None
    offset = delimiters = feeds = returns = pairs = empty = 0
    last, is_ascii, has_quotes = FEED, True, False
    with open(path, "rb") as file:
        start = file.read(4)
        if not start:
            raise BrokenFile("is empty (0 bytes). Deliver the file again.")
        _refuse_utf_16(start)
        file.seek(0)
        while data := file.read(CHUNK_BYTES):
            sha256.update(data)
            chunk_is_ascii = data.isascii()
            if not chunk_is_ascii or not is_ascii:
                try:
                    decoder.decode(data)
                except UnicodeDecodeError:
                    raise BrokenFile(not_utf_8(path)) from None
            is_ascii = is_ascii and chunk_is_ascii
            if offset == 0 and data.startswith(codecs.BOM_UTF8):
                data, offset = data[3:], 3
            chunk = np.frombuffer(data, np.uint8)
            if not len(chunk):
                continue
            chunk_feeds, chunk_returns = _count(chunk, FEED), _count(chunk, RETURN)
            low = int(np.count_nonzero(chunk < 32)) - chunk_feeds - chunk_returns - _count(chunk, TAB)
            if low or _count(chunk, DELETE):
                found = _CONTROL_CHARACTER.search(data)
                if found:
                    raise BrokenFile(_control_character(path, offset + found.start(), found[0]))
            if chunk_returns or last == RETURN:
                pairs += int(np.count_nonzero((chunk[:-1] == RETURN) & (chunk[1:] == FEED)))
                pairs += last == RETURN and int(chunk[0]) == FEED
                empty += _pairs_of(chunk, last, FEED, RETURN) + _pairs_of(chunk, last, RETURN, RETURN)
            empty += _pairs_of(chunk, last, FEED, FEED)
            feeds, returns = feeds + chunk_feeds, returns + chunk_returns
            if quotes and (has_quotes or _count(chunk, quotes.quote)):
                if not has_quotes:
                    has_quotes, quotes.delimiters_outside = True, delimiters
                quotes.look(chunk, last)
            elif not has_quotes:
                delimiters += _count(chunk, delimiter)
            last, offset = int(chunk[-1]), offset + len(chunk)
            if on_bytes:
                on_bytes(offset)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BrokenFile(not_utf_8(path)) from None
    kinds = [pairs > 0, feeds > pairs, returns > pairs]
    ends_with_line_end = last in (FEED, RETURN)
    lines = max(feeds, returns) + (not ends_with_line_end)
    return CsvFacts(
        header=_header(path, written),
        sha256=sha256.hexdigest(),
        rows=None if sum(kinds) > 1 else lines - empty - 1,
        delimiters=quotes.delimiters_outside if quotes and has_quotes else delimiters,
        has_quotes=has_quotes,
        has_byte_order_mark=start.startswith(codecs.BOM_UTF8),
        has_mixed_line_ends=sum(kinds) > 1,
        ends_with_line_end=ends_with_line_end,
        is_ascii=is_ascii,
        has_odd_quotes=bool(has_quotes and quotes and (quotes.is_odd or quotes.is_inside)),
    )


def _count(chunk: npt.NDArray[np.uint8], byte: int) -> int:
    return int(np.count_nonzero(chunk == byte))


def _pairs_of(chunk: npt.NDArray[np.uint8], last: int, first: int, second: int) -> int:
    """How often a byte follows another: a line end after a line end is an empty line."""
    within = int(np.count_nonzero((chunk[:-1] == first) & (chunk[1:] == second)))
    return within + (last == first and int(chunk[0]) == second)


def _refuse_utf_16(start: bytes) -> None:
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or start[1:2] == b"\0" or start[:1] == b"\0":
        raise BrokenFile(
            "is not UTF-8 but looks like UTF-16 (byte 0). Export it as UTF-8: in Excel, 'CSV UTF-8'; or "
            "declare encoding: utf-16 for it in formats.yml."
        )


def _control_character(path: Path, offset: int, character: bytes) -> str:
    line, left = 1, offset
    with open(path, "rb") as file:
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            line, left = line + chunk.count(b"\n"), left - len(chunk)
    name = "NUL" if character == b"\0" else "control character"
    return (
        f"has a {name} (0x{character[0]:02x}) at byte {offset}, line {line}. The file was damaged on its way, or a field "
        "holds binary data: correct the extract and deliver it again."
    )


def _header(path: Path, written: Format) -> tuple[str, ...]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        line = re.split(r"[\r\n]", file.readline(1 << 20))[0]
    try:
        return tuple(next(reader_of(iter([line]), written), []))
    except csv.Error:
        raise BrokenFile(
            "has a header line that ends inside a quote. Correct the header, or export it again."
        ) from None
