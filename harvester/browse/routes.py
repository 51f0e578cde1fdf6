"""The pages of the plugin and their paths: each queries, then fills a template."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from harvester.archive.queries import (
    announced_words,
    overview,
    report,
    search,
)
from harvester.browse import (
    phrasing,
    rendering,
    served_archive,
)
from harvester.browse.hooks import hookimpl
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.tree import narrow
from harvester.schedule.times import parse_time

MAX_LATEST, MAX_EDITS, MAX_REMOVALS = 18, 6, 6  # on the start page
DEFAULT_HITS, MAX_HITS = 20, 500

_ARTICLE_KEY = "(?P<key>[0-9A-Fa-f]{1,64})"
_OUTLET_KEY = "(?P<key>[a-z0-9_-]{1,100})"
_FEED_FORMS = r"(?:atom|feed\.json)"

View = Callable[..., Awaitable[Response | None]]


@hookimpl
def register_routes() -> list[tuple[str, View]]:
    """Our pages; Datasette tries a plugin's routes before its own."""
    from harvester.browse import (
        api_routes,
        article_page,
        capture_page,
        changes_page,
        clusters_page,
        coverage_page,
        feeds,
        outlet_page,
        removals_page,
        timemap,
        today_page,
    )

    return [
        (r"^/$", today_page.start_page),
        (r"^/-/search$", search_page),
        (r"^/-/changes$", changes_page.changes_page),
        (r"^/-/removals$", removals_page.removals_page),
        (rf"^/-/changes\.{_FEED_FORMS}$", feeds.changes_feed),
        (rf"^/-/health\.{_FEED_FORMS}$", feeds.health_feed),
        (rf"^/-/search\.{_FEED_FORMS}$", feeds.search_feed),
        (rf"^/-/article/{_ARTICLE_KEY}\.{_FEED_FORMS}$", feeds.article_feed),
        (rf"^/-/outlet/{_OUTLET_KEY}\.{_FEED_FORMS}$", feeds.outlet_feed),
        (r"^/-/health$", coverage_page.coverage_page),
        (r"^/-/coverage$", coverage_page.coverage_page),
        (r"^/-/copies$", clusters_page.copies_page),
        (r"^/-/copies/(?P<key>[0-9A-Fa-f]{1,64})$", clusters_page.cluster_page),
        (r"^/-/article$", article_page.redirect_to_article),
        (rf"^/-/article/{_ARTICLE_KEY}$", article_page.article_page),
        (rf"^/-/outlet/{_OUTLET_KEY}$", outlet_page.outlet_page),
        (rf"^/-/article/{_ARTICLE_KEY}\.timemap$", timemap.timemap_page),
        (r"^/-/capture/(?P<id>[0-9]{1,18})$", capture_page.capture_page),
        *api_routes.list_routes(),
    ]


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """Links to our pages in the menu of Datasette's."""
    if served_archive.find_archive(datasette) is None:
        return []
    return [
        {"href": datasette.urls.path(path), "label": label}
        for path, label in (
            ("/", "News"),
            ("/-/search", "Search every version"),
            ("/-/changes", "Changes"),
        )
    ]


def _describe_feeds(outlets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outlets, with the state of their feeds described."""
    now = rendering.utc_now_iso()
    for outlet in outlets:
        for feed in outlet.get("feeds", ()):
            feed["said"], feed["advice"] = report.describe_feed(
                feed, now, lambda at: phrasing.format_age(at, now)
            )
            feed["well"] = feed["active"] and feed["outcome"] in report.READ_OUTCOMES
    return outlets


async def search_page(datasette: Any, request: Any) -> Response:
    """Search in every version."""
    database = await rendering.require_archive(datasette, request)
    q = (request.args.get("q") or "").strip()
    if re.match(r"https?://\S+$", q):
        return Response.redirect(
            datasette.urls.path("/-/article?" + urlencode({"url": q}))
        )
    chosen = request.args.get("outlet") or ""
    order = request.args.get("order") or "best"
    every_version = request.args.get("every") == "1"
    limit = rendering.parse_number(request.args.get("limit"), DEFAULT_HITS, MAX_HITS)

    now = rendering.utc_now_iso()

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        hits = []
        if q:
            tree = narrow(parse_query(q, parse_time(now)), [chosen] if chosen else [])
            scope: search.SearchScope = "all" if every_version else "articles"
            hits = search.search(
                connection,
                tree,
                now,
                limit=limit + 1,
                rank=order == "best",
                scope=scope,
            )
            hits += announced_words.search_announced(
                connection, tree, now, limit=limit + 1 - len(hits), scope=scope
            )
        states = overview.get_version_states(
            connection, [(hit.article, hit.version) for hit in hits if hit.version]
        )
        return {
            "hits": [
                (hit, states.get((hit.article, hit.version))) for hit in hits[:limit]
            ],
            "more": min(limit * 2, MAX_HITS)
            if len(hits) > limit and limit < MAX_HITS
            else 0,
            "outlets": overview.list_outlet_infos(connection),
        }

    fault = ""
    try:
        result = await served_archive.run_query(datasette, database, query)
    except (QueryError, served_archive.QueryTimeoutError) as error:
        fault = f"{error}" if isinstance(error, QueryError) else f"{error} {error.hint}"
        result = {
            "hits": [],
            "more": 0,
            "outlets": await served_archive.run_query(
                datasette, database, overview.list_outlet_infos
            ),
        }
    return await rendering.render_page(
        datasette,
        request,
        "news_search.html",
        database,
        400 if fault else 200,
        **result,
        q=q,
        fault=fault,
        chosen=chosen,
        order=order,
        every=every_version,
        limit=limit,
        **({} if fault or not q else _announce_search(q, chosen)),
    )


def _announce_search(q: str, outlet: str) -> dict[str, Any]:
    """The feed of a search."""
    query = {"q": q, **({"outlet": outlet} if outlet else {})}
    title = f"Articles: {q}"
    return {"feed_path": "/-/search", "feed_query": query, "feed_title": title}
