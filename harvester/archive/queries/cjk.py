"""Searching for words of scripts that are written without spaces: Chinese, Japanese, Thai, Lao, Burmese, Khmer.

The full-text index keeps a run of such letters as one word, so a word inside of it is not found there. It is looked for in the
texts themselves, of the newest wordings only; words of other scripts beside it are asked of the index as ever.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from typing import Any

from harvester.archive.queries.language import Token, quote_term, to_sql_condition

MAX_SCANNED_VERSIONS = 60_000  # newest wordings, for one such word; fewer for more
MIN_SCANNED_VERSIONS = 2_000  # the same, at least
SNIPPET_CONTEXT_CHARACTERS = (
    90  # characters before and behind the first that was found, in a snippet
)
# Ranges of the Unicode blocks, with the marks that belong to them.
_UNSPACED_LETTER_PATTERN = re.compile(
    "[\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)

_PUNCTUATION_PATTERN = re.compile(
    r"[\s!-/:-@\[-`{-~。、，．！？：；「」『』（）《》〈〉【】“”‘’・…—]+"
)


def has_unspaced_words(query: str) -> bool:
    """Whether a query has letters of such a script."""
    return _UNSPACED_LETTER_PATTERN.search(query) is not None


def describe_scan(query: str) -> str:
    """What a person should know of such a search, in words."""
    most = _compute_scan_limit(len(_list_unspaced_words(query)))
    return f"words of scripts without spaces were looked for in the texts of the newest {most:,} wordings, not in the index; newest first"


def build_condition(
    connection: sqlite3.Connection, query: str
) -> tuple[str, dict[str, Any]]:
    """A condition on rows ``v`` of versions, and what it is given. Raises QueryError."""
    given: dict[str, Any] = {
        "floor": _get_scan_floor(
            connection, _compute_scan_limit(len(_list_unspaced_words(query)))
        )
    }

    def stands(piece: str) -> str:
        name = f"word{len(given)}"
        given[name] = piece
        return " or ".join(
            f"instr(lower(v.{column}), :{name})"
            for column in ("title", "authors", "text")
        )

    def one(token: Token) -> str:
        if has_unspaced_words(token.text):
            return (
                "("
                + " and ".join(
                    f"({stands(piece)})" for piece in _split_pieces(token.text)
                )
                + ")"
            )
        name = f"word{len(given)}"
        given[name] = quote_term(token)
        return f"v.id in (select rowid from versions_fts where versions_fts match :{name} and rowid > :floor)"

    return f"v.id > :floor and ({to_sql_condition(query, one)})", given


def highlight_snippet(query: str, text: str, begin: str, end: str) -> str:
    """The beginning of a text, or what surrounds the first of the words, with marks around each."""
    words = sorted(_list_unspaced_words(query), key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, words)), re.IGNORECASE | re.ASCII)
    first = found.search(text)
    at = max(0, first.start() - SNIPPET_CONTEXT_CHARACTERS) if first else 0
    ends = (first.end() if first else 0) + SNIPPET_CONTEXT_CHARACTERS
    piece = found.sub(lambda match: f"{begin}{match[0]}{end}", text[at:ends])
    return f"{'…' if at else ''}{piece}{'…' if ends < len(text) else ''}"


def _split_pieces(text: str) -> list[str]:
    """What must stand in a text: the parts of a word or phrase without punctuation, in small letters as SQLite's ``lower`` makes them."""
    small = re.sub(
        "[A-Z]+", lambda match: match[0].lower(), unicodedata.normalize("NFC", text)
    )
    return [piece for piece in _PUNCTUATION_PATTERN.split(small) if piece]


def _list_unspaced_words(query: str) -> list[str]:
    """The words of such scripts in a query."""
    words: list[str] = []

    def one(token: Token) -> str:
        if has_unspaced_words(token.text):
            words.extend(_split_pieces(token.text))
        return "1"

    to_sql_condition(query, one)
    return words


def _compute_scan_limit(word_count: int) -> int:
    return max(MIN_SCANNED_VERSIONS, MAX_SCANNED_VERSIONS // max(1, word_count))


def _get_scan_floor(connection: sqlite3.Connection, limit: int) -> int:
    row = connection.execute(
        "select id from versions order by id desc limit 1 offset ?", [limit]
    ).fetchone()
    return int(row[0]) if row else 0
