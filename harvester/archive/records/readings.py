"""Versions whose reading is outdated, and the captures from which to read them again.

Does not read them; see ``ingest.reread``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Outlet → the rules and the profile by which it is read now.
_CURRENT_SQL = """
    with current as materialized (
        select key as outlet, value ->> '$[0]' as rules, value ->> '$[1]' as profile
        from json_each(:current))"""
# The latest reading of each version counts; the text of a feed is not a capture.
_STALE_SQL = """
    from versions v
    join articles a on a.key = v.article
    join readings r on r.id = (
        select max(id) from readings
        where version = v.id and source <> 'feed-compared')
    join current c on c.outlet = a.outlet
    where r.source = 'page' and v.id > :after and (:article = '' or a.key = :article)
    and (r.extractor <> :extractor or r.rules <> c.rules or r.profile <> c.profile)"""


@dataclass(frozen=True, slots=True)
class StaleVersion:
    """A version to read again: from its own capture, and if current from the newest."""

    version_id: int  # versions.id
    number: int
    article: str
    outlet: str
    capture: int
    newest_capture: (
        int | None
    )  # of the article; None unless this is its current version


def list_stale_versions(
    connection: sqlite3.Connection,
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str = "",
    after_id: int = 0,
    limit: int = 500,
) -> list[StaleVersion]:
    """Stale versions with an id greater than ``after_id``, oldest first.

    ``current_by_outlet``: outlet → the names of its current rules and profile.
    """
    rows = connection.execute(
        f"""
        {_CURRENT_SQL}
        select v.id, v.number, v.article, a.outlet, v.capture,
            case when a.version = v.number then a.capture end
        {_STALE_SQL}
        order by v.id
        limit :limit""",
        {
            **_query_parameters(extractor, current_by_outlet, article_key, after_id),
            "limit": limit,
        },
    )
    return [StaleVersion(*row) for row in rows]


def count_stale_versions(
    connection: sqlite3.Connection,
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str = "",
) -> int:
    """The number of stale versions."""
    row = connection.execute(
        f"{_CURRENT_SQL} select count(*) {_STALE_SQL}",
        _query_parameters(extractor, current_by_outlet, article_key, 0),
    ).fetchone()
    return int(row[0])


def get_version_to_reread(
    connection: sqlite3.Connection, version_id: int
) -> StaleVersion | None:
    """A version, stale or not, with its captures; None if no capture is known."""
    row = connection.execute(
        """
        select v.id, v.number, v.article, a.outlet, v.capture,
            case when a.version = v.number then a.capture end
        from versions v
        join articles a on a.key = v.article
        where v.id = ? and v.capture is not null""",
        [version_id],
    ).fetchone()
    return StaleVersion(*row) if row else None


def update_reading_profile(
    connection: sqlite3.Connection,
    version_ids: Sequence[int],
    profile: str,
    extractor: str,
    rules: str,
) -> None:
    """Record that another profile gives the same readings of these versions.

    Concerns the latest reading of each, if it is by this extractor and these rules.
    """
    connection.execute(
        """
        update readings set profile = :profile
        where extractor = :extractor and rules = :rules and id in (
            select max(id) from readings
            where source <> 'feed-compared'
            and version in (select value from json_each(:version_ids))
            group by version)""",
        {
            "profile": profile,
            "extractor": extractor,
            "rules": rules,
            "version_ids": json.dumps(list(version_ids)),
        },
    )


def get_version(connection: sqlite3.Connection, version_id: int) -> sqlite3.Row:
    """The row of a version."""
    row: sqlite3.Row = connection.execute(
        "select * from versions where id = ?", [version_id]
    ).fetchone()
    return row


def _query_parameters(
    extractor: str,
    current_by_outlet: Mapping[str, Sequence[str]],
    article_key: str,
    after_id: int,
) -> dict[str, object]:
    return {
        "extractor": extractor,
        "current": json.dumps(
            {outlet: list(names) for outlet, names in current_by_outlet.items()}
        ),
        "article": article_key,
        "after": after_id,
    }
