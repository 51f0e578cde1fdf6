"""Articles to be written elsewhere, in the order in which they were first archived.

One row type, ``Article``, for all formats and for Python. Which articles: those of which
any version matches a query, as for ``search``. Rows are read in small groups, so that
an archive of any size takes little memory.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from harvester.archive import stored_json
from harvester.archive.queries import inflections, matches
from harvester.archive.queries.conditions import build_conditions
from harvester.archive.queries.search import require_known_outlets
from harvester.errors import QueryError
from harvester.identity.urls import mask_secrets
from harvester.query.tree import Node

Texts = Literal["latest", "all", "none"]

GROUP_ARTICLES = 200  # read at a time
# Tables that grow whenever something is archived, read again or purged.
_GROWING_TABLES = (
    "articles",
    "versions",
    "changes",
    "events",
    "captures",
    "readings",
    "looks",
    "tombstones",
)
_ALL_SQL = """
    from articles a
    cross join versions v on v.article = a.key
    where 1"""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an article: an edit, or a removal, a return, a new paywall.

    ``class_``, ``size`` and the rest say something of edits alone.
    """

    at: str
    # edited, headline (the title alone), fields (neither title nor text), removed …
    kind: str
    key: str | None  # of the article; None: announced, and it never became one
    outlet: str
    url: str
    title: str  # of the article after the change
    class_: str  # correction, substantive, headline, typo, date line, cosmetic; ""
    size: int  # words changed
    silent: bool | None  # the outlet did not acknowledge it; None: not judged, no edit
    acknowledged_by: str  # modified (a later date), note, line; "": it is silent
    back: bool  # an earlier version returned
    from_version: int | None
    to_version: int | None
    fields: Mapping[str, Sequence[Any]]  # field → before, after
    added: tuple[str, ...]  # sentences
    removed: tuple[str, ...]
    rewritten: tuple[tuple[str, str], ...]  # sentences: before, after
    note: str = ""  # in words


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that shares much of an article's text."""

    key: str
    outlet: str
    url: str
    first_seen: str
    earlier: bool  # it was seen before the article
    share: float  # of the article's words that are in the other: 0 to 1


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one of its versions.

    Times are UTC, ISO 8601, to the second. ``text`` is None, ``changes`` and ``copies``
    are empty where they were not asked for.
    """

    key: str
    url: str
    outlet: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    modified: str | None
    first_seen: str
    last_seen: str
    language: str
    version: int
    versions: int
    latest: bool
    sha256: str
    words: int
    state: str
    kind: str
    access: str
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    image: str
    description: str
    text: str | None
    changes: tuple[Change, ...] = ()
    copies: tuple[Copy, ...] = ()


def get_fingerprint(connection: sqlite3.Connection) -> str:
    """A text that differs once anything was archived, edited, read again or purged."""
    parts = []
    for table in _GROWING_TABLES:
        row = connection.execute(f"select max(id) from {table}").fetchone()
        parts.append(f"{table} {row[0] or 0}")
    return ", ".join(parts)


def list_article_ids(
    connection: sqlite3.Connection, query: Node | None, now: str, exact: bool = False
) -> array[int]:
    """``articles.id`` of the articles that match, ascending; without a query of all.

    ``exact``: words as typed, not in their other forms. Raises QueryError.
    """
    if query is None:
        rows = connection.execute("select id from articles order by id")
        return array("q", (row[0] for row in rows))
    require_known_outlets(connection, query)
    tree = inflections.choose_forms(connection, query, exact)
    conditions = build_conditions(tree, now)
    source, filters, _ = matches.build_source(conditions)
    if conditions.scans_texts:  # of all versions, not of the newest alone
        source, filters = _ALL_SQL, conditions.filters
    try:
        rows = connection.execute(
            f"select distinct a.id {source} {filters}",
            dict(conditions.parameters),
        )
        return array("q", sorted(row[0] for row in rows))
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(
            f"the query cannot be read: {' '.join(str(error).split())}"
        ) from error


def get_article(
    connection: sqlite3.Connection,
    key: str,
    texts: Texts = "latest",
    *,
    changes: bool = False,
    copies: bool = False,
) -> list[Article]:
    """The rows of one article: its current version, or all; empty: there is none."""
    row = connection.execute("select id from articles where key = ?", [key]).fetchone()
    return _read_group(connection, [row[0]], texts, changes, copies) if row else []


def list_articles(
    connection: sqlite3.Connection,
    article_ids: Sequence[int],
    texts: Texts = "latest",
    *,
    changes: bool = False,
    copies: bool = False,
    after_id: int = 0,
) -> Iterator[tuple[int, list[Article]]]:
    """Articles in groups, each with the ``articles.id`` of its last one.

    ``texts``: of current versions, of all versions (one row each), or no text of
    current versions. ``after_id``: begin behind this article.
    """
    rest = iter(article_ids[bisect_right(article_ids, after_id) :])
    while ids := list(islice(rest, GROUP_ARTICLES)):
        yield ids[-1], _read_group(connection, ids, texts, changes, copies)


def _read_group(
    connection: sqlite3.Connection,
    ids: list[int],
    texts: Texts,
    with_changes: bool,
    with_copies: bool,
) -> list[Article]:
    parameters = {"ids": json.dumps(ids)}
    rows = connection.execute(
        f"""
        select a.key, a.url, a.outlet, a.state, a.version as current, a.versions,
            v.id, v.number, v.title, v.authors, v.published, v.modified, v.first_seen,
            v.last_seen, v.language, v.sha256, v.words, v.kind, v.access, v.sections,
            v.tags, v.image, v.description, {"null" if texts == "none" else "v.text"} as text
        from json_each(:ids) i
        cross join articles a on a.id = i.value
        cross join versions v on v.article = a.key
            {"" if texts == "all" else "and v.number = a.version"}
        order by a.id, v.number""",
        parameters,
    ).fetchall()
    changes = _list_changes(connection, parameters) if with_changes else {}
    copies = _list_copies(connection, parameters) if with_copies else {}
    articles = []
    for row in rows:
        own = changes.get(row["key"], ())
        if texts == "all":
            own = tuple(change for change in own if change.to_version == row["number"])
        articles.append(_to_article(row, own, copies.get(row["key"], ())))
    return articles


def _to_article(
    row: sqlite3.Row, changes: tuple[Change, ...], copies: tuple[Copy, ...]
) -> Article:
    return Article(
        key=row["key"],
        url=mask_secrets(row["url"]),
        outlet=row["outlet"],
        title=row["title"],
        authors=tuple(stored_json.parse_texts(row["authors"])),
        published=row["published"],
        modified=row["modified"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        language=row["language"],
        version=row["number"],
        versions=row["versions"],
        latest=row["number"] == row["current"],
        sha256=row["sha256"],
        words=row["words"],
        state="online" if row["state"] == "live" else row["state"],
        kind=row["kind"],
        access=row["access"],
        sections=tuple(stored_json.parse_texts(row["sections"])),
        tags=tuple(stored_json.parse_texts(row["tags"])),
        image=row["image"],
        description=row["description"],
        text=row["text"],
        changes=changes,
        copies=copies,
    )


def _list_changes(
    connection: sqlite3.Connection, parameters: dict[str, str]
) -> dict[str, tuple[Change, ...]]:
    """By article, its changes, oldest first."""
    found: dict[str, list[Change]] = defaultdict(list)
    for row in connection.execute(
        """
        select c.*, b.number as from_version, n.number as to_version, a.outlet, a.url,
            n.title
        from json_each(:ids) i
        cross join articles a on a.id = i.value
        cross join changes c on c.article = a.key
        join versions b on b.id = c.before
        join versions n on n.id = c.after
        order by c.id""",
        parameters,
    ):
        sentences = stored_json.parse_sentences(row["sentences"])
        found[row["article"]].append(
            Change(
                at=row["at"],
                kind=row["kind"],
                key=row["article"],
                outlet=row["outlet"],
                url=mask_secrets(row["url"]),
                title=row["title"],
                class_=row["class"],
                size=row["size"],
                silent=None if row["silent"] is None else bool(row["silent"]),
                acknowledged_by=row["admitted"],
                back=bool(row["back"]),
                from_version=row["from_version"],
                to_version=row["to_version"],
                fields=stored_json.parse_pairs(row["fields"]),
                added=tuple(sentences.get("added", ())),
                removed=tuple(sentences.get("removed", ())),
                rewritten=tuple(
                    (before, after) for before, after in sentences.get("changed", ())
                ),
            )
        )
    return {key: tuple(changes) for key, changes in found.items()}


def _list_copies(
    connection: sqlite3.Connection, parameters: dict[str, str]
) -> dict[str, tuple[Copy, ...]]:
    """By article, the articles that share its text, first seen first."""
    found: dict[str, list[Copy]] = defaultdict(list)
    for row in connection.execute(
        """
        with chosen as materialized (
            select a.id, a.key, a.copy_of
            from json_each(:ids) i
            cross join articles a on a.id = i.value),
        pairs (key, other, share) as (
            select s.key, p.original, p.share
            from chosen s cross join copies p on p.article = s.key
            union all
            select s.key, p.article, p.shared
            from chosen s cross join copies p on p.original = s.key
            union all
            select s.key, s.copy_of, 1.0 from chosen s where s.copy_of is not null
            union all
            select s.key, o.key, 1.0
            from chosen s cross join articles o on o.copy_of = s.key)
        select p.key as of, max(p.share) as share, o.key, o.outlet, o.url, o.first_seen,
            (o.first_seen, o.id) < (s.first_seen, s.id) as earlier
        from pairs p
        join articles o on o.key = p.other
        join articles s on s.key = p.key
        where o.key <> s.key
        group by p.key, o.key
        order by o.first_seen, o.id""",
        parameters,
    ):
        found[row["of"]].append(
            Copy(
                row["key"],
                row["outlet"],
                mask_secrets(row["url"]),
                row["first_seen"],
                bool(row["earlier"]),
                row["share"],
            )
        )
    return {key: tuple(copies) for key, copies in found.items()}
