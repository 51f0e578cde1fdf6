"""Where a feed is asked: at its own URL, or where it has moved for good. Pure.

A permanent redirect to a feed that can be read, or the new URL that a feed names, is
believed after some polls in a row. Then the new URL is asked, and the feed's own now and
then: redirects are also set by mistake, and taken back. The settings keep the own URL,
by which the feed is known in the archive; ``harvest status`` tells of the new one.
"""

from __future__ import annotations

from harvester.archive.records.feeds import FeedRow, FeedUpdate
from harvester.identity import urls
from harvester.model import Capture

PERMANENT_STATUSES = (301, 308)  # RFC 9110, 15.4.2 and 15.4.9
MOVED_POLLS = 3  # in a row, before a new URL is asked
OWN_URL_POLLS = 24  # at the new URL, before its own is asked once


def has_moved(feed: FeedRow) -> bool:
    """Whether the feed's new URL is believed."""
    return bool(feed.moved_to) and feed.moved_polls >= MOVED_POLLS


def permanent_target(capture: Capture) -> str:
    """The URL that permanent redirects alone lead to; "" if the first is not one."""
    for number, hop in enumerate(capture.redirects):
        if hop.status not in PERMANENT_STATUSES:
            return hop.url if number else ""
    return capture.reached if capture.redirects else ""


def address_after_reading(
    feed: FeedRow, asked_url: str, capture: Capture, named_url: str, now: str
) -> FeedUpdate:
    """Where to ask next, after a poll that gave a feed or nothing new.

    ``named_url``: what the feed says is its new URL, "" if it does not.
    """
    target = permanent_target(capture) or named_url
    if asked_url != feed.url:
        if target and target != asked_url:
            return _ask(feed.url, "") | FeedUpdate(moved_polls=0)  # it moves on
        polls = feed.moved_polls + 1
        update = FeedUpdate(moved_polls=polls)
        return update | _ask(feed.url, "") if polls % OWN_URL_POLLS == 0 else update
    if not target or target == feed.url:
        if not feed.moved_to:
            return FeedUpdate()
        return _ask(feed.url, "") | FeedUpdate(
            moved_to="", moved_polls=0, moved_since=None
        )
    if target != feed.moved_to:
        return FeedUpdate(moved_to=target, moved_polls=1, moved_since=now)
    polls = feed.moved_polls + 1
    update = FeedUpdate(moved_polls=polls)
    return update | _ask(feed.url, target) if polls >= MOVED_POLLS else update


def address_after_failure(feed: FeedRow, asked_url: str) -> FeedUpdate:
    """Where to ask next, after a poll that gave nothing."""
    if asked_url != feed.url:  # the new URL fails: its own has to show it once more
        return _ask(feed.url, "") | FeedUpdate(moved_polls=0)
    return _ask(feed.url, feed.moved_to) if has_moved(feed) else FeedUpdate()


def _ask(own_url: str, url: str) -> FeedUpdate:
    return FeedUpdate(asked=url, site=urls.site(url or own_url))
