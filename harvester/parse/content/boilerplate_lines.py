"""What a page puts between an article's paragraphs: boxes of advertisements, letters and related articles, lines that are a link
and nothing else. Pure.

They change from visit to visit, and are kept in the text where they look like paragraphs; so a reading names them, and what changes
in them makes no edit. It also names what it left out with some doubt: a line that is in the text at one visit and not at the next
may stand on both pages. Not for: lines that give themselves away by their words (``identity.furniture``).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.content.body import MainContent
from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import Block, Node

Vector = Any  # numpy.ndarray

MAX_BOX_WORDS = 60  # of what is kept in a box; a bigger one may hold the article itself
MAX_BOX_SHARE = 0.2  # of the text
MAX_BOX_LEVELS = 5  # elements above a block that are asked what they are
MIN_LINKED_SHARE = 0.9  # of a block's characters
MAX_LINK_WORDS = 30  # of a block that is only a link
MAX_LINK_SHARE = 0.3  # of the text: an article of links is one …
MIN_PROSE_WORDS = 15  # … but for links between paragraphs of so many words
_BOILERPLATE_FAMILIES = ("advert", "related", "subscribe", "share", "consent")
_BOILERPLATE_BITS = sum(1 << CSS_FAMILIES.index(name) for name in _BOILERPLATE_FAMILIES)
_CONTENT_BITS = sum(
    1 << CSS_FAMILIES.index(name)
    for name in ("content", "body", "lead", "title", "quote", "caption")
)


MIN_CANDIDATE_SCORE = 0.03  # of a block's opinion: what is surer than that to be no article does not come and go …
MAX_UNCERTAINTY = 0.05  # … but where the whole reading is in doubt, another's may replace it, and its neighbours come
NEARBY_BLOCKS = 12  # blocks before and behind the text
MAX_OMITTED_LINES = 300


def omitted_line_hashes(content: MainContent, text: str) -> tuple[str, ...]:
    """Short names of the blocks that are not in the text and might be, in their order: 8 hexadecimal digits of SHA-256."""
    blocks, lines = content.page.blocks, set(text.split("\n"))
    maybe = np.array(content.scores >= MIN_CANDIDATE_SCORE)
    if content.uncertainty > MAX_UNCERTAINTY or content.method == "profile":
        shown = [
            place for place, block in enumerate(blocks) if block.text in lines
        ] or [0]
        maybe[max(0, shown[0] - NEARBY_BLOCKS) : shown[-1] + NEARBY_BLOCKS] = True
    found = (blocks[place].text for place in np.flatnonzero(maybe).tolist())
    left = list(dict.fromkeys(one for one in found if one not in lines))[
        :MAX_OMITTED_LINES
    ]
    return tuple(dict.fromkeys(map(line_hash, left)))


def line_hash(line: str) -> str:
    """The short name of a line: of its letters and digits, so that another typography has the same (as in ``identity.counting``)."""
    letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", line).lower()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def boilerplate_lines(blocks: Sequence[Block], text: str) -> tuple[str, ...]:
    """The lines of the text that are inserts, in order."""
    lines = set(text.split("\n"))
    shown = np.array([block.text in lines for block in blocks], dtype=bool)
    return tuple(
        dict.fromkeys(
            blocks[place].text
            for place in np.flatnonzero(find_boilerplate(blocks, shown)).tolist()
        )
    )


def find_boilerplate(blocks: Sequence[Block], selected: Vector) -> Vector:
    """Which of the kept blocks are inserts: an array of truth values."""
    found = np.zeros(len(blocks), dtype=bool)
    places = np.flatnonzero(selected).tolist()
    words = _words_by_node(blocks, places)
    total = sum(blocks[place].word_count for place in places)
    limit = min(MAX_BOX_WORDS, MAX_BOX_SHARE * total)
    links = [place for place in places if _is_only_link(blocks[place])]
    if sum(blocks[place].word_count for place in links) > MAX_LINK_SHARE * total:
        links = [place for place in links if _is_between_prose(blocks, places, place)]
    found[links] = True
    boxes: dict[int, bool] = {}
    boxed = [
        place
        for place in places
        if not found[place] and _is_in_box(blocks[place].node, words, limit, boxes)
    ]
    if (
        sum(blocks[place].word_count for place in boxed) <= MAX_BOX_SHARE * total
    ):  # else the article stands in such boxes
        found[boxed] = True
    return found


def _words_by_node(
    blocks: Sequence[Block], positions: Sequence[int]
) -> dict[int, float]:
    """How many kept words stand below each element near them."""
    words: dict[int, float] = {}
    for place in positions:
        node: Node | None = blocks[place].node
        for _ in range(MAX_BOX_LEVELS):
            if node is None:
                break
            words[node.index] = words.get(node.index, 0.0) + blocks[place].word_count
            node = node.parent
    return words


def _is_only_link(block: Block) -> bool:
    return (
        block.link_count > 0
        and block.linked_chars >= MIN_LINKED_SHARE * len(block.text)
        and block.word_count <= MAX_LINK_WORDS
        and not block.follows_break
        and not block.table_row
    )


def _is_between_prose(
    blocks: Sequence[Block], positions: Sequence[int], position: int
) -> bool:
    """Whether prose stands before and behind a link."""
    at = bisect_left(positions, position)
    beside = [
        blocks[one] for one in (*positions[at - 1 : at], *positions[at + 1 : at + 2])
    ]
    return len(beside) == 2 and all(
        one.word_count >= MIN_PROSE_WORDS and not _is_only_link(one) for one in beside
    )


def _is_in_box(
    node: Node | None,
    node_words: dict[int, float],
    max_words: float,
    box_cache: dict[int, bool],
) -> bool:
    """Whether one of the small elements around is named as a box of something else."""
    for _ in range(MAX_BOX_LEVELS):
        if node is None or node_words.get(node.index, max_words + 1) > max_words:
            return False
        known = box_cache.get(node.index)
        if known is None:
            known = box_cache[node.index] = (
                bool(node.families & _BOILERPLATE_BITS)
                and not node.families & _CONTENT_BITS
            )
        if known:
            return True
        node = node.parent
    return False
