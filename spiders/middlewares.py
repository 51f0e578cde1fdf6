"""Between engine and downloader: what may be asked, what is done with redirects, and unfolding with a bound.

    Gate      scheme, length, holds, robots.txt before a request; Retry-After after it
    Redirect  Scrapy's, with each hop recorded and checked anew
    Unfold    Scrapy's decompression, bounded, leaving headers as received and the body as bytes

Not for: private addresses (``guard``, at the connection), nor for retries (the archive says when).
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit, urlunsplit

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from harvester.identity.urls import retry_after_scope, site
from harvester.model import Outcome
from spiders.politeness import parse_retry_after
from spiders.responses import NotFetchedError, format_size, hop_from_response

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

REASON_ONLY_HTTP = "only http and https addresses are asked"
CONDITIONAL_HEADERS = ("If-None-Match", "If-Modified-Since")
MAX_CONTENT_ENCODINGS = 3  # of one body: each may unfold to the whole bound
REDIRECT_STATUSES = (301, 302, 303, 307, 308)


def split_login(url: str) -> tuple[str, str]:
    """An address without user and password, and these."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    return (urlunsplit(parts._replace(netloc=host)), login) if at else (url, "")


class PolitenessMiddleware:
    """See the module."""

    def __init__(self, crawler: Crawler) -> None:
        self._spider: Any = crawler.spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if not request.url.startswith(("http://", "https://")):
            raise NotFetchedError(Outcome.REFUSED, REASON_ONLY_HTTP)
        most = self._spider.harvest_settings.limits.url_length
        if len(request.url) > most:
            raise NotFetchedError(
                Outcome.REFUSED, f"the address is longer than {most} characters"
            )
        self._spider.check_before_send(request)
        if not request.meta.get("robots"):
            await self._spider.robots.check(
                request.url,
                request.meta["download_slot"],
                request.meta.get("outlet", ""),
            )

    def process_response(self, request: Request, response: Response) -> Response:
        value = (response.headers.get("Retry-After") or b"").decode("latin-1")
        until = parse_retry_after(response.status, value, datetime.now(UTC))
        if until:
            self._spider.politeness.hold(
                retry_after_scope(request.url), until, f"answered {response.status}"
            )
            request.meta["retry_at"] = until
        return response


class CheckedRedirectMiddleware(RedirectMiddleware):
    """See the module."""

    def handle_referer(self, request: Request, response: Response) -> None:
        """No Referer to anybody."""

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
        try:
            following = super().process_response(request, response)
            if following is response:
                raise NotFetchedError(
                    Outcome.REFUSED,
                    f"it redirects to another scheme: {REASON_ONLY_HTTP}",
                )
            assert not isinstance(following, Response)
            url, _ = split_login(following.url)
            slot = site(url)
        except NotFetchedError:
            raise
        except IgnoreRequest:
            most = request.meta.get("redirect_most", self.max_redirect_times)
            raise NotFetchedError(
                Outcome.FAILED, f"more than {most} redirects"
            ) from None
        except (ValueError, UnicodeError):
            raise NotFetchedError(
                Outcome.FAILED, "it redirects to an address that cannot be read"
            ) from None
        before = [*following.meta.get("redirect_urls", ())]
        if url in before:
            raise NotFetchedError(Outcome.FAILED, "redirects in a circle")
        for (
            name
        ) in CONDITIONAL_HEADERS:  # validators belong to the address that gave them
            following.headers.pop(name, None)
        if "trail" in request.meta:
            request.meta["trail"].append(url)
        following.meta["hops"] = (
            *request.meta.get("hops", ()),
            hop_from_response(response),
        )
        following.meta["download_slot"] = slot
        spider: Any = self.crawler.spider
        spider.politeness.register_site(slot, request.meta.get("outlet", ""))
        await spider.wait_for_cross_outlet_turn(slot, request.meta.get("outlet", ""))
        return following if url == following.url else following.replace(url=url)


class BoundedDecompressionMiddleware(HttpCompressionMiddleware):
    """See the module."""

    def process_response(self, request: Request, response: Response) -> Response:  # type: ignore[override]
        encodings = response.headers.getlist("Content-Encoding")
        if not encodings or not response.body:
            return response
        most = int(request.meta.get("unfold_most") or request.meta["download_maxsize"])
        if sum(one.count(b",") + 1 for one in encodings) > MAX_CONTENT_ENCODINGS:
            raise NotFetchedError(
                Outcome.FAILED, f"folded more than {MAX_CONTENT_ENCODINGS} times"
            )
        try:
            body, _ = self._handle_encoding(response.body, encodings, most)
        except _DecompressionMaxSizeExceeded:
            raise NotFetchedError(
                Outcome.FAILED, f"larger than {format_size(most)}, unfolded"
            ) from None
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise NotFetchedError(
                Outcome.FAILED,
                f"its {encodings[0].decode('latin-1')[:20]} body is broken",
            ) from error
        flags = list(response.flags)
        if (
            "partial" in flags
            and encodings == [b"gzip"]
            and len(body) % 2**32 != int.from_bytes(response.body[-4:], "little")
        ):  # nothing said how long the answer is, and the gzip trailer says that it ended early
            flags.append("dataloss")
        # Not replace(): it would choose a class by the declared charset, which may be no codec at all.
        return Response(
            response.url,
            response.status,
            response.headers,
            body,
            flags,
            request,
            ip_address=response.ip_address,
        )
