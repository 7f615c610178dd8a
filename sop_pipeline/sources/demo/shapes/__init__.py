"""The demo company's delivery in the tables of another ERP: what that ERP's own extract of the same company would be.

A shape is a module with one function, `files_of(tables, cycle_id)`: from the delivery in our own contract, as typed frames
(`tables.read_tables`), to the ERP's files as text (`tables.ShapeFile`). Traps of the ERP are used on purpose: prices per
100, padded numbers, unit fractions, cancelled and deleted rows that staging has to see through.
Add here: a shape, as one module and one line of SHAPES. Keep out: reading and writing of files (`tables`), and anything
that staging would have to know of the demo company.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables, read_tables, write_file
from sop_pipeline.sources.folders import declared_files

CONTRACT = "contract"
SHAPES: dict[str, str] = {
    "sap": "sop_pipeline.sources.demo.shapes.sap",
    "erpnext": "sop_pipeline.sources.demo.shapes.erpnext",
    "odoo": "sop_pipeline.sources.demo.shapes.odoo",
}
"""Shape -> module of its function `files_of`; the shape's name is the name of its source."""


def shape_names() -> list[str]:
    """What a delivery can be written as, our own contract first."""
    return [CONTRACT, *SHAPES]


def write_shape(shape: str, delivery: Path, folder: Path, cycle_id: str) -> list[Path]:
    """Write a delivery in our own contract as the files of a shape; the planners' files go beside them unchanged.

    Returns the files written, by name. Raises KeyError for an unknown shape.
    """
    folder.mkdir(parents=True, exist_ok=True)
    planner = [path for file in declared_files("planner") for path in file.found_in(delivery)]
    if shape == CONTRACT:
        copied, made = sorted(path for path in delivery.iterdir() if path.is_file()), []
    else:
        files_of: Callable[[Tables, str], list[ShapeFile]] = import_module(SHAPES[shape]).files_of
        copied, made = planner, files_of(read_tables(delivery), cycle_id)
    for path in copied:
        shutil.copyfile(path, folder / path.name)
    for file in made:
        write_file(file, folder)
    return sorted(folder / name for name in [*(path.name for path in copied), *(file.name for file in made)])
