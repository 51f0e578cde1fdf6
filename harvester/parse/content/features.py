"""What the model is told of each block: numbers about its words, its place, its neighbours and the page. Pure.

One row a block, one column a question; the order of the columns is part of the model (``NAMES_OF_COLUMNS``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.content.context import HEADINGS, Places, around, linked_below
from harvester.parse.content.families import NAMES, SAID, said
from harvester.parse.content.page_blocks import (
    TAGS,
    TEXT_MOST,
    WORD,
    Block,
    Page,
    spell,
)

_ENDS = {".": 1, "!": 2, "?": 2, ":": 3, "…": 4, '"': 5, "”": 5, "»": 5, "“": 5, "'": 5, "’": 5, ")": 6, "。": 1, "！": 2, "？": 2, "」": 5, "』": 5, "؟": 2, "۔": 1, "।": 1, ",": 7, ";": 7, ">": 8, "›": 8, "→": 8}  # fmt: skip
_TAG_OF = {name: place for place, name in enumerate("p div li h1 h2 h3 h4 h5 h6 td th span section article ul ol blockquote figcaption dd dt tr body header footer time address aside nav main pre figure label summary form center".split(), 1)}  # fmt: skip
APART = sum(1 << NAMES.index(name) for name in ("comment", "related", "consent", "footer", "navigation", "side", "subscribe", "advert", "hidden", "share"))  # fmt: skip
WORD_LENGTH = 6.0  # characters
SHORT = 60  # words: longer blocks are prose, whatever single words of them say
OWN = (
    "length", "words", "word_length", "linked", "links", "strong", "end", "sentences", "commas", "digits", "capitals", "small_start", "odd_start",
    "bars", "colon", "spoken_share", "in_title", "of_title", "is_title", "in_description", "twins_before", "twins", "run", "broken", "tag", "depth",
)  # fmt: skip
AROUND = (
    "place", "place_by_length", "blocks", "total", "alike", "alike_length", "alike_share", "alike_linked", "good_of_page", "up_to_main", "down_to_main",
    "deeper_than_main", "share_own", "share_parent", "share_grand", "share_great", "in_half", "in_most", "good_before", "good_after", "between_good", "past_good",
    "since_title", "before1", "before2", "after1", "after2", "linked_before", "linked_after", "window3", "window3_linked", "window8",
    "window8_linked", "kin_before", "kin_after", "heading_before", "heading_after", "siblings", "siblings_length", "siblings_linked", "child",
    "children", "since_heading", "below_heading", "main_share", "has_title_block", "past_title", "up_to_title", "suspect", "echo_before", "echo_after", "linked_below_parent", "linked_below_grand",
    "headings_alike", "stated",
)  # fmt: skip
NAMES_OF_COLUMNS = (
    *OWN,
    *(f"said_{name}" for name in SAID),
    *(f"heading_{name}" for name in SAID),
    *(f"in_{name}" for name in TAGS),
    *(f"self_{name}" for name in NAMES),
    *(f"parent_{name}" for name in NAMES),
    *(f"with_title_{name}" for name in NAMES),
    *(f"apart_{name}" for name in NAMES),
    *AROUND,
)
COLUMN = {name: place for place, name in enumerate(NAMES_OF_COLUMNS)}
_AROUND = slice(COLUMN[AROUND[0]], len(NAMES_OF_COLUMNS))
# The columns between those of OWN and AROUND are bits of seven numbers of 32 bits each: their places among all these bits.
_BITS = np.concatenate(
    [
        32 * place + np.arange(count)
        for place, count in enumerate(
            (len(SAID), len(SAID), len(TAGS), *[len(NAMES)] * 4)
        )
    ]
)
Matrix = Any  # numpy.ndarray of float32, blocks × columns
Vector = Any  # numpy.ndarray, a number for each block


def columns(page: Page, title: str, description: str, stated: str = "") -> Matrix:
    """The rows of all blocks of a page. ``title``, ``description``: as the page states them; ``stated``: the text that it states
    in its JSON-LD, often cut short."""
    blocks = page.blocks
    spell(blocks)
    made = np.empty((len(NAMES_OF_COLUMNS), len(blocks)), dtype=np.float32)
    own, heard = _own(blocks, title, description)
    _fill(made[: len(OWN)], own)
    titled = made[COLUMN["is_title"]] > 0
    title_place = _title_block(blocks, titled)
    apart = _apart(page, title_place)
    made[len(OWN) : _AROUND.start] = _bits(blocks, heard, apart)
    suspect = np.array([apart[block.node.place][1] & APART != 0 for block in blocks])
    places = Places.of(page)
    length, words, linked, end = (
        made[COLUMN[name]] for name in ("length", "words", "linked", "end")
    )
    beside = around(
        places,
        (length, words, linked, end),
        made[COLUMN["depth"]],
        suspect,
        titled,
        title_place,
    )
    _fill(
        made[_AROUND],
        [
            *beside,
            *_echoes(blocks),
            *linked_below(places, length, linked),
            _stated(blocks, stated),
        ],
    )
    return made.T


def _fill(made: Matrix, values: Sequence[Any]) -> None:
    count = made.shape[1]
    for row, one in zip(made, values, strict=True):
        row[:] = (
            np.fromiter(one, np.float32, count) if isinstance(one, list) else one
        )  # half the time of a list as it is


_SENTENCES = re.compile(r"[^.!?…。！？]+[.!?…。！？]?")


def _sentences(text: str) -> list[str]:
    """A text's sentences, roughly: each ends with a mark."""
    return [one.lstrip() for one in _SENTENCES.findall(text)]


def _echoes(blocks: list[Block]) -> list[Vector]:
    """For long blocks, the share of their sentences that stand in an earlier and in a later block: doubled and hidden copies."""
    places: dict[str, list[int]] = {}
    split = []
    for place, block in enumerate(blocks):
        if len(block.text) > 60:
            found = [one for one in _sentences(block.text[:40_000]) if len(one) > 30]
            split.append((place, found))
            for one in found:
                places.setdefault(one, []).append(place)
    earlier, later = np.zeros(len(blocks)), np.zeros(len(blocks))
    for place, found in split:
        if found:
            earlier[place] = sum(1 for one in found if places[one][0] < place) / len(
                found
            )
            later[place] = sum(1 for one in found if places[one][-1] > place) / len(
                found
            )
    return [earlier, later]


_NO_WORD = re.compile(r"\W+")


SEARCHED_MOST = 200_000_000  # characters in all: a page and a text of a megabyte each would else take minutes


def letters(text: str) -> str:
    """A text without all that is no letter or digit, in lower case: for comparing."""
    return _NO_WORD.sub("", text.lower())


def _letters(block: Block) -> str:
    return "".join(block.words) if len(block.text) <= TEXT_MOST else letters(block.text)


def in_text(blocks: Sequence[Block], text: str) -> Vector:
    """For each block, the share of it that stands in a text, sentence by sentence; 0 for blocks of hardly any letters."""
    whole = letters(text)
    found = np.zeros(len(blocks))
    left = SEARCHED_MOST // max(len(whole), 1)  # parts that are looked for
    for place, block in enumerate(blocks):
        if len(block.text) < 4 or left <= 0:
            continue
        left -= 1
        if _letters(block) in whole:
            found[place] = 1.0
        elif len(block.text) > 60:
            parts = [one for one in map(letters, _sentences(block.text)) if one][
                : max(left, 0)
            ]
            left -= len(parts)
            found[place] = sum(len(one) for one in parts if one in whole) / max(
                sum(map(len, parts)), 1
            )
    return found


STATED_LEAST = 200  # characters
STATED_FOUND = 0.5  # a text of which less than this stands on the page is another's


def _stated(blocks: list[Block], stated: str) -> Vector | float:
    """Whether the block stands in the text that the page states of itself: 1, in part, 0; -1 where it states none of this page."""
    if len(stated) < STATED_LEAST:
        return -1.0
    shares = in_text(blocks, stated)
    there = sum(
        len(block.text)
        for block, share in zip(blocks, shares, strict=True)
        if share >= 0.5 and len(block.text) > 40
    )
    return shares if there > STATED_FOUND * len(stated) else -1.0


def _title_block(blocks: list[Block], titled: Vector) -> int:
    """Where the headline stands: a first-level heading that says what the title says, else the first of either; -1: nowhere."""
    first = -1
    for place, block in enumerate(blocks):
        if block.node.tags & TAGS["h1"]:
            if titled[place]:
                return place
            first = place if first < 0 else first
    return first if first >= 0 else int(np.argmax(titled)) if titled.any() else -1


def _apart(page: Page, title_place: int) -> list[tuple[int, int]]:
    """For each element the families of itself and its ancestors: of those that hold the headline as well, and of those that do not.

    ``comments-open`` on the body says nothing of the article; on an element beside the headline it does.
    """
    holding: set[int] = {0}
    one = page.blocks[title_place].node if title_place >= 0 else None
    while one is not None:
        holding.add(one.place)
        one = one.parent
    found: list[tuple[int, int]] = []
    for node in page.nodes:
        shared, apart = found[node.parent.place] if node.parent is not None else (0, 0)
        if node.place in holding:
            shared |= node.families
        else:
            apart |= node.families
        found.append((shared, apart))
    return found


def _bits(
    blocks: list[Block], heard: list[int], apart: list[tuple[int, int]]
) -> Matrix:
    """The columns that are families and tags, bit by bit: of what the block says, of its place and of what is around it."""
    headings, of_nodes, above, shared, beside = [], [], [], [], []
    heading = 0
    for block, families in zip(blocks, heard, strict=True):
        node = block.node
        if node.tags & HEADINGS:
            heading = families
        headings.append(heading)
        of_nodes.append(node.families | block.inner)
        above.append(node.parent.families if node.parent is not None else 0)
        one, other = apart[node.place]
        shared.append(one)
        beside.append(other)
    tags = [block.node.tags for block in blocks]
    rows = np.array(
        [heard, headings, tags, of_nodes, above, shared, beside], dtype="<u4"
    )
    bytes_of = (
        rows.view(np.uint8)
        .reshape(len(rows), -1, 4)
        .transpose(0, 2, 1)
        .reshape(4 * len(rows), -1)
    )
    return np.unpackbits(bytes_of, axis=0, bitorder="little")[_BITS]


def _words(text: str) -> set[str]:
    return {
        word
        for word in WORD.findall(text.lower())
        if len(word) > 2 or not word.isascii()
    }


def _own(
    blocks: list[Block], title: str, description: str
) -> tuple[list[Vector], list[int]]:
    """The columns of OWN, and for each block the families that its words speak of."""
    texts = [block.text for block in blocks]
    size = np.array([len(text) for text in texts], dtype=np.float64)
    words = np.array([len(block.words) for block in blocks], dtype=np.float64)
    wide = np.maximum(
        np.array([block.size for block in blocks]) - words, 0
    )  # characters that stand for words
    length = size + wide * 2
    count = np.where(wide > 0, np.maximum(words, length / WORD_LENGTH), words)
    some = np.maximum(words, 1)
    short = words <= SHORT
    told = _told(blocks, title, description)
    heard, spoken, in_title, of_title, is_title, in_description = zip(
        *told, strict=True
    )
    sentences, commas, digits, capitals, bars = _signs(texts)
    twins: dict[str, int] = {}
    before = []
    for text in texts:
        before.append(twins.get(text, 0))
        twins[text] = before[-1] + 1
    firsts = [text[0] for text in texts]
    return [
        length, count, size / some, np.array([block.linked for block in blocks]) / size, [block.links for block in blocks],
        np.array([block.strong for block in blocks]) / size, [_ENDS.get(text[-1], 0) for text in texts], np.where(size > 40, sentences, 0),
        commas, np.where(short, digits / size, 0), np.where(short, np.minimum(capitals / some, 3), 0), [one.islower() for one in firsts],
        [not one.isalnum() for one in firsts], bars, [":" in text[:40] for text in texts], np.array(spoken) / some, in_title, of_title,
        is_title, in_description, before, [twins[text] for text in texts], [block.run for block in blocks], [block.broken for block in blocks],
        [_TAG_OF.get(block.node.tag, 0) for block in blocks], [block.node.depth for block in blocks],
    ], list(heard)  # fmt: skip


def _told(
    blocks: list[Block], title: str, description: str
) -> list[tuple[int, int, float, float, bool, float]]:
    """What the words of each short block speak of: families, words that do, shares of it in the title and of the title in it, whether
    it is the title, and its share in the description."""
    of_title, of_description = _words(title), _words(description)
    headline = " ".join(title.lower().split())
    known: dict[str, tuple[int, int, float, float, bool, float]] = {}
    found = []
    for block in blocks:
        one = known.get(block.text)
        if one is None:
            words = block.words
            one = (
                _short(block.text, words, of_title, of_description, headline)
                if 0 < len(words) <= SHORT
                else _NOTHING
            )
            known[block.text] = one
        found.append(one)
    return found


_NOTHING = (0, 0, 0.0, 0.0, False, 0.0)


def _short(
    text: str,
    words: list[str],
    of_title: set[str],
    of_description: set[str],
    headline: str,
) -> tuple[int, int, float, float, bool, float]:
    families, count = said(words)
    if of_title.isdisjoint(words) and of_description.isdisjoint(words):  # as most are
        return families, count, 0.0, 0.0, False, 0.0
    bare = set(words)
    common = len(bare & of_title)
    share = common / len(bare)
    return (
        families, count, share, common / max(len(of_title), 1), share > 0.5 and _says_title(text, headline), len(bare & of_description) / len(bare),
    )  # fmt: skip


_COMMA, _NUMBER, _CAPITAL, _BAR, _MARK, _CLOSING, _SPACE, _WIDE_MARK = (
    1 << place for place in range(8)
)
_SIGNS = np.zeros(1 << 16, dtype=np.uint8)  # what each character counts as
for _sign, _characters in (
    (_COMMA, ",、"), (_NUMBER, "0123456789"), (_BAR, "|•·"), (_MARK, ".!?…"), (_CLOSING, "'\"”»)"), (_SPACE, " "), (_WIDE_MARK, "。！？"),
    (_CAPITAL, "".join(map(chr, (*range(ord("A"), ord("Z") + 1), *range(ord("À"), ord("Þ") + 1), *range(ord("А"), ord("Я") + 1))))),
):  # fmt: skip
    _SIGNS[[ord(one) for one in _characters]] |= _sign


def _signs(texts: list[str]) -> tuple[Vector, ...]:
    """For each text its ends of sentences, commas, digits, capitals and bars: counted in all texts at once."""
    whole = np.frombuffer(
        "\0".join([*texts, "\0"]).encode("utf-32-le", "surrogatepass"), dtype="<u4"
    )
    signs = _SIGNS[np.minimum(whole, len(_SIGNS) - 1)]
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    first, second, third = signs[:-2], signs[1:-1], signs[2:]
    closed = (second & _SPACE) | (np.where(second & _CLOSING, third, 0) & _SPACE)
    ends = ((first & _MARK != 0) & (closed != 0)) | (first & _WIDE_MARK != 0)
    flags = (ends, first & _COMMA, first & _NUMBER, first & _CAPITAL, first & _BAR)
    return tuple(
        np.bincount(owner[np.flatnonzero(one)], minlength=len(texts)) for one in flags
    )


def _says_title(text: str, headline: str) -> bool:
    text = text.lower()
    return text == headline or (len(text) > 15 and text in headline)
