"""Groups of articles, against counts made one article at a time."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from harvester.archive.queries import statistics
from harvester.errors import HarvesterError
from harvester.query import parse_query
from tests.support import small_archive

NOW = "2025-09-10T12:00:00Z"


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    building = small_archive.village(tmp_path)
    for number in range(30):
        at = f"2025-0{7 + number % 3}-{1 + number % 28:02}T0{number % 10}:00:00Z"
        outlet = ("mpi", "courier")[number % 2]
        key = building.article(
            f"https://{outlet}.example/more/{number}", outlet, at,
            state="removed" if number % 7 == 0 else "live",
        )  # fmt: skip
        first = building.version(
            key, f"More {number}", "well " * (number + 1), at, current=number % 3 > 0,
            published=None if number % 4 else f"2024-12-{30 + number % 2}T23:30:00Z",
            language=("fr", "en")[number % 2], sections=f'["s{number % 2}", "all"]',
        )  # fmt: skip
        if number % 3 == 0:
            later = f"2025-09-{9 + number % 2:02}T11:30:00Z"
            second = building.version(key, f"More {number}!", "river " * 7, later)
            building.row(
                "changes", article=key, at=later, kind="edited", before=first,
                after=second, silent=number % 2, **{"class": "typo"},
            )  # fmt: skip
    building.connection.execute(
        "insert or ignore into clusters select key, key, 'AFP' from articles where id % 5 = 0"
    )
    building.done()
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.row_factory = sqlite3.Row
    return connection


def _naive(connection: sqlite3.Connection, by: tuple[str, ...]) -> dict[Any, Any]:
    """The same counts, article by article."""
    groups: dict[Any, list[Any]] = {}
    for article in connection.execute("select * from articles").fetchall():
        versions = connection.execute(
            "select * from versions where article = ? and number = ?",
            [article["key"], article["version"]],
        ).fetchall()
        if not versions:
            continue
        (version,) = versions
        shown = min(
            version["published"] or version["first_seen"], version["first_seen"]
        )
        day = date.fromisoformat(shown[:10])
        values = {
            "day": shown[:10], "month": shown[:7], "year": shown[:4],
            "week": str(day - timedelta(days=day.weekday())),
            "outlet": article["outlet"], "lang": version["language"],
            "state": article["state"].replace("live", "online"),
        }  # fmt: skip
        groups.setdefault(tuple(values[name] for name in by), []).append(
            (article, version)
        )
    counted = {}
    for names, members in groups.items():
        keys = [article["key"] for article, _ in members]
        edits = [
            connection.execute(
                "select at, silent from changes where article = ? and kind <> 'fields'",
                [key],
            ).fetchall()
            for key in keys
        ]
        delays = [
            (datetime.fromisoformat(min(row["at"] for row in own)) - datetime.fromisoformat(article["first_seen"])).total_seconds() / 3600
            for own, (article, _) in zip(edits, members, strict=True)
            if own
        ]  # fmt: skip
        counted[names] = {
            "articles": len(members),
            "words": sum(version["words"] for _, version in members),
            "edits": sum(map(len, edits)),
            "silent": sum(row["silent"] or 0 for own in edits for row in own),
            "first_edit_hours": round(median(max(0, delay) for delay in delays), 2)
            if delays
            else None,
            "removed": sum(article["state"] == "removed" for article, _ in members),
        }
    return counted


BY = [
    (),
    ("month",),
    ("week", "outlet"),
    ("outlet", "day"),
    ("year", "state"),
    ("lang",),
]


@pytest.mark.parametrize("by", BY, ids=str)
def test_groups_are_what_articles_add_up_to(
    by: tuple[str, ...], connection: sqlite3.Connection
) -> None:
    groups = statistics.list_groups(connection, by, None, NOW)
    expected = _naive(connection, by)
    assert [tuple(group.names.values()) for group in groups] == sorted(expected)
    for group in groups:
        record = group.to_dict()
        own = expected[tuple(group.names.values())]
        assert {name: record[name] for name in own} == own


@pytest.mark.parametrize("by", [by for by in BY if by != ("lang",)], ids=str)
def test_many_articles_are_counted_alike_but_for_words(
    by: tuple[str, ...],
    connection: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for typed in (None, "well", "outlet:courier", "published:2025-08"):
        tree = parse_query(typed, datetime.fromisoformat(NOW)) if typed else None
        few = [g.to_dict() for g in statistics.list_groups(connection, by, tree, NOW)]
        with monkeypatch.context() as patched:
            patched.setattr(statistics, "MAX_READ", 3)
            many = [g.to_dict() for g in statistics.list_groups(connection, by, tree, NOW)]  # fmt: skip
        assert few and [{**group, "words": None} for group in few] == many


def test_what_only_rows_tell_is_refused_for_many(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "MAX_READ", 3)
    with pytest.raises(HarvesterError, match="too many to count by lang"):
        statistics.list_groups(connection, ("lang",), None, NOW)


def test_a_query_and_sections_and_agencies(connection: sqlite3.Connection) -> None:
    tree = parse_query("well outlet:mpi", datetime.fromisoformat(NOW))
    groups = {
        group.names["section"]: group.articles
        for group in statistics.list_groups(connection, ("section",), tree, NOW)
    }
    # Five were edited since, and their current versions name no section.
    assert groups == {"s0": 10, "all": 10, "": 5}
    agencies = statistics.list_groups(connection, ("agency",), None, NOW)
    named = {group.names["agency"]: group for group in agencies}
    assert named["AFP"].articles == named["AFP"].agencies > 0
    assert named[""].agencies == 0
