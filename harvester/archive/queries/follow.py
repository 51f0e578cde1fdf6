"""The hits of a query as they are archived: none missed, none twice.

A follower is asked again and again. It knows the ids of the versions last seen, and what
they are: where the newest were purged or split off, their ids may be given anew, and it
goes on behind the last version that is still what it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from harvester.archive.queries import inflections
from harvester.archive.queries.conditions import build_conditions
from harvester.archive.queries.search import Hit, load_hits, require_known_outlets
from harvester.query.tree import Node

MAX_KNOWN = 1_000  # of the newest versions


class Follower:
    """Finds what was archived since it last looked; at first, since it was made.

    ``connection`` is in no transaction. Raises QueryError for an unknown outlet.
    """

    def __init__(
        self, connection: sqlite3.Connection, query: Node, exact: bool = False
    ) -> None:
        self._connection = connection
        self._query = query
        self._exact = exact
        self._data_version = 0
        with self._snapshot():
            require_known_outlets(connection, query)
            self._known = self._list_newest(0)

    def has_news(self) -> bool:
        """Whether anything was written since the last call."""
        row = self._connection.execute("pragma data_version").fetchone()
        has_changed: bool = self._data_version != row[0]
        self._data_version = row[0]
        return has_changed

    def list_new_hits(self, now: str) -> list[Hit]:
        """The versions that match and were stored since the last call, oldest first."""
        with self._snapshot():
            last = self._get_last_known()
            newest = self._list_newest(last)
            tree = inflections.choose_forms(self._connection, self._query, self._exact)
            conditions = build_conditions(tree, now)
            rows = self._connection.execute(
                f"""
                select v.id from versions v
                join articles a on a.key = v.article
                where v.id > :behind and {conditions.match} {conditions.filters}
                order by v.id""",
                {**conditions.parameters, "behind": last},
            )
            ids = [row[0] for row in rows]
            hits = load_hits(self._connection, conditions, ids)
        seen = set(self._known.values())
        self._known = dict(
            sorted({**self._still_known(last), **newest}.items())[-MAX_KNOWN:]
        )
        return [hit for hit in hits if (hit.article, hit.version) not in seen]

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        self._connection.execute("begin")
        try:
            yield
        finally:
            self._connection.execute("commit")

    def _list_newest(self, behind: int) -> dict[int, tuple[str, int]]:
        """Version id → article and number, of the newest."""
        rows = self._connection.execute(
            "select id, article, number from versions where id > ? "
            "order by id desc limit ?",
            [behind, MAX_KNOWN],
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def _get_last_known(self) -> int:
        """The highest id that still is what it was."""
        for number in sorted(self._known, reverse=True):
            row = self._connection.execute(
                "select article, number from versions where id = ?", [number]
            ).fetchone()
            if row is not None and tuple(row) == self._known[number]:
                return number
        return 0

    def _still_known(self, last: int) -> dict[int, tuple[str, int]]:
        return {number: name for number, name in self._known.items() if number <= last}
