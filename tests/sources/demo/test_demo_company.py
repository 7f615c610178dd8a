"""The demo company behaves like one: seasons, scarce hours, imperfect service, planted errors, demand to forecast."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sop_pipeline.sources.demo import advance, write_delivery, write_truth


@pytest.fixture(scope="module")
def truth(standard_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    write_truth(standard_world, "2026-01", folder)
    return folder


@pytest.fixture(scope="module")
def load_ratio(standard) -> pd.DataFrame:
    """Confirmed over regular hours, month by resource, from the second year on."""
    used = standard.read("operation_confirmations", "confirmed_date")
    month = used["confirmed_date"].dt.to_period("M")
    hours = used.groupby([month, used["resource_id"]])["confirmed_hours"].sum().unstack()
    capacity = standard.read("resource_capacities", "period_start_date")
    month = capacity["period_start_date"].dt.to_period("M")
    regular = capacity.groupby([month, capacity["resource_id"]])["available_hours"].sum().unstack()
    return (hours / regular).loc["2023-01":"2025-12"]


def test_hours_are_scarce_in_season_and_not_out_of_it(load_ratio: pd.DataFrame) -> None:
    assembly = load_ratio[[name for name in load_ratio if "ASSEMBLY" in name]]
    assert (assembly.max() > 1.03).all()  # overtime is worked in the peak
    assert (assembly.min() < 0.85).all()
    assert (load_ratio <= 1.2 + 1e-3).all().all()  # regular hours and the whole of the overtime
    assert load_ratio.mean().between(0.7, 1.0).all()


def test_the_two_plants_peak_at_different_times(load_ratio: pd.DataFrame) -> None:
    by_month = load_ratio.groupby(load_ratio.index.month).mean()
    assert by_month["R-PL01-ASSEMBLY-1"].idxmax() in (4, 5, 6, 7, 8)
    assert by_month["R-PL02-ASSEMBLY-1"].idxmax() in (9, 10, 11, 12)


def test_customers_are_served_well_but_not_perfectly(standard) -> None:
    lines = standard.read("sales_order_lines", "requested_date")
    lines = lines[(lines["order_type"] == "order") & (lines["requested_date"].dt.year == 2025)]
    shipped = standard.read("shipment_lines", "shipped_date").rename(columns={"order_line_id": "order_line"})
    both = shipped.merge(
        lines, left_on=["order_id", "order_line"], right_on=["order_id", "line_id"], validate="m:1"
    )
    on_time = both.loc[both["shipped_date"] <= both["requested_date"], "shipped_quantity"].sum()
    ratio = on_time / both["shipped_quantity"].sum()
    assert 0.85 < ratio < 0.97


def test_lines_entered_late_are_seen_two_deliveries_later(standard_world: Path, tmp_path: Path) -> None:
    advance(standard_world, "2026-01")
    write_delivery(standard_world, "2026-02", tmp_path)
    columns = [
        "order_id",
        "line_id",
        "requested_date",
        "ordered_quantity",
        "uom_id",
        "changed_at",
        "is_cancelled",
    ]
    write_delivery(standard_world, "2026-01", tmp_path / "before")
    before = pd.read_csv(tmp_path / "before" / "sales_order_lines.csv", usecols=columns, dtype=str)
    after = pd.read_csv(tmp_path / "sales_order_lines.csv", usecols=columns, dtype=str)
    both = after.merge(
        before, on=["order_id", "line_id"], how="left", suffixes=("", "_before"), indicator=True
    )
    assert len(after) == len(both) and set(before["order_id"]) <= set(after["order_id"])
    december = both["requested_date"].str.startswith("2025-12")
    late = both[december & (both["_merge"] == "left_only")]
    assert (late["changed_at"] >= "2026-01").all() and len(late) > 3
    restated = both[
        december & (both["_merge"] == "both") & (both["ordered_quantity"] != both["ordered_quantity_before"])
    ]
    assert (restated["changed_at"] > restated["changed_at_before"]).all() and len(restated) > 3


def test_demand_can_be_forecast_but_not_trivially(truth: Path) -> None:
    demand = pd.read_csv(truth / "demand.csv", parse_dates=["period_start_date"])
    year = demand[demand["period_start_date"].dt.year == 2025]
    mean = year["baseline_units"] + year["activity_effect_units"]
    best = (year["wanted_units"] - mean).abs().sum() / year["wanted_units"].sum()
    assert 0.12 < best < 0.24  # nobody can forecast better than the mean that demand is drawn around
    last = demand[demand["period_start_date"].dt.year == 2024]
    keys = ["item_id", "site_id", "channel_id"]
    seasonal = last.assign(period_start_date=last["period_start_date"] + pd.DateOffset(years=1))
    both = year.merge(seasonal, on=[*keys, "period_start_date"], suffixes=("", "_naive"))
    naive = (both["wanted_units"] - both["wanted_units_naive"]).abs().sum() / both["wanted_units"].sum()
    assert naive > best + 0.06


def test_wrong_parameters_are_planted_and_known(truth: Path) -> None:
    parameters = pd.read_csv(truth / "parameters.csv")
    shares = parameters.groupby("parameter")["is_planted_wrong"].mean()
    assert set(shares.index) == {
        "lead_time_days", "minimum_order_units", "lot_minimum_units", "lot_multiple_units", "yield_ratio", "run_hours_per_unit",
    }  # fmt: skip
    assert shares.between(0.03, 0.35).all()
    # what was not planted wrong is nearly right
    change = parameters["true_value"] - parameters["configured_value"]
    right = ~parameters["is_planted_wrong"]
    assert change[right & parameters["parameter"].str.contains("units$")].abs().max() < 0.01
    assert change[right & (parameters["parameter"] == "lead_time_days")].abs().max() <= 4
    assert change[right & (parameters["parameter"] == "yield_ratio")].abs().max() < 0.005


def test_stock_outs_lose_demand_that_no_order_shows(truth: Path) -> None:
    losses = pd.read_csv(truth / "stock_out_losses.csv")
    assert losses["unrecorded_units"].sum() > 0 and losses["given_up_units"].sum() > 0
    assert set(losses.loc[losses["unrecorded_units"] > 0, "channel_id"]) == {"online"}


def test_a_true_yield_shows_in_the_production_orders(standard, truth: Path) -> None:
    parameters = pd.read_csv(truth / "parameters.csv")
    yields = parameters[parameters["parameter"] == "yield_ratio"].set_index("object_id")["true_value"]
    orders = standard.read("production_orders")
    orders = orders[orders["order_status"] == "closed"]
    source = "make:" + orders["item_id"] + "@" + orders["site_id"]
    found = orders.groupby(source)[["completed_quantity", "ordered_quantity"]].sum()
    found = found[found["ordered_quantity"] > 3000]
    measured = found["completed_quantity"] / found["ordered_quantity"]
    assert (measured - yields.reindex(measured.index)).abs().max() < 0.01
