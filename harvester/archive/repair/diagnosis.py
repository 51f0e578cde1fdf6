"""What is wrong with an archive, each fault with its kind: by that ``fix`` knows what to do. Changes nothing.

Not for: whether rows are those that were sealed (``verify``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harvester.archive import schema
from harvester.archive.connection import open_reader, translate_sqlite_errors
from harvester.archive.repair import (
    encoding,
    files,
    indexes,
    orphans,
    sealed_versions,
    wal,
)
from harvester.archive.repair.btree import DatabaseFile
from harvester.archive.upkeep import optimise
from harvester.errors import ArchiveError, NotAnArchive

FaultKind = Literal["file", "index", "definitions", "rows", "letters", "words", "shingles", "purge", "missing", "short", "torn", "rights", "left"]  # fmt: skip
MAX_THOROUGH_BYTES = 500_000_000  # bytes of an archive up to which it is looked through wholly without being asked
MAX_LISTED_FAULTS = 5  # of faults of one kind
INDEX_FAULT_MESSAGES = (
    "missing from index",
    "wrong # of entries in index",
    "non-unique entry in index",
)
HARMLESS_KINDS = (
    "torn",
    "rights",
    "left",
)  # the next crawl mends it, or it costs nothing but room


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, in words."""

    kind: FaultKind
    message: str

    @property
    def is_serious(self) -> bool:
        """Whether something is, or will be, lost or wrong by it."""
        return self.kind not in HARMLESS_KINDS


def find_faults(
    archive: Path,
    folder: Path | None,
    in_use: bool = False,
    thorough: bool | None = None,
) -> list[Fault]:
    """All faults, those of the file itself first. ``held``: another program has the archive, so what could disturb it is left
    out. Raises ArchiveMissing, NotAnArchive, NewerArchive, ArchiveError where it cannot be looked into at all."""
    found = [] if in_use else list(_check_wal(archive))
    try:
        with closing(open_reader(archive, allow_older=True)) as connection:
            size = archive.stat().st_size
            whole = size < MAX_THOROUGH_BYTES if thorough is None else thorough
            # The full-text index is asked by a write, and that would end a damaged log.
            found += _check_database(
                connection,
                archive,
                folder,
                in_use,
                whole,
                check_fulltext=not in_use and not found,
            )
    except NotAnArchive:
        if not _is_our_archive(archive):
            raise
        found.append(
            Fault(
                "file", "its header is damaged: SQLite does not know it for a database"
            )
        )
    except ArchiveError as error:
        if "is damaged" not in str(error):
            raise
        found.append(Fault("file", str(error).removeprefix(f"{archive} is damaged: ")))
    if not in_use:
        found += _check_other_files(archive, folder)
    return found


def _is_our_archive(archive: Path) -> bool:
    """Whether a file that SQLite does not know was an archive."""
    if not archive.is_file():
        return False
    with closing(DatabaseFile(archive)) as pages:
        rows = [values for _, values in pages.read_table(1)]
        pages.seen_pages.clear()
        rows += [values for _, some in pages.read_stray_pages() for _, values in some]
        names = {values[1] for values in rows if len(values) == 5}
    return (
        len(
            {
                "versions",
                "captures",
                "articles",
                "entries",
                "feeds",
                "sightings",
                "readings",
                "seals",
            }
            & names
        )
        >= 2
    )


def _check_wal(archive: Path) -> Iterator[Fault]:
    path = archive.with_name(f"{archive.name}-wal")
    found = wal.read_wal(path)
    if found.header_damaged:
        yield Fault(
            "file",
            f"the log {path} is damaged at its beginning: what was committed last is not seen",
        )
    elif found.hidden_commits:
        words = f"the log {path} is damaged behind {found.visible_commits} commits: {found.hidden_commits} more are not seen"
        yield Fault("file", words)


def _check_database(
    connection: sqlite3.Connection,
    archive: Path,
    folder: Path | None,
    in_use: bool,
    thorough: bool,
    check_fulltext: bool,
) -> Iterator[Fault]:
    connection.text_factory = lambda raw: raw.decode(
        "utf-8", "replace"
    )  # damage must not end the search
    with translate_sqlite_errors(archive):
        said = list(_check_pages(connection, thorough))
        said += [
            Fault("file", words)
            for words in indexes.find_altered_definitions(connection)
        ]
        yield from said
        if any(one.kind == "file" for one in said):
            return
        yield from _check_rows(connection)
        if thorough:
            for table, column, row, _ in encoding.find_invalid_text(connection):
                yield Fault(
                    "letters", f"row {row} of {table}: its {column} is no text any more"
                )
        if (
            thorough
            and connection.execute(
                "select 1 from sqlite_master where name = 'seals'"
            ).fetchone()
        ):
            for row, back in sealed_versions.find_changed_versions(connection):
                yield Fault(
                    "rows",
                    f"row {row} of versions: {' and '.join(back)} are not as they were sealed",
                )
        older = (
            connection.execute("pragma user_version").fetchone()[0]
            < schema.SCHEMA_VERSION
        )
        if not older:
            yield from (
                Fault("words", words)
                for words in optimise.check_index_counts(connection)
            )
            yield from (
                Fault("shingles", words)
                for words in indexes.check_shingle_index(connection)
            )
            yield from (
                Fault("purge", words)
                for words in optimise.check_unfinished_purge(connection)
            )
            for kind, name, _ in indexes.find_missing_definitions(connection):
                yield Fault("definitions", f"the {kind} {name} is missing")
        yield from _check_warc_files(connection, folder, in_use)
        if check_fulltext and not said:
            fault = indexes.check_fulltext_index(archive)
            if fault:
                yield Fault("words", f"the full-text index is damaged: {fault}")


def _check_pages(connection: sqlite3.Connection, thorough: bool) -> Iterator[Fault]:
    check = "integrity_check" if thorough else "quick_check"
    try:
        for (words,) in connection.execute(f"pragma {check}({MAX_LISTED_FAULTS})"):
            if words != "ok":
                kind: FaultKind = (
                    "index"
                    if any(mark in words for mark in INDEX_FAULT_MESSAGES)
                    else "file"
                )
                yield Fault(
                    kind, f"the file is damaged: {' '.join(str(words).split())}"
                )
    except sqlite3.DatabaseError as error:
        yield Fault("file", f"the file is damaged: {error}")


def _check_rows(connection: sqlite3.Connection) -> Iterator[Fault]:
    for link in orphans.list_foreign_keys(connection):
        count = orphans.count_dangling_rows(connection, link)
        if count:
            words = f"{count} rows of {link.table} point at rows of {link.parent_table} that are not there ({link.column})"
            yield Fault("rows", words)
    yield from (
        Fault("rows", words) for words in optimise.check_current_versions(connection)
    )
    wrong = connection.execute(
        "select count(*) from articles where versions <> (select count(*) from versions v where v.article = articles.key)"
    ).fetchone()[0]
    if wrong:
        yield Fault(
            "rows",
            f"{wrong} articles say that they have another number of versions than are held",
        )
    for table, column, count in orphans.list_invalid_json(connection):
        yield Fault(
            "rows",
            f"{count} rows of {table} hold no JSON where there should be some ({column})",
        )
    stuck = connection.execute(
        "select count(*) from entries where outcome = 'waiting' and due is null and address <> ''"
    ).fetchone()[0]
    if stuck:
        yield Fault("rows", f"{stuck} entries wait for their page, and are never due")


def _check_warc_files(
    connection: sqlite3.Connection, folder: Path | None, in_use: bool
) -> Iterator[Fault]:
    if folder is None:
        count = connection.execute(
            "select count(*) from captures where file is not null"
        ).fetchone()[0]
        if count:
            yield Fault(
                "missing",
                f"{count} captures are in files, and the settings name no captures folder",
            )
        return
    for one in files.find_short_files(connection, folder):
        if one.size < 0:
            words = f"{one.path} is missing: {one.capture_count} captures are in it; put it back from a backup"
            yield Fault("missing", words)
        else:
            words = f"{one.path} is cut short: {one.size} bytes, and captures reach to {one.expected_size}"
            yield Fault("short", words)
    if not in_use:
        for path, whole in files.find_torn_files(connection, folder):
            yield Fault(
                "torn",
                f"{path} ends with half a record, at {whole}; the next crawl cuts it",
            )


def _check_other_files(archive: Path, folder: Path | None) -> Iterator[Fault]:
    wide = files.find_files_readable_by_others(archive, folder)
    if wide:
        more = f" and {len(wide) - 1} more files" if len(wide) > 1 else ""
        yield Fault(
            "rights",
            f"{wide[0]}{more} can be read by others; addresses of feeds may carry secrets (chmod 600)",
        )
    for path in files.find_leftover_files(archive, folder):
        yield Fault("left", f"{path} was left lying by a program that was killed")
