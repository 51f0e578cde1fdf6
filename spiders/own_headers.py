"""What the settings of an outlet add to its requests: a login, headers, cookies.

They are for the origins of the outlet's feeds and its home, and are sent to no other,
also after redirects. None of it is recorded (``responses.sent_headers``).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapy import Request

from harvester.settings import Outlet, Settings
from harvester.settings.types import url_origin
from spiders.request_context import RequestContext

Origin = tuple[str, str | None, int | None]


@dataclass(frozen=True, slots=True)
class _OriginValues:
    """What an outlet sends, and where; found out once: it may have thousands of feeds."""

    outlet: Outlet  # held, so that no other has its id
    logins: dict[Origin, str]
    own_origins: frozenset[Origin]  # empty where there is nothing for them
    header_names: frozenset[str]  # of headers and cookies, in lower case


_known: dict[int, _OriginValues] = {}  # by id of the settings of an outlet


def _origin_values(outlet: Outlet) -> _OriginValues:
    known = _known.get(id(outlet))
    if known is None:
        known = _known[id(outlet)] = _find_origin_values(outlet)
    return known


def _find_origin_values(outlet: Outlet) -> _OriginValues:
    own_origins: frozenset[Origin] = frozenset()
    logins: dict[Origin, str] = {}
    if outlet.login or outlet.headers or outlet.cookies:
        own_urls = (outlet.home, *(feed.url for feed in outlet.feeds))
        own_origins = frozenset(map(url_origin, own_urls))
    if outlet.login:
        logins = dict.fromkeys(own_origins, outlet.login)
    for feed in reversed(outlet.feeds):  # the first one counts
        feed_url, login = split_login(feed.url)
        if login:
            logins[url_origin(feed_url)] = unquote(login)
    names = {name.lower() for name, _ in outlet.headers}
    if outlet.cookies:
        names.add("cookie")
    return _OriginValues(outlet, logins, own_origins, frozenset(names))


def authorize(
    settings: Settings, request: Request, outlet: str, login: str = ""
) -> None:
    """Send a login ("user:password"), or the one that the outlet has for this origin.

    That of the settings is for the origins of its feeds and its home; one in the URL of
    a feed, for that feed's, and so for its articles: the realm is the same.
    """
    login = unquote(login)
    if not login and outlet in settings.outlets:
        logins = _origin_values(settings.outlets[outlet]).logins
        login = logins.get(url_origin(request.url), "") if logins else ""
    if login:
        credentials = base64.b64encode(login.encode()).decode()
        request.headers["Authorization"] = f"Basic {credentials}"


def add_own_headers(
    settings: Settings, request: Request, context: RequestContext
) -> None:
    """Send the headers and cookies that the outlet has for this origin.

    Those that the request has for the origin it was redirected from are removed. A cookie
    of a chain of redirects takes the place of the one in the settings.
    """
    outlet = settings.outlets.get(context.sender or context.outlet)
    if outlet is None or not (outlet.headers or outlet.cookies):
        return
    values = _origin_values(outlet)
    context.own_header_names = values.header_names
    received = (request.headers.get("Cookie") or b"").decode("latin-1")
    for name in values.header_names:
        request.headers.pop(name, None)
    if "Accept" not in request.headers:
        request.headers["Accept"] = context.accept
    cookies = [received] if received else []
    if url_origin(request.url) in values.own_origins:
        for name, value in outlet.headers:
            if name.lower() == "cookie":
                cookies.append(value)
            else:
                request.headers[name] = value
        new_names = {pair.partition("=")[0].strip() for pair in received.split(";")}
        cookies += [
            f"{name}={value}" for name, value in outlet.cookies if name not in new_names
        ]
    if cookies:
        request.headers["Cookie"] = "; ".join(cookies)


def split_login(url: str) -> tuple[str, str]:
    """A URL without user and password, and these as "user:password"."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    return (urlunsplit(parts._replace(netloc=host)), login) if at else (url, "")
