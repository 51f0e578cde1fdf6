"""Whose a response is, and what it is to that outlet, by URL, status and type. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin, urlsplit

from harvester.identity import urls
from harvester.settings import Outlet, RemovedAfter, Settings

Role = Literal["feed", "redirect", "page", "check", "other"]
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
PAGE_TYPES = ("", "text/html", "application/xhtml+xml", "text/plain")
NO_OUTLET = "of no outlet of the settings"
NOT_HTTP_URL = "its URL is not an http or https URL"
LONG_URL = "its URL is too long"
FRONT_PAGE = "a front page, which is no article"
NOT_ALLOWED = "the settings of its outlet leave it out: allow, deny"
SITE_FILE = "robots.txt or another file about the site"
_SITE_PATHS = ("/robots.txt", "/.well-known/", "/favicon.ico", "/ads.txt", "/sitemap")
_FEED_TYPE = re.compile(r"xml|json")
_KEY_CHARACTERS = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Owner:
    """What a response is to an outlet."""

    outlet: str = ""
    role: Role = "page"
    feed: str = ""  # URL of the feed, as the settings have it
    target: str = ""  # of a redirect: where it leads to
    # Why it is nothing to any outlet; "other" counts if a redirect led to it.
    left_out: str = ""
    domain: str = ""  # that is no outlet's


@dataclass(slots=True)
class Ownership:
    """Whose pages are which, by the settings of an import."""

    settings: Settings
    outlet: str = ""  # that everything is of
    all_outlets: bool = False  # domains that are no outlet's become one
    made: dict[str, Outlet] = field(default_factory=dict)  # outlets that were made
    _feeds: dict[str, tuple[str, str]] = field(default_factory=dict)
    _hosts: dict[str, str] = field(default_factory=dict)
    _domains: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for outlet in self.settings.outlets.values():
            for feed in outlet.feeds:
                self._feeds.setdefault(urls.url_key(feed.url), (outlet.key, feed.url))
            for url in filter(
                None, (outlet.home, *(feed.url for feed in outlet.feeds))
            ):
                self._hosts.setdefault(_host(url), outlet.key)
                self._domains.setdefault(urls.own_domain(url), outlet.key)

    @property
    def outlets(self) -> Mapping[str, Outlet]:
        """All outlets that records may be of."""
        return {**self.settings.outlets, **self.made}

    def classify(self, url: str, status: int, media_type: str, location: str) -> Owner:
        """What the response of a URL is; ``media_type`` without parameters."""
        if len(url) > self.settings.limits.url_length:
            return Owner(left_out=LONG_URL)
        role: Role
        try:
            key, feed = self._feeds.get(urls.url_key(url), ("", ""))
            domain = urls.own_domain(url)
            path = urlsplit(url).path
        except ValueError:
            return Owner(left_out=NOT_HTTP_URL)
        if key and self.outlet in ("", key):
            target = _target(url, location) if status in REDIRECT_STATUSES else ""
            role = "redirect" if target else "feed"
            return Owner(key, role, feed, target)
        outlet = self.outlet or self._find_outlet(url, domain)
        if not outlet:
            is_page = 200 <= status < 300 and media_type in PAGE_TYPES
            role = "other" if is_page else "page"
            return Owner("", role, left_out=NO_OUTLET, domain=domain)
        if path.startswith(_SITE_PATHS):
            return Owner(left_out=SITE_FILE)
        if status in REDIRECT_STATUSES and (target := _target(url, location)):
            return Owner(outlet, "redirect", "", target)
        if not 200 <= status < 300:
            return Owner(outlet, "check")
        if media_type not in PAGE_TYPES:
            kind = media_type.partition("/")[0] if "/" in media_type else media_type
            # What a moved feed leads to is known by the redirect alone.
            may_be_feed = _FEED_TYPE.search(media_type) is not None
            role = "other" if may_be_feed else "page"
            return Owner("", role, left_out=f"not a page, by its type: {kind[:30]}")
        if urls.is_front_page(url, self.outlets[outlet].home):
            return Owner("", "other", left_out=FRONT_PAGE)
        return Owner(outlet, "page")

    def _find_outlet(self, url: str, domain: str) -> str:
        key = self._hosts.get(_host(url)) or self._domains.get(domain, "")
        if not key and self.all_outlets and domain:
            made = make_outlet(domain, self.settings)
            number = 2
            while made.key in self.outlets:
                made = replace(made, key=f"{_key_of(domain)}-{number}")
                number += 1
            self.made[made.key] = made
            self._domains[domain] = key = made.key
        return key

    def add_made(self, domain: str, key: str) -> None:
        """Make an outlet that was made before."""
        self.made[key] = replace(make_outlet(domain, self.settings), key=key)
        self._domains.setdefault(domain, key)


def make_outlet(domain: str, settings: Settings) -> Outlet:
    """An outlet that is known by its domain alone, and has no feed."""
    return Outlet(
        key=_key_of(domain),
        name=domain,
        home=f"https://{domain}/",
        language="",
        feeds=(),
        every="auto",
        revisit="auto",
        looks=1,
        removed_after=RemovedAfter(),
        delay=settings.delay,
        concurrency=settings.concurrency,
    )


def _key_of(domain: str) -> str:
    return _KEY_CHARACTERS.sub("-", domain.lower()).strip("-")[:60] or "outlet"


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _target(url: str, location: str) -> str:
    """The absolute URL that a redirect leads to; "" if it is none."""
    if not location:
        return ""
    try:
        target = urljoin(url, location)
        urlsplit(target)
    except ValueError:
        return ""
    return target.partition("#")[0]
