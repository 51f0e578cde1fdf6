"""Between Scrapy's engine and downloader: checks, redirects, bounded decompression.

Private addresses are refused in ``address_guard``, as the connection is made. Nothing
is retried here: the archive has the time of the next try.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from harvester.archive.records.compression import gunzip_complete
from harvester.identity.urls import retry_after_scope, site
from harvester.model import Outcome
from spiders.politeness import parse_retry_after
from spiders.protocols import spider_of
from spiders.request_context import META_KEY, get_context
from spiders.requests import split_login
from spiders.responses import (
    REASON_ONLY_HTTP,
    NotFetchedError,
    RedirectError,
    format_size,
    hop_from_response,
)
from spiders.robots import RobotsPolicies

CONDITIONAL_HEADERS = ("If-None-Match", "If-Modified-Since")
MAX_CONTENT_ENCODINGS = 3  # each of them may decompress to the whole limit
REDIRECT_STATUSES = (301, 302, 303, 307, 308)


class PolitenessMiddleware:
    """Checks scheme, length, rate limits and robots.txt; remembers Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        self._spider = spider_of(crawler)
        self._robots = RobotsPolicies(self._spider)

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
        if not get_context(request).is_robots_txt:
            await self._robots.check(request.url, request.meta["download_slot"])

    def process_response(self, request: Request, response: Response) -> Response:
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        until = parse_retry_after(response.status, header, datetime.now(UTC))
        if until:
            self._spider.politeness.hold(
                retry_after_scope(request.url), until, f"HTTP {response.status}"
            )
            get_context(request).retry_at = until
        return response


class CheckedRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, with each one recorded and checked like a new request."""

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer."""

    def _engine_started(self) -> None:
        """Scrapy would warn here that there is no middleware for Referer."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        if (
            response.status not in REDIRECT_STATUSES
            or "Location" not in response.headers
        ):
            return response
        redirected, url, slot = self._follow(request, response)
        if url in redirected.meta.get("redirect_urls", ()):
            raise RedirectError("redirect loop")
        # Validators belong to the URL they came from.
        for header in CONDITIONAL_HEADERS:
            redirected.headers.pop(header, None)
        context = get_context(request)
        context.requested_urls.append(url)
        redirected.meta[META_KEY] = replace(
            context, redirects=(*context.redirects, hop_from_response(response))
        )
        redirected.meta["download_slot"] = slot
        spider = spider_of(self.crawler)
        spider.politeness.register_site(slot, context.outlet)
        await spider.wait_for_cross_outlet_turn(slot, context.outlet)
        return redirected if url == redirected.url else redirected.replace(url=url)

    def _follow(self, request: Request, response: Response) -> tuple[Request, str, str]:
        """Scrapy's request for the redirect, its URL without a login, and its site."""
        try:
            redirected = super().process_response(request, response)
            if redirected is response:
                raise NotFetchedError(
                    Outcome.REFUSED,
                    f"redirects to another scheme: {REASON_ONLY_HTTP}",
                )
            assert not isinstance(redirected, Response)
            url, _ = split_login(redirected.url)
            return redirected, url, site(url)
        except NotFetchedError:
            raise
        except IgnoreRequest:
            limit = get_context(request).max_redirects or self.max_redirect_times
            raise RedirectError(f"more than {limit} redirects") from None
        except (ValueError, UnicodeError):
            raise RedirectError("redirects to an invalid URL") from None


class BoundedDecompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's decompression with a limit; headers stay as they were received."""

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
        body = self._decompress(response.body, encodings, max_bytes)
        flags = list(response.flags)
        if (
            "partial" in flags
            and encodings == [b"gzip"]
            and len(body) % 2**32 != int.from_bytes(response.body[-4:], "little")
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

    def _decompress(self, body: bytes, encodings: list[bytes], max_bytes: int) -> bytes:
        if sum(value.count(b",") + 1 for value in encodings) > MAX_CONTENT_ENCODINGS:
            raise NotFetchedError(
                Outcome.FAILED, f"more than {MAX_CONTENT_ENCODINGS} content encodings"
            )
        if encodings == [b"gzip"]:  # as nearly all are: in half of the time
            complete = gunzip_complete(body, max_bytes)
            if complete is not None:
                return complete
        try:
            return self._handle_encoding(body, encodings, max_bytes)[0]
        except _DecompressionMaxSizeExceeded:
            raise NotFetchedError(
                Outcome.FAILED,
                f"larger than {format_size(max_bytes)} after decompression",
            ) from None
        except (OSError, EOFError, ValueError, zlib.error) as error:
            encoding = encodings[0].decode("latin-1")[:20]
            raise NotFetchedError(
                Outcome.FAILED, f"the {encoding} body is corrupt"
            ) from error
