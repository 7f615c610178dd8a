"""AdventureWorks goes from its ERP's tables to a published release that reads like a bicycle maker's plan."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb

from sop_pipeline.release.verify import verify

Database = duckdb.DuckDBPyConnection


def value(database: Database, query: str) -> object:
    return database.execute(query).fetchall()[0][0]


def test_the_release_is_whole(adventureworks_home: Path) -> None:
    assert verify(adventureworks_home).problems == ()


def test_not_a_unit_and_not_a_cent_is_lost_on_the_way_to_the_marts(canonical: Database) -> None:
    # control totals of the extract: 83,978 lines, 213,255 units, revenue 89,788,452.61
    lines = canonical.execute(
        "select count(*), sum(ordered_units), sum(net_amount) from core.fct_order_lines"
    ).fetchall()
    history = canonical.execute(
        "select sum(ordered_units), sum(revenue) from core.fct_demand_history"
    ).fetchall()
    assert (lines[0][0], lines[0][1], round(lines[0][2], 2)) == (83_978, 213_255, Decimal("89788452.61"))
    assert (history[0][0], round(history[0][1], 2)) == (213_255, Decimal("89788452.61"))


def test_every_item_that_sells_is_forecast_by_channel_for_eighteen_months(released: Database) -> None:
    query = """
        select count(distinct period_start_date), min(period_start_date), min(forecast_units), count(distinct channel_id)
        from marts.fct_demand_plan where not is_history
    """
    months, first, least, channels = released.execute(query).fetchall()[0]
    assert (months, str(first), channels) == (18, "2014-01-01", 2)
    assert least >= 0


def test_the_forecast_continues_the_year_before_and_does_not_leap(released: Database) -> None:
    # 2013 sold 131,788 units; a year's plan half or double of that is no bicycle maker's
    year = value(
        released,
        "select sum(forecast_units) from marts.fct_demand_plan where not is_history and period_start_date < '2015-01-01'",
    )
    assert 0.6 * 131_788 < float(str(year)) < 1.7 * 131_788


def test_the_plan_is_optimal_and_obeys_every_law(released: Database) -> None:
    assert value(released, "select termination from planning.solve_log") == "optimal"
    assert value(released, "select sum(violations) from planning.plan_audit") == 0


def test_the_plan_serves_nearly_all_demand_within_the_hours_there_are(released: Database) -> None:
    served = value(
        released, "select actual_value from marts.kpi_scorecard where kpi_id = 'planned_demand_fulfilment'"
    )
    over = value(
        released,
        "select count(*) from marts.fct_capacity_load where used_hours > regular_hours + overtime_maximum_hours",
    )
    assert float(str(served)) > 0.98
    assert over == 0


def test_the_scorecard_says_what_it_knows_and_why_it_does_not_know_the_rest(released: Database) -> None:
    statuses = dict(released.execute("select kpi_id, status from marts.kpi_scorecard").fetchall())
    assert statuses["customer_otif"] == "green"  # every order left seven days after it was placed
    assert statuses["forecast_accuracy_lag_1"] == "no_data"  # the first cycle: nothing was published before
    assert "no_data" not in {
        statuses[kpi] for kpi in ("revenue_to_budget", "inventory_turns", "capacity_utilisation")
    }


def test_what_was_kept_out_is_on_record(canonical: Database) -> None:
    kept_out = dict(
        canonical.execute(
            "select rule_id, count(*) from quarantine.inventory_snapshots group by rule_id"
        ).fetchall()
    )
    # 118 parts are counted in pieces and priced in packs, with no factor between the two
    assert sum(kept_out.values()) == 118
