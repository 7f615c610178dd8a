"""What your extracts must look like: print the source contract, or write empty CSV files with its headers.

    .venv/bin/python examples/contract/show_contract.py                     every table, one line each
    .venv/bin/python examples/contract/show_contract.py sales_order_lines   one table, column by column
    .venv/bin/python examples/contract/show_contract.py --templates DIR     a header-only CSV file for each table

Everything is read from the contract in dbt_project, so it cannot be out of date. Add here: another way to show a
contract. Keep out: anything about one company.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import Contract, load_contracts


def show_tables(contracts: list[Contract]) -> None:
    """One line a table: its file, whether a cycle can do without it, what a row is."""
    for contract in contracts:
        need = "mandatory" if contract.delivery["mandatory"] else "optional "
        print(f"{contract.table:<34} {need}  {contract.description}")


def show_columns(contract: Contract) -> None:
    """One line a column: name, type, whether every row needs a value, meaning."""
    print(f"{contract.table}: {contract.description}\nOne row for each: {', '.join(contract.grain)}\n")
    for column in contract.columns:
        need = "every row" if column.is_required else "may be empty"
        print(f"  {column.header:<26} {column.data_type:<15} {need:<13} {column.description}")


def write_templates(contracts: list[Contract], folder: Path) -> None:
    """Header-only CSV files, in a folder that must not hold such a file yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for contract in contracts:
        with open(folder / f"{contract.name}.csv", "x", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([column.header for column in contract.columns])
    print(f"{len(contracts)} files with a header and no row in {folder}")


def main(arguments: list[str]) -> None:
    """Run as the module says."""
    known = load_contracts(DBT_PROJECT_DIR)
    contracts = known.of_schema("contract") + known.of_schema("planner")
    if arguments[:1] == ["--templates"] and len(arguments) == 2:
        write_templates(contracts, Path(arguments[1]))
    elif arguments:
        unknown = [name for name in arguments if name not in {contract.name for contract in contracts}]
        if unknown:
            sys.exit(
                f"No table is called {', '.join(unknown)}. Known: {', '.join(c.name for c in contracts)}."
            )
        for name in arguments:
            show_columns(next(contract for contract in contracts if contract.name == name))
    else:
        show_tables(contracts)


if __name__ == "__main__":
    main(sys.argv[1:])
