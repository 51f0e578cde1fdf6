"""Translate what people type into a search box to an FTS5 expression. Pure.

Words are joined by AND; punctuation inside a word makes a phrase (``l'église``,
``10:30``); ``"…"`` is a phrase, ``*`` a prefix; then OR, NOT (or ``-``), AND and
parentheses. FTS5 gets every word in quotes, so nothing that is typed is syntax to it.
Any text gives an expression, or a QueryError of one line that points at the position.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.errors import QueryError

MAX_QUERY_CHARACTERS = 20_000
MAX_QUERY_WORDS = 200  # SQLite merges one list of rows for each
MAX_TYPED_DEPTH = 100  # nested parentheses as typed
# Nested parentheses that are needed; FTS5's parser has a stack of a hundred symbols.
MAX_NESTING_DEPTH = 20

OR, AND, NOT, TERM = range(4)  # precedence: the greater binds tighter
_OPERATORS = ("AND", "OR", "NOT")
_QUOTE_TRANSLATION = str.maketrans(
    {**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("’‘‛ʼ＇", "'")}
)
_UNUSABLE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TOKEN_PATTERN = re.compile(
    r"""\s+|(?P<open>\()|(?P<close>\))"""
    r"""|"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<quote>")|(?P<word>[^\s()"]+)"""
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, phrase, parenthesis or operator, and its position (from 1)."""

    kind: Literal["term", "(", ")", "AND", "OR", "NOT"]
    position: int
    text: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the expression, its precedence, and its depth in parentheses."""

    text: str
    precedence: int
    depth: int = 0

    def nested_in(self, precedence: int) -> Clause:
        """This clause as an operand of an operator, in parentheses where needed."""
        return (
            self
            if self.precedence >= precedence
            else Clause(f"({self.text})", TERM, self.depth + 1)
        )


def to_fts_expression(query: str) -> str:
    """The FTS5 expression of a query. Raises QueryError."""
    return _parse(query, quote_term, " NOT ")


def to_sql_condition(query: str, render_term: Callable[[Token], str]) -> str:
    """A query as a SQL condition; ``render_term`` gives the condition for one word.

    Raises QueryError.
    """
    return _parse(query, render_term, " AND NOT ")


def quote_term(token: Token) -> str:
    """A word for FTS5: in quotes, so that nothing in it is syntax."""
    return f'"{token.text}"{" *" if token.prefix else ""}'


def _parse(query: str, render_term: Callable[[Token], str], not_operator: str) -> str:
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryError(
            f"the query is too long: {len(query)} characters, "
            f"at most {MAX_QUERY_CHARACTERS}"
        )
    tokens = _tokenize(
        _UNUSABLE_CHARACTERS.sub(" ", query).translate(_QUOTE_TRANSLATION)
    )
    if not any(token.kind == "term" for token in tokens):
        raise QueryError("the query has no word to search for")
    if sum(len(re.findall(r"\w+", token.text)) for token in tokens) > MAX_QUERY_WORDS:
        raise QueryError(f"the query has more than {MAX_QUERY_WORDS} words")
    clause = _Parser(tokens, render_term, not_operator).parse()
    if clause.depth > MAX_NESTING_DEPTH:
        raise QueryError(
            f"the query is nested too deeply: more than {MAX_NESTING_DEPTH} levels "
            "of parentheses"
        )
    return clause.text


def _is_searchable(text: str) -> bool:
    """Whether FTS5's unicode61 finds a word in it.

    Letters, numbers and private-use characters make words; all else separates them.
    """
    return any(
        unicodedata.category(character)[0] in "LN" or "\ue000" <= character <= "\uf8ff"
        for character in text
    )


def _tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN_PATTERN.finditer(text):
        position = match.start() + 1
        if match["open"]:
            tokens.append(Token("(", position))
        elif match["close"]:
            tokens.append(Token(")", position))
        elif match["quote"]:
            raise QueryError(
                f"a quotation mark is never closed: character {position}, "
                f"{_describe_position(text, match.start())}"
            )
        elif (phrase := match["phrase"]) is not None:
            if _is_searchable(phrase):
                tokens.append(Token("term", position, phrase, bool(match["star"])))
        elif match["word"]:
            next_character = text[match.end() : match.end() + 1]
            tokens += _tokenize_word(match["word"], position, next_character)
    return tokens


def _tokenize_word(word: str, position: int, next_character: str) -> list[Token]:
    """The tokens of a run of characters without spaces."""
    if word in _OPERATORS:
        return [Token(word, position)]  # type: ignore[arg-type]  # one of the three
    if word == "-" and next_character and next_character in '"(':
        return [Token("NOT", position)]
    if not _is_searchable(word):
        return []  # punctuation on its own
    term = Token("term", position, word.rstrip("*"), word.endswith("*"))
    return [Token("NOT", position), term] if word.startswith("-") else [term]


def _describe_position(text: str, offset: int) -> str:
    excerpt = " ".join(text[offset : offset + 20].split())
    return f"near {excerpt!r}"


class _Parser:
    """Recursive descent: OR binds least, then AND (may be omitted), then NOT."""

    def __init__(
        self,
        tokens: Sequence[Token],
        render_term: Callable[[Token], str],
        not_operator: str,
    ) -> None:
        self._tokens = tokens
        self._render_term = render_term
        self._not_operator = not_operator
        self._index = 0
        self._open_positions: list[int] = []

    def parse(self) -> Clause:
        clause = self._parse_or()
        if (token := self._peek()) is not None:
            raise QueryError(
                f"a closing bracket without an opening one: character {token.position}"
            )
        return clause

    def _peek(self) -> Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def _accept(self, kind: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind:
            return False
        self._index += 1
        return True

    def _parse_or(self) -> Clause:
        clauses = [self._parse_and()]
        while self._accept("OR"):
            clauses.append(self._parse_and())
        return _join_clauses(clauses, " OR ", OR)

    def _parse_and(self) -> Clause:
        """Wanted and unwanted words, in any order."""
        start = self._peek()
        wanted: list[Clause] = []
        unwanted: list[Clause] = []
        while True:
            clause, negative = self._parse_operand()
            (unwanted if negative else wanted).append(clause)
            token = self._peek()
            if token is None or token.kind in (")", "OR"):
                break
            self._accept("AND")
        if not wanted:
            position = f" (character {start.position})" if start else ""
            raise QueryError(
                "NOT needs a word to search for beside the one that it excludes"
                f"{position}"
            )
        included = _join_clauses(wanted, " AND ", AND)
        if not unwanted:
            return included
        excluded = _join_clauses(unwanted, " OR ", OR)
        left, right = included.nested_in(NOT), excluded.nested_in(TERM)
        return Clause(
            f"{left.text}{self._not_operator}{right.text}",
            NOT,
            max(left.depth, right.depth),
        )

    def _parse_operand(self) -> tuple[Clause, bool]:
        negative = False
        while self._accept("NOT"):
            negative = not negative
        token = self._peek()
        if token is None:
            raise QueryError(self._unfinished_message())
        self._index += 1
        if token.kind == "term":
            return Clause(self._render_term(token), TERM), negative
        if token.kind == "(":
            return self._parse_group(token), negative
        if token.kind == ")":
            raise QueryError(
                "nothing to search for before the closing bracket: "
                f"character {token.position}"
            )
        raise QueryError(
            f"{token.kind} must be between words: character {token.position} "
            f'(write "{token.kind}" in quotes to search for the word)'
        )

    def _parse_group(self, opening: Token) -> Clause:
        if len(self._open_positions) == MAX_TYPED_DEPTH:
            raise QueryError(
                f"the query is nested too deeply: character {opening.position}"
            )
        self._open_positions.append(opening.position)
        clause = self._parse_or()
        if not self._accept(")"):
            raise QueryError(f"a bracket is never closed: character {opening.position}")
        self._open_positions.pop()
        return clause

    def _unfinished_message(self) -> str:
        if self._tokens and self._tokens[-1].kind in _OPERATORS:
            last = self._tokens[-1]
            return (
                f"nothing to search for after {last.kind}: character {last.position} "
                f'(write "{last.kind}" in quotes to search for the word)'
            )
        position = self._open_positions[-1] if self._open_positions else 1
        return f"a bracket is never closed: character {position}"


def _join_clauses(clauses: Sequence[Clause], operator: str, precedence: int) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    operands = [clause.nested_in(precedence) for clause in clauses]
    return Clause(
        operator.join(operand.text for operand in operands),
        precedence,
        max(operand.depth for operand in operands),
    )
