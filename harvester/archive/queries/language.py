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

LONGEST = 20_000  # characters
MOST = 200  # words: each is a list that SQLite merges with the others
DEEPEST = 100  # brackets as typed
NESTED = (
    20  # brackets that are needed: SQLite's own parser has a stack of a hundred symbols
)

OR, AND, NOT, TERM = range(4)  # what binds tighter has the greater number
_OPERATORS = ("AND", "OR", "NOT")
_QUOTES = str.maketrans(
    {**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("’‘‛ʼ＇", "'")}
)
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(
    r'\s+|(?P<open>\()|(?P<close>\))|"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<quote>")|(?P<word>[^\s()"]+)'
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, phrase, bracket or operator, and where it stands."""

    kind: Literal["term", "(", ")", "AND", "OR", "NOT"]
    at: int
    text: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the expression: how tightly it binds, and how many brackets deep it is."""

    fts: str
    binds: int
    depth: int = 0

    def inside(self, binds: int) -> Part:
        """The same where something that binds so tightly surrounds it."""
        return (
            self if self.binds >= binds else Part(f"({self.fts})", TERM, self.depth + 1)
        )


def expression(query: str) -> str:
    """The FTS5 expression of a query. Raises QueryError."""
    return _read(query, term, " NOT ")


def condition(query: str, term: Callable[[Token], str]) -> str:
    """A query as a condition of SQL; ``term`` says what stands there for a word. Raises QueryError."""
    return _read(query, term, " AND NOT ")


def term(token: Token) -> str:
    """A word as FTS5 is asked for it: in quotes, so that nothing in it is syntax."""
    return f'"{token.text}"{" *" if token.prefix else ""}'


def _read(query: str, term: Callable[[Token], str], without: str) -> str:
    if len(query) > LONGEST:
        raise QueryError(
            f"the query is too long: {len(query)} characters, at most {LONGEST} are read"
        )
    tokens = _tokens(_UNUSABLE.sub(" ", query).translate(_QUOTES))
    if not any(token.kind == "term" for token in tokens):
        raise QueryError("the query has no word to search for")
    if sum(len(re.findall(r"\w+", token.text)) for token in tokens) > MOST:
        raise QueryError(f"the query has more than {MOST} words")
    part = _Parser(tokens, term, without).whole()
    if part.depth > NESTED:
        raise QueryError(
            f"the query is nested too deeply: more than {NESTED} brackets inside each other"
        )
    return part.fts


def _searchable(text: str) -> bool:
    """Whether unicode61 finds a word in it: letters, numbers, private use; all else separates words."""
    return any(
        unicodedata.category(character)[0] in "LN" or "\ue000" <= character <= "\uf8ff"
        for character in text
    )


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        at = match.start() + 1
        if match["open"]:
            found.append(Token("(", at))
        elif match["close"]:
            found.append(Token(")", at))
        elif match["quote"]:
            raise QueryError(
                f"a quotation mark is never closed: character {at}, {_near(text, match.start())}"
            )
        elif match["phrase"] is not None:
            if _searchable(match["phrase"]):
                found.append(Token("term", at, match["phrase"], bool(match["star"])))
        elif match["word"]:
            found += _word(match["word"], at, text[match.end() : match.end() + 1])
    return found


def _word(word: str, at: int, following: str) -> list[Token]:
    """The tokens of something written without spaces."""
    if word in _OPERATORS:
        return [Token(word, at)]  # type: ignore[arg-type]  # it is one of the three
    if word == "-" and following and following in '"(':
        return [Token("NOT", at)]
    if not _searchable(word):
        return []  # punctuation that stands alone
    term = Token("term", at, word.rstrip("*"), word.endswith("*"))
    return [Token("NOT", at), term] if word.startswith("-") else [term]


def _near(text: str, at: int) -> str:
    piece = " ".join(text[at : at + 20].split())
    return f"near {piece!r}"


class _Parser:
    """Recursive descent: OR binds least, then AND (which may be left out), then NOT."""

    def __init__(
        self, tokens: Sequence[Token], term: Callable[[Token], str], without: str
    ) -> None:
        self._tokens, self._term, self._without = tokens, term, without
        self._next = 0
        self._open: list[int] = []

    def whole(self) -> Part:
        part = self._either()
        if (token := self._peek()) is not None:
            raise QueryError(
                f"a bracket is closed that was never opened: character {token.at}"
            )
        return part

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, kind: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind:
            return False
        self._next += 1
        return True

    def _either(self) -> Part:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return _joined(parts, " OR ", OR)

    def _all(self) -> Part:
        """Words that must stand there, and words that must not, in any order."""
        start = self._peek()
        wanted: list[Part] = []
        unwanted: list[Part] = []
        while True:
            part, negative = self._one()
            (unwanted if negative else wanted).append(part)
            token = self._peek()
            if token is None or token.kind in (")", "OR"):
                break
            self._takes("AND")
        if not wanted:
            where = f" (character {start.at})" if start else ""
            raise QueryError(
                f"NOT takes away from what other words find: write such a word beside it{where}"
            )
        both = _joined(wanted, " AND ", AND)
        if not unwanted:
            return both
        others = _joined(unwanted, " OR ", OR)
        left, right = both.inside(NOT), others.inside(TERM)
        return Part(
            f"{left.fts}{self._without}{right.fts}", NOT, max(left.depth, right.depth)
        )

    def _one(self) -> tuple[Part, bool]:
        negative = False
        while self._takes("NOT"):
            negative = not negative
        token = self._peek()
        if token is None:
            raise QueryError(self._unfinished())
        self._next += 1
        if token.kind == "term":
            return Part(self._term(token), TERM), negative
        if token.kind == "(":
            return self._bracket(token), negative
        if token.kind == ")":
            raise QueryError(
                f"nothing to search for stands before the bracket that closes: character {token.at}"
            )
        raise QueryError(
            f'{token.kind} must stand between words: character {token.at} (write "{token.kind}" in quotes for the word)'
        )

    def _bracket(self, opening: Token) -> Part:
        if len(self._open) == DEEPEST:
            raise QueryError(f"the query is nested too deeply: character {opening.at}")
        self._open.append(opening.at)
        part = self._either()
        if not self._takes(")"):
            raise QueryError(f"a bracket is never closed: character {opening.at}")
        self._open.pop()
        return part

    def _unfinished(self) -> str:
        if self._tokens and self._tokens[-1].kind in _OPERATORS:
            last = self._tokens[-1]
            return f'nothing to search for follows {last.kind}: character {last.at} (write "{last.kind}" in quotes for the word)'
        return f"a bracket is never closed: character {self._open[-1] if self._open else 1}"


def _joined(parts: Sequence[Part], word: str, binds: int) -> Part:
    if len(parts) == 1:
        return parts[0]
    inner = [part.inside(binds) for part in parts]
    return Part(
        word.join(part.fts for part in inner), binds, max(part.depth for part in inner)
    )
