"""Feeds of everything that pages list: Atom and JSON Feed, with the difference inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, health_events, search
from harvester.archive.queries.changes import Change, ChangeFilter, list_changes
from harvester.archive.records import event_ids
from harvester.browse import (
    articles_page,
    changes_page,
    datasette_compat,
    hit_list,
    list_pages,
    rendering,
    search_page,
)
from harvester.browse.list_filter import ListFilter
from harvester.errors import NotInArchive, QueryError
from harvester.identity.urls import mask_secrets
from harvester.query.tree import Value
from harvester.render import feed_entries, feeds

MAX_ENTRIES = 100
RENDERERS = {
    "atom": (feeds.render_atom, feeds.ATOM_TYPE),
    "feed.json": (feeds.render_json, feeds.JSON_TYPE),
}


async def changes_feed(datasette: Any, request: Any) -> Response:
    """Changes by the parameters of the filter bar.

    Without any of them: removals, as ever; an empty kind stands for all of them.
    """
    kind = request.args.get("kind")
    chosen = list_pages.read_request(request, event_ids.CHANGE_KINDS)
    if kind and not chosen.kinds:
        database = await rendering.require_archive(datasette, request)
        text = f"There are feeds of: {', '.join(event_ids.CHANGE_KINDS)}."
        return await rendering.render_message(
            datasette, request, database, "No such feed", text, 404
        )
    if kind is None and replace(chosen, outlets=()).is_empty:
        chosen = replace(chosen, kinds=("removed",))
    try:
        asked = changes_page.make_change_filter(
            replace(chosen, after=""), rendering.utc_now_iso()
        )
    except QueryError as error:
        return await _refuse(datasette, request, error)
    return await _respond_with_changes(
        datasette, request, asked, "/-/changes", _describe(chosen)
    )


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
    words: str = "",
    article: str = "",
) -> Response:
    """``words``: the query as typed, and what else the filter asks for."""
    now = rendering.utc_now_iso()
    title = feed_entries.title_changes(chosen, words)
    key = feed_entries.key_changes(chosen, words)

    def query(connection: sqlite3.Connection) -> list[Change]:
        if article:
            article_pages.get_article_by_key(connection, article)
        _require_outlets(connection, chosen.outlets)
        return list_changes(connection, chosen, now, MAX_ENTRIES)

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
    return await _respond(datasette, request, title, key, entries, page)


async def search_feed(datasette: Any, request: Any) -> Response:
    """What the parameters of the filter bar find, the last published first."""
    chosen = list_pages.read_request(request)
    if chosen.is_empty:
        return await _refuse(datasette, request, QueryError("there is no query"))
    return await _respond_with_hits(datasette, request, chosen, search_page.PATH)


async def articles_feed(datasette: Any, request: Any) -> Response:
    """The articles that the parameters of the filter bar choose, or all of them."""
    chosen = list_pages.read_request(request)
    return await _respond_with_hits(datasette, request, chosen, articles_page.PATH)


async def _respond_with_hits(
    datasette: Any, request: Any, chosen: ListFilter, page: str
) -> Response:
    now = rendering.utc_now_iso()

    def query(connection: sqlite3.Connection) -> list[search.Hit]:
        _require_outlets(connection, chosen.outlets)
        tree = chosen.make_tree(now) or hit_list.EVERYTHING
        scope: search.SearchScope = "all" if chosen.every else "articles"
        return search.search(connection, tree, now, limit=MAX_ENTRIES, scope=scope)

    result = await _ask(datasette, request, query)
    if isinstance(result, Response):
        return result
    base = _archive_url(datasette, request)
    entries = [feed_entries.make_hit_entry(hit, mask_secrets, base) for hit in result]
    words = " ".join(filter(None, (_describe(chosen), *chosen.classes)))
    words += " unacknowledged" * chosen.silent + " every version" * chosen.every
    title = " · ".join(("Articles", *chosen.outlets))
    if words.strip():
        title = feed_entries.title_search(words.strip(), chosen.outlets)
    key = " ".join((page.rpartition("/")[2], words.strip(), *chosen.outlets))
    return await _respond(datasette, request, title, key, entries, page)


def _describe(chosen: ListFilter) -> str:
    """The query as typed, with times and states."""
    states = (f"is:{state}" for state in chosen.states)
    since = f"from {chosen.since}" if chosen.since else ""
    until = f"to {chosen.until}" if chosen.until else ""
    return " ".join(filter(None, (chosen.q, *states, since, until)))


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
    return await _respond(datasette, request, title, key, entries, "/")


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
        return await _refuse(datasette, request, error)


async def _refuse(datasette: Any, request: Any, error: QueryError) -> Response:
    database = await rendering.require_archive(datasette, request)
    return await rendering.render_message(
        datasette, request, database, "Invalid query", str(error), 400
    )


def _archive_url(datasette: Any, request: Any) -> str:
    """The URL under which the reader reached our pages."""
    url: str = datasette.absolute_url(request, datasette.urls.instance())
    return url.rstrip("/")


async def _respond(
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
        title=f"{title} · {await datasette_compat.get_title(datasette)}",
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
