"""A query's tree as SQL conditions on changes. Asks no database itself.

What a part of a query means for a change: words stand in the wording before or after it;
``added:`` and ``removed:`` in this edit; ``class:``, ``is:silent`` and ``edited:`` say
something of this edit; all else is asked of the article, and of its wording after the
change. Events ``e`` are of three sorts, each read by its own statement: edits have a
change ``c``, versions ``w`` before and ``v`` after; states (removed, returned, …) have
the current version ``v``; what feeds announced has wordings ``b`` before and ``n`` after,
of an entry ``i``, maybe with an article ``a`` and its current version ``v``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harvester.archive.queries import full_text, unspaced
from harvester.archive.queries.conditions import RARE_FLAGS, Builder
from harvester.query.tree import (
    Address,
    And,
    Edited,
    Near,
    Node,
    Or,
    Times,
    Value,
    Words,
    list_conjuncts,
)

Sort = Literal["edits", "states", "announced"]

# When the article was published, or first seen where that is not known or earlier.
_PUBLISHED_SQL = "min(coalesce(v.published, a.first_seen), a.first_seen)"
# Columns of a feed's wording for those of a version.
_ANNOUNCED_COLUMNS = {
    "": ("title", "summary"),
    "title": ("title",),
    "text": ("summary",),
}


@dataclass(frozen=True, slots=True)
class ChangeConditions:
    """What events of one sort must satisfy."""

    filters: str  # SQL, each condition with a leading "and"
    parameters: dict[str, Any]
    articles: str = ""  # SQL: the keys of the few articles it can be; "": of any
    words: tuple[str, ...] = ()  # FTS5: one of the wordings has each of them
    edit_words: tuple[str, ...] = ()  # FTS5, of the index of edits: each is in the edit
    impossible: bool = False  # no event of that sort satisfies them


def build(tree: Node | None, now: str, sort: Sort) -> ChangeConditions:
    """The conditions of a query on events of one sort."""
    builder = _ChangeBuilder(now, sort=sort)
    if tree is None:
        return ChangeConditions("", builder.parameters)
    wanted, unwanted = list_conjuncts(tree)
    conditions = [builder.render(node) for node in wanted]
    conditions += [f"not coalesce({builder.render(node)}, 0)" for node in unwanted]
    selective = next((node for node in wanted if _is_selective(node)), None)
    articles = ""
    if selective is not None:
        articles = f"select a.key from articles a where {builder.render(selective)}"
    return ChangeConditions(
        "".join(f"\n    and {condition}" for condition in conditions),
        builder.parameters,
        articles,
        tuple(_list_words(wanted, sort)),
        tuple(_list_edit_words(wanted)) if sort == "edits" else (),
        "0" in conditions,
    )


def _is_selective(node: Node) -> bool:
    """Whether few articles satisfy it, and an index names them."""
    match node:
        case Address() | Value(field="key" | "similar"):
            return True
        case Value(field="is", value=flag):
            return flag in RARE_FLAGS
    return False


def _list_words(wanted: Sequence[Node], sort: Sort) -> list[str]:
    """What the full-text index of the wordings is asked for, each on its own."""
    expressions = []
    for node in wanted:
        words = node
        if isinstance(node, Edited) and sort == "announced":
            words = node.words
        if isinstance(words, Words | Near) and full_text.is_indexed(words):
            if sort != "announced":
                expressions.append(full_text.to_expression(words))
            elif expression := _announced_expression(words):
                expressions.append(expression)
    return expressions


def _list_edit_words(wanted: Sequence[Node]) -> list[str]:
    return [
        full_text.to_edit_expression(node)
        for node in wanted
        if isinstance(node, Edited) and full_text.is_indexed(node.words)
    ]


def _announced_expression(words: Words | Near) -> str:
    """As asked of the index of announcements; "": it has no such column."""
    expression = full_text.to_expression(words)
    if not isinstance(words, Words) or not words.column:
        return expression
    names = _ANNOUNCED_COLUMNS.get(words.column)
    if names is None:
        return ""
    return f"{names[0]} :{expression.partition(' :')[2]}"


@dataclass(slots=True)
class _ChangeBuilder(Builder):
    """Renders nodes as SQL on the events of one sort."""

    sort: Sort = "edits"

    def render(self, node: Node) -> str:
        """A SQL condition on an event and what belongs to it."""
        match node:
            case Or(parts=parts):
                return f"({' or '.join(map(self.render, parts))})"
            case And(wanted=wanted, unwanted=unwanted):
                conditions = [self.render(part) for part in wanted]
                conditions += [
                    f"not coalesce({self.render(part)}, 0)" for part in unwanted
                ]
                return f"({' and '.join(conditions)})"
            case Words() | Near():
                sides = [self._has_words(node, table) for table in self._wordings()]
                return f"({' or '.join(sides)})"
            case Edited():
                return self._render_edit(node)
            case Times(field="edited"):
                return self._bounds("e.at", node) if self.sort == "edits" else "0"
            case Times(field="published"):
                return self._bounds(_PUBLISHED_SQL, node)
            case Value(field="outlet", value=value):
                return f"e.outlet = {self.bind(value)}"
            case Value(field="class", value=value):
                return f"c.class = {self.bind(value)}" if self.sort == "edits" else "0"
            case Value(field="is", value="silent"):
                return "c.silent = 1" if self.sort == "edits" else "0"
            case Value(field="url", value=value) if self.sort == "announced":
                url = "lower(coalesce(a.url, i.url))"
                return f"instr({url}, {self.bind(value.lower())})"
        return Builder.render(self, node)

    def _wordings(self) -> tuple[str, ...]:
        """The tables of the wordings after and before."""
        return {"edits": ("v", "w"), "states": ("v",), "announced": ("n", "b")}[
            self.sort
        ]

    def _bounds(self, column: str, node: Times) -> str:
        bounds = []
        if node.start:
            bounds.append(f"{column} >= {self.bind(node.start)}")
        if node.end:
            bounds.append(f"{column} < {self.bind(node.end)}")
        return f"({' and '.join(bounds)})"

    def _render_edit(self, node: Edited) -> str:
        """The words are in what the edit added or removed, or in one wording alone."""
        if self.sort == "states":
            return "0"
        if self.sort == "edits" and full_text.is_indexed(node.words):
            expression = full_text.to_edit_expression(node)
            return self._matches("edit_words_fts", expression, "c")
        after, before = (
            self._has_words(node.words, table) for table in self._wordings()
        )
        has, lacks = (after, before) if node.direction == "added" else (before, after)
        return f"({has} and not coalesce({lacks}, 0))"

    def _has_words(self, node: Words | Near, table: str) -> str:
        if isinstance(node, Near) and not full_text.is_indexed(node):
            parts = [self._has_words(words, table) for words in node.words]
            return f"({' and '.join(parts)})"
        if self.sort == "announced":
            return self._has_announced(node, table)
        if isinstance(node, Words) and not full_text.is_indexed(node):
            return self._render_words(node, table)
        return self._matches("versions_fts", full_text.to_expression(node), table)

    def _has_announced(self, node: Words | Near, table: str) -> str:
        if isinstance(node, Near) or full_text.is_indexed(node):
            expression = _announced_expression(node)
            if not expression:
                return "0"
            return self._matches("announcements_fts", expression, table)
        names = _ANNOUNCED_COLUMNS.get(node.column, ())
        conditions = ["0"] if not names else []
        for piece in unspaced.split_pieces(node.text):
            word = self.bind(piece)
            found = [f"instr(lower({table}.{name}), {word})" for name in names]
            conditions.append(f"({' or '.join(found or ['0'])})")
        return f"({' and '.join(conditions or ['0'])})"

    def _matches(self, index: str, expression: str, table: str) -> str:
        """Whether a row's words match, by the index.

        For a prefix the index merges many lists in every query, so that it is asked once.
        """
        row = "" if '" *' in expression else f" and rowid = {table}.id"
        return f"""{table}.id in (
            select rowid from {index}
            where {index} match {self.bind(expression)}{row})"""
