"""What the review of planning parameters finds of the wrong ones that the simulator hid, company by company.

Companies of 20 seeds: 48 months of documents are delivered as CSV, ingested and built up to core by dbt as in a refresh, then
reviewed; beside it the simulator's truth. A parameter is planted wrong by more than any tolerance; small differences are in
every one. Add here: another kind with its truth. Keep out: the review (planning.supply), what is hidden (sources.demo).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.planning.supply import review_parameters
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings
from sop_pipeline.sources.demo import open_world, write_delivery, write_truth
from sop_pipeline.sources.public_holidays import public_holidays
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all
from sop_pipeline.warehouse.lake import lake_file, write_parquet

CYCLE = "2026-01"
MODELS = ("+fct_parameter_observations", "+fct_parameters")
TARGET_RECALL, TARGET_FALSE = 0.95, 0.05
NO_STOCKS = pd.DataFrame(columns=["item_id", "site_id", "target_basis", "safety_stock_units"])
NO_ERRORS = pd.DataFrame(columns=["item_id", "site_id", "is_champion", "origins"])


def build_core(home: Path, folder: Path) -> Path:
    """Ingest a delivery and build what the review reads; returns the database. Raises RuntimeError with dbt's words."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    settings = load_settings(home=home, source="contract", input_dir=folder)
    delivered = contracts.of_schema(settings.system) + contracts.of_schema("planner")
    ingested = ingest_all(delivered, folder, settings.quarantine_maximum_ratio)
    rows = {file.contract.table: file.rows for file in ingested}
    before = pd.DataFrame({"table_name": [], "delivered_rows": []})
    kept_out = pd.concat([file.quarantined.to_pandas() for file in ingested]).assign(cycle_id=CYCLE)
    frames = {
        "ingest.deliveries": describe_deliveries(ingested, CYCLE, before),
        "ingest.quarantined_rows": kept_out,
        "reference.public_holidays": public_holidays(range(2024, 2031)),
    }
    rows |= {table: conform(frame, contracts[table]) for table, frame in frames.items()}
    for table, content in rows.items():
        write_parquet(content, lake_file(settings.paths.lake, table, CYCLE))
    settings.paths.work_database.parent.mkdir(parents=True, exist_ok=True)
    prepare_manifest(settings)
    environment = os.environ | dbt_environment(settings, CYCLE, {}) | bound_environment(settings)
    command = [str(BOUND_DBT), "run", "--select", *MODELS, "--target-path", str(home / "target"),
               "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The models cannot be built:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    return settings.paths.work_database


def reviewed(seed: int, scale: float) -> pd.DataFrame:
    """Verdict and truth of every parameter of the company of a seed."""
    with tempfile.TemporaryDirectory(prefix="sop-parameters-") as place:
        folder = Path(place)
        open_world(folder / "world", scale, seed)
        write_delivery(folder / "world", CYCLE, folder / "delivery")
        write_truth(folder / "world", CYCLE, folder / "truth")
        truth = pd.read_csv(folder / "truth" / "parameters.csv").rename(columns={"parameter": "parameter_id"})
        database = build_core(folder / "home", folder / "delivery")
        with duckdb.connect(str(database), read_only=True) as connection:
            configured, observations, parameters = (
                connection.sql(f"select * from core.{name}").df()
                for name in ("fct_configured_parameters", "fct_parameter_observations", "fct_parameters")
            )
    configured = configured[configured["parameter_id"] != "safety_stock_units"]  # nothing is planted in them
    review = review_parameters(
        configured, observations, NO_STOCKS, NO_ERRORS, parameters, CYCLE, pd.Timestamp(f"{CYCLE}-01")
    )
    keys = ["parameter_id", "object_id"]
    kinds = configured[[*keys, "object_type"]]
    known = truth[[*keys, "true_value", "is_planted_wrong"]]
    both = review.merge(known, on=keys, validate="1:1").merge(kinds, on=keys, validate="1:1")
    if len(both) != len(review):
        raise ValueError(f"Seed {seed}: {len(review) - len(both)} reviewed parameters have no truth.")
    return both.assign(seed=seed, kind=both["parameter_id"] + ", " + both["object_type"])


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts by kind and in all."""
    every = pd.concat([rows, rows.assign(kind="all")])
    every["decided"] = every["verdict"] != "too_few_observations"
    every["found"] = (every["verdict"] == "wrong") & every["is_planted_wrong"]
    every["false"] = (every["verdict"] == "wrong") & ~every["is_planted_wrong"]
    every["decidable"] = every["is_planted_wrong"] & every["decided"]
    every["error"] = (
        ((every["proposed_value"] - every["true_value"]) / every["true_value"]).abs().where(every["found"])
    )
    columns = {"reviewed": ("kind", "size"), "decided": ("decided", "sum"), "planted": ("is_planted_wrong", "sum"),
               "decidable": ("decidable", "sum"), "found": ("found", "sum"), "false": ("false", "sum"),
               "proposal_error": ("error", "median")}  # fmt: skip
    counts = every.groupby("kind").agg(**columns)
    counts["recall"] = counts["found"] / counts["planted"]
    counts["recall_decided"] = counts["found"] / counts["decidable"]
    counts["false_share"] = counts["false"] / (counts["found"] + counts["false"]).clip(lower=1)
    return counts.loc[[*(kind for kind in counts.index if kind != "all"), "all"]]


def main() -> None:
    """Print the table over all companies, and the worst company."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=Path, help="where to write every row, as CSV")
    options = parser.parse_args()
    started = time.perf_counter()
    with ThreadPoolExecutor(options.workers) as pool:
        companies = list(pool.map(lambda seed: reviewed(seed, options.scale), range(1, options.seeds + 1)))
    rows = pd.concat(companies, ignore_index=True)
    if options.rows:
        rows.to_csv(options.rows, index=False)
    print(f"{options.seeds} companies at scale {options.scale}, {time.perf_counter() - started:.0f} s")
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(table(rows).round(3).to_string())
    by_seed = pd.concat(
        [table(company).loc["all"].rename(seed) for seed, company in enumerate(companies, 1)], axis=1
    ).T
    print(
        f"worst company: recall {by_seed['recall'].min():.3f}, false discoveries {by_seed['false_share'].max():.3f}"
    )
    total = table(rows).loc["all"]
    met = total["recall"] >= TARGET_RECALL and total["false_share"] <= TARGET_FALSE
    print(
        f"to reach: recall {TARGET_RECALL}, false discoveries {TARGET_FALSE}: {'reached' if met else 'NOT REACHED'}"
    )
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
