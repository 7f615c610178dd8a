"""The lake: same rows, same bytes; a reader sees what its step declared and nothing else."""

from pathlib import Path

import pyarrow as pa
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import UnknownTable, load_contracts
from sop_pipeline.warehouse.lake import lake_file, write_parquet
from sop_pipeline.warehouse.reader import MissingTable, UndeclaredRead, WarehouseReader

CONTRACTS = load_contracts(DBT_PROJECT_DIR)


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    table = pa.table({"item_id": ["A", "B"], "stock_units": [1.0, 2.0]})
    for name in ("first", "second"):
        write_parquet(table.replace_schema_metadata({"written_by": name}), tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    write_parquet(pa.table({"units": [1]}), path)
    before = path.read_bytes()
    with pytest.raises(AttributeError):
        write_parquet("not a table", path)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["data.parquet"]


def reader(lake: Path, declared: list[str]) -> WarehouseReader:
    return WarehouseReader(CONTRACTS, lake, lake / "none.duckdb", "2026-01").declaring(declared)


def test_a_step_cannot_read_what_it_did_not_declare(tmp_path: Path) -> None:
    with pytest.raises(
        UndeclaredRead, match="planner.goals is not among the declared inputs: planner.overrides"
    ):
        reader(tmp_path, ["planner.overrides"]).read("planner.goals")


def test_a_table_that_is_not_there_is_named_with_its_cycle(tmp_path: Path) -> None:
    with pytest.raises(MissingTable, match=r"planner\.goals of cycle 2026-01"):
        reader(tmp_path, ["planner.goals"]).read("planner.goals")
    with pytest.raises(UnknownTable, match="No contract declares planner.targets"):
        reader(tmp_path, ["planner.targets"]).read("planner.targets")


def test_decimals_are_numbers_and_dates_are_dates_in_planning_frames(tmp_path: Path) -> None:
    contract = CONTRACTS["planner.kpi_targets"]
    row = {"kpi_id": ["fill_rate"], "target_value": [0.95], "tolerance_value": [0.02], "owner": ["sop"]}
    table = pa.table(row).cast(pa.schema([(c.name, c.arrow_type) for c in contract.columns]))
    write_parquet(table, lake_file(tmp_path, contract.table, "2026-01"))
    frame = reader(tmp_path, [contract.table]).read(contract.table)
    assert frame["target_value"].dtype == "float64"
    assert frame["kpi_id"].tolist() == ["fill_rate"]
