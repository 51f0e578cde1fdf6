"""Another archive into this one: rows and records by the archive's own rooms, what needs a look at words here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harvester.archive.merging import attach, merge, warc_copies
from harvester.archive.merging.matching import VersionTexts
from harvester.archive.takedown import blocklist
from harvester.identity import same_article
from harvester.ingest import join

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
    """Join ``other`` (its WARC files in ``source``) into the archive at ``path``. What was done; with ``dry_run`` it is undone.

    The caller holds the lock. Raises ArchiveError.
    """
    with attach.open_with_attached(path, other_path) as connection:
        kept = None
        if not dry_run:
            report_progress("a copy of this archive as it is")
            kept = attach.backup_before_merge(connection, path, now)
        connection.execute("begin immediate")
        try:
            found = merge.merge_archives(
                connection,
                _is_same_article,
                lambda address: blocklist.blocklist_digest("address", address),
                now,
                report_progress,
            )
            report_progress("what changed between versions that are neighbours now")
            join.compare_neighbours(connection, found.transitions, now)
            report_progress("captures' files")
            records = _copy_records(connection, other_captures, captures, dry_run)
            report_progress("a last check")
            attach.check_foreign_keys(connection)
            connection.execute("rollback" if dry_run else "commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
    return {
        "other": str(other_path),
        "added": found.added_rows,
        "joined": found.joined_articles,
        "compared": len(found.transitions),
        **records,
        "purged_here": found.blocked_keys,
        "purged_there": found.keys_purged_in_other,
        "backup": str(kept) if kept else None,
        "dry_run": dry_run,
    }


def _is_same_article(ours: VersionTexts, theirs: VersionTexts) -> bool:
    return any(
        same_article.is_same_article(*one, *other) for one in ours for other in theirs
    )


def _copy_records(
    connection: Any, other_captures: Path | None, captures: Path | None, dry_run: bool
) -> dict[str, int]:
    """Copy the WARC records that are not here; only count them where that cannot be, or is not to be done."""
    (row,) = warc_copies.count_missing_records(connection)
    if dry_run or other_captures is None or captures is None:
        left = 0 if dry_run and other_captures is not None else row["records"]
        return {
            "records": row["records"] - left,
            "bytes": row["bytes"] if not left else 0,
            "missing": left,
        }
    copying = warc_copies.copy_records(connection, other_captures, captures)
    return {
        "records": copying.copied_records,
        "bytes": copying.copied_bytes,
        "missing": copying.missing_records,
    }
