"""The versions that a query finds, best first, and where a page of them goes on.

Of the newest matches, those with the words as they are typed come first, then those with
other forms of them. Pages are of the versions that were there when the first one was
asked for, whatever is stored in the meantime; only scores that are almost equal may
change places, as they depend on how frequent a word is in the whole archive.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from harvester.archive.queries.conditions import MAX_ID_DIGITS, Conditions, Cursor
from harvester.archive.queries.matches import (
    COLUMNS_SQL,
    FROM_SQL,
    MAX_ID,
    SCORE_SQL,
    edited_sql,
    get_floor,
    has_prefix,
    list_newest,
)

MAX_RANKED_HITS = 2_000  # the newest
# A prefix stands for many words of each text, and every one has its cost.
MAX_RANKED_PREFIX_HITS = 500
# Of outlets whose versions are listed at once, to rank many hits. Of a larger one so many
# among the newest matches are enough: to list half a million versions takes 2.5 seconds.
MAX_SMALL_RANKED_VERSIONS, MIN_RANKED_HITS = 60_000, 200

_CURSOR_PATTERN = re.compile(
    rf"best_(?P<bound>\d{{1,{MAX_ID_DIGITS}}})_(?P<id>\d{{1,{MAX_ID_DIGITS}}})(?P<newest>n?)"
)


@dataclass(frozen=True, slots=True)
class RankedCursor:
    """The last hit of a page that is sorted by relevance."""

    bound: int  # the newest version when the first page was asked for
    version_id: int
    among_newest: bool = False  # see ``matches.list_among_newest``

    @classmethod
    def parse(cls, text: str) -> RankedCursor:
        """What ``str`` has written. Raises ValueError."""
        match = _CURSOR_PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"not a cursor of results by relevance: {text[:40]!r}")
        return cls(int(match["bound"]), int(match["id"]), bool(match["newest"]))

    def __str__(self) -> str:
        suffix = "n" if self.among_newest else ""
        return f"best_{self.bound}_{self.version_id}{suffix}"


def parse_cursor(text: str) -> Cursor | RankedCursor:
    """A cursor of either order. Raises ValueError."""
    if _CURSOR_PATTERN.fullmatch(text):
        return RankedCursor.parse(text)
    return Cursor.parse(text)


def get_newest_id(connection: sqlite3.Connection) -> int:
    """The id of the version that was stored last; 0 in an empty archive."""
    return int(
        connection.execute("select coalesce(max(id), 0) from versions").fetchone()[0]
    )


def list_by_relevance(
    connection: sqlite3.Connection,
    exact: Conditions,
    conditions: Conditions,
    bound: int = MAX_ID,
) -> Iterator[sqlite3.Row]:
    """The matches of the words as typed, then all others.

    ``exact``: the conditions without other forms of the words.
    """
    seen = set()
    if exact.expression != conditions.expression:
        for row in list_best(connection, exact, bound):
            seen.add(row["id"])
            yield row
    for row in list_best(connection, conditions, bound):
        if row["id"] not in seen:
            yield row


def skip_behind(rows: Iterable[sqlite3.Row], version_id: int) -> Iterator[sqlite3.Row]:
    """The rows behind one; none if it is not among them any more."""
    iterator = iter(rows)
    for row in iterator:
        if row["id"] == version_id:
            break
    return iterator


def list_best(
    connection: sqlite3.Connection, conditions: Conditions, bound: int = MAX_ID
) -> Iterable[sqlite3.Row]:
    """The best of the newest versions that match, with an id up to ``bound``."""
    count = MAX_RANKED_PREFIX_HITS if has_prefix(conditions) else MAX_RANKED_HITS
    if not conditions.outlets:
        floor = get_floor(connection, conditions.since)
        if not (conditions.edited_versions or conditions.other_filters):
            return _list_best_by_index(connection, conditions, floor, bound, count)
        return connection.execute(
            f"""
            select * from (
                select {COLUMNS_SQL}, {SCORE_SQL} as score
                {FROM_SQL} and versions_fts.rowid between {floor} and {bound}
                {edited_sql(conditions)} {conditions.other_filters}
                order by versions_fts.rowid desc
                limit {count})
            order by score, id desc""",
            conditions.parameters,
        )
    newest = list_newest(
        connection, conditions, MAX_SMALL_RANKED_VERSIONS, MIN_RANKED_HITS
    )
    bounded = (row for row in newest if row["id"] <= bound)
    rows = {row["id"]: row for row in islice(bounded, count)}
    scores = connection.execute(
        f"""
        select rowid, {SCORE_SQL} as score from versions_fts
        where versions_fts match :match and rowid between :least and :most
        and +rowid in (select value from json_each(:ids))
        order by score, rowid desc""",
        {
            "match": conditions.expression,
            "least": min(rows, default=0),
            "most": max(rows, default=0),
            "ids": json.dumps(list(rows)),
        },
    )
    return [rows[row["rowid"]] for row in scores]


def _list_best_by_index(
    connection: sqlite3.Connection,
    conditions: Conditions,
    floor: int,
    bound: int,
    count: int,
) -> Iterator[sqlite3.Row]:
    """The same where words are all that is asked for: the index alone ranks them.

    A page needs few of the rows, and most of the time goes into reading these.
    """
    ranked = connection.execute(
        f"""
        select id from (
            select rowid as id, {SCORE_SQL} as score
            from versions_fts
            where versions_fts match :match and rowid between {floor} and {bound}
            order by rowid desc
            limit {count})
        order by score, id desc""",
        conditions.parameters,
    ).fetchall()
    for (version_id,) in ranked:
        row = connection.execute(
            f"""
            select {COLUMNS_SQL}
            from versions v
            join articles a on a.key = v.article
            where v.id = ?""",
            [version_id],
        ).fetchone()
        if row is not None:
            yield row
