"""One article by key or URL, its versions and duplicates; and counts that add up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harvester.archive.queries import article_pages, report
from harvester.archive.repair.diagnosis import find_faults
from harvester.archive.upkeep import optimise
from harvester.errors import NotInArchive
from tests.support import small_archive

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)


def test_a_unique_prefix_of_a_key_is_enough(
    reading: sqlite3.Connection,
) -> None:
    assert article_pages.get_article_by_key(reading, CHURCH)["key"] == CHURCH
    assert (
        article_pages.get_article_by_key(reading, CHURCH[:6].upper())["key"] == CHURCH
    )
    for prefix in (CHURCH[:5], "ffffffff", "no-key", "%%%%%%", CHURCH + "0"):
        with pytest.raises(NotInArchive):
            article_pages.get_article_by_key(reading, prefix)


def test_an_ambiguous_prefix_lists_the_articles(built: small_archive.Building) -> None:
    for end in ("0" * 10, "1" * 10):
        key = built.article(f"https://mpi.example/{end}")
        built.connection.execute("pragma foreign_keys = off")
        built.connection.execute(
            "update articles set key = ? where key = ?", [f"abcdef{end}", key]
        )
        built.version(f"abcdef{end}", f"Titre {end}", "Texte")
    with pytest.raises(NotInArchive) as raised:
        article_pages.get_article_by_key(built.connection, "abcdef")
    assert "abcdef0000000000" in str(raised.value) and "Titre 1111111111" in str(
        raised.value
    )


def test_a_url_that_was_announced_but_not_stored_says_why(
    reading: sqlite3.Connection,
) -> None:
    with pytest.raises(NotInArchive, match="gone, answered 404"):
        article_pages.get_article_by_address(reading, "courier.example/never", "…")
    assert (
        article_pages.get_article_by_address(reading, "mpi.example?p=7", "…")["key"]
        == CHURCH
    )


def test_duplicates_are_listed_for_both_articles(reading: sqlite3.Connection) -> None:
    assert article_pages.get_article_details(
        reading, article_pages.get_article_by_key(reading, CHURCH)
    )["duplicates"] == [WIRE]
    assert (
        article_pages.get_article_details(
            reading, article_pages.get_article_by_key(reading, CHURCH), 1
        )["duplicates"]
        == []
    )
    assert article_pages.get_article_details(
        reading, article_pages.get_article_by_key(reading, WIRE)
    )["duplicates"] == [CHURCH]


def test_history_has_a_class_for_each_version(reading: sqlite3.Connection) -> None:
    records = article_pages.list_version_history(
        reading, article_pages.get_article_by_key(reading, CHURCH)
    )
    assert [record["class"] for record in records] == ["first", "edited", "headline"]
    assert records[0]["sightings"] == [
        {"from": "2025-09-06T07:00:00Z", "to": "2025-09-06T07:00:00Z"}
    ]


def test_stats_add_up(reading: sqlite3.Connection) -> None:
    counts = report.get_stats(reading)
    tables = {"entries": 6, "articles": 3, "edits": 2}
    for group in (counts, *counts["outlets"].values()):
        for name in tables:
            assert group[name]["total"] == sum(
                value for part, value in group[name].items() if part != "total"
            )
    for name, total in tables.items():
        assert (
            counts[name]["total"]
            == total
            == sum(outlet[name]["total"] for outlet in counts["outlets"].values())
        )
    assert (
        counts["versions"]
        == 5
        == sum(outlet["versions"] for outlet in counts["outlets"].values())
    )


FEED = {
    "active": True, "polled": "2025-09-06T07:00:00Z", "not_before": None, "held_because": None, "outcome": "changed",
    "reason": "3 entries, 1 new", "since": "2025-09-01T07:00:00Z", "failures": 0, "read_at": "2025-09-06T07:00:00Z", "new_at": None,
    "moved_to": "", "moved_since": None, "asked": "", "wished": "", "gone_polls": 0, "parent": "", "dated_looks": 0, "dated_edits": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "description", "advice"),
    [
        ({}, "3 entries, 1 new", ""),
        ({"dated_looks": 8, "dated_edits": 1}, "are tried: 1 of 8", ""),
        ({"dated_looks": 40, "dated_edits": 30}, "prove true: 30 of 40", ""),
        ({"dated_looks": 40, "dated_edits": 3}, "are not used any more: 3 of 40", ""),
        ({"active": False}, "no longer in the settings", ""),
        ({"polled": None}, "not visited yet", "harvest once"),
        ({"outcome": "failed", "reason": "answers HTML where a feed was", "failures": 4}, "HTML where a feed was since 2025-09-01T07:00:00Z, 4 times", "harvest check"),
        ({"outcome": "refused", "reason": "robots.txt forbids it"}, "robots.txt forbids it", "ask the outlet"),
        ({"outcome": "refused", "reason": "127.0.0.1 is a private address"}, "private", "allow_networks"),
        ({"outcome": "waiting", "reason": "answered 429", "not_before": "2025-09-06T09:00:00Z", "held_because": "Retry-After"}, "rate-limited until 2025-09-06T09:00:00Z: Retry-After", "automatically"),
        ({"outcome": "gone", "reason": "answered 410 Gone"}, "410 Gone", "new URL"),
    ],
)  # fmt: skip
def test_feeds_are_described_in_words(
    changed: dict[str, object], description: str, advice: str
) -> None:
    text, todo = report.describe_feed({**FEED, **changed}, "2025-09-06T08:00:00Z", str)
    assert description in text
    assert advice in todo and bool(advice) == bool(todo)


def test_a_sound_archive_has_no_faults_and_an_unsound_one_does(
    built: small_archive.Building, tmp_path: Path
) -> None:
    def faults() -> list[str]:
        return [
            fault.message
            for fault in find_faults(built.archive.path, tmp_path)
            if fault.is_serious
        ]

    assert faults() == []
    built.row(
        "captures",
        kind="article",
        url="u",
        reached="u",
        at="2025-09-06T07:00:00Z",
        status=200,
        sha256="",
        bytes=1,
        file="x.warc.gz",
        offset=5,
        length=5,
    )
    (tmp_path / "y.warc.gz").write_bytes(b"123")
    assert ["missing" in fault for fault in faults()] == [True]
    (tmp_path / "y.warc.gz").rename(tmp_path / "x.warc.gz")
    assert ["cut short" in fault for fault in faults()] == [True]
    built.connection.execute("delete from versions_fts_docsize")
    assert any("full-text" in fault for fault in faults())
    built.connection.execute(
        "update versions_fts_data set block = zeroblob(10) where id > 10"
    )
    assert any("full-text index is damaged" in fault for fault in faults())
    optimise.optimise(built.archive.path)


def test_what_is_due(built: small_archive.Building) -> None:
    now = "2025-09-06T08:00:00Z"
    assert not optimise.is_anything_due(built.connection, now)
    built.connection.execute(
        "update feeds set due = '2025-09-06T07:59:59Z' where outlet = 'gone'"
    )
    assert not optimise.is_anything_due(
        built.connection, now
    )  # no longer in the settings
    built.connection.execute(
        "update feeds set due = '2025-09-06T08:00:00Z' where outlet = 'mpi'"
    )
    assert optimise.is_anything_due(built.connection, now)
