"""Two series, two releases from before sales' layer existed, and releases that no cycle may know yet: what the review of
forecasts makes of them, and that its tests go red where somebody slips hindsight or a gap into it.

Add here: what the review must make of releases. Keep out: its arithmetic (unit tests of the SQL).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from planted import CYCLE, plant, rows_of, run_dbt

MODELS = ["snapshots", "accuracy", "performance", "value_added", "waterfall"]
MONTHS = [f"{month:%Y-%m-01}" for month in pd.date_range("2024-01-01", "2026-02-01", freq="MS")]
SERIES = [
    {"item_id": "SOLD", "site_id": "S", "channel_id": "C"},
    {"item_id": "RARE", "site_id": "S", "channel_id": "C"},
]
LAWS = ["accuracy_knows_no_hindsight", "value_added_telescopes", "waterfall_adds_up"]


def layers(cycle_id: str, month: str, statistical: float, override: float) -> list[dict]:
    """Both series as a cycle forecast them, without launches, activities and orders on hand."""
    units = {"statistical_units": statistical, "launch_units": 0, "activity_units": 0, "order_book_units": 0,
             "override_units": override, "forecast_units": statistical + override}  # fmt: skip
    return rows_of(*SERIES, cycle_id=cycle_id, period_start_date=month, **units)


COMPANY = {
    "core.dim_cycle": [{"cycle_id": CYCLE, "cycle_start_date": f"{CYCLE}-01"}],
    "core.dim_items": rows_of(
        {"item_id": "SOLD"}, {"item_id": "RARE"}, category_id="K", family_id="F", subfamily_id="U"
    ),
    "core.fct_parameters": [
        {"parameter_id": "tracking_signal_limit", "scope": "company", "scope_id": "all", "parameter_value": 4}
    ],
    "core.fct_demand_history": [
        series | {"period_start_date": month, "ordered_units": 100} for month in MONTHS for series in SERIES
    ],
    "planning.unconstrained_forecasts": rows_of(*layers(CYCLE, "2026-03-01", 90, 5), sales_units=0),
}
RELEASES = {
    "fct_demand_plan": rows_of(
        *layers("2026-01", "2026-02-01", 120, 0),
        *layers("2026-01", "2026-03-01", 120, 0),
        *layers("2026-02", "2026-02-01", 110, -5),
        *layers("2026-02", "2026-03-01", 110, 0),
        # this very cycle and a later one: nobody may know them
        *layers("2026-03", "2026-02-01", 100, 0),
        *layers("2026-04", "2026-02-01", 100, 0),
        *layers("2026-04", "2026-04-01", 100, 0),
        is_history=False,
    )
}


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review of the company's forecasts, its laws held."""
    folder = tmp_path_factory.mktemp("forecasts")
    database = folder / "sop.duckdb"
    models = [f"fct_forecast_{model}" for model in MODELS]
    plant(database, COMPANY, ("core", "planning"), ())
    command = [
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "buildable",
        "--select",
        *models,
    ]
    done = run_dbt(folder, database, command, RELEASES, not_yet={"sales_units"})
    assert done.returncode == 0, done.stdout[-6000:]
    assert all(f"PASS {law}" in done.stdout for law in LAWS)
    return database


def query(database: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_only_forecasts_published_before_the_month_are_measured(review: Path) -> None:
    measured = query(
        review,
        "select distinct made_in_cycle_id, lag_months, period_start_date, forecast_units from marts.fct_forecast_accuracy order by 2",
    )

    assert [(cycle, lag, f"{month}", float(units)) for cycle, lag, month, units in measured] == [
        ("2026-02", 0, "2026-02-01", 105.0),
        ("2026-01", 1, "2026-02-01", 120.0),
    ]


def test_a_layer_that_no_release_had_yet_is_empty_and_no_step(review: Path) -> None:
    earlier = f"select count(*), count(sales_units) from marts.fct_forecast_snapshots where made_in_cycle_id < '{CYCLE}'"
    steps = query(review, "select distinct step from marts.fct_forecast_value_added order by 1")
    streams = query(review, "select distinct stream from marts.fct_forecast_performance order by 1")

    assert query(review, earlier) == [(8, 0)]  # two cycles, months and series
    assert "sales" not in {step for (step,) in steps} and len(steps) == 5
    assert "sales" not in {stream for (stream,) in streams} and len(streams) == 6


def test_what_people_changed_before_it_was_recorded_is_nobodys(review: Path) -> None:
    people = query(
        review,
        "select detail_id, observation_count, value_added_units from marts.fct_forecast_value_added "
        "where detail = 'person' and level = 'company'",
    )

    # 110 was 10 too high, 105 was 5 too high: 5 gained in each of two series
    assert [(name, count, float(units)) for name, count, units in people] == [("not recorded", 2, 10.0)]


@pytest.mark.parametrize(
    ("law", "table", "slip"),
    [
        ("accuracy_knows_no_hindsight", "accuracy", f"made_in_cycle_id = '{CYCLE}'"),
        ("accuracy_knows_no_hindsight", "accuracy", "made_in_cycle_id = '2026-01', lag_months = 0"),
        ("accuracy_knows_no_hindsight", "snapshots", "made_in_cycle_id = '2026-04'"),
        ("accuracy_knows_no_hindsight", "performance", f"period_start_date = date '{CYCLE}-01'"),
        ("accuracy_knows_no_hindsight", "value_added", f"last_period_start_date = date '{CYCLE}-01'"),
        ("accuracy_knows_no_hindsight", "waterfall", "made_in_cycle_id = '2026-04'"),
        ("accuracy_knows_no_hindsight", "waterfall", "actual_units = 100"),
        ("value_added_telescopes", "value_added", "value_added_units = value_added_units + 0.001"),
        ("value_added_telescopes", "value_added", "value_added_ratio = value_added_ratio + 0.000001"),
        ("waterfall_adds_up", "waterfall", "change_units = change_units + 0.001"),
        ("waterfall_adds_up", "waterfall", "override_change_units = override_change_units + 0.001"),
    ],
)
def test_a_law_goes_red_on_hindsight_and_on_a_gap(
    review: Path, tmp_path: Path, law: str, table: str, slip: str
) -> None:
    (written,) = (review.parent / "target").rglob(f"compiled/**/tests/marts/{law}.sql")
    broken = tmp_path / review.name
    shutil.copy(review, broken)
    with duckdb.connect(str(broken)) as connection:
        assert connection.execute(written.read_text()).fetchall() == []
        connection.execute(f"update marts.fct_forecast_{table} set {slip}")

        assert connection.execute(written.read_text()).fetchall() != []
