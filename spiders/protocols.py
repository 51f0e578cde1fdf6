"""What the other modules see of the spider, so that none of them imports it."""

from __future__ import annotations

from typing import Protocol, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from harvester.ingest.counts import VisitResult
from harvester.model import Capture, Visit
from harvester.settings import Settings
from harvester.workers.pool import WorkerPool
from spiders.network import NetworkMonitor
from spiders.politeness import Politeness
from spiders.queue import VisitQueue
from spiders.writer import ArchiveWriter


class RobotsStore(Protocol):
    """What is known of sites, and is remembered of them."""

    async def get_robots_txt(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]: ...
    async def store_robots_txt(
        self, origin: str, site: str, capture: Capture
    ) -> None: ...
    async def hold(
        self, origin: str, site: str, until: str, reason: str, limited: float = 0.0
    ) -> None: ...


class CrawlSpider(Protocol):
    """What fetches and checks requests: middlewares, robots.txt."""

    harvest_settings: Settings
    politeness: Politeness
    network: NetworkMonitor
    force: bool  # everything is fetched, due or not
    stopping: bool  # nothing more is sent or read

    @property
    def writer(self) -> RobotsStore: ...
    async def download(self, request: Request) -> Response: ...
    def check_before_send(self, request: Request) -> None: ...
    async def wait_for_cross_outlet_turn(self, site: str, outlet: str) -> None: ...
    def is_insecure(self, request: Request) -> bool: ...


class VisitingSpider(CrawlSpider, Protocol):
    """The same with the visits under way, for what finishes them."""

    visit_queue: VisitQueue
    workers: WorkerPool

    @property
    def writer(self) -> ArchiveWriter: ...
    def wake(self) -> None: ...
    def on_capture_stored(
        self, visit: Visit, capture: Capture, result: VisitResult
    ) -> None: ...
    def on_visit_finished(self, visit: Visit) -> None: ...
    def on_failed(self, error: BaseException) -> None: ...


def spider_of(crawler: Crawler) -> CrawlSpider:
    """The spider of a crawler, for Scrapy's components."""
    return cast("CrawlSpider", crawler.spider)
