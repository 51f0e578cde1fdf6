"""What the crawl remembers of a request: one record in ``Request.meta``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from scrapy import Request
from scrapy.http.cookies import CookieJar

from harvester.model import Redirect, Visit

META_KEY = "harvest"


@dataclass(slots=True)
class RequestContext:
    """What a request is for, its bounds, and what happened to it so far.

    A redirect's request gets a copy with one redirect more; ``requested_urls`` is one
    list for all copies, so the first request knows where its redirects led.
    """

    outlet: str = ""  # "" for files of a site, which are fetched for all outlets
    visit: Visit | None = None
    # Whose User-Agent, headers and cookies are sent, if not those of ``outlet``.
    sender: str = ""
    accept: str = ""  # the types that are accepted
    own_header_names: frozenset[str] = frozenset()  # of the settings, in lower case
    is_robots_txt: bool = False
    is_site_file: bool = False  # robots.txt, or another file about a whole origin
    max_redirects: int | None = None  # None: as many as the settings allow
    follows_redirects: bool = True  # False: the redirect is the response
    max_received_bytes: int = 0  # then the download ends early; 0: no limit
    max_decompressed_bytes: int = 0  # 0: as many as may be downloaded
    requested_urls: list[str] = field(default_factory=list)
    redirects: tuple[Redirect, ...] = ()
    # Of this chain of redirects, by origin; shared by its copies.
    cookie_jars: dict[str, CookieJar] = field(default_factory=dict)
    sent_with_cookies: frozenset[tuple[str, bytes]] = frozenset()  # URL, cookies
    received_bytes: int = 0
    retry_at: str | None = None  # from the response's Retry-After
    limited_seconds: float = 0.0  # of a 429 that states no time, see Politeness


def get_context(request: Request) -> RequestContext:
    """The context of a request that ``requests.build_request`` made."""
    return cast("RequestContext", request.meta[META_KEY])
