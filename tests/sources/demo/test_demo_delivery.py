"""The demo company's files keep the source contract, and its documents agree with each other and with its stock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.sources.demo import write_truth


@pytest.fixture(scope="module")
def lines(standard) -> pd.DataFrame:
    """Order lines with their quantity in pieces."""
    frame = standard.read("sales_order_lines", "ordered_date", "requested_date", "changed_at")
    cartons = standard.read("uom_conversions").set_index(["item_id", "from_uom_id"])["numerator"]
    size = cartons.reindex(pd.MultiIndex.from_frame(frame[["item_id", "uom_id"]])).fillna(1).to_numpy()
    return frame.assign(units=frame["ordered_quantity"] * size)


def test_files_are_the_tables_of_the_contract_and_columns_are_theirs(standard, declared_columns) -> None:
    assert {path.stem for path in standard.folder.iterdir()} == set(declared_columns)
    for table, columns in declared_columns.items():
        header = (standard.folder / f"{table}.csv").read_text().partition("\n")[0]
        found = header.split(",")
        may_be_left_out = {c["name"] for c in columns if c.get("config", {}).get("meta", {}).get("optional")}
        wanted = [c["name"] for c in columns if c["name"] in found or c["name"] not in may_be_left_out]
        assert found == wanted, table


def test_required_columns_are_filled_and_values_are_accepted(standard, declared_columns) -> None:
    for table, columns in declared_columns.items():
        frame = standard.read(table)
        assert len(frame), table
        for column in columns:
            meta = column.get("config", {}).get("meta", {})
            if column["name"] not in frame:
                continue
            if meta.get("required"):
                assert frame[column["name"]].notna().all(), f"{table}.{column['name']}"
            if "accepted_values" in meta:
                assert set(frame[column["name"]].dropna()) <= set(meta["accepted_values"]), (
                    f"{table}.{column['name']}"
                )


def test_rows_are_unique_at_the_grain_and_in_its_order(standard) -> None:
    from sop_pipeline.sources.demo.delivery import ROW_ORDER

    for table, grain in ROW_ORDER.items():
        keys = standard.read(table)[list(grain)].astype(str)
        assert not keys.duplicated().any(), table


DECLARED_BY_PLANNERS = {"core.dim_channels.channel_id", "marts.kpi_dictionary.kpi_id"}
"""What planners name and no file of the ERP lists."""


def test_references_resolve(standard, declared_columns) -> None:
    keys: dict[str, set[str]] = {}
    for table, columns in declared_columns.items():
        frame = standard.read(table)
        for column in columns:
            target = column.get("config", {}).get("meta", {}).get("references")
            if not target or column["name"] not in frame:
                continue
            if target in DECLARED_BY_PLANNERS:
                continue
            # planners name a column of core (core.dim_items.family_id), the source contract a table of its own (items)
            place = target.removeprefix("core.dim_").split(".")
            delivered, key = (
                place[0],
                place[-1]
                if len(place) > 1
                else {"companies": "company_id"}.get(target, f"{target.removesuffix('s')}_id"),
            )
            if target not in keys:
                keys[target] = set(standard.read(delivered)[key])
            also = set(column["config"]["meta"].get("references_also", ()))
            assert set(frame[column["name"]].dropna()) <= keys[target] | also, f"{table}.{column['name']}"


def test_the_company_has_the_size_that_was_asked_for(standard, lines) -> None:
    items = standard.read("items")
    assert (items["item_type"] == "finished").sum() >= 120
    assert len(standard.read("suppliers")) == 40
    assert len(standard.read("resources")) == 8
    assert standard.read("sites")["site_type"].value_counts().to_dict() == {
        "distribution_centre": 3,
        "plant": 2,
    }
    assert 440 <= len(lines.groupby(["item_id", "site_id", "channel_id"])) <= 520
    assert lines["is_cancelled"].any() and (lines["order_type"] == "return").any()
    assert lines["activity_id"].notna().any() and (lines["uom_id"] == "CAR").any()
    assert items["successor_item_id"].notna().any() and (items["item_status"] == "phase_in").any()


def test_stock_moves_by_documents_alone(standard, standard_world: Path, tmp_path: Path) -> None:
    write_truth(standard_world, "2026-01", tmp_path)
    moves = pd.read_csv(
        tmp_path / "material_flows.csv", dtype={"item_id": str}, parse_dates=["period_start_date"]
    )
    moves = moves.set_index(["item_id", "site_id", "period_start_date"]).sort_index()
    stock = standard.read("inventory_snapshots", "snapshot_date")
    keys = [stock["item_id"], stock["site_id"], stock["snapshot_date"] + pd.Timedelta(days=1)]
    opening = stock.groupby(keys)["on_hand_quantity"].sum()
    opening.index.names = moves.index.names
    closing = opening.copy()
    closing.index = closing.index.set_levels(closing.index.levels[2] - pd.DateOffset(months=1), level=2)
    moves["opening"] = opening.reindex(moves.index).fillna(0)
    moves["closing"] = closing.reindex(moves.index).fillna(0)
    inward = moves[["receipt_units", "production_units", "transfer_in_units", "customer_return_units"]].sum(
        axis=1
    )
    outward = moves[["consumption_units", "shipment_units", "transfer_out_units", "scrap_units"]].sum(axis=1)
    assert (moves["opening"] + inward - outward == moves["closing"]).all()
    assert (stock["on_hand_quantity"] >= 0).all()
    _movements_equal_documents(standard, moves)


def _movements_equal_documents(standard, moves: pd.DataFrame) -> None:
    """Receipts, production, shipments and transfers in the ledger are those of the documents, month by month."""
    receipts = standard.read("purchase_receipts", "received_date")
    receipts["units"] = receipts["received_quantity"] - receipts["rejected_quantity"]
    production = standard.read("production_orders", "completed_date").dropna(subset=["completed_date"])
    shipments = standard.read("shipment_lines", "shipped_date")
    transfers = standard.read("transfer_orders", "shipped_date", "received_date")
    cases = [
        ("receipt_units", receipts, "site_id", "received_date", "units"),
        ("production_units", production, "site_id", "completed_date", "completed_quantity"),
        ("shipment_units", shipments[~shipments["is_return"]], "site_id", "shipped_date", "shipped_quantity"),
        (
            "customer_return_units",
            shipments[shipments["is_return"]],
            "site_id",
            "shipped_date",
            "shipped_quantity",
        ),
        ("transfer_out_units", transfers, "from_site_id", "shipped_date", "shipped_quantity"),
        ("transfer_in_units", transfers.dropna(), "to_site_id", "received_date", "shipped_quantity"),
    ]
    for movement, documents, site, day, units in cases:
        month = documents[day].dt.to_period("M").dt.to_timestamp()
        found = documents.groupby([documents["item_id"], documents[site], month])[units].sum()
        expected = moves[movement][moves[movement] != 0]
        found.index.names = expected.index.names
        pd.testing.assert_series_equal(
            found[found != 0].sort_index(), expected, check_names=False, check_dtype=False
        )


def test_no_line_ships_more_than_was_ordered_and_cancelled_lines_ship_nothing(standard, lines) -> None:
    shipped = standard.read("shipment_lines").groupby(["order_id", "order_line_id"])["shipped_quantity"].sum()
    ordered = lines.set_index(["order_id", "line_id"])
    shipped.index.names = ordered.index.names
    assert shipped.index.isin(ordered.index).all()
    sent = shipped.reindex(ordered.index).fillna(0)
    assert (sent <= ordered["units"]).all()
    assert (sent[ordered["is_cancelled"]] == 0).all()
    # what is neither shipped nor cancelled is owed: recent lines, not old ones
    open_lines = ordered[(sent < ordered["units"]) & ~ordered["is_cancelled"]]
    assert (open_lines["requested_date"] > "2025-08-01").all()


def test_invoices_follow_shipments(standard) -> None:
    keys = ["order_id", "order_line_id", "item_id"]
    shipments, invoices = standard.read("shipment_lines"), standard.read("invoice_lines", "invoiced_date")
    sign = np.where(shipments["is_return"], -1, 1)
    shipped = (shipments["shipped_quantity"] * sign).groupby([shipments[key] for key in keys]).sum()
    invoiced = invoices.groupby(keys)["invoiced_quantity"].sum()
    assert invoiced.index.isin(shipped.index).all()
    missing = shipped.sub(invoiced, fill_value=0)
    # an invoice is written within three days: only shipments of the last days have none yet
    assert 0 < (missing != 0).mean() < 0.01
    assert (invoices["invoiced_date"] < "2026-01-01").all()


def test_open_purchases_and_receipts_agree(standard) -> None:
    orders, receipts = standard.read("purchase_order_lines"), standard.read("purchase_receipts")
    tonnes = np.where(orders["uom_id"] == "T", 1000, 1)
    received = (
        (orders["received_quantity"] * tonnes)
        .round()
        .groupby([orders["purchase_order_id"], orders["line_id"]])
        .sum()
    )
    found = receipts.groupby(["purchase_order_id", "line_id"])["received_quantity"].sum()
    assert (received == found.reindex(received.index).fillna(0)).all()
    assert (~orders["is_closed"]).any()
    assert (
        orders.loc[orders["is_closed"], "received_quantity"]
        <= orders.loc[orders["is_closed"], "ordered_quantity"]
    ).all()


def test_nothing_is_dated_after_the_cycle_began(standard) -> None:
    cases = {
        "sales_order_lines": ["ordered_date", "changed_at"],
        "shipment_lines": ["shipped_date"],
        "invoice_lines": ["invoiced_date"],
        "operation_confirmations": ["confirmed_date"],
        "production_orders": ["completed_date", "start_date"],
        "purchase_order_lines": ["ordered_date"],
        "purchase_receipts": ["received_date"],
        "transfer_orders": ["shipped_date", "received_date"],
        "inventory_snapshots": ["snapshot_date"],
    }
    for table, days in cases.items():
        frame = standard.read(table, *days)
        for day in days:
            assert frame[day].max() < pd.Timestamp("2026-01-01"), f"{table}.{day}"


def test_every_saleable_item_can_be_supplied(standard) -> None:
    items, sites = standard.read("items"), standard.read("item_sites")
    bom, routings, lanes = (
        standard.read("bom_lines"),
        standard.read("routing_operations"),
        standard.read("lanes"),
    )
    terms = standard.read("supplier_items")
    made = set(zip(bom["parent_item_id"], bom["site_id"], strict=True))
    assert made == set(zip(routings["item_id"], routings["site_id"], strict=True))
    bought = set(zip(terms["item_id"], terms["site_id"], strict=True))
    reached = {site: set(lanes.loc[lanes["to_site_id"] == site, "from_site_id"]) for site in sites["site_id"]}
    for item, site, how in sites[["item_id", "site_id", "procurement_type"]].itertuples(index=False):
        if how == "make":
            assert (item, site) in made
        elif how == "buy":
            assert (item, site) in bought
        else:
            assert any((item, origin) in made for origin in reached[site]), (item, site)
    used = set(zip(bom["component_item_id"], bom["site_id"], strict=True))
    assert used <= set(zip(sites["item_id"], sites["site_id"], strict=True))
    saleable = set(items.loc[items["is_saleable"], "item_id"])
    assert saleable <= set(sites.loc[sites["site_id"].str.startswith("DC"), "item_id"])


def test_prices_leave_a_margin(standard) -> None:
    prices, costs = standard.read("prices"), standard.read("standard_costs")
    prices = prices[(prices["valid_from_date"] == "2025-01-01") & (prices["currency_code"] == "EUR")]
    costs = costs[(costs["valid_from_date"] == "2025-01-01") & (costs["site_id"] == "DC01")]
    both = prices.merge(costs, on="item_id", validate="m:1")
    margin = 1 - both["unit_cost"] / both["unit_price"]
    assert margin.min() > 0.25 and margin.max() < 0.52
    assert 0.30 < margin.mean() < 0.45
