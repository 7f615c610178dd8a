"""A table that comes as deltas: the lake holds its state as of the cycle, made from the files of the cycles up to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.promises import PROMISES_FILE, read_promises
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.warehouse.ingest import IngestedFile, RejectedFile

ORDERS = Contract(
    schema="contract",
    name="orders",
    description="One row per order line.",
    columns=(
        Column("order_id", "varchar", "Order", is_required=True),
        Column("line_id", "varchar", "Line", is_required=True),
        Column("quantity", "decimal(18,3)", "Quantity", is_required=True),
        Column("changed_at", "timestamp", "Changed"),
    ),
    grain=("order_id", "line_id"),
    path=Path("_contract__sources.yml"),
    is_model=False,
    meta={"delivery": {"mode": "delta", "mandatory": True, "minimum_rows": 1}},
)
FULL = "order_id,line_id,quantity,changed_at\n"
DELTA = "order_id,line_id,quantity,changed_at,is_deleted\n"


class Company:
    """Cycles of a company, each with the files that it delivered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deliveries: list[AcceptedDelivery] = []

    def deliver(
        self, cycle_id: str, files: Mapping[str, str], sequences: Mapping[str, int] | None = None
    ) -> None:
        folder = self.folder / cycle_id
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        promised = {"files": {name: {"sequence": number} for name, number in (sequences or {}).items()}}
        (folder / PROMISES_FILE).write_text(json.dumps(promised), encoding="utf-8")
        sha256s = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        moment = datetime(2026, 2, 3, tzinfo=UTC)
        self.deliveries.append(
            AcceptedDelivery(cycle_id, folder, sha256s, moment, read_promises(folder / PROMISES_FILE))
        )

    def state(self, cycle_id: str, contract: Contract = ORDERS) -> IngestedFile:
        history = [delivery for delivery in self.deliveries if delivery.cycle_id <= cycle_id]
        (file,) = ingest_all([contract], history[-1].folder, 1.0, history=history)
        return file

    def quantities(self, cycle_id: str) -> dict[str, str]:
        rows = self.state(cycle_id).rows.to_pylist()
        return {f"{row['order_id']}/{row['line_id']}": f"{row['quantity']:f}" for row in rows}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A full extract in January, a delta in February."""
    company = Company(tmp_path)
    company.deliver("2026-01", {"orders.csv": FULL + "A,1,1,\nA,2,2,\nB,1,3,\n"})
    company.deliver("2026-02", {"orders.41.csv": DELTA + "A,2,20,,false\nB,1,3,,true\nC,1,4,,\n"})
    return company


def test_the_state_is_the_full_extract_changed_by_its_deltas(company: Company) -> None:
    assert company.quantities("2026-02") == {"A/1": "1.000", "A/2": "20.000", "C/1": "4.000"}


def test_an_earlier_cycle_run_again_knows_nothing_of_later_deltas(company: Company) -> None:
    assert company.quantities("2026-01") == {"A/1": "1.000", "A/2": "2.000", "B/1": "3.000"}


def test_every_row_says_which_file_it_came_from(company: Company) -> None:
    state = company.state("2026-02")
    sources = {row["order_id"] + row["line_id"]: row["source_file_sha256"] for row in state.rows.to_pylist()}
    assert sources["A1"] == company.deliveries[0].sha256s["orders.csv"]
    assert sources["A2"] == sources["C1"] == company.deliveries[1].sha256s["orders.41.csv"]
    assert (state.accepted_rows, state.quarantined_rows) == (3, 0)


def test_of_one_key_the_higher_sequence_counts_and_in_a_file_the_later_change(company: Company) -> None:
    company.deliver(
        "2026-03",
        {
            "orders.43.csv": DELTA + "A,1,43,,\n",
            "orders.42.csv": DELTA + "A,1,42,,\nC,1,5,2026-01-02 10:00:00,\nC,1,6,2026-01-01 10:00:00,\n",
        },
    )
    assert company.quantities("2026-03") == {"A/1": "43.000", "A/2": "20.000", "C/1": "5.000"}


def test_a_row_that_was_deleted_may_come_back(company: Company) -> None:
    company.deliver("2026-03", {"orders.42.csv": DELTA + "B,1,7,,false\n"})
    assert company.quantities("2026-03")["B/1"] == "7.000"


def test_a_gap_in_the_sequence_is_refused_with_what_is_missing(company: Company) -> None:
    company.deliver("2026-03", {"orders.43.csv": DELTA + "A,1,43,,\n"})
    with pytest.raises(RejectedFile, match="sequence 41 is followed by 43: 42 is missing"):
        company.state("2026-03")


def test_a_gap_after_a_full_extract_with_a_sequence_is_refused(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.deliver("2026-01", {"orders.csv": FULL + "A,1,1,\n"}, {"orders.csv": 40})
    company.deliver("2026-02", {"orders.42.csv": DELTA + "A,1,2,,\n"})
    with pytest.raises(RejectedFile, match="sequence 40 is followed by 42: 41 is missing"):
        company.state("2026-02")


def test_the_same_delta_again_is_skipped_and_another_of_its_sequence_refused(company: Company) -> None:
    again = (company.folder / "2026-02" / "orders.41.csv").read_text(encoding="utf-8")
    company.deliver("2026-03", {"orders.41.csv": again})
    state = company.state("2026-03")
    assert state.fixes == ("delta 41 of cycle 2026-03 came before, byte for byte: skipped",)
    assert state.accepted_rows == 3
    company.deliver("2026-04", {"orders.41.csv": DELTA + "A,1,99,,\n"})
    with pytest.raises(
        RejectedFile, match="sequence 41 came twice with different content: .* 2026-02 and .* 2026-04"
    ):
        company.state("2026-04")


def test_a_month_without_a_delta_is_refused_and_an_empty_delta_is_not(company: Company) -> None:
    company.deliver("2026-03", {"other.csv": ""})
    with pytest.raises(RejectedFile, match="neither a full extract nor a delta came for cycle 2026-03"):
        company.state("2026-03")
    company.deliver("2026-04", {"orders.42.csv": DELTA})
    assert company.quantities("2026-04") == company.quantities("2026-02")


def test_deltas_without_a_full_extract_are_refused(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.deliver("2026-01", {"orders.1.csv": DELTA + "A,1,1,,\n"})
    with pytest.raises(RejectedFile, match="deltas and no full extract"):
        company.state("2026-01")


def test_a_new_full_extract_is_compared_with_the_state_that_deltas_led_to(company: Company) -> None:
    company.deliver("2026-03", {"orders.csv": FULL + "A,1,1,\nC,1,4,\nD,1,9,\n"}, {"orders.csv": 41})
    state = company.state("2026-03")
    assert state.accepted_rows == 3
    (warning,) = state.warnings
    assert warning.startswith("1 rows of the state before are not in the new full extract, e.g. A / 2")
    company.deliver("2026-04", {"orders.42.csv": DELTA + "D,1,10,,\n"})
    later = company.state("2026-04")
    assert later.warnings == ()  # said once, when the extract came
    assert company.quantities("2026-04")["D/1"] == "10.000"


def test_a_landed_delta_that_was_changed_since_is_refused(company: Company) -> None:
    (company.folder / "2026-02" / "orders.41.csv").write_text(DELTA + "A,1,99,,\n", encoding="utf-8")
    with pytest.raises(RejectedFile, match="is not what it was when it landed"):
        company.state("2026-02")


def test_a_bad_row_of_a_delta_is_kept_out_and_the_state_keeps_what_it_had(company: Company) -> None:
    company.deliver("2026-03", {"orders.42.csv": DELTA + "A,1,lots,,\nA,2,21,,\n"})
    state = company.state("2026-03")
    assert state.quarantined["original_text"].to_pylist() == ["lots"]
    assert state.quarantined["file_name"].to_pylist() == ["orders.42.csv"]
    assert company.quantities("2026-03") == {"A/1": "1.000", "A/2": "21.000", "C/1": "4.000"}


def test_a_clock_that_is_ahead_is_told_and_beyond_a_day_the_row_is_kept_out(company: Company) -> None:
    later, much_later = "2026-03-01 20:00:00", "2026-03-02 00:00:01"  # the cycle of March begins on the first
    company.deliver("2026-03", {"orders.42.csv": DELTA + f"A,1,5,{later},\nA,2,6,{much_later},\n"})
    state = company.state("2026-03")
    assert state.quarantined["rule_id"].to_pylist() == ["changed_in_the_future"]
    assert state.quarantined["original_text"].to_pylist() == [much_later]
    (warning,) = state.warnings
    assert warning.startswith("1 rows were changed after the extract was taken (2026-03-01 00:00 UTC), the latest at 2026-03-01 20:00")  # fmt: skip
