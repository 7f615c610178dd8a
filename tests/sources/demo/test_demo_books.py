"""What the demo company's accountants keep agrees with its documents: stock postings, ledger, calendars, stores."""

from __future__ import annotations

import pandas as pd


def test_opening_stock_plus_movements_is_closing_stock(standard) -> None:
    stock = standard.read("inventory_snapshots", "snapshot_date")
    moves = standard.read("inventory_movements", "posted_date")
    keys = ["item_id", "site_id"]
    held = stock.groupby([*keys, "snapshot_date"])["on_hand_quantity"].sum().unstack(fill_value=0)
    moved = moves.groupby([*keys, "posted_date"])["moved_quantity"].sum().unstack(fill_value=0)
    moved = moved.reindex(index=held.index, columns=held.columns, fill_value=0)
    assert moves["posted_date"].isin(held.columns).all()
    difference = held.diff(axis=1) - moved
    assert (difference.iloc[:, 1:] == 0).all(axis=None)


def test_the_ledger_s_revenue_is_what_was_invoiced(standard) -> None:
    ledger, sites = standard.read("ledger_balances", "period_start_date"), standard.read("sites")
    invoices = standard.read("invoice_lines", "invoiced_date").merge(sites, on="site_id")
    assert (invoices["currency_code_x"] == invoices["currency_code_y"]).all()  # sold in the books' own money
    month = invoices["invoiced_date"].dt.to_period("M").dt.to_timestamp()
    invoiced = invoices.groupby([invoices["company_id"], month])["net_amount"].sum()
    revenue = ledger[ledger["account_type"] == "revenue"].set_index(["company_id", "period_start_date"])
    booked = -revenue["period_amount"]
    assert len(booked) == 2 * 48
    assert (booked - invoiced.reindex(booked.index, fill_value=0)).abs().max() < 0.005


def test_the_ledger_s_stock_is_the_value_of_what_stands_there(standard) -> None:
    ledger, sites = standard.read("ledger_balances", "period_start_date"), standard.read("sites")
    stock = standard.read("inventory_snapshots", "snapshot_date").merge(sites, on="site_id")
    month = stock["snapshot_date"].dt.to_period("M").dt.to_timestamp()
    value = stock.groupby([stock["company_id"], month])["inventory_value"].sum()
    inventory = ledger[ledger["account_type"] == "inventory"].set_index(["company_id", "period_start_date"])
    difference = inventory["closing_amount"] - value.reindex(inventory.index)
    assert difference.abs().max() < 0.005
    # what a month posts is the change of the balance
    change = inventory["closing_amount"].groupby("company_id").diff() - inventory["period_amount"]
    assert change.dropna().abs().max() < 0.005


def test_holidays_of_every_country_with_a_site_are_not_worked(standard) -> None:
    calendars = standard.read("calendars", "calendar_date")
    assert set(calendars["calendar_id"]) == set(standard.read("sites")["calendar_id"])
    closed = calendars[~calendars["is_working_day"]].set_index(["calendar_id", "calendar_date"])["day_name"]
    assert "Labor Day" in closed["DE", pd.Timestamp("2026-05-01")]
    assert ("FR", pd.Timestamp("2026-07-14")) in closed.index
    assert ("GB", pd.Timestamp("2026-07-14")) not in closed.index


def test_breakdowns_are_past_and_stores_hold_what_was_held(standard) -> None:
    downtimes = standard.read("downtimes", "start_date")
    unplanned = downtimes[downtimes["downtime_type"] == "unplanned"]
    assert unplanned["start_date"].max() < pd.Timestamp("2026-01-01")
    stock = standard.read("inventory_snapshots", "snapshot_date")
    held = stock.groupby(["site_id", "snapshot_date"])["on_hand_quantity"].sum().groupby("site_id").max()
    room = standard.read("storage_capacities").groupby("site_id")["available_capacity"].max()
    assert (held / room.reindex(held.index)).between(0.05, 1.0).all()
