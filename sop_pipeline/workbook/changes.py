"""What somebody said by a file: changes of cells and rows, and resolutions of conflicts; as records that are kept.

Add here: another kind of statement. Keep out: which statement holds (`merge`), where they are kept (`journal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sop_pipeline.workbook.values import Key, Row

Kind = Literal["update", "insert", "delete"]
WHOLE_ROW = "*"


@dataclass(frozen=True)
class Change:
    """One change of a planner input.

    update: cell `column` of the row from `base` to `value`. insert: a new row, in `row`. delete: the row as it was when
    the file was exported, in `row`. `row_number`: its row in the sheet or line in the file.
    """

    table: str
    key: Key
    kind: Kind
    column: str | None = None
    base: str | None = None
    value: str | None = None
    row: Row | None = None
    row_number: int | None = None

    def says(self) -> tuple[Any, ...]:
        """What it says, without where it stands: equal for two people who agree."""
        return self.kind, self.column, self.value, tuple(sorted(self.row.items())) if self.kind == "insert" and self.row else ()  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """As kept in the journal."""
        found = {"table": self.table, "key": list(self.key), "kind": self.kind, "row_number": self.row_number}
        if self.kind == "update":
            return found | {"column": self.column, "base": self.base, "value": self.value}
        return found | {"row": dict(self.row or {})}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Change:
        """From the journal."""
        return cls(
            table=found["table"], key=tuple(found["key"]), kind=found["kind"], column=found.get("column"),
            base=found.get("base"), value=found.get("value"), row=found.get("row"), row_number=found.get("row_number"),
        )  # fmt: skip


@dataclass(frozen=True)
class Resolution:
    """Who is right about a cell, or about a whole row (`column` = WHOLE_ROW), that two people changed differently."""

    table: str
    key: Key
    column: str
    take: str

    def to_json(self) -> dict[str, Any]:
        """As kept in the journal."""
        return {"table": self.table, "key": list(self.key), "column": self.column, "take": self.take}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Resolution:
        """From the journal."""
        return cls(found["table"], tuple(found["key"]), found["column"], found["take"])


@dataclass(frozen=True)
class Statement:
    """What one person said at one time: an import of a file, or a resolution. `number` counts them from 1 in a home."""

    number: int
    author: str
    cycle_id: str
    imported_at: str
    file_name: str = ""
    sha256: str = ""
    changes: tuple[Change, ...] = ()
    resolution: Resolution | None = None

    def to_json(self) -> dict[str, Any]:
        """As kept in the journal and in a delivery."""
        return {
            "number": self.number, "author": self.author, "cycle_id": self.cycle_id, "imported_at": self.imported_at,
            "file_name": self.file_name, "sha256": self.sha256, "changes": [change.to_json() for change in self.changes],
            "resolution": self.resolution.to_json() if self.resolution else None,
        }  # fmt: skip

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Statement:
        """From the journal."""
        resolution = found.get("resolution")
        return cls(
            number=found["number"], author=found["author"], cycle_id=found["cycle_id"], imported_at=found["imported_at"],
            file_name=found.get("file_name", ""), sha256=found.get("sha256", ""),
            changes=tuple(Change.from_json(change) for change in found.get("changes", ())),
            resolution=Resolution.from_json(resolution) if resolution else None,
        )  # fmt: skip
