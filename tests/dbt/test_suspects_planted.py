"""A tiny company in which everything stands once that the core can hardly be: each is found, named and judged.

Rates that jump, amounts without their decimals, prices per thousand, bills that cannot be exploded or that overlap, hours
beyond the clock. The SQL and the rules are the product's own; one row beside each that is right stays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from planted import CYCLE, plant, rows_of, run_dbt, run_models

from quality.core import CORE
from quality.suites import RuleResult, run_rules

LADDER = [[f"L{level:02d}"] for level in range(22)]
"""A bill of 22 levels: L00 is made of L01, and so on."""
WIDE = [["W0"], *([f"W{level}-{place}" for place in range(10)] for level in range(1, 9))]
"""A bill of 8 levels, on each of which every item needs all ten of the next: 10 ** 8 rows once exploded."""


def lines(levels: list[list[str]]) -> list[dict]:
    """Bills in which every item of a level needs all of the next."""
    return rows_of(
        *[
            {"parent_item_id": up, "component_item_id": down, "line_id": down}
            for ups, downs in pairwise(levels)
            for up in ups
            for down in downs
        ],
        site_id="P", bom_alternative_id="1", component_units=1, scrap_ratio=0,
    )  # fmt: skip


def orders(
    currency: str, amounts: list[float], item: str = "GOOD", units: float = 10
) -> tuple[list[dict], list[dict]]:
    """Lines of so many units for these amounts, as in the ERP and in the core (company currency)."""
    keys = [
        {"order_id": f"{currency} {item} {n}", "line_id": "1", "item_id": item, "site_id": "P"}
        for n in range(len(amounts))
    ]
    erp = [key | {"currency_code": currency} for key in keys]
    core = [
        key
        | {"order_type": "order", "ordered_units": units, "net_amount": amount, "ordered_date": "2026-01-15"}
        for key, amount in zip(keys, amounts, strict=True)
    ]
    return erp, core


IN_EUR = orders("EUR", [100.0] * 40)
IN_JPY = orders("JPY", [1.0, 1.1, 0.9, 100.0])  # three of four lines a hundredth of what they are worth
PER_THOUSAND = orders("EUR", [100_000.0], item="PER-1000")
GIVEN_AWAY = orders("EUR", [0.0], item="GIFT")

COMPANY = {
    "core.dim_cycle": [{"cycle_id": CYCLE, "cycle_start_date": "2026-03-01"}],
    "core.dim_periods": [{"period_start_date": "2026-03-01", "is_horizon": True}],
    "erp.fx_rates": rows_of(
        {"from_currency_code": "USD", "rate_date": "2026-01-01", "rate": 0.9},
        {"from_currency_code": "USD", "rate_date": "2026-02-01", "rate": 0.95},
        {"from_currency_code": "JPY", "rate_date": "2026-01-01", "rate": 0.0062},
        {"from_currency_code": "JPY", "rate_date": "2026-02-01", "rate": 161.0},  # inverted
        to_currency_code="EUR",
    ),
    "erp.sales_order_lines": [*IN_EUR[0], *IN_JPY[0], *PER_THOUSAND[0], *GIVEN_AWAY[0]],
    "core.fct_order_lines": [*IN_EUR[1], *IN_JPY[1], *PER_THOUSAND[1], *GIVEN_AWAY[1]],
    "core.dim_items": [
        {"item_id": "GOOD", "family_id": "NEW", "launch_date": "2026-01-15"},
        {"item_id": "PER-1000", "family_id": "OLD", "launch_date": "2026-12-01"},  # ordered eleven months before
        {"item_id": "GIFT", "family_id": "OLD", "launch_date": "2027-02-01"},
    ],
    # the yen has a rate at the start of the cycle and none on the day of its orders
    "core.fct_fx_rates": [
        {"currency_code": "EUR", "rate_date": "2026-02-10"}, {"currency_code": "EUR", "rate_date": "2026-03-01"},
        {"currency_code": "JPY", "rate_date": "2026-03-01", "rate": 0.0062},
    ],
    "erp.uom_conversions": rows_of(
        {"item_id": "GOOD", "from_uom_id": "Carton", "numerator": 10},
        {"item_id": "GOOD", "from_uom_id": "Carton", "numerator": 12, "valid_from_date": "2026-02-01"},
        {"item_id": "GIFT", "from_uom_id": "Carton", "numerator": 10},
        {"item_id": "GIFT", "from_uom_id": "Carton", "numerator": 20, "denominator": 2, "valid_from_date": "2026-02-01"},  # the same
        to_uom_id="Pcs", denominator=1,
    ),
    # told in tens now; what a late order adds to the last closed month of then is no other unit
    "core.fct_demand_history": rows_of(
        {"item_id": "PER-1000", "period_start_date": "2025-11-01", "ordered_units": 12},
        {"item_id": "GOOD", "period_start_date": "2025-11-01", "ordered_units": 130},
        {"item_id": "GOOD", "period_start_date": "2026-01-01", "ordered_units": 900},
        site_id="P", channel_id="W",
    ),
    "core.fct_unit_costs": rows_of(
        {"item_id": "GOOD"}, {"item_id": "PER-1000"}, {"item_id": "GIFT"},
        site_id="P", unit_cost=6, valid_from_date="1900-01-01", valid_to_date="9999-12-31",
    ),
    "erp.bom_lines": [
        *lines(LADDER), *lines(WIDE), *lines([["SHALLOW"], ["PART"]]),
        *rows_of({"line_id": "10", "valid_from_date": "2020-01-01"}, {"line_id": "20", "valid_from_date": "2026-01-01"},
                 {"line_id": "30", "valid_from_date": "2026-01-01"},
                 parent_item_id="RENEWED", component_item_id="PART", site_id="P", bom_alternative_id="1", component_units=2,
                 scrap_ratio=0),
    ],
    "erp.resource_capacities": rows_of(
        {"resource_id": "LINE", "available_hours": 1344}, {"resource_id": "OVEN", "available_hours": 1345},  # 28 days, 2 ovens
        {"resource_id": "UNKNOWN", "available_hours": 90_000, "parallel_units": None},
        period_start_date="2026-02-01", parallel_units=2, stated_hours=0, overtime_maximum_hours=0,
    ),
}  # fmt: skip

FOUND = {
    "exchange_rate_jumps": ["JPY to EUR 2026-02-01"],
    "order_amounts_off": ["JPY"],
    "item_prices_off": ["PER-1000"],
    "item_prices_off_in_sum": ["all items"],
    "bills_too_large": ["L00 @ P", "W0 @ P", *(f"W1-{place} @ P" for place in range(10))],
    "bill_lines_overlap": ["RENEWED @ P 1 > PART"],
    "hours_beyond_the_clock": ["OVEN 2026-02"],
    "item_numbers_used_again": ["GIFT"],
    "items_changed_family": ["GOOD"],
    "unit_factors_changed": ["GOOD Carton to Pcs"],
    "history_in_other_units": ["PER-1000"],
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suspects")
    path = folder / "sop.duckdb"
    plant(path, COMPANY, ("erp", "core", "planner"), ("core.fct_suspects", "core.fct_bill_of_materials"))
    before = {"fct_demand_plan": [{"cycle_id": "2026-02", "item_id": "GOOD", "family_id": "OLD"},
                                  {"cycle_id": "2026-02", "item_id": "GIFT", "family_id": "OLD"},
                                  {"cycle_id": "2026-01", "item_id": "PER-1000", "family_id": "ELSEWHERE"},
                                  *rows_of(
                                      {"item_id": "PER-1000", "period_start_date": "2025-11-01", "actual_units": 120, "family_id": "OLD"},
                                      {"item_id": "GOOD", "period_start_date": "2025-11-01", "actual_units": 120, "family_id": "OLD"},
                                      {"item_id": "GOOD", "period_start_date": "2026-01-01", "actual_units": 9, "family_id": "OLD"},
                                      cycle_id="2026-02", is_history=True)]}  # fmt: skip
    run_models(folder, path, ["fct_bill_of_materials", "fct_suspects"], before)
    return path


@pytest.fixture(scope="module")
def judged(database: Path) -> dict[str, RuleResult]:
    """What the gate on core says of the suspects."""

    @contextmanager
    def scanning() -> Iterator[object]:
        with duckdb.connect(str(database), read_only=True) as connection:
            yield lambda table, columns: (connection, table)

    rules = [rule for rule in CORE if rule.table == "core.fct_suspects"]
    return {result.rule.where["check_id"]: result for result in run_rules(rules, scanning, CYCLE)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check_id", "severity"),
    [
        pytest.param("exchange_rate_jumps", "critical", marks=pytest.mark.bad_input(39)),
        pytest.param("order_amounts_off", "critical", marks=pytest.mark.bad_input(40)),
        pytest.param("item_prices_off", "warning", marks=pytest.mark.bad_input(41)),
        pytest.param("item_prices_off_in_sum", "critical", marks=pytest.mark.bad_input(41)),
        pytest.param("bills_too_large", "critical", marks=pytest.mark.bad_input(59)),
        pytest.param("bill_lines_overlap", "warning", marks=pytest.mark.bad_input(60)),
        pytest.param("item_numbers_used_again", "warning", marks=pytest.mark.bad_input(99)),
        pytest.param("items_changed_family", "warning", marks=pytest.mark.bad_input(98)),
        pytest.param("unit_factors_changed", "warning", marks=pytest.mark.bad_input(36)),
        pytest.param("history_in_other_units", "warning", marks=pytest.mark.bad_input(36)),
        pytest.param("hours_beyond_the_clock", "critical", marks=pytest.mark.bad_input(64)),
    ],
)
def test_what_can_hardly_be_is_found_and_judged(
    database: Path, judged: dict[str, RuleResult], check_id: str, severity: str
) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select object_id from core.fct_suspects where check_id = ? order by 1", [check_id]
        ).fetchall()
    assert [name for (name,) in found] == FOUND[check_id]
    result = judged[check_id]
    assert (result.passed, result.rule.severity) == (False, severity)
    assert any(name in example for name in FOUND[check_id] for example in result.examples)


@pytest.mark.bad_input(38)
def test_money_without_a_rate_stops_the_core_and_names_currency_and_days(database: Path) -> None:
    done = run_dbt(database.parent, database, ["test", "--select", "money_has_a_rate"])
    assert done.returncode != 0
    assert "FAIL 1 money_has_a_rate" in done.stdout
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select table_name, currency_code, first_date from findings.money_has_a_rate"
        ).fetchall()
    assert [(table, currency, str(day)) for table, currency, day in found] == [
        ("sales_order_lines", "JPY", "2026-02-10")
    ]


@pytest.mark.bad_input(59)
def test_a_bill_of_twenty_levels_is_sound_and_one_more_is_told_as_deep(judged: dict[str, RuleResult]) -> None:
    told = dict(
        example.removeprefix("object_id ").split(", ", 1) for example in judged["bills_too_large"].examples
    )
    assert len(told) == 5
    words = {"more than 20 levels", "more than 10000000 rows once exploded"}
    assert all(any(word in text for word in words) for text in told.values())


@pytest.mark.bad_input(60)
def test_of_lines_that_overlap_the_latest_start_counts_and_lines_of_one_day_add_up(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        ((units,),) = connection.execute(
            "select component_units from core.fct_bill_of_materials where parent_item_id = 'RENEWED'"
        ).fetchall()
    assert units == 4
