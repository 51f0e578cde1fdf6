"""The archive learns which outlets and feeds the settings name."""

from __future__ import annotations

import sqlite3

from harvester.archive.records import feeds
from harvester.identity import urls
from harvester.schedule.times import add_seconds
from harvester.settings import Settings


def sync_settings(connection: sqlite3.Connection, settings: Settings, now: str) -> None:
    """Store the outlets and feeds of the settings; deactivate all others."""
    feed_urls = []
    for outlet in settings.outlets.values():
        feeds.upsert_outlet(
            connection,
            outlet.key,
            outlet.name,
            outlet.home,
            outlet.language,
            outlet.was,
            now,
        )
        for feed in outlet.feeds:
            site = urls.site(feed.url)
            feeds.upsert_feed(connection, feed.url, outlet.key, feed.section, site, now)
            feed_urls.append(feed.url)
        feeds.bring_forward_feeds(
            connection, outlet.key, add_seconds(now, outlet.every)
        )
    feeds.deactivate_removed(connection, settings.outlets, feed_urls)
