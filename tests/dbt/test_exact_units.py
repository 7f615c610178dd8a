"""Quantities come to base units exactly: one rounding, half away from zero, of the true fraction, whatever the numbers are.

The macros that DuckDB runs are rendered as dbt renders them and asked about numbers that hypothesis finds; Python's
fractions know the answer.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import gcd
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.settings import DBT_PROJECT_DIR

QUANTITIES = st.integers(-(10**15), 10**15).map(lambda n: Decimal(n).scaleb(-3))
SMALL = st.integers(-200_000, 200_000).map(lambda n: Decimal(n).scaleb(-3))
FACTORS = st.integers(1, 10**9) | st.integers(1, 5_000)
DECIMAL_FACTORS = st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-6)) | FACTORS.map(Decimal)


@pytest.fixture(scope="module")
def macros() -> Any:
    """macros/units.sql as DuckDB gets it."""
    source = (DBT_PROJECT_DIR / "macros" / "units.sql").read_text(encoding="utf-8")
    return jinja2.Environment().from_string(source, {"adapter": SimpleNamespace()}).module


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def rounded(fraction: Fraction, decimals: int) -> Fraction:
    """Half away from zero."""
    scaled = abs(fraction) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole, 10**decimals) * (1 if fraction >= 0 else -1)


def in_base_units(
    connection: duckdb.DuckDBPyConnection, macros: Any, quantity: Decimal, numerator: Any, denominator: Any
) -> Decimal | None:
    expression = macros.duckdb__exact_quotient("q", "n", "d", "decimal(18,3)", 3)
    row = connection.execute(
        f"select {expression} from (select cast(? as decimal(18, 3)) as q, cast(? as decimal(18, 6)) as n, "
        "cast(? as decimal(18, 6)) as d)",
        [str(quantity), str(numerator), str(denominator)],
    ).fetchone()
    assert row is not None
    return row[0]


@settings(max_examples=300, deadline=None)
@given(quantity=QUANTITIES | SMALL, numerator=DECIMAL_FACTORS, denominator=DECIMAL_FACTORS)
def test_a_quantity_in_base_units_is_the_true_fraction_rounded_once(
    connection: duckdb.DuckDBPyConnection,
    macros: Any,
    quantity: Decimal,
    numerator: Decimal,
    denominator: Decimal,
) -> None:
    found = in_base_units(connection, macros, quantity, numerator, denominator)
    expected = rounded(Fraction(quantity) * Fraction(numerator) / Fraction(denominator), 3)
    if abs(expected) >= 10**15:  # more than 18 digits with its decimals: kept out, never cut off
        assert found is None
    else:
        assert found is not None and Fraction(found) == expected


@settings(max_examples=200, deadline=None)
@given(quantity=SMALL, steps=st.lists(st.tuples(FACTORS, FACTORS), min_size=1, max_size=3))
def test_a_chain_forth_and_back_gives_the_quantity_again(
    connection: duckdb.DuckDBPyConnection, macros: Any, quantity: Decimal, steps: list[tuple[int, int]]
) -> None:
    """Fractions are multiplied, not decimals: pallets to cartons to pieces to cartons to pallets loses nothing."""
    numerator, denominator = 1, 1
    for up, down in [*steps, *((down, up) for up, down in reversed(steps))]:
        numerator, denominator = reduced(connection, macros, numerator * up, denominator * down)
    assert (numerator, denominator) == (1, 1)
    assert in_base_units(connection, macros, quantity, numerator, denominator) == quantity


def reduced(
    connection: duckdb.DuckDBPyConnection, macros: Any, numerator: int, denominator: int
) -> tuple[int, int]:
    terms = f"{macros.duckdb__lowest_terms('n', 'd')}, {macros.duckdb__lowest_terms('d', 'n')}"
    row = connection.execute(
        f"select {terms} from (select cast(? as decimal(38, 0)) as n, cast(? as decimal(38, 0)) as d)",
        [str(numerator), str(denominator)],
    ).fetchone()
    assert row is not None
    divisor = gcd(numerator, denominator)
    expected = (numerator // divisor, denominator // divisor)
    if max(expected) >= 10**18:
        assert row[0 if expected[0] >= 10**18 else 1] is None
        return expected
    assert (int(row[0]), int(row[1])) == expected
    return expected


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (1, 0), (-1, 1), (1, -3)])
def test_a_factor_that_is_none_is_never_guessed(
    connection: duckdb.DuckDBPyConnection, macros: Any, numerator: int, denominator: int
) -> None:
    assert in_base_units(connection, macros, Decimal(5), numerator, denominator) is None


def test_halves_are_rounded_away_from_zero_though_binary_would_miss_them(
    connection: duckdb.DuckDBPyConnection, macros: Any
) -> None:
    # 2.001 * 1 / 2 = 1.0005 exactly; as doubles 1.0005 lies a little below the half
    assert in_base_units(connection, macros, Decimal("2.001"), 1, 2) == Decimal("1.001")
    assert in_base_units(connection, macros, Decimal("-2.001"), 1, 2) == Decimal("-1.001")
