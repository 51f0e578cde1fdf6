"""Two archives become one: everything once, the same in either order, the same twice changes nothing; through the programs."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.ingest.merge_archives import merge_archives
from tests.support import archive_content
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

NOW = "2026-01-01T00:00:00Z"


def digests(folder: Path) -> dict[str, str]:
    with closing(open_reader(folder / "archive.db")) as connection:
        return archive_content.get_table_digests(connection)


def differing(one: Path, other: Path) -> dict[str, list[str]]:
    with (
        closing(open_reader(one / "archive.db")) as first,
        closing(open_reader(other / "archive.db")) as second,
    ):
        found = {
            name: sorted(
                {*archive_content.list_rows_as_json(first, name)}
                ^ {*archive_content.list_rows_as_json(second, name)}
            )
            for name in archive_content.list_tables(first)
        }
        return {name: lines for name, lines in found.items() if lines}


def take(
    into: Path, other: Path, now: str = NOW, dry_run: bool = False
) -> dict[str, object]:
    return merge_archives(
        into / "archive.db",
        into / "captures",
        other / "archive.db",
        other / "captures",
        now,
        lambda _: None,
        dry_run,
    )


@pytest.fixture(scope="module")
def observers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two archives of one newspaper: each knows some of its articles and wordings."""
    folders = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    first, second = (Observer(folder) for folder in folders)
    for one in (first, second):
        one.put("/budget", page("The budget is voted", BUDGET), "The budget is voted")
    first.put("/old/regatta", page("The regatta", REGATTA), "The regatta", "guid 7")
    first.put("/only/first", page("The ferry stays", FERRY), "The ferry stays")
    first.crawl("2025-09-01T08:00:00Z")
    for one in (first, second):
        one.put(
            "/budget",
            page(
                "The budget is voted",
                (*BUDGET, "The town corrected the sum for the pool in the afternoon."),
            ),
        )
    new = second.put(
        "/new/regatta", page("The regatta", REGATTA), "The regatta", "guid 7"
    )
    second.put(
        "/copy/ferry", page("The ferry does not sail", FERRY), "The ferry does not sail"
    )
    second.crawl("2025-09-01T09:00:00Z")
    for one in (first, second):
        one.put(
            "/budget",
            page(
                "The budget is voted after all",
                (*BUDGET, "The town corrected the sum for the pool twice."),
            ),
        )
    first.put(new, page("The regatta", REGATTA))
    first.put("/old/regatta", new)
    first.crawl("2025-09-01T10:00:00Z")
    second.crawl("2025-09-01T11:00:00Z")
    return folders


def copies(tmp_path: Path, *folders: Path) -> list[Path]:
    made = []
    for number, folder in enumerate(folders):
        shutil.copytree(folder, tmp_path / str(number))
        made.append(tmp_path / str(number))
    return made


def test_both_orders_and_twice(observers: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = copies(tmp_path, *observers)
    before = digests(other)
    summary = take(one, observers[1])
    take(other, observers[0])
    assert differing(one, other) == {}
    once = digests(one)
    take(one, observers[1], "2026-01-03T00:00:00Z")
    take(one, observers[0], "2026-01-04T00:00:00Z")
    assert digests(one) == once != before
    assert summary["added"] and summary["records"] and not summary["missing"]
    for folder in (one, other):
        held = Observer(folder)
        held.check()
        titles = held.rows(
            "select v.title, a.versions from articles a join versions v on v.article = a.key and v.number = a.version"
        )
        assert {row["title"]: row["versions"] for row in titles} == {
            "The budget is voted after all": 3, "The regatta": 1, "The ferry stays": 1, "The ferry does not sail": 1,
        }  # fmt: skip
        (alias,) = held.rows(
            "select key, article from aliases"
        )  # the regatta was seen first at its old address
        assert (
            held.article("/old/regatta")
            == held.article("/new/regatta")
            == alias["article"]
        )
        assert held.json("show", alias["key"])["article"] == alias["article"]
        (copy,) = held.rows("select copy_of from articles where copy_of is not null")
        assert copy["copy_of"] == held.article("/only/first")
        seams = """select b.number as before, v.number as after, c.at from changes c join versions b on b.id = c.before
            join versions v on v.id = c.after where c.kind <> 'fields' order by c.at"""
        assert [tuple(row.values()) for row in held.rows(seams)] == [
            (1, 2, "2025-09-01T09:00:00Z"), (2, 3, "2025-09-01T10:00:00Z"),
        ]  # fmt: skip
        assert [one["kind"] for one in held.json("changes")] == ["edited", "edited"]
        held.put(
            "/budget",
            page(
                "The budget is voted after all",
                (*BUDGET, "The town corrected the sum for the pool twice."),
            ),
        )
        assert held.crawl("2026-01-05T00:00:00Z").get("changed", 0) == 0
        held.check()


def test_the_command(observers: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = copies(tmp_path, *observers)
    held, there = Observer(one), str(observers[1] / "archive.db")
    before = digests(one)
    summary = held.json("merge", there, "--dry-run")
    assert (
        summary["added"]["articles"] == 1
        and digests(one) == before
        and not list(one.glob("*.backup"))
    )
    assert "1 articles" in held.run("merge", there)
    assert len(list(one.glob("*.backup"))) == 1 and list(
        (one / "captures").glob("merged-*.warc.gz")
    )
    assert held.json("verify")["ok"]
    held.run("merge", str(one / "archive.db"), code=1)
    held.run("merge", str(one / "settings.toml"), code=1)


def test_bodies_come_later_and_what_was_purged_does_not_come_at_all(
    observers: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = copies(tmp_path, *observers)
    held = Observer(one)
    held.run("purge", held.article("/only/first"), "--why", "a court said so", "--yes")
    with_captures = (other / "captures").rename(tmp_path / "elsewhere")
    summary = held.json("merge", str(other / "archive.db"))
    assert summary["missing"] and not summary["records"]
    summary = held.json(
        "merge", str(other / "archive.db"), "--captures", str(with_captures)
    )
    assert summary["records"] and not summary["missing"]
    held.check()
    back = Observer(other)
    summary = held.json("merge", str(observers[0] / "archive.db"))
    assert len(summary["purged_here"]) == 1
    assert not held.rows("select 1 from urls where address like '%/only/first'")
    assert back.json("merge", str(one / "archive.db"))["purged_there"] == []


def test_an_older_archive_is_brought_up_in_a_copy_and_a_newer_one_refused(
    observers: tuple[Path, Path], tmp_path: Path
) -> None:
    from harvester.archive import schema
    from harvester.errors import ArchiveTooNew

    one, other = copies(tmp_path, *observers)
    older = tmp_path / "older" / "archive.db"
    older.parent.mkdir()
    connection = sqlite3.connect(older, isolation_level=None)
    connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
    from sqlite_utils import Database, Migrations

    steps = Migrations("harvester")
    for number, name in enumerate(schema.MIGRATION_NAMES[:2], 1):
        steps(name=f"m{number:03d}_{name}")(schema._build_migration(number, name))
    connection.isolation_level = "DEFERRED"
    steps.apply(Database(connection, execute_plugins=False))
    connection.execute(
        "insert into outlets (key, name, first_seen) values ('late', 'Late', '2024-01-01T00:00:00Z')"
    )
    connection.commit()
    connection.close()
    size = older.read_bytes()
    take(one, older.parent)
    assert older.read_bytes() == size and [
        path.name for path in older.parent.iterdir()
    ] == ["archive.db"]
    with closing(open_reader(one / "archive.db")) as held:
        assert (
            held.execute("select count(*) from outlets where key = 'late'").fetchone()[
                0
            ]
            == 1
        )
    with closing(sqlite3.connect(other / "archive.db")) as newer:
        newer.execute(f"pragma user_version = {schema.SCHEMA_VERSION + 1}")
    with pytest.raises(ArchiveTooNew):
        take(one, other)
