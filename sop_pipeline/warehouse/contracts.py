"""Table contracts, read from the dbt YAML: the one place where a table's columns, types, grain and meaning are written.

Add here: another fact that the YAML says about a table. Keep out: contracts themselves (dbt_project/models), and the
enforcement of them (see `conform` for frames, `ingest` for landed files).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import yaml

from sop_pipeline.delivery.formats import SHORT_COLUMN_KEYS

CONTRACT_VERSION = "1"
"""Version of the published tables' contracts; a removed or retyped column is a new one, and stands in the CHANGELOG."""

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_ARROW_TYPES: dict[str, pa.DataType] = {
    "varchar": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


class UnknownTable(KeyError):
    """A table was named that no contract declares."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Column:
    """A column of a table: its SQL type, whether it may be empty, its unit and its meaning.

    `has_open_end`: a day on which something ends, where 9999-12-31 means never and is read as empty. `declared_format`:
    how its values are written, where not as in the rest of the table (delivery.formats).
    `is_optional`: a delivered file may leave the column out; it is then empty in every row.
    `references`: table of the same contract whose key the value must be, or column (schema.table.column) whose values it
    may have, beside those in `references_also`; `references_by`: such a column, or a word, for each value of another
    column (level -> family -> ...). `example`: a value as a file has it. `pii`: `personal` where the value may name a
    person, else `none`.
    """

    name: str
    data_type: str
    description: str
    is_required: bool = False
    unit: str | None = None
    accepted_values: tuple[str, ...] = ()
    source_column: str | None = None
    has_open_end: bool = False
    declared_format: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_optional: bool = False
    references: str | None = None
    references_by: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    references_also: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    example: str | None = None
    pii: str = "none"

    @property
    def arrow_type(self) -> pa.DataType:
        """The type in Arrow and Parquet."""
        decimal = _DECIMAL.fullmatch(self.data_type)
        if decimal:
            return pa.decimal128(int(decimal[1]), int(decimal[2]))
        return _ARROW_TYPES[self.data_type]

    @property
    def is_number(self) -> bool:
        """True of a quantity: whole numbers, decimals and doubles."""
        return self.data_type in ("integer", "bigint", "double precision") or self.decimals is not None

    @property
    def decimals(self) -> int | None:
        """Digits behind the decimal point; None of what is no decimal."""
        decimal = _DECIMAL.fullmatch(self.data_type)
        return int(decimal[2]) if decimal else None

    @property
    def header(self) -> str:
        """The column's name in the delivered file."""
        return self.source_column or self.name


@dataclass(frozen=True)
class Contract:
    """A table's contract. `schema.name` is its name in the lake, in dbt and, as a key of two parts, in Dagster.

    `declared_format`: how its file is written, by what its source and the table itself say (delivery.formats).
    """

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    grain: tuple[str, ...]
    path: Path
    is_model: bool
    meta: Mapping[str, Any] = field(default_factory=dict)
    declared_format: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """Full name, `schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def relation(self) -> str:
        """Name of the table in the working database: a model that repeats its schema in its name stands there without it."""
        return self.name.removeprefix(f"{self.schema}_") if self.is_model else self.name

    @property
    def key(self) -> list[str]:
        """Parts of the Dagster asset key."""
        return [self.schema, self.name]

    @property
    def arrow_schema(self) -> pa.Schema:
        """Columns and types as written to Parquet."""
        return pa.schema([pa.field(c.name, c.arrow_type, nullable=not c.is_required) for c in self.columns])

    @property
    def delivery(self) -> Mapping[str, Any]:
        """How a source delivers the table; empty for tables that we make.

        `mode`, `mandatory`, `minimum_rows` of a file that is delivered; `repeated_keys: kept_out` where rows of one key
        are judged on arrival; `without_it`: what a plan is without an optional table, told when it does not come.
        `cadence`, `cut_off`: how often, and up to which day; `freshness_days`: how old the newest row may be at the
        cut-off; `owner`: who answers for it; `on_violation`: what a row gets that breaks the contract; `control_totals`:
        columns whose sums a delivery can state.
        """
        delivery: Mapping[str, Any] = self.meta.get("delivery", {})
        return delivery

    @property
    def pii(self) -> str:
        """`personal` where a column may name a person, else `none`."""
        return str(self.meta.get("pii", "none"))

    @property
    def sign(self) -> str | None:
        """Which sign quantities and amounts have, in words; None where nothing can be signed."""
        sign: str | None = self.meta.get("sign")
        return sign

    def empty(self) -> pa.Table:
        """A typed table without rows."""
        return self.arrow_schema.empty_table()


class Contracts(Mapping[str, Contract]):
    """All contracts by full table name."""

    def __init__(self, contracts: list[Contract]) -> None:
        self._by_table = {contract.table: contract for contract in contracts}

    def __getitem__(self, table: str) -> Contract:
        if table not in self._by_table:
            schema = table.split(".")[0]
            known = ", ".join(sorted(t for t in self._by_table if t.startswith(schema + "."))) or "none"
            raise UnknownTable(f"No contract declares {table}. Tables of that schema: {known}.")
        return self._by_table[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_table)

    def __len__(self) -> int:
        return len(self._by_table)

    def of_schema(self, schema: str) -> list[Contract]:
        """Contracts of one schema, in the order of the YAML."""
        return [contract for contract in self._by_table.values() if contract.schema == schema]


@lru_cache(maxsize=4)
def load_contracts(dbt_project_dir: Path) -> Contracts:
    """Read every contract of a dbt project.

    A source's schema is its name; a model's is the folder below `models/` that it stands in (erp, core, marts).
    Raises ValueError for two contracts of one table.
    """
    contracts: list[Contract] = []
    models_dir = dbt_project_dir / "models"
    for path in sorted(models_dir.rglob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        for source in document.get("sources", []):
            of_source = source.get("config", {}).get("meta", {}).get("format", {})
            contracts += [
                _read_contract(table, source["name"], path, False, of_source) for table in source["tables"]
            ]
        folder = path.relative_to(models_dir).parts[0]
        contracts += [_read_contract(model, folder, path, True) for model in document.get("models", [])]
    _refuse_duplicates(contracts)
    return Contracts(contracts)


def _refuse_duplicates(contracts: list[Contract]) -> None:
    seen: dict[str, Path] = {}
    for contract in contracts:
        if contract.table in seen:
            raise ValueError(
                f"{contract.table} is declared twice: {seen[contract.table]} and {contract.path}."
            )
        seen[contract.table] = contract.path


def _read_contract(
    entry: Mapping[str, Any],
    schema: str,
    path: Path,
    is_model: bool,
    format_of_source: Mapping[str, Any] = MappingProxyType({}),
) -> Contract:
    meta = entry.get("config", {}).get("meta", {})
    return Contract(
        schema=schema,
        name=entry["name"],
        description=entry.get("description", ""),
        columns=tuple(_read_column(column) for column in entry.get("columns", [])),
        grain=tuple(meta.get("grain", ())),
        path=path,
        is_model=is_model,
        meta=meta,
        declared_format={**format_of_source, **meta.get("format", {})},
    )


def _read_column(entry: Mapping[str, Any]) -> Column:
    meta = entry.get("config", {}).get("meta", {})
    constraints = {constraint["type"] for constraint in entry.get("constraints", [])}
    return Column(
        name=entry["name"],
        data_type=entry.get("data_type", "varchar"),
        description=entry.get("description", ""),
        is_required=bool(meta.get("required")) or "not_null" in constraints,
        unit=meta.get("unit"),
        accepted_values=tuple(meta.get("accepted_values", ())),
        source_column=meta.get("source_column"),
        has_open_end=bool(meta.get("open_end")),
        declared_format={key: meta[key] for key in SHORT_COLUMN_KEYS if key in meta} | meta.get("format", {}),
        is_optional=bool(meta.get("optional")),
        references=meta.get("references"),
        references_by=meta.get("references_by", {}),
        references_also=tuple(meta.get("references_also", ())),
        minimum=meta.get("minimum"),
        maximum=meta.get("maximum"),
        example=None if meta.get("example") is None else str(meta["example"]),
        pii=meta.get("pii", "none"),
    )
