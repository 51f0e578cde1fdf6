"""The list of changes: by kind, outlet and query, newest first, in pages."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from typing import Any

from datasette import Response

from harvester.archive.queries import overview
from harvester.archive.queries.changes import (
    ChangeCursor,
    ChangeFilter,
    list_cursors,
)
from harvester.archive.records import event_ids
from harvester.browse import rendering
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.render import feed_entries
from harvester.schedule.times import parse_time

ROWS_PER_PAGE = 40


async def changes_page(datasette: Any, request: Any) -> Response:
    """Edits, headline changes, removals and returns, and what feeds changed."""
    database = await rendering.require_archive(datasette, request)
    now = rendering.utc_now_iso()
    kind = request.args.get("kind") or ""
    outlet = request.args.get("outlet") or ""
    asked = (request.args.get("q") or "").strip()
    silent = request.args.get("silent") == "1"
    cursor = _parse_cursor(request.args.get("after"))

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        chosen = ChangeFilter(
            query=parse_query(asked, parse_time(now)) if asked else None,
            kinds=(kind,) if kind in event_ids.LISTED_KINDS else (),
            outlets=(outlet,) if outlet else (),
            silent=True if silent else None,
            after=cursor,
        )
        cursors = list_cursors(connection, chosen, now, ROWS_PER_PAGE + 1)
        shown = cursors[:ROWS_PER_PAGE]
        events = overview.load_events(connection, [one.event_id for one in shown])
        return {
            "days": [
                (day, list(group))
                for day, group in groupby(events, key=lambda event: event.at[:10])
            ],
            "older": str(shown[-1]) if len(cursors) > len(shown) else "",
        }

    def list_outlets(connection: sqlite3.Connection) -> list[overview.OutletInfo]:
        return overview.list_outlet_infos(connection)

    fault = ""
    try:
        result = await rendering.run_query_or_respond(
            datasette, request, database, query
        )
    except QueryError as error:
        fault, result = str(error), {"days": [], "older": ""}
    if isinstance(result, Response):
        return result
    outlets = await rendering.run_query_or_respond(
        datasette, request, database, list_outlets
    )
    if isinstance(outlets, Response):
        return outlets
    filters = {
        "kind": kind,
        "outlet": outlet,
        "q": asked,
        "silent": "1" if silent else "",
    }
    used = {name: value for name, value in filters.items() if value or name == "kind"}
    return await rendering.render_page(
        datasette,
        request,
        "news_changes.html",
        database,
        400 if fault else 200,
        **result,
        outlets=outlets,
        fault=fault,
        kind=kind,
        chosen=outlet,
        asked=asked,
        silent=silent,
        after=cursor,
        filters=used,
        all_kinds=event_ids.LISTED_KINDS,
        feed_query=used,
        feed_title=feed_entries.FEED_TITLES.get(kind, "What changed"),
    )


def _parse_cursor(text: str | None) -> ChangeCursor | None:
    """Where a page begins; what is no cursor is the first page."""
    if not text:
        return None
    try:
        return ChangeCursor.parse(text)
    except ValueError:
        return None
