"""A full-text index of a few versions, in memory, that answers as the archive's own does.

For a prefix SQLite merges the lists of all words that begin with it, anew in every
query: dear in the archive's index, cheap in one of a few texts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from harvester.archive.schema import FTS_COLUMNS, FTS_TOKENIZER

TEXT_COLUMN = FTS_COLUMNS.index("text")


class SmallIndex:
    """The index of some versions, named by their ids; close it after use."""

    def __init__(self, archive: sqlite3.Connection, version_ids: Iterable[int]) -> None:
        columns = ", ".join(FTS_COLUMNS)
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(
            f"""
            create virtual table versions_fts
            using fts5({columns}, tokenize='{FTS_TOKENIZER}')"""
        )
        rows = archive.execute(
            f"""
            select id, {columns} from versions
            where id in (select value from json_each(?))""",
            [json.dumps(list(version_ids))],
        )
        self._connection.executemany(
            f"""
            insert into versions_fts (rowid, {columns})
            values (?{", ?" * len(FTS_COLUMNS)})""",
            (tuple(row) for row in rows),
        )

    def list_matches(self, expression: str, order: str) -> list[int]:
        """The ids of the versions that match; ``order``: of SQL."""
        rows = self._connection.execute(
            f"""
            select rowid from versions_fts
            where versions_fts match ?
            order by {order}""",
            [expression],
        )
        return [row[0] for row in rows]

    def has_match(self, expression: str) -> bool:
        """Whether any version matches an FTS5 expression."""
        row = self._connection.execute(
            "select 1 from versions_fts where versions_fts match ? limit 1",
            [expression],
        ).fetchone()
        return row is not None

    def list_snippets(
        self, expression: str, begin: str, end: str, words: int
    ) -> dict[int, str]:
        """The snippet of each version that matches; see FTS5's ``snippet``."""
        rows = self._connection.execute(
            f"""
            select rowid, snippet(versions_fts, {TEXT_COLUMN}, :begin, :end, '…', :words)
            from versions_fts
            where versions_fts match :match""",
            {"match": expression, "begin": begin, "end": end, "words": words},
        )
        return {row[0]: row[1] for row in rows}

    def close(self) -> None:
        """Free its memory."""
        self._connection.close()
