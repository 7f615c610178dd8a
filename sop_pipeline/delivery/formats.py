"""How a system's files are written, where that is not the strict way: encoding, delimiter, decimals, signs, dates, words.

Declared in a source contract, as `config.meta.format` of the source, of a table or (keys of values) of a column, where
`pad`, `date` and `decimal` may also stand in `config.meta` itself; and by a company for its own files in `formats.yml`
(company.py). What is nearer to the column counts: column, table, source; of each the company's word before the contract's.
Add here: another way of writing that can be declared, with its check. Keep out: what is done about it
(warehouse.ingest.plain, warehouse.ingest.csv_files).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ISO = "iso"
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5", "shift_jis", "cp932", "euc_jp",
    "euc_kr", "latin-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp850", "cp437",
    "koi8-r",
)  # fmt: skip


@dataclass(frozen=True)
class Pad:
    """Codes are filled up in front to `length` with `character`; `only_numeric`: only those made of digits (SAP's ALPHA)."""

    length: int
    character: str = "0"
    only_numeric: bool = True


@dataclass(frozen=True)
class Format:
    """How values are written, and the file that they stand in. The defaults are the strict way.

    `date`: strptime patterns, or 'iso'. `null_dates` and `null_tokens`: texts that mean empty; `open_dates`: that mean
    never, where something ends. `timezone`: of moments that name none. `true_words`, `false_words`: empty = true, false.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    sign: str = "leading"
    date: tuple[str, ...] = (ISO,)
    null_dates: tuple[str, ...] = ()
    open_dates: tuple[str, ...] = ()
    null_tokens: tuple[str, ...] = ()
    timezone: str = "UTC"
    true_words: tuple[str, ...] = ()
    false_words: tuple[str, ...] = ()
    pad: Pad | None = None

    @property
    def is_utf_8(self) -> bool:
        """No other encoding was declared."""
        return self.encoding in ("utf-8", "utf-8-sig")


STRICT = Format()
FILE_KEYS = ("encoding", "delimiter", "quote")
VALUE_KEYS = (
    "decimal",
    "thousands",
    "sign",
    "date",
    "null_dates",
    "open_dates",
    "null_tokens",
    "timezone",
    "booleans",
)
COLUMN_KEYS = (*VALUE_KEYS, "pad")
DELIVERY_KEYS = ("mode", "mandatory", "minimum_rows", "reuse_maximum_days")
SHORT_COLUMN_KEYS = ("pad", "date", "decimal")


def layered(base: Format, declared: Mapping[str, Any]) -> Format:
    """A format with what was declared nearer to the column put over it. `declared` has passed `problems_of`."""
    changes: dict[str, Any] = {key: declared[key] for key in ("delimiter", "quote", "decimal", "thousands", "sign", "timezone")
                               if key in declared}  # fmt: skip
    if "encoding" in declared:
        changes["encoding"] = codecs.lookup(declared["encoding"]).name
    for key in ("date", "null_dates", "open_dates", "null_tokens"):
        if key in declared:
            changes[key] = tuple(_listed(declared[key]))
    if "booleans" in declared:
        words = {str(key).lower(): _listed(value) for key, value in declared["booleans"].items()}
        changes["true_words"] = tuple(str(word) for word in words["true"])
        changes["false_words"] = tuple(str(word) for word in words["false"])
    if "pad" in declared:
        pad = declared["pad"]
        changes["pad"] = Pad(
            int(pad["length"]), str(pad.get("character", "0")), pad.get("only", "numeric") == "numeric"
        )
    return replace(base, **changes)


def unknown_words(where: str, found: Iterable[object], known: Iterable[str], what: str) -> Iterator[str]:
    """A problem for every word that is not known, with the one that was meant."""
    names = list(known)
    for word in found:
        if word not in names:
            near = get_close_matches(str(word), names, n=1)
            meant = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."
            yield f"{where}: no {what} is called {str(word)[:80]!r}. {meant}"


def problems_of(where: str, declared: object, keys: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a declared format: every unknown key, and every value that cannot be meant."""
    if not isinstance(declared, Mapping):
        yield f"{where}: write keys and values ({', '.join(keys)}), not {declared!r}."
        return
    yield from unknown_words(where, declared, keys, "key")
    for key, value in declared.items():
        if key in keys:
            for problem in _CHECKS[key](value):
                yield f"{where}, {key}: {problem}"
    decimal, thousands = declared.get("decimal", "."), declared.get("thousands", "")
    if thousands and decimal == thousands:
        yield f"{where}: decimal and thousands are both {decimal!r}; one of them must be another sign."


def _listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _encoding(value: object) -> Iterator[str]:
    try:
        known = isinstance(value, str) and codecs.lookup(value).name in {
            codecs.lookup(name).name for name in ENCODINGS
        }
    except LookupError:
        known = False
    if not known:
        yield from unknown_words("it", [value], ENCODINGS, "encoding")


def _one_of(*accepted: str) -> Any:
    def check(value: object) -> Iterator[str]:
        if value not in accepted:
            yield f"{value!r} is not one of {', '.join(map(repr, accepted))}."

    return check


def _patterns(value: object) -> Iterator[str]:
    for pattern in _listed(value):
        if pattern == ISO:
            continue
        if not isinstance(pattern, str) or not all(f"%{part}" in pattern for part in "Ymd"):
            yield f"{pattern!r} is not a pattern of a day: write iso, or a pattern with %Y, %m and %d such as '%d.%m.%Y'."
    without = {str(pattern).replace("%d", "?").replace("%m", "?") for pattern in _listed(value)}
    if len(without) < len(_listed(value)):
        yield f"{value!r} says day first and month first at once: 01/02/2026 would be two days."


def _texts(value: object) -> Iterator[str]:
    for text in _listed(value):
        if not isinstance(text, str):
            yield f"{text!r} is read as a number or a day by YAML: put it in quotes."


def _timezone(value: object) -> Iterator[str]:
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        yield f"{value!r} is no time zone. Write UTC or an IANA name such as Europe/Berlin."


def _booleans(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping) or {str(key).lower() for key in value} != {"true", "false"}:
        yield "write {true: [...], false: [...]}, each with the words that mean it."
        return
    words = [word for listed in value.values() for word in _listed(listed)]
    for word in words:
        if isinstance(word, bool) or not isinstance(word, str | int):
            yield f"{word!r} is read as a truth value by YAML: put it in quotes."
    if len({str(word) for word in words}) < len(words):
        yield "a word means true and false at once."


def _delivery(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"write keys and values ({', '.join(DELIVERY_KEYS)}), not {value!r}."
        return
    yield from unknown_words("it", value, DELIVERY_KEYS, "key")
    if value.get("mode", "full") not in ("full", "delta"):
        yield f"mode is full or delta, not {value['mode']!r}."
    if not isinstance(value.get("mandatory", True), bool):
        yield f"mandatory is true or false, not {value['mandatory']!r}."
    for key in ("minimum_rows", "reuse_maximum_days"):
        if (
            not isinstance(value.get(key, 0), int)
            or isinstance(value.get(key), bool)
            or value.get(key, 0) < 0
        ):
            yield f"{key} is a whole number, not {value[key]!r}."


def _pad(value: object) -> Iterator[str]:
    if (
        not isinstance(value, Mapping)
        or not isinstance(value.get("length"), int)
        or not 0 < value["length"] <= 200
    ):
        yield "write {length: 18, character: '0', only: numeric}, with a length of 1 to 200."
        return
    yield from unknown_words("it", value, ("length", "character", "only"), "key")
    if len(str(value.get("character", "0"))) != 1:
        yield f"character is one character, not {value['character']!r}."
    if value.get("only", "numeric") not in ("numeric", "all"):
        yield f"only is numeric or all, not {value['only']!r}."


_CHECKS: dict[str, Any] = {
    "encoding": _encoding,
    "delimiter": _one_of(*DELIMITERS),
    "quote": _one_of('"', "'", ""),
    "decimal": _one_of(".", ","),
    "thousands": _one_of("", ".", ",", " ", "'"),
    "sign": _one_of("leading", "trailing"),
    "date": _patterns,
    "null_dates": _texts,
    "open_dates": _texts,
    "null_tokens": _texts,
    "timezone": _timezone,
    "booleans": _booleans,
    "pad": _pad,
    "delivery": _delivery,
    "marker": _one_of("optional", "required"),
}
