"""The versions that a query finds, last published first; ``ranking`` has the best first.

``rowid`` is the order in which versions were first stored, and the index lists a word's
versions in it. Reading that list is cheap (a million in a tenth of a second); looking up
the article of each version in it is not. So a day is turned into the least ``rowid``
that it can have, and a small outlet into the set of its versions.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

from harvester.archive.queries import unspaced
from harvester.archive.queries.conditions import SHOWN_SQL, Conditions
from harvester.archive.queries.small_index import SmallIndex
from harvester.archive.records import counts

MAX_ID = (1 << 63) - 1
# Of outlets whose versions are listed at once.
MAX_SMALL_VERSIONS = 20_000
# Without words: more than that are not sorted for a page if enough articles of their
# outlets are among the newest versions of all.
MAX_SORTED_VERSIONS = 3_000
WALKED_VERSIONS, MIN_NEW_ARTICLES = 5_000, 100
MAX_WALKED_HITS = 30_000  # whose articles are looked up before outlets are listed
# For a prefix of one or two letters, and few hits, the newest versions are looked at
# first, where there are many.
NEWEST_VERSIONS = 300
MAX_HITS_AMONG_NEWEST = 50
MIN_MANY_VERSIONS = 50_000
MAX_CANDIDATES = 200  # versions that may be the hit in place of another
MAX_RARE_HITS = 2_000  # that are sorted by time all at once
FIRST_SORTED_ROWS = 200  # of more

_SHORT_PREFIX_PATTERN = re.compile(r'(?<!\w)\w{1,2}" \*')
COLUMNS_SQL = (
    f"v.id, v.article, v.number, v.number = a.version as latest, {SHOWN_SQL} as shown"
)
# Of a list whose first rows are asked for. SQLite expects all rows to be read, and would
# read all articles before the first one (for a Bloom filter), unless few versions remain.
_WALKED_SQL = "unlikely(+v.id > 0)"
# A word in the title says more about an article than one in its text.
SCORE_SQL = "bm25(versions_fts, 8.0, 2.0, 1.0)"
# The index comes first, whatever the statistics say of the other tables.
FROM_SQL = """
    from versions_fts
    cross join versions v on v.id = versions_fts.rowid
    cross join articles a on a.key = v.article
    where versions_fts match :match"""
_OF_OUTLETS_SQL = """
    and +versions_fts.rowid in (
        select w.id
        from json_each(:outlets) o
        cross join articles b on b.outlet = o.value
        cross join versions w on w.article = b.key)"""


def has_prefix(conditions: Conditions) -> bool:
    """Whether a word in the query is a prefix."""
    return '" *' in conditions.expression


def _has_short_prefix(conditions: Conditions) -> bool:
    """Whether a prefix has one or two letters, with which many words begin."""
    return _SHORT_PREFIX_PATTERN.search(conditions.expression) is not None


def list_in_order(
    connection: sqlite3.Connection, conditions: Conditions
) -> Iterator[sqlite3.Row]:
    """The versions that match, last published first: id, article, number, latest, shown.

    ``shown``: when it was published, or first seen where that is not known or earlier.
    """
    if conditions.expression:
        rows = list_newest(connection, conditions)
    elif conditions.edited_versions:
        rows = _list_edited(connection, conditions)
    elif conditions.scans_texts:
        rows = _scan(connection, conditions)
    elif conditions.selective or _is_small(connection, conditions):
        yield from _list_few(connection, conditions)
        return
    else:
        yield from _list_all(connection, conditions)
        return

    # Counting the matches of a prefix takes as long as finding them.
    is_frequent = bool(conditions.edited_versions) or (
        conditions.expression
        and not has_prefix(conditions)
        and count_indexed(connection, conditions.expression, MAX_RARE_HITS + 1)
        > MAX_RARE_HITS
    )
    yield from sort_by_time(
        rows,
        lambda version_id: get_latest_before(connection, version_id),
        FIRST_SORTED_ROWS if is_frequent else MAX_RARE_HITS,
    )


def count_indexed(connection: sqlite3.Connection, expression: str, limit: int) -> int:
    """Versions that match an expression of FTS5, counted up to a limit."""
    row = connection.execute(
        """
        select count(*) from (
            select rowid from versions_fts
            where versions_fts match ?
            limit ?)""",
        [expression, limit],
    ).fetchone()
    return int(row[0])


def get_latest_before(connection: sqlite3.Connection, version_id: int) -> str:
    """When the last seen of the versions stored before one was first seen."""
    row = connection.execute(
        """
        select first_seen from versions
        where id < ?
        order by first_seen desc
        limit 1""",
        [version_id],
    ).fetchone()
    return str(row[0]) if row else ""


def sort_by_time(
    rows: Iterator[sqlite3.Row], get_bound: Callable[[int], str], size: int
) -> Iterator[sqlite3.Row]:
    """Rows that come by descending ``id``, sorted by descending ``shown``.

    ``get_bound``: the latest time that any row with a lower id can have. Ids are given in
    the order in which versions are stored, so few rows are read more than are asked for:
    ``size`` at first, then twice as many.
    """
    pending: list[sqlite3.Row] = []
    while rows_read := list(islice(rows, size)):
        pending = sorted(pending + rows_read, key=_by_time, reverse=True)
        if len(rows_read) < size:
            break
        bound = get_bound(rows_read[-1]["id"])
        ready = 0
        while ready < len(pending) and pending[ready]["shown"] >= bound:
            yield pending[ready]
            ready += 1
        pending = pending[ready:]
        size *= 2
    yield from pending


def _by_time(row: sqlite3.Row) -> tuple[str, int]:
    return row["shown"], row["id"]


def _is_small(connection: sqlite3.Connection, conditions: Conditions) -> bool:
    """Whether all hits are of outlets with few versions, or with few among the newest."""
    if not conditions.outlets:
        return False
    size = _count_versions(connection, conditions)
    if size <= MAX_SORTED_VERSIONS or conditions.after:
        return size <= MAX_SMALL_VERSIONS
    return size <= MAX_SMALL_VERSIONS and not _has_new(connection, conditions)


def _has_new(connection: sqlite3.Connection, conditions: Conditions) -> bool:
    """Whether a page of the newest versions of outlets is soon found among all."""
    row = connection.execute(
        f"""
        select count(*) from (
            select 1
            from json_each(:outlets) o
            cross join articles b on b.outlet = o.value
                and b.first_seen >= (
                    select {SHOWN_SQL} as shown from versions v
                    order by {SHOWN_SQL} desc
                    limit 1 offset {WALKED_VERSIONS})
            limit {MIN_NEW_ARTICLES})""",
        {"outlets": json.dumps(conditions.outlets)},
    ).fetchone()
    return bool(row[0] == MIN_NEW_ARTICLES)


def _count_versions(connection: sqlite3.Connection, conditions: Conditions) -> int:
    counted = counts.count_by(connection, "versions")
    return sum(sum(counted.get(key, {}).values()) for key in conditions.outlets)


def _list_few(
    connection: sqlite3.Connection, conditions: Conditions
) -> Iterator[sqlite3.Row]:
    """Versions of few articles, which are looked up first; no words are asked for."""
    outlets = "and a.outlet in (select value from json_each(:outlets))"
    return connection.execute(
        f"""
        select {COLUMNS_SQL}
        from articles a
        cross join versions v on v.article = a.key
        where 1 {outlets if conditions.outlets else ""} {conditions.filters}
        {_behind_sql(conditions)}
        order by shown desc, v.id desc""",
        _list_parameters(conditions),
    )


def _list_all(
    connection: sqlite3.Connection, conditions: Conditions
) -> Iterator[sqlite3.Row]:
    """All versions that satisfy the filters."""
    return connection.execute(
        f"""
        select {COLUMNS_SQL}
        from versions v
        cross join articles a on a.key = v.article
        where {_WALKED_SQL} {conditions.filters}
        {_behind_sql(conditions)}
        order by {SHOWN_SQL} desc, v.id desc""",
        _list_parameters(conditions),
    )


def _list_edited(
    connection: sqlite3.Connection, conditions: Conditions
) -> Iterator[sqlite3.Row]:
    """The versions that an edit gave words, or took words from, newest first."""
    return connection.execute(
        f"""
        select {COLUMNS_SQL}
        {_edited_from_sql(conditions)} {conditions.other_filters}
        {_behind_sql(conditions)}
        order by e.id desc""",
        _list_parameters(conditions),
    )


def _edited_from_sql(conditions: Conditions) -> str:
    return f"""
        from (select distinct id from ({conditions.edited_versions}) order by id desc) e
        cross join versions v on v.id = e.id
        cross join articles a on a.key = v.article
        where 1"""


def _scan(
    connection: sqlite3.Connection, conditions: Conditions
) -> Iterator[sqlite3.Row]:
    """The newest versions whose texts contain the words, newest first."""
    return connection.execute(
        f"""
        select {COLUMNS_SQL}
        {_scanned_from_sql(conditions)} {conditions.filters}
        {_behind_sql(conditions)}
        order by s.id desc""",
        _list_parameters(conditions),
    )


def _scanned_from_sql(conditions: Conditions) -> str:
    """The versions whose texts are read for words of scripts without spaces."""
    count = len(conditions.pieces)
    return f"""
        from (
            select id from (
                select id from versions
                where {unspaced.LANGUAGES_SQL}
                order by id desc
                limit {unspaced.compute_scan_limit(count)})
            union
            select id from (
                select id from versions
                order by id desc
                limit {unspaced.compute_others_limit(count)})) s
        cross join versions v on v.id = s.id
        cross join articles a on a.key = v.article
        where 1"""


def _list_parameters(conditions: Conditions) -> dict[str, Any]:
    """The parameters of a statement that lists versions."""
    after = conditions.after
    return {
        **conditions.parameters,
        "outlets": json.dumps(conditions.outlets),
        "after_shown": after.shown if after else "",
        "after_id": after.version_id if after else 0,
    }


def _behind_sql(conditions: Conditions) -> str:
    """Only rows behind the cursor.

    Not among the filters: a version before the cursor may be the hit of its article.
    """
    if conditions.after is None:
        return ""
    return f"""and {SHOWN_SQL} <= :after_shown
        and ({SHOWN_SQL}, v.id) < (:after_shown, :after_id)"""


def build_source(conditions: Conditions) -> tuple[str, str, str]:
    """SQL for all matches: FROM and WHERE, the filters, and the id of a version."""
    if conditions.expression:
        source = f"{FROM_SQL} {edited_sql(conditions)}"
        return source, conditions.other_filters, "versions_fts.rowid"
    if conditions.edited_versions:
        return _edited_from_sql(conditions), conditions.other_filters, "e.id"
    if conditions.scans_texts:
        return _scanned_from_sql(conditions), conditions.filters, "s.id"
    source = f"""
        from versions v
        cross join articles a on a.key = v.article
        where {_WALKED_SQL}"""
    return source, conditions.filters, "v.id"


def build_newest_source(
    connection: sqlite3.Connection, conditions: Conditions
) -> tuple[str, str, str]:
    """As ``build_source``, with the order in which an index gives the newest first.

    Without words: by the articles where few can match, or all of one outlet can, else by
    the time that is shown.
    """
    source, filters, version_id = build_source(conditions)
    if version_id != "v.id":
        return source, filters, version_id
    is_of_one = len(conditions.outlets) == 1 and not conditions.since
    if conditions.selective or is_of_one or _is_small(connection, conditions):
        by_article = """
        from articles a
        cross join versions v on v.article = a.key
        where 1"""
        return by_article, filters, "a.id"
    return source, filters, SHOWN_SQL


def count_matches(
    connection: sqlite3.Connection, conditions: Conditions, what: str, limit: int
) -> int:
    """How many different ``what`` (SQL) match; counted up to a limit."""
    source, filters, _ = build_source(conditions)
    row = connection.execute(
        f"""
        select count(*) from (
            select {what} {source} {filters}
            limit {limit})""",
        conditions.parameters,
    ).fetchone()
    return int(row[0])


def list_newest(
    connection: sqlite3.Connection,
    conditions: Conditions,
    max_small_versions: int = MAX_SMALL_VERSIONS,
    enough: int = MAX_ID,
) -> Iterator[sqlite3.Row]:
    """The versions that match, newest first: id, article, number, latest.

    ``enough``: of a large outlet, if so many are among the newest matches of all, older
    ones are left out.
    """
    floor = get_floor(connection, conditions.since)
    if not conditions.outlets:
        yield from _walk(connection, conditions, floor)
        return
    size = _count_versions(connection, conditions)
    if size <= max_small_versions:
        yield from _walk(connection, conditions, floor, _OF_OUTLETS_SQL)
        return
    # Of a large outlet many are among the newest, unless it hardly uses the word.
    last = None if has_prefix(conditions) else _get_last_walked(connection, conditions)
    if last is None:
        yield from _walk(connection, conditions, floor)
        return
    found = 0
    for row in _walk(connection, conditions, max(floor, last)):
        found += 1
        yield row
    if found >= enough:
        return
    older = f"{_OF_OUTLETS_SQL} and versions_fts.rowid < {last}"
    yield from _walk(connection, conditions, floor, older)


def _walk(
    connection: sqlite3.Connection, conditions: Conditions, floor: int, more: str = ""
) -> Iterator[sqlite3.Row]:
    return connection.execute(
        f"""
        select {COLUMNS_SQL}
        {FROM_SQL} and versions_fts.rowid >= {floor} {more} {edited_sql(conditions)}
        {conditions.other_filters}
        {_behind_sql(conditions)}
        order by versions_fts.rowid desc""",
        _list_parameters(conditions),
    )


def edited_sql(conditions: Conditions) -> str:
    """Only versions with an edit of the words that ``added:`` or ``removed:`` asks for."""
    if not conditions.edited_versions:
        return ""
    return f"and +versions_fts.rowid in ({conditions.edited_versions})"


def list_among_newest(
    connection: sqlite3.Connection,
    conditions: Conditions,
    limit: int,
    is_ranked: bool,
    bound: int = MAX_ID,
) -> Iterable[sqlite3.Row]:
    """Of the newest versions those that match, newest or best first.

    Only for queries with a short prefix, to which the whole index would answer slowly:
    that has a cost for every text with such a word. If there are fewer than ``limit``,
    few texts have one, and it answers quickly. ``bound``: the greatest id.
    """
    if (
        not _has_short_prefix(conditions)
        or conditions.outlets
        or conditions.since
        or conditions.after
        or limit > MAX_HITS_AMONG_NEWEST
        or counts.sum_counts(connection, "versions") < MIN_MANY_VERSIONS
    ):
        return ()
    rows = {
        row["id"]: row
        for row in connection.execute(
            f"""
            select {COLUMNS_SQL}
            from versions v
            cross join articles a on a.key = v.article
            where v.id <= {bound} {conditions.filters}
            order by v.id desc
            limit {NEWEST_VERSIONS}""",
            conditions.parameters,
        )
    }
    if not rows:
        return ()
    order = f"{SCORE_SQL}, rowid desc" if is_ranked else "rowid desc"
    with closing(SmallIndex(connection, rows)) as index:
        found = [rows[id] for id in index.list_matches(conditions.expression, order)]
    if is_ranked:
        return found
    latest = get_latest_before(connection, min(rows))
    surely_last = [row for row in found if row["shown"] >= latest]
    return sorted(surely_last, key=_by_time, reverse=True)


def get_floor(connection: sqlite3.Connection, since: str) -> int:
    """The least id of a version first seen at a time or later.

    Archives that are merged in bring versions of old with new ids, so this alone does
    not tell which are as new.
    """
    if not since:
        return 0
    row = connection.execute(
        "select min(+id) from versions where first_seen >= ?", [since]
    ).fetchone()
    return int(row[0]) if row[0] is not None else MAX_ID


def _get_last_walked(
    connection: sqlite3.Connection, conditions: Conditions
) -> int | None:
    """The last of the newest ``MAX_WALKED_HITS`` matches; None: there are fewer."""
    row = connection.execute(
        """
        select rowid from versions_fts
        where versions_fts match :match
        order by rowid desc
        limit 1 offset :count""",
        {"match": conditions.expression, "count": MAX_WALKED_HITS},
    ).fetchone()
    return int(row[0]) if row else None


def has_better_version(
    connection: sqlite3.Connection,
    conditions: Conditions,
    row: sqlite3.Row,
    bound: int = MAX_ID,
) -> bool:
    """Whether the current or a later version matches too, and is the hit instead.

    ``bound``: the greatest id that it may have.
    """
    if row["latest"]:
        return False
    return _matches_any(
        connection,
        conditions,
        f"""
        select v.id
        from versions v
        join articles a on a.key = v.article
        where v.article = :article
        and (v.number = a.version or v.number > :number)
        and v.id <= :bound {conditions.filters}""",
        {"article": row["article"], "number": row["number"], "bound": bound},
    )


def has_earlier_copy(
    connection: sqlite3.Connection, conditions: Conditions, row: sqlite3.Row
) -> bool:
    """Whether an article of the same cluster that was seen earlier matches too."""
    return _matches_any(
        connection,
        conditions,
        f"""
        select v.id
        from clusters m
        join clusters n on n.cluster = m.cluster and n.article <> m.article
        join articles s on s.key = m.article
        join articles a on a.key = n.article
        join versions v on v.article = a.key
        where m.article = :article
        and (a.first_seen, a.id) < (s.first_seen, s.id) {conditions.filters}""",
        {"article": row["article"]},
    )


def has_matching_version(
    connection: sqlite3.Connection, conditions: Conditions, article: str
) -> bool:
    """Whether any version of an article matches."""
    return _matches_any(
        connection,
        conditions,
        f"""
        select v.id
        from versions v
        join articles a on a.key = v.article
        where v.article = :article {conditions.filters}""",
        {"article": article},
    )


def _matches_any(
    connection: sqlite3.Connection,
    conditions: Conditions,
    candidates_sql: str,
    more_parameters: Mapping[str, object],
) -> bool:
    """Whether any of the versions that a statement gives matches."""
    parameters = {**conditions.parameters, **more_parameters}
    if not has_prefix(conditions):
        row = connection.execute(
            f"{candidates_sql} and {conditions.match} limit 1", parameters
        ).fetchone()
        return row is not None
    candidates = connection.execute(
        f"{candidates_sql} limit {MAX_CANDIDATES}", parameters
    ).fetchall()
    if not candidates:
        return False
    with closing(SmallIndex(connection, [row["id"] for row in candidates])) as index:
        return index.has_match(conditions.expression)
