"""`formats.yml`: how one company's files are written and called, where its source contract says otherwise or nothing.

    source: {encoding: cp1252, delimiter: ';'}          # every table of the system
    planner: {decimal: ','}                             # every planners' file
    tables:
      vbap: {date: ['%d.%m.%Y'], columns: {KWMENG: {sign: trailing}}}
    files: {vbap: 'VBAP_*.txt'}                         # what a table's file is called
    delivery: {marker: required}                        # nothing is read before _SUCCESS or manifest.json is there

A table may also say `delivery: {mode: delta, mandatory: false, reuse_maximum_days: 62}`: how it comes, whether a cycle can
do without it, and how old the last accepted file may be that is used instead.

It lies beside the files (or in the folder above `cycle=YYYY-MM`), lands with them and is part of the delivery's hash.
Add here: something a company may say of all its files. Keep out: what a format is (formats.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sop_pipeline.delivery.formats import (
    COLUMN_KEYS,
    FILE_KEYS,
    STRICT,
    VALUE_KEYS,
    Format,
    layered,
    problems_of,
    unknown_words,
)

FORMATS_FILE = "formats.yml"
MAXIMUM_BYTES = 1 << 20
_TABLE_KEYS = (*FILE_KEYS, *VALUE_KEYS)
_NO_FORMAT = ("columns", "delivery")


class FormatsError(ValueError):
    """formats.yml cannot be meant as it is written. `problems`: every one of them, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class CompanyFormats:
    """What a company declared: for its system's tables, its planners' files, single tables and columns, file names."""

    source: Mapping[str, Any] = field(default_factory=dict)
    planner: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    delivery: Mapping[str, Any] = field(default_factory=dict)

    def delivery_of(self, table: str, declared: Mapping[str, Any]) -> dict[str, Any]:
        """How a table is delivered. `declared`: what its contract says."""
        return {**declared, **self.tables.get(table, {}).get("delivery", {})}

    def format_of(self, schema: str, table: str, declared: Mapping[str, Any]) -> Format:
        """How a table's file is written. `declared`: what its contract says."""
        of_all = self.planner if schema == "planner" else self.source
        of_table = {key: value for key, value in self.tables.get(table, {}).items() if key not in _NO_FORMAT}
        return layered(layered(layered(STRICT, declared), of_all), of_table)

    def format_of_column(
        self, table: str, names: Collection[str], of_table: Format, declared: Mapping[str, Any]
    ) -> Format:
        """How a column is written. `names`: its own and its name in the file; `declared`: what its contract says."""
        own = {
            str(name).casefold(): said for name, said in self.tables.get(table, {}).get("columns", {}).items()
        }
        nearest: Mapping[str, Any] = next(
            (own[name.casefold()] for name in names if name.casefold() in own), {}
        )
        return layered(layered(of_table, declared), nearest)


NOTHING_DECLARED = CompanyFormats()


def read_company_formats(folder: Path, known_tables: Collection[str] | None = None) -> CompanyFormats:
    """formats.yml of a folder; nothing declared where there is none.

    Raises FormatsError with everything that is wrong: unreadable YAML, unknown keys and tables (where `known_tables` are
    given), values that no format has.
    """
    path = folder / FORMATS_FILE
    if not path.is_file():
        return NOTHING_DECLARED
    if path.stat().st_size > MAXIMUM_BYTES:
        raise FormatsError([f"{path} has {path.stat().st_size} bytes. Formats need a few lines."])
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FormatsError([f"{path} cannot be read as YAML: {' '.join(str(error).split())}."]) from None
    problems = list(_problems(str(path), document, known_tables))
    if problems:
        raise FormatsError(problems)
    return CompanyFormats(
        document.get("source") or {},
        document.get("planner") or {},
        document.get("tables") or {},
        document.get("files") or {},
        document.get("delivery") or {},
    )


def _problems(path: str, document: object, known_tables: Collection[str] | None) -> Iterator[str]:
    parts = ("source", "planner", "tables", "files", "delivery")
    if not isinstance(document, Mapping):
        yield f"{path}: write source:, planner:, tables:, files: or delivery:, not {document!r}."
        return
    yield from unknown_words(path, document, parts, "part")
    for part in ("source", "planner"):
        if document.get(part) is not None:
            yield from problems_of(f"{path}, {part}", document[part], _TABLE_KEYS)
    if document.get("delivery") is not None:
        yield from problems_of(f"{path}, delivery", document["delivery"], ("marker",))
    for part in ("tables", "files"):
        of_tables = document.get(part) or {}
        if not isinstance(of_tables, Mapping):
            yield f"{path}, {part}: name tables, not {of_tables!r}."
            continue
        if known_tables is not None:
            yield from unknown_words(f"{path}, {part}", of_tables, known_tables, "table")
        for table, said in of_tables.items():
            where = f"{path}, {part}, {table}"
            yield from _table_problems(where, said) if part == "tables" else _file_name_problems(where, said)


def _table_problems(where: str, said: object) -> Iterator[str]:
    if not isinstance(said, Mapping):
        yield from problems_of(where, said, (*_TABLE_KEYS, *_NO_FORMAT))
        return
    known = {key: value for key, value in said.items() if key != "columns"}
    yield from problems_of(where, known, (*_TABLE_KEYS, *_NO_FORMAT))
    columns = said.get("columns", {})
    if not isinstance(columns, Mapping):
        yield f"{where}, columns: name columns, not {columns!r}."
        return
    for column, of_column in columns.items():
        yield from problems_of(f"{where}, columns, {column}", of_column, COLUMN_KEYS)


def _file_name_problems(where: str, said: object) -> Iterator[str]:
    if not isinstance(said, str) or not said.strip() or "/" in said or "\\" in said or said.startswith("."):
        yield f"{where}: {said!r} is no file name or pattern. Write a name without folders, such as 'VBAP_*.txt'."
