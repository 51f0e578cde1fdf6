"""Which versions were read otherwise than they would be today, and where they can be read again.

Not for: reading (``ingest.reread``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TODAY = """with today as materialized (
    select key as outlet, value ->> '$[0]' as rules, value ->> '$[1]' as profile from json_each(:today))
"""
# The latest reading of each version decides; the feed's own text is no capture of the page.
_STALE = """
from versions v join articles a on a.key = v.article
join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
join today t on t.outlet = a.outlet
where r.source = 'page' and v.id > :after and (:article = '' or a.key = :article)
and (r.extractor <> :extractor or r.rules <> t.rules or r.profile <> t.profile)"""


@dataclass(frozen=True, slots=True)
class Stale:
    """A version to be read again: of its own capture, and, where it stands there still, of the newest."""

    version: int  # versions.id
    number: int
    article: str
    outlet: str
    capture: int
    newest: int | None  # of the article, where this is its current version


def stale(
    connection: sqlite3.Connection,
    extractor: str,
    today: Mapping[str, Sequence[str]],
    article: str = "",
    after: int = 0,
    most: int = 500,
) -> list[Stale]:
    """Versions behind row ``after``, oldest first. ``today``: outlet → the names of its rules and its profile."""
    rows = connection.execute(
        f"""{_TODAY} select v.id, v.number, v.article, a.outlet, v.capture,
        case when a.version = v.number then a.capture end as newest {_STALE} order by v.id limit :most""",
        {**_values(extractor, today, article, after), "most": most},
    )
    return [Stale(*row) for row in rows]


def count_stale(
    connection: sqlite3.Connection,
    extractor: str,
    today: Mapping[str, Sequence[str]],
    article: str = "",
) -> int:
    """How many there are."""
    row = connection.execute(
        f"{_TODAY} select count(*) {_STALE}", _values(extractor, today, article, 0)
    ).fetchone()
    return int(row[0])


def of_version(connection: sqlite3.Connection, row: int) -> Stale | None:
    """A version, stale or not, as it would be read again; None where no capture of it is known."""
    found = connection.execute(
        """select v.id, v.number, v.article, a.outlet, v.capture, case when a.version = v.number then a.capture end as newest
        from versions v join articles a on a.key = v.article where v.id = ? and v.capture is not null""",
        [row],
    ).fetchone()
    return Stale(*found) if found else None


def adopt(
    connection: sqlite3.Connection,
    versions: Sequence[int],
    profile: str,
    extractor: str,
    rules: str,
) -> None:
    """The latest readings of these versions, if by this extractor and these rules, would be the same with that profile."""
    connection.execute(
        """update readings set profile = ?1 where extractor = ?2 and rules = ?3 and id in (
            select max(id) from readings where source <> 'feed-compared'
            and version in (select value from json_each(?4)) group by version)""",
        [profile, extractor, rules, json.dumps(list(versions))],
    )


def version(connection: sqlite3.Connection, row: int) -> sqlite3.Row:
    """A version as it is shown."""
    return connection.execute("select * from versions where id = ?", [row]).fetchone()  # type: ignore[no-any-return]


def first_version(connection: sqlite3.Connection, article: str) -> sqlite3.Row:
    """The first wording of an article."""
    row = connection.execute(
        "select * from versions where article = ? order by number limit 1", [article]
    )
    return row.fetchone()  # type: ignore[no-any-return]


def _values(
    extractor: str, today: Mapping[str, Sequence[str]], article: str, after: int
) -> dict[str, object]:
    named = json.dumps({outlet: list(names) for outlet, names in today.items()})
    return {"extractor": extractor, "today": named, "article": article, "after": after}
