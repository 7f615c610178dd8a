"""Whoever touches a released file is found out, and everything wrong is said at once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import duckdb
import pytest
from release_company import DEMAND_PLAN, SCORECARD, publish_cycle

from sop_pipeline.release.integrity import describe_file
from sop_pipeline.release.manifest import (
    Manifest,
    manifest_bytes,
    name_content,
    read_manifest,
    seal,
)
from sop_pipeline.release.problems import DamagedReleases
from sop_pipeline.release.registry import list_cycles
from sop_pipeline.release.table_files import read_table, table_bytes
from sop_pipeline.release.verify import verify, verify_home

OWN = DEMAND_PLAN.file_of("2026-05")
EARLIER = DEMAND_PLAN.file_of("2026-04")


@pytest.fixture
def home(tmp_path):
    """Two cycles, unlocked as somebody with the rights would unlock them."""
    publish_cycle(tmp_path, "2026-04", units=1)
    publish_cycle(tmp_path, "2026-05", units=2)
    for path in (tmp_path / "releases").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert verify(tmp_path).is_sound
    return tmp_path


@pytest.fixture
def current(home):
    return (home / "current").resolve()


def problems_of(home):
    return "\n".join(verify(home).problems)


@pytest.mark.parametrize("file", [OWN, EARLIER, "sop.duckdb", "pack.html"])
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_a_flipped_byte_is_found(home, current, file, place):
    content = bytearray((current / file).read_bytes())
    content[int(len(content) * place)] ^= 1
    (current / file).write_bytes(content)
    assert f"{file} was changed" in problems_of(home)


@pytest.mark.parametrize("file", [OWN, EARLIER, "sop.duckdb", "pack.html"])
def test_a_truncated_file_is_found(home, current, file):
    content = (current / file).read_bytes()
    (current / file).write_bytes(content[: len(content) // 2])
    assert f"{file} has {len(content) // 2} bytes instead of {len(content)}" in problems_of(home)


@pytest.mark.parametrize("file", [OWN, EARLIER, "sop.duckdb", "pack.html", "manifest.json"])
def test_a_missing_file_is_found(home, current, file):
    (current / file).unlink()
    assert f"{file} is missing" in problems_of(home) or f"{file} cannot be read" in problems_of(home)


@pytest.mark.parametrize(
    "file", ["notes.txt", "marts/fct_demand_plan/cycle=2026-06.parquet", "sop.duckdb.wal"]
)
def test_an_added_file_is_found(home, current, file):
    (current / file).write_text("x")
    assert f"{file} is not declared" in problems_of(home)


def test_an_added_folder_or_link_is_found(home, current):
    (current / "drafts").mkdir()
    (current / "marts" / "elsewhere").symlink_to("/")
    assert "drafts/ is not declared" in problems_of(home)
    assert "marts/elsewhere is not declared" in problems_of(home)


def test_a_file_replaced_by_a_link_is_found(home, current):
    (current / "pack.html").rename(home / "pack.html")
    (current / "pack.html").symlink_to(home / "pack.html")
    assert "pack.html is a link" in problems_of(home)


def edit(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(
        json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda m: m["gates"].update(plan_audit=False), "does not have the hash it states"),
        (lambda m: m["solver"].update(objective=1), "does not have the hash it states"),
        (lambda m: m["versions"].clear(), "does not have the hash it states"),
        (lambda m: m.update(published_at="2020-01-01T00:00:00+00:00"), "does not have the hash it states"),
        (lambda m: m["inputs"].update({"orders.csv": "0" * 64}), "states the content hash"),
        (lambda m: m["tables"][0].update(rows=5), "has 4 rows, the manifest states 5"),
        (
            lambda m: m["tables"][0]["control_totals"].update(forecast_units="0.000"),
            "forecast_units adds up to",
        ),
        (lambda m: m["tables"][0]["columns"][1].update(type="int64"), "other columns or types"),
        (lambda m: m["tables"].pop(), "states the content hash"),
        (lambda m: m["files"].pop("pack.html"), "does not list its own files pack.html"),
        (lambda m: m["files"]["sop.duckdb"].update(sha256="0" * 64), "sop.duckdb was changed"),
        (lambda m: m.update(release_id="2026-05-000000000000"), "names the release 2026-05-000000000000"),
        (lambda m: m.update(supersedes="2026-05-000000000000"), "states the content hash"),
        (lambda m: m["shown"][0].update(description="Something else"), "described otherwise"),
        (lambda m: m.update(remark="approved by nobody"), "is not written as manifests are"),
        (lambda m: m.update(schema_version=2), "has schema version 2"),
        (lambda m: m.pop("gates"), "is no manifest (1 problem(s), first: gates: Field required)"),
        (lambda m: m["files"].update({"../../outside": m["files"]["pack.html"]}), "../../outside is missing"),
    ],
)
def test_an_edited_manifest_is_found(home, current, change, found):
    edit(current, change)
    assert found in problems_of(home)


def test_a_manifest_that_is_no_json_is_found(home, current):
    (current / "manifest.json").write_text("{")
    assert "manifest.json is no manifest" in problems_of(home)


def reseal(folder, manifest: Manifest):
    """What somebody does who knows how manifests are sealed."""
    sealed = seal(manifest)
    (folder / "manifest.json").write_bytes(manifest_bytes(sealed))


def test_a_manifest_resealed_after_an_edit_is_found_by_what_the_registry_remembers(home, current):
    manifest = read_manifest(current)
    reseal(current, replace(manifest, gates={"plan_audit": True}))
    assert "its manifest is not the one that cycles.json remembers" in problems_of(home)
    with pytest.raises(DamagedReleases, match="remembers"):
        publish_cycle(home, "2026-06", history={})


def test_numbers_changed_with_their_hashes_need_another_name(home, current):
    """The content hash is in the name of the release: other numbers cannot keep it."""
    manifest = read_manifest(current)
    rows = publish_cycle(home / "other", "2026-05", units=7).folder / OWN
    shutil.copyfile(rows, current / OWN)
    files = manifest.files | {OWN: describe_file(current / OWN)}
    changed = name_content(replace(manifest, files=files), manifest.supersedes)
    reseal(current, changed)
    assert f"names the release {changed.release_id}; folder and content name another" in problems_of(home)


def test_a_database_that_says_something_else_is_found_even_with_its_hash_put_right(home, current):
    with duckdb.connect(str(current / "sop.duckdb")) as connection:
        connection.execute("update marts.fct_demand_plan set forecast_units = 999 where cycle_id = '2026-05'")
        connection.execute("create table marts.extra as select 1 as n")
        connection.execute("comment on column marts.kpi_scorecard.kpi_id is 'Whatever'")
    manifest = read_manifest(current)
    reseal(
        current,
        replace(manifest, files=manifest.files | {"sop.duckdb": describe_file(current / "sop.duckdb")}),
    )
    found = problems_of(home)
    assert "marts.fct_demand_plan lacks 4 row(s) of its Parquet files, has 4 others" in found
    assert "table marts.extra is not declared" in found
    assert "columns of marts.kpi_scorecard are described otherwise" in found


def test_history_that_is_not_what_was_released_is_found(home, current):
    """Both the file and the manifest of the later release are changed: the earlier release disagrees."""
    other = publish_cycle(home / "other", "2026-04", units=5).folder / EARLIER
    (current / EARLIER).unlink()
    shutil.copyfile(other, current / EARLIER)
    manifest = read_manifest(current)
    reseal(current, replace(manifest, files=manifest.files | {EARLIER: describe_file(current / EARLIER)}))
    assert "the files of cycle 2026-04 are not 2026-04-" in problems_of(home)


def test_a_hard_linked_file_is_changed_in_every_release_that_shows_it(home):
    """One file with two names: touching it damages both releases, and both say so."""
    first = list_cycles(home)[0].release_id
    with (home / "releases" / first / EARLIER).open("r+b") as file:
        file.write(b"XXXX")
    reports = verify_home(home)
    assert len(reports) == 2
    assert all(any(EARLIER in problem for problem in report.problems) for report in reports)


def test_everything_wrong_is_said_at_once(home, current):
    (current / "pack.html").unlink()
    (current / OWN).write_bytes(b"")
    (current / "notes.txt").write_text("x")
    found = problems_of(home)
    for part in (
        "pack.html is missing",
        f"{OWN} has 0 bytes",
        "notes.txt is not declared",
        "were not compared",
    ):
        assert part in found


def test_a_pointer_that_names_nothing_is_found(home):
    (home / "current").unlink()
    assert "nothing is published" in problems_of(home)
    (home / "current").symlink_to("releases/2026-07-000000000000")
    assert "does not name a release" in problems_of(home)
    (home / "current").unlink()
    (home / "current").symlink_to("landing")
    assert "does not name a release" in problems_of(home)


def test_what_is_no_release_among_the_releases_is_found(home):
    (home / "releases" / "2026-05-final-v2").mkdir()
    assert "2026-05-final-v2 is not a release" in problems_of(home)


def test_an_unknown_release_is_a_problem_and_not_a_crash(tmp_path):
    assert verify(tmp_path).problems == (f"nothing is published: {tmp_path / 'current'} does not exist",)
    assert "there is no release 2026-04-000000000000" in verify(tmp_path, "2026-04-000000000000").problems[0]
    assert "there is no release ../.." in verify(tmp_path, "../..").problems[0]


def test_a_report_says_what_was_recomputed(home):
    report = verify(home)
    assert (report.files, report.tables, report.rows) == (8, 3, 6)  # 3 tables x 2 cycles, pack, sop.duckdb
    assert verify(home, list_cycles(home)[0].release_id).is_sound


def test_totals_come_from_the_file_and_not_from_the_manifest(home, current):
    """A file that lost a row, with its sha256 and the release's name put right, still does not add up."""
    manifest = read_manifest(current)
    record = next(table for table in manifest.tables if table.name == SCORECARD)
    fewer = read_table(current / record.file).slice(0, 1)
    (current / record.file).write_bytes(table_bytes(fewer, record.grain))
    files = manifest.files | {record.file: describe_file(current / record.file)}
    reseal(current, replace(manifest, files=files))
    found = problems_of(home)
    assert f"{record.file} has 1 rows, the manifest states 2" in found
    assert "marts.kpi_scorecard lacks 0 row(s) of its Parquet files, has 1 others" in found
