"""Contracts as JSON Schema, draft 2020-12: a row of each table as an object, and a delivery as an object of tables.

What JSON Schema has no word for (decimals, units, keys, references) stands beside it under `x-` names, which validators
pass over. Add here: another fact of a row. Keep out: rules over several rows (dbt).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sop_pipeline.contract_book.facts import table_facts
from sop_pipeline.warehouse.contracts import Column, Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_NUMBER = 1e12
_TYPES: dict[str, dict[str, Any]] = {
    "varchar": {"type": "string"},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "bigint": {"type": "integer"},
    "double precision": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "timestamp": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$"},
}  # fmt: skip


def schema_id(contract: Contract) -> str:
    """The name by which schemas refer to each other."""
    return f"urn:sop:source-contract:{contract.schema}:{contract.name}"


def column_schema(column: Column) -> dict[str, Any]:
    """A value of a column; null where it may be empty."""
    schema: dict[str, Any] = {"title": column.name, "description": column.description}
    kind = dict(_TYPES.get(column.data_type, {"type": "number"}))
    if column.is_number:
        kind = {"minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER} | kind
    if column.data_type == "varchar" and column.is_required:
        kind["minLength"] = 1
    if column.accepted_values:
        kind["enum"] = [*column.accepted_values, *([] if column.is_required else [None])]
    if not column.is_required:
        kind["type"] = [kind["type"], "null"]
    schema |= kind
    if column.example is not None:
        schema["examples"] = [example_of(column)]
    facts = {"x-decimals": column.decimals, "x-unit": column.unit, "x-references": column.references}
    facts["x-open-end"] = "9999-12-31" if column.has_open_end else None
    facts["x-pii"] = column.pii if column.pii != "none" else None
    return schema | {name: value for name, value in facts.items() if value is not None}


def example_of(column: Column) -> Any:
    """The example as JSON has it; None where there is none."""
    text = column.example
    if text is None:
        return None
    if column.data_type == "boolean":
        return text == "true"
    if column.is_number:
        return int(text) if column.data_type in ("integer", "bigint") else float(text)
    return text


def table_schema(contract: Contract) -> dict[str, Any]:
    """A row of the table. Columns that the contract does not know are ignored, so they are allowed."""
    facts = table_facts(contract)
    shown = (
        "delivery",
        "cadence",
        "cut_off",
        "freshness_days",
        "owner",
        "on_violation",
        "control_totals",
        "sign",
        "pii",
    )
    return {
        "$schema": DIALECT,
        "$id": schema_id(contract),
        "title": contract.table,
        "description": contract.description,
        "type": "object",
        "properties": {column.header: column_schema(column) for column in contract.columns},
        "required": [column.header for column in contract.columns if not column.is_optional],
        "additionalProperties": True,
        "x-key": facts["key"],
        "x-files": facts["files"],
        "x-mandatory": facts["is_mandatory"],
    } | {f"x-{name.replace('_', '-')}": facts[name] for name in shown if facts[name]}  # fmt: skip


def index_schema(contracts: Sequence[Contract]) -> dict[str, Any]:
    """A delivery: an array of rows for each table."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:sop:source-contract:{contracts[0].schema}",
        "title": "Delivery",
        "description": "One array of rows for each table of the source contract.",
        "type": "object",
        "properties": {
            contract.name: {
                "type": "array",
                "items": {"$ref": schema_id(contract)},
                "minItems": int(contract.delivery.get("minimum_rows", 0)),
                "description": contract.description,
            }
            for contract in contracts
        },
        "required": [c.name for c in contracts if c.delivery.get("mandatory", True)],
        "additionalProperties": False,
    }
