"""From an opinion of each block to the blocks that are the text. Pure.

    standfirsts are believed → the blocks with the greatest expected F1, or the sure ones alone → no pull quotes → notes of correction

Not for: how the opinion is made (``body``), what frames the text (``lines``). The numbers were chosen with whole sites left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from harvester.parse.content import features, phrases
from harvester.parse.content.page_blocks import TAGS, Block

Vector = Any  # numpy.ndarray

LEAD_LEAST = 0.1  # what the model must grant a standfirst …
LEAD = 0.6  # … to be believed this much: some sets of truth have it, some have not, and so the model is of two minds
LEAD_WORDS = 10
BEHIND, BEHIND_LEAST, DESCRIBED = (
    2,
    0.2,
    0.4,
)  # blocks behind the headline, the least opinion, the share of words in the description
LEAD_WITHIN = 12  # blocks before the first long one
FIRST_LONG = (0.6, 15)  # opinion and words of the block that a standfirst stands before


def with_lead(rows: Vector, opinion: Vector) -> Vector:
    """The opinion, with the sentences between headline and first paragraph taken for the article's."""
    at = features.COLUMN
    long = np.flatnonzero(
        (opinion > FIRST_LONG[0]) & (rows[:, at["words"]] >= FIRST_LONG[1])
    )
    if not len(long):
        return opinion
    first = int(long[0])
    near = slice(max(0, first - LEAD_WITHIN), first)
    some = rows[near]
    lead = (
        (some[:, at["past_title"]] > 0)
        & (some[:, at["words"]] >= LEAD_WORDS)
        & (some[:, at["linked"]] < 0.2)
        & np.isin(some[:, at["end"]], (1, 2, 4, 5))
        & (some[:, at["twins"]] == 1)
        & (opinion[near] >= LEAD_LEAST)
    )
    # Right behind the headline it needs no full stop, where the page describes itself in its words.
    behind = (
        (some[:, at["since_title"]] > 0)
        & (some[:, at["since_title"]] <= BEHIND)
        & (some[:, at["past_title"]] > 0)
        & (some[:, at["words"]] >= LEAD_WORDS)
        & (some[:, at["linked"]] < 0.2)
        & (some[:, at["in_description"]] >= DESCRIBED)
        & (some[:, at["twins"]] == 1)
        & (opinion[near] >= BEHIND_LEAST)
    )
    lead |= behind
    for name in ("suspect", "self_caption", "in_figure", "in_figcaption", "said_photo"):
        lead &= some[:, at[name]] == 0
    changed = np.array(opinion)
    changed[near] = np.where(lead, np.maximum(opinion[near], LEAD), opinion[near])
    return changed


def sizes(blocks: list[Block]) -> Vector:
    """The words of each block; characters where words are not spaced."""
    return np.array([block.size for block in blocks], dtype=np.float64)


SURE = 0.6  # opinion from which on a block is article …
CLEAR = 0.02  # … where these blocks alone are as good as this: what is doubtful is more often too much than missing


def best(opinion: Vector, size: Vector) -> tuple[Vector, float]:
    """The blocks with the greatest expected F1 of words, and that F1 (Ye et al., ICML 2012: with independent blocks it is always
    the likeliest ones). Where the sure ones alone are hardly worse, these: then pages come out exactly more often."""
    kept = np.zeros(len(opinion), dtype=bool)
    if not len(opinion):
        return kept, 0.0
    order = np.argsort(-opinion, kind="stable")
    good = np.cumsum((opinion * size)[order])
    chosen = np.cumsum(size[order])
    expected = 2 * good / np.maximum(chosen + float((opinion * size).sum()), 1.0)
    last = int(np.argmax(expected))
    sure = int((opinion >= SURE).sum()) - 1
    if sure >= 0 and expected[sure] >= expected[last] - CLEAR:
        kept[order[: sure + 1]] = True
    else:
        kept[order[: last + 1]] = True
    return kept, float(expected[last])


def with_cells(blocks: list[Block], kept: Vector, opinion: Vector) -> Vector:
    """What is kept, with the likely cells beside kept ones: a row of a table is a line."""
    rows = {blocks[place].row for place in np.flatnonzero(kept).tolist()} - {0}
    if not rows:
        return kept
    beside = np.array([block.row in rows for block in blocks], dtype=bool)
    return kept | (beside & (opinion >= LIKELY))


LIKELY = 0.5
ECHO_WORDS = range(6, 41)
ECHOED_LEAST = 16  # words of the block that it repeats
ECHO_ALIKE = (
    3  # blocks of the page made like it: sentences of the text itself have more
)
ECHO_SHARE = 0.15  # of the text
ECHOES_MOST, ECHOED_MOST = 100, 300_000  # blocks; characters


def without_echoes(blocks: list[Block], kept: Vector, unsaid: Vector) -> Vector:
    """What is kept, without pull quotes: sentences that stand once more in a paragraph, set in another way than the text."""
    places = [int(place) for place in np.flatnonzero(kept)]
    some = [
        place
        for place in places[1:]
        if blocks[place].size in ECHO_WORDS and unsaid[place]
    ]
    if not some:
        return kept
    headings = TAGS["h1"] | TAGS["h2"] | TAGS["h3"] | TAGS["h4"]
    some = [one for one in some if not blocks[one].node.tags & headings]
    found = echoes(
        [blocks[place] for place in places], [blocks[place] for place in some]
    )
    gone = [place for place, echo in zip(some, found, strict=False) if echo]
    if gone:  # made alike: at the same place of the page
        alike = Counter(block.node.signature for block in blocks)
        gone = [
            place for place in gone if alike[blocks[place].node.signature] <= ECHO_ALIKE
        ]
    if sum(blocks[place].size for place in gone) > ECHO_SHARE * sum(
        blocks[place].size for place in places
    ):
        return kept
    left = np.array(kept)
    left[gone] = False
    return left


def echoes(text: list[Block], some: list[Block]) -> list[bool]:
    """Which of some blocks say what a longer block of the text says as well; of many, the first."""
    whole = [" ".join(one.words) for one in text if len(one.words) >= ECHOED_LEAST]
    said, times = " | ".join(whole)[:ECHOED_MOST], Counter(whole)
    found = []
    for one in some[:ECHOES_MOST]:
        words = " ".join(one.words)
        own = times[words]
        found.append(own < 2 and said.count(words) > own)
    return found


NOTES_BEHIND = 6  # blocks behind the text


def with_notes(blocks: list[Block], kept: Vector, unsaid: Vector) -> Vector:
    """What is kept, with the notes of correction or update inside of it and right behind it; where nobody said otherwise."""
    places = np.flatnonzero(kept)
    if not len(places):
        return kept
    first, last = int(places[0]), int(places[-1])
    for place in range(first, min(len(blocks), last + NOTES_BEHIND)):
        text = blocks[place].text
        if (
            unsaid[place]
            and not kept[place]
            and len(text) <= phrases.NOTE_MOST
            and phrases.NOTE_LINE.fullmatch(text)
        ):
            kept[place] = True
    return kept
