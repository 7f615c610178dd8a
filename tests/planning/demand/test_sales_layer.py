"""Sales' forecast by account: corrected by what its submitter is known for, weighted by how reliable he has been."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import add_sales
from sop_pipeline.planning.demand.consensus import BOUNDS, LAYERS
from sop_pipeline.planning.demand.submitters import COLUMNS, SalesPolicy, measure_submitters

CYCLE = Cycle("2026-01", 12)
ACCOUNT = ["customer_group", "item_id", "site_id", "channel_id"]
PARAMETERS = pd.DataFrame(
    [
        ("sales_forecast_prior_weight_ratio", "company", 0.25),
        ("sales_forecast_due_days", "company", 5.0),
        ("conflict_minimum_ratio", "company", 0.15),
    ],
    columns=["parameter_id", "scope", "parameter_value"],
)
POLICY = SalesPolicy.of(PARAMETERS)


def layers_of(*units_by_item: tuple[str, float]) -> pd.DataFrame:
    parts = []
    for item_id, units in units_by_item:
        frame = pd.DataFrame(
            {"item_id": item_id, "site_id": "D", "channel_id": "trade", "period_start_date": CYCLE.periods}
        )
        frame = frame.assign(**dict.fromkeys([*LAYERS, *BOUNDS], 0.0))
        parts.append(frame.assign(statistical_units=units, forecast_units=units))
    return pd.concat(parts, ignore_index=True)


def submission(group: str, item_id: str, units: float, month: str = "2026-01", **columns: object):
    row = {
        "customer_group": group,
        "item_id": item_id,
        "site_id": "D",
        "channel_id": "trade",
        "period_start_date": pd.Timestamp(f"{month}-01"),
        "forecast_units": units,
        "submitted_by": "anna",
        "submitted_at": pd.Timestamp("2026-01-02 08:00"),
    }
    return pd.DataFrame([row | columns])


def account(group: str, item_id: str, account_units: float, series_units: float, usual: float = 0.5):
    row = (
        "customer_group",
        group,
        item_id,
        "D",
        "trade",
        account_units,
        series_units,
        1000.0 * usual,
        1000.0,
    )
    names = ["account_type", *ACCOUNT, "account_units", "series_units", "group_units", "stream_units"]
    return pd.DataFrame([row], columns=names)


def results_of(
    submitter: str, bias: float, months: int = 6, items: int = 20, noise: float = 0.0, base_noise: float = 0.2
):
    """Forecasts of closed months: orders around 100, what was submitted at `bias` times these, the base unbiased."""
    draw = np.random.default_rng(len(submitter) + months)
    periods = pd.date_range(end=CYCLE.start - pd.DateOffset(months=1), periods=months, freq="MS")
    frame = pd.DataFrame(
        [(f"I{number}", period) for number in range(items) for period in periods],
        columns=["item_id", "period_start_date"],
    ).assign(submitter=submitter, customer_group="KEY", site_id="D", channel_id="trade", level="item")
    frame["actual_units"] = 100.0 + 10.0 * (frame.index % 7)
    frame["forecast_units"] = frame["actual_units"] * bias * (1.0 + noise * draw.standard_normal(len(frame)))
    frame["base_units"] = frame["actual_units"] * (1.0 + base_noise * draw.standard_normal(len(frame)))
    return frame


ANNA = pd.DataFrame({"submitter": ["anna"], "level": ["item"]})
NO_RESULTS = results_of("anna", 1.0).iloc[:0]


def test_without_a_record_a_submission_moves_its_account_by_the_declared_weight() -> None:
    # the account took 60 of 120 units, as its group does of the channel: half of 100 is 50; 0.25 x (90 - 50) = 10
    layer = add_sales(
        layers_of(("A", 100.0)), submission("KEY", "A", 90.0), account("KEY", "A", 60.0, 120.0), NO_RESULTS, PARAMETERS, CYCLE
    )  # fmt: skip
    (row,) = layer.inputs.to_dict("records")
    assert (row["account_share_ratio"], row["base_units"], row["sales_units"]) == (0.5, 50.0, 10.0)
    assert layer.layers["sales_units"].tolist() == [10.0] + [0.0] * 11
    assert layer.layers["forecast_units"].tolist() == [110.0] + [100.0] * 11
    (submitter,) = layer.submitters.to_dict("records")
    assert (submitter["weight_basis"], submitter["bias_ratio"], submitter["measured_count"]) == (
        "declared",
        0,
        0,
    )


def test_a_share_of_little_history_is_that_of_the_group() -> None:
    def share(account_units: float, series_units: float) -> float:
        demand = account("KEY", "A", account_units, series_units, usual=0.3)
        made = add_sales(
            layers_of(("A", 1.0)), submission("KEY", "A", 1.0), demand, NO_RESULTS, PARAMETERS, CYCLE
        )
        return float(made.inputs["account_share_ratio"].iloc[0])

    assert share(0.0, 0.0) == 0.3
    assert share(12.0, 12.0) == pytest.approx((12 + 3 * 0.3) / (12 + 3), abs=1e-6)


def test_the_measured_bias_is_taken_out_and_a_long_record_is_believed_more() -> None:
    short = measure_submitters(results_of("anna", 1.3, months=1, items=4, noise=0.3), ANNA, POLICY, CYCLE)
    long = measure_submitters(results_of("anna", 1.3, months=12, noise=0.1), ANNA, POLICY, CYCLE)
    assert 0.0 < short["bias_ratio"].iloc[0] < short["raw_bias_ratio"].iloc[0]
    assert long["bias_ratio"].iloc[0] == pytest.approx(0.3, abs=0.02)
    assert long["corrected_error_ratio"].iloc[0] < 0.5 * long["error_ratio"].iloc[0]


def test_the_most_biased_submitter_is_ranked_last() -> None:
    results = pd.concat(
        [results_of(who, bias, noise=0.3) for who, bias in (("high", 1.3), ("honest", 1.0), ("low", 0.9))]
    )
    submitters = measure_submitters(results, results[["submitter", "level"]], POLICY, CYCLE)
    ranks = submitters.set_index("submitter")["bias_rank"].to_dict()
    assert ranks == {"honest": 1, "low": 2, "high": 3}


def test_who_knows_more_than_the_base_gets_the_weight() -> None:
    knows = measure_submitters(results_of("anna", 1.2, noise=0.02), ANNA, POLICY, CYCLE)
    guesses = measure_submitters(results_of("anna", 1.2, noise=0.6, base_noise=0.02), ANNA, POLICY, CYCLE)
    # 120 account-months of near certainty and 24 of the declared 0.25: (120 + 6) / 144 = 0.875
    assert knows["weight_ratio"].iloc[0] == pytest.approx(0.875, abs=0.02)
    assert guesses["weight_ratio"].iloc[0] < 0.1


def test_a_forecast_repeated_for_the_same_month_is_no_more_evidence() -> None:
    results = results_of("anna", 1.25, months=2)
    once = measure_submitters(results, ANNA, POLICY, CYCLE)
    twice = measure_submitters(pd.concat([results, results]), ANNA, POLICY, CYCLE)
    pd.testing.assert_frame_equal(once[COLUMNS], twice[COLUMNS])


def test_what_is_not_applied_is_listed_with_its_state() -> None:
    sales = pd.concat(
        [
            submission("KEY", "A", 5.0, "2025-12"),
            submission("KEY", "A", 5.0, "2027-06"),
            submission("KEY", "X", 5.0),
            submission("KEY", "A", 5.0, submitted_at=pd.Timestamp("2026-01-09")),
            submission("KEY", "A", 5.0, "2026-02", submitted_at=pd.Timestamp("2025-12-03")),
        ]
    )
    layer = add_sales(
        layers_of(("A", 100.0)), sales, account("KEY", "A", 1.0, 2.0), NO_RESULTS, PARAMETERS, CYCLE
    )
    states = layer.inputs.set_index(["item_id", "period_start_date"])[["input_state", "submission_state"]]
    assert states.loc[("A", "2025-12-01"), "input_state"] == "closed_month"
    assert states.loc[("A", "2027-06-01"), "input_state"] == "beyond_horizon"
    assert states.loc[("X", "2026-01-01"), "input_state"] == "no_series"
    assert states.loc[("A", "2026-01-01")].tolist() == ["applied", "late"]
    assert states.loc[("A", "2026-02-01")].tolist() == ["applied", "stale"]
    assert layer.inputs.loc[layer.inputs["input_state"] != "applied", "sales_units"].tolist() == [
        0.0,
        0.0,
        0.0,
    ]


@settings(max_examples=30, deadline=None)
@given(
    below=st.integers(0, 10**7).map(lambda number: number / 1000),
    submitted=st.lists(st.integers(0, 10**7).map(lambda number: number / 1000), min_size=1, max_size=5),
    ordered=st.lists(st.integers(0, 1000), min_size=5, max_size=5),
)
def test_accounts_add_up_to_their_series_exactly_and_never_take_more_than_there_is(
    below, submitted, ordered
) -> None:
    groups = [f"G{number}" for number in range(len(submitted))]
    sales = pd.concat([submission(group, "A", units) for group, units in zip(groups, submitted, strict=True)])
    total = float(sum(ordered[: len(groups)]))
    demand = pd.concat(
        [
            account(group, "A", float(ordered[n]), total, usual=1.0 / len(groups))
            for n, group in enumerate(groups)
        ]
    )
    layer = add_sales(layers_of(("A", below)), sales, demand, NO_RESULTS, PARAMETERS, CYCLE)
    whole = (layer.layers[[*LAYERS, "forecast_units"]] * 1000).round().astype("int64")
    assert (whole[LAYERS].sum(axis=1) == whole["forecast_units"]).all()
    assert whole["sales_units"].sum() == (layer.inputs["sales_units"] * 1000).round().astype("int64").sum()
    assert (layer.layers["forecast_units"] >= 0).all()


def test_submissions_that_cannot_be_read_are_refused_together() -> None:
    twice = pd.concat([submission("KEY", "A", 1.0)] * 2 + [submission("KEY", "B", -1.0)])
    with pytest.raises(
        ValueError, match="(?s)2 rows.*repeat an account.*1 rows.*no forecast_units of 0 or more"
    ):
        add_sales(layers_of(("A", 1.0)), twice, account("KEY", "A", 1.0, 1.0), NO_RESULTS, PARAMETERS, CYCLE)
