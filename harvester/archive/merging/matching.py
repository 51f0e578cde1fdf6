"""Which articles of an archive attached as ``other`` are which of ours: ``temp.map_articles``.

The same key, a key that became another's, or an address where both received a page: the same article. An address that either
only heard of: where the words agree. The key first seen, ties by bytes, stays; the others are aliases. One key for two
articles (both only claimed its address): the later one gets another key, made of its first wording.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from harvester.archive.records import addresses, joins

VersionTexts = Sequence[tuple[str, str]]  # title, text
TextMatcher = Callable[[VersionTexts, VersionTexts], bool]

MAX_COMPARED_VERSIONS = 4  # versions of each, the newest

_PAIR_QUERIES = (
    "select key, key, 'key' from other.articles where key in (select key from main.articles)",
    "select o.key, l.article, 'alias' from other.articles o join main.aliases l on l.key = o.key",
    "select l.article, a.key, 'alias' from main.articles a join other.aliases l on l.key = a.key",
    "select l.article, k.article, 'alias' from other.aliases l join main.aliases k on k.key = l.key",
    """select o.article, u.article, iif(max(o.stood and u.stood), 'stood', 'named') from other.urls o
    join main.urls u on u.address = o.address where o.kind <> 'shared' and u.kind <> 'shared' and o.article <> u.article
    group by o.article, u.article""",
)
# One key, and nothing else in common: no wording, no text, no address where both received it.
_UNRELATED_QUERY = """
select p.theirs from temp.pairs p where p.how = 'key'
and not exists (select 1 from other.versions o join main.versions v on v.article = p.ours and v.sha256 = o.sha256 where o.article = p.theirs)
and not exists (select 1 from other.versions o join main.versions v on v.article = p.ours and v.text_sha256 = o.text_sha256
    where o.article = p.theirs and o.text_sha256 <> '')
and not exists (select 1 from other.urls o join main.urls u on u.address = o.address
    where o.article = p.theirs and u.article = p.ours and o.stood and u.stood)"""


def match_articles(
    connection: sqlite3.Connection, texts_match: TextMatcher, now: str
) -> int:
    """Fill ``temp.map_articles`` (``old``: their key, ``new``: ours). How many articles were known by several keys."""
    connection.execute(
        "create temp table map_articles (old text primary key, new text not null) without rowid"
    )
    connection.execute(
        "create temp table pairs (theirs text, ours text, how text, primary key (theirs, ours)) without rowid"
    )
    for pairs in _PAIR_QUERIES:
        connection.execute(f"insert or ignore into temp.pairs {pairs}")
    connection.execute(
        "delete from temp.pairs where theirs in (select article from temp.shut)"
    )
    renamed = _rekey_unrelated(connection, texts_match, now)
    _delete_doubtful_pairs(connection, texts_match)
    connection.execute("create index temp.pairs_ours on pairs(ours)")
    connection.execute(
        """insert into temp.map_articles select theirs, ours from temp.pairs p where theirs = ours
        and not exists (select 1 from temp.pairs q where q.theirs = p.theirs and q.ours <> p.ours)
        and not exists (select 1 from temp.pairs q where q.ours = p.ours and q.theirs <> p.theirs)"""
    )
    groups = _group_pairs(
        connection.execute(
            "select theirs, ours from temp.pairs where theirs not in (select old from temp.map_articles)"
        )
    )
    rekeyed: dict[str, str] = {}
    several = sum(
        _merge_group(connection, theirs, ours, renamed, rekeyed, now)
        for theirs, ours in groups
    )
    update_article_keys(connection, rekeyed)
    connection.execute(
        "insert or ignore into temp.map_articles select key, key from other.articles where key not in (select article from temp.shut)"
    )
    connection.executemany(
        "update temp.map_articles set new = ? where old = ? and new = old",
        [(new, old) for old, new in renamed.items()],
    )
    for old, new in connection.execute(
        "select old, new from temp.map_articles where old in (select value from json_each(?))",
        [json.dumps(list(renamed))],
    ).fetchall():
        _add_key_change(connection, new, old, now)
    connection.execute(
        "create index if not exists temp.map_articles_new on map_articles(new)"
    )
    _merge_join_records(connection)
    return several


def _list_texts(
    connection: sqlite3.Connection, schema: str, article_key: str
) -> VersionTexts:
    rows = connection.execute(
        f"select title, text from {schema}.versions where article = ? order by number desc limit {MAX_COMPARED_VERSIONS}",
        [article_key],
    )
    return [(row[0], row[1]) for row in rows]


def _rekey_unrelated(
    connection: sqlite3.Connection, texts_match: TextMatcher, now: str
) -> dict[str, str]:
    """Give the later of two articles of one key another. Returns theirs that got one: key → the new one."""
    renamed: dict[str, str] = {}
    for (key,) in connection.execute(_UNRELATED_QUERY).fetchall():
        if texts_match(
            _list_texts(connection, "other", key), _list_texts(connection, "main", key)
        ):
            continue
        names = [
            _get_first_version(connection, schema, key) for schema in ("other", "main")
        ]
        other = hashlib.sha256(f"{key}\n{max(names)[1]}".encode()).hexdigest()[:16]
        connection.execute(
            "delete from temp.pairs where theirs = ? and ours = ?", [key, key]
        )
        if names[0] > names[1]:  # theirs is the later one
            renamed[key] = other
            if (held := addresses.get_current_key(connection, other)) is not None:
                connection.execute(
                    "insert or ignore into temp.pairs values (?, ?, 'alias')",
                    [key, held],
                )
        else:
            update_article_keys(connection, {key: other})
            _add_key_change(connection, other, key, now)
            connection.execute(
                "update or ignore temp.pairs set ours = ? where ours = ?", [other, key]
            )
    return renamed


def _get_first_version(
    connection: sqlite3.Connection, schema: str, article_key: str
) -> tuple[str, str]:
    row = connection.execute(
        f"select first_seen, sha256 from {schema}.versions where article = ? order by first_seen, sha256 limit 1",
        [article_key],
    ).fetchone()
    return (row[0], row[1]) if row else ("", "")


def _delete_doubtful_pairs(
    connection: sqlite3.Connection, texts_match: TextMatcher
) -> None:
    """Pairs that a person parted, and those that only an address that one of them heard of connects."""
    rows = connection.execute(
        "select theirs, ours from temp.pairs where how = 'named'"
    ).fetchall()
    wrong = [
        (row[0], row[1])
        for row in rows
        if not texts_match(
            _list_texts(connection, "other", row[0]),
            _list_texts(connection, "main", row[1]),
        )
    ]
    for schema in ("main", "other"):
        wrong += [
            (row[0], row[1])
            for row in connection.execute(
                f"select p.theirs, p.ours from temp.pairs p join {schema}.apart a on a.one = min(p.theirs, p.ours) and a.other = max(p.theirs, p.ours) where p.how in ('stood', 'named')"
            )
        ]
    connection.executemany(
        "delete from temp.pairs where theirs = ? and ours = ?", wrong
    )


def _group_pairs(pairs: sqlite3.Cursor) -> list[tuple[list[str], list[str]]]:
    """Connected (theirs, ours), each sorted."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(one: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for theirs, ours in pairs:
        parent[root(("theirs", theirs))] = root(("ours", ours))
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for one in sorted(parent):
        group = found.setdefault(root(one), ([], []))
        group[one[0] == "ours"].append(one[1])
    return sorted(found.values())


def _merge_group(
    connection: sqlite3.Connection,
    their_keys: list[str],
    our_keys: list[str],
    renamed_keys: Mapping[str, str],
    new_keys: dict[str, str],
    now: str,
) -> bool:
    """Make one article of a group; into ``rekeyed`` goes what gets another key at the end. Whether it went by several keys."""
    rows = {
        key: connection.execute(
            "select * from main.articles where key = ?", [key]
        ).fetchone()
        for key in our_keys
    }
    others = {
        key: connection.execute(
            "select * from other.articles where key = ?", [key]
        ).fetchone()
        for key in their_keys
    }
    known = [
        (row["first_seen"], row["key"]) for row in rows.values() if row is not None
    ]
    known += [
        (row["first_seen"], renamed_keys.get(key, key))
        for key, row in others.items()
        if row is not None
    ]
    first, winner = min(known)
    mine = sorted(
        (row["first_seen"], row["key"]) for row in rows.values() if row is not None
    )
    why = "another archive knows both as one"
    if mine and winner not in our_keys:
        add_join(
            connection,
            winner,
            rows[mine[0][1]],
            "main",
            "another archive saw it first, at another address",
            now,
        )
        connection.execute(
            "update main.articles set first_seen = min(first_seen, ?) where key = ?",
            [first, mine[0][1]],
        )
        if mine[1:]:
            update_article_keys(connection, {mine[0][1]: winner})
        else:
            new_keys[mine[0][1]] = winner
    for _, key in (
        mine[1:]
        if winner not in our_keys
        else [one for one in mine if one[1] != winner]
    ):
        joins.merge_articles(connection, winner, key, why, now)
    for key, row in others.items():
        if row is None:
            continue
        connection.execute(
            "insert or replace into temp.map_articles values (?, ?)", [key, winner]
        )
        name = renamed_keys.get(key, key)
        if name != winner and name not in our_keys:
            add_join(
                connection,
                winner,
                row,
                "other",
                "this archive saw it first, at another address",
                now,
                name,
            )
    return len({*our_keys, *(renamed_keys.get(key, key) for key in their_keys)}) > 1


def add_join(
    connection: sqlite3.Connection,
    key: str,
    joined_row: sqlite3.Row,
    schema: str,
    reason: str,
    now: str,
    joined_key: str = "",
) -> None:
    """That an article became part of another, and what it was; once. ``name``: its key, where it is another here."""
    joined_key = joined_key or joined_row["key"]
    if connection.execute(
        "select 1 from main.aliases where key = ? and article = ?", [joined_key, key]
    ).fetchone():
        return
    before = json.dumps(
        joins.snapshot_article(connection, joined_row, schema),
        ensure_ascii=False,
        sort_keys=True,
    )
    connection.execute(
        "insert or ignore into main.aliases (key, article, at) values (?, ?, ?)",
        [joined_key, key, now],
    )
    connection.execute(
        "insert or ignore into main.joins (article, joined, at, why, before) values (?, ?, ?, ?, ?)",
        [key, joined_key, now, reason, before],
    )


def _add_key_change(
    connection: sqlite3.Connection, article_key: str, old_key: str, now: str
) -> None:
    """That an article had a key that is another one's here. Nothing was joined, so nothing is to be parted."""
    connection.execute(
        """insert into main.joins (article, joined, at, why, undone) select ?1, ?2, ?3, 'its key is another article''s here', ?3
        where not exists (select 1 from main.joins where article = ?1 and joined = ?2)""",
        [article_key, old_key, now],
    )


def update_article_keys(
    connection: sqlite3.Connection, new_keys: Mapping[str, str]
) -> None:
    """Articles of ours get other keys."""
    joins.repoint_references(connection, "articles", new_keys)
    for column in ("key", "copy_of"):
        connection.execute(
            f"""update main.articles set {column} = (select new from temp.moved where old = {column})
            where {column} in (select old from temp.moved)"""
        )


def _merge_join_records(connection: sqlite3.Connection) -> None:
    """Which articles became one there, or were parted."""
    connection.execute(
        """insert or ignore into main.aliases (key, article, at) select l.key, m.new, l.at from other.aliases l
        join temp.map_articles m on m.old = l.article where l.key not in (select key from main.articles) and l.key <> m.new"""
    )
    connection.execute(
        """insert or ignore into main.joins (article, joined, at, why, before, undone)
        select m.new, j.joined, j.at, j.why, j.before, j.undone from other.joins j join temp.map_articles m on m.old = j.article"""
    )
    connection.execute(
        """insert into main.apart (one, other, at)
        select min(coalesce(m.new, a.one), coalesce(n.new, a.other)), max(coalesce(m.new, a.one), coalesce(n.new, a.other)), a.at
        from other.apart a left join temp.map_articles m on m.old = a.one left join temp.map_articles n on n.old = a.other
        where coalesce(m.new, a.one) <> coalesce(n.new, a.other)
        on conflict (one, other) do update set at = min(at, excluded.at)"""
    )
    joins.update_distinct_pairs(connection)
