"""Which sources an outlet has that list what it published before.

Its feeds are asked first: they say which software made them, and what continues them.
Which requests follow is decided in ``backfill_requests``.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from harvester.identity import urls
from harvester.ingest import gap_plans, gap_requests
from harvester.ingest.backfill_requests import (
    ARCHIVED,
    FEED,
    PAGED,
    SITEMAP,
    WORDPRESS,
    PlannedRequest,
    SourceProgress,
    begin_rest,
    wordpress_page,
)
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.ingest.wordpress_requests import without_parameters
from harvester.model import Feed
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.settings import Outlet

MAX_FEEDS = 20  # of an outlet that are asked what continues them
# Where robots.txt names none: what the common plugins of WordPress call theirs.
WORDPRESS_SITEMAPS = ("/wp-sitemap.xml", "/sitemap_index.xml")
# Feeds whose entries are pages of one list, the latest first.
_LISTS = ("rss", "atom", "rdf", "json")


def plan_begin(
    outlet: Outlet, since: str, until: str
) -> list[tuple[str, PlannedRequest]]:
    """The first requests of a backfill: (feed whose entries they list, request).

    A section page is asked where there is no feed: then robots.txt is read, and names
    the sitemaps.
    """
    planned = []
    sections = [feed for feed in outlet.feeds if feed.is_page]
    others = [feed for feed in outlet.feeds if not feed.is_page]
    others.sort(key=lambda feed: bool(feed.section))
    for feed in (others or sections)[:MAX_FEEDS]:
        if is_posts_url(feed.url):
            request = begin_rest(without_parameters(feed.url), since, until)
        else:
            request = PlannedRequest(FEED, feed.url)
        planned.append((feed.url, request))
    return planned


def plan_sources(
    session: Session,
    outlet: Outlet,
    page: FetchedFeed,
    feed: Feed,
    since: str,
    until: str,
) -> list[PlannedRequest]:
    """What to ask of a feed that was read, in order; of its site and the home's alone."""
    url = page.visit.url
    planned: list[PlannedRequest] = []
    guids = [entry.id for entry in feed.entries]
    is_wordpress = feed.kind in _LISTS and (
        gap_requests.is_wordpress_feed(url, feed.generator, guids)
    )
    is_section = any(each.section for each in outlet.feeds if each.url == page.feed.url)
    is_main = not is_section and (
        gap_plans.is_main_feed(url, outlet.home)
        if is_wordpress
        else len([each for each in outlet.feeds if not each.is_page]) == 1
    )
    if is_wordpress:
        planned += plan_rest(outlet, url, since, until)
    begin = SourceProgress(is_main=is_main)
    if feed.archive_url not in ("", url):
        planned.append(PlannedRequest(ARCHIVED, feed.archive_url, begin))
    if feed.next_url not in ("", url):
        planned.append(PlannedRequest(PAGED, feed.next_url, begin))
    if is_wordpress:
        begin = SourceProgress(is_main=is_main, page=2)
        planned.append(PlannedRequest(WORDPRESS, wordpress_page(url, 2), begin))
    planned += _plan_sitemaps(session, page, feed, is_wordpress)
    return _of_sites(planned, url, outlet.home)


def plan_without_feed(
    session: Session, outlet: Outlet, feed_url: str, since: str, until: str
) -> list[PlannedRequest]:
    """What to ask where a feed cannot be read: by its URL, and by robots.txt."""
    planned = []
    is_wordpress = gap_requests.is_wordpress_feed(feed_url, "", ())
    if is_wordpress:
        planned += plan_rest(outlet, feed_url, since, until)
    found = gap_plans.list_sitemaps(session, outlet, feed_url, "")
    if is_wordpress:
        found += _wordpress_sitemaps(feed_url)
    planned += [PlannedRequest(SITEMAP, url) for url in dict.fromkeys(found)]
    return _of_sites(planned, feed_url, outlet.home)


def rest_of_feed(
    outlet: Outlet,
    url: str,
    generator: str,
    guids: Sequence[str],
    since: str,
    until: str,
) -> list[PlannedRequest]:
    """WordPress's REST interface, if it made this feed; empty if it did not."""
    if not gap_requests.is_wordpress_feed(url, generator, guids):
        return []
    return _of_sites(plan_rest(outlet, url, since, until), url, outlet.home)


def guessed_sitemaps(url: str) -> list[str]:
    """Where a site's sitemaps are, if its robots.txt names none."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}/sitemap.xml", *_wordpress_sitemaps(url)]


def plan_rest(outlet: Outlet, url: str, since: str, until: str) -> list[PlannedRequest]:
    """WordPress's REST interface: as the settings name it, else where it always is."""
    named = next((each.url for each in outlet.feeds if is_posts_url(each.url)), "")
    candidates = [
        named and without_parameters(named),
        gap_requests.guessed_rest_url(url),
        f"{outlet.home.rstrip('/')}/wp-json/wp/v2/posts" if outlet.home else "",
    ]
    rest_url = next(filter(None, candidates), "")
    return [begin_rest(rest_url, since, until)] if rest_url else []


def _plan_sitemaps(
    session: Session, page: FetchedFeed, feed: Feed, is_wordpress: bool
) -> list[PlannedRequest]:
    found = gap_plans.find_sitemaps(session, page, feed)
    if is_wordpress and all(urlsplit(url).path == "/sitemap.xml" for url in found):
        found += _wordpress_sitemaps(page.visit.url)
    return [PlannedRequest(SITEMAP, url) for url in dict.fromkeys(found)]


def _wordpress_sitemaps(url: str) -> list[str]:
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}{path}" for path in WORDPRESS_SITEMAPS]


def _of_sites(
    planned: Sequence[PlannedRequest], feed_url: str, home: str
) -> list[PlannedRequest]:
    sites = {urls.site(url) for url in (feed_url, home) if url}
    return [request for request in planned if urls.site(request.url) in sites]
