"""The archive in a browser: a Datasette plugin whose start page is the news.

Works in plain ``datasette archive.db`` and in ``harvest browse``. Reads only, on Datasette's own read-only connections.
Everything an outlet wrote is hostile: templates escape, texts go through nh3, and no page lets an inline script run that
is not Datasette's own (``guard``). Not for: changing anything, nor for JSON of ours: Datasette's table pages have that.

This module is the entry point: Datasette calls the hooks that are named here, and serves ``templates`` and ``static``.
"""

from harvester.browse.datasette_tables import canned_queries, get_metadata, render_cell
from harvester.browse.query_limits import handle_exception, prepare_connection
from harvester.browse.routes import menu_links, register_routes
from harvester.browse.security_headers import asgi_wrapper

__all__ = [
    "asgi_wrapper",
    "canned_queries",
    "get_metadata",
    "handle_exception",
    "menu_links",
    "prepare_connection",
    "register_routes",
    "render_cell",
]
