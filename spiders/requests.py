"""Visits as Scrapy requests: accepted types, validators, bounds, a login.

When they are sent is decided in ``queue``; what happens on the way is in
``middlewares`` and ``download_handler``.
"""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapy import Request

from harvester.model import Visit
from harvester.settings import Settings
from spiders.request_context import META_KEY, RequestContext

ACCEPT_HEADERS = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


def request_for_visit(settings: Settings, visit: Visit) -> Request:
    """The request for a visit; conditional where the archive has validators."""
    limits = settings.limits
    is_feed = visit.kind == "feed"
    request = build_request(
        settings,
        visit.url,
        visit.site,
        RequestContext(visit.outlet, visit),
        max_bytes=limits.feed_bytes if is_feed else limits.page_bytes,
        kind="feed" if is_feed else "page",
    )
    if visit.etag:
        request.headers["If-None-Match"] = visit.etag.encode("latin-1", "replace")
    if visit.last_modified:
        request.headers["If-Modified-Since"] = visit.last_modified.encode(
            "latin-1", "replace"
        )
    return request


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

    A login in the URL becomes a header, which Scrapy drops on redirects to another
    origin. ``max_bytes`` 0: of any size.
    """
    bare_url, login = split_login(url)
    headers = {"User-Agent": settings.user_agent, "Accept": ACCEPT_HEADERS[kind]}
    if login:
        credentials = base64.b64encode(unquote(login).encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"
    meta = {
        "download_slot": site,
        "download_timeout": settings.limits.answer_time,
        "download_maxsize": max_bytes,
        META_KEY: context,
    }
    return Request(bare_url, headers=headers, meta=meta, dont_filter=True)


def split_login(url: str) -> tuple[str, str]:
    """A URL without user and password, and these as "user:password"."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    return (urlunsplit(parts._replace(netloc=host)), login) if at else (url, "")
