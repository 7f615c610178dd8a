"""Whether a file that somebody sent may be opened at all; nothing here understands a workbook.

Only a plain .xlsx passes: no macros, no links to elsewhere, no embedded objects, no entities in its XML, of a size that
can be read. What passes is still parsed in a process of its own with bounded memory and time (`parse`).
Add here: a way in which a file could do harm before a cell is read. Keep out: what cells hold (`judge`).
"""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

LARGEST_FILE_BYTES = 50 << 20
LARGEST_CONTENT_BYTES = 100 << 20
LARGEST_RATIO = 100
JUDGED_FROM_BYTES = 1 << 20
"""A part smaller than this may be packed as tightly as it likes."""
MOST_PARTS = 2_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCTYPES = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY", "<!doctype", "<!entity")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)
_REFUSED_SUFFIXES = {
    ".xls": "It is the format of Excel 97: open it, and save it as 'Excel Workbook (*.xlsx)'",
    ".xlsb": "It is a binary workbook: open it, and save it as 'Excel Workbook (*.xlsx)'",
    ".xlsm": "It may hold macros: open it, and save it as 'Excel Workbook (*.xlsx)', without macros",
    ".xltx": "It is a template: open it, and save it as 'Excel Workbook (*.xlsx)'",
    ".ods": "It is an OpenDocument sheet: open it, and save it as 'Excel 2007-365 (.xlsx)'",
    ".xltm": "It may hold macros: open it, and save it as 'Excel Workbook (*.xlsx)', without macros",
}
_REFUSED_PARTS = {
    "xl/vbaproject": "holds macros. Save it as 'Excel Workbook (*.xlsx)', without macros",
    "xl/externallinks/": "is linked to other workbooks. Break the links (Data, Edit Links) so that values remain",
    "xl/embeddings/": "has an embedded object. Remove it",
    "xl/activex/": "has a control on a sheet. Remove it",
    "xl/ctrlprops/": "has a control on a sheet. Remove it",
    "xl/connections": "has a connection to a data source. Remove it (Data, Queries & Connections)",
    "xl/querytables/": "has a query of a data source. Remove it (Data, Queries & Connections)",
}


class RefusedFile(ValueError):
    """A file is not taken in; nothing of it is read any further. The message says why and what to do."""


def refuse_unsafe(path: Path) -> None:
    """Raise RefusedFile for anything but a plain, whole workbook of a size that can be read."""
    refuse_unreadable(path)
    suffix = path.suffix.lower()
    if suffix in _REFUSED_SUFFIXES:
        raise RefusedFile(
            f"{path.name} cannot be imported. {_REFUSED_SUFFIXES[suffix]}, and import that file."
        )
    if suffix != ".xlsx":
        raise RefusedFile(
            f"{path.name} is no workbook: give the .xlsx file that `sop workbook export` wrote, or a table as .csv."
        )
    with open(path, "rb") as file:
        head = file.read(8)
    if head == _OLE:
        raise RefusedFile(
            f"{path.name} is protected by a password, or an old .xls under a new name. Open it, take the password off "
            "(File, Info, Protect Workbook, Encrypt with Password: empty), save it as 'Excel Workbook (*.xlsx)', and "
            "import that file."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_parts(path, archive.infolist())
            _refuse_entities(path, archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise RefusedFile(
            f"{path.name} is damaged or no workbook ({error}). Open it in Excel, save it again, and import that file."
        ) from error


def refuse_unreadable(path: Path) -> None:
    """Raise RefusedFile for what is not a file of its own of a size that can be read."""
    if path.name.startswith("~$"):
        raise RefusedFile(
            f"{path.name} is the mark that Excel leaves while a workbook is open. Close the workbook and import "
            f"{path.name[2:]}."
        )
    try:
        facts = os.lstat(path)
    except OSError as error:
        raise RefusedFile(
            f"{path} cannot be read: {error.strerror}. Give the path of the file that came back."
        ) from error
    if stat.S_ISLNK(facts.st_mode) or not stat.S_ISREG(facts.st_mode):
        raise RefusedFile(
            f"{path} is not a file of its own. Links are not followed: give the file that they lead to."
        )
    if not facts.st_size:
        raise RefusedFile(f"{path.name} is empty: 0 bytes. Send it again.")
    if facts.st_size > LARGEST_FILE_BYTES:
        raise RefusedFile(
            f"{path.name} has {facts.st_size >> 20} MB; no workbook of planners is above {LARGEST_FILE_BYTES >> 20} MB. "
            "Start from a fresh export."
        )


def _refuse_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    total, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise RefusedFile(f"{path.name} consists of {len(parts)} parts. Start from a fresh export.")
    if total > LARGEST_CONTENT_BYTES:
        raise RefusedFile(
            f"{path.name} unpacks to {total >> 20} MB; no more than {LARGEST_CONTENT_BYTES >> 20} MB are read. Start from "
            "a fresh export, and paste values only."
        )
    tight = [
        part
        for part in parts
        if part.file_size > JUDGED_FROM_BYTES and part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
    ]
    if tight or (total > JUDGED_FROM_BYTES and total > LARGEST_RATIO * max(packed, 1)):
        raise RefusedFile(
            f"{path.name} is packed more than {LARGEST_RATIO} to 1, as a file that is made to exhaust a computer is. Start "
            "from a fresh export."
        )
    for part in parts:
        name = part.filename.casefold()
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name or "\0" in name:
            raise RefusedFile(
                f"{path.name} has a part whose name leads out of it ({part.filename[:60]!r}). It was not made by Excel."
            )
        if part.flag_bits & 1:
            raise RefusedFile(f"{path.name} is encrypted. Take the password off, and import the file again.")
        for start, why in _REFUSED_PARTS.items():
            if name.startswith(start):
                raise RefusedFile(f"{path.name} {why}, and import the file again.")
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise RefusedFile(
            f"{path.name} is an archive but no workbook. Give the .xlsx file that `sop workbook export` wrote."
        )


def _refuse_entities(path: Path, archive: zipfile.ZipFile) -> None:
    longest = max(map(len, _DOCTYPES))
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(part) as file:
            tail = b""
            while chunk := file.read(1 << 20):
                if any(mark in tail + chunk for mark in _DOCTYPES):
                    raise RefusedFile(
                        f"{path.name} declares XML entities ({part.filename}). No workbook of Excel does: it was made to "
                        "do harm, or damaged. Start from a fresh export."
                    )
                tail = chunk[-longest:]
