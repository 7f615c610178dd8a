"""What a contract says, as plain values in the order in which a reader asks for them.

Add here: a fact that every way of writing out shows. Keep out: how it looks (`page`, the command line).
"""

from __future__ import annotations

from typing import Any

from sop_pipeline.delivery.names import names_of
from sop_pipeline.warehouse.contracts import Column, Contract


def file_names(contract: Contract) -> list[str]:
    """Names that the table's file may have."""
    return list(names_of(contract.name, contract.meta.get("file"), None))


def need_of(column: Column) -> str:
    """`every row`, `may be empty`, or `may be left out`: the column as a whole."""
    if column.is_required:
        return "every row"
    return "may be left out" if column.is_optional else "may be empty"


def column_facts(column: Column, contract: Contract) -> dict[str, Any]:
    """A column: name in the file, type, need, unit, what it may be, meaning, example."""
    return {
        "name": column.header,
        "canonical_name": column.name,
        "is_key": column.name in contract.grain,
        "type": column.data_type,
        "decimals": column.decimals,
        "need": need_of(column),
        "unit": column.unit,
        "accepted_values": list(column.accepted_values),
        "says_values": all(value in column.description for value in column.accepted_values),
        "references": column.references,
        "is_open_end": column.has_open_end,
        "pii": column.pii,
        "description": column.description,
        "example": column.example,
    }


def table_facts(contract: Contract) -> dict[str, Any]:
    """A table: what a row is, key, delivery, sign, and its columns."""
    delivery = contract.delivery
    return {
        "table": contract.table,
        "name": contract.name,
        "area": contract.meta.get("area"),
        "description": contract.description,
        "key": list(contract.grain),
        "files": file_names(contract),
        "is_mandatory": bool(delivery.get("mandatory", True)),
        "without_it": delivery.get("without_it"),
        "delivery": delivery.get("mode", "full"),
        "minimum_rows": delivery.get("minimum_rows", 0),
        "cadence": delivery.get("cadence"),
        "cut_off": delivery.get("cut_off"),
        "freshness_days": delivery.get("freshness_days"),
        "owner": delivery.get("owner"),
        "on_violation": delivery.get("on_violation"),
        "control_totals": list(delivery.get("control_totals", ())),
        "sign": contract.sign,
        "pii": contract.pii,
        "columns": [column_facts(column, contract) for column in contract.columns],
    }
