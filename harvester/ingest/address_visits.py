"""The visit to an address that a person names: a feed, an article, or a page not yet known.

A page that no feed announced has no entry: it becomes an article, or not, and is not tried
again.
"""

from __future__ import annotations

import sqlite3

from harvester.archive.records import addresses, due_visits
from harvester.archive.takedown import blocklist
from harvester.errors import HarvesterError
from harvester.identity import urls
from harvester.model import Visit
from harvester.settings import Outlet

UNANNOUNCED = "named:"  # begins the key of a visit to a page without an entry


def find_visit(connection: sqlite3.Connection, outlet: Outlet, url: str) -> Visit:
    """What is visited at a URL. Raises HarvesterError if it was purged."""
    address = urls.url_key(url, outlet.keep_params)
    for feed in outlet.feeds:
        if url == feed.url or urls.url_key(feed.url) == urls.url_key(url):
            visit = due_visits.get_visit(connection, "feed", feed.url)
            if visit is not None:
                return visit
    digests = [blocklist.blocklist_digest("address", address)]
    if reason := blocklist.get_block_reason(connection, digests):
        raise HarvesterError(
            f"{urls.mask_secrets(url)} {reason}", "`harvest purge --list` says why"
        )
    known = addresses.get_address(connection, address)
    if known is not None and known.kind != "shared":
        visit = due_visits.get_visit(connection, "article", known.article)
        if visit is not None:
            return visit
    entry_key = due_visits.find_unvisited_entry(connection, address)
    if entry_key is not None:
        visit = due_visits.get_visit(connection, "entry", entry_key)
        if visit is not None:
            return visit
    return Visit("entry", f"{UNANNOUNCED}{address}", url, outlet.key, urls.site(url))
