"""Cycles before and after the one that is published: what a release shows of them, and an old cycle that is run again."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pyarrow as pa
from release_company import (
    DEMAND_PLAN,
    SCORECARD,
    all_sound,
    publish_cycle,
    scorecard,
)

from sop_pipeline.release import effects
from sop_pipeline.release.registry import is_published, list_cycles, released_files_before


def test_a_release_shows_every_cycle_without_copying_files(tmp_path):
    first = publish_cycle(tmp_path, "2026-04", units=1)
    second = publish_cycle(tmp_path, "2026-05", units=2)
    third = publish_cycle(tmp_path, "2026-06", units=3)

    file = DEMAND_PLAN.file_of("2026-04")
    assert (first.folder / file).samefile(third.folder / file)
    assert (second.folder / SCORECARD.file_of("2026-05")).samefile(
        third.folder / SCORECARD.file_of("2026-05")
    )
    with duckdb.connect(str(tmp_path / "current" / "sop.duckdb"), read_only=True) as connection:
        cycles = connection.execute(
            "select cycle_id, count(*), min(forecast_units)::varchar from marts.fct_demand_plan"
            " group by 1 order by 1"
        ).fetchall()
        facts = connection.execute("select release_id, cycle_id from main.release_facts").fetchall()
    assert cycles == [("2026-04", 4, "1.000"), ("2026-05", 4, "2.000"), ("2026-06", 4, "3.000")]
    assert facts == [(third.release_id, "2026-06")]
    assert not list(tmp_path.rglob("*.wal"))
    assert all_sound(tmp_path)


def test_files_are_copied_where_the_file_system_does_not_link(tmp_path):
    def refuse_links(effect, path):
        if effect == "link":
            raise OSError(18, "Invalid cross-device link")

    first = publish_cycle(tmp_path, "2026-04", units=1)
    with effects.observed_by(refuse_links):
        second = publish_cycle(tmp_path, "2026-05", units=2)

    file = DEMAND_PLAN.file_of("2026-04")
    assert not (first.folder / file).samefile(second.folder / file)
    assert (first.folder / file).read_bytes() == (second.folder / file).read_bytes()
    assert all_sound(tmp_path)


def test_earlier_cycles_are_read_from_their_newest_releases(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    newest = publish_cycle(tmp_path, "2026-04", units=2)
    middle = publish_cycle(tmp_path, "2026-05", units=3)
    publish_cycle(tmp_path, "2026-06", units=4)

    assert released_files_before(tmp_path, "2026-04") == {}
    files = released_files_before(tmp_path, "2026-06")
    assert list(files) == ["fct_demand_plan", "kpi_scorecard"]
    assert files["kpi_scorecard"] == [
        newest.folder.resolve() / SCORECARD.file_of("2026-04"),
        middle.folder.resolve() / SCORECARD.file_of("2026-05"),
    ]
    assert list(released_files_before(tmp_path, "2026-06", schema="planning")) == ["resource_shortages"]
    assert is_published(tmp_path, "2026-05")
    assert not is_published(tmp_path, "2026-07")


def test_a_column_that_came_later_is_null_in_cycles_before_and_one_that_went_stays(tmp_path):
    old = scorecard("2026-04", 1)
    new = scorecard("2026-05", 1)
    new = replace(
        new,
        rows=new.rows.drop_columns(["lines"]).append_column("target_value", pa.array([0.5, 0.9])),
        description="One row per KPI and its target.",
        column_descriptions={**new.column_descriptions, "target_value": "Target"},
    )
    new.column_descriptions.pop("lines")
    publish_cycle(tmp_path, "2026-04", tables=(old,))
    publish_cycle(tmp_path, "2026-05", tables=(new,))

    with duckdb.connect(str(tmp_path / "current" / "sop.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'kpi_scorecard'"
        ).fetchall()
        targets = connection.execute(
            "select cycle_id, count(target_value), count(lines) from marts.kpi_scorecard"
            " group by 1 order by 1"
        ).fetchall()
    assert columns[-2:] == [("target_value", "Target"), ("lines", "Order lines counted")]
    assert targets == [("2026-04", 0, 1), ("2026-05", 2, 0)]
    assert all_sound(tmp_path)


def test_a_retired_table_stays_visible_with_its_old_cycles(tmp_path):
    publish_cycle(tmp_path, "2026-04")
    publish_cycle(tmp_path, "2026-05", tables=(scorecard("2026-05", 1),))

    with duckdb.connect(str(tmp_path / "current" / "sop.duckdb"), read_only=True) as connection:
        assert connection.execute("select distinct cycle_id from marts.fct_demand_plan").fetchall() == [
            ("2026-04",)
        ]
    assert all_sound(tmp_path)


def test_an_old_cycle_run_again_supersedes_it_and_never_moves_current_back(tmp_path):
    first = publish_cycle(tmp_path, "2026-04", units=1)
    publish_cycle(tmp_path, "2026-05", units=2)
    newest = publish_cycle(tmp_path, "2026-06", units=3)

    restated = publish_cycle(tmp_path, "2026-04", units=9)

    assert restated.supersedes == first.release_id
    assert restated.current_release_id == newest.release_id
    assert (tmp_path / "current").resolve() == newest.folder.resolve()
    assert restated.stale_cycles == ("2026-05", "2026-06")
    assert [record.is_stale for record in list_cycles(tmp_path)] == [False, True, True]
    assert all_sound(tmp_path)  # superseded and stale releases are still what they were


def test_stale_cycles_are_brought_up_to_date_one_after_the_other(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    publish_cycle(tmp_path, "2026-05", units=2)
    publish_cycle(tmp_path, "2026-06", units=3)
    restated = publish_cycle(tmp_path, "2026-04", units=9)

    middle = publish_cycle(tmp_path, "2026-05", units=2)  # the same numbers, over another history
    assert middle.is_new
    assert middle.stale_cycles == ("2026-06",)
    last = publish_cycle(tmp_path, "2026-06", units=3)

    assert last.stale_cycles == ()
    file = DEMAND_PLAN.file_of("2026-04")
    assert (restated.folder / file).samefile(last.folder / file)
    assert (tmp_path / "current").resolve() == last.folder.resolve()
    assert all_sound(tmp_path)


def test_a_cycle_that_comes_late_makes_the_ones_after_it_stale(tmp_path):
    publish_cycle(tmp_path, "2026-04")
    publish_cycle(tmp_path, "2026-06")
    assert publish_cycle(tmp_path, "2026-05").stale_cycles == ("2026-06",)


def test_the_registry_is_made_again_from_the_releases(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    publish_cycle(tmp_path, "2026-05", units=2)
    publish_cycle(tmp_path, "2026-04", units=3)
    index = tmp_path / "registry" / "cycles.json"
    before = index.read_bytes()
    index.unlink()

    assert [record.cycle_id for record in list_cycles(tmp_path)] == ["2026-04", "2026-05"]
    publish_cycle(tmp_path, "2026-04", units=3)
    assert index.read_bytes() == before
