"""An agreed demand plan has a name on it, stays what it was, and keeps its cycle from being computed again."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from release_company import DEMAND_PLAN, publish_cycle, scorecard, snapshot

from assets.extracts import approval_rows
from sop_pipeline.cli import main
from sop_pipeline.release.agreed_plan import describe_plan, find_plan_problems, hash_rows
from sop_pipeline.release.approvals import agree, agreement_of, list_approvals, refuse_agreed, reopen
from sop_pipeline.release.layout import approval_file, release_folder
from sop_pipeline.release.lock import HomeIsBusy, refresh_lock
from sop_pipeline.release.problems import AgreementRefused, CycleIsAgreed, DamagedReleases
from sop_pipeline.release.request import ReleasedTable
from sop_pipeline.release.table_files import read_table, table_bytes
from sop_pipeline.release.verify import verify
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts

CYCLE = "2026-04"
NOW = datetime(2026, 4, 10, 9, 30, tzinfo=UTC)


def months(first: date, count: int) -> list[date]:
    return [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(count)
    ]


def plan_rows(units: float = 100.0, horizon: dict[str, int] | None = None) -> pa.Table:
    """Two items, each ordered in the last closed month, planned for the given number of months."""
    rows = [
        {"item_id": item, "period_start_date": date(2026, 3, 1), "actual_units": Decimal(7), "forecast_units": None}
        for item in ("A", "B")
    ] + [
        {"item_id": item, "period_start_date": month, "actual_units": None, "forecast_units": Decimal(str(units))}
        for item, count in (horizon or {"A": 18, "B": 18}).items()
        for month in months(date(2026, 4, 1), count)
    ]  # fmt: skip
    schema = pa.schema(
        [
            ("cycle_id", pa.string()),
            ("item_id", pa.string()),
            ("period_start_date", pa.date32()),
            ("is_history", pa.bool_()),
            ("actual_units", pa.decimal128(18, 3)),
            ("forecast_units", pa.decimal128(18, 3)),
        ]
    )
    facts = [
        row | {"cycle_id": CYCLE, "is_history": row["period_start_date"] < date(2026, 4, 1)} for row in rows
    ]
    return pa.Table.from_pylist(facts, schema)


def publish_plan(home, rows: pa.Table):
    plan = ReleasedTable(
        name=DEMAND_PLAN,
        rows=rows,
        grain=("cycle_id", "item_id", "period_start_date"),
        description="One row per item and month.",
        column_descriptions=dict.fromkeys(rows.column_names, "as named"),
    )
    return publish_cycle(home, CYCLE, tables=(plan, scorecard(CYCLE, 1)))


@pytest.fixture
def home(tmp_path):
    publish_plan(tmp_path, plan_rows())
    return tmp_path


def test_an_agreement_is_a_record_and_touches_no_release(home):
    before = {file: sha for file, sha in snapshot(home).items() if file.startswith("releases/")}

    act = agree(home, CYCLE, "H. Nordhaus", NOW, note="in the meeting")

    after = {file: sha for file, sha in snapshot(home).items() if file.startswith("releases/")}
    assert after == before
    assert (act.forecast_state, act.decided_by, act.plan.rows, act.plan.items) == (
        "unconstrained_agreed",
        "H. Nordhaus",
        36,
        2,
    )
    assert (act.plan.first_period, act.plan.last_period, act.plan.units) == (
        "2026-04-01",
        "2027-09-01",
        "3600.000",
    )
    assert agreement_of(home, CYCLE) == act
    assert verify(home).is_sound


def test_what_was_agreed_and_taken_back_stands_in_the_table_of_the_next_cycle(home):
    """As the extracts of the next cycle hand it to dbt, in the types of its contract; an earlier cycle knows nothing of it."""
    agree(home, CYCLE, "H. Nordhaus", NOW, note="in the meeting")
    reopen(home, CYCLE, "H. Nordhaus", "A typing error", NOW)
    contract = load_contracts(DBT_PROJECT_DIR)["ingest.approvals"]
    columns = [column.name for column in contract.columns]

    rows = conform(approval_rows(home, "2026-05", columns), contract).to_pylist()

    told = [(row["cycle_id"], row["approved_cycle_id"], row["act"], row["decided_by"]) for row in rows]
    assert told == [("2026-05", CYCLE, act, "H. Nordhaus") for act in ("agreed", "reopened")]
    assert [row["plan_units"] for row in rows] == [Decimal("3600.000")] * 2
    assert rows[1]["reason"] == "A typing error"
    assert approval_rows(home, "2026-03", columns).empty


def test_the_hash_of_a_plan_does_not_know_the_order_of_rows_or_columns():
    rows = plan_rows()
    turned = rows.take(list(reversed(range(rows.num_rows)))).select(list(reversed(rows.column_names)))
    other = plan_rows(units=100.001)

    assert hash_rows(turned) == hash_rows(rows)
    assert hash_rows(other) != hash_rows(rows)
    assert describe_plan(turned) == describe_plan(rows)


def test_what_is_empty_is_not_what_is_nought():
    empty = pa.table({"a": pa.array([None, "x"]), "b": pa.array(["x", None])})
    swapped = pa.table({"a": pa.array(["x", None]), "b": pa.array([None, "x"])})
    blank = pa.table({"a": pa.array(["", "x"]), "b": pa.array(["x", ""])})

    assert hash_rows(empty) == hash_rows(swapped)  # the same two rows
    assert hash_rows(empty) != hash_rows(blank)


def test_every_active_item_needs_twelve_months(tmp_path):
    publish_plan(tmp_path, plan_rows(horizon={"A": 18, "B": 11}))

    with pytest.raises(AgreementRefused) as refused:
        agree(tmp_path, CYCLE, "H. Nordhaus", NOW)

    assert refused.value.problems == ("item B: 11 of 12 months are planned, the first missing is 2027-03",)
    assert list_approvals(tmp_path) == []


def test_an_item_that_was_sold_and_is_not_planned_at_all_is_named(tmp_path):
    assert find_plan_problems(plan_rows(horizon={"A": 12}), CYCLE) == [
        "item B: 0 of 12 months are planned, the first missing is 2026-04"
    ]


def test_an_agreed_cycle_is_locked_until_it_is_reopened_with_a_reason(home):
    agree(home, CYCLE, "H. Nordhaus", NOW)

    with pytest.raises(CycleIsAgreed, match=r"sop reopen 2026-04 --by NAME --reason"):
        refuse_agreed(home, ["2026-03", CYCLE])
    with pytest.raises(CycleIsAgreed):
        publish_plan(home, plan_rows(units=120))
    with pytest.raises(AgreementRefused, match="no reason is given"):
        reopen(home, CYCLE, "H. Nordhaus", " ", NOW)

    act = reopen(home, CYCLE, "H. Nordhaus", "Tender lost", NOW)
    changed = publish_plan(home, plan_rows(units=120))
    again = agree(home, CYCLE, "H. Nordhaus", NOW)

    assert (act.act, act.forecast_state, act.reason) == ("reopened", "unconstrained_draft", "Tender lost")
    assert again.release_id == changed.release_id
    assert [one.act for one in list_approvals(home)] == ["agreed", "reopened", "agreed"]
    assert verify(home).is_sound


def test_nothing_is_agreed_twice_by_nobody_or_of_no_release(home):
    with pytest.raises(AgreementRefused, match="nobody is named"):
        agree(home, CYCLE, "  ", NOW)
    agree(home, CYCLE, "H. Nordhaus", NOW)
    with pytest.raises(AgreementRefused, match="agreed already, by H. Nordhaus on 2026-04-10"):
        agree(home, CYCLE, "R. Keller", NOW)
    with pytest.raises(AgreementRefused, match="has no release"):
        agree(home, "2026-05", "R. Keller", NOW)
    with pytest.raises(AgreementRefused, match="it is not agreed"):
        reopen(home, "2026-05", "R. Keller", "why not", NOW)


def test_a_plan_is_not_agreed_while_the_home_is_refreshed(home):
    with refresh_lock(home, purpose="refresh", started_at=NOW), pytest.raises(HomeIsBusy):
        agree(home, CYCLE, "H. Nordhaus", NOW)


def test_a_plan_that_was_tampered_with_cannot_be_agreed(home):
    file = (home / "current").resolve() / DEMAND_PLAN.file_of(CYCLE)
    file.chmod(0o644)
    file.write_bytes(
        table_bytes(plan_rows(units=999), ("cycle_id", "item_id", "period_start_date")),
    )

    with pytest.raises(DamagedReleases, match="its plan cannot be agreed"):
        agree(home, CYCLE, "H. Nordhaus", NOW)


def test_a_plan_that_changed_after_it_was_agreed_is_found(home):
    act = agree(home, CYCLE, "H. Nordhaus", NOW)
    file = release_folder(home, act.release_id) / DEMAND_PLAN.file_of(CYCLE)
    file.chmod(0o644)
    rows = read_table(file)
    place = rows.column_names.index("forecast_units")
    raised = pa.array([None if v is None else v + 1 for v in rows["forecast_units"].to_pylist()], pa.decimal128(18, 3))  # fmt: skip
    file.write_bytes(
        table_bytes(
            rows.set_column(place, "forecast_units", raised), ("cycle_id", "item_id", "period_start_date")
        )
    )

    said = "\n".join(verify(home).problems)

    assert (
        "2026-04 was agreed by H. Nordhaus" in said
        and "its demand plan is not the one that was agreed" in said
    )


@pytest.mark.parametrize("field, value", [("decided_by", "Somebody Else"), ("record_sha256", "0" * 64)])
def test_a_record_that_was_edited_is_found(home, field, value):
    agree(home, CYCLE, "H. Nordhaus", NOW)
    path = approval_file(home, CYCLE, 1)
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))

    assert "2026-04-001.json was changed" in "\n".join(verify(home).problems)
    with pytest.raises(DamagedReleases, match="never edited, only reopened"):
        refuse_agreed(home, [CYCLE])


def test_an_act_that_is_gone_is_found(home):
    agree(home, CYCLE, "H. Nordhaus", NOW)
    reopen(home, CYCLE, "H. Nordhaus", "Tender lost", NOW)
    approval_file(home, CYCLE, 1).unlink()

    assert "act 2 on 2026-04 does not follow" in "\n".join(verify(home).problems)


def test_agreeing_and_reopening_on_the_command_line(home, monkeypatch, capsys):
    def said(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sop", *words, "--home", str(home)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    code, text = said("agree", CYCLE, "--by", "H. Nordhaus")
    assert code == 0 and "2026-04 is agreed by H. Nordhaus: 36 rows of 2 items" in text
    code, text = said("status")
    assert code == 0 and "Agreed   demand plan of 2026-04, by H. Nordhaus" in text
    code, text = said("refresh", "--cycle", CYCLE)
    assert code == 1 and "the demand plan is agreed" in text and "sop reopen 2026-04" in text
    code, text = said("reopen", CYCLE, "--by", "R. Keller", "--reason", "Tender lost")
    assert code == 0 and "its plan is a draft again" in text
    code, text = said("approvals", "--json")
    assert code == 0 and [act["act"] for act in json.loads(text)] == ["agreed", "reopened"]
    code, text = said("agree", "2026-09", "--by", "H. Nordhaus")
    assert code == 1 and "sop refresh --cycle 2026-09" in text
