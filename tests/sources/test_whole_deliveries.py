"""Nothing is read before a delivery is whole: its marker is waited for, its manifest is held to, copies under way are left."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sop_pipeline.sources.extract_folder import ExtractFolderSource
from sop_pipeline.sources.folders import declared_files
from sop_pipeline.sources.landing import accepted_delivery, deliveries_until, land
from sop_pipeline.sources.late import late_files
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError
from sop_pipeline.sources.whole import marker_problems

SOURCE = ExtractFolderSource("contract", "contract")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The mandatory tables of a company, as CSV."""
    folder = tmp_path / "company"
    folder.mkdir()
    for file in declared_files("contract"):
        if file.is_mandatory:
            (folder / f"{file.table}.csv").write_bytes(f"{file.table}\r\n".encode())
    return folder


def request(company: Path) -> DeliveryRequest:
    return DeliveryRequest("2026-01", company, company)


def test_a_file_that_is_not_the_promised_one_does_not_land(company: Path, tmp_path: Path) -> None:
    promised = {"files": {"items.csv": {"sha256": hashlib.sha256(b"all of it").hexdigest()}}}
    (company / "manifest.json").write_text(json.dumps(promised), encoding="utf-8")
    with pytest.raises(
        SourceError, match=r"items\.csv is not the file of its manifest: .* It was half copied"
    ):
        land(SOURCE, request(company), tmp_path / "landing")
    (company / "items.csv").write_bytes(b"all of it")
    landed = land(SOURCE, request(company), tmp_path / "landing")
    assert json.loads((landed.folder / "delivered_manifest.json").read_text(encoding="utf-8")) == promised
    (accepted,) = deliveries_until(tmp_path / "landing", "contract", "2026-01")
    assert accepted.promises.of("items.csv").sha256 == promised["files"]["items.csv"]["sha256"]
    assert accepted.landed_at is not None


def test_a_promised_file_that_is_not_there_is_told_with_all_else(company: Path, tmp_path: Path) -> None:
    (company / "manifest.json").write_text(json.dumps({"files": {"prices.csv": {}}}), encoding="utf-8")
    (company / "sites.csv").unlink()
    with pytest.raises(SourceError) as refused:
        land(SOURCE, request(company), tmp_path / "landing")
    assert "prices.csv is in" in str(refused.value)
    assert "sites.csv or sites.parquet is not in" in str(refused.value)


def test_a_marker_is_waited_for_and_then_missed(tmp_path: Path) -> None:
    slept: list[float] = []
    (problem,) = marker_problems(tmp_path, True, wait_minutes=0.5, sleep=slept.append)
    assert "has no _SUCCESS and no manifest.json after 0.5 minutes" in problem
    assert "SOP_DELIVERY_WAIT_MINUTES" in problem
    assert sum(slept) == 30

    def arrives(_seconds: float) -> None:
        (tmp_path / "_SUCCESS").touch()

    assert marker_problems(tmp_path, True, wait_minutes=10, sleep=arrives) == []
    assert marker_problems(tmp_path / "nowhere", False, wait_minutes=0) == []


def test_a_company_may_ask_for_a_marker(company: Path, tmp_path: Path) -> None:
    (company / "formats.yml").write_text("delivery: {marker: required}\n", encoding="utf-8")
    with pytest.raises(SourceError, match="the delivery is not whole yet"):
        land(SOURCE, request(company), tmp_path / "landing")
    (company / "_SUCCESS").touch()
    assert "items.csv" in land(SOURCE, request(company), tmp_path / "landing").files


def test_copies_under_way_and_the_same_file_twice_are_left_aside_and_told(
    company: Path, tmp_path: Path
) -> None:
    (company / "prices.csv.part").write_text("half", encoding="utf-8")
    (company / "~$goals.csv").write_text("lock", encoding="utf-8")
    (company / "ITEMS.CSV").write_bytes((company / "items.csv").read_bytes())
    asked = request(company)
    landed = land(SOURCE, asked, tmp_path / "landing")
    assert not {"prices.csv.part", "~$goals.csv"} & landed.files.keys()
    assert len([name for name in landed.files if name.casefold() == "items.csv"]) == 1
    assert asked.told == [
        "prices.csv.part was left aside: a copy under way, or the lock of an open workbook",
        "~$goals.csv was left aside: a copy under way, or the lock of an open workbook",
        "items.csv was left aside: it is ITEMS.CSV, byte for byte",
    ]
    (company / "ITEMS.CSV").write_text("other", encoding="utf-8")
    with pytest.raises(SourceError, match="holds items twice"):
        land(SOURCE, request(company), tmp_path / "landing")


def test_deltas_land_beside_each_other_in_place_of_the_table(company: Path, tmp_path: Path) -> None:
    declared = "tables: {sales_order_lines: {delivery: {mode: delta}}}\n"
    (company / "formats.yml").write_text(declared, encoding="utf-8")
    (company / "sales_order_lines.csv").rename(company / "sales_order_lines.42.csv")
    (company / "sales_order_lines.43.csv").write_text("x", encoding="utf-8")
    files = land(SOURCE, request(company), tmp_path / "landing").files
    assert {"sales_order_lines.42.csv", "sales_order_lines.43.csv"} <= files.keys()
    (company / "formats.yml").unlink()
    with pytest.raises(SourceError, match="sales_order_lines.42.csv belongs to no table"):
        land(SOURCE, request(company), tmp_path / "landing")


def test_files_that_come_after_their_cycle_landed_are_offered_and_not_taken_in(
    company: Path, tmp_path: Path
) -> None:
    january = company / "cycle=2026-01"
    january.mkdir()
    for path in company.glob("*.csv"):
        path.rename(january / path.name)

    def late() -> list[str]:
        found = late_files(tmp_path / "landing", "contract", "contract", company, ["2026-01"])
        return [one.words for one in found]

    landed = land(SOURCE, DeliveryRequest("2026-01", company, january), tmp_path / "landing")
    _landed_earlier(landed.folder)
    (january / "items.csv").write_bytes((january / "items.csv").read_bytes())  # copied again, the same
    assert late() == []
    (january / "prices.csv").write_text("price\n", encoding="utf-8")
    (january / "sites.csv").write_text("corrected\n", encoding="utf-8")
    assert late() == [
        "after cycle 2026-01 had landed: prices.csv arrived, sites.csv changed. Take it in: sop refresh --cycle 2026-01"
    ]
    assert "prices.csv" not in accepted_delivery(tmp_path / "landing", "contract", "2026-01").files


def _landed_earlier(folder: Path) -> None:
    """Let a delivery have landed a day ago."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["landed_at"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
