"""What the pages of lists have in common: a filter that can be read, a count, a title."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from harvester.archive.queries.changes import ChangeCursor
from harvester.browse import phrasing, served_archive
from harvester.browse.list_filter import ListFilter, read_filter

MAX_COUNT_MILLISECONDS = 40  # for how many there are: a page is not late for it
MAX_DOWNLOADED = 10_000  # rows of a list as CSV or JSON: see ``downloads``
MAX_NAMED_OUTLETS = 3  # in a title


def read_request(
    request: Any, kinds: Sequence[str] = (), sorts: Sequence[str] = ()
) -> ListFilter:
    """The filter that the address of a page asks for."""
    return read_filter(parse_qsl(request.query_string), kinds, sorts)


def read_cursor(chosen: ListFilter) -> ChangeCursor | None:
    """Where the page of a list by time begins; another list's cursor is none."""
    try:
        return ChangeCursor.parse(chosen.after) if chosen.after else None
    except ValueError:
        return None


async def count_or_none(
    datasette: Any, database: Any, count: Callable[[sqlite3.Connection], Any]
) -> Any:
    """What a query counts; None if that takes too long, or the query cannot be read."""

    def run(connection: sqlite3.Connection) -> Any:
        return served_archive.limit_time(connection, MAX_COUNT_MILLISECONDS, count)

    try:
        return await served_archive.run_query(datasette, database, run)
    except served_archive.QueryTimeoutError:
        return None


def describe_total(count: int | None, maximum: int, noun: str) -> str:
    """As in 1,284 changes; "more than 10,000 changes"; "" where it is not known."""
    if count is None:
        return ""
    if count > maximum:
        return f"more than {phrasing.pluralize(maximum, noun)}"
    return phrasing.pluralize(count, noun)


def describe_limit(count: int | None) -> str:
    """Which rows the downloads of a list have; "" for all. ``count``: None: not known."""
    is_long = count is None or count > MAX_DOWNLOADED
    return f"the newest {MAX_DOWNLOADED:,} as" if is_long else ""


def describe_filter(
    chosen: ListFilter,
    subject: str,
    outlet_names: Mapping[str, str],
    kind_labels: Mapping[str, str],
) -> str:
    """A list in words, for titles: "Unacknowledged edits of mpi, yesterday"."""
    words = subject
    if chosen.kinds:
        words = f"{subject}, {', '.join(kind_labels[kind] for kind in chosen.kinds)}"
    if chosen.silent:
        words = "unacknowledged edits"
    if chosen.outlets:
        names = [outlet_names.get(key, key) for key in chosen.outlets]
        several = len(names) > MAX_NAMED_OUTLETS
        words += f" of {len(names)} outlets" if several else f" of {', '.join(names)}"
    if chosen.since and chosen.since == chosen.until:
        words += f", {chosen.since}"
    elif chosen.since or chosen.until:
        words += f", from {chosen.since}" if chosen.since else ""
        words += f" to {chosen.until}" if chosen.until else ""
    if chosen.q:
        words += f": {chosen.q}"
    return words[:1].upper() + words[1:]
