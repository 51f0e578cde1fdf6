"""Boilerplate between an article's paragraphs, and lines left out with some doubt.

Boxes of advertisements, newsletters and related articles, and lines that are only a
link, change from visit to visit. They are kept in the text where they look like
paragraphs; an extract names them, so that changes in them make no edit. It also names
the lines that it left out with some doubt: a line that is in the text at one visit and
not at the next may be on both pages. Lines that are recognised by their words are in
``identity.boilerplate``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from harvester.parse.content.body import MainContent
from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import Block, Node, self_and_ancestors

Vector = Any  # numpy.ndarray

MAX_BOX_WORDS = 60  # of the text in a box; a larger one may hold the article itself
MAX_BOX_SHARE = 0.2  # of the text
MAX_BOX_LEVELS = 5  # elements around a block that are checked
MIN_LINKED_SHARE = 0.9  # of the characters of a block that is only a link
MAX_LINK_WORDS = 30  # of a block that is only a link
# Of the text: with more, the article consists of links, and only links between
# paragraphs of so many words are boilerplate.
MAX_LINK_SHARE = 0.3
MIN_PROSE_WORDS = 15
_BOILERPLATE_FAMILIES = ("advert", "related", "subscribe", "share", "consent")
_CONTENT_FAMILIES = ("content", "body", "lead", "title", "quote", "caption")
_BOILERPLATE_BITS = sum(1 << CSS_FAMILIES.index(name) for name in _BOILERPLATE_FAMILIES)
_CONTENT_BITS = sum(1 << CSS_FAMILIES.index(name) for name in _CONTENT_FAMILIES)

MIN_CANDIDATE_SCORE = 0.03  # a block with a lower score does not come and go
# Where the whole selection is uncertain, another may replace it, and blocks near the
# text come with it.
MAX_UNCERTAINTY = 0.05
NEARBY_BLOCKS = 12  # before and after the text
MAX_OMITTED_LINES = 300


def omitted_line_hashes(content: MainContent, text: str) -> tuple[str, ...]:
    """Hashes of the blocks that are not in the text and might be, in their order.

    A line of the text that the page has more often is one of them. Each has 8
    hexadecimal digits of SHA-256.
    """
    blocks, line_counts = content.page.blocks, Counter(text.split("\n"))
    lines = line_counts.keys()
    might_be = np.array(content.scores >= MIN_CANDIDATE_SCORE)
    if content.uncertainty > MAX_UNCERTAINTY or content.method == "profile":
        in_text = [
            index for index, block in enumerate(blocks) if _is_among(block, lines)
        ] or [0]
        might_be[max(0, in_text[0] - NEARBY_BLOCKS) : in_text[-1] + NEARBY_BLOCKS] = (
            True
        )
    candidates = (
        line
        for index in np.flatnonzero(might_be).tolist()
        for line in blocks[index].text.split("\n")
    )
    block_counts: Counter[str] = Counter()
    omitted: dict[str, None] = {}
    for line in candidates:
        block_counts[line] += 1
        if block_counts[line] > line_counts[line]:
            omitted[line] = None
    hashes = map(_line_hash, list(omitted)[:MAX_OMITTED_LINES])
    return tuple(dict.fromkeys(hashes))


def _line_hash(line: str) -> str:
    """Hash of a line's letters and digits, whatever its typography.

    ``identity.significant_lines`` makes the same hash.
    """
    text = line if line.isascii() else unicodedata.normalize("NFKC", line)
    letters = "".join(re.findall(r"\w+", text.lower()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def boilerplate_lines(blocks: Sequence[Block], text: str) -> tuple[str, ...]:
    """The lines of the text that are boilerplate, in order."""
    lines = set(text.split("\n"))
    in_text = np.array([_is_among(block, lines) for block in blocks], dtype=bool)
    indices = np.flatnonzero(_find_boilerplate(blocks, in_text)).tolist()
    return tuple(
        dict.fromkeys(
            line for index in indices for line in blocks[index].text.split("\n")
        )
    )


def _is_among(block: Block, lines: Container[str]) -> bool:
    """Whether a block, or the first line of a preformatted one, is one of the lines."""
    text = block.text
    return (text.partition("\n")[0] if "\n" in text else text) in lines


def _find_boilerplate(blocks: Sequence[Block], selected: Vector) -> Vector:
    """Which of the selected blocks are boilerplate, as an array of bools."""
    is_boilerplate = np.zeros(len(blocks), dtype=bool)
    indices = np.flatnonzero(selected).tolist()
    total = _total_words(blocks, indices)
    links = [index for index in indices if _is_only_link(blocks[index])]
    if _total_words(blocks, links) > MAX_LINK_SHARE * total:
        links = [index for index in links if _is_between_prose(blocks, indices, index)]
    is_boilerplate[links] = True
    may_be_boxed = [
        index
        for index in indices
        if not is_boilerplate[index] and _is_near_named_box(blocks[index].node)
    ]
    node_words = _words_by_node(blocks, indices) if may_be_boxed else {}
    max_words = min(MAX_BOX_WORDS, MAX_BOX_SHARE * total)
    boxed = [
        index
        for index in may_be_boxed
        if _is_in_box(blocks[index].node, node_words, max_words)
    ]
    # If it is more, the article itself is in such boxes.
    if _total_words(blocks, boxed) <= MAX_BOX_SHARE * total:
        is_boilerplate[boxed] = True
    return is_boilerplate


def _total_words(blocks: Sequence[Block], indices: Sequence[int]) -> float:
    return sum(blocks[index].word_count for index in indices)


def _words_by_node(blocks: Sequence[Block], indices: Sequence[int]) -> dict[int, float]:
    """How many words of the text are below each element near them."""
    words: dict[int, float] = {}
    for index in indices:
        for node in _nearest_nodes(blocks[index].node):
            words[node.index] = words.get(node.index, 0.0) + blocks[index].word_count
    return words


def _nearest_nodes(node: Node) -> Iterator[Node]:
    return islice(self_and_ancestors(node), MAX_BOX_LEVELS)


def _is_only_link(block: Block) -> bool:
    return (
        block.link_count > 0
        and block.linked_chars >= MIN_LINKED_SHARE * len(block.text)
        and block.word_count <= MAX_LINK_WORDS
        and not block.follows_break
        and not block.table_row
    )


def _is_between_prose(
    blocks: Sequence[Block], indices: Sequence[int], index: int
) -> bool:
    """Whether the blocks of the text before and after a link are prose."""
    position = bisect_left(indices, index)
    neighbours = [
        blocks[neighbour]
        for neighbour in (
            *indices[position - 1 : position],
            *indices[position + 1 : position + 2],
        )
    ]
    return len(neighbours) == 2 and all(
        block.word_count >= MIN_PROSE_WORDS and not _is_only_link(block)
        for block in neighbours
    )


def _is_in_box(node: Node, node_words: dict[int, float], max_words: float) -> bool:
    """Whether one of the small elements around is named like a boilerplate box."""
    for ancestor in _nearest_nodes(node):
        if node_words.get(ancestor.index, max_words + 1) > max_words:
            return False
        if _is_named_box(ancestor):
            return True
    return False


def _is_near_named_box(node: Node) -> bool:
    nearest: Node | None = node
    for _ in range(MAX_BOX_LEVELS):
        if nearest is None:
            return False
        if nearest.families & _BOILERPLATE_BITS and _is_named_box(nearest):
            return True
        nearest = nearest.parent
    return False


def _is_named_box(node: Node) -> bool:
    return bool(node.families & _BOILERPLATE_BITS) and not (
        node.families & _CONTENT_BITS
    )
