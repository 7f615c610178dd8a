"""What AdventureWorks' extract becomes: nothing lost, nothing invented, and figures that a bicycle maker would believe.

Expected figures: the control totals in the extract's README, and counts of its known quirks.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import duckdb
import pytest
import yaml

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest import IngestedFile

STAGING = "staging.stg_adventureworks__"


def supplied_tables() -> list[str]:
    project = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    tables: list[str] = project["vars"]["systems"]["adventureworks"]
    return tables


def one(canonical: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = canonical.execute(query).fetchone()
    assert row is not None
    return row


def test_every_row_of_the_extract_is_typed_and_none_is_quarantined(ingested: dict[str, IngestedFile]) -> None:
    assert {table: file.quarantined_rows for table, file in ingested.items() if file.quarantined_rows} == {}
    assert ingested["adventureworks.sales_order_detail"].rows.num_rows == 83_978
    assert ingested["adventureworks.work_order"].rows.num_rows == 56_502
    assert ingested["adventureworks.bill_of_materials"].rows.num_rows == 2_679


def test_every_canonical_table_has_the_columns_of_its_contract(canonical: duckdb.DuckDBPyConnection) -> None:
    contracts = load_contracts(DBT_PROJECT_DIR)
    models = {path.stem for path in (DBT_PROJECT_DIR / "models/staging/adventureworks").glob("stg_*.sql")}
    assert models == {f"stg_adventureworks__{table}" for table in supplied_tables()}
    for table in supplied_tables():
        columns = [row[0] for row in canonical.execute(f"describe {STAGING}{table}").fetchall()]
        declared = contracts[f"erp.{table}"].columns
        assert columns == [column.name for column in declared if column.name in columns], table
        # what the system does not know is left out, and may be empty
        assert not [
            column.name for column in declared if column.is_required and column.name not in columns
        ], table


def test_orders_reach_the_canonical_model_to_the_unit_and_to_the_cent(
    canonical: duckdb.DuckDBPyConnection,
) -> None:
    lines, orders, units, revenue = one(
        canonical,
        "select count(*), count(distinct order_id), sum(ordered_units), sum(net_amount) from erp.sales_order_lines",
    )
    assert (lines, orders, units) == (83_978, 19_704, 213_255)
    assert round(Decimal(str(revenue)), 2) == Decimal("89788452.61")
    unshipped = one(
        canonical,
        "select count(*), sum(ordered_units), sum(net_amount) from erp.sales_order_lines as ordered "
        "anti join erp.shipment_lines as shipped on ordered.line_id = shipped.order_line_id",
    )
    assert unshipped[:2] == (3_187, 7_483)
    assert round(Decimal(str(unshipped[2])), 2) == Decimal("3033564.18")


def test_orders_by_calendar_month_are_those_of_the_readme(
    canonical: duckdb.DuckDBPyConnection, readme_totals: dict[str, dict[str, tuple[int, int, int, Decimal]]]
) -> None:
    found = canonical.execute(
        "select channel_id, strftime(ordered_date, '%Y-%m'), count(distinct order_id), count(*), "
        "cast(sum(ordered_units) as integer), round(sum(net_amount), 2) from erp.sales_order_lines group by all"
    ).fetchall()
    for channel, months in readme_totals.items():
        assert {row[1]: row[2:] for row in found if row[0] == channel} == {
            month: values for month, values in months.items() if values[0]
        }


def test_each_month_has_exactly_one_reseller_posting(
    canonical: duckdb.DuckDBPyConnection, readme_totals: dict[str, dict[str, tuple[int, int, int, Decimal]]]
) -> None:
    found = canonical.execute(
        "select strftime(demand_date, '%Y-%m'), count(distinct ordered_date), cast(sum(ordered_units) as integer) "
        "from erp.sales_order_lines where channel_id = 'RESELLER' group by all order by 1"
    ).fetchall()
    assert len(found) == 32
    assert {postings for _, postings, _ in found} == {1}
    # Goods leave a week after the posting. Posted on 31 May, 1 July and 1 August: June, July and August; by month of order
    # June, September and November 2011 are empty.
    units = {month: amount for month, _, amount in found}
    assert [units[f"2011-{month:02d}"] for month in (6, 7, 10, 11, 12)] == [820, 2_053, 2_963, 2_245, 852]
    # From 2012-01 on every posting of a month leaves in the next.
    posted = readme_totals["RESELLER"]
    months = sorted(posted)
    later = {after: posted[month][2] for month, after in pairwise(months) if month >= "2012-02"}
    assert {month: amount for month, amount in units.items() if "2012-03" <= month <= "2013-12"} == later
    assert units["2014-01"] == posted["2013-12"][2]


def test_demand_counts_on_the_day_the_goods_leave(canonical: duckdb.DuckDBPyConnection) -> None:
    assert one(
        canonical,
        "select count(*) from erp.sales_order_lines as ordered "
        "inner join erp.shipment_lines as shipped on ordered.line_id = shipped.order_line_id "
        "where ordered.demand_date <> shipped.shipped_date",
    ) == (0,)
    assert one(
        canonical,
        "select min(demand_date - ordered_date), max(demand_date - ordered_date), min(requested_date - demand_date) "
        "from erp.sales_order_lines",
    ) == (7, 7, 5)


def test_only_offers_of_limited_time_are_activities(canonical: duckdb.DuckDBPyConnection) -> None:
    found = canonical.execute("select distinct activity_id from erp.sales_order_lines order by 1").fetchall()
    activities = {row[0] for row in found} - {None}
    assert activities
    assert not activities & {"1", "2", "3", "4", "5", "6"}  # no discount, volume discounts
    announced = canonical.execute(
        "select activity_id, min(activity_type), min(channel_id), count(*) from erp.activities group by all"
    ).fetchall()
    assert activities <= {row[0] for row in announced}
    assert sorted(announced, key=lambda row: int(row[0])) == [
        ("7", "phase_out", "RESELLER", 8),
        ("8", "promotion", "RESELLER", 3),
        ("9", "promotion", "RESELLER", 1),
        ("10", "promotion", "INTERNET", 3),
        ("11", "promotion", "RESELLER", 3),
        ("12", "promotion", "RESELLER", 12),
        ("13", "npd", "RESELLER", 10),
        ("14", "npd", "RESELLER", 4),
        ("15", "promotion", "INTERNET", 7),
    ]


def test_rows_are_kept_out_only_where_units_have_no_factor(canonical: duckdb.DuckDBPyConnection) -> None:
    kept_out = {
        table: one(canonical, f"select count(*) from quarantine.{table}")[0]
        for table in supplied_tables()
        if one(canonical, f"select count(*) from quarantine.{table}") != (0,)
    }
    # 739 lines of 44 product-vendor pairs, 682 of them with a receipt; 118 parts bought in packs and unused, each with stock in
    # stores and at work centres
    assert kept_out == {"purchase_order_lines": 739, "purchase_receipts": 682, "inventory_snapshots": 236}
    assert one(
        canonical,
        "select min(rule_id), max(rule_id) from quarantine.inventory_snapshots",
    ) == ("on_hand_units_not_convertible", "on_hand_units_not_convertible")


def test_production_and_stock_totals_are_those_of_the_readme(canonical: duckdb.DuckDBPyConnection) -> None:
    assert one(
        canonical,
        "select count(*), sum(ordered_units), sum(completed_units), sum(scrapped_units), "
        "count(*) filter (order_status = 'open'), sum(ordered_units) filter (order_status = 'open') "
        "from erp.production_orders",
    ) == (56_502, 3_593_407, 3_570_786, 8_930, 1_365, 13_691)
    assert one(canonical, "select count(*), sum(confirmed_hours) from erp.operation_confirmations") == (
        49_156,
        Decimal("167373.1"),
    )
    assert (
        one(canonical, "select max(snapshot_date) from erp.inventory_snapshots")[0].isoformat()
        == "2013-12-31"
    )  # type: ignore[attr-defined]


def test_open_purchase_orders_are_those_due_after_the_close(canonical: duckdb.DuckDBPyConnection) -> None:
    # README: 274 open lines; 57 of them in a unit without a factor
    assert one(
        canonical,
        "select count(*), min(due_date) > date '2013-12-31' from erp.purchase_order_lines where not is_closed",
    ) == (217, True)


def test_capacity_is_what_the_work_centres_have_shown(canonical: duckdb.DuckDBPyConnection) -> None:
    rows = canonical.execute(
        "select resource_id, min(available_hours), max(available_hours), min(period_start_date), max(period_start_date) "
        "from erp.resource_capacities group by resource_id order by resource_id"
    ).fetchall()
    assert [row[0] for row in rows] == ["10", "20", "30", "40", "45", "50", "60"]
    for resource_id, lowest, highest, first, last in rows:
        assert lowest == highest
        assert (first.isoformat(), last.isoformat()) == (
            "2011-06-01",
            "2016-12-01",
        )  # 36 months from the cycle on
        mean, largest = one(
            canonical,
            "select avg(hours), max(hours) from (select sum(confirmed_hours) as hours from erp.operation_confirmations "
            f"where resource_id = '{resource_id}' and confirmed_date >= date '2013-01-01' "
            "group by date_trunc('month', confirmed_date))",
        )
        assert float(str(mean)) < float(lowest) <= float(str(largest))


def test_a_years_demand_fits_the_capacity_but_its_peak_does_not(canonical: duckdb.DuckDBPyConnection) -> None:
    """Demand of 2013 through bills and routings, against calibrated hours: the routings and the capacity agree."""
    loads = canonical.execute(
        """
        with recursive bill as (
            select parent_item_id, component_item_id, cast(component_units as double) as units
            from erp.bom_lines where valid_to_date is null
        ),
        needed as (
            select item_id, date_trunc('month', demand_date) as month, sum(cast(ordered_units as double)) as units
            from erp.sales_order_lines where demand_date >= date '2013-01-01' group by all
            union all
            select bill.component_item_id, needed.month, needed.units * bill.units
            from needed inner join bill on needed.item_id = bill.parent_item_id
        ),
        hours as (
            select routing.resource_id, needed.month, sum(needed.units * routing.hours_per_unit) as hours
            from needed inner join core.fct_routings as routing on needed.item_id = routing.item_id group by all
        )
        select hours.resource_id, sum(hours.hours) / sum(capacity.available_hours), max(hours.hours / capacity.available_hours)
        from hours inner join erp.resource_capacities as capacity
            on hours.resource_id = capacity.resource_id and hours.month = capacity.period_start_date
        group by all order by 1
        """
    ).fetchall()
    assert len(loads) == 7
    assert all(0.5 < year < 0.95 for _, year, _ in loads), loads
    assert max(peak for _, _, peak in loads) > 1.0, loads  # July: frames are short of forming hours
    assert max(peak for _, _, peak in loads) < 1.25, (
        loads
    )  # within overtime, but for a little that stock has to cover


def test_what_is_sold_can_be_made_or_bought(canonical: duckdb.DuckDBPyConnection) -> None:
    without_source = canonical.execute(
        "select items.item_id from erp.items anti join erp.bom_lines on items.item_id = bom_lines.parent_item_id "
        "anti join erp.supplier_items on items.item_id = supplier_items.item_id where items.is_saleable"
    ).fetchall()
    assert without_source == [("FR-R92B-62",)]  # HL Road Frame - Black, 62: no bill, never made, never sold


def test_costs_are_known_but_for_parts_bought_by_the_pack(canonical: duckdb.DuckDBPyConnection) -> None:
    bases = dict(
        canonical.execute(
            "select cost_basis, count(*) from staging.base_adventureworks__current_costs group by all"
        ).fetchall()
    )
    assert bases == {"standard_cost": 304, "purchase_price": 155, "roll_up": 18, "declared": 27}
    # ... and no item is free: the plan would buy free parts years ahead
    assert one(canonical, "select count(*) from erp.standard_costs where unit_cost <= 0") == (0,)
    assert one(canonical, "select count(*) from erp.supplier_items where unit_price <= 0") == (0,)


def test_goals_are_quotas_and_the_internets_run_rate(canonical: duckdb.DuckDBPyConnection) -> None:
    months, first, last, total = one(
        canonical,
        "select count(*), min(period_start_date), max(period_start_date), sum(goal_value) from erp.goals "
        "where goal_version = 'budget' and metric = 'revenue'",
    )
    assert (months, str(first), str(last)) == (36, "2011-06-01", "2014-05-01")
    # 95 714 000 of quotas, as the README lists them, and some 24 million for the internet
    assert 95_714_000 < float(str(total)) < 125_000_000
    # The quota of 30 November is for the postings of November to January, which leave in December to February: 8 051 000,
    # and three times the internet's mean of September to November.
    quarter = one(
        canonical,
        "select sum(goal_value) from erp.goals "
        "where goal_version = 'budget' and metric = 'revenue' and period_start_date between date '2013-12-01' and date '2014-02-01'",
    )[0]
    internet = one(
        canonical,
        "select sum(net_amount) from erp.sales_order_lines "
        "where channel_id = 'INTERNET' and demand_date between date '2013-09-01' and date '2013-11-30'",
    )[0]
    assert float(str(quarter)) == pytest.approx(8_051_000 + float(str(internet)), abs=1.0)
    # spread as resellers ordered a year before: November 2012, December, January
    goals = canonical.execute(
        "select goal_value from erp.goals where goal_version = 'budget' and metric = 'revenue' and period_start_date >= date '2013-12-01' "
        "order by period_start_date limit 3"
    ).fetchall()
    posted = (1_317_541.83, 2_384_846.59, 1_563_955.08)
    for (goal,), revenue in zip(goals, posted, strict=True):
        expected = 8_051_000 * revenue / sum(posted) + float(str(internet)) / 3
        assert float(goal) == pytest.approx(expected, abs=1.0)


def test_the_ledgers_budget_stands_beside_the_quotas(canonical: duckdb.DuckDBPyConnection) -> None:
    months, first, last, revenue, margin = one(
        canonical,
        "select count(distinct period_start_date), min(period_start_date), max(period_start_date), "
        "sum(case when metric = 'revenue' then goal_value end), "
        "sum(case when metric = 'gross_margin' then goal_value end) "
        "from erp.goals where goal_version = 'ledger_budget'",
    )
    # twelve postings from December 2010 to November 2011 on the ledger's calendar
    assert (months, str(first), str(last)) == (12, "2011-06-01", "2012-05-01")
    # trade sales 24 323 300, returns 666 250, discounts 526 900; standard cost 7 815 000, variances 541 700
    assert float(str(revenue)) == 24_323_300 - 666_250 - 526_900
    assert float(str(margin)) == 24_323_300 - 666_250 - 526_900 - 7_815_000 - 541_700


def test_stock_is_split_by_where_it_stands(canonical: duckdb.DuckDBPyConnection) -> None:
    units = dict(
        canonical.execute(
            "select stock_status, sum(on_hand_units) from staging.stg_adventureworks__inventory_snapshots group by all"
        ).fetchall()
    )
    assert set(units) == {"unrestricted", "in_process"}
    free, on_hand, in_process = one(
        canonical,
        "select sum(usable_units), sum(on_hand_units), sum(in_process_units) from core.fct_inventory_position",
    )
    assert free == on_hand == sum(units.values())
    assert in_process == units["in_process"] > 0
