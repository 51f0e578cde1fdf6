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
from harvester.identity.urls import mask

ROWS = 40  # on one page
ENTRIES = 100  # of the feed


def _chosen(request: Any) -> tuple[str, str]:
    kind = request.args.get("kind") or ""
    return kind if kind in removals.KINDS else "", request.args.get("outlet") or ""


async def page(datasette: Any, request: Any) -> Response:
    """What was not found, removed and came back, newest first, each with what was seen."""
    database = await rendering.archive(datasette, request)
    kind, outlet = _chosen(request)
    before = rendering.version(request.args.get("before"))

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        rows = looks.removals(
            connection, limit=ROWS + 1, kind=kind, outlet=outlet, before=before
        )
        return rendering.listed(connection, rows, ROWS, "at")

    found = await rendering.ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    return await rendering.page(
        datasette, request, "news_removals.html", database, **found, kind=kind, chosen=outlet, before=before,
        all_kinds=removals.KINDS,
    )  # fmt: skip


async def feed(datasette: Any, request: Any) -> Response:
    """Changes of one kind as an Atom feed; without one, removals."""
    database = await rendering.archive(datasette, request)
    kind = request.args.get("kind") or "removed"
    outlet = request.args.get("outlet") or ""
    if kind not in removals.TITLES:
        text = f"There is a feed of each of {', '.join(one for one in removals.TITLES if one)}."
        return await rendering.message(
            datasette, request, database, "No such feed", text, 404
        )

    def question(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        if kind in removals.KINDS:
            return looks.removals(connection, limit=ENTRIES, kind=kind, outlet=outlet)
        return article_pages.changes(
            connection, limit=ENTRIES, kind=kind, outlet=outlet
        )

    found = await rendering.ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    told = [removals.told(row, mask) for row in found]
    itself = datasette.absolute_url(request, request.full_path)
    title = f"{removals.TITLES[kind]} · {datasette.metadata('title') or 'The archive'}"
    body = atom.feed(
        title,
        f"{itself.partition('?')[0]} {kind} {outlet}",
        told,
        rendering.now(),
        itself,
    )
    return Response(
        body,
        content_type="application/atom+xml; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
