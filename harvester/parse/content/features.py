"""The model's features of each block: its words, position, neighbours and page.

One row for each block, one column for each feature. The order of the columns
(``FEATURE_NAMES``) is part of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.content.context import (
    TreeIndex,
    context_features,
    subtree_link_features,
)
from harvester.parse.content.families import (
    CSS_FAMILIES,
    TEXT_FAMILIES,
)
from harvester.parse.content.page_blocks import (
    HEADING_BITS,
    TAG_BITS,
    Block,
    Page,
    tokenise_blocks,
)
from harvester.parse.content.subject import SUBJECT_FEATURES, subject_features
from harvester.parse.content.text_features import (
    MAX_SHORT_BLOCK_WORDS,
    count_characters,
    count_twins,
    short_block_columns,
)
from harvester.parse.content.text_overlap import (
    repeated_sentence_shares,
    shares_in_text,
)

# How a block ends: code → characters.
_ENDINGS = {
    1: ".。۔।",
    2: "!?！？؟",
    3: ":",
    4: "…",
    5: "\"”»“'’」』",
    6: ")",
    7: ",;",
    8: ">›→",
}
_END_CODES = {
    character: code for code, characters in _ENDINGS.items() for character in characters
}
# The end of a text that is cut off, as teasers are: not above 0, so that it is no prose.
CUT_CODE = -1
_CUT_ENDINGS = ("...", "...]", "...)", "…]", "…)")
_TAG_CODES = {
    tag: code
    for code, tag in enumerate(
        "p div li h1 h2 h3 h4 h5 h6 td th span section article ul ol blockquote"
        " figcaption dd dt tr body header footer time address aside nav main pre figure"
        " label summary form center".split(),
        1,
    )
}
_NON_CONTENT_FAMILIES = (
    "comment",
    "related",
    "consent",
    "footer",
    "navigation",
    "side",
    "subscribe",
    "advert",
    "hidden",
    "share",
)
NON_CONTENT_BITS = sum(1 << CSS_FAMILIES.index(name) for name in _NON_CONTENT_FAMILIES)
MEAN_WORD_LENGTH = 6.0  # characters
BLOCK_FEATURES = tuple(
    "length words word_length linked links strong end sentences commas digits capitals"
    " small_start odd_start bars colon spoken_share in_title of_title is_title"
    " in_description twins_before twins run broken tag depth".split()
)
CONTEXT_FEATURES = tuple(
    "place place_by_length blocks total alike alike_length alike_share alike_linked"
    " good_of_page up_to_main down_to_main deeper_than_main share_own share_parent"
    " share_grand share_great in_half in_most good_before good_after between_good"
    " past_good since_title before1 before2 after1 after2 linked_before linked_after"
    " window3 window3_linked window8 window8_linked kin_before kin_after heading_before"
    " heading_after siblings siblings_length siblings_linked child children"
    " since_heading below_heading main_share has_title_block past_title up_to_title"
    " suspect echo_before echo_after linked_below_parent linked_below_grand"
    " headings_alike stated".split()
)
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
    *SUBJECT_FEATURES,
)
FEATURE_INDEX = {name: column for column, name in enumerate(FEATURE_NAMES)}
_CONTEXT_COLUMNS = slice(FEATURE_INDEX[CONTEXT_FEATURES[0]], len(FEATURE_NAMES))
# The columns between BLOCK_FEATURES and CONTEXT_FEATURES are the bits of seven numbers
# of 32 bits each: the positions of those used among all these bits.
_FLAG_COUNTS = (
    len(TEXT_FAMILIES),
    len(TEXT_FAMILIES),
    len(TAG_BITS),
    *[len(CSS_FAMILIES)] * 4,
)
_FLAG_BITS = np.concatenate(
    [32 * number + np.arange(count) for number, count in enumerate(_FLAG_COUNTS)]
)
Matrix = Any  # numpy.ndarray of float32, blocks × columns
Vector = Any  # numpy.ndarray, a number for each block


def feature_matrix(
    page: Page, title: str, description: str, json_ld_text: str = "", url: str = ""
) -> Matrix:
    """The feature rows of all blocks of a page.

    ``title``, ``description``: as the page states them. ``json_ld_text``: the text that
    it states in JSON-LD, often cut short. ``url``: the page's own.
    """
    blocks = page.blocks
    tokenise_blocks(blocks)
    columns = np.empty((len(FEATURE_NAMES), len(blocks)), dtype=np.float32)
    block_columns, text_families = _block_features(blocks, title, description)
    _fill_columns(columns[: len(BLOCK_FEATURES)], block_columns)
    title_matches = columns[FEATURE_INDEX["is_title"]] > 0
    tree = TreeIndex.from_page(page)
    headline_index = _find_headline(tree.tags, title_matches)
    shared, apart = (
        np.fromiter(families, np.uint32, len(families))[tree.block_nodes]
        for families in _families_by_node(page, headline_index)
    )
    columns[len(BLOCK_FEATURES) : _CONTEXT_COLUMNS.start] = _flag_features(
        tree, text_families, shared, apart
    )
    in_boilerplate = apart & NON_CONTENT_BITS != 0
    length, words, linked, end = (
        columns[FEATURE_INDEX[name]] for name in ("length", "words", "linked", "end")
    )
    around = context_features(
        tree,
        (length, words, linked, end),
        columns[FEATURE_INDEX["depth"]],
        in_boilerplate,
        title_matches,
        headline_index,
    )
    _fill_columns(
        columns[_CONTEXT_COLUMNS],
        [
            *around,
            *repeated_sentence_shares(blocks),
            *subtree_link_features(tree, length, linked),
            _stated_text_shares(blocks, json_ld_text),
            *subject_features(tree, title, description, url),
        ],
    )
    return columns.T


def _fill_columns(columns: Matrix, column_values: Sequence[Any]) -> None:
    count = columns.shape[1]
    for column, values in zip(columns, column_values, strict=True):
        # fromiter takes half the time of assigning a list.
        if isinstance(values, list | tuple):
            column[:] = np.fromiter(values, np.float32, count)
        else:
            column[:] = values


MIN_STATED_LENGTH = 200  # characters
MIN_STATED_SHARE = 0.5  # with less of it on the page, the text is another page's


def _stated_text_shares(blocks: list[Block], json_ld_text: str) -> Vector | float:
    """For each block, its share in the text that the page states in JSON-LD.

    -1 if the page states no text, or one of another page.
    """
    if len(json_ld_text) < MIN_STATED_LENGTH:
        return -1.0
    shares = shares_in_text(blocks, json_ld_text)
    matched = sum(
        len(block.text)
        for block, share in zip(blocks, shares, strict=True)
        if share >= 0.5 and len(block.text) > 40
    )
    return shares if matched > MIN_STATED_SHARE * len(json_ld_text) else -1.0


def _find_headline(tags: Vector, title_matches: Vector) -> int:
    """The block that is the headline; -1 if there is none.

    The first ``h1`` that repeats the title, else the first ``h1``, else the first block
    that repeats the title. ``tags``: of the blocks, as bits of TAG_BITS.
    """
    is_h1 = tags & TAG_BITS["h1"] != 0
    for candidates in (is_h1 & title_matches, is_h1, title_matches):
        if candidates.any():
            return int(np.argmax(candidates))
    return -1


def _families_by_node(page: Page, headline_index: int) -> tuple[list[int], list[int]]:
    """For each node, the CSS families of itself and its ancestors, in two parts.

    First those of elements that also hold the headline, then those of elements that do
    not: ``comments-open`` on the body says nothing of the article, but on an element
    beside the headline it does.
    """
    holds_headline: set[int] = {0}
    node = page.blocks[headline_index].node if headline_index >= 0 else None
    while node is not None:
        holds_headline.add(node.index)
        node = node.parent
    shared: list[int] = []
    apart: list[int] = []
    for index, node in enumerate(page.nodes):
        outer = node.parent
        shared.append(shared[outer.index] if outer is not None else 0)
        apart.append(apart[outer.index] if outer is not None else 0)
        if index in holds_headline:
            shared[index] |= node.families
        else:
            apart[index] |= node.families
    return shared, apart


def _flag_features(
    tree: TreeIndex, text_families: Vector, shared: Vector, apart: Vector
) -> Matrix:
    """The columns that are single bits of families and tags."""
    blocks, nodes = tree.page.blocks, tree.page.nodes
    count = len(blocks)
    tags = tree.tags
    last_heading = np.maximum.accumulate(
        np.where(tags & HEADING_BITS != 0, np.arange(count), -1)
    )
    inner = np.fromiter((block.inner_families for block in blocks), np.uint32, count)
    own = np.fromiter((node.families for node in nodes), np.uint32, len(nodes))
    numbers = np.empty((len(_FLAG_COUNTS), count), dtype="<u4")
    numbers[0] = text_families
    numbers[1] = np.where(last_heading >= 0, text_families[last_heading], 0)
    numbers[2] = tags
    numbers[3] = own[tree.block_nodes] | inner
    numbers[4] = np.where(tree.block_nodes == 0, 0, own[tree.parents[tree.block_nodes]])
    numbers[5] = shared
    numbers[6] = apart
    number_bytes = (
        numbers.view(np.uint8)
        .reshape(len(numbers), -1, 4)
        .transpose(0, 2, 1)
        .reshape(4 * len(numbers), -1)
    )
    return np.unpackbits(number_bytes, axis=0, bitorder="little")[_FLAG_BITS]


def _block_features(
    blocks: list[Block], title: str, description: str
) -> tuple[list[Any], Vector]:
    """The columns of BLOCK_FEATURES, and the word families of each block."""
    texts = [block.text for block in blocks]
    size = np.array([len(text) for text in texts], dtype=np.float64)
    words = np.array([len(block.words) for block in blocks], dtype=np.float64)
    # Characters that count as words, in scripts without spaces.
    unspaced = np.maximum(np.array([block.word_count for block in blocks]) - words, 0)
    length = size + unspaced * 2
    word_count = np.where(
        unspaced > 0, np.maximum(words, length / MEAN_WORD_LENGTH), words
    )
    divisor = np.maximum(words, 1)
    is_short = words <= MAX_SHORT_BLOCK_WORDS
    families, family_words, *of_headline = short_block_columns(
        blocks, title, description
    )
    sentences, commas, digits, capitals, bars = count_characters(texts)
    twins_before, twins = count_twins(texts)
    first_characters = [text[0] for text in texts]
    return [
        length,
        word_count,
        size / divisor,
        np.array([block.linked_chars for block in blocks]) / size,
        [block.link_count for block in blocks],
        np.array([block.bold_chars for block in blocks]) / size,
        [
            CUT_CODE if text.endswith(_CUT_ENDINGS) else _END_CODES.get(text[-1], 0)
            for text in texts
        ],
        np.where(size > 40, sentences, 0),
        commas,
        np.where(is_short, digits / size, 0),
        np.where(is_short, np.minimum(capitals / divisor, 3), 0),
        [character.islower() for character in first_characters],
        [not character.isalnum() for character in first_characters],
        bars,
        [":" in text[:40] for text in texts],
        family_words / divisor,
        *of_headline,
        twins_before,
        twins,
        [block.run_index for block in blocks],
        [block.follows_break for block in blocks],
        [_TAG_CODES.get(block.node.tag, 0) for block in blocks],
        [block.node.depth for block in blocks],
    ], families
