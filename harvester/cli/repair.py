"""``harvest doctor --fix``: the lock, what was found, what was done, and words read again from their captures.

Not for: printing (``doctor``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.cli.context import utc_now
from harvester.cli.output import print_note
from harvester.settings import Settings

if TYPE_CHECKING:
    from harvester.ingest.reread import RereadResult


def repair_archive(settings: Settings, forget_captures: bool) -> dict[str, Any]:
    """Mend the archive: ``copy``, ``done``, ``lost``. Raises ArchiveBusy, and what ``look`` and ``fix`` raise."""
    from harvester.archive.lock import Lock, LockHolder
    from harvester.archive.repair.diagnosis import find_faults
    from harvester.archive.repair.fix import repair_archive
    from harvester.schedule.times import format_time

    at = format_time(utc_now())
    lock = Lock(settings.archive)
    lock.acquire(LockHolder(os.getpid(), "harvest doctor --fix", at))
    try:
        faults = find_faults(settings.archive, settings.captures, thorough=True)
        mended = repair_archive(settings, faults, at, forget_captures, print_note)
        lost = [{"what": what, "name": name} for what, name in mended.lost]
        for again, name in _reread_damaged_versions(settings, at):
            if again.problem:
                lost.append(
                    {
                        "what": "words",
                        "name": f"{name}, version {again.number}: {again.problem}",
                    }
                )
            else:
                mended.repairs.append(
                    f"the words of {name}, version {again.number}, were read again from its capture"
                )
    finally:
        lock.release()
    return {
        "copy": str(mended.copy_path) if mended.copy_path else None,
        "done": mended.repairs,
        "lost": lost,
    }


def _reread_damaged_versions(
    settings: Settings, at: str
) -> Iterator[tuple[RereadResult, str]]:
    """Versions whose title or text are not what was kept: read again, with the address of each."""
    from harvester.archive.connection import Archive
    from harvester.archive.integrity import verify
    from harvester.archive.records import articles, readings
    from harvester.archive.repair import indexes, orphans
    from harvester.identity.wording import wording_digest
    from harvester.ingest.reread import Rereading, RereadResult
    from harvester.parse.content.extractor import EXTRACTOR
    from harvester.workers.pool import WorkerPool

    with closing(Archive.open(settings.archive, settings.captures)) as archive:
        check = verify.Verifier(
            archive.connection, settings.captures, wording_digest, EXTRACTOR
        )
        broken = {one["row"]: one for one in check.verify_versions()}
        for row in orphans.list_versions_to_reread(archive.connection):
            version = readings.get_version(archive.connection, row)
            named = {"article": version["article"], "version": version["number"]}
            broken.setdefault(row, {**named, "what": "its fields were damaged"})
        if not broken:
            return
        workers = WorkerPool(1, settings.limits.read_time)
        try:
            rereading = Rereading(
                archive.connection, settings, at, begin_transaction=archive.begin
            )
            for row, one in broken.items():
                stale = readings.get_version_to_reread(archive.connection, row)
                held = articles.get_article(archive.connection, one["article"])
                name = held["url"] if held is not None else one["article"]
                if stale is None or stale.outlet not in settings.outlets:
                    yield (
                        RereadResult(
                            one["article"], one["version"], "", problem=one["what"]
                        ),
                        name,
                    )
                    continue
                begun = rereading.start(stale)
                prepared = workers.submit(begun.job).result() if begun.job else None
                yield rereading.finish(begun, prepared), name
                archive.commit()
            archive.begin()
            indexes.rebuild_fulltext_index(
                archive.connection
            )  # it took in what stood there before
            archive.commit()
        finally:
            workers.close()
