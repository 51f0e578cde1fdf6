"""Which of the feeds that a site has to take, and why not the others. Pure.

Two feeds are compared where both look: a feed of one section reaches back farther than
the feed of everything, which still covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.discovery.found_feed import FoundFeed, Source, has_articles
from harvester.schedule.times import add_seconds

STALE_SECONDS = 60 * 86_400.0  # without an entry, while other feeds have some
SAME_SHARE = 0.9  # of two feeds' articles in common: one is enough
COVERED_SHARE = 0.8  # of a feed's articles in those taken already
MIN_COMPARED = 3  # articles in the time that both feeds cover
# A feed that reaches back less may run over between two polls: a news sitemap, which
# covers two days, is taken beside it.
SHORT_REACH_SECONDS = 6 * 3_600.0
LISTS = ("sitemap", "wordpress")  # beside a feed, not in its place
_SOURCES = list(Source)


@dataclass(frozen=True, slots=True)
class Choice:
    """A feed, whether it is taken, and why not; what it has in common with another."""

    feed: FoundFeed
    is_taken: bool
    reason: str = ""
    shared_with: int = -1  # index of the feed that has most of its articles
    shared: float = 0.0  # share of its articles that are there too


def choose_feeds(
    feeds: Sequence[FoundFeed], language: str, now: str
) -> tuple[Choice, ...]:
    """Decide about each feed; those taken first, the best first."""
    ranked = sorted(feeds, key=_rank)
    newest = max((feed.newest or "" for feed in ranked), default="")
    taken: list[FoundFeed] = []
    decided: list[tuple[FoundFeed, str]] = []
    for feed in ranked:
        reason = _reason_against(feed, ranked, language, newest, now)
        reason = reason or _reason_beside(feed, taken)
        if not reason:
            taken.append(feed)
        decided.append((feed, reason))
    decided = [
        (feed, reason or _reason_behind(feed, taken)) for feed, reason in decided
    ]
    if not taken:
        decided = _take_one(decided)
    decided.sort(key=lambda pair: bool(pair[1]))
    order = [feed for feed, _ in decided]
    return tuple(
        Choice(feed, not reason, reason, *_most_shared(feed, order))
        for feed, reason in decided
    )


def share_in(feed: FoundFeed, other: FoundFeed) -> float:
    """Share of a feed's articles that another has too, where both look; 0 to 1."""
    articles = feed.articles
    if other.oldest:
        in_time = {key for key, at in articles.items() if at >= other.oldest}
        if len(in_time) >= MIN_COMPARED:
            return len(in_time & other.articles.keys()) / len(in_time)
    if not articles:
        return 0.0
    return len(articles.keys() & other.articles.keys()) / len(articles)


def _rank(feed: FoundFeed) -> tuple[object, ...]:
    """Smaller is better: what was given, real feeds, as the site itself lists them."""
    return (
        feed.source is not Source.KNOWN,
        feed.source is not Source.GIVEN,
        LISTS.index(feed.kind) + 1 if feed.kind in LISTS else 0,
        _SOURCES.index(feed.source),
    )


def _reason_against(
    feed: FoundFeed, feeds: Sequence[FoundFeed], language: str, newest: str, now: str
) -> str:
    """Why a feed is not to be taken whatever else there is; "" if nothing is wrong."""
    if feed.source is Source.KNOWN:
        return ""
    if feed.source is Source.GIVEN and not feed.is_index:
        return ""
    if feed.is_index:
        return "lists sitemaps"
    if feed.is_of_comments:
        return "comments"
    if not feed.entry_count:
        return "empty"
    if not feed.articles:
        return "no links to articles"
    if not feed.is_news:
        return "whole site, not news"
    if feed.newest and feed.newest < add_seconds(now, -STALE_SECONDS):
        if newest > feed.newest and newest >= add_seconds(now, -STALE_SECONDS):
            return f"nothing since {feed.newest[:10]}"
    if feed.is_podcast and any(
        has_articles(other) and not other.is_podcast for other in feeds
    ):
        return "podcast"
    has_own = any(other.language == language for other in feeds if other.articles)
    if language and feed.language and feed.language != language and has_own:
        return f"other language: {feed.language}"
    return ""


def _reason_beside(feed: FoundFeed, taken: Sequence[FoundFeed]) -> str:
    """Why a feed adds nothing to those taken; "" if it does."""
    if feed.source is Source.KNOWN:
        return ""
    if feed.kind == "wordpress":  # beside the others: it tells of every edit
        has_one = any(other.kind == "wordpress" for other in taken)
        return "one is enough" if has_one else ""
    if feed.source is Source.GIVEN:
        same = next((other for other in taken if is_same(feed, other)), None)
        return f"the same as {same.url}" if same is not None else ""
    for other in taken:
        if is_same(feed, other):
            return f"the same as {other.url}"
        if share_in(feed, other) >= COVERED_SHARE:
            if feed.kind == "sitemap" and _reaches_farther(feed, other):
                continue
            return f"covered by {other.url}"
    everything = set().union(*(other.articles for other in taken))
    known = len(feed.articles.keys() & everything)
    if known >= COVERED_SHARE * len(feed.articles):
        return "covered by the others"
    return ""


def _reason_behind(feed: FoundFeed, taken: list[FoundFeed]) -> str:
    """Why a feed that was taken first is not needed beside a broader one; "" if it is."""
    if feed.source in (Source.GIVEN, Source.KNOWN):
        return ""
    for other in taken:
        if (
            other is not feed
            and "wordpress" not in (feed.kind, other.kind)
            and (other.kind == "sitemap") <= (feed.kind == "sitemap")
            and share_in(feed, other) >= COVERED_SHARE
            and len(other.articles) > len(feed.articles)
        ):
            taken.remove(feed)
            return f"covered by {other.url}"
    return ""


def is_same(feed: FoundFeed, other: FoundFeed) -> bool:
    """Whether two addresses have one feed: equal bytes, or the same articles."""
    if feed.digest == other.digest:
        return True
    both = feed.articles.keys() & other.articles.keys()
    either = feed.articles.keys() | other.articles.keys()
    return bool(either) and len(both) >= SAME_SHARE * len(either)


def _reaches_farther(feed: FoundFeed, other: FoundFeed) -> bool:
    if not (feed.oldest and other.oldest and other.newest):
        return False
    is_short = other.oldest > add_seconds(other.newest, -SHORT_REACH_SECONDS)
    return is_short and len(feed.articles) > 2 * len(other.articles)


def _take_one(decided: list[tuple[FoundFeed, str]]) -> list[tuple[FoundFeed, str]]:
    """Where nothing is good: the best of what has news at all."""
    for index, (feed, reason) in enumerate(decided):
        if has_articles(feed) and reason:
            return [*decided[:index], (feed, ""), *decided[index + 1 :]]
    return decided


def _most_shared(feed: FoundFeed, feeds: Sequence[FoundFeed]) -> tuple[int, float]:
    shares = [
        (share_in(feed, other), -index)
        for index, other in enumerate(feeds)
        if other is not feed
    ]
    share, index = max(shares, default=(0.0, 1))
    return (-index, share) if share > 0 else (-1, 0.0)
