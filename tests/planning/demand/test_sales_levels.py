"""Sales' forecasts of families, regions and the company: brought down in proportion, exact to 0.001 unit, contradictions told."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import add_sales, add_sales_levels
from sop_pipeline.planning.demand.consensus import BOUNDS, LAYERS
from sop_pipeline.planning.demand.submitters import SalesPolicy, measure_submitters

CYCLE = Cycle("2026-01", 12)
JANUARY = pd.Timestamp("2026-01-01")
PARAMETERS = pd.DataFrame(
    [
        ("sales_forecast_prior_weight_ratio", "company", 0.25),
        ("sales_forecast_due_days", "company", 5.0),
        ("conflict_minimum_ratio", "company", 0.15),
    ],
    columns=["parameter_id", "scope", "parameter_value"],
)
ITEMS = pd.DataFrame(
    {
        "item_id": ["A", "B", "C"],
        "subfamily_id": ["s1", "s1", "s2"],
        "family_id": ["mills", "mills", "pots"],
        "category_id": "KITCHEN",
    }
)
UNITS = {"A": 60.0, "B": 40.0, "C": 100.0}
NOBODY = pd.DataFrame(
    columns=["customer_group", "item_id", "site_id", "channel_id", "period_start_date", "forecast_units", "submitted_by", "submitted_at"]
)  # fmt: skip
RESULT_COLUMNS = [
    "submitter", "submission_id", "level", "level_id", "customer_group", "item_id", "site_id", "channel_id",
    "period_start_date", "submitted_at", "forecast_units", "base_units", "actual_units",
]  # fmt: skip
NO_RESULTS = pd.DataFrame(columns=RESULT_COLUMNS)
# KEY takes half of A and a tenth of B, NORTH a fifth of each; nobody of them buys C.
SHARES = pd.DataFrame(
    [
        ("customer_group", "KEY", "A", "D", "trade", 600.0, 1200.0, 500.0, 1000.0),
        ("customer_group", "KEY", "B", "D", "trade", 100.0, 1000.0, 100.0, 1000.0),
        ("region", "NORTH", "A", "D", "trade", 200.0, 1000.0, 200.0, 1000.0),
        ("region", "NORTH", "B", "D", "trade", 200.0, 1000.0, 200.0, 1000.0),
    ],
    columns=["account_type", "customer_group", "item_id", "site_id", "channel_id", "account_units", "series_units", "group_units", "stream_units"],
)  # fmt: skip


def layers() -> pd.DataFrame:
    parts = []
    for item_id, units in UNITS.items():
        frame = pd.DataFrame(
            {"item_id": item_id, "site_id": "D", "channel_id": "trade", "period_start_date": CYCLE.periods}
        )
        frame = frame.assign(**dict.fromkeys([*LAYERS, *BOUNDS], 0.0))
        parts.append(frame.assign(statistical_units=units, forecast_units=units))
    return pd.concat(parts, ignore_index=True)


def said(level: str, level_id: str, units: float, month: str = "2026-01", **columns: object) -> pd.DataFrame:
    row = {
        "submission_id": "SF-1",
        "level": level,
        "level_id": level_id,
        "customer_group": None,
        "site_id": None,
        "channel_id": None,
        "period_start_date": pd.Timestamp(f"{month}-01"),
        "forecast_units": units,
        "submitted_by": "anna",
        "submitted_at": pd.Timestamp("2026-01-02 08:00"),
    }
    return pd.DataFrame([row | columns])


def account(item_id: str, units: float) -> pd.DataFrame:
    row = ("KEY", item_id, "D", "trade", JANUARY, units, "ben", pd.Timestamp("2026-01-02 08:00"))
    return pd.DataFrame([row], columns=NOBODY.columns)


def made(*forecasts: pd.DataFrame, accounts: pd.DataFrame = NOBODY, results: pd.DataFrame = NO_RESULTS):
    by_level = pd.concat(forecasts, ignore_index=True)
    layer = add_sales(layers(), accounts, SHARES, results, PARAMETERS, CYCLE, by_level)
    return add_sales_levels(layer, by_level, ITEMS, SHARES, PARAMETERS, CYCLE)


def january(result) -> dict[str, float]:
    rows = result.layer.layers[result.layer.layers["period_start_date"] == JANUARY]
    return rows.set_index("item_id")["sales_units"].to_dict()


def test_a_family_is_brought_down_in_proportion_to_its_series() -> None:
    # mills are forecast at 60 + 40; 0.25 x (140 - 100) = 10 more, as 6 and 4
    result = made(said("family", "mills", 140.0))
    assert january(result) == {"A": 6.0, "B": 4.0, "C": 0.0}
    (row,) = result.level_inputs.to_dict("records")
    assert (row["base_units"], row["sales_units"], row["series_count"], row["agreement"]) == (
        100,
        10,
        2,
        "alone",
    )
    inputs = result.layer.inputs.set_index("item_id")
    assert inputs["forecast_units"].to_dict() == {"A": 84.0, "B": 56.0}
    assert inputs["level"].unique().tolist() == ["family"]
    changed = result.layer.layers
    assert (changed["forecast_units"] == changed["statistical_units"] + changed["sales_units"]).all()


@pytest.mark.parametrize(
    ("forecast", "expected"),
    [
        (said("company", "all", 240.0), {"A": 3.0, "B": 2.0, "C": 5.0}),
        (said("category", "KITCHEN", 160.0), {"A": -3.0, "B": -2.0, "C": -5.0}),
        (said("site", "D", 240.0), {"A": 3.0, "B": 2.0, "C": 5.0}),
        (said("channel", "trade", 240.0), {"A": 3.0, "B": 2.0, "C": 5.0}),
        (said("subfamily", "s2", 140.0), {"A": 0.0, "B": 0.0, "C": 10.0}),
        (said("item", "B", 80.0), {"A": 0.0, "B": 10.0, "C": 0.0}),
        # the group takes 30 of A and 4 of B: 0.25 x (68 - 34) = 8.5, as 7.5 and 1
        (said("customer_group", "KEY", 68.0), {"A": 7.5, "B": 1.0, "C": 0.0}),
        (said("family", "mills", 68.0, customer_group="KEY"), {"A": 7.5, "B": 1.0, "C": 0.0}),
        # the region takes 12 of A and 8 of B: 0.25 x (40 - 20) = 5, as 3 and 2
        (said("region", "NORTH", 40.0), {"A": 3.0, "B": 2.0, "C": 0.0}),
        (said("family", "mills", 0.0), {"A": -15.0, "B": -10.0, "C": 0.0}),
    ],
    ids=lambda value: f"{value['level'].iloc[0]}" if isinstance(value, pd.DataFrame) else "",
)
def test_every_level_reaches_what_it_covers(forecast, expected) -> None:
    assert january(made(forecast)) == expected


def test_what_cannot_be_brought_down_is_told_and_changes_nothing() -> None:
    result = made(
        said("family", "mills", 50.0, month="2025-12", submission_id="a"),
        said("family", "mills", 50.0, month="2027-06", submission_id="b"),
        said("family", "unknown", 50.0, submission_id="c"),
        said("customer_group", "STRANGERS", 50.0, submission_id="d"),
    )
    states = result.level_inputs["input_state"].tolist()
    assert states == ["closed_month", "beyond_horizon", "no_series", "no_series"]
    assert (result.layer.layers["sales_units"] == 0).all()
    assert result.layer.inputs.empty


def test_a_forecast_of_zero_has_no_proportion() -> None:
    by_level = said("family", "pots", 50.0)
    below = layers()
    below.loc[below["item_id"] == "C", ["statistical_units", "forecast_units"]] = 0.0
    layer = add_sales(below, NOBODY, SHARES, NO_RESULTS, PARAMETERS, CYCLE, by_level)
    result = add_sales_levels(layer, by_level, ITEMS, SHARES, PARAMETERS, CYCLE)
    assert result.level_inputs["input_state"].tolist() == ["nothing_to_spread"]


def test_two_levels_that_contradict_are_told_and_hold_one_after_the_other() -> None:
    # KEY says 50 of A instead of 30: 0.25 x 20 = 5. Mills would then be 100 + 20 = 120, and the family says 90.
    result = made(said("family", "mills", 90.0), accounts=account("A", 50.0))
    (row,) = result.level_inputs.to_dict("records")
    assert (row["below_count"], row["below_units"], row["agreement"]) == (1, 120.0, "contradicts")
    assert row["difference_ratio"] == pytest.approx(90 / 120 - 1)
    # the family sees 105 units: 0.25 x (90 - 105) = -3.75, of which A (65 of 105) takes 2.321
    assert row["sales_units"] == -3.75
    assert january(result) == {"A": pytest.approx(5 - 2.321), "B": pytest.approx(-1.429), "C": 0.0}
    agrees = made(said("family", "mills", 118.0), accounts=account("A", 50.0))
    assert agrees.level_inputs["agreement"].tolist() == ["agrees"]


def test_a_narrow_level_stands_in_the_place_of_its_accounts() -> None:
    # the account says 120 of mills, the family 100; the company's 202 is then beside 100 + 100, not 120 + 100
    result = made(
        said("family", "mills", 100.0, submission_id="a"),
        said("company", "all", 202.0, submission_id="b"),
        accounts=account("A", 50.0),
    )
    told = result.level_inputs.set_index("submission_id")
    assert told["agreement"].to_dict() == {"a": "contradicts", "b": "agrees"}
    assert told.loc["b", "below_units"] == 200.0


def test_bias_is_measured_and_corrected_at_the_level_of_the_submission() -> None:
    """Anna doubles families and is right about single accounts: only her families are corrected."""
    periods = pd.date_range("2025-07-01", "2025-12-01", freq="MS")
    rows = [
        (
            "anna",
            "SF-9",
            "family",
            family,
            "all",
            item,
            "D",
            "trade",
            period,
            period,
            2.0 * units,
            units,
            units,
        )
        for family, item, units in (("mills", "A", 60.0), ("mills", "B", 40.0), ("pots", "C", 100.0))
        for period in periods
    ] + [
        ("anna", "account", "item", "A", "KEY", "A", "D", "trade", period, period, 30.0, 30.0, 30.0)
        for period in periods
    ]
    results = pd.DataFrame(rows, columns=RESULT_COLUMNS)
    who = pd.DataFrame({"submitter": ["anna"], "level": ["family"]})
    bias = measure_submitters(results, who, SalesPolicy.of(PARAMETERS), CYCLE).set_index("level")
    assert bias.loc["family", "bias_ratio"] == pytest.approx(1.0, abs=1e-6)
    assert bias.loc["item", "bias_ratio"] == 0.0
    # families of two months each are put together again: 2 families x 6 months, not 18 series
    assert bias.loc["family", "measured_count"] == 12
    result = made(said("family", "mills", 200.0), results=results)
    assert result.level_inputs["corrected_units"].tolist() == [100.0]
    assert (result.layer.layers["sales_units"] == 0).all()


def test_sums_are_exact_in_thousandths() -> None:
    draw = np.random.default_rng(3)
    for units in draw.uniform(0, 500, 20).round(3):
        result = made(said("company", "all", float(units)), accounts=account("A", float(units) / 3))
        inputs, layered = result.layer.inputs, result.layer.layers
        level = inputs[inputs["level"] == "company"]
        assert round(level["forecast_units"].sum(), 3) == units
        assert round(level["sales_units"].sum(), 3) == result.level_inputs["sales_units"].iloc[0]
        assert round(inputs["sales_units"].sum(), 3) == round(layered["sales_units"].sum(), 3)
        assert (layered["forecast_units"] >= 0).all()
