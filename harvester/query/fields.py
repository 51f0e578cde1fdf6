"""The fields of the query language, and how the value of each is read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from harvester.errors import QueryError
from harvester.identity import url_variants, urls
from harvester.query import time_ranges
from harvester.query.tree import (
    Address,
    Edited,
    Node,
    NumberField,
    Numbers,
    Or,
    TimeField,
    Times,
    Value,
    ValueField,
    Words,
    WordsColumn,
)

WORDS_COLUMNS: dict[str, WordsColumn] = {
    "title": "title",
    "author": "authors",
    "text": "text",
}
# What an article is now, or what happened to it.
FLAGS = {
    "edited": "its words changed after it was first seen",
    "removed": "the outlet removed it",
    "returned": "it is online again, after it was removed",
    "suspect": "it may have been removed",
    "online": "it is online, as far as is known",
    "silent": "an edit was not acknowledged",
    "unique": "no near-duplicate was seen before it",
    "duplicate": "a near-duplicate was seen before it",
    "watched": "somebody watches it",
}
KINDS = ("article", "live", "gallery", "index", "stub")
ACCESS = ("free", "metered", "paywalled", "unknown")
CLASSES = (
    "correction",
    "substantive",
    "headline",
    "typo",
    "date line",
    "cosmetic",
    "post",
)
CHOICES: dict[str, Iterable[str]] = {
    "is": FLAGS,
    "kind": KINDS,
    "access": ACCESS,
    "class": CLASSES,
}
# Each field, and what it asks for.
FIELDS = {
    "title": "words in the headline",
    "author": "words in the byline",
    "text": "words in the text",
    "outlet": "key of an outlet",
    "section": "section as the outlet names it",
    "tag": "tag as the outlet names it",
    "lang": "language: fr, en, pt-br",
    "site": "registered domain: example.org",
    "url": "a URL of the article, or a part of its URL",
    "key": "key of the article, or its beginning",
    "agency": "agency that the article names: AFP",
    "kind": ", ".join(KINDS),
    "access": ", ".join(ACCESS),
    "published": "when the outlet published it, as it says",
    "seen": "when this version was first seen",
    "edited": "when an edit was seen",
    "words": "number of words: >500, 100..200",
    "versions": "number of versions: >1",
    "is": ", ".join(FLAGS),
    "class": "class of an edit: " + ", ".join(CLASSES),
    "added": "words that an edit added",
    "removed": "words that an edit removed",
    "similar": "key of an article: its near-duplicates",
}
# Names that people know from elsewhere.
_OTHER_NAMES = {
    "headline": "title",
    "intitle": "title",
    "authors": "author",
    "by": "author",
    "byline": "author",
    "intext": "text",
    "body": "text",
    "source": "outlet",
    "feed": "outlet",
    "category": "section",
    "sections": "section",
    "tags": "tag",
    "language": "lang",
    "domain": "site",
    "host": "site",
    "inurl": "url",
    "link": "url",
    "article": "key",
    "id": "key",
    "date": "published",
    "pubdate": "published",
    "first_seen": "seen",
    "changed": "edited",
    "length": "words",
    "state": "is",
    "deleted": "removed",
}
_NUMBER_PATTERN = re.compile(
    r"(?P<operator><=|>=|<|>|=)?(?P<number>\d{1,15})"
    r"|(?P<least>\d{0,15})\.\.(?P<most>\d{0,15})"
)
_FULL_URL_PATTERN = re.compile(r"(?:https?:)?//\S+|(?:[\w-]+\.)+[a-z]{2,}/\S+", re.I)


def field_name(typed: str, position: int) -> str:
    """The name of a field. Raises QueryError, with the nearest known name."""
    name = typed.lower()
    if name in FIELDS:
        return name
    nearest = _OTHER_NAMES.get(name) or _nearest(name, FIELDS)
    meant = f"did you mean {nearest}:?" if nearest else f"known are {', '.join(FIELDS)}"
    raise QueryError(
        f"unknown field {typed!r}: character {position}; {meant} "
        "(write it in quotes to search for the words)"
    )


def read_value(
    name: str, text: str, prefix: bool, is_quoted: bool, position: int, now: datetime
) -> Node:
    """The node of a field and one value. Raises QueryError."""
    if name in WORDS_COLUMNS:
        return Words(text, position, prefix, WORDS_COLUMNS[name], is_quoted)
    if name in ("added", "removed"):
        words = Words(text, position, prefix, exact=is_quoted)
        return Edited("added" if name == "added" else "removed", words, position)
    text += "*" if prefix else ""
    if name in ("published", "seen", "edited"):
        return _read_times(cast(TimeField, name), text, position, now)
    if name in ("words", "versions"):
        return _read_numbers(cast(NumberField, name), text, position)
    if name == "url" and _FULL_URL_PATTERN.fullmatch(text):
        return read_address(text, position)
    # A comma between two values means either of them.
    values = [text] if is_quoted or name == "url" else text.split(",")
    nodes: list[Node] = [
        Value(cast(ValueField, name), _read_choice(name, value, position), position)
        for value in map(str.strip, values)
        if value
    ]
    if not nodes:
        raise QueryError(f"{name}: has no value: character {position}")
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes), position)


def read_address(url: str, position: int) -> Address:
    """A URL, with or without scheme, or the URN of an article that has no URL."""
    if url.startswith("urn:"):
        return Address(url, (url,), "", "", position)
    full = url if "://" in url else f"https://{url.removeprefix('//')}"
    return Address(
        url,
        url_variants.list_keys(full),
        url_variants.variant_key(full),
        urls.site(full),
        position,
    )


def _read_choice(name: str, value: str, position: int) -> str:
    choices = CHOICES.get(name)
    if choices is None:
        return value
    lowered = value.lower()
    plain = {choice.replace(" ", "-"): choice for choice in choices}
    if lowered in choices:
        return lowered
    if lowered.replace(" ", "-") in plain:
        return plain[lowered.replace(" ", "-")]
    nearest = _nearest(lowered, choices)
    meant = (
        f"did you mean {nearest}?" if nearest else f"it is one of {', '.join(choices)}"
    )
    raise QueryError(
        f"{name}: does not know {value[:40]!r}: character {position}; {meant}"
    )


def _read_times(field: TimeField, text: str, position: int, now: datetime) -> Times:
    try:
        start, end = time_ranges.parse_range(text, now)
    except (ValueError, OverflowError) as error:
        cause = str(error).partition("\n")[0]
        raise QueryError(
            f"{field}: cannot be read: character {position}, {text[:40]!r} ({cause}); "
            f"write {time_ranges.EXAMPLES}"
        ) from error
    return Times(field, start, end, position)


def _read_numbers(field: NumberField, text: str, position: int) -> Numbers:
    match = _NUMBER_PATTERN.fullmatch(text.replace(",", ""))
    if match is None or text == "..":
        raise QueryError(
            f"{field}: needs a number: character {position}, {text[:40]!r}; write "
            f"{field}:>500, {field}:100..200"
        )
    if match["number"] is None:
        least = int(match["least"]) if match["least"] else None
        most = int(match["most"]) if match["most"] else None
        return Numbers(field, least, most, position)
    number = int(match["number"])
    bounds: dict[str, tuple[int | None, int | None]] = {
        "": (number, number),
        "=": (number, number),
        "<": (None, number - 1),
        "<=": (None, number),
        ">": (number + 1, None),
        ">=": (number, None),
    }
    return Numbers(field, *bounds[match["operator"] or ""], position)


def _nearest(name: str, known: Iterable[str]) -> str:
    matches: list[str] = difflib.get_close_matches(name, list(known), 1, 0.6)
    return matches[0] if matches else ""
