"""Copies across outlets: a page of clusters, and one cluster with who was first, and what the copiers changed.

Not for: SQL (``archive.reprints``), nor for deciding what is a copy.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, clusters
from harvester.browse import article_view, rendering
from harvester.errors import NotInArchive

ROWS_PER_PAGE = 30  # on one page


async def copies_page(datasette: Any, request: Any) -> Response:
    """Reports that stand in several places, newest first."""
    database = await rendering.require_archive(datasette, request)
    outlet, within = request.args.get("outlet") or "", request.args.get("within") == "1"
    before = rendering.parse_version(request.args.get("before"))

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        rows = clusters.list_clusters(
            connection,
            ROWS_PER_PAGE + 1,
            outlet=outlet,
            include_single_outlet=within,
            before_id=before,
        )
        return rendering.paginate(
            connection,
            rows,
            ROWS_PER_PAGE,
            lambda cluster: (cluster.id, cluster.first_seen),
        )

    found = await rendering.run_query_or_respond(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    return await rendering.render_page(
        datasette, request, "news_copies.html", database, **found, chosen=outlet, within=within, before=before
    )  # fmt: skip


async def cluster_page(datasette: Any, request: Any) -> Response:
    """All articles with one report; with ``?with=KEY`` what that one changed."""
    database = await rendering.require_archive(datasette, request)
    key, chosen = (
        request.url_vars["key"].lower(),
        (request.args.get("with") or "").lower(),
    )

    def question(connection: sqlite3.Connection) -> dict[str, Any]:
        found = clusters.get_article_cluster(
            connection, article_pages.get_article_by_key(connection, key)["key"]
        )
        if found is None:
            raise NotInArchive("This report was seen in no other place.")
        group, members = found
        other = next((one for one in members if one.key == chosen != group.first), None)
        if chosen and other is None:
            raise NotInArchive("That article is no copy of this report.")
        texts = (
            [
                article_pages.get_article_details(
                    connection, article_pages.get_article_by_key(connection, one), None
                )
                for one in (group.first, chosen)
            ]
            if other
            else []
        )
        return {"cluster": group, "members": members, "other": other, "texts": texts}

    found = await rendering.run_query_or_respond(datasette, request, database, question)
    if isinstance(found, Response):
        return found
    texts = found.pop("texts")
    compared = article_view.compare_versions(texts[0], texts[1]) if texts else None
    return await rendering.render_page(
        datasette, request, "news_cluster.html", database, **found, compared=compared
    )
