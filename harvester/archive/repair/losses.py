"""What is lost, by name: the chain knows every version and capture that there was, other rows know the addresses.

Asked after what could be read was put together, and before rows that point at what is lost are let go (``orphans``).
"""

from __future__ import annotations

import sqlite3

_ADDRESS_SQL = """coalesce((select url from urls where article = {key} order by kind = 'canonical' desc limit 1),
(select url from entries where article = {key} limit 1), (select url from articles where key = {key}), {key})"""
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
    """Addresses of articles of which no version is left."""
    tables = [name for name in _TABLES_WITH_ARTICLE if _has_table(connection, name)]
    keys = " union ".join(
        f"select article as key from {name} where article is not null"
        for name in tables
    )
    if _has_table(connection, "seals"):
        keys += " union select article from seals where kind = 'version' and gone is null and row is not null"
    rows = connection.execute(
        f"""with gone(key) as (select key from ({keys} union select key from articles) where key is not null
            except select article from versions {"except select key from aliases" if _has_table(connection, "aliases") else ""}
            {"except select article from tombstones" if _has_table(connection, "tombstones") else ""})
        select distinct {_ADDRESS_SQL.format(key="gone.key")} from gone order by 1"""
    )
    return [str(row[0]) for row in rows]


def list_lost_versions(connection: sqlite3.Connection) -> list[str]:
    """Addresses of articles with the versions that are lost of them, where others are left: as the chain says, or their own count."""
    found = {}
    rows = connection.execute(
        """select key, versions - (select count(*) from versions v where v.article = key) as missing from articles
        where missing > 0 and key in (select article from versions)"""
    )
    for key, missing in rows.fetchall():
        found[key] = "a version" if missing == 1 else f"{missing} versions"
    if _has_table(connection, "seals"):
        rows = connection.execute(
            """select s.article, count(*), min(s.at), max(s.at) from seals s
            where s.kind = 'version' and s.gone is null and s.row is not null and not exists (select 1 from versions v where v.id = s.row)
            and s.article in (select article from versions) group by s.article"""
        )
        for key, count, first, last in rows.fetchall():
            times = " … ".join(dict.fromkeys((first, last)))
            found[key] = (
                f"{'the version' if count == 1 else f'{count} versions'} first seen at {times}"
            )
    names = {
        key: connection.execute(
            f"select {_ADDRESS_SQL.format(key='?1')}", [key]
        ).fetchone()[0]
        for key in found
    }
    return sorted(f"{names[key]}: {words}" for key, words in found.items())


def list_lost_captures(connection: sqlite3.Connection) -> list[tuple[int, str, bytes]]:
    """Captures whose row is lost: its number, when it was received, and the digest that it was sealed with."""
    if not _has_table(connection, "seals"):
        return []
    rows = connection.execute(
        """select row, at, digest from seals s where kind = 'capture' and gone is null and row is not null
        and not exists (select 1 from captures c where c.id = s.row) order by row"""
    )
    return [(int(row[0]), str(row[1]), bytes(row[2])) for row in rows]


def _has_table(connection: sqlite3.Connection, table: str) -> bool:
    return (
        connection.execute(
            "select 1 from sqlite_master where name = ?", [table]
        ).fetchone()
        is not None
    )
