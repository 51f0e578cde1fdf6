"""A page split into blocks of text, each with what is known of its position.

A block is a run of text in one element, between the boundaries of elements that break
a line and ``<br>``; preformatted text is one block of several lines. The model scores
blocks, a profile remembers where they were, and a text is made of them. Does not decide
which blocks are the article; see ``body``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml.html import HtmlElement

from harvester.parse.content.families import families_of_names
from harvester.parse.html.charset import (
    REMOVED_CHARS,
    clean_line,
    limit_combining_marks,
)
from harvester.parse.html.displayed import (
    MIN_PROSE_LENGTH,
    TEMPLATE_TYPES,
    DisplayRules,
    max_prose_length,
    may_hide_by_style,
    place_streamed_parts,
    prose_length,
    remove_in_place,
    show_embedded,
)
from harvester.parse.html.preformatted import (
    PREFORMATTED_TAGS,
    keeps_lines,
    preformatted_text,
)
from harvester.parse.html.style_sheets import HIDES

MAX_BLOCKS = 12_000  # of one page; what comes after them is skipped
MAX_TOKENISED_LENGTH = 20_000  # characters of one block that are split into words
MAX_BLOCK_LENGTH = 2_000_000  # characters
MAX_LINKS = 20_000
MAX_IMAGES = 20_000
MAX_SIGNATURE_NAMES = 3  # CSS names of an element in its signature
INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label"
    " mark nobr picture q rb rp rt ruby s samp small source span strike strong sub sup"
    " time tt u var wbr button amp-img tspan o:p"
    # formulas
    " math semantics maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover"
    " mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd"
    " mtext mtr munder munderover".split()
)
SKIPPED_TAGS = frozenset(
    "script style noscript template svg iframe select option textarea input head meta"
    " link object embed audio video canvas map area annotation annotation-xml"
    " amp-analytics amp-ad".split()
)
(  # the first ones have no text
    _KIND_SKIPPED,
    _KIND_IMAGE,
    _KIND_LINE_BREAK,
    _KIND_BLOCK,
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
# Bits for what an element or one of its ancestors is. Their order is part of the model.
TAG_BITS = {
    name: 1 << position
    for position, name in enumerate(
        "article main section aside nav header footer form figure figcaption ul ol li"
        " table td blockquote dl p h1 h2 h3 h4 h5 h6 a button pre details address label"
        " body-of-article hidden".split()
    )
}
HEADING_BITS = sum(TAG_BITS[f"h{level}"] for level in range(1, 7))
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
    alias: TAG_BITS[tag] for alias, tag in _TAG_ALIASES.items()
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
    "popover": _ATTR_HIDDEN,
    "style": _ATTR_STYLE,
}
_WORD_CHARACTER = re.compile(r"\w")
WORD = re.compile(r"\w+")
UNSPACED_SCRIPT = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]"
)
_DIGITS = re.compile(r"\d+")
_ASCII_DIGITS = re.compile("[0-9]+")


@lru_cache(maxsize=8192)  # an outlet's pages have most signatures in common
def _signature(parent_signature: str, tag: str, css_names: str) -> str:
    # The first names say what it is; later ones often say which article it belongs to.
    first_names = " ".join(css_names.split()[:MAX_SIGNATURE_NAMES])
    path = f"{parent_signature}>{tag}.{first_names}"
    return hashlib.blake2b(
        path.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


@dataclass(slots=True)
class Node:
    """An element that breaks lines."""

    index: int  # in document order
    parent: Node | None
    tag: str
    css_names: str  # its class, id and the like, with digits masked
    families: int  # bits of CSS_FAMILIES
    tags: int  # bits of TAG_BITS, of itself and all ancestors
    depth: int
    element: HtmlElement
    keeps_lines: bool = False  # preformatted
    end_index: int = 0  # index of the first node after its descendants
    cached_signature: str = ""

    @property
    def signature(self) -> str:
        """Hash of the path of tags and names from the root.

        The same position has the same signature on other pages of the outlet.
        """
        if not self.cached_signature:
            if self.parent is None:  # the root's names differ from page to page
                self.cached_signature = self.tag
            else:
                self.cached_signature = _signature(
                    self.parent.signature, self.tag, self.css_names
                )
        return self.cached_signature


@dataclass(slots=True)
class Block:
    """A run of text."""

    node: Node
    text: str  # on one line, unless it is preformatted
    linked_chars: int
    link_count: int
    bold_chars: int
    inner_families: int  # CSS families of the inline elements inside
    run_index: int  # position among the runs of the same element
    follows_break: bool  # begins after a <br>
    table_row: int = 0  # index of the table row that this is a cell of; 0: of none
    _words: list[str] | None = None
    _word_count: float = -1.0

    @property
    def words(self) -> list[str]:
        """Its words in lower case, without punctuation."""
        if self._words is None:
            self._words = WORD.findall(self.text[:MAX_TOKENISED_LENGTH].lower())
        return self._words

    @property
    def word_count(self) -> float:
        """Number of words; characters count as words in scripts without spaces."""
        if self._word_count < 0:
            words = self.words
            spaced = self.text.isascii() or not UNSPACED_SCRIPT.search(self.text)
            self._word_count = float(
                len(words)
                if spaced
                else sum(len(UNSPACED_SCRIPT.findall(word)) or 1 for word in words)
            )
        return self._word_count


_SEPARATOR = "\0"  # occurs in no text
_ASCII_BYTES = bytes(range(128))
_PUNCTUATION_TO_SPACE = bytes(
    code if code > 127 or code == 0 or WORD.match(chr(code)) else ord(" ")
    for code in range(256)
)


def tokenise_blocks(blocks: list[Block]) -> None:
    """Compute the words and counts of all blocks at once, in a third of the time."""
    joined = (
        _SEPARATOR.join([block.text[:MAX_TOKENISED_LENGTH] for block in blocks])
        .lower()
        .encode("utf-8", "surrogatepass")
    )
    non_ascii = set(
        joined.translate(None, _ASCII_BYTES).decode("utf-8", "surrogatepass")
    )
    spaced_text = joined.translate(_PUNCTUATION_TO_SPACE).decode(
        "utf-8", "surrogatepass"
    )
    for character in non_ascii:
        if WORD.match(character) is None:
            spaced_text = spaced_text.replace(character, " ")
    has_only_spaced_scripts = not any(map(UNSPACED_SCRIPT.match, non_ascii))
    for block, text in zip(blocks, spaced_text.split(_SEPARATOR), strict=True):
        block._words = words = text.split()
        if has_only_spaced_scripts:
            block._word_count = float(len(words))


@dataclass(slots=True)
class Page:
    """The blocks, elements, links and images of a page, in document order."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    # (index of the block that it is in, href, text)
    links: list[tuple[int, str, str]] = field(default_factory=list)
    # (index of the block after it, element, node)
    images: list[tuple[int, HtmlElement, Node]] = field(default_factory=list)
    truncated: bool = False


NO_ELEMENT = HtmlElement()


def release_tree(page: Page) -> None:
    """Drop the page's tree, which takes many times the memory of its blocks."""
    for node in page.nodes:
        node.element = NO_ELEMENT
    page.images.clear()


MIN_EMBEDDED_LENGTH = 200  # characters of prose; "enable JavaScript" has fewer
MAX_UNDISPLAYED = 5_000  # elements of a page that are measured; all others stay hidden
MAX_SPLITS = 5  # of a page of which more is displayed than it seemed


def split_into_blocks(tree: HtmlElement) -> Page:
    """Split a page into its blocks, and remove from it what no reader sees.

    Where that would take most of the text, scripts will show it, and it stays: hidden
    elements of a kind, or ``noscript``, with more prose than all that is visible.
    """
    place_streamed_parts(tree)
    rules = DisplayRules(tree)
    for _ in range(MAX_SPLITS):
        splitter = _BlockSplitter(rules)
        page = splitter.split(tree)
        visible_length = sum(
            len(block.text)
            for block in page.blocks
            if len(block.text) >= MIN_PROSE_LENGTH
        )
        shown = _find_shown(splitter.hidden, visible_length or -1)
        embedded = _find_shown(
            splitter.embedded, max(visible_length, MIN_EMBEDDED_LENGTH)
        )
        if not shown and not embedded:
            break
        rules.shown.update(shown)
        for element in embedded:
            show_embedded(element)
    for element in splitter.hidden:
        remove_in_place(element)
    return page


def _find_shown(elements: list[HtmlElement], visible_length: int) -> list[HtmlElement]:
    """Of elements that are not displayed, those of kinds that hold most of the prose.

    A kind is a tag with its class.
    """
    kinds: dict[tuple[str, str], list[HtmlElement]] = {}
    for element in elements[:MAX_UNDISPLAYED]:
        key = element.tag, element.get("class") or ""
        kinds.setdefault(key, []).append(element)
    return [
        element
        for kind in kinds.values()
        if sum(map(max_prose_length, kind)) > visible_length
        and sum(map(prose_length, kind)) > visible_length
        for element in kind
    ]


def _mask_digits(names: str) -> str:
    """Names with "#" for each number."""
    if not names.isascii():
        return _DIGITS.sub("#", names)
    # Found out in a tenth of the time that a search takes.
    if len(names.encode().translate(None, b"0123456789")) == len(names):
        return names
    return _ASCII_DIGITS.sub("#", names)


@lru_cache(maxsize=4096)
def _normalise_css_names(css_names: str) -> tuple[str, int]:
    """Names as they are the same on other pages, and their families."""
    css_names = " ".join(_mask_digits(css_names).split())
    return css_names[:120], families_of_names(css_names)


def _read_attributes(
    attributes: list[tuple[str, str]], rules: DisplayRules
) -> tuple[str, int, str, str, bool]:
    """What the attributes of an element say that it is.

    Its names, bits of TAG_BITS, class, style, and whether it may be hidden.
    """
    names = css_class = style = ""
    tags, may_be_hidden = 0, False
    for attribute, value in attributes:
        kind = _ATTRIBUTE_KINDS.get(attribute)
        if kind is None:
            continue
        if kind == _ATTR_CLASS:
            names, css_class = f"{value} {names}", value
            may_be_hidden |= rules.may_hide(value)
        elif kind == _ATTR_ID:
            names = f"{names} #{value}"
            may_be_hidden |= value in rules.hiding_ids
        elif kind <= _ATTR_ITEMPROP:
            names = f"{names} {value}"
            if kind == _ATTR_ITEMPROP and "articlebody" in value.lower():
                tags |= TAG_BITS["body-of-article"]
        elif kind == _ATTR_HIDDEN:
            may_be_hidden = True
            tags |= TAG_BITS["hidden"]
        else:
            style = value
            if may_hide_by_style(value):
                may_be_hidden = True
                if HIDES.search(value):
                    tags |= TAG_BITS["hidden"]
    return names, tags, css_class, style, may_be_hidden


# Setting the fields of a new object takes a quarter of the time of calling its class,
# until Python 3.13.
_new = object.__new__


class _BlockLimitError(Exception):
    """The page has more than ``MAX_BLOCKS`` blocks."""


class _BlockSplitter:
    """One walk over the tree, with the run of text that is being collected."""

    __slots__ = (
        "_bold_chars",
        "_facts_by_class",
        "_follows_break",
        "_inner_families",
        "_link_count",
        "_linked_chars",
        "_parts",
        "_rules",
        "_run_index",
        "_table_row",
        "embedded",
        "hidden",
        "page",
    )

    def __init__(self, rules: DisplayRules) -> None:
        self.page = Page()
        self.hidden: list[HtmlElement] = []  # the outermost ones
        self.embedded: list[HtmlElement] = []  # noscript, and templates in scripts
        self._rules = rules
        # Names, their families, and whether it may hide, by the attribute ``class``.
        self._facts_by_class: dict[str, tuple[str, int, bool]] = {}
        self._parts: list[str] = []
        self._run_index = 0
        self._table_row = 0
        self._reset_run()

    def _reset_run(self) -> None:
        self._linked_chars = self._bold_chars = self._link_count = 0
        self._inner_families = 0
        self._follows_break = False

    def split(self, tree: HtmlElement) -> Page:
        """Walk the body of the page, or all of it where there is no body."""
        body = tree if tree.tag == "body" else tree.find("body")
        root = tree if body is None else body
        tag = root.tag if isinstance(root.tag, str) else "body"
        node = self._add_node(root, None, tag)
        assert node is not None
        try:
            self._walk_inline(root, node, False, False, _KIND_BLOCK)
            self._flush(node)
        except _BlockLimitError:
            self.page.truncated = True
        for open_node in self_and_ancestors(self.page.nodes[-1]):
            open_node.end_index = open_node.end_index or len(self.page.nodes)
        return self.page

    def _add_node(
        self, element: HtmlElement, parent: Node | None, tag: str
    ) -> Node | None:
        """Add an element that breaks lines; None if it is hidden."""
        rules, css_class, style = self._rules, "", ""
        tags, css_names, families = _TAG_BITS_WITH_ALIASES.get(tag, 0), "", 0
        may_be_hidden = tag in rules.hidden_tags
        items = element.items()
        if len(items) == 1 and items[0][0] == "class":  # as half of them have it
            css_class = items[0][1]
            facts = self._facts_by_class.get(css_class)
            if facts is None:
                facts = (
                    *_normalise_css_names(css_class[:300]),
                    rules.may_hide(css_class),
                )
                self._facts_by_class[css_class] = facts
            css_names, families, is_hiding = facts
            may_be_hidden |= is_hiding
        elif items:
            names, bits, css_class, style, is_hiding = _read_attributes(items, rules)
            tags |= bits
            may_be_hidden |= is_hiding
            if names:
                css_names, families = _normalise_css_names(names[:300])
        if may_be_hidden and parent is not None and rules.hides(element, tag):
            self.hidden.append(element)
            return None
        nodes, depth, keeps = self.page.nodes, 0, False
        if parent is not None:
            tags, depth = parent.tags | tags, parent.depth + 1
            keeps = parent.keeps_lines
        if style or tag in PREFORMATTED_TAGS:
            keeps = keeps_lines(tag, style, keeps)
        if css_class and rules.keeps_any_lines and rules.keeps_lines(element):
            keeps = True
        node: Node = _new(Node)
        node.index, node.parent, node.tag = len(nodes), parent, tag
        node.css_names, node.families, node.tags = css_names, families, tags
        node.depth, node.element, node.keeps_lines = depth, element, keeps
        node.end_index, node.cached_signature = 0, ""
        nodes.append(node)
        return node

    def _walk_children(
        self, element: HtmlElement, node: Node, in_link: bool, in_bold: bool
    ) -> None:
        parts, is_plain = self._parts, not (in_link or in_bold)
        kind_of = _TAG_KINDS.get
        # A list of children: iterating over the element takes three times as long.
        for child in element[:]:
            tag = child.tag
            kind = kind_of(tag, _KIND_BLOCK)
            if kind == _KIND_BLOCK:
                inner_node = self._add_node(child, node, tag)
                if inner_node is not None:
                    if parts:
                        self._flush(node)
                    self._walk_block_element(child, inner_node, in_link, in_bold)
            elif kind <= _KIND_LINE_BREAK:
                self._walk_void(child, kind, node)
            else:
                attributes = child.items()
                if attributes and self._is_hidden_inline(child, tag, attributes):
                    self.hidden.append(child)
                elif kind == _KIND_LINK:
                    self._walk_link(child, node, in_bold)
                else:
                    if attributes and (names := child.get("class")):
                        self._inner_families |= families_of_names(names[:300])
                    self._walk_inline(child, node, in_link, in_bold, kind)
            text = child.tail
            if text and (parts or not text.isspace()):
                parts.append(text)
                if not is_plain:
                    self._count_characters(text, in_link, in_bold)

    def _walk_inline(
        self, element: HtmlElement, node: Node, in_link: bool, in_bold: bool, kind: int
    ) -> None:
        in_bold = in_bold or kind == _KIND_BOLD
        text = element.text
        if text and (self._parts or not text.isspace()):
            self._parts.append(text)
            if in_link or in_bold:
                self._count_characters(text, in_link, in_bold)
        if len(element):
            self._walk_children(element, node, in_link, in_bold)

    def _is_hidden_inline(
        self, element: HtmlElement, tag: str, attributes: list[tuple[str, str]]
    ) -> bool:
        rules = self._rules
        for name, value in attributes:
            if name == "class":
                may_be_hidden = rules.may_hide(value)
            elif name == "href":  # as most links have it
                continue
            elif name == "id":
                may_be_hidden = value in rules.hiding_ids or tag in rules.hidden_tags
            elif name == "style":
                may_be_hidden = may_hide_by_style(value) or tag in rules.hidden_tags
            else:
                may_be_hidden = name in ("hidden", "popover")
            if may_be_hidden:
                return rules.hides(element, tag)
        return False

    def _walk_void(self, element: HtmlElement, kind: int, node: Node) -> None:
        """Take account of an element without text of its own."""
        if kind == _KIND_LINE_BREAK:
            if node.keeps_lines:
                self._parts.append("\n")
            else:
                self._flush(node)
                self._follows_break = True
        elif kind == _KIND_IMAGE:
            if len(self.page.images) < MAX_IMAGES:
                self.page.images.append((len(self.page.blocks), element, node))
        elif element.tag == "noscript" or element.get("type") in TEMPLATE_TYPES:
            self.embedded.append(element)

    def _count_characters(self, text: str, in_link: bool, in_bold: bool) -> None:
        if in_link:
            self._linked_chars += len(text)
        if in_bold:
            self._bold_chars += len(text)

    def _walk_link(self, link: HtmlElement, node: Node, in_bold: bool) -> None:
        parts = self._parts
        first_part = len(parts)
        self._link_count += 1
        text = link.text
        if text and (parts or not text.isspace()):
            parts.append(text)
            self._count_characters(text, True, in_bold)
        if len(link):
            self._walk_children(link, node, True, in_bold)
        href = link.get("href")
        if href and len(self.page.links) < MAX_LINKS:
            text = "".join(parts[first_part:])
            self.page.links.append((len(self.page.blocks), href, text))

    def _walk_block_element(
        self, element: HtmlElement, node: Node, in_link: bool, in_bold: bool
    ) -> None:
        """Walk an element that breaks lines; the run before it has ended."""
        parts, tag = self._parts, node.tag
        outer_run, outer_row = self._run_index, self._table_row
        self._run_index = 0
        self._follows_break = False
        if tag == "tr":
            self._table_row = node.index
        elif outer_row and tag not in ("td", "th"):
            self._table_row = 0
        text = element.text
        if text and not text.isspace():
            parts.append(text)
            if in_link or in_bold:
                self._count_characters(text, in_link, in_bold)
        if len(element):
            self._walk_children(element, node, in_link, in_bold)
        if parts:
            self._flush(node)
        else:
            self._reset_run()
        node.end_index = len(self.page.nodes)
        self._run_index = outer_run + 1
        self._table_row = outer_row

    def _flush(self, node: Node) -> None:
        """End the run of text, and add it as a block if it has any word."""
        if self._parts:
            text = "".join(self._parts)
            self._parts.clear()
            if node.keeps_lines:
                text = preformatted_text(text, MAX_BLOCK_LENGTH)
            elif text.isprintable() and "  " not in text:  # single spaces only
                text = text.strip(" ")
            else:
                text = " ".join(text.split())
                if not text.isprintable() and REMOVED_CHARS.search(text):
                    text = clean_line(text, MAX_BLOCK_LENGTH)
            if not text.isascii():
                text = limit_combining_marks(text)
            if text[:1].isalnum() or _WORD_CHARACTER.search(text):
                self._add_block(node, text)
        self._reset_run()

    def _add_block(self, node: Node, text: str) -> None:
        if len(self.page.blocks) >= MAX_BLOCKS:
            raise _BlockLimitError
        length = len(text)
        block: Block = _new(Block)
        block.node, block.text = node, text
        block.linked_chars = min(self._linked_chars, length)
        block.link_count = self._link_count
        block.bold_chars = min(self._bold_chars, length)
        block.inner_families = self._inner_families
        block.run_index, block.follows_break = self._run_index, self._follows_break
        block.table_row = self._table_row if node.tag in ("td", "th") else 0
        block._words, block._word_count = None, -1.0
        self.page.blocks.append(block)
        self._run_index += 1


def block_lines(blocks: list[Block]) -> list[str]:
    """The blocks as lines of text; the cells of a table row are one line.

    A preformatted block has several.
    """
    return block_line_numbers(blocks)[0]


def block_line_numbers(blocks: list[Block]) -> tuple[list[str], list[int]]:
    """The blocks as lines of text, and for each block the index of its last line."""
    lines: list[str] = []
    numbers: list[int] = []
    row = 0
    for block in blocks:
        if block.table_row and block.table_row == row:
            lines[-1] = f"{lines[-1]} {block.text}"
        else:
            lines.extend(block.text.split("\n"))
        numbers.append(len(lines) - 1)
        row = block.table_row
    return lines, numbers


def self_and_ancestors(node: Node | None) -> Iterator[Node]:
    """The node and its ancestors, the root last."""
    current: Node | None = node
    while current is not None:
        yield current
        current = current.parent
