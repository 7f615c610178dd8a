"""What a step declares is what it reads: the lineage that people see is the one that is.

Every planning step runs on the rows of a published cycle with a reader that takes note; what it makes is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets.demand_review import build_demand_review
from assets.release import GATES, build_meeting_pack
from assets.resources import Warehouse
from assets.step import planning_step
from assets.supply_review import build_supply_review
from sop_pipeline.settings import Settings, load_settings
from sop_pipeline.warehouse.reader import WarehouseReader

if TYPE_CHECKING:
    from conftest import PublishedHome

CYCLE = "2026-02"

PLANNING_STEPS = [
    "cleanse_and_classify_demand",
    "forecast_statistically",
    "plan_launches_and_activities",
    "compose_unconstrained_forecast",
    "set_safety_stocks",
    "review_parameters",
    "solve_constrained_plan",
]

_readers: list[WarehouseReader] = []
"""Readers handed out since the last step began. Dagster copies resources, so they are kept outside of them."""


class NotingWarehouse(Warehouse):
    """The home's warehouse, but readers are remembered and nothing is written."""

    def reader(self, cycle_id: str, declared: Sequence[str] | None = None) -> WarehouseReader:
        reader = super().reader(cycle_id, declared)
        _readers.append(reader)
        return reader

    def write(self, table: str, rows: object, cycle_id: str) -> str:
        return "0" * 64


@pytest.fixture(scope="module")
def settings(published_home: PublishedHome, copy_of: Callable[[Path], Path]) -> Settings:
    return load_settings(home=copy_of(published_home.root))


@cache
def planning_steps(settings_json: str) -> dict[str, dg.AssetsDefinition]:
    settings = Settings.model_validate_json(settings_json)
    return {s.op.name: s for s in [*build_demand_review(settings), *build_supply_review(settings)]}


def run_step(step: dg.AssetsDefinition, settings: Settings) -> set[str]:
    """Run one step and return what it read."""
    _readers.clear()
    resources = {"warehouse": NotingWarehouse(settings_json=settings.model_dump_json())}
    dg.materialize([step], partition_key=CYCLE, resources=resources, instance=dg.DagsterInstance.ephemeral())
    return set().union(*(reader.was_read for reader in _readers))


def declared_by(step: dg.AssetsDefinition) -> set[str]:
    deps = {dep.asset_key for spec in step.specs for dep in spec.deps}
    return {".".join(key.path) for key in deps}


def test_no_planning_step_is_left_out(settings: Settings) -> None:
    assert list(planning_steps(settings.model_dump_json())) == PLANNING_STEPS


@pytest.mark.parametrize("name", PLANNING_STEPS)
def test_a_planning_step_reads_what_it_declares_and_nothing_else(name: str, settings: Settings) -> None:
    step = planning_steps(settings.model_dump_json())[name]
    assert run_step(step, settings) == declared_by(step)


def test_the_meeting_pack_reads_what_it_declares_and_the_gates(settings: Settings) -> None:
    # the pack waits for every mart, drawn or not: a page that is complete comes out of a cycle that is
    pack = build_meeting_pack(settings)
    undeclared = run_step(pack, settings) - declared_by(pack)
    assert undeclared == set(GATES.values())


def test_a_step_that_reads_what_it_does_not_declare_fails(settings: Settings) -> None:
    @planning_step(
        settings, group="demand_review", reads=["core.dim_items"], writes=["planning.demand_classes"], kinds={"pandas"}
    )  # fmt: skip
    def peek_at_capacity(read: WarehouseReader, cycle: object) -> dict[str, object]:
        """Reads more than it says."""
        return {"planning.demand_classes": read.read("core.fct_capacity")}

    with pytest.raises(
        PermissionError, match=r"core\.fct_capacity is not among the declared inputs: core\.dim_items"
    ):
        run_step(peek_at_capacity, settings)
