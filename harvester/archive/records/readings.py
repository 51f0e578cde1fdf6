"""Which versions were read otherwise than they would be today, and where they can be read again.

Not for: reading (``ingest.reread``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TODAY_SQL = """with today as materialized (
    select key as outlet, value ->> '$[0]' as rules, value ->> '$[1]' as profile from json_each(:today))
"""
# The latest reading of each version decides; the feed's own text is no capture of the page.
_STALE_SQL = """
from versions v join articles a on a.key = v.article
join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
join today t on t.outlet = a.outlet
where r.source = 'page' and v.id > :after and (:article = '' or a.key = :article)
and (r.extractor <> :extractor or r.rules <> t.rules or r.profile <> t.profile)"""


@dataclass(frozen=True, slots=True)
class StaleVersion:
    """A version to be read again: of its own capture, and, where it stands there still, of the newest."""

    version_id: int  # versions.id
    number: int
    article: str
    outlet: str
    capture: int
    newest_capture: int | None  # of the article, where this is its current version


def list_stale_versions(
    connection: sqlite3.Connection,
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str = "",
    after_id: int = 0,
    limit: int = 500,
) -> list[StaleVersion]:
    """Versions behind row ``after``, oldest first. ``today``: outlet → the names of its rules and its profile."""
    rows = connection.execute(
        f"""{_TODAY_SQL} select v.id, v.number, v.article, a.outlet, v.capture,
        case when a.version = v.number then a.capture end as newest {_STALE_SQL} order by v.id limit :most""",
        {
            **_query_parameters(extractor, current_by_outlet, article_key, after_id),
            "most": limit,
        },
    )
    return [StaleVersion(*row) for row in rows]


def count_stale_versions(
    connection: sqlite3.Connection,
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str = "",
) -> int:
    """How many there are."""
    row = connection.execute(
        f"{_TODAY_SQL} select count(*) {_STALE_SQL}",
        _query_parameters(extractor, current_by_outlet, article_key, 0),
    ).fetchone()
    return int(row[0])


def get_version_to_reread(
    connection: sqlite3.Connection, version_id: int
) -> StaleVersion | None:
    """A version, stale or not, as it would be read again; None where no capture of it is known."""
    found = connection.execute(
        """select v.id, v.number, v.article, a.outlet, v.capture, case when a.version = v.number then a.capture end as newest
        from versions v join articles a on a.key = v.article where v.id = ? and v.capture is not null""",
        [version_id],
    ).fetchone()
    return StaleVersion(*found) if found else None


def update_reading_profile(
    connection: sqlite3.Connection,
    version_ids: Sequence[int],
    profile: str,
    extractor: str,
    rules: str,
) -> None:
    """The latest readings of these versions, if by this extractor and these rules, would be the same with that profile."""
    connection.execute(
        """update readings set profile = ?1 where extractor = ?2 and rules = ?3 and id in (
            select max(id) from readings where source <> 'feed-compared'
            and version in (select value from json_each(?4)) group by version)""",
        [profile, extractor, rules, json.dumps(list(version_ids))],
    )


def get_version(connection: sqlite3.Connection, version_id: int) -> sqlite3.Row:
    """A version as it is shown."""
    row: sqlite3.Row = connection.execute(
        "select * from versions where id = ?", [version_id]
    ).fetchone()
    return row


def get_first_version(connection: sqlite3.Connection, article_key: str) -> sqlite3.Row:
    """The first wording of an article."""
    row = connection.execute(
        "select * from versions where article = ? order by number limit 1",
        [article_key],
    )
    return row.fetchone()  # type: ignore[no-any-return]


def _query_parameters(
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str,
    after_id: int,
) -> dict[str, object]:
    named = json.dumps(
        {outlet: list(names) for outlet, names in current_by_outlet.items()}
    )
    return {
        "extractor": extractor,
        "today": named,
        "article": article_key,
        "after": after_id,
    }
