"""The archive learns which outlets and feeds the settings name."""

from __future__ import annotations

import sqlite3

from harvester.archive.records import feeds
from harvester.identity import urls
from harvester.schedule.intervals import MAX_AUTO_SECONDS, poll_interval
from harvester.schedule.times import add_seconds
from harvester.settings import Settings


def sync_settings(connection: sqlite3.Connection, settings: Settings, now: str) -> None:
    """Store the outlets and feeds of the settings; deactivate all others.

    Outlets that the settings disable are stored, so that they have their names.
    """
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
            if not outlet.disabled:
                feed_urls.append(feed.url)
        # What is "auto" is at most a day; how much less, the feed's last poll says.
        longest = poll_interval(outlet.every, MAX_AUTO_SECONDS)
        feeds.bring_forward_feeds(connection, outlet.key, add_seconds(now, longest))
    feeds.deactivate_removed(connection, settings.enabled_outlets, feed_urls)
