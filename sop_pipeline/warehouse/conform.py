"""Hold a frame against its contract before it is written: select, order, cast, check; raise once with everything wrong.

Add here: a check that holds for every table that Python writes. Keep out: checks of one table (quality, planning.audit).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sop_pipeline.warehouse.contracts import Column, Contract

EXAMPLES = 5


class ContractViolation(ValueError):
    """A frame does not match its table's contract. The message lists every problem and the remedy."""


def conform(frame: pd.DataFrame, contract: Contract) -> pa.Table:
    """Return the frame as an Arrow table with exactly the contract's columns, types and order, sorted by its grain.

    Floats become decimals by rounding half to even at the declared scale. Raises ContractViolation for a missing or
    undeclared column, a value that cannot be cast, is not finite, missing though required or not among the accepted
    ones, and for rows that repeat the grain.
    """
    problems = list(_column_problems(frame, contract))
    arrays: dict[str, pa.Array] = {}
    for column in contract.columns:
        if column.name in frame.columns:
            array, found = _cast(frame[column.name], column)
            arrays[column.name] = array
            problems += found
    if not problems:
        problems += _grain_problems(frame, contract)
    if problems:
        raise ContractViolation(_message(contract, problems))
    table = pa.table(arrays, schema=contract.arrow_schema)
    return table.sort_by([(name, "ascending") for name in contract.grain]) if contract.grain else table


def _column_problems(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    declared = {column.name: column for column in contract.columns}
    for name in declared.keys() - set(frame.columns):
        yield f"column '{name}' is missing (declared {declared[name].data_type})"
    for name in frame.columns:
        if name not in declared:
            yield f"column '{name}' is not declared"


def _cast(values: pd.Series, column: Column) -> tuple[pa.Array, list[str]]:
    problems: list[str] = []
    if pd.api.types.is_float_dtype(values):
        infinite = np.isinf(values.to_numpy(dtype="float64", na_value=np.nan))
        if infinite.any():
            return pa.nulls(len(values), column.arrow_type), [
                f"column '{column.name}': {int(infinite.sum())} values are not finite, e.g. row {int(infinite.argmax())}"
            ]
    try:
        array = _to_arrow(values, column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError) as error:
        return pa.nulls(len(values), column.arrow_type), [
            f"column '{column.name}' cannot be cast to {column.data_type}: {error}"
        ]
    if column.is_required and array.null_count:
        rows = np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False))[:EXAMPLES].tolist()
        problems.append(f"column '{column.name}': {array.null_count} values are missing, e.g. rows {rows}")
    if column.accepted_values:
        strange = sorted(
            {str(v) for v in pc.unique(array.drop_null()).to_pylist()} - set(column.accepted_values)
        )
        if strange:
            problems.append(
                f"column '{column.name}': {strange[:EXAMPLES]} not among {list(column.accepted_values)}"
            )
    return array, problems


def _to_arrow(values: pd.Series, column: Column) -> pa.Array:
    target = column.arrow_type
    if pa.types.is_decimal(target):
        numbers = pd.to_numeric(values, errors="raise").astype("float64")
        scaled = np.round(numbers.to_numpy(), target.scale)
        return pa.array(scaled, type=pa.float64(), from_pandas=True).cast(target)
    if pa.types.is_date(target) or pa.types.is_timestamp(target):
        moments = values if pd.api.types.is_datetime64_dtype(values) else pd.to_datetime(values)
        return pa.array(moments, from_pandas=True).cast(target, safe=pa.types.is_timestamp(target))
    if pa.types.is_string(target):
        return pa.array(values.astype("object"), type=target, from_pandas=True)
    if pa.types.is_integer(target):
        return pa.array(values, from_pandas=True).cast(target)
    return pa.array(values, type=target, from_pandas=True)


def _grain_problems(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    if not contract.grain:
        return
    repeated = frame[frame.duplicated(list(contract.grain), keep="first")]
    if len(repeated):
        examples = [
            " / ".join(str(value) for value in row)
            for row in repeated[list(contract.grain)].head(EXAMPLES).itertuples(index=False)
        ]
        yield f"{len(repeated)} rows repeat the grain ({', '.join(contract.grain)}), e.g. {'; '.join(examples)}"


def _message(contract: Contract, problems: list[str]) -> str:
    lines = [f"{contract.table} does not match its contract ({contract.path.name})"]
    lines += [f" * {problem}" for problem in problems]
    lines.append(
        "Declare the column in the contract, or stop returning it; correct the rows where they are made."
    )
    return "\n".join(lines)
