"""The state of all feeds in one strip and few sentences, those in trouble first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.queries.feed_states import FeedState
from harvester.browse import phrasing, safe_html
from harvester.render.plots.strips import Cell, draw_states

MAX_FAULTS = 4  # told in words
MAX_LINKS = 24  # cells of the strip that lead to an outlet


@dataclass(frozen=True, slots=True)
class FeedStrip:
    """A strip of all feeds, what it says, and the feeds that fail."""

    svg: str
    words: str
    faults: tuple[FeedState, ...]  # the latest first, at most MAX_FAULTS
    more: int  # that fail as well


def describe_feeds(feeds: Sequence[FeedState], urls: Any) -> FeedStrip | None:
    """The strip of these feeds, in their order; None: there are none."""
    if not feeds:
        return None
    failing = [feed for feed in feeds if feed.health == "failing"]
    words = count_feeds(feeds)
    cells = [
        Cell(
            feed.health,
            f"{feed.outlet}: {feed.title or safe_html.display_address(feed.feed)}: "
            f"{feed.outcome}, {feed.reason}"[:300],
            urls.path(f"/-/health?outlet={feed.outlet}"),
        )
        if feed.health == "failing" and number < MAX_LINKS
        else Cell(feed.health, "")
        for number, feed in enumerate(feeds)
    ]
    return FeedStrip(
        draw_states(words, cells),
        words,
        tuple(failing[:MAX_FAULTS]),
        max(0, len(failing) - MAX_FAULTS),
    )


def count_feeds(feeds: Sequence[FeedState]) -> str:
    """As in "2 of 41 feeds fail; 1 was not read yet"."""
    failing = sum(feed.health == "failing" for feed in feeds)
    waiting = sum(feed.health == "waiting" for feed in feeds)
    total = phrasing.pluralize(len(feeds), "feed")
    if waiting == len(feeds):
        return f"{total}, not read yet"
    if failing:
        words = f"{failing} of {total} {'fails' if failing == 1 else 'fail'}"
    else:
        words = f"{phrasing.pluralize(len(feeds) - waiting, 'feed')} read, none fails"
    return f"{words}; {waiting} not read yet" if waiting else words


def describe_outlet(is_active: bool, feeds: Sequence[FeedState]) -> str:
    """The feeds of one outlet in a sentence, without a full stop."""
    if not is_active:
        return "no longer in the settings"
    if not feeds:
        return "no feeds"
    failing = [feed for feed in feeds if feed.health == "failing"]
    if failing:
        worst = failing[0]
        count = "" if len(feeds) == 1 else f"{len(failing)} of {len(feeds)} feeds: "
        return f"{count}{worst.outcome}, {worst.reason}"
    if all(feed.health == "waiting" for feed in feeds):
        return "not read yet"
    return f"{phrasing.pluralize(len(feeds), 'feed')} read"
