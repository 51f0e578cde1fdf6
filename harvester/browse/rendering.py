"""What every page does: find the archive, query it, fill a template.

The pages themselves are in ``routes``, ``removals_page``, ``clusters_page`` and
``coverage_page``.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from datasette import NotFound, Response
from datasette.utils import tilde_encode

from harvester import DISTRIBUTION, __version__
from harvester.browse import (
    datasette_compat,
    event_view,
    feed_strip,
    phrasing,
    safe_html,
    security_headers,
    served_archive,
)
from harvester.browse.suggestions import Suggestions, lookup_path, suggest
from harvester.errors import NotInArchive
from harvester.render.plots.strips import format_share

VIEW_NAME = "harvester"  # of our own pages, as Datasette names views

# What templates may call.
TEMPLATE_FUNCTIONS = SimpleNamespace(
    moment=phrasing.format_datetime,
    day=phrasing.format_day,
    weekday=phrasing.format_weekday,
    short_day=phrasing.format_short_day,
    day_number=phrasing.format_day_number,
    share=format_share,
    clock=phrasing.format_clock_time,
    ago=phrasing.format_age,
    tell_times=phrasing.tell_times,
    trouble=feed_strip.describe_trouble,
    counted=phrasing.pluralize,
    excerpt=phrasing.excerpt,
    language=phrasing.safe_language_tag,
    pages=phrasing.PAGES,
    is_current=phrasing.is_current,
    kinds=phrasing.EVENT_LABELS,
    classes=phrasing.CHANGE_CLASS_LABELS,
    states=phrasing.STATE_LABELS,
    short_states=phrasing.SHORT_STATE_LABELS,
    url_kinds=phrasing.URL_KIND_LABELS,
    link=safe_html.render_link,
    address=safe_html.display_address,
    code=safe_html.render_code,
    text=safe_html.render_text,
    runs=safe_html.render_runs,
    marked=safe_html.render_snippet,
    preview=event_view.preview,
    moved=event_view.preview_moved,
    described=event_view.describe,
)


def utc_now_iso() -> str:
    """The time, as the archive writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def require_archive(datasette: Any, request: Any) -> Any:
    """The archive. Raises NotFound, or Forbidden if the reader may not see it."""
    database = served_archive.find_archive(datasette)
    if database is None:
        raise NotFound(
            "None of these databases is an archive of this version of harvester. "
            "`harvest doctor --upgrade` upgrades an older one."
        )
    await datasette_compat.ensure_may_view(datasette, request, database.name)
    return database


async def make_variables(datasette: Any, request: Any, archive: Any) -> dict[str, Any]:
    """What the masthead and the footer of every page are made of."""
    return {
        "say": TEMPLATE_FUNCTIONS,
        "now": utc_now_iso(),
        "version": __version__,
        "plugin": DISTRIBUTION,  # Datasette names plugins after their distribution
        "archive_name": archive.name,
        "here": request.path if request else "",
        "archive_title": await datasette_compat.get_title(datasette),
        "q": "",
        # The feed that the page announces.
        "feed_path": "/-/changes",
        "feed_query": {"kind": ""},
        "feed_title": "What changed",
    }


async def render_page(
    datasette: Any,
    request: Any,
    template: str,
    database: Any,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page made from a template."""
    variables = {
        **await make_variables(datasette, request, database),
        "database": database.name,
        **context,
    }
    html = await datasette.render_template(
        template, variables, request=request, view_name=VIEW_NAME
    )
    headers = {
        "Content-Security-Policy": security_headers.PAGE_POLICY,
        "Cache-Control": "no-cache",
    }
    return Response.html(html, status=status, headers=headers)


async def render_message(
    datasette: Any,
    request: Any,
    database: Any,
    title: str,
    text: str,
    status: int,
    found: Suggestions | None = None,
) -> Response:
    """A page with a title and a sentence; ``found``: what may have been meant."""
    return await render_page(
        datasette,
        request,
        "news_message.html",
        database,
        status,
        title=title,
        text=text,
        found=found,
        lookup_path=lookup_path,
    )


async def find_suggestions(datasette: Any, request: Any, archive: Any) -> Suggestions:
    """What may have been meant by an address; nothing where that takes too long."""
    path = request.path.removeprefix(datasette.setting("base_url").rstrip("/"))
    url = request.args.get("url") or ""
    route = tilde_encode(archive.route or archive.name)

    def query(connection: sqlite3.Connection) -> Suggestions:
        return suggest(connection, path, route, url)

    try:
        return await served_archive.run_query(datasette, archive, query)
    except served_archive.QueryTimeoutError:
        return Suggestions()


async def run_query_or_respond(
    datasette: Any,
    request: Any,
    database: Any,
    query: Callable[[sqlite3.Connection], Any],
) -> Any:
    """The result of a query, or the page that says why there is none."""
    try:
        return await served_archive.run_query(datasette, database, query)
    except NotInArchive as error:
        found = await find_suggestions(datasette, request, database)
        return await render_message(
            datasette, request, database, "Not in the archive", str(error), 404, found
        )
    except served_archive.QueryTimeoutError as error:
        return await render_message(
            datasette, request, database, "Too slow", f"{error} {error.hint}", 503
        )


def parse_number(text: str | None, default: int, maximum: int) -> int:
    """A number in a query string, limited to 1 … ``maximum``."""
    return (
        min(max(int(text), 1), maximum)
        if text and re.fullmatch(r"[0-9]{1,9}", text)
        else default
    )


def parse_version(text: str | None) -> int | None:
    """The number of a version in a query string, None if there is none."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None
