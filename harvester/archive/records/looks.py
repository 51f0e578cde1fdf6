"""Checks of stored articles: their results, the edit counts of outlets, and watches.

Does not decide when an article is checked (``schedule``), nor what a check means
(``ingest``). In the archive a check is a row of ``looks``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harvester.archive.records import counts

# An outlet's counts decay by this with each new article: outlets change their habits.
DECAY_FACTOR = 0.998
ONLINE_OUTCOMES = ("changed", "unchanged", "new", "duplicate")


@dataclass(frozen=True, slots=True)
class NewCheck:
    """A row of ``looks`` to be added; the schema explains each column."""

    article: str
    at: str
    outcome: str
    status: int = 0
    saw: str = ""
    missed: int = 0
    prompt: str = ""
    capture: int | None = None
    note: str = ""


def add_check(connection: sqlite3.Connection, check: NewCheck) -> None:
    """Add a check, unless it found that its article is part of another one."""
    connection.execute(
        """
        insert into looks
            (article, at, outcome, status, saw, missed, prompt, capture, note)
        select :article, :at, :outcome, :status, :saw, :missed, :prompt, :capture, :note
        where exists (select 1 from articles where key = :article)
        """,
        asdict(check),
    )


def add_outlet_counts(
    connection: sqlite3.Connection,
    outlet: str,
    counts: Mapping[str, tuple[float, float]],
) -> None:
    """Add to an outlet's edit counts: part → (tried, found)."""
    connection.executemany(
        """
        insert into rhythms (outlet, part, tried, found) values (?, ?, ?, ?)
        on conflict (outlet, part) do update set
            tried = tried + excluded.tried, found = found + excluded.found
        """,
        [(outlet, part, tried, found) for part, (tried, found) in counts.items()],
    )


def decay_outlet_counts(connection: sqlite3.Connection, outlet: str) -> None:
    """Let an outlet's edit counts decay by one article."""
    connection.execute(
        f"""
        update rhythms
        set tried = tried * {DECAY_FACTOR}, found = found * {DECAY_FACTOR}
        where outlet = ?
        """,
        [outlet],
    )


def get_outlet_counts(
    connection: sqlite3.Connection, outlet: str
) -> dict[str, tuple[float, float]]:
    """An outlet's edit counts: part → (tried, found)."""
    rows = connection.execute(
        "select part, tried, found from rhythms where outlet = ?", [outlet]
    )
    return {row["part"]: (row["tried"], row["found"]) for row in rows}


def get_last_change_time(connection: sqlite3.Connection, key: str) -> str | None:
    """Since when the current version is online; None if it always was."""
    rows = connection.execute(
        "select since from sightings where article = ? order by id desc limit 2", [key]
    ).fetchall()
    return rows[0]["since"] if len(rows) > 1 else None


def count_online_and_gone(
    connection: sqlite3.Connection,
    outlet: str,
    since: str,
    excluded_key: str,
    limit: int,
) -> tuple[int, int]:
    """How many of the outlet's other articles checked last are online, and gone."""
    rows = connection.execute(
        """
        select outcome from articles where outlet = ? and looked >= ? and key <> ?
        order by looked desc limit ?
        """,
        [outlet, since, excluded_key, limit],
    ).fetchall()
    online = sum(row["outcome"] in ONLINE_OUTCOMES for row in rows)
    return online, sum(row["outcome"] == "gone" for row in rows)


def bring_forward_suspects(
    connection: sqlite3.Connection, outlet: str, misses: int, due: str
) -> None:
    """Make an outlet's suspect articles with so many misses due by then."""
    connection.execute(
        """
        update articles set due = :due
        where outlet = :outlet and state = 'suspect' and misses >= :misses and due > :due
        """,
        {"due": due, "outlet": outlet, "misses": misses},
    )


def has_outlet_event(
    connection: sqlite3.Connection, kind: str, outlet: str, since: str
) -> bool:
    """Whether an outlet has an event of that kind since a time."""
    row = connection.execute(
        "select 1 from events where kind = ? and outlet = ? and at >= ? limit 1",
        [kind, outlet, since],
    ).fetchone()
    return row is not None


# ---- watched articles


def is_watched(connection: sqlite3.Connection, key: str, now: str) -> bool:
    """Whether a person watches an article at that time."""
    row = connection.execute(
        "select 1 from watches where article = ? and until > ?", [key, now]
    ).fetchone()
    return row is not None


def add_watch(connection: sqlite3.Connection, key: str, now: str, until: str) -> None:
    """Watch an article from now on; its next check is due at once."""
    connection.execute(
        """
        insert into watches (article, since, until) values (?, ?, ?)
        on conflict (article) do update set until = excluded.until
        """,
        [key, now, until],
    )
    connection.execute(
        "update articles set due = min(coalesce(due, :now), :now) where key = :key",
        {"now": now, "key": key},
    )


def delete_watch(connection: sqlite3.Connection, key: str) -> bool:
    """Stop watching an article; whether it was watched."""
    return (
        connection.execute("delete from watches where article = ?", [key]).rowcount > 0
    )


def list_watches(connection: sqlite3.Connection, now: str) -> list[dict[str, Any]]:
    """Watched articles, newest watch first, as ``harvest watch --list`` prints them."""
    rows = connection.execute(
        """
        select w.article, a.outlet, a.url, v.title, a.state, w.since, w.until, a.looked,
            a.due, a.versions, (
                select count(*) from looks l
                where l.article = w.article and l.at >= w.since) as looks
        from watches w join articles a on a.key = w.article
        join versions v on v.article = a.key and v.number = a.version
        where w.until > ? order by w.since desc, w.article
        """,
        [now],
    )
    return [dict(row) for row in rows]


# ---- for people


def list_checks(
    connection: sqlite3.Connection, key: str, limit: int = 100
) -> list[dict[str, Any]]:
    """The newest checks of an article, oldest first, as ``harvest show`` prints them."""
    rows = connection.execute(
        """
        select at, outcome, status, saw, missed, prompt, capture, note
        from looks where article = ? order by id desc limit ?
        """,
        [key, limit],
    ).fetchall()
    return [{**dict(row), "missed": bool(row["missed"])} for row in rows[::-1]]


def count_checks_by_outlet(
    connection: sqlite3.Connection,
) -> dict[str, tuple[int, int]]:
    """Outlet → number of its articles, and of their checks so far."""
    checks = counts.count_by(connection, "checks")
    return {
        outlet: (sum(states.values()), sum(checks.get(outlet, {}).values()))
        for outlet, states in counts.count_by(connection, "articles").items()
    }
