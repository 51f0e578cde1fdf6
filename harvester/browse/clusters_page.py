"""Copies across outlets: the list of clusters, and one cluster with its differences."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, clusters
from harvester.browse import article_view, rendering
from harvester.errors import NotInArchive

ROWS_PER_PAGE = 30


async def copies_page(datasette: Any, request: Any) -> Response:
    """Clusters of articles with the same text, newest first."""
    database = await rendering.require_archive(datasette, request)
    outlet, within = request.args.get("outlet") or "", request.args.get("within") == "1"
    before = rendering.parse_version(request.args.get("before"))

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        listed = clusters.list_clusters(
            connection,
            ROWS_PER_PAGE,
            outlet=outlet,
            include_single_outlet=within,
            before_id=before,
        )
        page = rendering.paginate(
            connection,
            listed.clusters,
            ROWS_PER_PAGE,
            lambda cluster: (cluster.id, cluster.first_seen),
        )
        return {**page, "older": listed.older_id}

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    return await rendering.render_page(
        datasette,
        request,
        "news_copies.html",
        database,
        **result,
        chosen=outlet,
        within=within,
        before=before,
    )


async def cluster_page(datasette: Any, request: Any) -> Response:
    """The articles of one cluster; with ``?with=KEY``, what that copy changed."""
    database = await rendering.require_archive(datasette, request)
    key, chosen = (
        request.url_vars["key"].lower(),
        (request.args.get("with") or "").lower(),
    )

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        result = clusters.get_article_cluster(
            connection, article_pages.get_article_by_key(connection, key)["key"]
        )
        if result is None:
            raise NotInArchive("No copy of this article is known.")
        group, members = result
        other = next(
            (member for member in members if member.key == chosen != group.first), None
        )
        if chosen and other is None:
            raise NotInArchive("That article is not in this cluster.")
        texts = (
            [
                article_pages.get_article_details(
                    connection,
                    article_pages.get_article_by_key(connection, member),
                    None,
                )
                for member in (group.first, chosen)
            ]
            if other
            else []
        )
        return {"cluster": group, "members": members, "other": other, "texts": texts}

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    texts = result.pop("texts")
    compared = article_view.compare_versions(texts[0], texts[1]) if texts else None
    return await rendering.render_page(
        datasette, request, "news_cluster.html", database, **result, compared=compared
    )
