"""The merge of an import: ours counts, what is older is put before it, once.

The staging archives here are those of observers of the same newspaper at other times.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive.connection import Archive, open_reader
from harvester.archive.records import origins
from harvester.archive.records.origins import NewOrigin
from harvester.ingest.coverage import list_coverage
from harvester.ingest.merge_archives import merge_archives, merge_import
from tests.support import archive_content
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

NOW = "2026-12-01T09:00:00Z"
SECOND = "The town corrected the sum for the pool in the afternoon."
THIRD = "The town corrected the sum for the pool twice."
ORIGIN = NewOrigin("warc", "early.warc.gz", "Common Crawl", "ab" * 32, NOW, 1_000)


def bring_in(ours: Path, staging: Path, now: str = NOW) -> dict[str, Any]:
    return merge_import(
        ours / "archive.db",
        ours / "captures",
        staging / "archive.db",
        staging / "captures",
        now,
        lambda _: None,
    )


def copy_of(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def put_first_state(observer: Observer) -> None:
    observer.put("/budget", page("The budget is voted", BUDGET), "The budget is voted")
    observer.put("/ferry", page("The ferry stays", FERRY), "The ferry stays")


def put_second_state(observer: Observer) -> None:
    observer.put("/budget", page("The budget is voted", (*BUDGET, SECOND)))
    observer.put("/ferry", 404)


def put_third_state(observer: Observer) -> None:
    observer.put("/budget", page("The budget is voted", (*BUDGET, SECOND, THIRD)))
    observer.put("/regatta", page("The regatta", REGATTA), "The regatta")


STATES: Sequence[tuple[str, Callable[[Observer], None]]] = (
    ("2025-09-01T08:00:00Z", put_first_state),
    ("2025-09-01T09:00:00Z", lambda _: None),
    ("2025-09-01T10:00:00Z", put_second_state),
    ("2025-09-02T10:00:00Z", lambda _: None),
    ("2025-09-03T10:00:00Z", put_third_state),
)


def observe(folder: Path, seen: Sequence[int]) -> Observer:
    """An archive of some of the states of the newspaper."""
    observer = Observer(folder)
    for number, (at, change) in enumerate(STATES):
        change(observer)
        if number in seen:
            observer.crawl(at)
    return observer


def mark_imported(folder: Path, origin: NewOrigin = ORIGIN) -> None:
    """Say of all captures that they are from an origin, as a replay does."""
    with closing(Archive.open(folder / "archive.db")) as archive:
        archive.begin()
        origin_id = origins.add_origin(archive.connection, origin)
        archive.connection.execute("update captures set origin = ?", [origin_id])
        archive.connection.execute("delete from seals where kind = 'capture'")
        archive.commit()


def timeline(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What was published and how it changed, without when we came to know it."""
    with closing(open_reader(folder / "archive.db")) as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(sql))
            for name, sql in {
                "versions": """
                    select article, number, sha256, first_seen, last_seen, text
                    from versions""",
                "sightings": """
                    select s.article, v.sha256, since, until
                    from sightings s join versions v on v.id = s.version""",
                "changes": """
                    select c.article, c.at, c.kind, b.sha256, v.sha256, c.sentences,
                        c.class, c.back
                    from changes c join versions b on b.id = c.before
                    join versions v on v.id = c.after where c.kind <> 'fields'""",
                "articles": """
                    select key, version, versions, last_seen from articles""",
                "captures": """
                    select distinct kind, url, reached, at, status, sha256
                    from captures""",
            }.items()
        }


def content(folder: Path) -> dict[str, list[str]]:
    with closing(open_reader(folder / "archive.db")) as connection:
        return {
            table: sorted(archive_content.list_rows_as_json(connection, table))
            for table in archive_content.list_tables(connection)
        }


def covered(observer: Observer) -> object:
    """What share of each day each feed was watched, at a time that does not pass."""
    with observer.reading() as connection:
        return list_coverage(connection, "2025-08-30", "2025-09-10", NOW)


def rows(folder: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One newspaper: seen all the time, early, late."""
    folders = {
        "all": (0, 1, 2, 3, 4),
        "early": (0, 1, 2),
        "late": (3, 4),
        "first": (0,),
        "second": (1, 2),
    }
    made = {}
    for name, seen in folders.items():
        made[name] = tmp_path_factory.mktemp(name)
        observe(made[name], seen)
    for number, name in enumerate(("early", "first", "second")):
        named = NewOrigin(
            "warc", f"{name}.warc.gz", "Common Crawl", f"{number:064}", NOW
        )
        mark_imported(made[name], named)
    return made


def test_an_import_of_the_earlier_half_gives_the_archive_that_saw_all(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = copy_of(worlds["late"], tmp_path / "ours")
    before = rows(ours, "select key, first_seen, due, born from articles")
    result = bring_in(ours, worlds["early"])
    assert result["missing"] == 0
    assert result["records"] == result["added"]["captures"]
    expected, actual = timeline(worlds["all"]), timeline(ours)
    assert actual == expected
    after = rows(ours, "select key, first_seen, due, born from articles")
    assert [row for row in after if row[0] in {key for key, *_ in before}] == before
    assert rows(ours, "select name, receiver from origins") == [
        ("early.warc.gz", "Common Crawl")
    ]
    Observer(ours).check()


def test_a_second_import_of_the_same_changes_nothing(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = copy_of(worlds["late"], tmp_path / "ours")
    bring_in(ours, worlds["early"])
    before = content(ours)
    files = sorted((ours / "captures").iterdir())
    seals = rows(ours, "select count(*) from seals")
    again = bring_in(ours, worlds["early"], "2026-12-03T00:00:00Z")
    assert (again["added"], again["records"], again["compared"]) == ({}, 0, 0)
    assert content(ours) == before
    assert sorted((ours / "captures").iterdir()) == files
    assert rows(ours, "select count(*) from seals") == seals


def test_the_order_of_imports_does_not_matter(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours, other = (copy_of(worlds["late"], tmp_path / name) for name in ("1", "2"))
    bring_in(ours, worlds["first"])
    bring_in(ours, worlds["second"])
    bring_in(other, worlds["second"])
    bring_in(other, worlds["first"])
    assert timeline(ours) == timeline(other) == timeline(worlds["all"])


def test_what_is_due_and_what_is_covered_stays(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = Observer(copy_of(worlds["late"], tmp_path / "ours"))
    due = "select key, due from {} where due is not null order by key"
    watched = "select url, watched_since, read_at, polled, due, active, etag from feeds"
    kept = (due.format("articles"), due.format("entries"), watched)
    kept = (*kept, "select * from gaps", "select * from hosts", "select * from crawls")
    before = [ours.rows(sql) for sql in kept]
    coverage = covered(ours)
    bring_in(ours.folder, worlds["early"])
    assert [ours.rows(sql) for sql in kept] == before
    assert covered(ours) == coverage
    assert (
        ours.rows("select * from articles where etag <> '' or last_modified <> ''")
        == []
    )


def test_what_is_unknown_here_is_inactive_and_never_due(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    staging = copy_of(worlds["early"], tmp_path / "staging")
    with closing(Archive.open(staging / "archive.db")) as archive:
        archive.begin()
        archive.connection.execute(
            """
            update entries set article = null, outcome = 'waiting', due = first_seen
            where url like '%/budget'
            """
        )
        archive.connection.execute(
            """
            insert into events (at, kind, outlet, feed, note)
            select first_seen, 'feed silent', outlet, url, '' from feeds
            """
        )
        archive.commit()
    ours = tmp_path / "ours"
    ours.mkdir()
    result = bring_in(ours, staging)
    assert result["added"]["outlets"] == result["added"]["feeds"] == 1
    assert rows(ours, "select active, due, watched_since, read_at from feeds") == [
        (0, None, None, None)
    ]
    assert rows(ours, "select active from outlets") == [(0,)]
    assert rows(ours, "select 1 from articles where due is not null") == []
    assert rows(
        ours, "select outcome, reason, due from entries where url like '%/budget'"
    ) == [("failed", "its page is not in what was imported", None)]
    assert rows(ours, "select 1 from entries where due is not null") == []
    assert rows(ours, "select 1 from events where article is null") == []
    assert (
        rows(ours, "select first_seen from articles order by 1")
        == [(STATES[0][0],)] * 2
    )


def test_an_import_of_later_captures_is_what_stands_now(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = copy_of(worlds["first"], tmp_path / "ours")
    before = rows(ours, "select key, due, first_seen from articles order by key")
    bring_in(ours, worlds["second"])
    after = rows(ours, "select key, due, first_seen from articles order by key")
    assert after == before
    assert rows(ours, "select state, looked from articles order by versions") == rows(
        worlds["early"], "select state, looked from articles order by versions"
    )


def test_a_removal_that_we_saw_later_stays(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = copy_of(worlds["second"], tmp_path / "ours")
    observer = Observer(ours)
    for day in range(4, 9):
        observer.put("/budget", 404)
        observer.crawl(f"2025-09-{day:02}T10:00:00Z")
    state = rows(ours, "select key, state, looked, misses from articles order by key")
    assert "removed" in {row[1] for row in state}
    bring_in(ours, worlds["first"])
    known = {row[0] for row in state}
    after = rows(ours, "select key, state, looked, misses from articles order by key")
    assert [row for row in after if row[0] in known] == state


def test_an_import_rings_no_alerts(worlds: dict[str, Path], tmp_path: Path) -> None:
    ours = Observer(copy_of(worlds["late"], tmp_path / "ours"))
    ours.settings.write_text(
        ours.settings.read_text()
        + """
        [alerts.all]
        query = ""
        on = ["new", "edit", "removed"]
        to = ["file:all.jsonl"]
        """
    )
    put_third_state(ours)
    # On the day itself: what is older would not ring anyway.
    bring_in(ours.folder, worlds["early"], "2025-09-01T11:00:00Z")
    ours.put("/budget", page("The budget is voted", (*BUDGET, SECOND, THIRD)))
    ours.crawl("2025-09-01T11:30:00Z", force=False)
    assert ours.rows("select * from alert_events") == []


@pytest.fixture(scope="module")
def seen_states(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[frozenset[int]], Path]:
    made: dict[frozenset[int], Path] = {}

    def archive_of(seen: frozenset[int]) -> Path:
        if seen not in made:
            made[seen] = tmp_path_factory.mktemp("seen")
            observe(made[seen], sorted(seen))
        return made[seen]

    return archive_of


NUMBERS = st.sets(st.integers(0, len(STATES) - 1), min_size=1, max_size=4)


@pytest.mark.long
@given(ours=NUMBERS, imported=NUMBERS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_import_gives_the_archive_that_saw_both(
    seen_states: Callable[[frozenset[int]], Path],
    tmp_path_factory: pytest.TempPathFactory,
    ours: set[int],
    imported: set[int],
) -> None:
    folder = tmp_path_factory.mktemp("pair") / "ours"
    copy_of(seen_states(frozenset(ours)), folder)
    bring_in(folder, seen_states(frozenset(imported)))
    actual, expected = (
        timeline(each) for each in (folder, seen_states(frozenset(ours | imported)))
    )
    for name in ("versions", "sightings", "changes"):
        assert actual[name] == expected[name]


def test_an_ordinary_merge_keeps_who_received_what(
    worlds: dict[str, Path], tmp_path: Path
) -> None:
    ours = copy_of(worlds["late"], tmp_path / "ours")
    bring_in(ours, worlds["first"])
    other = copy_of(worlds["second"], tmp_path / "other")
    for now in (NOW, "2026-12-02T09:00:00Z"):
        merge_archives(
            ours / "archive.db",
            ours / "captures",
            other / "archive.db",
            other / "captures",
            now,
            lambda _: None,
        )
        assert rows(
            ours,
            """
            select o.name, count(distinct c.at) from captures c
            join origins o on o.id = c.origin group by o.name order by 1
            """,
        ) == [("first.warc.gz", 1), ("second.warc.gz", 2)]
    Observer(ours).check()
