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
from harvester.parse.html.charset import line
from harvester.parse.kinds import access, live
from harvester.parse.kinds.teasers import is_index
from harvester.parse.metadata.jsonld import types
from harvester.parse.metadata.statements import Stated

BARE, SHORT, MIDDLE, LONG = 50, 80, 200, 500  # words
CONSENT_LEAST = 2  # phrases that ask for consent
PARTS_MOST = 40  # parts of titles that are looked at


@dataclass(frozen=True, slots=True)
class Judged:
    """``kind`` is one of ``model.KINDS``; ``why`` says in words why it is no plain article, or why access is what it is."""

    kind: str = "article"
    access: str = "unknown"
    why: str = ""


@dataclass(slots=True)
class _Page:
    """What is weighed."""

    tree: HtmlElement
    stated: Stated
    url: str
    text: str
    words: int
    marked: bool  # it says of itself that it is an article
    heads: list[str]  # titles and headings, and their parts
    lines: list[str]  # what a visitor reads of it, where the text is short
    said: str  # the same on one line

    def headed(self, pattern: re.Pattern[str]) -> str:
        """The title, heading or part of one that is wholly such a phrase."""
        return next((one for one in self.heads if pattern.fullmatch(one)), "")


def judge(tree: HtmlElement, stated: Stated, url: str, text: str) -> Judged:
    """Weigh a page. ``text`` is what the extractor found in it; "" where it found nothing."""
    page = _page(tree, stated, url, text)
    free = access.stated(stated)
    for found in (_robots(page), _error(page), _login(page), _consent(page)):
        if found:
            kind, _, why = found.partition("|")
            return Judged(kind, free.access, why)
    if stands := live.is_live(tree, stated, url, page.words):
        return Judged("live", free.access, stands)
    cut = access.cut(tree, stated, text, page.words, page.lines, free)
    if cut.kind:
        return Judged(cut.kind, cut.access, cut.why)
    if pictures := _gallery(page):
        return Judged("gallery", free.access, pictures)
    if not page.marked and (
        list_of := is_index(tree, stated, _host(url), _path(url), text)
    ):
        return Judged("index", free.access, list_of)
    return Judged("article", free.access, free.why)


def _page(tree: HtmlElement, stated: Stated, url: str, text: str) -> _Page:
    words = access.measure(text)
    article = marked(stated)
    asked = words < (
        SHORT if article else LONG
    )  # a longer one is an article, whatever it is called
    heads = list(dict.fromkeys(_heads(tree, stated)))[:PARTS_MOST] if asked else []
    lines = _visible(tree) if words < MIDDLE else []
    return _Page(
        tree,
        stated,
        url,
        text,
        words,
        article,
        heads,
        lines,
        " ".join(lines)[:READ_MOST],
    )


def _heads(tree: HtmlElement, stated: Stated) -> Iterator[str]:
    title = tree.find(".//title")
    given = [
        line(title.text, 300) if title is not None else "",
        str(stated.values.get("title", "")),
    ]
    given += [
        line(one.text_content(), 300)
        for one, _ in zip(tree.iter("h1"), range(3), strict=False)
    ]
    for one in given:
        if one:
            yield one.strip()
            if len(one) < 200:
                yield from (part.strip() for part in _PARTS.split(one) if len(part) > 1)


_PARTS = re.compile(r"\s+[|–—·»›:•-]+\s+|\s*[|»›]\s*")


def marked(stated: Stated) -> bool:
    """Whether the page says of itself that it is an article."""
    if any(
        access.ARTICLE.search(one)
        for node in stated.objects
        if node.get("headline")
        for one in types(node)
    ):
        return True
    metas = stated.metas
    return "article:published_time" in metas or any(
        one.lower() == "article" for one in metas.get("og:type", ())
    )


_APART = frozenset(
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
_INSIDE = frozenset(("a", "b", "i", "em", "strong", "span", "u", "small", "mark", "abbr", "sup", "sub", "font", "time", "label", "cite", "q", "code", "wbr", "ins", "s"))  # fmt: skip
READ_MOST = 10_000  # characters that a visitor reads
STEPS_MOST = 12_000


def _visible(tree: HtmlElement) -> list[str]:
    """What a visitor reads of a page, block by block, without its navigation."""
    found: list[str] = []
    words: list[str] = []
    read = 0
    body = tree.find("body")
    walk = etree.iterwalk(tree if body is None else body, events=("start", "end"))
    for step, (event, element) in enumerate(walk):
        inside = element.tag in _INSIDE
        if not inside and words:
            if text := " ".join("".join(words).split()):
                found.append(text)
                read += len(text)
            words.clear()
        if step > STEPS_MOST or read > READ_MOST:
            break
        if event == "end":
            words.append(element.tail or "")
        elif element.tag in _APART:
            walk.skip_subtree()
        else:
            words.append(element.text or "")
    found.append(" ".join("".join(words).split())[:READ_MOST])
    return [one[:READ_MOST] for one in found if one]


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


# ---- in place of the article: each gives "kind|why", or ""


def _error(page: _Page) -> str:
    if page.words >= (SHORT if page.marked else LONG):
        return ""
    head = page.headed(phrases.ERROR_TITLE)
    if head and (len(head) > 9 or page.words < SHORT or not page.marked):
        return f"error|an error page: its heading says {head!r}"
    if page.words < SHORT and not page.marked:
        if said := next(
            (one for one in page.heads if page.words < BARE and phrases.misses(one)), ""
        ):
            return f"error|an error page: its heading says {said!r}"
        if match := phrases.ERROR_TEXT.search(page.said):
            return f"error|an error page: it says {_quoted(page.said, match)}"
        if phrases.PATHS["error"].search(_path(page.url)):
            return "error|an error page: its address says so"
    return ""


def _robots(page: _Page) -> str:
    if page.words >= MIDDLE or (page.marked and page.words >= SHORT):
        return ""
    head = page.headed(phrases.ROBOT_TITLE)
    if head:
        return f"wall|a check for robots stands before the article: {head!r}"
    if page.words >= SHORT + 40:
        return ""
    said = f"{page.said if len(page.said) < 3_000 else ''} {page.text}"
    if match := phrases.REGION_TEXT.search(said):
        return f"wall|not shown in this region: {_quoted(said, match)}"
    if match := phrases.ROBOT_TEXT.search(said):
        return (
            f"wall|a check for robots stands before the article: {_quoted(said, match)}"
        )
    return ""


def _login(page: _Page) -> str:
    if page.words >= MIDDLE or (page.marked and page.words >= SHORT):
        return ""
    asks = next(
        (
            True
            for one in page.tree.iter("input")
            if (one.get("type") or "").lower() == "password"
        ),
        False,
    )
    path = bool(phrases.PATHS["login"].search(_path(page.url)))
    head = page.headed(phrases.LOGIN_TITLE)
    told = bool(phrases.LOGIN_TEXT.search(page.said[:4_000]))
    if head and (asks or path or told or page.words < SHORT // 2):
        return f"login|a login page: {head!r}"
    alone = (
        asks
        and (told or page.words < BARE // 2)
        and len(page.said) < (1_500 if told else 700)
    )
    if page.words < SHORT and not page.marked and (alone or (path and (asks or told))):
        return "login|a login page: it asks for a password"
    return ""


def _consent(page: _Page) -> str:
    if page.words >= LONG or (page.marked and page.words >= MIDDLE):
        return ""
    asked = _different(phrases.CONSENT_TEXT, page.text[:6_000])
    head = page.headed(phrases.CONSENT_TITLE)
    where = bool(
        phrases.PATHS["wall"].search(_path(page.url))
        or phrases.HOSTS.match(_host(page.url))
    )
    if (head and not page.marked) or where:
        asked += _different(phrases.CONSENT_TEXT, page.said[:6_000])
        if asked >= 1:
            return f"wall|a consent wall stands before the article{f': {head!r}' if head else ''}"
    if not page.marked and page.words < MIDDLE and len(page.said) < 2_500:
        asked = max(asked, _different(phrases.CONSENT_TEXT, page.said) - 1)
    # The more of the text speaks of consent, the less of it is an article.
    if asked >= CONSENT_LEAST + page.words // 60:
        return "wall|the text asks for consent, and is no article"
    return ""


def _different(asking: phrases.Phrases, text: str) -> int:
    return len({match[0].lower() for match in asking.matches(text)})


def _quoted(text: str, match: re.Match[str]) -> str:
    return repr(line(text[match.start() : match.start() + 80], 60))


# ---- other kinds of article


def _gallery(page: _Page) -> str:
    kinds = {one for node in page.stated.objects[:60] for one in types(node)}
    named = kinds & {"ImageGallery", "MediaGallery"}
    article = any(access.ARTICLE.search(one) for one in kinds)
    path = bool(phrases.PATHS["gallery"].search(_path(page.url)))
    if not (path or (named and not article)) or page.words >= LONG:
        return ""
    figures = sum(1 for _ in page.tree.iter("figure", "figcaption"))
    if figures >= 8 or (named and not article):
        return f"a gallery: {'it says so' if named else f'{figures} pictures and captions'} and {page.words} words"
    return ""
