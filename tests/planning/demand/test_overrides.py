"""Overrides give the totals that were asked for, and none disappears without a word."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import apply_overrides

CYCLE = Cycle("2026-01", 12)
MONTH = pd.Timestamp("2026-02-01")
ITEMS = pd.DataFrame(
    [
        ["A", "road-light", "road", "bikes"],
        ["B", "road-heavy", "road", "bikes"],
        ["C", "helmets", "safety", "accessories"],
    ],
    columns=["item_id", "subfamily_id", "family_id", "category_id"],
)


def layers_of(units: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Forecast of item and site in every month, retail only."""
    frames = [
        pd.DataFrame(
            {
                "item_id": item,
                "site_id": site,
                "channel_id": "retail",
                "period_start_date": CYCLE.periods,
                "forecast_units": value,
            }
        )
        for (item, site), value in units.items()
    ]
    return pd.concat(frames, ignore_index=True).sort_values(["item_id", "site_id"], ignore_index=True)


FORECAST = {("A", "DC1"): 30.0, ("A", "DC2"): 10.0, ("B", "DC1"): 60.0, ("C", "DC1"): 0.0, ("C", "DC2"): 0.0}


def override(
    override_id: str, level: str, level_id: str, operation: str, value: float, **columns: object
) -> dict:
    return {
        "override_id": override_id,
        "level": level,
        "level_id": level_id,
        "site_id": None,
        "channel_id": None,
        "period_start_date": MONTH,
        "operation": operation,
        "override_value": value,
        "reason_code": "judgement",
        "owner": "dana",
        "expires_cycle_id": None,
        **columns,
    }


def applied(*overrides: dict, units: dict[tuple[str, str], float] | None = None):
    columns = list(override("", "", "", "", 0.0))
    return apply_overrides(
        pd.DataFrame(list(overrides), columns=columns), layers_of(units or FORECAST), ITEMS, CYCLE
    )


def change(result) -> dict[tuple[str, str], float]:
    return result.effects.groupby(["item_id", "site_id"])["override_units"].sum().round(3).to_dict()


def test_an_addition_is_spread_in_proportion():
    result = applied(override("O1", "family", "road", "add", 50.0))  # 30 : 10 : 60
    assert change(result) == {("A", "DC1"): 15.0, ("A", "DC2"): 5.0, ("B", "DC1"): 30.0}
    assert result.effects["before_units"].tolist() == [30.0, 10.0, 60.0]
    assert set(result.effects["period_start_date"]) == {MONTH}
    assert set(result.effects["owner"]) == {"dana"}


@pytest.mark.parametrize(
    ("operation", "value", "expected"),
    [("set", 200.0, 200.0), ("add", -25.0, 75.0), ("multiply", 1.1, 110.0)],
)
def test_operations_on_a_category(operation, value, expected):
    assert sum(
        change(applied(override("O1", "category", "bikes", operation, value))).values()
    ) == pytest.approx(expected - 100)


def test_item_at_one_site_only():
    assert change(applied(override("O1", "item", "A", "set", 18.0, site_id="DC2", channel_id="retail"))) == {
        ("A", "DC2"): 8.0
    }


def test_overrides_see_the_ones_before_them_in_order_of_their_id():
    # 40 * 1.5 = 60, then + 6; given in the other order
    result = applied(override("O2", "item", "A", "add", 6.0), override("O1", "item", "A", "multiply", 1.5))
    assert change(result) == {("A", "DC1"): 19.5, ("A", "DC2"): 6.5}
    second = result.effects[result.effects["override_id"] == "O2"]
    assert second["before_units"].tolist() == [45.0, 15.0]


def test_where_nothing_is_forecast_the_total_is_spread_evenly():
    result = applied(override("O1", "item", "C", "set", 0.003))
    assert change(result) == {("C", "DC1"): 0.002, ("C", "DC2"): 0.001}


def test_taking_more_than_there_is_takes_what_there_is():
    assert sum(change(applied(override("O1", "item", "A", "add", -100.0))).values()) == -40.0


@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(st.integers(0, 10**12), min_size=3, max_size=3),
    total=st.integers(0, 10**12),
)
def test_totals_hold_to_a_thousandth(units, total):
    forecast = {("A", f"DC{number}"): value / 1000 for number, value in enumerate(units)}
    effects = applied(override("O1", "item", "A", "set", total / 1000), units=forecast).effects
    whole = np.rint(effects["override_units"].to_numpy() * 1000).astype("int64").sum()
    assert whole == total - sum(units)
    assert (effects["before_units"] + effects["override_units"] >= -1e-9).all()


def test_expired_overrides_and_closed_months_have_had_their_day():
    result = applied(
        override("O1", "item", "A", "add", 5.0, expires_cycle_id="2025-12"),
        override("O2", "item", "A", "add", 5.0, period_start_date=pd.Timestamp("2025-12-01")),
        override("O3", "item", "A", "add", 5.0, expires_cycle_id="2026-01"),  # holds in its last cycle
        override("O4", "item", "A", "add", 5.0, expires_cycle_id="2025-12-31"),  # the day before the cycle
        override("O5", "item", "A", "add", 5.0, expires_cycle_id="2026-01-15"),
    )
    assert set(result.effects["override_id"]) == {"O3", "O5"}
    told = result.rejected_overrides.set_index("override_id")
    assert told["rule"].to_dict() == {"O1": "expired", "O2": "closed_month", "O4": "expired"}
    assert told["owner"].tolist() == ["dana"] * 3


def test_what_cannot_be_applied_comes_back_with_its_rule():
    result = applied(
        override("O1", "brand", "X", "add", 5.0),
        override("O2", "item", "A", "double", 5.0),
        override("O3", "family", "raod", "add", 5.0),
        override("O4", "item", "A", "set", -5.0),
        override("O5", "item", "A", "add", np.nan),
        override("O6", "item", "A", "add", 5.0, period_start_date=pd.Timestamp("2027-01-01")),
        override("O7", "item", "B", "add", 5.0, site_id="DC2"),
        override("O9", "item", "A", "add", 5.0, expires_cycle_id="spring"),
        override("O8", "item", "A", "add", 4.0),  # and the sound one goes through
    )
    rejected = result.rejected_overrides.set_index("override_id")
    assert rejected["rule"].to_dict() == {
        "O1": "unknown_level",
        "O2": "unknown_operation",
        "O3": "unknown_level_id",
        "O4": "unusable_value",
        "O5": "unusable_value",
        "O6": "beyond_horizon",
        "O7": "no_series",
        "O9": "unreadable_expiry",
    }
    assert rejected.loc["O3", "value"] == "raod"
    assert sum(change(result).values()) == 4.0


@pytest.mark.parametrize(
    ("level", "level_id", "expected"),
    [
        ("site", "DC1", {("A", "DC1"): 3.0, ("B", "DC1"): 6.0}),
        ("channel", "retail", {("A", "DC1"): 3.0, ("A", "DC2"): 1.0, ("B", "DC1"): 6.0}),
        ("company", "all", {("A", "DC1"): 3.0, ("A", "DC2"): 1.0, ("B", "DC1"): 6.0}),
    ],
)
def test_a_site_a_channel_and_the_whole_company_can_be_overridden(level, level_id, expected):
    assert change(applied(override("O1", level, level_id, "multiply", 1.1))) == expected


def accounts_of(customer_group: str, shares: dict[tuple[str, str], float]) -> pd.DataFrame:
    """`core.fct_account_demand`: a year of 100 units in each series, of which the group took its share."""
    rows = [
        ("customer_group", customer_group, item, site, "retail", 100.0 * share, 100.0, share * 100.0, 100.0)
        for (item, site), share in shares.items()
    ]
    names = ["account_type", "customer_group", "item_id", "site_id", "channel_id"]
    return pd.DataFrame(
        rows, columns=[*names, "account_units", "series_units", "group_units", "stream_units"]
    )


def test_a_customer_group_changes_its_share_and_leaves_other_customers_alone():
    accounts = accounts_of("KEY", {("A", "DC1"): 0.5, ("B", "DC1"): 0.2})  # 15 of 30 and 12 of 60 units
    for operation, value in (("multiply", 2.0), ("add", 27.0), ("set", 54.0)):
        rows = pd.DataFrame([override("O1", "customer_group", "KEY", operation, value)])
        result = apply_overrides(rows, layers_of(FORECAST), ITEMS, CYCLE, accounts)
        assert change(result) == {("A", "DC1"): 15.0, ("B", "DC1"): 12.0}
    lost = pd.DataFrame([override("O1", "customer_group", "KEY", "set", 0.0)])
    result = apply_overrides(lost, layers_of(FORECAST), ITEMS, CYCLE, accounts)
    assert change(result) == {("A", "DC1"): -15.0, ("B", "DC1"): -12.0}
    nobody = pd.DataFrame([override("O1", "customer_group", "NOBODY", "add", 1.0)])
    result = apply_overrides(nobody, layers_of(FORECAST), ITEMS, CYCLE, accounts)
    assert result.rejected_overrides["rule"].tolist() == ["unknown_level_id"]


def test_no_overrides_give_empty_tables():
    result = applied()
    assert result.effects.empty
    assert result.rejected_overrides.empty


def test_row_order_does_not_matter():
    overrides = [
        override("O1", "family", "road", "add", 7.0),
        override("O1", "family", "road", "add", 9.0, period_start_date=pd.Timestamp("2026-03-01")),
        override("O2", "item", "A", "multiply", 0.37),
    ]
    first = applied(*overrides)
    rows = pd.DataFrame(overrides[::-1])
    shuffled = layers_of(FORECAST).sample(frac=1.0, random_state=3)
    second = apply_overrides(rows, shuffled, ITEMS.iloc[::-1], CYCLE)
    pd.testing.assert_frame_equal(first.effects, second.effects)
