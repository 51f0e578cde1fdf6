"""The state of all feeds in one strip and few sentences, those in trouble first. Pure."""

from __future__ import annotations

from collections import Counter
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
    """A strip of all feeds, what it says, and the feeds in trouble."""

    svg: str
    words: str
    faults: tuple[FeedState, ...]  # the latest first, at most MAX_FAULTS
    more: int  # in trouble as well


def describe_feeds(feeds: Sequence[FeedState], urls: Any) -> FeedStrip | None:
    """The strip of these feeds, in their order; None: there are none."""
    if not feeds:
        return None
    troubled = [feed for feed in feeds if is_troubled(feed)]
    words = count_feeds(feeds)
    cells = [
        Cell(
            feed.health,
            f"{feed.outlet}: {feed.title or safe_html.display_address(feed.feed)}: "
            f"{describe_trouble(feed)}"[:300],
            urls.path(f"/-/health?outlet={feed.outlet}"),
        )
        if is_troubled(feed) and number < MAX_LINKS
        else Cell(feed.health, "")
        for number, feed in enumerate(feeds)
    ]
    return FeedStrip(
        draw_states(words, cells),
        words,
        tuple(troubled[:MAX_FAULTS]),
        max(0, len(troubled) - MAX_FAULTS),
    )


def is_troubled(feed: FeedState) -> bool:
    """Whether a feed fails, or is silent although that is unusual."""
    return feed.health in ("failing", "silent")


def describe_trouble(feed: FeedState) -> str:
    """What is wrong with a feed and since when, in a sentence without a full stop."""
    if feed.health == "silent":
        return f"silent since {phrasing.format_datetime(feed.silent_since)}"
    since = phrasing.format_datetime(feed.since)
    return f"{feed.outcome}, {phrasing.excerpt(feed.reason, 120)}, since {since}"


def count_feeds(feeds: Sequence[FeedState]) -> str:
    """As in "2 of 41 feeds fail; 1 was not read yet"."""
    counts = Counter(feed.health for feed in feeds)
    total = phrasing.pluralize(len(feeds), "feed")
    if counts["waiting"] == len(feeds):
        return f"{total}, not read yet"
    if counts["failing"]:
        words = f"{counts['failing']} of {total} "
        words += "fails" if counts["failing"] == 1 else "fail"
    else:
        read = len(feeds) - counts["waiting"]
        words = f"{phrasing.pluralize(read, 'feed')} read, none fails"
    if counts["silent"]:
        words += (
            f"; {counts['silent']} {'is' if counts['silent'] == 1 else 'are'} silent"
        )
    return f"{words}; {counts['waiting']} not read yet" if counts["waiting"] else words


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
    silent = [feed for feed in feeds if feed.health == "silent"]
    if silent:
        count = "" if len(feeds) == 1 else f"{len(silent)} of {len(feeds)} feeds: "
        return f"{count}{describe_trouble(silent[0])}"
    if all(feed.health == "waiting" for feed in feeds):
        return "not read yet"
    return f"{phrasing.pluralize(len(feeds), 'feed')} read"
