"""Hosts: robots.txt and tdmrep.json as received, and until when a site is rate-limited."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class StoredRobots(NamedTuple):
    """The robots.txt of an origin as last received; None where there is none yet."""

    text: str | None
    status: int | None  # of the last response; 0: there was none
    requested_at: str | None
    received_at: str | None  # when ``text`` was received


class StoredTdmrep(NamedTuple):
    """The tdmrep.json of an origin as last received."""

    text: str | None  # "": there is none; None: it was never asked for
    status: int | None  # of the last response; 0: there was none
    requested_at: str | None


def add_rate_limit(
    connection: sqlite3.Connection,
    origin: str,
    site: str,
    until: str,
    reason: str,
    limited_seconds: float = 0.0,
) -> None:
    """Fetch nothing of a site before ``until``; a longer limit set earlier stays.

    ``limited_seconds``: how long that is, where the server stated no time.
    """
    connection.execute(
        """
        insert into hosts (origin, site, not_before, reason, failures, limited_seconds)
        values (?, ?, ?, ?, 1, ?)
        on conflict (origin) do update set
            not_before = max(coalesce(not_before, ''), excluded.not_before),
            reason = excluded.reason, failures = failures + 1,
            limited_seconds = iif(excluded.limited_seconds > 0,
                excluded.limited_seconds, limited_seconds)
        """,
        [origin, site, until, reason, limited_seconds],
    )


def get_unstated_limits(
    connection: sqlite3.Connection,
) -> dict[str, tuple[float, str]]:
    """Sites that were limited for a time that the server did not state.

    Site → seconds of the last such limit, and its end.
    """
    rows = connection.execute(
        """
        select site, limited_seconds, max(not_before) as until from hosts
        where limited_seconds > 0 and julianday(not_before) is not null
        group by site
        """
    )
    return {row["site"]: (float(row["limited_seconds"]), row["until"]) for row in rows}


def get_rate_limits(
    connection: sqlite3.Connection, now: str
) -> dict[str, tuple[str, str]]:
    """Rate-limited sites: site → (until, reason)."""
    rows = connection.execute(
        """
        select site, max(not_before) as until, reason from hosts
        where not_before > ? group by site
        """,
        [now],
    )
    return {row["site"]: (row["until"], row["reason"]) for row in rows}


def get_robots(connection: sqlite3.Connection, origin: str) -> StoredRobots:
    """The robots.txt of an origin."""
    row = connection.execute(
        """
        select robots, robots_status, robots_at, robots_read_at
        from hosts where origin = ?
        """,
        [origin],
    ).fetchone()
    return StoredRobots(*row) if row else StoredRobots(None, None, None, None)


def upsert_robots(
    connection: sqlite3.Connection,
    origin: str,
    site: str,
    status: int,
    text: str | None,
    now: str,
) -> None:
    """Record a response for robots.txt; ``text`` None: the former one stays."""
    connection.execute(
        """
        insert into hosts
            (origin, site, robots, robots_status, robots_at, robots_read_at)
        values (:origin, :site, :text, :status, :now, iif(:text is null, null, :now))
        on conflict (origin) do update set robots = coalesce(:text, robots),
            robots_status = :status, robots_at = :now,
            robots_read_at = iif(:text is null, robots_read_at, :now)
        """,
        {"origin": origin, "site": site, "status": status, "text": text, "now": now},
    )


def get_tdmrep(connection: sqlite3.Connection, origin: str) -> StoredTdmrep:
    """The tdmrep.json of an origin."""
    row = connection.execute(
        "select tdmrep, tdmrep_status, tdmrep_at from hosts where origin = ?", [origin]
    ).fetchone()
    return StoredTdmrep(*row) if row else StoredTdmrep(None, None, None)


def upsert_tdmrep(
    connection: sqlite3.Connection,
    origin: str,
    site: str,
    status: int,
    text: str,
    now: str,
) -> None:
    """Record a response for tdmrep.json; ``text``: "" if it states no rules."""
    connection.execute(
        """
        insert into hosts (origin, site, tdmrep, tdmrep_status, tdmrep_at)
        values (:origin, :site, :text, :status, :now)
        on conflict (origin) do update set
            tdmrep = :text, tdmrep_status = :status, tdmrep_at = :now
        """,
        {"origin": origin, "site": site, "text": text, "status": status, "now": now},
    )


def get_host_files(
    connection: sqlite3.Connection, origin: str
) -> tuple[str, str] | None:
    """robots.txt and tdmrep.json of an origin; None if nothing is known of it."""
    row = connection.execute(
        "select coalesce(robots, ''), coalesce(tdmrep, '') from hosts where origin = ?",
        [origin],
    ).fetchone()
    return (row[0], row[1]) if row else None


def update_host_reserved(
    connection: sqlite3.Connection, origin: str, reserved: str
) -> None:
    """Record what the files of an origin reserve, in words."""
    connection.execute(
        "update hosts set reserved = ? where origin = ?", [reserved, origin]
    )
