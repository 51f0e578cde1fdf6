"""Merges another archive into this one.

Rows and records are merged by ``archive.merging``; whether two articles are the same,
and what differs between versions that become neighbours, is decided here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.merging import attach, imports, merge, warc_copies
from harvester.archive.merging.matching import VersionTexts
from harvester.archive.takedown import blocklist
from harvester.archive.transactions import transaction
from harvester.identity import same_article
from harvester.ingest import feed_wordings, join

ProgressCallback = Callable[[str], None]


def merge_archives(
    path: Path,
    captures: Path | None,
    other_path: Path,
    other_captures: Path | None,
    now: str,
    report_progress: ProgressCallback,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Merge another archive into the one at ``path``; returns what was done.

    ``dry_run``: it is undone. The caller holds the lock. Raises ArchiveError.
    """
    with attach.open_with_attached(path, other_path) as connection:
        backup = None
        if not dry_run:
            report_progress("a copy of this archive as it is")
            backup = attach.backup_before_merge(connection, path, now)
        with transaction(connection, undo=dry_run):
            merged = merge.merge_archives(
                connection,
                _is_same_article,
                lambda address: blocklist.blocklist_digest("address", address),
                feed_wordings.MERGE_RULES,
                now,
                report_progress,
            )
            report_progress("what changed between versions that are neighbours now")
            join.compare_neighbours(connection, merged.transitions, now)
            report_progress("captures' files")
            records = _copy_records(connection, other_captures, captures, dry_run)
            report_progress("a last check")
            attach.check_foreign_keys(connection)
    return {
        "other": str(other_path),
        "added": merged.added_rows,
        "joined": merged.joined_articles,
        "compared": len(merged.transitions),
        **records,
        "purged_here": merged.blocked_keys,
        "purged_there": merged.keys_purged_in_other,
        "backup": str(backup) if backup else None,
        "dry_run": dry_run,
    }


def merge_import(
    path: Path,
    captures: Path | None,
    staging_path: Path,
    staging_captures: Path,
    now: str,
    report_progress: ProgressCallback,
    backup: bool = False,
) -> dict[str, Any]:
    """Merge the staging archive of an import into the archive at ``path``.

    Returns what was done. One transaction: after an error or a crash, nothing was
    changed, and the same call does it again. ``backup``: a verified copy of the archive
    is made first. The caller holds the lock. Raises ArchiveError.
    """
    with attach.open_with_attached(path, staging_path) as connection:
        backup_path = None
        if backup:
            report_progress("a copy of this archive as it is")
            backup_path = attach.backup_before_merge(connection, path, now)
        with transaction(connection):
            merged = imports.merge_import(
                connection,
                _is_same_article,
                lambda address: blocklist.blocklist_digest("address", address),
                feed_wordings.MERGE_RULES,
                now,
                report_progress,
            )
            report_progress("what changed between versions that are neighbours now")
            join.compare_neighbours(connection, merged.transitions, now)
            report_progress("captures' files")
            records = _copy_records(connection, staging_captures, captures, False)
            proof.seal_all(connection, now, now[:10])
    return {
        "added": merged.added_rows,
        "joined": merged.joined_articles,
        "compared": len(merged.transitions),
        **records,
        "purged_here": merged.blocked_keys,
        "backup": str(backup_path) if backup_path else None,
    }


def _is_same_article(first_texts: VersionTexts, second_texts: VersionTexts) -> bool:
    return any(
        same_article.is_same_article(*first, *second)
        for first in first_texts
        for second in second_texts
    )


def _copy_records(
    connection: sqlite3.Connection,
    other_captures: Path | None,
    captures: Path | None,
    dry_run: bool,
) -> dict[str, int]:
    """Copy the WARC records that this archive lacks, or only count them."""
    (row,) = warc_copies.count_missing_records(connection)
    if dry_run or other_captures is None or captures is None:
        missing = 0 if dry_run and other_captures is not None else row["records"]
        return {
            "records": row["records"] - missing,
            "bytes": 0 if missing else row["bytes"],
            "missing": missing,
        }
    copied = warc_copies.copy_records(connection, other_captures, captures)
    return {
        "records": copied.copied_records,
        "bytes": copied.copied_bytes,
        "missing": copied.missing_records,
    }
