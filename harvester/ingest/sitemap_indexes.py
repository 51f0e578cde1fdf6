"""Sitemap indexes are followed to their newest sitemaps: feeds behind the configured one.

Those of the index's own site alone, by their dates of change, else the last ones, as most
indexes list the oldest first. One that states a date is asked again when that changes,
and once a day; the others as often as any feed. Those that are no longer among the
newest are kept, and not polled. Does not fetch them (the crawl does).
"""

from __future__ import annotations

from dataclasses import replace

from harvester.archive.records import feeds
from harvester.archive.records.feeds import SITEMAP_INDEX, FeedUpdate
from harvester.identity import urls
from harvester.ingest.counts import VisitResult
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.model import Entry, Feed
from harvester.schedule.times import add_seconds

MAX_SITEMAPS = 5  # of one index
UNCHANGED_SECONDS = 86_400.0  # until one is asked whose index states no change


def follow_index(
    session: Session,
    page: FetchedFeed,
    feed: Feed | None,
    result: VisitResult,
    update: FeedUpdate,
) -> tuple[VisitResult, FeedUpdate]:
    """The result of a poll; of an index, with which of its sitemaps are polled."""
    if page.feed.lastmod and update.failures == 0:  # it was read
        due = add_seconds(page.now, UNCHANGED_SECONDS)
        if isinstance(update.due, str):
            due = max(due, update.due)
        update |= FeedUpdate(due=due)
    if feed is None or not feed.index:
        return result, update
    chosen = _choose_sitemaps(session, page, feed)
    feeds.set_sitemaps_of_index(
        session.connection,
        page.feed.url,
        [(entry.url, urls.site(entry.url), entry.updated or "") for entry in chosen],
        page.now,
    )
    if not chosen:
        return result, update
    reason = (
        f"{SITEMAP_INDEX} of {len(feed.entries)} sitemaps; followed: "
        f"{', '.join(entry.url for entry in chosen)}"
    )
    return replace(result, reason=reason), update


def _choose_sitemaps(session: Session, page: FetchedFeed, feed: Feed) -> list[Entry]:
    """The newest sitemaps of an index; none of an index in an index in an index."""
    parent = page.feed.parent
    if parent and feeds.get_feed(session.connection, parent).parent:
        return []
    site = urls.site(page.feed.url)
    max_length = session.settings.limits.url_length
    own = {page.feed.url, page.visit.url, parent}
    by_url: dict[str, Entry] = {}
    for entry in feed.entries:
        url = urls.normalise_url(entry.url)
        if url and url not in own and len(url) <= max_length and urls.site(url) == site:
            by_url[url] = replace(entry, url=url)
    newest = sorted(
        enumerate(by_url.values()),
        key=lambda numbered: (numbered[1].updated or "", numbered[0]),
        reverse=True,
    )
    return [entry for _, entry in newest[:MAX_SITEMAPS]]
