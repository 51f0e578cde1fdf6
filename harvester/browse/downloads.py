"""Lists as CSV and JSON: the same filter, records and columns as on the command line.

Sent while they are read, a page of the archive at a time, so that neither a long list nor
a slow reader holds a thread or memory. Newest first, at most ``list_pages.MAX_DOWNLOADED``.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasette import Response

from harvester.archive.queries import announced_words, changes, search
from harvester.archive.records import event_ids
from harvester.browse import (
    changes_page,
    hit_list,
    list_pages,
    rendering,
    security_headers,
    served_archive,
)
from harvester.browse.list_filter import ListFilter
from harvester.errors import QueryError
from harvester.identity.urls import mask_secrets
from harvester.render.cells import make_cell
from harvester.render.records import (
    CHANGE_COLUMNS,
    HIT_COLUMNS,
    flatten_change,
    make_change_record,
    make_hit_record,
)

ROWS_PER_READ = 200
MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}

Record = dict[str, Any]
# What comes behind a cursor ("": the beginning), and the cursor of what comes then.
Read = Callable[[sqlite3.Connection, str], tuple[list[Record], str]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
View = Callable[..., Awaitable[Response | None]]


@dataclass(frozen=True, slots=True)
class List:
    """A list that can be downloaded."""

    name: str
    columns: Sequence[str]  # of CSV
    flatten: Callable[[Record], Record]  # a record as a row of CSV
    make_read: Callable[[ListFilter, str], Read]  # raises QueryError


def _make_hits_read(chosen: ListFilter, now: str, with_announced: bool = True) -> Read:
    """Hits; behind the last those that only feeds announced."""
    tree = chosen.make_tree(now) or hit_list.EVERYTHING
    scope: search.SearchScope = "all" if chosen.every else "articles"

    def read(connection: sqlite3.Connection, after: str) -> tuple[list[Record], str]:
        hits = search.search(
            connection,
            tree,
            now,
            limit=ROWS_PER_READ,
            scope=scope,
            after=hit_list.read_cursor(after),
        )
        cursor = hits[-1].cursor if len(hits) == ROWS_PER_READ else ""
        if with_announced and not cursor:
            hits += announced_words.search_announced(
                connection, tree, now, limit=ROWS_PER_READ, scope=scope
            )
        return [make_hit_record(hit, mask_secrets) for hit in hits], cursor

    return read


def _make_articles_read(chosen: ListFilter, now: str) -> Read:
    return _make_hits_read(chosen, now, with_announced=False)


def _make_changes_read(chosen: ListFilter, now: str) -> Read:
    asked = changes_page.make_change_filter(chosen, now)

    def read(connection: sqlite3.Connection, after: str) -> tuple[list[Record], str]:
        behind = replace(
            asked, after=changes.ChangeCursor.parse(after) if after else None
        )
        rows = changes.list_changes(connection, behind, now, ROWS_PER_READ)
        cursor = str(rows[-1].cursor) if len(rows) == ROWS_PER_READ else ""
        return [make_change_record(row, mask_secrets) for row in rows], cursor

    return read


LISTS = {
    one.name: one
    for one in (
        List("search", HIT_COLUMNS, dict, _make_hits_read),
        List("articles", HIT_COLUMNS, dict, _make_articles_read),
        List("changes", CHANGE_COLUMNS, flatten_change, _make_changes_read),
    )
}


def list_routes() -> list[tuple[str, View]]:
    """The paths of all downloads."""
    return [
        (rf"^/-/{name}\.{form}$", _make_view(one, form))
        for name, one in LISTS.items()
        for form in MEDIA_TYPES
    ]


def _make_view(one: List, form: str) -> View:
    async def view(datasette: Any, request: Any, send: Any) -> Response | None:
        database = await rendering.require_archive(datasette, request)
        now = rendering.utc_now_iso()
        chosen = list_pages.read_request(request, event_ids.CHANGE_KINDS)
        try:
            read = one.make_read(replace(chosen, after=""), now)
            # The first page comes before the headers: what is wrong has a status.
            first = await _read_page(datasette, database, read, "")
        except QueryError as error:
            return _refuse(str(error), 400)
        except served_archive.QueryTimeoutError as error:
            return _refuse(f"{error} {error.hint}", 503)
        await _send_headers(send, one.name, form, now)
        if request.method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return None
        parts = _write_csv if form == "csv" else _write_json
        async for text in parts(one, _read_on(datasette, database, read, first)):
            body = text.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return None

    return view


async def _read_page(
    datasette: Any, database: Any, read: Read, after: str
) -> tuple[list[Record], str]:
    return await served_archive.run_query(
        datasette, database, lambda connection: read(connection, after)
    )


async def _read_on(
    datasette: Any, database: Any, read: Read, first: tuple[list[Record], str]
) -> AsyncIterator[list[Record]]:
    """All pages of records, up to ``list_pages.MAX_DOWNLOADED``.

    What takes too long later on breaks the connection: a list that ends early must not
    look complete.
    """
    records, cursor = first
    yield records
    count = len(records)
    while cursor and count < list_pages.MAX_DOWNLOADED:
        records, cursor = await _read_page(datasette, database, read, cursor)
        count += len(records)
        yield records


async def _write_csv(
    one: List, pages: AsyncIterator[list[Record]]
) -> AsyncIterator[str]:
    yield _write_rows([one.columns])
    async for records in pages:
        rows = map(one.flatten, records)
        yield _write_rows(
            [[make_cell(row.get(name)) for name in one.columns] for row in rows]
        )


def _write_rows(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


async def _write_json(
    one: List, pages: AsyncIterator[list[Record]]
) -> AsyncIterator[str]:
    yield "["
    separator = "\n"
    async for records in pages:
        for record in records:
            yield separator + json.dumps(record)
            separator = ",\n"
    yield "\n]\n"


async def _send_headers(send: Send, name: str, form: str, now: str) -> None:
    headers = {
        "content-type": f"{MEDIA_TYPES[form]}; charset=utf-8",
        "content-disposition": f'attachment; filename="{name}-{now[:10]}.{form}"',
        "cache-control": "no-cache",
        "content-security-policy": security_headers.PAGE_POLICY,
    }
    pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})


def _refuse(message: str, status: int) -> Response:
    return Response.text(f"{message}\n", status=status)
