"""Words in all their forms: what the table has, who fills it, what queries find by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.queries import inflections
from harvester.archive.records import stemming, word_forms
from harvester.archive.records.word_forms import WordIndex
from harvester.ingest import word_index
from tests.support import small_archive
from tests.support.queries import find

TEXTS = {
    "fr": [
        "Les inondations menacent la vallée de l'Orne.",
        "Une inondation d'ampleur; l’eau monte près des cœurs de ville.",
        "Le cœur de l'œuvre: d'Ormesson parle à l'académie.",
        "Le vieux coeur bat.",
    ],
    "en": [
        "The flooded valley awaits ministers.",
        "A flood came; the minister's floods policy failed.",
        "Flooding was predicted.",
    ],
    "de": ["Die Häuser in der Straße brennen.", "Ein Haus an der Strasse.", "Dem Hause treu."],
    "xx": ["floods inondations Häuser"],
}  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive of these texts, an article each, named by language and number."""
    builder = small_archive.Building(tmp_path)
    for language, texts in TEXTS.items():
        for number, text in enumerate(texts):
            key = builder.article(f"https://mpi.example/{language}/{number}")
            builder.version(key, f"{language}{number}", text, language=language)
    with closing(builder.archive) as opened:
        yield opened


@pytest.fixture
def indexed(archive: Archive) -> sqlite3.Connection:
    word_index.index_all_pending(archive, WordIndex(archive.connection))
    assert word_forms.count_pending(archive.connection) == 0
    return archive.connection


def titles(connection: sqlite3.Connection, query: str, **options: bool) -> set[str]:
    return {hit.title for hit in find(connection, query, **options)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("inondation", {"fr0", "fr1", "xx0"}),
        ("INONDATIONS", {"fr0", "fr1", "xx0"}),
        ('"inondation"', {"fr1"}),
        ("inondation*", {"fr0", "fr1", "xx0"}),
        ("flood", {"en0", "en1", "en2", "xx0"}),
        ("flooded", {"en0", "en1", "en2", "xx0"}),
        ('"flooded"', {"en0"}),
        ("minister", {"en0", "en1"}),
        ("haus", {"de0", "de1", "de2", "xx0"}),
        ("Häuser", {"de0", "de1", "de2", "xx0"}),
        ("hauser", {"de0", "de1", "de2", "xx0"}),
        ("eau", {"fr1"}),
        ("l'eau", {"fr1"}),
        ("d’eau", {"fr1"}),
        ('"d\'eau"', set()),
        ("ormesson", {"fr2"}),
        ("d'Ormesson", {"fr2"}),
        ("l'inondation", {"fr0", "fr1", "xx0"}),
        ("coeur", {"fr1", "fr2", "fr3"}),
        ("cœur", {"fr1", "fr2", "fr3"}),
        ('"coeur de l\'oeuvre"', {"fr2"}),
        ('"cœur"', {"fr2", "fr3"}),
        ("cœ*", {"fr1", "fr2", "fr3"}),
        ("strasse", {"de0", "de1"}),
        ("STRASSE", {"de0", "de1"}),
        ('"straße"', {"de0", "de1"}),
        ("academie", {"fr2"}),
        ("académies", {"fr2"}),
        ("flood -minister", {"en2", "xx0"}),
        ("flood ministers", {"en0", "en1"}),
        ("text:floods OR title:de1", {"en0", "en1", "en2", "xx0", "de1"}),
        ("NEAR(flooded valley, 2)", {"en0"}),
        ("NEAR(flood valley, 2)", set()),
        ("flood lang:en", {"en0", "en1", "en2"}),
    ],
)
def test_words_are_found_in_all_forms(
    indexed: sqlite3.Connection, query: str, expected: set[str]
) -> None:
    assert titles(indexed, query) == expected


def test_exactly_as_typed(indexed: sqlite3.Connection) -> None:
    assert titles(indexed, "floods", exact=True) == {"en1", "xx0"}
    assert titles(indexed, "d'eau", exact=True) == set()
    assert titles(indexed, "coeur", exact=True) == {"fr2", "fr3"}


def test_forms_that_are_typed_come_first_by_relevance(
    indexed: sqlite3.Connection,
) -> None:
    hits = [hit.title for hit in find(indexed, "flooding", rank=True)]
    assert hits[0] == "en2"
    assert set(hits) == {"en0", "en1", "en2", "xx0"}
    snippet = next(hit for hit in find(indexed, "flooding") if hit.title == "en0")
    assert "\x02flooded\x03" in snippet.highlighted


def test_archive_that_waits_is_searched_as_typed(archive: Archive) -> None:
    """And says so, where many versions wait."""
    connection = archive.connection
    assert word_forms.count_pending(connection) == 11
    assert titles(connection, "flood") == {"en1"}
    assert inflections.describe_pending(connection) == ""
    index = WordIndex(connection)
    archive.begin()
    assert index.index_pending(3) == 3  # the newest: de1, de2, xx0
    archive.commit()
    assert titles(connection, "hause") == {"de1", "de2"}
    connection.execute(
        """
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 1100)
        insert into versions (article, number, sha256, wording, text_sha256, title, text,
            words, first_seen, last_seen)
        select (select min(key) from articles), 10 + i, i, i, '', 't', 'x', 1, '2025', '2025'
        from n"""
    )
    assert "1,108 versions" in inflections.describe_pending(connection)


def test_what_was_rolled_back_is_taken_in_again(archive: Archive) -> None:
    connection = archive.connection
    index = WordIndex(connection)
    archive.begin()
    index.index_pending(100)
    connection.rollback()
    assert not connection.execute("select 1 from word_forms").fetchone()
    word_index.index_all_pending(archive, index)
    assert titles(connection, "flood") == {"en0", "en1", "en2", "xx0"}


def test_another_stemmer_begins_anew(
    indexed: sqlite3.Connection, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = connection_rows(indexed)
    indexed.execute("insert into word_forms values ('fr', 'of another', 'stemmer')")
    monkeypatch.setattr(stemming, "RULES_VERSION", 99)
    archive.begin()
    index = WordIndex(indexed)
    index.index_pending(2)
    archive.commit()
    assert word_forms.count_pending(indexed) == 9
    word_index.index_all_pending(archive, index)
    assert connection_rows(indexed) == rows
    assert "99" in indexed.execute("select rules from derivations").fetchone()[0]


def connection_rows(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    return [tuple(row) for row in connection.execute("select * from word_forms")]


def test_versions_that_change_are_taken_in_again(
    indexed: sqlite3.Connection, archive: Archive
) -> None:
    indexed.execute("update versions set last_seen = '2026'")
    assert word_forms.count_pending(indexed) == 0
    indexed.execute("update versions set text = 'Two bridges.' where title = 'en2'")
    assert word_forms.count_pending(indexed) == 1
    word_index.index_all_pending(archive, WordIndex(indexed))
    assert titles(indexed, "bridge") == {"en2"}
    # What no version has any more goes, as after a purge.
    assert word_forms.delete_unused(indexed) > 0
    words = {row[2] for row in connection_rows(indexed)}
    assert "flooding" not in words and "flooded" in words and "bridges" in words


def test_words_are_those_of_the_index() -> None:
    """Each Latin letter is folded as SQLite's tokenizer does it."""
    letters = [chr(code) for code in range(0xC0, 0x250) if chr(code).isalpha()] + [
        chr(code) for code in range(0x1E00, 0x1F00)
    ]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "create virtual table f using fts5(t, tokenize='unicode61 remove_diacritics 2')"
        )
        connection.execute("create virtual table v using fts5vocab(f, 'instance')")
        connection.executemany(
            "insert into f (rowid, t) values (?, ?)",
            ((ord(letter), f"x{letter.lower()}x") for letter in letters),
        )
        terms = dict(connection.execute("select doc, term from v"))
    wrong = [
        letter
        for letter in letters
        if terms.get(ord(letter)) != stemming.index_form(f"x{letter.lower()}x")
    ]
    # Rare letters, which the index folds again where a query has them.
    assert set(wrong) <= set("ſǠǡẛ")
