"""What people type into a search box, as an FTS5 expression. Pure.

Words are joined by AND; punctuation inside a word makes a phrase (``l'église``, ``10:30``); ``"…"`` phrase, ``*`` prefix,
OR, NOT (or ``-``), AND, brackets. Every word is handed to FTS5 in quotes, so nothing that is typed is syntax to it.
Any text gives an expression or a QueryError of one line that points at the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.errors import QueryError

MAX_QUERY_CHARACTERS = 20_000  # characters
MAX_QUERY_WORDS = 200  # words: each is a list that SQLite merges with the others
MAX_TYPED_DEPTH = 100  # brackets as typed
MAX_NESTING_DEPTH = (
    20  # brackets that are needed: SQLite's own parser has a stack of a hundred symbols
)

OR, AND, NOT, TERM = range(4)  # what binds tighter has the greater number
_OPERATORS = ("AND", "OR", "NOT")
_QUOTE_TRANSLATION = str.maketrans(
    {**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("’‘‛ʼ＇", "'")}
)
_UNUSABLE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TOKEN_PATTERN = re.compile(
    r'\s+|(?P<open>\()|(?P<close>\))|"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<quote>")|(?P<word>[^\s()"]+)'
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, phrase, bracket or operator, and where it stands."""

    kind: Literal["term", "(", ")", "AND", "OR", "NOT"]
    position: int
    text: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of the expression: how tightly it binds, and how many brackets deep it is."""

    text: str
    precedence: int
    depth: int = 0

    def nested_in(self, precedence: int) -> Clause:
        """The same where something that binds so tightly surrounds it."""
        return (
            self
            if self.precedence >= precedence
            else Clause(f"({self.text})", TERM, self.depth + 1)
        )


def to_fts_expression(query: str) -> str:
    """The FTS5 expression of a query. Raises QueryError."""
    return _parse(query, quote_term, " NOT ")


def to_sql_condition(query: str, render_term: Callable[[Token], str]) -> str:
    """A query as a condition of SQL; ``term`` says what stands there for a word. Raises QueryError."""
    return _parse(query, render_term, " AND NOT ")


def quote_term(token: Token) -> str:
    """A word as FTS5 is asked for it: in quotes, so that nothing in it is syntax."""
    return f'"{token.text}"{" *" if token.prefix else ""}'


def _parse(query: str, render_term: Callable[[Token], str], not_operator: str) -> str:
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryError(
            f"the query is too long: {len(query)} characters, at most {MAX_QUERY_CHARACTERS} are read"
        )
    tokens = _tokenize(
        _UNUSABLE_CHARACTERS.sub(" ", query).translate(_QUOTE_TRANSLATION)
    )
    if not any(token.kind == "term" for token in tokens):
        raise QueryError("the query has no word to search for")
    if sum(len(re.findall(r"\w+", token.text)) for token in tokens) > MAX_QUERY_WORDS:
        raise QueryError(f"the query has more than {MAX_QUERY_WORDS} words")
    part = _Parser(tokens, render_term, not_operator).parse()
    if part.depth > MAX_NESTING_DEPTH:
        raise QueryError(
            f"the query is nested too deeply: more than {MAX_NESTING_DEPTH} brackets inside each other"
        )
    return part.text


def _is_searchable(text: str) -> bool:
    """Whether unicode61 finds a word in it: letters, numbers, private use; all else separates words."""
    return any(
        unicodedata.category(character)[0] in "LN" or "\ue000" <= character <= "\uf8ff"
        for character in text
    )


def _tokenize(text: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN_PATTERN.finditer(text):
        at = match.start() + 1
        if match["open"]:
            found.append(Token("(", at))
        elif match["close"]:
            found.append(Token(")", at))
        elif match["quote"]:
            raise QueryError(
                f"a quotation mark is never closed: character {at}, {_describe_position(text, match.start())}"
            )
        elif match["phrase"] is not None:
            if _is_searchable(match["phrase"]):
                found.append(Token("term", at, match["phrase"], bool(match["star"])))
        elif match["word"]:
            found += _tokenize_word(
                match["word"], at, text[match.end() : match.end() + 1]
            )
    return found


def _tokenize_word(word: str, position: int, next_character: str) -> list[Token]:
    """The tokens of something written without spaces."""
    if word in _OPERATORS:
        return [Token(word, position)]  # type: ignore[arg-type]  # it is one of the three
    if word == "-" and next_character and next_character in '"(':
        return [Token("NOT", position)]
    if not _is_searchable(word):
        return []  # punctuation that stands alone
    term = Token("term", position, word.rstrip("*"), word.endswith("*"))
    return [Token("NOT", position), term] if word.startswith("-") else [term]


def _describe_position(text: str, offset: int) -> str:
    piece = " ".join(text[offset : offset + 20].split())
    return f"near {piece!r}"


class _Parser:
    """Recursive descent: OR binds least, then AND (which may be left out), then NOT."""

    def __init__(
        self,
        tokens: Sequence[Token],
        render_term: Callable[[Token], str],
        not_operator: str,
    ) -> None:
        self._tokens, self._render_term, self._not_operator = (
            tokens,
            render_term,
            not_operator,
        )
        self._index = 0
        self._open_brackets: list[int] = []

    def parse(self) -> Clause:
        part = self._parse_or()
        if (token := self._peek()) is not None:
            raise QueryError(
                f"a bracket is closed that was never opened: character {token.position}"
            )
        return part

    def _peek(self) -> Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def _accept(self, kind: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind:
            return False
        self._index += 1
        return True

    def _parse_or(self) -> Clause:
        parts = [self._parse_and()]
        while self._accept("OR"):
            parts.append(self._parse_and())
        return _join_clauses(parts, " OR ", OR)

    def _parse_and(self) -> Clause:
        """Words that must stand there, and words that must not, in any order."""
        start = self._peek()
        wanted: list[Clause] = []
        unwanted: list[Clause] = []
        while True:
            part, negative = self._parse_operand()
            (unwanted if negative else wanted).append(part)
            token = self._peek()
            if token is None or token.kind in (")", "OR"):
                break
            self._accept("AND")
        if not wanted:
            where = f" (character {start.position})" if start else ""
            raise QueryError(
                f"NOT takes away from what other words find: write such a word beside it{where}"
            )
        both = _join_clauses(wanted, " AND ", AND)
        if not unwanted:
            return both
        others = _join_clauses(unwanted, " OR ", OR)
        left, right = both.nested_in(NOT), others.nested_in(TERM)
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
                f"nothing to search for stands before the bracket that closes: character {token.position}"
            )
        raise QueryError(
            f'{token.kind} must stand between words: character {token.position} (write "{token.kind}" in quotes for the word)'
        )

    def _parse_group(self, opening: Token) -> Clause:
        if len(self._open_brackets) == MAX_TYPED_DEPTH:
            raise QueryError(
                f"the query is nested too deeply: character {opening.position}"
            )
        self._open_brackets.append(opening.position)
        part = self._parse_or()
        if not self._accept(")"):
            raise QueryError(f"a bracket is never closed: character {opening.position}")
        self._open_brackets.pop()
        return part

    def _unfinished_message(self) -> str:
        if self._tokens and self._tokens[-1].kind in _OPERATORS:
            last = self._tokens[-1]
            return f'nothing to search for follows {last.kind}: character {last.position} (write "{last.kind}" in quotes for the word)'
        return f"a bracket is never closed: character {self._open_brackets[-1] if self._open_brackets else 1}"


def _join_clauses(clauses: Sequence[Clause], operator: str, precedence: int) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    inner = [part.nested_in(precedence) for part in clauses]
    return Clause(
        operator.join(part.text for part in inner),
        precedence,
        max(part.depth for part in inner),
    )
