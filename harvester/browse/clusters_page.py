"""Copies across outlets: a page of clusters, and one cluster with who was first, and what the copiers changed.

Not for: SQL (``archive.reprints``), nor for deciding what is a copy.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, clusters
from harvester.browse import article_view, rendering
from harvester.errors import NotHeld

ROWS = 30  # on one page


async def page(datasette: Any, request: Any) -> Response:
    """Reports that stand in several places, newest first."""
    database = await rendering.archive(datasette, request)
    outlet, within = request.args.get("outlet") or "", request.args.get("within") == "1"
    before = rendering.version(request.args.get("before"))

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        rows = clusters.newest(
            connection, ROWS + 1, outlet=outlet, within=within, before=before
        )
        return rendering.listed(connection, rows, ROWS, "first_seen")

    found = await rendering.ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    return await rendering.page(
        datasette, request, "news_copies.html", database, **found, chosen=outlet, within=within, before=before
    )  # fmt: skip


async def cluster(datasette: Any, request: Any) -> Response:
    """All articles with one report; with ``?with=KEY`` what that one changed."""
    database = await rendering.archive(datasette, request)
    key, chosen = (
        request.url_vars["key"].lower(),
        (request.args.get("with") or "").lower(),
    )

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        found = clusters.of_article(
            connection, article_pages.by_key(connection, key)["key"]
        )
        if found is None:
            raise NotHeld("This report was seen in no other place.")
        group, members = found
        other = next(
            (one for one in members if one["key"] == chosen != group["first"]), None
        )
        if chosen and other is None:
            raise NotHeld("That article is no copy of this report.")
        texts = (
            [
                article_pages.shown(
                    connection, article_pages.by_key(connection, one), None
                )
                for one in (group["first"], chosen)
            ]
            if other
            else []
        )
        return {"cluster": group, "members": members, "other": other, "texts": texts}

    found = await rendering.ask(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    texts = found.pop("texts")
    compared = article_view.comparison(texts[0], texts[1]) if texts else None
    return await rendering.page(
        datasette, request, "news_cluster.html", database, **found, compared=compared
    )
