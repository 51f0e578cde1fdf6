"""How the harvest does: feeds that fail and what to do, outlets week by week, silences.

All outlets are small panels, those in trouble first. One outlet, or a few, are shown in
detail: each feed with what share of each day it was watched, its gaps and its numbers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from datasette import Response

from harvester.archive.queries import feed_states, health_events, overview, report
from harvester.archive.queries.feed_states import FeedState
from harvester.archive.queries.health_events import HealthEvent
from harvester.archive.queries.overview import OutletInfo
from harvester.browse import feed_strip, health_panels, phrasing, rendering
from harvester.browse.health_panels import Panel, Strip
from harvester.ingest.coverage import FeedCoverage, list_coverage
from harvester.schedule.times import format_time

PERIODS = (28, 90, 365)  # days
PANELS_PER_PAGE = 18
MAX_FAULTS = 12  # feeds that fail, with what to do
MAX_DETAILED = 12  # feeds whose days and gaps are shown
MAX_EVENTS = 12
STALL = timedelta(hours=1)
SILENT = (
    "look at the outlet's site: where it goes on publishing, `harvest add --replace` with "
    "its address looks for the feed it uses now"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A feed that fails or needs something done."""

    outlet: str
    outlet_name: str
    feed: str
    title: str
    said: str
    advice: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    outlets: tuple[str, ...]
    days: int
    page: int
    now: datetime

    @property
    def first(self) -> str:
        """The first day of the period."""
        return format_time(self.now - timedelta(days=self.days - 1))[:10]

    @property
    def last(self) -> str:
        """Today."""
        return format_time(self.now)[:10]


@dataclass(frozen=True, slots=True)
class Health:
    """All that the page shows."""

    outlets: list[OutletInfo]  # all, to choose from
    feeds: list[FeedState]  # of the chosen outlets, trouble first
    faults: list[Fault]
    panels: list[Panel]
    strips: list[Strip]  # in detail, the least watched first; [] if there are many
    hidden_feeds: int
    pages: int
    share: str  # watched, of the feeds in the panels
    gaps: int
    lost: int
    alarms: dict[str, str]
    stall: tuple[str, str | None] | None
    downtime: HealthEvent | None
    events: list[HealthEvent]


async def health_page(datasette: Any, request: Any) -> Response:
    """All outlets, or those that the address names."""
    database = await rendering.require_archive(datasette, request)
    asked = Asked(
        tuple(dict.fromkeys(filter(None, request.args.getlist("outlet")))),
        rendering.parse_number(request.args.get("days"), PERIODS[0], PERIODS[-1]),
        rendering.parse_number(request.args.get("page"), 1, 1_000),
        datetime.now(UTC),
    )

    def query(connection: sqlite3.Connection) -> Health:
        return load_health(connection, asked)

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    names = {outlet.key: outlet.name for outlet in result.outlets}
    return await rendering.render_page(
        datasette,
        request,
        "news_health.html",
        database,
        shown=result,
        asked=asked,
        chosen=asked.outlets,
        of=", ".join(names.get(key, key) for key in asked.outlets[:3]),
        periods=PERIODS,
        strip=feed_strip.describe_feeds(result.feeds, datasette.urls),
        max_gaps=health_panels.MAX_GAPS,
        event_labels=health_events.LABELS,
        feed_path="/-/health",
        feed_query={"outlet": asked.outlets[0]} if len(asked.outlets) == 1 else {},
        feed_title="Health of the harvest",
    )


async def redirect_from_coverage(datasette: Any, request: Any) -> Response:
    """What was a page of its own is part of this one."""
    rest = f"?{request.query_string}" if request.query_string else ""
    return Response.redirect(datasette.urls.path(f"/-/health{rest}"))


def load_health(connection: sqlite3.Connection, asked: Asked) -> Health:
    """What the archive has of it; does not grow with its articles."""
    now = format_time(asked.now)
    outlets = overview.list_outlet_infos(connection)
    feeds = feed_states.list_feed_states(connection, asked.outlets)
    alarms = feed_states.list_alarms(connection)
    losses = feed_states.count_losses(connection, f"{asked.first}T00:00:00Z")
    ordered = _order(outlets, feeds, alarms, losses, asked.outlets)
    start = (asked.page - 1) * PANELS_PER_PAGE
    listed = ordered[start : start + PANELS_PER_PAGE]
    keys = tuple(outlet.key for outlet in listed)
    covered = list_coverage(connection, asked.first, asked.last, now, keys or ("",))
    counted = sum(one.seconds for each in covered for one in each.days)
    watched = sum(one.watched for each in covered for one in each.days)
    panels = health_panels.draw_panels(
        listed,
        feeds,
        covered,
        feed_states.list_daily_articles(connection, keys, asked.first, asked.last),
        feed_states.list_volumes(connection, keys),
        health_panels.list_days(asked.first, asked.last),
    )
    return Health(
        outlets,
        feeds,
        _list_faults(connection, feeds, outlets, now),
        panels,
        _detail(covered, asked, len(ordered)),
        max(0, len(covered) - MAX_DETAILED),
        -(-len(ordered) // PANELS_PER_PAGE),
        health_panels.format_share(watched / counted if counted else None),
        sum(len(each.gaps) for each in covered),
        sum(len(each.lost_gaps) for each in covered),
        {key: alarm for key, alarm in alarms.items() if _is_chosen(key, asked.outlets)},
        report.find_stall(connection, format_time(asked.now - STALL)),
        health_events.get_last_downtime(connection),
        health_events.list_health_events(connection, MAX_EVENTS, asked.outlets),
    )


def _detail(covered: Sequence[FeedCoverage], asked: Asked, outlets: int) -> list[Strip]:
    """Feeds one by one, where an outlet is chosen or there are few."""
    if not asked.outlets and (len(covered) > MAX_DETAILED or outlets > 3):
        return []
    return [health_panels.draw_strip(one) for one in covered[:MAX_DETAILED]]


def _is_chosen(outlet: str, chosen: Sequence[str]) -> bool:
    return not chosen or outlet in chosen


def _order(
    outlets: Sequence[OutletInfo],
    feeds: Sequence[FeedState],
    alarms: dict[str, str],
    losses: dict[str, int],
    chosen: Sequence[str],
) -> list[OutletInfo]:
    """Outlets whose feeds fail, then those that are unusual, then those with losses.

    Those no longer in the settings only if they are chosen.
    """
    failing = {feed.outlet for feed in feeds if feed.health == "failing"}
    troubled = {feed.outlet for feed in feeds if feed_strip.is_troubled(feed)}
    return sorted(
        (one for one in outlets if (one.key in chosen if chosen else one.active)),
        key=lambda one: (
            one.key not in failing,
            one.key not in troubled,
            one.key not in alarms,
            -losses.get(one.key, 0),
            one.name.casefold(),
        ),
    )


def _list_faults(
    connection: sqlite3.Connection,
    feeds: Sequence[FeedState],
    outlets: Sequence[OutletInfo],
    now: str,
) -> list[Fault]:
    """The feeds in trouble, each with what happened and what to do."""
    troubled = [feed for feed in feeds if feed_strip.is_troubled(feed)][:MAX_FAULTS]
    described = {
        feed["feed"]: feed
        for listed in report.list_feeds(
            connection, list(dict.fromkeys(feed.outlet for feed in troubled))
        ).values()
        for feed in listed
    }
    names = {outlet.key: outlet.name for outlet in outlets}
    faults = []
    for feed in troubled:
        said, advice = report.describe_feed(
            described[feed.feed], now, phrasing.format_datetime
        )
        if feed.health == "silent":
            said, advice = f"{feed_strip.describe_trouble(feed)}; {said}", SILENT
        faults.append(
            Fault(feed.outlet, names[feed.outlet], feed.feed, feed.title, said, advice)
        )
    return faults
