"""A sentence found again in a text, also slightly altered. Pure.

A quotation's words are looked for in the text's sentences (and, where it is several, in as many that follow each other): the score is
the share of its words that stand there in the same order, in runs of two or more. Not for: which texts to look at (``archive.quotes``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from harvester.identity import diff, shingles

LEAST = 0.6  # score of what counts as the same sentence
RUN = 4  # words of the phrases by which texts are found; of a short quotation fewer
PHRASES = 60
LONGEST = 300  # words of a quotation that are compared
SHORT = 2  # a word in common that stands alone says little: runs of so many count, but in short quotations


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quotation stands: the sentence as it is there, and how much of the quotation it has, 0 to 1."""

    sentence: str
    score: float


def phrases(quotation: str) -> list[str]:
    """Phrases to search a full-text index for, any of which may be the one that was not altered."""
    spaced = shingles.folded(quotation)
    pieces = shingles.tokens(spaced)
    size = min(RUN, max(len(pieces) // 2, 1)) if len(pieces) > 3 else len(pieces)
    if not pieces:
        return []
    step = max(1, len(pieces) // PHRASES)
    return [
        " ".join(pieces[at : at + size])
        for at in range(0, len(pieces) - size + 1, step)
    ]


def find(quotation: str, text: str) -> Place | None:
    """The best place of a quotation in a text; None where it does not stand there."""
    wanted = shingles.words(quotation)[:LONGEST]
    if not wanted:
        return None
    wide = max(len(diff.sentences(quotation)), 1)
    sentences = diff.sentences(text)
    folded = [shingles.words(one) for one in sentences]
    bag = set(wanted)
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted)
    best: Place | None = None
    for at in range(max(len(sentences) - wide + 1, 1)):
        there = [word for line in folded[at : at + wide] for word in line]
        if sum(word in bag for word in there) < LEAST * len(wanted):
            continue
        score = _score(matcher, wanted, there)
        if score >= LEAST and (best is None or score > best.score):
            best = Place(" ".join(sentences[at : at + wide]), score)
    return best


def _score(
    matcher: SequenceMatcher[str], wanted: Sequence[str], there: list[str]
) -> float:
    matcher.set_seq1(there[: 4 * LONGEST])
    least = 1 if len(wanted) < 2 * SHORT else SHORT
    return round(
        sum(
            block.size for block in matcher.get_matching_blocks() if block.size >= least
        )
        / len(wanted),
        3,
    )
