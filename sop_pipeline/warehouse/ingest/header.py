"""The columns of a contract, found in a file by their names, in any order and case.

Add here: a rule on header lines. Keep out: values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from sop_pipeline.delivery.formats import DELIMITERS
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.csv_files import DELIMITER_NAMES
from sop_pipeline.warehouse.ingest.ingested import RejectedFile, listed, shown

PERSONAL_WORDS = frozenset(
    [
        "email",
        "mail",
        "phone",
        "telephone",
        "mobile",
        "fax",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "gender",
        "religion",
        "ssn",
        "passport",
        "iban",
        "bic",
        "salary",
        "wage",
        "password",
        "firstname",
        "lastname",
        "surname",
        "nationality",
    ]
)
"""Words in the name of a column that no table of ours has and no plan needs."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+")


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]


def match_columns(
    contract: Contract, path: Path, header: list[str], delimiter: str = ","
) -> dict[str, Column]:
    """Name in the file -> column of the contract; a column that may be left out, and is, is not among them.

    Raises RejectedFile for columns that are missing (with the one that was meant) or stand twice, for another delimiter,
    and for a file without a header line.
    """
    _check_header(contract, path, header, delimiter)
    found = _folded(header)
    return {
        header[found.index(column.header.casefold())]: column
        for column in contract.columns
        if column.header.casefold() in found
    }


def _check_header(contract: Contract, path: Path, header: list[str], delimiter: str) -> None:
    expected = [column.header for column in contract.columns]
    found = _folded(header)
    if not set(found) & set(_folded(expected)):
        raise RejectedFile(_no_header_message(contract, path, header, expected, delimiter))
    known = set(_folded(expected))
    problems = [
        f"column '{header[found.index(name)]}' stands {found.count(name)} times"
        for name in dict.fromkeys(found)
        if found.count(name) > 1
    ]
    unknown = [name for name in header if name.casefold() not in known]
    may_be_left_out = {column.header for column in contract.columns if column.is_optional}
    for name in expected:
        if name.casefold() not in found and name not in may_be_left_out:
            guess = get_close_matches(name.casefold(), _folded(unknown), n=1)
            words = f" (did you mean '{unknown[_folded(unknown).index(guess[0])]}'?)" if guess else ""
            problems.append(f"column '{name}' is missing{words}")
    if (
        "file" not in contract.meta
    ):  # an ERP's own tables have columns that nobody asked for, and that are not read
        problems += [
            f"column '{shown(name)}' looks like personal data, which nobody plans with: leave it out of the extract"
            for name in unknown
            if _is_personal(name)
        ]
    if problems:
        raise RejectedFile(
            listed(f"{path.name} does not have the header of {contract.table}", problems)
            + f"\nExpected: {', '.join(expected)}.\nFound: {', '.join(map(shown, header))}."
            + "\nName the columns as expected, in any order, and deliver the file again."
        )


def _is_personal(name: str) -> bool:
    """Whether a column's name says that it is about a person, not a company: `customer_email`, `birthDate`, `IBAN`."""
    words = {word.casefold() for word in _WORDS.findall(name.replace("-", "_"))}
    return bool(words & PERSONAL_WORDS)


def _no_header_message(
    contract: Contract, path: Path, header: list[str], expected: list[str], delimiter: str
) -> str:
    first, wanted = delimiter.join(header), DELIMITER_NAMES[delimiter][1]
    for other in DELIMITERS:
        if other != delimiter and set(_folded(part.strip('" ') for part in first.split(other))) & set(
            _folded(expected)
        ):
            return (
                f"{path.name} is separated by {DELIMITER_NAMES[other][1]}, not by {wanted}: its first line is "
                f"{shown(first)}. Export it with {wanted}, and with quotes around texts that hold one; or declare "
                f"delimiter: {other!r} for it in formats.yml."
            )
    return (
        f"{path.name} has no header line: its first line is {shown(first)}, and none of that is a column of "
        f"{contract.table}. Export it with the column names in the first line: {', '.join(expected)}."
    )
