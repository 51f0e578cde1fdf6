"""A Datasette plugin that shows the archive as news, with its edits and removals.

Works in plain ``datasette archive.db`` and in ``harvest browse``. Only reads, on
Datasette's own read-only connections. Everything an outlet wrote is hostile: templates
escape, texts go through nh3, and no inline script runs but Datasette's own
(``security_headers``).

This module is the entry point: Datasette calls the hooks named here and serves
``templates`` and ``static``.
"""

from harvester.browse.archive_queries import canned_queries
from harvester.browse.datasette_pages import extra_template_vars, get_metadata
from harvester.browse.datasette_tables import render_cell
from harvester.browse.messages import forbidden, handle_exception
from harvester.browse.query_limits import prepare_connection
from harvester.browse.routes import register_routes
from harvester.browse.security_headers import asgi_wrapper
from harvester.browse.startup import startup

__all__ = [
    "asgi_wrapper",
    "canned_queries",
    "extra_template_vars",
    "forbidden",
    "get_metadata",
    "handle_exception",
    "prepare_connection",
    "register_routes",
    "render_cell",
    "startup",
]
