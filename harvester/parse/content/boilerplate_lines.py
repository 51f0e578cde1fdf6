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

from harvester.parse.content.body import Body
from harvester.parse.content.families import NAMES
from harvester.parse.content.page_blocks import Block, Node

Vector = Any  # numpy.ndarray

BOX_WORDS = 60  # of what is kept in a box; a bigger one may hold the article itself
BOX_SHARE = 0.2  # of the text
BOX_LEVELS = 5  # elements above a block that are asked what they are
LINKED = 0.9  # of a block's characters
LINK_WORDS = 30  # of a block that is only a link
LINK_SHARE = 0.3  # of the text: an article of links is one …
PROSE = 15  # … but for links between paragraphs of so many words
_KINDS = ("advert", "related", "subscribe", "share", "consent")
_UNWANTED = sum(1 << NAMES.index(name) for name in _KINDS)
_WANTED = sum(
    1 << NAMES.index(name)
    for name in ("content", "body", "lead", "title", "quote", "caption")
)


LEFT_LEAST = 0.03  # of a block's opinion: what is surer than that to be no article does not come and go …
DOUBTFUL = 0.05  # … but where the whole reading is in doubt, another's may replace it, and its neighbours come
NEAR = 12  # blocks before and behind the text
LEFT_MOST = 300


def left_out(body: Body, text: str) -> tuple[str, ...]:
    """Short names of the blocks that are not in the text and might be, in their order: 8 hexadecimal digits of SHA-256."""
    blocks, lines = body.page.blocks, set(text.split("\n"))
    maybe = np.array(body.opinion >= LEFT_LEAST)
    if body.doubt > DOUBTFUL or body.method == "profile":
        shown = [
            place for place, block in enumerate(blocks) if block.text in lines
        ] or [0]
        maybe[max(0, shown[0] - NEAR) : shown[-1] + NEAR] = True
    found = (blocks[place].text for place in np.flatnonzero(maybe).tolist())
    left = list(dict.fromkeys(one for one in found if one not in lines))[:LEFT_MOST]
    return tuple(dict.fromkeys(map(name, left)))


def name(line: str) -> str:
    """The short name of a line: of its letters and digits, so that another typography has the same (as in ``identity.counting``)."""
    letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", line).lower()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def inserted(blocks: Sequence[Block], text: str) -> tuple[str, ...]:
    """The lines of the text that are inserts, in order."""
    lines = set(text.split("\n"))
    shown = np.array([block.text in lines for block in blocks], dtype=bool)
    return tuple(
        dict.fromkeys(
            blocks[place].text
            for place in np.flatnonzero(inserts(blocks, shown)).tolist()
        )
    )


def inserts(blocks: Sequence[Block], kept: Vector) -> Vector:
    """Which of the kept blocks are inserts: an array of truth values."""
    found = np.zeros(len(blocks), dtype=bool)
    places = np.flatnonzero(kept).tolist()
    words = _words(blocks, places)
    total = sum(blocks[place].size for place in places)
    limit = min(BOX_WORDS, BOX_SHARE * total)
    links = [place for place in places if _is_link(blocks[place])]
    if sum(blocks[place].size for place in links) > LINK_SHARE * total:
        links = [place for place in links if _alone(blocks, places, place)]
    found[links] = True
    boxes: dict[int, bool] = {}
    boxed = [
        place
        for place in places
        if not found[place] and _boxed(blocks[place].node, words, limit, boxes)
    ]
    if (
        sum(blocks[place].size for place in boxed) <= BOX_SHARE * total
    ):  # else the article stands in such boxes
        found[boxed] = True
    return found


def _words(blocks: Sequence[Block], places: Sequence[int]) -> dict[int, float]:
    """How many kept words stand below each element near them."""
    words: dict[int, float] = {}
    for place in places:
        node: Node | None = blocks[place].node
        for _ in range(BOX_LEVELS):
            if node is None:
                break
            words[node.place] = words.get(node.place, 0.0) + blocks[place].size
            node = node.parent
    return words


def _is_link(block: Block) -> bool:
    return (
        block.links > 0
        and block.linked >= LINKED * len(block.text)
        and block.size <= LINK_WORDS
        and not block.broken
        and not block.row
    )


def _alone(blocks: Sequence[Block], places: Sequence[int], place: int) -> bool:
    """Whether prose stands before and behind a link."""
    at = bisect_left(places, place)
    beside = [blocks[one] for one in (*places[at - 1 : at], *places[at + 1 : at + 2])]
    return len(beside) == 2 and all(
        one.size >= PROSE and not _is_link(one) for one in beside
    )


def _boxed(
    node: Node | None, words: dict[int, float], limit: float, boxes: dict[int, bool]
) -> bool:
    """Whether one of the small elements around is named as a box of something else."""
    for _ in range(BOX_LEVELS):
        if node is None or words.get(node.place, limit + 1) > limit:
            return False
        known = boxes.get(node.place)
        if known is None:
            known = boxes[node.place] = (
                bool(node.families & _UNWANTED) and not node.families & _WANTED
            )
        if known:
            return True
        node = node.parent
    return False
