"""The asset graph: what is in it, that its lineage has no gap, and that it loads lightly.

`graph.txt` lists assets, checks, jobs and schedules, so that a change of any of them is seen in review.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_checks
from assets.jobs import STEPS
from sop_pipeline.definitions import build_definitions
from sop_pipeline.settings import Settings, load_settings, open_home

GRAPH_FILE = Path(__file__).with_name("graph.txt")
REWRITE = "SOP_WRITE_GRAPH=1 .venv/bin/python -m pytest tests/test_graph.py"
HEADER = f"""\
# What the definitions hold where extracts come in our own contract (system `contract`).
# Compared by tests/test_graph.py; after a change on purpose write it again: {REWRITE}
# Checks: rules of the gates by name, * = closes the gate; then the number of dbt tests.
"""

Key = dg.AssetKey
SCORECARD = Key(["marts", "kpi_scorecard"])
UNCONSTRAINED = Key(["planning", "unconstrained_forecasts"])

LISTS_OF_THE_REVIEWS = {
    f"planner/{table}" for table in ("events", "market_indices", "assumptions", "actions", "issues", "decisions", "roles", "cause_confirmations")
}  # fmt: skip
"""Shown to people in marts of their own; no figure is computed from them."""
DELIVERED_AND_NOT_IN_THE_SCORECARD: set[str] = LISTS_OF_THE_REVIEWS | {
    "contract/payment_terms",  # when money comes and goes: no figure of the scorecard is of cash
    "contract/ledger_balances",  # they prove revenue and stock value
    "contract/companies",  # owners of ledgers
}
"""Tables of the source contract that no figure of the scorecard comes from. Each needs its reason here."""

WITHOUT_PARENTS = {
    "landing/delivery": "the source",
    "core/dim_cycle": "the cycle's parameters, from the settings",
    "erp/goals": "budgets come from planners; the contract has no ERP table of them",
}
"""Ancestors of the scorecard that nothing is upstream of, beside what earlier cycles published."""

WITHOUT_DELIVERY = {"marts/dim_terms", "marts/kpi_dictionary"}
"""Tables of words: they are the same whatever is delivered."""

CAPACITY_AND_SUPPLY = {
    "capacities", "capacity", "resource", "resources", "routing", "routings", "operation", "bom", "bill", "source",
    "sources", "supplier", "suppliers", "purchase", "production", "transfer", "lanes", "supply", "safety", "target",
    "solve", "plan",
}  # fmt: skip
"""A table with one of these words in its name speaks of capacity or of supply."""

HEAVY = ("great_expectations", "pyomo", "statsforecast", "numba", "highspy", "vl_convert", "dbt.cli.main")
"""Modules that are imported by the step that needs them."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings(home=tmp_path_factory.mktemp("graph"), source="contract")
    open_home(settings)
    return settings


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> dg.AssetGraph:
    return definitions.resolve_asset_graph()


def name_of(key: dg.AssetKey) -> str:
    return "/".join(key.path)


def ancestors(graph: dg.AssetGraph, key: dg.AssetKey) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    to_visit = [key]
    while to_visit:
        new = graph.get(to_visit.pop()).parent_keys - found
        found |= new
        to_visit += new
    return found


def test_the_jobs_of_the_process_steps_can_run_one_after_the_other(graph: dg.AssetGraph) -> None:
    """No table of a step reads one of a later step."""
    step_of = {group: step for step, (groups, _) in enumerate(STEPS.values()) for group in groups}
    backwards = [
        f"{name_of(key)} ({graph.get(key).group_name}) reads {name_of(parent)} ({graph.get(parent).group_name})"
        for key in graph.materializable_asset_keys
        for parent in graph.get(key).parent_keys & graph.materializable_asset_keys
        if step_of[graph.get(key).group_name] < step_of[graph.get(parent).group_name]
    ]
    assert backwards == []


def test_the_committed_list_is_the_graph(
    definitions: dg.Definitions, graph: dg.AssetGraph, settings: Settings
) -> None:
    sections = {
        "assets": list_assets(graph),
        "checks": list_checks(graph, settings),
        "jobs": list_jobs(definitions),
        "schedules": list_schedules(definitions),
    }
    text = HEADER + "".join(
        f"\n== {title} ==\n" + "".join(f"{line}\n" for line in lines) for title, lines in sections.items()
    )
    if os.environ.get("SOP_WRITE_GRAPH"):
        GRAPH_FILE.write_text(text, encoding="utf-8")
    committed = GRAPH_FILE.read_text(encoding="utf-8").splitlines()
    new, gone = difference(text.splitlines(), committed), difference(committed, text.splitlines())
    changes = "\n".join([*(f" + {line}" for line in new), *(f" - {line}" for line in gone)])
    assert not changes, (
        f"The graph has changed:\n{changes}\nWhere that is meant, write the list again: {REWRITE}"
    )


def difference(lines: list[str], others: list[str]) -> list[str]:
    return list((Counter(lines) - Counter(others)).elements())


def list_assets(graph: dg.AssetGraph) -> Iterator[str]:
    keys = sorted(graph.get_all_asset_keys(), key=lambda key: (graph.get(key).group_name, key.path))
    for key in keys:
        yield f"{graph.get(key).group_name:<14} {name_of(key)}"


def list_checks(graph: dg.AssetGraph, settings: Settings) -> Iterator[str]:
    rules = {key for gate in build_checks(settings) for key in gate.check_keys}
    named, dbt_tests = defaultdict(list), Counter[str]()
    for key in graph.asset_check_keys:
        if key in rules:
            named[name_of(key.asset_key)].append(key.name + ("*" if graph.get(key).blocking else ""))
        else:
            dbt_tests[name_of(key.asset_key)] += 1
    for table in sorted({*named, *dbt_tests}):
        count = [f"{dbt_tests[table]} dbt"] if dbt_tests[table] else []
        yield f"{table}: {', '.join(sorted(named[table]) + count)}"


def list_jobs(definitions: dg.Definitions) -> Iterator[str]:
    for job in sorted(definitions.resolve_all_job_defs(), key=lambda job: job.name):
        if not job.name.startswith("__"):
            yield f"{job.name}: {len(job.asset_layer.selected_asset_keys)} assets"


def list_schedules(definitions: dg.Definitions) -> Iterator[str]:
    for schedule in definitions.get_repository_def().schedule_defs:
        cron, zone = schedule.cron_schedule, schedule.execution_timezone
        yield f"{schedule.name}: {cron} {zone} -> {schedule.job_name}"


def test_every_delivered_table_reaches_the_scorecard(graph: dg.AssetGraph) -> None:
    above = ancestors(graph, SCORECARD)
    delivered = {key for key in graph.get_all_asset_keys() if key.path[0] in ("contract", "planner")}
    assert len(delivered) > 30
    assert {name_of(key) for key in delivered - above} == DELIVERED_AND_NOT_IN_THE_SCORECARD


def test_the_scorecard_s_lineage_has_no_gap(graph: dg.AssetGraph) -> None:
    above = ancestors(graph, SCORECARD)
    outside = {key for key in above if not graph.get(key).is_materializable}
    assert {name_of(key) for key in outside if key.path[0] != "published"} == set()
    starts = {name_of(key) for key in above - outside if not graph.get(key).parent_keys}
    assert starts == set(WITHOUT_PARENTS)


def test_every_published_table_and_the_release_come_from_the_delivery(graph: dg.AssetGraph) -> None:
    ends = [key for key in graph.get_all_asset_keys() if key.path[0] in ("marts", "planning", "release")]
    unconnected = {name_of(key) for key in ends if Key(["landing", "delivery"]) not in ancestors(graph, key)}
    assert unconnected == WITHOUT_DELIVERY


def test_demand_is_forecast_without_a_look_at_supply(graph: dg.AssetGraph) -> None:
    above = ancestors(graph, UNCONSTRAINED)
    assert Key(["core", "fct_demand_history"]) in above
    assert supply_tables(above) == set()
    # the words do find supply where there is some
    assert len(supply_tables(ancestors(graph, Key(["planning", "supply_plan"])))) > 20


def supply_tables(keys: Iterable[dg.AssetKey]) -> set[str]:
    """Tables of capacity and supply. Rows of one item in one place, and what people plan to sell, are neither."""
    words = {name_of(key): set(key.path[-1].split("_")) for key in keys if key.path[0] != "planner"}
    return {name for name, found in words.items() if found & CAPACITY_AND_SUPPLY}


def test_every_asset_is_described(graph: dg.AssetGraph) -> None:
    without: dict[str, list[str]] = defaultdict(list)
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        schema = node.metadata.get("dagster/column_schema")
        facts = {
            "a group": node.group_name and node.group_name != "default",
            "an owner": node.owners,
            "kinds": node.kinds,
            "a description": node.description and node.description.strip(),
            "columns": key.path[0] in ("landing", "release") or (schema and schema.columns),
        }
        for fact, value in facts.items():
            if not value:
                without[fact].append(name_of(key))
    assert {fact: sorted(names) for fact, names in without.items()} == {}


def test_every_column_of_a_table_that_people_read_is_described(graph: dg.AssetGraph) -> None:
    read = [key for key in graph.get_all_asset_keys() if key.path[0] in ("marts", "planning", "core")]
    columns = {key: graph.get(key).metadata["dagster/column_schema"].columns for key in read}
    bare = [f"{name_of(key)}.{c.name}" for key in read for c in columns[key] if not c.description]
    assert bare == []


def test_every_asset_that_a_run_makes_is_partitioned_by_cycle(graph: dg.AssetGraph) -> None:
    made = [graph.get(key) for key in graph.get_all_asset_keys() if graph.get(key).is_materializable]
    (partitions,) = {node.partitions_def for node in made}
    assert isinstance(partitions, dg.MonthlyPartitionsDefinition)
    assert partitions.fmt == "%Y-%m"


def test_the_definitions_load_without_what_only_a_step_needs(settings: Settings) -> None:
    script = (
        "import sys; from sop_pipeline.definitions import defs; defs().get_repository_def();"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"SOP_HOME": str(settings.paths.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip() == "[]"
