"""Copies across outlets: the list of clusters, and one cluster with its differences."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from datasette import Response

from harvester.archive.queries import article_pages, clusters, overview
from harvester.archive.queries.clusters import Cluster, ClusterFilter, ClusterMember
from harvester.browse import copy_view, list_filter, list_pages, rendering
from harvester.browse.list_filter import FilterBar, ListFilter
from harvester.errors import NotInArchive, QueryError
from harvester.render.plots import Plot, arrivals, flow
from harvester.schedule.times import parse_time

PATH = "/-/copies"
ROWS_PER_PAGE = 30
MAX_FOLLOWED_CLUSTERS = 200  # of which the drawing tells
WITHIN = "within"  # what lists clusters within one outlet as well
_KIND_LABELS = {WITHIN: "also within one outlet"}


async def copies_page(datasette: Any, request: Any) -> Response:
    """Clusters of articles with the same text, the first seen last first."""
    database = await rendering.require_archive(datasette, request)
    now = rendering.utc_now_iso()
    chosen = list_pages.read_request(request, (WITHIN,))
    if request.args.get("within") == "1":  # as addresses were before the bar
        chosen = replace(chosen, kinds=(WITHIN,))
    fault, asked = "", ClusterFilter()
    try:
        asked = make_cluster_filter(chosen, now)
    except QueryError as error:
        fault = str(error)

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        outlets = overview.list_outlet_infos(connection)
        empty = {"clusters": [], "older": "", "outlets": outlets, "followers": []}
        if fault:
            return {**empty, "fault": fault}
        # The first page tells of more than it lists: who follows whom.
        size = ROWS_PER_PAGE if asked.after else MAX_FOLLOWED_CLUSTERS
        try:
            found, older = clusters.list_first_keys(connection, asked, now, size)
        except QueryError as error:
            return {**empty, "fault": str(error)}
        if len(found) > ROWS_PER_PAGE:
            older = found[ROWS_PER_PAGE - 1][0]
        keys = [key for _, key in found]
        listed = clusters.load_clusters(connection, keys[:ROWS_PER_PAGE])
        return {
            **empty,
            "fault": "",
            "clusters": listed,
            "older": str(older) if older else "",
            "followers": []
            if asked.after
            else clusters.count_followers(connection, keys),
            "counted": len(keys),
        }

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    names = {outlet.key: outlet.name for outlet in result["outlets"]}
    older = result["older"]
    return await rendering.render_page(
        datasette,
        request,
        "news_copies.html",
        database,
        400 if result["fault"] else 200,
        days=[
            (day, list(rows))
            for day, rows in groupby(
                result["clusters"], key=lambda cluster: cluster.first_seen[:10]
            )
        ],
        fault=result["fault"],
        bar=_build_bar(chosen, names, now),
        flows=_draw_flows(result["followers"], result.get("counted", 0)),
        lag=copy_view.format_lag,
        share=copy_view.format_share,
        described=""
        if chosen.is_empty
        else list_pages.describe_filter(chosen, "copies", names, _KIND_LABELS),
        newest=chosen.address(PATH) if chosen.after else "",
        older=chosen.address(PATH, after=older) if older else "",
        is_filtered=not chosen.is_empty,
    )


def make_cluster_filter(chosen: ListFilter, now: str) -> ClusterFilter:
    """What the bar asks of the archive. Raises QueryError. Another's cursor is none."""
    since, until = chosen.read_times(now)
    return ClusterFilter(
        query=replace(chosen, outlets=()).make_tree(now, is_timed=False),
        outlets=chosen.outlets,
        since=since,
        until=until,
        includes_single_outlet=WITHIN in chosen.kinds,
        after=list_pages.read_cursor(chosen),
    )


def _build_bar(chosen: ListFilter, names: dict[str, str], now: str) -> FilterBar:
    return list_filter.build_bar(
        PATH,
        chosen,
        list(names.items()),
        placeholder="Words of any of the copies, agency:AFP",
        kinds=list(_KIND_LABELS.items()),
        now=now,
    )


def _draw_flows(followers: Sequence[clusters.FollowCount], count: int) -> Plot | None:
    if not followers:
        return None
    first = followers[0]
    reports = "newest report" if count == 1 else f"newest {count} reports"
    words = (
        f"Of the {reports}: who had it first at the left, who later at the right. "
        f"Most often {first.first}, then {first.later} ({first.count:,})."
    )
    return flow.draw_flows("Who follows whom", words, copy_view.make_flows(followers))


async def cluster_page(datasette: Any, request: Any) -> Response:
    """The articles of one cluster; with ``?with=KEY``, what that copy changed."""
    database = await rendering.require_archive(datasette, request)
    key, chosen = (
        request.url_vars["key"].lower(),
        (request.args.get("with") or "").lower(),
    )

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        result = clusters.get_article_cluster(
            connection, article_pages.get_article_by_key(connection, key)["key"]
        )
        if result is None:
            raise NotInArchive("No copy of this article is known.")
        group, members = result
        other = next(
            (member for member in members if member.key == chosen != group.first), None
        )
        if chosen and other is None:
            raise NotInArchive("That article is not in this cluster.")
        versions = (
            clusters.get_compared_versions(connection, other.key, group.first)
            if other
            else None
        )
        return {
            "cluster": group,
            "members": members,
            "other": other,
            # Here, in a thread: long texts take a while.
            "compared": copy_view.compare_copy(*versions) if versions else None,
        }

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    path = datasette.urls.path(f"{PATH}/{result['cluster'].first}")
    return await rendering.render_page(
        datasette,
        request,
        "news_cluster.html",
        database,
        **result,
        arrivals=_draw_arrivals(
            result["cluster"], result["members"], result["other"], path
        ),
        lag=copy_view.format_lag,
        share=copy_view.format_share,
        own=copy_view.format_own_share,
    )


def _draw_arrivals(
    cluster: Cluster,
    members: Sequence[ClusterMember],
    chosen: ClusterMember | None,
    path: str,
) -> Plot:
    """When each of the articles came, on a time axis."""
    points = []
    for member in members:
        is_first = member.key == cluster.first
        later = f"{copy_view.format_lag(cluster.first_seen, member.first_seen)} later"
        notes = [later, copy_view.format_share(member.taken)]
        points.append(
            arrivals.Arrival(
                member.outlet_name,
                parse_time(member.first_seen),
                "first" if is_first else ", ".join(filter(None, notes)),
                "" if is_first else f"{path}?with={member.key}#changed",
                chosen is not None and member.key == chosen.key,
            )
        )
    drawn = min(len(points), arrivals.MAX_DRAWN)
    words = (
        f"The first {drawn} of them on a time axis"
        if drawn < len(points)
        else "On a time axis, from the first seen on"
    )
    return arrivals.draw_arrivals(
        "When each outlet had it",
        f"{words}; behind each name how much later, and how much of the first it has.",
        points,
    )
