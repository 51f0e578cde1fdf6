"""The list of changes: by the filter bar, newest first, by day and hour, in pages."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from harvester.archive.queries import change_sums, changes, outlet_days, overview
from harvester.archive.queries.changes import ChangeFilter
from harvester.archive.queries.happenings import KINDS_BY_EVENT
from harvester.archive.records import event_ids
from harvester.browse import (
    day_bars,
    event_view,
    list_filter,
    list_pages,
    phrasing,
    rendering,
)
from harvester.browse.list_filter import Chip, FilterBar, ListFilter
from harvester.errors import QueryError
from harvester.render import feed_entries

PATH, FEED_PATH = "/-/changes", "/-/changes"
ROWS_PER_PAGE = 32  # of 1.2 kB each, so that a page is no larger than 80 kB
MAX_COUNTED = 1_000  # changes, which takes some 15 ms whatever the archive's size
LARGEST = "largest"
SORTS = ("newest", LARGEST)
MAX_OUTLETS_NAMED = 12  # with unacknowledged edits of yesterday
_STATES = ("online", "removed", "returned", "suspect")
_CLASS_LABELS = {**phrasing.CHANGE_CLASS_LABELS, "post": "new posts of a live blog"}


@dataclass(slots=True)
class _Page:
    """What is read for the page."""

    outlet_names: dict[str, str]
    events: list[overview.ArticleEvent] = field(default_factory=list)
    older: str = ""
    fault: str = ""
    is_cut: bool = False  # sorted by size, and there are older ones
    days: list[str] = field(default_factory=list)  # with counts, for the bars
    counts: dict[str, outlet_days.Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An outlet with unacknowledged edits of yesterday, and the list of them."""

    name: str
    count: int
    href: str


async def changes_page(datasette: Any, request: Any) -> Response:
    """Edits, headline changes, removals and returns, and what feeds changed."""
    database = await rendering.require_archive(datasette, request)
    now = rendering.utc_now_iso()
    chosen = list_pages.read_request(request, event_ids.CHANGE_KINDS, SORTS)

    def query(connection: sqlite3.Connection) -> _Page:
        return _read_page(connection, chosen, now)

    page = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(page, Response):
        return page
    names = page.outlet_names
    count, shortcuts = None, []
    if not page.fault:
        count = await list_pages.count_or_none(
            datasette, database, lambda db: _count(db, chosen, now)
        )
    if chosen.is_empty and not chosen.after:
        shortcuts = await _list_shortcuts(datasette, database, now, names)
    is_sorted = chosen.sort == LARGEST
    return await rendering.render_page(
        datasette,
        request,
        "news_changes.html",
        database,
        400 if page.fault else 200,
        days=[] if is_sorted else event_view.group_by_hour(page.events),
        largest=page.events if is_sorted else [],
        most_sorted=change_sums.MAX_SORTED if page.is_cut else 0,
        fault=page.fault,
        bar=_build_bar(chosen, names, count, now),
        bars=day_bars.draw_edits(
            page.counts, page.days, chosen, datasette.urls.path(PATH)
        ),
        shortcuts=shortcuts,
        described=""
        if chosen.is_empty
        else list_pages.describe_filter(
            chosen, "changes", names, phrasing.EVENT_LABELS
        ),
        newest=chosen.address(PATH) if chosen.after else "",
        older=chosen.address(PATH, after=page.older) if page.older else "",
        is_filtered=not chosen.is_empty,
        feed_path=FEED_PATH,
        feed_query=make_feed_query(chosen),
        feed_title=feed_entries.FEED_TITLES.get(
            chosen.kinds[0] if len(chosen.kinds) == 1 else "", "What changed"
        ),
    )


def _read_page(connection: sqlite3.Connection, chosen: ListFilter, now: str) -> _Page:
    """What the page shows; ``fault`` says why it shows no changes."""
    infos = overview.list_outlet_infos(connection)
    page = _Page({info.key: info.name for info in infos})
    try:
        asked = make_change_filter(chosen, now)
        if chosen.sort == LARGEST:
            start = int(chosen.after) if re.fullmatch(r"\d{1,4}", chosen.after) else 0
            ids, page.is_cut = change_sums.list_largest(connection, asked, now)
            shown = ids[start : start + ROWS_PER_PAGE]
            end = start + len(shown)
            page.older = str(end) if end < len(ids) else ""
        else:
            cursors = changes.list_cursors(connection, asked, now, ROWS_PER_PAGE + 1)
            shown = [cursor.event_id for cursor in cursors[:ROWS_PER_PAGE]]
            if len(cursors) > ROWS_PER_PAGE:
                page.older = str(cursors[ROWS_PER_PAGE - 1])
    except QueryError as error:
        page.fault = str(error)
        return page
    page.events = overview.load_events(connection, shown)
    if not chosen.after and _is_counted_by_day(chosen):
        page.days, page.counts = count_days(connection, chosen, asked, now)
    return page


def _is_counted_by_day(chosen: ListFilter) -> bool:
    """Whether the counts by day are of this list, but for its times."""
    is_edits = all(kind in event_ids.EDIT_KINDS for kind in chosen.kinds)
    return is_edits and not (chosen.q or chosen.classes or chosen.states)


def count_days(
    connection: sqlite3.Connection, chosen: ListFilter, asked: ChangeFilter, now: str
) -> tuple[list[str], dict[str, outlet_days.Counts]]:
    """The days up to the last of the list, and what its outlets did on each."""
    days = day_bars.list_days(_get_last_day(connection, asked, now))
    counts = outlet_days.sum_by_day(connection, days[0], f"{days[-1]}~", chosen.outlets)
    return days, counts


def _get_last_day(connection: sqlite3.Connection, asked: ChangeFilter, now: str) -> str:
    """The last day that the list has, or that the archive has."""
    last = outlet_days.get_last_day(connection, now)
    if not asked.until or asked.until[:10] > last:
        return last
    day = date.fromisoformat(asked.until[:10])
    return str(day - timedelta(days=1)) if asked.until[10:] < "T00:00:01" else str(day)


def make_change_filter(chosen: ListFilter, now: str) -> ChangeFilter:
    """What the bar asks of the archive. Raises QueryError. Another's cursor is none."""
    since, until = chosen.read_times(now)
    return ChangeFilter(
        query=replace(chosen, outlets=()).make_tree(now, is_timed=False),
        kinds=chosen.kinds,
        outlets=chosen.outlets,
        classes=chosen.classes,
        silent=True if chosen.silent else None,
        since=since,
        until=until,
        after=list_pages.read_cursor(chosen),
    )


def make_feed_query(chosen: ListFilter) -> list[tuple[str, str]]:
    """The parameters of the feed of the same list; an empty kind stands for all."""
    kinds = [] if chosen.kinds else [("kind", "")]
    return [*kinds, *chosen.list_parameters()]


def list_alert_kinds(kinds: Sequence[str]) -> tuple[str, ...] | None:
    """On what an alert of these kinds of changes rings; None: on none of them."""
    asked = kinds or event_ids.LISTED_KINDS
    rings = [KINDS_BY_EVENT[kind] for kind in asked if kind in KINDS_BY_EVENT]
    return tuple(dict.fromkeys(rings)) or None


def _count(connection: sqlite3.Connection, chosen: ListFilter, now: str) -> int:
    """How many changes there are, at most one more than ``MAX_COUNTED``."""
    asked = make_change_filter(replace(chosen, after=""), now)
    return len(changes.list_cursors(connection, asked, now, MAX_COUNTED + 1))


async def _list_shortcuts(
    datasette: Any, database: Any, now: str, names: dict[str, str]
) -> list[Shortcut]:
    """Who edited without a word yesterday: what journalists come for, in one click."""
    silent = ListFilter(since="yesterday", until="yesterday", silent=True)
    asked = make_change_filter(silent, now)
    counts = await list_pages.count_or_none(
        datasette, database, lambda db: change_sums.count_by_outlet(db, asked, now)
    )
    return [
        Shortcut(
            names.get(key, key), count, replace(silent, outlets=(key,)).address(PATH)
        )
        for key, count in (counts or [])[:MAX_OUTLETS_NAMED]
    ]


def _build_bar(
    chosen: ListFilter,
    names: dict[str, str],
    count: int | None,
    now: str,
) -> FilterBar:
    bar = list_filter.build_bar(
        PATH,
        chosen,
        list(names.items()),
        kinds=[(kind, phrasing.EVENT_LABELS[kind]) for kind in event_ids.CHANGE_KINDS],
        classes=[(name, _CLASS_LABELS[name]) for name in list_filter.CLASSES],
        states=[(state, f"{state} now") for state in _STATES],
        has_silent=True,
        sorts=[(sort, f"{sort} first") for sort in SORTS],
        total=list_pages.describe_total(count, MAX_COUNTED, "change"),
        download_note=list_pages.describe_limit(
            None if count is None or count > MAX_COUNTED else count
        ),
        alert_kinds=list_alert_kinds(chosen.kinds),
        now=now,
    )
    return replace(bar, downloads=list_downloads(chosen, make_feed_query(chosen)))


def list_downloads(
    chosen: ListFilter, feed_query: Sequence[tuple[str, str]]
) -> tuple[Chip, ...]:
    """A list of changes in other forms."""
    return (
        Chip("CSV", chosen.address(f"{FEED_PATH}.csv")),
        Chip("JSON", chosen.address(f"{FEED_PATH}.json")),
        Chip("Feed", f"{FEED_PATH}.atom?{urlencode(feed_query)}"),
    )
