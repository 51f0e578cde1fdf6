"""The start page: one day, today unless another is asked for.

What came, what was edited and removed, what is being copied, and how the feeds do, those
in trouble first. A day on which nothing happened says so.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from datasette import Response

from harvester.archive.queries import (
    clusters,
    day_overview,
    feed_states,
    overview,
    report,
)
from harvester.archive.queries.day_overview import OutletDay
from harvester.archive.queries.feed_states import FeedState
from harvester.archive.queries.overview import ArticleEvent, LatestArticle
from harvester.archive.records import event_ids
from harvester.browse import feed_strip, health_page, rendering, served_archive
from harvester.schedule.times import add_seconds

MAX_BLOCKS = 12  # outlets with headlines
MAX_HEADLINES = 24  # of all of them together, as far as each has MIN_HEADLINES
MIN_HEADLINES, MAX_OF_OUTLET = 3, 12  # headlines of an outlet
MAX_EDITS, MAX_REMOVALS, MAX_CLUSTERS = 6, 6, 4
MAX_ROWS = 60  # outlets in the table


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The day before and after, and the next ones on which anything happened."""

    before: str  # "": the archive begins on this day
    after: str  # "": it is today
    last_before: str | None
    first_after: str | None


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet in the table: what it brought, and its feeds in one sentence."""

    day: OutletDay
    feeds: str
    is_failing: bool
    is_troubled: bool  # it fails, is silent, or brings unusually few articles


@dataclass(frozen=True, slots=True)
class Day:
    """All that the page shows of a day."""

    day: str
    neighbours: Neighbours
    articles: dict[str, list[LatestArticle]]  # by outlet, the latest first
    edits: list[ArticleEvent]
    removals: list[ArticleEvent]
    clusters: list[clusters.Cluster]
    outlets: list[OutletDay]
    feeds: list[FeedState]
    alarms: dict[str, str]  # of outlets: "few", "many"
    totals: overview.Totals
    stall: tuple[str, str | None] | None  # since when something is due, last done

    def count(self, name: str) -> int:
        """The sum over all outlets, as of "articles"."""
        return sum(getattr(outlet, name) for outlet in self.outlets)


async def start_page(datasette: Any, request: Any, send: Any) -> Response | None:
    """A day of the archive, or Datasette's own index if there is no archive."""
    if served_archive.find_archive(datasette) is None:
        from datasette.views.index import IndexView

        request.scope["url_route"]["kwargs"].setdefault("format", None)
        return await IndexView.as_view(datasette)(request, send)
    database = await rendering.require_archive(datasette, request)
    now = rendering.utc_now_iso()
    asked = (request.args.get("day") or "").strip()
    if asked and not is_day(asked, now):
        text = f"{asked[:40]!r} is not a day up to today. A day is written 2026-11-29."
        return await rendering.render_message(
            datasette, request, database, "No such day", text, 404
        )

    def query(connection: sqlite3.Connection) -> Day | None:
        return load_day(connection, asked, now)

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    if result is None:
        return await rendering.render_page(
            datasette, request, "news_nothing.html", database
        )
    return await rendering.render_page(
        datasette,
        request,
        "news.html",
        database,
        shown=result,
        today=now[:10],
        is_asked=bool(asked),
        strip=feed_strip.describe_feeds(result.feeds, datasette.urls),
        rows=list_rows(result.outlets, result.feeds, result.alarms)[:MAX_ROWS],
        max_counted=day_overview.MAX_COUNTED,
    )


def is_day(text: str, now: str) -> bool:
    """Whether a text is a day, not after today."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) or text > now[:10]:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def load_day(connection: sqlite3.Connection, asked: str, now: str) -> Day | None:
    """The day that is asked for; else today, or the last day on which anything came.

    None: the archive is empty.
    """
    day = asked or now[:10]
    outlets, neighbours = _load_outlets(connection, day, now)
    if not asked and not _has_anything(outlets):
        if neighbours.last_before is None:
            return None
        day = neighbours.last_before
        outlets, neighbours = _load_outlets(connection, day, now)
    since, until = _bounds(day)
    latest = sorted(
        (outlet for outlet in outlets if outlet.latest),
        key=lambda outlet: outlet.latest or "",
        reverse=True,
    )
    blocks = [outlet.outlet for outlet in latest[:MAX_BLOCKS]]
    per_outlet = max(MIN_HEADLINES, MAX_HEADLINES // max(len(blocks), 1))

    def list_events(kinds: Sequence[str], limit: int) -> list[ArticleEvent]:
        return day_overview.list_day_events(connection, kinds, since, until, limit)

    return Day(
        day,
        neighbours,
        day_overview.list_day_articles(
            connection, blocks, since, until, min(per_outlet, MAX_OF_OUTLET)
        ),
        list_events(event_ids.EDIT_KINDS, MAX_EDITS),
        list_events(("removed", "returned"), MAX_REMOVALS),
        day_overview.list_day_clusters(
            connection,
            [outlet.outlet for outlet in latest],
            since,
            until,
            MAX_CLUSTERS,
        ),
        outlets,
        feed_states.list_feed_states(connection),
        feed_states.list_alarms(connection),
        overview.count_totals(connection),
        report.find_stall(
            connection, add_seconds(now, -health_page.STALL.total_seconds())
        ),
    )


def _bounds(day: str) -> tuple[str, str]:
    """The times from when on and before when a day is."""
    following = date.fromisoformat(day) + timedelta(days=1)
    return f"{day}T00:00:00Z", f"{following}T00:00:00Z"


def _load_outlets(
    connection: sqlite3.Connection, day: str, now: str
) -> tuple[list[OutletDay], Neighbours]:
    since, until = _bounds(day)
    last_before, first_after = day_overview.find_neighbours(connection, since, until)
    before = f"{date.fromisoformat(day) - timedelta(days=1)}" if last_before else ""
    neighbours = Neighbours(
        before, until[:10] if day < now[:10] else "", last_before, first_after
    )
    return day_overview.list_outlet_days(connection, since, until), neighbours


def _has_anything(outlets: Sequence[OutletDay]) -> bool:
    return any(
        one.articles or one.earlier or one.edits or one.removals or one.returns
        for one in outlets
    )


def list_rows(
    outlets: Sequence[OutletDay],
    feeds: Sequence[FeedState],
    alarms: Mapping[str, str],
) -> list[OutletRow]:
    """Outlets in trouble first, then those whose last article is the newest."""
    by_outlet: dict[str, list[FeedState]] = {}
    for feed in feeds:
        by_outlet.setdefault(feed.outlet, []).append(feed)
    rows = []
    for outlet in outlets:
        states = by_outlet.get(outlet.outlet, [])
        words = feed_strip.describe_outlet(outlet.active, states)
        alarm = alarms.get(outlet.outlet, "")
        if alarm:
            words += f"; unusually {alarm} articles"
        failing = any(state.health == "failing" for state in states)
        troubled = any(map(feed_strip.is_troubled, states)) or alarm == "few"
        rows.append(OutletRow(outlet, words, failing, troubled))
    rows.sort(key=lambda row: row.day.newest or "", reverse=True)
    return sorted(
        rows,
        key=lambda row: (not row.is_failing, not row.is_troubled, not row.day.active),
    )
