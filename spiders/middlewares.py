"""Between Scrapy's engine and downloader: checks, and bounded decompression.

Private addresses are refused in ``address_guard``, as the connection is made. Nothing
is retried here: the archive has the time of the next try.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response

from harvester.archive.records.content_encodings import (
    UndecodableError,
    decode_body,
    ends_early,
    is_plain_markup,
)
from harvester.identity.urls import retry_after_scope
from harvester.model import Outcome
from spiders.politeness import parse_retry_after, states_no_time
from spiders.protocols import spider_of
from spiders.proxies import TargetPolicy
from spiders.request_context import get_context
from spiders.responses import (
    REASON_ONLY_HTTP,
    UNDECODED_FLAG,
    NotFetchedError,
)
from spiders.robots import RobotsPolicies


class PolitenessMiddleware:
    """Checks scheme, length, rate limits and robots.txt; remembers Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        self._spider = spider_of(crawler)
        self._robots = RobotsPolicies(self._spider)
        self._targets = TargetPolicy(self._spider.harvest_settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if not request.url.startswith(("http://", "https://")):
            raise NotFetchedError(Outcome.REFUSED, REASON_ONLY_HTTP)
        max_length = self._spider.harvest_settings.limits.url_length
        if len(request.url) > max_length:
            raise NotFetchedError(
                Outcome.REFUSED, f"the URL is longer than {max_length} characters"
            )
        self._spider.check_before_send(request)
        await self._targets.check(request)
        context = get_context(request)
        if not context.is_robots_txt:
            await self._robots.check(
                request.url,
                request.meta["download_slot"],
                context.sender or context.outlet,
            )

    def process_response(self, request: Request, response: Response) -> Response:
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        now, site = datetime.now(UTC), retry_after_scope(request.url)
        politeness, context = self._spider.politeness, get_context(request)
        if states_no_time(response.status, header, now):
            wait = politeness.begin_unstated_limit(site)
            context.limited_seconds = politeness.get_unstated_seconds(site)
            until = parse_retry_after(response.status, header, now, wait)
        else:
            until = parse_retry_after(response.status, header, now)
        if until:
            politeness.hold(site, until, f"HTTP {response.status}")
            context.retry_at = until
        return response


class BoundedDecompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's decompression with a limit; headers stay as they were received.

    A body that cannot be decompressed stays as it was received, with a flag that says
    why (``responses.undecoded_reason``), so that it is kept and not read.
    """

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Response:
        encodings = response.headers.getlist("Content-Encoding")
        if not encodings or not response.body:
            return response
        max_bytes = (
            get_context(request).max_decompressed_bytes
            or request.meta["download_maxsize"]
        )
        flags = list(response.flags)
        try:
            body = decode_body(
                response.body,
                [value.decode("latin-1") for value in encodings],
                max_bytes,
            )
        except UndecodableError as error:
            body = response.body
            if not is_plain_markup(body):
                flags.append(f"{UNDECODED_FLAG}{error}")
        if (
            "partial" in flags
            and encodings == [b"gzip"]
            and body is not response.body
            and ends_early(response.body, body)
        ):  # no Content-Length, and by its gzip trailer the body ended early
            flags.append("dataloss")
        # Not replace(): it would choose a class by the declared charset, which may be
        # no codec at all.
        decompressed = Response(
            response.url,
            response.status,
            body=body,
            flags=flags,
            request=request,
            ip_address=response.ip_address,
        )
        decompressed.headers = response.headers  # the same ones: no copy, name by name
        return decompressed
