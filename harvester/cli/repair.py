"""``harvest doctor --fix``: the lock, what was found, what was done, and words read again from their captures.

Not for: printing (``doctor``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.cli.context import now
from harvester.cli.output import note
from harvester.settings import Settings

if TYPE_CHECKING:
    from harvester.ingest.reread import Again


def mend(settings: Settings, forget: bool) -> dict[str, Any]:
    """Mend the archive: ``copy``, ``done``, ``lost``. Raises ArchiveBusy, and what ``look`` and ``fix`` raise."""
    from harvester.archive.lock import Holder, Lock
    from harvester.archive.repair.diagnosis import look
    from harvester.archive.repair.fix import fix
    from harvester.schedule.times import written

    at = written(now())
    lock = Lock(settings.archive)
    lock.acquire(Holder(os.getpid(), "harvest doctor --fix", at))
    try:
        faults = look(settings.archive, settings.captures, thorough=True)
        mended = fix(settings, faults, at, forget, note)
        lost = [{"what": what, "name": name} for what, name in mended.lost]
        for again, name in _words(settings, at):
            if again.problem:
                lost.append(
                    {
                        "what": "words",
                        "name": f"{name}, version {again.number}: {again.problem}",
                    }
                )
            else:
                mended.done.append(
                    f"the words of {name}, version {again.number}, were read again from its capture"
                )
    finally:
        lock.release()
    return {
        "copy": str(mended.copy) if mended.copy else None,
        "done": mended.done,
        "lost": lost,
    }


def _words(settings: Settings, at: str) -> Iterator[tuple[Again, str]]:
    """Versions whose title or text are not what was kept: read again, with the address of each."""
    from harvester.archive.connection import Archive
    from harvester.archive.integrity import verify
    from harvester.archive.records import articles, readings
    from harvester.archive.repair import indexes, orphans
    from harvester.identity.wording import wording
    from harvester.ingest.reread import Again, Rereading
    from harvester.parse.content.extractor import EXTRACTOR
    from harvester.workers.pool import Workers

    with closing(Archive.open(settings.archive, settings.captures)) as archive:
        check = verify.Check(archive.connection, settings.captures, wording, EXTRACTOR)
        broken = {one["row"]: one for one in check.versions()}
        for row in orphans.read_again(archive.connection):
            version = readings.version(archive.connection, row)
            named = {"article": version["article"], "version": version["number"]}
            broken.setdefault(row, {**named, "what": "its fields were damaged"})
        if not broken:
            return
        workers = Workers(1, settings.limits.read_time)
        try:
            rereading = Rereading(archive.connection, settings, at, begin=archive.begin)
            for row, one in broken.items():
                stale = readings.of_version(archive.connection, row)
                held = articles.article(archive.connection, one["article"])
                name = held["url"] if held is not None else one["article"]
                if stale is None or stale.outlet not in settings.outlets:
                    yield (
                        Again(one["article"], one["version"], "", problem=one["what"]),
                        name,
                    )
                    continue
                begun = rereading.begun(stale)
                prepared = workers.submit(begun.job).result() if begun.job else None
                yield rereading.ended(begun, prepared), name
                archive.commit()
            archive.begin()
            indexes.words_anew(archive.connection)  # it took in what stood there before
            archive.commit()
        finally:
            workers.close()
