"""What is wrong with a CSV file that is not whole, with its lines and bytes; and copies of it in UTF-8 and with one line end.

Slow walks are only taken where the scan noticed something (`scan`). Add here: a way in which a CSV file can be broken.
Keep out: what its columns and values must be (`header`, `value_rules`).
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sop_pipeline.delivery.formats import STRICT, Format

CHUNK_BYTES = 1 << 22
EXAMPLES = 5
DELIMITER_NAMES = {
    ",": ("comma", "commas"),
    ";": ("semicolon", "semicolons"),
    "\t": ("tab", "tabs"),
    "|": ("bar", "bars"),
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEQUENCE_OF_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


class BrokenFile(ValueError):
    """A file cannot be read as a table. The message says what, where and the remedy, without the file's name."""


def not_utf_8(path: Path) -> str:
    """Where a file is not UTF-8, and what it looks like; of a long file, judged by what surrounds the first such byte."""
    offset = _first_wrong_byte(path)
    with open(path, "rb") as file:
        line, left = 1, offset
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            line, left = line + chunk.count(b"\n"), left - len(chunk)
        begin = max(0, offset - CHUNK_BYTES)
        file.seek(begin)
        content = file.read(2 * CHUNK_BYTES)
    offset_in_file, offset = offset, offset - begin
    around = content[max(content.rfind(b"\n", 0, offset) + 1, offset - 20) : offset + 20].split(b"\n")[0]
    return (
        f"is not UTF-8: byte {offset_in_file} (line {line}) is 0x{content[offset]:02x}, in {around!r}. "
        f"{_likely_encoding(content)}"
    )


def _first_wrong_byte(path: Path) -> int:
    decoder, offset = codecs.getincrementaldecoder("utf-8")(), 0
    with open(path, "rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return offset - pending + error.start
            if not chunk:
                return offset
            offset += len(chunk)


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


def in_utf_8(path: Path, encoding: str, into: Path) -> str:
    """Write a copy of a file of another encoding in UTF-8, in a stream; return the sha256 of the file as it was.

    Raises BrokenFile, with byte and line, where the file is not of that encoding, and where it is UTF-8 after all: each of
    its letters would become two wrong ones without a word.
    """
    decoder, proof = (
        codecs.getincrementaldecoder(encoding)(),
        codecs.getincrementaldecoder("utf-8")("surrogateescape"),
    )
    offset, lines, could_be_utf_8, is_ascii, sha256 = 0, 1, True, True, hashlib.sha256()
    with open(path, "rb") as file, open(into, "wb") as copy:
        while True:
            chunk = file.read(CHUNK_BYTES)
            sha256.update(chunk)
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
    return sha256.hexdigest()


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def reader_of(lines: Iterator[str], written: Format) -> Any:
    """A strict reader of rows as they are written."""
    if not written.quote:
        return csv.reader(lines, delimiter=written.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=written.delimiter, quotechar=written.quote, strict=True)


def refuse_broken_rows(path: Path, width: int, written: Format = STRICT) -> None:
    """Walk over the rows. Raises BrokenFile with the lines where a quote is never closed or a row breaks over lines, or
    where a row has not as many fields as the header."""
    broken: list[tuple[int, str]] = []
    counts: dict[str, int] = {}
    for line, problem in _row_problems(path, width, written):
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
    cut = "" if _ends_with_line_end(path) else " The last line has no end: the file may have been cut off."
    raise BrokenFile(
        f"is not a table of {width} columns:\n"
        + "\n".join(listed)
        + f"\nPut quotes around a text that holds a {DELIMITER_NAMES[written.delimiter][0]}, double a quote inside it, keep one row on one line.{cut} "
        "Deliver the whole file again."
    )


def _ends_with_line_end(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read(1) in (b"\n", b"\r", b"")


def _row_problems(path: Path, width: int, written: Format) -> Iterator[tuple[int, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = reader_of(_lines(file), written)
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
