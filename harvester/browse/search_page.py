"""The page of search: every version, by the filter bar, with facets beside the hits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from harvester.archive.queries.overview import OutletInfo
from harvester.browse import facet_links, hit_list, list_pages, rendering
from harvester.browse.list_filter import ListFilter, build_bar

PATH, TREND_PATH = "/-/search", "/-/trend"
SORTS = (("best", "best first"), ("newest", "newest first"))
STATES = (
    ("online", "online"),
    ("edited", "edited"),
    ("removed", "removed"),
    ("returned", "returned"),
    ("suspect", "not found"),
    ("unique", "without near-duplicates"),
)
RINGS = {"removed": "removed", "returned": "returned", "edited": "edit"}  # of alerts
DEFAULT_HITS, MAX_HITS = 20, 100


async def search_page(datasette: Any, request: Any) -> Response:
    """Search in every version; a URL leads to its article."""
    database = await rendering.require_archive(datasette, request)
    chosen = list_pages.read_request(request, sorts=[value for value, _ in SORTS])
    if re.match(r"https?://\S+$", chosen.q):
        address = f"/-/article?{urlencode({'url': chosen.q})}"
        return Response.redirect(datasette.urls.path(address))
    if not chosen.sort and request.args.get("order") in ("newest", "best"):
        chosen = replace(chosen, sort=request.args["order"])  # its older name
    limit = rendering.parse_number(request.args.get("limit"), DEFAULT_HITS, MAX_HITS)
    now = rendering.utc_now_iso()
    is_ranked = chosen.sort != "newest"
    if chosen.is_empty:
        page, fault = hit_list.HitList(), ""
        outlets = await hit_list.load_outlets(datasette, database)
    else:
        page, outlets, fault = await hit_list.load_page(
            datasette, database, chosen, now, limit, is_ranked
        )
    next_page = chosen.address(PATH, after=page.next) if page.next else ""
    if next_page and limit != DEFAULT_HITS:
        next_page += f"&limit={limit}"
    return await rendering.render_page(
        datasette,
        request,
        "news_search.html",
        database,
        400 if fault else 200,
        bar=_build_bar(chosen, page, outlets, fault, now),
        q=chosen.q,
        described=describe(chosen, "versions" if chosen.every else "articles", outlets),
        chosen=chosen,
        page=page,
        fault=fault,
        first_page=chosen.address(PATH) if chosen.after else "",
        next_page=next_page,
        facets=list_facets(PATH, chosen, page, outlets, now),
        advice=[(one, one.chosen.address(PATH)) for one in page.advice],
        **announce_feed(chosen, fault),
    )


def _build_bar(
    chosen: ListFilter,
    page: hit_list.HitList,
    outlets: list[OutletInfo],
    fault: str,
    now: str,
) -> Any:
    is_list = not (fault or chosen.is_empty)
    trend = (("Trend", TREND_PATH),) if chosen.q else ()  # it counts words
    bar = build_bar(
        PATH,
        chosen,
        [(outlet.key, outlet.name) for outlet in outlets],
        states=STATES,
        sorts=SORTS,
        has_every=True,
        total=hit_list.describe_total(page, chosen),
        downloads=(*list_downloads(PATH), *trend) if is_list and page.hits else (),
        download_note=describe_limit(page),
        now=now,
    )
    return replace(bar, alert_command=make_alert(chosen, now) if is_list else "")


def make_alert(chosen: ListFilter, now: str, kinds: Sequence[str] = ()) -> str:
    """The command that makes an alert of a list of articles.

    Of removed articles it rings when one is removed: none is when it is new.
    """
    rings = [RINGS[state] for state in chosen.states if state in RINGS]
    if rings and len(rings) == len(chosen.states):
        return replace(chosen, states=()).make_alert_command(now, rings)
    return chosen.make_alert_command(now, kinds)


def describe(chosen: ListFilter, subject: str, outlets: list[OutletInfo]) -> str:
    """A list in words, for titles; "" for one that nothing filters."""
    if chosen.is_empty:
        return ""
    names = {outlet.key: outlet.name for outlet in outlets}
    words = subject if not chosen.states else f"{subject}, {', '.join(chosen.states)}"
    return list_pages.describe_filter(replace(chosen, silent=False), words, names, {})


def list_downloads(path: str) -> tuple[tuple[str, str], ...]:
    """Other forms of a list of hits."""
    return (("CSV", f"{path}.csv"), ("JSON", f"{path}.json"), ("Feed", f"{path}.atom"))


def describe_limit(page: hit_list.HitList) -> str:
    """Which of the hits a download has, if not all."""
    return list_pages.describe_limit(page.count) if page.next else ""


def list_facets(
    path: str,
    chosen: ListFilter,
    page: hit_list.HitList,
    outlets: list[OutletInfo],
    now: str,
) -> tuple[facet_links.FacetLinks, ...]:
    """The facets of a page as links; none where they took too long to count."""
    if page.facets is None:
        return ()
    names = {outlet.key: outlet.name for outlet in outlets}
    return facet_links.build_facets(path, chosen, page.facets, names, now)


def announce_feed(chosen: ListFilter, fault: str) -> dict[str, Any]:
    """The feed of the list."""
    if fault or chosen.is_empty:
        return {}
    return {
        "feed_path": PATH,
        "feed_query": chosen.list_parameters(),
        "feed_title": f"Articles: {chosen.q}" if chosen.q else "Articles",
    }
