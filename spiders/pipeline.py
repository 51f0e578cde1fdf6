"""A response's way into the archive: stored, read by a worker, then processed.

What responses mean is decided in ``harvester.ingest``.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from scrapy import Request

from harvester.errors import HarvesterError
from harvester.ingest import multipage
from harvester.ingest.prepare import Job
from harvester.model import Capture, Prepared, Visit
from spiders.pagination import read_remaining_pages
from spiders.protocols import VisitingSpider
from spiders.responses import rate_limit_scope
from spiders.tdmrep import TdmrepFiles

# An article's page is read again with a profile that was learned during the reading
# before; after so many times the newest profile waits for the next check.
MAX_REREADS = 3


class ResponsePipeline:
    """The responses on their way into the archive."""

    def __init__(self, spider: VisitingSpider) -> None:
        self._spider = spider
        self._writer, self._workers = spider.writer, spider.workers
        self._tdmrep_files = TdmrepFiles(spider)
        self._tasks: set[asyncio.Task[None]] = set()
        self.in_progress_count = 0

    def process(
        self,
        visit: Visit,
        request: Request,
        capture: Capture,
        error: Exception | None = None,
    ) -> None:
        """Finish a visit in a task of its own.

        In Scrapy's callback it would hold up the next requests while large pages are
        read.
        """
        self._spider.visit_queue.mark_done(visit, time.monotonic())
        self._spider.wake()
        if not self._spider.stopping:
            self.in_progress_count += 1
            task = asyncio.get_running_loop().create_task(
                self._process_response(visit, request, capture, error)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _process_response(
        self, visit: Visit, request: Request, capture: Capture, error: Exception | None
    ) -> None:
        queue = self._spider.visit_queue
        size = len(capture.body) + sum(len(hop.body) for hop in capture.redirects)
        queue.add_unread_bytes(visit.outlet, size, time.monotonic())
        try:
            if isinstance(error, HarvesterError):
                raise error  # by the archive, while robots.txt was looked up
            await self._store_response(visit, request, capture)
        except Exception as problem:  # noqa: BLE001 (any error here ends the crawl)
            self._spider.on_failed(problem)
        finally:
            queue.add_unread_bytes(visit.outlet, -size, time.monotonic())
            self.in_progress_count -= 1
            self._spider.on_visit_finished(visit)

    async def _store_response(
        self, visit: Visit, request: Request, capture: Capture
    ) -> None:
        hold = None
        if capture.retry_at and capture.status:
            hold = rate_limit_scope(request.url)
        job, result = await self._writer.store_capture(visit, capture, hold)
        await self._tdmrep_files.fetch_for(visit, capture)
        if job is not None:
            prepared = await self._read_capture(visit, job)
            if multipage.next_page_url(prepared.extract):
                all_pages = await read_remaining_pages(
                    self._spider, visit, capture, prepared
                )
                if all_pages is None:
                    return  # the crawl was stopped: the visit stays due
                prepared = all_pages
            result = await self._writer.finish_visit(visit, capture, prepared)
            if result.learn_outlet:
                await self._learn_profile(result.learn_outlet)
        if result is not None:
            self._spider.on_capture_stored(visit, capture, result)

    async def _read_capture(self, visit: Visit, job: Job) -> Prepared:
        """Read a page or a feed in a worker.

        A new page is read with the newest profile of its outlet, also if that was
        learned while the job waited; a known article with the profile of its versions.
        """
        refresh_job = (
            partial(self._writer.with_latest_profile, visit.outlet)
            if visit.kind == "entry"
            else None
        )
        prepared = await asyncio.wrap_future(
            self._workers.submit(job, visit.outlet, refresh_job)
        )
        for _ in range(MAX_REREADS if visit.kind == "article" else 0):
            next_job = await self._writer.next_reread_job(visit, job, prepared)
            if next_job is None:
                break
            job = next_job
            prepared = await asyncio.wrap_future(
                self._workers.submit(job, visit.outlet)
            )
        return prepared

    async def _learn_profile(self, outlet: str) -> None:
        """Learn the outlet's profile anew, and read with it what was read before."""
        prepared = await asyncio.wrap_future(
            self._workers.submit(await self._writer.training_job(outlet))
        )
        stored = await self._writer.store_profile(outlet, prepared)
        if stored is None:
            return
        rereading, stale_versions = stored
        for version in stale_versions:
            pending = await self._writer.begin_reread(rereading, version)
            if pending.job is not None and not self._spider.stopping:
                reread = await asyncio.wrap_future(self._workers.submit(pending.job))
                await self._writer.finish_reread(rereading, pending, reread)
        if not self._spider.stopping and await self._writer.is_training_due(outlet):
            await self._learn_profile(outlet)
