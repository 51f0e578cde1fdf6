"""Subscriptions made into outlets: one a publisher, or one a folder. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from harvester.discovery.naming import choose_key, choose_name
from harvester.discovery.opml import ListedOutlet, Subscription, feed_values
from harvester.identity.urls import own_domain, url_key
from harvester.settings import Outlet

Folders = Literal["none", "sections", "outlets"]
# Settings that send a secret, or make requests less safe: not from a file of others.
TRUSTED_KEYS = (
    *("login", "headers", "cookies", "user_agent"),
    *("proxy", "insecure", "delay", "concurrency"),
)
# Hosts where each path is somebody else's.
_SHARED_HOSTS = re.compile(
    r"(?:^|\.)(?:feedburner\.com|feedproxy\.google\.com|youtube\.com|medium\.com"
    r"|reddit\.com|github\.com|rss\.app|feeds\.simplecast\.com|rsshub\.app"
    r"|openrss\.org|t\.me|facebook\.com|vimeo\.com|soundcloud\.com|tumblr\.com)$"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import changes: new tables by key, and more feeds of known outlets."""

    new: Mapping[str, Mapping[str, Any]]
    more: Mapping[str, Sequence[str | dict[str, str]]]
    known_count: int  # feeds that the settings have already
    dropped: tuple[str, ...] = ()  # settings that were left out: "key: login"

    @property
    def feed_count(self) -> int:
        """The number of feeds that are new."""
        tables = sum(
            len(table.get("feeds", ())) + len(table.get("pages", ()))
            for table in self.new.values()
        )
        return tables + sum(map(len, self.more.values()))


def plan_import(
    feeds: Sequence[Subscription],
    listed: Sequence[ListedOutlet],
    outlets: Mapping[str, Outlet],
    folders: Folders = "none",
    *,
    trust: bool = False,
) -> Plan:
    """Decide which outlets the subscriptions become; feeds that are known stay."""
    known = {url_key(feed.url) for outlet in outlets.values() for feed in outlet.feeds}
    new: dict[str, dict[str, Any]] = {}
    more: dict[str, list[str | dict[str, str]]] = {}
    dropped: list[str] = []
    known_count = 0

    def unknown(subscriptions: Sequence[Subscription]) -> list[Subscription]:
        nonlocal known_count
        rest = []
        for feed in subscriptions:
            if url_key(feed.url) in known:
                known_count += 1
            else:
                known.add(url_key(feed.url))
                rest.append(feed)
        return rest

    for outlet in listed:
        rest = unknown(outlet.feeds)
        if not rest and (outlet.key in outlets or not outlet.table.get("pages")):
            continue
        if outlet.key in outlets:
            more.setdefault(outlet.key, []).extend(feed_values(rest))
            continue
        table = dict(outlet.table)
        for name in TRUSTED_KEYS if not trust else ():
            if table.pop(name, None) is not None:
                dropped.append(f"{outlet.key}: {name}")
        new[outlet.key] = {**table, "feeds": feed_values(rest)} if rest else table
    for group in _group(unknown(feeds), folders):
        key = _find_known(group, outlets) if folders != "outlets" else ""
        if key:
            more.setdefault(key, []).extend(feed_values(group))
        else:
            key, table = _make_outlet(group, folders, {*outlets, *new})
            new[key] = table
    return Plan(new, more, known_count, tuple(dropped))


def _group(feeds: Sequence[Subscription], folders: Folders) -> list[list[Subscription]]:
    """Feeds of one outlet together, in the order of the list."""
    groups: dict[tuple[str, str], list[Subscription]] = {}
    for feed in feeds:
        if folders == "outlets" and feed.folders:
            group = ("folder", "/".join(feed.folders))
        else:
            group = ("site", _publisher(feed))
        if folders == "sections" and feed.folders:
            feed = replace(feed, section=feed.folders[-1])
        groups.setdefault(group, []).append(feed)
    return list(groups.values())


def _publisher(feed: Subscription) -> str:
    """Whose feed it is: a domain, or an address where a domain has many owners."""
    for url in filter(None, (feed.home, feed.url)):
        if not _SHARED_HOSTS.search(urlsplit(url).hostname or ""):
            return own_domain(url)
    return url_key(feed.home) or url_key(feed.url)


def _find_known(group: Sequence[Subscription], outlets: Mapping[str, Outlet]) -> str:
    """The outlet of the settings that a group belongs to; "" if none does."""
    publisher = _publisher(group[0])
    for key, outlet in outlets.items():
        own = [Subscription(feed.url, home=outlet.home) for feed in outlet.feeds]
        if publisher in {_publisher(feed) for feed in own}:
            return key
    return ""


def _make_outlet(
    group: Sequence[Subscription], folders: Folders, taken: Collection[str]
) -> tuple[str, dict[str, Any]]:
    homes = sorted(filter(None, (feed.home for feed in group)), key=len)
    home = homes[0] if homes else ""
    titles = [feed.title for feed in group if feed.title]
    if folders == "outlets" and group[0].folders:
        name = group[0].folders[-1]
        home = home if len({own_domain(url) for url in homes}) == 1 else ""
        key = choose_key(name, "", taken)
    else:
        name = titles[0] if len(titles) == 1 else choose_name((), titles, home)
        url = home or group[0].url
        is_shared = _SHARED_HOSTS.search(urlsplit(url).hostname or "")
        key = choose_key(name, "" if is_shared and name else url, taken)
    languages = {feed.language for feed in group if feed.language}
    table: dict[str, Any] = {}
    if name:
        table["name"] = name
    if home:
        table["home"] = home
    if len(languages) == 1 and re.fullmatch(r"[a-z]{2,3}", language := languages.pop()):
        table["language"] = language
    return key, {**table, "feeds": feed_values(group)}
