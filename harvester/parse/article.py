"""An article page: its text and what it says of itself. Pure: the same bytes and rules give the same extract, always.

*Text* is paragraphs, headings, list items and quotations as lines joined by ``\\n``; without the title, byline, date line,
captions, sign-off, or a closing line that is only the author's name. trafilatura finds where the text stands, never with
``deduplicate``: that is state of the process. Not for: what is equal (``identity``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from harvester.model import Extract, Rules
from harvester.parse import metadata
from harvester.parse.lines import without_frame
from harvester.parse.people import authors
from harvester.parse.text import decode, line

RULES_VERSION = 1  # of our own part: raised whenever the same bytes may read differently
EXTRACTOR = f"trafilatura {version('trafilatura')}, htmldate {version('htmldate')}, harvester {RULES_VERSION}"
TEXT_MOST = 2_000_000  # characters
LEAST = 50  # characters: what the fallback finds below that is no text
LEAST_FOUND = 10  # characters: what trafilatura finds below that is none
FIELDS = ("url", "title", "authors", "published", "modified", "language", "sections", "tags", "image", "description")
CUT_OFF = 2_000  # the parser itself keeps nothing deeper than 2,048
DEPTH_MOST = 200  # lxml and trafilatura lose what is nested deeper than about 250

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what cannot be read is an outcome, told by us
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_article(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    at: str,
    known: tuple[str, ...] = (),
) -> Extract:
    """Read a page. ``url`` is where it was reached, ``at`` when it was received. Never raises for bad input.

    ``known``: fields that the feed states; what the page does not state of them is not guessed from its text.
    """
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    robots = _robots_header(headers)
    if re.match(r"\s*(?:image|audio|video|font)/|\s*application/(?:pdf|zip|octet-stream|gzip|json)\b", content_type):
        if body.lstrip()[:1] != b"<":
            return _nothing(f"no page: {content_type.partition(';')[0].strip()}", robots)
    tree = _tree(decode(body, content_type))
    if tree is None:
        return _nothing("no page: nothing that reads as HTML", robots)
    _prune(tree, rules)
    stated = metadata.read(tree, url, at)
    found = stated.values
    text, names = _text(tree, found.get("title", ""), found.get("authors", ()))
    if "authors" not in found and names:
        stated.offer("authors", authors(names), "text")
    _more(tree, stated, text, rules, url, at, known)
    return Extract(
        url=found.get("url", ""),
        title=line(found.get("title", "")),
        authors=found.get("authors", ()),
        published=found.get("published"),
        published_local=found.get("published_local"),
        modified=found.get("modified"),
        modified_local=found.get("modified_local"),
        language=found.get("language", ""),
        sections=found.get("sections", ()),
        tags=found.get("tags", ()),
        image=found.get("image", ""),
        description=found.get("description", ""),
        text=text[:TEXT_MOST],
        sources={name: stated.sources[name] for name in FIELDS if stated.sources.get(name)}
        | ({"text": "page"} if text else {}),
        extractor=EXTRACTOR,
        aliases=found.get("aliases", ()),
        robots=tuple(sorted({*robots, *found.get("robots", ())})),
        error="" if text else "no text found",
    )


def read_content(html: str, url: str, title: str, rules: Rules, at: str) -> Extract:
    """The full text of a feed's entry, which is an article's body and nothing else."""
    tree = _tree(f"<html><body>{html}</body></html>")
    text = ""
    if tree is not None:
        _prune(tree, rules)
        lines = [one for one in _lines(tree) if not _APPEARED_FIRST.search(one)]
        text = "\n".join(without_frame(lines, title, ()))
    return Extract(
        url="", title=line(title), authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text=text[:TEXT_MOST], sources={"text": "feed"},
        extractor=EXTRACTOR,
    )  # fmt: skip


_APPEARED_FIRST = re.compile(
    r"^(?:The post .* (?:appeared first|first appeared) on |L[’']article .* est apparu en premier sur |Cet article .* est apparu en premier sur )",
    re.IGNORECASE,
)


def _nothing(error: str, robots: tuple[str, ...]) -> Extract:
    return Extract(
        url="", title="", authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text="", sources={}, extractor=EXTRACTOR,
        robots=robots, error=error,
    )  # fmt: skip


def _robots_header(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    words = [
        word.strip().lower() for name, value in headers if name.lower() == "x-robots-tag" for word in value.split(",")
    ]
    return tuple(sorted({word[:60] for word in words if word}))[:20]


# ---- the tree


def _tree(text: str) -> HtmlElement | None:
    text = text.replace("\0", "")  # where lxml would stop; other control characters go from what is kept
    text = re.sub(r"^\s*<\?xml[^>]*>", "", text)
    if not text.strip() or "<" not in text:
        return None
    tree = _parsed(text)
    if tree is not None and _TOO_DEEP(tree) and _flatten(tree) >= CUT_OFF:
        tree = _parsed(_WRAPPER.sub("", text))  # the parser gave up: what lay deeper is not in the tree
    return tree


def _parsed(text: str) -> HtmlElement | None:
    parser = HTMLParser(collect_ids=False, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return document_fromstring(text, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (DEPTH_MOST + 1)) + ")")
_TELLING = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "br", "a", "blockquote", "pre", "script", "style", "time", "img")
)
_WRAPPER = re.compile(
    r"</?(?:div|span|section|font|b|i|em|strong|center|table|tbody|tr|td|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE
)


def _flatten(tree: HtmlElement) -> int:
    """Take the wrappers out of what is nested deeper than anything can read, then all that is. How deep it was."""
    deepest = 0
    for most, kept in ((DEPTH_MOST - 20, _TELLING), (DEPTH_MOST, frozenset(("script", "style")))):
        depth, deep = 0, []
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            depth += 1 if event == "start" else -1
            deepest = max(deepest, depth)
            if event == "start" and depth > most and element.tag not in kept:
                deep.append(element)
        for element in deep:  # outer ones first: each has few children of its own
            element.drop_tag()
    return deepest


_CAPTIONS = etree.XPath(
    "//figcaption | //*[contains(@class, 'wp-caption-text') or contains(@class, 'image-caption') or contains(@class, 'photo-caption')]"
)


GALLERY_LEAST = 1_500  # characters


def _prune(tree: HtmlElement, rules: Rules) -> None:
    captions = [one for one in _CAPTIONS(tree) if one.getparent() is not None]
    told = sum(len(one.text_content()) for one in captions)
    # In a gallery the captions are the text.
    if told < GALLERY_LEAST or told < sum(len(one.text_content()) for one in tree.iter("p")):
        for element in captions:
            element.drop_tree()
    for selector in rules.remove:
        for element in _selector(selector)(tree):
            if element.getparent() is not None:
                element.drop_tree()


@cache
def _selector(text: str) -> Any:
    from lxml.cssselect import CSSSelector

    return CSSSelector(text, translator="html")


# ---- the text


def _text(tree: HtmlElement, title: str, people: tuple[str, ...]) -> tuple[str, list[str]]:
    """The text, and names that stand in it as a byline or signature."""
    from trafilatura import bare_extraction, baseline

    byline = [name for one in tree.xpath("//a[@rel='author']")[:5] if (name := line(one.text_content(), 100))]
    names = [*people, *byline]
    found = bare_extraction(tree, include_comments=False, with_metadata=False)
    body = getattr(found, "body", None)
    lines = list(_lines(body)) if body is not None else []
    if sum(map(len, lines)) < LEAST_FOUND:
        lines = []
    lines = without_frame(lines, title, names)
    if not lines:
        body, _, length = baseline(etree.tostring(tree, encoding="unicode", method="html"))
        lines = without_frame(list(_lines(body)), title, names) if length >= LEAST else []
    return "\n".join(lines), byline


_BLOCKS = {"p", "head", "item", "quote", "list", "table", "row", "div", "code", "ab", "body", "main", "blockquote", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "figure", "pre", "dl", "dt", "dd", "tr", "tbody", "html", "hr", "header", "footer", "aside"}  # fmt: skip
_SKIPPED = {
    "script",
    "style",
    "graphic",
    "head-title",
    "iframe",
    "noscript",
    "svg",
    "form",
    "button",
    "title",
    "meta",
    "link",
}


def _lines(body: Any) -> Iterator[str]:
    """The blocks of a body, each on a line; a row of a table is one, its cells side by side."""
    words: list[str] = []

    def flush() -> Iterator[str]:
        text = line("".join(words), TEXT_MOST)
        words.clear()
        if text:
            yield text

    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCKS or tag in ("lb", "br"):  # people end paragraphs with either
                yield from flush()
            if tag in _SKIPPED:
                walk.skip_subtree()
                continue
            if tag in ("cell", "td", "th") and words:
                words.append(" ")
            if element.text:
                words.append(element.text)
            continue
        if tag in _BLOCKS:
            yield from flush()
        if element.tail and element is not body:
            words.append(element.tail)
    yield from flush()


# ---- what is dear, and only asked for where nothing else says it


def _more(
    tree: HtmlElement, stated: metadata.Stated, text: str, rules: Rules, url: str, at: str, known: tuple[str, ...]
) -> None:
    found = stated.values
    if "published" not in found and "published" not in known:
        from htmldate import find_date

        try:
            day = find_date(tree, url=url or None, original_date=True, extensive_search=bool(text), max_date=at[:10])
        except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
            day = None
        if day and not day.endswith("-01-01"):  # made of nothing but a year
            stated.offer("published", day, "text")
            stated.offer("published_local", day, "text")
            stated.sources.pop("published_local", None)
    if "authors" not in found and "authors" not in known and text:
        from trafilatura.metadata import extract_author

        name = extract_author(tree)
        stated.offer("authors", authors(name.split(";")) if name else (), "text")
        stated.offer("authors", found.get("house"), stated.sources.get("house", ""))
    stated.offer("language", rules.language, "settings")
    if "language" not in found and len(text) >= 100:
        stated.offer("language", _guess_language(text), "text")


def _guess_language(text: str) -> str:
    import py3langid

    return str(py3langid.classify(text[:5_000])[0])
