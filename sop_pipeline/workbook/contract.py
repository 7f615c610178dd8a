"""What a workbook needs to know of a planner input, and the words and hashes that come from it.

The contract itself stands in the dbt YAML; whoever calls this room hands it in.
Add here: another fact of a contract that a workbook shows. Keep out: reading contracts (warehouse.contracts).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

TEMPLATE_VERSION = "1"
"""Version of the sheets' layout; another one asks for a fresh export."""

ROLES = ("demand", "sales", "marketing", "supply", "finance")
"""Who fills workbooks in. Which table belongs to whom stands in the contract: meta `workbook_roles`."""

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


class ColumnContract(Protocol):
    """A column, as warehouse.contracts reads it."""

    @property
    def name(self) -> str: ...
    @property
    def data_type(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def accepted_values(self) -> tuple[str, ...]: ...
    @property
    def references(self) -> str | None: ...
    @property
    def references_by(self) -> Mapping[str, Mapping[str, str]]: ...
    @property
    def references_also(self) -> tuple[str, ...]: ...
    @property
    def minimum(self) -> float | None: ...
    @property
    def maximum(self) -> float | None: ...
    @property
    def example(self) -> str | None: ...


class TableContract(Protocol):
    """A planner input, as warehouse.contracts reads it."""

    @property
    def name(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def columns(self) -> Sequence[Any]: ...
    @property
    def grain(self) -> tuple[str, ...]: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...


def tables_of_role(tables: Iterable[TableContract], role: str) -> list[TableContract]:
    """The inputs that a role gives, in the order of the YAML."""
    return [table for table in tables if role in table.meta.get("workbook_roles", ())]


def label(name: str) -> str:
    """A column or table as people read it: `period_start_date` -> `Period start date`."""
    return name.replace("_", " ").capitalize()


def name_of_label(text: str) -> str:
    """The other way round, whatever the case and blanks."""
    return re.sub(r"[\s_]+", "_", text.strip()).casefold()


def scale_of(column: ColumnContract) -> int | None:
    """Decimals of a decimal column, 0 of a whole number; None for what is no number."""
    decimal = _DECIMAL.fullmatch(column.data_type)
    if decimal:
        return int(decimal[2])
    return 0 if column.data_type in ("integer", "bigint") else None


def is_month(column: ColumnContract) -> bool:
    """A day that is the first of a month."""
    return column.data_type == "date" and column.name.endswith("period_start_date")


def is_cycle(column: ColumnContract) -> bool:
    """A text that names a cycle, YYYY-MM."""
    return column.name.endswith("cycle_id")


def is_code(column: ColumnContract) -> bool:
    """A text that names something, so that its digits are no number."""
    named = column.name.endswith(("_id", "_code")) or column.references or column.references_by
    return column.data_type == "varchar" and bool(named or column.accepted_values)


def schema_hash(tables: Iterable[TableContract]) -> str:
    """sha256 over what a workbook's sheets depend on: names, types and keys of columns, words they accept."""
    facts = [
        [table.name, list(table.grain), [[c.name, c.data_type, c.is_required, list(c.accepted_values)] for c in table.columns]]
        for table in tables
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
