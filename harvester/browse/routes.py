"""The pages of the plugin and their paths."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from datasette import Response

from harvester.browse.hooks import hookimpl

_ARTICLE_KEY = "(?P<key>[0-9A-Fa-f]{1,64})"
_OUTLET_KEY = "(?P<key>[a-z0-9_-]{1,100})"
_FEED_FORMS = r"(?:atom|feed\.json)"

View = Callable[..., Awaitable[Response | None]]


@hookimpl
def register_routes() -> list[tuple[str, View]]:
    """Our pages; Datasette tries a plugin's routes before its own."""
    from harvester.browse import (
        api_routes,
        article_page,
        articles_page,
        capture_page,
        changes_page,
        clusters_page,
        downloads,
        feeds,
        health_page,
        messages,
        outlet_page,
        removals_page,
        search_page,
        timemap,
        today_page,
        trend_page,
    )

    routes: list[tuple[str, View]] = [
        (r"^/$", today_page.start_page),
        (r"^/-/search$", search_page.search_page),
        (r"^/-/articles$", articles_page.articles_page),
        (r"^/-/changes$", changes_page.changes_page),
        (r"^/-/removals$", removals_page.removals_page),
        (rf"^/-/changes\.{_FEED_FORMS}$", feeds.changes_feed),
        (rf"^/-/health\.{_FEED_FORMS}$", feeds.health_feed),
        (rf"^/-/search\.{_FEED_FORMS}$", feeds.search_feed),
        (rf"^/-/articles\.{_FEED_FORMS}$", feeds.articles_feed),
        (rf"^/-/article/{_ARTICLE_KEY}\.{_FEED_FORMS}$", feeds.article_feed),
        (rf"^/-/outlet/{_OUTLET_KEY}\.{_FEED_FORMS}$", feeds.outlet_feed),
        (r"^/-/health$", health_page.health_page),
        (r"^/-/coverage$", health_page.redirect_from_coverage),
        (r"^/-/copies$", clusters_page.copies_page),
        (r"^/-/copies/(?P<key>[0-9A-Fa-f]{1,64})$", clusters_page.cluster_page),
        (r"^/-/article$", article_page.redirect_to_article),
        (rf"^/-/article/{_ARTICLE_KEY}$", article_page.article_page),
        (rf"^/-/outlet/{_OUTLET_KEY}$", outlet_page.outlet_page),
        (r"^/-/trend$", trend_page.trend_page),
        (r"^/-/trend\.csv$", trend_page.trend_csv),
        (rf"^/-/article/{_ARTICLE_KEY}\.timemap$", timemap.timemap_page),
        (r"^/-/capture/(?P<id>[0-9]{1,18})$", capture_page.capture_page),
        *downloads.list_routes(),
        *api_routes.list_routes(),
    ]
    return [(path, messages.only_read(view)) for path, view in routes]
