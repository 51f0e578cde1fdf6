"""Name what is lost.

The chain knows every version and capture that there was, and other rows know the URLs.
Call it after everything readable was restored, and before ``orphans`` deletes the rows
that reference what is lost.
"""

from __future__ import annotations

import sqlite3

from harvester.archive.repair.indexes import has_table

# The best known URL of the article whose key is the expression {key}.
_URL_SQL = """coalesce(
    (
        select url from urls where article = {key}
        order by kind = 'canonical' desc limit 1
    ),
    (select url from entries where article = {key} limit 1),
    (select url from articles where key = {key}),
    {key}
)"""
_TABLES_WITH_ARTICLE = (
    "urls",
    "entries",
    "sightings",
    "readings",
    "looks",
    "events",
    "changes",
)


def list_lost_articles(connection: sqlite3.Connection) -> list[str]:
    """List the URLs of articles of which no version is left."""
    known = ["select key from articles"] + [
        f"select article as key from {table} where article is not null"
        for table in _TABLES_WITH_ARTICLE
        if has_table(connection, table)
    ]
    if has_table(connection, "seals"):
        known.append(
            """
            select article from seals
            where kind = 'version' and gone is null and row is not null
            """
        )
    exceptions = ["select article from versions"]
    if has_table(connection, "aliases"):
        exceptions.append("select key from aliases")
    if has_table(connection, "tombstones"):
        exceptions.append("select article from tombstones")
    rows = connection.execute(
        f"""
        with lost (key) as (
            select key from ({" union ".join(known)}) where key is not null
            except {" except ".join(exceptions)}
        )
        select distinct {_URL_SQL.format(key="lost.key")} from lost order by 1
        """
    )
    return [str(row[0]) for row in rows]


def list_lost_versions(connection: sqlite3.Connection) -> list[str]:
    """List lost versions of articles that still have others, as "URL: versions".

    As the chain says, or else the article's own count.
    """
    losses = {}
    rows = connection.execute(
        """
        select key, versions - (
            select count(*) from versions v where v.article = key
        ) as missing
        from articles
        where missing > 0 and key in (select article from versions)
        """
    )
    for key, missing in rows.fetchall():
        losses[key] = "a version" if missing == 1 else f"{missing} versions"
    if has_table(connection, "seals"):
        rows = connection.execute(
            """
            select s.article, count(*), min(s.at), max(s.at)
            from seals s
            where s.kind = 'version' and s.gone is null and s.row is not null
                and not exists (select 1 from versions v where v.id = s.row)
                and s.article in (select article from versions)
            group by s.article
            """
        )
        for key, count, first, last in rows.fetchall():
            times = " … ".join(dict.fromkeys((first, last)))
            subject = "the version" if count == 1 else f"{count} versions"
            losses[key] = f"{subject} first seen at {times}"
    return sorted(
        f"{_get_url(connection, key)}: {loss}" for key, loss in losses.items()
    )


def _get_url(connection: sqlite3.Connection, article_key: str) -> str:
    """Return the best known URL of an article; its key if none is known."""
    sql = f"select {_URL_SQL.format(key=':article')}"
    return str(connection.execute(sql, {"article": article_key}).fetchone()[0])


def list_lost_captures(connection: sqlite3.Connection) -> list[tuple[int, str, bytes]]:
    """List captures whose row is lost: id, when it was received, sealed digest."""
    if not has_table(connection, "seals"):
        return []
    rows = connection.execute(
        """
        select row, at, digest from seals s
        where kind = 'capture' and gone is null and row is not null
            and not exists (select 1 from captures c where c.id = s.row)
        order by row
        """
    )
    return [(int(row[0]), str(row[1]), bytes(row[2])) for row in rows]
