"""Split a query into words, phrases, fields, brackets and operators."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from harvester.errors import QueryError

MAX_QUERY_CHARACTERS = 20_000
MAX_QUERY_WORDS = 200  # SQLite merges one list of rows for each

OPERATORS = ("AND", "OR", "NOT")
_QUOTE_TRANSLATION = str.maketrans(
    {**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("’‘‛ʼ＇", "'")}
)
_UNUSABLE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TOKEN_PATTERN = re.compile(
    r"""
    \s+
    |(?P<near>-?NEAR)\((?P<near_words>[^()]*)\)
    |(?P<url>-?(?:https?://|urn:)[^\s"()]+(?:\([^\s"()]*\)[^\s"()]*)*)
    |(?P<field>-?[A-Za-z_]+):(?=[^\s:)])
    |(?P<open>\()|(?P<close>\))
    |"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<quote>")
    |(?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)
# What follows a field: up to a space, or quoted.
_VALUE_PATTERN = re.compile(r"[^\s()\"]+")
_QUOTED_PATTERN = re.compile(r'"(?P<phrase>[^"]*)"(?P<star>\*?)')
# A host and a path, as browsers show URLs: without a scheme.
_BARE_URL_PATTERN = re.compile(
    r"-?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?/\S+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a query, and its position (from 1).

    ``text`` of a field is its name; ``near``: the words between the parentheses.
    """

    kind: Literal[
        "term", "phrase", "near", "url", "field", "(", ")", "AND", "OR", "NOT"
    ]
    position: int
    text: str = ""
    prefix: bool = False


def clean(query: str) -> str:
    """The query with plain quotes, and spaces for what cannot be typed.

    Raises QueryError if it is too long.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryError(
            f"the query is too long: {len(query)} characters, "
            f"at most {MAX_QUERY_CHARACTERS}"
        )
    return _UNUSABLE_CHARACTERS.sub(" ", query).translate(_QUOTE_TRANSLATION)


def is_searchable(text: str) -> bool:
    """Whether a full-text index finds a word in it.

    Letters, numbers and private-use characters make words; all else separates them.
    """
    return any(
        unicodedata.category(character)[0] in "LN" or "\ue000" <= character <= "\uf8ff"
        for character in text
    )


def tokenize(text: str) -> list[Token]:
    """The tokens of a cleaned query. Raises QueryError."""
    tokens: list[Token] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN_PATTERN.match(text, offset)
        assert match is not None  # the last alternatives take any character
        new, offset = _read_match(text, match)
        tokens += new
    if sum(len(re.findall(r"\w+", token.text)) for token in tokens) > MAX_QUERY_WORDS:
        raise QueryError(f"the query has more than {MAX_QUERY_WORDS} words")
    return tokens


def _read_match(text: str, match: re.Match[str]) -> tuple[list[Token], int]:
    """The tokens of a match, and where the text goes on."""
    position, end = match.start() + 1, match.end()
    if match["near"]:
        near = Token("near", position, match["near_words"])
        is_unwanted = match["near"].startswith("-")
        return [Token("NOT", position), near] if is_unwanted else [near], end
    if match["url"]:
        return _negate(match["url"], position, "url"), end
    if match["field"]:
        return _read_field(text, match)
    if match["open"] or match["close"]:
        return [Token("(" if match["open"] else ")", position)], end
    if match["quote"]:
        raise QueryError(
            f"a quotation mark is never closed: character {position}, "
            f"{describe_place(text, match.start())}"
        )
    phrase = match["phrase"]
    if phrase is not None:
        if not is_searchable(phrase):
            return [], end
        return [Token("phrase", position, phrase, bool(match["star"]))], end
    word = match["word"]
    if word is None:
        return [], end
    if _BARE_URL_PATTERN.fullmatch(word):
        return _negate(word, position, "url"), end
    return _read_word(word, position, text[end : end + 1]), end


def _negate(
    text: str, position: int, kind: Literal["url", "field", "term"]
) -> list[Token]:
    """A token; two if it begins with a minus sign."""
    if text.startswith("-"):
        return [Token("NOT", position), Token(kind, position + 1, text[1:])]
    return [Token(kind, position, text)]


def _read_field(text: str, match: re.Match[str]) -> tuple[list[Token], int]:
    """A field and its value, if the value is not in parentheses."""
    tokens = _negate(match["field"], match.start() + 1, "field")
    end = match.end()
    quoted = _QUOTED_PATTERN.match(text, end)
    if quoted:
        phrase = Token("phrase", end + 1, quoted["phrase"], bool(quoted["star"]))
        return [*tokens, phrase], quoted.end()
    value = _VALUE_PATTERN.match(text, end)
    if value is None:
        return tokens, end
    prefix = value[0].endswith("*")
    word = value[0].rstrip("*") if prefix else value[0]
    return [*tokens, Token("term", end + 1, word, prefix)], value.end()


def _read_word(word: str, position: int, next_character: str) -> list[Token]:
    """The tokens of a run of characters without spaces."""
    if word in OPERATORS:
        return [Token(word, position)]  # type: ignore[arg-type]  # one of the three
    if word == "-" and next_character and next_character in '"(':
        return [Token("NOT", position)]
    if not is_searchable(word):
        return []  # punctuation on its own
    is_prefix = word.endswith("*")
    is_unwanted = word.startswith("-")
    text = word.rstrip("*")[is_unwanted:]
    term = Token("term", position + is_unwanted, text, is_prefix)
    return [Token("NOT", position), term] if is_unwanted else [term]


def describe_place(text: str, offset: int) -> str:
    """The words at an offset, for a message."""
    excerpt = " ".join(text[offset : offset + 20].split())
    return f"near {excerpt!r}"
