"""From a value as its file writes it to the same value written the strict way, as SQL over text, where a format is declared.

The strict rules (`value_rules`) then judge every value alike. What does not follow its declared format is marked as
unreadable and never read in another way: under decimal commas '1.5' is no number. What was converted is counted.
Add here: how a declared way of writing is read. Keep out: what can be declared (delivery.formats), what a value must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sop_pipeline.delivery.formats import ISO, STRICT, Format
from sop_pipeline.warehouse.contracts import Column
from sop_pipeline.warehouse.ingest.value_rules import (
    MOMENT,
    OPEN_END,
    SKIPPED_HOUR,
    UNREADABLE,
    ZONED_TIME,
    delivered_text,
    like,
    literal,
)

_THOUSANDS = {".": "[.]", ",": ",", "'": "'", " ": "[ \\x{00A0}\\x{202F}]"}


@dataclass(frozen=True)
class Repair:
    """Something that was put right by declared rule: in words, and the SQL condition of the rows that it happened to."""

    words: str
    condition: str


def plain(column: Column, written: Format) -> str:
    """SQL of a column's value written the strict way; the text without blanks around it where nothing else is declared."""
    if replace(written, encoding=STRICT.encoding, delimiter=STRICT.delimiter, quote=STRICT.quote) == STRICT:
        return delivered_text(column)
    text = _without_null_tokens(delivered_text(column), written)
    if column.data_type == "varchar":
        return _padded(text, written)
    if column.data_type == "boolean":
        return _truth(text, written)
    if column.data_type in ("date", "timestamp"):
        return _moment(text, column, written)
    return _number(text, written)


def repairs(column: Column, written: Format) -> Iterator[Repair]:
    """What a declared format puts right in a column."""
    if plain(column, written) == delivered_text(column):
        return
    text, value = delivered_text(column), plain(column, written)
    is_read = f"not starts_with({value}, {literal(UNREADABLE)})"
    if written.null_tokens:
        yield Repair("words for empty", f"{text} in {_texts(written.null_tokens)}")
    if column.data_type == "varchar":
        if written.pad:
            yield Repair(
                "codes filled up in front", f"{text} is not null and length({value}) > length({text})"
            )
    elif column.data_type == "boolean":
        if written.true_words:
            words = [word for word in (*written.true_words, *written.false_words) if word]
            yield Repair("words for true and false", f"{text} in {_texts(words)}")
    elif column.data_type in ("date", "timestamp"):
        yield from _moment_repairs(column, written, text, value, is_read)
    else:
        if written.decimal == ",":
            yield Repair("decimal commas", f"contains({text}, ',') and {is_read}")
        if written.thousands:
            yield Repair(
                "thousands separators",
                f"regexp_matches({text}, '[0-9]' || {literal(_THOUSANDS[written.thousands])} || '[0-9]') and {is_read}",
            )
        if written.sign == "trailing":
            yield Repair("minus signs behind the number", f"ends_with({text}, '-') and {is_read}")


def _moment_repairs(column: Column, written: Format, text: str, value: str, is_read: str) -> Iterator[Repair]:
    patterns = _patterns(column, written)
    if written.null_dates:
        yield Repair("days that mean empty", f"{text} in {_texts(written.null_dates)}")
    if written.open_dates and column.has_open_end:
        yield Repair("days that mean never", f"{text} in {_texts(written.open_dates)}")
    if patterns:
        special = (*written.null_dates, *written.open_dates)
        is_read += f" and {text} not in {_texts(special)}" if special else ""
        yield Repair(
            f"days written {' or '.join(patterns)}", f"try_strptime({text}, [{_listed(patterns)}]) is not null and {is_read}"
        )  # fmt: skip
    if column.data_type == "timestamp" and written.timezone != "UTC":
        yield Repair(
            f"local times of {written.timezone} as UTC",
            f"{text} is not null and {value} <> {text} and {is_read}",
        )


def _without_null_tokens(text: str, written: Format) -> str:
    if not written.null_tokens:
        return text
    return f"case when {text} in {_texts(written.null_tokens)} then null else {text} end"


def _padded(text: str, written: Format) -> str:
    pad = written.pad
    if pad is None:
        return text
    is_meant = f"length({text}) < {pad.length}" + (f" and {like(text, '[0-9]+')}" if pad.only_numeric else "")
    return f"case when {is_meant} then lpad({text}, {pad.length}, {literal(pad.character)}) else {text} end"


def _truth(text: str, written: Format) -> str:
    if not written.true_words:
        return text
    word = f"coalesce({text}, '')"
    return (
        f"case when {word} in {_texts(written.true_words)} then 'true' when {word} in {_texts(written.false_words)} "
        f"then 'false' when {text} is not null then {literal(UNREADABLE)} || {text} end"
    )


def _number(text: str, written: Format) -> str:
    if (written.decimal, written.thousands, written.sign) == (STRICT.decimal, STRICT.thousands, STRICT.sign):
        return text
    separator = _THOUSANDS.get(written.thousands, "")
    whole = f"([0-9]{{1,3}}({separator}[0-9]{{3}})+|[0-9]*)" if separator else "[0-9]*"
    amount = f"{whole}([{written.decimal}][0-9]*)?([eE][+-]?[0-9]+)?"
    number = f"[+-]?{amount}" + (f"|{amount} ?-" if written.sign == "trailing" else "")
    value = f"regexp_replace({text}, {literal(separator)}, '', 'g')" if separator else text
    if written.decimal == ",":
        value = f"replace({value}, ',', '.')"
    if written.sign == "trailing":
        value = f"case when ends_with({text}, '-') then '-' || rtrim({value}, ' -') else {value} end"
    return f"case when {like(text, number)} then {value} else {literal(UNREADABLE)} || {text} end"


def _patterns(column: Column, written: Format) -> list[str]:
    patterns = [pattern for pattern in written.date if pattern != ISO]
    return [p for p in patterns if "%H" in p] if column.data_type == "timestamp" else patterns


def _moment(text: str, column: Column, written: Format) -> str:
    value, patterns = text, _patterns(column, written)
    if patterns:
        found = f"try_strptime({text}, [{_listed(patterns)}])"
        shape = "%Y-%m-%d" if column.data_type == "date" else "%Y-%m-%d %H:%M:%S.%f"
        iso = f"when {like(text, MOMENT)} then {text} " if ISO in written.date else ""
        value = (
            f"case when {found} is not null then strftime({found}, '{shape}') {iso}"
            f"else {literal(UNREADABLE)} || {text} end"
        )
    if column.data_type == "timestamp" and written.timezone != "UTC":
        value = _in_utc(value, written.timezone)
    if column.has_open_end and written.open_dates:
        value = f"case when {text} in {_texts(written.open_dates)} then '{OPEN_END}' else {value} end"
    if written.null_dates:
        value = f"case when {text} in {_texts(written.null_dates)} then null else {value} end"
    return value


def _in_utc(text: str, timezone: str) -> str:
    """A local moment as UTC. An hour that the clock skips is marked; one that it repeats is read as its second pass."""
    zone = literal(timezone)
    moment = f"try_cast({text} as timestamp)"
    instant = f"timezone({zone}, {moment})"
    return (
        f"case when not {like(text, MOMENT)} or {like(text, ZONED_TIME)} or {moment} is null then {text} "
        f"when timezone({zone}, {instant}) <> {moment} then {literal(SKIPPED_HOUR)} || {text} "
        f"else strftime(timezone('UTC', {instant}), '%Y-%m-%d %H:%M:%S.%f') end"
    )


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(literal(text) for text in texts)


def _texts(texts: Sequence[str]) -> str:
    return f"({_listed(texts)})"
