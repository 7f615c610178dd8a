"""Forecast any panel of series: long frames in (unique_id, ds, y), long frames out.

    forecast_panel(frame, horizon=12) -> PanelForecast(forecasts, errors, series, notes)
    forecast_levels(frame, ["family"], horizon=12): the same for sums as well, every level exactly the sum of the one below
    forecast_on(frame, horizon=12, engine="dask"): the same on another engine

reading -> classes -> learning (once, over series) -> candidates -> combination -> intervals -> forecast.
Add here: a step of that chain. Keep out: items, sites, cycles (the pipeline's own: `planning.demand.forecasts`), files.
"""

from sop_pipeline.planning.demand.panel.calendar import UnknownFrequency
from sop_pipeline.planning.demand.panel.classes import REASONS
from sop_pipeline.planning.demand.panel.engine import forecast_on
from sop_pipeline.planning.demand.panel.forecast import PanelForecast, forecast_panel
from sop_pipeline.planning.demand.panel.levels import BrokenHierarchy, forecast_levels
from sop_pipeline.planning.demand.panel.reading import UnreadablePanel

__all__ = [
    "REASONS",
    "BrokenHierarchy",
    "PanelForecast",
    "UnknownFrequency",
    "UnreadablePanel",
    "forecast_levels",
    "forecast_on",
    "forecast_panel",
]
