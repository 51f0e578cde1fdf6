"""An article page: its text and what it says of itself. Pure: the same bytes and rules give the same extract, always.

*Text* is paragraphs, headings, list items and quotations as lines joined by ``\\n``; without the title, byline, date line,
captions, sign-off, or a closing line that is only the author's name. trafilatura finds where the text stands, never with
``deduplicate``: that is state of the process. Not for: what is equal (``identity``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Extract, Rules
from harvester.parse import kind, live, metadata
from harvester.parse import rules as outlet_rules
from harvester.parse.lines import without_frame
from harvester.parse.paging import next_page
from harvester.parse.people import authors
from harvester.parse.text import decode, line
from harvester.parse.tree import tree_of

RULES_VERSION = 2  # of our own part: raised whenever the same bytes may read differently
EXTRACTOR = f"trafilatura {version('trafilatura')}, htmldate {version('htmldate')}, harvester {RULES_VERSION}"
TEXT_MOST = 2_000_000  # characters
LEAST = 50  # characters: what the fallback finds below that is no text
LEAST_FOUND = 10  # characters: what trafilatura finds below that is none
FIELDS = ("url", "title", "authors", "published", "modified", "language", "sections", "tags", "image", "description")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what cannot be read is an outcome, told by us
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_article(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    at: str,
    known: tuple[str, ...] = (),
    first: str = "",
) -> Extract:
    """Read a page. ``url`` is where it was reached, ``at`` when it was received. Never raises for bad input.

    ``known``: fields that the feed states; what the page does not state of them is not guessed from its text.
    ``first``: where the article begins, where this is another of its pages.
    """
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    robots = _robots_header(headers)
    if re.match(r"\s*(?:image|audio|video|font)/|\s*application/(?:pdf|zip|octet-stream|gzip|json)\b", content_type):
        if body.lstrip()[:1] != b"<":
            return _nothing(f"no page: {content_type.partition(';')[0].strip()}", robots)
    tree = tree_of(decode(body, content_type))
    if tree is None:
        return _nothing("no page: nothing that reads as HTML", robots)
    following = next_page(tree, url, first)
    rules = outlet_rules.in_force(rules, at)
    given = outlet_rules.fields(tree, rules)
    _prune(tree, rules)
    stated = metadata.read(tree, url, at)
    outlet_rules.choose(given, stated, at)
    found = stated.values
    holding = outlet_rules.text_of(tree, rules)
    text, names = _text(tree, found.get("title", ""), found.get("authors", ()), holding)
    if "authors" not in found and names:
        stated.offer("authors", authors(names), "text")
    metadata.complete(tree, stated, text, rules, url, at, known)
    judged = kind.judge(tree, stated, url, text)
    dated = live.parts(tree, stated.objects, text.split("\n"), at) if judged.kind == "live" else ()
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
        | ({"text": "rule" if holding else "page"} if text else {}),
        extractor=EXTRACTOR,
        aliases=found.get("aliases", ()),
        robots=tuple(sorted({*robots, *found.get("robots", ())})),
        error="" if text else "no text found",
        caption=found.get("caption", ""),
        statements=stated.statements,
        next_page=following,
        kind=judged.kind,
        access=judged.access,
        why=judged.why,
        parts=dated,
    )


def read_content(html: str, url: str, title: str, rules: Rules, at: str) -> Extract:
    """The full text of a feed's entry, which is an article's body and nothing else."""
    tree = tree_of(f"<html><body>{html}</body></html>")
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
    outlet_rules.prune(tree, rules)


# ---- the text


def _text(tree: HtmlElement, title: str, people: tuple[str, ...], holding: list[HtmlElement]) -> tuple[str, list[str]]:
    """The text, and names that stand in it as a byline or signature. ``holding``: what the outlet's rules say holds it."""
    from trafilatura import bare_extraction, baseline

    byline = [name for one in tree.xpath("//a[@rel='author']")[:5] if (name := line(one.text_content(), 100))]
    names = [*people, *byline]
    if holding:
        return "\n".join(without_frame([one for part in holding for one in _lines(part)], title, names)), byline
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
