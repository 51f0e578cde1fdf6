"""How the feeds that were found at a site are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    pluralize,
    print_note,
    print_text,
    wrap_text,
)
from harvester.discovery.choice import Choice
from harvester.discovery.found_feed import Source
from harvester.discovery.search import Search
from harvester.identity.urls import mask_secrets

_DAY_SECONDS = 86_400.0
_HEADERS = (
    "",
    "",
    "kind",
    "entries",
    "newest",
    "one every",
    "text",
    "in common",
    "feed",
)
MAX_TRIED_SHOWN = 20
MAX_LATEST_SHOWN = 5


def feed_record(choice: Choice, number: int) -> dict[str, Any]:
    """A feed as an object of --json."""
    feed = choice.feed
    return {
        "number": number,
        "url": mask_secrets(feed.url),
        "taken": choice.is_taken,
        "reason": choice.reason,
        "found": feed.source.value,
        "kind": feed.kind,
        "title": feed.title,
        "language": feed.language,
        "entries": feed.entry_count,
        "newest": feed.newest,
        "oldest": feed.oldest,
        "interval": feed.interval,
        "text": feed.text,
        "shared": round(choice.shared, 3),
        "shared_with": choice.shared_with + 1 if choice.shared_with >= 0 else None,
    }


def site_record(search: Search, choices: Sequence[Choice]) -> dict[str, Any]:
    """What was found at a site as an object of --json."""
    return {
        "address": mask_secrets(search.address),
        "requests": search.request_count,
        "found": [feed_record(choice, n) for n, choice in enumerate(choices, 1)],
        "sections": [
            {"url": mask_secrets(link.url), "name": link.text}
            for link in search.sections
        ],
        "tried": [
            {"url": mask_secrets(tried.url), "result": mask_secrets(tried.words)}
            for tried in search.tried
        ],
    }


def print_site(search: Search, choices: Sequence[Choice]) -> None:
    """A table of the feeds, the best first, and what else the site has."""
    rows = []
    for number, choice in enumerate(choices, 1):
        feed = choice.feed
        common = ""
        if choice.shared_with >= 0:
            common = f"{choice.shared:.0%} in {choice.shared_with + 1}"
        rows.append(
            [
                number,
                _mark(choice),
                feed.kind,
                feed.entry_count,
                display_time(feed.newest),
                describe_interval(feed.interval),
                feed.text,
                common,
                mask_secrets(feed.url),
            ]
        )
    print_text(format_table(rows, _HEADERS))
    for number, choice in enumerate(choices, 1):
        if not choice.is_taken:
            print_text(wrap_text(f"not {number}: {mask_secrets(choice.reason)}", "  "))


def _mark(choice: Choice) -> str:
    if choice.feed.source is Source.KNOWN:
        return "has"
    return "take" if choice.is_taken else ""


def print_sections(search: Search) -> None:
    """The section pages of a site that has no feed."""
    if search.sections:
        names = ", ".join(link.text for link in search.sections)
        print_note(f"its sections: {names}")


def tried_words(search: Search) -> str:
    """What was tried, a line each, for an error."""
    lines = [
        f"{mask_secrets(tried.url)}: {mask_secrets(tried.words)}"
        for tried in search.tried
    ]
    more = len(lines) - MAX_TRIED_SHOWN
    if more > 0:
        lines = [*lines[:MAX_TRIED_SHOWN], f"and {more} more"]
    return "\n".join(lines)


def print_latest(choices: Sequence[Choice]) -> None:
    """The newest entries of the feeds that are taken."""
    entries = [
        entry for choice in choices if choice.is_taken for entry in choice.feed.latest
    ]
    entries.sort(key=lambda entry: entry.published or "", reverse=True)
    for entry in entries[:MAX_LATEST_SHOWN]:
        time = display_time(entry.published) or " " * 16
        title = clean(entry.title) or clean(mask_secrets(entry.url))
        print_text(f"  {click.style(time, dim=True)}  {title}")


def describe_interval(seconds: float | None) -> str:
    """A time between two entries, for people: "35 minutes"."""
    if seconds is None:
        return ""
    for unit, length in (("day", _DAY_SECONDS), ("hour", 3_600.0), ("minute", 60.0)):
        if seconds >= 1.5 * length or unit == "minute":
            return pluralize(max(1, round(seconds / length)), unit)
    return ""
