"""Merge what feeds announced: the wordings that either archive kept, once.

Where the archives hold one entry in different wordings, the one that loses its place in
``entries`` is kept too. Whether two wordings differ is passed in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from harvester.archive.merging.rows import merge_rows
from harvester.archive.records import announcements
from harvester.archive.records.announcements import NewAnnouncement
from harvester.archive.records.articles import NewEvent, add_event

Words = tuple[str, str]  # title, summary


@dataclass(frozen=True, slots=True)
class WordingRules:
    """How announced wordings are compared."""

    digest: Callable[[Words], str]
    describe_change: Callable[[Words, Words], tuple[str, str]]  # ``changed``, note


@dataclass(frozen=True, slots=True)
class EntryWording:
    """An entry as one archive has it."""

    last_seen: str
    words: Words
    first_seen: str


@dataclass(frozen=True, slots=True)
class DifferingEntry:
    """An entry that the archives have in different wordings."""

    key: str
    outlet: str
    older: EntryWording
    newer: EntryWording


def find_differing_entries(
    connection: sqlite3.Connection, rules: WordingRules, excluded: str
) -> list[DifferingEntry]:
    """The entries in different wordings, before entries are merged.

    ``excluded``: a condition on rows ``o`` of the other archive's entries.
    """
    rows = connection.execute(
        f"""
        select o.key, f.outlet, m.last_seen, m.title, m.summary, m.first_seen,
            o.last_seen, o.title, o.summary, o.first_seen
        from other.entries o
        cross join main.entries m on m.key = o.key
        join main.feeds f on f.url = m.feed
        where (m.title, m.summary) is not (o.title, o.summary)
            and m.title || m.summary <> '' and o.title || o.summary <> ''
            and {excluded}
        order by o.key
        """
    )
    differing = []
    for row in rows.fetchall():
        key, outlet, *values = tuple(row)
        wordings = [
            EntryWording(last_seen, (title, summary), first_seen)
            for last_seen, title, summary, first_seen in (values[:4], values[4:])
        ]
        older, newer = sorted(wordings, key=lambda one: (one.last_seen, one.words))
        if rules.describe_change(older.words, newer.words)[0]:
            differing.append(DifferingEntry(key, outlet, older, newer))
    return differing


def merge_announcements(
    connection: sqlite3.Connection,
    rules: WordingRules,
    differing: list[DifferingEntry],
) -> None:
    """Merge the kept wordings, after the entries and before the events."""
    merge_rows(
        connection,
        "announcements",
        ("entry", "wording"),
        {"before": "announcements"},
        where="""exists (
            select 1 from main.entries e
            where e.key = o.entry and e.url || e.guid || e.title || e.summary <> ''
        )""",
        existing_where="m.entry in (select entry from other.announcements)",
    )
    _merge_held(connection)
    for entry in differing:
        _keep_both(connection, rules, entry)


def drop_repeated_events(connection: sqlite3.Connection) -> None:
    """Keep the earliest event of each wording, after the events are merged."""
    connection.execute(
        """
        delete from main.events
        where announcement in (select new from temp.map_announcements) and exists (
            select 1 from main.events e
            where e.announcement = events.announcement
                and (e.at, e.id) < (events.at, events.id)
        )
        """
    )


def _merge_held(connection: sqlite3.Connection) -> None:
    """Of wordings that both archives have, the earlier row counts, and the last time."""
    connection.execute(
        """
        update main.announcements set
            first_seen = o.first_seen,
            title = o.title,
            summary = o.summary,
            before = b.new,
            changed = o.changed
        from temp.map_announcements m
        join other.announcements o on o.id = m.old
        left join temp.map_announcements b on b.old = o.before
        where announcements.id = m.new and m.held and (
            o.first_seen, o.title, o.summary, o.before is null,
            coalesce((select wording from other.announcements where id = o.before), '')
        ) < (
            announcements.first_seen, announcements.title, announcements.summary,
            announcements.before is null,
            coalesce((
                select a.wording from main.announcements a
                where a.id = announcements.before
            ), '')
        )
        """
    )
    connection.execute(
        """
        update main.announcements set last_seen = o.last_seen
        from temp.map_announcements m join other.announcements o on o.id = m.old
        where announcements.id = m.new and o.last_seen > announcements.last_seen
        """
    )


def _keep_both(
    connection: sqlite3.Connection, rules: WordingRules, entry: DifferingEntry
) -> None:
    kept = announcements.get_kept_wordings(connection, entry.key)
    older, newer = entry.older, entry.newer
    older_digest, newer_digest = rules.digest(older.words), rules.digest(newer.words)
    older_id = kept.ids.get(older_digest)
    if older_id is None:
        older_id = announcements.add_announcement(
            connection,
            NewAnnouncement(
                entry.key,
                older_digest,
                *older.words,
                older.first_seen,
                older.last_seen,
            ),
        )
    if newer_digest in kept.ids or newer_digest == older_digest:
        return
    at = max(newer.first_seen, older.last_seen)
    changed, note = rules.describe_change(older.words, newer.words)
    row_id = announcements.add_announcement(
        connection,
        NewAnnouncement(
            entry.key,
            newer_digest,
            *newer.words,
            at,
            newer.last_seen,
            older_id,
            changed,
        ),
    )
    add_event(
        connection,
        NewEvent("announced", entry.outlet, at, note, announcement=row_id),
    )
