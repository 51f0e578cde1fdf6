"""What a page is, and who may read it: an article, or what stands in its place. Pure, and cheap where the page is an article.

Nothing is silently wrong: error pages with status 200, logins, consent and checks for robots, index pages and beginnings of
articles are seen as such, with the reason in words. The text is the extractor's; here it is only weighed. A long text that
reads as an article is one, whatever else the page says. Not for: what follows from it (``ingest``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.html.charset import clean_line
from harvester.parse.kinds import access, live
from harvester.parse.kinds.teasers import index_page_reason
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

VERY_SHORT_WORDS, SHORT_WORDS, MEDIUM_WORDS, LONG_WORDS = 50, 80, 200, 500  # words
MIN_CONSENT_PHRASES = 2  # phrases that ask for consent
MAX_HEADINGS = 40  # parts of titles that are looked at


@dataclass(frozen=True, slots=True)
class Classification:
    """``kind`` is one of ``model.KINDS``; ``why`` says in words why it is no plain article, or why access is what it is."""

    kind: str = "article"
    access: str = "unknown"
    why: str = ""


@dataclass(slots=True)
class _Page:
    """What is weighed."""

    tree: HtmlElement
    metadata: PageMetadata
    url: str
    text: str
    word_count: int
    is_declared_article: bool  # it says of itself that it is an article
    headings: list[str]  # titles and headings, and their parts
    visible_lines: list[str]  # what a visitor reads of it, where the text is short
    visible_text: str  # the same on one line

    def find_heading(self, pattern: re.Pattern[str]) -> str:
        """The title, heading or part of one that is wholly such a phrase."""
        return next((one for one in self.headings if pattern.fullmatch(one)), "")


def classify_page(
    tree: HtmlElement, metadata: PageMetadata, url: str, text: str
) -> Classification:
    """Weigh a page. ``text`` is what the extractor found in it; "" where it found nothing."""
    page = _build_page(tree, metadata, url, text)
    free = access.declared_access(metadata)
    for found in (
        _detect_bot_check(page),
        _detect_error(page),
        _detect_login(page),
        _detect_consent(page),
    ):
        if found:
            kind, _, why = found.partition("|")
            return Classification(kind, free.access, why)
    if stands := live.live_blog_reason(tree, metadata, url, page.word_count):
        return Classification("live", free.access, stands)
    cut = access.detect_stub(
        tree, metadata, text, page.word_count, page.visible_lines, free
    )
    if cut.kind:
        return Classification(cut.kind, cut.access, cut.why)
    if pictures := _detect_gallery(page):
        return Classification("gallery", free.access, pictures)
    if not page.is_declared_article and (
        list_of := index_page_reason(
            tree, metadata, _url_host(url), _url_path(url), text
        )
    ):
        return Classification("index", free.access, list_of)
    return Classification("article", free.access, free.why)


def _build_page(
    tree: HtmlElement, metadata: PageMetadata, url: str, text: str
) -> _Page:
    words = access.count_words(text)
    article = is_declared_article(metadata)
    asked = words < (
        SHORT_WORDS if article else LONG_WORDS
    )  # a longer one is an article, whatever it is called
    heads = (
        list(dict.fromkeys(_iter_headings(tree, metadata)))[:MAX_HEADINGS]
        if asked
        else []
    )
    lines = _visible_lines(tree) if words < MEDIUM_WORDS else []
    return _Page(
        tree,
        metadata,
        url,
        text,
        words,
        article,
        heads,
        lines,
        " ".join(lines)[:MAX_VISIBLE_LENGTH],
    )


def _iter_headings(tree: HtmlElement, metadata: PageMetadata) -> Iterator[str]:
    title = tree.find(".//title")
    given = [
        clean_line(title.text, 300) if title is not None else "",
        str(metadata.values.get("title", "")),
    ]
    given += [
        clean_line(one.text_content(), 300)
        for one, _ in zip(tree.iter("h1"), range(3), strict=False)
    ]
    for one in given:
        if one:
            yield one.strip()
            if len(one) < 200:
                yield from (
                    part.strip()
                    for part in _TITLE_SEPARATOR.split(one)
                    if len(part) > 1
                )


_TITLE_SEPARATOR = re.compile(r"\s+[|–—·»›:•-]+\s+|\s*[|»›]\s*")


def is_declared_article(metadata: PageMetadata) -> bool:
    """Whether the page says of itself that it is an article."""
    if any(
        access.ARTICLE_TYPES.search(one)
        for node in metadata.objects
        if node.get("headline")
        for one in get_types(node)
    ):
        return True
    metas = metadata.metas
    return "article:published_time" in metas or any(
        one.lower() == "article" for one in metas.get("og:type", ())
    )


_SKIPPED_TAGS = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "option",
        "nav",
        "header",
        "footer",
        "svg",
        "iframe",
        "textarea",
    )
)
_INLINE_TAGS = frozenset(("a", "b", "i", "em", "strong", "span", "u", "small", "mark", "abbr", "sup", "sub", "font", "time", "label", "cite", "q", "code", "wbr", "ins", "s"))  # fmt: skip
MAX_VISIBLE_LENGTH = 10_000  # characters that a visitor reads
MAX_WALK_STEPS = 12_000


def _visible_lines(tree: HtmlElement) -> list[str]:
    """What a visitor reads of a page, block by block, without its navigation."""
    found: list[str] = []
    words: list[str] = []
    read = 0
    body = tree.find("body")
    walk = etree.iterwalk(tree if body is None else body, events=("start", "end"))
    for step, (event, element) in enumerate(walk):
        inside = element.tag in _INLINE_TAGS
        if not inside and words:
            if text := " ".join("".join(words).split()):
                found.append(text)
                read += len(text)
            words.clear()
        if step > MAX_WALK_STEPS or read > MAX_VISIBLE_LENGTH:
            break
        if event == "end":
            words.append(element.tail or "")
        elif element.tag in _SKIPPED_TAGS:
            walk.skip_subtree()
        else:
            words.append(element.text or "")
    found.append(" ".join("".join(words).split())[:MAX_VISIBLE_LENGTH])
    return [one[:MAX_VISIBLE_LENGTH] for one in found if one]


def _url_path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def _url_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


# ---- in place of the article: each gives "kind|why", or ""


def _detect_error(page: _Page) -> str:
    if page.word_count >= (SHORT_WORDS if page.is_declared_article else LONG_WORDS):
        return ""
    head = page.find_heading(phrases.ERROR_TITLE)
    if head and (
        len(head) > 9 or page.word_count < SHORT_WORDS or not page.is_declared_article
    ):
        return f"error|an error page: its heading says {head!r}"
    if page.word_count < SHORT_WORDS and not page.is_declared_article:
        if said := next(
            (
                one
                for one in page.headings
                if page.word_count < VERY_SHORT_WORDS
                and phrases.is_not_found_heading(one)
            ),
            "",
        ):
            return f"error|an error page: its heading says {said!r}"
        if match := phrases.ERROR_TEXT.search(page.visible_text):
            return f"error|an error page: it says {_quote(page.visible_text, match)}"
        if phrases.PATH_PATTERNS["error"].search(_url_path(page.url)):
            return "error|an error page: its address says so"
    return ""


def _detect_bot_check(page: _Page) -> str:
    if page.word_count >= MEDIUM_WORDS or (
        page.is_declared_article and page.word_count >= SHORT_WORDS
    ):
        return ""
    head = page.find_heading(phrases.BOT_CHECK_TITLE)
    if head:
        return f"wall|a check for robots stands before the article: {head!r}"
    if page.word_count >= SHORT_WORDS + 40:
        return ""
    said = f"{page.visible_text if len(page.visible_text) < 3_000 else ''} {page.text}"
    if match := phrases.GEO_BLOCK_TEXT.search(said):
        return f"wall|not shown in this region: {_quote(said, match)}"
    if match := phrases.BOT_CHECK_TEXT.search(said):
        return (
            f"wall|a check for robots stands before the article: {_quote(said, match)}"
        )
    return ""


def _detect_login(page: _Page) -> str:
    if page.word_count >= MEDIUM_WORDS or (
        page.is_declared_article and page.word_count >= SHORT_WORDS
    ):
        return ""
    asks = next(
        (
            True
            for one in page.tree.iter("input")
            if (one.get("type") or "").lower() == "password"
        ),
        False,
    )
    path = bool(phrases.PATH_PATTERNS["login"].search(_url_path(page.url)))
    head = page.find_heading(phrases.LOGIN_TITLE)
    told = bool(phrases.LOGIN_TEXT.search(page.visible_text[:4_000]))
    if head and (asks or path or told or page.word_count < SHORT_WORDS // 2):
        return f"login|a login page: {head!r}"
    alone = (
        asks
        and (told or page.word_count < VERY_SHORT_WORDS // 2)
        and len(page.visible_text) < (1_500 if told else 700)
    )
    if (
        page.word_count < SHORT_WORDS
        and not page.is_declared_article
        and (alone or (path and (asks or told)))
    ):
        return "login|a login page: it asks for a password"
    return ""


def _detect_consent(page: _Page) -> str:
    if page.word_count >= LONG_WORDS or (
        page.is_declared_article and page.word_count >= MEDIUM_WORDS
    ):
        return ""
    asked = _count_distinct_phrases(phrases.CONSENT_TEXT, page.text[:6_000])
    head = page.find_heading(phrases.CONSENT_TITLE)
    where = bool(
        phrases.PATH_PATTERNS["wall"].search(_url_path(page.url))
        or phrases.INTERSTITIAL_HOSTS.match(_url_host(page.url))
    )
    if (head and not page.is_declared_article) or where:
        asked += _count_distinct_phrases(
            phrases.CONSENT_TEXT, page.visible_text[:6_000]
        )
        if asked >= 1:
            return f"wall|a consent wall stands before the article{f': {head!r}' if head else ''}"
    if (
        not page.is_declared_article
        and page.word_count < MEDIUM_WORDS
        and len(page.visible_text) < 2_500
    ):
        asked = max(
            asked, _count_distinct_phrases(phrases.CONSENT_TEXT, page.visible_text) - 1
        )
    # The more of the text speaks of consent, the less of it is an article.
    if asked >= MIN_CONSENT_PHRASES + page.word_count // 60:
        return "wall|the text asks for consent, and is no article"
    return ""


def _count_distinct_phrases(phrase_set: phrases.PrefilteredPattern, text: str) -> int:
    return len({match[0].lower() for match in phrase_set.finditer(text)})


def _quote(text: str, match: re.Match[str]) -> str:
    return repr(clean_line(text[match.start() : match.start() + 80], 60))


# ---- other kinds of article


def _detect_gallery(page: _Page) -> str:
    kinds = {one for node in page.metadata.objects[:60] for one in get_types(node)}
    named = kinds & {"ImageGallery", "MediaGallery"}
    article = any(access.ARTICLE_TYPES.search(one) for one in kinds)
    path = bool(phrases.PATH_PATTERNS["gallery"].search(_url_path(page.url)))
    if not (path or (named and not article)) or page.word_count >= LONG_WORDS:
        return ""
    figures = sum(1 for _ in page.tree.iter("figure", "figcaption"))
    if figures >= 8 or (named and not article):
        return f"a gallery: {'it says so' if named else f'{figures} pictures and captions'} and {page.word_count} words"
    return ""
