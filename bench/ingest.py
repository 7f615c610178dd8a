"""A long file of order lines, from landing to core, against DuckDB that reads the same file as text, casts it and writes it.

Lines are the demo company's own, repeated under new order numbers, so that every item, customer and site is known; one of
10,007 has a quantity that is no number and is kept out. Each part runs in a process of its own, whose peak memory is its
own: the floor; ingest (one look at the bytes, text, rules, casts, Parquet); dbt's models of order lines by their own SQL.
Add here: another length or part. Keep out: assertions; figures are printed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from process_tree import TreeSampler

CYCLE = "2026-01"
TABLE = "contract.sales_order_lines"
MODELS = ("stg_contract__sales_order_lines", "sales_order_lines", "fct_order_lines")
FAULT_EVERY = 10_007


def main() -> None:
    """Run all parts for each number of lines, and print ratios to the floor, memory and growth."""
    arguments = _arguments()
    if arguments.part:
        PARTS[arguments.part](arguments)
        return
    folder = Path(tempfile.mkdtemp(prefix="sop-bench-", dir=arguments.folder))
    print(
        f"{'lines':>11} {'part':<22}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'x floor, wall':>15}{'x floor, CPU':>14}"
    )
    found: dict[int, dict[str, dict[str, float]]] = {}
    for lines in arguments.lines:
        _part("lines", folder, lines)
        measured = {part: _part(part, folder, lines) for part in ("floor", "ingest", "core")}
        both = {key: measured["ingest"][key] + measured["core"][key] for key in ("wall", "cpu")}
        measured["landing to core"] = both | {"mb": max(measured["ingest"]["mb"], measured["core"]["mb"])}
        for part, m in measured.items():
            against = "".join(
                f"{m[key] / measured['floor'][key]:>{width}.1f}" for key, width in (("wall", 15), ("cpu", 14))
            )
            print(f"{lines:>11,} {part:<22}{m['wall']:8.1f}{m['cpu']:8.1f}{m['mb']:9.0f}{against}")
        share = measured["ingest"]["rules_cpu"] / measured["ingest"]["cpu"]
        print(f"{lines:>11,} rules and quarantine are {share:.0%} of the CPU time of ingest; {measured['ingest']['quarantined']:,.0f} rows kept out")  # fmt: skip
        found[lines] = measured
    if len(found) > 1:
        (small, of_small), *_, (large, of_large) = found.items()
        for part in ("floor", "ingest", "landing to core"):
            growth = math.log(of_large[part]["cpu"] / of_small[part]["cpu"]) / math.log(large / small)
            print(f"growth of {part} from {small:,} to {large:,} lines: exponent {growth:.2f} by CPU time")


def _part(part: str, folder: Path, lines: int) -> dict[str, float]:
    """Run a part in a process of its own; return what it used: wall and CPU seconds, peak MB, and what it says itself."""
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder), "--lines", str(lines)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    sampler = TreeSampler(child.pid)
    sampler.start()
    output, _ = child.communicate()
    samples = sampler.stop()
    if child.returncode:
        raise SystemExit(f"part {part} of {lines:,} lines failed")
    return {"mb": max(sample.resident_bytes for sample in samples) / 1e6} | json.loads(
        output.splitlines()[-1]
    )


def _company(folder: Path) -> Path:
    """The smallest demo company's delivery."""
    from sop_pipeline.sources.demo import DemoSource
    from sop_pipeline.sources.protocol import DeliveryRequest

    company = folder / "company"
    if not company.exists():
        company.mkdir()
        DemoSource(scale=0.05, seed=7).deliver(DeliveryRequest(CYCLE, company, world_dir=folder / "world"))
    return company


def _lines(arguments: argparse.Namespace) -> None:
    import duckdb

    company = _company(arguments.folder)
    target = _landed(arguments.folder, arguments.lines[0])
    target.mkdir(exist_ok=True)
    source = company / "sales_order_lines.csv"
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"create table original as select *, row_number() over () as n from read_csv('{source}', all_varchar = true)")  # fmt: skip
        connection.execute(
            f"copy (select * exclude (n, round, number) replace (order_id || '-' || round as order_id, case when number % {FAULT_EVERY} = 0 "
            "then 'none' else ordered_quantity end as ordered_quantity) from (select original.*, round, "
            "round * (select count(*) from original) + n as number from range(cast(ceil("
            f"{arguments.lines[0]} / (select count(*) from original)) as bigint)) as rounds(round), original) "
            f"where number <= {arguments.lines[0]}) to '{target / 'sales_order_lines.csv'}' (header)"
        )
    print(json.dumps({}))


def _floor(arguments: argparse.Namespace) -> None:
    import duckdb

    from sop_pipeline.settings import DBT_PROJECT_DIR
    from sop_pipeline.warehouse.contracts import load_contracts

    path = _landed(arguments.folder, arguments.lines[0]) / "sales_order_lines.csv"
    with open(path, encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    contract = load_contracts(DBT_PROJECT_DIR)[TABLE]
    columns = ", ".join(
        f'try_cast("{c.header}" as {c.data_type}) as "{c.name}"' for c in contract.columns if c.header in header
    )  # fmt: skip
    as_text = ", ".join(f"'{name}': 'VARCHAR'" for name in header)
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set disabled_optimizers = 'type_pushdown'")  # it would read numbers, not text
        clock = _Clock()
        connection.execute(
            f"copy (select {columns} from read_csv('{path}', auto_detect = false, header = true, delim = ',', "
            f"columns = {{{as_text}}})) to '{arguments.folder / 'floor.parquet'}' (format parquet, compression zstd)"
        )
        print(json.dumps(clock.read()))


def _ingest(arguments: argparse.Namespace) -> None:
    import sop_pipeline.warehouse.ingest.file as ingest
    import sop_pipeline.warehouse.ingest.rows as rows
    from sop_pipeline.settings import DBT_PROJECT_DIR
    from sop_pipeline.warehouse.contracts import load_contracts
    from sop_pipeline.warehouse.lake import adopt_parquet, lake_file

    contract = load_contracts(DBT_PROJECT_DIR)[TABLE]
    landed, limits = _landed(arguments.folder, arguments.lines[0]), ingest.Limits(folder=arguments.folder)
    clock = _Clock()
    ingested = ingest.ingest_file(contract, landed, 0.005, limits=limits)
    adopt_parquet(ingested.data, lake_file(arguments.folder / "lake", TABLE, CYCLE))
    used = clock.read()
    rows.fault_of = lambda column: (
        "false"
    )  # rules are judged in the look that casts: their cost is what a run without them saves
    without = _Clock()
    ingest.ingest_file(contract, landed, 0.005, limits=limits)
    print(
        json.dumps(
            used
            | {"rules_cpu": used["cpu"] - without.read()["cpu"], "quarantined": ingested.quarantined_rows}
        )
    )


def _core(arguments: argparse.Namespace) -> None:
    """dbt in a process of its own, on the company's other tables; of its time, what the models of order lines took."""
    from assets.dbt import dbt_environment
    from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings
    from sop_pipeline.warehouse.contracts import load_contracts
    from sop_pipeline.warehouse.deliveries import ingest_all
    from sop_pipeline.warehouse.lake import adopt_parquet, lake_file

    contracts = load_contracts(DBT_PROJECT_DIR)
    tables = [
        c for c in (*contracts.of_schema("contract"), *contracts.of_schema("planner")) if c.table != TABLE
    ]
    for file in ingest_all(tables, _company(arguments.folder), 0.005):
        adopt_parquet(file.data, lake_file(arguments.folder / "lake", file.contract.table, CYCLE))
    settings = load_settings(home=arguments.folder, source="contract")
    environment = os.environ | dbt_environment(settings, CYCLE, {})
    (arguments.folder / "work").mkdir(exist_ok=True)
    settings.paths.work_database.unlink(missing_ok=True)
    dbt = [str(Path(sys.executable).with_name("dbt")), "run", "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR),
           "--target-path", str(arguments.folder / "target"), "--threads", "1", "--select"]  # fmt: skip
    _run([*dbt, f"+{MODELS[-1]}"], environment)
    start = _run([*dbt, "dim_sites"], environment)  # what dbt takes for itself
    cpu = _run([*dbt, *MODELS], environment) - start
    results = json.loads((arguments.folder / "target" / "run_results.json").read_text(encoding="utf-8"))[
        "results"
    ]
    print(json.dumps({"wall": sum(result["execution_time"] for result in results), "cpu": cpu}))


def _run(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


class _Clock:
    def __init__(self) -> None:
        self.wall, self.cpu = time.monotonic(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall": time.monotonic() - self.wall, "cpu": time.process_time() - self.cpu}


def _landed(folder: Path, lines: int) -> Path:
    return folder / f"landed-{lines}"


PARTS = {"lines": _lines, "floor": _floor, "ingest": _ingest, "core": _core}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument(
        "--folder", type=Path, default=None, help="where to write; needs 5 GB for 10 million lines"
    )
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
