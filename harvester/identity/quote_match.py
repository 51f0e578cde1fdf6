"""A sentence found again in a text, also slightly altered. Pure.

A quotation's words are looked for in the text's sentences (and, where it is several, in as many that follow each other): the score is
the share of its words that stand there in the same order, in runs of two or more. Not for: which texts to look at (``archive.quotes``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from harvester.identity import diff, shingles

MIN_SCORE = 0.6  # score of what counts as the same sentence
PHRASE_WORDS = (
    4  # words of the phrases by which texts are found; of a short quotation fewer
)
MAX_PHRASES = 60
MAX_QUOTATION_WORDS = 300  # words of a quotation that are compared
MIN_RUN_WORDS = 2  # a word in common that stands alone says little: runs of so many count, but in short quotations


@dataclass(frozen=True, slots=True)
class QuotationMatch:
    """Where a quotation stands: the sentence as it is there, and how much of the quotation it has, 0 to 1."""

    sentence: str
    score: float


def search_phrases(quotation: str) -> list[str]:
    """Phrases to search a full-text index for, any of which may be the one that was not altered."""
    spaced = shingles.fold_text(quotation)
    pieces = shingles.index_tokens(spaced)
    size = (
        min(PHRASE_WORDS, max(len(pieces) // 2, 1)) if len(pieces) > 3 else len(pieces)
    )
    if not pieces:
        return []
    step = max(1, len(pieces) // MAX_PHRASES)
    return [
        " ".join(pieces[at : at + size])
        for at in range(0, len(pieces) - size + 1, step)
    ]


def find_quotation(quotation: str, text: str) -> QuotationMatch | None:
    """The best place of a quotation in a text; None where it does not stand there."""
    wanted = shingles.split_into_words(quotation)[:MAX_QUOTATION_WORDS]
    if not wanted:
        return None
    wide = max(len(diff.split_sentences(quotation)), 1)
    sentences = diff.split_sentences(text)
    folded = [shingles.split_into_words(one) for one in sentences]
    bag = set(wanted)
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted)
    best: QuotationMatch | None = None
    for at in range(max(len(sentences) - wide + 1, 1)):
        there = [word for line in folded[at : at + wide] for word in line]
        if sum(word in bag for word in there) < MIN_SCORE * len(wanted):
            continue
        score = _score(matcher, wanted, there)
        if score >= MIN_SCORE and (best is None or score > best.score):
            best = QuotationMatch(" ".join(sentences[at : at + wide]), score)
    return best


def _score(
    matcher: SequenceMatcher[str],
    quotation_words: Sequence[str],
    passage_words: list[str],
) -> float:
    matcher.set_seq1(passage_words[: 4 * MAX_QUOTATION_WORDS])
    least = 1 if len(quotation_words) < 2 * MIN_RUN_WORDS else MIN_RUN_WORDS
    return round(
        sum(
            block.size for block in matcher.get_matching_blocks() if block.size >= least
        )
        / len(quotation_words),
        3,
    )
