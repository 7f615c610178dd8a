"""One delivered file, from its bytes to typed rows, problems and counts.

Add here: a step that every file takes. Keep out: the steps themselves, each a module of its own.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.company import NOTHING_DECLARED, CompanyFormats
from sop_pipeline.delivery.formats import Format
from sop_pipeline.delivery.names import files_called, names_of
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.counts import check_counts
from sop_pipeline.warehouse.ingest.csv_files import (
    BrokenFile,
    in_utf_8,
    refuse_broken_rows,
    with_one_line_end,
)
from sop_pipeline.warehouse.ingest.header import match_columns
from sop_pipeline.warehouse.ingest.ingested import (
    QUARANTINE_SCHEMA,
    IngestedFile,
    RejectedFile,
    listed,
    with_provenance,
)
from sop_pipeline.warehouse.ingest.parquet_files import read_parquet_schema, type_problems
from sop_pipeline.warehouse.ingest.promised import (
    CHANGED_AT,
    Background,
    check_promise,
    clock_warnings,
    future_rule,
)
from sop_pipeline.warehouse.ingest.rows import (
    MEMORY_MB,
    list_faults,
    list_problems,
    only_in,
    problem_rows,
    put_plainly,
    read_text,
    scratch_database,
    set_repeated_keys_aside,
    write_good_rows,
)
from sop_pipeline.warehouse.ingest.scan import CsvFacts, scan_csv
from sop_pipeline.warehouse.ingest.value_rules import CHANGED_IN_THE_FUTURE

MAXIMUM_MB = 20_000
LONG_FILE_BYTES = 1 << 28


@dataclass(frozen=True)
class Limits:
    """What ingesting may use: `memory_mb` of the engine, `maximum_mb` of one file, `folder` for scratch and typed rows.

    `tell`: is told how far a long file has come.
    """

    memory_mb: int = MEMORY_MB
    maximum_mb: int = MAXIMUM_MB
    folder: Path | None = None
    tell: Callable[[str], None] | None = None


DEFAULT_LIMITS = Limits()
NOTHING_KNOWN = Background()


def delivered_file(
    contract: Contract, folder: Path, company: CompanyFormats = NOTHING_DECLARED
) -> Path | None:
    """The file of a table in a landing folder, under the name that the company or the contract declares."""
    names = names_of(contract.name, contract.meta.get("file"), company.files.get(contract.name))
    found = [path for path in files_called(folder, names) if path.is_file()]
    if len(found) > 1:
        raise RejectedFile(
            f"{contract.table}: {len(found)} files of {folder} are called as its file is: "
            f"{', '.join(path.name for path in found)}. Deliver one."
        )
    return found[0] if found else None


def ingest_file(
    contract: Contract,
    folder: Path,
    quarantine_maximum_ratio: float,
    company: CompanyFormats = NOTHING_DECLARED,
    limits: Limits = DEFAULT_LIMITS,
    delivery: AcceptedDelivery | None = None,
) -> IngestedFile:
    """Type one delivered table. `company`: what formats.yml declares; `delivery`: what is known of the whole delivery.

    An optional table that was not delivered is empty. Raises RejectedFile for a mandatory file that is missing, a file
    that is too large or broken (`scan`, `csv_files`, `parquet_files`), a header with missing, repeated or no columns,
    values written in another way than declared (decimal commas, dates with the day first), fewer rows than the contract
    asks for, and for more quarantined rows than `quarantine_maximum_ratio` of the file.
    """
    path = delivered_file(contract, folder, company)
    if path is None:
        return _not_delivered(contract, folder, limits)
    background = Background.of(delivery, path.name)
    return ingest_path(contract, path, quarantine_maximum_ratio, company, limits, background)


def ingest_path(
    contract: Contract,
    path: Path,
    quarantine_maximum_ratio: float,
    company: CompanyFormats = NOTHING_DECLARED,
    limits: Limits = DEFAULT_LIMITS,
    background: Background = NOTHING_KNOWN,
) -> IngestedFile:
    """Type one file of a table; raises as `ingest_file` does, and for a file that is not what its sender promised."""
    of_table = company.format_of(contract.schema, contract.name, contract.declared_format)
    formats = {
        column.name: company.format_of_column(
            contract.name, {column.name, column.header}, of_table, column.declared_format
        )
        for column in contract.columns
    }
    megabytes = path.stat().st_size / 1e6
    if megabytes > limits.maximum_mb:
        raise RejectedFile(
            f"{path.name} has {megabytes:,.0f} MB, more than the {limits.maximum_mb:,} MB that one file may have. Deliver "
            "less history or split the table, or raise SOP_FILE_MAXIMUM_MB if this is what was meant."
        )
    scratch = tempfile.TemporaryDirectory(prefix="sop-ingest-", dir=limits.folder)
    try:
        return _ingest(
            contract, path, of_table, formats, quarantine_maximum_ratio, scratch, limits, background
        )
    except BrokenFile as error:
        scratch.cleanup()
        raise RejectedFile(f"{path.name} {error}") from error
    except BaseException:
        scratch.cleanup()
        raise


def _ingest(
    contract: Contract,
    path: Path,
    written: Format,
    formats: Mapping[str, Format],
    quarantine_maximum_ratio: float,
    scratch: tempfile.TemporaryDirectory[str],
    limits: Limits,
    background: Background,
) -> IngestedFile:
    folder = Path(scratch.name)
    facts, read_from, sha256, columns, header = _look(contract, path, written, folder, limits)
    data = folder / "data.parquet"
    with scratch_database(folder, limits.memory_mb) as connection:
        only_in(connection, [folder, path.parent])
        delivered = read_text(connection, contract, read_from, facts, written, columns, folder)
        fixes, declared = put_plainly(connection, contract, formats, bool(facts and facts.is_ascii))
        fixes = _file_fixes(facts) + fixes
        check_promise(connection, contract, path, background.promise, delivered)
        copies = set_repeated_keys_aside(connection, contract)
        fixes += [f"{copies} rows that came twice, word for word"] if copies else []
        from_the_future = future_rule(contract, background.taken_at)
        accepted = write_good_rows(connection, contract, sha256, data, from_the_future)
        at_fault = list_faults(connection, data, delivered, accepted)
        if at_fault:
            named = {CHANGED_AT: f"when {from_the_future} then '{CHANGED_IN_THE_FUTURE}'"}
            list_problems(connection, contract, path.name, sha256, named if from_the_future else {})
        check_counts(
            connection, contract, path, read_from, formats, delivered, at_fault, quarantine_maximum_ratio
        )
        quarantined = problem_rows(connection) if at_fault else QUARANTINE_SCHEMA.empty_table()
        warnings = clock_warnings(connection, contract, background.taken_at)
    for litter in folder.iterdir():
        if litter != data and litter.is_file():
            litter.unlink()
    return IngestedFile(
        contract, path, sha256, data, quarantined, delivered, accepted, at_fault,
        tuple(name for name in header if name not in columns), tuple(fixes), tuple(declared), tuple(warnings), formats,
        scratch,
    )  # fmt: skip


def _look(
    contract: Contract, path: Path, written: Format, folder: Path, limits: Limits
) -> tuple[CsvFacts | None, Path, str, dict[str, Column], list[str]]:
    """Look at a file as a whole: its facts if it is CSV, what to read it from, its sha256, its columns, its header."""
    if path.suffix.casefold() == ".parquet":
        schema = read_parquet_schema(path)
        columns = match_columns(contract, path, list(schema.names))
        if problems := list(type_problems(schema, columns)):
            raise RejectedFile(listed(f"{path.name} does not have the types of {contract.table}", problems))
        return None, path, file_sha256(path), columns, list(schema.names)
    read_from, sha256 = path, ""
    if not written.is_utf_8:
        read_from = folder / "in_utf_8.csv"
        sha256 = in_utf_8(path, written.encoding, read_from)
    facts = scan_csv(read_from, written, _progress(path, limits))
    columns = match_columns(contract, path, list(facts.header), written.delimiter)
    if facts.is_suspicious:
        refuse_broken_rows(read_from, len(facts.header), written)
    if facts.has_mixed_line_ends:
        read_from = with_one_line_end(read_from, folder / "delivered.csv")
    return facts, read_from, sha256 or facts.sha256, columns, list(facts.header)


def _progress(path: Path, limits: Limits) -> Callable[[int], None] | None:
    """Tells of a long file how far it has been scanned, every tenth."""
    size, tell = path.stat().st_size, limits.tell
    if tell is None or size < LONG_FILE_BYTES:
        return None
    told = 0

    def on_bytes(read: int) -> None:
        nonlocal told
        tenth = min(10, 10 * read // size)
        if tenth > told:
            told = tenth
            tell(f"{path.name}: {10 * tenth} % of {size / 1e6:,.0f} MB checked")

    return on_bytes


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_delivered(contract: Contract, folder: Path, limits: Limits) -> IngestedFile:
    if contract.delivery.get("mandatory", True):
        expected = names_of(contract.name, contract.meta.get("file"), None)[0]
        raise RejectedFile(
            f"{contract.table}: mandatory file {expected} is not in {folder}. Deliver it and run again."
        )
    scratch = tempfile.TemporaryDirectory(prefix="sop-ingest-", dir=limits.folder)
    data = Path(scratch.name) / "data.parquet"
    pq.write_table(with_provenance(contract).empty_table(), data, compression="zstd")
    return IngestedFile(contract, None, None, data, QUARANTINE_SCHEMA.empty_table(), 0, 0, 0, scratch=scratch)


def _file_fixes(facts: CsvFacts | None) -> list[str]:
    if facts is None:
        return []
    found = {
        "byte order mark": facts.has_byte_order_mark,
        "mixed line ends": facts.has_mixed_line_ends,
        "last line without an end: is the file whole?": not facts.ends_with_line_end,
    }
    return [what for what, is_so in found.items() if is_so]
