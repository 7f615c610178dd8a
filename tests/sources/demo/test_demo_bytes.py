"""The demo company is a function of its seed, its scale and the plans it was given: the same bytes everywhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sop_pipeline.sources.demo import advance, open_world, write_delivery, write_truth
from sop_pipeline.sources.protocol import SourceError

SMALL = 0.1
TELL = (
    "import sys; from pathlib import Path; from sop_pipeline.sources.demo import *; w = Path(sys.argv[1]);"
    "open_world(w, 0.1, 7); advance(w, '2026-01'); write_delivery(w, '2026-02', w / 'out')"
)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def delivered(world: Path, cycle: str, folder: Path) -> dict[str, str]:
    shutil.rmtree(folder, ignore_errors=True)
    write_delivery(world, cycle, folder)
    return hashes(folder)


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = tmp_path_factory.mktemp("small_company")
    open_world(world, SMALL, 7)
    advance(world, "2026-01")
    return world


def test_another_process_with_another_hash_seed_writes_the_same_bytes(
    small_world: Path, tmp_path: Path
) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "12345", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", TELL, str(tmp_path / "w")], check=True, env=environment, timeout=60)
    assert hashes(tmp_path / "w" / "out") == delivered(small_world, "2026-02", tmp_path / "here")


def test_another_seed_is_another_company(small_world: Path, tmp_path: Path) -> None:
    open_world(tmp_path / "w", SMALL, 8)
    mine = delivered(tmp_path / "w", "2026-01", tmp_path / "a")
    theirs = delivered(small_world, "2026-01", tmp_path / "b")
    assert mine["sales_order_lines.csv"] != theirs["sales_order_lines.csv"]


def test_a_month_run_again_gives_the_same_bytes_whatever_came_after(
    small_world: Path, tmp_path: Path
) -> None:
    world = tmp_path / "w"
    shutil.copytree(small_world, world)
    first = delivered(world, "2026-02", tmp_path / "a")
    advance(world, "2026-02")
    shutil.rmtree(world / "month=2026-01")
    advance(world, "2026-01")
    assert delivered(world, "2026-02", tmp_path / "a") == first


def test_opening_a_world_again_changes_nothing(small_world: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in small_world.rglob("*") if path.is_file()}
    open_world(small_world, SMALL, 7)
    advance(small_world, "2026-01")
    assert {path: path.stat().st_mtime_ns for path in small_world.rglob("*") if path.is_file()} == before


def test_a_folder_is_one_company(small_world: Path) -> None:
    with pytest.raises(SourceError, match="another company"):
        open_world(small_world, SMALL, 8)


def test_months_are_executed_in_order(small_world: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="2026-02 yet"):
        advance(small_world, "2026-03")
    with pytest.raises(SourceError, match="2026-02 yet"):
        write_delivery(small_world, "2026-04", tmp_path)


def test_what_is_left_of_a_killed_run_does_no_harm(small_world: Path, tmp_path: Path) -> None:
    world = tmp_path / "w"
    shutil.copytree(small_world, world)
    half = world / ".month=2026-02.99999"
    half.mkdir()
    (half / "filed-lines.parquet").write_bytes(b"half")
    advance(world, "2026-02")
    write_delivery(world, "2026-03", tmp_path / "out")
    assert (tmp_path / "out" / "items.csv").exists()


def test_the_truth_is_in_no_delivery(small_world: Path, tmp_path: Path) -> None:
    names = set(delivered(small_world, "2026-02", tmp_path / "out"))
    write_truth(small_world, "2026-02", tmp_path / "truth")
    truth = {path.name for path in (tmp_path / "truth").iterdir()}
    assert truth == {
        "demand.csv",
        "material_flows.csv",
        "parameters.csv",
        "stock_out_losses.csv",
        "submitters.csv",
    }
    assert not truth & names


def test_lines_end_with_a_line_feed_alone(small_world: Path, tmp_path: Path) -> None:
    delivered(small_world, "2026-02", tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        content = path.read_bytes()
        assert b"\r" not in content and content.endswith(b"\n"), path.name
