"""A query's tree as what the database is asked: an expression of FTS5, and SQL.

What words every hit must have goes into the expression, which the full-text index
answers; all else becomes SQL conditions on versions ``v`` and their articles ``a``.
Asks no database itself (``matches`` does).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harvester.archive.queries import full_text, unspaced
from harvester.archive.queries.article_pages import ARTICLE_AT_SQL
from harvester.query.tree import (
    Address,
    And,
    Edited,
    Near,
    Node,
    Numbers,
    Or,
    Times,
    Value,
    Words,
    list_conjuncts,
)

MAX_ID_DIGITS = 18  # of SQLite's integers

MATCH_SQL = """v.id in (
    select rowid from versions_fts
    where versions_fts match :match and rowid = v.id)"""

# When it was published, or first seen where it does not say so, or says a later time.
SHOWN_SQL = "min(coalesce(v.published, v.first_seen), v.first_seen)"

_TIME_SQL = {
    "published": "{bounds}",
    "seen": "{bounds}",
    "edited": """a.key in (
        select c.article from changes c
        where c.kind <> 'fields' and {bounds})""",
}
_TIME_COLUMNS = {"published": SHOWN_SQL, "seen": "v.first_seen", "edited": "c.at"}
_NUMBER_COLUMNS = {"words": "v.words", "versions": "a.versions"}
_EARLIER_COPY_SQL = """(a.copy_of is not null or exists (
    select 1 from clusters m
    where m.article = a.key and m.cluster <> a.key))"""
# The partial index of states is used where its condition stands literally.
_FLAG_SQL = {
    "edited": "a.versions > 1",
    "removed": "a.state <> 'live' and a.state = 'removed'",
    "returned": "a.state <> 'live' and a.state = 'returned'",
    "suspect": "a.state <> 'live' and a.state = 'suspect'",
    "online": "a.state in ('live', 'returned')",
    "silent": """exists (
        select 1 from changes c where c.article = a.key and c.silent = 1)""",
    "unique": f"not {_EARLIER_COPY_SQL}",
    "duplicate": _EARLIER_COPY_SQL,
    "watched": "a.key in (select article from watches where until > :now)",
}
RARE_FLAGS = ("removed", "returned", "suspect", "watched")
_EDITED_SQL = """exists (
    select 1 from changes c
    where c.article = a.key and c.kind <> 'fields' and c.{side} = v.id
    and c.id in (
        select rowid from edit_words_fts
        where edit_words_fts match {match} and rowid = c.id))"""
# The versions that an edit gave words, or took words from.
_EDITED_VERSIONS_SQL = """
    select c.{side} as id
    from edit_words_fts
    cross join changes c on c.id = edit_words_fts.rowid
    where edit_words_fts match {match} and c.kind <> 'fields'"""
_UNINDEXED_EDITED_SQL = """exists (
    select 1 from changes c
    join versions w on w.id = c.{without_words}
    where c.article = a.key and c.kind <> 'fields' and c.{with_words} = v.id
    and not {matches})"""

# Of an edit, the version with the words and the one without.
_SIDES = {"added": ("after", "before"), "removed": ("before", "after")}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next page begins behind it, whatever was added since."""

    shown: str
    version_id: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """What ``str`` has written. Raises ValueError."""
        shown, _, number = text.rpartition("_")
        if not shown or not number.isdecimal() or len(number) > MAX_ID_DIGITS:
            raise ValueError(f"not a cursor: {text[:40]!r}")
        return cls(shown, int(number))

    def __str__(self) -> str:
        return f"{self.shown}_{self.version_id}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a version must satisfy to be a hit."""

    expression: str  # of FTS5; "": no word that the index knows is asked for
    filters: str  # SQL on versions v and articles a, each with a leading "and"
    # Which versions have an edit of some words, as SQL that lists their ids: "": any.
    # ``other_filters`` are those that this does not imply.
    edited_versions: str
    other_filters: str
    parameters: Mapping[str, Any]
    highlight: str = ""  # of FTS5: the words to mark in snippets
    outlets: tuple[str, ...] = ()  # that every hit is of; (): any
    since: str = ""  # when every hit was first seen, at the earliest
    pieces: tuple[str, ...] = ()  # wanted words of scripts without spaces
    selective: bool = False  # few articles can be hits: they are looked up first
    after: Cursor | None = None  # only rows behind it are listed

    @property
    def match(self) -> str:
        """SQL on versions v: whether the words match."""
        return MATCH_SQL if self.expression else "1"

    @property
    def scans_texts(self) -> bool:
        """Whether only the texts can tell which versions match."""
        return bool(self.pieces) and not self.expression


def build_conditions(
    tree: Node,
    now: str,
    only_current: bool = False,
    after: Cursor | None = None,
) -> Conditions:
    """The conditions of a query. ``after``: where a list that is sorted by time goes on."""
    builder = Builder(now)
    wanted, unwanted = list_conjuncts(tree)
    indexed = [node for node in wanted if full_text.is_indexed(node)]
    excluded = [node for node in unwanted if full_text.is_indexed(node)]
    expression = full_text.join_all(indexed, excluded)
    edited, edited_versions = builder.render_edited_versions(wanted)
    rendered = [(node, builder.render(node)) for node in wanted if node not in indexed]
    conditions = [condition for _, condition in rendered]
    others = [condition for node, condition in rendered if node is not edited]
    further = [
        f"not ({builder.render(node)})"
        for node in unwanted
        if not (expression and node in excluded)
    ]
    if only_current:
        further.append("v.number = a.version")
    if expression:
        builder.parameters["match"] = expression
    return Conditions(
        expression,
        _join_filters(conditions + further),
        edited_versions,
        _join_filters(others + further),
        builder.parameters,
        full_text.join_any(builder.list_marked(tree)),
        _list_required_outlets(wanted),
        max(_list_starts(wanted), default=""),
        tuple(builder.list_pieces(tree)),
        any(map(_is_selective, wanted)),
        after,
    )


def _join_filters(conditions: Sequence[str]) -> str:
    return "".join(f"\n    and {condition}" for condition in conditions)


def _list_required_outlets(wanted: Sequence[Node]) -> tuple[str, ...]:
    """The outlets of which every hit is one; () where it may be of any."""
    for node in wanted:
        parts = node.parts if isinstance(node, Or) else (node,)
        keys = [
            part.value
            for part in parts
            if isinstance(part, Value) and part.field == "outlet"
        ]
        if len(keys) == len(parts):
            return tuple(keys)
    return ()


def _list_starts(wanted: Sequence[Node]) -> list[str]:
    """Times before which no hit was first seen: what is published is seen later."""
    return [
        node.start
        for node in wanted
        if isinstance(node, Times) and node.field in ("seen", "published")
    ]


def _is_selective(node: Node) -> bool:
    """Whether few articles satisfy it, and an index names them."""
    match node:
        case Address() | Value(field="key" | "similar"):
            return True
        case Value(field="is", value=flag):
            return flag in RARE_FLAGS
        case Times(field="edited", start=start):
            return bool(start)
    return False


@dataclass(slots=True)
class Builder:
    """Renders nodes as SQL, and keeps their parameters."""

    now: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters["now"] = self.now

    def bind(self, value: Any) -> str:
        """A parameter with this value; lists as JSON."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = json.dumps(value) if isinstance(value, list) else value
        return f":{name}"

    def render(self, node: Node) -> str:
        """A SQL condition on v and a."""
        if full_text.is_indexed(node):
            return self._render_match(full_text.to_expression(node), "v")
        match node:
            case Words():
                return self._render_words(node, "v")
            case Or(parts=parts):
                return f"({' or '.join(map(self.render, parts))})"
            case And(wanted=wanted, unwanted=unwanted):
                conditions = [self.render(part) for part in wanted]
                conditions += [f"not ({self.render(part)})" for part in unwanted]
                return f"({' and '.join(conditions)})"
            case Value():
                return self._render_value(node)
            case Times():
                return self._render_times(node)
            case Numbers():
                return self._render_numbers(node)
            case Edited():
                return self._render_edited(node)
            case Address():
                return self._render_address(node)
            case Near(words=words):  # of a script without spaces
                return f"({' and '.join(map(self.render, words))})"

    def _render_match(self, expression: str, table: str) -> str:
        return f"""{table}.id in (
            select rowid from versions_fts
            where versions_fts match {self.bind(expression)} and rowid = {table}.id)"""

    def _render_words(self, words: Words, table: str) -> str:
        """Words in a row of versions.

        Those of a script without spaces are looked for in the text itself.
        """
        if full_text.is_indexed(words):
            return self._render_match(full_text.to_expression(words), table)
        columns = (words.column,) if words.column else ("title", "authors", "text")
        conditions = []
        for piece in unspaced.split_pieces(words.text):
            name = self.bind(piece)
            parts = [f"instr(lower({table}.{column}), {name})" for column in columns]
            conditions.append(f"({' or '.join(parts)})")
        return f"({' and '.join(conditions or ['0'])})"

    def _render_value(self, node: Value) -> str:
        value = node.value
        match node.field:
            case "is":
                return f"({_FLAG_SQL[value]})"
            case "outlet":
                return f"a.outlet = {self.bind(value)}"
            case "site":
                return f"a.site = {self.bind(value.lower().removeprefix('www.'))}"
            case "kind" | "access":
                return f"v.{node.field} = {self.bind(value)}"
            case "section" | "tag":
                return self._render_listed(f"v.{node.field}s", value)
            case "lang":
                name = self.bind(value.lower())
                return f"(v.language = {name} or v.language like {name} || '-%')"
            case "url":
                return f"instr(lower(a.url), {self.bind(value.lower())})"
            case "key":
                name = self.bind(value.lower())
                return f"(a.key >= {name} and a.key < {name} || 'g')"
            case "agency":
                return f"""exists (
                    select 1 from clusters m
                    where m.article = a.key and lower(m.agency) = {self.bind(value.lower())})"""
            case "class":
                return f"""exists (
                    select 1 from changes c
                    where c.article = a.key and c.class = {self.bind(value)})"""
            case "similar":
                name = self.bind(value.lower())
                return f"""a.key in (
                    select n.article from clusters m
                    join clusters n on n.cluster = m.cluster
                    where m.article >= {name} and m.article < {name} || 'g')"""

    def _render_listed(self, column: str, value: str) -> str:
        """One of the values in a JSON list, in any case."""
        # SQLite's LIKE ignores the case of ASCII letters alone.
        forms = sorted(
            {value, value.lower(), value.capitalize(), value.title(), value.upper()}
        )
        conditions = [
            f"{column} like {self.bind(_like_pattern(form))} escape '\\'"
            for form in forms
        ]
        return f"({' or '.join(conditions)})"

    def _render_times(self, node: Times) -> str:
        column = _TIME_COLUMNS[node.field]
        bounds = []
        if node.start:
            bounds.append(f"{column} >= {self.bind(node.start)}")
        if node.end:
            bounds.append(f"{column} < {self.bind(node.end)}")
        return f"({_TIME_SQL[node.field].format(bounds=' and '.join(bounds))})"

    def _render_numbers(self, node: Numbers) -> str:
        column = _NUMBER_COLUMNS[node.field]
        least = 0 if node.least is None else node.least
        if node.most is None:
            return f"{column} >= {self.bind(least)}"
        return f"{column} between {self.bind(least)} and {self.bind(node.most)}"

    def render_edited_versions(self, wanted: Sequence[Node]) -> tuple[Node | None, str]:
        """The first words of an edit that the index has, and SQL that lists versions."""
        for node in wanted:
            if isinstance(node, Edited) and full_text.is_indexed(node.words):
                match = self.bind(full_text.to_edit_expression(node))
                side = _SIDES[node.direction][0]
                return node, _EDITED_VERSIONS_SQL.format(side=side, match=match)
        return None, ""

    def _render_edited(self, node: Edited) -> str:
        """The version to which an edit gave the words, or from which it took them."""
        with_words, without_words = _SIDES[node.direction]
        if full_text.is_indexed(node.words):
            match = self.bind(full_text.to_edit_expression(node))
            return _EDITED_SQL.format(side=with_words, match=match)
        edit = _UNINDEXED_EDITED_SQL.format(
            with_words=with_words,
            without_words=without_words,
            matches=self._render_words(node.words, "w"),
        )
        return f"({self._render_words(node.words, 'v')} and {edit})"

    def _render_address(self, node: Address) -> str:
        """The article at one of the addresses, or else at another form of it."""
        keys, tail = self.bind(list(node.keys)), self.bind(node.tail)
        site = self.bind(node.site)
        sql = ARTICLE_AT_SQL.format(keys=keys, tail=tail, site=site)
        return f"a.key in ({sql})"

    def list_marked(self, tree: Node) -> list[Node]:
        """The words that are wanted, for the snippet."""
        match tree:
            case Words() | Near() if full_text.is_indexed(tree):
                return [tree]
            case Edited(words=words):
                return self.list_marked(words)
            case Or(parts=parts) | And(wanted=parts):
                return [node for part in parts for node in self.list_marked(part)]
        return []

    def list_pieces(self, tree: Node) -> list[str]:
        """The words of scripts without spaces that are wanted."""
        match tree:
            case Words(text=text) if unspaced.has_letters(text):
                return unspaced.split_pieces(text)
            case Near(words=parts) | Or(parts=parts) | And(wanted=parts):
                return [piece for part in parts for piece in self.list_pieces(part)]
        return []


def _like_pattern(value: str) -> str:
    """LIKE's pattern for a text in a JSON list."""
    quoted = json.dumps(value, ensure_ascii=False)
    for character in ("\\", "%", "_"):
        quoted = quoted.replace(character, f"\\{character}")
    return f"%{quoted}%"
