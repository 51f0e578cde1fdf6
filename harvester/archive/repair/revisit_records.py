"""Find and repair captures whose body another capture's record holds, or should hold.

A capture that lost it is given to another one with the same body; else its body is
lost. Its revisit record stays in the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

# Captures ``c`` that refer to a capture ``o`` that does not hold their body.
_BROKEN_SQL = """
{captures} c left join main.captures o on o.id = c.body_of
where c.body_of is not null and c.file is not null and (
    o.id is null or o.file is null or o.body_of is not null or o.sha256 <> c.sha256
)
"""


def has_references(connection: sqlite3.Connection) -> bool:
    """Whether captures refer to others; archives of older programs have no such."""
    row = connection.execute(
        "select 1 from pragma_table_info('captures') where name = 'body_of'"
    ).fetchone()
    return row is not None


def count_broken_references(connection: sqlite3.Connection, captures: str) -> int:
    """Count captures whose body is not where they say, among rows of a sample."""
    if not has_references(connection):
        return 0
    row = connection.execute(
        f"select count(*) from {_BROKEN_SQL.format(captures=captures)}"
    ).fetchone()
    return int(row[0])


def repair_references(
    connection: sqlite3.Connection, restored_ids: Iterable[int] = ()
) -> tuple[int, list[str]]:
    """Point captures to one that holds their body, in the caller's transaction.

    ``restored_ids``: captures with a revisit record whose reference is not known.
    Returns how many were found, and those whose body is lost: URL and time.
    """
    if not has_references(connection):
        return 0, []
    connection.execute(
        "update captures set body_of = null where body_of is not null and file is null"
    )
    broken = connection.execute(
        f"""
        select c.id, c.sha256 from {_BROKEN_SQL.format(captures="main.captures")}
        union
        select id, sha256 from main.captures where id in (select value from json_each(?))
        order by 1
        """,
        [json.dumps(list(restored_ids))],
    ).fetchall()
    if not broken:
        return 0, []
    digests = json.dumps(sorted({str(digest) for _, digest in broken}))
    holders = dict(
        connection.execute(
            """
            select sha256, max(id) from captures
            where file is not null and body_of is null and not truncated
                and id not in (select value from json_each(:broken))
                and sha256 in (select value from json_each(:digests))
            group by sha256
            """,
            {
                "digests": digests,
                "broken": json.dumps([capture_id for capture_id, _ in broken]),
            },
        ).fetchall()
    )
    lost = []
    for capture_id, digest in broken:
        connection.execute(
            "update captures set body_of = ? where id = ?",
            [holders.get(digest), capture_id],
        )
        if digest not in holders:
            lost.append(_give_up(connection, capture_id))
    return len(broken) - len(lost), lost


def _give_up(connection: sqlite3.Connection, capture_id: int) -> str:
    """Forget a body that is lost; its article is fetched whole next time."""
    connection.execute(
        """
        update captures set file = null, offset = null, length = null, request = null
        where id = ?
        """,
        [capture_id],
    )
    connection.execute(
        """
        update articles set etag = '', last_modified = '', sha256 = ''
        where capture = ?
        """,
        [capture_id],
    )
    url, at = connection.execute(
        "select url, at from captures where id = ?", [capture_id]
    ).fetchone()
    return f"{url}, received at {at}: the record that held its body"
