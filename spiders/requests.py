"""Visits as Scrapy requests: accepted types, validators, bounds, a login.

When they are sent is decided in ``queue``; what happens on the way is in
``middlewares`` and ``download_handler``.
"""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapy import Request

from harvester.model import Visit
from harvester.settings import Outlet, Settings
from spiders.proxies import apply_proxy
from spiders.request_context import META_KEY, RequestContext

ACCEPT_HEADERS = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}

# By id of the settings of an outlet, which are held too, so that no other has that id.
_logins: dict[int, tuple[Outlet, dict[tuple[str, str | None, int | None], str]]] = {}


def request_for_visit(settings: Settings, visit: Visit) -> Request:
    """The request for a visit; conditional where the archive has validators."""
    limits = settings.limits
    is_feed = visit.kind == "feed" and not _is_section_page(settings, visit)
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

    A login becomes a header, which Scrapy drops on redirects to another origin.
    ``max_bytes`` 0: of any size.
    """
    bare_url, login = split_login(url)
    headers = {"User-Agent": settings.user_agent, "Accept": ACCEPT_HEADERS[kind]}
    meta = {
        "download_slot": site,
        "download_timeout": settings.limits.answer_time,
        "download_maxsize": max_bytes,
        META_KEY: context,
    }
    request = Request(bare_url, headers=headers, meta=meta, dont_filter=True)
    authorize(settings, request, context.outlet, login)
    apply_proxy(settings, request, context.outlet)
    return request


def authorize(
    settings: Settings, request: Request, outlet: str, login: str = ""
) -> None:
    """Send a login ("user:password"), or the one that the outlet has for this origin.

    A feed's login holds for the articles of its origin too: the realm is the same.
    """
    login = unquote(login) or _login_for_origin(settings, outlet, request.url)
    if login:
        credentials = base64.b64encode(login.encode()).decode()
        request.headers["Authorization"] = f"Basic {credentials}"


def _login_for_origin(settings: Settings, outlet: str, url: str) -> str:
    """The login that an outlet has for this origin, "user:password"; "" if none.

    That of the settings is for the origins of its feeds and its home; one in the URL of
    a feed, for that feed's.
    """
    if outlet not in settings.outlets:
        return ""
    logins = _logins_by_origin(settings.outlets[outlet])
    return logins.get(_origin(url), "") if logins else ""


def _logins_by_origin(outlet: Outlet) -> dict[tuple[str, str | None, int | None], str]:
    """The logins of an outlet, found out once: it may have thousands of feeds."""
    known = _logins.get(id(outlet))
    if known is None or known[0] is not outlet:
        logins = {}
        if outlet.login:
            own_urls = (outlet.home, *(feed.url for feed in outlet.feeds))
            logins = dict.fromkeys(map(_origin, own_urls), outlet.login)
        for feed in reversed(outlet.feeds):  # the first one counts
            feed_url, login = split_login(feed.url)
            if login:
                logins[_origin(feed_url)] = unquote(login)
        known = _logins[id(outlet)] = outlet, logins
    return known[1]


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def split_login(url: str) -> tuple[str, str]:
    """A URL without user and password, and these as "user:password"."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    return (urlunsplit(parts._replace(netloc=host)), login) if at else (url, "")
