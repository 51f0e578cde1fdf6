"""The requests that are sent, made of visits: what is accepted, conditions, bounds, a login.

Not for: when they are sent (``queue``), nor for what happens on their way (``middlewares``, ``handler``).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from scrapy import Request

from spiders.middlewares import without_login

if TYPE_CHECKING:
    from harvester.model import Visit
    from harvester.settings import Settings

ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


def asked_for(ours: Settings, visit: Visit) -> Request:
    """What is sent for a visit."""
    most = ours.limits.feed_bytes if visit.kind == "feed" else ours.limits.page_bytes
    meta = {"visit": visit, "outlet": visit.outlet}
    request = plain_request(
        ours,
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


def plain_request(
    ours: Settings,
    url: str,
    slot: str,
    most: int,
    meta: dict[str, Any],
    kind: str = "feed",
) -> Request:
    """A request with what all have in common. A login in the address becomes a header, for that origin only."""
    plain, login = without_login(url)
    headers = {"User-Agent": ours.user_agent, "Accept": ACCEPT[kind]}
    if login:
        headers["Authorization"] = (
            f"Basic {base64.b64encode(unquote(login).encode()).decode()}"
        )
    common = {
        "download_slot": slot,
        "download_timeout": ours.limits.answer_time,
        "download_maxsize": most,
    }
    return Request(plain, headers=headers, meta={**common, **meta}, dont_filter=True)
