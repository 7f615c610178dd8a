"""Sourcing shares: how much of an item-site's supply comes from one source.

Add here: rules on the mix of sources. Keep out: limits of one source in units (`source_limits`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms
from sop_pipeline.planning.supply.network import Floats, Integers


def add_shares(model: SupplyModel) -> None:
    r"""A source gives at least and at most its share of what its item-site is supplied with: over the horizon, or of every month.

    $a_s \sum_{r \to n} y_r\, release_r \le y_s\, release_s + belowshare_s$

    $y_s\, release_s - aboveshare_s \le b_s \sum_{r \to n} y_r\, release_r$

    Where a share may be missed, what is missed of it has a price; else there is neither below nor above.
    """
    shares = model.network.shares
    if shares is None:
        return
    times = model.months if shares.is_monthly else 1
    for law, off, ratios, sign in (
        ("least_share", "below_share", shares.minimum_ratio, 1.0),
        ("most_share", "above_share", shares.maximum_ratio, -1.0),
    ):
        said = np.flatnonzero(ratios > 0.0 if sign > 0 else ratios < 1.0)
        terms = _distances(model, shares.source[said], ratios[said], sign, times)
        names = model.source_names(shares.source.tolist())
        if model.prices.limits is not None:
            missed = model.add_variables(off, [names[place] for place in said.tolist()], months=times)
            terms.add(np.arange(missed.size).reshape(missed.shape), missed, 1.0)
            price = model.prices.limits.off_share[model.network.flows.output[shares.source[said]]]
            model.cost_terms["off_share"].add(0, missed, price[:, None])
        when = np.arange(times) if shares.is_monthly else np.full(1, -1)
        keys = np.column_stack([np.repeat(said, times), np.tile(when, len(said))])
        model.add_rows(law, names, keys, terms, lower=0.0)


def _distances(model: SupplyModel, sources: Integers, ratios: Floats, sign: float, times: int) -> Terms:
    """Distance of every source from its share, a row a month or one for the horizon."""
    flows, release, terms = model.network.flows, model.variables["release"], Terms()
    month = np.arange(model.months) if times > 1 else np.zeros(model.months, dtype=np.int64)
    for row, (source, ratio) in enumerate(zip(sources.tolist(), ratios.tolist(), strict=True)):
        together = np.flatnonzero(flows.output == flows.output[source])
        weight = (together == source).astype(float) - ratio
        terms.add(row * times + month, release[together], (sign * weight * flows.yields[together])[:, None])
    return terms
