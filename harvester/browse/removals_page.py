"""The list of removals, each with its evidence, and an Atom feed of changes."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester import atom
from harvester.archive.queries import article_pages, removals
from harvester.archive.records import looks
from harvester.browse import rendering
from harvester.identity.urls import mask_secrets

ROWS_PER_PAGE = 40
MAX_FEED_ENTRIES = 100


def _parse_filters(request: Any) -> tuple[str, str]:
    kind = request.args.get("kind") or ""
    outlet = request.args.get("outlet") or ""
    return (kind if kind in removals.REMOVAL_KINDS else ""), outlet


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
        all_kinds=removals.REMOVAL_KINDS,
    )


async def atom_feed(datasette: Any, request: Any) -> Response:
    """Changes of one kind as an Atom feed; removals by default."""
    database = await rendering.require_archive(datasette, request)
    kind = request.args.get("kind") or "removed"
    outlet = request.args.get("outlet") or ""
    if kind not in removals.FEED_TITLES:
        kinds = ", ".join(filter(None, removals.FEED_TITLES))
        text = f"There are feeds of: {kinds}."
        return await rendering.render_message(
            datasette, request, database, "No such feed", text, 404
        )

    def query(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        if kind in removals.REMOVAL_KINDS:
            return looks.list_removals(
                connection, limit=MAX_FEED_ENTRIES, kind=kind, outlet=outlet
            )
        return article_pages.list_changes(
            connection,
            limit=MAX_FEED_ENTRIES,
            kinds=[kind],
            outlets=[outlet] if outlet else [],
        )

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    entries = [removals.to_feed_entry(row, mask_secrets) for row in result]
    url = datasette.absolute_url(request, request.full_path)
    title = (
        f"{removals.FEED_TITLES[kind]} · {datasette.metadata('title') or 'The archive'}"
    )
    body = atom.render_feed(
        title,
        f"{url.partition('?')[0]} {kind} {outlet}",
        entries,
        rendering.utc_now_iso(),
        url,
    )
    return Response(
        body,
        content_type="application/atom+xml; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
