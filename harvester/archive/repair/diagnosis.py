"""Find what is wrong with an archive. Changes nothing.

Each fault has a kind, which tells ``fix`` what to repair. Whether rows are those that
were sealed is checked by ``integrity.verify``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harvester.archive import schema
from harvester.archive.connection import is_immutable, open_reader
from harvester.archive.integrity import values
from harvester.archive.records import counts
from harvester.archive.repair import (
    encoding,
    files,
    indexes,
    orphans,
    revisit_records,
    sealed_versions,
    wal,
)
from harvester.archive.repair.btree import DatabaseFile
from harvester.archive.repair.row_samples import Extent, RowSample
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.upkeep import optimise
from harvester.errors import ArchiveError, NotAnArchive

FaultKind = Literal[
    "file",
    "index",
    "definitions",
    "rows",
    "values",
    "encoding",
    "fulltext",
    "shingles",
    "counts",
    "purge",
    "missing file",
    "short file",
    "torn file",
    "permissions",
    "leftover file",
]
# The next crawl repairs it, or it only costs space.
HARMLESS_KINDS = ("torn file", "permissions", "leftover file")
MAX_WHOLE_BYTES = 500_000_000  # of larger archives a sample is checked, unless asked
# What is checked, in this order.
STEPS = (
    "pages and indexes",
    "references between rows",
    "values of rows",
    "texts",
    "what is derived from rows",
    "WARC files",
    "full-text index",
)
MAX_LISTED_FAULTS = 5  # of SQLite's own check
INDEX_FAULT_MESSAGES = (
    "missing from index",
    "wrong # of entries in index",
    "non-unique entry in index",
)
# A file with two of these tables was an archive.
_CHARACTERISTIC_TABLES = {
    "versions",
    "captures",
    "articles",
    "entries",
    "feeds",
    "sightings",
    "readings",
    "seals",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an archive."""

    kind: FaultKind
    message: str

    @property
    def is_serious(self) -> bool:
        """Whether something is, or will be, lost or wrong because of it."""
        return self.kind not in HARMLESS_KINDS


def choose_extent(archive: Path) -> Extent:
    """What is checked unless more is asked for: all of an archive that is not large."""
    size = archive.stat().st_size if archive.is_file() else 0
    return "all" if size < MAX_WHOLE_BYTES else "sample"


def find_faults(
    archive: Path,
    folder: Path | None,
    in_use: bool = False,
    extent: Extent = "all",
    report: Callable[[str], None] = lambda step: None,
) -> list[Fault]:
    """Find all faults, those of the file itself first.

    If another program holds the archive (``in_use``), checks that could disturb it are
    left out. ``extent``: see ``row_samples``; of a sample, pages and indexes are read
    as far as its rows need them. ``report`` is called with each of ``STEPS`` before it
    begins. Raises ArchiveNotFound, NotAnArchive, ArchiveTooNew or ArchiveError if
    the archive cannot be checked at all.
    """
    faults = [] if in_use else list(_check_wal(archive))
    # The full-text check is a write, which would discard what a damaged log holds.
    check_fulltext = not in_use and not faults
    try:
        with closing(open_reader(archive, allow_older=True)) as connection:
            sample = RowSample(connection, extent)
            with translate_sqlite_errors(archive):
                faults += _check_database(
                    connection, archive, folder, in_use, sample, check_fulltext, report
                )
    except NotAnArchive:
        if not _is_our_archive(archive):
            raise
        message = "the file's header is damaged: SQLite does not see a database"
        faults.append(Fault("file", message))
    except ArchiveError as error:
        if "is damaged" not in str(error):
            raise
        message = str(error).removeprefix(f"{archive} is damaged: ")
        faults.append(Fault("file", message))
    if not in_use:
        faults += _check_other_files(archive, folder)
    return faults


def _is_our_archive(archive: Path) -> bool:
    """Whether a file that SQLite does not recognise was an archive."""
    if not archive.is_file():
        return False
    with closing(DatabaseFile(archive)) as database:
        records = [values for _, values in database.read_table(1)]
        database.seen_pages.clear()
        for _, rows in database.read_stray_pages():
            records += [values for _, values in rows]
    names = {values[1] for values in records if len(values) == 5}
    return len(_CHARACTERISTIC_TABLES & names) >= 2


def _check_wal(archive: Path) -> Iterator[Fault]:
    path = archive.with_name(f"{archive.name}-wal")
    log = wal.read_wal(path)
    if log.header_damaged:
        yield Fault(
            "file",
            f"the header of the log {path} is damaged: the latest commits are hidden",
        )
    elif log.hidden_commits:
        yield Fault(
            "file",
            f"the log {path} is damaged: visible commits {log.visible_commits}, "
            f"hidden commits {log.hidden_commits}",
        )


def _check_database(
    connection: sqlite3.Connection,
    archive: Path,
    folder: Path | None,
    in_use: bool,
    sample: RowSample,
    check_fulltext: bool,
    report: Callable[[str], None],
) -> Iterator[Fault]:
    # Undecodable text must not end the check.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    report("pages and indexes")
    structural = list(_check_pages(connection) if sample.is_whole else ())
    structural += _check_definitions(connection)
    yield from structural
    if any(fault.kind == "file" for fault in structural):
        return
    report("references between rows")
    yield from _check_references(connection, sample)
    report("values of rows")
    yield from _check_rows(connection, sample)
    if sample.is_whole:
        for value in values.find_damaged_values(connection, MAX_LISTED_FAULTS):
            yield Fault("values", f"{value.table}, row {value.row}: {value.fault}")
    report("texts")
    yield from _check_content(connection, sample)
    version = connection.execute("pragma user_version").fetchone()[0]
    if version >= schema.SCHEMA_VERSION:
        report("what is derived from rows")
        yield from _check_derived(connection, sample)
        if sample.is_whole:
            for message in counts.find_wrong_counts(connection):
                yield Fault("counts", message)
    report("WARC files")
    yield from _check_warc_files(connection, folder, in_use, sample)
    if not structural:
        report("full-text index")
        # SQLite's own check is a write.
        if in_use or not sample.is_whole or is_immutable(archive):
            problem = indexes.check_fulltext_rows(connection, sample)
        else:
            problem = indexes.check_fulltext_index(archive) if check_fulltext else ""
        if problem:
            yield Fault("fulltext", f"the full-text index is damaged: {problem}")


def _check_pages(connection: sqlite3.Connection) -> Iterator[Fault]:
    try:
        for (message,) in connection.execute(
            f"pragma integrity_check({MAX_LISTED_FAULTS})"
        ):
            if message != "ok":
                kind: FaultKind = (
                    "index"
                    if any(part in message for part in INDEX_FAULT_MESSAGES)
                    else "file"
                )
                yield Fault(
                    kind, f"the file is damaged: {' '.join(str(message).split())}"
                )
    except sqlite3.DatabaseError as error:
        yield Fault("file", f"the file is damaged: {error}")


def _check_definitions(connection: sqlite3.Connection) -> Iterator[Fault]:
    for message in indexes.find_altered_definitions(connection):
        yield Fault("file", message)


def _check_references(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[Fault]:
    for foreign_key in orphans.list_foreign_keys(connection):
        count = orphans.count_dangling_rows(connection, foreign_key, sample)
        if count:
            yield Fault(
                "rows",
                f"rows of {foreign_key.table} that reference a missing row of "
                f"{foreign_key.parent_table} ({foreign_key.column}): {count}",
            )


def _check_rows(connection: sqlite3.Connection, sample: RowSample) -> Iterator[Fault]:
    articles = sample.source("articles")
    for message in optimise.check_current_versions(connection, articles):
        yield Fault("rows", message)
    miscounted = connection.execute(
        f"""
        select count(*) from {articles} a where a.versions <> (
            select count(*) from versions v where v.article = a.key
        )
        """
    ).fetchone()[0]
    if miscounted:
        yield Fault("rows", f"articles with a wrong count of versions: {miscounted}")
    broken = revisit_records.count_broken_references(
        connection, sample.source("captures")
    )
    if broken:
        yield Fault("rows", f"captures whose body is not in the record named: {broken}")
    for table, column, count in orphans.list_invalid_json(connection, sample):
        yield Fault("rows", f"rows of {table} with invalid JSON in {column}: {count}")
    stuck = connection.execute(
        """
        select count(*) from entries
        where outcome = 'waiting' and due is null and address <> ''
        """
    ).fetchone()[0]
    if stuck:
        yield Fault(
            "rows", f"entries that wait for their page and are not due: {stuck}"
        )


def _check_content(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[Fault]:
    for table, column, row_id, _ in encoding.find_invalid_text(connection, sample):
        yield Fault("encoding", f"row {row_id} of {table}: {column} is not valid text")
    if indexes.has_table(connection, "seals"):
        changed = sealed_versions.find_changed_versions(connection, sample)
        for version_id, values in changed:
            columns = " and ".join(values)
            yield Fault(
                "rows", f"row {version_id} of versions: {columns} differ from the seal"
            )


def _check_derived(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[Fault]:
    for message in optimise.check_index_counts(connection):
        yield Fault("fulltext", message)
    for message in indexes.check_shingle_index(connection, sample):
        yield Fault("shingles", message)
    for message in optimise.check_unfinished_purge(connection):
        yield Fault("purge", message)
    for kind, name, _ in indexes.find_missing_definitions(connection):
        yield Fault("definitions", f"the {kind} {name} is missing")


def _check_warc_files(
    connection: sqlite3.Connection,
    folder: Path | None,
    in_use: bool,
    sample: RowSample,
) -> Iterator[Fault]:
    if folder is None:
        count = connection.execute(
            f"""
            select count(*) from {sample.source("captures")}
            where file is not null"""
        ).fetchone()[0]
        if count:
            yield Fault(
                "missing file",
                f"captures stored in files: {count}; the settings name no captures "
                "folder",
            )
        return
    for short_file in files.find_short_files(connection, folder, sample):
        path, count = short_file.path, short_file.capture_count
        if short_file.size < 0:
            yield Fault(
                "missing file",
                f"{path} is missing, with captures: {count}; restore it from a backup",
            )
        else:
            yield Fault(
                "short file",
                f"{path} is cut short: it has {short_file.size} bytes, captures reach "
                f"to {short_file.expected_size}",
            )
    if not in_use:
        for path, end in files.find_torn_files(connection, folder, sample):
            yield Fault(
                "torn file",
                f"{path} ends with an incomplete record at {end}; the next crawl "
                "removes it",
            )


def _check_other_files(archive: Path, folder: Path | None) -> Iterator[Fault]:
    readable = files.find_files_readable_by_others(archive, folder)
    if readable:
        others = len(readable) - 1
        more = f" and {others} more file{'s' if others > 1 else ''}" if others else ""
        yield Fault(
            "permissions",
            f"{readable[0]}{more} can be read by others, and feed URLs may contain "
            "secrets (chmod 600)",
        )
    for path in files.find_leftover_files(archive, folder):
        yield Fault("leftover file", f"{path} was left behind by a killed program")
