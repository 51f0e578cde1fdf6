"""What every page does: find the archive, ask it, and say it in a template or why not.

Not for: which page says what (``pages``, ``removals``, ``reprints``), nor for SQL (``questions``).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from datasette import NotFound, Response

from harvester import __version__
from harvester.browse import (
    article_view,
    page_queries,
    phrasing,
    safe_html,
    security_headers,
    served_archive,
)
from harvester.errors import NotHeld

# What templates may call: words and markup, nothing else.
SAY = SimpleNamespace(
    moment=phrasing.moment, day=phrasing.day, clock=phrasing.clock, ago=phrasing.ago, counted=phrasing.counted, excerpt=phrasing.excerpt,
    language=phrasing.language, kinds=phrasing.KINDS, classes=phrasing.CLASSES, states=phrasing.STATES, url_kinds=phrasing.KIND_URLS, link=safe_html.link,
    address=safe_html.address, text=safe_html.text, runs=safe_html.runs, marked=safe_html.marked, preview=article_view.preview,
)  # fmt: skip


def now() -> str:
    """The time, as the archive writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def archive(datasette: Any, request: Any) -> Any:
    """The archive, for those who may see it."""
    database = served_archive.find(datasette)
    if database is None:
        raise NotFound("There is no archive of harvester among these databases.")
    await datasette.ensure_permissions(
        request.actor, [("view-database", database.name), "view-instance"]
    )
    return database


async def page(
    datasette: Any,
    request: Any,
    template: str,
    database: Any,
    status: int = 200,
    **context: Any,
) -> Response:
    """A template, filled."""
    given = {
        "say": SAY,
        "now": now(),
        "version": __version__,
        "database": database.name,
        "archive_title": datasette.metadata("title") or "The archive",
        "q": "",
        **context,
    }
    html = await datasette.render_template(
        template, given, request=request, view_name="harvester"
    )
    headers = {
        "Content-Security-Policy": security_headers.OURS,
        "Cache-Control": "no-cache",
    }
    return Response.html(html, status=status, headers=headers)


async def message(
    datasette: Any, request: Any, database: Any, title: str, text: str, status: int
) -> Response:
    """A page of a few words."""
    return await page(
        datasette,
        request,
        "news_message.html",
        database,
        status,
        title=title,
        text=text,
    )


async def ask(
    datasette: Any,
    request: Any,
    database: Any,
    question: Callable[[sqlite3.Connection], Any],
) -> Any:
    """An answer, or the page that says why there is none."""
    try:
        return await served_archive.read(datasette, database, question)
    except NotHeld as error:
        return await message(
            datasette, request, database, "Not in the archive", str(error), 404
        )
    except served_archive.TooSlowError as error:
        return await message(
            datasette, request, database, "Too slow", f"{error} {error.hint}", 503
        )


def number(text: str | None, default: int, most: int) -> int:
    """A number from an address, from 1 to ``most``."""
    return (
        min(max(int(text), 1), most)
        if text and re.fullmatch(r"[0-9]{1,9}", text)
        else default
    )


def version(text: str | None) -> int | None:
    """A number from an address; None where there is none."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def listed(
    connection: sqlite3.Connection, rows: list[Any], most: int, at: str
) -> dict[str, Any]:
    """A page of a list, newest first: its days with their rows, by the column ``at``; where older ones go on; all outlets.

    ``rows`` holds one more than ``most`` where there are older ones.
    """
    return {
        "days": [
            (day, list(held))
            for day, held in groupby(rows[:most], key=lambda row: str(row[at])[:10])
        ],
        "older": rows[most - 1]["id"] if len(rows) > most else None,
        "outlets": page_queries.outlets(connection),
    }
