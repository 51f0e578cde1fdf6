"""Fetches the URLs that it is told, one after the other: ``python -P -m spiders --fetch N``.

For programs that look at a site before it is harvested. robots.txt, delays, rate limits,
the guard of addresses and all bounds are those of a crawl; nothing is stored, and the
archive is not locked. At most N requests are sent, those for robots.txt and redirects
among them.

Standard input: the validated settings (``settings.handover``), then one JSON object a
line: ``{"url": …, "kind": "feed" or "page", "outlet": …, "follow": …}``, ``outlet`` being
the key of the one whose settings hold for it, or "", and ``follow`` whether redirects are
followed. Standard output: a line for each, in the same order, see ``_response_event``. It
ends when its input does.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from harvester.errors import HarvesterError
from harvester.identity.urls import retry_after_scope, site
from harvester.model import Capture, Outcome
from harvester.settings import Settings
from spiders.connection_errors import refused_address
from spiders.network import NetworkMonitor
from spiders.politeness import Politeness
from spiders.request_context import RequestContext, get_context
from spiders.requests import build_request
from spiders.responses import (
    NotFetchedError,
    capture_from_response,
    explain_failure,
    origin_of,
)
from spiders.robots import MAX_ROBOTS_BYTES
from spiders.system_clock import utc_now_iso

REASON_BUDGET = "the number of requests is used up"
MAX_SITEMAPS = 100  # of a robots.txt
_CHECKED = "fetch_checked"  # in a request's meta: it may be sent


class StoredPoliteness:
    """What the archive knows of sites, read only; and what this process learns of them.

    In the place of the writer of a crawl: nothing is written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._robots: dict[str, tuple[str, int, str]] = {}  # text, status, time

    async def get_robots_txt(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]:
        """As ``ArchiveWriter.get_robots_txt``: always fetched anew, once."""
        if origin not in self._robots:
            return None, None, None, None
        text, status, at = self._robots[origin]
        return text, status, at, at

    async def store_robots_txt(self, origin: str, site: str, capture: Capture) -> None:
        """Remember a response to a request for robots.txt."""
        text = capture.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
        is_file = capture.outcome is None and 200 <= capture.status < 300
        self._robots[origin] = (text if is_file else "", capture.status, capture.at)

    async def hold(
        self, origin: str, site: str, until: str, reason: str, limited: float = 0.0
    ) -> None:
        """A rate limit: the spider keeps it while it runs."""

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that robots.txt of a URL's origin names."""
        text = self._robots.get(origin_of(url), ("", 0, ""))[0]
        try:
            names = list(Protego.parse(text).sitemaps)
        except (ValueError, UnicodeError):
            return []
        return [name for name in names if urlsplit(name).scheme][:MAX_SITEMAPS]

    def holds(self) -> dict[str, tuple[str, str]]:
        """The rate limits in force, if there is an archive."""
        from harvester.archive.connection import open_reader
        from harvester.archive.records.hosts import get_rate_limits
        from harvester.archive.sqlite_errors import translate_sqlite_errors

        archive = self._settings.archive
        try:
            with (
                translate_sqlite_errors(archive),
                closing(open_reader(archive)) as connection,
            ):
                return get_rate_limits(connection, utc_now_iso())
        except HarvesterError:  # there is none yet, or it is being upgraded
            return {}


class FetchSpider(Spider):
    """Fetches one URL at a time, as ``protocols.CrawlSpider``."""

    name = "fetch"
    force = True
    stopping = False

    def __init__(self, settings: Settings, max_requests: int, lines: BinaryIO) -> None:
        super().__init__()
        self.harvest_settings = settings
        self.writer = StoredPoliteness(settings)
        self.politeness = Politeness(settings)
        self.network = NetworkMonitor(1)
        self.request_count = 0
        self._max_requests = max_requests
        self._lines = lines

    async def start(self) -> AsyncIterator[Request]:
        engine = self.crawler.engine
        assert engine is not None
        self.politeness.attach(engine.downloader)
        for name, (until, reason) in self.writer.holds().items():
            self.politeness.hold(name, until, reason)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, self._lines.readline):
            wanted = json.loads(line)
            capture = await self._fetch(
                str(wanted["url"]),
                str(wanted["kind"]),
                str(wanted.get("outlet", "")),
                bool(wanted.get("follow", True)),
            )
            _print_line(self._response_event(capture))
        return
        yield  # an iterator, as Scrapy expects, of no requests

    async def _fetch(self, url: str, kind: str, outlet: str, follow: bool) -> Capture:
        limits = self.harvest_settings.limits
        context = RequestContext(outlet, requested_urls=[url], follows_redirects=follow)
        self.politeness.register_site(site(url), outlet)
        try:
            request = build_request(
                self.harvest_settings,
                url,
                site(url),
                context,
                max_bytes=limits.feed_bytes,
                kind=kind,
            )
            response = await self.download(request)
        except Exception as error:  # noqa: BLE001 (whatever fails is an outcome)
            return self._capture_from_error(url, error, context)
        self.network.record_response(response.ip_address, time.monotonic())
        return capture_from_response(
            response, response.request or request, url, utc_now_iso()
        )

    def _capture_from_error(
        self, url: str, error: Exception, context: RequestContext
    ) -> Capture:
        last_url = context.requested_urls[-1]
        request = Request(last_url, meta={"download_maxsize": 0})
        request.meta["download_timeout"] = self.harvest_settings.timeout_of(
            context.outlet
        )
        outcome, reason, retry_at = explain_failure(
            error, request, refused_address(last_url)
        )
        return Capture(
            url,
            last_url,
            utc_now_iso(),
            0,
            outcome=outcome,
            error=reason,
            retry_at=retry_at,
        )

    def _response_event(self, capture: Capture) -> dict[str, Any]:
        return {
            "event": "response",
            "url": capture.url,
            "reached": capture.reached,
            "at": capture.at,
            "status": capture.status,
            "permanent": bool(capture.redirects)
            and all(hop.status in (301, 308) for hop in capture.redirects),
            "headers": capture.headers,
            "body": base64.b64encode(capture.body).decode("ascii"),
            "outcome": capture.outcome,
            "error": capture.error,
            "truncated": capture.truncated,
            "retry_at": capture.retry_at,
            "sitemaps": self.writer.sitemaps(capture.reached),
            "requests": self.request_count,
        }

    # ---- protocols.CrawlSpider

    async def download(self, request: Request) -> Response:
        """Send a request, through all checks."""
        engine = self.crawler.engine
        assert engine is not None
        return await engine.download_async(request)

    def check_before_send(self, request: Request) -> None:
        """Raise NotFetchedError where a request must not be sent.

        Called when a request is made, and again as it is sent: then it counts.
        """
        hold = self.politeness.get_hold(retry_after_scope(request.url))
        if hold:
            until, reason = hold
            raise NotFetchedError(
                Outcome.WAITING, f"rate-limited until {until} ({reason})", until
            )
        if request.meta.pop(_CHECKED, False):  # a redirect copies what is left
            self.request_count += 1
        elif self.request_count >= self._max_requests:
            raise NotFetchedError(Outcome.REFUSED, REASON_BUDGET)
        else:
            request.meta[_CHECKED] = True

    async def wait_for_cross_outlet_turn(self, site: str, outlet: str) -> None:
        """Redirects to sites of outlets need no turn: there are few."""

    def is_insecure(self, request: Request) -> bool:
        """Whether this host's certificate is not verified."""
        return self.politeness.is_insecure(
            request.meta["download_slot"], get_context(request).outlet
        )


def run(settings: Settings, max_requests: int, lines: BinaryIO) -> int:
    """Fetch what the lines say; returns the exit code."""
    from spiders.scrapy_settings import scrapy_settings

    process = AsyncCrawlerProcess(scrapy_settings(settings, open_files=256))
    for name in ("scrapy", "twisted", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    crawl = process.crawl(
        FetchSpider, settings=settings, max_requests=max_requests, lines=lines
    )
    process.start(install_signal_handlers=True)
    return int(process.bootstrap_failed or not crawl.done())


def _print_line(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")
    sys.stdout.flush()
