"""One small neural network over all series: what a single series is too short to show, it learns from the others.

Two hidden layers, absolute error, Adam (Kingma & Ba 2015), all horizons at once; trained on windows of the known part only
and trained on at each later origin. Add here: how it learns. Keep out: what it sees (`windows`).
"""

import copy
import itertools
from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.kernels.batch import FloatArray, IntArray, Series
from sop_pipeline.planning.demand.kernels.windows import build_last_windows, build_windows

HIDDEN = (128, 64)
BATCH = 256
RATE = 2e-3
DECAY = 1e-4
FIRST_EPOCHS, NEXT_EPOCHS, LAST_EPOCHS = 5.0, 1.0, 2.0
MOST_WINDOWS = 120_000
LEAST_WINDOWS = 300
DEAREST = 5.0  # the weight of a window, over that of the usual one
LARGEST_LOG_CHANGE = 3.0  # a factor of 20 over the recent level: beyond, the answer is an accident


@dataclass
class Network:
    """Weights and the running moments of their gradients."""

    weights: list
    first: list
    second: list
    steps: int
    random: np.random.Generator

    @classmethod
    def fresh(cls, inputs: int, outputs: int, seed: int) -> "Network":
        random = np.random.default_rng(seed)
        sizes = [inputs, *HIDDEN, outputs]
        weights: list = []
        for above, below in itertools.pairwise(sizes):
            weights.append((random.standard_normal((above, below)) * np.sqrt(2.0 / above)).astype(np.float32))
            weights.append(np.zeros(below, dtype=np.float32))
        weights[-2] *= np.float32(0.1)
        return cls(
            weights, [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights], 0, random
        )

    def answer(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs for rows of inputs."""
        for k in range(0, len(self.weights) - 2, 2):
            inputs = np.maximum(inputs @ self.weights[k] + self.weights[k + 1], 0.0)
        return inputs @ self.weights[-2] + self.weights[-1]

    def train(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, epochs: float, rate: float
    ) -> None:
        """Random batches with a rate that falls to zero along a cosine."""
        count = max(1, int(epochs * len(inputs) / BATCH))
        for i in range(count):
            rows = self.random.integers(0, len(inputs), BATCH)
            self._step(
                inputs[rows], targets[rows], weights[rows], rate * 0.5 * (1.0 + np.cos(np.pi * i / count))
            )

    def _step(self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, rate: float) -> None:
        layers = [inputs]
        for k in range(0, len(self.weights) - 2, 2):
            layers.append(np.maximum(layers[-1] @ self.weights[k] + self.weights[k + 1], 0.0))
        error = layers[-1] @ self.weights[-2] + self.weights[-1] - targets
        gradient = np.sign(error) * (weights[:, None] / np.float32(BATCH))
        gradients: list = [None] * len(self.weights)
        for k in range(len(self.weights) - 2, -1, -2):
            gradients[k] = layers[k // 2].T @ gradient
            gradients[k + 1] = gradient.sum(axis=0)
            if k:
                gradient = (gradient @ self.weights[k].T) * (layers[k // 2] > 0)
        self.steps += 1
        unbias = np.float32(np.sqrt(1.0 - 0.999**self.steps) / (1.0 - 0.9**self.steps))
        for weight, first, second, g in zip(self.weights, self.first, self.second, gradients, strict=True):
            first += np.float32(0.1) * (g - first)
            second += np.float32(0.001) * (g * g - second)
            weight -= np.float32(rate) * (
                unbias * first / (np.sqrt(second) + np.float32(1e-8)) + np.float32(DECAY) * weight
            )


def window_width(season: int) -> int:
    """Periods that the network sees: up to three seasons."""
    return max(12, min(3 * season, season + 24))


@dataclass(frozen=True)
class OverallModel:
    """Networks that know every series up to so many periods before its end: `offsets`, from long to short."""

    takes_season_out: bool
    offsets: tuple[int, ...]
    networks: tuple[tuple[Network, ...], ...]

    def forecast(self, series: Series, lengths: IntArray, horizon: int) -> FloatArray:
        """Series x origins x horizon; each origin is answered by the networks of the nearest offset not after it.

        NaN where even the oldest networks have seen later periods, and where an origin has no length.
        """
        count, season = len(series), series.season
        out = np.full((count, lengths.shape[1], horizon), np.nan)
        offsets = series.lengths[:, None] - lengths
        for number, networks in enumerate(self.networks):
            newer = self.offsets[number + 1] if number + 1 < len(self.offsets) else -1
            answered = (offsets <= self.offsets[number]) & (offsets > newer) & (lengths > 0)
            for o in np.flatnonzero(answered.any(axis=0)):
                rows = np.flatnonzero(answered[:, o])
                out[rows, o] = _answer(
                    networks, series.take(rows), lengths[rows, o], season, horizon, self.takes_season_out
                )
        return out


def _answer(
    networks: tuple[Network, ...],
    series: Series,
    ends: IntArray,
    season: int,
    horizon: int,
    takes_season_out: bool,
) -> FloatArray:
    count, width = len(series), window_width(season)
    last = np.empty((count, width + 1), dtype=np.float32)
    levels, scales, indices = np.empty(count), np.empty(count), np.ones((count, season))
    build_last_windows(
        series.values,
        series.starts,
        np.ascontiguousarray(ends),
        season,
        width,
        takes_season_out,
        last,
        levels,
        scales,
        indices,
    )
    answer = np.mean([network.answer(last) for network in networks], axis=0).astype(np.float64)
    change = np.clip(answer * scales[:, None], -LARGEST_LOG_CHANGE, LARGEST_LOG_CHANGE)
    phases = (ends[:, None] + np.arange(horizon)[None, :]) % season
    return np.exp(levels[:, None] + change) * np.take_along_axis(indices, phases, axis=1)


def train_networks(
    series: Series, offsets: tuple[int, ...], horizon: int, takes_season_out: bool, seeds: tuple[int, ...]
) -> OverallModel | None:
    """Train at the oldest offset, keep a copy, train on up to the next one, ... until the end (offset 0, the last).

    None where there are too few windows to learn from; older offsets that have too few are left out.
    """
    width = window_width(series.season)
    kept: list[tuple[Network, ...]] = []
    known: list[int] = []
    networks: list[Network] = []
    for offset in offsets:
        ends = np.maximum(series.lengths - offset, 0)
        inputs, targets, costs = _training(series, ends, width, horizon, takes_season_out)
        if len(inputs) < LEAST_WINDOWS:
            continue
        is_first = not networks
        if is_first:
            networks = [Network.fresh(width + 1, horizon, seed) for seed in seeds]
        epochs = FIRST_EPOCHS if is_first else LAST_EPOCHS if offset == 0 else NEXT_EPOCHS
        for network in networks:
            network.train(inputs, targets, costs, epochs, RATE if is_first else 0.5 * RATE)
        kept.append(tuple(copy.deepcopy(network) for network in networks))
        known.append(offset)
    return OverallModel(takes_season_out, tuple(known), tuple(kept)) if known and known[-1] == 0 else None


def _training(
    series: Series, ends: IntArray, width: int, horizon: int, takes_season_out: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows to learn from, of all series or of evenly chosen ones where there would be too many."""
    first = max(series.season, 12)
    available = np.maximum(ends - horizon - first + 1, 0)
    total = int(available.sum())
    chosen = np.flatnonzero(available > 0)
    stride = 1
    if total > MOST_WINDOWS:
        stride = 1 if total < 2 * MOST_WINDOWS else 2
        chosen = chosen[:: max(1, -(-total // (stride * MOST_WINDOWS)))]
    rows = int((available[chosen] // stride + 1).sum())
    inputs = np.empty((rows, width + 1), dtype=np.float32)
    targets = np.empty((rows, horizon), dtype=np.float32)
    costs = np.empty(rows, dtype=np.float32)
    filled = build_windows(
        series.values,
        series.starts,
        chosen,
        ends,
        series.season,
        width,
        horizon,
        takes_season_out,
        stride,
        first,
        inputs,
        targets,
        costs,
    )
    costs = costs[:filled]
    usual = np.median(costs) if filled else 1.0
    return inputs[:filled], targets[:filled], np.minimum(costs / max(usual, 1e-9), DEAREST).astype(np.float32)
