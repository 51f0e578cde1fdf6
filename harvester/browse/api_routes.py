"""The archive as JSON over HTTP: ``/-/api/v1``, behind the browser's access policy.

Every response is ``{"total", "next", "results"}``, or ``{"error"}`` with what is wrong
and where. Read-only and bounded: a page has at most ``MAX_RESULTS`` records, and a query
the time that Datasette gives it. No CORS headers: no page of another site can read it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from datasette import Forbidden, NotFound, Response

from harvester.archive.queries import (
    article_export,
    article_names,
    changes,
    ranking,
    report,
    search,
)
from harvester.archive.queries.article_columns import (
    copy_to_dict,
    list_columns,
    make_converter,
)
from harvester.browse import rendering, served_archive
from harvester.browse.api_description import (
    BASE,
    DEFAULT_RESULTS,
    MAX_RESULTS,
    PARAMETERS,
    ParameterError,
    describe,
    parse_parameters,
)
from harvester.errors import NotInArchive, QueryError
from harvester.identity.urls import mask_secrets
from harvester.query import parse_query
from harvester.query.time_ranges import parse_period
from harvester.query.tree import narrow
from harvester.schedule.times import format_time, parse_time

MAX_COUNT_MILLISECONDS = 200  # for how many results there are
_POSITION = re.compile(r"character (\d+)")

Values = dict[str, list[str]]
View = Callable[..., Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a response has: a page of records."""

    results: list[dict[str, Any]]
    next: str | None = None
    total: int | None = None


def list_routes() -> list[tuple[str, View]]:
    """The paths of the interface."""
    base = re.escape(BASE)
    return [
        *((rf"^{base}/{name}$", _make_view(name)) for name in PARAMETERS),
        (rf"^{base}/openapi\.json$", describe_interface),
    ]


async def describe_interface(datasette: Any, request: Any) -> Response:
    """The description of the interface: OpenAPI."""
    try:
        await rendering.require_archive(datasette, request)
    except (NotFound, Forbidden) as error:
        return _refuse(error)
    return _respond(describe())


def _make_view(endpoint: str) -> View:
    async def view(datasette: Any, request: Any) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _respond_error(405, f"{request.method} is not allowed", "use GET")
        try:
            database = await rendering.require_archive(datasette, request)
            pairs = parse_qsl(request.query_string, keep_blank_values=True)
            values = parse_parameters(endpoint, pairs)
            page = await _QUERIES[endpoint](datasette, database, values)
        except (NotFound, Forbidden) as error:
            return _refuse(error)
        except ParameterError as error:
            return _respond_error(400, str(error), error.hint, error.parameter)
        except QueryError as error:
            return _respond_query_error(error, values)
        except NotInArchive as error:
            return _respond_error(404, str(error), error.hint)
        except served_archive.QueryTimeoutError as error:
            return _respond_error(503, str(error), error.hint)
        return _respond(asdict(page))

    return view


async def _search(datasette: Any, database: Any, values: Values) -> Page:
    now = rendering.utc_now_iso()
    tree = narrow(
        parse_query(values["q"][0], parse_time(now)),
        values.get("outlet", ()),
        _read_time(values, "since", now),
        _read_time(values, "until", now, is_end=True),
    )
    is_ranked, limit = _read(values, "order") == "best", _read_limit(values)
    cursor = _read_cursor(values, ranking.parse_cursor)
    if cursor is not None and isinstance(cursor, ranking.RankedCursor) != is_ranked:
        raise ParameterError("cursor: of results in another order", "cursor")
    exact = _read(values, "exact") in ("true", "1")

    def query(connection: sqlite3.Connection) -> list[search.Hit]:
        return search.search(
            connection,
            tree,
            now,
            limit=limit + 1,
            rank=is_ranked,
            after=cursor,
            exact=exact,
        )

    def count(connection: sqlite3.Connection) -> int | None:
        return search.count_hits(connection, tree, now, exact=exact)

    hits = await served_archive.run_query(datasette, database, query)
    return Page(
        [{**hit.to_dict(), "url": mask_secrets(hit.url)} for hit in hits[:limit]],
        (hits[limit - 1].cursor or None) if len(hits) > limit else None,
        await _count(datasette, database, count),
    )


async def _article(datasette: Any, database: Any, values: Values) -> Page:
    name, number = values["name"][0], _read(values, "version")

    def query(connection: sqlite3.Connection) -> list[article_export.Article]:
        key = article_names.resolve_article(connection, name)["key"]
        found = article_export.get_article(
            connection, key, "all" if number else "latest", changes=True, copies=True
        )
        chosen = [one for one in found if not number or one.version == int(number)]
        if not chosen:
            raise NotInArchive(f"{key} has no version {number}: there are {len(found)}")
        return chosen

    articles = await served_archive.run_query(datasette, database, query)
    convert = make_converter(list_columns("latest", changes=True, copies=True))
    return Page([convert(one) for one in articles], None, len(articles))


async def _changes(datasette: Any, database: Any, values: Values) -> Page:
    now, limit, q = rendering.utc_now_iso(), _read_limit(values), _read(values, "q")
    silent = _read(values, "silent")
    chosen = changes.ChangeFilter(
        query=parse_query(q, parse_time(now)) if q else None,
        kinds=tuple(values.get("kind", ())),
        outlets=tuple(values.get("outlet", ())),
        classes=tuple(values.get("class", ())),
        silent=silent in ("true", "1") if silent else None,
        since=_read_time(values, "since", now),
        until=_read_time(values, "until", now, is_end=True),
        after=_read_cursor(values, changes.ChangeCursor.parse),
    )

    def query(connection: sqlite3.Connection) -> list[changes.Change]:
        return changes.list_changes(connection, chosen, now, limit + 1)

    def count(connection: sqlite3.Connection) -> int | None:
        return changes.count_changes(connection, chosen, now)

    found = await served_archive.run_query(datasette, database, query)
    return Page(
        [{**one.to_dict(), "url": mask_secrets(one.url)} for one in found[:limit]],
        str(found[limit - 1].cursor) if len(found) > limit else None,
        await _count(datasette, database, count),
    )


async def _outlets(datasette: Any, database: Any, values: Values) -> Page:
    """The outlets; their feeds are left out, as their URLs may have secrets."""
    outlets = await served_archive.run_query(datasette, database, report.list_outlets)
    names = ("outlet", "name", "active", "articles", "versions", "removed", "newest")
    results = [{name: outlet[name] for name in names} for outlet in outlets]
    return Page(results, None, len(results))


async def _copies(datasette: Any, database: Any, values: Values) -> Page:
    def query(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        key = article_names.resolve_article(connection, values["article"][0])["key"]
        (article,) = article_export.get_article(connection, key, "none", copies=True)
        return [copy_to_dict(copy) for copy in article.copies]

    copies = await served_archive.run_query(datasette, database, query)
    return Page(copies[:MAX_RESULTS], None, len(copies))


_QUERIES: dict[str, Callable[[Any, Any, Values], Awaitable[Page]]] = {
    "search": _search,
    "article": _article,
    "changes": _changes,
    "outlets": _outlets,
    "copies": _copies,
}


async def _count(
    datasette: Any,
    database: Any,
    count: Callable[[sqlite3.Connection], int | None],
) -> int | None:
    """How many there are; None: very many, or it takes too long to tell."""

    def run(connection: sqlite3.Connection) -> int | None:
        return served_archive.limit_time(connection, MAX_COUNT_MILLISECONDS, count)

    try:
        return await served_archive.run_query(datasette, database, run)
    except served_archive.QueryTimeoutError:
        return None


def _read(values: Values, name: str) -> str:
    return values.get(name, [""])[0]


def _read_limit(values: Values) -> int:
    return min(int(_read(values, "limit") or DEFAULT_RESULTS), MAX_RESULTS)


def _read_cursor(values: Values, parse: Callable[[str], Any]) -> Any:
    text = _read(values, "cursor")
    try:
        return parse(text) if text else None
    except ValueError as error:
        raise ParameterError(
            f"{error}", "cursor", "take `next` of the page before"
        ) from error


def _read_time(values: Values, name: str, now: str, is_end: bool = False) -> str:
    text = " ".join(_read(values, name).lower().split()).removesuffix(" ago")
    if not text:
        return ""
    try:
        start, end = parse_period(text, parse_time(now))
        moment = datetime.fromisoformat((end or start) if is_end else start)
    except (ValueError, OverflowError) as error:
        raise ParameterError(f"{name}: invalid time {text[:40]!r}", name) from error
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _refuse(error: Exception) -> Response:
    status = 403 if isinstance(error, Forbidden) else 404
    return _respond_error(status, str(error) or type(error).__name__)


def _respond_query_error(error: QueryError, values: Values) -> Response:
    """What is wrong with a query, or with an outlet that a parameter names."""
    message = str(error)
    for outlet in values.get("outlet", ()):
        if f"unknown outlet {outlet[:40]!r}" in message:
            return _respond_error(400, message, error.hint, "outlet")
    found = _POSITION.search(message)
    position = int(found[1]) if found else None
    return _respond_error(400, message, error.hint, "q", position)


def _respond_error(
    status: int,
    message: str,
    hint: str = "",
    parameter: str | None = None,
    position: int | None = None,
) -> Response:
    error = {
        "status": status,
        "message": message,
        "hint": hint,
        "parameter": parameter,
        "position": position,
    }
    return _respond({"error": error}, status)


def _respond(value: object, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=True)
    return Response(
        text,
        status=status,
        content_type="application/json; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
