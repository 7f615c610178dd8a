"""A gate holds back what follows it when a critical rule fails, and only then."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from frames import scanning_of

from quality.checks import build_gate
from quality.rules import not_negative, share
from sop_pipeline.progress import StepClock

WHY = "The test needs a reason."
CYCLES = dg.MonthlyPartitionsDefinition("2025-11", fmt="%Y-%m", end_date="2026-06")
RULES = [
    not_negative("units_are_not_negative", "lake.orders", "units", WHY, keys=("line",)),
    share("ratio_is_a_share", "lake.stock", "ratio", WHY, severity="warning"),
]


class Frames:
    """A warehouse that reads from frames in memory."""

    def __init__(self, **frames: pd.DataFrame):
        self.frames = frames

    def scanning(self):
        return scanning_of(lambda table, columns: self.frames[table.split(".")[1]][columns])()


@dg.asset(key=["lake", "orders"], partitions_def=CYCLES)
def orders() -> None: ...


@dg.asset(key=["lake", "stock"], partitions_def=CYCLES)
def stock() -> None: ...


@dg.asset(key=["core", "history"], deps=[orders, stock], partitions_def=CYCLES)
def history() -> None: ...


def warehouse(units: float = 1.0, ratio: float = 0.5) -> Frames:
    return Frames(
        orders=pd.DataFrame({"line": ["a"], "units": [units]}),
        stock=pd.DataFrame({"ratio": [ratio]}),
    )


def refresh(reader: Frames, record=None) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [orders, stock, history, build_gate("arrivals", RULES, record=record)],
        partition_key="2026-01",
        resources={"warehouse": reader},
        raise_on_error=False,
    )


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.path[-1] for event in result.get_asset_materialization_events()}


def outcomes(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {found.check_name: found for found in result.get_asset_check_evaluations()}


def test_good_rows_open_the_gate():
    result = refresh(warehouse())
    assert result.success
    assert materialized(result) == {"orders", "stock", "history"}
    assert all(found.passed for found in outcomes(result).values())


def test_a_critical_rule_stops_what_follows():
    result = refresh(warehouse(units=-5.0))
    assert not result.success
    assert materialized(result) == {"orders", "stock"}
    found = outcomes(result)["units_are_not_negative"]
    assert (found.passed, found.severity, found.blocking) == (False, dg.AssetCheckSeverity.ERROR, True)
    assert found.metadata["why"].value == WHY
    assert found.metadata["unexpected_count"].value == 1
    assert "line a, units -5" in found.metadata["examples"].value
    assert "lake.orders: 1 of 1 rows" in found.description


def test_a_warning_is_shown_and_the_run_goes_on():
    result = refresh(warehouse(ratio=80.0))
    assert result.success
    assert "history" in materialized(result)
    found = outcomes(result)["ratio_is_a_share"]
    assert (found.passed, found.severity, found.blocking) == (False, dg.AssetCheckSeverity.WARN, False)


def test_results_are_recorded_for_the_cycle_even_when_the_gate_stays_shut():
    recorded = {}
    refresh(warehouse(units=-5.0), record=lambda cycle_id, frame: recorded.update({cycle_id: frame}))
    assert list(recorded) == ["2026-01"]
    assert recorded["2026-01"].set_index("rule")["passed"].to_dict() == {
        "units_are_not_negative": False,
        "ratio_is_a_share": True,
    }


def test_markup_in_a_name_stays_text_in_the_metadata():
    reader = warehouse(units=-5.0)
    reader.frames["orders"]["line"] = "`<script>alert(1)</script>"
    text = outcomes(refresh(reader))["units_are_not_negative"].metadata["examples"].value
    assert text == "- `line '<script>alert(1)</script>, units -5`"


def test_a_run_without_a_cycle_is_told_to_bring_one():
    plain = dg.asset(key=["lake", "orders"])(lambda: None)
    with pytest.raises(dg.Failure, match="Launch the gate with a cycle"):
        dg.materialize([plain, build_gate("arrivals", RULES[:1])], resources={"warehouse": warehouse()})


@dg.asset(key=["release", "pack"], deps=[history], partitions_def=CYCLES)
def pack() -> None: ...


def publication(holds_back: bool, record=None) -> dg.AssetChecksDefinition:
    """A gate that judges a table and another one that a later step builds from it."""
    earlier = not_negative("units_are_not_negative", "lake.orders", "units", WHY, holds_back=holds_back)
    return build_gate(
        "publication", [earlier, not_negative("history_is_not_negative", "core.history", "units", WHY)]
    )


def test_a_rule_that_does_not_hold_back_fails_but_lets_the_later_table_show_what_is_wrong():
    reader = warehouse(units=-5.0)
    reader.frames["history"] = pd.DataFrame({"units": [1.0]})
    result = dg.materialize(
        [orders, stock, history, pack, publication(holds_back=False)],
        partition_key="2026-01",
        resources={"warehouse": reader},
    )
    assert materialized(result) == {"orders", "stock", "history", "pack"}
    found = outcomes(result)["units_are_not_negative"]
    assert (found.passed, found.severity, found.blocking) == (False, dg.AssetCheckSeverity.ERROR, False)


def test_whoever_refreshes_is_told_of_such_a_gate_while_the_run_goes_on():
    """Publishing comes minutes later, and refuses: nobody should wait for it."""
    reader, told = warehouse(units=-5.0), []
    reader.frames["history"] = pd.DataFrame({"units": [1.0]})
    definitions = dg.Definitions(
        assets=[orders, stock, history, pack],
        asset_checks=[publication(holds_back=False)],
        jobs=[dg.define_asset_job("everything")],
        resources={"warehouse": reader},
    )
    clock = StepClock(lambda step, state, _: told.append((step, state)), lambda *news: told.append(news))
    with dg.DagsterInstance.ephemeral() as instance:
        definitions.resolve_job_def("everything").execute_in_process(
            instance=instance, run_id=clock.listen(instance), partition_key="2026-01"
        )
    begun, ended = told.index(("publication", "started")), told.index(("publication", "done"))
    ((gate, failed),) = told[begun + 1 : ended]
    assert gate == "publication"
    assert failed.startswith("lake.orders: units_are_not_negative: ")
    assert clock.warnings == [failed]


def test_a_gate_with_a_rule_that_holds_back_a_later_table_of_its_own_is_judged_in_two_steps():
    """Dagster parts the gate so that the steps do not wait for each other; in parts it is not recorded."""
    reader = warehouse()
    reader.frames["history"] = pd.DataFrame({"units": [1.0]})
    recorded = {}
    gate = publication(holds_back=True, record=lambda cycle_id, frame: recorded.update({cycle_id: frame}))
    house = [orders, stock, history, pack, gate]
    result = dg.materialize(house, partition_key="2026-01", resources={"warehouse": reader})
    assert set(outcomes(result)) == {"units_are_not_negative", "history_is_not_negative"}
    assert recorded == {}


def test_a_run_of_one_table_judges_its_rules_only_and_records_no_gate():
    recorded = {}
    definitions = dg.Definitions(
        assets=[orders, stock, history],
        asset_checks=[
            build_gate("arrivals", RULES, record=lambda cycle_id, frame: recorded.update({cycle_id: frame}))
        ],
        jobs=[dg.define_asset_job("stock_only", dg.AssetSelection.assets(["lake", "stock"]))],
        resources={"warehouse": Frames(stock=pd.DataFrame({"ratio": [0.5]}))},  # orders cannot be read
    )
    result = definitions.resolve_job_def("stock_only").execute_in_process(partition_key="2026-01")
    assert list(outcomes(result)) == ["ratio_is_a_share"]
    assert recorded == {}


def test_definitions_load_without_great_expectations():
    code = (
        "import sys; from quality.checks import build_gate; from quality.arrivals import arrival_rules;"
        "from quality.core import core_rules; from quality.publication import DEMAND, PLAN, publication_rules;"
        "build_gate('a', arrival_rules('contract')); build_gate('d', DEMAND); build_gate('p', PLAN); build_gate('m', publication_rules()); build_gate('c', core_rules());"
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def shared_rules(**rest) -> list:
    """Two rules of orders that one check shows."""
    return [
        replace(
            not_negative("line_units", "lake.orders", "units", WHY, keys=("line",), **rest), check="holds"
        ),
        replace(
            not_negative("line_ratio", "lake.orders", "ratio", WHY, keys=("line",), **rest), check="holds"
        ),
    ]


@pytest.mark.parametrize(("ratio", "passed"), [(1.0, True), (-1.0, False)])
def test_rules_that_share_a_check_fail_it_together_and_are_told_by_name(ratio, passed):
    reader = warehouse()
    reader.frames["orders"]["ratio"] = [ratio]
    recorded = {}
    gate = build_gate("arrivals", shared_rules(), record=lambda cycle_id, frame: recorded.update(frame=frame))
    result = dg.materialize([orders, stock, history, gate], partition_key="2026-01", resources={"warehouse": reader},
                            raise_on_error=False)  # fmt: skip
    found = outcomes(result)["holds"]
    assert (found.passed, result.success, len(recorded["frame"])) == (passed, passed, 2)
    assert passed or "line_ratio: 1 of 1 rows; line a, ratio -1" in found.description
