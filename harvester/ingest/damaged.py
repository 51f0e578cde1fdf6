"""A visit that a damaged value of the archive makes impossible costs itself alone."""

from __future__ import annotations

import sqlite3

from harvester.archive.integrity.values import describe_damage
from harvester.archive.records import articles, backfills, feeds, gaps
from harvester.archive.records.articles import ArticleUpdate
from harvester.archive.records.backfills import RequestUpdate
from harvester.archive.records.feeds import EntryUpdate, FeedUpdate
from harvester.archive.records.gaps import GapUpdate
from harvester.ingest.counts import VisitResult
from harvester.model import Outcome, Visit
from harvester.schedule.times import add_seconds

RETRY_SECONDS = 86_400.0  # somebody has to repair the value first
# What a value of another type or shape leads to.
DAMAGE_ERRORS = (TypeError, ValueError, LookupError, AttributeError)


def postpone_visit(
    connection: sqlite3.Connection, visit: Visit, now: str
) -> VisitResult | None:
    """The result of a visit that ended with an unexpected error; it is due in a day.

    None if no value of the archive is damaged: then the program is at fault. Looks at
    all rows.
    """
    damage = describe_damage(connection)
    if not damage:
        return None
    outcome, reason = Outcome.FAILED, f"the archive has a damaged value: {damage}"
    due = add_seconds(now, RETRY_SECONDS)
    if visit.kind == "feed":
        feeds.update_feed_after_poll(
            connection, visit.key, FeedUpdate(due=due), outcome, reason, now
        )
    elif visit.kind == "gap":
        gap = gaps.get_gap_of_visit(connection, visit.key)
        gaps.update_gap(connection, gap.id, GapUpdate(due=due, reason=reason))
    elif visit.kind == "backfill":
        request = backfills.get_request_of_visit(connection, visit.key)
        backfills.update_request(
            connection, request.id, RequestUpdate(due=due, reason=reason)
        )
    elif visit.kind == "entry":
        update = EntryUpdate(due=due, outcome=outcome.value, reason=reason)
        feeds.update_entry(connection, visit.key, update)
    else:
        articles.update_article(
            connection,
            visit.key,
            ArticleUpdate(due=due, outcome=outcome.value, reason=reason),
        )
    return VisitResult(outcome, reason)
