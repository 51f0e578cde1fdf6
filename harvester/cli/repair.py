"""``harvest doctor --fix``: repairs the archive under its lock.

Versions with a damaged text are read again from their captures. Prints nothing else;
see ``doctor``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.cli.context import Context, utc_timestamp
from harvester.cli.output import print_note

if TYPE_CHECKING:
    import sqlite3

    from harvester.ingest.reread import RereadResult
    from harvester.settings import Settings


def repair_and_reread(context: Context, forget_captures: bool) -> dict[str, Any]:
    """Repair the archive; returns ``copy``, ``done`` and ``lost``.

    Raises ArchiveLocked, and what ``find_faults`` and ``repair_archive`` raise.
    """
    from harvester.archive.repair.diagnosis import find_faults
    from harvester.archive.repair.fix import repair_archive

    settings, at = context.settings, utc_timestamp()
    with context.hold_lock("harvest doctor --fix", at):
        faults = find_faults(settings.archive, settings.captures)
        repaired = repair_archive(settings, faults, at, forget_captures, print_note)
        done = repaired.repairs
        lost = [{"what": kind, "name": name} for kind, name in repaired.lost]
        for result, name in _reread_damaged_versions(settings, at):
            if result.problem:
                version = f"{name}, version {result.number}: {result.problem}"
                lost.append({"what": "words", "name": version})
            else:
                done.append(
                    f"read the text of {name}, version {result.number}, "
                    "again from its capture"
                )
    return {
        "copy": str(repaired.copy_path) if repaired.copy_path else None,
        "done": done,
        "lost": lost,
    }


def _reread_damaged_versions(
    settings: Settings, at: str
) -> Iterator[tuple[RereadResult, str]]:
    """Read versions with a damaged title or text again; yields the address of each."""
    from harvester.archive.connection import Archive
    from harvester.archive.records import articles, readings
    from harvester.archive.repair import indexes
    from harvester.ingest.reread import Rereading, RereadResult
    from harvester.workers.pool import WorkerPool

    with closing(Archive.open(settings.archive, settings.captures)) as archive:
        connection = archive.connection
        damaged = _find_damaged_rows(connection, settings)
        if not damaged:
            return
        with closing(WorkerPool(1, settings.limits.read_time)) as workers:
            rereading = Rereading(
                connection, settings, at, begin_transaction=archive.begin
            )
            for row_id, fault in damaged.items():
                stale = readings.get_version_to_reread(connection, row_id)
                article = articles.get_article(connection, fault["article"])
                name = article.url if article is not None else fault["article"]
                if stale is None or stale.outlet not in settings.outlets:
                    yield (
                        RereadResult(
                            fault["article"],
                            fault["version"],
                            "",
                            problem=fault["what"],
                        ),
                        name,
                    )
                    continue
                started = rereading.start(stale)
                prepared = workers.submit(started.job).result() if started.job else None
                yield rereading.finish(started, prepared), name
                archive.commit()
            archive.begin()
            # It indexed the damaged texts.
            indexes.rebuild_fulltext_index(connection)
            archive.commit()


def _find_damaged_rows(
    connection: sqlite3.Connection, settings: Settings
) -> dict[int, dict[str, Any]]:
    """Rows of damaged versions, each with ``article``, ``version`` and ``what``."""
    from harvester.archive.integrity import verify
    from harvester.archive.records import readings
    from harvester.archive.repair import orphans
    from harvester.identity.wording import wording_digest
    from harvester.parse.content.extractor import EXTRACTOR

    verifier = verify.Verifier(connection, settings.captures, wording_digest, EXTRACTOR)
    damaged = {problem["row"]: problem for problem in verifier.verify_versions()}
    for row_id in orphans.list_versions_to_reread(connection):
        version = readings.get_version(connection, row_id)
        damaged.setdefault(
            row_id,
            {
                "article": version["article"],
                "version": version["number"],
                "what": "its fields were damaged",
            },
        )
    return damaged
