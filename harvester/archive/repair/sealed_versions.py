"""Restore versions that differ from how they were sealed.

Puts back what the chain itself remembers of them, and times that their sightings and
their article remember. Works in the caller's transaction. Does not restore text (it is
read again from the capture), nor prove anything; see ``integrity.verify``.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.archive.integrity import proof
from harvester.archive.repair.row_samples import RowSample

_TIME_PATTERN = re.compile(r"[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ")
_SEALED_SQL = """
select
    v.id, v.sha256, v.wording, v.first_seen, v.last_seen,
    s.article, s.at, s.said, s.digest,
    (select min(since) from sightings o where o.version = v.id),
    (select max(until) from sightings o where o.version = v.id),
    (
        select last_seen from articles a
        where a.key = v.article and a.version = v.number
    )
from {versions} v
join seals s on s.kind = 'version' and s.row = v.id
where s.gone is null and s.said is not null
"""


@dataclass(frozen=True, slots=True)
class _SealedVersion:
    """A row of versions, its seal, and what other rows say about its times."""

    id: int
    sha256: str
    wording: str
    first_seen: str
    last_seen: str
    sealed_article: str | None
    sealed_at: str
    text_digest: bytes
    digest: bytes
    sighted_since: str | None
    sighted_until: str | None
    article_last_seen: str | None  # of its article, if it is the current version

    def has_sealed_digest(self, sha256: str) -> bool:
        """Whether the row has the digest it was sealed with, given its ``sha256``."""
        canonical_form = proof.canonical_version(
            self.sealed_article or "", sha256, self.sealed_at, self.text_digest
        )
        return proof.digest(canonical_form) == self.digest


def find_changed_versions(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield ids of changed versions, and the values to restore: column → value."""
    sql = _SEALED_SQL.format(versions=sample.source("versions"))
    for row in connection.execute(sql):
        version = _SealedVersion(*row)
        values = _find_sealed_times(version)
        if not version.has_sealed_digest(version.sha256):
            wordings = {version.wording, *_list_wordings(connection, version.id)}
            for wording in sorted(wordings):
                if version.has_sealed_digest(wording):
                    values = {"sha256": wording, **values}
                    break
        if values:
            yield version.id, values


def _find_sealed_times(version: _SealedVersion) -> dict[str, str]:
    """Return the times that contradict the seal, with the values to restore."""
    times = {}
    sealed_at, until = version.sealed_at, version.sighted_until
    # It may be earlier than sealed (merged in, or seen before); its sightings are too.
    if (
        version.first_seen > sealed_at
        or not _TIME_PATTERN.fullmatch(version.first_seen)
        or version.first_seen != version.sighted_since == sealed_at
    ):
        times["first_seen"] = sealed_at
    plausible = until and until >= sealed_at and _TIME_PATTERN.fullmatch(until)
    if (
        version.last_seen < sealed_at
        or not _TIME_PATTERN.fullmatch(version.last_seen)
        or (version.last_seen != until == version.article_last_seen and plausible)
    ):
        times["last_seen"] = until if until and plausible else sealed_at
    return times


def _list_wordings(connection: sqlite3.Connection, version_id: int) -> list[str]:
    rows = connection.execute(
        "select wording from readings where version = ?", [version_id]
    )
    return [row[0] for row in rows]


def repair_sealed_versions(connection: sqlite3.Connection) -> int:
    """Restore all changed versions; return how many."""
    changed = list(find_changed_versions(connection, RowSample(connection)))
    for version_id, values in changed:
        assignments = ", ".join(f"{column} = ?" for column in values)
        connection.execute(
            f"update or ignore versions set {assignments} where id = ?",
            [*values.values(), version_id],
        )
    return len(changed)
