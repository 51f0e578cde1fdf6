"""From the score of each block to the blocks that are the text.

    lower the scores of comments and of what is before the headline
    → raise the scores of standfirsts
    → take the blocks with the greatest expected F1, or the certain ones alone
    → add table cells → remove pull quotes → add correction notes

Scores come from ``body``; what frames the text is removed by ``lines``. The numbers
were chosen by cross-validation with whole sites left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from harvester.parse.content import phrases
from harvester.parse.content.features import FEATURE_INDEX
from harvester.parse.content.page_blocks import TAG_BITS, Block

Vector = Any  # numpy.ndarray

# What the trees make too little of; the odds of a score are divided by this. Of the words
# that are apart from the headline in an element named for comments one in a hundred is
# article, whatever they look like; and little is article that is before the headline.
COMMENT_DIVISOR = 6.0
BEFORE_HEADLINE_DIVISOR = 3.0
MAX_BEFORE_HEADLINE = 99  # blocks; farther away, it is hardly the headline


def adjust_scores(feature_rows: Vector, scores: Vector) -> Vector:
    """The scores of the trees, adjusted by what they miss."""
    return boost_standfirsts(feature_rows, lower_improbable(feature_rows, scores))


def lower_improbable(feature_rows: Vector, scores: Vector) -> Vector:
    """The scores, lowered for comments and for what is before the headline."""

    def column(name: str) -> Vector:
        return feature_rows[:, FEATURE_INDEX[name]]

    is_comment = (column("apart_comment") > 0) | (
        (column("parent_comment") > 0) & (column("with_title_comment") == 0)
    )
    position = column("past_title")
    is_before = (position < 0) & (position > -MAX_BEFORE_HEADLINE)
    divisors = np.where(is_comment, COMMENT_DIVISOR, 1.0) * np.where(
        is_before, BEFORE_HEADLINE_DIVISOR, 1.0
    )
    lowered: Vector = scores / (scores + (1 - scores) * divisors)
    return lowered


# Some sets of labelled pages count the standfirst as article and some do not, so the
# model is undecided: a score of at least the first is raised to the second.
MIN_STANDFIRST_SCORE = 0.1
STANDFIRST_SCORE = 0.6
MIN_STANDFIRST_WORDS = 10
MAX_STANDFIRST_LINKED = 0.2  # share of links
MAX_STANDFIRST_DISTANCE = 12  # blocks before the first paragraph
SENTENCE_END_CODES = (1, 2, 4, 5)  # of the feature ``end``: full stop, "!", "…", quote
FIRST_PARAGRAPH_SCORE = 0.6
FIRST_PARAGRAPH_WORDS = 15
# Directly after the headline, a standfirst needs no full stop if it shares words with
# the page's description.
MAX_HEADLINE_DISTANCE = 2  # blocks
MIN_SCORE_NEAR_HEADLINE = 0.2
MIN_DESCRIPTION_SHARE = 0.4  # of its words
_NOT_STANDFIRST = (
    "suspect",
    "self_caption",
    "in_figure",
    "in_figcaption",
    "said_photo",
)


def boost_standfirsts(feature_rows: Vector, scores: Vector) -> Vector:
    """The scores, raised for standfirsts between headline and first paragraph."""
    paragraphs = np.flatnonzero(
        (scores > FIRST_PARAGRAPH_SCORE)
        & (feature_rows[:, FEATURE_INDEX["words"]] >= FIRST_PARAGRAPH_WORDS)
    )
    if not len(paragraphs):
        return scores
    first = int(paragraphs[0])
    nearby = slice(max(0, first - MAX_STANDFIRST_DISTANCE), first)
    is_standfirst = _standfirst_flags(feature_rows[nearby], scores[nearby])
    boosted = np.array(scores)
    boosted[nearby] = np.where(
        is_standfirst, np.maximum(scores[nearby], STANDFIRST_SCORE), scores[nearby]
    )
    return boosted


def _standfirst_flags(feature_rows: Vector, scores: Vector) -> Vector:
    def column(name: str) -> Vector:
        return feature_rows[:, FEATURE_INDEX[name]]

    may_be = (
        (column("past_title") > 0)
        & (column("words") >= MIN_STANDFIRST_WORDS)
        & (column("linked") < MAX_STANDFIRST_LINKED)
        & (column("twins") == 1)
    )
    for name in _NOT_STANDFIRST:
        may_be &= column(name) == 0
    is_sentence = np.isin(column("end"), SENTENCE_END_CODES) & (
        scores >= MIN_STANDFIRST_SCORE
    )
    repeats_description = (
        (column("since_title") > 0)
        & (column("since_title") <= MAX_HEADLINE_DISTANCE)
        & (column("in_description") >= MIN_DESCRIPTION_SHARE)
        & (scores >= MIN_SCORE_NEAR_HEADLINE)
    )
    return may_be & (is_sentence | repeats_description)


# Of another extractor's opinion, in logits: it counts the more, the less certain we are.
OPINION_BY_UNCERTAINTY = 5.0


def move_towards(scores: Vector, in_other_text: Vector, uncertainty: float) -> Vector:
    """The scores, moved by the opinion of another extractor on each block.

    ``uncertainty``: 1 − the F1 that is expected by the scores alone.
    """
    opinion = OPINION_BY_UNCERTAINTY * uncertainty
    odds = np.exp(np.where(in_other_text, opinion, -opinion))
    moved: Vector = scores * odds / (scores * odds + 1 - scores)
    return moved


def word_counts(blocks: list[Block]) -> Vector:
    """The word count of each block."""
    return np.array([block.word_count for block in blocks], dtype=np.float64)


# A block from this score on is certain. The certain blocks alone are taken where that
# loses at most so much of the expected F1: uncertain ones are more often too much.
MIN_SURE_SCORE = 0.55
MAX_F1_LOSS = 0.02


def select_blocks(scores: Vector, counts: Vector) -> tuple[Vector, float]:
    """The blocks with the greatest expected F1 of words, and that F1.

    With independent blocks these are always the likeliest ones (Ye et al., ICML 2012).
    If the certain ones alone are hardly worse, takes these: more pages are then exact.
    """
    selected = np.zeros(len(scores), dtype=bool)
    if not len(scores):
        return selected, 0.0
    order = np.argsort(-scores, kind="stable")
    expected_matches = np.cumsum((scores * counts)[order])
    selected_words = np.cumsum(counts[order])
    true_words = float((scores * counts).sum())
    expected_f1 = 2 * expected_matches / np.maximum(selected_words + true_words, 1.0)
    last = int(np.argmax(expected_f1))
    last_sure = int((scores >= MIN_SURE_SCORE).sum()) - 1
    if last_sure >= 0 and expected_f1[last_sure] >= expected_f1[last] - MAX_F1_LOSS:
        selected[order[: last_sure + 1]] = True
    else:
        selected[order[: last + 1]] = True
    return selected, float(expected_f1[last])


MIN_CELL_SCORE = 0.5
MIN_SELECTED_CELLS = 0.5  # share of a row's cells; with more, all of the row is text


def add_table_cells(blocks: list[Block], selected: Vector, scores: Vector) -> Vector:
    """The selection, with cells beside selected ones: a table row is a line.

    Those that are likely; all, where more than half are selected already: a row without
    its first number is no better text, and which cell is missing changes with what else
    is on the page.
    """
    rows: dict[int, list[int]] = {}  # the cells of each
    for index, block in enumerate(blocks):
        if block.table_row:
            rows.setdefault(block.table_row, []).append(index)
    completed = np.array(selected)
    for cells in rows.values():
        if not selected[cells].any():
            continue
        in_text = selected[cells] | (scores[cells] >= MIN_CELL_SCORE)
        if in_text.mean() > MIN_SELECTED_CELLS:
            in_text[:] = True
        completed[cells] = in_text
    return completed


PULL_QUOTE_WORDS = range(6, 41)
MIN_QUOTED_WORDS = 16  # words of the block that the pull quote repeats
MAX_SIMILAR_BLOCKS = 3  # with its signature; sentences of the text itself have more
MAX_PULL_QUOTE_SHARE = 0.15  # of the text
MAX_PULL_QUOTES = 100
MAX_QUOTED_LENGTH = 300_000  # characters
_MAIN_HEADING_BITS = TAG_BITS["h1"] | TAG_BITS["h2"] | TAG_BITS["h3"] | TAG_BITS["h4"]


def remove_pull_quotes(
    blocks: list[Block], selected: Vector, undecided: Vector
) -> Vector:
    """The selection without pull quotes, set apart from the text that they repeat.

    ``undecided``: the blocks of which the outlet's profile knows nothing.
    """
    indices = np.flatnonzero(selected).tolist()
    candidates = [
        index
        for index in indices[1:]
        if blocks[index].word_count in PULL_QUOTE_WORDS
        and undecided[index]
        and not blocks[index].node.tags & _MAIN_HEADING_BITS
    ]
    if not candidates:
        return selected
    repeats = find_pull_quotes(
        [blocks[index] for index in indices], [blocks[index] for index in candidates]
    )
    quotes = [
        index
        for index, is_repeat in zip(candidates, repeats, strict=False)
        if is_repeat
    ]
    if not quotes:
        return selected
    similar = Counter(block.node.signature for block in blocks)
    quotes = [
        index
        for index in quotes
        if similar[blocks[index].node.signature] <= MAX_SIMILAR_BLOCKS
    ]
    if _total_words(blocks, quotes) > MAX_PULL_QUOTE_SHARE * _total_words(
        blocks, indices
    ):
        return selected
    remaining = np.array(selected)
    remaining[quotes] = False
    return remaining


def _total_words(blocks: list[Block], indices: list[int]) -> float:
    return sum(blocks[index].word_count for index in indices)


def find_pull_quotes(text_blocks: list[Block], candidates: list[Block]) -> list[bool]:
    """Which candidates a longer block of the text repeats; only for the first ones."""
    long_texts = [
        " ".join(block.words)
        for block in text_blocks
        if len(block.words) >= MIN_QUOTED_WORDS
    ]
    searched = " | ".join(long_texts)[:MAX_QUOTED_LENGTH]
    occurrences = Counter(long_texts)
    repeats = []
    for candidate in candidates[:MAX_PULL_QUOTES]:
        text = " ".join(candidate.words)
        own = occurrences[text]
        repeats.append(own < 2 and searched.count(text) > own)
    return repeats


MAX_NOTE_DISTANCE = 6  # blocks after the text


def add_correction_notes(
    blocks: list[Block], selected: Vector, undecided: Vector
) -> Vector:
    """The selection, with correction and update notes inside the text or close after.

    Only of blocks that are ``undecided``. Changes ``selected``.
    """
    indices = np.flatnonzero(selected)
    if not len(indices):
        return selected
    first, last = int(indices[0]), int(indices[-1])
    for index in range(first, min(len(blocks), last + MAX_NOTE_DISTANCE)):
        text = blocks[index].text
        if (
            undecided[index]
            and not selected[index]
            and len(text) <= phrases.MAX_CORRECTION_NOTE_LENGTH
            and phrases.CORRECTION_NOTE_LINE.fullmatch(text)
        ):
            selected[index] = True
    return selected
