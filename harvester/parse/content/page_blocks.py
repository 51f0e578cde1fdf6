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

from harvester.parse.content.families import families_of_name, families_of_names
from harvester.parse.html.charset import REMOVED_CHARS as _UNWANTED
from harvester.parse.html.charset import clean_line, limit_combining_marks

MAX_BLOCKS = 12_000  # of one page; what lies behind them is not looked at
MAX_TOKENISED_LENGTH = 20_000  # characters of one block that are looked at as words; its text is kept whole
MAX_BLOCK_LENGTH = 2_000_000  # characters of a block
MAX_LINKS = 20_000
MAX_SIGNATURE_NAMES = 3  # of an element, in a signature
INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr picture q rb rp rt ruby s samp small source"
    " span strike strong sub sup time tt u var wbr button amp-img tspan o:p".split()
)
SKIPPED_TAGS = frozenset(
    "script style noscript template svg iframe select option textarea input head meta link object embed audio video canvas map area math"
    " amp-analytics amp-ad rp".split()
)
(
    _KIND_BLOCK,
    _KIND_SKIPPED,
    _KIND_LINE_BREAK,
    _KIND_IMAGE,
    _KIND_INLINE,
    _KIND_LINK,
    _KIND_BOLD,
) = range(7)
_TAG_KINDS: dict[Any, int] = {
    **dict.fromkeys(INLINE_TAGS, _KIND_INLINE),
    **dict.fromkeys(SKIPPED_TAGS, _KIND_SKIPPED),
    "br": _KIND_LINE_BREAK,
    "img": _KIND_IMAGE,
    "a": _KIND_LINK,
    "b": _KIND_BOLD,
    "strong": _KIND_BOLD,
}
# What an element or one of its ancestors is, as bits.
TAG_BITS = {
    name: 1 << place
    for place, name in enumerate(
        (
            "article", "main", "section", "aside", "nav", "header", "footer", "form", "figure", "figcaption", "ul", "ol", "li", "table", "td",
            "blockquote", "dl", "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "pre", "details", "address", "label", "body-of-article",
            "hidden",
        )
    )
}  # fmt: skip
_TAG_ALIASES = {
    "th": "td",
    "dt": "dl",
    "dd": "dl",
    "h5": "h4",
    "h6": "h4",
    "tr": "table",
    "tbody": "table",
}
_TAG_BITS_WITH_ALIASES = TAG_BITS | {
    name: TAG_BITS[of] for name, of in _TAG_ALIASES.items()
}
_ATTR_CLASS, _ATTR_ID, _ATTR_NAME, _ATTR_ITEMPROP, _ATTR_HIDDEN, _ATTR_STYLE = range(6)
_ATTRIBUTE_KINDS = {  # the attributes that say what an element is
    **dict.fromkeys(
        ("role", "data-testid", "data-component", "data-type", "aria-label"), _ATTR_NAME
    ),
    "class": _ATTR_CLASS,
    "id": _ATTR_ID,
    "itemprop": _ATTR_ITEMPROP,
    "hidden": _ATTR_HIDDEN,
    "style": _ATTR_STYLE,
}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WORD_CHARACTER = re.compile(r"\w")
WORD = re.compile(r"\w+")
UNSPACED_SCRIPT = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]"
)
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=8192)  # an outlet's pages have most places in common
def _signature(parent_signature: str, tag: str, css_names: str) -> str:
    # The first names say what it is; later ones often say which article it belongs to.
    named = (
        f"{parent_signature}>{tag}.{' '.join(css_names.split()[:MAX_SIGNATURE_NAMES])}"
    )
    return hashlib.blake2b(
        named.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


@dataclass(slots=True)
class Node:
    """An element that breaks lines. ``names``: its class, id and the like, digits masked; bits of ``families`` and ``TAGS``."""

    index: int
    parent: Node | None
    tag: str
    css_names: str
    families: int
    tags: int  # of itself and all ancestors
    depth: int
    element: HtmlElement
    end_index: int = 0  # the place behind all that stand in it
    cached_signature: str = ""

    @property
    def signature(self) -> str:
        """The path of tags and names from the root: what the same place is called on another page of the outlet."""
        if not self.cached_signature:
            if self.parent is None:
                self.cached_signature = (
                    self.tag
                )  # what the root is called differs from page to page
            else:
                self.cached_signature = _signature(
                    self.parent.signature, self.tag, self.css_names
                )
        return self.cached_signature


@dataclass(slots=True)
class Block:
    """A run of text. ``linked``, ``strong``: characters of it in links, in bold; ``inner``: families of the elements inside."""

    node: Node
    text: str
    linked_chars: int
    link_count: int
    bold_chars: int
    inner_families: int
    run_index: int  # how many runs of the same element stand before it
    follows_break: bool  # it begins after a <br>
    table_row: int = 0  # place of the table's row that this is a cell of; 0: of none
    _words: list[str] | None = None
    _word_count: float = -1.0

    @property
    def words(self) -> list[str]:
        """Its words in lower case, without marks."""
        if self._words is None:
            self._words = WORD.findall(self.text[:MAX_TOKENISED_LENGTH].lower())
        return self._words

    @property
    def word_count(self) -> float:
        """How many words it has; characters where words are not spaced."""
        if self._word_count < 0:
            words = self.words
            spaced = self.text.isascii() or not UNSPACED_SCRIPT.search(self.text)
            self._word_count = float(
                len(words)
                if spaced
                else sum(len(UNSPACED_SCRIPT.findall(one)) or 1 for one in words)
            )
        return self._word_count


_SEPARATOR = "\0"  # stands in no text
_ASCII_BYTES = bytes(range(128))
_PUNCTUATION_TO_SPACE = bytes(
    one if one > 127 or one == 0 or WORD.match(chr(one)) else ord(" ")
    for one in range(256)
)


def tokenise_blocks(blocks: list[Block]) -> None:
    """Tell all blocks their words and sizes at once, which takes a third of the time."""
    joined = (
        _SEPARATOR.join([block.text[:MAX_TOKENISED_LENGTH] for block in blocks])
        .lower()
        .encode("utf-8", "surrogatepass")
    )
    others = set(joined.translate(None, _ASCII_BYTES).decode("utf-8", "surrogatepass"))
    words = joined.translate(_PUNCTUATION_TO_SPACE).decode("utf-8", "surrogatepass")
    for one in others:
        if WORD.match(one) is None:
            words = words.replace(one, " ")
    spaced = not any(map(UNSPACED_SCRIPT.match, others))
    for block, text in zip(blocks, words.split(_SEPARATOR), strict=True):
        block._words = found = text.split()
        if spaced:
            block._word_count = float(len(found))


@dataclass(slots=True)
class Page:
    """All blocks in order; links as (block, address, text), images as (block before which it stands, element, node)."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    links: list[tuple[int, str, str]] = field(default_factory=list)
    images: list[tuple[int, HtmlElement, Node]] = field(default_factory=list)
    truncated: bool = False


NO_ELEMENT = HtmlElement()


def release_tree(page: Page) -> None:
    """Let go of the page's tree, which is many times the size of its blocks."""
    for node in page.nodes:
        node.element = NO_ELEMENT
    page.images.clear()


def split_into_blocks(tree: HtmlElement) -> Page:
    """Cut a page into its blocks."""
    return _BlockSplitter().split(tree)


@lru_cache(maxsize=8192)
def _normalise_css_names(css_names: str) -> tuple[str, int]:
    """Names as they are the same on other pages, and their families."""
    words, found = [], 0
    for name in css_names.split():
        word, bits = _normalise_css_name(name)
        words.append(word)
        found |= bits
    return " ".join(words)[:120], found


@lru_cache(maxsize=16_384)
def _normalise_css_name(name: str) -> tuple[str, int]:
    return _DIGITS.sub("#", name) if _DIGITS.search(name) else name, families_of_name(
        name
    )


class _BlockLimitError(Exception):
    """There are as many blocks as are looked at."""


class _BlockSplitter:
    """One walk over the tree, with the run of text that is being gathered."""

    __slots__ = (
        "_follows_break",
        "_inner_families",
        "_linked_chars",
        "_link_count",
        "_parts",
        "_table_row",
        "_run_index",
        "_bold_chars",
        "page",
    )

    def __init__(self) -> None:
        self.page = Page()
        self._parts: list[str] = []
        self._linked_chars = self._bold_chars = self._link_count = (
            self._inner_families
        ) = self._run_index = 0
        self._table_row = 0
        self._follows_break = False

    def split(self, tree: HtmlElement) -> Page:
        root = tree if tree.tag == "body" else tree.find("body")
        root = tree if root is None else root
        node = self._add_node(
            root, None, root.tag if isinstance(root.tag, str) else "body"
        )
        try:
            self._walk(root, node, False, False)
            self._flush(node)
        except _BlockLimitError:
            self.page.truncated = True
        for one in self_and_ancestors(self.page.nodes[-1]):
            one.end_index = one.end_index or len(self.page.nodes)
        return self.page

    def _add_node(self, element: HtmlElement, parent: Node | None, tag: str) -> Node:
        tags, shown = _TAG_BITS_WITH_ALIASES.get(tag, 0), ""
        for name, value in element.items():
            says = _ATTRIBUTE_KINDS.get(name)
            if says is None:
                continue
            if says == _ATTR_CLASS:
                shown = f"{value} {shown}"
            elif says == _ATTR_ID:
                shown = f"{shown} #{value}"
            elif says <= _ATTR_ITEMPROP:
                shown = f"{shown} {value}"
                if says == _ATTR_ITEMPROP and "articlebody" in value.lower():
                    tags |= TAG_BITS["body-of-article"]
            elif says == _ATTR_HIDDEN or _HIDDEN_STYLE.search(value):
                tags |= TAG_BITS["hidden"]
        names, found = _normalise_css_names(shown[:300]) if shown else ("", 0)
        nodes = self.page.nodes
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
        self, element: HtmlElement, node: Node, in_link: bool, in_bold: bool
    ) -> None:
        parts = self._parts
        text = element.text
        if text and (parts or not text.isspace()):
            self._append_text(text, in_link, in_bold)
        if not len(element):
            return
        what = _TAG_KINDS.get
        for child in element[
            :
        ]:  # a list: asking for one after the other takes three times as long
            tag = child.tag
            kind = what(tag, _KIND_BLOCK)
            if kind == _KIND_BLOCK:
                if parts:
                    self._flush(node)
                self._walk_block_element(child, tag, node, in_link, in_bold)
            elif kind == _KIND_LINK:
                self._walk_link(child, node, in_bold)
            elif kind == _KIND_INLINE:
                names = child.get("class")
                if names:
                    self._inner_families |= families_of_names(names[:300])
                self._walk(child, node, in_link, in_bold)
            elif kind == _KIND_BOLD:
                self._walk(child, node, in_link, True)
            elif kind == _KIND_LINE_BREAK:
                self._flush(node)
                self._follows_break = True
            elif kind == _KIND_IMAGE and len(self.page.images) < MAX_LINKS:
                self.page.images.append((len(self.page.blocks), child, node))
            text = child.tail
            if text and (parts or not text.isspace()):
                self._append_text(text, in_link, in_bold)

    def _append_text(self, text: str, in_link: bool, in_bold: bool) -> None:
        self._parts.append(text)
        if in_link:
            self._linked_chars += len(text)
        if in_bold:
            self._bold_chars += len(text)

    def _walk_link(self, child: HtmlElement, node: Node, in_bold: bool) -> None:
        first = len(self._parts)
        self._link_count += 1
        self._walk(child, node, True, in_bold)
        href = child.get("href")
        if href and len(self.page.links) < MAX_LINKS:
            shown = "".join(self._parts[first:])
            self.page.links.append((len(self.page.blocks), href, shown))

    def _walk_block_element(
        self, child: HtmlElement, tag: str, node: Node, in_link: bool, in_bold: bool
    ) -> None:
        below = self._add_node(child, node, tag)
        run, row = self._run_index, self._table_row
        self._run_index, self._follows_break = 0, False
        if tag == "tr":
            self._table_row = below.index
        elif tag not in ("td", "th"):
            self._table_row = 0
        self._walk(child, below, in_link, in_bold)
        self._flush(below)
        below.end_index = len(self.page.nodes)
        self._run_index, self._table_row, self._follows_break = run + 1, row, False

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
                    text = clean_line(text, MAX_BLOCK_LENGTH)
            if not text.isascii():
                text = limit_combining_marks(text)
            if text[:1].isalnum() or _WORD_CHARACTER.search(text):
                self._add_block(node, text)
        self._linked_chars = self._bold_chars = self._link_count = (
            self._inner_families
        ) = 0
        self._follows_break = False

    def _add_block(self, node: Node, text: str) -> None:
        if len(self.page.blocks) >= MAX_BLOCKS:
            raise _BlockLimitError
        size = len(text)
        row = self._table_row if node.tag in ("td", "th") else 0
        linked, strong = min(self._linked_chars, size), min(self._bold_chars, size)
        self.page.blocks.append(
            Block(
                node,
                text,
                linked,
                self._link_count,
                strong,
                self._inner_families,
                self._run_index,
                self._follows_break,
                row,
            )
        )
        self._run_index += 1


def block_lines(blocks: list[Block]) -> list[str]:
    """The blocks as lines of text; cells of one row of a table side by side."""
    found: list[str] = []
    row = 0
    for block in blocks:
        if block.table_row and block.table_row == row:
            found[-1] = f"{found[-1]} {block.text}"
        else:
            found.append(block.text)
        row = block.table_row
    return found


def self_and_ancestors(node: Node | None) -> Iterator[Node]:
    """The element and all around it, outermost last."""
    one: Node | None = node
    while one is not None:
        yield one
        one = one.parent
