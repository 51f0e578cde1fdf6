"""What a feed says of itself: its interval, its new URL, where its older entries are.

Sources: ``ttl`` of RSS 2.0 (minutes), the Syndication module of RSS 1.0
(``updatePeriod``, ``updateFrequency``), ``itunes:new-feed-url``, RFC 5005.
"""

from __future__ import annotations

from typing import Any

from harvester.parse.feeds.entry import resolve_url
from harvester.parse.html.charset import clean_line

SECONDS_PER_PERIOD = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_629_800.0,
    "yearly": 31_557_600.0,
}
MAX_DIGITS = 9  # of a number that is one
MAX_LINKS = 100  # of a feed itself
MAX_GENERATOR_LENGTH = 200  # characters


def stated_interval(feed: Any) -> tuple[float, str]:
    """Seconds between two polls that a feed asks for, and in which words.

    The longer of both that it may state; (0.0, "") if it states none.
    """
    stated = []
    minutes = _number(feed.get("ttl"))
    if minutes:
        stated.append((60.0 * minutes, f"ttl {minutes}"))
    period = str(feed.get("sy_updateperiod") or "").strip().lower()
    if period in SECONDS_PER_PERIOD:
        frequency = _number(feed.get("sy_updatefrequency")) or 1
        words = f"{frequency} {period}" if frequency > 1 else period
        stated.append((SECONDS_PER_PERIOD[period] / frequency, f"updated {words}"))
    return max(stated, default=(0.0, ""))


def new_feed_url(feed: Any, url: str) -> str:
    """The absolute URL that a feed says it has moved to; "" if it does not."""
    return resolve_url(str(feed.get("itunes_new-feed-url") or "").strip(), url)


def older_entries_urls(feed: Any, url: str) -> tuple[str, str]:
    """Where a feed's older entries are: (previous archive document, next page).

    RFC 5005, 3 and 4; absolute, "" where it states none. Of the feed's own links alone:
    readers also record those of entries, there.
    """
    stated: dict[str, str] = {}
    for link in (feed.get("links") or ())[:MAX_LINKS]:
        relation = str(link.get("rel") or "").strip().lower()
        target = resolve_url(link.get("href"), str(link.get("base") or url))
        if target:
            stated.setdefault(relation, target)
    return stated.get("prev-archive", ""), stated.get("next", "")


def generator(feed: Any) -> str:
    """The software that wrote a feed, as stated: "https://wordpress.org/?v=6.8.2"."""
    detail = feed.get("generator_detail") or {}
    stated = " ".join(
        str(value) for value in (feed.get("generator"), detail.get("href")) if value
    )
    return clean_line(stated, MAX_GENERATOR_LENGTH)


def _number(value: Any) -> int:
    """A whole number of ASCII digits; 0 for anything else."""
    text = str(value or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_number else 0
