"""What each block adds to the model, as a small LP text: reviewing a change of a law means reading its diff.

A file holds the costs, rows, terms of the material balance and bounds that one block adds to a tiny company. Write the
files anew with SOP_WRITE_GOLDEN=1 and read the diff.
"""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.supply.case import read_case
from sop_pipeline.planning.supply.case.problem import build_problem
from sop_pipeline.planning.supply.laws.allocation import add_fair_share
from sop_pipeline.planning.supply.laws.labour import add_labour
from sop_pipeline.planning.supply.laws.lots import add_lots
from sop_pipeline.planning.supply.laws.maintenance import add_maintenance
from sop_pipeline.planning.supply.laws.model import BLOCKS
from sop_pipeline.planning.supply.laws.relief import with_relief
from sop_pipeline.planning.supply.laws.setups import add_setups
from sop_pipeline.planning.supply.laws.shares import add_shares
from sop_pipeline.planning.supply.laws.shelf_life import add_shelf_life
from sop_pipeline.planning.supply.laws.space import add_space
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.to_order import add_to_order
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.options import Entry, Option
from sop_pipeline.planning.supply.policies import company_network
from sop_pipeline.planning.supply.prices import unit_prices

GOLDEN = Path(__file__).parent / "golden"
OF_POLICIES = (add_fair_share, add_to_order)
OF_CASES = (add_labour, add_setups, add_maintenance, add_lots, add_shares, add_space, add_shelf_life)


def file_of(block):
    return GOLDEN / f"{block.__name__.removeprefix('add_')}.lp"


def tiny(company):
    return (
        company(2)
        .demand("A", "dc", [10.0, 12.0], price=50.0, cost=8.0, waits=0.5)
        .source("move", "A", "dc", 1.0, from_site="plant", maximum=11.0)
        .source("make", "A", "plant", 2.0, of={"part": 3.0}, hours={"line": 0.5}, good=0.9, lead_time=0.25)
        .resource("line", [4.0, 5.0], overtime=1.0, cost=10.0)
        .stock("A", "dc", 6.0, 8.0, backlog=1.0, maximum=9.0)
        .stock("part", "plant", 40.0, 1.0)
        .open_order("PO1", "part", "plant", 1, 7.0)
        .target("A", "dc", [4.0, 5.0])
    )


def tiny_of_cycle(company):
    case = tiny(company)
    network = build_network(case.inputs(), case.periods)
    told = {"first_month": 1, "last_month": 1, "item_id": "all", "fixed_cost": 90.0}
    late_shift = Option(
        "late", "shift", "Late shift", "line", unit="hours", quantity=3.0, unit_cost=25.0,
        entries=(Entry("late", hours=((0, 0, 1.0),)),), **told,
    )  # fmt: skip
    at_dc = network.item_sites.to_numpy().tolist().index(["A", "dc"])
    lane = network.flows.names.index("move:A@dc<plant")
    hall_and_carrier = Option(
        "more", "pre_build", "Hall and carrier", "dc", unit="units", quantity=4.0, unit_cost=2.0,
        entries=(Entry("hall", room=((at_dc, 0, 1.0),)), Entry("carrier", limits=((lane, 0, 1.0),))), **told,
    )  # fmt: skip
    network = with_relief(network, [late_shift, hall_and_carrier], [True, True])
    return network, unit_prices(network)


def tiny_of_policies(company):
    """What people say of a cycle's plan: shares and shelf life that may be missed at a price, orders, fair shares, shared room."""
    case = (
        tiny(company)
        .demand("A", "dc", [2.0, 0.0], price=50.0, cost=8.0, channel="web", waits=0.5)
        .source("buy", "A", "dc", 3.0, supplier="S", lead_time=0.25, priority=2, share=0.3)
        .stock("B", "dc", 5.0, 2.0, strategy="MTO")
        .demand("B", "dc", [4.0, 6.0], price=9.0, cost=2.0)
        .source("buy", "B", "dc", 2.0, supplier="S", lead_time=0.25)
        .room("dc", [20.0, 25.0], {"A": 1.5, "B": 0.5})
        .keeps("A", 1.0)
        .allocate("fair_share")
        .parameter("source_share_tolerance_ratio", 0.1)
    )
    network = company_network(case.inputs(), case.periods)
    return network, unit_prices(network)


def tiny_of_case():
    """What only a case says: people, setups, lots, stoppages, shared room, shelf life, shares."""
    rows = {
        "demand": "item_id,period,demand_units\nA,1,10\nA,2,12",
        "stock": "item_id,holding_cost_per_unit,shelf_life_periods\nA,1,1",
        "sources": "source_id,source_type,item_id,lot_units,setup_cost,minimum_units,minimum_share_ratio,maximum_share_ratio\n"
        "own,make,A,4,50,6,0.25,1\nother,subcontract,A,,,,0,0.5",
        "source_loads": "source_id,resource_id,hours_per_unit,setup_hours\nown,crew,0.5,2",
        "resources": "resource_id,overtime_cost_per_hour\ncrew,9",
        "labour": "resource_id,opening_heads,hours_per_head,wage_per_head,hire_cost_per_head,layoff_cost_per_head,"
        "overtime_hours_per_head,maximum_heads\ncrew,3,8,100,30,40,2,5",
        "spaces": "space_id,maximum_space\nhall,20",
        "space_uses": "space_id,item_id,space_per_unit\nhall,A,1.5",
        "maintenance": "maintenance_id,resource_id,hours_per_stoppage\nservice,crew,3",
    }
    frames = {
        name: pd.read_csv(StringIO(text), dtype=str, keep_default_na=False) for name, text in rows.items()
    }
    problem = build_problem(read_case(frames))
    return problem.network, problem.prices


def terms_text(columns, coefficients, names):
    sums: dict[str, float] = {}
    for column, coefficient in zip(columns.tolist(), coefficients.tolist(), strict=True):
        sums[names[column]] = sums.get(names[column], 0.0) + coefficient
    return " ".join(f"{value:+.10g} {name}" for name, value in sorted(sums.items()))


def added_terms(terms, before, names):
    """By row, the text of the terms that came after the first `before`."""
    rows, columns, coefficients = (part[before:] for part in terms.merged())
    return {
        row: terms_text(columns[rows == row], coefficients[rows == row], names)
        for row in sorted({*rows.tolist()})
    }


def row_lines(model, law, names):
    block = model.rows[law]
    rows, columns, coefficients = block.terms.merged()
    for row, (low, high) in enumerate(zip(block.lower.tolist(), block.upper.tolist(), strict=True)):
        low, high = low + 0.0, high + 0.0  # no minus zero
        relation = (
            f"= {low:.10g}" if low == high else f">= {low:.10g}" if high == np.inf else f"<= {high:.10g}"
        )
        text = terms_text(columns[rows == row], coefficients[rows == row], names)
        yield f"  {law}[{','.join(model.name_of_row(block, row))}]: {text} {relation}"


def bound_lines(block, names):
    for column, low, high in zip(
        block.columns.ravel().tolist(),
        block.lower.ravel().tolist(),
        block.upper.ravel().tolist(),
        strict=True,
    ):
        most = "" if high == np.inf else f" <= {high:.10g}"
        yield f"  {low:.10g} <= {names[column]}{most}{', whole' if block.is_whole else ''}"


def network_of(block, company):
    if block in OF_POLICIES:
        return tiny_of_policies(company)
    return tiny_of_case() if block in OF_CASES else tiny_of_cycle(company)


def lp_text(block, network, prices):
    """Everything that the block adds, sorted, so that order does not matter."""
    model = SupplyModel(network, prices)
    for earlier in BLOCKS[: BLOCKS.index(block)]:
        earlier(model)
    costs = {name: len(terms.merged()[0]) for name, terms in model.cost_terms.items()}
    before = {name: len(getattr(model, name).merged()[0]) for name in ("balance", "hours")}
    laws, kinds = set(model.rows), len(model.variable_blocks)
    block(model)
    names, months = model.column_names(), network.months
    objects = {
        "balance": model.item_site_names(),
        "hours": model.resource_names(range(len(network.resources))),
    }
    sections = {
        "minimise": [
            f"  {name}: {text}"
            for name, terms in model.cost_terms.items()
            for text in added_terms(terms, costs.get(name, 0), names).values()
        ],
        "subject to": [
            line for law in model.rows if law not in laws for line in row_lines(model, law, names)
        ],
        **{
            title: [
                f"  {'/'.join(objects[name][row // len(months)])} {months[row % len(months)]}: {text}"
                for row, text in added_terms(getattr(model, name), before[name], names).items()
            ]
            for title, name in (("material balance", "balance"), ("hours", "hours"))
        },
        "bounds": [line for added in model.variable_blocks[kinds:] for line in bound_lines(added, names)],
    }
    return "\n".join(
        f"{title}\n" + "".join(f"{line}\n" for line in sorted(lines)) for title, lines in sections.items()
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_block_adds_what_its_golden_file_says(block, company):
    text = lp_text(block, *network_of(block, company))
    if os.environ.get("SOP_WRITE_GOLDEN"):
        file_of(block).write_text(text, encoding="utf-8")
    assert sorted(text.splitlines()) == sorted(file_of(block).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("block", [add_shares, add_space, add_shelf_life], ids=lambda block: block.__name__)
def test_what_may_be_missed_in_a_cycle_has_a_price(block, company):
    text = lp_text(block, *tiny_of_policies(company))
    file = GOLDEN / "priced" / file_of(block).name
    if os.environ.get("SOP_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert sorted(text.splitlines()) == sorted(file.read_text(encoding="utf-8").splitlines())


def test_every_block_has_a_golden_file_and_every_file_a_block():
    assert {file_of(block).name for block in BLOCKS} == {path.name for path in GOLDEN.glob("*.lp")}


def test_every_block_states_its_law():
    for block in BLOCKS:
        assert "$" in (block.__doc__ or ""), f"{block.__name__} has no equation in its docstring"


def test_scaling_brings_coefficients_of_any_size_together(company):
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.solving.compilation import compile_model
    from sop_pipeline.planning.supply.solving.scaling import equilibrate

    case = (
        company(1)
        .demand("pill", "plant", [2e6])
        .source("make", "pill", "plant", of={"powder": 2e-5, "foil": 4e3}, hours={"press": 1e-5})
        .source("buy", "powder", "plant", 900.0, supplier="S1")
        .source("buy", "foil", "plant", 0.001, supplier="S2")
        .resource("press", [100.0])
    )
    network = build_network(case.inputs(), case.periods)
    matrix = compile_model(build_model(network, unit_prices(network))).matrix
    row_scale, column_scale = equilibrate(matrix)
    scaled = np.abs(row_scale[:, None] * matrix.toarray() * column_scale)
    assert np.abs(matrix.data).max() / np.abs(matrix.data).min() > 1e8
    assert scaled[scaled > 0].min() >= 1e-4
    assert scaled.max() <= 1e4
    assert set(np.log2(column_scale) % 1) == {0.0}


def test_what_is_solved_is_what_pyomo_compiles(factory):
    """The arrays that are handed to the solver are those of Pyomo's own standard form, row by row and column by column."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    from sop_pipeline.planning.supply.laws.algebra import as_pyomo
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.solving.compilation import compile_model

    case = factory()
    network = build_network(case.inputs(), case.periods)
    model = build_model(network, unit_prices(network))
    arrays, algebra = compile_model(model), as_pyomo(model)
    form = LinearStandardFormCompiler().write(algebra.model, mixed_form=True)
    ours = {id(variable): column for column, variable in enumerate(algebra.variables)}
    columns = np.array([ours[id(variable)] for variable in form.columns])
    theirs = np.zeros(arrays.matrix.shape)
    theirs[:, columns] = form.A.toarray()
    assert [row.constraint.name.split("[")[0] for row in form.rows] == [
        law for law, block in model.rows.items() for _ in block.keys
    ]
    assert (theirs == arrays.matrix.toarray()).all()
    kind = np.array([row.bound_type for row in form.rows])
    assert (np.asarray(form.rhs)[kind <= 0] == arrays.row_lower[kind <= 0]).all()
    assert (np.asarray(form.rhs)[kind >= 0] == arrays.row_upper[kind >= 0]).all()
    assert (form.c.toarray().ravel() == arrays.cost[columns]).all()
    for variable, low, high in zip(algebra.variables, arrays.lower, arrays.upper, strict=True):
        assert (variable.lb, np.inf if variable.ub is None else variable.ub) == (low, high)
