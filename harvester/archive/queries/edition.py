"""What a static edition is made of: which articles and changes, and what pages show.

A first reading goes over all chosen articles in groups and gives each a signature of
everything that its page shows, so that only what changed is read in full. Costs grow
with the articles that are chosen, not with the archive.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harvester.archive import stored_json
from harvester.archive.queries import article_pages

GROUP_ARTICLES = 500  # read at once
OPENING_CHARACTERS = 500  # of a text
MAX_VERSIONS = 40  # of an article, the newest
# Changes of articles that an edition lists; what feeds changed is not among them.
EDITION_KINDS = ("edited", "headline", "back", "removed", "returned", "paywalled")
_KINDS_SQL = ", ".join(f"'{kind}'" for kind in EDITION_KINDS)


@dataclass(frozen=True, slots=True)
class SurveyedEvent:
    """A change that lists show."""

    id: int
    at: str
    kind: str
    signature: int  # of what a list shows of it


@dataclass(frozen=True, slots=True)
class SurveyedArticle:
    """An article, with signatures of what its page and lists show."""

    id: int
    key: str
    outlet: str
    shown_at: str  # when it was published, but not after it was first seen
    version: int  # the current one
    versions: int
    page_signature: int
    card_signature: int
    events: tuple[SurveyedEvent, ...]


def survey_articles(
    connection: sqlite3.Connection, article_ids: Sequence[int]
) -> Iterator[SurveyedArticle]:
    """All of these articles, in their order."""
    rest = iter(article_ids)
    while ids := list(islice(rest, GROUP_ARTICLES)):
        yield from _survey_group(connection, json.dumps(ids))


_SURVEY_SQL = """
    select a.id, a.key, a.url, a.outlet, a.state, a.version, a.versions, a.first_seen,
        a.last_seen, v.title, v.wording, v.sha256, v.words, v.language, v.authors,
        v.published, v.sections, o.name
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    cross join versions v on v.article = a.key and v.number = a.version
    cross join outlets o on o.key = a.outlet
    order by i.key"""
# What else a page shows, a row each with the article's key first.
_PARTS_SQL = (
    """
    select a.key, v.number, v.title, v.wording, v.sha256, v.words, v.first_seen, v.last_seen
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    cross join versions v on v.article = a.key
    where a.versions > 1
    order by v.article, v.number""",
    """
    select a.key, s.id, s.since, s.until
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    cross join sightings s on s.article = a.key
    order by s.article, s.id""",
    """
    select a.key, c.id, c.at, c.kind, c.class, c.silent, c.admitted, c.before, c.after
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    cross join changes c on c.article = a.key
    order by c.article, c.id""",
    """
    select a.key, e.at, e.kind, e.note
    from json_each(:ids) i
    cross join articles a on a.id = i.value
    cross join events e on e.article = a.key
    where e.kind in ('suspect', 'removed', 'returned')
    order by e.article, e.id""",
)


def _survey_group(connection: sqlite3.Connection, ids: str) -> list[SurveyedArticle]:
    parameters = {"ids": ids}
    pages: defaultdict[str, Any] = defaultdict(_make_hash)
    for sql in _PARTS_SQL:
        for row in connection.execute(sql, parameters):
            pages[row[0]].update(repr(tuple(row)).encode("utf-8", "replace"))
    events = _survey_events(connection, parameters)
    articles = []
    for row in connection.execute(_SURVEY_SQL, parameters):
        published = row["published"] or row["first_seen"]
        page = pages[row["key"]]
        page.update(repr(tuple(row)).encode("utf-8", "replace"))
        names = ("key", "state", "versions", "title", "wording", "words", "name")
        card = _sign(*(row[name] for name in names))
        own = events.get(row["key"], ())
        articles.append(
            SurveyedArticle(
                row["id"],
                row["key"],
                row["outlet"],
                min(published, row["first_seen"]),
                row["version"],
                row["versions"],
                _to_number(page),
                card,
                tuple(
                    SurveyedEvent(event[0], event[1], event[2], _sign(card, *event))
                    for event in own
                ),
            )
        )
    return articles


def _survey_events(
    connection: sqlite3.Connection, parameters: dict[str, str]
) -> dict[str, list[tuple[Any, ...]]]:
    """By article, its changes, oldest first."""
    events: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in connection.execute(
        f"""
        select a.key, e.id, e.at, e.kind, e.note, c.class, c.silent, c.sentences
        from json_each(:ids) i
        cross join articles a on a.id = i.value
        cross join events e on e.article = a.key
        left join changes c on c.id = e.change
        where e.kind in ({_KINDS_SQL})
        order by e.id""",
        parameters,
    ):
        events[row[0]].append(tuple(row)[1:])
    return events


def _make_hash() -> Any:
    return hashlib.blake2b(digest_size=8)


def _to_number(hashed: Any) -> int:
    return int.from_bytes(hashed.digest(), "big", signed=True)


def _sign(*values: object) -> int:
    """64 bits that differ where any of the values does."""
    hashed = _make_hash()
    hashed.update(repr(values).encode("utf-8", "replace"))
    return _to_number(hashed)


@dataclass(frozen=True, slots=True)
class Card:
    """An article as lists show it, with the beginning of its current version."""

    id: int
    key: str
    outlet: str
    outlet_name: str
    url: str
    state: str
    versions: int
    shown_at: str
    title: str
    language: str
    opening: str
    words: int


def list_cards(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Card]:
    """These articles, in this order."""
    rows = connection.execute(
        """
        select a.id, a.key, a.outlet, o.name, a.url, a.state, a.versions,
            min(coalesce(v.published, a.first_seen), a.first_seen),
            substr(v.title, 1, 300), v.language, substr(v.text, 1, :opening), v.words
        from json_each(:ids) i
        cross join articles a on a.id = i.value
        cross join versions v on v.article = a.key and v.number = a.version
        cross join outlets o on o.key = a.outlet
        order by i.key""",
        {"ids": json.dumps(list(ids)), "opening": OPENING_CHARACTERS},
    )
    return [Card(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StoryVersion:
    """A version in the history of an article."""

    number: int
    title: str
    sha256: str
    words: int
    first_seen: str
    last_seen: str
    change: str  # first, edited, headline, back …
    change_class: str
    silent: bool | None
    acknowledged: bool
    sightings: tuple[tuple[str, str], ...]  # from, to
    text: str | None  # None: not asked for


@dataclass(frozen=True, slots=True)
class Story:
    """An article with everything that its page shows."""

    key: str
    url: str
    outlet: str
    outlet_name: str
    state: str
    version: int  # the current one
    versions: int
    first_seen: str
    last_seen: str
    authors: tuple[str, ...]
    published: str | None
    published_local: str | None
    language: str
    sections: tuple[str, ...]
    history: tuple[StoryVersion, ...]  # oldest first, at most ``MAX_VERSIONS``
    states: tuple[tuple[str, str, str], ...]  # time, kind, note: suspect, removed …

    @property
    def removal(self) -> tuple[str, str] | None:
        """Time and note of the last removal, if the article is removed or suspect."""
        if self.state not in ("removed", "suspect"):
            return None
        gone = [one for one in self.states if one[1] in ("removed", "suspect")]
        return (gone[-1][0], gone[-1][2]) if gone else None

    @property
    def current(self) -> StoryVersion:
        """The current version."""
        return next(
            (one for one in self.history if one.number == self.version),
            self.history[-1],
        )


def get_story(
    connection: sqlite3.Connection, article_id: int, text_count: int
) -> Story:
    """A surveyed article, with the texts of its newest ``text_count`` versions."""
    article = connection.execute(
        """
        select a.*, o.name as outlet_name
        from articles a
        join outlets o on o.key = a.outlet
        where a.id = ?""",
        [article_id],
    ).fetchone()
    history = _list_history(connection, article, text_count)
    shown = article_pages.get_version(connection, article)
    states = article_pages.list_state_changes(connection, article)
    return Story(
        key=article["key"],
        url=article["url"],
        outlet=article["outlet"],
        outlet_name=article["outlet_name"],
        state=article["state"],
        version=article["version"],
        versions=article["versions"],
        first_seen=article["first_seen"],
        last_seen=article["last_seen"],
        authors=tuple(stored_json.parse_texts(shown["authors"])),
        published=shown["published"],
        published_local=shown["published_local"],
        language=shown["language"],
        sections=tuple(stored_json.parse_texts(shown["sections"])),
        history=history,
        states=tuple((row["at"], row["kind"], row["note"]) for row in states),
    )


def _list_history(
    connection: sqlite3.Connection, article: sqlite3.Row, text_count: int
) -> tuple[StoryVersion, ...]:
    key = article["key"]
    sightings: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(
        "select version, since, until from sightings where article = ? order by id",
        [key],
    ):
        sightings[row["version"]].append((row["since"], row["until"]))
    judged = {
        row["after"]: row
        for row in connection.execute(
            """
            select after, kind, class, silent, admitted from changes
            where article = ? and kind <> 'fields'
            order by id desc""",
            [key],
        )
    }
    rows = connection.execute(
        """
        select id, number, title, sha256, words, first_seen, last_seen,
            iif(number > :above or number = :current, text, null) as text
        from versions
        where article = :key
        order by number desc
        limit :limit""",
        {
            "key": key,
            "above": article["versions"] - text_count,
            "current": article["version"],
            "limit": MAX_VERSIONS,
        },
    ).fetchall()
    return tuple(
        _to_version(row, judged.get(row["id"]), sightings[row["id"]])
        for row in reversed(rows)
    )


def _to_version(
    row: sqlite3.Row, change: sqlite3.Row | None, sightings: list[tuple[str, str]]
) -> StoryVersion:
    silent = change["silent"] if change is not None else None
    return StoryVersion(
        number=row["number"],
        title=row["title"],
        sha256=row["sha256"],
        words=row["words"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        change="first" if change is None else change["kind"],
        change_class=change["class"] if change is not None else "",
        silent=None if silent is None else bool(silent),
        acknowledged=bool(change is not None and change["admitted"]),
        sightings=tuple(sightings),
        text=row["text"],
    )
