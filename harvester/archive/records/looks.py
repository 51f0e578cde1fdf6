"""Looks at articles that are held: what each saw, what they teach of an outlet, and which articles a person watches.

Not for: deciding when to look (``schedule``), or what a look means (``identity.version``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

DECAY_FACTOR = 0.998  # of an outlet's counts is left after one more article: outlets change their habits
ONLINE_OUTCOMES = (
    "changed",
    "unchanged",
    "new",
    "duplicate",
)  # outcomes of a look at an article that stands there


def add_check(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """One look; nothing where the article became part of another by it."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"insert into looks ({names}) select {marks} where exists (select 1 from articles where key = ?)",
        [*row.values(), row["article"]],
    )


def add_outlet_counts(
    connection: sqlite3.Connection,
    outlet: str,
    counts: Mapping[str, tuple[float, float]],
) -> None:
    """Add counts to what is known of an outlet."""
    connection.executemany(
        """insert into rhythms (outlet, part, tried, found) values (?, ?, ?, ?) on conflict (outlet, part) do update set
        tried = tried + excluded.tried, found = found + excluded.found""",
        [(outlet, part, tried, found) for part, (tried, found) in counts.items()],
    )


def decay_outlet_counts(connection: sqlite3.Connection, outlet: str) -> None:
    """What is known of an outlet counts a little less."""
    connection.execute(
        f"update rhythms set tried = tried * {DECAY_FACTOR}, found = found * {DECAY_FACTOR} where outlet = ?",
        [outlet],
    )


def get_outlet_counts(
    connection: sqlite3.Connection, outlet: str
) -> dict[str, tuple[float, float]]:
    """What is known of an outlet: part → (tried, found)."""
    rows = connection.execute(
        "select part, tried, found from rhythms where outlet = ?", [outlet]
    )
    return {row["part"]: (row["tried"], row["found"]) for row in rows}


def get_last_change_time(connection: sqlite3.Connection, key: str) -> str | None:
    """When the wording that stands there now was first seen to stand there; None where it was there from the beginning."""
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
    """Of the outlet's other articles looked at last since then: how many stood there, how many were gone."""
    rows = connection.execute(
        "select outcome from articles where outlet = ? and looked >= ? and key <> ? order by looked desc limit ?",
        [outlet, since, excluded_key, limit],
    ).fetchall()
    stood = sum(row["outcome"] in ONLINE_OUTCOMES for row in rows)
    return stood, sum(row["outcome"] == "gone" for row in rows)


def bring_forward_suspects(
    connection: sqlite3.Connection, outlet: str, misses: int, due: str
) -> None:
    """The outlet's articles that were missed so often, and are not taken for removed, are due at that time."""
    connection.execute(
        "update articles set due = ?1 where outlet = ?2 and state = 'suspect' and misses >= ?3 and due > ?1",
        [due, outlet, misses],
    )


def has_outlet_event(
    connection: sqlite3.Connection, kind: str, outlet: str, since: str
) -> bool:
    """Whether that was told of an outlet since then."""
    row = connection.execute(
        "select 1 from events where kind = ? and outlet = ? and at >= ? limit 1",
        [kind, outlet, since],
    ).fetchone()
    return row is not None


# ---- watched articles


def is_watched(connection: sqlite3.Connection, key: str, now: str) -> bool:
    """Whether a person watches an article."""
    row = connection.execute(
        "select 1 from watches where article = ? and until > ?", [key, now]
    ).fetchone()
    return row is not None


def add_watch(connection: sqlite3.Connection, key: str, now: str, until: str) -> None:
    """Watch an article from now on; the first look is due at once."""
    connection.execute(
        """insert into watches (article, since, until) values (?, ?, ?)
        on conflict (article) do update set until = excluded.until""",
        [key, now, until],
    )
    connection.execute(
        "update articles set due = min(coalesce(due, ?1), ?1) where key = ?2",
        [now, key],
    )


def delete_watch(connection: sqlite3.Connection, key: str) -> bool:
    """Watch it no longer; whether it was watched."""
    return (
        connection.execute("delete from watches where article = ?", [key]).rowcount > 0
    )


def list_watches(connection: sqlite3.Connection, now: str) -> list[dict[str, Any]]:
    """The articles watched, newest watch first, as ``harvest watch --list --json`` prints them."""
    rows = connection.execute(
        """select w.article, a.outlet, a.url, v.title, a.state, w.since, w.until, a.looked, a.due, a.versions,
            (select count(*) from looks l where l.article = w.article and l.at >= w.since) as looks
        from watches w join articles a on a.key = w.article
        join versions v on v.article = a.key and v.number = a.version
        where w.until > ? order by w.since desc, w.article""",
        [now],
    )
    return [dict(row) for row in rows]


# ---- for people


def list_checks(
    connection: sqlite3.Connection, key: str, limit: int = 100
) -> list[dict[str, Any]]:
    """The newest looks at an article, oldest first, as ``harvest show --json`` prints them."""
    rows = connection.execute(
        """select at, outcome, status, saw, missed, prompt, capture, note from looks where article = ?
        order by id desc limit ?""",
        [key, limit],
    ).fetchall()
    return [{**dict(row), "missed": bool(row["missed"])} for row in rows[::-1]]


def count_checks_by_outlet(
    connection: sqlite3.Connection,
) -> dict[str, tuple[int, int]]:
    """Outlet → its articles, and the looks at them so far."""
    rows = connection.execute(
        "select outlet, count(*) as articles, sum(looks) as looks from articles group by outlet"
    )
    return {row["outlet"]: (row["articles"], row["looks"]) for row in rows}


def list_removals(
    connection: sqlite3.Connection,
    *,
    limit: int = 20,
    since: str = "",
    kind: str = "",
    outlet: str = "",
    before_id: int | None = None,
) -> list[dict[str, Any]]:
    """The ledger of removals, newest first: the view ``removals``, with its outlet's name."""
    chosen = " and at >= :since" if since else ""
    chosen += " and outlet = :outlet" if outlet else ""
    chosen += " and id < :before" if before_id is not None else ""
    kinds = "= :kind" if kind else "in ('suspect', 'removed', 'returned')"
    rows = connection.execute(
        f"""select r.*, o.name as outlet_name from removals r join outlets o on o.key = r.outlet
        where r.id in (select id from events where kind {kinds} {chosen} and article is not null order by id desc limit :limit)
        order by r.id desc""",
        {
            "since": since,
            "kind": kind,
            "outlet": outlet,
            "before": before_id,
            "limit": limit,
        },
    )
    return [dict(row) for row in rows]
