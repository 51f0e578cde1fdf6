"""Sitemaps that bring no news are polled once a week, and that is told.

A sitemap is large, and many list what an outlet's feeds announced before. One that was
not the first to announce a page for four weeks, and whose dates of change did not prove
true, is retired; what is new in it ends that. An interval of the settings is kept.
"""

from __future__ import annotations

from dataclasses import replace

from harvester.archive.records import articles, feeds
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.feeds import SITEMAP_INDEX, FeedUpdate
from harvester.ingest.counts import VisitResult
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.model import Outcome
from harvester.schedule.intervals import next_poll_of_gone
from harvester.schedule.times import add_seconds

NEWS_SECONDS = 28 * 86_400.0
RETIRED = "retired: no news for four weeks, polled once a week"


def retire_sitemap(
    session: Session, page: FetchedFeed, result: VisitResult, update: FeedUpdate
) -> tuple[VisitResult, FeedUpdate]:
    """The result of a poll, of a sitemap that brings no news with a later next one."""
    if not _is_retired(session, page, result):
        return result, update
    if RETIRED not in page.feed.reason:
        event = NewEvent(
            "feed retired", page.visit.outlet, page.now, RETIRED, feed=page.feed.url
        )
        articles.add_event(session.connection, event)
    due = next_poll_of_gone(page.now, page.feed.url)
    result = replace(result, reason=f"{result.reason}; {RETIRED}")
    return result, update | FeedUpdate(due=due)


def _is_retired(session: Session, page: FetchedFeed, result: VisitResult) -> bool:
    feed = page.feed
    since = add_seconds(page.now, -NEWS_SECONDS)
    return (
        feed.kind == "sitemap"
        and result.outcome in (Outcome.CHANGED, Outcome.UNCHANGED)
        and session.outlet(page.visit.outlet).every == "auto"
        and not result.reason.startswith(SITEMAP_INDEX)
        and feed.first_seen < since
        and not feeds.dates_prove_true(feed.dated_looks, feed.dated_edits)
        and not feeds.brings_news(session.connection, feed.url, since)
    )
