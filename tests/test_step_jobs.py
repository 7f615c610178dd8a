"""The jobs of single process steps, as somebody starts them in the Dagster UI."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from sop_pipeline.definitions import build_definitions
from sop_pipeline.refresh import environment_of
from sop_pipeline.release.pointer import current_release
from sop_pipeline.settings import load_settings

if TYPE_CHECKING:
    from conftest import PublishedHome

pytestmark = pytest.mark.slow


def test_the_job_publish_judges_the_marts_itself(
    published_home: PublishedHome, copy_of: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(home=copy_of(published_home.root))
    home = settings.paths
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    judged = home.lake / "quality" / "publication_results" / "cycle=2026-02"
    shutil.rmtree(judged)  # as after the jobs of the steps before: no one of them judges all marts

    publish = build_definitions(settings).resolve_job_def("publish")
    with dg.DagsterInstance.get() as instance:
        run = publish.execute_in_process(instance=instance, partition_key="2026-02")

    assert run.success
    assert judged.exists()
    assert current_release(home.root) == published_home.release_ids["2026-02"]
