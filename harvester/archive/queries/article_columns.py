"""What is written of an article: names, types and meanings of the columns.

The same for all formats; ``datapackage`` and Parquet carry the meanings along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from harvester.archive.queries.article_export import Article, Change, Copy, Texts

ColumnType = Literal["string", "datetime", "integer", "boolean", "array"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its name is that of a field of ``Article``."""

    name: str
    type: ColumnType
    meaning: str


_COLUMNS = (
    Column("key", "string", "Permanent key of the article, 16 hexadecimal digits"),
    Column("url", "string", "Canonical URL, as far as known; without logins"),
    Column("outlet", "string", "Key of the outlet, as in the settings"),
    Column("title", "string", "Headline of this version"),
    Column("authors", "array", "Names of the authors, as stated"),
    Column("published", "datetime", "When the outlet says it was published, UTC"),
    Column("modified", "datetime", "When the outlet says it was modified, UTC"),
    Column("first_seen", "datetime", "When this version was first seen, UTC"),
    Column("last_seen", "datetime", "When this version was last seen, UTC"),
    Column("language", "string", "Language, BCP 47; empty: unknown"),
    Column("version", "integer", "Number of this version: 1, 2, 3 …"),
    Column("versions", "integer", "How many versions the article has"),
    Column("latest", "boolean", "Whether this is the current version"),
    Column("sha256", "string", "Lasting name of the version, from its wording"),
    Column("words", "integer", "Words of the text"),
    Column("state", "string", "Of the article: online, suspect, removed, returned"),
    Column("kind", "string", "Kind of page: article, live, index, video …"),
    Column("access", "string", "free, metered, paywall, stub; unknown"),
    Column("sections", "array", "Sections of the outlet"),
    Column("tags", "array", "Keywords, as stated"),
    Column("image", "string", "URL of its picture"),
    Column("description", "string", "Standfirst or summary, as stated"),
)
_TEXT = Column("text", "string", "Text of this version, a paragraph a line")
_CHANGES = Column(
    "changes",
    "array",
    "Changes: of the article, or with all versions those that led to this version; "
    "each with at, kind, class, size (words), silent, acknowledged_by, back, "
    "from_version, to_version, fields, and sentences added, removed, rewritten",
)
_COPIES = Column(
    "copies",
    "array",
    "Other articles that share its text; each with key, outlet, url, first_seen, "
    "earlier, and the share of this article's words found there (0 to 1)",
)


def list_columns(texts: Texts, changes: bool, copies: bool) -> tuple[Column, ...]:
    """The columns that are written."""
    return (
        *_COLUMNS,
        *((_TEXT,) if texts != "none" else ()),
        *((_CHANGES,) if changes else ()),
        *((_COPIES,) if copies else ()),
    )


def make_converter(columns: tuple[Column, ...]) -> Callable[[Article], dict[str, Any]]:
    """A function that gives the values of these columns, ready for JSON."""
    names = tuple(column.name for column in columns if column.name not in _NESTED)
    nested = tuple(column.name for column in columns if column.name in _NESTED)

    def convert(article: Article) -> dict[str, Any]:
        values = {name: getattr(article, name) for name in names}
        for name in nested:
            to_dict = _NESTED[name]
            values[name] = [to_dict(one) for one in getattr(article, name)]
        return values

    return convert


def change_to_dict(change: Change) -> dict[str, Any]:
    """A change, ready for JSON."""
    return {
        "at": change.at,
        "kind": change.kind,
        "class": change.class_,
        "size": change.size,
        "silent": change.silent,
        "acknowledged_by": change.acknowledged_by,
        "back": change.back,
        "from_version": change.from_version,
        "to_version": change.to_version,
        "fields": {name: list(pair) for name, pair in change.fields.items()},
        "added": list(change.added),
        "removed": list(change.removed),
        "rewritten": [list(pair) for pair in change.rewritten],
    }


def copy_to_dict(copy: Copy) -> dict[str, Any]:
    """A copy, ready for JSON."""
    return {
        "key": copy.key,
        "outlet": copy.outlet,
        "url": copy.url,
        "first_seen": copy.first_seen,
        "earlier": copy.earlier,
        "share": copy.share,
    }


_NESTED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "changes": change_to_dict,
    "copies": copy_to_dict,
}
