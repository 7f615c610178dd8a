"""A folder in our own contract is delivered whole or refused with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_pipeline.sources.extract_folder import ExtractFolderSource
from sop_pipeline.sources.folders import declared_files
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The mandatory tables of a company, as CSV."""
    folder = tmp_path / "company"
    folder.mkdir()
    for file in declared_files("contract"):
        if file.is_mandatory:
            (folder / f"{file.table}.csv").write_bytes(f"{file.table}\r\n".encode())
    return folder


def deliver(folder: Path | None, into: Path, planner_dir: Path | None = None) -> list[str]:
    into.mkdir(exist_ok=True)
    ExtractFolderSource("contract", "contract").deliver(DeliveryRequest("2026-01", into, folder, planner_dir))
    return sorted(path.name for path in into.iterdir())


def test_optional_tables_and_planners_files_may_be_left_out(company: Path, tmp_path: Path) -> None:
    landed = deliver(company, tmp_path / "landed")
    assert landed == sorted(path.name for path in company.iterdir())
    assert (tmp_path / "landed" / "items.csv").read_bytes() == b"items\r\n"


def test_planners_files_lie_beside_the_extracts_or_in_a_folder_of_their_own(
    company: Path, tmp_path: Path
) -> None:
    (company / "goals.csv").write_text("goal_version\n", encoding="utf-8")
    planner = tmp_path / "planner"
    planner.mkdir()
    (planner / "overrides.csv").write_text("override_id\n", encoding="utf-8")
    assert "goals.csv" in deliver(company, tmp_path / "beside")
    apart = deliver(company, tmp_path / "apart", planner)
    assert "overrides.csv" in apart
    assert "goals.csv" not in apart  # the folder that was named is the planners' folder, the other one is not


def test_a_table_may_come_as_parquet_but_not_twice(company: Path, tmp_path: Path) -> None:
    (company / "items.csv").rename(company / "items.parquet")
    assert "items.parquet" in deliver(company, tmp_path / "landed")
    (company / "items.csv").write_text("item_id\n", encoding="utf-8")
    with pytest.raises(SourceError, match="holds items twice: items.csv, items.parquet"):
        deliver(company, tmp_path / "again")


def test_everything_that_is_wrong_with_the_folder_is_said_at_once(company: Path, tmp_path: Path) -> None:
    (company / "items.csv").unlink()
    (company / "sites.csv").rename(company / "site.csv")
    with pytest.raises(SourceError) as error:
        deliver(company, tmp_path / "landed")
    message = str(error.value)
    assert "items.csv or items.parquet is not in" in message
    assert "sites.csv or sites.parquet is not in" in message
    assert "site.csv belongs to no table. Did you mean sites.csv?" in message
    assert not list((tmp_path / "landed").iterdir())


def test_without_a_folder_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Name it with --input DIR"):
        deliver(None, tmp_path / "landed")
