"""A home that an older version of the product has left takes over the project as it is parsed now."""

from __future__ import annotations

from pathlib import Path

from assets.dbt import FILES_STAMP, PARSED_PROJECT, bring_parsed_project


def parsed(folder: Path, project: str, stamp: str) -> Path:
    folder.mkdir()
    (folder / PARSED_PROJECT).write_text(project)
    (folder / FILES_STAMP).write_text(stamp)
    return folder


def test_what_an_older_version_parsed_is_replaced(tmp_path: Path) -> None:
    home = parsed(tmp_path / "home", "old project", "old files")

    bring_parsed_project(parsed(tmp_path / "target", "new project", "new files"), home)

    assert (home / PARSED_PROJECT).read_text() == "new project"


def test_a_home_from_before_stamps_and_a_new_one_take_it_too(tmp_path: Path) -> None:
    target = parsed(tmp_path / "target", "new project", "new files")
    old = tmp_path / "old"
    old.mkdir()
    (old / PARSED_PROJECT).write_text("old project")

    for home in (old, tmp_path / "new"):
        bring_parsed_project(target, home)
        assert (home / PARSED_PROJECT).read_text() == "new project"


def test_what_dbt_has_kept_of_the_same_files_stays(tmp_path: Path) -> None:
    home = parsed(tmp_path / "home", "kept by the last run", "files")

    bring_parsed_project(parsed(tmp_path / "target", "as parsed", "files"), home)

    assert (home / PARSED_PROJECT).read_text() == "kept by the last run"
