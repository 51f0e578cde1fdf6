"""Words that are forms of one another: ``word_forms``, filled from versions.

Versions wait in ``unstemmed`` until a crawl takes them in, newest first and some at a
time: new ones, and all those of an archive that an older program made. Until then their
words are found as they are written, and in the forms that other versions have.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict

from harvester.archive.records import stemming

TABLE = "word_forms"
WORD_TABLES = (TABLE, "unstemmed", "derivations")  # all that is derived here
BATCH_SIZE = 50  # versions whose texts are in memory together
MAX_KNOWN_WORDS = 60_000  # some 5 MB; most words of a text are among them
MAX_FORMS = 60  # of one word, in all languages


def count_pending(connection: sqlite3.Connection) -> int:
    """The number of versions whose words are not in the table yet."""
    return int(connection.execute("select count(*) from unstemmed").fetchone()[0])


def has_pending(connection: sqlite3.Connection, count: int = 1) -> bool:
    """Whether at least so many versions are not in the table yet."""
    row = connection.execute(
        "select 1 from unstemmed limit 1 offset ?", [count - 1]
    ).fetchone()
    return row is not None


class WordIndex:
    """Takes in the words of pending versions; remembers those that it has.

    Belongs to one connection, and to one process that writes.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, set[str]] = defaultdict(set)  # by language
        self._last_version = 0  # of those taken in
        self._is_checked = False

    def index_pending(self, limit: int) -> int:
        """Take in some, in the caller's transaction; returns how many."""
        if not self._is_checked:
            _require_rules(self._connection)
            self._is_checked = True
        if self._was_rolled_back():
            self._known.clear()
        done = 0
        while done < limit:
            count = self._index_batch(min(BATCH_SIZE, limit - done))
            done += count
            if not count:
                break
        return done

    def _was_rolled_back(self) -> bool:
        """Whether what was taken in last waits again: then nothing is sure to be there."""
        row = self._connection.execute(
            "select 1 from unstemmed where version = ?", [self._last_version]
        ).fetchone()
        return row is not None

    def _index_batch(self, size: int) -> int:
        versions = self._connection.execute(
            """
            select u.version, v.title, v.text, v.language
            from (select version from unstemmed order by version desc limit ?) u
            cross join versions v on v.id = u.version""",
            [size],
        ).fetchall()
        words: dict[str, set[str]] = defaultdict(set)
        for version in versions:
            language = stemming.base_language(version["language"])
            if language in stemming.ALGORITHMS:
                words[language] |= stemming.list_words(version["title"])
                words[language] |= stemming.list_words(version["text"])
            self._last_version = version["version"]
        for language, of_language in words.items():
            self._add(language, of_language)
        self._connection.executemany(
            "delete from unstemmed where version = ?",
            ((version["version"],) for version in versions),
        )
        return len(versions)

    def _add(self, language: str, words: set[str]) -> None:
        new = words - self._known[language]
        self._connection.executemany(
            "insert or ignore into word_forms (language, stem, word) values (?, ?, ?)",
            (
                (language, stem, word)
                for stem, word in sorted(stemming.list_stems(new, language))
            ),
        )
        if sum(map(len, self._known.values())) > MAX_KNOWN_WORDS:
            self._known.clear()
        self._known[language] |= new


def _require_rules(connection: sqlite3.Connection) -> None:
    """Begin anew if the table was made with another stemmer."""
    rules = stemming.describe_rules()
    row = connection.execute(
        "select rules from derivations where name = ?", [TABLE]
    ).fetchone()
    if row is not None and row[0] == rules:
        return
    if row is not None:
        rebuild(connection)
    connection.execute(
        "insert or replace into derivations (name, rules) values (?, ?)", [TABLE, rules]
    )


def rebuild(connection: sqlite3.Connection) -> None:
    """Have the next crawls take in all versions."""
    connection.execute("delete from word_forms")
    connection.execute("insert or ignore into unstemmed select id from versions")


def find_forms(connection: sqlite3.Connection, word: str) -> tuple[str, ...]:
    """The forms of a word in all languages, itself left out, shortest first."""
    lowered = word.lower()
    keys = sorted(
        {
            (language, stem)
            for language in stemming.ALGORITHMS
            for stem, _ in stemming.list_stems({lowered}, language)
        }
    )
    rows = connection.execute(
        """
        select distinct f.word
        from json_each(?) k
        cross join word_forms f
            on f.language = json_extract(k.value, '$[0]')
            and f.stem = json_extract(k.value, '$[1]')
        where f.word <> ?
        order by length(f.word), f.word
        limit ?""",
        [json.dumps(keys), stemming.index_form(lowered), MAX_FORMS],
    )
    return tuple(row[0] for row in rows)


def delete_unused(connection: sqlite3.Connection) -> int:
    """Delete the words that no version has any more; returns how many rows."""
    words = [
        row[0] for row in connection.execute("select distinct word from word_forms")
    ]
    unused = [word for word in words if not _is_indexed(connection, word)]
    return connection.execute(
        "delete from word_forms where word in (select value from json_each(?))",
        [json.dumps(unused)],
    ).rowcount


def _is_indexed(connection: sqlite3.Connection, word: str) -> bool:
    row = connection.execute(
        "select 1 from versions_fts where versions_fts match ? limit 1", [f'"{word}"']
    ).fetchone()
    return row is not None
