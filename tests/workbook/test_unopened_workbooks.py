"""Files that planners send and that are not even opened: other formats, bombs, entities, parts that lead elsewhere.

The numbers are those of the list of bad inputs.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from planners_files import PlannersDesk, repacked


def other_name(workbook: Path, folder: Path, name: str) -> Path:
    return Path(os.fspath((folder / name).write_bytes(workbook.read_bytes()) and folder / name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plan.xls", "format of Excel 97"), ("plan.xlsb", "binary workbook"), ("plan.xlsm", "may hold macros"),
        ("plan.ods", "OpenDocument"), ("plan.pdf", "is no workbook"), ("~$plan.xlsx", "Close the workbook"),
    ],
)  # fmt: skip
@pytest.mark.bad_input(83)
def test_83_other_formats_come_with_an_instruction(
    desk: PlannersDesk, demand_workbook: Path, tmp_path: Path, name: str, words: str
) -> None:
    code, answer = desk.take(other_name(demand_workbook, tmp_path, name), "anna")
    assert code == 1
    assert words in answer["refused"]


@pytest.mark.bad_input(83)
def test_83_a_password_and_macros_under_another_name(
    desk: PlannersDesk, demand_workbook: Path, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "protected by a password" in desk.take(locked, "anna")[1]["refused"]
    macros = repacked(demand_workbook, tmp_path / "macros.xlsx", {"xl/vbaProject.bin": b"x"})
    assert "holds macros" in desk.take(macros, "anna")[1]["refused"]
    linked = repacked(
        demand_workbook, tmp_path / "linked.xlsx", {"xl/externalLinks/externalLink1.xml": b"<x/>"}
    )
    assert "linked to other workbooks" in desk.take(linked, "anna")[1]["refused"]


@pytest.mark.bad_input(84)
def test_84_a_bomb_is_not_unpacked(desk: PlannersDesk, demand_workbook: Path, tmp_path: Path) -> None:
    bomb = repacked(demand_workbook, tmp_path / "bomb.xlsx", {"xl/media/image1.png": b"\0" * (120 << 20)})
    assert bomb.stat().st_size < 1 << 20
    assert "unpacks to" in desk.take(bomb, "anna")[1]["refused"]
    tight = repacked(demand_workbook, tmp_path / "tight.xlsx", {"xl/media/image1.png": b"\0" * (20 << 20)})
    assert "packed more than 100 to 1" in desk.take(tight, "anna")[1]["refused"]


@pytest.mark.bad_input(84)
def test_84_a_sheet_that_exhausts_the_parser_is_told(
    desk: PlannersDesk, demand_workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sop_pipeline.workbook.parse.MEMORY_BYTES", 20 << 20)
    code, answer = desk.take(demand_workbook, "anna")
    assert code == 1
    assert "cannot be read as a workbook" in answer["refused"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.bad_input(85)
def test_85_entities(desk: PlannersDesk, demand_workbook: Path, tmp_path: Path, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'
    file = repacked(
        demand_workbook, tmp_path / "entities.xlsx", {"xl/sharedStrings.xml": bomb.encode(encoding)}
    )
    code, answer = desk.take(file, "anna")
    assert code == 1
    assert "declares XML entities (xl/sharedStrings.xml)" in answer["refused"]


@pytest.mark.bad_input(86)
def test_86_parts_and_files_that_lead_elsewhere(
    desk: PlannersDesk, demand_workbook: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(("../../evil.xml", "/etc/evil.xml", "xl\\..\\evil.xml")):
        file = repacked(demand_workbook, tmp_path / f"{number}.xlsx", {name: b"<x/>"})
        assert "leads out of it" in desk.take(file, "anna")[1]["refused"]
    link = tmp_path / "link.xlsx"
    link.symlink_to(demand_workbook)
    assert "Links are not followed" in desk.take(link, "anna")[1]["refused"]
    assert "cannot be read" in desk.take(tmp_path / "nothing.xlsx", "anna")[1]["refused"]
    (tmp_path / "empty.xlsx").touch()
    assert "is empty" in desk.take(tmp_path / "empty.xlsx", "anna")[1]["refused"]
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "no workbook" in desk.take(tmp_path / "zip.xlsx", "anna")[1]["refused"]
