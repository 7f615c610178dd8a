"""A small company that a pack is rendered from: its families, resources and months, and what it sells.

The numbers are made by formulas, so that a chart shows a season, a launch ramp and a bottleneck that a reader knows.
Add here: what rows of several reviews are made of. Keep out: rows of marts (`demand_rows`, `supply_rows`, `meeting_rows`).
"""

from __future__ import annotations

import math

import pandas as pd

CYCLE_ID = "2026-01"
START = pd.Timestamp("2026-01-01")
HISTORY = pd.date_range("2023-07-01", periods=30, freq="MS")  # older than what the pack shows
HORIZON = pd.date_range(START, periods=18, freq="MS")

# family -> (category, units a month, growth a month, season, price, standard cost)
FAMILIES = {
    "Mountain Bikes": ("Bikes", 5200, 0.004, 0.30, 1450.0, 940.0),
    "Road Bikes": ("Bikes", 4100, 0.002, 0.36, 1680.0, 1120.0),
    "Touring Bikes": ("Bikes", 1500, 0.012, 0.28, 1190.0, 800.0),
    "Helmets": ("Accessories", 9800, 0.003, 0.22, 34.0, 14.0),
    "Jerseys": ("Clothing", 7400, 0.001, 0.25, 48.0, 31.0),
    "Wheels": ("Components", 2600, 0.000, 0.12, 210.0, 128.0),
    "Frames": ("Components", 1900, -0.004, 0.10, 540.0, 390.0),
}
RESOURCES = {
    "WC-10": ("Frame Forming", 3100.0, 0.94),
    "WC-20": ("Frame Welding", 2900.0, 1.03),
    "WC-30": ("Debur and Polish", 1400.0, 0.61),
    "WC-40": ("Paint", 2100.0, 0.88),
    "WC-50": ("Subassembly", 3900.0, 0.79),
    "WC-60": ("Final Assembly", 5200.0, 0.97),
    "WC-70": ("Specialized Paint", 900.0, 0.52),
}


def season(month: pd.Timestamp, strength: float) -> float:
    return 1 + strength * math.sin((month.month - 3.5) / 12 * 2 * math.pi)


def months_from_start(month: pd.Timestamp) -> int:
    return (month.year - START.year) * 12 + month.month - START.month


def units_of(family: str, month: pd.Timestamp) -> float:
    _, level, growth, strength, _, _ = FAMILIES[family]
    return level * (1 + growth) ** months_from_start(month) * season(month, strength)


def noise(*words: object) -> float:
    """Between -1 and 1, the same for the same words on every machine."""
    return math.sin(
        sum(ord(letter) * (place + 7) for place, letter in enumerate("|".join(map(str, words)))) * 12.9898
    )
