"""What becomes of an answer: kept, read by a worker, kept as what it means; and what is learned of its outlet then.

Not for: which answers there are (``harvest``), nor for what they mean (``harvester.ingest``).
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.errors import HarvesterError
from harvester.identity.urls import retry_after_scope
from harvester.ingest import multipage
from spiders.pagination import read_remaining_pages

if TYPE_CHECKING:
    from scrapy import Request

    from harvester.ingest import Job
    from harvester.model import Capture, Prepared, Visit
    from spiders.harvest import HarvestSpider

# Readings of a look, each with a profile that was learned during the one before; then it waits for its next try.
MAX_REREADS = 3


class ResponsePipeline:
    """The answers on their way into the archive; ``count``: how many."""

    def __init__(self, spider: HarvestSpider) -> None:
        self._spider = spider
        self._writer, self._workers = spider.writer, spider.workers
        self._tasks: set[asyncio.Task[None]] = set()
        self.in_progress_count = 0

    def process(
        self,
        visit: Visit,
        request: Request,
        capture: Capture,
        error: Exception | None = None,
    ) -> None:
        """Settle a visit, in a task of its own: Scrapy asks for nothing more while its callbacks wait for large pages to be read."""
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
        size = len(capture.body) + sum(len(hop.body) for hop in capture.redirects)
        self._spider.visit_queue.add_unread_bytes(visit.outlet, size, time.monotonic())
        try:
            if isinstance(
                error, HarvesterError
            ):  # the archive, while robots.txt was looked up
                raise error
            await self._store_response(visit, request, capture)
        except Exception as problem:  # noqa: BLE001 (the rim: our own fault or the archive's ends the crawl, honestly)
            self._spider.context.on_failed(problem)
        finally:
            self._spider.visit_queue.add_unread_bytes(
                visit.outlet, -size, time.monotonic()
            )
            self.in_progress_count -= 1
            self._spider.on_visit_finished(visit)

    async def _store_response(
        self, visit: Visit, request: Request, capture: Capture
    ) -> None:
        hold = None
        if capture.retry_at and capture.status:
            parts = urlsplit(request.url)
            hold = (f"{parts.scheme}://{parts.netloc}", retry_after_scope(request.url))
        job, kept = await self._writer.store_capture(visit, capture, hold)
        if job is not None:
            prepared = await self._read_capture(visit, job)
            if multipage.next_page_url(prepared.extract):
                whole = await read_remaining_pages(
                    self._spider, visit, capture, prepared
                )
                if whole is None:  # stopped: it stays due
                    return
                prepared = whole
            kept = await self._writer.finish_visit(visit, capture, prepared)
            if kept.learn_outlet:
                await self._learn_profile(kept.learn_outlet)
        if kept is not None:
            self._spider.on_capture_stored(visit, capture, kept.outcome)

    async def _read_capture(self, visit: Visit, job: Job) -> Prepared:
        """Read a page or a feed: a new page with what was learned while it waited, a look with what its article is read with."""
        newest = (
            partial(self._writer.with_latest_profile, visit.outlet)
            if visit.kind == "entry"
            else None
        )
        prepared = await asyncio.wrap_future(
            self._workers.submit(job, visit.outlet, newest)
        )
        for _ in range(MAX_REREADS if visit.kind == "article" else 0):
            again = await self._writer.next_reread_job(visit, job, prepared)
            if again is None:
                break
            job = again
            prepared = await asyncio.wrap_future(
                self._workers.submit(job, visit.outlet)
            )
        return prepared

    async def _learn_profile(self, outlet: str) -> None:
        """Learn what the outlet's pages have in common, and read with it what was read before."""
        prepared = await asyncio.wrap_future(
            self._workers.submit(await self._writer.training_job(outlet))
        )
        new = await self._writer.store_profile(outlet, prepared)
        if new is None:
            return
        rereading, stale = new
        for one in stale:
            begun = await self._writer.begin_reread(rereading, one)
            if begun.job is not None and not self._spider.stopping:
                again = await asyncio.wrap_future(self._workers.submit(begun.job))
                await self._writer.finish_reread(rereading, begun, again)
        if not self._spider.stopping and await self._writer.is_training_due(outlet):
            await self._learn_profile(outlet)
