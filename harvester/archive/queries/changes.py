"""Changes of articles by a filter and a query, newest first: for lists, feeds and alerts.

A change is an event of an article: an edit, a removal, a return, a new paywall, or what
a feed changed of an entry. Order is by time, ties by the event's id, so that a cursor
stays where it is while others are written, and in archives that were merged.

Each kind, outlet or class is read by an index of its own in that order, and the streams
are merged as far as they are asked for. Where few articles or versions can match, these
are looked up first instead.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, islice, product
from typing import Any

from harvester.archive import stored_json
from harvester.archive.queries import announced, change_conditions, inflections
from harvester.archive.queries.announced import AnnouncedChange
from harvester.archive.queries.change_conditions import ChangeConditions, Sort
from harvester.archive.queries.conditions import MAX_ID_DIGITS
from harvester.archive.queries.search import require_known_outlets
from harvester.archive.records import event_ids
from harvester.query.tree import Node, Or, Value, list_conjuncts

MAX_COUNTED = 10_000  # changes
MAX_RARE_VERSIONS = 5_000  # with a word: their articles' events are looked up at once
LATEST = "9999"  # after every time


@dataclass(frozen=True, slots=True)
class ChangeCursor:
    """The last change of a page: the next page begins behind it, whatever was added."""

    at: str
    event_id: int

    @classmethod
    def parse(cls, text: str) -> ChangeCursor:
        """What ``str`` has written. Raises ValueError."""
        at, _, number = text.rpartition("_")
        if not at or not number.isdecimal() or len(number) > MAX_ID_DIGITS:
            raise ValueError(f"not a cursor: {text[:40]!r}")
        return cls(at, int(number))

    def __str__(self) -> str:
        return f"{self.at}_{self.event_id}"


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes: all conditions hold; several values of one mean any of them.

    ``query``: words are in the article's wording before or after the change, ``added:``
    and ``removed:`` are words of this edit, ``class:``, ``is:silent`` and ``edited:`` say
    something of this edit; all other fields are of the article (``change_conditions``).
    ``kinds``: of ``event_ids.CHANGE_KINDS``; () stands for all but suspicions
    (``LISTED_KINDS``). ``classes``, ``silent``: only edits of these classes, or
    unacknowledged or acknowledged. ``since``, ``until``: when the change was seen, from
    the first and before the second. ``after``: only what is behind this cursor.
    ``exact``: words as they are typed only, not their other forms.
    """

    query: Node | None = None
    kinds: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    silent: bool | None = None
    since: str = ""
    until: str = ""
    after: ChangeCursor | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an article. What concerns edits alone is None or empty for others."""

    id: int  # of its event
    at: str
    kind: str
    outlet: str
    outlet_name: str
    article: (
        str | None
    )  # its key; None: announced, and its page never became an article
    url: str
    title: str  # after the change
    language: str
    state: str  # of the article, now
    published: str | None
    note: str  # in words
    before: int | None = None  # numbers of the versions
    after: int | None = None
    change_class: str | None = None
    size: int | None = None  # words touched
    silent: bool | None = None
    acknowledgement: str | None = None  # "": unacknowledged
    back: bool = False  # an earlier version came back
    fields: Mapping[str, Sequence[Any]] | None = None  # name → before, after
    sentences: Mapping[str, Sequence[Any]] | None = (
        None  # added, removed, changed, moved
    )
    before_text: str | None = None  # of the version, or of the feed's summary
    after_text: str | None = None
    before_title: str | None = None
    before_sha256: str | None = None  # the lasting names of the versions
    after_sha256: str | None = None
    last_stood: str | None = None  # of a removal or return: when it was last online,
    first_miss: str | None = None  # first missed, and what was seen instead
    evidence: str | None = None

    @property
    def cursor(self) -> ChangeCursor:
        """Where the list goes on behind it."""
        return ChangeCursor(self.at, self.id)

    def list_sentences(self, name: str) -> list[Any]:
        """Sentences that were added, removed, changed (pairs) or moved."""
        return list((self.sentences or {}).get(name, ()))

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest changes --json`` prints it."""
        return {
            "article": self.article,
            "outlet": self.outlet,
            "kind": self.kind,
            "class": self.change_class,
            "size": self.size,
            "silent": self.silent,
            "at": self.at,
            "title": self.title,
            "url": self.url,
            "before": self.before,
            "after": self.after,
            "back": self.back,
            "note": self.note,
            **({} if self.fields is None else {"fields": dict(self.fields)}),
            "admitted": self.acknowledgement,
            "published": self.published,
            "language": self.language,
            "state": self.state,
            "added": self.list_sentences("added"),
            "removed": self.list_sentences("removed"),
            "changed": self.list_sentences("changed"),
            "moved": self.list_sentences("moved"),
            "before_title": self.before_title,
            "before_text": self.before_text,
            "after_text": self.after_text,
        }


def list_changes(
    connection: sqlite3.Connection,
    chosen: ChangeFilter,
    now: str,
    limit: int = 20,
) -> list[Change]:
    """The newest changes that a filter chooses. Raises QueryError for unknown outlets."""
    cursors = list_cursors(connection, chosen, now, limit)
    return load_changes(connection, [cursor.event_id for cursor in cursors])


def list_cursors(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str, limit: int
) -> list[ChangeCursor]:
    """As ``list_changes``, but only which: the cursor of each names its event."""
    if chosen.query is not None:
        require_known_outlets(connection, chosen.query)
    rows = islice(_walk(connection, chosen, now), limit)
    return [ChangeCursor(at, event_id) for at, event_id in rows]


def count_changes(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> int | None:
    """How many there are, whatever the cursor; None: more than ``MAX_COUNTED``."""
    rows = _walk(connection, replace(chosen, after=None), now)
    count = sum(1 for _ in islice(rows, MAX_COUNTED + 1))
    return count if count <= MAX_COUNTED else None


# ---- which


Row = tuple[str, int]  # time and id of an event


def _walk(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> Iterator[Row]:
    """The events that the filter chooses, newest first."""
    if chosen.query is not None:
        tree = inflections.choose_forms(connection, chosen.query, chosen.exact)
        chosen = replace(chosen, query=tree)
    return _Walk(connection, _lift(chosen), now).list_rows()


def _lift(chosen: ChangeFilter) -> ChangeFilter:
    """The filter, with what its query demands of outlet, class and silence as well.

    The indexes are by these; the query's conditions stay.
    """
    if chosen.query is None:
        return chosen
    for node in list_conjuncts(chosen.query)[0]:
        name, values = _same_field(node)
        if name == "outlet" and not chosen.outlets:
            chosen = replace(chosen, outlets=values)
        elif name == "class" and not chosen.classes:
            chosen = replace(chosen, classes=values)
        elif name == "is" and values == ("silent",) and chosen.silent is None:
            chosen = replace(chosen, silent=True)
    return chosen


def _same_field(node: Node) -> tuple[str, tuple[str, ...]]:
    """The field and values of one value, or of several of one field; else ""."""
    parts = node.parts if isinstance(node, Or) else (node,)
    values = [part for part in parts if isinstance(part, Value)]
    if len(values) < len(parts) or len({part.field for part in values}) > 1:
        return "", ()
    return values[0].field, tuple(part.value for part in values)


_SORT_KINDS: dict[Sort, tuple[str, ...]] = {
    "edits": event_ids.EDIT_KINDS,
    "states": tuple(
        kind
        for kind in event_ids.CHANGE_KINDS
        if kind not in (*event_ids.EDIT_KINDS, event_ids.ANNOUNCED)
    ),
    "announced": (event_ids.ANNOUNCED,),
}
_JOINS = {
    "edits": """
        cross join changes c on c.id = e.change
        cross join versions v on v.id = c.after
        cross join versions w on w.id = c.before
        cross join articles a on a.key = e.article""",
    "states": """
        cross join articles a on a.key = e.article
        cross join versions v on v.article = a.key and v.number = a.version""",
    "announced": """
        cross join announcements n on n.id = e.announcement
        cross join entries i on i.key = n.entry
        left join announcements b on b.id = n.before
        left join articles a on a.key = i.article
        left join versions v on v.article = a.key and v.number = a.version""",
}
_NEWEST_FIRST = "order by e.at desc, e.id desc"


@dataclass(frozen=True)
class _Walk:
    """One reading of events, by statements of which each has an index for its order."""

    connection: sqlite3.Connection
    chosen: ChangeFilter
    now: str

    def list_rows(self) -> Iterator[Row]:
        """All streams, merged."""
        streams: list[Iterator[Row]] = []
        for sort, sort_kinds in _SORT_KINDS.items():
            kinds = [kind for kind in self._kinds if kind in sort_kinds]
            if kinds:
                streams += self._list_streams(sort, kinds)
        return heapq.merge(*streams, reverse=True)

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        kinds = self.chosen.kinds or event_ids.LISTED_KINDS
        return tuple(
            dict.fromkeys(
                k for k in kinds if not self._only_edits or k in event_ids.EDIT_KINDS
            )
        )

    @property
    def _only_edits(self) -> bool:
        return bool(self.chosen.classes) or self.chosen.silent is not None

    def _list_streams(
        self, sort: Sort, kinds: Sequence[str]
    ) -> Iterator[Iterator[Row]]:
        conditions = change_conditions.build(self.chosen.query, self.now, sort)
        if conditions.impossible:
            return
        few = self._find_few(sort, conditions)
        if few:
            marks = ", ".join(f"'{kind}'" for kind in kinds)  # names of ours
            yield self._stream(
                sort, conditions, few, f"and +e.kind in ({marks}) {self._outlet_sql()}"
            )
        elif sort == "edits" and self._only_edits and not self.chosen.outlets:
            yield from self._list_class_streams(conditions, kinds)
        else:
            for kind, outlet in product(kinds, self.chosen.outlets or ("",)):
                yield self._stream(
                    sort,
                    conditions,
                    "events e",
                    f"and e.kind = :kind {'and e.outlet = :outlet' if outlet else ''}",
                    kind=kind,
                    outlet=outlet,
                )

    def _find_few(self, sort: Sort, conditions: ChangeConditions) -> str:
        """SQL: the events of few articles or versions, if the query asks for few; or ""."""
        if conditions.articles:
            if sort == "announced":
                return f"""({conditions.articles}) k
                    cross join entries f on f.article = k.key
                    cross join announcements m on m.entry = f.key
                    cross join events e on e.announcement = m.id"""
            return f"""({conditions.articles}) k
                cross join events e on e.article = k.key"""
        for expression in conditions.edit_words:
            if self._count("edit_words_fts", expression) <= MAX_RARE_VERSIONS:
                conditions.parameters["rare"] = expression
                return """(
                    select rowid as id from edit_words_fts
                    where edit_words_fts match :rare) k
                    cross join changes k2 on k2.id = k.id
                    cross join events e on e.article = k2.article and +e.change = k2.id"""
        index = "announcements_fts" if sort == "announced" else "versions_fts"
        for expression in conditions.words:
            if self._count(index, expression) <= MAX_RARE_VERSIONS:
                conditions.parameters["rare"] = expression
                if sort == "announced":
                    return """(
                        select distinct m.id from announcements_fts
                        cross join announcements f on f.id = announcements_fts.rowid
                        cross join announcements m on m.entry = f.entry
                        where announcements_fts match :rare) k
                        cross join events e on e.announcement = k.id"""
                return """(
                    select distinct m.article from versions_fts
                    cross join versions m on m.id = versions_fts.rowid
                    where versions_fts match :rare) k
                    cross join events e on e.article = k.article"""
        return ""

    def _count(self, index: str, expression: str) -> int:
        row = self.connection.execute(
            f"""
            select count(*) from (
                select rowid from {index} where {index} match ? limit ?)""",
            [expression, MAX_RARE_VERSIONS + 1],
        ).fetchone()
        return int(row[0])

    def _list_class_streams(
        self, conditions: ChangeConditions, kinds: Sequence[str]
    ) -> Iterator[Iterator[Row]]:
        silent = self.chosen.silent
        marks = ", ".join(f"'{kind}'" for kind in kinds)
        classes = self.chosen.classes or event_ids.STORED_CLASSES
        # All columns of the index are given, so that its rows come in their order.
        for name, value in product(
            dict.fromkeys(classes), (None, 0, 1) if silent is None else (int(silent),)
        ):
            rows = self._stream(
                "edits",
                conditions,
                "changes c cross join events e on e.article = c.article and +e.change = c.id",
                f"""and c.class = :class and c.silent is :value and +e.kind in ({marks})
                and c.at >= :since and c.at <= :most""",
                order="order by c.at desc, c.id desc",
                class_=name,
                value=value,
            )
            yield _sort_ties(rows)

    def _outlet_sql(self) -> str:
        marks = [f":outlet{number}" for number in range(len(self.chosen.outlets))]
        return f"and e.outlet in ({', '.join(marks)})" if marks else ""

    def _stream(
        self,
        sort: Sort,
        conditions: ChangeConditions,
        source: str,
        more: str,
        order: str = _NEWEST_FIRST,
        **values: Any,
    ) -> Iterator[Row]:
        chosen, joins = self.chosen, _JOINS[sort]
        if source.startswith("changes c"):
            joins = joins.partition("e.change")[2]
        after = chosen.after
        rows = self.connection.execute(
            f"""
            select e.at, e.id
            from {source} {joins}
            where e.at >= :since and e.at <= :most and +e.at < :until
            {"and (+e.at, +e.id) < (:latest, :last_id)" if after else ""}
            {self._edit_sql() if sort == "edits" else ""}
            {self._repeat_sql() if sort == "announced" else ""}
            {more} {conditions.filters}
            {order}""",
            {
                **conditions.parameters,
                **{name.rstrip("_"): value for name, value in values.items()},
                **{f"outlet{n}": key for n, key in enumerate(chosen.outlets)},
                **{f"class{n}": name for n, name in enumerate(chosen.classes)},
                "silent": chosen.silent,
                "since": chosen.since,
                "until": chosen.until or LATEST,
                # One bound for the index: the others are asked of what it finds.
                "most": min(chosen.until or LATEST, after.at if after else LATEST),
                "latest": after.at if after else LATEST,
                "last_id": after.event_id if after else 0,
            },
        )
        return ((row[0], row[1]) for row in rows)

    def _repeat_sql(self) -> str:
        """Among other kinds, nothing announced that an edit says as well."""
        if self._kinds == (event_ids.ANNOUNCED,):
            return ""
        return f"and not {event_ids.REPEATS_EDIT_SQL}"

    def _edit_sql(self) -> str:
        sql = "and c.silent = :silent" if self.chosen.silent is not None else ""
        if self.chosen.classes:
            marks = [f":class{number}" for number in range(len(self.chosen.classes))]
            sql += f" and +c.class in ({', '.join(marks)})"
        return sql


def _sort_ties(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows by descending time, also by descending id where the times are equal."""
    for _, same in groupby(rows, key=lambda row: row[0]):
        yield from sorted(same, reverse=True)


# ---- what


_COLUMNS = """
    e.id, e.at, coalesce(c.kind, e.kind) as kind, e.outlet, o.name as outlet_name,
    e.article, a.url, coalesce(n.title, v.title) as title,
    coalesce(n.language, v.language) as language, a.state,
    coalesce(n.published, v.published) as published, e.note, b.number as before,
    n.number as after, c.class as change_class, c.size, c.silent,
    c.admitted as acknowledgement, coalesce(c.back, 0) as back, c.fields, c.sentences,
    b.text as before_text, n.text as after_text, b.title as before_title,
    b.sha256 as before_sha256, n.sha256 as after_sha256"""


def load_changes(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Change]:
    """The changes of these events, in this order."""
    changes: dict[int, Change] = {}
    for event_id in ids:
        row = connection.execute(
            f"""
            select {_COLUMNS}
            from events e
            join outlets o on o.key = e.outlet
            join articles a on a.key = e.article
            join versions v on v.article = a.key and v.number = a.version
            left join changes c on c.id = e.change
            left join versions b on b.id = c.before
            left join versions n on n.id = c.after
            where e.id = ?""",
            [event_id],
        ).fetchone()
        if row is not None:
            changes[event_id] = _add_evidence(connection, _to_change(row))
    missing = [event_id for event_id in ids if event_id not in changes]
    for feed_change in announced.list_changes(connection, missing):
        changes[feed_change.id] = _from_announced(feed_change)
    return [changes[event_id] for event_id in ids if event_id in changes]


def _add_evidence(connection: sqlite3.Connection, change: Change) -> Change:
    """The change; of a removal or return, with what was seen."""
    if change.kind not in _SORT_KINDS["states"]:
        return change
    row = connection.execute(
        "select last_stood, first_miss, evidence from removals where id = ?",
        [change.id],
    ).fetchone()
    return replace(change, **dict(row)) if row else change


def _to_change(row: sqlite3.Row) -> Change:
    values = dict(row)
    if values["silent"] is not None:
        values["silent"] = bool(values["silent"])
    if values["fields"] is not None:
        values["fields"] = stored_json.parse_pairs(values["fields"])
        values["sentences"] = stored_json.parse_sentences(values["sentences"])
    return Change(**{**values, "back": bool(values["back"])})


def _from_announced(change: AnnouncedChange) -> Change:
    return Change(
        id=change.id,
        at=change.at,
        kind=event_ids.ANNOUNCED,
        outlet=change.outlet,
        outlet_name=change.outlet_name,
        article=change.article,
        url=change.url,
        title=change.title or change.title_before,
        language=change.language,
        state=change.state,
        published=None,
        note=change.note,
        fields=change.fields,
        before_text=change.summary_before,
        after_text=change.summary,
        before_title=change.title_before,
    )
