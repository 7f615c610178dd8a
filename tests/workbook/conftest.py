"""A published home whose planners send files: export once, change copies as somebody would, import by the command.

Add here: what several tests of the room need of a home. Keep out: files (`planners_files`).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `planners_files` is shared by the tests of this folder
from planners_files import Edit, PlannersDesk, save_edited


@pytest.fixture(scope="session")
def desk(published_home: Any, tmp_path_factory: pytest.TempPathFactory) -> PlannersDesk:
    """A desk on a copy of the published home, shared: a test that must not see others' imports takes `fresh_desk`."""
    return _desk_on_a_copy(published_home.root, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def fresh_desk(published_home: Any, tmp_path: Path) -> PlannersDesk:
    """A desk on a home into which nothing was imported."""
    return _desk_on_a_copy(published_home.root, tmp_path)


def _desk_on_a_copy(published: Path, folder: Path) -> PlannersDesk:
    home = folder / "home"
    home.mkdir()
    for name in ("landing", "releases", "registry", "home.json", "current"):
        source = published / name
        if source.is_symlink():
            (home / name).symlink_to(source.readlink())
        elif source.is_dir():
            shutil.copytree(source, home / name, symlinks=True)
        else:
            shutil.copy(source, home / name)
    return PlannersDesk(home, folder)


@pytest.fixture(scope="session")
def demand_workbook(desk: PlannersDesk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of demand as it was exported before anything was imported."""
    return desk.exported("demand", tmp_path_factory.mktemp("exports") / "demand.xlsx")


@pytest.fixture
def edited(demand_workbook: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the demand workbook, changed as somebody would: a function of the opened workbook."""

    def edit(change: Edit, name: str = "demand.xlsx") -> Path:
        return save_edited(demand_workbook, tmp_path / name, change)

    return edit
