"""What is worth telling of a feed after a poll. Pure.

It began to fail or recovered, is gone for good, moved for good, is silent, or brings
something again.
"""

from __future__ import annotations

from dataclasses import replace

from harvester.archive.records.articles import NewEvent
from harvester.archive.records.feeds import GONE_POLLS, FeedRow, FeedUpdate
from harvester.ingest.counts import VisitResult
from harvester.ingest.feed_addresses import MOVED_POLLS
from harvester.model import Outcome
from harvester.schedule import poll_rhythm, silence
from harvester.schedule.poll_rhythm import DAY
from harvester.schedule.times import parse_time

READ_OUTCOMES = (Outcome.CHANGED, Outcome.UNCHANGED)


def decide_feed_events(
    feed: FeedRow, result: VisitResult, update: FeedUpdate, now: str
) -> list[NewEvent]:
    """The events of a poll. ``update``: what is stored of the feed after it."""
    events = []
    is_read = result.outcome in READ_OUTCOMES
    if is_read and feed.failures:
        events.append(NewEvent("feed recovered", feed.outlet, now, result.reason))
    elif not is_read and result.outcome is not Outcome.WAITING and not feed.failures:
        events.append(NewEvent("feed failing", feed.outlet, now, result.reason))
    if feed.gone_polls < GONE_POLLS and update.gone_polls == GONE_POLLS:
        note = f"gone for good: {result.reason}; polled once a week from now on"
        events.append(NewEvent("feed gone", feed.outlet, now, note, since=feed.since))
    if feed.moved_polls < MOVED_POLLS and update.moved_polls == MOVED_POLLS:
        note = f"moved permanently to {feed.moved_to}, where it is polled from now on"
        events.append(NewEvent("feed moved", feed.outlet, now, note))
    if is_read:
        events += _decide_silence(feed, update, now)
    return [replace(event, feed=feed.url) for event in events]


def _decide_silence(feed: FeedRow, update: FeedUpdate, now: str) -> list[NewEvent]:
    """That a feed became silent, or brings something again."""
    try:
        new_at = parse_time(feed.new_at or now).timestamp()
        at = parse_time(now).timestamp()
    except (ValueError, TypeError):  # a damaged archive
        return []
    if at - new_at < silence.MIN_SILENT_DAYS * DAY:
        return []
    known = poll_rhythm.from_json(feed.rhythm)
    was_silent = silence.describe_silence(known, new_at, known.at)
    if isinstance(update.new_at, str):
        note = f"brings something new again, after {(at - new_at) // DAY:.0f} days"
        event = NewEvent("feed active", feed.outlet, now, note, since=feed.new_at)
        return [event] if was_silent else []
    rhythm = update.rhythm if isinstance(update.rhythm, str) else feed.rhythm
    words = silence.describe_silence(poll_rhythm.from_json(rhythm), new_at, at)
    if was_silent or not words:
        return []
    return [NewEvent("feed silent", feed.outlet, now, words, since=feed.new_at)]
