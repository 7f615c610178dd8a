"""Any ERP whose tables are dumped into a folder is a source by its contract and one entry in the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_pipeline.sources import catalogue, folders
from sop_pipeline.sources.catalogue import SourceProfile, open_source
from sop_pipeline.sources.landing import land
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError

TABLES = """
version: 2
sources:
  - name: oldtimer
    schema: oldtimer
    tables:
      - {name: parts, config: {meta: {file: PARTS.TXT, delivery: {mode: full, mandatory: true}}}}
"""
SUPPLEMENT = """
version: 2
sources:
  - name: oldtimer
    schema: oldtimer
    tables:
      - {name: lanes, config: {meta: {delivery: {mode: full, mandatory: false}}}}
"""


@pytest.fixture
def oldtimer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ERP that nobody has heard of: its contract, and the entry that makes it a source."""
    staging = tmp_path / "staging" / "oldtimer"
    staging.mkdir(parents=True)
    (staging / "_oldtimer__sources.yml").write_text(TABLES, encoding="utf-8")
    (staging / "_oldtimer_supplement__sources.yml").write_text(SUPPLEMENT, encoding="utf-8")
    (tmp_path / "staging" / "planner").symlink_to(folders.STAGING_DIR / "planner")
    monkeypatch.setattr(folders, "STAGING_DIR", tmp_path / "staging")
    profile = SourceProfile(system="oldtimer", company="Old Company", currency="GBP")
    monkeypatch.setitem(catalogue.PROFILES, "oldtimer", profile)
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    return extracts


def test_its_tables_its_supplement_and_planners_files_are_delivered(oldtimer: Path, tmp_path: Path) -> None:
    for name in ("PARTS.TXT", "lanes.csv", "goals.csv"):
        (oldtimer / name).write_text(f"{name}\n", encoding="utf-8")
    landed = tmp_path / "landed"
    landed.mkdir()
    open_source("oldtimer").deliver(DeliveryRequest("2026-01", landed, oldtimer))
    assert sorted(path.name for path in landed.iterdir()) == ["PARTS.TXT", "goals.csv", "lanes.csv"]
    assert (landed / "PARTS.TXT").read_text(encoding="utf-8") == "PARTS.TXT\n"


def test_a_missing_table_is_told_in_its_own_file_name(oldtimer: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"Cycle 2026-01 of source oldtimer cannot be delivered:\n \* PARTS.TXT is not in"
    ):
        open_source("oldtimer").deliver(DeliveryRequest("2026-01", tmp_path / "landed", oldtimer))


def test_what_the_company_says_of_its_files_lands_with_them(oldtimer: Path, tmp_path: Path) -> None:
    (oldtimer / "parts_2026.txt").write_text("x\n", encoding="utf-8")
    (oldtimer / "formats.yml").write_text("files: {parts: 'PARTS_*.TXT'}\n", encoding="utf-8")
    first = land(open_source("oldtimer"), DeliveryRequest("2026-01", tmp_path, oldtimer), tmp_path)
    assert sorted(first.files) == ["formats.yml", "parts_2026.txt"]
    (oldtimer / "formats.yml").write_text(
        "files: {parts: 'PARTS_*.TXT'}\nsource: {decimal: ','}\n", encoding="utf-8"
    )
    second = land(open_source("oldtimer"), DeliveryRequest("2026-01", tmp_path, oldtimer), tmp_path)
    assert second.sha256 != first.sha256  # the same bytes read in another way are another delivery


def test_a_company_says_it_once_for_all_its_cycles(oldtimer: Path, tmp_path: Path) -> None:
    january = oldtimer / "cycle=2026-01"
    january.mkdir()
    (january / "parts.txt").write_text("x\n", encoding="utf-8")
    (oldtimer / "formats.yml").write_text("source: {delimiter: ';'}\n", encoding="utf-8")
    landed = land(open_source("oldtimer"), DeliveryRequest("2026-01", tmp_path, january), tmp_path)
    assert sorted(landed.files) == ["formats.yml", "parts.txt"]


def test_what_formats_cannot_mean_is_told_with_all_else(oldtimer: Path, tmp_path: Path) -> None:
    (oldtimer / "formats.yml").write_text("tables: {part: {decimal: ','}}\n", encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        open_source("oldtimer").deliver(DeliveryRequest("2026-01", tmp_path / "landed", oldtimer))
    assert "formats.yml, tables: no table is called 'part'. Did you mean parts?" in str(refused.value)
    assert "PARTS.TXT is not in" in str(refused.value)
