"""Feeds of everything that pages list: Atom and JSON Feed, with the difference inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, health_events, search
from harvester.archive.queries.changes import Change, ChangeFilter, list_changes
from harvester.archive.records import event_ids
from harvester.browse import rendering
from harvester.errors import NotInArchive, QueryError
from harvester.identity.urls import mask_secrets
from harvester.query import parse_query
from harvester.query.tree import Node, Value, narrow
from harvester.render import feed_entries, feeds
from harvester.schedule.times import parse_time

MAX_ENTRIES = 100
RENDERERS = {
    "atom": (feeds.render_atom, feeds.ATOM_TYPE),
    "feed.json": (feeds.render_json, feeds.JSON_TYPE),
}


async def changes_feed(datasette: Any, request: Any) -> Response:
    """Changes by kind, outlet, class and query; ``silent=1``: unacknowledged edits.

    Without any of them: removals, as ever; an empty kind stands for all of them.
    """
    kind = request.args.get("kind")
    q = (request.args.get("q") or "").strip()
    classes = tuple(filter(None, request.args.getlist("class")))
    silent = True if request.args.get("silent") == "1" else None
    if kind is None:
        kind = "" if q or classes or silent else "removed"
    if kind and kind not in event_ids.CHANGE_KINDS:
        database = await rendering.require_archive(datasette, request)
        text = f"There are feeds of: {', '.join(event_ids.CHANGE_KINDS)}."
        return await rendering.render_message(
            datasette, request, database, "No such feed", text, 404
        )
    outlets = tuple(filter(None, request.args.getlist("outlet")))
    chosen = ChangeFilter(
        kinds=(kind,) if kind else (), outlets=outlets, classes=classes, silent=silent
    )
    return await _respond_with_changes(datasette, request, chosen, "/-/changes", q)


async def outlet_feed(datasette: Any, request: Any) -> Response:
    """All changes of an outlet."""
    key = request.url_vars["key"]
    chosen = ChangeFilter(outlets=(key,))
    return await _respond_with_changes(datasette, request, chosen, f"/-/outlet/{key}")


async def article_feed(datasette: Any, request: Any) -> Response:
    """All changes of an article, suspicions included."""
    key = request.url_vars["key"].lower()
    chosen = ChangeFilter(Value("key", key, 1), event_ids.CHANGE_KINDS)
    return await _respond_with_changes(
        datasette, request, chosen, f"/-/article/{key}", article=key
    )


async def _respond_with_changes(
    datasette: Any,
    request: Any,
    chosen: ChangeFilter,
    page: str,
    q: str = "",
    article: str = "",
) -> Response:
    now = rendering.utc_now_iso()
    title = feed_entries.title_changes(chosen, q)
    key = feed_entries.key_changes(chosen, q)

    def query(connection: sqlite3.Connection) -> list[Change]:
        if article:
            article_pages.get_article_by_key(connection, article)
        _require_outlets(connection, chosen.outlets)
        asked = chosen
        if q:
            asked = ChangeFilter(
                parse_query(q, parse_time(now)),
                chosen.kinds,
                chosen.outlets,
                chosen.classes,
                chosen.silent,
            )
        return list_changes(connection, asked, now, MAX_ENTRIES)

    result = await _ask(datasette, request, query)
    if isinstance(result, Response):
        return result
    base = _archive_url(datasette, request)
    entries = [
        feed_entries.make_change_entry(row, mask_secrets, base) for row in result
    ]
    if article:
        title = f"Changes of {result[0].title if result else article}"
        key = f"article {article}"
    return _respond(datasette, request, title, key, entries, page)


async def search_feed(datasette: Any, request: Any) -> Response:
    """What a query finds, the last published first."""
    now = rendering.utc_now_iso()
    q = (request.args.get("q") or "").strip()
    outlets = list(filter(None, request.args.getlist("outlet")))

    def query(connection: sqlite3.Connection) -> list[search.Hit]:
        _require_outlets(connection, outlets)
        tree: Node = narrow(parse_query(q, parse_time(now)), outlets)
        return search.search(connection, tree, now, limit=MAX_ENTRIES)

    result = await _ask(datasette, request, query)
    if isinstance(result, Response):
        return result
    base = _archive_url(datasette, request)
    entries = [feed_entries.make_hit_entry(hit, mask_secrets, base) for hit in result]
    title = feed_entries.title_search(q, outlets)
    key = " ".join(("search", q, *outlets))
    return _respond(datasette, request, title, key, entries, "/-/search")


async def health_feed(datasette: Any, request: Any) -> Response:
    """What went wrong with feeds, outlets and the harvester, and what works again."""
    outlets = tuple(filter(None, request.args.getlist("outlet")))

    def query(connection: sqlite3.Connection) -> list[health_events.HealthEvent]:
        _require_outlets(connection, outlets)
        return health_events.list_health_events(connection, MAX_ENTRIES, outlets)

    result = await _ask(datasette, request, query)
    if isinstance(result, Response):
        return result
    entries = [feed_entries.make_health_entry(event, mask_secrets) for event in result]
    title = " ".join(("Health of", *(outlets or ["the harvest"])))
    key = " ".join(("health", *sorted(outlets)))
    return _respond(datasette, request, title, key, entries, "/")


def _require_outlets(connection: sqlite3.Connection, outlets: Sequence[str]) -> None:
    known = article_pages.list_outlet_keys(connection) if outlets else []
    for key in outlets:
        if key not in known:
            raise NotInArchive(f"There is no outlet {key!r} in this archive.")


async def _ask(datasette: Any, request: Any, query: Any) -> Any:
    """The result of a query, or the page that says why there is none."""
    database = await rendering.require_archive(datasette, request)
    try:
        return await rendering.run_query_or_respond(datasette, request, database, query)
    except QueryError as error:
        return await rendering.render_message(
            datasette, request, database, "Invalid query", str(error), 400
        )


def _archive_url(datasette: Any, request: Any) -> str:
    """The URL under which the reader reached our pages."""
    url: str = datasette.absolute_url(request, datasette.urls.instance())
    return url.rstrip("/")


def _respond(
    datasette: Any,
    request: Any,
    title: str,
    key: str,
    entries: Sequence[feeds.FeedEntry],
    page: str,
) -> Response:
    """The feed in the form that the path asks for."""
    self_url = datasette.absolute_url(request, request.full_path)
    path = self_url.partition("?")[0]
    form = next(name for name in RENDERERS if path.endswith(f".{name}"))
    render, media_type = RENDERERS[form]
    feed = feeds.Feed(
        key=f"{path.removesuffix(f'.{form}')} {key}",
        title=f"{title} · {datasette.metadata('title') or 'The archive'}",
        updated=rendering.utc_now_iso(),
        entries=entries,
        self_url=self_url,
        home_url=f"{_archive_url(datasette, request)}{page}",
    )
    return Response(
        render(feed),
        content_type=f"{media_type}; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
