"""Find a quotation in a text, even slightly altered. Pure.

The quotation is compared with each sentence of the text, or, if it has several, with as
many consecutive ones. The score is the share of its words that are there in the same
order, in runs of two or more. The texts to search are chosen by
``archive.queries.quotes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from harvester.identity import diff, shingles

MIN_SCORE = 0.6  # of a match
PHRASE_WORDS = 4  # words of the phrases to search for; fewer for a short quotation
MAX_PHRASES = 60
MAX_QUOTATION_WORDS = 300  # words of a quotation that are compared
# Single words in common say little: only runs of so many count, unless the quotation
# is short.
MIN_RUN_WORDS = 2


@dataclass(frozen=True, slots=True)
class QuotationMatch:
    """The sentence that matches, and the share of the quotation that it has, 0 to 1."""

    sentence: str
    score: float


def search_phrases(quotation: str) -> list[str]:
    """Phrases to search a full-text index for; at least one may be unaltered."""
    tokens = shingles.index_tokens(shingles.fold_text(quotation))
    if not tokens:
        return []
    size = len(tokens)
    if size > 3:
        size = min(PHRASE_WORDS, size // 2)
    step = max(1, len(tokens) // MAX_PHRASES)
    return [
        " ".join(tokens[start : start + size])
        for start in range(0, len(tokens) - size + 1, step)
    ]


def find_quotation(quotation: str, text: str) -> QuotationMatch | None:
    """The best match of a quotation in a text; None if there is none."""
    words = shingles.split_into_words(quotation)[:MAX_QUOTATION_WORDS]
    if not words:
        return None
    sentence_count = max(len(diff.split_sentences(quotation)), 1)
    sentences = diff.split_sentences(text)
    sentence_words = [shingles.split_into_words(sentence) for sentence in sentences]
    distinct_words = set(words)
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(words)
    best: QuotationMatch | None = None
    for start in range(max(len(sentences) - sentence_count + 1, 1)):
        passage = slice(start, start + sentence_count)
        passage_words = [word for line in sentence_words[passage] for word in line]
        shared = sum(word in distinct_words for word in passage_words)
        if shared < MIN_SCORE * len(words):
            continue
        score = _score(matcher, words, passage_words)
        if score >= MIN_SCORE and (best is None or score > best.score):
            best = QuotationMatch(" ".join(sentences[passage]), score)
    return best


def _score(
    matcher: SequenceMatcher[str],
    quotation_words: Sequence[str],
    passage_words: list[str],
) -> float:
    matcher.set_seq1(passage_words[: 4 * MAX_QUOTATION_WORDS])
    min_run = 1 if len(quotation_words) < 2 * MIN_RUN_WORDS else MIN_RUN_WORDS
    runs = [block.size for block in matcher.get_matching_blocks()]
    matched = sum(size for size in runs if size >= min_run)
    return round(matched / len(quotation_words), 3)
