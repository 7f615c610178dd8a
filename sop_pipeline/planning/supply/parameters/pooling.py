"""Few documents: what the spread of a parameter's documents probably is, learnt from the other parameters of its kind.

Three orders tell a mean and hardly a spread; eight tell both. The parameters of a kind that have many documents say how far
documents of the kind scatter, and how much that differs from one to the next; a parameter with few borrows from them as much as
they agree. Add here: what is shared between parameters. Keep out: estimates and tests of one parameter (`evidence`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from sop_pipeline.planning.supply.parameters.evidence import Estimate, Floats

LEAST_OF_A_KIND = 8  # parameters whose spreads are known, below which nothing is learnt from them
ALL_ALIKE = 1e6  # degrees of freedom of a spread that is the same everywhere


@dataclass(frozen=True)
class Spread:
    """Spread that the parameters of a kind share: a variance and how many documents it is worth."""

    variance: float
    freedom: float


def shared_spread(variances: Floats, freedoms: Floats) -> Spread | None:
    """The prior of a kind's variances: scaled inverse chi-square, fitted to the first two moments of their logarithms.

    None where fewer than eight are told. Source: Smyth, G. K. (2004), Linear models and empirical Bayes methods for assessing
    differential expression in microarray experiments, Statistical Applications in Genetics and Molecular Biology 3, 3, section 6.2.
    """
    told = variances > 0
    if told.sum() < LEAST_OF_A_KIND:
        return None
    half = freedoms[told] / 2.0
    level = np.log(variances[told]) - special.digamma(half) + np.log(half)
    excess = float(level.var(ddof=1)) - float(special.polygamma(1, half).mean())
    if excess <= special.polygamma(1, ALL_ALIKE / 2.0):
        return Spread(math.exp(float(level.mean())), ALL_ALIKE)
    half_prior = _inverse_trigamma(excess)
    centre = float(level.mean()) + float(special.digamma(half_prior)) - math.log(half_prior)
    return Spread(math.exp(centre), 2.0 * half_prior)


def with_shared_spread(estimate: Estimate, usual_error: float, spread: Spread) -> Estimate:
    """The estimate with its own variance and the shared one, each weighted by its degrees of freedom.

    `usual_error`: the standard error where the kind's spread is 1; variances are shared in its squares.
    """
    own = (estimate.standard_error / usual_error) ** 2
    freedom = estimate.freedom + spread.freedom
    variance = (spread.freedom * spread.variance + estimate.freedom * own) / freedom
    return replace(estimate, standard_error=usual_error * math.sqrt(variance), freedom=freedom)


def _inverse_trigamma(value: float) -> float:
    """x with trigamma(x) = value, which falls from infinity to 0."""
    return float(optimize.brentq(lambda x: float(special.polygamma(1, x)) - value, 1e-6, ALL_ALIKE))
