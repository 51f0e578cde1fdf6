"""What overview pages show: the newest articles and changes, outlets, and totals.

Every query is bounded: pages show the newest few, never all. Texts are clipped, since
pages show only how they begin.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.queries import announced
from harvester.archive.queries.announced import AnnouncedChange
from harvester.archive.records import counts, event_ids

OPENING_CHARACTERS = 500  # of a text
MAX_CHANGED_WORDS = 20_000  # of larger changes no words are shown: megabytes to read


@dataclass(frozen=True, slots=True)
class LatestArticle:
    """An article with the beginning of its current version."""

    key: str
    outlet: str
    outlet_name: str
    state: str
    versions: int
    first_seen: str
    copy_of: str | None
    title: str
    language: str
    opening: str
    words: int


def list_latest_articles(
    connection: sqlite3.Connection, limit: int, outlet: str = ""
) -> list[LatestArticle]:
    """The articles held last, newest first."""
    ids = connection.execute(
        f"""
        select id from articles
        {"where outlet = :outlet" if outlet else ""}
        order by id desc
        limit :limit""",
        {"outlet": outlet, "limit": limit},
    )
    return list(load_articles(connection, [row["id"] for row in ids]).values())


def load_articles(
    connection: sqlite3.Connection, ids: Sequence[int]
) -> dict[int, LatestArticle]:
    """These articles by id, the greatest id first."""
    rows = connection.execute(
        """
        select a.id, a.key, a.outlet, o.name, a.state, a.versions, a.first_seen,
            a.copy_of, substr(v.title, 1, 300), v.language,
            substr(v.text, 1, :opening), v.words
        from json_each(:ids) k
        cross join articles a on a.id = k.value
        join versions v on v.article = a.key and v.number = a.version
        join outlets o on o.key = a.outlet
        order by a.id desc""",
        {"ids": json.dumps(ids), "opening": OPENING_CHARACTERS},
    )
    return {row[0]: LatestArticle(*row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class ArticleEvent:
    """An edit, removal or return, or what a feed changed of an entry.

    With the first words that were removed and added. All that concerns an edit is None,
    "" or 0 for other events.
    """

    id: int
    at: str
    kind: str
    outlet: str
    outlet_name: str
    article: str  # "": announced, and its page never became an article
    note: str
    title: str
    language: str
    state: str  # of the article, now
    before: int | None  # number of the version that was edited
    after: int | None  # number of the version that resulted
    change_class: str
    silent: int | None  # 1: the outlet did not acknowledge the edit
    title_before: str | None
    title_after: str | None
    changed_before: str | None  # the first changed sentence
    changed_after: str | None
    removed: str | None  # the first removed sentence
    added: str | None
    sentence_count: int  # changed, removed or added
    moved: str | None = None  # the first sentence that moved
    moved_count: int = 0
    acknowledgement: str | None = None  # how the outlet acknowledged it
    size: int | None = None  # words touched


def list_latest_events(
    connection: sqlite3.Connection,
    kinds: Sequence[str],
    limit: int,
    outlet: str = "",
    before_id: int | None = None,
) -> list[ArticleEvent]:
    """The newest events of articles, of these kinds, newest first."""
    ids = event_ids.list_event_ids(
        connection,
        kinds,
        limit,
        outlets=(outlet,) if outlet else (),
        before_id=before_id,
    )
    return sorted(
        load_events(connection, ids), key=lambda event: event.id, reverse=True
    )


# Not in a subquery, which would be made of all changes.
_FIELDS_SQL = "iif(json_valid(c.fields), c.fields, '{}')"
_SENTENCES_SQL = f"""iif(
    coalesce(c.size, 0) <= {MAX_CHANGED_WORDS} and json_valid(c.sentences),
    c.sentences, '{{}}')"""


def load_events(
    connection: sqlite3.Connection, ids: Sequence[int]
) -> list[ArticleEvent]:
    """These events of articles, in this order."""
    rows = connection.execute(
        f"""
        select e.id, e.at, e.kind, e.outlet, o.name, e.article, e.note,
            substr(coalesce(n.title, v.title), 1, 300),
            coalesce(n.language, v.language), a.state, b.number, n.number,
            coalesce(c.class, ''), c.silent,
            substr(json_extract({_FIELDS_SQL}, '$.title[0]'), 1, 300),
            substr(json_extract({_FIELDS_SQL}, '$.title[1]'), 1, 300),
            substr(json_extract({_SENTENCES_SQL}, '$.changed[0][0]'), 1, 2000),
            substr(json_extract({_SENTENCES_SQL}, '$.changed[0][1]'), 1, 2000),
            substr(json_extract({_SENTENCES_SQL}, '$.removed[0]'), 1, 500),
            substr(json_extract({_SENTENCES_SQL}, '$.added[0]'), 1, 500),
            coalesce(json_array_length({_SENTENCES_SQL}, '$.changed'), 0)
                + coalesce(json_array_length({_SENTENCES_SQL}, '$.removed'), 0)
                + coalesce(json_array_length({_SENTENCES_SQL}, '$.added'), 0),
            substr(json_extract({_SENTENCES_SQL}, '$.moved[0]'), 1, 500),
            coalesce(json_array_length({_SENTENCES_SQL}, '$.moved'), 0), c.admitted, c.size
        from json_each(:ids) k
        cross join events e on e.id = k.value
        join outlets o on o.key = e.outlet
        join articles a on a.key = e.article
        join versions v on v.article = a.key and v.number = a.version
        left join changes c on c.id = e.change
        left join versions b on b.id = c.before
        left join versions n on n.id = c.after
        order by e.id desc""",
        {"ids": json.dumps(ids)},
    )
    events = {event.id: event for event in (ArticleEvent(*row) for row in rows)}
    for change in announced.list_changes(connection, ids):
        events[change.id] = _to_event(change)
    return [events[id] for id in ids if id in events]


def _to_event(change: AnnouncedChange) -> ArticleEvent:
    """What a feed changed: the titles, else the summaries, before and after."""
    has_title = "title" in change.fields
    return ArticleEvent(
        id=change.id,
        at=change.at,
        kind=event_ids.ANNOUNCED,
        outlet=change.outlet,
        outlet_name=change.outlet_name,
        article=change.article or "",
        note=change.note,
        title=(change.title or change.title_before)[:300],
        language=change.language,
        state=change.state,
        before=None,
        after=None,
        change_class="",
        silent=None,
        title_before=change.title_before[:300] if has_title else None,
        title_after=change.title[:300] if has_title else None,
        changed_before=change.summary_before[:2_000],
        changed_after=change.summary[:2_000],
        removed=None,
        added=None,
        sentence_count=0,
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The size of the archive."""

    articles: int
    versions: int
    edits: int
    removals: int
    outlets: int


def count_totals(connection: sqlite3.Connection) -> Totals:
    """Numbers of articles, versions, edits, removals and outlets, as they are kept."""
    (outlets,) = connection.execute("select count(*) from outlets").fetchone()
    return Totals(
        articles=counts.sum_counts(connection, "articles"),
        versions=counts.sum_counts(connection, "versions"),
        edits=counts.sum_counts(connection, "events", "edited", "headline"),
        removals=counts.sum_counts(connection, "events", "removed"),
        outlets=outlets,
    )


@dataclass(frozen=True, slots=True)
class OutletInfo:
    """An outlet as the settings describe, or once described, it."""

    key: str
    name: str
    home: str
    active: bool


def list_outlet_infos(connection: sqlite3.Connection) -> list[OutletInfo]:
    """All outlets by name, active ones first."""
    rows = connection.execute(
        "select key, name, home, active from outlets order by active desc, name"
    )
    return [
        OutletInfo(row["key"], row["name"], row["home"], bool(row["active"]))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many entries of an outlet had an outcome, for a reason."""

    outcome: str
    reason: str  # "" where the outcome needs none
    count: int


def count_outcomes(connection: sqlite3.Connection, outlet: str) -> list[OutcomeCount]:
    """Outcomes of the entries that an outlet announced, most frequent first."""
    rows = connection.execute(
        """
        select c.outcome, c.reason, sum(c.entries)
        from feeds f
        join entry_counts c on c.feed = f.url
        where f.outlet = :outlet
        group by 1, 2
        order by 3 desc
        limit 30""",
        {"outlet": outlet},
    )
    return [OutcomeCount(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class VersionState:
    """When a version was last seen, and the state of its article."""

    last_seen: str
    versions: int  # of the article
    state: str
    outlet_name: str
    words: int
    copy_of: str | None


def get_version_states(
    connection: sqlite3.Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], VersionState]:
    """The states of versions, each given as article key and number."""
    rows = connection.execute(
        """
        select v.article, v.number, v.last_seen, a.versions, a.state, o.name,
            v.words, a.copy_of
        from json_each(:versions) f
        join versions v on v.article = f.value ->> 0 and v.number = f.value ->> 1
        join articles a on a.key = v.article
        join outlets o on o.key = a.outlet""",
        {"versions": json.dumps(versions)},
    )
    return {(row[0], row[1]): VersionState(*row[2:]) for row in rows}
