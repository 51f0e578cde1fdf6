"""Words of scripts without spaces are found, although the index has no such words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.queries import unspaced
from harvester.archive.queries.search import (
    HIGHLIGHT_END,
    HIGHLIGHT_START,
    count_hits,
    describe_scan,
)
from harvester.errors import QueryError
from tests.support import small_archive
from tests.support.observer import Observer, page
from tests.support.queries import find, parse

CHINESE = ["市议会昨晚就旧桥的关闭进行了投票，会议持续到深夜，居民们在大厅里等候结果。", "市长表示，新桥将在明年春天开工，AI技术将用于监测车流。"] * 3  # fmt: skip
JAPANESE = ["市議会は昨夜、古い橋の閉鎖について採決し、東京都の住民は結果を待った。", "市長は来年の春に新しい橋の工事が始まると述べた。"] * 3  # fmt: skip
THAI = ["สภาเมืองลงมติเมื่อคืนนี้เรื่องการปิดสะพานเก่าหลังจากการอภิปรายอันยาวนาน", "นายกเทศมนตรีกล่าวว่าสะพานใหม่จะเริ่มก่อสร้างในปีหน้า"] * 3  # fmt: skip
ENGLISH = [
    "The council voted last night on the old bridge, which people from 東京 came to see."
] * 6
LATER = "2025-09-07T08:00:00Z"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Observer:
    observer = Observer(tmp_path_factory.mktemp("paper"))
    for path, lines in {
        "/zh": CHINESE,
        "/ja": JAPANESE,
        "/th": THAI,
        "/en": ENGLISH,
    }.items():
        observer.put(path, page(f"Story {path[1:]}", lines), f"Story {path[1:]}")
    observer.crawl("2025-09-06T08:00:00Z")
    observer.put(
        "/zh", page("Story zh", [line.replace("旧桥", "古道") for line in CHINESE])
    )
    observer.crawl(LATER)
    return observer


@pytest.fixture
def reading(paper: Observer) -> Iterator[sqlite3.Connection]:
    with paper.reading() as connection:
        yield connection


def search_pages(
    connection: sqlite3.Connection, query: str, **options: object
) -> list[str]:
    hits = find(connection, query, **options)  # type: ignore[arg-type]
    return [hit.url.rpartition("/")[2] for hit in hits]


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("市长", ["zh"]),
        ("市長", ["ja"]),
        ("古道", ["zh"]),
        ("旧桥", ["zh"]),  # in the earlier version
        ("สะพาน", ["th"]),
        ("ai技术", ["zh"]),  # case does not matter
        ("東京", ["en", "ja"]),
        ("東京 council", ["en"]),  # the index finds the other word
        ("東京 counc*", ["en"]),
        ("東京 -council", ["ja"]),
        ("東京 NOT (council OR 採決)", []),
        ("สะพาน OR 市长 OR 採決", ["ja", "th", "zh"]),
        ('"旧桥的关闭"', ["zh"]),
        ("投票 深夜", ["zh"]),
        ("投票 採決", []),
        ("東京都%", ["ja"]),  # not a wildcard
        ("鉄道", []),
    ],
)
def test_hits_of_a_query(
    reading: sqlite3.Connection, query: str, pages: list[str]
) -> None:
    assert sorted(search_pages(reading, query)) == pages
    assert sorted(search_pages(reading, query, rank=True)) == pages


def test_filters_and_order_are_those_of_any_search(
    reading: sqlite3.Connection,
) -> None:
    assert search_pages(reading, "旧桥", scope="current") == []
    assert [hit.latest for hit in find(reading, "旧桥")] == [False]
    assert search_pages(reading, "市长", scope="all") == ["zh", "zh"]
    assert [hit.first_seen for hit in find(reading, "市长", scope="all")] == [
        LATER,
        "2025-09-06T08:00:00Z",
    ]
    assert search_pages(reading, "東京", since=LATER) == [] and search_pages(
        reading, "市长", since=LATER
    ) == ["zh"]
    assert len(search_pages(reading, "東京", limit=1)) == 1
    assert search_pages(reading, "東京 outlet:paper") and search_pages(
        reading, "東京", collapse_duplicates=True
    )


def test_matching_words_are_highlighted(reading: sqlite3.Connection) -> None:
    [hit] = find(reading, "深夜")
    assert (
        f"{HIGHLIGHT_START}深夜{HIGHLIGHT_END}" in hit.highlighted
        and "旧桥的关闭" in hit.snippet.replace("古道", "旧桥")
    )


def test_only_the_newest_versions_are_scanned_as_described(
    paper: Observer, reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "newest 60,000 versions" in describe_scan(
        parse("市长"), LATER
    ) and "newest 30,000 " in describe_scan(parse("市长 東京"), LATER)
    monkeypatch.setattr(unspaced, "MAX_SCANNED_VERSIONS", 1)
    monkeypatch.setattr(unspaced, "MIN_SCANNED_VERSIONS", 1)
    assert (
        search_pages(reading, "市长") == ["zh"] and search_pages(reading, "東京") == []
    )
    assert "市" not in paper.run("search", "bridge", "--json")


def test_versions_in_other_languages_hide_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are newer; of these the newest are looked at too."""
    monkeypatch.setattr(unspaced, "MAX_SCANNED_VERSIONS", 12)
    monkeypatch.setattr(unspaced, "MIN_SCANNED_VERSIONS", 1)
    builder = small_archive.Building(tmp_path)
    texts = [
        ("市长今天宣布", "zh-Hans"),
        ("Le maire (市长) parle", "fr"),
        *[("Le pont rouvre", "fr")] * 20,
        ("Le maire (市长) se tait", "fr"),
    ]
    for number, (text, language) in enumerate(texts):
        key = builder.article(f"https://mpi.example/{number}")
        builder.version(key, str(number), f"{text} {number}.", language=language)
    with closing(builder.archive) as archive:
        found = {hit.title for hit in find(archive.connection, "市长")}
        assert found == {"0", "22"}
        assert count_hits(archive.connection, parse("市长"), LATER) == 2
        plan = archive.connection.execute(
            f"explain query plan select id from versions where {unspaced.LANGUAGES_SQL}"
        ).fetchall()
        assert "versions_unspaced" in str([tuple(row) for row in plan])


@pytest.mark.parametrize(
    "query", ["東京 AND", "(東京", '"東京', "-東京", "東京 " * 300]
)
def test_an_invalid_query_is_refused(reading: sqlite3.Connection, query: str) -> None:
    with pytest.raises(QueryError):
        find(reading, query)
