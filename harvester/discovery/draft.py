"""The outlet that is made of what was found at a site. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harvester.discovery.found_feed import FoundFeed
from harvester.discovery.naming import choose_key, choose_name
from harvester.discovery.search import Search
from harvester.identity.urls import own_domain, url_key
from harvester.settings import Outlet


@dataclass(frozen=True, slots=True)
class OutletDraft:
    """An outlet to be written into the settings."""

    key: str
    name: str
    home: str
    language: str  # "" if the site states none
    feeds: tuple[str, ...]
    pages: tuple[str, ...] = ()  # section pages, whose links are the entries

    def table(self) -> dict[str, Any]:
        """As a table of settings.toml."""
        values = {"name": self.name, "home": self.home, "language": self.language}
        lists = {"feeds": list(self.feeds), "pages": list(self.pages)}
        return {key: value for key, value in (values | lists).items() if value}


def draft_outlet(
    search: Search,
    feeds: Sequence[FoundFeed],
    keys: Collection[str],
    name: str = "",
    key: str = "",
) -> OutletDraft:
    """An outlet with these feeds; ``name`` and ``key`` if a person chose them.

    ``keys``: those that other outlets have.
    """
    page = search.page
    stated = page.names if page is not None else ()
    titles = [page.title] if page is not None else []
    home = _choose_home(search, feeds)
    name = name or choose_name(stated, [*titles, *(feed.title for feed in feeds)], home)
    languages = [feed.language for feed in feeds]
    language = (page.language if page is not None else "") or next(
        filter(None, languages), ""
    )
    return OutletDraft(
        key=key or choose_key(name, home, keys),
        name=name,
        home=home,
        language=language,
        feeds=tuple(feed.url for feed in feeds if feed.kind != "page"),
        pages=tuple(feed.url for feed in feeds if feed.kind == "page"),
    )


def _choose_home(search: Search, feeds: Sequence[FoundFeed]) -> str:
    if search.page is not None:
        return search.page.url
    stated = (feed.site_url for feed in feeds if feed.site_url)
    parts = urlsplit(next(iter(stated), "") or search.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"


def find_outlet_of(
    outlets: Mapping[str, Outlet], search: Search, feeds: Sequence[FoundFeed]
) -> Outlet | None:
    """The outlet of the settings that a site belongs to, if there is one."""
    keys = {url_key(feed.url) for feed in feeds}
    for outlet in outlets.values():
        if keys & {url_key(feed.url) for feed in outlet.feeds}:
            return outlet
    return find_outlet_at(outlets, search.url)


def find_outlet_at(outlets: Mapping[str, Outlet], url: str) -> Outlet | None:
    """The outlet of the settings with that domain, if there is one."""
    domain = own_domain(url)
    for outlet in outlets.values():
        urls = (outlet.home, *(feed.url for feed in outlet.feeds))
        if domain in {own_domain(url) for url in urls}:
            return outlet
    return None


def new_feeds(outlet: Outlet, feeds: Sequence[FoundFeed]) -> dict[str, list[str]]:
    """The URLs of feeds that an outlet does not have yet, by key of its table."""
    known = {url_key(feed.url) for feed in outlet.feeds}
    new = [feed for feed in feeds if url_key(feed.url) not in known]
    lists = {
        "feeds": [feed.url for feed in new if feed.kind != "page"],
        "pages": [feed.url for feed in new if feed.kind == "page"],
    }
    return {key: urls for key, urls in lists.items() if urls}
