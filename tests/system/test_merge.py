"""Merging two archives: everything once, in either order, and again without effect."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.archive.connection import open_reader
from harvester.errors import ArchiveTooNew
from harvester.ingest.merge_archives import merge_archives
from tests.support import archive_content
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

NOW = "2026-01-01T00:00:00Z"
LAST_BUDGET_PAGE = page(
    "The budget is voted after all",
    (*BUDGET, "The town corrected the sum for the pool twice."),
)


def digests(folder: Path) -> dict[str, str]:
    with closing(open_reader(folder / "archive.db")) as connection:
        return archive_content.get_table_digests(connection)


def differing(first: Path, second: Path) -> dict[str, list[str]]:
    """Map tables that differ to the rows that only one archive has."""
    with (
        closing(open_reader(first / "archive.db")) as first_connection,
        closing(open_reader(second / "archive.db")) as second_connection,
    ):
        rows = {
            table: sorted(
                {*archive_content.list_rows_as_json(first_connection, table)}
                ^ {*archive_content.list_rows_as_json(second_connection, table)}
            )
            for table in archive_content.list_tables(first_connection)
        }
        return {table: lines for table, lines in rows.items() if lines}


def merge(
    folder: Path, other: Path, now: str = NOW, dry_run: bool = False
) -> dict[str, object]:
    return merge_archives(
        folder / "archive.db",
        folder / "captures",
        other / "archive.db",
        other / "captures",
        now,
        lambda _: None,
        dry_run,
    )


@pytest.fixture(scope="module")
def observers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two archives of one newspaper: each has some of its articles and versions."""
    folders = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    first, second = (Observer(folder) for folder in folders)
    for observer in (first, second):
        observer.put(
            "/budget", page("The budget is voted", BUDGET), "The budget is voted"
        )
    first.put("/old/regatta", page("The regatta", REGATTA), "The regatta", "guid 7")
    first.put("/only/first", page("The ferry stays", FERRY), "The ferry stays")
    first.crawl("2025-09-01T08:00:00Z")
    correction = "The town corrected the sum for the pool in the afternoon."
    for observer in (first, second):
        observer.put("/budget", page("The budget is voted", (*BUDGET, correction)))
    new = second.put(
        "/new/regatta", page("The regatta", REGATTA), "The regatta", "guid 7"
    )
    second.put(
        "/copy/ferry", page("The ferry does not sail", FERRY), "The ferry does not sail"
    )
    second.crawl("2025-09-01T09:00:00Z")
    for observer in (first, second):
        observer.put("/budget", LAST_BUDGET_PAGE)
    first.put(new, page("The regatta", REGATTA))
    first.put("/old/regatta", new)
    first.crawl("2025-09-01T10:00:00Z")
    second.crawl("2025-09-01T11:00:00Z")
    return folders


def copies(tmp_path: Path, *folders: Path) -> list[Path]:
    return [
        Path(shutil.copytree(folder, tmp_path / str(number)))
        for number, folder in enumerate(folders)
    ]


def test_merging_in_either_order_and_twice_gives_the_same_archive(
    observers: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = copies(tmp_path, *observers)
    before = digests(second)
    summary = merge(first, observers[1])
    merge(second, observers[0])
    assert differing(first, second) == {}
    after = digests(first)
    merge(first, observers[1], "2026-01-03T00:00:00Z")
    merge(first, observers[0], "2026-01-04T00:00:00Z")
    assert digests(first) == after != before
    assert summary["added"] and summary["records"] and not summary["missing"]
    for folder in (first, second):
        merged = Observer(folder)
        merged.check()
        check_merged(merged)
        merged.put("/budget", LAST_BUDGET_PAGE)
        assert merged.crawl("2026-01-05T00:00:00Z").get("changed", 0) == 0
        merged.check()


def check_merged(merged: Observer) -> None:
    articles = merged.rows(
        """
        select v.title, a.versions from articles a
        join versions v on v.article = a.key and v.number = a.version
        """
    )
    assert {article["title"]: article["versions"] for article in articles} == {
        "The budget is voted after all": 3,
        "The regatta": 1,
        "The ferry stays": 1,
        "The ferry does not sail": 1,
    }
    # The regatta was seen first at its old address.
    (alias,) = merged.rows("select key, article from aliases")
    assert merged.article("/old/regatta") == alias["article"]
    assert merged.article("/new/regatta") == alias["article"]
    assert merged.json("show", alias["key"])["article"] == alias["article"]
    (copy,) = merged.rows("select copy_of from articles where copy_of is not null")
    assert copy["copy_of"] == merged.article("/only/first")
    changes = merged.rows(
        """
        select b.number as before, v.number as after, c.at from changes c
        join versions b on b.id = c.before join versions v on v.id = c.after
        where c.kind <> 'fields' order by c.at
        """
    )
    assert [tuple(change.values()) for change in changes] == [
        (1, 2, "2025-09-01T09:00:00Z"),
        (2, 3, "2025-09-01T10:00:00Z"),
    ]
    kinds = [change["kind"] for change in merged.json("changes")]
    assert kinds == ["edited", "edited"]


def test_the_merge_command(observers: tuple[Path, Path], tmp_path: Path) -> None:
    (folder,) = copies(tmp_path, observers[0])
    observer, other = Observer(folder), str(observers[1] / "archive.db")
    before = digests(folder)
    summary = observer.json("merge", other, "--dry-run")
    assert summary["added"]["articles"] == 1
    assert digests(folder) == before
    assert not list(folder.glob("*.backup"))
    assert "1 article" in observer.run("merge", other)
    assert len(list(folder.glob("*.backup"))) == 1
    assert list((folder / "captures").glob("merged-*.warc.gz"))
    assert observer.json("verify")["ok"]
    observer.run("merge", str(folder / "archive.db"), code=1)
    observer.run("merge", str(folder / "settings.toml"), code=1)


def test_bodies_can_be_merged_later_and_purged_articles_never(
    observers: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = copies(tmp_path, *observers)
    observer = Observer(first)
    purged = observer.article("/only/first")
    observer.run("purge", purged, "--why", "a court said so", "--yes")
    captures = (second / "captures").rename(tmp_path / "elsewhere")
    other = str(second / "archive.db")
    summary = observer.json("merge", other)
    assert summary["missing"] and not summary["records"]
    summary = observer.json("merge", other, "--captures", str(captures))
    assert summary["records"] and not summary["missing"]
    observer.check()
    summary = observer.json("merge", str(observers[0] / "archive.db"))
    assert len(summary["purged_here"]) == 1
    assert not observer.rows("select 1 from urls where address like '%/only/first'")
    summary = Observer(second).json("merge", str(first / "archive.db"))
    assert summary["purged_there"] == []


def test_an_older_archive_is_migrated_in_a_copy_and_a_newer_one_refused(
    observers: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = copies(tmp_path, *observers)
    older = tmp_path / "older" / "archive.db"
    older.parent.mkdir()
    create_older_archive(older)
    before = older.read_bytes()
    merge(first, older.parent)
    assert older.read_bytes() == before
    assert [path.name for path in older.parent.iterdir()] == ["archive.db"]
    with closing(open_reader(first / "archive.db")) as connection:
        late = connection.execute("select 1 from outlets where key = 'late'").fetchall()
    assert len(late) == 1
    with closing(sqlite3.connect(second / "archive.db")) as newer:
        newer.execute(f"pragma user_version = {schema.SCHEMA_VERSION + 1}")
    with pytest.raises(ArchiveTooNew):
        merge(first, second)


def create_older_archive(path: Path) -> None:
    """Write an archive with an outlet, as the program with two migrations did."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        schema.apply_migrations(connection, 2)
        connection.execute(
            """
            insert into outlets (key, name, first_seen)
            values ('late', 'Late', '2024-01-01T00:00:00Z')
            """
        )
        connection.commit()


def announcing(folder: Path, titles: list[tuple[str, str]]) -> Path:
    """An archive of an entry whose feed gave it titles at these times."""
    observer = Observer(folder)
    observer.put("/budget", page("The budget is voted", BUDGET))
    observer.put("/gone", 404)
    for title, at in titles:
        observer.listed = [
            (f"https://paper.example{path}", f"{title} of {path[1:]}", path)
            for path in ("/budget", "/gone")
        ]
        observer.crawl(at)
    observer.check()
    return folder


def test_what_feeds_announced_is_merged_once_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    first = announcing(
        tmp_path / "first",
        [
            ("Mayor praises budget", "2025-09-01T08:00:00Z"),
            ("Mayor defends budget", "2025-09-01T09:00:00Z"),
            ("Mayor laments budget", "2025-09-01T11:00:00Z"),
        ],
    )
    second = announcing(
        tmp_path / "second",
        [
            ("Mayor defends budget", "2025-09-01T08:30:00Z"),
            ("Mayor curses budget", "2025-09-01T10:00:00Z"),
        ],
    )
    # Saw one wording alone, which no other archive has.
    third = announcing(
        tmp_path / "third", [("Mayor hides budget", "2025-09-01T07:00:00Z")]
    )
    sources = copies(tmp_path / "sources", first, second, third)
    merge(first, sources[1])
    merge(first, sources[2])
    merge(second, sources[2])
    summary = merge(second, sources[0])
    assert summary["added"]["announcements"] == 4  # type: ignore[index]
    assert differing(first, second) == {}
    after = digests(first)
    for source in sources:
        merge(first, source, "2026-01-03T00:00:00Z")
    assert digests(first) == after
    merged = Observer(first)
    merged.check()
    titles = merged.rows(
        "select title from announcements where title like '%/gone' or title like '%of gone'"
        " order by title"
    )
    assert [row["title"] for row in titles] == [
        f"Mayor {verb} budget of gone"
        for verb in ("curses", "defends", "hides", "laments", "praises")
    ]
    assert merged.rows("select title from entries order by title") == [
        {"title": f"Mayor laments budget of {name}"} for name in ("budget", "gone")
    ]
    # Each wording that followed another one is told once.
    events = merged.rows(
        "select count(*) as events, count(distinct announcement) as wordings"
        " from events where kind = 'announced'"
    )
    assert events[0]["events"] == events[0]["wordings"] >= 6
    assert not merged.rows("select 1 from changes")
