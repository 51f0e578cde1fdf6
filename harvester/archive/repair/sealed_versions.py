"""Versions that are not as they were sealed: what the chain itself remembers of them is put back, and times that their sightings
and their article remember. In the transaction of who calls.

Not for: their words (they are read again), nor for proving anything (``verify``).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from harvester.archive.integrity import proof

_TIME_PATTERN = re.compile(r"[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ")
_SEALED_SQL = """select v.id, v.article, v.sha256, v.wording, v.first_seen, v.last_seen, s.article as sealed, s.at, s.said, s.digest,
(select min(since) from sightings o where o.version = v.id), (select max(until) from sightings o where o.version = v.id),
(select last_seen from articles a where a.key = v.article and a.version = v.number)
from versions v join seals s on s.kind = 'version' and s.row = v.id where s.gone is null and s.said is not null"""


def find_changed_versions(
    connection: sqlite3.Connection,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of versions, and what is to be put back: their lasting name, and when they were first seen."""
    for row in connection.execute(_SEALED_SQL):
        (
            number,
            _,
            name,
            wording,
            first_seen,
            last_seen,
            article,
            at,
            said,
            digest,
            since,
            until,
            stood,
        ) = tuple(row)
        back = {}
        if not _matches_digest(article, name, at, said, digest):
            names = {wording, *_list_wordings(connection, number)}
            right = next(
                (
                    one
                    for one in sorted(names)
                    if _matches_digest(article, one, at, said, digest)
                ),
                "",
            )
            if right:
                back["sha256"] = right
        # It may be earlier, then its sightings are too: what was merged in, or seen before.
        if (
            first_seen > at
            or not _TIME_PATTERN.fullmatch(first_seen)
            or (first_seen != since == at)
        ):
            back["first_seen"] = at
        known = (
            until if until and until >= at and _TIME_PATTERN.fullmatch(until) else ""
        )
        if (
            last_seen < at
            or not _TIME_PATTERN.fullmatch(last_seen)
            or (last_seen != until == stood and known)
        ):
            back["last_seen"] = known or at
        if back:
            yield number, back


def _matches_digest(
    article_key: str, version_digest: str, at: str, text_digest: bytes, digest: bytes
) -> bool:
    return (
        proof.digest(
            proof.canonical_version(article_key or "", version_digest, at, text_digest)
        )
        == digest
    )


def _list_wordings(connection: sqlite3.Connection, version_id: int) -> set[str]:
    return {
        row[0]
        for row in connection.execute(
            "select wording from readings where version = ?", [version_id]
        )
    }


def repair_sealed_versions(connection: sqlite3.Connection) -> int:
    """Put it back. How many versions it were."""
    found = list(find_changed_versions(connection))
    for number, back in found:
        sets = ", ".join(f"{name} = ?" for name in back)
        connection.execute(
            f"update or ignore versions set {sets} where id = ?",
            [*back.values(), number],
        )
    return len(found)
