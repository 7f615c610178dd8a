"""A fast guard before the build on a second engine: SQL that only one engine reads, or that two read differently, stands
in no model, test or shared macro. Where engines must differ a macro dispatches: `duckdb__name`, `postgres__name`.

Add here: a pattern that cost somebody an hour, with what to write instead. Keep out: style (the linter's).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR

INSTEAD = {
    r"::\s*\w": "cast(... as ...)",
    r"\b(try_cast|safe_cast)\s*\(": "dbt.safe_cast, or a cast of what ingest has already typed",
    r"\bread_(parquet|csv|json)\w*\s*\(": "source(): the lake is attached by macros/lake.sql",
    r"\b(generate_series|range|unnest)\s*\((?!\d+\)\s*}})": "dbt.generate_series and a filter on generated_number",
    r"\b(strftime|strptime|to_char|to_date)\s*\(": "dates as dates; a month is named by core.dim_cycle",
    r"\b(date_diff|date_add|date_sub|age)\s*\(": "dbt.datediff, dbt.dateadd, months_after",
    r"(?<!dbt\.)\blast_day\s*\(": "dbt.last_day",
    r"(?<!dbt\.)\bdate_trunc\s*\(": "month_of or dbt.date_trunc",
    r"\binterval\b": "dbt.dateadd, months_after",
    r"\bqualify\b": "row_number() in a common table expression, then where",
    r"\b(exclude|replace)\s*\(\s*\w+\s*\)|\*\s*(exclude|replace)\b": "the columns by name",
    r"\b(group|order)\s+by\s+all\b": "the columns by name",
    r"\b(asof|pivot|unpivot|positional)\s+": "joins and cases that every engine has",
    r"\b(arg_max|arg_min|max_by|min_by|any_value|first|last|mode)\s*\(": "row_number(), then where it is 1",
    r"\b(list|array_agg|list_\w+|struct_pack|string_agg|listagg|group_concat)\s*\(": "rows instead of lists; dbt.listagg for words",
    r"\b(quantile_cont|quantile_disc|quantile|median|percentile_cont|approx_\w+)\s*\(": "ranks with row_number(), as in stg_adventureworks__resource_capacities",
    r"\b(ifnull|nvl|iff|if)\s*\(": "coalesce or case",
    r"\b(epoch|epoch_ms|now|today|current_date|current_timestamp|getdate)\b\s*\(?": "a parameter in core.dim_cycle: a run has no clock",
    r"(?<![:/])//(?!/)": "floor(a / b) of doubles",
    r"(?<=\S)(?<!double precision\))\s*/(?!/)(?!\s*\d+\.\d)": "ratio(), or a double to the left of the /: integers divide to an integer on some engines",
    r"\b(regexp_\w+|similar\s+to|ilike)\b": "equality, like, or a typed column of the source contract",
    r"\b(avg|stddev|stddev_samp|variance|corr)\s*\(": "sum and count through ratio(): engines average decimals in different types",
    r"\bround\s*\(": "rounded(): engines round halves and doubles differently",
}  # fmt: skip
"""Pattern -> what is written instead."""
FOLDERS = ("models", "tests", "macros")
DISPATCHED = re.compile(r"{%-?\s*macro\s+(duckdb|postgres|default)__\w+.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)
NOT_SQL = re.compile(r"{#.*?#}|--[^\n]*|'[^'\n]*'", re.DOTALL)


def files() -> list[Path]:
    """All SQL of the project."""
    return sorted(path for folder in FOLDERS for path in (DBT_PROJECT_DIR / folder).rglob("*.sql"))


def sql_of(text: str) -> str:
    """The text with dispatched macros, comments and literals blanked, so that places stay."""

    def blanked(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found.group())

    return NOT_SQL.sub(blanked, DISPATCHED.sub(blanked, text))


def one_engine_only(text: str) -> Iterator[str]:
    """What is not neutral in a file's text, as `line: found; write ...`."""
    sql = sql_of(text)
    for pattern, instead in INSTEAD.items():
        for found in re.finditer(pattern, sql, re.IGNORECASE):
            yield f"{line_of(text, found.start())}: '{found.group().strip()}'; write {instead}"
    for start, cast in casts(DISPATCHED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)):
        if re.search(r"\bas\s+decimal\([^)]*\)\s*\)$", cast, re.IGNORECASE) and re.search(
            r"double precision|\b(exp|ln|sqrt|power)\(", cast
        ):
            yield f"{line_of(text, start)}: a double is cast to a decimal; write rounded(), product() or ratio()"


def casts(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of every cast, to its closing parenthesis."""
    for found in re.finditer(r"\bcast\(", text, re.IGNORECASE):
        depth = 0
        for end in range(found.end() - 1, len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                yield found.start(), text[found.start() : end + 1]
                break


def line_of(text: str, place: int) -> int:
    """Line number of a place in a text."""
    return text.count("\n", 0, place) + 1


def test_all_sql_is_read_alike_by_every_engine() -> None:
    problems = [
        f"{path.relative_to(DBT_PROJECT_DIR)}:{problem}"
        for path in files()
        for problem in one_engine_only(path.read_text(encoding="utf-8"))
    ]

    assert len(files()) > 100
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "sql",
    [
        "select a::integer from t",
        "select * exclude (a) from t",
        "select a from t qualify row_number() over () = 1",
        "select a, sum(b) from t group by all",
        "select last_day(a) from t",
        "select a + interval '1 month' from t",
        "select avg(a) from t",
        "select a / 2 as half from t",
        "select sum(a) / count(*) as mean from t",
        "select current_date as day",
        "select cast(cast(a as double precision) * b as decimal(18, 4)) from t",
        "select cast(exp(a) as decimal(18, 6)) from t",
    ],
)
def test_what_one_engine_alone_knows_is_found(sql: str) -> None:
    assert list(one_engine_only(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select {{ dbt.last_day('a', 'month') }} from t -- last_day(a)",
        "select 'now() :: median(a)' as words from t",
        "{% macro duckdb__read(files) %} select * from read_parquet({{ files }}) {% endmacro %}",
        "select cast(cast(a as decimal(18, 3)) as double precision) from t",
        "select cast(a as double precision) / b, a / 2.0 as half, 'a / b' as words from t",
        "with numbers as ({{ dbt.generate_series(31) }}) select replace(a, 'b', 'c') from numbers",
    ],
)
def test_what_every_engine_knows_is_left_alone(sql: str) -> None:
    assert not list(one_engine_only(sql))
