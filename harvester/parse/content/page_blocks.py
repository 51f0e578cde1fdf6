"""A page cut into blocks: what stands between two breaks of the layout, with what is known of the place where it stands. Pure.

A block is a run of text in one element, between the borders of elements that break a line and ``<br>``. It is the unit that the
model judges (``model``), that a profile remembers (``profile``) and that a text is made of. Not for: which of them are the text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml.html import HtmlElement

from harvester.parse.content.families import families, of_name
from harvester.parse.html.charset import UNWANTED as _UNWANTED
from harvester.parse.html.charset import line, unstacked

BLOCKS_MOST = 12_000  # of one page; what lies behind them is not looked at
TEXT_MOST = 20_000  # characters of one block that are looked at as words; its text is kept whole
WHOLE = 2_000_000  # characters of a block
LINKS_MOST = 20_000
NAMES_MOST = 3  # of an element, in a signature
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr picture q rb rp rt ruby s samp small source"
    " span strike strong sub sup time tt u var wbr button amp-img tspan o:p".split()
)
SKIPPED = frozenset(
    "script style noscript template svg iframe select option textarea input head meta link object embed audio video canvas map area math"
    " amp-analytics amp-ad rp".split()
)
_BREAKS, _SKIP, _BREAK, _IMAGE, _WITHIN, _LINK, _STRONG = range(7)
_WHAT: dict[Any, int] = {
    **dict.fromkeys(INLINE, _WITHIN),
    **dict.fromkeys(SKIPPED, _SKIP),
    "br": _BREAK,
    "img": _IMAGE,
    "a": _LINK,
    "b": _STRONG,
    "strong": _STRONG,
}
# What an element or one of its ancestors is, as bits.
TAGS = {
    name: 1 << place
    for place, name in enumerate(
        (
            "article", "main", "section", "aside", "nav", "header", "footer", "form", "figure", "figcaption", "ul", "ol", "li", "table", "td",
            "blockquote", "dl", "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "pre", "details", "address", "label", "body-of-article",
            "hidden",
        )
    )
}  # fmt: skip
_ALIAS = {
    "th": "td",
    "dt": "dl",
    "dd": "dl",
    "h5": "h4",
    "h6": "h4",
    "tr": "table",
    "tbody": "table",
}
_TAGS = TAGS | {name: TAGS[of] for name, of in _ALIAS.items()}
_CLASS, _ID, _NAME, _ITEMPROP, _HIDES, _STYLE = range(6)
_SAYS = {  # the attributes that say what an element is
    **dict.fromkeys(
        ("role", "data-testid", "data-component", "data-type", "aria-label"), _NAME
    ),
    "class": _CLASS,
    "id": _ID,
    "itemprop": _ITEMPROP,
    "hidden": _HIDES,
    "style": _STYLE,
}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LETTER = re.compile(r"\w")
WORD = re.compile(r"\w+")
UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]"
)
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=8192)  # an outlet's pages have most places in common
def _signature(above: str, tag: str, names: str) -> str:
    # The first names say what it is; later ones often say which article it belongs to.
    named = f"{above}>{tag}.{' '.join(names.split()[:NAMES_MOST])}"
    return hashlib.blake2b(
        named.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


@dataclass(slots=True)
class Node:
    """An element that breaks lines. ``names``: its class, id and the like, digits masked; bits of ``families`` and ``TAGS``."""

    place: int
    parent: Node | None
    tag: str
    names: str
    families: int
    tags: int  # of itself and all ancestors
    depth: int
    element: HtmlElement
    end: int = 0  # the place behind all that stand in it
    path: str = ""

    @property
    def signature(self) -> str:
        """The path of tags and names from the root: what the same place is called on another page of the outlet."""
        if not self.path:
            if self.parent is None:
                self.path = (
                    self.tag
                )  # what the root is called differs from page to page
            else:
                self.path = _signature(self.parent.signature, self.tag, self.names)
        return self.path


@dataclass(slots=True)
class Block:
    """A run of text. ``linked``, ``strong``: characters of it in links, in bold; ``inner``: families of the elements inside."""

    node: Node
    text: str
    linked: int
    links: int
    strong: int
    inner: int
    run: int  # how many runs of the same element stand before it
    broken: bool  # it begins after a <br>
    row: int = 0  # place of the table's row that this is a cell of; 0: of none
    _words: list[str] | None = None
    _size: float = -1.0

    @property
    def words(self) -> list[str]:
        """Its words in lower case, without marks."""
        if self._words is None:
            self._words = WORD.findall(self.text[:TEXT_MOST].lower())
        return self._words

    @property
    def size(self) -> float:
        """How many words it has; characters where words are not spaced."""
        if self._size < 0:
            words = self.words
            spaced = self.text.isascii() or not UNSPACED.search(self.text)
            self._size = float(
                len(words)
                if spaced
                else sum(len(UNSPACED.findall(one)) or 1 for one in words)
            )
        return self._size


_APART = "\0"  # stands in no text
_ASCII = bytes(range(128))
_MARKS = bytes(
    one if one > 127 or one == 0 or WORD.match(chr(one)) else ord(" ")
    for one in range(256)
)


def spell(blocks: list[Block]) -> None:
    """Tell all blocks their words and sizes at once, which takes a third of the time."""
    joined = (
        _APART.join([block.text[:TEXT_MOST] for block in blocks])
        .lower()
        .encode("utf-8", "surrogatepass")
    )
    others = set(joined.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    words = joined.translate(_MARKS).decode("utf-8", "surrogatepass")
    for one in others:
        if WORD.match(one) is None:
            words = words.replace(one, " ")
    spaced = not any(map(UNSPACED.match, others))
    for block, text in zip(blocks, words.split(_APART), strict=True):
        block._words = found = text.split()
        if spaced:
            block._size = float(len(found))


@dataclass(slots=True)
class Page:
    """All blocks in order; links as (block, address, text), images as (block before which it stands, element, node)."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    links: list[tuple[int, str, str]] = field(default_factory=list)
    images: list[tuple[int, HtmlElement, Node]] = field(default_factory=list)
    cut: bool = False


NO_ELEMENT = HtmlElement()


def let_go(page: Page) -> None:
    """Let go of the page's tree, which is many times the size of its blocks."""
    for node in page.nodes:
        node.element = NO_ELEMENT
    page.images.clear()


def cut(tree: HtmlElement) -> Page:
    """Cut a page into its blocks."""
    return _Cutter().page(tree)


@lru_cache(maxsize=8192)
def _named(names: str) -> tuple[str, int]:
    """Names as they are the same on other pages, and their families."""
    words, found = [], 0
    for name in names.split():
        word, bits = _word(name)
        words.append(word)
        found |= bits
    return " ".join(words)[:120], found


@lru_cache(maxsize=16_384)
def _word(name: str) -> tuple[str, int]:
    return _DIGITS.sub("#", name) if _DIGITS.search(name) else name, of_name(name)


class _FullError(Exception):
    """There are as many blocks as are looked at."""


class _Cutter:
    """One walk over the tree, with the run of text that is being gathered."""

    __slots__ = (
        "_broken",
        "_inner",
        "_linked",
        "_links",
        "_parts",
        "_row",
        "_run",
        "_strong",
        "made",
    )

    def __init__(self) -> None:
        self.made = Page()
        self._parts: list[str] = []
        self._linked = self._strong = self._links = self._inner = self._run = 0
        self._row = 0
        self._broken = False

    def page(self, tree: HtmlElement) -> Page:
        root = tree if tree.tag == "body" else tree.find("body")
        root = tree if root is None else root
        node = self._node(root, None, root.tag if isinstance(root.tag, str) else "body")
        try:
            self._walk(root, node, False, False)
            self._flush(node)
        except _FullError:
            self.made.cut = True
        for one in lineage(self.made.nodes[-1]):
            one.end = one.end or len(self.made.nodes)
        return self.made

    def _node(self, element: HtmlElement, parent: Node | None, tag: str) -> Node:
        tags, shown = _TAGS.get(tag, 0), ""
        for name, value in element.items():
            says = _SAYS.get(name)
            if says is None:
                continue
            if says == _CLASS:
                shown = f"{value} {shown}"
            elif says == _ID:
                shown = f"{shown} #{value}"
            elif says <= _ITEMPROP:
                shown = f"{shown} {value}"
                if says == _ITEMPROP and "articlebody" in value.lower():
                    tags |= TAGS["body-of-article"]
            elif says == _HIDES or _HIDDEN.search(value):
                tags |= TAGS["hidden"]
        names, found = _named(shown[:300]) if shown else ("", 0)
        nodes = self.made.nodes
        if parent is None:
            made = Node(0, None, tag, names, found, tags, 0, element)
        else:
            made = Node(
                len(nodes),
                parent,
                tag,
                names,
                found,
                parent.tags | tags,
                parent.depth + 1,
                element,
            )
        nodes.append(made)
        return made

    def _walk(
        self, element: HtmlElement, node: Node, linked: bool, strong: bool
    ) -> None:
        parts = self._parts
        text = element.text
        if text and (parts or not text.isspace()):
            self._take(text, linked, strong)
        if not len(element):
            return
        what = _WHAT.get
        for child in element[
            :
        ]:  # a list: asking for one after the other takes three times as long
            tag = child.tag
            kind = what(tag, _BREAKS)
            if kind == _BREAKS:
                if parts:
                    self._flush(node)
                self._breaking(child, tag, node, linked, strong)
            elif kind == _LINK:
                self._link(child, node, strong)
            elif kind == _WITHIN:
                names = child.get("class")
                if names:
                    self._inner |= families(names[:300])
                self._walk(child, node, linked, strong)
            elif kind == _STRONG:
                self._walk(child, node, linked, True)
            elif kind == _BREAK:
                self._flush(node)
                self._broken = True
            elif kind == _IMAGE and len(self.made.images) < LINKS_MOST:
                self.made.images.append((len(self.made.blocks), child, node))
            text = child.tail
            if text and (parts or not text.isspace()):
                self._take(text, linked, strong)

    def _take(self, text: str, linked: bool, strong: bool) -> None:
        self._parts.append(text)
        if linked:
            self._linked += len(text)
        if strong:
            self._strong += len(text)

    def _link(self, child: HtmlElement, node: Node, strong: bool) -> None:
        first = len(self._parts)
        self._links += 1
        self._walk(child, node, True, strong)
        href = child.get("href")
        if href and len(self.made.links) < LINKS_MOST:
            shown = "".join(self._parts[first:])
            self.made.links.append((len(self.made.blocks), href, shown))

    def _breaking(
        self, child: HtmlElement, tag: str, node: Node, linked: bool, strong: bool
    ) -> None:
        below = self._node(child, node, tag)
        run, row = self._run, self._row
        self._run, self._broken = 0, False
        if tag == "tr":
            self._row = below.place
        elif tag not in ("td", "th"):
            self._row = 0
        self._walk(child, below, linked, strong)
        self._flush(below)
        below.end = len(self.made.nodes)
        self._run, self._row, self._broken = run + 1, row, False

    def _flush(self, node: Node) -> None:
        if self._parts:
            text = "".join(self._parts)
            self._parts.clear()
            if (
                text.isprintable() and "  " not in text
            ):  # nothing but spaces, one at a time
                text = text.strip(" ")
            else:
                text = " ".join(text.split())
                if not text.isprintable() and _UNWANTED.search(text):
                    text = line(text, WHOLE)
            if not text.isascii():
                text = unstacked(text)
            if text[:1].isalnum() or _LETTER.search(text):
                self._block(node, text)
        self._linked = self._strong = self._links = self._inner = 0
        self._broken = False

    def _block(self, node: Node, text: str) -> None:
        if len(self.made.blocks) >= BLOCKS_MOST:
            raise _FullError
        size = len(text)
        row = self._row if node.tag in ("td", "th") else 0
        linked, strong = min(self._linked, size), min(self._strong, size)
        self.made.blocks.append(
            Block(
                node,
                text,
                linked,
                self._links,
                strong,
                self._inner,
                self._run,
                self._broken,
                row,
            )
        )
        self._run += 1


def lines(blocks: list[Block]) -> list[str]:
    """The blocks as lines of text; cells of one row of a table side by side."""
    found: list[str] = []
    row = 0
    for block in blocks:
        if block.row and block.row == row:
            found[-1] = f"{found[-1]} {block.text}"
        else:
            found.append(block.text)
        row = block.row
    return found


def lineage(node: Node | None) -> Iterator[Node]:
    """The element and all around it, outermost last."""
    one: Node | None = node
    while one is not None:
        yield one
        one = one.parent
