"""The states of feeds for people: fine, failing, silent or waiting; and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harvester.cli.output import pluralize

STATES = ("fine", "failing", "silent", "waiting")
READ_OUTCOMES = ("changed", "unchanged")
# With more outlets, those whose feeds are fine are only named.
MAX_DETAILED_OUTLETS = 5
SILENCE_ADVICE = "see whether the outlet stopped, or has its feed elsewhere now"


def feed_state(feed: dict[str, Any], silence: str) -> str:
    """The state of a feed; "" of one that is not polled any more.

    *waiting*: it was not polled yet, or its site is rate-limited.
    """
    if not feed["active"]:
        return ""
    if feed["polled"] is None or feed["outcome"] == "waiting":
        return "waiting"
    if feed["outcome"] not in READ_OUTCOMES:
        return "failing"
    return "silent" if silence else "fine"


def count_states(outlets: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The number of feeds that are polled, of those in each state, of unusual outlets."""
    counts = {"feeds": 0, **dict.fromkeys(STATES, 0), "unusual": 0}
    for outlet in outlets:
        counts["unusual"] += outlet["volume"] is not None
        for feed in outlet["feeds"]:
            if feed["state"]:
                counts["feeds"] += 1
                counts[feed["state"]] += 1
    return counts


def describe_counts(counts: dict[str, int]) -> str:
    """A line: "47 feeds: 44 fine, 2 failing, 1 silent"."""
    parts = [f"{counts[state]} {state}" for state in STATES if counts[state]]
    feeds = pluralize(counts["feeds"], "feed")
    line = f"{feeds}: {', '.join(parts)}" if parts else feeds
    if counts["unusual"]:
        outlets = pluralize(counts["unusual"], "outlet")
        line += f"; {outlets} with unusually few or many articles"
    return line


def needs_attention(outlet: dict[str, Any]) -> bool:
    """Whether an outlet's volume is unusual, or a feed of it fails or is silent."""
    return outlet["volume"] is not None or any(
        feed["state"] in ("failing", "silent") for feed in outlet["feeds"]
    )


def split_outlets(
    outlets: list[dict[str, Any]], failing_only: bool, in_full: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Outlets to show in detail, those with failures first, and those only to name."""
    failing = [outlet for outlet in outlets if needs_attention(outlet)]
    others = [outlet for outlet in outlets if not needs_attention(outlet)]
    if failing_only:
        return failing, []
    if in_full or len(outlets) <= MAX_DETAILED_OUTLETS:
        return [*failing, *others], []
    # What has no feeds yet, or a state of its own, is said in words.
    named = [outlet for outlet in others if outlet["feeds"] and not outlet["words"]]
    return [*failing, *(one for one in others if one not in named)], named
