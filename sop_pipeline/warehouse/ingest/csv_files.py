"""Is a delivered CSV file whole? Encoding, control characters, line ends, quotes and fields, before any value is read.

DuckDB reads on over an open quote and over a NUL, and loses rows without a word (2.0.0): what it cannot see is looked for
here, with the line and the byte. A file without quotes is only scanned; the slow walk row by row is for the others.
Add here: a way in which a CSV file can be broken. Keep out: what its columns and values must be (`ingest`, `value_rules`).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sop_pipeline.delivery.formats import STRICT, Format

CHUNK_BYTES = 1 << 24
EXAMPLES = 5
BYTE_ORDER_MARK = codecs.BOM_UTF8
DELIMITER_NAMES = {
    ",": ("comma", "commas"),
    ";": ("semicolon", "semicolons"),
    "\t": ("tab", "tabs"),
    "|": ("bar", "bars"),
}
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEQUENCE_OF_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


class BrokenFile(ValueError):
    """A file cannot be read as a table. The message says what, where and the remedy, without the file's name."""


@dataclass(frozen=True)
class CsvFacts:
    """What a scan found: the header's names, how many quotes and commas there are, and what has to be put right.

    `has_byte_order_mark`, `has_mixed_line_ends`: put right, and told. `ends_with_line_end` is False where the last line
    just stops, as in a file that was cut while it was copied.
    """

    header: tuple[str, ...]
    quotes: int
    delimiters: int
    has_byte_order_mark: bool
    has_mixed_line_ends: bool
    ends_with_line_end: bool
    is_ascii: bool


def scan_csv(path: Path, written: Format = STRICT) -> CsvFacts:
    """Scan the bytes of a file in UTF-8. Raises BrokenFile for an empty one, one that is not UTF-8, and one with control characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = quotes = delimiters = feeds = returns = pairs = 0
    last, is_ascii = b"", True
    quote, delimiter = written.quote.encode(), written.delimiter.encode()
    with open(path, "rb") as file:
        start = file.read(4)
        if not start:
            raise BrokenFile("is empty (0 bytes). Deliver the file again.")
        _refuse_utf_16(start)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                raise BrokenFile(_not_utf_8(path)) from None
            found = _CONTROL_CHARACTER.search(chunk)
            if found:
                raise BrokenFile(_control_character(path, offset + found.start(), found[0]))
            is_ascii = is_ascii and chunk.isascii()
            quotes += chunk.count(quote) if quote else 0
            delimiters += chunk.count(delimiter)
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last, offset = chunk[-1:], offset + len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BrokenFile(_not_utf_8(path)) from None
    kinds = [pairs > 0, feeds > pairs, returns > pairs]
    return CsvFacts(
        header=_header(path, written),
        quotes=quotes,
        delimiters=delimiters,
        has_byte_order_mark=start.startswith(BYTE_ORDER_MARK),
        has_mixed_line_ends=sum(kinds) > 1,
        ends_with_line_end=last in (b"\n", b"\r"),
        is_ascii=is_ascii,
    )


def _refuse_utf_16(start: bytes) -> None:
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or start[1:2] == b"\0" or start[:1] == b"\0":
        raise BrokenFile(
            "is not UTF-8 but looks like UTF-16 (byte 0). Export it as UTF-8: in Excel, 'CSV UTF-8'; or "
            "declare encoding: utf-16 for it in formats.yml."
        )


def _not_utf_8(path: Path) -> str:
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start
    line = content.count(b"\n", 0, offset) + 1
    around = content[max(content.rfind(b"\n", 0, offset) + 1, offset - 20) : offset + 20].split(b"\n")[0]
    return (
        f"is not UTF-8: byte {offset} (line {line}) is 0x{content[offset]:02x}, in {around!r}. "
        f"{_likely_encoding(content)}"
    )


def _likely_encoding(content: bytes) -> str:
    """What the bytes look like; decoding them by a guess would put wrong letters into names without a word."""
    sequences = _SEQUENCE_OF_HIGH_BYTES.findall(content)
    in_utf_8 = sum(_decodes(sequence, "utf-8") for sequence in sequences)
    if in_utf_8 > len(sequences) / 5:
        return (
            f"It mixes encodings: {in_utf_8} texts are UTF-8 and {len(sequences) - in_utf_8} are not. Export all of it "
            "as UTF-8, in one go."
        )
    # Chinese text is pairs of high bytes; in Western text they stand alone between letters
    pairs = sum(len(sequence) % 2 == 0 and _decodes(sequence, "gb18030") for sequence in sequences)
    is_chinese = pairs > len(sequences) / 2
    likely, codec = ("GBK (Chinese)", "gb18030") if is_chinese else ("Latin-1 or Windows-1252", "cp1252")
    return f"It looks like {likely}. Export it as UTF-8, or declare encoding: {codec} for it in formats.yml."


def in_utf_8(path: Path, encoding: str, into: Path) -> Path:
    """A copy of a file of another encoding in UTF-8, made in a stream.

    Raises BrokenFile, with byte and line, where the file is not of that encoding, and where it is UTF-8 after all: each of
    its letters would become two wrong ones without a word.
    """
    decoder, proof = (
        codecs.getincrementaldecoder(encoding)(),
        codecs.getincrementaldecoder("utf-8")("surrogateescape"),
    )
    offset, lines, could_be_utf_8, is_ascii = 0, 1, True, True
    with open(path, "rb") as file, open(into, "wb") as copy:
        while True:
            chunk = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - pending + error.start
                line = lines + error.object[: error.start].count(b"\n")
                raise BrokenFile(
                    f"is not {encoding}, as declared: byte {at} (line {line}) is 0x{error.object[error.start]:02x} "
                    f"({error.reason}). Declare the encoding that it has, or export it again."
                ) from None
            is_ascii = is_ascii and chunk.isascii()
            could_be_utf_8 = could_be_utf_8 and not _SURROGATE.search(proof.decode(chunk, final=not chunk))
            copy.write(text.encode())
            if not chunk:
                break
            offset, lines = offset + len(chunk), lines + chunk.count(b"\n")
    if could_be_utf_8 and not is_ascii:
        raise BrokenFile(
            f"is UTF-8, and {encoding} was declared: its letters would be read as others. Declare encoding: utf-8."
        )
    return into


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _control_character(path: Path, offset: int, character: bytes) -> str:
    with open(path, "rb") as file:
        line = file.read(offset).count(b"\n") + 1
    name = "NUL" if character == b"\0" else "control character"
    return (
        f"has a {name} (0x{character[0]:02x}) at byte {offset}, line {line}. The file was damaged on its way, or a field "
        "holds binary data: correct the extract and deliver it again."
    )


def _reader(lines: Iterator[str], written: Format) -> Any:
    if not written.quote:
        return csv.reader(lines, delimiter=written.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=written.delimiter, quotechar=written.quote, strict=True)


def _header(path: Path, written: Format) -> tuple[str, ...]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        line = re.split(r"[\r\n]", file.readline())[0]
    try:
        return tuple(next(_reader(iter([line]), written), []))
    except csv.Error:
        raise BrokenFile(
            "has a header line that ends inside a quote. Correct the header, or export it again."
        ) from None


def refuse_broken_rows(path: Path, facts: CsvFacts, written: Format = STRICT) -> None:
    """Walk over the rows. Raises BrokenFile with the lines where a quote is never closed or a row breaks over lines, or
    where a row has not as many fields as the header."""
    broken: list[tuple[int, str]] = []
    counts: dict[str, int] = {}
    for line, problem in _row_problems(path, len(facts.header), written):
        counts[problem] = counts.get(problem, 0) + 1
        if counts[problem] <= EXAMPLES:
            broken.append((line, problem))
    if not broken:
        return
    listed = [
        f" * {problem}: {count} row{'s' if count > 1 else ''}, line{'s' if count > 1 else ''} "
        + ", ".join(str(line) for line, told in broken if told == problem)
        + (", ..." if count > EXAMPLES else "")
        for problem, count in counts.items()
    ]
    cut = "" if facts.ends_with_line_end else " The last line has no end: the file may have been cut off."
    raise BrokenFile(
        f"is not a table of {len(facts.header)} columns:\n"
        + "\n".join(listed)
        + f"\nPut quotes around a text that holds a {DELIMITER_NAMES[written.delimiter][0]}, double a quote inside it, keep one row on one line.{cut} "
        "Deliver the whole file again."
    )


def _row_problems(path: Path, width: int, written: Format) -> Iterator[tuple[int, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = _reader(_lines(file), written)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                text = str(error)
                is_open = "unexpected end" in text or "field limit" in text
                yield (
                    line,
                    "a quote is opened and never closed" if is_open else f"quotes do not match ({text})",
                )
                return
            if reader.line_num > line:
                yield line, "a text breaks over lines"
            elif row and len(row) != width:
                yield line, f"{len(row)} fields instead of {width}"


def _lines(file: Iterator[str]) -> Iterator[str]:
    """Lines with one kind of end, whatever ends them in the file."""
    for line in file:
        yield line.rstrip("\r\n") + "\n"


def with_one_line_end(path: Path, into: Path) -> Path:
    """A copy of a file whose every line ends in a line feed."""
    with open(path, "rb") as file, open(into, "wb") as copy:
        last = b""
        while chunk := file.read(CHUNK_BYTES):
            if last == b"\r" and chunk[:1] == b"\n":
                chunk = chunk[1:]
            last = chunk[-1:] or last
            copy.write(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return into


def line_numbers(path: Path, rows: list[int]) -> dict[int, int]:
    """Line in the file of each row (header not counted, first row 1); empty lines are no rows."""
    wanted, numbers, row = set(rows), {}, -1
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(_lines(file), start=1):
            row += line != "\n"
            if row in wanted and line != "\n":
                numbers[row] = number
                if len(numbers) == len(wanted):
                    break
    return numbers
