"""What the supply plan costs in all, beside the same programme as bare arrays in HiGHS: CPU and peak memory, in one run.

    python bench/supply_model.py [CASE ...] [--build-only] [--seconds 600]

CASE: finished items of the bench company (310), items:shared_ratio (310:0.5, lines hang together), or a home folder with a finished cycle.
Every measurement is a process of its own. Floor: numpy, highspy and the arrays from a file, copied into HiGHS and solved by HiGHS as it comes
("default"), and by each algorithm. Ours: network, blocks, Pyomo, arrays, solve with parts and ties, read-back to rounded flows, certificate.
Not counted on either side: imports, reading of inputs. Peak memory is the resident set of the whole process, interpreter
and imports included. Add here: a stage of ours. Keep out: claims; figures stand in README.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

FLOORS: dict[str, dict[str, str | bool]] = {
    "default": {},
    "simplex": {"solver": "simplex"},
    "interior point": {"solver": "ipm"},
}


def prepare(case: str, file: Path) -> dict[str, Any]:
    """The programme of a case as a file of arrays for the floor, and its size."""
    from supply_company import inputs_of_case

    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.policies import company_network
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.solving.assembly import assemble

    network = company_network(*inputs_of_case(case))
    model = build_model(network, unit_prices(network))
    arrays = assemble(model)
    arrays.matrix.sort_indices()
    np.savez(
        file,
        cost=arrays.cost,
        lower=arrays.lower,
        upper=arrays.upper,
        row_lower=arrays.row_lower,
        row_upper=arrays.row_upper,
        starts=arrays.matrix.indptr.astype(np.int32),
        indices=arrays.matrix.indices.astype(np.int32),
        values=arrays.matrix.data,
        capacity=model.rows["capacity"].positions,
    )
    rows, columns = arrays.matrix.shape
    return {"columns": columns, "rows": rows, "nonzeros": int(arrays.matrix.nnz)}


def floor(file: Path, name: str, seconds: float, is_solved: bool) -> dict[str, Any]:
    """Bare arrays into HiGHS, and its own solve."""
    import highspy

    with np.load(file) as stored:
        arrays = dict(stored)
    start = time.process_time()
    solver = highspy.Highs()
    for option, value in ({"output_flag": False, "time_limit": seconds} | FLOORS[name]).items():
        solver.setOptionValue(option, value)
    columns, rows = len(arrays["cost"]), len(arrays["row_lower"])
    kinds = np.zeros(columns, dtype=np.int32)
    bounds = [arrays[side] for side in ("cost", "lower", "upper", "row_lower", "row_upper")]
    matrix = [arrays[part] for part in ("starts", "indices", "values")]
    size = (columns, rows, len(arrays["values"]))
    colwise, minimise = int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize)
    solver.passModel(*size, colwise, minimise, 0.0, *bounds, *matrix, kinds)
    spent = {"hand over": time.process_time() - start}
    told: dict[str, Any] = {}
    if is_solved:
        solver.run()
        prices = np.asarray(solver.getSolution().row_dual)[arrays["capacity"]]
        told = {
            "status": solver.getModelStatus().name,
            "objective": solver.getInfo().objective_function_value,
            "priced_ratio": float(np.mean(np.abs(prices) > 1e-6)),
        }
    return told | {"seconds": spent, "cpu": time.process_time() - start, "peak": _peak_megabytes()}


def ours(case: str, is_solved: bool) -> dict[str, Any]:
    """Everything from the inputs to the proof of the plan."""
    import highspy
    import pyomo.environ
    from pyomo.core.expr.numeric_expr import LinearExpression
    from supply_company import inputs_of_case

    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.policies import company_network
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.proof.certificate import certify
    from sop_pipeline.planning.supply.results.solution import read_solution
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.assembly import assemble
    from sop_pipeline.planning.supply.solving.compilation import compile_model
    from sop_pipeline.planning.supply.solving.solve import solve_compiled

    assert highspy and pyomo.environ and LinearExpression  # imported before the clock starts
    inputs, periods = inputs_of_case(case)
    spent: dict[str, float] = {}
    start = time.process_time()
    with _clocked(spent, "network"):
        network = company_network(inputs, periods)
        prices = unit_prices(network)
    with _clocked(spent, "blocks"):
        model = build_model(network, prices)
    with _clocked(spent, "Pyomo and arrays"):
        arrays = compile_model(model)
    told: dict[str, Any] = {}
    if is_solved:
        with _clocked(spent, "solve"):
            solved = solve_compiled(model, arrays, SolveLimits())
        with _clocked(spent, "read-back"):
            read_solution(model, solved)
        with _clocked(spent, "certificate"):
            proof = certify(assemble(model), solved.values, solved.duals)
        told = {"objective": proof.primal_objective, "is_proven": proof.is_proven}
    return told | {"seconds": spent, "cpu": time.process_time() - start, "peak": _peak_megabytes()}


@contextmanager
def _clocked(spent: dict[str, float], name: str) -> Iterator[None]:
    start = time.process_time()
    yield
    spent[name] = time.process_time() - start


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _in_process(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--part", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(case: str, seconds: float, is_solved: bool) -> None:
    """One case: floors and ours, and what is to be reached beside what was."""
    with tempfile.TemporaryDirectory() as folder:
        file, solved = str(Path(folder) / "arrays.npz"), "yes" if is_solved else "no"
        size = _in_process("prepare", case, file)
        floors = {
            name: _in_process("floor", file, name, str(seconds), solved)
            for name in (FLOORS if is_solved else ["default"])
        }
    mine = _in_process("ours", case, solved)
    count, name = size["columns"], Path(case).name
    print(f"\n{name}: {count:,} variables, {size['rows']:,} rows, {size['nonzeros']:,} non-zeros")
    for floor_name, one in floors.items():
        status = "" if one.get("status", "kOptimal") == "kOptimal" else f"  {one['status']}"
        print(f"  floor, {floor_name:<16} {one['cpu']:8.2f} s CPU {one['peak']:8,.0f} MB{status}")
    print(f"  ours                    {mine['cpu']:8.2f} s CPU {mine['peak']:8,.0f} MB")
    for stage, spent in mine["seconds"].items():
        print(f"    {stage:<21} {spent:8.2f} s CPU {spent / count * 1e6:8.2f} us a variable")
    model = sum(mine["seconds"][stage] for stage in ("blocks", "Pyomo and arrays"))
    print(f"  model: {model / count * 1e6:.1f} us a variable (to reach: 8)")
    print(f"  peak memory over the floor's: {mine['peak'] / floors['default']['peak']:.2f} (to reach: 2.5)")
    if is_solved:
        best = min(floors, key=lambda one: floors[one]["cpu"])
        print(f"  capacity rows with a price: {floors['default']['priced_ratio']:.0%}")
        print(
            f"  total over the bare solve, default: {mine['cpu'] / floors['default']['cpu']:.2f} (to reach: 1.1)"
        )
        print(f"  total over the bare solve, {best}, the faster: {mine['cpu'] / floors[best]['cpu']:.2f}")
        away = abs(mine["objective"] / floors["default"]["objective"] - 1.0)
        print(f"  objective from the floor's: {away:.1e}; proven: {mine['is_proven']}")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        part, *rest = sys.argv[2:]
        if part == "prepare":
            said = prepare(rest[0], Path(rest[1]))
        elif part == "floor":
            said = floor(Path(rest[0]), rest[1], float(rest[2]), rest[3] == "yes")
        else:
            said = ours(rest[0], rest[1] == "yes")
        print(json.dumps(said))
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=["100", "100:0.3", "310", "310:0.3"])
    parser.add_argument("--build-only", action="store_true", help="no solve on either side")
    parser.add_argument("--seconds", type=float, default=600.0, help="time limit of a floor")
    asked = parser.parse_args()
    for one_case in asked.cases:
        measure(one_case, asked.seconds, not asked.build_only)
