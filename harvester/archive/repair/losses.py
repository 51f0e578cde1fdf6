"""What is lost, by name: the chain knows every version and capture that there was, other rows know the addresses.

Asked after what could be read was put together, and before rows that point at what is lost are let go (``orphans``).
"""

from __future__ import annotations

import sqlite3

_NAMED = """coalesce((select url from urls where article = {key} order by kind = 'canonical' desc limit 1),
(select url from entries where article = {key} limit 1), (select url from articles where key = {key}), {key})"""
_WITH_ARTICLE = ("urls", "entries", "sightings", "readings", "looks", "events", "changes")


def articles(connection: sqlite3.Connection) -> list[str]:
    """Addresses of articles of which no version is left."""
    tables = [name for name in _WITH_ARTICLE if _held(connection, name)]
    keys = " union ".join(f"select article as key from {name} where article is not null" for name in tables)
    if _held(connection, "seals"):
        keys += " union select article from seals where kind = 'version' and gone is null and row is not null"
    rows = connection.execute(
        f"""with gone(key) as (select key from ({keys} union select key from articles) where key is not null
            except select article from versions {"except select key from aliases" if _held(connection, "aliases") else ""}
            {"except select article from tombstones" if _held(connection, "tombstones") else ""})
        select distinct {_NAMED.format(key="gone.key")} from gone order by 1"""
    )
    return [str(row[0]) for row in rows]


def versions(connection: sqlite3.Connection) -> list[str]:
    """Addresses of articles with the versions that are lost of them, where others are left."""
    if not _held(connection, "seals"):
        return []
    rows = connection.execute(
        f"""select {_NAMED.format(key="s.article")}, count(*), min(s.at), max(s.at) from seals s
        where s.kind = 'version' and s.gone is null and s.row is not null and not exists (select 1 from versions v where v.id = s.row)
        and s.article in (select article from versions) group by s.article order by 1"""
    )
    return [
        f"{row[0]}: {'the version' if row[1] == 1 else f'{row[1]} versions'} first seen at {' … '.join(dict.fromkeys(row[2:]))}"
        for row in rows
    ]


def captures(connection: sqlite3.Connection) -> list[tuple[int, str, bytes]]:
    """Captures whose row is lost: its number, when it was received, and the digest that it was sealed with."""
    if not _held(connection, "seals"):
        return []
    rows = connection.execute(
        """select row, at, digest from seals s where kind = 'capture' and gone is null and row is not null
        and not exists (select 1 from captures c where c.id = s.row) order by row"""
    )
    return [(int(row[0]), str(row[1]), bytes(row[2])) for row in rows]


def _held(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("select 1 from sqlite_master where name = ?", [table]).fetchone() is not None
