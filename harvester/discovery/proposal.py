"""Which of the feeds that a site has now takes the place of a dead one. Pure.

A feed of the same site, or of another that has articles of the outlet: others, such as
what a parked domain shows, are not proposed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from harvester.discovery.choice import Choice
from harvester.discovery.found_feed import FoundFeed, has_articles
from harvester.identity.urls import own_domain, url_key

MIN_KNOWN_ARTICLES = 2  # in common with the archive, of a feed at another site
_KINDS = ("page", "wordpress")  # that take no feed's place


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feed in the place of a dead one."""

    url: str
    kind: str
    entries: int
    known: int  # of its articles, those of the outlet in the archive
    at: str  # when it was found

    def record(self) -> dict[str, object]:
        """As the archive keeps it."""
        return asdict(self)


def article_keys(choices: Sequence[Choice]) -> list[str]:
    """The keys of all articles that the feeds announce, to look them up."""
    keys = {key for choice in choices for key in choice.feed.articles}
    return sorted(keys)


def choose_proposal(
    choices: Sequence[Choice],
    dead_url: str,
    configured_urls: Collection[str],
    known_keys: Collection[str],
    now: str,
) -> Proposal | None:
    """The best of the feeds, the best first; None where there is none to propose.

    ``configured_urls``: feeds of the settings, which are polled already. ``known_keys``:
    articles of the outlet.
    """
    configured = {url_key(url) for url in (dead_url, *configured_urls)}
    site = own_domain(dead_url)
    candidates: list[tuple[int, FoundFeed]] = []
    for choice in choices:
        feed = choice.feed
        is_feed = has_articles(feed) and feed.kind not in _KINDS
        if not choice.is_taken or not is_feed or url_key(feed.url) in configured:
            continue
        known = len(feed.articles.keys() & set(known_keys))
        if own_domain(feed.url) == site or known >= MIN_KNOWN_ARTICLES:
            candidates.append((known, feed))
    if not candidates:
        return None
    known, feed = max(candidates, key=lambda candidate: candidate[0])
    return Proposal(feed.url, feed.kind, feed.entry_count, known, now)
