"""Words of a query in all forms that the archive has: flood also finds floods, flooded.

By the stems of the languages of its articles (``records.word_forms``). Words in quotes,
prefixes, and words in NEAR stay as they are typed. A French article or particle before
an apostrophe is left out: l'eau also finds d'eau.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from harvester.archive.queries import unspaced
from harvester.archive.records import stemming, word_forms
from harvester.query.tree import And, Node, Or, Words, map_words

MIN_TOLD_VERSIONS = 1_000  # fewer wait for the end of a crawl


def add_forms(connection: sqlite3.Connection, tree: Node) -> Node:
    """The query with the forms of its words."""

    def change(words: Words) -> Words:
        if words.exact or words.prefix or words.forms:
            return words
        word = stemming.drop_elision(words.text)
        forms: tuple[str, ...] = (word,) if word != words.text else ()
        if _has_forms(word):
            forms += word_forms.find_forms(connection, word)
        return replace(words, forms=forms) if forms else words

    return map_words(tree, change)


def without_forms(tree: Node) -> Node:
    """The query for its words as they are typed."""
    return map_words(tree, lambda words: replace(words, exact=True, forms=()))


def with_words_as_typed(tree: Node) -> Node:
    """The query for what it wants as typed, without what it excludes in any form."""
    match tree:
        case And(wanted=wanted):
            return replace(tree, wanted=tuple(map(with_words_as_typed, wanted)))
        case Or(parts=parts):
            return replace(tree, parts=tuple(map(with_words_as_typed, parts)))
    return without_forms(tree)


def choose_forms(connection: sqlite3.Connection, tree: Node, exact: bool) -> Node:
    """The query for all forms of its words, or exactly as it is typed."""
    return without_forms(tree) if exact else add_forms(connection, tree)


def describe_pending(connection: sqlite3.Connection) -> str:
    """How many versions are searched for words as typed only, for people; "": none."""
    count = word_forms.count_pending(connection)
    if count < MIN_TOLD_VERSIONS:
        return ""
    return (
        f"the words of {count:,} versions are still to be read: other forms of a word "
        "may be missing from the results; each crawl reads some"
    )


def may_have_forms(words: Words) -> bool:
    """Whether a word of a query is found in other forms too."""
    return not (words.exact or words.prefix) and _has_forms(
        stemming.drop_elision(words.text)
    )


def _has_forms(word: str) -> bool:
    return (
        word.isalpha()
        and stemming.MIN_LETTERS <= len(word) <= stemming.MAX_LETTERS
        and not unspaced.has_letters(word)
    )
