"""Mending what ``look`` found: after a copy, and under the lock of who calls. What is lost is said by name.

Not for: reading captures again (``ingest``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import BUSY_TIMEOUT_SECONDS, translate_sqlite_errors
from harvester.archive.repair import (
    encoding,
    files,
    indexes,
    losses,
    orphans,
    recovered_captures,
    sealed_versions,
)
from harvester.archive.repair.diagnosis import Fault, FaultKind
from harvester.archive.repair.salvage import salvage_archive
from harvester.errors import ArchiveError
from harvester.settings import Settings

FAULTS_NEEDING_COPY = (
    "file",
    "index",
    "definitions",
    "rows",
    "letters",
    "words",
    "shingles",
    "short",
    "missing",
)  # a copy is made first


@dataclass(slots=True)
class RepairResult:
    """What was done. ``copy``: what was there before; ``lost``: (article, version or capture; which)."""

    copy_path: Path | None = None
    repairs: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


def repair_archive(
    settings: Settings,
    faults: Sequence[Fault],
    now: str,
    forget_missing: bool = False,
    report: Callable[[str], None] = lambda words: None,
) -> RepairResult:
    """Mend. ``forget``: let go of captures whose file is missing too. Raises ArchiveError where there is no room or no way."""
    archive, kinds, mended = (
        settings.archive,
        {one.kind for one in faults},
        RepairResult(),
    )
    if "missing" in kinds and not forget_missing:
        kinds.discard("missing")  # the file may come back: nothing is forgotten unasked
    with translate_sqlite_errors(archive):
        if kinds & set(FAULTS_NEEDING_COPY):
            mended.copy_path = files.copy_archive(archive, now)
            report(f"what was there is kept as {mended.copy_path}")
        if kinds & {"index", "letters"}:
            kinds.add("rows")  # what was damaged may have been the name of another row
        if "file" in kinds or (
            "index" in kinds and not _rebuild_indexes(archive, mended)
        ):
            _rebuild_from_salvage(settings, now, mended)
        elif kinds & {"definitions", "rows", "letters", "words", "shingles"}:
            _repair_database(archive, settings, now, mended, kinds)
        if settings.captures is not None and settings.captures.is_dir():
            _repair_warc_files(archive, settings.captures, mended, forget_missing)
        _clean_up_files(archive, settings.captures, mended)
    return mended


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def _rebuild_indexes(archive: Path, result: RepairResult) -> bool:
    """Build SQLite's own indexes anew; whether that was all there was to do."""
    connection = _connect(archive)
    try:
        connection.execute("reindex")
        sound = bool(
            connection.execute("pragma integrity_check(1)").fetchone()[0] == "ok"
        )
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    if sound:
        result.repairs.append("the indexes were built anew")
    return sound


def _rebuild_from_salvage(settings: Settings, now: str, result: RepairResult) -> None:
    """A new file out of what can be read of the old one."""
    archive = settings.archive
    draft = archive.with_name(f"{archive.name}.fix.part")
    try:
        found = salvage_archive(archive, draft)
        result.repairs.append(
            f"a new archive was made of {sum(found.saved_rows.values())} rows that can be read; {found.unreadable_pages} pages and "
            f"{found.broken_records} records could not"
            + (
                f" (of {', '.join(found.damaged_tables)})"
                if found.damaged_tables
                else ""
            )
        )
        kinds: set[FaultKind] = {"rows", "file"}
        chain = bool({"seals", "captures"} & set(found.damaged_tables))
        _repair_database(draft, settings, now, result, kinds, chain)
        connection = _connect(draft)
        try:
            connection.execute("pragma journal_mode = wal")
            said = connection.execute("pragma integrity_check(1)").fetchone()[0]
        finally:
            connection.close()
        if said != "ok" or indexes.check_fulltext_index(draft):
            raise ArchiveError(
                f"{archive} could not be mended: {said}",
                "restore a backup; nothing was changed",
            )
        files.replace_archive(archive, draft)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + end).unlink(missing_ok=True)


def _repair_database(
    path: Path,
    settings: Settings,
    now: str,
    result: RepairResult,
    kinds: set[FaultKind],
    chain_damaged: bool = False,
) -> None:
    """Rows and indexes, in one transaction. ``chain``: it is damaged."""
    connection = _connect(path)
    try:
        connection.execute("pragma foreign_keys = off")
        connection.execute("begin immediate")
        if (
            connection.execute("pragma user_version").fetchone()[0]
            == schema.SCHEMA_VERSION
        ):
            built = indexes.create_definitions(
                connection, indexes.find_missing_definitions(connection)
            )
            result.repairs += [f"the {name} was made anew" for name in built]
        if "letters" in kinds or "file" in kinds:
            count = encoding.repair_encoding(connection)
            if count:
                result.repairs.append(f"texts that could not be read: {count}")
                kinds.add("words")  # the index took in what stood there before
        if "rows" in kinds:
            _repair_rows(connection, settings, now, result, chain_damaged)
        if "words" in kinds:
            indexes.rebuild_fulltext_index(connection)
            result.repairs.append("the full-text index was built anew")
        if "shingles" in kinds or (
            "file" in kinds and any(indexes.check_shingle_index(connection))
        ):
            whole = any(
                "damaged" in words for words in indexes.check_shingle_index(connection)
            )
            indexes.rebuild_shingle_index(connection, whole)
            result.repairs.append(
                "the index of shingles is built anew by the next crawls"
            )
        connection.execute("commit")
    finally:
        connection.close()


def _repair_rows(
    connection: sqlite3.Connection,
    settings: Settings,
    now: str,
    result: RepairResult,
    chain_damaged: bool,
) -> None:
    articles, versions = (
        losses.list_lost_articles(connection),
        losses.list_lost_versions(connection),
    )
    captures = [
        f"capture {number}, received at {at}"
        for number, at, _ in losses.list_lost_captures(connection)
    ]
    if (
        (captures or chain_damaged)
        and settings.captures is not None
        and settings.captures.is_dir()
    ):
        back, captures = recovered_captures.restore_captures(
            connection, settings.captures, chain_damaged
        )
        if back:
            result.repairs.append(
                f"rows of captures made anew from their WARC records: {back}"
            )
    if connection.execute(
        "select 1 from sqlite_master where name = 'seals'"
    ).fetchone():
        count = sealed_versions.repair_sealed_versions(connection)
        result.repairs += (
            [f"versions that are again as they were sealed: {count}"] if count else []
        )
    of_feed = {
        one.url: outlet.key
        for outlet in settings.outlets.values()
        for one in outlet.feeds
    }
    done = orphans.repair_orphans(connection, of_feed, now)
    result.repairs += [f"{what}: {count}" for what, count in sorted(done.items())]
    result.lost += [("article", name) for name in articles]
    result.lost += [("version", name) for name in versions]
    result.lost += [("capture", name) for name in captures]


def _repair_warc_files(
    archive: Path, folder: Path, result: RepairResult, forget_missing: bool
) -> None:
    connection = _connect(archive)
    try:
        if files.find_short_files(connection, folder):
            connection.execute("begin immediate")
            count = recovered_captures.repoint_captures(connection, folder)
            connection.execute("commit")
            result.repairs += (
                [f"captures whose record was found elsewhere: {count}"] if count else []
            )
        for one in files.find_short_files(connection, folder):
            if one.size < 0 and not forget_missing:
                continue
            connection.execute("begin immediate")
            names = files.forget_lost_captures(connection, one)
            connection.execute("commit")
            result.repairs.append(
                f"{len(names)} captures point no more behind the end of {one.path}"
            )
            result.lost += [("capture", name) for name in names]
        for path, whole in files.find_torn_files(connection, folder):
            files.truncate_file(path, whole)
            result.repairs.append(f"half a record was cut from {path}")
    finally:
        connection.close()


def _clean_up_files(archive: Path, folder: Path | None, result: RepairResult) -> None:
    for path in files.find_leftover_files(archive, folder):
        path.unlink()
        result.repairs.append(f"{path} was removed")
    wide = files.find_files_readable_by_others(archive, folder)
    files.restrict_permissions(wide)
    result.repairs += [f"{path} can be read by its owner only" for path in wide]
