"""Search for words of scripts written without spaces: Chinese, Japanese, Thai, ….

The full-text index keeps a run of such letters as one word, so a word inside the run is
not found there. It is looked up in the texts of the newest versions instead; words of
other scripts in the same query still use the index. The scripts: Chinese, Japanese,
Thai, Lao, Burmese, Khmer.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from typing import Any

from harvester.archive.queries.language import Token, quote_term, to_sql_condition

MAX_SCANNED_VERSIONS = 60_000  # for one such word; fewer for more words
MIN_SCANNED_VERSIONS = 2_000
SNIPPET_CONTEXT_CHARACTERS = 90  # on either side of the first match

# Ranges of the Unicode blocks, with the marks that belong to them.
_UNSPACED_LETTER_PATTERN = re.compile(
    "["
    "\u0e01-\u0e4e"  # Thai
    "\u0e81-\u0ece"  # Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17d3"  # Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"  # iteration marks, kana
    "\u3400-\u4dbf\u4e00-\u9fff"  # CJK ideographs
    "\uaa60-\uaa7f"  # Burmese, extended
    "\uf900-\ufaff"  # CJK compatibility ideographs
    "\uff66-\uff9f"  # half-width katakana
    "\U00020000-\U0003ffff"  # CJK ideographs, extensions
    "]"
)

_PUNCTUATION_PATTERN = re.compile(
    r"[\s!-/:-@\[-`{-~。、，．！？：；「」『』（）《》〈〉【】“”‘’・…—]+"
)


def has_unspaced_words(query: str) -> bool:
    """Whether a query has letters of such a script."""
    return _UNSPACED_LETTER_PATTERN.search(query) is not None


def describe_scan(query: str) -> str:
    """What such a search covers, for people."""
    limit = _compute_scan_limit(len(_list_unspaced_words(query)))
    return (
        "words of scripts without spaces were looked up in the newest "
        f"{limit:,} versions, not in the index; newest first"
    )


def build_condition(
    connection: sqlite3.Connection, query: str
) -> tuple[str, dict[str, Any]]:
    """A SQL condition on rows ``v`` of versions, and its parameters.

    Raises QueryError.
    """
    scan_limit = _compute_scan_limit(len(_list_unspaced_words(query)))
    parameters: dict[str, Any] = {"floor": _get_scan_floor(connection, scan_limit)}

    def bind(value: str) -> str:
        name = f"word{len(parameters)}"
        parameters[name] = value
        return name

    def contains(piece: str) -> str:
        name = bind(piece)
        columns = ("title", "authors", "text")
        return " or ".join(f"instr(lower(v.{column}), :{name})" for column in columns)

    def render_term(token: Token) -> str:
        if has_unspaced_words(token.text):
            pieces = _split_pieces(token.text)
            return "(" + " and ".join(f"({contains(piece)})" for piece in pieces) + ")"
        name = bind(quote_term(token))
        return f"""v.id in (
            select rowid from versions_fts
            where versions_fts match :{name} and rowid > :floor)"""

    return f"v.id > :floor and ({to_sql_condition(query, render_term)})", parameters


def highlight_snippet(query: str, text: str, begin: str, end: str) -> str:
    """The beginning of a text, or the surroundings of the first match, with marks."""
    words = sorted(_list_unspaced_words(query), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE | re.ASCII)
    first = pattern.search(text)
    start = max(0, first.start() - SNIPPET_CONTEXT_CHARACTERS) if first else 0
    stop = (first.end() if first else 0) + SNIPPET_CONTEXT_CHARACTERS
    snippet = pattern.sub(lambda match: f"{begin}{match[0]}{end}", text[start:stop])
    return f"{'…' if start else ''}{snippet}{'…' if stop < len(text) else ''}"


def _split_pieces(text: str) -> list[str]:
    """The parts of a word or phrase between punctuation, all of which must match.

    Lower-cased as SQLite's ``lower`` does it: ASCII letters only.
    """
    lowered = re.sub(
        "[A-Z]+", lambda match: match[0].lower(), unicodedata.normalize("NFC", text)
    )
    return [piece for piece in _PUNCTUATION_PATTERN.split(lowered) if piece]


def _list_unspaced_words(query: str) -> list[str]:
    """The words of such scripts in a query."""
    words: list[str] = []

    def collect(token: Token) -> str:
        if has_unspaced_words(token.text):
            words.extend(_split_pieces(token.text))
        return "1"

    to_sql_condition(query, collect)
    return words


def _compute_scan_limit(word_count: int) -> int:
    return max(MIN_SCANNED_VERSIONS, MAX_SCANNED_VERSIONS // max(1, word_count))


def _get_scan_floor(connection: sqlite3.Connection, limit: int) -> int:
    row = connection.execute(
        "select id from versions order by id desc limit 1 offset ?", [limit]
    ).fetchone()
    return int(row[0]) if row else 0
