"""The unconstrained forecast: the sum of its layers, and nothing else.

Layers are rounded first and the total is computed from the rounded layers (in thousandths of a unit, as whole
numbers), so the sum holds to the last digit in every row. Add here: a new layer. Keep out: what a layer says (see
`forecasts`, `launches`, `activities`, `sales`, `order_book`, `overrides`), and any capacity: this forecast does not know supply.
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    IntArray,
    describe_rows,
    series_months,
)

THOUSANDTHS = 10**UNIT_DECIMALS
BOUNDS = ["lower_80_units", "upper_80_units", "lower_95_units", "upper_95_units"]
LAYERS = ["statistical_units", "launch_units", "activity_units", "sales_units", "order_book_units"]
COLUMNS = ["cycle_id", *SERIES_PERIOD, "forecast_state", *LAYERS, "override_units", "forecast_units", *BOUNDS]


def to_thousandths(units: pd.Series) -> IntArray:
    """Units as whole thousandths, exact from there on."""
    return np.asarray(np.rint(units.to_numpy(dtype=np.float64) * THOUSANDTHS), dtype=np.int64)


def stack_layers(
    statistical: pd.DataFrame, launches: pd.DataFrame, activities: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """Every series in every horizon month with the layers below the overrides, and their sum `forecast_units`.

    Takes tables `statistical_forecasts`, `npd_forecasts`, `activity_uplifts`; a series of any of them gets all months,
    0 where a layer says nothing. launch_units is net of the statistical units that the launch replaces. An activity
    that would take more than there is takes what there is: its layer is trimmed, so that the sum is never negative.
    Columns: series, period_start_date, statistical_units, launch_units, activity_units, forecast_units and the bounds
    of the statistical layer; sales_units is 0 until `sales.add_sales` fills it, order_book_units until
    `order_book.consume_orders` does.

    Raises ValueError where a table repeats a series and month or holds months outside the horizon.
    """
    tables = {"statistical_forecasts": statistical, "npd_forecasts": launches, "activity_uplifts": activities}
    _refuse_unfit(tables, cycle)
    keys = pd.concat([table[SERIES] for table in tables.values() if len(table)] or [statistical[SERIES]])
    keys = keys.drop_duplicates().sort_values(SERIES, ignore_index=True)
    frame = series_months(keys, cycle.periods)
    units = statistical[[*SERIES_PERIOD, "forecast_units", *BOUNDS]]
    frame = frame.merge(units, on=SERIES_PERIOD, how="left", validate="1:1")
    plan = launches[[*SERIES_PERIOD, "launch_units", "replaced_statistical_units"]]
    frame = frame.merge(plan, on=SERIES_PERIOD, how="left", validate="1:1")
    uplift = activities[[*SERIES_PERIOD, "uplift_units"]]
    frame = frame.merge(uplift, on=SERIES_PERIOD, how="left", validate="1:1")
    measures = [column for column in frame.columns if column not in SERIES_PERIOD]
    frame[measures] = frame[measures].astype(np.float64).fillna(0.0)
    return _sum_layers(frame)


def _refuse_unfit(tables: dict[str, pd.DataFrame], cycle: Cycle) -> None:
    found = []
    for name, table in tables.items():
        repeated = table[table.duplicated(SERIES_PERIOD, keep=False)]
        outside = table[~table["period_start_date"].isin(cycle.periods)]
        for rows, what in ((repeated, "repeat a series and month"), (outside, "lie outside the horizon")):
            if len(rows):
                found.append(f" * planning.{name}: {describe_rows(rows, SERIES_PERIOD)} {what}")
    if found:
        raise ValueError(
            f"The layers of cycle {cycle.cycle_id} do not fit together:\n" + "\n".join(found) + "\n"
            "Rebuild them for this cycle and horizon."
        )


def _sum_layers(frame: pd.DataFrame) -> pd.DataFrame:
    statistical = to_thousandths(frame["forecast_units"])
    replaced = np.minimum(to_thousandths(frame["replaced_statistical_units"]), statistical)
    launch = to_thousandths(frame["launch_units"]) - replaced
    activity = np.maximum(to_thousandths(frame["uplift_units"]), -(statistical + launch))
    out = frame[[*SERIES_PERIOD, *BOUNDS]].copy()
    out["statistical_units"] = statistical / THOUSANDTHS
    out["launch_units"] = launch / THOUSANDTHS
    out["activity_units"] = activity / THOUSANDTHS
    out["sales_units"] = 0.0
    out["order_book_units"] = 0.0
    out["forecast_units"] = (statistical + launch + activity) / THOUSANDTHS
    return out[[*SERIES_PERIOD, *LAYERS, "forecast_units", *BOUNDS]]


def compose_forecast(layers: pd.DataFrame, override_effects: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Table `unconstrained_forecasts`, state `unconstrained_draft`: one row per row of `layers` (see `stack_layers`).

    override_units is the sum of table `override_effects` over its overrides; where it would take more than there is,
    it is trimmed. forecast_units = statistical + launch + activity + sales + order book + override, exactly. The interval is that of the
    statistical layer moved with the sum, not below 0: a series that lives by plans alone has no width.

    Raises ValueError where an effect belongs to no series and month of `layers`.
    """
    effects = override_effects.sort_values(["override_id", *SERIES_PERIOD])
    effects = effects[SERIES_PERIOD].assign(whole=to_thousandths(effects["override_units"]))
    summed = effects.groupby(SERIES_PERIOD, as_index=False).agg(thousandths=("whole", "sum"))
    merged = layers.merge(summed, on=SERIES_PERIOD, how="outer", validate="1:1", indicator=True)
    strangers = merged[merged["_merge"] == "right_only"]
    if not strangers.empty:
        raise ValueError(
            f"planning.override_effects changes what is not forecast: {describe_rows(strangers, SERIES_PERIOD)}.\n"
            "Apply the overrides to the layers of this cycle."
        )
    frame = layers.merge(summed, on=SERIES_PERIOD, how="left", validate="1:1")
    below = sum((to_thousandths(frame[layer]) for layer in LAYERS), np.zeros(len(frame), dtype=np.int64))
    override = np.maximum(frame["thousandths"].fillna(0).to_numpy(dtype=np.int64), -below)
    total = below + override
    frame["override_units"] = override / THOUSANDTHS
    frame["forecast_units"] = total / THOUSANDTHS
    shift = total - to_thousandths(frame["statistical_units"])
    for bound in BOUNDS:
        frame[bound] = np.maximum(to_thousandths(frame[bound]) + shift, 0) / THOUSANDTHS
    frame["cycle_id"] = cycle.cycle_id
    frame["forecast_state"] = "unconstrained_draft"
    return frame[COLUMNS].sort_values(SERIES_PERIOD, ignore_index=True)
