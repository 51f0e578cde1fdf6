"""Versions that are not as they were sealed: what the chain itself remembers of them is put back. In the transaction of who calls.

Not for: their words (they are read again), nor for proving anything (``verify``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from harvester.archive import proof

_SEALED = """select v.id, v.article, v.sha256, v.wording, v.first_seen, v.last_seen, s.article as sealed, s.at, s.said, s.digest
from versions v join seals s on s.kind = 'version' and s.row = v.id where s.gone is null and s.said is not null"""


def changed(connection: sqlite3.Connection) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of versions, and what is to be put back: their lasting name, and when they were first seen."""
    for row in connection.execute(_SEALED):
        number, _, name, wording, first_seen, last_seen, article, at, said, digest = tuple(row)
        back = {}
        if not _is(article, name, at, said, digest):
            names = {wording, *_wordings(connection, number)}
            right = next((one for one in sorted(names) if _is(article, one, at, said, digest)), "")
            if right:
                back["sha256"] = right
        if first_seen > at:  # it may be earlier: what was merged in, or seen before
            back["first_seen"] = at
        if max(at, last_seen) != last_seen:
            back["last_seen"] = at
        if back:
            yield number, back


def _is(article: str, name: str, at: str, said: bytes, digest: bytes) -> bool:
    return proof.digest(proof.of_version(article or "", name, at, said)) == digest


def _wordings(connection: sqlite3.Connection, version: int) -> set[str]:
    return {row[0] for row in connection.execute("select wording from readings where version = ?", [version])}


def mend(connection: sqlite3.Connection) -> int:
    """Put it back. How many versions it were."""
    found = list(changed(connection))
    for number, back in found:
        sets = ", ".join(f"{name} = ?" for name in back)
        connection.execute(f"update or ignore versions set {sets} where id = ?", [*back.values(), number])
    return len(found)
