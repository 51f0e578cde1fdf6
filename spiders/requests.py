"""The requests that are sent, made of visits: what is accepted, conditions, bounds, a login.

Not for: when they are sent (``queue``), nor for what happens on their way (``middlewares``, ``handler``).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from scrapy import Request

from spiders.middlewares import split_login

if TYPE_CHECKING:
    from harvester.model import Visit
    from harvester.settings import Settings

ACCEPT_HEADERS = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


def request_for_visit(settings: Settings, visit: Visit) -> Request:
    """What is sent for a visit."""
    most = (
        settings.limits.feed_bytes
        if visit.kind == "feed"
        else settings.limits.page_bytes
    )
    meta = {"visit": visit, "outlet": visit.outlet}
    request = build_request(
        settings,
        visit.url,
        visit.site,
        most,
        meta,
        "feed" if visit.kind == "feed" else "page",
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
    download_slot: str,
    max_bytes: int,
    meta: dict[str, Any],
    kind: str = "feed",
) -> Request:
    """A request with what all have in common. A login in the address becomes a header, for that origin only."""
    plain, login = split_login(url)
    headers = {"User-Agent": settings.user_agent, "Accept": ACCEPT_HEADERS[kind]}
    if login:
        headers["Authorization"] = (
            f"Basic {base64.b64encode(unquote(login).encode()).decode()}"
        )
    common = {
        "download_slot": download_slot,
        "download_timeout": settings.limits.answer_time,
        "download_maxsize": max_bytes,
    }
    return Request(plain, headers=headers, meta={**common, **meta}, dont_filter=True)
