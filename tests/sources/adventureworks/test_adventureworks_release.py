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
    # what is wanted after the close is no history yet: it is on order
    history, on_order = (
        canonical.execute(
            f"select sum(ordered_units), sum(revenue), sum(order_lines) from core.{table}"
        ).fetchall()
        for table in ("fct_demand_history", "fct_orders_on_hand")
    )
    assert (lines[0][0], lines[0][1], round(lines[0][2], 2)) == (83_978, 213_255, Decimal("89788452.61"))
    # not yet shipped, as the README says: 3,187 lines, 7,483 units, 3,033,564.18
    assert (on_order[0][0], round(on_order[0][1], 2), on_order[0][2]) == (7_483, Decimal("3033564.18"), 3_187)
    assert history[0][0] + on_order[0][0] == 213_255
    assert round(history[0][1] + on_order[0][1], 2) == Decimal("89788452.61")
    assert history[0][2] + on_order[0][2] == 83_978


def test_the_first_month_of_the_plan_is_a_month_of_business_and_not_two(released: Database) -> None:
    """Orders of December that leave in January are January's demand: they are not served on top of it."""
    plan = dict(
        released.execute(
            "select cast(period_start_date as varchar), sum(revenue) from marts.fct_financial_projection group by all"
        ).fetchall()
    )
    last_quarter = value(
        released,
        "select sum(projected_value) / 3 from marts.fct_gap_to_goal "
        "where metric = 'revenue' and level = 'company' and is_actual and period_start_date >= '2013-10-01'",
    )
    assert 0.75 < float(plan["2014-01-01"]) / float(str(last_quarter)) < 1.1
    assert 0.85 < float(plan["2014-01-01"]) / float(plan["2014-02-01"]) < 1.15
    backlog = value(
        released,
        "select max(backlog_units) from marts.fct_constrained_demand where period_start_date < '2014-01-01'",
    )
    assert backlog is None


def test_what_resellers_have_ordered_is_their_january_and_the_internets_is_still_to_come(
    released: Database,
) -> None:
    units = dict(
        released.execute(
            "select channel_id, sum(forecast_units) from marts.fct_demand_plan "
            "where not is_history and period_start_date = '2014-01-01' group by all"
        ).fetchall()
    )
    assert units["RESELLER"] == 6_378  # posted on 31 December; the next posting leaves in February
    on_hand = 7_483 - 6_378
    assert on_hand < float(units["INTERNET"]) < 6_000


def test_history_of_demand_is_history_of_sales(canonical: Database) -> None:
    """Every order leaves on the day that its demand counts: months of demand and of revenue are the same."""
    different = canonical.execute(
        """
        select period_start_date, demand.revenue, sales.revenue
        from (select period_start_date, sum(revenue) as revenue from core.fct_demand_history group by all) as demand
        full join (select period_start_date, sum(revenue) as revenue from core.fct_sales group by all) as sales
            using (period_start_date)
        where abs(coalesce(demand.revenue, 0) - coalesce(sales.revenue, 0)) > 0.5
        """
    ).fetchall()
    assert different == []


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
    # 118 parts are counted in pieces and priced in packs, with no factor between the two; in stores and at work centres
    assert sum(kept_out.values()) == 236
