"""All articles: headlines, the last published first, by the filter bar."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from datasette import Response

from harvester.archive.queries.search import Hit
from harvester.browse import hit_list, list_pages, rendering, search_page
from harvester.browse.list_filter import build_bar

PATH = "/-/articles"
ROWS_PER_PAGE = 40


async def articles_page(datasette: Any, request: Any) -> Response:
    """The articles that a filter chooses, without one all of them, by day."""
    database = await rendering.require_archive(datasette, request)
    chosen = list_pages.read_request(request)
    now = rendering.utc_now_iso()
    page, outlets, fault = await hit_list.load_page(
        datasette, database, chosen, now, ROWS_PER_PAGE, with_announced=False
    )
    bar = build_bar(
        PATH,
        chosen,
        [(outlet.key, outlet.name) for outlet in outlets],
        states=search_page.STATES,
        total=hit_list.describe_total(page, chosen),
        downloads=search_page.list_downloads(PATH) if page.hits else (),
        download_note=search_page.describe_limit(page),
        now=now,
    )
    if not fault and not chosen.is_empty:
        alert = search_page.make_alert(chosen, now, ("new",))
        bar = replace(bar, alert_command=alert)
    return await rendering.render_page(
        datasette,
        request,
        "news_articles.html",
        database,
        400 if fault else 200,
        bar=bar,
        chosen=chosen,
        described=search_page.describe(chosen, "articles", outlets),
        page=page,
        days=[(day, list(hits)) for day, hits in groupby(page.hits, get_day)],
        fault=fault,
        first_page=chosen.address(PATH) if chosen.after else "",
        next_page=chosen.address(PATH, after=page.next) if page.next else "",
        facets=search_page.list_facets(PATH, chosen, page, outlets, now),
        advice=[(one, one.chosen.address(PATH)) for one in page.advice],
        feed_path=PATH,
        feed_query=chosen.list_parameters(),
        feed_title="Articles",
    )


def get_day(hit: Hit) -> str:
    """When it was published, or first seen where that is not known or earlier."""
    return min(hit.published or hit.first_seen, hit.first_seen)[:10]
