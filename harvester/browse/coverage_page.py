"""What share of time each feed was watched: a strip for each feed, losses first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from datasette import Response

from harvester.archive.queries import overview
from harvester.browse import rendering
from harvester.ingest.coverage import FeedCoverage, list_coverage
from harvester.schedule.coverage import DayCoverage
from harvester.schedule.times import format_time

PERIODS = (28, 90, 365)  # days
MAX_FEEDS = 200  # on the page; those with losses come first
MAX_GAPS = 20  # of a feed that are listed
MAX_LISTED_DAYS = 31  # of a feed: those that were not watched whole, the latest first
DAY_WIDTH, STRIP_HEIGHT = 10, 28  # in units of the drawing


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a strip."""

    x: float
    y: float
    width: float
    height: float
    kind: str  # watched, filled, lost
    title: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A feed as it is drawn and told."""

    coverage: FeedCoverage
    bars: tuple[Bar, ...]
    width: int
    share: str
    words: str  # the drawing in words
    days: tuple[DayCoverage, ...]  # that were not watched whole


async def coverage_page(datasette: Any, request: Any) -> Response:
    """A strip for each feed, with its gaps and the numbers behind it."""
    database = await rendering.require_archive(datasette, request)
    outlet = request.args.get("outlet") or ""
    days = rendering.parse_number(request.args.get("days"), PERIODS[0], PERIODS[-1])
    now = datetime.now(UTC)
    first = format_time(now - timedelta(days=days - 1))[:10]
    last = format_time(now)[:10]

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        covered = list_coverage(
            connection, first, last, format_time(now), (outlet,) if outlet else ()
        )
        return {
            "strips": [draw_strip(each) for each in covered[:MAX_FEEDS]],
            "hidden": max(0, len(covered) - MAX_FEEDS),
            "total": _total(covered),
            "gaps": sum(len(each.gaps) for each in covered),
            "lost": sum(len(each.lost_gaps) for each in covered),
            "outlets": overview.list_outlet_infos(connection),
        }

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    return await rendering.render_page(
        datasette,
        request,
        "news_coverage.html",
        database,
        **result,
        chosen=outlet,
        chosen_days=days,
        periods=PERIODS,
        first=first,
        last=last,
        max_gaps=MAX_GAPS,
        strip_height=STRIP_HEIGHT,
        format_share=format_share,
    )


def format_share(share: float | None) -> str:
    """A share in per cent; never 100 where anything is missing."""
    if share is None:
        return "–"
    return "100 %" if share >= 1.0 else f"{min(share * 100, 99.99):.2f} %"


def _total(covered: list[FeedCoverage]) -> str:
    seconds = sum(day.seconds for each in covered for day in each.days)
    watched = sum(day.watched for each in covered for day in each.days)
    return format_share(watched / seconds if seconds else None)


def draw_strip(coverage: FeedCoverage) -> Strip:
    """A feed's days as bars: what was watched from below, what was lost above it."""
    bars: list[Bar] = []
    for number, day in enumerate(coverage.days):
        for bar in _draw_day(day, number * DAY_WIDTH):
            if bars and _is_continued(bars[-1], bar):
                bars[-1] = Bar(
                    bars[-1].x,
                    bar.y,
                    bars[-1].width + bar.width,
                    bar.height,
                    bar.kind,
                )
            else:
                bars.append(bar)
    partial = [day for day in coverage.days if day.share is not None and day.share < 1]
    counted = sum(day.share is not None for day in coverage.days)
    share = format_share(coverage.share)
    words = f"{share} watched; {len(partial)} of {counted} days in part or not at all"
    return Strip(
        coverage,
        tuple(bars),
        len(coverage.days) * DAY_WIDTH,
        share,
        words,
        tuple(reversed(partial))[:MAX_LISTED_DAYS],
    )


def _is_continued(bar: Bar, following: Bar) -> bool:
    """Whether two bars are of days that were watched whole: drawn as one."""
    return (
        not bar.title
        and not following.title
        and bar.kind == following.kind
        and abs(bar.x + bar.width - following.x) < 0.001
    )


def _draw_day(day: DayCoverage, x: float) -> list[Bar]:
    share = day.share
    if share is None:
        return []
    if share >= 1.0 and not day.filled:
        return [Bar(x, 0, DAY_WIDTH, STRIP_HEIGHT, "watched")]
    title = f"{day.day}: {format_share(share)} watched"
    if day.filled:
        title += f", {format_share(day.filled / day.seconds)} in gaps that were filled"
    bars, bottom = [], float(STRIP_HEIGHT)
    parts = (
        ("watched", (day.watched - day.filled) / day.seconds),
        ("filled", day.filled / day.seconds),
        ("lost", 1.0 - share),
    )
    for kind, part in parts:
        if part > 0.0:
            # A loss of a minute is seen too.
            height = max(part * STRIP_HEIGHT, 2.0 if kind == "lost" else 0.0)
            height = min(height, STRIP_HEIGHT)
            top = max(0.0, bottom - height) if kind != "lost" else 0.0
            bars.append(Bar(x, top, DAY_WIDTH, height, kind, title))
            bottom = top
    return bars
