"""What a running refresh says of itself: steps, their times and warnings, taken from Dagster's events.

Add here: another thing to notice while a run goes on. Keep out: how it is printed (`cli`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster import DagsterInstance, EventLogEntry


StepListener = Callable[[str, str, float], None]
"""Called with a step's name, its state (started, done, failed) and the seconds it took so far."""

ClosedGateListener = Callable[[str, str], None]
"""Called with a gate's name and what failed, as soon as a critical rule fails that lets the run go on."""


class StepClock:
    """Listens to one run: times each step, collects failed warnings, keeps facts of the release."""

    def __init__(self, on_step: StepListener, on_closed_gate: ClosedGateListener) -> None:
        self.on_step, self.on_closed_gate = on_step, on_closed_gate
        self.seconds: dict[str, float] = {}
        self.warnings: list[str] = []
        self.facts: dict[str, Any] = {}
        self.current = "start"
        self._started: dict[str, float] = {}

    def listen(self, instance: DagsterInstance) -> str:
        """Listen to a run that is about to start; return the identifier to start it with."""
        run_id = str(uuid.uuid4())
        instance.add_event_listener(run_id, self._hear)
        return run_id

    def _hear(self, entry: EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        step = event.step_key
        if event.is_step_start:
            self.current = step
            self._started[step] = time.monotonic()
            self.on_step(step, "started", 0.0)
        elif event.is_step_success or event.is_step_failure:
            self.seconds[step] = time.monotonic() - self._started.get(step, time.monotonic())
            self.on_step(step, "done" if event.is_step_success else "failed", self.seconds[step])
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            self._hear_check(step, event.asset_check_evaluation_data)
        elif event.is_step_materialization:
            metadata = event.step_materialization_data.materialization.metadata
            if "is_new_release" in metadata:
                self.facts["is_new"] = metadata["is_new_release"].value

    def _hear_check(self, gate: str, evaluation: Any) -> None:
        if evaluation.passed:
            return
        table = ".".join(evaluation.asset_key.path)
        told = f"{table}: {evaluation.check_name}: {evaluation.description or 'failed'}"
        self.warnings.append(told)
        if evaluation.severity.value == "ERROR" and not evaluation.blocking:
            self.on_closed_gate(gate, told)
