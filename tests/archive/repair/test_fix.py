"""Repairing archives that were damaged on purpose; every loss must be named.

Rows after the repair are compared with those before the damage.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harvester.archive import schema
from harvester.archive.connection import Archive
from harvester.archive.repair import wal
from harvester.archive.repair.btree import (
    INDEX_LEAF,
    TABLE_INTERIOR,
    TABLE_LEAF,
    DatabaseFile,
)
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

NOW, LATER, LAST = (
    "2025-09-06T08:00:00Z",
    "2025-09-07T08:00:00Z",
    "2025-09-08T08:00:00Z",
)
ARTICLES, EDITED = 24, 8
ANNOUNCEMENTS = 2 * (ARTICLES - EDITED)  # with the entry that has no article
SIZE = 4_096


def paragraphs(number: int) -> list[str]:
    """Some two pages of text that no other article has."""
    lines = [
        f"In the {number + 3}th week, as house {house} of {number} has it: {line}"
        for house, line in enumerate((*BUDGET, *REGATTA, *FERRY))
    ]
    return lines * (1 + number % 2)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with some edits, and its captures."""
    observer = Observer(tmp_path_factory.mktemp("sound"))
    for number in range(ARTICLES):
        observer.put(
            f"/story-{number}/",
            page(f"Story {number} of the town", paragraphs(number)),
            f"Story {number} of the town",
        )
    observer.crawl(NOW)
    for number in range(EDITED):
        edited = paragraphs(number)
        edited[1] = (
            f"After the vote number {number} was counted anew, the mayor spoke of a "
            "mistake by her own office."
        )
        observer.put(f"/story-{number}/", page(f"Story {number} of the town", edited))
    # The feed changes other headlines, one of a page that never was there.
    observer.put("/never-there/", 404, "A story that nobody wrote")
    observer.crawl(NOW)
    observer.listed = [
        (url, title.replace("town", "valley") if int(number > EDITED) else title, guid)
        for number, (url, title, guid) in enumerate(observer.listed)
    ]
    observer.listed[-1] = (*observer.listed[-1][:1], "Nobody reads it", "")
    observer.crawl(LATER)
    assert len(observer.rows("select 1 from announcements")) == ANNOUNCEMENTS
    assert len(observer.rows("select 1 from versions")) == ARTICLES + EDITED
    return observer.folder


@dataclass
class Case:
    """A copy of the sound archive, to be damaged."""

    observer: Observer
    before: dict[str, list[tuple[Any, ...]]]

    @property
    def path(self) -> Path:
        return self.observer.folder / "archive.db"

    def pages(self, table: str, kind: int = TABLE_LEAF) -> list[int]:
        """The pages of a table, of one kind, in order."""
        with self.observer.reading() as connection:
            root = connection.execute(
                "select rootpage from sqlite_master where name = ?", [table]
            ).fetchone()[0]
        with closing(DatabaseFile(self.path)) as pages:
            kinds = (
                (TABLE_LEAF, TABLE_INTERIOR)
                if kind != INDEX_LEAF
                else (INDEX_LEAF, 0x02)
            )
            return [
                number
                for number, body in self._tree(pages, root, kinds)
                if body[100 if number == 1 else 0] == kind
            ]

    def _tree(
        self, pages: DatabaseFile, root: int, kinds: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        before = set(pages.seen_pages)
        for _ in pages._tree_pages(root, kinds):
            for number in pages.seen_pages - before:
                yield number, pages.read_page(number)
            before = set(pages.seen_pages)

    def zero(self, *numbers: int, size: int = SIZE, skip: int = 0) -> None:
        with self.path.open("rb+") as file:
            for number in numbers:
                file.seek((number - 1) * SIZE + skip)
                file.write(bytes(size))

    def flip(self, offset: int, bit: int = 4) -> None:
        content = bytearray(self.path.read_bytes())
        content[offset] ^= bit
        self.path.write_bytes(content)

    def doctor(self, *options: str, code: int = 0) -> dict[str, Any]:
        return dict(
            json.loads(self.observer.run("doctor", *options, "--json", code=code))
        )

    def repair(self, code: int = 0, *options: str) -> dict[str, Any]:
        """Doctor finds something and repairs it; return the report of the repair."""
        report = self.doctor(code=1)
        assert not report["ok"] and report["mended"] is None
        report = self.doctor("--fix", *options, code=code)
        self.assert_sound()
        return dict(report["mended"])

    def assert_sound(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            for index in schema.FTS_TABLES:
                connection.execute(
                    f"insert into {index} ({index}, rank) values ('integrity-check', 1)"
                )
            assert connection.execute("pragma journal_mode").fetchone() == ("wal",)

    def lost_urls(self, report: dict[str, Any]) -> list[str]:
        """Return the URLs of articles that lost a version; all must be named as lost."""
        after = set(rows(self.path)["versions"])
        named = {
            loss["name"].split(": ")[0].split(", version ")[0]
            for loss in report["lost"]
            if loss["what"] in ("article", "version", "words")
        }
        lost_keys = {row[0] for row in set(self.before["versions"]) - after}
        urls = {row[0]: row[1] for row in self.before["articles"]}
        lost_urls = sorted(urls[key] for key in lost_keys)
        assert set(lost_urls) <= named | {name.removesuffix("/") for name in named}
        return lost_urls


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what must not change, by table."""
    columns = {
        "versions": "article, number, sha256, title, text, first_seen, last_seen",
        "articles": "key, url, outlet, first_seen, version, versions",
        "captures": "id, kind, url, at, sha256, file, offset, length, body_of",
        "entries": "key, feed, url, first_seen, outcome, article",
        "announcements": "entry, wording, title, summary, first_seen, last_seen, changed",
    }
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return {
            table: sorted(
                connection.execute(f"select {names} from {table}").fetchall(), key=repr
            )
            for table, names in columns.items()
        }


@pytest.fixture
def case(sound: Path, tmp_path: Path) -> Case:
    shutil.copytree(sound, tmp_path / "paper")
    observer = Observer(tmp_path / "paper")
    with closing(sqlite3.connect(observer.folder / "archive.db")) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return Case(observer, rows(observer.folder / "archive.db"))


def test_a_sound_archive_is_left_alone(case: Case) -> None:
    before = case.path.read_bytes()
    report = case.doctor("--fix")
    assert report["ok"] and report["mended"] == {"copy": None, "done": [], "lost": []}
    assert rows(case.path) == case.before
    assert case.path.read_bytes()[100:] == before[100:]


def leaf(table: str) -> Callable[[Case], None]:
    return lambda case: case.zero(case.pages(table)[-2:][0])


def interior(table: str) -> Callable[[Case], None]:
    return lambda case: case.zero(*case.pages(table, TABLE_INTERIOR))


def header(case: Case) -> None:
    case.zero(1, size=100)


def first_page(case: Case) -> None:
    case.zero(1)


def cut(case: Case) -> None:
    with case.path.open("rb+") as file:
        file.truncate(case.path.stat().st_size * 9 // 10)


def index(case: Case) -> None:
    case.zero(case.pages("versions_wording", INDEX_LEAF)[0])


LOSING_NOTHING = {
    "header": header,
    "first page": first_page,
    "interior page of versions": interior("versions"),
    "index": index,
    "full text": leaf("versions_fts_data"),
    "full text of announced words": leaf("announcements_fts_data"),
    "full text of entries": leaf("entries_fts_data"),
    "full text of edits": leaf("edit_words_fts_data"),
    "interior page of entries": interior("entries"),
    "leaf of articles": leaf("articles"),
    "sightings": leaf("sightings"),
}


@pytest.mark.parametrize("name", LOSING_NOTHING)
def test_damage_by_which_no_version_is_lost(case: Case, name: str) -> None:
    LOSING_NOTHING[name](case)
    report = case.repair()
    assert case.lost_urls(report) == []
    copy = Path(report["copy"])
    assert copy.exists() and copy.stat().st_mode & 0o077 == 0
    after = rows(case.path)
    assert (
        len(after["articles"]) == ARTICLES
        and after["captures"] == case.before["captures"]
    )
    assert after["announcements"] == case.before["announcements"]
    assert {row[:5] for row in after["articles"]} == {
        row[:5] for row in case.before["articles"]
    }
    assert not case.observer.rows(
        "select 1 from versions where id not in (select version from sightings)"
    )


@pytest.mark.parametrize(
    "damage", [leaf("versions"), cut], ids=["leaf of versions", "cut off"]
)
def test_what_is_lost_is_named_and_asked_for_again(
    case: Case, damage: Callable[[Case], None]
) -> None:
    damage(case)
    report = case.repair()
    lost = case.lost_urls(report)
    assert 0 < len(lost) < ARTICLES
    gone = [loss["name"] for loss in report["lost"] if loss["what"] == "article"]
    assert len(rows(case.path)["articles"]) == ARTICLES - len(gone)
    for number in range(ARTICLES):  # the newspaper is as it was
        title = f"Story {number} of the town"
        current = case.observer.pages.get(f"https://paper.example/story-{number}/")
        case.observer.put(
            f"/story-{number}/", current or page(title, paragraphs(number)), title
        )
    case.observer.crawl(LAST)
    assert {row[1] for row in rows(case.path)["articles"]} == {
        row[1] for row in case.before["articles"]
    }
    case.assert_sound()


def test_rows_of_captures_come_back_from_their_records(case: Case) -> None:
    case.zero(case.pages("captures")[0])
    report = case.repair()
    assert any("from their WARC records" in repair for repair in report["done"])
    assert not [loss for loss in report["lost"] if loss["what"] == "capture"]
    assert rows(case.path)["captures"] == case.before["captures"]
    assert json.loads(case.observer.run("verify", "--json"))["ok"]


@pytest.mark.parametrize("bit", [4, 128], ids=["another character", "invalid encoding"])
def test_a_flipped_bit_in_a_text(case: Case, bit: int) -> None:
    mark = b"house 3 of 20 has it"
    content = case.path.read_bytes()
    case.flip(content.index(mark, content.index(b"house 2 of 20 has it")), bit)
    # The index agrees with the row: only the digest reveals the fault.
    with case.observer.reading() as connection:
        connection.execute("insert into versions_fts (versions_fts) values ('rebuild')")
        connection.commit()
    assert rows(case.path)["versions"] != case.before["versions"], "not in a version"
    report = case.repair()
    assert any("from its capture" in repair for repair in report["done"])
    assert case.lost_urls(report) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("first_seen", "2025-09-06T08:00:00\x19"),
        ("first_seen", "2025-09-06T07:00:00Z"),
        ("last_seen", "2425-09-07T08:00:00Z"),
        ("last_seen", "2025-09-07T08:02:00Z"),
        ("last_seen", "1025-09-07T08:00:00Z"),
    ],
)
def test_a_flipped_bit_in_the_times_of_a_version(
    case: Case, column: str, value: str
) -> None:
    with closing(sqlite3.connect(case.path)) as connection, connection:
        connection.execute(f"update versions set {column} = ? where id = 20", [value])
    assert case.lost_urls(case.repair()) == []


@pytest.mark.parametrize(
    ("definition", "damaged"),
    [
        (b"references outlets(key)", b"references nutlets(key)"),
        (b"    due text, ", b"    due\x00text, "),
        (b"    title text not null", b"    titne text not null"),
        (b"feeds_duefeeds", b"feeds_dtefeeds"),
        (b'INSERT INTO "versions_fts" (', b'INSERT INTO "versions_ftq" ('),
    ],
)
def test_a_flipped_bit_in_a_definition(
    case: Case, definition: bytes, damaged: bytes
) -> None:
    content = case.path.read_bytes()
    if definition not in content:
        pytest.skip("the definition is written differently")
    case.path.write_bytes(content.replace(definition, damaged, 1))
    assert case.lost_urls(case.repair()) == []


def test_a_flipped_bit_in_the_full_text_index(case: Case) -> None:
    with closing(sqlite3.connect(case.path)) as connection:
        body = connection.execute(
            "select block from versions_fts_data where id > 10 limit 1"
        ).fetchone()[0]
        connection.execute(
            "update versions_fts_data set block = ? where id > 10",
            [bytes([*body[:9], body[9] ^ 64, *body[10:]])],
        )
        connection.commit()
    report = case.repair()
    assert "rebuilt the full-text index" in report["done"]
    assert rows(case.path) == case.before
    assert "Story 3 " in case.observer.run("search", '"story 3"')


def test_a_damaged_log(case: Case) -> None:
    """Frames behind a broken one were committed too; SQLite ignores them silently."""
    with closing(sqlite3.connect(case.path)) as connection:
        connection.execute("pragma wal_autocheckpoint = 0")
        for number in range(4):
            connection.execute(
                "insert into outlets (key, name, first_seen) values (?, 'x', ?)",
                [f"o{number}", NOW],
            )
            connection.commit()
        shutil.copy(case.path.with_name("archive.db-wal"), case.observer.folder / "log")
    shutil.move(case.observer.folder / "log", case.path.with_name("archive.db-wal"))
    path = case.path.with_name("archive.db-wal")
    log = wal.read_wal(path)
    assert (log.visible_commits, log.hidden_commits) == (4, 0)
    content = bytearray(path.read_bytes())
    content[32 + 24 + 4_000] ^= 1
    path.write_bytes(content)
    log = wal.read_wal(path)
    assert (log.visible_commits, log.hidden_commits) == (0, 4)
    report = case.repair()
    names = {row["key"] for row in case.observer.rows("select key from outlets")}
    assert {"o1", "o2", "o3"} <= names and case.lost_urls(report) == []


def test_missing_definitions_and_rows_that_do_not_fit(case: Case) -> None:
    with closing(sqlite3.connect(case.path)) as connection:
        connection.execute("drop index entries_due")
        connection.execute("drop trigger versions_ai")
        connection.execute("drop view latest")
        connection.execute("delete from outlets")
        connection.execute("delete from feeds")
        connection.execute("delete from readings where id % 5 = 0")
        connection.execute(
            "update entries set outcome = 'waiting', due = null where id = 1"
        )
        connection.execute("delete from samples where version < 4")
        connection.commit()
    report = case.repair()
    assert case.lost_urls(report) == []
    assert {
        "created the missing index entries_due",
        "created the missing trigger versions_ai",
        "created the missing view latest",
        "the next crawls rebuild the index of shingles",
    } <= set(report["done"])
    assert [
        row["outlet"] for row in case.observer.rows("select outlet from feeds")
    ] == ["paper"]


def test_captures_that_are_cut_short_torn_or_missing(case: Case) -> None:
    (file,) = (case.observer.folder / "captures").glob("*.warc.gz")
    content = file.read_bytes()
    file.write_bytes(content + content[:100])
    report = case.doctor()  # the next crawl removes it
    assert any("incomplete record" in check["words"] for check in report["found"])
    case.doctor("--fix")
    assert file.read_bytes() == content
    ends = sorted(
        row["offset"] + row["length"]
        for row in case.observer.rows("select * from captures")
    )
    file.write_bytes(content[: ends[-3] + 20])
    report = case.repair()
    assert len([loss for loss in report["lost"] if loss["what"] == "capture"]) == 2
    assert file.stat().st_size == ends[-3]
    in_files = "select 1 from captures where file is not null"
    file.rename(file.with_name("elsewhere"))
    report = case.doctor("--fix", code=1)  # the file may come back
    assert report["mended"]["lost"] == []
    assert len(case.observer.rows(in_files)) > 3
    file.with_name("elsewhere").rename(file)
    assert case.doctor()["ok"]
    file.unlink()
    report = case.repair(0, "--forget-captures")
    assert len(report["lost"]) == len(ends) - 2
    assert all("https://paper.example/" in loss["name"] for loss in report["lost"])
    case.observer.crawl(LAST)
    assert case.observer.rows(in_files)  # they were fetched again


def test_revisit_records_whose_body_is_lost(case: Case) -> None:
    """They are in a file that is whole; what they refer to was in the one cut short."""
    first = case.observer.rows("select count(*) as n from captures")[0]["n"]
    with case.observer.reading() as connection:
        # As if the file had been full after this.
        rotated = case.observer.folder / "captures" / "harvester-1-00000.warc.gz"
        (file,) = (case.observer.folder / "captures").glob("*.warc.gz")
        (half,) = connection.execute(
            "select max(offset + length) from captures where at = ?", [NOW]
        ).fetchone()
        content = file.read_bytes()
        rotated.write_bytes(content[half:])
        file.write_bytes(content[:half])
        rotated.chmod(0o600)
        connection.execute(
            "update captures set file = ?, offset = offset - ? where offset >= ?",
            [rotated.name, half, half],
        )
        connection.commit()
        shared = connection.execute(
            "select id, url, at, body_of from captures where body_of is not null"
        ).fetchall()
        keeper = next(
            row
            for row in shared
            if row[1] == "https://paper.example/story-9/" and row[2] == LATER
        )
        start = connection.execute(
            "select offset from captures where id = ?", [keeper[3]]
        ).fetchone()[0]
    assert case.doctor()["ok"]
    file.write_bytes(content[:start])
    report = case.repair()
    lost = {loss["name"] for loss in report["lost"] if loss["what"] == "capture"}
    assert f"{keeper[1]}, received at {NOW}" in lost
    named = f"{keeper[1]}, received at {LATER}: the record that held its body"
    assert named in lost
    assert json.loads(case.observer.run("verify", "--json"))["ok"]
    assert not case.observer.rows(
        "select 1 from captures c join captures o on o.id = c.body_of where o.file is null"
    )
    kept = {
        row["id"]
        for row in case.observer.rows("select id from captures where file is not null")
    }
    assert {row[0] for row in shared} & kept, "those before the cut keep theirs"
    assert len(kept) < first
    case.observer.crawl(LAST)  # they were fetched again, whole
    assert case.observer.rows(
        f"select 1 from captures where url = '{keeper[1]}' and at = '{LAST}' and body_of is null "
        "and file is not null"
    )


def test_a_reference_to_a_lost_capture_finds_its_body_elsewhere(case: Case) -> None:
    with case.observer.reading() as connection:
        rows_before = connection.execute(
            "select id, body_of from captures where body_of is not null"
        ).fetchall()
        connection.execute("pragma foreign_keys = off")
        connection.execute(
            "update captures set body_of = 7000 where body_of is not null"
        )
        connection.commit()
    report = case.repair()
    assert any("in other records" in repair for repair in report["done"])
    assert not report["lost"]
    after = case.observer.rows(
        "select id, body_of from captures where body_of is not null"
    )
    assert [tuple(row.values()) for row in after] == [tuple(row) for row in rows_before]
    assert json.loads(case.observer.run("verify", "--json"))["ok"]


def test_an_archive_of_an_older_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = Observer(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:2])
        patched.setattr(schema, "SCHEMA_VERSION", 2)
        Archive.open(tmp_path / "archive.db").close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.execute(
            "insert into outlets (key, name, first_seen) values ('old', 'Old', ?)",
            [NOW],
        )
        connection.commit()
    case = Case(observer, {})
    header(case)
    assert case.doctor("--fix")["ok"]
    case.assert_sound()
    assert [row["name"] for row in observer.rows("select name from outlets")] == ["Old"]
    assert observer.rows("pragma user_version") == [
        {"user_version": schema.SCHEMA_VERSION}
    ]


def test_what_the_chain_remembers_is_put_back(case: Case) -> None:
    with closing(sqlite3.connect(case.path)) as connection:
        connection.execute(
            """
            update versions set
                sha256 = replace(sha256, substr(sha256, 9, 2), 'zz'), first_seen = '2031'
            where id = 5
            """
        )
        connection.execute(
            "update captures set file = 'harvester%.warc.gz' where id = 7"
        )
        connection.commit()
    case.repair()
    assert rows(case.path) == case.before
    assert json.loads(case.observer.run("verify", "--json"))["ok"]


def test_rights_and_what_was_left_lying(case: Case) -> None:
    case.path.chmod(0o644)
    draft = case.path.with_name("archive.db.fix.part")
    draft.write_bytes(b"half")
    report = case.doctor()
    assert report["ok"]
    warnings = [check for check in report["found"] if "warning" in check["words"]]
    assert len(warnings) == 3, warnings  # rights, the draft, and the default User-Agent
    case.observer.run("doctor", "--fix")
    assert case.path.stat().st_mode & 0o777 == 0o600 and not draft.exists()


def test_what_is_no_archive_is_left_alone(case: Case) -> None:
    for content in (b"# My diary\n" * 4_000, bytes(50_000)):
        case.path.write_bytes(content)
        case.path.with_name("archive.db-wal").unlink(missing_ok=True)
        case.observer.run("doctor", "--fix", code=1)
        assert case.path.read_bytes() == content
