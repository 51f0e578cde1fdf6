"""From an opinion of each block to the blocks that are the text. Pure.

    standfirsts are believed → the blocks with the greatest expected F1, or the sure ones alone → no pull quotes → notes of correction

Not for: how the opinion is made (``body``), what frames the text (``lines``). The numbers were chosen with whole sites left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from harvester.parse.content import features, phrases
from harvester.parse.content.page_blocks import TAG_BITS, Block

Vector = Any  # numpy.ndarray

MIN_STANDFIRST_SCORE = 0.1  # what the model must grant a standfirst …
STANDFIRST_SCORE = 0.6  # … to be believed this much: some sets of truth have it, some have not, and so the model is of two minds
MIN_STANDFIRST_WORDS = 10
MAX_HEADLINE_DISTANCE, MIN_SCORE_NEAR_HEADLINE, MIN_DESCRIPTION_SHARE = (
    2,
    0.2,
    0.4,
)  # blocks behind the headline, the least opinion, the share of words in the description
MAX_STANDFIRST_DISTANCE = 12  # blocks before the first long one
FIRST_PARAGRAPH_THRESHOLDS = (
    0.6,
    15,
)  # opinion and words of the block that a standfirst stands before


def boost_standfirsts(feature_rows: Vector, scores: Vector) -> Vector:
    """The opinion, with the sentences between headline and first paragraph taken for the article's."""
    at = features.FEATURE_INDEX
    long = np.flatnonzero(
        (scores > FIRST_PARAGRAPH_THRESHOLDS[0])
        & (feature_rows[:, at["words"]] >= FIRST_PARAGRAPH_THRESHOLDS[1])
    )
    if not len(long):
        return scores
    first = int(long[0])
    near = slice(max(0, first - MAX_STANDFIRST_DISTANCE), first)
    some = feature_rows[near]
    lead = (
        (some[:, at["past_title"]] > 0)
        & (some[:, at["words"]] >= MIN_STANDFIRST_WORDS)
        & (some[:, at["linked"]] < 0.2)
        & np.isin(some[:, at["end"]], (1, 2, 4, 5))
        & (some[:, at["twins"]] == 1)
        & (scores[near] >= MIN_STANDFIRST_SCORE)
    )
    # Right behind the headline it needs no full stop, where the page describes itself in its words.
    behind = (
        (some[:, at["since_title"]] > 0)
        & (some[:, at["since_title"]] <= MAX_HEADLINE_DISTANCE)
        & (some[:, at["past_title"]] > 0)
        & (some[:, at["words"]] >= MIN_STANDFIRST_WORDS)
        & (some[:, at["linked"]] < 0.2)
        & (some[:, at["in_description"]] >= MIN_DESCRIPTION_SHARE)
        & (some[:, at["twins"]] == 1)
        & (scores[near] >= MIN_SCORE_NEAR_HEADLINE)
    )
    lead |= behind
    for name in ("suspect", "self_caption", "in_figure", "in_figcaption", "said_photo"):
        lead &= some[:, at[name]] == 0
    changed = np.array(scores)
    changed[near] = np.where(
        lead, np.maximum(scores[near], STANDFIRST_SCORE), scores[near]
    )
    return changed


def word_counts(blocks: list[Block]) -> Vector:
    """The words of each block; characters where words are not spaced."""
    return np.array([block.word_count for block in blocks], dtype=np.float64)


MIN_SURE_SCORE = 0.6  # opinion from which on a block is article …
MAX_F1_LOSS = 0.02  # … where these blocks alone are as good as this: what is doubtful is more often too much than missing


def select_blocks(scores: Vector, counts: Vector) -> tuple[Vector, float]:
    """The blocks with the greatest expected F1 of words, and that F1 (Ye et al., ICML 2012: with independent blocks it is always
    the likeliest ones). Where the sure ones alone are hardly worse, these: then pages come out exactly more often."""
    kept = np.zeros(len(scores), dtype=bool)
    if not len(scores):
        return kept, 0.0
    order = np.argsort(-scores, kind="stable")
    good = np.cumsum((scores * counts)[order])
    chosen = np.cumsum(counts[order])
    expected = 2 * good / np.maximum(chosen + float((scores * counts).sum()), 1.0)
    last = int(np.argmax(expected))
    sure = int((scores >= MIN_SURE_SCORE).sum()) - 1
    if sure >= 0 and expected[sure] >= expected[last] - MAX_F1_LOSS:
        kept[order[: sure + 1]] = True
    else:
        kept[order[: last + 1]] = True
    return kept, float(expected[last])


def add_table_cells(blocks: list[Block], selected: Vector, scores: Vector) -> Vector:
    """What is kept, with the likely cells beside kept ones: a row of a table is a line."""
    rows = {blocks[place].table_row for place in np.flatnonzero(selected).tolist()} - {
        0
    }
    if not rows:
        return selected
    beside = np.array([block.table_row in rows for block in blocks], dtype=bool)
    return selected | (beside & (scores >= MIN_CELL_SCORE))


MIN_CELL_SCORE = 0.5
PULL_QUOTE_WORDS = range(6, 41)
MIN_QUOTED_WORDS = 16  # words of the block that it repeats
MAX_SIMILAR_BLOCKS = (
    3  # blocks of the page made like it: sentences of the text itself have more
)
MAX_PULL_QUOTE_SHARE = 0.15  # of the text
MAX_PULL_QUOTES, MAX_QUOTED_LENGTH = 100, 300_000  # blocks; characters


def remove_pull_quotes(
    blocks: list[Block], selected: Vector, undecided: Vector
) -> Vector:
    """What is kept, without pull quotes: sentences that stand once more in a paragraph, set in another way than the text."""
    places = [int(place) for place in np.flatnonzero(selected)]
    some = [
        place
        for place in places[1:]
        if blocks[place].word_count in PULL_QUOTE_WORDS and undecided[place]
    ]
    if not some:
        return selected
    headings = TAG_BITS["h1"] | TAG_BITS["h2"] | TAG_BITS["h3"] | TAG_BITS["h4"]
    some = [one for one in some if not blocks[one].node.tags & headings]
    found = find_pull_quotes(
        [blocks[place] for place in places], [blocks[place] for place in some]
    )
    gone = [place for place, echo in zip(some, found, strict=False) if echo]
    if gone:  # made alike: at the same place of the page
        alike = Counter(block.node.signature for block in blocks)
        gone = [
            place
            for place in gone
            if alike[blocks[place].node.signature] <= MAX_SIMILAR_BLOCKS
        ]
    if sum(blocks[place].word_count for place in gone) > MAX_PULL_QUOTE_SHARE * sum(
        blocks[place].word_count for place in places
    ):
        return selected
    left = np.array(selected)
    left[gone] = False
    return left


def find_pull_quotes(text_blocks: list[Block], candidates: list[Block]) -> list[bool]:
    """Which of some blocks say what a longer block of the text says as well; of many, the first."""
    whole = [
        " ".join(one.words) for one in text_blocks if len(one.words) >= MIN_QUOTED_WORDS
    ]
    said, times = " | ".join(whole)[:MAX_QUOTED_LENGTH], Counter(whole)
    found = []
    for one in candidates[:MAX_PULL_QUOTES]:
        words = " ".join(one.words)
        own = times[words]
        found.append(own < 2 and said.count(words) > own)
    return found


MAX_NOTE_DISTANCE = 6  # blocks behind the text


def add_correction_notes(
    blocks: list[Block], selected: Vector, undecided: Vector
) -> Vector:
    """What is kept, with the notes of correction or update inside of it and right behind it; where nobody said otherwise."""
    places = np.flatnonzero(selected)
    if not len(places):
        return selected
    first, last = int(places[0]), int(places[-1])
    for place in range(first, min(len(blocks), last + MAX_NOTE_DISTANCE)):
        text = blocks[place].text
        if (
            undecided[place]
            and not selected[place]
            and len(text) <= phrases.MAX_CORRECTION_NOTE_LENGTH
            and phrases.CORRECTION_NOTE_LINE.fullmatch(text)
        ):
            selected[place] = True
    return selected
