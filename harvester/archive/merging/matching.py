"""Decide which articles of the archive attached as ``other`` are which of ours.

The result is ``temp.map_articles``. Articles are the same if they share a key, if the
key of one became an alias of the other, or if both received a page at one address. An
address that either only heard of counts where the texts agree. The key seen first stays
(ties: the smaller one); the others become aliases. If one key names two articles (both
only claimed its address), the later one gets another key, made of its first wording.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

from harvester.archive.merging import joins
from harvester.archive.records import addresses

VersionTexts = Sequence[tuple[str, str]]  # title, text
TextMatcher = Callable[[VersionTexts, VersionTexts], bool]

MAX_COMPARED_VERSIONS = 4  # the newest of each article

# Each selects their key, our key, and how the two are connected. The other archive,
# which may be much the smaller one, is read first (``cross join``).
_PAIR_QUERIES = (
    """
    select key, key, 'key' from other.articles
    where key in (select key from main.articles)
    """,
    """
    select o.key, l.article, 'alias'
    from other.articles o cross join main.aliases l on l.key = o.key
    """,
    """
    select l.article, a.key, 'alias'
    from other.aliases l cross join main.articles a on a.key = l.key
    """,
    """
    select l.article, k.article, 'alias'
    from other.aliases l cross join main.aliases k on k.key = l.key
    """,
    """
    select o.article, u.article, iif(max(o.stood and u.stood), 'received', 'named')
    from other.urls o cross join main.urls u on u.address = o.address
    where o.kind <> 'shared' and u.kind <> 'shared' and o.article <> u.article
    group by o.article, u.article
    """,
)
# One key and nothing else in common: no wording, no text, and no address at which both
# received a page.
_UNRELATED_QUERY = """
select p.theirs from temp.pairs p
where p.how = 'key'
and not exists (
    select 1
    from other.versions o
    join main.versions v on v.article = p.ours and v.sha256 = o.sha256
    where o.article = p.theirs
)
and not exists (
    select 1
    from other.versions o
    join main.versions v on v.article = p.ours and v.text_sha256 = o.text_sha256
    where o.article = p.theirs and o.text_sha256 <> ''
)
and not exists (
    select 1 from other.urls o join main.urls u on u.address = o.address
    where o.article = p.theirs and u.article = p.ours and o.stood and u.stood
)
"""


def match_articles(
    connection: sqlite3.Connection,
    texts_match: TextMatcher,
    now: str,
    keep_ours: bool = False,
) -> int:
    """Fill ``temp.map_articles``: ``old`` (their key) and ``new`` (our key).

    ``keep_ours``: our articles keep their keys, whoever saw them first, and none of them
    are joined. Returns how many articles were known by several keys.
    """
    connection.execute(
        """
        create temp table map_articles (old text primary key, new text not null)
        without rowid
        """
    )
    _fill_pairs(connection)
    renamed = _rekey_unrelated(connection, texts_match, now, keep_ours)
    _delete_doubtful_pairs(connection, texts_match)
    _map_single_pairs(connection)
    groups = _group_pairs(
        connection.execute(
            """
            select theirs, ours from temp.pairs
            where theirs not in (select old from temp.map_articles)
            """
        )
    )
    rekeyed: dict[str, str] = {}
    joined = sum(
        _map_group(connection, theirs, ours, renamed, now)
        if keep_ours
        else _merge_group(connection, theirs, ours, renamed, rekeyed, now)
        for theirs, ours in groups
    )
    if rekeyed:
        update_article_keys(connection, rekeyed)
    _map_unmatched(connection, renamed, now)
    connection.execute(
        "create index if not exists temp.map_articles_new on map_articles(new)"
    )
    _merge_join_records(connection)
    return joined


def _fill_pairs(connection: sqlite3.Connection) -> None:
    """Fill ``temp.pairs``: articles that may be the same, and why."""
    connection.execute(
        """
        create temp table pairs (
            theirs text, ours text, how text, primary key (theirs, ours)
        ) without rowid
        """
    )
    for query in _PAIR_QUERIES:
        connection.execute(f"insert or ignore into temp.pairs {query}")
    connection.execute(
        """
        delete from temp.pairs
        where theirs in (select article from temp.excluded_articles)
        """
    )


def _map_single_pairs(connection: sqlite3.Connection) -> None:
    """Map articles that have the same key in both archives and no other partner."""
    connection.execute("create index temp.pairs_ours on pairs(ours)")
    connection.execute(
        """
        insert into temp.map_articles
        select theirs, ours from temp.pairs p
        where theirs = ours
        and not exists (
            select 1 from temp.pairs q where q.theirs = p.theirs and q.ours <> p.ours
        )
        and not exists (
            select 1 from temp.pairs q where q.ours = p.ours and q.theirs <> p.theirs
        )
        """
    )


def _map_unmatched(
    connection: sqlite3.Connection, renamed_keys: Mapping[str, str], now: str
) -> None:
    """Map what is left to its own key, or to the new key that it was given."""
    connection.execute(
        """
        insert or ignore into temp.map_articles
        select key, key from other.articles
        where key not in (select article from temp.excluded_articles)
        """
    )
    connection.executemany(
        "update temp.map_articles set new = ? where old = ? and new = old",
        [(new, old) for old, new in renamed_keys.items()],
    )
    rows = connection.execute(
        """
        select old, new from temp.map_articles
        where old in (select value from json_each(?))
        """,
        [json.dumps(list(renamed_keys))],
    )
    for old, new in rows.fetchall():
        _add_key_change(connection, new, old, now)


def _list_texts(
    connection: sqlite3.Connection, schema: str, article_key: str
) -> VersionTexts:
    rows = connection.execute(
        f"""
        select title, text from {schema}.versions where article = ?
        order by number desc limit {MAX_COMPARED_VERSIONS}
        """,
        [article_key],
    )
    return [(row[0], row[1]) for row in rows]


def _rekey_unrelated(
    connection: sqlite3.Connection,
    texts_match: TextMatcher,
    now: str,
    keep_ours: bool,
) -> dict[str, str]:
    """Give the later of two unrelated articles with one key another key.

    ``keep_ours``: theirs counts as the later one. Returns those of theirs that got
    another: old key → new key.
    """
    renamed: dict[str, str] = {}
    for (key,) in connection.execute(_UNRELATED_QUERY).fetchall():
        if texts_match(
            _list_texts(connection, "other", key), _list_texts(connection, "main", key)
        ):
            continue
        theirs = _get_first_version(connection, "other", key)
        ours = _get_first_version(connection, "main", key)
        is_ours_kept = keep_ours or theirs > ours
        later_digest = theirs[1] if is_ours_kept else ours[1]
        new_key = hashlib.sha256(f"{key}\n{later_digest}".encode()).hexdigest()[:16]
        connection.execute(
            "delete from temp.pairs where theirs = ? and ours = ?", [key, key]
        )
        if is_ours_kept:
            renamed[key] = new_key
            current_key = addresses.get_current_key(connection, new_key)
            if current_key is not None:
                connection.execute(
                    "insert or ignore into temp.pairs values (?, ?, 'alias')",
                    [key, current_key],
                )
        else:
            update_article_keys(connection, {key: new_key})
            _add_key_change(connection, new_key, key, now)
            connection.execute(
                "update or ignore temp.pairs set ours = ? where ours = ?",
                [new_key, key],
            )
    return renamed


def _get_first_version(
    connection: sqlite3.Connection, schema: str, article_key: str
) -> tuple[str, str]:
    """Return when the first version was first seen, and its digest."""
    row = connection.execute(
        f"""
        select first_seen, sha256 from {schema}.versions
        where article = ? order by first_seen, sha256 limit 1
        """,
        [article_key],
    ).fetchone()
    return (row[0], row[1]) if row else ("", "")


def _delete_doubtful_pairs(
    connection: sqlite3.Connection, texts_match: TextMatcher
) -> None:
    """Drop pairs that a person split, or that only a mentioned address connects."""
    rows = connection.execute(
        "select theirs, ours from temp.pairs where how = 'named'"
    ).fetchall()
    doubtful = [
        (row[0], row[1])
        for row in rows
        if not texts_match(
            _list_texts(connection, "other", row[0]),
            _list_texts(connection, "main", row[1]),
        )
    ]
    for schema in ("main", "other"):
        rows = connection.execute(
            f"""
            select p.theirs, p.ours
            from temp.pairs p
            join {schema}.apart a on a.one = min(p.theirs, p.ours)
                and a.other = max(p.theirs, p.ours)
            where p.how in ('received', 'named')
            """
        ).fetchall()
        doubtful += [(row[0], row[1]) for row in rows]
    connection.executemany(
        "delete from temp.pairs where theirs = ? and ours = ?", doubtful
    )


def _group_pairs(
    pairs: Iterable[tuple[str, str]],
) -> list[tuple[list[str], list[str]]]:
    """Group connected pairs: (their keys, our keys), each sorted."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def find_root(node: tuple[str, str]) -> tuple[str, str]:
        parents.setdefault(node, node)
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for theirs, ours in pairs:
        parents[find_root(("theirs", theirs))] = find_root(("ours", ours))
    groups: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for side, key in sorted(parents):
        group = groups.setdefault(find_root((side, key)), ([], []))
        group[side == "ours"].append(key)
    return sorted(groups.values())


def _merge_group(
    connection: sqlite3.Connection,
    their_keys: list[str],
    our_keys: list[str],
    renamed_keys: Mapping[str, str],
    rekeyed: dict[str, str],
    now: str,
) -> bool:
    """Make one article of a group; return whether it was known by several keys.

    Adds to ``rekeyed`` which of our articles gets another key at the end.
    """
    our_rows = _get_articles(connection, "main", our_keys)
    their_rows = _get_articles(connection, "other", their_keys)
    ours = sorted((row["first_seen"], row["key"]) for row in our_rows.values())
    theirs = [
        (row["first_seen"], renamed_keys.get(key, key))
        for key, row in their_rows.items()
    ]
    first_seen, winner = min([*ours, *theirs])
    if ours and winner not in our_keys:
        (_, kept_key), *merged = ours
        reason = "another archive saw it first, at another address"
        add_join(connection, winner, our_rows[kept_key], "main", reason, now)
        connection.execute(
            "update main.articles set first_seen = min(first_seen, ?) where key = ?",
            [first_seen, kept_key],
        )
        if merged:
            update_article_keys(connection, {kept_key: winner})
        else:
            rekeyed[kept_key] = winner
    else:
        merged = [article for article in ours if article[1] != winner]
    for _, key in merged:
        joins.merge_articles(
            connection, winner, key, "another archive knows both as one", now
        )
    for key, row in their_rows.items():
        connection.execute(
            "insert or replace into temp.map_articles values (?, ?)", [key, winner]
        )
        key_here = renamed_keys.get(key, key)
        if key_here != winner and key_here not in our_keys:
            reason = "this archive saw it first, at another address"
            add_join(connection, winner, row, "other", reason, now, key_here)
    return len({*our_keys, *(renamed_keys.get(key, key) for key in their_keys)}) > 1


def _map_group(
    connection: sqlite3.Connection,
    their_keys: list[str],
    our_keys: list[str],
    renamed_keys: Mapping[str, str],
    now: str,
) -> bool:
    """Map their articles of a group to ours, which stay as they are.

    Each to the one with its key, else to the one seen first. Returns whether any was
    known by another key here.
    """
    our_rows = _get_articles(connection, "main", our_keys)
    their_rows = _get_articles(connection, "other", their_keys)
    _, first_key = min((row["first_seen"], key) for key, row in our_rows.items())
    joined = False
    for key, row in their_rows.items():
        key_here = renamed_keys.get(key, key)
        target = key_here if key_here in our_rows else first_key
        connection.execute(
            "insert or replace into temp.map_articles values (?, ?)", [key, target]
        )
        if key_here != target:
            reason = "an import knows it at another address"
            add_join(connection, target, row, "other", reason, now, key_here)
            joined = True
    return joined


def _get_articles(
    connection: sqlite3.Connection, schema: str, article_keys: Iterable[str]
) -> dict[str, sqlite3.Row]:
    rows = {
        key: connection.execute(
            f"select * from {schema}.articles where key = ?", [key]
        ).fetchone()
        for key in article_keys
    }
    return {key: row for key, row in rows.items() if row is not None}


def add_join(
    connection: sqlite3.Connection,
    key: str,
    joined_row: sqlite3.Row,
    schema: str,
    reason: str,
    now: str,
    joined_key: str = "",
) -> None:
    """Record once that an article became part of another, and what it was before.

    ``joined_key`` is the article's key here, if it differs from that of its row.
    """
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
        """
        insert or ignore into main.joins (article, joined, at, why, before)
        values (?, ?, ?, ?, ?)
        """,
        [key, joined_key, now, reason, before],
    )


def _add_key_change(
    connection: sqlite3.Connection, article_key: str, old_key: str, now: str
) -> None:
    """Record that an article's key names another article here.

    Nothing was joined, so there is nothing to split.
    """
    connection.execute(
        """
        insert into main.joins (article, joined, at, why, undone)
        select :article_key, :old_key, :now, 'its key is another article''s here', :now
        where not exists (
            select 1 from main.joins where article = :article_key and joined = :old_key
        )
        """,
        {"article_key": article_key, "old_key": old_key, "now": now},
    )


def update_article_keys(
    connection: sqlite3.Connection, new_keys: Mapping[str, str]
) -> None:
    """Give articles of ours other keys: old key → new key."""
    joins.repoint_references(connection, "articles", new_keys)
    for column in ("key", "copy_of"):
        connection.execute(
            f"""
            update main.articles
            set {column} = (select new from temp.moved where old = {column})
            where {column} in (select old from temp.moved)
            """
        )


def _merge_join_records(connection: sqlite3.Connection) -> None:
    """Take over which articles were joined or split there."""
    connection.execute(
        """
        insert or ignore into main.aliases (key, article, at)
        select l.key, m.new, l.at
        from other.aliases l join temp.map_articles m on m.old = l.article
        where l.key not in (select key from main.articles) and l.key <> m.new
        """
    )
    connection.execute(
        """
        insert or ignore into main.joins (article, joined, at, why, before, undone)
        select m.new, j.joined, j.at, j.why, j.before, j.undone
        from other.joins j join temp.map_articles m on m.old = j.article
        """
    )
    connection.execute(
        """
        insert into main.apart (one, other, at)
        select
            min(coalesce(m.new, a.one), coalesce(n.new, a.other)),
            max(coalesce(m.new, a.one), coalesce(n.new, a.other)),
            a.at
        from other.apart a
        left join temp.map_articles m on m.old = a.one
        left join temp.map_articles n on n.old = a.other
        where coalesce(m.new, a.one) <> coalesce(n.new, a.other)
        on conflict (one, other) do update set at = min(at, excluded.at)
        """
    )
    joins.update_distinct_pairs(connection)
