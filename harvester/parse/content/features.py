"""What the model is told of each block: numbers about its words, its place, its neighbours and the page. Pure.

One row a block, one column a question; the order of the columns is part of the model (``NAMES_OF_COLUMNS``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.content.context import (
    HEADING_BITS,
    TreeIndex,
    context_features,
    subtree_link_features,
)
from harvester.parse.content.families import (
    CSS_FAMILIES,
    TEXT_FAMILIES,
    families_of_words,
)
from harvester.parse.content.page_blocks import (
    MAX_TOKENISED_LENGTH,
    TAG_BITS,
    WORD,
    Block,
    Page,
    tokenise_blocks,
)

_END_CODES = {".": 1, "!": 2, "?": 2, ":": 3, "…": 4, '"': 5, "”": 5, "»": 5, "“": 5, "'": 5, "’": 5, ")": 6, "。": 1, "！": 2, "？": 2, "」": 5, "』": 5, "؟": 2, "۔": 1, "।": 1, ",": 7, ";": 7, ">": 8, "›": 8, "→": 8}  # fmt: skip
_TAG_CODES = {name: place for place, name in enumerate("p div li h1 h2 h3 h4 h5 h6 td th span section article ul ol blockquote figcaption dd dt tr body header footer time address aside nav main pre figure label summary form center".split(), 1)}  # fmt: skip
NON_CONTENT_BITS = sum(1 << CSS_FAMILIES.index(name) for name in ("comment", "related", "consent", "footer", "navigation", "side", "subscribe", "advert", "hidden", "share"))  # fmt: skip
MEAN_WORD_LENGTH = 6.0  # characters
MAX_SHORT_BLOCK_WORDS = (
    60  # words: longer blocks are prose, whatever single words of them say
)
BLOCK_FEATURES = (
    "length", "words", "word_length", "linked", "links", "strong", "end", "sentences", "commas", "digits", "capitals", "small_start", "odd_start",
    "bars", "colon", "spoken_share", "in_title", "of_title", "is_title", "in_description", "twins_before", "twins", "run", "broken", "tag", "depth",
)  # fmt: skip
CONTEXT_FEATURES = (
    "place", "place_by_length", "blocks", "total", "alike", "alike_length", "alike_share", "alike_linked", "good_of_page", "up_to_main", "down_to_main",
    "deeper_than_main", "share_own", "share_parent", "share_grand", "share_great", "in_half", "in_most", "good_before", "good_after", "between_good", "past_good",
    "since_title", "before1", "before2", "after1", "after2", "linked_before", "linked_after", "window3", "window3_linked", "window8",
    "window8_linked", "kin_before", "kin_after", "heading_before", "heading_after", "siblings", "siblings_length", "siblings_linked", "child",
    "children", "since_heading", "below_heading", "main_share", "has_title_block", "past_title", "up_to_title", "suspect", "echo_before", "echo_after", "linked_below_parent", "linked_below_grand",
    "headings_alike", "stated",
)  # fmt: skip
FEATURE_NAMES = (
    *BLOCK_FEATURES,
    *(f"said_{name}" for name in TEXT_FAMILIES),
    *(f"heading_{name}" for name in TEXT_FAMILIES),
    *(f"in_{name}" for name in TAG_BITS),
    *(f"self_{name}" for name in CSS_FAMILIES),
    *(f"parent_{name}" for name in CSS_FAMILIES),
    *(f"with_title_{name}" for name in CSS_FAMILIES),
    *(f"apart_{name}" for name in CSS_FAMILIES),
    *CONTEXT_FEATURES,
)
FEATURE_INDEX = {name: place for place, name in enumerate(FEATURE_NAMES)}
_CONTEXT_SLICE = slice(FEATURE_INDEX[CONTEXT_FEATURES[0]], len(FEATURE_NAMES))
# The columns between those of OWN and AROUND are bits of seven numbers of 32 bits each: their places among all these bits.
_FLAG_BITS = np.concatenate(
    [
        32 * place + np.arange(count)
        for place, count in enumerate(
            (
                len(TEXT_FAMILIES),
                len(TEXT_FAMILIES),
                len(TAG_BITS),
                *[len(CSS_FAMILIES)] * 4,
            )
        )
    ]
)
Matrix = Any  # numpy.ndarray of float32, blocks × columns
Vector = Any  # numpy.ndarray, a number for each block


def feature_matrix(
    page: Page, title: str, description: str, json_ld_text: str = ""
) -> Matrix:
    """The rows of all blocks of a page. ``title``, ``description``: as the page states them; ``stated``: the text that it states
    in its JSON-LD, often cut short."""
    blocks = page.blocks
    tokenise_blocks(blocks)
    made = np.empty((len(FEATURE_NAMES), len(blocks)), dtype=np.float32)
    own, heard = _block_features(blocks, title, description)
    _fill_rows(made[: len(BLOCK_FEATURES)], own)
    titled = made[FEATURE_INDEX["is_title"]] > 0
    title_place = _find_headline(blocks, titled)
    apart = _families_by_node(page, title_place)
    made[len(BLOCK_FEATURES) : _CONTEXT_SLICE.start] = _flag_features(
        blocks, heard, apart
    )
    suspect = np.array(
        [apart[block.node.index][1] & NON_CONTENT_BITS != 0 for block in blocks]
    )
    places = TreeIndex.from_page(page)
    length, words, linked, end = (
        made[FEATURE_INDEX[name]] for name in ("length", "words", "linked", "end")
    )
    beside = context_features(
        places,
        (length, words, linked, end),
        made[FEATURE_INDEX["depth"]],
        suspect,
        titled,
        title_place,
    )
    _fill_rows(
        made[_CONTEXT_SLICE],
        [
            *beside,
            *_repeated_sentence_shares(blocks),
            *subtree_link_features(places, length, linked),
            _stated_text_shares(blocks, json_ld_text),
        ],
    )
    return made.T


def _fill_rows(matrix: Matrix, row_values: Sequence[Any]) -> None:
    count = matrix.shape[1]
    for row, one in zip(matrix, row_values, strict=True):
        row[:] = (
            np.fromiter(one, np.float32, count) if isinstance(one, list) else one
        )  # half the time of a list as it is


_SENTENCE = re.compile(r"[^.!?…。！？]+[.!?…。！？]?")


def _split_sentences(text: str) -> list[str]:
    """A text's sentences, roughly: each ends with a mark."""
    return [one.lstrip() for one in _SENTENCE.findall(text)]


def _repeated_sentence_shares(blocks: list[Block]) -> list[Vector]:
    """For long blocks, the share of their sentences that stand in an earlier and in a later block: doubled and hidden copies."""
    places: dict[str, list[int]] = {}
    split = []
    for place, block in enumerate(blocks):
        if len(block.text) > 60:
            found = [
                one for one in _split_sentences(block.text[:40_000]) if len(one) > 30
            ]
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


_NON_WORD = re.compile(r"\W+")


MAX_SEARCHED_LENGTH = 200_000_000  # characters in all: a page and a text of a megabyte each would else take minutes


def alphanumeric_text(text: str) -> str:
    """A text without all that is no letter or digit, in lower case: for comparing."""
    return _NON_WORD.sub("", text.lower())


def _alphanumeric_block_text(block: Block) -> str:
    return (
        "".join(block.words)
        if len(block.text) <= MAX_TOKENISED_LENGTH
        else alphanumeric_text(block.text)
    )


def shares_in_text(blocks: Sequence[Block], text: str) -> Vector:
    """For each block, the share of it that stands in a text, sentence by sentence; 0 for blocks of hardly any letters."""
    whole = alphanumeric_text(text)
    found = np.zeros(len(blocks))
    left = MAX_SEARCHED_LENGTH // max(len(whole), 1)  # parts that are looked for
    for place, block in enumerate(blocks):
        if len(block.text) < 4 or left <= 0:
            continue
        left -= 1
        if _alphanumeric_block_text(block) in whole:
            found[place] = 1.0
        elif len(block.text) > 60:
            parts = [
                one
                for one in map(alphanumeric_text, _split_sentences(block.text))
                if one
            ][: max(left, 0)]
            left -= len(parts)
            found[place] = sum(len(one) for one in parts if one in whole) / max(
                sum(map(len, parts)), 1
            )
    return found


MIN_STATED_LENGTH = 200  # characters
MIN_STATED_SHARE = 0.5  # a text of which less than this stands on the page is another's


def _stated_text_shares(blocks: list[Block], json_ld_text: str) -> Vector | float:
    """Whether the block stands in the text that the page states of itself: 1, in part, 0; -1 where it states none of this page."""
    if len(json_ld_text) < MIN_STATED_LENGTH:
        return -1.0
    shares = shares_in_text(blocks, json_ld_text)
    there = sum(
        len(block.text)
        for block, share in zip(blocks, shares, strict=True)
        if share >= 0.5 and len(block.text) > 40
    )
    return shares if there > MIN_STATED_SHARE * len(json_ld_text) else -1.0


def _find_headline(blocks: list[Block], title_matches: Vector) -> int:
    """Where the headline stands: a first-level heading that says what the title says, else the first of either; -1: nowhere."""
    first = -1
    for place, block in enumerate(blocks):
        if block.node.tags & TAG_BITS["h1"]:
            if title_matches[place]:
                return place
            first = place if first < 0 else first
    return (
        first
        if first >= 0
        else int(np.argmax(title_matches))
        if title_matches.any()
        else -1
    )


def _families_by_node(page: Page, headline_index: int) -> list[tuple[int, int]]:
    """For each element the families of itself and its ancestors: of those that hold the headline as well, and of those that do not.

    ``comments-open`` on the body says nothing of the article; on an element beside the headline it does.
    """
    holding: set[int] = {0}
    one = page.blocks[headline_index].node if headline_index >= 0 else None
    while one is not None:
        holding.add(one.index)
        one = one.parent
    found: list[tuple[int, int]] = []
    for node in page.nodes:
        shared, apart = found[node.parent.index] if node.parent is not None else (0, 0)
        if node.index in holding:
            shared |= node.families
        else:
            apart |= node.families
        found.append((shared, apart))
    return found


def _flag_features(
    blocks: list[Block], word_families: list[int], node_families: list[tuple[int, int]]
) -> Matrix:
    """The columns that are families and tags, bit by bit: of what the block says, of its place and of what is around it."""
    headings, of_nodes, above, shared, beside = [], [], [], [], []
    heading = 0
    for block, families in zip(blocks, word_families, strict=True):
        node = block.node
        if node.tags & HEADING_BITS:
            heading = families
        headings.append(heading)
        of_nodes.append(node.families | block.inner_families)
        above.append(node.parent.families if node.parent is not None else 0)
        one, other = node_families[node.index]
        shared.append(one)
        beside.append(other)
    tags = [block.node.tags for block in blocks]
    rows = np.array(
        [word_families, headings, tags, of_nodes, above, shared, beside], dtype="<u4"
    )
    bytes_of = (
        rows.view(np.uint8)
        .reshape(len(rows), -1, 4)
        .transpose(0, 2, 1)
        .reshape(4 * len(rows), -1)
    )
    return np.unpackbits(bytes_of, axis=0, bitorder="little")[_FLAG_BITS]


def _significant_words(text: str) -> set[str]:
    return {
        word
        for word in WORD.findall(text.lower())
        if len(word) > 2 or not word.isascii()
    }


def _block_features(
    blocks: list[Block], title: str, description: str
) -> tuple[list[Vector], list[int]]:
    """The columns of OWN, and for each block the families that its words speak of."""
    texts = [block.text for block in blocks]
    size = np.array([len(text) for text in texts], dtype=np.float64)
    words = np.array([len(block.words) for block in blocks], dtype=np.float64)
    wide = np.maximum(
        np.array([block.word_count for block in blocks]) - words, 0
    )  # characters that stand for words
    length = size + wide * 2
    count = np.where(wide > 0, np.maximum(words, length / MEAN_WORD_LENGTH), words)
    some = np.maximum(words, 1)
    short = words <= MAX_SHORT_BLOCK_WORDS
    told = _short_block_stats(blocks, title, description)
    heard, spoken, in_title, of_title, is_title, in_description = zip(
        *told, strict=True
    )
    sentences, commas, digits, capitals, bars = _count_characters(texts)
    twins: dict[str, int] = {}
    before = []
    for text in texts:
        before.append(twins.get(text, 0))
        twins[text] = before[-1] + 1
    firsts = [text[0] for text in texts]
    return [
        length, count, size / some, np.array([block.linked_chars for block in blocks]) / size, [block.link_count for block in blocks],
        np.array([block.bold_chars for block in blocks]) / size, [_END_CODES.get(text[-1], 0) for text in texts], np.where(size > 40, sentences, 0),
        commas, np.where(short, digits / size, 0), np.where(short, np.minimum(capitals / some, 3), 0), [one.islower() for one in firsts],
        [not one.isalnum() for one in firsts], bars, [":" in text[:40] for text in texts], np.array(spoken) / some, in_title, of_title,
        is_title, in_description, before, [twins[text] for text in texts], [block.run_index for block in blocks], [block.follows_break for block in blocks],
        [_TAG_CODES.get(block.node.tag, 0) for block in blocks], [block.node.depth for block in blocks],
    ], list(heard)  # fmt: skip


def _short_block_stats(
    blocks: list[Block], title: str, description: str
) -> list[tuple[int, int, float, float, bool, float]]:
    """What the words of each short block speak of: families, words that do, shares of it in the title and of the title in it, whether
    it is the title, and its share in the description."""
    of_title, of_description = (
        _significant_words(title),
        _significant_words(description),
    )
    headline = " ".join(title.lower().split())
    known: dict[str, tuple[int, int, float, float, bool, float]] = {}
    found = []
    for block in blocks:
        one = known.get(block.text)
        if one is None:
            words = block.words
            one = (
                _text_stats(block.text, words, of_title, of_description, headline)
                if 0 < len(words) <= MAX_SHORT_BLOCK_WORDS
                else _NO_STATS
            )
            known[block.text] = one
        found.append(one)
    return found


_NO_STATS = (0, 0, 0.0, 0.0, False, 0.0)


def _text_stats(
    text: str,
    words: list[str],
    title_words: set[str],
    description_words: set[str],
    headline: str,
) -> tuple[int, int, float, float, bool, float]:
    families, count = families_of_words(words)
    if title_words.isdisjoint(words) and description_words.isdisjoint(
        words
    ):  # as most are
        return families, count, 0.0, 0.0, False, 0.0
    bare = set(words)
    common = len(bare & title_words)
    share = common / len(bare)
    return (
        families, count, share, common / max(len(title_words), 1), share > 0.5 and _matches_title(text, headline), len(bare & description_words) / len(bare),
    )  # fmt: skip


(
    _COMMA,
    _DIGIT,
    _CAPITAL,
    _BAR,
    _SENTENCE_END,
    _CLOSING_QUOTE,
    _SPACE,
    _WIDE_SENTENCE_END,
) = (1 << place for place in range(8))
_CHARACTER_CLASSES = np.zeros(1 << 16, dtype=np.uint8)  # what each character counts as
for _sign, _characters in (
    (_COMMA, ",、"), (_DIGIT, "0123456789"), (_BAR, "|•·"), (_SENTENCE_END, ".!?…"), (_CLOSING_QUOTE, "'\"”»)"), (_SPACE, " "), (_WIDE_SENTENCE_END, "。！？"),
    (_CAPITAL, "".join(map(chr, (*range(ord("A"), ord("Z") + 1), *range(ord("À"), ord("Þ") + 1), *range(ord("А"), ord("Я") + 1))))),
):  # fmt: skip
    _CHARACTER_CLASSES[[ord(one) for one in _characters]] |= _sign


def _count_characters(texts: list[str]) -> tuple[Vector, ...]:
    """For each text its ends of sentences, commas, digits, capitals and bars: counted in all texts at once."""
    whole = np.frombuffer(
        "\0".join([*texts, "\0"]).encode("utf-32-le", "surrogatepass"), dtype="<u4"
    )
    signs = _CHARACTER_CLASSES[np.minimum(whole, len(_CHARACTER_CLASSES) - 1)]
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    first, second, third = signs[:-2], signs[1:-1], signs[2:]
    closed = (second & _SPACE) | (np.where(second & _CLOSING_QUOTE, third, 0) & _SPACE)
    ends = ((first & _SENTENCE_END != 0) & (closed != 0)) | (
        first & _WIDE_SENTENCE_END != 0
    )
    flags = (ends, first & _COMMA, first & _DIGIT, first & _CAPITAL, first & _BAR)
    return tuple(
        np.bincount(owner[np.flatnonzero(one)], minlength=len(texts)) for one in flags
    )


def _matches_title(text: str, headline: str) -> bool:
    text = text.lower()
    return text == headline or (len(text) > 15 and text in headline)
