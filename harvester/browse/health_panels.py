"""Outlets as small panels, and feeds as strips of days, with their numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.archive.queries.feed_states import FeedState
from harvester.archive.queries.overview import OutletInfo
from harvester.browse import feed_strip, phrasing
from harvester.ingest.coverage import FeedCoverage
from harvester.render.plots import strips
from harvester.render.plots.strips import format_share
from harvester.schedule import coverage, volume
from harvester.schedule.coverage import DayCoverage

MAX_DAYS = 31  # drawn one by one; more are drawn by week
MAX_GAPS = 10  # of a feed that are listed
MAX_LISTED_DAYS = 14  # of a feed: those that were not watched whole, the latest first

__all__ = ["Panel", "Strip", "draw_panels", "draw_strip", "format_share", "list_days"]


@dataclass(frozen=True, slots=True)
class Panel:
    """An outlet as it is drawn and told. ``labels``: of the days or weeks, "" for all."""

    outlet: str
    name: str
    svg: str
    state: str  # of its feeds, in words
    is_failing: bool
    alarm: str  # in words, or ""
    share: str  # watched, of all its feeds
    labels: tuple[str, ...]  # first days of what is counted
    counts: tuple[int, ...]
    more_feeds: int  # that are not drawn


@dataclass(frozen=True, slots=True)
class Strip:
    """A feed in detail."""

    coverage: FeedCoverage
    svg: str
    share: str
    days: tuple[DayCoverage, ...]  # that were not watched whole


def list_days(first: str, last: str) -> list[str]:
    """All days from the first to the last."""
    begin = date.fromisoformat(first)
    count = (date.fromisoformat(last) - begin).days + 1
    return [f"{begin + timedelta(days=number)}" for number in range(count)]


def draw_panels(
    outlets: Sequence[OutletInfo],
    feeds: Sequence[FeedState],
    covered: Sequence[FeedCoverage],
    articles: Mapping[str, Mapping[str, int]],
    volumes: Mapping[str, str],
    days: Sequence[str],
) -> list[Panel]:
    """A panel for each outlet, in their order; by week where there are many days."""
    panels = []
    for outlet in outlets:
        known = volume.from_json(volumes.get(outlet.key, ""))
        usual = [
            volume.usual_day(known, date.fromisoformat(day).weekday()) for day in days
        ]
        counts = [articles.get(outlet.key, {}).get(day, 0) for day in days]
        size = 7 if len(days) > MAX_DAYS else 1
        panels.append(
            _draw_panel(
                outlet,
                [feed for feed in feeds if feed.outlet == outlet.key],
                [one for one in covered if one.feed.outlet == outlet.key],
                [int(count) for count in _sum(counts, size)],
                _sum(usual, size),
                tuple(days[len(days) % size :: size]),
                size,
                known.alarm,
            )
        )
    return panels


def _sum(values: Sequence[float], size: int) -> list[float]:
    """Every so many as one, as ``coverage.join_days`` joins them."""
    start = len(values) % size
    return [sum(values[at : at + size]) for at in range(start, len(values), size)]


def _draw_panel(
    outlet: OutletInfo,
    feeds: Sequence[FeedState],
    covered: Sequence[FeedCoverage],
    counts: Sequence[int],
    usual: Sequence[float],
    labels: tuple[str, ...],
    size: int,
    alarm: str,
) -> Panel:
    of_all = [day for one in covered for day in one.days]
    share = format_share(coverage.total_share(of_all))
    unit = "week" if size > 1 else "day"
    words = f"{outlet.name}: {phrasing.pluralize(sum(counts), 'article')}"
    if any(usual):
        words += f", {sum(usual):.0f} are usual"
    words += f", at most {max(counts, default=0):,} a {unit}; {share} watched"
    joined = [coverage.join_days(one.days, size) for one in covered]
    return Panel(
        outlet.key,
        outlet.name,
        strips.draw_panel(words, counts, usual, joined),
        feed_strip.describe_outlet(outlet.active, feeds),
        any(feed.health == "failing" for feed in feeds),
        f"unusually {alarm} articles" if alarm else "",
        share,
        labels,
        tuple(counts),
        max(0, len(covered) - strips.MAX_STRIPS),
    )


def draw_strip(covered: FeedCoverage) -> Strip:
    """A feed's days, and those that were not watched whole."""
    partial = [day for day in covered.days if day.share is not None and day.share < 1]
    counted = sum(day.share is not None for day in covered.days)
    share = format_share(covered.share)
    words = f"{share} watched; {len(partial)} of {counted} days in part or not at all"
    return Strip(
        covered,
        strips.draw_coverage(words, covered.days),
        share,
        tuple(reversed(partial))[:MAX_LISTED_DAYS],
    )
