"""A tree written as a query again: it is read as the same tree."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

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
)

_WORD_PATTERN = re.compile(r"\w(?:[\w'’.&-]*[\w'’])?")
_FIELDS_BY_COLUMN = {"title": "title", "authors": "author", "text": "text"}


def to_text(node: Node) -> str:
    """The query of a tree."""
    match node:
        case Words():
            column = f"{_FIELDS_BY_COLUMN[node.column]}:" if node.column else ""
            text = f'"{node.text}"' if node.exact else _write_word(node.text)
            return f"{column}{text}{'*' if node.prefix else ''}"
        case Near(words=words, distance=distance):
            return f"NEAR({' '.join(_quote(one.text) for one in words)}, {distance})"
        case Value(field=field, value=value):
            return f"{field}:{_quote(value)}"
        case Times():
            return f"{node.field}:{_quote(_write_range(node.start, node.end))}"
        case Numbers():
            return f"{node.field}:{_write_numbers(node.least, node.most)}"
        case Edited(direction=direction, words=words):
            return f"{direction}:{to_text(words)}"
        case Address(url=url):
            return url
        case Or(parts=parts):
            return " OR ".join(map(_nested, parts))
        case And(wanted=wanted, unwanted=unwanted):
            return " ".join(
                [*map(_nested, wanted), *(f"-{_nested(part)}" for part in unwanted)]
            )


def _nested(node: Node) -> str:
    """As an operand: in parentheses where it has operands itself."""
    text = to_text(node)
    return f"({text})" if isinstance(node, Or | And) else text


def _write_word(text: str) -> str:
    """As typed, where that is read as a word again."""
    is_word = _WORD_PATTERN.fullmatch(text) and text not in ("AND", "OR", "NOT")
    return text if is_word else f'"{text}"'


def _quote(text: str) -> str:
    """In quotes, unless it is a plain word."""
    is_plain = text.isalnum() and text not in ("AND", "OR", "NOT")
    return text if is_plain else f'"{text}"'


def _write_range(start: str, end: str) -> str:
    """The last day is included in what people write, and in ``end`` it is not."""
    if len(start) <= len("2025-09-06") == len(end):
        end = (date.fromisoformat(end) - timedelta(days=1)).isoformat()
        return start if start == end else f"{start}..{end}"
    if start and end:
        return f"{start}..{_before(end)}"
    return f">={start}" if start else f"<{end}"


def _before(end: str) -> str:
    """The second before a time."""
    moment = datetime.fromisoformat(end) - timedelta(seconds=1)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _write_numbers(least: int | None, most: int | None) -> str:
    if least is not None and least == most:
        return str(least)
    return f"{'' if least is None else least}..{'' if most is None else most}"
