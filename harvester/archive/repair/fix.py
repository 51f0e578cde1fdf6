"""Repair the faults that ``diagnosis`` found, and name what is lost.

The caller holds the archive's lock. A copy is made first. Does not read captures again;
see ``ingest.reread``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import BUSY_TIMEOUT_SECONDS
from harvester.archive.integrity import values
from harvester.archive.records import counts
from harvester.archive.repair import (
    encoding,
    files,
    indexes,
    losses,
    orphans,
    recovered_captures,
    revisit_records,
    sealed_versions,
)
from harvester.archive.repair.diagnosis import Fault, FaultKind
from harvester.archive.repair.row_samples import RowSample
from harvester.archive.repair.salvage import salvage_archive
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.errors import ArchiveError
from harvester.settings import Settings

DATABASE_FAULTS = {
    "definitions",
    "rows",
    "values",
    "encoding",
    "fulltext",
    "shingles",
    "counts",
}
FAULTS_NEEDING_COPY = DATABASE_FAULTS | {"file", "index", "short file", "missing file"}


@dataclass(slots=True)
class RepairResult:
    """What a repair did."""

    copy_path: Path | None = None  # the archive as it was before
    repairs: list[str] = field(default_factory=list)
    # "article", "version" or "capture", and which one.
    lost: list[tuple[str, str]] = field(default_factory=list)


def repair_archive(
    settings: Settings,
    faults: Sequence[Fault],
    now: str,
    forget_missing: bool = False,
    report: Callable[[str], None] = lambda message: None,
) -> RepairResult:
    """Repair an archive.

    With ``forget_missing``, captures whose file is missing are given up too. Raises
    ArchiveError if there is not enough space or the archive cannot be repaired.
    """
    archive, result = settings.archive, RepairResult()
    kinds = {fault.kind for fault in faults}
    if "missing file" in kinds and not forget_missing:
        kinds.discard("missing file")  # it may come back
    with translate_sqlite_errors(archive):
        if kinds & FAULTS_NEEDING_COPY:
            result.copy_path = files.copy_archive(archive, now)
            report(f"the archive as it was is kept as {result.copy_path}")
        if kinds & {"index", "encoding"}:
            kinds.add("rows")  # the damaged value may have been a reference
        if "file" in kinds or (
            "index" in kinds and not _rebuild_indexes(archive, result)
        ):
            _rebuild_from_salvage(settings, now, result)
        elif kinds & DATABASE_FAULTS:
            _repair_database(archive, settings, now, result, kinds)
        if settings.captures is not None and settings.captures.is_dir():
            _repair_warc_files(archive, settings.captures, result, forget_missing)
        _clean_up_files(archive, settings.captures, result)
    return result


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def _rebuild_indexes(archive: Path, result: RepairResult) -> bool:
    """Rebuild SQLite's own indexes; return whether the file is sound then."""
    with closing(_connect(archive)) as connection:
        try:
            connection.execute("reindex")
            row = connection.execute("pragma integrity_check(1)").fetchone()
        except sqlite3.DatabaseError:
            return False
    if row[0] != "ok":
        return False
    result.repairs.append("rebuilt the indexes")
    return True


def _rebuild_from_salvage(settings: Settings, now: str, result: RepairResult) -> None:
    """Replace the archive by a new file, made of what can be read of the old one."""
    archive = settings.archive
    draft = archive.with_name(f"{archive.name}.fix.part")
    try:
        salvage = salvage_archive(archive, draft)
        message = (
            "salvaged the readable rows into a new archive "
            f"(rows {salvage.saved_rows.total()}, "
            f"unreadable pages {salvage.unreadable_pages}, "
            f"unreadable records {salvage.broken_records})"
        )
        if salvage.damaged_tables:
            message += f"; damaged tables: {', '.join(salvage.damaged_tables)}"
        result.repairs.append(message)
        kinds: set[FaultKind] = {"rows", "file"}
        chain_damaged = not {"seals", "captures"}.isdisjoint(salvage.damaged_tables)
        _repair_database(draft, settings, now, result, kinds, chain_damaged)
        with closing(_connect(draft)) as connection:
            connection.execute("pragma journal_mode = wal")
            check = connection.execute("pragma integrity_check(1)").fetchone()[0]
        if check != "ok" or indexes.check_fulltext_index(draft):
            raise ArchiveError(
                f"{archive} cannot be repaired: {check}",
                "restore a backup; nothing was changed",
            )
        files.replace_archive(archive, draft)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _repair_database(
    path: Path,
    settings: Settings,
    now: str,
    result: RepairResult,
    kinds: set[FaultKind],
    chain_damaged: bool = False,
) -> None:
    """Repair rows and indexes, in one transaction."""
    with closing(_connect(path)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("begin immediate")
        version = connection.execute("pragma user_version").fetchone()[0]
        if version == schema.SCHEMA_VERSION:
            missing = indexes.find_missing_definitions(connection)
            result.repairs += [
                f"created the missing {name}"
                for name in indexes.create_definitions(connection, missing)
            ]
        if "encoding" in kinds or "file" in kinds:
            count = encoding.repair_encoding(connection)
            if count:
                result.repairs.append(f"replaced undecodable characters: texts {count}")
                kinds.add("fulltext")  # it has the text as it was before
        if "values" in kinds:
            _repair_values(connection, result, kinds)
        if "rows" in kinds:
            _repair_rows(connection, settings, now, result, chain_damaged)
        if "fulltext" in kinds:
            indexes.rebuild_fulltext_index(connection)
            result.repairs.append("rebuilt the full-text index")
        if kinds & {"shingles", "file"}:
            _repair_shingle_index(connection, result, "shingles" in kinds)
        if counts.has_counts(connection):
            wrong = counts.rebuild_counts(connection)
            if wrong:
                result.repairs.append(f"counted anew: wrong counts {wrong}")
        connection.execute("commit")


def _repair_values(
    connection: sqlite3.Connection, result: RepairResult, kinds: set[FaultKind]
) -> None:
    """Empty JSON that is none, and have the versions read again.

    Other values that are damaged stay as they are, and stay named.
    """
    changed = values.replace_damaged_json(connection)
    for version_id in changed.get("versions", ()):
        orphans.mark_for_reread(connection, version_id)
    if changed:
        rows = sum(map(len, changed.values()))
        result.repairs.append(f"emptied values that were no JSON: {rows}")
        kinds.add("fulltext")  # it has the names as they were before


def _repair_shingle_index(
    connection: sqlite3.Connection, result: RepairResult, is_faulty: bool
) -> None:
    faults = list(indexes.check_shingle_index(connection, RowSample(connection)))
    if is_faulty or faults:
        damaged = any("damaged" in fault for fault in faults)
        indexes.rebuild_shingle_index(connection, damaged)
        result.repairs.append("the next crawls rebuild the index of shingles")


def _repair_rows(
    connection: sqlite3.Connection,
    settings: Settings,
    now: str,
    result: RepairResult,
    chain_damaged: bool,
) -> None:
    articles = losses.list_lost_articles(connection)
    versions = losses.list_lost_versions(connection)
    captures = [
        f"capture {capture_id}, received at {at}"
        for capture_id, at, _ in losses.list_lost_captures(connection)
    ]
    folder, restored = settings.captures, recovered_captures.RestoredCaptures()
    if (captures or chain_damaged) and folder is not None and folder.is_dir():
        restored = recovered_captures.restore_captures(
            connection, folder, chain_damaged
        )
        captures = list(restored.lost)
        if restored.count:
            result.repairs.append(
                f"restored rows of captures from their WARC records: {restored.count}"
            )
    captures += _repair_references(connection, result, restored.revisit_ids)
    if indexes.has_table(connection, "seals"):
        count = sealed_versions.repair_sealed_versions(connection)
        if count:
            result.repairs.append(f"restored versions as they were sealed: {count}")
    outlets_by_feed = {
        feed.url: outlet.key
        for outlet in settings.outlets.values()
        for feed in outlet.feeds
    }
    repair_counts = orphans.repair_orphans(connection, outlets_by_feed, now)
    result.repairs += [
        f"{repair}: {count}" for repair, count in sorted(repair_counts.items())
    ]
    result.lost += [("article", name) for name in articles]
    result.lost += [("version", name) for name in versions]
    result.lost += [("capture", name) for name in captures]


def _repair_references(
    connection: sqlite3.Connection, result: RepairResult, restored: Sequence[int] = ()
) -> list[str]:
    """Repair references to captures that hold a body; returns which bodies are lost."""
    count, lost = revisit_records.repair_references(connection, restored)
    if count > len(restored):
        result.repairs.append(
            f"found the bodies of captures in other records: {count - len(restored)}"
        )
    return lost


def _repair_warc_files(
    archive: Path, folder: Path, result: RepairResult, forget_missing: bool
) -> None:
    with closing(_connect(archive)) as connection:
        if files.find_short_files(connection, folder):
            connection.execute("begin immediate")
            count = recovered_captures.repoint_captures(connection, folder)
            connection.execute("commit")
            if count:
                result.repairs.append(
                    f"found the records of captures in other files: {count}"
                )
        for short_file in files.find_short_files(connection, folder):
            if short_file.size < 0 and not forget_missing:
                continue
            connection.execute("begin immediate")
            names = files.forget_lost_captures(connection, short_file)
            names += _repair_references(connection, result)
            connection.execute("commit")
            result.repairs.append(
                f"gave up captures behind the end of {short_file.path}: {len(names)}"
            )
            result.lost += [("capture", name) for name in names]
        for path, end in files.find_torn_files(connection, folder):
            files.truncate_file(path, end)
            result.repairs.append(f"removed an incomplete record from {path}")


def _clean_up_files(archive: Path, folder: Path | None, result: RepairResult) -> None:
    for path in files.find_leftover_files(archive, folder):
        path.unlink()
        result.repairs.append(f"removed {path}")
    readable = files.find_files_readable_by_others(archive, folder)
    files.restrict_permissions(readable)
    result.repairs += [f"made {path} readable by its owner only" for path in readable]
