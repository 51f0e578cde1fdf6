"""Later dates of change in a feed: whether they are true, and what they prompt.

A sitemap's `lastmod` and WordPress's `modified` claim that a page was changed. Many
sites set them at each request, or for changes that no reader sees. So a date alone
prompts a look as long as it has proved true for its feed: the first ones are tried, then
it is used while a share of the looks that it prompted found a new version. A date that
proved false is tried now and then, as sites are repaired.

Changed words in a feed are no claim, and always prompt a look.
"""

from __future__ import annotations

import zlib

from harvester.archive.records import articles, feeds
from harvester.archive.records.articles import ArticleUpdate
from harvester.archive.records.feeds import EntryRow, FeedRow
from harvester.ingest.revisits import EditHint, handle_edit_hint
from harvester.ingest.session import Session

DATED_KINDS = ("sitemap", "wordpress")  # of feeds that date the change of a page
TRIAL_LOOKS = 20  # that are tried before dates are judged
MIN_EDIT_SHARE = 0.2  # of looks that found a new version, for dates to be used
# Of the dates that proved false, one in so many is tried still.
RETRY_ONE_IN = 50


def proves_true(feed: FeedRow) -> bool | None:
    """Whether the feed's dates of change are true; None: not tried often enough."""
    if feed.dated_looks < TRIAL_LOOKS:
        return None
    return feed.dated_edits >= MIN_EDIT_SHARE * feed.dated_looks


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
        if not _is_worth_trying(session, feed, stored, now):
            return
        update = ArticleUpdate(due=now, prompted=1)
        if not article.sign:
            update |= ArticleUpdate(sign="date", dated_by=feed.url)
    else:
        update = ArticleUpdate(due=now, prompted=1, sign="words", dated_by="")
    articles.update_article(session.connection, article.key, update)


def prompt_look(session: Session, key: str, now: str) -> None:
    """Make a look at an article due: a feed says that it changed, or is gone."""
    update = ArticleUpdate(due=now, prompted=1)
    articles.update_article(session.connection, key, update)


def _is_worth_trying(
    session: Session, feed: FeedRow, stored: EntryRow, now: str
) -> bool:
    verdict = proves_true(feed)
    if verdict is None:
        # No more at a time than are needed to judge.
        waiting = feeds.count_dated_prompts(session.connection, feed.url)
        return feed.dated_looks + waiting < TRIAL_LOOKS
    return verdict or zlib.crc32(f"{stored.key} {now}".encode()) % RETRY_ONE_IN == 0
