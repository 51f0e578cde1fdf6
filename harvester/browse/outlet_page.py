"""One outlet: what it did in the last weeks, how it is read, its feeds and its newest."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from datasette import Response

from harvester.archive.queries import outlet_days, overview, reading_health, report
from harvester.archive.records import event_ids
from harvester.browse import outlet_numbers, phrasing, rendering
from harvester.browse.list_filter import ListFilter
from harvester.errors import NotInArchive

MAX_LATEST, MAX_EDITS, MAX_REMOVALS = 10, 6, 6
# Newest pages by which it is told how well an outlet, and each other outlet, is read.
OWN_PAGES, OTHERS_PAGES = 100, 15
MAX_COMPARED_OUTLETS = 40


async def outlet_page(datasette: Any, request: Any) -> Response:
    """One outlet, each number beside the median of all outlets."""
    database = await rendering.require_archive(datasette, request)
    key = request.url_vars["key"]
    now = rendering.utc_now_iso()

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        return _query(connection, key, now)

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    _describe_feeds(result["outlet"], now)
    return await rendering.render_page(
        datasette,
        request,
        "news_outlet.html",
        database,
        **result,
        articles_path=ListFilter(outlets=(key,)).address("/-/articles"),
        changes_path=ListFilter(outlets=(key,)).address("/-/changes"),
        removals_path=ListFilter(outlets=(key,)).address("/-/removals"),
        feed_path=f"/-/outlet/{key}",
        feed_query={},
        feed_title=f"Changes of {result['outlet']['name']}",
    )


def _query(connection: sqlite3.Connection, key: str, now: str) -> dict[str, Any]:
    infos = overview.list_outlet_infos(connection)
    info = next((info for info in infos if info.key == key), None)
    if info is None:
        raise NotInArchive(f"There is no outlet {key} in this archive.")
    period = outlet_numbers.Period.make(outlet_days.get_last_day(connection, now))
    by_outlet = outlet_days.sum_by_outlet(connection, period.since, period.until)
    days = outlet_days.list_days(connection, key, period.since, period.until)
    hours = outlet_days.count_hours(connection, key, period.since, period.until)
    numbers, compared = outlet_numbers.compare(key, by_outlet, period)
    pages = reading_health.summarise_newest_pages(connection, key, OWN_PAGES)
    others = [info.key for info in infos if info.active][:MAX_COMPARED_OUTLETS]
    reading = outlet_numbers.compare_reading(
        pages,
        [
            reading_health.summarise_newest_pages(connection, other, OTHERS_PAGES)
            for other in others
        ],
    )
    return {
        "outlet": {**report.list_outlets(connection, (key,))[0], **asdict(info)},
        "period": period,
        "numbers": numbers,
        "compared": compared,
        "pages": pages["pages"],
        "reading": reading,
        "plots": outlet_numbers.draw_plots(key, days, hours, by_outlet, period),
        "outcomes": overview.count_outcomes(connection, key),
        "latest": overview.list_latest_articles(connection, MAX_LATEST, key),
        "edits": overview.list_latest_events(
            connection, event_ids.EDIT_KINDS, MAX_EDITS, key
        ),
        "removals": overview.list_latest_events(
            connection, ("removed", "returned"), MAX_REMOVALS, key
        ),
    }


def _describe_feeds(outlet: dict[str, Any], now: str) -> None:
    """Say of each feed of an outlet how it is."""
    for feed in outlet["feeds"]:
        feed["said"], feed["advice"] = report.describe_feed(
            feed, now, lambda at: phrasing.format_age(at, now)
        )
        feed["well"] = feed["active"] and feed["outcome"] in report.READ_OUTCOMES
