"""Follows how many articles each outlet brings, and records what is unusual.

An article counts in the hour in which it was first seen. Hours count only while all
feeds of the outlet were read as usual: not while the harvester or the machine was off,
or offline, not while a feed fails, and not the hour after. What was published long
before, as in a first listing or a flood, does not count. Does not judge
(``schedule.volume``).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harvester.archive.records import articles, volumes
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.volumes import WatchedFeed
from harvester.schedule import volume
from harvester.schedule.poll_rhythm import DAY, HOUR
from harvester.schedule.times import format_seconds, parse_time
from harvester.schedule.volume import HourCount, Volume, VolumeChange

USUAL_AGAIN = "volume usual"  # kinds of events
KINDS = {"few": "few articles", "many": "many articles"}
CHECK_SECONDS = 300.0  # between two checks in a crawl
MAX_OUTLETS = 500  # of one check; those left are first in the next
OLD_DAYS = 2  # published so long before it was seen, an article is no news
MAX_POLL_SECONDS = 3 * DAY  # a feed polled more rarely says nothing about hours
LEFT_SECONDS = 7 * DAY  # a feed that failed for longer counts no more
UNWATCHED_SECONDS = 2 * HOUR  # longer than two polls apart: something was off
MAX_HOURS = 24 * 7  # that are caught up with one by one; more were not watched


class VolumeMonitor:
    """Checks the outlets of one crawl now and then."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._checked_at = 0.0

    def check_if_due(self, now: str) -> None:
        """Check, if that was not done for a while; the clock may have been set back."""
        if abs(_seconds(now) - self._checked_at) >= CHECK_SECONDS:
            self.check(now)

    def check(self, now: str) -> None:
        """Count the hours that are over, and record alarms that begin or end."""
        at = _seconds(now)
        self._checked_at = at
        hour = at - at % HOUR
        behind = volumes.list_outlets_behind(self._connection, hour, MAX_OUTLETS)
        feeds: dict[str, list[WatchedFeed]] = {}
        for feed in volumes.list_watched_feeds(self._connection) if behind else ():
            feeds.setdefault(feed.outlet, []).append(feed)
        for outlet, stored in behind.items():
            self._check_outlet(outlet, stored, feeds.get(outlet, []), at)

    def _check_outlet(
        self, outlet: str, stored: str, feeds: Sequence[WatchedFeed], now: float
    ) -> None:
        feeds = [feed for feed in feeds if _counts(feed, now)]
        if not feeds or any(feed.failures for feed in feeds):
            return
        known = volume.from_json(stored)
        fingerprint = _fingerprint(feeds)
        changes: list[VolumeChange] = []
        if not known.closed or known.feeds != fingerprint or known.closed > now + HOUR:
            changes = _end_of_alarm(known, now)
            known = Volume(closed=now - now % HOUR + HOUR, feeds=fingerprint)
        else:
            hours = self._list_hours(outlet, known, feeds, now)
            if not hours:
                return
            known, changes = volume.follow(known, hours)
            if not known.closed:  # it begins anew
                known = replace(known, closed=hours[-1].start + HOUR)
        volumes.update_volume(self._connection, outlet, volume.to_json(known))
        for change in changes:
            event = _event(outlet, change)
            articles.add_event(self._connection, event)

    def _list_hours(
        self, outlet: str, known: Volume, feeds: Sequence[WatchedFeed], now: float
    ) -> list[HourCount]:
        """The hours that are over and were not counted yet."""
        read_at = min(_seconds(feed.read_at) for feed in feeds)
        end = read_at - read_at % HOUR
        if end <= known.closed:
            return []
        apart = max(_seconds(feed.due) - _seconds(feed.polled) for feed in feeds)
        count = round((end - known.closed) / HOUR)
        starts = [known.closed + HOUR * number for number in range(count)]
        if end - known.closed > UNWATCHED_SECONDS + 2 * apart:
            # In the current hour comes what was published meanwhile.
            last = now - now % HOUR
            starts = [*starts[-MAX_HOURS:], *([last] if last >= end else [])]
            return [HourCount(start, 0, watched=False) for start in starts]
        times = volumes.list_first_seen(
            self._connection,
            outlet,
            format_seconds(known.closed),
            format_seconds(end),
            OLD_DAYS,
        )
        counts = Counter(_seconds(at) // HOUR for at in times)
        return [HourCount(start, counts[start // HOUR]) for start in starts]


def _counts(feed: WatchedFeed, now: float) -> bool:
    """Whether a feed has a part in what its outlet brings in an hour."""
    if feed.failures:
        return now - _seconds(feed.since) < LEFT_SECONDS
    return _seconds(feed.due) - _seconds(feed.polled) <= MAX_POLL_SECONDS


def _fingerprint(feeds: Sequence[WatchedFeed]) -> str:
    urls = "\n".join(sorted(feed.url for feed in feeds))
    return hashlib.sha256(urls.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _end_of_alarm(known: Volume, now: float) -> list[VolumeChange]:
    """The alarm of a volume that is learned anew ends."""
    if not known.alarm:
        return []
    since = volume.alarm_evidence(known).since
    return [VolumeChange(known.alarm, True, now, since, 0.0, 0.0, lasted=True)]


def _event(outlet: str, change: VolumeChange) -> NewEvent:
    at, since = format_seconds(change.at), format_seconds(change.since)
    if not change.ended:
        note = volume.describe_counts(change.alarm, change.count, change.usual)
        return NewEvent(KINDS[change.alarm], outlet, at, note, since=since)
    note = f"as many articles as usual again, after unusually {change.alarm}"
    if change.lasted:
        note = (
            f"after unusually {change.alarm} articles, what is usual is learned anew: "
            "it lasted for four weeks, or its feeds have changed"
        )
    return NewEvent(USUAL_AGAIN, outlet, at, note, since=since)


def _seconds(at: str) -> float:
    return parse_time(at).timestamp()
