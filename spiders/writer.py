"""The one thread that owns the archive's connection. The reactor awaits its answers, and does nothing slow itself.

Many visits make one transaction: it is committed every second or every so many operations, captures first.
Not for: deciding anything (``harvester.ingest.Keeper``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from harvester.errors import HarvesterError
from spiders.politeness import clock, running

if TYPE_CHECKING:
    from harvester.archive.records.readings import Stale
    from harvester.ingest import Job
    from harvester.ingest.clock import Clock
    from harvester.ingest.counts import Kept
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.reread import Begun, Rereading
    from harvester.model import Capture, Prepared, Visit
    from harvester.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 1.0  # between two commits, while there is something to commit
OPERATIONS = 100  # the same
AGAIN_MOST = 60  # versions read again in the crawl when a profile is new; older ones are ``harvest reread``'s


@dataclass(slots=True)
class Writer:
    """Methods of the first kind are awaited by the reactor, ``open``, ``first`` and ``end`` wait themselves."""

    settings: Settings
    keeper: Keeper | None = None
    clock: Clock | None = None
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "writer")
    )
    _operations: int = 0
    _flushed: float = field(default_factory=time.monotonic)

    async def due(self, outlets: Sequence[str], force: bool, most: int) -> list[Visit]:
        """What to visit now."""
        return await self._call(self._keeper.due, clock(), outlets, force, most)

    async def renew(self) -> str | None:
        """A new round; returns when the next thing is due."""

        def work() -> str | None:
            self._keeper.renew()
            return self._keeper.next_due(clock())

        return await self._call(work)

    async def put_back(self, visits: Sequence[Visit]) -> None:
        """These are not made after all."""

        def work() -> None:
            for visit in visits:
                self._keeper.put_back(visit)

        await self._call(work)

    async def receive(
        self, visit: Visit, capture: Capture, hold: tuple[str, str] | None
    ) -> tuple[Job | None, Kept | None]:
        """Keep a capture; where there is nothing to read in it, settle the visit at once. ``hold``: (origin, site)."""

        def work() -> tuple[Job | None, Kept | None]:
            now = clock()
            if hold and capture.retry_at:
                self._keeper.hold(*hold, capture.retry_at, f"answered {capture.status}")
            job = self._keeper.received(visit, capture, now)
            return (
                (job, None)
                if job
                else (None, self._keeper.keep(visit, capture, None, now))
            )

        return await self._call(work)

    async def once_more(self, visit: Visit, job: Job, prepared: Prepared) -> Job | None:
        """What is to be read of a look once more, before it is compared."""
        return await self._call(self._keeper.once_more, visit, job, prepared)

    async def further(
        self, visit: Visit, capture: Capture, first: str, hold: tuple[str, str] | None
    ) -> Job | None:
        """Keep a capture of another page of the article that begins at ``first``; what is to be read of it."""

        def work() -> Job | None:
            if hold and capture.retry_at:
                self._keeper.hold(*hold, capture.retry_at, f"answered {capture.status}")
            return self._keeper.further(visit, capture, first)

        return await self._call(work)

    async def keep(self, visit: Visit, capture: Capture, prepared: Prepared) -> Kept:
        """Settle a visit."""
        return await self._call(self._keeper.keep, visit, capture, prepared, clock())

    def newest(self, outlet: str, job: Job) -> Job:
        """A job whose turn has come, with what was learned of its outlet while it waited. For any thread, at once."""
        return self._keeper.learning.newest(outlet, job)

    async def lessons(self, outlet: str) -> Job:
        """What the outlet's profile is to be learned from."""
        return await self._call(self._keeper.learning.lessons, outlet)

    async def learned(
        self, outlet: str, prepared: Prepared
    ) -> tuple[Rereading, list[Stale]] | None:
        """Keep a profile. Returns what is to be read again with it."""

        def work() -> tuple[Rereading, list[Stale]] | None:
            rereading = self._keeper.learning.learned(outlet, prepared, clock())
            return (
                None
                if rereading is None
                else (rereading, list(islice(rereading.stale(), AGAIN_MOST)))
            )

        return await self._call(work)

    async def to_learn_again(self, outlet: str) -> bool:
        """Whether enough came meanwhile to learn the outlet's profile once more."""
        return await self._call(self._keeper.learning.due_again, outlet, clock())

    async def begin_again(self, rereading: Rereading, one: Stale) -> Begun:
        """What is to be read of a version."""
        return await self._call(rereading.begun, one)

    async def end_again(
        self, rereading: Rereading, begun: Begun, prepared: Prepared
    ) -> None:
        """Show a version as it reads today."""
        await self._call(rereading.ended, begun, prepared)

    async def robots(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]:
        """robots.txt as held."""
        return await self._call(self._keeper.robots, origin)

    async def keep_robots(self, origin: str, site: str, capture: Capture) -> None:
        """An answer to a request for robots.txt."""
        await self._call(self._keeper.keep_robots, origin, site, capture, clock())

    async def hold(self, origin: str, site: str, until: str, reason: str) -> None:
        """Ask nothing of this site before ``until``, in this crawl or a later one."""
        await self._call(self._keeper.hold, origin, site, until, reason)

    async def holds(self) -> dict[str, tuple[str, str]]:
        """The holds in force."""
        return await self._call(self._keeper.holds, clock())

    async def counts(self) -> dict[str, int]:
        """What was done so far; commits what is old enough, and looks whether the clock was set."""

        def work() -> dict[str, int]:
            if self.clock is not None:
                self.clock.look(clock(), running())
            return self._keeper.tally.counts()

        return await self._call(work)

    def open(self) -> None:
        """Open the archive. Raises HarvesterError."""

        def work() -> None:
            from harvester.archive.connection import Archive
            from harvester.ingest.clock import Clock
            from harvester.ingest.keeper import Keeper

            archive = Archive.open(self.settings.archive, self.settings.captures)
            self.keeper = Keeper(archive, self.settings)
            self.clock = Clock(self.keeper, clock(), running())
            self.keeper.sync(clock())
            self.keeper.begin(clock())

        self._thread.submit(work).result()

    def first(self, outlets: Sequence[str], force: bool, most: int) -> list[Visit]:
        """What is due at the start, before anything costly is imported."""
        return self._thread.submit(
            self._keeper.due, clock(), outlets, force, most
        ).result()

    def end(self, timeout: float | None = None) -> dict[str, object]:
        """Commit, and say what was done. Raises HarvesterError or TimeoutError."""

        def work() -> dict[str, object]:
            counts = self._keeper.end(clock(), hurry=timeout is not None)
            self._keeper.close()
            return counts

        counts = self._thread.submit(work).result(timeout)
        self._thread.shutdown()
        return counts

    @property
    def _keeper(self) -> Keeper:
        if self.keeper is None:
            raise HarvesterError("the archive is not open")
        return self.keeper

    async def _call(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def work() -> T:
            result = function(*args, **kwargs)
            self._operations += 1
            if (
                self._operations >= OPERATIONS
                or time.monotonic() - self._flushed >= SECONDS
            ):
                self._keeper.flush()
                self._operations, self._flushed = 0, time.monotonic()
            return result

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
