"""The one thread that owns the archive's connection; the event loop awaits its results.

Many visits make one transaction: it is committed every second, or after so many
operations, captures first. What is written is decided in ``harvester.ingest``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from harvester.errors import HarvesterError
from harvester.model import Capture, Prepared, Visit
from spiders.system_clock import boot_time_iso, boottime_seconds, utc_now_iso
from spiders.writer_thread import WriterThread

if TYPE_CHECKING:  # expensive: the archive is imported in its own thread
    from harvester.archive.records.readings import StaleVersion
    from harvester.ingest.clock import ClockMonitor
    from harvester.ingest.counts import VisitResult
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.prepare import Job
    from harvester.ingest.reread import PendingReread, Rereading
    from harvester.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

COMMIT_INTERVAL_SECONDS = 1.0
MAX_OPERATIONS_PER_COMMIT = 100
# After a commit, while alerts are delivered: their thread records it between two of our
# transactions, which follow each other at once otherwise.
DELIVERY_PAUSE_SECONDS = 0.02
# Versions read again during the crawl with a new profile; older ones are left to
# ``harvest reread``.
MAX_REREAD_VERSIONS = 60


@dataclass(slots=True)
class ArchiveWriter:
    """The archive as the event loop uses it.

    ``open``, ``first_due_visits``, ``visits_at`` and ``finish`` block, for before and after
    the event loop; ``with_latest_profile`` may be called by any thread; the rest is awaited.
    """

    settings: Settings
    # Outlets whose backfills go on; None: all.
    backfills: Sequence[str] | None = ()
    keeper: Keeper | None = None
    clock: ClockMonitor | None = None
    _thread: WriterThread = field(default_factory=WriterThread)
    _uncommitted_operations: int = 0
    _last_commit_at: float = field(default_factory=time.monotonic)

    # ---- visits

    async def due_visits(
        self, outlets: Sequence[str], force: bool, limit: int
    ) -> list[Visit]:
        """What is due now."""
        return await self._run_in_thread(
            self._open_keeper.take_due_visits,
            utc_now_iso(),
            outlets,
            force,
            limit,
            self.backfills,
        )

    async def start_round(self) -> str | None:
        """Begin a new round. Returns when the next visit is due."""

        def work() -> str | None:
            self._open_keeper.begin_round()
            self._open_keeper.close_backfills(utc_now_iso())
            return self._open_keeper.next_due(utc_now_iso(), self.backfills)

        return await self._run_in_thread(work)

    async def next_backfill_due(self) -> str | None:
        """When a visit of the backfills is due; None: there is none."""
        return await self._run_in_thread(
            self._open_keeper.next_backfill_due, utc_now_iso(), self.backfills
        )

    async def put_back(self, visits: Sequence[Visit]) -> None:
        """Return visits that are not made after all."""

        def work() -> None:
            for visit in visits:
                self._open_keeper.release_visit(visit)

        await self._run_in_thread(work)

    # ---- responses

    async def store_capture(
        self, visit: Visit, capture: Capture, hold: tuple[str, str] | None
    ) -> tuple[Job | None, VisitResult | None]:
        """Store a capture. Returns what is to be read of it, or the visit's result.

        ``hold``: the (origin, site) that the capture's Retry-After applies to.
        """

        def work() -> tuple[Job | None, VisitResult | None]:
            now = utc_now_iso()
            self._set_rate_limit(capture, hold)
            job = self._open_keeper.receive(visit, capture, now)
            if job:
                return job, None
            return None, self._open_keeper.keep(visit, capture, None, now)

        return await self._run_in_thread(work)

    async def next_reread_job(
        self, visit: Visit, job: Job, prepared: Prepared
    ) -> Job | None:
        """What is to be read again of an article before it is compared."""
        return await self._run_in_thread(
            self._open_keeper.job_if_profile_changed, visit, job, prepared
        )

    async def store_further_page(
        self,
        visit: Visit,
        capture: Capture,
        first_url: str,
        hold: tuple[str, str] | None,
    ) -> Job | None:
        """Store another page of the article at ``first_url``. Returns what to read."""

        def work() -> Job | None:
            self._set_rate_limit(capture, hold)
            return self._open_keeper.receive_further_page(visit, capture, first_url)

        return await self._run_in_thread(work)

    async def finish_visit(
        self, visit: Visit, capture: Capture, prepared: Prepared
    ) -> VisitResult:
        """Store what was read, and the outcome of a visit."""
        return await self._run_in_thread(
            self._open_keeper.keep, visit, capture, prepared, utc_now_iso()
        )

    # ---- profiles

    def with_latest_profile(self, outlet: str, job: Job) -> Job:
        """A job with the newest profile of its outlet."""
        return self._open_keeper.profile_learner.with_current_profile(outlet, job)

    async def training_job(self, outlet: str) -> Job:
        """What the outlet's profile is learned from."""
        return await self._run_in_thread(
            self._open_keeper.profile_learner.training_job, outlet
        )

    async def store_profile(
        self, outlet: str, prepared: Prepared
    ) -> tuple[Rereading, list[StaleVersion]] | None:
        """Store a profile. Returns the versions to read again with it."""

        def work() -> tuple[Rereading, list[StaleVersion]] | None:
            rereading = self._open_keeper.profile_learner.store_profile(
                outlet, prepared, utc_now_iso()
            )
            if rereading is None:
                return None
            return rereading, list(
                islice(rereading.stale_versions(), MAX_REREAD_VERSIONS)
            )

        return await self._run_in_thread(work)

    async def is_training_due(self, outlet: str) -> bool:
        """Whether the outlet's profile is to be learned again."""
        return await self._run_in_thread(
            self._open_keeper.profile_learner.is_due, outlet, utc_now_iso()
        )

    async def begin_reread(
        self, rereading: Rereading, stale_version: StaleVersion
    ) -> PendingReread:
        """What is to be read of a version."""
        return await self._run_in_thread(rereading.start, stale_version)

    async def finish_reread(
        self, rereading: Rereading, pending: PendingReread, prepared: Prepared
    ) -> None:
        """Store how a version reads with the new profile."""
        await self._run_in_thread(rereading.finish, pending, prepared)

    # ---- politeness

    async def get_robots_txt(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]:
        """robots.txt as stored: (text, last status, its time, time of the text)."""
        return await self._run_in_thread(self._open_keeper.get_robots, origin)

    async def store_robots_txt(self, origin: str, site: str, capture: Capture) -> None:
        """Store a response to a request for robots.txt."""
        await self._run_in_thread(
            self._open_keeper.store_robots, origin, site, capture, utc_now_iso()
        )

    async def get_tdmrep(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None]:
        """tdmrep.json as stored: (text, last status, its time)."""
        return await self._run_in_thread(self._open_keeper.get_tdmrep, origin)

    async def store_tdmrep(self, origin: str, site: str, capture: Capture) -> None:
        """Store a response to a request for tdmrep.json."""
        await self._run_in_thread(
            self._open_keeper.store_tdmrep, origin, site, capture, utc_now_iso()
        )

    async def hold(
        self, origin: str, site: str, until: str, reason: str, limited: float = 0.0
    ) -> None:
        """Send nothing to this site before ``until``, in this crawl or a later one.

        ``limited``: seconds, where the server states no time.
        """
        await self._run_in_thread(
            self._open_keeper.set_rate_limit, origin, site, until, reason, limited
        )

    async def get_holds(self) -> dict[str, tuple[str, str]]:
        """The rate limits in force: site → (until, reason)."""
        return await self._run_in_thread(self._open_keeper.rate_limits, utc_now_iso())

    async def get_unstated_limits(self) -> dict[str, tuple[float, str]]:
        """The last waits of sites that did not say how long: site → (seconds, end)."""
        return await self._run_in_thread(self._open_keeper.unstated_limits)

    # ---- the crawl as a whole

    async def get_counts(self) -> dict[str, int]:
        """What was done so far. Commits, and checks whether the clock was set."""

        def work() -> dict[str, int]:
            if self.clock is not None:
                self.clock.check(utc_now_iso(), boottime_seconds())
            return self._open_keeper.counts.as_dict()

        return await self._run_in_thread(work)

    def open(self) -> None:
        """Open the archive. Raises HarvesterError."""

        def work() -> None:
            from harvester.archive.connection import Archive
            from harvester.ingest.clock import ClockMonitor
            from harvester.ingest.keeper import Keeper

            archive = Archive.open(self.settings.archive, self.settings.captures)
            self.keeper = Keeper(archive, self.settings)
            self.clock = ClockMonitor(self.keeper, utc_now_iso(), boottime_seconds())
            self.keeper.sync_settings(utc_now_iso())
            self.keeper.begin_crawl(utc_now_iso(), boot_time_iso())

        self._thread.call(work)

    def first_due_visits(
        self, outlets: Sequence[str], force: bool, limit: int
    ) -> list[Visit]:
        """What is due at the start, before anything expensive is imported."""
        return self._thread.call(
            lambda: self._open_keeper.take_due_visits(
                utc_now_iso(), outlets, force, limit, self.backfills
            )
        )

    def visits_at(self, addresses: Sequence[tuple[str, str]]) -> list[Visit]:
        """The visits to (outlet, URL), due or not. Raises HarvesterError."""
        return self._thread.call(
            lambda: self._open_keeper.take_visits_at(utc_now_iso(), addresses)
        )

    def finish(self, timeout: float | None = None) -> dict[str, object]:
        """Commit and close. Returns the counts. Raises HarvesterError, TimeoutError."""

        def work() -> dict[str, object]:
            counts = self._open_keeper.end_crawl(
                utc_now_iso(), hurry=timeout is not None
            )
            self._open_keeper.close()
            return counts

        counts = self._thread.call(work, timeout)
        self._thread.close()
        return counts

    def _set_rate_limit(self, capture: Capture, hold: tuple[str, str] | None) -> None:
        if hold and capture.retry_at:
            self._open_keeper.set_rate_limit(
                *hold,
                capture.retry_at,
                f"HTTP {capture.status}",
                capture.limited_seconds,
            )

    @property
    def _open_keeper(self) -> Keeper:
        if self.keeper is None:
            raise HarvesterError("the archive is not open")
        return self.keeper

    async def _run_in_thread(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def work() -> T:
            result = function(*args, **kwargs)
            self._uncommitted_operations += 1
            if (
                self._uncommitted_operations >= MAX_OPERATIONS_PER_COMMIT
                or time.monotonic() - self._last_commit_at >= COMMIT_INTERVAL_SECONDS
            ):
                self._open_keeper.flush()
                if self._open_keeper.has_due_alerts(utc_now_iso()):
                    time.sleep(DELIVERY_PAUSE_SECONDS)
                self._uncommitted_operations, self._last_commit_at = 0, time.monotonic()
            return result

        return await self._thread.run(work)
