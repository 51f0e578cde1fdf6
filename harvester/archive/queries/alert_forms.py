"""The forms of the words of alerts, kept up to date with what comes.

A search finds a word in all forms that the archive has (``inflections``). Alerts are
asked before the words of new versions are taken into the archive's table of forms, so
these are looked at here: one stem for each new word, and no query.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harvester.archive.queries import inflections
from harvester.archive.records import stemming
from harvester.query.tree import Node, Words, map_words, walk

MAX_KNOWN_WORDS = 60_000  # some 5 MB; then they are looked at again


class AlertForms:
    """The forms of all words of some queries."""

    def __init__(self, queries: Mapping[str, Node]) -> None:
        self._queries: dict[str, set[str]] = defaultdict(set)  # by word: their names
        self._words: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._forms: dict[str, set[str]] = {}
        self._known: dict[str, set[str]] = defaultdict(set)  # by language
        self._is_loaded = False
        self._changed: set[str] = set()  # words with new forms
        for name, tree in queries.items():
            for node in walk(tree):
                if isinstance(node, Words) and inflections.may_have_forms(node):
                    word = stemming.drop_elision(node.text).lower()
                    self._queries[word].add(name)
                    self._add(word)

    def _add(self, word: str) -> None:
        if word in self._forms:
            return
        self._forms[word] = set()
        for language in stemming.ALGORITHMS:
            for stem, _ in stemming.list_stems({word}, language):
                self._words[language, stem].add(word)

    def learn(
        self, connection: sqlite3.Connection, version_ids: Sequence[int]
    ) -> set[str]:
        """Take in the words of versions; the names of queries whose words have more forms."""
        if not self._forms:
            return set()
        if not self._is_loaded:
            self._load(connection)
            self._is_loaded = True
        rows = connection.execute(
            """
            select language, title || ' ' || text from versions
            where id in (select value from json_each(?))""",
            [json.dumps(list(version_ids))],
        )
        for tag, text in rows:
            language = stemming.base_language(tag)
            if language in stemming.ALGORITHMS:
                self._learn(language, stemming.list_words(text))
        changed, self._changed = self._changed, set()
        return {name for word in changed for name in self._queries[word]}

    def _load(self, connection: sqlite3.Connection) -> None:
        """The forms that the archive has already."""
        rows = connection.execute(
            """
            select f.language, f.stem, f.word
            from json_each(?) k
            cross join word_forms f
                on f.language = json_extract(k.value, '$[0]')
                and f.stem = json_extract(k.value, '$[1]')""",
            [json.dumps(sorted(self._words))],
        )
        for language, stem, form in rows:
            self._add_form(language, stem, form)

    def _learn(self, language: str, words: set[str]) -> None:
        known = self._known[language]
        new = words - known
        if not new:
            return
        for stem, form in stemming.list_stems(new, language):
            self._add_form(language, stem, form)
        if len(known) > MAX_KNOWN_WORDS:
            known.clear()
        known |= new

    def _add_form(self, language: str, stem: str, form: str) -> None:
        for word in self._words.get((language, stem), ()):
            if form != stemming.index_form(word) and form not in self._forms[word]:
                self._forms[word].add(form)
                self._changed.add(word)

    def apply(self, tree: Node) -> Node:
        """A query with all forms of its words that are known."""

        def change(words: Words) -> Words:
            if words.exact or words.prefix:
                return words
            word = stemming.drop_elision(words.text)
            forms = {word} if word != words.text else set()
            if inflections.may_have_forms(words):
                forms |= self._forms[word.lower()]
            return replace(words, forms=tuple(sorted(forms))) if forms else words

        return map_words(tree, change)
