"""Publishing a cycle: what stands afterwards, what is refused, what a second run does."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pytest
from release_company import (
    DEMAND_PLAN,
    all_sound,
    demand_plan,
    make_request,
    publish_cycle,
    scorecard,
    snapshot,
)

from sop_pipeline.release.problems import DamagedReleases, PublicationRefused
from sop_pipeline.release.publish import publish
from sop_pipeline.release.registry import is_published, list_cycles, releases_before
from sop_pipeline.release.table_files import read_table, table_bytes
from sop_pipeline.release.verify import verify


def test_a_published_cycle_is_a_whole_sound_read_only_release(tmp_path):
    published = publish_cycle(tmp_path, "2026-04")

    assert published.is_new
    assert published.release_id.startswith("2026-04-")
    assert (tmp_path / "current").resolve() == published.folder.resolve()
    files = {path.relative_to(published.folder).as_posix() for path in published.folder.rglob("*.*")}
    assert files == {
        "manifest.json",
        "pack.html",
        "sop.duckdb",
        "marts/fct_demand_plan/cycle=2026-04.parquet",
        "marts/kpi_scorecard/cycle=2026-04.parquet",
        "planning/resource_shortages/cycle=2026-04.parquet",
    }
    assert not [
        path for path in [published.folder, *published.folder.rglob("*")] if path.stat().st_mode & 0o222
    ]
    assert all_sound(tmp_path)


def test_the_manifest_states_rows_types_and_exact_totals(tmp_path):
    manifest = publish_cycle(tmp_path, "2026-04", units=0.1).manifest
    plan, kpis, short = manifest.tables

    assert (plan.rows, kpis.rows, short.rows) == (4, 2, 0)
    assert plan.control_totals == {"forecast_units": "6.400"}  # 0.1 + 1.1 + 2.1 + 3.1
    assert kpis.control_totals == {"kpi_value": "0.012345", "lines": "0"}
    assert short.control_totals == {"short_hours": "0.0000"}
    assert [(column.name, column.type) for column in kpis.columns] == [
        ("cycle_id", "string"),
        ("kpi_id", "string"),
        ("kpi_value", "decimal128(18, 6)"),
        ("lines", "int32"),
    ]


def test_running_a_cycle_again_changes_no_byte_and_makes_no_release(tmp_path):
    first = publish_cycle(tmp_path, "2026-04")
    before = snapshot(tmp_path)

    again = publish_cycle(
        tmp_path,
        "2026-04",
        published_at=datetime.fromisoformat("2026-04-07T06:00:00+00:00"),  # a day later
        versions={"sop_pipeline": "0.2.0"},  # by newer code that says the same
    )

    assert (again.is_new, again.release_id) == (False, first.release_id)
    assert snapshot(tmp_path) == before


def test_the_same_rows_in_any_order_are_the_same_release(tmp_path):
    request = make_request(tmp_path / "one", "2026-04")
    table = request.tables[0]
    order = [2, 0, 3, 1]
    random.Random(7).shuffle(order)
    shuffled = replace(table, rows=pa.concat_tables([table.rows.slice(n, 1) for n in order]))

    one = publish(request)
    other = publish(replace(request, home=tmp_path / "other", tables=(*request.tables[1:], shuffled)))

    assert one.release_id == other.release_id
    assert one.manifest.own_files() == other.manifest.own_files()


@pytest.mark.parametrize("text_type", [pa.string(), pa.large_string()])
def test_how_the_rows_came_does_not_reach_the_file(text_type):
    """Frames leave metadata, Parquet readers leave field ids, and there are two Arrow types for text."""
    table = demand_plan("2026-04", 1)
    marks = {"PARQUET:field_id": "7"}
    fields = [
        pa.field(field.name, text_type if field.type == pa.string() else field.type, metadata=marks)
        for field in table.rows.schema
    ]
    marked = table.rows.cast(pa.schema(fields, metadata={"pandas": "made on Tuesday"}))
    assert table_bytes(marked, table.grain) == table_bytes(table.rows, table.grain)


@pytest.mark.parametrize(
    "change",
    [
        {"pack": b"<html>another chart</html>"},
        {"inputs": {"orders.csv": "0" * 64}},
        {"contract_version": "2"},
        {"tables": (demand_plan("2026-04", 101), scorecard("2026-04", 100))},
    ],
    ids=["pack", "inputs", "contract", "tables"],
)
def test_other_content_is_a_new_release_that_supersedes(tmp_path, change):
    first = publish_cycle(tmp_path, "2026-04")
    second = publish_cycle(tmp_path, "2026-04", **change)

    assert second.is_new
    assert second.supersedes == first.release_id
    assert second.current_release_id == second.release_id
    (record,) = list_cycles(tmp_path)
    assert (record.release_id, record.superseded) == (second.release_id, (first.release_id,))
    assert all_sound(tmp_path)


def test_going_back_to_earlier_numbers_is_a_release_of_its_own(tmp_path):
    first = publish_cycle(tmp_path, "2026-04", units=1)
    second = publish_cycle(tmp_path, "2026-04", units=2)
    third = publish_cycle(tmp_path, "2026-04", units=1)

    assert third.release_id not in (first.release_id, second.release_id)
    assert third.manifest.own_files() == first.manifest.own_files()
    assert list_cycles(tmp_path)[0].superseded == (first.release_id, second.release_id)
    assert publish_cycle(tmp_path, "2026-04", units=1).is_new is False


# -- refusals


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ({"plan_audit": False, "marts_plausible": True}, "gate 'plan_audit' is closed"),
        ({"plan_audit": True}, "gate 'marts_plausible' has no result"),
        (
            {"plan_audit": True, "marts_plausible": True, "inputs_complete": False},
            "gate 'inputs_complete' is closed",
        ),
    ],
)
def test_a_closed_or_missing_gate_refuses_publication_by_name(tmp_path, gates, message):
    publish_cycle(tmp_path, "2026-04", units=1)
    before = snapshot(tmp_path)
    with pytest.raises(PublicationRefused, match=message):
        publish_cycle(tmp_path, "2026-04", units=2, gates=gates)
    assert snapshot(tmp_path) == before


def test_everything_wrong_is_said_at_once(tmp_path):
    plan = demand_plan("2026-03", 1)  # rows of another cycle
    doubled = scorecard("2026-04", 1)
    doubled = replace(doubled, rows=pa.concat_tables([doubled.rows, doubled.rows]))
    with pytest.raises(PublicationRefused) as refused:
        publish_cycle(
            tmp_path,
            "2026-04",
            tables=(plan, doubled, doubled),
            inputs={},
            pack=b"",
            solver={"gap": float("nan")},
        )
    text = "\n".join(refused.value.problems)
    for part in (
        "no input is named",
        "the meeting pack is empty",
        "solver's facts cannot be written",
        "1 table(s) given more than once: marts.kpi_scorecard",
        "marts.fct_demand_plan: holds rows of other cycles: 2026-03",
        "marts.kpi_scorecard: 2 key(s) of the grain (cycle_id, kpi_id) repeat, e.g. 2026-04 / ",
    ):
        assert part in text
    assert not (tmp_path / "releases").exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"kpi_id": [None, "fill_rate"]}, "1 row(s) without kpi_id"),
        ({"kpi_value": [0.5, float("nan")]}, "1 value(s) of kpi_value are not finite"),
        ({"kpi_value": [[1], [2]]}, "of a type that is not released: kpi_value (list"),
        ({"kpi_value": pa.nulls(2)}, "of a type that is not released: kpi_value (null)"),
        ({"surprise": ["a", "b"]}, "1 column(s) that the contract does not have: surprise"),
        ({"kpi_value": None}, "1 column(s) of the contract missing: kpi_value"),
        ({"kpi_id": None}, "its grain is not among its columns: kpi_id"),
        ({"cycle_id": ["2026-04", "2026-03"]}, "holds rows of other cycles: 2026-03"),
    ],
)
def test_rows_that_break_their_contract_are_refused(tmp_path, columns, message):
    table = scorecard("2026-04", 1)
    data = {name: table.rows[name] for name in table.rows.column_names} | columns
    broken = replace(
        table, rows=pa.table({name: values for name, values in data.items() if values is not None})
    )
    with pytest.raises(PublicationRefused) as refused:
        publish_cycle(tmp_path, "2026-04", tables=(broken,))
    assert any(message in problem for problem in refused.value.problems), refused.value.problems


def test_a_run_that_read_an_older_history_is_refused(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    read = releases_before(tmp_path, "2026-05")
    publish_cycle(tmp_path, "2026-04", units=2)
    with pytest.raises(PublicationRefused, match=f"cycle 2026-04: the run read {read['2026-04']}"):
        publish_cycle(tmp_path, "2026-05", history=read)


def test_nothing_is_built_on_a_damaged_earlier_cycle(tmp_path):
    first = publish_cycle(tmp_path, "2026-04")
    file = first.folder / DEMAND_PLAN.file_of("2026-04")
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedReleases, match=r"marts/fct_demand_plan/cycle=2026-04\.parquet has \d+ bytes"):
        publish_cycle(tmp_path, "2026-05")
    assert not is_published(tmp_path, "2026-05")


def test_a_damaged_release_is_not_confirmed_and_can_be_made_again(tmp_path):
    first = publish_cycle(tmp_path, "2026-04")
    (first.folder / "pack.html").chmod(0o644)
    (first.folder / "pack.html").write_text("<html>better numbers</html>")
    with pytest.raises(DamagedReleases, match=r"pack\.html"):
        publish_cycle(tmp_path, "2026-04")

    first.folder.chmod(0o755)
    first.folder.rename(tmp_path / "set aside")
    again = publish_cycle(
        tmp_path, "2026-04", published_at=datetime.fromisoformat("2026-04-09T00:00:00+00:00")
    )
    assert (again.release_id, again.is_new) == (first.release_id, True)
    assert all_sound(tmp_path)


def test_released_rows_are_sorted_by_grain(tmp_path):
    published = publish_cycle(tmp_path, "2026-04")
    rows = read_table(published.folder / DEMAND_PLAN.file_of("2026-04")).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["item_id"], row["period_start_date"]))


def test_leftovers_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path):
    releases = tmp_path / "releases"
    dead, living = releases / ".tmp-2026-03-999999999", releases / f".tmp-2026-03-{os.getppid()}"
    (dead / "marts").mkdir(parents=True)
    (dead / "marts").chmod(0o555)
    living.mkdir()
    publish_cycle(tmp_path, "2026-04")
    assert not dead.exists()
    assert living.exists()
    assert verify(tmp_path).is_sound
