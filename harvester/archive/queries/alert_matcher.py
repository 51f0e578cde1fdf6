"""A thousand queries asked of what came, in one pass.

A batch of happenings (new articles, edits, …) is put into a small index in memory. Only
queries whose rarest word is in it are asked (``query.triggers``), each part once for the
whole batch, with the index's own answers: an alert rings where a search would find.

A query holds for a happening if it holds for its version, or for the one before an
edit. ``added:`` and ``removed:``, ``class:`` and ``is:silent`` mean that edit alone, not
earlier ones.
"""

from __future__ import annotations

import logging
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from harvester.archive.queries import conditions, full_text
from harvester.archive.queries.alert_forms import AlertForms
from harvester.archive.queries.happenings import Happening, list_contained
from harvester.archive.queries.small_index import SmallIndex, split_words
from harvester.query import triggers
from harvester.query.tree import And, Edited, Node, Or, Value, Words, walk

log = logging.getLogger("harvester.alerts")


class UnanswerableError(Exception):
    """The index cannot read a part of a query; the crawl goes on without it."""


Side = tuple[int, int]  # number of a happening, id of one of its versions


class AlertMatcher:
    """Queries by name, compiled; ``match`` asks all of them."""

    def __init__(self, queries: Mapping[str, Node]) -> None:
        self._typed = dict(queries)
        self._forms = AlertForms(self._typed)
        self._queries: dict[str, Node] = {}  # with the forms of their words
        self._tokens: dict[str, list[str]] = {}  # of each literal
        self._always: set[str] = set()
        self._by_word: dict[str, set[str]] = {}
        self._by_prefix: dict[str, set[str]] = {}
        self._by_outlet: dict[str, set[str]] = {}
        self._compile(self._typed)

    def _compile(self, names: Iterable[str]) -> None:
        """Find the triggers of queries, with the forms of words that are known now."""
        chosen = {name: self._forms.apply(self._typed[name]) for name in names}
        self._queries |= chosen
        self._tokenize(chosen.values())
        for name, tree in chosen.items():
            trigger = triggers.find_trigger(tree, self._list_tokens)
            if trigger is None:
                self._always.add(name)
                continue
            for index, keys in (
                (self._by_word, trigger.words),
                (self._by_prefix, trigger.prefixes),
                (self._by_outlet, trigger.outlets),
            ):
                for key in keys:
                    index.setdefault(key, set()).add(name)

    def _tokenize(self, trees: Iterable[Node]) -> None:
        """Look up the words of literals, in all forms and spellings."""
        texts = {
            text
            for tree in trees
            for node in walk(tree)
            if isinstance(node, Words) and full_text.is_indexed(node)
            for text in full_text.list_texts(node)
        }
        new = sorted(texts - self._tokens.keys())
        self._tokens.update(zip(new, split_words(new), strict=True))

    def _list_tokens(self, node: Words) -> list[list[str]]:
        if not full_text.is_indexed(node):
            return []
        return [self._tokens[text] for text in full_text.list_texts(node)]

    def match(
        self, connection: sqlite3.Connection, happenings: Sequence[Happening], now: str
    ) -> dict[str, list[int]]:
        """Query → the numbers of the happenings for which it holds.

        Of what happened to a feed or an outlet only ``outlet:`` is compared.
        """
        matched: dict[str, list[int]] = {}
        for number, happening in enumerate(happenings):
            if happening.article is None:
                for name, tree in self._queries.items():
                    # Without an outlet it concerns the harvester, and so all of them.
                    if not happening.outlet or triggers.may_concern_outlet(
                        tree, happening.outlet
                    ):
                        matched.setdefault(name, []).append(number)
        sides = [
            (number, version)
            for number, happening in enumerate(happenings)
            if happening.article is not None
            for version in (happening.version, happening.before)
            if version is not None
        ]
        if not sides:
            return matched
        version_ids = {side[1] for side in sides}
        if changed := self._forms.learn(connection, sorted(version_ids)):
            self._compile(changed)
        with closing(SmallIndex(connection, version_ids)) as index:
            candidates = self._list_candidates(index.list_words(), happenings)
            evaluation = _Evaluation(connection, index, happenings, sides, now)
            for name in candidates:
                try:
                    found = evaluation.find(self._queries[name])
                except UnanswerableError as error:
                    log.error("alert %s: its query cannot be asked: %s", name, error)
                    continue
                numbers = {side[0] for side in found}
                if numbers:
                    matched[name] = sorted({*matched.get(name, ()), *numbers})
        return matched

    def _list_candidates(
        self, words: Iterable[str], happenings: Sequence[Happening]
    ) -> list[str]:
        """The queries that can match, in the order of their names."""
        names = set(self._always)
        present = sorted(words)  # by code point, as Python compares
        for word in self._by_word.keys() & set(present):
            names.update(self._by_word[word])
        for prefix, prefixed in self._by_prefix.items():
            start = bisect_left(present, prefix)
            if start < len(present) and present[start].startswith(prefix):
                names.update(prefixed)
        for outlet in {happening.outlet for happening in happenings}:
            names.update(self._by_outlet.get(outlet, ()))
        return sorted(names)


@dataclass(slots=True)
class _Evaluation:
    """The parts of queries asked of one batch, each once."""

    connection: sqlite3.Connection
    index: SmallIndex
    happenings: Sequence[Happening]
    sides: Sequence[Side]
    now: str
    _versions: dict[Node, frozenset[int]] = field(default_factory=dict)
    _by_version: dict[int, list[Side]] = field(default_factory=dict)
    _edit_sides: list[tuple[Side, Happening]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for side in self.sides:
            self._by_version.setdefault(side[1], []).append(side)
            happening = self.happenings[side[0]]
            if happening.before is not None:
                self._edit_sides.append((side, happening))

    def find(self, node: Node) -> set[Side]:
        """The sides for which a query holds."""
        match node:
            case Or(parts=parts):
                return set().union(*map(self.find, parts))
            case And(wanted=wanted, unwanted=unwanted):
                found: set[Side] | None = None
                for part in wanted:
                    sides = self.find(part)
                    found = sides if found is None else found & sides
                    if not found:
                        return set()
                for part in unwanted:
                    found = (found or set()) - self.find(part)
                return found or set()
            case Edited(direction=direction, words=words):
                have = self._find_versions(words)
                if not have:
                    return set()
                return self._of_edits(
                    lambda edit: (
                        (edit.version in have) != (edit.before in have)
                        and (edit.version in have) == (direction == "added")
                    )
                )
            case Value(field="class", value=value):
                return self._of_edits(lambda edit: edit.change_class == value) | (
                    self._sides_of(node, only_unedited=True)
                )
            case Value(field="is", value="silent"):
                return self._of_edits(lambda edit: edit.silent) | (
                    self._sides_of(node, only_unedited=True)
                )
        return self._sides_of(node)

    def _of_edits(self, holds: Callable[[Happening], bool]) -> set[Side]:
        return {side for side, happening in self._edit_sides if holds(happening)}

    def _sides_of(self, node: Node, only_unedited: bool = False) -> set[Side]:
        return {
            side
            for version in self._find_versions(node)
            for side in self._by_version[version]
            if not (only_unedited and self.happenings[side[0]].before is not None)
        }

    def _find_versions(self, node: Node) -> frozenset[int]:
        """The versions of the batch for which a part of a query holds."""
        key = replace(node, position=0)
        if key not in self._versions:
            self._versions[key] = frozenset(self._ask(node))
        return self._versions[key]

    def _ask(self, node: Node) -> Iterable[int]:
        if full_text.is_indexed(node):
            try:
                return self.index.list_matches(full_text.to_expression(node), "rowid")
            except sqlite3.OperationalError as error:
                raise UnanswerableError(str(error)) from error
        asked = conditions.build_conditions(node, self.now)
        return list_contained(
            self.connection, list(self._by_version), asked.filters, asked.parameters
        )
