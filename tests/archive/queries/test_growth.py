"""What pages and commands read does not grow with the archive.

Counted are the steps of SQLite's virtual machine, on a small archive and on one of ten
times as many articles. In both, all that a filter chooses is old: newest first, a query
that has no index for its filter walks over everything else. And no plan may scan a large
table without a limit.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import (
    announced_words,
    change_sums,
    changes,
    clusters,
    full_article,
    matches,
    mementos,
    overview,
    removal_cases,
    report,
    table_sizes,
)
from harvester.archive.records import event_ids
from harvester.schedule.times import format_time
from tests.support import small_archive
from tests.support.queries import NOW, find, parse

SMALL, LARGE = 120, 1_200  # articles
MAX_GROWTH = 1.5
SLACK_STEPS = 2_000  # what a query costs at all
STEP = 10  # SQLite counts so many steps at once
FIRST = small_archive.key_of("https://courier.example/news/0")
LARGE_TABLES = {
    "articles", "versions", "urls", "entries", "captures", "readings", "sightings",
    "changes", "events", "looks", "copies", "clusters", "seals", "samples", "shingles",
    "versions_fts_docsize", "announcements", "announcements_fts_docsize",
    "entries_fts_docsize",
}  # fmt: skip

Query = Callable[[sqlite3.Connection], object]


def _changes(db: sqlite3.Connection, query: str = "", **options: Any) -> object:
    tree = parse(query) if query else None
    chosen = changes.ChangeFilter(tree, **options)
    return changes.list_changes(db, chosen, format_time(NOW))


def _removals(db: sqlite3.Connection, **options: Any) -> object:
    chosen = changes.ChangeFilter(**options)
    return removal_cases.list_cases(db, chosen, format_time(NOW), 20)


def _copies(db: sqlite3.Connection, **options: Any) -> object:
    chosen = clusters.ClusterFilter(**options)
    found, _ = clusters.list_first_keys(db, chosen, format_time(NOW), 30)
    keys = [key for _, key in found]
    return clusters.load_clusters(db, keys), clusters.count_followers(db, keys)


QUERIES: dict[str, Query] = {
    "latest articles": lambda db: overview.list_latest_articles(db, 18),
    "of an outlet": lambda db: overview.list_latest_articles(db, 18, "courier"),
    "latest edits": lambda db: overview.list_latest_events(db, ("edited",), 6),
    "silent edits by outlet": lambda db: change_sums.count_by_outlet(
        db, changes.ChangeFilter(silent=True, since="2026-11-01"), format_time(NOW)
    ),
    "edits of an outlet": lambda db: overview.list_latest_events(
        db, event_ids.LISTED_KINDS, 40, "courier"
    ),
    "older edits": lambda db: overview.list_latest_events(
        db, event_ids.LISTED_KINDS, 40, "", 30
    ),
    "totals": overview.count_totals,
    "outlets": report.list_outlets,
    "one outlet": lambda db: report.list_outlets(db, ("courier",)),
    "outcomes": lambda db: overview.count_outcomes(db, "mpi"),
    "statistics": report.get_stats,
    "announced words": lambda db: announced_words.search_announced(
        db, parse("another common"), "2026-03-04T12:30:00Z", limit=20
    ),
    "listed changes": lambda db: _changes(db),
    "listed changes of a kind": lambda db: _changes(db, kinds=("returned", "removed")),
    "listed changes of an outlet": lambda db: _changes(db, outlets=("courier",)),
    "listed changes of a class": lambda db: _changes(db, classes=("correction",)),
    "listed admitted changes": lambda db: _changes(db, silent=False),
    "listed changes until": lambda db: _changes(db, until="2026-01-02T00:00:00Z"),
    "changes with a rare word": lambda db: _changes(db, "rareword"),
    "changes with a frequent word": lambda db: _changes(db, "common"),
    "changes that added a word": lambda db: _changes(db, "added:rareword"),
    "changes with a word in an outlet": lambda db: _changes(db, "common outlet:courier"),
    "changes with a word, of a class": lambda db: _changes(db, "common class:correction"),
    "changes of what was removed": lambda db: _changes(db, "is:removed"),
    "changes of an article": lambda db: _changes(db, f"key:{FIRST}"),
    "changes behind a cursor": lambda db: _changes(
        db, after=changes.ChangeCursor("2026-01-18T07:00:00Z", 1)
    ),
    "what feeds changed": lambda db: _changes(
        db, kinds=("announced",), outlets=("mpi",)
    ),
    "removals": lambda db: _removals(db),
    "removals of an outlet": lambda db: _removals(
        db, outlets=("courier",), kinds=("removed",)
    ),
    "open suspicions": lambda db: _removals(db, kinds=("suspect",)),
    "removals counted": lambda db: removal_cases.count_cases(
        db, changes.ChangeFilter(), format_time(NOW)
    ),
    "silent edits of a day of old": lambda db: change_sums.count_by_outlet(
        db,
        changes.ChangeFilter(
            silent=True, since="2025-12-31T00:00:00Z", until="2026-01-01T00:00:00Z"
        ),
        format_time(NOW),
    ),
    "largest changes": lambda db: change_sums.list_largest(
        db, changes.ChangeFilter(since="2026-11-01"), format_time(NOW)
    ),
    "copies": lambda db: _copies(db),
    "copies behind a cursor": lambda db: _copies(
        db, after=changes.ChangeCursor("2026-01-18T06:00:00Z", 1)
    ),
    "copies of an outlet": lambda db: _copies(db, outlets=("gone",)),
    "copies with a rare word": lambda db: _copies(db, query=parse("rareword")),
    "an article": lambda db: full_article.get_full_article(db, FIRST, None, 7),
    "states of an article": lambda db: mementos.list_mementos(db, FIRST, True),
    "rows of tables": lambda db: table_sizes.count_rows(db, ["articles", "entries"]),
    "rare word": lambda db: find(db, "rareword"),
    "frequent word": lambda db: find(db, "common"),
    "prefix": lambda db: find(db, "rarew*"),
    "two words": lambda db: find(db, "rareword common"),
    "word in an outlet": lambda db: find(db, "common", outlets=["courier"]),
    "no words": lambda db: find(db, "lang:fr"),
    "no words, a day": lambda db: find(db, "published:2026-01-02 lang:fr"),
    "no words, removed": lambda db: find(db, "is:removed"),
    "words added": lambda db: find(db, "added:rareword"),
    "word since": lambda db: find(
        db, "common", since="2026-02-01T00:00:00Z"
    ),
}  # fmt: skip


def _build(folder: Path, count: int) -> Path:
    """The outlet ``courier`` has the oldest articles, with all that is rare."""
    folder.mkdir()
    building = small_archive.Building(folder)
    building.archive.begin()
    for number in range(count):
        is_old = number < 10
        outlet = "courier" if is_old else "mpi"
        at = f"2026-01-{number * 20 // count + 1:02}T07:00:00Z"
        key = building.article(
            f"https://{outlet}.example/news/{number}",
            outlet,
            at,
            state="removed" if is_old else "live",
        )
        words = "A common text, rareword too" if is_old else "A common text"
        first = building.version(key, f"Title {number}", f"{words} {number}", at)
        second = building.version(key, f"Title {number}", f"{words}, {number}", at)
        building.edit(
            key,
            first,
            second,
            at,
            sentences=json.dumps({"added": ["a"]}),
            **{"class": "correction" if is_old else "substantive"},
            silent=int(not is_old),
        )
        if is_old:
            building.event("removed", key, at)
            building.row("looks", article=key, at=at, outcome="gone", missed=1)
            building.row("clusters", article=key, cluster=FIRST)
        building.entry(
            "https://mpi.example/feed/", "new" if number % 5 else "blocked", article=key
        )
        building.announced(f"Title {number}", f"Another common title {number}", at)
        building.row(
            "captures", kind="article", url=f"https://{outlet}.example/news/{number}",
            reached="", at=at, status=200, sha256="", bytes=1, outlet=outlet,
        )  # fmt: skip
    building.archive.commit()
    building.connection.execute("analyze")
    return building.done()


@pytest.fixture(scope="module")
def archives(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    folder = tmp_path_factory.mktemp("growth")
    small, large = (
        open_reader(_build(folder / str(count), count)) for count in (SMALL, LARGE)
    )
    yield small, large
    small.close()
    large.close()


def _count_steps(connection: sqlite3.Connection, query: Query) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += STEP
        return 0

    connection.set_progress_handler(count, STEP)
    try:
        query(connection)
    finally:
        connection.set_progress_handler(None, STEP)
    return steps


# Reads the list of the word's versions, which is cheap, to find those of the outlet.
GROWING = {"word in an outlet"}


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - GROWING))
def test_ten_times_as_many_articles_take_no_more_steps(
    archives: tuple[sqlite3.Connection, sqlite3.Connection],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(clusters, "MAX_WALKED_VERSIONS", SMALL // 2)
    monkeypatch.setattr(matches, "MAX_RARE_HITS", SMALL // 4)
    monkeypatch.setattr(matches, "FIRST_SORTED_ROWS", SMALL // 8)
    monkeypatch.setattr(announced_words, "MAX_CANDIDATES", SMALL // 2)
    monkeypatch.setattr(event_ids, "ANNOUNCED_PER_HIT", 2)
    monkeypatch.setattr(changes, "MAX_RARE_VERSIONS", SMALL // 4)
    small, large = (_count_steps(archive, QUERIES[name]) for archive in archives)
    assert large <= MAX_GROWTH * small + SLACK_STEPS


def test_counting_steps_tells_a_query_that_grows(
    archives: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    def scan(connection: sqlite3.Connection) -> object:
        return connection.execute(
            "select count(*) from events where note = 'x'"
        ).fetchall()

    small, large = (_count_steps(archive, scan) for archive in archives)
    assert large > MAX_GROWTH * small + SLACK_STEPS


def _get_table(sql: str, name: str) -> str:
    """The table of an alias in a statement, or the name itself."""
    aliased = re.search(rf"(?:from|join)\s+(\w+)\s+{name}\b", sql)
    return aliased[1] if aliased else name


@pytest.mark.parametrize("name", QUERIES)
def test_no_large_table_is_scanned_without_a_limit(
    archives: tuple[sqlite3.Connection, sqlite3.Connection], name: str
) -> None:
    connection = archives[1]
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    QUERIES[name](connection)
    connection.set_trace_callback(None)
    scans = [
        f"{detail}: {sql}"
        for sql in statements
        if re.match(r"\s*(select|with)", sql)
        for (_, _, _, detail) in connection.execute(f"explain query plan {sql}")
        if (scanned := re.match(r"SCAN (\w+)", detail))
        and _get_table(sql, scanned[1]) in LARGE_TABLES
        and "INDEX versions_shown" not in detail  # read as far as is shown
        and "limit" not in sql
    ]
    assert statements and scans == []
