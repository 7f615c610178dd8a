"""What the supply plan is made from.

`SupplyInputs` holds frames in the columns of `core` and `planning`; `demand_streams` joins forecast, prices and channels
into the demand that the plan serves. Add here: a new input frame and its columns (one line in `TABLES`). Keep out: the
checks of their content (see `checks`), index positions (see `network`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import pandas as pd

COMPANY_PARAMETERS = (
    "holding_cost_ratio_per_year",
    "below_target_cost_ratio_per_month",
    "above_maximum_cost_ratio_per_month",
)


class SupplyInputError(ValueError):
    """The inputs cannot be planned: every problem found is listed."""


@dataclass(frozen=True)
class Table:
    """How an input frame is read: its keys, its numbers, the numbers that may be empty, its other text.

    `policies`: numbers that switch a law on where the frame has them (see `policies`).
    """

    source: str
    keys: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    optional_numbers: tuple[str, ...] = ()
    optional_texts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.keys + self.numbers + self.optional_numbers + self.optional_texts

    def numbers_of(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Columns of the frame that hold numbers."""
        said = tuple(name for name in self.policies if name in frame.columns)
        return self.numbers + self.optional_numbers + said


TABLES: dict[str, Table] = {
    "demand": Table(
        "planning.unconstrained_forecasts with core.fct_unit_economics and core.dim_channels",
        ("item_id", "site_id", "channel_id", "period_start_date"),
        (
            "demand_units",
            "unit_price",
            "unit_cost",
            "priority",
            "backlog_cost_ratio",
            "lost_sale_cost_ratio",
            "backlog_maximum_ratio",
        ),
    ),
    "sources": Table(
        "core.fct_sources",
        ("source_id",),
        ("lead_time_months", "yield_ratio", "unit_cost", "priority"),
        ("maximum_units_per_month",),
        ("source_type", "item_id", "site_id", "supplier_id", "from_site_id"),
        ("share_ratio", "minimum_lot_units", "lot_multiple_units", "maximum_lot_units"),
    ),
    "source_limits": Table("core.fct_source_limits", ("source_id", "period_start_date"), ("maximum_units",)),
    "source_inputs": Table(
        "core.fct_source_inputs", ("source_id", "item_id", "site_id"), ("units_per_unit",)
    ),
    "source_input_changes": Table(
        "core.fct_source_input_changes",
        ("source_id", "item_id", "site_id", "period_start_date"),
        ("units_per_unit",),
    ),
    "source_loads": Table(
        "core.fct_source_loads",
        ("source_id", "resource_id"),
        ("hours_per_unit",),
        policies=("setup_hours_per_unit",),
    ),
    "capacity": Table(
        "core.fct_capacity",
        ("resource_id", "period_start_date"),
        ("regular_hours", "overtime_maximum_hours", "regular_cost_per_hour", "overtime_cost_per_hour"),
    ),
    "inventory_position": Table(
        "core.fct_inventory_position",
        ("item_id", "site_id"),
        ("usable_units", "backlog_units", "unit_cost"),
        ("maximum_stock_units",),
    ),
    "open_supply": Table(
        "core.fct_open_supply",
        ("supply_id", "supply_type"),
        ("open_units",),
        (),
        ("item_id", "site_id", "expected_period_start_date"),
    ),
    "target_stocks": Table(
        "planning.target_stocks", ("item_id", "site_id", "period_start_date"), ("target_units",)
    ),
    "items": Table("core.dim_items", ("item_id",), policies=("shelf_life_months",)),
    "parameters": Table("core.fct_parameters", ("parameter_id", "scope", "scope_id"), ("parameter_value",)),
    "labour": Table(
        "core.fct_labour_groups",
        ("resource_id",),
        (
            "opening_heads",
            "regular_cost_per_head",
            "hire_cost_per_head",
            "layoff_cost_per_head",
            "minimum_heads",
        ),
        ("maximum_heads", "hours_per_head", "overtime_hours_per_head"),
    ),
    "storage": Table(
        "core.fct_storage_load", ("site_id", "capacity_unit", "period_start_date"), ("available_capacity",)
    ),
    "storage_uses": Table(
        "core.fct_storage_uses", ("site_id", "capacity_unit", "item_id"), ("space_per_unit",)
    ),
    "allocation_rules": Table("planner.allocation_rules", ("family_id",), (), (), ("allocation_rule",)),
}


@dataclass(frozen=True)
class SupplyInputs:
    """One frame for each line of `TABLES`. Frames may carry more columns and any row order.

    Target stocks are left out where they are about to be set (`plan_safety_stocks`), and replaced in afterwards. The frames
    after them are of what a company may have, bills that change within the horizon and policies: left out, nothing changes and
    the policies' laws are absent.
    """

    demand: pd.DataFrame
    sources: pd.DataFrame
    source_limits: pd.DataFrame
    source_inputs: pd.DataFrame
    source_loads: pd.DataFrame
    capacity: pd.DataFrame
    inventory_position: pd.DataFrame
    open_supply: pd.DataFrame
    items: pd.DataFrame
    parameters: pd.DataFrame
    target_stocks: pd.DataFrame = field(default_factory=lambda: no_rows("target_stocks"))
    source_input_changes: pd.DataFrame = field(default_factory=lambda: no_rows("source_input_changes"))
    labour: pd.DataFrame = field(default_factory=lambda: no_rows("labour"))
    storage: pd.DataFrame = field(default_factory=lambda: no_rows("storage"))
    storage_uses: pd.DataFrame = field(default_factory=lambda: no_rows("storage_uses"))
    allocation_rules: pd.DataFrame = field(default_factory=lambda: no_rows("allocation_rules"))

    def tables(self) -> dict[str, pd.DataFrame]:
        return {part.name: getattr(self, part.name) for part in fields(self)}


def no_rows(name: str) -> pd.DataFrame:
    """An input frame in which nothing is said."""
    table = TABLES[name]
    numbers = table.numbers + table.optional_numbers
    kinds = {
        column: "float64" if column in numbers else "datetime64[ns]" if column.endswith("_date") else "object"
        for column in table.columns
    }
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds.items()})


def horizon_periods(cycle_start: pd.Timestamp, horizon_months: int) -> pd.DatetimeIndex:
    """First days of the months planned, the cycle's own first."""
    return pd.date_range(pd.Timestamp(cycle_start), periods=horizon_months, freq="MS")


def company_parameter(parameters: pd.DataFrame, parameter_id: str) -> float:
    """Value of a planning parameter that holds for the whole company."""
    rows = parameters[(parameters["parameter_id"] == parameter_id) & (parameters["scope"] == "company")]
    if len(rows) != 1:
        raise SupplyInputError(
            f"core.fct_parameters has {len(rows)} rows for {parameter_id} at scope company, 1 is needed.\n"
            "Declare it in planner.planning_parameters or in the dictionary of defaults."
        )
    return float(rows["parameter_value"].iloc[0])


def demand_streams(
    forecasts: pd.DataFrame,
    unit_economics: pd.DataFrame,
    channels: pd.DataFrame,
    inventory_position: pd.DataFrame,
    periods: pd.DatetimeIndex,
    orders_on_hand: pd.DataFrame,
) -> pd.DataFrame:
    """The demand to serve, one row per item, site, channel and horizon month.

    What left before its month began (shipped_units of `core.fct_orders_on_hand`) is served already and comes off.

    Streams are the forecast ones, and those that units are still owed to although nothing more is forecast. A stream
    without price or channel keeps an empty number, which `check_inputs` reports.
    """
    key = ["item_id", "site_id", "channel_id"]
    owed = inventory_position.loc[inventory_position["backlog_units"] > 0, ["item_id", "site_id"]]
    owed_streams = unit_economics[key].merge(owed, on=["item_id", "site_id"])
    streams = pd.concat([forecasts[key], owed_streams]).drop_duplicates().sort_values(key)
    grid = streams.merge(pd.DataFrame({"period_start_date": periods}), how="cross")
    units = forecasts.rename(columns={"forecast_units": "demand_units"})
    units = units[[*key, "period_start_date", "demand_units"]]
    units = units.assign(period_start_date=pd.to_datetime(units["period_start_date"]))
    demand = grid.merge(units, how="left", on=[*key, "period_start_date"], validate="1:1")
    served = orders_on_hand[[*key, "period_start_date", "shipped_units"]]
    served = served.assign(period_start_date=pd.to_datetime(served["period_start_date"]))
    demand = demand.merge(served, how="left", on=[*key, "period_start_date"], validate="1:1")
    left_to_serve = demand["demand_units"].astype(float).fillna(0.0) - demand["shipped_units"].astype(
        float
    ).fillna(0.0)
    demand["demand_units"] = left_to_serve.clip(lower=0.0).round(3)
    demand = demand.drop(columns="shipped_units")
    economics = unit_economics[[*key, "unit_price", "unit_cost"]]
    demand = demand.merge(economics, how="left", on=key, validate="m:1")
    ratios = ["priority", "backlog_cost_ratio", "lost_sale_cost_ratio", "backlog_maximum_ratio"]
    return demand.merge(channels[["channel_id", *ratios]], how="left", on="channel_id", validate="m:1")
