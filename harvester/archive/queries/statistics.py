"""Articles counted in groups: by time, outlet, language and others; of all or of a query.

Grows with the articles, and reads as little of them as it can: what stands behind the
text in a row of versions is only read of at most ``MAX_READ`` articles. Times are those
of ``published:``: when it was published, or first seen where it does not say so.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

from harvester.archive import stored_json
from harvester.archive.queries.article_export import list_article_ids
from harvester.archive.queries.conditions import SHOWN_SQL
from harvester.errors import HarvesterError
from harvester.query.tree import Node

PERIODS = ("year", "month", "week", "day")
# What only the rows of versions tell.
READ_DIMENSIONS = ("lang", "section", "kind", "access")
DIMENSIONS = (*PERIODS, "outlet", "state", "agency", *READ_DIMENSIONS)
MAX_READ = 100_000  # articles: about 2 s
MAX_GROUPS = 100_000
GROUP_IDS = 500

_ALL_SQL = """
    select a.key, a.outlet, a.state, a.first_seen, a.copy_of, v.id as version
    from articles a
    join versions v on v.article = a.key and v.number = a.version"""
_READ_SQL = f"""
    select a.key, a.outlet, a.state, a.first_seen, a.copy_of, v.words, v.language,
        v.sections, v.kind, v.access, {SHOWN_SQL} as shown
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    join versions v on v.article = a.key and v.number = a.version"""


@dataclass(frozen=True, slots=True)
class Group:
    """The articles of one group, counted."""

    names: Mapping[str, str]  # dimension → its value
    articles: int
    words: int | None  # of current versions; None: too many articles to read them
    edits: int
    silent: int  # edits that the outlet did not acknowledge
    first_edit_hours: float | None  # median, of the articles that were edited
    removed: int  # articles
    copies: int  # articles whose text another published before
    agencies: int  # articles that name an agency

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest stats --by … --json`` prints it."""
        return {
            **self.names,
            "articles": self.articles,
            "words": self.words,
            "edits": self.edits,
            "silent": self.silent,
            "first_edit_hours": self.first_edit_hours,
            "removed": self.removed,
            "copies": self.copies,
            "agencies": self.agencies,
        }


@dataclass(slots=True)
class _Sums:
    articles: int = 0
    words: int = 0
    edits: int = 0
    silent: int = 0
    removed: int = 0
    copies: int = 0
    agencies: int = 0
    delays: array[float] = field(default_factory=lambda: array("d"))  # hours


@dataclass(slots=True)
class _Edits:
    """Those of an article."""

    first_at: str
    count: int = 0
    silent: int = 0


def list_groups(
    connection: sqlite3.Connection, by: Sequence[str], query: Node | None, now: str
) -> list[Group]:
    """The groups that have articles, sorted by their names.

    An article counts once, in each section that it names. Raises QueryError, and
    HarvesterError where there are too many articles or groups for what is asked.
    """
    ids = list_article_ids(connection, query, now)
    reads = len(ids) <= MAX_READ
    unread = [name for name in by if name in READ_DIMENSIONS]
    if unread and not reads:
        raise HarvesterError(
            f"{len(ids):,} articles are too many to count by {' and '.join(unread)}; "
            f"the limit is {MAX_READ:,}",
            "narrow them down with --since, --outlet or a query",
        )
    rows = (
        _read_articles(connection, ids)
        if reads
        else _list_all(connection, by, None if query is None else set(ids))
    )
    edits = _list_edits(connection)
    clusters = {
        row["article"]: row
        for row in connection.execute(
            "select article, cluster, agency from clusters "
            "where agency <> '' or article <> cluster"
        )
    }
    sums: dict[tuple[str, ...], _Sums] = {}
    for row in rows:
        cluster = clusters.get(row["key"])
        agency = cluster["agency"] if cluster else ""
        for names in _list_names(row, by, agency):
            group = sums.setdefault(names, _Sums())
            _add(group, row, edits.get(row["key"]))
            group.copies += row["copy_of"] is not None or (
                cluster is not None and cluster["cluster"] != row["key"]
            )
            group.agencies += bool(agency)
        if len(sums) > MAX_GROUPS:
            raise HarvesterError(
                f"more than {MAX_GROUPS:,} groups", "count by fewer names"
            )
    return [
        _to_group(dict(zip(by, names, strict=True)), sums[names], reads)
        for names in sorted(sums)
    ]


def _read_articles(
    connection: sqlite3.Connection, ids: Sequence[int]
) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(ids), GROUP_IDS):
        chosen = json.dumps(list(ids[start : start + GROUP_IDS]))
        yield from map(dict, connection.execute(_READ_SQL, {"ids": chosen}))


def _list_all(
    connection: sqlite3.Connection, by: Sequence[str], ids: set[int] | None
) -> Iterator[Mapping[str, Any]]:
    """Rows of articles without what stands behind the text of a version.

    The time comes from the index of times, which has each version's.
    """
    periods: dict[int, str] = {}
    if set(by) & set(PERIODS):
        days: dict[str, str] = {}  # one text for each day
        for version, shown in connection.execute(
            f"select v.id, {SHOWN_SQL} from versions v indexed by versions_shown"
        ):
            day = shown[:10]
            periods[version] = days.setdefault(day, day)
    for row in connection.execute(f"{_ALL_SQL.replace('a.key,', 'a.id, a.key,')}"):
        if ids is None or row["id"] in ids:
            yield {**dict(row), "words": 0, "shown": periods.get(row["version"], "")}


def _list_edits(connection: sqlite3.Connection) -> dict[str, _Edits]:
    """Edits of each article. Whether they are silent, an index tells without the rows."""
    silent = {
        row[0]
        for row in connection.execute(
            "select id from changes indexed by changes_class_at where silent = 1"
        )
    }
    edits: dict[str, _Edits] = {}
    for number, article, at in connection.execute(
        "select id, article, at from changes where kind <> 'fields' order by id"
    ):
        own = edits.setdefault(article, _Edits(at))
        own.first_at = min(own.first_at, at)
        own.count += 1
        own.silent += number in silent
    return edits


def _list_names(
    row: Mapping[str, Any], by: Sequence[str], agency: str
) -> list[tuple[str, ...]]:
    """The groups of an article: one, or one for each of its sections."""
    sections = [""]
    if "section" in by:
        sections = list(dict.fromkeys(stored_json.parse_texts(row["sections"]))) or [""]
    names = []
    for section in sections:
        values = {"section": section, "agency": agency, "outlet": row["outlet"]}
        names.append(
            tuple(
                values[name] if name in values else _dimension(row, name) for name in by
            )
        )
    return names


def _dimension(row: Mapping[str, Any], name: str) -> str:
    if name in PERIODS:
        return _period(row["shown"][:10], name)
    if name == "state":
        return "online" if row["state"] == "live" else str(row["state"])
    return str(row["language" if name == "lang" else name])


@lru_cache(maxsize=10_000)
def _period(day: str, name: str) -> str:
    """The period of a day; a week by its Monday."""
    if name == "week":
        try:
            first = date.fromisoformat(day)
        except ValueError:  # a damaged archive
            return ""
        return (first - timedelta(days=first.weekday())).isoformat()
    return day[: {"year": 4, "month": 7, "day": 10}[name]]


def _add(group: _Sums, row: Mapping[str, Any], edits: _Edits | None) -> None:
    group.articles += 1
    group.words += row["words"]
    group.removed += row["state"] == "removed"
    if edits is not None:
        group.edits += edits.count
        group.silent += edits.silent
        group.delays.append(_hours_between(row["first_seen"], edits.first_at))


def _hours_between(start: str, end: str) -> float:
    try:
        delay = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    except (ValueError, TypeError):  # a damaged archive
        return 0.0
    return max(0.0, delay.total_seconds() / 3_600)


def _to_group(names: Mapping[str, str], sums: _Sums, has_words: bool) -> Group:
    return Group(
        names,
        sums.articles,
        sums.words if has_words else None,
        sums.edits,
        sums.silent,
        round(median(sums.delays), 2) if sums.delays else None,
        sums.removed,
        sums.copies,
        sums.agencies,
    )
