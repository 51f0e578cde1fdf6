"""Articles as lines of a file: JSON Lines, CSV and TSV, as bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from harvester.archive.queries.article_columns import Column, make_converter
from harvester.archive.queries.article_export import Article

# A spreadsheet takes text that starts with one of these as a formula.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

Encoder = Callable[[Iterable[Article]], bytes]


def encode_header(name: str, columns: Sequence[Column]) -> bytes:
    """What a file of a format begins with."""
    if name == "jsonl":
        return b""
    names = [column.name for column in columns]
    return _encode_rows([names], _delimiter(name))


def make_encoder(name: str, columns: tuple[Column, ...]) -> Encoder:
    """A function that gives the lines of articles in a format."""
    convert = make_converter(columns)
    if name == "jsonl":
        return lambda articles: b"".join(
            _encode_json(convert(article)) for article in articles
        )
    delimiter = _delimiter(name)
    return lambda articles: _encode_rows(
        ([_to_cell(value) for value in convert(one).values()] for one in articles),
        delimiter,
    )


def _delimiter(name: str) -> str:
    return "\t" if name == "tsv" else ","


def _encode_json(values: dict[str, Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False)
    # Half a surrogate pair is no UTF-8: as \ud800, which JSON reads as the same.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _encode_rows(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _to_cell(value: object) -> str:
    """A value as a cell; an apostrophe precedes what looks like a formula."""
    if isinstance(value, str):
        text = value
    elif value is None:
        return ""
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, int):
        return str(value)
    elif isinstance(value, tuple):
        text = "; ".join(str(part) for part in value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    text = _CONTROL_CHARACTERS.sub("", text.replace("\t", " "))
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text
