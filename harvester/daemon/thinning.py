"""Thin out old captures, as far as the settings ask for it: a bounded part each hour.

Goes through the WARC files one after the other, and begins anew once all were looked at.
Does not decide what may go; see ``archive.takedown.thinning``.
"""

from __future__ import annotations

from contextlib import closing

from harvester.archive.connection import Archive
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.schedule.times import add_seconds
from harvester.settings import Settings

MAX_FILES = 5  # looked at in one run; it ends with the first that was written again


class Thinner:
    """Remembers which file is next; the caller sees to it that nobody writes."""

    def __init__(self) -> None:
        self._next_id = 0

    def run(self, settings: Settings, now: str) -> tuple[int, int]:
        """Thin out at most one file; returns how many captures, and bytes of the file.

        Raises ArchiveError.
        """
        from harvester.archive.takedown import execute, thinning

        age = settings.upkeep.thin_after
        if age is None or settings.captures is None or not settings.captures.is_dir():
            return 0, 0
        before = add_seconds(now, -age)
        with (
            translate_sqlite_errors(settings.archive),
            closing(Archive.open(settings.archive, settings.captures)) as archive,
        ):
            execute.clear_leftovers(archive, now)  # of a run that was killed
            for _ in range(MAX_FILES):
                done = thinning.thin_next_file(archive, self._next_id, before, now)
                self._next_id = done.next_id if done is not None else 0
                if done is None or done.captures:
                    break
        return (done.captures, done.bytes) if done is not None else (0, 0)
