"""The ledger of removals: a page that shows the evidence of each, and an Atom feed of it.

Not for: SQL (``archive.looks``), nor for how entries of a feed are worded (``archive.ledger``).
"""

from __future__ import annotations

import sqlite3
from itertools import groupby
from typing import Any

from datasette import Response

from harvester import atom
from harvester.archive import ledger, looks, read
from harvester.browse import pages, questions
from harvester.identity.url import mask

ROWS = 40  # on one page
ENTRIES = 100  # of the feed


def _chosen(request: Any) -> tuple[str, str]:
    kind = request.args.get("kind") or ""
    return kind if kind in ledger.KINDS else "", request.args.get("outlet") or ""


async def page(datasette: Any, request: Any) -> Response:
    """What was not found, removed and came back, newest first, each with what was seen."""
    database = await pages._archive(datasette, request)
    kind, outlet = _chosen(request)
    before = pages._version(request.args.get("before"))

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        rows = looks.removals(connection, limit=ROWS + 1, kind=kind, outlet=outlet, before=before)
        return {
            "rows": rows[:ROWS],
            "older": rows[ROWS - 1]["id"] if len(rows) > ROWS else None,
            "outlets": questions.outlets(connection),
        }

    found = await pages._ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    days = [(day, list(rows)) for day, rows in groupby(found.pop("rows"), key=lambda row: row["at"][:10])]
    return await pages._page(
        datasette, request, "news_removals.html", database, **found, days=days, kind=kind, chosen=outlet, before=before,
        all_kinds=ledger.KINDS,
    )  # fmt: skip


async def feed(datasette: Any, request: Any) -> Response:
    """Changes of one kind as an Atom feed; without one, removals."""
    database = await pages._archive(datasette, request)
    kind = request.args.get("kind") or "removed"
    outlet = request.args.get("outlet") or ""
    if kind not in ledger.TITLES:
        text = f"There is a feed of each of {', '.join(one for one in ledger.TITLES if one)}."
        return await pages._message(datasette, request, database, "No such feed", text, 404)

    def question(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        if kind in ledger.KINDS:
            return looks.removals(connection, limit=ENTRIES, kind=kind, outlet=outlet)
        return read.changes(connection, limit=ENTRIES, kind=kind, outlet=outlet)

    found = await pages._ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    told = [ledger.told(row, mask) for row in found]
    itself = datasette.absolute_url(request, request.full_path)
    title = f"{ledger.TITLES[kind]} · {datasette.metadata('title') or 'The archive'}"
    body = atom.feed(title, f"{itself.partition('?')[0]} {kind} {outlet}", told, pages._now(), itself)
    return Response(body, content_type="application/atom+xml; charset=utf-8", headers={"Cache-Control": "no-cache"})
