"""Checks of the supply inputs: everything that is wrong, told at once.

HiGHS takes a right-hand side of 1e20 for infinity and ignores the row, so numbers are refused here. Add here: a check
as a function that yields sentences, and its name in `CHECKS`. Keep out: repairs; a wrong input is mended at its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.inputs import (
    COMPANY_PARAMETERS,
    TABLES,
    SupplyInputError,
    SupplyInputs,
    Table,
)

LARGEST_NUMBER = 1e12
EXAMPLES = 5
SOURCE_TYPES = ("make", "buy", "move", "subcontract")
ALLOCATION_RULES = ("cost", "priority", "fair_share")


def check_inputs(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> None:
    """Raise one error that lists every problem of the inputs, or return."""
    problems = list(_missing_columns(inputs))
    if not problems:
        problems = [problem for check in CHECKS for problem in check(inputs, periods)]
    if problems:
        lines = "\n".join(f" * {problem}" for problem in problems)
        raise SupplyInputError(
            f"The supply plan cannot be made: {len(problems)} problem(s) in its inputs\n{lines}\n"
            "Correct the extract, the planner's input or the core model that delivers the rows, and run the cycle again."
        )


def _examples(frame: pd.DataFrame, columns: tuple[str, ...]) -> str:
    shown = (
        frame.loc[:, list(columns)].drop_duplicates().astype(str).sort_values(list(columns)).head(EXAMPLES)
    )
    return "; ".join(" / ".join(row) for row in shown.itertuples(index=False))


def _sentence(table: Table, rows: pd.DataFrame, what: str, columns: tuple[str, ...] | None = None) -> str:
    columns = columns or table.keys
    return (
        f"{table.source}: {len(rows)} row(s) {what}, e.g. {_examples(rows, columns)} ({', '.join(columns)})"
    )


def _missing_columns(inputs: SupplyInputs) -> Iterator[str]:
    for name, frame in inputs.tables().items():
        missing = [column for column in TABLES[name].columns if column not in frame.columns]
        if missing:
            yield f"{TABLES[name].source}: column(s) {', '.join(missing)} missing"


def _bad_numbers(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    for name, frame in inputs.tables().items():
        table = TABLES[name]
        for column in table.numbers_of(frame):
            values = pd.to_numeric(frame[column], errors="coerce").astype(float)
            bad = ~np.isfinite(values) | (values < 0) | (values > LARGEST_NUMBER)
            if column not in table.numbers:
                bad &= frame[column].notna()
            if bad.any():
                yield _sentence(
                    table, frame[bad], f"with {column} empty, negative or above {LARGEST_NUMBER:.0e}"
                )


def _duplicate_keys(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    for name, frame in inputs.tables().items():
        table = TABLES[name]
        empty = frame[list(table.keys)].isna().any(axis=1)
        if empty.any():
            yield _sentence(table, frame[empty], "with an empty key")
        repeated = frame.duplicated(list(table.keys), keep=False)
        if repeated.any():
            yield _sentence(table, frame[repeated], "repeat the key")


def _dangling_references(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    known = {
        "source_id": set(inputs.sources["source_id"]),
        "item_id": set(inputs.items["item_id"]),
        "resource_id": set(inputs.capacity["resource_id"]),
    }
    checked = {
        "source_id": ("source_limits", "source_inputs", "source_input_changes", "source_loads"),
        "item_id": (
            "demand",
            "sources",
            "source_inputs",
            "source_input_changes",
            "inventory_position",
            "open_supply",
            "target_stocks",
            "storage_uses",
        ),
        "resource_id": ("source_loads", "labour"),
    }
    for column, names in checked.items():
        for name in names:
            frame = inputs.tables()[name]
            unknown = frame[~frame[column].isin(known[column])]
            if len(unknown):
                yield _sentence(TABLES[name], unknown, f"name an unknown {column}", (column,))


def _source_rules(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    sources, table = inputs.sources, TABLES["sources"]
    yields = pd.to_numeric(sources["yield_ratio"], errors="coerce")
    rules = {
        "with a yield_ratio not above 0 and up to 1": (yields <= 0) | (yields > 1),
        f"with a source_type not among {', '.join(SOURCE_TYPES)}": ~sources["source_type"].isin(SOURCE_TYPES),
        "with an empty site_id": sources["site_id"].isna(),
        "that move without from_site_id": (sources["source_type"] == "move") & sources["from_site_id"].isna(),
        "that move from a site to itself": (sources["source_type"] == "move")
        & (sources["from_site_id"] == sources["site_id"]),
    }
    for what, bad in rules.items():
        if bad.any():
            yield _sentence(table, sources[bad], what)


def _capacity_rules(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    capacity, table = inputs.capacity, TABLES["capacity"]
    cheap = capacity[capacity["overtime_cost_per_hour"] < capacity["regular_cost_per_hour"]]
    if len(cheap):
        yield _sentence(table, cheap, "with overtime cheaper than regular hours")
    months = set(periods)
    dated = capacity.assign(period_start_date=pd.to_datetime(capacity["period_start_date"]))
    held = (
        dated[dated["period_start_date"].isin(months)].groupby("resource_id")["period_start_date"].nunique()
    )
    used = pd.DataFrame({"resource_id": sorted(set(inputs.source_loads["resource_id"]))})
    short = used[used["resource_id"].map(held).fillna(0) < len(months)]
    if len(short):
        yield _sentence(
            table, short, "of resources without hours in every month of the horizon", ("resource_id",)
        )


def _horizon_rules(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    for name, column in (("open_supply", "expected_period_start_date"), ("demand", "period_start_date")):
        frame = inputs.tables()[name]
        early = frame[pd.to_datetime(frame[column]) < periods[0]]
        if len(early):
            yield _sentence(
                TABLES[name], early, f"dated before the first month planned, {periods[0]:%Y-%m-%d}"
            )
    position = inputs.inventory_position
    served = pd.MultiIndex.from_frame(inputs.demand[["item_id", "site_id"]])
    owed = position[position["backlog_units"] > 0]
    orphan = owed[~pd.MultiIndex.from_frame(owed[["item_id", "site_id"]]).isin(served)]
    if len(orphan):
        yield _sentence(
            TABLES["inventory_position"], orphan, "owe units to customers but have no demand stream"
        )


def _parameter_rules(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    company = inputs.parameters[inputs.parameters["scope"] == "company"]
    missing = [name for name in COMPANY_PARAMETERS if name not in set(company["parameter_id"])]
    if missing:
        yield f"{TABLES['parameters'].source}: parameter(s) {', '.join(missing)} missing at scope company"
        return
    values = dict(zip(company["parameter_id"], company["parameter_value"].astype(float), strict=True))
    holding, below = values["holding_cost_ratio_per_year"] / 12, values["below_target_cost_ratio_per_month"]
    if bool((inputs.target_stocks["target_units"] > 0).any()) and below <= holding:
        yield (
            f"{TABLES['parameters'].source}: below_target_cost_ratio_per_month {below:g} does not exceed a month's "
            f"holding cost {holding:g} (holding_cost_ratio_per_year / 12): no target stock would ever be held"
        )


def _policy_rules(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Iterator[str]:
    people, table = inputs.labour, TABLES["labour"]
    rules = {
        "without people at the start and without hours_per_head: hours of a person are not known": (
            people["opening_heads"].astype(float) <= 0
        )
        & people["hours_per_head"].isna(),
        "with minimum_heads above maximum_heads": people["minimum_heads"].astype(float)
        > people["maximum_heads"].astype(float),
    }
    for what, bad in rules.items():
        if bad.any():
            yield _sentence(table, people[bad], what)
    rules_said = inputs.allocation_rules
    unknown = rules_said[~rules_said["allocation_rule"].isin(ALLOCATION_RULES)]
    if len(unknown):
        yield _sentence(
            TABLES["allocation_rules"],
            unknown,
            f"with an allocation_rule not among {', '.join(ALLOCATION_RULES)}",
        )


CHECKS: tuple[Callable[[SupplyInputs, pd.DatetimeIndex], Iterator[str]], ...] = (
    _bad_numbers,
    _duplicate_keys,
    _dangling_references,
    _source_rules,
    _capacity_rules,
    _horizon_rules,
    _parameter_rules,
    _policy_rules,
)
