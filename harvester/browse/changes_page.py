"""The list of changes: by the filter bar, newest first, by day and hour, in pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from harvester.archive.queries import changes, overview
from harvester.archive.queries.changes import ChangeCursor, ChangeFilter
from harvester.archive.queries.happenings import KINDS_BY_EVENT
from harvester.archive.records import event_ids
from harvester.browse import event_view, list_filter, list_pages, phrasing, rendering
from harvester.browse.list_filter import Chip, FilterBar, ListFilter
from harvester.errors import QueryError
from harvester.render import feed_entries

PATH, FEED_PATH = "/-/changes", "/-/changes"
ROWS_PER_PAGE = 40
MAX_OUTLETS_NAMED = 12  # with unacknowledged edits of yesterday
_STATES = ("online", "removed", "returned", "suspect")
_CLASS_LABELS = {**phrasing.CHANGE_CLASS_LABELS, "post": "new posts of a live blog"}


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
    chosen = list_pages.read_request(request, event_ids.CHANGE_KINDS)
    fault, asked = "", ChangeFilter()
    try:
        asked = make_change_filter(chosen, now)
    except QueryError as error:
        fault = str(error)

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        outlets = overview.list_outlet_infos(connection)
        if fault:
            return {"events": [], "older": "", "outlets": outlets, "fault": fault}
        try:
            cursors = changes.list_cursors(connection, asked, now, ROWS_PER_PAGE + 1)
        except QueryError as error:
            return {"events": [], "older": "", "outlets": outlets, "fault": str(error)}
        shown = cursors[:ROWS_PER_PAGE]
        return {
            "events": overview.load_events(connection, [one.event_id for one in shown]),
            "older": str(shown[-1]) if len(cursors) > len(shown) else "",
            "outlets": outlets,
            "fault": "",
        }

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    names = {outlet.key: outlet.name for outlet in result.pop("outlets")}
    total, count, shortcuts = "", None, []
    if not result["fault"]:
        count = await list_pages.count_or_none(
            datasette, database, lambda db: _count(db, asked, now)
        )
        total = list_pages.describe_total(count, changes.MAX_COUNTED, "change")
    if chosen.is_empty and not chosen.after:
        shortcuts = await _list_shortcuts(datasette, database, now, names)
    feed_query = make_feed_query(chosen)
    labels = phrasing.EVENT_LABELS
    return await rendering.render_page(
        datasette,
        request,
        "news_changes.html",
        database,
        400 if result["fault"] else 200,
        days=event_view.group_by_hour(result["events"]),
        fault=result["fault"],
        bar=_build_bar(chosen, names, total, count, now),
        shortcuts=shortcuts,
        described=""
        if chosen.is_empty
        else list_pages.describe_filter(chosen, "changes", names, labels),
        newest=chosen.address(PATH) if chosen.after else "",
        older=chosen.address(PATH, after=result["older"]) if result["older"] else "",
        is_filtered=not chosen.is_empty,
        feed_path=FEED_PATH,
        feed_query=feed_query,
        feed_title=feed_entries.FEED_TITLES.get(
            chosen.kinds[0] if len(chosen.kinds) == 1 else "", "What changed"
        ),
    )


def make_change_filter(chosen: ListFilter, now: str) -> ChangeFilter:
    """What the bar asks of the archive. Raises QueryError. Another's cursor is none."""
    since, until = chosen.read_times(now)
    try:
        after = ChangeCursor.parse(chosen.after) if chosen.after else None
    except ValueError:
        after = None
    return ChangeFilter(
        query=replace(chosen, outlets=()).make_tree(now, is_timed=False),
        kinds=chosen.kinds,
        outlets=chosen.outlets,
        classes=chosen.classes,
        silent=True if chosen.silent else None,
        since=since,
        until=until,
        after=after,
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


def _count(connection: sqlite3.Connection, asked: ChangeFilter, now: str) -> int:
    count = changes.count_changes(connection, asked, now)
    return changes.MAX_COUNTED + 1 if count is None else count


async def _list_shortcuts(
    datasette: Any, database: Any, now: str, names: dict[str, str]
) -> list[Shortcut]:
    """Who edited without a word yesterday: what journalists come for, in one click."""
    silent = ListFilter(since="yesterday", until="yesterday", silent=True)
    asked = make_change_filter(silent, now)
    counts = await list_pages.count_or_none(
        datasette, database, lambda db: changes.count_by_outlet(db, asked, now)
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
    total: str,
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
        total=total,
        download_note=list_pages.describe_limit(count),
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
