"""Later dates of change in a feed: whether they are true, and what they prompt.

A sitemap's `lastmod` and WordPress's `modified` claim that a page was changed. Many
sites set them at each request, or for changes that no reader sees. So a date alone
prompts a look as long as it has proved true for its feed: the first ones are tried, then
it is used while a share of the looks that it prompted found a new version. Dates that
proved false are tried in one hour of the day, one at a time, as sites are repaired.

Changed words in a feed are no claim, and always prompt a look; a second one, where a cache
may have hidden them.
"""

from __future__ import annotations

import zlib

from harvester.archive.records import articles, feeds, looks
from harvester.archive.records.articles import ArticleUpdate
from harvester.archive.records.feeds import EntryRow, FeedRow
from harvester.ingest.revisits import PROMPTED_TWICE, EditHint, handle_edit_hint
from harvester.ingest.session import Session
from harvester.schedule.times import parse_time

DATED_KINDS = ("sitemap", "wordpress")  # of feeds that date the change of a page
HOURS_PER_DAY = 24


def handle_hint(
    session: Session, feed: FeedRow, stored: EntryRow, hint: EditHint, now: str
) -> None:
    """Make a look due where a feed hints at an edit of a stored article."""
    if stored.article is None:
        return
    if feed.kind not in DATED_KINDS:
        handle_edit_hint(session, stored.article, hint, now)
        return
    article = articles.get_article(session.connection, stored.article)
    if article is None or article.outlet not in session.settings.outlets:
        return
    if hint == "date":
        last_edit = looks.get_last_change_time(session.connection, article.key)
        if last_edit and feed.read_at and last_edit >= feed.read_at:
            # It is true, and a look at its own time was faster.
            feeds.count_dated_look(session.connection, feed.url, True)
            return
        if not _is_worth_trying(session, feed, now):
            return
        update = ArticleUpdate(due=now, prompted=1)
        if not article.sign:
            update |= ArticleUpdate(sign="date", dated_by=feed.url)
    else:
        update = ArticleUpdate(
            due=now, prompted=PROMPTED_TWICE, sign="words", dated_by=""
        )
    articles.update_article(session.connection, article.key, update)


def prompt_look(session: Session, key: str, now: str) -> None:
    """Make a look at an article due: a feed says that it changed, or is gone."""
    update = ArticleUpdate(due=now, prompted=1)
    articles.update_article(session.connection, key, update)


def _is_worth_trying(session: Session, feed: FeedRow, now: str) -> bool:
    verdict = feeds.dates_prove_true(feed.dated_looks, feed.dated_edits)
    if verdict:
        return True
    waiting = feeds.count_dated_prompts(session.connection, feed.url)
    if verdict is None:
        # No more at a time than are needed to judge.
        return feed.dated_looks + waiting < feeds.DATED_TRIAL_LOOKS
    retry_hour = zlib.crc32(feed.url.encode()) % HOURS_PER_DAY
    return not waiting and parse_time(now).hour == retry_hour
