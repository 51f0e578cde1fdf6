"""The ledger of removals: a page that shows the evidence of each, and an Atom feed of it.

Not for: SQL (``archive.looks``), nor for how entries of a feed are worded (``archive.ledger``).
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester import atom
from harvester.archive.queries import article_pages, removals
from harvester.archive.records import looks
from harvester.browse import rendering
from harvester.identity.urls import mask_secrets

ROWS_PER_PAGE = 40  # on one page
MAX_FEED_ENTRIES = 100  # of the feed


def _parse_filters(request: Any) -> tuple[str, str]:
    kind = request.args.get("kind") or ""
    return kind if kind in removals.REMOVAL_KINDS else "", request.args.get(
        "outlet"
    ) or ""


async def removals_page(datasette: Any, request: Any) -> Response:
    """What was not found, removed and came back, newest first, each with what was seen."""
    database = await rendering.require_archive(datasette, request)
    kind, outlet = _parse_filters(request)
    before = rendering.parse_version(request.args.get("before"))

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
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

    found = await rendering.run_query_or_respond(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    return await rendering.render_page(
        datasette, request, "news_removals.html", database, **found, kind=kind, chosen=outlet, before=before,
        all_kinds=removals.REMOVAL_KINDS,
    )  # fmt: skip


async def atom_feed(datasette: Any, request: Any) -> Response:
    """Changes of one kind as an Atom feed; without one, removals."""
    database = await rendering.require_archive(datasette, request)
    kind = request.args.get("kind") or "removed"
    outlet = request.args.get("outlet") or ""
    if kind not in removals.FEED_TITLES:
        text = f"There is a feed of each of {', '.join(one for one in removals.FEED_TITLES if one)}."
        return await rendering.render_message(
            datasette, request, database, "No such feed", text, 404
        )

    def question(connection: sqlite3.Connection) -> list[dict[str, Any]]:
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

    found = await rendering.run_query_or_respond(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    told = [removals.to_feed_entry(row, mask_secrets) for row in found]
    itself = datasette.absolute_url(request, request.full_path)
    title = (
        f"{removals.FEED_TITLES[kind]} · {datasette.metadata('title') or 'The archive'}"
    )
    body = atom.render_feed(
        title,
        f"{itself.partition('?')[0]} {kind} {outlet}",
        told,
        rendering.utc_now_iso(),
        itself,
    )
    return Response(
        body,
        content_type="application/atom+xml; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
