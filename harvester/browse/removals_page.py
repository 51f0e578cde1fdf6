"""The list of removals, each with its evidence."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester.archive.records import looks
from harvester.browse import rendering
from harvester.render import feed_entries

ROWS_PER_PAGE = 40
REMOVAL_KINDS = ("suspect", "removed", "returned")


def _parse_filters(request: Any) -> tuple[str, str]:
    kind = request.args.get("kind") or ""
    outlet = request.args.get("outlet") or ""
    return (kind if kind in REMOVAL_KINDS else ""), outlet


async def removals_page(datasette: Any, request: Any) -> Response:
    """What was not result, removed and came back, newest first, each with what was seen."""
    database = await rendering.require_archive(datasette, request)
    kind, outlet = _parse_filters(request)
    before = rendering.parse_version(request.args.get("before"))

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        rows = looks.list_removals(
            connection,
            limit=ROWS_PER_PAGE + 1,
            kind=kind,
            outlet=outlet,
            before_id=before,
        )
        return rendering.paginate(
            connection, rows, ROWS_PER_PAGE, lambda row: (row["id"], row["at"])
        )

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    return await rendering.render_page(
        datasette,
        request,
        "news_removals.html",
        database,
        **result,
        kind=kind,
        chosen=outlet,
        before=before,
        all_kinds=REMOVAL_KINDS,
        feed_query={
            "kind": kind or "removed",
            **({"outlet": outlet} if outlet else {}),
        },
        feed_title=feed_entries.FEED_TITLES[kind or "removed"],
    )
