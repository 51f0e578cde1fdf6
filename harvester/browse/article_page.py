"""One article: a version, or two compared, its history and everything known of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, full_article
from harvester.browse import article_view, rendering, timemap
from harvester.browse.safe_html import safe_href
from harvester.identity.urls import url_key


async def redirect_to_article(datasette: Any, request: Any) -> Response:
    """Redirect from a URL of an article to its page."""
    database = await rendering.require_archive(datasette, request)
    url = request.args.get("url") or ""

    def query(connection: sqlite3.Connection) -> str:
        return str(
            article_pages.get_article_by_address(connection, url_key(url), "That URL")[
                "key"
            ]
        )

    key = await rendering.run_query_or_respond(datasette, request, database, query)
    return (
        key
        if isinstance(key, Response)
        else Response.redirect(datasette.urls.path(f"/-/article/{key}"))
    )


async def article_page(datasette: Any, request: Any) -> Response:
    """One article: a version, or two compared, its history and everything known of it."""
    database = await rendering.require_archive(datasette, request)
    key = request.url_vars["key"].lower()
    number, from_number, to_number = (
        rendering.parse_version(request.args.get(name))
        for name in ("version", "from", "to")
    )

    def query(connection: sqlite3.Connection) -> full_article.FullArticle:
        compared = [n for n in (from_number, to_number) if n is not None]
        return full_article.get_full_article(
            connection,
            key,
            number or to_number,
            article_view.MAX_COMPARED_VERSIONS + 1,
            compared,
        )

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    if result.row["key"] != key:  # it was joined with another article
        rest = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(
            datasette.urls.path(f"/-/article/{result.row['key']}{rest}")
        )
    response = await rendering.render_page(
        datasette,
        request,
        "news_article.html",
        database,
        story=article_view.build_article_view(
            result,
            number,
            from_number,
            to_number,
            datasette.urls.path("/").rstrip("/"),
            request.args.get("view") == "side",
        ),
        feed_path=f"/-/article/{key}",
        feed_query={},
        feed_title="Changes of this article",
        timemap=timemap.timemap_path(key) if safe_href(result.row["url"]) else "",
    )
    shown = result.shown
    seen = shown["first_seen"] if number is not None else ""
    response.headers |= timemap.make_link_headers(
        datasette, request, key, result.row["url"], seen
    )
    return response
