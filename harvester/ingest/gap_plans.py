"""A gap of a feed is found: what is asked to fill it.

A gap is the time between two polls in which entries may have come and gone. It is
recorded with the poll that found it, together with the first request; the requests are
decided in ``gap_requests``, and made by ``gap_filling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from protego import Protego

from harvester.archive.records import gaps
from harvester.archive.records.gaps import NewGap
from harvester.identity import urls
from harvester.ingest import gap_requests
from harvester.ingest.gap_requests import FeedSources, GapRequest, Progress
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.model import Feed
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.schedule.times import add_seconds
from harvester.settings import Outlet

DAY_SECONDS = 86_400.0
MAX_REQUESTS_A_DAY = 60  # for all gaps of an outlet
MAX_VAIN_GAPS = 2  # in a row within a day; then nothing is asked for until it is over
# Entries of one section have their first directory in common, if there are as many.
MIN_SECTION_ENTRIES = 5


def open_gap(
    session: Session,
    page: FetchedFeed,
    feed: Feed,
    oldest_new: str | None,
) -> None:
    """Record that a poll found a gap, and plan what is asked to fill it.

    ``oldest_new``: date of the oldest entry that is new; None if one is not dated.
    """
    since = page.feed.read_at or page.now
    until = page.now
    if oldest_new is not None and since < oldest_new < page.now:
        until = oldest_new
    if is_posts_url(page.feed.url) or since >= page.now:
        return
    gap = NewGap(page.feed.url, since, until, page.now)
    reason = _why_not_now(session, page)
    queue: tuple[GapRequest, ...] = ()
    if not reason:
        sources = _find_sources(session, page, feed)
        queue = gap_requests.plan_requests(sources, since, page.now)
        reason = "" if queue else "the outlet has nothing else that lists them"
    if queue:
        gap = replace(
            gap,
            progress=Progress(queue).to_json(),
            url=queue[0].url,
            site=urls.site(queue[0].url),
            due=page.now,
        )
    else:
        gap = replace(gap, state="unfilled", reason=reason)
    gaps.add_gap(session.connection, gap)


def _why_not_now(session: Session, page: FetchedFeed) -> str:
    """Why nothing is asked to fill a gap; "" if something is."""
    connection = session.connection
    since = add_seconds(page.now, -DAY_SECONDS)
    count = gaps.count_requests_of_outlet(connection, page.visit.outlet, since)
    if count >= MAX_REQUESTS_A_DAY:
        return f"{count} requests were sent for gaps of this outlet within a day"
    latest = gaps.list_gaps_found_since(connection, page.feed.url, since)
    tried = [gap for gap in latest if gap.requests][:MAX_VAIN_GAPS]
    if len(tried) == MAX_VAIN_GAPS and all(gap.state == "unfilled" for gap in tried):
        return "nothing filled the gaps before it; it is tried again in a day"
    return ""


def _find_sources(session: Session, page: FetchedFeed, feed: Feed) -> FeedSources:
    outlet, url = session.outlet(page.visit.outlet), page.visit.url
    guids = [entry.id for entry in feed.entries]
    own_feeds = [each.url for each in outlet.feeds]
    is_wordpress = feed.kind in ("rss", "atom", "rdf") and (
        gap_requests.is_wordpress_feed(url, feed.generator, guids)
    )
    is_section = (is_wordpress and not is_main_feed(url, outlet.home)) or any(
        each.section for each in outlet.feeds if each.url == page.feed.url
    )
    listed = gaps.list_listed_urls(session.connection, page.feed.url, page.now)
    return FeedSources(
        url=url,
        archive_url=feed.archive_url,
        next_url=feed.next_url,
        is_wordpress=is_wordpress,
        rest_url=next(filter(is_posts_url, own_feeds), ""),
        is_section=is_section and not common_directory(listed),
        sitemaps=find_sitemaps(session, page, feed),
    )


def is_main_feed(url: str, home: str) -> bool:
    """Whether a WordPress feed is that of the whole site: beside the front page."""
    root = urlsplit(url).path.partition("/feed")[0].strip("/")
    return root in ("", urlsplit(home).path.strip("/"))


def find_sitemaps(session: Session, page: FetchedFeed, feed: Feed) -> list[str]:
    """The outlet's sitemaps: those it polls, those of robots.txt; news first."""
    outlet = session.outlet(page.visit.outlet)
    return list_sitemaps(session, outlet, page.visit.url, feed.kind)


def list_sitemaps(
    session: Session, outlet: Outlet, feed_url: str, kind: str
) -> list[str]:
    """The same, by the URL of a feed and its kind, "" if that is unknown."""
    polled = gaps.list_sitemap_feeds(session.connection, outlet.key)
    # A sitemap has the same entries as the outlet's others, which are polled as well.
    is_sitemap = kind == "sitemap"
    found = [] if is_sitemap else polled
    origins = dict.fromkeys(_origin(url) for url in (feed_url, outlet.home) if url)
    named: list[str] = []
    texts = gaps.list_robots_texts(session.connection, list(origins))
    for text in texts:
        try:
            named += list(Protego.parse(text).sitemaps)
        except (ValueError, UnicodeError):
            continue
    if not found and not named and not is_sitemap:
        named = [f"{origin}/sitemap.xml" for origin in list(origins)[:1]]
    max_length = session.settings.limits.url_length
    return sorted(
        (
            url
            for url in dict.fromkeys([*found, *named])
            if urls.normalise_url(url)
            and len(url) <= max_length
            and not (is_sitemap and url in polled)
        ),
        key=lambda url: "news" not in url.lower(),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def common_directory(listed: Sequence[str]) -> str:
    """The first directory that all these URLs share; "" if they do not, or are few."""
    directories = {_first_directory(url) for url in listed}
    if len(listed) < MIN_SECTION_ENTRIES or len(directories) != 1:
        return ""
    directory = directories.pop()
    return "" if directory.isdigit() else directory


def _first_directory(url: str) -> str:
    parts = urlsplit(url).path.split("/")
    return parts[1] if len(parts) > 2 else ""
