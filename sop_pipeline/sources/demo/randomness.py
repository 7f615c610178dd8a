"""Draws that give the same bytes on every machine.

Only uniform numbers of PCG64 are drawn, and only + - * / and square roots are applied to them: IEEE 754 fixes their
results, while exp, log and sin differ in the last bit between libraries. One stream for each purpose and month, so
that a new draw in one place moves nothing elsewhere.
Add here: a purpose, or a distribution built from uniforms. Keep out: what the draws are used for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PURPOSES = (
    "items",
    "bills",
    "network",
    "economics",
    "demand",
    "activities",
    "lines",
    "customers",
    "execution",
    "returns",
    "planners",
    "suppliers",
    "forecast_error",
    "capacity",
    "hours",
)


def stream(seed: int, purpose: str, month: int = 0) -> np.random.Generator:
    """The random stream of one purpose in one month."""
    key = [seed, PURPOSES.index(purpose), month + 1000]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def bell(rng: np.random.Generator, count: int) -> Floats:
    """Nearly normal draws (mean 0, variance 1, within 3.5): the sum of four uniforms, scaled."""
    uniform = rng.random((4, count))
    total: Floats = uniform[0] + uniform[1] + uniform[2] + uniform[3]
    scaled: Floats = (total - 2.0) * 1.7320508075688772
    return scaled


def between(rng: np.random.Generator, low: float, high: float, count: int) -> Floats:
    """Uniform draws from low to high."""
    drawn: Floats = low + (high - low) * rng.random(count)
    return drawn


def whole(values: Floats) -> Integers:
    """Nearest whole number, halves up."""
    rounded: Integers = np.floor(values + 0.5).astype(np.int64)
    return rounded


def rounded(values: Floats, decimals: int) -> Floats:
    """Rounded through a whole number, so that every machine prints the same digits."""
    factor = 10.0**decimals
    result: Floats = np.floor(values * factor + 0.5) / factor
    return result
