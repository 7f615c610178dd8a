"""Small random companies: the audit is clean, and an independent linear programme finds the same cost.

The second programme is written from the laws, row by row, without Pyomo, the blocks or HiGHS' interior point.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import pipeline_target, unit_prices

MONTHS = 3
units = st.integers(0, 60).map(float)
by_month = st.lists(units, min_size=MONTHS, max_size=MONTHS)
cases = st.fixed_dictionaries(
    {
        "demand": by_month,
        "retail": by_month,
        "stock": units,
        "plant": units,
        "parts": units,
        "on_order": units,
        "owed": st.integers(0, 9).map(float),
        "hours": st.lists(st.integers(0, 40).map(float), min_size=MONTHS, max_size=MONTHS),
        "overtime": st.integers(0, 10).map(float),
        "limit": units,
        "target": st.integers(0, 20).map(float),
        "make_lead": st.sampled_from([0.0, 0.3, 1.0]),
        "buy_lead": st.sampled_from([0.0, 0.5, 1.4]),
        "good": st.sampled_from([1.0, 0.9, 0.97]),
        "takes": st.sampled_from([1.0, 2.0, 0.333]),
    }
)


def built(company, case):
    return (
        company(MONTHS)
        .demand("A", "dc", case["demand"], price=60.0, cost=20.0, waits=0.4)
        .demand("A", "dc", case["retail"], price=50.0, cost=20.0, channel="retail", priority=2, waits=0.2)
        .source("move", "A", "dc", 1.5, from_site="plant")
        .source(
            "make",
            "A",
            "plant",
            2.0,
            of={"part": case["takes"]},
            hours={"line": 0.7},
            good=case["good"],
            lead_time=case["make_lead"],
        )
        .source("buy", "part", "plant", 3.0, supplier="S", maximum=case["limit"], lead_time=case["buy_lead"])
        .resource("line", case["hours"], overtime=case["overtime"], cost=8.0)
        .stock("A", "dc", case["stock"], 21.0, backlog=case["owed"], maximum=50.0)
        .stock("A", "plant", case["plant"], 19.0)
        .stock("part", "plant", case["parts"], 3.0)
        .open_order("PO1", "part", "plant", 1, case["on_order"])
        .target("A", "dc", [case["target"]] * MONTHS)
    )


class Tableau:
    """Columns and rows of the second programme, by name."""

    def __init__(self):
        self.columns, self.cost, self.upper, self.equal, self.at_most = {}, [], [], [], []

    def column(self, name, cost=0.0, upper=None):
        self.columns[name] = len(self.columns)
        self.cost.append(cost)
        self.upper.append(upper)

    def solve(self):
        def matrix(rows):
            table = np.zeros((len(rows), len(self.columns)))
            for number, (terms, _) in enumerate(rows):
                for coefficient, name in terms:
                    table[number, self.columns[name]] += coefficient
            return (table, [right for _, right in rows]) if rows else (None, None)

        a_ub, b_ub = matrix(self.at_most)
        a_eq, b_eq = matrix(self.equal)
        bounds = [(0, high) for high in self.upper]
        return linprog(
            self.cost, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=bounds, method="highs-ds"
        ).fun


def arrivals(lead_time, month):
    """(month of release, share) of what is available in a month; a release is spread over two months."""
    whole = int(lead_time)
    part = lead_time - whole
    return [(m, s) for m, s in ((month - whole, 1 - part), (month - whole - 1, part)) if m >= 0 and s > 0]


def second_opinion(case, network, prices):
    """The least cost by the laws as they are written in the docstrings."""
    table, months = Tableau(), range(MONTHS)
    sites = [tuple(pair) for pair in network.item_sites.itertuples(index=False)]
    streams = list(network.streams["channel_id"])
    for t in months:
        labour = 0.7 * 8.0
        table.column(("make", t), 2.0 + labour)
        table.column(("move", t), 1.5)
        table.column(("buy", t), 3.0, case["limit"])
        table.column(("overtime", t), 12.0 - 8.0, case["overtime"])
        for n, site in enumerate(sites):
            table.column(("stock", site, t), prices.holding[n, t])
        dc = sites.index(("A", "dc"))
        table.column(("below", t), prices.below_target[dc, t])
        table.column(("above", t), prices.above_maximum[dc])
        for d, channel in enumerate(streams):
            asked = network.demand[d, t] + (network.opening_backlog[d] if t == 0 else 0.0)
            waiting = asked * {"direct": 0.4, "retail": 0.2}[channel]
            table.column(("delivered", d, t))
            table.column(("backlog", d, t), prices.backlog[d, t], waiting)
            table.column(("lost", d, t), prices.lost_sale[d, t])
    for n, site in enumerate(sites):
        table.column(("missing", site), prices.pipeline[n])
    opening = {("A", "dc"): case["stock"], ("A", "plant"): case["plant"], ("part", "plant"): case["parts"]}
    for t in months:
        for site in sites:
            carried = [(1.0, ("stock", site, t - 1))] if t else []
            supplied = (0.0 if t else opening[site]) + (
                case["on_order"] if site[0] == "part" and t == 1 else 0.0
            )
            flows = {
                ("A", "dc"): [(1.0, ("move", t))]
                + [(-1.0, ("delivered", d, t)) for d in range(len(streams))],
                ("A", "plant"): [(case["good"] * s, ("make", m)) for m, s in arrivals(case["make_lead"], t)]
                + [(-1.0, ("move", t))],
                ("part", "plant"): [(s, ("buy", m)) for m, s in arrivals(case["buy_lead"], t)]
                + [(-case["takes"], ("make", t))],
            }[site]
            table.equal.append(([*carried, *flows, (-1.0, ("stock", site, t))], -supplied))
        for d in range(len(streams)):
            asked = network.demand[d, t] + (network.opening_backlog[d] if t == 0 else 0.0)
            row = [(1.0, (name, d, t)) for name in ("delivered", "backlog", "lost")]
            table.equal.append((row + ([(-1.0, ("backlog", d, t - 1))] if t else []), asked))
        table.at_most.append(([(0.7, ("make", t)), (-1.0, ("overtime", t))], case["hours"][t]))
        table.at_most.append(([(-1.0, ("stock", ("A", "dc"), t)), (-1.0, ("below", t))], -case["target"]))
        table.at_most.append(([(1.0, ("stock", ("A", "dc"), t)), (-1.0, ("above", t))], 50.0))
    wanted = pipeline_target(network)
    for n, site in enumerate(sites):
        name, lead, good = {"dc": ("move", 0.0, 1.0), "plant": ("make", case["make_lead"], case["good"])}[
            site[1]
        ]
        if site[0] == "part":
            name, lead, good = "buy", case["buy_lead"], 1.0
        landed = {m: sum(s for t in months for r, s in arrivals(lead, t) if r == m) for m in months}
        under_way = [(-good * (1 - landed[m]), (name, m)) for m in months]
        table.at_most.append(([*under_way, (-1.0, ("missing", site))], -wanted[n]))
    return table.solve()


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(case=cases)
def test_random_companies_are_audited_clean_and_cost_what_a_second_programme_finds(
    company, plan_inputs, case
):
    inputs = built(company, case).inputs()
    plan = plan_inputs(inputs, MONTHS)  # raises where the audit finds anything
    network = build_network(inputs, built(company, case).periods)
    expected = second_opinion(case, network, unit_prices(network))
    log = plan.solve_log.iloc[0]
    assert log["objective_value"] == pytest.approx(expected, rel=2e-6, abs=0.01)
    assert log["priced_value"] == pytest.approx(expected, rel=1e-4, abs=0.5)
