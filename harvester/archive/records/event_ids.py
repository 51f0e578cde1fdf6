"""Find the newest events of articles by index, whatever they are filtered by.

A list that walks all events until it has enough grows with the archive where few match.
Each kind, outlet or class is therefore read by its own index, newest first, and the
newest of all are kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

EDIT_KINDS = ("edited", "headline", "back")  # events that name a change
ANNOUNCED = "announced"  # its events name the new wording of an entry, and no article
# The kinds of changes that people may ask for, and those that lists have unasked.
CHANGE_KINDS = (
    *EDIT_KINDS,
    ANNOUNCED,
    "suspect",
    "removed",
    "returned",
    "paywalled",
)
LISTED_KINDS = tuple(kind for kind in CHANGE_KINDS if kind != "suspect")
CHANGE_CLASSES = (
    "correction",
    "substantive",
    "headline",
    "typo",
    "date line",
    "cosmetic",
)
# Those of edits as stored: new posts of a live blog, and edits that an older program
# recorded, are not asked for by name.
STORED_CLASSES = (*CHANGE_CLASSES, "post", "")
MAX_ID = (1 << 63) - 1
# Announced changes that are looked at for each that is wanted: most may repeat edits.
ANNOUNCED_PER_HIT = 20

# Whether versions of the article have what changed in either wording: the title as
# theirs, the summary as their description or in their text, maybe cut.
_HAS_WORDING_SQL = """exists (
    select 1 from versions v
    where v.article = i.article
    and (instr(n.changed, 'title') = 0 or v.title = {wording}.title)
    and (instr(n.changed, 'summary') = 0 or v.description = {wording}.summary
        or instr(v.text, rtrim({wording}.summary, ' .…[]')) > 0)
)"""
# Of an event with an announcement: whether an edit of the article says the same.
REPEATS_EDIT_SQL = f"""exists (
    select 1
    from announcements n
    join announcements b on b.id = n.before
    join entries i on i.key = n.entry
    where n.id = announcement
    and {_HAS_WORDING_SQL.format(wording="n")}
    and {_HAS_WORDING_SQL.format(wording="b")}
)"""
_SILENT_SQL = "(:silent is null or c.silent = :silent)"


def list_event_ids(
    connection: sqlite3.Connection,
    kinds: Sequence[str],
    limit: int,
    *,
    outlets: Sequence[str] = (),
    since: str = "",
    before_id: int | None = None,
    classes: Sequence[str] = (),
    silent: bool | None = None,
) -> list[int]:
    """The ids of at most ``limit`` events of articles, newest first.

    ``outlets``: only these, or all. ``since``: only events at that time or later.
    Among other kinds, an announced change is left out where an edit of the article says
    the same. ``before_id``: only events with lesser ids. ``classes``, ``silent``: only edits of
    these classes, or unacknowledged or acknowledged.
    """
    only_edits = bool(classes) or silent is not None
    chosen = [kind for kind in kinds if not only_edits or kind in EDIT_KINDS]
    parameters = {
        "silent": silent,
        "floor": _get_floor(connection, since),
        "before": MAX_ID if before_id is None else before_id,
        "since": since,
        "limit": limit,
    }
    ids: set[int] = set()
    if only_edits and not outlets:
        rows = _list_by_class(connection, classes or CHANGE_CLASSES, chosen, parameters)
        ids.update(rows)
    else:
        for kind in dict.fromkeys(chosen):
            for outlet in dict.fromkeys(outlets or ("",)):
                values = {**parameters, "kind": kind, "outlet": outlet}
                if kind == ANNOUNCED:
                    rows = _list_announced(connection, values, len(chosen) > 1)
                else:
                    rows = _list_of_kind(connection, values, classes, only_edits)
                ids.update(rows)
    return sorted(ids, reverse=True)[:limit]


def _get_floor(connection: sqlite3.Connection, since: str) -> int:
    """The least id of an event at a time or later.

    Archives that are merged in bring events of old with new ids, so this alone does not
    tell which are as new.
    """
    if not since:
        return 0
    row = connection.execute(
        "select min(+id) from events where at >= ?", [since]
    ).fetchone()
    return int(row[0]) if row[0] is not None else MAX_ID


def _list_of_kind(
    connection: sqlite3.Connection,
    values: Mapping[str, object],
    classes: Sequence[str],
    only_edits: bool,
) -> Iterator[int]:
    marks = ", ".join(f":class{number}" for number in range(len(classes)))
    rows = connection.execute(
        f"""
        select e.id
        from events e
        {"join changes c on c.id = e.change" if only_edits else ""}
        where e.kind = :kind
        {"and e.outlet = :outlet" if values["outlet"] else ""}
        and e.id >= :floor and e.id < :before
        and +e.at >= :since and +e.article is not null
        {f"and {_SILENT_SQL}" if only_edits else ""}
        {f"and +c.class in ({marks})" if classes else ""}
        order by e.id desc
        limit :limit""",
        {**values, **{f"class{n}": name for n, name in enumerate(classes)}},
    )
    return (row[0] for row in rows)


def _list_announced(
    connection: sqlite3.Connection, values: Mapping[str, object], without_repeats: bool
) -> Iterator[int]:
    """Announced changes; ``without_repeats``: those that no edit says as well."""
    rows = connection.execute(
        f"""
        select id from (
            select e.id, e.announcement
            from events e
            where e.kind = :kind
            {"and e.outlet = :outlet" if values["outlet"] else ""}
            and e.id >= :floor and e.id < :before
            and +e.at >= :since and e.announcement is not null
            order by e.id desc
            limit {f":limit * {ANNOUNCED_PER_HIT}" if without_repeats else ":limit"})
        {f"where not {REPEATS_EDIT_SQL}" if without_repeats else ""}
        order by id desc
        limit :limit""",
        values,
    )
    return (row[0] for row in rows)


def _list_by_class(
    connection: sqlite3.Connection,
    classes: Sequence[str],
    kinds: Sequence[str],
    parameters: Mapping[str, object],
) -> Iterator[int]:
    marks = ", ".join(f":kind{number}" for number in range(len(kinds)))
    names = {f"kind{number}": kind for number, kind in enumerate(kinds)}
    silent = parameters["silent"]
    # Both columns of the index are given, so that its rows come in their order.
    for name, value in product(
        dict.fromkeys(classes), (None, 0, 1) if silent is None else (silent,)
    ):
        rows = connection.execute(
            f"""
            select e.id
            from changes c
            cross join events e on e.article = c.article and +e.change = c.id
            where c.class = :class and c.silent is :value
            and +e.id >= :floor and +e.id < :before
            and +e.at >= :since and +e.kind in ({marks})
            order by c.id desc
            limit :limit""",
            {**parameters, **names, "class": name, "value": value},
        )
        yield from (row[0] for row in rows)
