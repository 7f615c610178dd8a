"""Whole deliveries of every source, small enough to be spoilt hundreds of times: what is wrong in a test is what it says.

Rows are made from the contracts, so that a new mandatory column or table needs nothing here.
"""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.sources.adventureworks import REQUIRED_PARAMETERS, AdventureWorksSource
from sop_pipeline.sources.demo import DemoSource
from sop_pipeline.sources.extract_folder import ExtractFolderSource
from sop_pipeline.sources.landing import accepted_delivery, land
from sop_pipeline.sources.protocol import DeliveryRequest, Source
from sop_pipeline.warehouse.contracts import Column, Contract, load_contracts
from sop_pipeline.warehouse.ingest import IngestedFile, ingest_file

sys.path.insert(0, str(Path(__file__).parent))  # `companies` is shared by the tests of this folder

CYCLE = "2026-01"
LAST_CLOSED_DAY = date(2025, 12, 30)
ROWS = 400
"""One bad row of 400 is 0.25 %: less than the half percent that may be kept out."""
SPOILT_ROW = 3
"""The row that defects of single values are put into: line 4 of a CSV file, row 3 of a Parquet file."""


def value_of(column: Column, row: int, is_key: bool) -> Any:
    """A good value of a column; keys differ from row to row."""
    if column.accepted_values:
        return pa.scalar(column.accepted_values[0]).cast(column.arrow_type).as_py()
    if column.data_type == "varchar":
        return f"{column.name[:1].upper()}{row:04d}" if is_key else f"some {column.name}"
    if column.data_type == "boolean":
        return True
    if column.data_type == "date":
        return LAST_CLOSED_DAY
    if column.data_type == "timestamp":
        return None
    if column.data_type in ("integer", "bigint"):
        return row if is_key else 1
    return Decimal(1)


def good_table(contract: Contract, rows: int) -> pa.Table:
    """Rows that the contract accepts, under the names of the delivered file."""
    keys = contract.grain or (contract.columns[0].name,)
    return pa.table(
        {
            column.header: pa.array(
                [value_of(column, row, column.name in keys) for row in range(1, rows + 1)], column.arrow_type
            )
            for column in contract.columns
        }
    )


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(header), *rows])


def as_text(table: pa.Table) -> list[list[str]]:
    def text(value: Any) -> str:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    return [[text(value) for value in row.values()] for row in table.to_pylist()]


@dataclass
class Extract:
    """The file that a defect spoils, and the columns of it that stand for all of their kind.

    `roles`: code, number and day -> the column's name in the file.
    """

    contract: Contract
    path: Path
    roles: dict[str, str]

    @property
    def is_csv(self) -> bool:
        return self.path.suffix == ".csv"

    def spoil_bytes(self, change: Callable[[bytes], bytes]) -> None:
        """Change the file's bytes."""
        self.path.write_bytes(change(self.path.read_bytes()))

    def spoil_rows(self, change: Callable[[list[str], list[list[str]]], None]) -> None:
        """Change header and rows as text; a Parquet file gets columns of text by it."""
        if self.is_csv:
            header, *rows = csv.reader(io.StringIO(self.path.read_text(encoding="utf-8")))
            change(header, rows)
            write_csv(self.path, header, rows)
            return
        table = pq.read_table(self.path)
        header, rows = list(table.column_names), as_text(table)
        change(header, rows)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
        arrays = [pa.array([value or None for value in column], pa.string()) for column in columns]
        pq.write_table(pa.Table.from_arrays(arrays, names=header), self.path)

    def put(self, role: str, text: str, row: int = SPOILT_ROW) -> None:
        """Write a text into one row."""

        def change(header: list[str], rows: list[list[str]]) -> None:
            rows[row - 1][header.index(self.roles[role])] = text

        self.spoil_rows(change)

    def retype(self, role: str, kind: pa.DataType, values: Callable[[int], Any]) -> None:
        """Give a Parquet column another type."""
        table = pq.read_table(self.path)
        place = table.column_names.index(self.roles[role])
        array = pa.array([values(row) for row in range(1, table.num_rows + 1)], kind)
        pq.write_table(table.set_column(place, self.roles[role], array), self.path)


@dataclass
class Delivery:
    """A whole delivery of one source, of which one file is about to be spoilt."""

    source: Source
    input_dir: Path | None
    planner_dir: Path | None
    extract: Extract
    landing_dir: Path
    kept_out_maximum: float = 0.005
    files: list[str] = field(default_factory=list)

    def land(self) -> Path:
        """Let it land as the refresh does; return the folder of what landed."""
        request = DeliveryRequest(CYCLE, self.landing_dir, self.input_dir, self.planner_dir)
        land(self.source, request, self.landing_dir)
        return accepted_delivery(self.landing_dir, self.source.name, CYCLE).folder

    def ingest(self, kept_out_maximum: float | None = None) -> IngestedFile:
        """Let it land, and type the spoilt table."""
        maximum = self.kept_out_maximum if kept_out_maximum is None else kept_out_maximum
        return ingest_file(self.extract.contract, self.land(), maximum)


@dataclass(frozen=True)
class SpoiltDemo:
    """The demo company as it is, except that what it wrote was spoilt before it landed."""

    folder: Path
    name: str = "demo"
    system: str = "contract"

    def deliver(self, request: DeliveryRequest) -> None:
        shutil.copytree(self.folder, request.folder, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def demo_delivery(smallest_scale: float, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the smallest demo company delivers for its first cycle."""
    folder = tmp_path_factory.mktemp("demo_delivery")
    world = tmp_path_factory.mktemp("demo_world")
    DemoSource(scale=smallest_scale, seed=7).deliver(DeliveryRequest(CYCLE, folder, world_dir=world))
    return folder


@pytest.fixture(scope="session")
def good_folders(demo_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each kind of delivery, with nothing wrong in it; tests spoil copies."""
    root = tmp_path_factory.mktemp("good")
    contracts = load_contracts(DBT_PROJECT_DIR)
    for kind, system, spoilt in KINDS:
        folder = root / kind / "extracts"
        if kind == "demo":
            folder.mkdir(parents=True)
            for file in demo_delivery.iterdir():
                if (
                    file.stat().st_size < 100_000
                ):  # the long tables are the same to every test, and dear to copy
                    shutil.copyfile(file, folder / file.name)
            continue
        folder.mkdir(parents=True)
        for contract in contracts.of_schema(system):
            if contract.delivery.get("mandatory", True):
                table = good_table(contract, ROWS if contract.table == spoilt else 1)
                if kind == "contract_csv":
                    write_csv(folder / f"{contract.name}.csv", table.column_names, as_text(table))
                else:
                    pq.write_table(table, folder / contract.meta.get("file", f"{contract.name}.parquet"))
        if system == "adventureworks":
            planner = root / kind / "planner"
            planner.mkdir()
            parameters = contracts["planner.planning_parameters"]
            rows = [[name, "company", "all", "1", "ratio", "test"] for name in REQUIRED_PARAMETERS]
            write_csv(planner / "planning_parameters.csv", [c.header for c in parameters.columns], rows)
            goals = good_table(contracts["planner.goals"], ROWS)
            write_csv(planner / "goals.csv", goals.column_names, as_text(goals))
    return root


KINDS = [
    ("demo", "contract", "contract.standard_costs"),
    ("contract_csv", "contract", "contract.sales_order_lines"),
    ("contract_parquet", "contract", "contract.sales_order_lines"),
    ("adventureworks", "adventureworks", "adventureworks.product"),
    ("adventureworks_planner", "adventureworks", "planner.goals"),
]
"""Kind of delivery, its system, and the table of it that is spoilt."""
CSV_KINDS = ["demo", "contract_csv", "adventureworks_planner"]
PARQUET_KINDS = ["contract_parquet", "adventureworks"]

ROLES = {
    "contract.standard_costs": {"code": "item_id", "number": "unit_cost", "day": "valid_from_date"},
    "contract.sales_order_lines": {"code": "item_id", "number": "ordered_quantity", "day": "ordered_date"},
    "adventureworks.product": {"code": "ProductNumber", "number": "StandardCost", "day": "SellStartDate"},
    "planner.goals": {"code": "level_id", "number": "goal_value", "day": "period_start_date"},
}


@pytest.fixture
def delivery_of(good_folders: Path, tmp_path: Path) -> Callable[[str], Delivery]:
    """A delivery of a kind, to be spoilt."""

    def made(kind: str) -> Delivery:
        system, spoilt = next((system, table) for name, system, table in KINDS if name == kind)
        shutil.copytree(good_folders / kind, tmp_path / kind)
        folder, planner = tmp_path / kind / "extracts", tmp_path / kind / "planner"
        contract = load_contracts(DBT_PROJECT_DIR)[spoilt]
        suffix = "csv" if kind in CSV_KINDS else "parquet"
        place = planner if spoilt.startswith("planner.") else folder
        path = place / contract.meta.get("file", f"{contract.name}.{suffix}")
        source: Source = {
            "contract": ExtractFolderSource("contract", "contract"),
            "adventureworks": AdventureWorksSource(),
        }[system]
        if kind == "demo":
            source = SpoiltDemo(folder)
        return Delivery(
            source,
            folder,
            planner if planner.is_dir() else None,
            Extract(contract, path, ROLES[spoilt]),
            tmp_path / "landing",
        )

    return made
