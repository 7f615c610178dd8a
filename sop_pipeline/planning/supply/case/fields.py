"""What a column and a file of a case are: meaning, unit, default, key.

Add here: another property of a column. Keep out: the columns themselves (`tables`), how they are checked (`reading`).
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SITE, DEFAULT_CHANNEL = "main", "all"
NOT_LIMITED = float("inf")


@dataclass(frozen=True)
class Field:
    """A column: its meaning and unit, whether it must be there, and what an empty cell says.

    `default`: text, number, or None where an empty cell has no value of its own (the description says what then).
    """

    name: str
    description: str
    is_number: bool = False
    is_required: bool = False
    default: str | float | None = None
    accepted_values: tuple[str, ...] = ()
    is_above_zero: bool = False


@dataclass(frozen=True)
class CaseTable:
    """A file of a case: rows by key."""

    name: str
    description: str
    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    other_names: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, Field]:
        """Fields by name."""
        return {field.name: field for field in self.fields}


def key(name: str, description: str) -> Field:
    """A column that every row must name."""
    return Field(name, description, is_required=True)


def number(
    name: str,
    description: str,
    default: float | None = None,
    is_required: bool = False,
    is_above_zero: bool = False,
) -> Field:
    """A column of numbers."""
    return Field(
        name,
        description,
        is_number=True,
        is_required=is_required,
        default=default,
        is_above_zero=is_above_zero,
    )
