"""Why a query has no matches: the part that took the last one away, words to try.

Asked only after a search that found nothing; bounded by ``MAX_PARTS`` searches and
``MAX_WORDS`` words.
"""

from __future__ import annotations

import sqlite3
import string
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.archive.queries import full_text, matches
from harvester.archive.queries.search import search
from harvester.query.tree import Node, Words, list_conjuncts, walk, without

MAX_PARTS = 6  # conjuncts that are left out one by one
MAX_WORDS = 3  # for which others are proposed
MIN_LETTERS = 3  # of a word for which others are proposed
MAX_LETTERS = 30
MAX_PROPOSALS = 3
MAX_COUNTED = 1_000  # versions with a proposed word


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was tried."""

    blocking: tuple[Node, ...]  # parts without any of which there are matches
    proposals: dict[
        str, tuple[str, ...]
    ]  # word that no version has → words that some have


def explain(connection: sqlite3.Connection, query: Node, now: str) -> Explanation:
    """Why a query has no matches."""
    wanted, unwanted = list_conjuncts(query)
    blocking = []
    for part in (wanted + unwanted)[:MAX_PARTS]:
        rest = without(query, part)
        if rest is not None and search(connection, rest, now, limit=1, scope="all"):
            blocking.append(part)
    return Explanation(tuple(blocking), propose_words(connection, query))


def propose_words(
    connection: sqlite3.Connection, query: Node
) -> dict[str, tuple[str, ...]]:
    """Words of a query that no version has, each with words that some have."""
    words = [
        node
        for node in walk(query)
        if isinstance(node, Words) and full_text.is_indexed(node) and not node.prefix
    ]
    proposals = {}
    for node in words[:MAX_WORDS]:
        if not _count(connection, node.text):
            nearest = _list_nearest(connection, node.text)
            if nearest:
                proposals[node.text] = nearest
    return proposals


def _list_nearest(connection: sqlite3.Connection, word: str) -> tuple[str, ...]:
    """Indexed words that differ in one letter, or two that changed places; by frequency."""
    if not word.isalpha() or not MIN_LETTERS <= len(word) <= MAX_LETTERS:
        return ()
    counted = {variant: _count(connection, variant) for variant in _list_variants(word)}
    best = sorted(counted, key=lambda variant: (-counted[variant], variant))
    return tuple(variant for variant in best[:MAX_PROPOSALS] if counted[variant])


def _list_variants(word: str) -> Iterator[str]:
    """Words at an edit distance of one, transpositions included.

    The index knows no accents, so plain letters suffice (Norvig, "How to Write a
    Spelling Corrector", 2007).
    """
    word = word.lower()
    variants = set()
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            variants.add(before + after[1:])
        if len(after) > 1:
            variants.add(before + after[1] + after[0] + after[2:])
        for letter in string.ascii_lowercase:
            variants.add(before + letter + after[1:])
            variants.add(before + letter + after)
    variants.discard(word)
    return iter(sorted(variants))


def _count(connection: sqlite3.Connection, word: str) -> int:
    """Versions with a word, counted up to ``MAX_COUNTED``."""
    expression = full_text.to_expression(Words(word, 1))
    return matches.count_indexed(connection, expression, MAX_COUNTED)
