"""Visits as Scrapy requests: accepted types, validators, bounds, headers.

What an outlet's settings add to them is in ``own_headers``. When they are sent is decided
in ``queue``; what happens on the way is in ``middlewares`` and ``download_handler``.
"""

from __future__ import annotations

from scrapy import Request

from harvester.model import Visit
from harvester.settings import Settings
from spiders.own_headers import add_own_headers, authorize, split_login
from spiders.proxies import apply_proxy
from spiders.request_context import META_KEY, RequestContext

ACCEPT_HEADERS = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


def request_for_visit(settings: Settings, visit: Visit) -> Request:
    """The request for a visit; conditional where the archive has validators."""
    limits = settings.limits
    is_feed = visit.reads_feed and not _is_section_page(settings, visit)
    request = build_request(
        settings,
        visit.url,
        visit.site,
        RequestContext(visit.outlet, visit),
        max_bytes=limits.feed_bytes if is_feed else limits.page_bytes,
        kind="feed" if is_feed else "page",
    )
    if visit.validators_url in ("", visit.url, request.url):
        add_validators(request, visit)
    return request


def _is_section_page(settings: Settings, visit: Visit) -> bool:
    outlet = settings.outlets.get(visit.outlet)
    return outlet is not None and outlet.is_section_page(visit.key)


def add_validators(request: Request, visit: Visit) -> None:
    """Make a request conditional, where the archive has validators."""
    if visit.etag:
        request.headers["If-None-Match"] = visit.etag.encode("latin-1", "replace")
    if visit.last_modified:
        request.headers["If-Modified-Since"] = visit.last_modified.encode(
            "latin-1", "replace"
        )


def build_request(
    settings: Settings,
    url: str,
    site: str,
    context: RequestContext,
    *,
    max_bytes: int,
    kind: str,
) -> Request:
    """A request with what all have in common.

    A login becomes a header. What is for one origin alone is removed by ``redirects``.
    ``max_bytes`` 0: of any size.
    """
    bare_url, login = split_login(url)
    sender = context.sender or context.outlet
    context.accept = ACCEPT_HEADERS[kind]
    meta = {
        "download_slot": site,
        "download_timeout": settings.timeout_of(sender),
        "download_maxsize": max_bytes,
        META_KEY: context,
    }
    headers = {"User-Agent": settings.user_agent_of(sender), "Accept": context.accept}
    request = Request(bare_url, headers=headers, meta=meta, dont_filter=True)
    authorize(settings, request, context.outlet, login)
    add_own_headers(settings, request, context)
    apply_proxy(settings, request, context.outlet)
    return request
