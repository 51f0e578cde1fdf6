"""What a feed brings: how many entries, how often, how much of the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urldefrag

from harvester.identity.urls import url_key
from harvester.model import Entry, Feed
from harvester.schedule.times import parse_time

MIN_FULL_TEXT_WORDS = 120  # a teaser has fewer
MIN_SUMMARY_WORDS = 4
MOST_SHARE = 0.5  # of the entries, for what a feed is said to have
_COMMENT_FRAGMENT = re.compile(r"#(?:comment|respond|c\d|komment|reply)", re.IGNORECASE)
_COMMENT_TITLE = re.compile(
    r"^(?:comments? (?:on|for)|commentaires (?:sur|pour)|kommentare (?:zu|für)"
    r"|comentarios (?:en|de)|commenti (?:su|per)|reacties (?:op|voor)|comentários sobre)\b",
    re.IGNORECASE,
)
_COMMENT_NAME = re.compile(
    r"comments?\b.*\bfeed|comments?[/_-]?(?:feed|rss|atom)|/comments/|feed/comments"
    r"|flux des commentaires|kommentar-?feed|feed (?:de|dei|der) co[m]+ent",
    re.IGNORECASE,
)
_SOUND_NAME = re.compile(r"podcast|audio|\bradio-?shows?\b", re.IGNORECASE)


class Source(StrEnum):
    """How an address was found."""

    KNOWN = "in the settings"
    GIVEN = "given"
    ANNOUNCED = "announced"  # by a link element
    LINKED = "linked"  # by a link that readers see
    USUAL = "usual path"
    ROBOTS = "robots.txt"
    SITEMAP = "sitemap index"
    PAGE = "links to articles"  # of the page itself


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed's."""

    url: str
    source: Source
    title: str = ""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was fetched and read."""

    url: str  # by which it is to be polled
    source: Source
    kind: str
    title: str
    language: str
    site_url: str  # that it states; "" if it states none
    entry_count: int
    newest: str | None
    oldest: str | None
    interval: float | None  # seconds between two entries, on average
    text: str  # "full", "summary" or "titles"
    digest: str  # of its bytes
    is_index: bool = False  # a sitemap of sitemaps
    is_news: bool = True  # false: a sitemap without titles or dates of publication
    is_of_comments: bool = False
    is_podcast: bool = False
    # Key of each article → when it was published, "" if that is not stated.
    articles: Mapping[str, str] = field(default_factory=dict)
    latest: tuple[Entry, ...] = ()  # its newest entries


def may_be_comments(candidate: Candidate) -> bool:
    """Whether an address or its title says that the feed is one of comments."""
    return bool(
        _COMMENT_NAME.search(candidate.url)
        or _COMMENT_NAME.search(candidate.title)
        or _COMMENT_TITLE.search(candidate.title)
    )


def has_articles(feed: FoundFeed) -> bool:
    """Whether a feed announces articles, however old: not comments, not a whole site."""
    is_list = feed.is_index or feed.is_of_comments
    return bool(feed.articles) and feed.is_news and not is_list


def measure_feed(
    feed: Feed, url: str, candidate: Candidate, digest: str, latest_count: int = 5
) -> FoundFeed:
    """What a feed at a URL brings."""
    articles = {
        key: entry.published or entry.updated or ""
        for entry in feed.entries
        if entry.url and (key := url_key(urldefrag(entry.url).url))
    }
    dates = sorted(filter(None, articles.values()))
    by_date = sorted(
        feed.entries, key=lambda entry: entry.published or "", reverse=True
    )
    return FoundFeed(
        url=url,
        source=candidate.source,
        kind=feed.kind,
        title=feed.title or candidate.title,
        language=feed.language.partition("-")[0].partition("_")[0],
        site_url=feed.url,
        entry_count=len(feed.entries),
        newest=dates[-1] if dates else None,
        oldest=dates[0] if dates else None,
        interval=_mean_interval(dates),
        text=_describe_text(feed.entries),
        digest=digest,
        is_index=feed.index,
        is_news=feed.kind != "sitemap" or _is_news_sitemap(feed),
        is_of_comments=_is_of_comments(feed, articles),
        is_podcast=bool(_SOUND_NAME.search(f"{url} {feed.title} {candidate.title}")),
        articles=articles,
        latest=tuple(by_date[:latest_count]),
    )


def _mean_interval(dates: Sequence[str]) -> float | None:
    if len(dates) < 2:
        return None
    first, last = (parse_time(_with_time(date)) for date in (dates[0], dates[-1]))
    return (last - first).total_seconds() / (len(dates) - 1)


def _with_time(date: str) -> str:
    return date if "T" in date else f"{date}T00:00:00Z"


def _describe_text(entries: Sequence[Entry]) -> str:
    def share(min_words: int) -> float:
        long = (
            max(len(entry.summary.split()), len(_words(entry.content))) >= min_words
            for entry in entries
        )
        return sum(long) / max(1, len(entries))

    if share(MIN_FULL_TEXT_WORDS) >= MOST_SHARE:
        return "full"
    return "summary" if share(MIN_SUMMARY_WORDS) >= MOST_SHARE else "titles"


def _words(markup: str) -> list[str]:
    return re.sub(r"<[^<>]*>", " ", markup[:20_000]).split()


def _is_news_sitemap(feed: Feed) -> bool:
    told = sum(bool(entry.title and entry.published) for entry in feed.entries)
    return bool(told) and told >= MOST_SHARE * len(feed.entries)


def _is_of_comments(feed: Feed, articles: Mapping[str, str]) -> bool:
    """Whether the entries are comments: they link into articles, or all to one."""
    if not feed.entries:
        return bool(_COMMENT_TITLE.search(feed.title))
    comments = sum(bool(_COMMENT_FRAGMENT.search(entry.url)) for entry in feed.entries)
    if comments >= MOST_SHARE * len(feed.entries):
        return True
    return len(feed.entries) > 2 and len(articles) == 1
