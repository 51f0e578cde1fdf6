"""Archives damaged on purpose: what is read of them, what is mended, and that all that is lost is named.

Compared with the rows as they were before the damage, whatever the damage was.
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
SIZE = 4_096


def words(number: int) -> list[str]:
    """Some two pages of text, no two alike."""
    lines = [f"In the {number + 3}th week, as house {place} of {number} has it: {line}" for place, line in enumerate((*BUDGET, *REGATTA, *FERRY))]  # fmt: skip
    return lines * (1 + number % 2)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of some edits, with its captures."""
    observer = Observer(tmp_path_factory.mktemp("sound"))
    for number in range(ARTICLES):
        observer.put(
            f"/story-{number}/",
            page(f"Story {number} of the town", words(number)),
            f"Story {number} of the town",
        )
    observer.crawl(NOW)
    for number in range(EDITED):
        edited = words(number)
        edited[1] = (
            f"After the vote number {number} was counted anew, the mayor spoke of a mistake by her own office."
        )
        observer.put(f"/story-{number}/", page(f"Story {number} of the town", edited))
    observer.crawl(LATER)
    assert len(observer.rows("select 1 from versions")) == ARTICLES + EDITED
    return observer.folder


@dataclass
class Case:
    """A copy of it, to be damaged."""

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
            found = [
                (page, body[100 if page == 1 else 0])
                for page, body in self._tree(pages, root, kinds)
            ]
        return [page for page, one in found if one == kind]

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

    def flip(self, at: int, bit: int = 4) -> None:
        body = bytearray(self.path.read_bytes())
        body[at] ^= bit
        self.path.write_bytes(body)

    def mend(self, code: int = 0, *more: str) -> dict[str, Any]:
        """Doctor finds something, mends it, and then finds nothing; what it said."""
        looked = json.loads(self.observer.run("doctor", "--json", code=1))
        assert not looked["ok"] and looked["mended"] is None
        said = json.loads(
            self.observer.run("doctor", "--fix", "--json", *more, code=code)
        )
        self.whole()
        return dict(said["mended"])

    def whole(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            connection.execute(
                "insert into versions_fts (versions_fts, rank) values ('integrity-check', 1)"
            )
            assert connection.execute("pragma journal_mode").fetchone() == ("wal",)

    def kept(self, mended: dict[str, Any]) -> list[str]:
        """Every version is there as it was, or named as lost; addresses of those that are lost."""
        after = set(rows(self.path)["versions"])
        named = [
            one["name"].split(": ")[0].split(", version ")[0]
            for one in mended["lost"]
            if one["what"] in ("article", "version", "words")
        ]
        lost = {row[0] for row in set(self.before["versions"]) - after}
        addresses = {row[0]: row[1] for row in self.before["articles"]}
        assert {addresses[key] for key in lost} <= {
            name.removesuffix("/") for name in named
        } | set(named), (
            lost,
            named,
        )
        return sorted(addresses[key] for key in lost)


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What must not change."""
    asked = {
        "versions": "select article, number, sha256, title, text, first_seen, last_seen from versions",
        "articles": "select key, url, outlet, first_seen, version, versions from articles",
        "captures": "select id, kind, url, at, sha256, file, offset, length from captures",
        "entries": "select key, feed, url, first_seen, outcome, article from entries",
    }
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return {
            name: sorted(connection.execute(sql).fetchall(), key=repr)
            for name, sql in asked.items()
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
    said = json.loads(case.observer.run("doctor", "--fix", "--json"))
    assert said["ok"] and said["mended"] == {"copy": None, "done": [], "lost": []}
    assert (
        rows(case.path) == case.before and case.path.read_bytes()[100:] == before[100:]
    )


def leaf(table: str) -> Callable[[Case], None]:
    return lambda case: case.zero(case.pages(table)[-2:][0])


def upper(table: str) -> Callable[[Case], None]:
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
    "header": header, "first page": first_page, "upper page of versions": upper("versions"),
    "index": index, "full text": leaf("versions_fts_data"), "leaf of articles": leaf("articles"), "sightings": leaf("sightings"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSING_NOTHING)
def test_damage_by_which_no_version_is_lost(case: Case, name: str) -> None:
    LOSING_NOTHING[name](case)
    mended = case.mend()
    assert case.kept(mended) == []
    copy = Path(mended["copy"])
    assert copy.exists() and copy.stat().st_mode & 0o077 == 0
    after = rows(case.path)
    assert (
        len(after["articles"]) == ARTICLES
        and after["captures"] == case.before["captures"]
    )
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
    mended = case.mend()
    lost = case.kept(mended)
    assert 0 < len(lost) < ARTICLES
    gone = [one["name"] for one in mended["lost"] if one["what"] == "article"]
    assert len(rows(case.path)["articles"]) == ARTICLES - len(gone)
    for number in range(ARTICLES):  # the paper stands as it stood
        case.observer.put(f"/story-{number}/", case.observer.pages.get(f"https://paper.example/story-{number}/") or page(f"Story {number} of the town", words(number)), f"Story {number} of the town")  # fmt: skip
    case.observer.crawl(LAST)
    assert {row[1] for row in rows(case.path)["articles"]} == {
        row[1] for row in case.before["articles"]
    }
    case.whole()


def test_rows_of_captures_come_back_from_their_records(case: Case) -> None:
    case.zero(case.pages("captures")[0])
    mended = case.mend()
    assert any("from their WARC records" in one for one in mended["done"])
    assert not [one for one in mended["lost"] if one["what"] == "capture"]
    assert rows(case.path)["captures"] == case.before["captures"]
    assert json.loads(case.observer.run("verify", "--json"))["ok"]


@pytest.mark.parametrize("bit", [4, 128], ids=["another letter", "no letter"])
def test_a_flipped_bit_in_a_text(case: Case, bit: int) -> None:
    mark = b"house 3 of 20 has it"
    at = case.path.read_bytes().index(
        mark, case.path.read_bytes().index(b"house 2 of 20 has it")
    )
    case.flip(at, bit)
    with (
        case.observer.reading() as connection
    ):  # the index says what the row says: only the digest tells
        connection.execute("insert into versions_fts (versions_fts) values ('rebuild')")
        connection.commit()
    if (
        rows(case.path)["versions"] == case.before["versions"]
    ):  # it hit an index's copy of the words
        pytest.fail("the bit was not in a version")
    mended = case.mend()
    assert any("read again from its capture" in one for one in mended["done"])
    assert case.kept(mended) == []


@pytest.mark.parametrize(
    ("column", "instead"),
    [
        ("first_seen", "2025-09-06T08:00:00\x19"),
        ("first_seen", "2025-09-06T07:00:00Z"),
        ("last_seen", "2425-09-07T08:00:00Z"),
        ("last_seen", "2025-09-07T08:02:00Z"),
        ("last_seen", "1025-09-07T08:00:00Z"),
    ],
)
def test_a_flipped_bit_in_the_times_of_a_version(
    case: Case, column: str, instead: str
) -> None:
    with closing(sqlite3.connect(case.path)) as connection, connection:
        connection.execute(f"update versions set {column} = ? where id = 20", [instead])
    assert case.kept(case.mend()) == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b"references outlets(key)", b"references nutlets(key)"),
        (b"    due text, ", b"    due\x00text, "),
        (b"    title text not null", b"    titne text not null"),
        (b"feeds_duefeeds", b"feeds_dtefeeds"),
        (b'INSERT INTO "versions_fts" (', b'INSERT INTO "versions_ftq" ('),
    ],
)
def test_a_flipped_bit_in_a_definition(case: Case, said: bytes, instead: bytes) -> None:
    body = case.path.read_bytes()
    if said not in body:
        pytest.skip("it is written otherwise")
    case.path.write_bytes(body.replace(said, instead, 1))
    assert case.kept(case.mend()) == []


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
    mended = case.mend()
    assert (
        "rebuilt the full-text index" in mended["done"]
        and rows(case.path) == case.before
    )
    assert "Story 3 " in case.observer.run("search", '"story 3"')


def test_a_damaged_log(case: Case) -> None:
    """Frames behind a broken one were committed too: SQLite would not say that they are there."""
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
    whole = wal.read_wal(path)
    assert whole.visible_commits == 4 and whole.hidden_commits == 0
    body = bytearray(path.read_bytes())
    body[32 + 24 + 4_000] ^= 1
    path.write_bytes(body)
    assert (
        wal.read_wal(path).visible_commits == 0
        and wal.read_wal(path).hidden_commits == 4
    )
    mended = case.mend()
    names = {row["key"] for row in case.observer.rows("select key from outlets")}
    assert {"o1", "o2", "o3"} <= names and case.kept(mended) == []


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
    mended = case.mend()
    assert case.kept(mended) == []
    assert {
        "created the missing index entries_due",
        "created the missing trigger versions_ai",
        "created the missing view latest",
        "the next crawls rebuild the index of shingles",
    } <= set(mended["done"])
    assert [
        row["outlet"] for row in case.observer.rows("select outlet from feeds")
    ] == ["paper"]


def test_captures_that_are_cut_short_torn_or_missing(case: Case) -> None:
    (file,) = (case.observer.folder / "captures").glob("*.warc.gz")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:100])
    said = json.loads(case.observer.run("doctor", "--json"))  # the next crawl cuts it
    assert any("incomplete record" in one["words"] for one in said["found"])
    json.loads(case.observer.run("doctor", "--fix", "--json"))
    assert file.read_bytes() == whole
    ends = sorted(
        row["offset"] + row["length"]
        for row in case.observer.rows("select * from captures")
    )
    file.write_bytes(whole[: ends[-3] + 20])
    mended = case.mend()
    assert len([one for one in mended["lost"] if one["what"] == "capture"]) == 2
    assert file.stat().st_size == ends[-3]
    file.rename(file.with_name("elsewhere"))
    said = json.loads(
        case.observer.run("doctor", "--fix", "--json", code=1)
    )  # it may come back
    assert (
        said["mended"]["lost"] == []
        and len(case.observer.rows("select 1 from captures where file is not null")) > 3
    )
    file.with_name("elsewhere").rename(file)
    assert json.loads(case.observer.run("doctor", "--json"))["ok"]
    file.unlink()
    mended = case.mend(0, "--forget-captures")
    assert len(mended["lost"]) == len(ends) - 2 and all(
        "https://paper.example/" in one["name"] for one in mended["lost"]
    )
    case.observer.crawl(LAST)
    assert case.observer.rows(
        "select 1 from captures where file is not null"
    )  # they are asked for again


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
    assert json.loads(observer.run("doctor", "--fix", "--json"))["ok"]
    case.whole()
    assert [row["name"] for row in observer.rows("select name from outlets")] == ["Old"]
    assert observer.rows("pragma user_version") == [
        {"user_version": schema.SCHEMA_VERSION}
    ]


def test_what_the_chain_remembers_is_put_back(case: Case) -> None:
    with closing(sqlite3.connect(case.path)) as connection:
        connection.execute(
            "update versions set sha256 = replace(sha256, substr(sha256, 9, 2), 'zz'), first_seen = '2031' where id = 5"
        )
        connection.execute(
            "update captures set file = 'harvester%.warc.gz' where id = 7"
        )
        connection.commit()
    case.mend()
    assert rows(case.path) == case.before
    assert json.loads(case.observer.run("verify", "--json"))["ok"]


def test_rights_and_what_was_left_lying(case: Case) -> None:
    case.path.chmod(0o644)
    draft = case.path.with_name("archive.db.fix.part")
    draft.write_bytes(b"half")
    said = json.loads(case.observer.run("doctor", "--json"))
    assert said["ok"] and sum("warning" in one["words"] for one in said["found"]) == 2
    case.observer.run("doctor", "--fix")
    assert case.path.stat().st_mode & 0o777 == 0o600 and not draft.exists()


def test_what_is_no_archive_is_left_alone(case: Case) -> None:
    for body in (b"# My diary\n" * 4_000, bytes(50_000)):
        case.path.write_bytes(body)
        case.path.with_name("archive.db-wal").unlink(missing_ok=True)
        case.observer.run("doctor", "--fix", code=1)
        assert case.path.read_bytes() == body
