"""From the text of a case's files to typed tables: everything that is wrong is told at once, with file and line.

Add here: a check of what a planner may have written wrong. Keep out: files (the caller hands over frames of text), what
the tables mean together (`problem`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast, get_args

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.fields import CaseTable, Field
from sop_pipeline.planning.supply.case.tables import OBJECTIVES, PARAMETERS, TABLES
from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.solve_limits import LARGEST_SEED, Algorithm, SolveLimits

LARGEST_NUMBER = 1e12
EXAMPLES = 5
_TRUE, _FALSE = ("yes", "true", "1", "y"), ("no", "false", "0", "n", "")


@dataclass(frozen=True)
class CaseTables:
    """A case, typed: every table of the contract, with defaults filled in; empty cells without one are NaN or ''."""

    tables: dict[str, pd.DataFrame]
    periods: list[str]
    parameters: dict[str, str]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    @property
    def objective(self) -> str:
        """cost, margin or service."""
        return self.parameters["objective"]

    @property
    def has_whole_units(self) -> bool:
        """Units and people are whole numbers."""
        return self.parameters["integer"].casefold() in _TRUE

    @property
    def confirm_prices(self) -> int | None:
        """How many prices to confirm by another solve; None: as the size of the case allows."""
        said = self.parameters["confirm_prices"]
        return None if said == "auto" else int(float(said))

    @property
    def limits(self) -> SolveLimits:
        """How to look for the plan and when to stop."""
        return SolveLimits(
            time_limit_seconds=self.number("time_limit_seconds"),
            gap_ratio=self.number("gap_ratio"),
            algorithm=cast("Algorithm", self.parameters["algorithm"]),
            seed=int(self.parameters["seed"]),
        )

    def number(self, parameter: str) -> float:
        """Value of a parameter that is a number."""
        return float(self.parameters[parameter])


def read_case(files: Mapping[str, pd.DataFrame], options: Mapping[str, str] | None = None) -> CaseTables:
    """Read a case from frames of text by file name (without `.csv`); `options` win over parameters.csv.

    Every cell is text, in any order of rows and columns; a column `line` may carry the line of the file.
    Raises SupplyInputError that lists every problem: unknown files and columns, missing ones, what is no number, negative
    or too large, keys that repeat, names that nobody declares, periods that cannot be put in order.
    """
    problems: list[str] = []
    found = _by_table(files, problems)
    tables = {name: _typed(table, found.get(name), problems) for name, table in TABLES.items()}
    parameters = _parameters(tables["parameters"], options or {}, problems)
    periods = _periods(tables, problems)
    for name, table in TABLES.items():
        problems += _repeated_keys(table, tables[name])
    problems += _unknown_names(tables, periods)
    problems += _rules(tables)
    if problems:
        lines = "\n".join(f" * {problem}" for problem in problems)
        raise SupplyInputError(
            f"The case cannot be read: {len(problems)} problem(s)\n{lines}\n"
            "`sop solve --tables` lists every file and column with its meaning; `sop solve --template DIR` writes empty ones."
        )
    tables = {name: frame.drop(columns="line") for name, frame in tables.items()}
    return CaseTables(tables, periods, parameters)


def _by_table(files: Mapping[str, pd.DataFrame], problems: list[str]) -> dict[str, pd.DataFrame]:
    names = {name: table.name for table in TABLES.values() for name in (table.name, *table.other_names)}
    found: dict[str, pd.DataFrame] = {}
    for file, frame in files.items():
        if file not in names:
            problems.append(f"{file}.csv is no file of a case{_did_you_mean(file, names)}")
        elif names[file] in found:
            problems.append(f"{file}.csv and another file are both {names[file]}: keep one")
        else:
            found[names[file]] = frame
    if not {"demand", "master_schedule"} & found.keys():
        problems.append(f"demand.csv is missing: {TABLES['demand'].description}")
    return found


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    guess = get_close_matches(word.casefold(), [str(name) for name in known], n=1)
    return f" (did you mean {guess[0]}?)" if guess else ""


def _typed(table: CaseTable, frame: pd.DataFrame | None, problems: list[str]) -> pd.DataFrame:
    columns = table.columns
    if frame is None:
        kinds = {name: float if field.is_number else object for name, field in columns.items()} | {
            "line": int
        }
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    given = frame.rename(columns={column: str(column).strip().casefold() for column in frame.columns})
    repeated = sorted({name for name in given.columns if list(given.columns).count(name) > 1})
    if repeated:
        problems.append(f"{table.name}.csv: column(s) {', '.join(repeated)} stand twice")
        given = given.loc[:, ~given.columns.duplicated()]
    if "line" not in given:
        given = given.assign(line=np.arange(2, len(given) + 2))
    unknown = [name for name in given.columns if name not in columns and name != "line"]
    problems += [
        f"{table.name}.csv: column {name!r} is not known{_did_you_mean(name, columns)}" for name in unknown
    ]
    missing = [field.name for field in table.fields if field.is_required and field.name not in given]
    if missing:
        problems.append(f"{table.name}.csv: column(s) {', '.join(missing)} missing")
    read = {
        field.name: _column(table, field, given, problems)
        for field in table.fields
        if field.name not in missing
    }
    read |= {name: pd.Series("", index=given.index, dtype=object) for name in missing}
    return pd.DataFrame(read).assign(line=given["line"].astype(int)).reset_index(drop=True)


def _column(table: CaseTable, field: Field, given: pd.DataFrame, problems: list[str]) -> pd.Series[Any]:
    cells = given.get(field.name, pd.Series("", index=given.index))
    text = cells.fillna("").astype(str).str.strip()
    is_empty = text == ""
    lines = given["line"]
    if field.is_required and is_empty.any():
        problems.append(_told(table, f"{field.name} is empty", text[is_empty], lines))
    if not field.is_number:
        if field.accepted_values:
            folded = text.str.casefold()
            bad = ~folded.isin(field.accepted_values) & ~is_empty
            if bad.any():
                what = f"{field.name} is none of {', '.join(field.accepted_values)}"
                problems.append(_told(table, what, text[bad], lines))
            text = folded
        return text.where(~is_empty, "" if field.default is None else str(field.default)).astype(object)
    numbers = pd.to_numeric(text.where(~is_empty), errors="coerce").astype(float)
    wrong = {
        "is no number": numbers.isna() & ~is_empty,
        f"is not finite or above {LARGEST_NUMBER:.0e}": ~is_empty
        & numbers.notna()
        & ~(numbers.abs() <= LARGEST_NUMBER),
        "is negative": (numbers < 0) & (numbers.abs() <= LARGEST_NUMBER),
        "is not above 0": (numbers == 0) & field.is_above_zero,
    }
    for what, bad in wrong.items():
        if bad.any():
            problems.append(_told(table, f"{field.name} {what}", text[bad], lines))
    if field.default is not None:
        numbers = numbers.fillna(float(field.default))
    return numbers


def _told(table: CaseTable, what: str, cells: pd.Series[Any], lines: pd.Series[Any]) -> str:
    at = lines[cells.index].tolist()
    shown = "; ".join(
        f"line {line}" + (f": {text!r}" if text else "")
        for line, text in zip(at[:EXAMPLES], cells.tolist()[:EXAMPLES], strict=True)
    )
    more = f" and {len(cells) - EXAMPLES} more" if len(cells) > EXAMPLES else ""
    return f"{table.name}.csv: {what} in {len(cells)} row{'s' if len(cells) > 1 else ''} ({shown}{more})"


def _repeated_keys(table: CaseTable, frame: pd.DataFrame) -> Iterator[str]:
    keys = list(table.keys)
    repeated = frame[frame.duplicated(keys, keep=False)]
    if len(repeated):
        shown = repeated.sort_values([*keys, "line"]).head(EXAMPLES)
        rows = "; ".join(
            f"line {line}: {' / '.join(map(str, key))}"
            for line, *key in shown[["line", *keys]].itertuples(index=False)
        )
        yield f"{table.name}.csv: {len(repeated)} rows repeat a key ({', '.join(keys)}): {rows}"


def _parameters(frame: pd.DataFrame, options: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    values = {name: default for name, (default, _) in PARAMETERS.items()}
    given = dict(zip(frame["parameter"].str.casefold(), frame["value"], strict=True))
    for name, value in given.items():
        if name not in PARAMETERS:
            problems.append(f"parameters.csv: {name!r} is no parameter{_did_you_mean(name, PARAMETERS)}")
        else:
            values[name] = value
    values |= dict(options)
    values["objective"] = values["objective"].casefold()
    if values["objective"] not in OBJECTIVES:
        problems.append(f"objective {values['objective']!r} is none of {', '.join(OBJECTIVES)}")
    if values["algorithm"] not in get_args(Algorithm):
        problems.append(f"algorithm {values['algorithm']!r} is none of {', '.join(get_args(Algorithm))}")
    if not values["seed"].isdecimal() or int(values["seed"]) > LARGEST_SEED:
        problems.append(f"seed {values['seed']!r}: it must be a whole number from 0 to {LARGEST_SEED}")
    if values["integer"].casefold() not in (*_TRUE, *_FALSE):
        problems.append(f"parameter integer is {values['integer']!r}: say yes or no")
    asked = ["ending_backlog_maximum_units", "time_limit_seconds", "gap_ratio"]
    asked += [] if values["confirm_prices"] == "auto" else ["confirm_prices"]
    for name in asked:
        number = pd.to_numeric(values[name], errors="coerce")
        if not (np.isfinite(number) and number >= 0):
            problems.append(f"parameter {name} is {values[name]!r}: it must be a number, 0 or more")
    return values


def _periods(tables: dict[str, pd.DataFrame], problems: list[str]) -> list[str]:
    declared = tables["periods"]
    if len(declared):
        if declared["sequence"].notna().all():
            return [str(period) for period in declared.sort_values("sequence", kind="stable")["period"]]
        if declared["sequence"].notna().any():
            problems.append(
                "periods.csv: sequence is empty in some rows: give every period its place, or none"
            )
            return [str(period) for period in declared["period"]]
        ordered = _natural_order(list(declared["period"]))
        return ordered if ordered is not None else [str(period) for period in declared["period"]]
    named = sorted(
        {
            str(period)
            for name, frame in tables.items()
            if "period" in frame and name != "periods"
            for period in frame["period"]
            if period
        }
    )
    ordered = _natural_order(named)
    if ordered is None:
        problems.append(
            f"the periods {', '.join(named[:EXAMPLES])} are neither numbers nor dates: list them in periods.csv, with "
            "columns period and sequence"
        )
        return named
    return ordered


def _natural_order(names: list[str]) -> list[str] | None:
    """Periods by their number (`3`, `W3`, `2026-03`), where it puts all of them in one order; else None."""
    places = {}
    for name in names:
        numbers = re.findall(r"\d+", name)
        words = re.sub(r"\d+", "#", name)
        if not numbers:
            return None
        places[name] = (words, tuple(int(number) for number in numbers))
    if len({words for words, _ in places.values()}) > 1 or len(set(places.values())) < len(names):
        return None
    return sorted(names, key=lambda name: places[name][1])


def _unknown_names(tables: dict[str, pd.DataFrame], periods: list[str]) -> Iterator[str]:
    sources, resources = tables["sources"], tables["resources"]
    known_resources = {
        *resources["resource_id"],
        *tables["capacity"]["resource_id"],
        *tables["labour"]["resource_id"],
    }
    declared = {
        "source_id": (
            {*sources["source_id"]},
            ("source_periods", "source_inputs", "source_input_periods", "source_loads"),
            "sources.csv",
        ),
        "resource_id": (
            known_resources,
            ("source_loads", "labour_periods", "maintenance"),
            "resources.csv, capacity.csv or labour.csv",
        ),
        "setup_id": ({*tables["setups"]["setup_id"], ""}, ("sources",), "setups.csv"),
        "space_id": ({*tables["spaces"]["space_id"]}, ("space_uses",), "spaces.csv"),
        "period": ({*periods, ""}, tuple(name for name in tables if "period" in tables[name]), "periods.csv"),
    }
    for column, (known, names, where) in declared.items():
        for name in names:
            frame = tables[name]
            yield from _unknown(frame, name, column, known, where)
    for column in ("first_period", "last_period"):
        yield from _unknown(tables["maintenance"], "maintenance", column, {*periods, ""}, "periods.csv")


def _unknown(frame: pd.DataFrame, name: str, column: str, known: set[str], where: str) -> Iterator[str]:
    unknown = frame[~frame[column].isin(known)]
    if len(unknown):
        cells = dict.fromkeys(unknown[column])
        shown = ", ".join(f"{cell}{_did_you_mean(cell, known)}" for cell in list(cells)[:EXAMPLES])
        yield (
            f"{name}.csv: {len(unknown)} row{'s' if len(unknown) > 1 else ''} name a {column} that {where} does not: "
            f"{shown} (first in line {unknown['line'].iloc[0]})"
        )


def _rules(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    sources = tables["sources"]
    rules = {
        "move without from_site_id": (sources["source_type"] == "move") & (sources["from_site_id"] == ""),
        "move from a site to itself": (sources["source_type"] == "move")
        & (sources["from_site_id"] == sources["site_id"]),
        "have a yield_ratio above 1": sources["yield_ratio"] > 1,
        "have a minimum_units above maximum_units": sources["minimum_units"] > sources["maximum_units"],
        "have a minimum_share_ratio above maximum_share_ratio": sources["minimum_share_ratio"]
        > sources["maximum_share_ratio"],
    }
    for what, bad in rules.items():
        if bad.any():
            shown = ", ".join(
                f"{row.source_id} (line {row.line})" for row in sources[bad].head(EXAMPLES).itertuples()
            )
            yield f"sources.csv: {int(bad.sum())} source(s) {what}: {shown}"
    inputs = tables["source_inputs"].merge(
        sources[["source_id", "item_id"]], on="source_id", suffixes=("", "_made")
    )
    itself = inputs[inputs["item_id"] == inputs["item_id_made"]]
    if len(itself):
        yield f"source_inputs.csv: an item is a component of itself: {', '.join(itself['source_id'].head(EXAMPLES))}"
