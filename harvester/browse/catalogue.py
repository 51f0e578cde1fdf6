"""The catalogue of the archive's tables and views, as its page and theirs show it.

Links lead only to what a large archive answers at once: sorted by an index, counted by
an index, and no view that has to read all of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from harvester.browse import archive_queries
from harvester.browse.table_descriptions import TABLES

# The catalogue of the archive, in the order in which people ask. Views are named first,
# as each answers a question; what is in no group comes last.
VIEWS = (
    "edits",
    "removals",
    "latest",
    "reprints",
    "feed_health",
    "outlet_stats",
    "reading_health",
    "entries_without_article",
    "edit_words",
    "edit_stats",
)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What was published",
        ("articles", "versions", "entries", "outlets", "feeds", "urls"),
    ),
    (
        "How it changed",
        ("changes", "events", "sightings", "looks", "announcements", "readings"),
    ),
    ("Copies", ("clusters", "copies", "joins", "aliases", "apart")),
    (
        "How it was fetched",
        (
            "captures",
            "origins",
            "crawls",
            "gaps",
            "backfills",
            "backfill_requests",
            "hosts",
            "watches",
        ),
    ),
    ("Alerts", ("alert_events", "deliveries")),
    (
        "Proof and removal",
        ("days", "seals", "chains", "tombstones", "barred"),
    ),
    (
        "Counts, and what was learned",
        (
            "daily_counts",
            "version_days",
            "counts",
            "entry_counts",
            "profiles",
            "labels",
            "rhythms",
        ),
    ),
)
# Of wide tables, the columns that a link to them shows; all others are a click away.
SHOWN: dict[str, tuple[str, ...]] = {
    "edits": ("id", "at", "outlet", "title", "class", "silent", "sentences", "article"),
    "articles": (
        "key",
        "outlet",
        "url",
        "state",
        "first_seen",
        "last_seen",
        "versions",
        "outcome",
        "copy_of",
    ),
    "versions": (
        "article",
        "number",
        "title",
        "authors",
        "words",
        "published",
        "first_seen",
        "last_seen",
        "kind",
        "access",
    ),
    "entries": (
        "feed",
        "title",
        "url",
        "published",
        "first_seen",
        "last_seen",
        "outcome",
        "reason",
        "article",
    ),
    "feeds": (
        "outlet",
        "title",
        "kind",
        "active",
        "outcome",
        "reason",
        "since",
        "read_at",
        "new_at",
        "failures",
        "due",
    ),
    "captures": (
        "outlet",
        "kind",
        "url",
        "at",
        "status",
        "type",
        "bytes",
        "page",
        "file",
        "offset",
        "sha256",
    ),
}
# Counted by these columns in a click: an index answers, however large the archive is.
FACETS: dict[str, tuple[str, ...]] = {
    "articles": ("outlet",),
    "entries": ("outcome",),
    "changes": ("class",),
    "events": ("kind",),
    "feeds": ("outlet", "kind", "outcome"),
    "gaps": ("state",),
    "hosts": ("site",),
    "feed_health": ("outlet", "outcome"),
}
# These read all of a table, so that a large archive has no time for them: the question
# that answers the same from kept counts.
READ_ALL = {"edit_stats": ("changes", "how_outlets_edit")}
# Columns by which a view can be sorted without reading all of it.
SORTED_VIEWS: dict[str, tuple[str, ...]] = {
    "edits": ("id",),
    "edit_words": ("id",),
    "entries_without_article": ("id",),
    "latest": (),
    "reading_health": ("capture",),
    "removals": ("id",),
    "reprints": (),
    "edit_stats": (),
}
# Their rows of one article are found by an index.
OF_ARTICLES = ("versions", "changes", "events", "urls", "looks", "sightings")
MAX_SORTED_ROWS = 20_000  # of a table without an index on the column


@dataclass(frozen=True, slots=True)
class Listed:
    """A table or view in the catalogue."""

    name: str
    description: str
    count: int | None
    columns: tuple[str, ...]
    is_view: bool
    query: str = ""  # of the link: the columns that it shows
    is_slow: bool = False  # too slow to be linked


@dataclass(frozen=True, slots=True)
class Group:
    """Tables or views under one title."""

    title: str
    tables: tuple[Listed, ...]


def _get(table: Any, name: str) -> Any:
    """Datasette 0.65 describes a table by a dictionary, 1.0 by an object."""
    return table[name] if isinstance(table, Mapping) else getattr(table, name)


def describe(name: str) -> str:
    """One line about a table or view, empty if it is not the archive's."""
    return str(TABLES.get(name, {}).get("description", ""))


def list_groups(
    tables: Iterable[Any], views: Iterable[Any], with_hidden: Any
) -> list[Group]:
    """The archive's views, then its tables by what people ask, internals last."""
    listed = {_get(table, "name"): table for table in tables}
    counts = {name: _get(table, "count") for name, table in listed.items()}
    names = [_get(view, "name") for view in views]
    ordered = [name for name in VIEWS if name in names]
    ordered += [name for name in names if name not in VIEWS]
    groups = [Group("Views", tuple(_list_view(name, counts) for name in ordered))]
    shown = {name for name, table in listed.items() if not _get(table, "hidden")}
    for title, members in GROUPS:
        group = [_list_table(listed[name]) for name in members if name in shown]
        groups.append(Group(title, tuple(group)))
        shown -= set(members)
    others = sorted(shown)
    groups.append(Group("Others", tuple(_list_table(listed[name]) for name in others)))
    if with_hidden:
        internal = [_list_table(table) for table in tables if _get(table, "hidden")]
        groups.append(Group("Internal", tuple(internal)))
    return [group for group in groups if group.tables]


def list_plain_groups(
    tables: Iterable[Any], views: Iterable[Any], with_hidden: Any
) -> list[Group]:
    """Tables and views of another database."""
    seen = [table for table in tables if with_hidden or not _get(table, "hidden")]
    plain = Group("Tables", tuple(_list_table(table) for table in seen))
    others = [Listed(_get(view, "name"), "", None, (), True) for view in views]
    return [group for group in (plain, Group("Views", tuple(others))) if group.tables]


def _list_table(table: Any) -> Listed:
    name = _get(table, "name")
    return Listed(
        name=name,
        description=describe(name),
        count=_get(table, "count"),
        columns=tuple(_get(table, "columns")),
        is_view=False,
        query=_show_columns(name),
    )


def _show_columns(name: str) -> str:
    shown = [("_col", column) for column in SHOWN.get(name, ())]
    return f"?{urlencode(shown)}" if shown else ""


def _list_view(name: str, counts: dict[str, int | None]) -> Listed:
    description, is_slow = describe(name), False
    if name in READ_ALL:
        table, question = READ_ALL[name]
        count = counts.get(table, 0)
        is_slow = count is None or count > MAX_SORTED_ROWS
        if is_slow:
            title = archive_queries.CANNED_QUERIES[question]["title"]
            description += f" Too slow in so large an archive: see “{title}”."
    return Listed(name, description, None, (), True, _show_columns(name), is_slow)


def list_sortable(
    name: str, is_view: bool, indexed: set[str], count: int | None
) -> set[str] | None:
    """Columns by which a page may offer to sort; None: by any."""
    if is_view:
        return set(SORTED_VIEWS[name]) if name in SORTED_VIEWS else None
    return None if count is not None and count <= MAX_SORTED_ROWS else indexed


def lead_on(table: str, row: Any) -> list[tuple[str, str]]:
    """Where a row leads to on our own pages: path and label."""

    def get(column: str) -> Any:
        value = row[column]
        return value["value"] if isinstance(value, dict) else value  # of a foreign key

    try:
        if table == "articles":
            return [(f"/-/article/{get('key')}", "The article and its history")]
        if table == "versions":
            path = f"/-/article/{get('article')}?version={get('number')}"
            return [(path, "This version of the article")]
        if table in ("changes", "sightings", "looks", "urls", "readings", "clusters"):
            return [(f"/-/article/{get('article')}", "The article and its history")]
        if table == "outlets":
            return [(f"/-/outlet/{get('key')}", "The outlet")]
    except KeyError:  # the column is not among those shown
        return []
    return []
