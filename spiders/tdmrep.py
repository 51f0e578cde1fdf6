"""tdmrep.json: what an origin reserves for text and data mining (recorded, not obeyed).

Fetched once an article of the origin was received, under robots.txt and with the site's
budget: at most once a day, and once a week where there is none. Whatever happens to it
happens to nothing else. What it says is read in ``parse.metadata.reservations``.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from harvester.identity.urls import site as site_of
from harvester.model import Capture, Visit
from harvester.parse.metadata.reservations import TDMREP_PATH
from spiders.protocols import VisitingSpider
from spiders.responses import NotFetchedError, origin_of
from spiders.site_files import fetch_site_file, is_within
from spiders.system_clock import utc_now_iso

MAX_TDMREP_BYTES = 500 * 1024  # of it are read
FRESH_SECONDS = 86_400.0
MISSING_SECONDS = 7 * 86_400.0  # after "there is none"
MISSING_STATUSES = (404, 410)
TIMEOUT_SECONDS = 15.0  # an article waits for it
POLL_SECONDS = 0.5  # after so long it is seen that the crawl is stopped
MAX_CACHED_ORIGINS = 1_000


class TdmrepFiles:
    """The tdmrep.json of all origins met in a crawl."""

    def __init__(self, spider: VisitingSpider) -> None:
        self._spider = spider
        # Origin → its task, and when it is outdated (monotonic).
        self._tasks: OrderedDict[str, tuple[asyncio.Task[None], float]] = OrderedDict()

    async def fetch_for(self, visit: Visit, capture: Capture) -> None:
        """Fetch the file of the origin that sent an article, if it is due.

        Waits for it, but not when the crawl is stopped. Raises what the archive raises.
        """
        if visit.reads_feed or not capture.is_whole_success:
            return
        origin = origin_of(capture.reached or capture.url)
        task, outdated_at = self._tasks.get(origin, (None, 0.0))
        now = time.monotonic()
        if task is None or outdated_at <= now:
            task = asyncio.get_running_loop().create_task(
                self._fetch(origin, site_of(origin), visit.outlet)
            )
            self._tasks[origin] = task, now + FRESH_SECONDS
            while len(self._tasks) > MAX_CACHED_ORIGINS:
                self._tasks.popitem(last=False)
        while not task.done() and not self._spider.stopping:
            await asyncio.wait([task], timeout=POLL_SECONDS)
        if task.done():
            task.result()

    async def _fetch(self, origin: str, site: str, outlet: str) -> None:
        writer = self._spider.writer
        _, status, requested_at = await writer.get_tdmrep(origin)
        seconds = MISSING_SECONDS if status in MISSING_STATUSES else FRESH_SECONDS
        if is_within(utc_now_iso(), requested_at, seconds):
            return
        try:
            capture = await fetch_site_file(
                self._spider,
                f"{origin}{TDMREP_PATH}",
                site,
                outlet,
                max_bytes=MAX_TDMREP_BYTES,
                timeout=TIMEOUT_SECONDS,
            )
        except NotFetchedError:  # robots.txt, a rate limit, the crawl is stopped
            return
        await writer.store_tdmrep(origin, site, capture)
