"""A full-text index of a few versions, in memory, that answers as the archive's own does.

For a prefix SQLite merges the lists of all words that begin with it, anew in every
query: dear in the archive's index, cheap in one of a few texts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing

from harvester.archive.schema import FTS_COLUMNS, FTS_TOKENIZER

TEXT_COLUMN = FTS_COLUMNS.index("text")


def split_words(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text, in order, as the archive's index would have them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            f"create virtual table texts using fts5(text, tokenize='{FTS_TOKENIZER}')"
        )
        connection.execute(
            "create virtual table words using fts5vocab(texts, instance)"
        )
        connection.executemany(
            "insert into texts (rowid, text) values (?, ?)", enumerate(texts)
        )
        words: list[list[str]] = [[] for _ in texts]
        for number, term in connection.execute(
            "select doc, term from words order by doc, offset"
        ):
            words[number].append(term)
    return words


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

    def list_words(self) -> list[str]:
        """All words of the versions, as the index has them."""
        self._connection.execute(
            "create virtual table words using fts5vocab(versions_fts, row)"
        )
        return [row[0] for row in self._connection.execute("select term from words")]

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
