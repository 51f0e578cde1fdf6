"""From tokens to a tree: recursive descent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from harvester.errors import QueryError
from harvester.query import fields, tokens
from harvester.query.tokens import Token
from harvester.query.tree import And, Near, Node, Or, Words

MAX_TYPED_DEPTH = 100  # nested parentheses as typed
# Operators that nest in each other. FTS5's parser has a stack of a hundred symbols.
MAX_NESTING_DEPTH = 20
DEFAULT_NEAR_DISTANCE = 10  # words, as in FTS5
MAX_NEAR_DISTANCE = 1_000

_NEAR_PATTERN = re.compile(
    r"(?P<words>.*?)\s*(?:,\s*(?P<distance>\d{1,9})\s*)?", re.DOTALL
)
_NEAR_WORD_PATTERN = re.compile(r'"(?P<phrase>[^"]*)"\*?|(?P<word>[^\s"]+)')


def parse_query(query: str, now: datetime) -> Node:
    """The tree of a query. ``now``: what "yesterday" is counted from.

    Raises QueryError: one line, which points at the position.
    """
    text = tokens.clean(query)
    typed = tokens.tokenize(text)
    if not any(token.kind not in ("(", ")", *tokens.OPERATORS) for token in typed):
        raise QueryError("the query has no word to search for")
    node = _Parser(text, typed, now).parse()
    if _depth(node) > MAX_NESTING_DEPTH:
        raise QueryError(
            f"the query is nested too deeply: more than {MAX_NESTING_DEPTH} levels "
            "of parentheses"
        )
    return node


def _depth(node: Node) -> int:
    """Levels of parentheses that a query needs: OR binds least, then AND, then NOT."""
    if isinstance(node, Or):
        return max(map(_depth, node.parts))
    if not isinstance(node, And):
        return 0
    has_several = len(node.wanted) > 1 and bool(node.unwanted)
    wanted = [_depth(part) + isinstance(part, Or) for part in node.wanted]
    unwanted = [_depth(part) + isinstance(part, Or | And) for part in node.unwanted]
    return max(max(wanted) + has_several, *unwanted, 0)


class _Parser:
    """OR binds least, then AND (may be omitted), then NOT, then a field."""

    def __init__(self, text: str, typed: Sequence[Token], now: datetime) -> None:
        self._text = text
        self._tokens = typed
        self._now = now
        self._index = 0
        self._open_positions: list[int] = []
        self._field = ""  # whose parentheses are being read

    def parse(self) -> Node:
        node = self._parse_or()
        if (token := self._peek()) is not None:
            raise QueryError(
                f"a closing bracket without an opening one: character {token.position}"
            )
        return node

    def _peek(self) -> Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def _accept(self, kind: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind:
            return False
        self._index += 1
        return True

    def _parse_or(self) -> Node:
        start = self._peek()
        parts = [self._parse_and()]
        while self._accept("OR"):
            parts.append(self._parse_and())
        if len(parts) == 1:
            return parts[0]
        return Or(tuple(parts), start.position if start else 1)

    def _parse_and(self) -> Node:
        """Wanted and unwanted operands, in any order."""
        start = self._peek()
        position = start.position if start else 1
        wanted: list[Node] = []
        unwanted: list[Node] = []
        while True:
            node, is_unwanted = self._parse_operand()
            (unwanted if is_unwanted else wanted).append(node)
            token = self._peek()
            if token is None or token.kind in (")", "OR"):
                break
            self._accept("AND")
        if not wanted:
            raise QueryError(
                "NOT needs something to search for beside what it excludes "
                f"(character {position})"
            )
        if len(wanted) == 1 and not unwanted:
            return wanted[0]
        return And(tuple(wanted), tuple(unwanted), position)

    def _parse_operand(self) -> tuple[Node, bool]:
        negative = False
        while self._accept("NOT"):
            negative = not negative
        token = self._peek()
        if token is None:
            raise QueryError(self._unfinished_message())
        self._index += 1
        return self._parse_token(token), negative

    def _parse_token(self, token: Token) -> Node:
        match token.kind:
            case "term" | "phrase":
                return self._parse_words(token)
            case "near":
                return _parse_near(token)
            case "url":
                return fields.read_address(token.text, token.position)
            case "field":
                return self._parse_field(token)
            case "(":
                return self._parse_group(token)
            case ")":
                raise QueryError(
                    "nothing to search for before the closing bracket: "
                    f"character {token.position}"
                )
        raise QueryError(
            f"{token.kind} must be between words: character {token.position} "
            f'(write "{token.kind}" in quotes to search for the word)'
        )

    def _parse_words(self, token: Token) -> Node:
        is_quoted = token.kind == "phrase"
        if self._field:
            return self._read_value(self._field, token, is_quoted)
        return Words(token.text, token.position, token.prefix, exact=is_quoted)

    def _parse_field(self, token: Token) -> Node:
        name = fields.field_name(token.text, token.position)
        if self._field:
            raise QueryError(
                f"{token.text}: cannot stand in the parentheses of {self._field}: "
                f"character {token.position}"
            )
        value = self._peek()
        if value is None or value.kind not in ("term", "phrase", "("):
            raise QueryError(f"{name}: has no value: character {token.position}")
        self._index += 1
        if value.kind != "(":
            return self._read_value(name, value, value.kind == "phrase")
        self._field = name
        node = self._parse_group(value)
        self._field = ""
        return node

    def _read_value(self, name: str, token: Token, is_quoted: bool) -> Node:
        if name in (*fields.WORDS_COLUMNS, "added", "removed") and not (
            tokens.is_searchable(token.text)
        ):
            raise QueryError(
                f"{name}: has no word to search for: character {token.position}"
            )
        return fields.read_value(
            name, token.text, token.prefix, is_quoted, token.position, self._now
        )

    def _parse_group(self, opening: Token) -> Node:
        if len(self._open_positions) == MAX_TYPED_DEPTH:
            raise QueryError(
                f"the query is nested too deeply: character {opening.position}"
            )
        self._open_positions.append(opening.position)
        node = self._parse_or()
        if not self._accept(")"):
            raise QueryError(f"a bracket is never closed: character {opening.position}")
        self._open_positions.pop()
        return node

    def _unfinished_message(self) -> str:
        last = self._tokens[-1] if self._tokens else None
        if last is not None and last.kind in tokens.OPERATORS:
            return (
                f"nothing to search for after {last.kind}: character {last.position} "
                f'(write "{last.kind}" in quotes to search for the word)'
            )
        position = self._open_positions[-1] if self._open_positions else 1
        return f"a bracket is never closed: character {position}"


def _parse_near(token: Token) -> Node:
    """``NEAR(words)`` or ``NEAR(words, distance)``. Raises QueryError."""
    match = _NEAR_PATTERN.fullmatch(token.text)
    assert match is not None  # any text matches
    words = tuple(
        Words(text, token.position, exact=True)
        for part in _NEAR_WORD_PATTERN.finditer(match["words"])
        if tokens.is_searchable(text := part["phrase"] or part["word"] or "")
    )
    if len(words) < 2:
        raise QueryError(
            f"NEAR needs two words or more: character {token.position}; "
            "write NEAR(flood valley, 5)"
        )
    distance = int(match["distance"] or DEFAULT_NEAR_DISTANCE)
    return Near(words, min(distance, MAX_NEAR_DISTANCE), token.position)
