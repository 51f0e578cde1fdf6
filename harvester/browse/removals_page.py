"""The list of removals, one row a case, each with its steps and its evidence."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import groupby
from typing import Any

from datasette import Response

from harvester.archive.queries import overview, removal_cases
from harvester.archive.queries.changes import ChangeFilter
from harvester.archive.queries.removal_cases import CasePage, RemovalCase
from harvester.browse import (
    changes_page,
    day_bars,
    list_filter,
    list_pages,
    phrasing,
    rendering,
)
from harvester.browse.list_filter import FilterBar, ListFilter
from harvester.errors import QueryError
from harvester.render import feed_entries

PATH = "/-/removals"
ROWS_PER_PAGE = 30
# What a case is called by its last step.
CASE_LABELS = {"suspect": "not found", "removed": "removed", "returned": "returned"}


async def removals_page(datasette: Any, request: Any) -> Response:
    """What was not found, removed and came back, newest step first, with what was seen."""
    database = await rendering.require_archive(datasette, request)
    now = rendering.utc_now_iso()
    chosen = list_pages.read_request(request, removal_cases.KINDS)
    fault, asked = "", ChangeFilter()
    try:
        asked = changes_page.make_change_filter(chosen, now)
    except QueryError as error:
        fault = str(error)

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        said, page = fault, CasePage([], None)
        if not said:
            try:
                page = removal_cases.list_cases(connection, asked, now, ROWS_PER_PAGE)
            except QueryError as error:
                said = str(error)
        bars = None
        if not (said or chosen.after or chosen.q or chosen.states):
            days, counts = changes_page.count_days(connection, chosen, asked, now)
            path = datasette.urls.path(PATH)
            bars = day_bars.draw_removals(counts, days, chosen, path)
        outlets = overview.list_outlet_infos(connection)
        return {"page": page, "outlets": outlets, "fault": said, "bars": bars}

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    names = {outlet.key: outlet.name for outlet in result["outlets"]}
    page: CasePage = result["page"]
    total = ""
    if not result["fault"]:
        count = await list_pages.count_or_none(
            datasette, database, lambda db: removal_cases.count_cases(db, asked, now)
        )
        total = _describe_total(count)
    kinds = chosen.kinds or ("removed",)
    return await rendering.render_page(
        datasette,
        request,
        "news_removals.html",
        database,
        400 if result["fault"] else 200,
        days=[
            (day, list(cases))
            for day, cases in groupby(page.cases, key=lambda case: case.at[:10])
        ],
        fault=result["fault"],
        bars=result["bars"],
        bar=_build_bar(chosen, names, total, now),
        label=describe_case,
        described=""
        if chosen.is_empty
        else list_pages.describe_filter(chosen, "removals", names, CASE_LABELS),
        newest=chosen.address(PATH) if chosen.after else "",
        older=chosen.address(PATH, after=str(page.older)) if page.older else "",
        is_filtered=not chosen.is_empty,
        feed_query=_make_feed_query(chosen),
        feed_title=feed_entries.FEED_TITLES[kinds[0]],
    )


def describe_case(case: RemovalCase) -> str:
    """The case in a word or two."""
    if case.found_again:
        return "not found once, then online"
    if case.kind == "removed" and case.state not in ("removed", "suspect"):
        return "removed, online again"
    return CASE_LABELS[case.kind]


def _describe_total(count: tuple[int, bool] | None) -> str:
    if count is None:
        return ""
    cases = phrasing.pluralize(count[0], "case")
    return cases if count[1] else f"more than {cases}"


def _make_feed_query(chosen: ListFilter) -> list[tuple[str, str]]:
    """The parameters of the feed of the same list; unasked, it tells of removals."""
    return replace(chosen, kinds=chosen.kinds or ("removed",)).list_parameters()


def _build_bar(
    chosen: ListFilter, names: dict[str, str], total: str, now: str
) -> FilterBar:
    rings = changes_page.list_alert_kinds(chosen.kinds or ("removed", "returned"))
    bar = list_filter.build_bar(
        PATH,
        chosen,
        list(names.items()),
        placeholder="Words of the removed article, title:…",
        kinds=list(CASE_LABELS.items()),
        total=total,
        alert_kinds=rings,
        now=now,
    )
    shown = replace(chosen, kinds=chosen.kinds or removal_cases.KINDS)
    downloads = changes_page.list_downloads(shown, _make_feed_query(chosen))
    return replace(bar, downloads=downloads)
