"""What a page is, and who may read it: an article, or something in its place.

Nothing is wrong silently: error pages with status 200, logins, consent walls, bot
checks, index pages and beginnings of articles are recognised as such, each with the
reason in words. The text is the extractor's; here it is only judged. A long text that
reads like an article is one, whatever else the page says, and costs little. What
follows from the kind is decided by ``ingest``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.html.charset import clean_line
from harvester.parse.kinds import access, live
from harvester.parse.kinds.teasers import index_page_reason
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

# Words of a text.
VERY_SHORT_WORDS = 50
SHORT_WORDS = 80
MEDIUM_WORDS = 200
LONG_WORDS = 500

MIN_CONSENT_PHRASES = 2
MIN_GALLERY_FIGURES = 8
MAX_HEADINGS = 40  # titles and headings, and their parts
MAX_VISIBLE_LENGTH = 10_000  # characters
MAX_WALK_STEPS = 12_000
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·»›:•-]+\s+|\s*[|»›]\s*")
_SKIPPED_TAGS = frozenset(
    "footer header iframe nav noscript option script style svg template "
    "textarea".split()
)
_INLINE_TAGS = frozenset(
    "a abbr b cite code em font i ins label mark q s small span strong sub sup time u "
    "wbr".split()
)


@dataclass(frozen=True, slots=True)
class Classification:
    """What a page is.

    ``kind`` is one of ``model.PAGE_KINDS``; ``why`` says why it is not a plain article,
    or why access is what it is.
    """

    kind: str = "article"
    access: str = "unknown"
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as the functions below judge it."""

    tree: HtmlElement
    metadata: PageMetadata
    host: str
    path: str  # of its URL
    text: str
    word_count: int
    is_declared_article: bool
    headings: list[str]  # titles and headings, and their parts
    visible_lines: list[str]  # what a visitor reads of it, if the text is short
    visible_text: str  # the same on one line

    def find_heading(self, pattern: re.Pattern[str]) -> str:
        """The first title, heading or part of one that matches wholly; "" if none."""
        return next((text for text in self.headings if pattern.fullmatch(text)), "")


def classify_page(
    tree: HtmlElement, metadata: PageMetadata, url: str, text: str
) -> Classification:
    """Judge a page by the text that was extracted from it, which may be ""."""
    page = _build_page(tree, metadata, url, text)
    declared = access.declared_access(metadata)
    for kind, find_reason in (
        ("wall", _bot_check_reason),
        ("error", _error_reason),
        ("login", _login_reason),
        ("wall", _consent_reason),
    ):
        if reason := find_reason(page):
            return Classification(kind, declared.access, reason)
    if reason := live.live_blog_reason(tree, metadata, url):
        return Classification("live", declared.access, reason)
    stub = access.detect_stub(
        tree, metadata, text, page.word_count, page.visible_lines, declared
    )
    if stub.kind:
        return Classification(stub.kind, stub.access, stub.why)
    if reason := _gallery_reason(page):
        return Classification("gallery", declared.access, reason)
    if not page.is_declared_article and (
        reason := index_page_reason(tree, metadata, page.host, page.path, text)
    ):
        return Classification("index", declared.access, reason)
    return Classification("article", declared.access, declared.why)


def _build_page(
    tree: HtmlElement, metadata: PageMetadata, url: str, text: str
) -> _Page:
    host, path = _split_url(url)
    word_count = access.count_words(text)
    is_article = _is_declared_article(metadata)
    headings: list[str] = []
    # A longer text is an article, whatever it is called.
    if word_count < (SHORT_WORDS if is_article else LONG_WORDS):
        headings = list(dict.fromkeys(_iter_headings(tree, metadata)))[:MAX_HEADINGS]
    lines = _visible_lines(tree) if word_count < MEDIUM_WORDS else []
    return _Page(
        tree=tree,
        metadata=metadata,
        host=host,
        path=path,
        text=text,
        word_count=word_count,
        is_declared_article=is_article,
        headings=headings,
        visible_lines=lines,
        visible_text=" ".join(lines)[:MAX_VISIBLE_LENGTH],
    )


def _split_url(url: str) -> tuple[str, str]:
    """(host, path) of a URL."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path or "/"
    except ValueError:
        return "", "/"


def _iter_headings(tree: HtmlElement, metadata: PageMetadata) -> Iterator[str]:
    """The page's titles and first headings, each with its parts between separators."""
    title = tree.find(".//title")
    titles = [
        clean_line(title.text, 300) if title is not None else "",
        str(metadata.values.get("title", "")),
        *(clean_line(h1.text_content(), 300) for h1 in islice(tree.iter("h1"), 3)),
    ]
    for text in titles:
        if text:
            yield text.strip()
            if len(text) < 200:
                parts = _TITLE_SEPARATOR.split(text)
                yield from (part.strip() for part in parts if len(part) > 1)


def _is_declared_article(metadata: PageMetadata) -> bool:
    """Whether the page states that it is an article."""
    if any(
        access.ARTICLE_TYPES.search(name)
        for node in metadata.objects
        if node.get("headline")
        for name in get_types(node)
    ):
        return True
    metas = metadata.metas
    return "article:published_time" in metas or any(
        name.lower() == "article" for name in metas.get("og:type", ())
    )


def _visible_lines(tree: HtmlElement) -> list[str]:
    """What a visitor reads of a page, block by block, without its navigation."""
    lines: list[str] = []
    texts: list[str] = []
    length = 0
    body = tree.find("body")
    walk = etree.iterwalk(tree if body is None else body, events=("start", "end"))
    for step, (event, element) in enumerate(walk):
        if element.tag not in _INLINE_TAGS and texts:
            if line := " ".join("".join(texts).split()):
                lines.append(line)
                length += len(line)
            texts.clear()
        if step > MAX_WALK_STEPS or length > MAX_VISIBLE_LENGTH:
            break
        if event == "end":
            texts.append(element.tail or "")
        elif element.tag in _SKIPPED_TAGS:
            walk.skip_subtree()
        else:
            texts.append(element.text or "")
    lines.append(" ".join("".join(texts).split()))
    return [line[:MAX_VISIBLE_LENGTH] for line in lines if line]


# ---- in place of an article; identity.removal_evidence reads some of these reasons


def _error_reason(page: _Page) -> str:
    """Why it is an error page; "" if it is not."""
    if page.word_count >= (SHORT_WORDS if page.is_declared_article else LONG_WORDS):
        return ""
    is_short = page.word_count < SHORT_WORDS
    heading = page.find_heading(phrases.ERROR_TITLE)
    if heading and (len(heading) > 9 or is_short or not page.is_declared_article):
        return f"an error page: its heading says {heading!r}"
    if page.is_declared_article or not is_short:
        return ""
    if page.word_count < VERY_SHORT_WORDS:
        for heading in page.headings:
            if phrases.is_not_found_heading(heading):
                return f"an error page: its heading says {heading!r}"
    if match := phrases.ERROR_TEXT.search(page.visible_text):
        return f"an error page: it says {_quote(page.visible_text, match)}"
    if phrases.PATH_PATTERNS["error"].search(page.path):
        return "an error page: its address says so"
    return ""


def _bot_check_reason(page: _Page) -> str:
    """Why it is a bot check, or blocked in this region; "" if it is neither."""
    if page.word_count >= MEDIUM_WORDS or (
        page.is_declared_article and page.word_count >= SHORT_WORDS
    ):
        return ""
    heading = page.find_heading(phrases.BOT_CHECK_TITLE)
    if heading:
        return f"a check for robots in place of the article: {heading!r}"
    if page.word_count >= SHORT_WORDS + 40:
        return ""
    visible_text = page.visible_text if len(page.visible_text) < 3_000 else ""
    text = f"{visible_text} {page.text}"
    if match := phrases.GEO_BLOCK_TEXT.search(text):
        return f"not available in this region: {_quote(text, match)}"
    if match := phrases.BOT_CHECK_TEXT.search(text):
        return f"a check for robots in place of the article: {_quote(text, match)}"
    return ""


def _login_reason(page: _Page) -> str:
    """Why it is a login page; "" if it is not."""
    if page.word_count >= MEDIUM_WORDS or (
        page.is_declared_article and page.word_count >= SHORT_WORDS
    ):
        return ""
    has_password = any(
        (field.get("type") or "").lower() == "password"
        for field in page.tree.iter("input")
    )
    is_login_path = bool(phrases.PATH_PATTERNS["login"].search(page.path))
    has_phrase = bool(phrases.LOGIN_TEXT.search(page.visible_text[:4_000]))
    heading = page.find_heading(phrases.LOGIN_TITLE)
    if heading and (
        has_password
        or is_login_path
        or has_phrase
        or page.word_count < SHORT_WORDS // 2
    ):
        return f"a login page: {heading!r}"
    if page.is_declared_article or page.word_count >= SHORT_WORDS:
        return ""
    has_little_else = (has_phrase or page.word_count < VERY_SHORT_WORDS // 2) and len(
        page.visible_text
    ) < (1_500 if has_phrase else 700)
    if (has_password and has_little_else) or (
        is_login_path and (has_password or has_phrase)
    ):
        return "a login page: it asks for a password"
    return ""


def _consent_reason(page: _Page) -> str:
    """Why it is a consent wall; "" if it is not."""
    if page.word_count >= LONG_WORDS or (
        page.is_declared_article and page.word_count >= MEDIUM_WORDS
    ):
        return ""
    count = _count_distinct_phrases(phrases.CONSENT_TEXT, page.text[:6_000])
    heading = page.find_heading(phrases.CONSENT_TITLE)
    if (heading and not page.is_declared_article) or (
        phrases.PATH_PATTERNS["wall"].search(page.path)
        or phrases.INTERSTITIAL_HOSTS.match(page.host)
    ):
        count += _count_distinct_phrases(
            phrases.CONSENT_TEXT, page.visible_text[:6_000]
        )
        if count >= 1:
            quoted = f": {heading!r}" if heading else ""
            return f"a consent wall in place of the article{quoted}"
    if (
        not page.is_declared_article
        and page.word_count < MEDIUM_WORDS
        and len(page.visible_text) < 2_500
    ):
        visible = _count_distinct_phrases(phrases.CONSENT_TEXT, page.visible_text)
        count = max(count, visible - 1)
    # The longer the text, the more of it must speak of consent.
    if count >= MIN_CONSENT_PHRASES + page.word_count // 60:
        return "a consent wall: the text asks for consent"
    return ""


def _count_distinct_phrases(pattern: phrases.PrefilteredPattern, text: str) -> int:
    return len({match[0].lower() for match in pattern.finditer(text)})


def _quote(text: str, match: re.Match[str]) -> str:
    return repr(clean_line(text[match.start() : match.start() + 80], 60))


# ---- other kinds of article


def _gallery_reason(page: _Page) -> str:
    """Why it is a gallery; "" if it is not."""
    types = {name for node in page.metadata.objects[:60] for name in get_types(node)}
    is_gallery_type = bool(types & {"ImageGallery", "MediaGallery"})
    says_so = is_gallery_type and not any(map(access.ARTICLE_TYPES.search, types))
    is_gallery_path = bool(phrases.PATH_PATTERNS["gallery"].search(page.path))
    if not (is_gallery_path or says_so) or page.word_count >= LONG_WORDS:
        return ""
    figure_count = sum(1 for _ in page.tree.iter("figure", "figcaption"))
    if figure_count < MIN_GALLERY_FIGURES and not says_so:
        return ""
    source = (
        "it says so" if is_gallery_type else f"{figure_count} pictures and captions"
    )
    return f"a gallery: {source} and {page.word_count} words"
