"""Files of an origin about all of it: robots.txt, tdmrep.json. How they are fetched.

With the site's budget, like any request; when, and what they mean, is decided in
``robots`` and ``tdmrep``.
"""

from __future__ import annotations

from dataclasses import replace

from scrapy import Request

from harvester.archive.records.warc_records import COOKIE_HEADERS, without_headers
from harvester.errors import HarvesterError
from harvester.identity.urls import retry_after_scope
from harvester.model import Capture, Outcome
from harvester.schedule.times import add_seconds
from spiders.connection_errors import classify_network_error, refused_address
from spiders.protocols import CrawlSpider
from spiders.proxies import apply_proxy
from spiders.request_context import RequestContext
from spiders.requests import build_request
from spiders.responses import (
    NotFetchedError,
    RedirectError,
    capture_from_response,
    explain_failure,
    origin_of,
)
from spiders.system_clock import utc_now_iso

MAX_REDIRECTS = 5


async def fetch_site_file(
    spider: CrawlSpider,
    url: str,
    site: str,
    outlet: str,
    *,
    max_bytes: int,
    is_robots_txt: bool = False,
    timeout: float | None = None,
) -> Capture:
    """Fetch a file, of any size; its beginning is kept.

    ``outlet``: whose proxy it is fetched through, and whose headers are sent.
    ``timeout``: seconds, if fewer than for other requests. Raises NotFetchedError where it
    was not requested (private address, rate limit).
    """
    settings = spider.harvest_settings
    context = RequestContext(
        is_robots_txt=is_robots_txt,
        is_site_file=True,
        max_redirects=MAX_REDIRECTS,
        max_received_bytes=max_bytes,
        max_decompressed_bytes=settings.limits.page_bytes,
        requested_urls=[url],
        sender=outlet,
    )
    request = build_request(settings, url, site, context, max_bytes=0, kind="feed")
    apply_proxy(settings, request, outlet)
    request.meta["redirect_ttl"] = MAX_REDIRECTS
    if timeout is not None:
        request.meta["download_timeout"] = min(
            timeout, request.meta["download_timeout"]
        )
    try:
        response = await spider.download(request)
    except HarvesterError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever fails is an outcome)
        return _capture_from_error(spider, error, request, context)
    last_request = response.request or request
    capture = capture_from_response(response, last_request, url, utc_now_iso())
    if capture.retry_at:
        await spider.writer.hold(
            origin_of(url),
            retry_after_scope(last_request.url),
            capture.retry_at,
            f"{url.rpartition('/')[2]}: HTTP {capture.status}",
            capture.limited_seconds,
        )
    if context.own_header_names:
        capture = _without_cookies(capture)
    return replace(capture, truncated=False)


def _without_cookies(capture: Capture) -> Capture:
    """A capture without the cookies that it sets for whoever sent secrets."""
    redirects = tuple(
        replace(hop, headers=without_headers(hop.headers, COOKIE_HEADERS))
        for hop in capture.redirects
    )
    headers = without_headers(capture.headers, COOKIE_HEADERS)
    return replace(capture, headers=headers, redirects=redirects)


def _capture_from_error(
    spider: CrawlSpider, error: Exception, request: Request, context: RequestContext
) -> Capture:
    url = context.requested_urls[0]
    error = classify_network_error(spider.network, error, request)
    if isinstance(error, RedirectError):
        # RFC 9309, 2.3.1.2: after too many redirects there is no such file.
        return Capture(url, url, utc_now_iso(), 404)
    outcome, reason, retry_at = explain_failure(
        error, request, refused_address(context.requested_urls[-1])
    )
    if outcome is not Outcome.FAILED:
        raise NotFetchedError(outcome, reason, retry_at) from error
    return Capture(url, url, utc_now_iso(), 0, outcome=outcome, error=reason)


def is_within(now: str, start: str | None, seconds: float) -> bool:
    """Whether a time is at most so many seconds after another, and not before it."""
    return start is not None and start <= now < add_seconds(start, seconds)
