"""Which links of a section page are articles. Pure.

A link to a known article is one, and so is one whose URL has the shape of the outlet's
known articles. Where few are known, its URL must look like an article's, its text like a
headline, and neither be in a menu or footer. A list most of whose links are articles
decides on the others in it. Links to another site, to the front page, to lists, people,
accounts and services are never followed; neither is what turned out to be no article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.identity import urls
from harvester.identity.link_shapes import (
    article_evidence,
    is_never_article,
    url_folder,
    url_shape,
)
from harvester.model import Entry

if TYPE_CHECKING:
    from harvester.parse.feeds.section_page import PageLink

MIN_SHAPE_ARTICLES = 3  # known articles that make a shape the outlet's
MIN_SHAPE_REFUSALS = 3  # pages that were none, for their shape to count against a link
MIN_SEGMENT_ARTICLES = 2
MIN_HEADLINE_WORDS = 4
MIN_HEADLINE_LENGTH = 18  # characters, of scripts without spaces too
MIN_GROUP_LINKS = 3
MIN_GROUP_SHARE = 0.6  # of a list's links that are articles, for the others to be


@dataclass(frozen=True, slots=True)
class SectionHints:
    """What is known of an outlet when its section page is read; picklable."""

    known: tuple[str, ...] = ()  # URLs of its articles
    refused: tuple[str, ...] = ()  # URLs announced by this page that were no articles
    other_urls: tuple[str, ...] = ()  # its home, feeds and section pages
    keep_params: tuple[str, ...] = ()
    is_ruled: bool = False  # the settings' `allow` decides, whatever a URL looks like


def choose_entries(
    links: Sequence[PageLink], page_url: str, hints: SectionHints
) -> tuple[Entry, ...]:
    """The entries of a section page, in page order."""
    candidates = _candidates(links, page_url, hints)
    if hints.is_ruled:
        chosen = list(candidates)
    else:
        verdicts = _judge(candidates, hints)
        likely_groups = _article_groups(candidates, verdicts)
        folders = Counter(map(url_folder, hints.known))
        chosen = [
            url
            for url, link in candidates.items()
            if verdicts[url]
            or (
                verdicts[url] is None
                and link.group in likely_groups
                and not link.is_frame
                and (
                    _is_headline(link.text)
                    or folders[url_folder(url)] >= MIN_SHAPE_ARTICLES
                )
            )
        ]
    return tuple(Entry(id="", url=url, title=candidates[url].text) for url in chosen)


def _candidates(
    links: Sequence[PageLink], page_url: str, hints: SectionHints
) -> dict[str, PageLink]:
    """Normalised URL → link, of all that may be articles."""
    site = urls.site(page_url)
    own_keys = {urls.url_key(url) for url in (page_url, *hints.other_urls)}
    segment_counts = Counter(
        segment.lower()
        for url in hints.known
        for segment in set(urlsplit(url).path.split("/"))
    )
    article_segments = {
        segment
        for segment, count in segment_counts.items()
        if count >= MIN_SEGMENT_ARTICLES
    }
    candidates: dict[str, PageLink] = {}
    seen: set[str] = set()
    for link in links:
        url = urls.normalise_url(link.url, hints.keep_params)
        key = urls.url_key(url, hints.keep_params) if url else ""
        if (
            not key
            or key in seen
            or key in own_keys
            or urls.site(url) != site
            or urls.is_front_page(url)
            or is_never_article(url, article_segments)
        ):
            continue
        seen.add(key)
        candidates[url] = link
    return candidates


def _judge(
    candidates: dict[str, PageLink], hints: SectionHints
) -> dict[str, bool | None]:
    """Whether each link is an article; None: its list decides."""
    known_keys = {urls.url_key(url, hints.keep_params) for url in hints.known}
    refused_keys = {urls.url_key(url, hints.keep_params) for url in hints.refused}
    learned = Counter(map(url_shape, hints.known))
    against = Counter(map(url_shape, hints.refused))
    verdicts: dict[str, bool | None] = {}
    for url, link in candidates.items():
        key, shape = urls.url_key(url, hints.keep_params), url_shape(url)
        if key in known_keys:
            verdicts[url] = True
        elif key in refused_keys or link.is_frame:
            verdicts[url] = False
        elif learned[shape] >= MIN_SHAPE_ARTICLES and learned[shape] > against[shape]:
            verdicts[url] = bool(link.text)
        elif against[shape] >= MIN_SHAPE_REFUSALS and not learned[shape]:
            verdicts[url] = False
        else:
            verdicts[url] = _judge_by_looks(url, link)
    return verdicts


def _judge_by_looks(url: str, link: PageLink) -> bool | None:
    evidence = article_evidence(url)
    if evidence == 2 and (link.is_heading or len(link.text.split()) > 1):
        return True
    if evidence == 1 and _is_headline(link.text):
        return True
    return None


def _is_headline(text: str) -> bool:
    if len(text) < MIN_HEADLINE_LENGTH:
        return False
    return len(text.split()) >= MIN_HEADLINE_WORDS or not text.isascii()


def _article_groups(
    candidates: dict[str, PageLink], verdicts: dict[str, bool | None]
) -> frozenset[str]:
    """The lists most of whose links are articles."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for url, link in candidates.items():
        groups[link.group].append(bool(verdicts[url]))
    return frozenset(
        group
        for group, members in groups.items()
        if len(members) >= MIN_GROUP_LINKS
        and sum(members) >= MIN_GROUP_SHARE * len(members)
    )
