"""A published plan is executed: its releases become orders, as far as hours, material and suppliers allow."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.sources.demo import DemoSource, PublishedPlan, advance, open_world, write_delivery
from sop_pipeline.sources.demo.firm import build_firm
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError

SMALL, SEED, CYCLE = 0.2, 3, "2026-01"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = tmp_path_factory.mktemp("planned_company")
    open_world(world, SMALL, SEED)
    return world


@pytest.fixture
def world(opened: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened, tmp_path / "world"))


def published(
    units: dict[str, float], cycle: str = CYCLE, actions: pd.DataFrame | None = None
) -> PublishedPlan:
    """A plan of this month, with a row of the next month that must not be executed yet."""
    rows = [(source, pd.Timestamp(f"{cycle}-01"), released) for source, released in units.items()]
    rows.append((next(iter(units)), pd.Timestamp(f"{cycle}-01") + pd.DateOffset(months=1), 99_999.0))
    frame = pd.DataFrame(rows, columns=["source_id", "period_start_date", "released_units"])
    return PublishedPlan(supply_plan=frame, actions=actions)


def read(folder: Path, table: str, *days: str) -> pd.DataFrame:
    names = pd.read_csv(folder / f"{table}.csv", nrows=0).columns
    texts = {name: str for name in names if name.endswith("_id")}
    return pd.read_csv(folder / f"{table}.csv", dtype=texts, parse_dates=list(days))


def executed(world: Path, plan: PublishedPlan | None, folder: Path) -> Path:
    advance(world, CYCLE, plan)
    write_delivery(world, "2026-02", folder)
    return folder


def sources(kind: str) -> list[str]:
    return [source for source in build_firm(SMALL, SEED).network.source_id if source.startswith(f"{kind}:F")]


def made_in_january(folder: Path) -> pd.Series:
    orders = read(folder, "production_orders", "start_date")
    orders = orders[orders["start_date"] >= "2026-01-01"]
    return orders.groupby("make:" + orders["item_id"] + "@" + orders["site_id"])["ordered_quantity"].sum()


def test_only_what_was_released_is_started(world: Path, tmp_path: Path) -> None:
    make = sources("make")[4]
    started = made_in_january(executed(world, published({make: 20.0}), tmp_path / "out"))
    assert started.to_dict() == {make: 20}


def test_what_is_released_is_started_in_whole_lots(world: Path, tmp_path: Path) -> None:
    make = sources("make")[4]
    started = made_in_january(executed(world, published({make: 12.0}), tmp_path / "out"))
    assert started.to_dict() == {make: 20}


def test_releases_beyond_the_hours_of_the_month_are_not_attained(world: Path, tmp_path: Path) -> None:
    wanted = dict.fromkeys(sources("make"), 3000.0)
    folder = executed(world, published(wanted), tmp_path / "out")
    attained = made_in_january(folder).reindex(wanted).fillna(0) / 3_000.0
    assert attained.max() <= 1 and attained.mean() < 0.5
    used = read(folder, "operation_confirmations", "confirmed_date")
    used = used[used["confirmed_date"] >= "2026-01-01"].groupby("resource_id")["confirmed_hours"].sum()
    capacity = (
        read(folder, "resource_capacities")
        .query("period_start_date == '2026-01-01'")
        .set_index("resource_id")
    )
    most = capacity["available_hours"] + capacity["overtime_maximum_hours"]
    assert (used <= most.reindex(used.index) * 1.01).all()


def test_hours_that_an_action_takes_away_are_missed(world: Path, opened: Path, tmp_path: Path) -> None:
    wanted = dict.fromkeys(sources("make"), 3_000.0)
    folder = executed(world, published(wanted), tmp_path / "plain")
    resources = read(folder, "resource_capacities").query("period_start_date == '2026-01-01'")
    taken = -1.1 * resources["available_hours"]
    actions = pd.DataFrame(
        {"action_type": "add_hours", "object_id": resources["resource_id"], "value": taken}
    )
    stopped = Path(shutil.copytree(opened, tmp_path / "stopped"))
    fewer = executed(stopped, published(wanted, actions=actions), tmp_path / "fewer")
    # regular hours and overtime are 1.2 of the available hours: about a twelfth of them is left
    assert 0 < made_in_january(fewer).sum() < 0.5 * made_in_january(folder).sum()


def test_transfers_send_what_is_there(world: Path, tmp_path: Path) -> None:
    wanted = dict.fromkeys(sources("move"), 50000.0)
    folder = executed(world, published(wanted), tmp_path / "out")
    moved = read(folder, "transfer_orders", "shipped_date")
    moved = moved[moved["shipped_date"] >= "2026-01-01"]
    assert 0 < moved["shipped_quantity"].sum() < sum(wanted.values())
    stock = read(folder, "inventory_snapshots")
    assert (stock["on_hand_quantity"] >= 0).all()


def test_purchases_are_ordered_at_least_at_the_minimum(world: Path, tmp_path: Path) -> None:
    terms = read(write_first(world, tmp_path), "supplier_items")
    term = terms[(terms["minimum_order_units"] >= 100) & terms["item_id"].str.startswith("004")].iloc[0]
    source = f"buy:{term['item_id']}@{term['site_id']}<{term['supplier_id']}"
    folder = executed(world, published({source: 3.0}), tmp_path / "out")
    orders = read(folder, "purchase_order_lines", "ordered_date")
    orders = orders[orders["ordered_date"] >= "2026-01-01"]
    size = np.where(orders["uom_id"] == "T", 1000, 1)
    assert (orders["ordered_quantity"] * size).round().tolist() == [term["minimum_order_units"]]


def write_first(world: Path, tmp_path: Path) -> Path:
    write_delivery(world, CYCLE, tmp_path / "first")
    return tmp_path / "first"


def test_a_plan_that_releases_nothing_starves_the_customers(
    world: Path, opened: Path, tmp_path: Path
) -> None:
    ruled = Path(shutil.copytree(opened, tmp_path / "ruled"))
    nothing = executed(world, published({sources("make")[0]: 0.0}), tmp_path / "nothing")
    rule = executed(ruled, None, tmp_path / "rule")

    def shipped(folder: Path) -> int:
        lines = read(folder, "shipment_lines", "shipped_date")
        return int(lines.loc[lines["shipped_date"] >= "2026-01-01", "shipped_quantity"].sum())

    assert shipped(nothing) < shipped(rule)


def test_the_order_of_the_plans_rows_does_not_matter(world: Path, opened: Path, tmp_path: Path) -> None:
    plan = published(dict.fromkeys(sources("make")[:9], 40.0))
    other = Path(shutil.copytree(opened, tmp_path / "other"))
    turned = PublishedPlan(plan.supply_plan.iloc[::-1].reset_index(drop=True))
    one, two = executed(world, plan, tmp_path / "one"), executed(other, turned, tmp_path / "two")
    assert all(path.read_bytes() == (two / path.name).read_bytes() for path in one.iterdir())
    described = Path("month=2026-01") / "month.json"
    assert (world / described).read_bytes() == (other / described).read_bytes()


def test_a_month_executed_again_with_another_plan_makes_later_months_stale(world: Path) -> None:
    advance(world, "2026-01")
    advance(world, "2026-02")
    advance(world, "2026-01", published({sources("make")[0]: 20.0}))
    with pytest.raises(SourceError, match="executed again"):
        advance(world, "2026-03")
    advance(world, "2026-02")
    advance(world, "2026-03")


def test_a_plan_of_another_company_is_refused_with_examples(world: Path) -> None:
    with pytest.raises(SourceError, match=r"2 sources are not the demo company's.*make:A@X, make:B@X"):
        advance(world, CYCLE, published({"make:A@X": 1.0, "make:B@X": 2.0}))
    with pytest.raises(SourceError, match="no row for its own month"):
        advance(world, CYCLE, published({sources("make")[0]: 1.0}, cycle="2026-05"))
    with pytest.raises(SourceError, match="no number of units"):
        advance(world, CYCLE, published({sources("make")[0]: float("nan")}))


def test_the_source_executes_the_released_plan_before_it_delivers(tmp_path: Path) -> None:
    make = sources("make")[4]
    plan = published({make: 20.0}).supply_plan.assign(scenario_id="base")
    other = published({sources("make")[5]: 12.0}).supply_plan.assign(scenario_id="more_overtime")
    pd.concat([plan, other]).to_parquet(tmp_path / "plan.parquet")
    (tmp_path / "out").mkdir()
    request = DeliveryRequest(
        cycle_id="2026-02",
        folder=tmp_path / "out",
        released={CYCLE: {"fct_supply_plan": tmp_path / "plan.parquet"}},
        world_dir=tmp_path / "world",
    )
    DemoSource(scale=SMALL, seed=SEED).deliver(request)
    assert made_in_january(tmp_path / "out").to_dict() == {make: 20}


def test_cycles_before_the_opening_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first cycle is 2026-01"):
        DemoSource(scale=SMALL).deliver(DeliveryRequest("2025-12", tmp_path, world_dir=tmp_path / "w"))
