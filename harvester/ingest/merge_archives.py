"""Another archive into this one: rows and records by the archive's own rooms, what needs a look at words here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harvester.archive.merging import attach, merge, warc_copies
from harvester.archive.merging.matching import Texts
from harvester.archive.takedown import blocklist
from harvester.identity import same_article
from harvester.ingest import join

Progress = Callable[[str], None]


def merged(
    path: Path,
    captures: Path | None,
    other: Path,
    source: Path | None,
    now: str,
    tell: Progress,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Join ``other`` (its WARC files in ``source``) into the archive at ``path``. What was done; with ``dry_run`` it is undone.

    The caller holds the lock. Raises ArchiveError.
    """
    with attach.attached(path, other) as connection:
        kept = None
        if not dry_run:
            tell("a copy of this archive as it is")
            kept = attach.save(connection, path, now)
        connection.execute("begin immediate")
        try:
            found = merge.merge(
                connection,
                _alike,
                lambda address: blocklist.digest("address", address),
                now,
                tell,
            )
            tell("what changed between versions that are neighbours now")
            join.compare(connection, found.steps, now)
            tell("captures' files")
            records = _records(connection, source, captures, dry_run)
            tell("a last check")
            attach.check(connection)
            connection.execute("rollback" if dry_run else "commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
    return {
        "other": str(other),
        "added": found.added,
        "joined": found.joined,
        "compared": len(found.steps),
        **records,
        "purged_here": found.barred,
        "purged_there": found.purged_there,
        "backup": str(kept) if kept else None,
        "dry_run": dry_run,
    }


def _alike(ours: Texts, theirs: Texts) -> bool:
    return any(
        same_article.one_article(*one, *other) for one in ours for other in theirs
    )


def _records(
    connection: Any, source: Path | None, captures: Path | None, dry_run: bool
) -> dict[str, int]:
    """Copy the WARC records that are not here; only count them where that cannot be, or is not to be done."""
    (row,) = warc_copies.wanted(connection)
    if dry_run or source is None or captures is None:
        left = 0 if dry_run and source is not None else row["records"]
        return {
            "records": row["records"] - left,
            "bytes": row["bytes"] if not left else 0,
            "missing": left,
        }
    copying = warc_copies.copy(connection, source, captures)
    return {
        "records": copying.records,
        "bytes": copying.bytes,
        "missing": copying.missing,
    }
