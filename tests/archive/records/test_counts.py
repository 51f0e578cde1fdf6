"""Kept counts are those of the rows, whatever is written in whatever order."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.archive import schema
from harvester.archive.connection import Archive
from harvester.archive.queries import health_events, overview, reading_health, report
from harvester.archive.records import changes, counts, feeds, looks
from harvester.cli import cli
from tests.support.small_archive import village

OUTLETS = ("north", "south", "east")
KEYS = tuple(f"{number:016x}" for number in range(6))
FEEDS = tuple(f"https://{outlet}.example/feed" for outlet in OUTLETS)
TIME = "2025-09-06T07:00:00Z"
# When things are seen: minutes, hours and days apart; and what is no time.
TIMES = (
    "2025-09-06T07:00:00Z", "2025-09-06T07:15:00Z", "2025-09-06T07:15:01Z",
    "2025-09-06T09:00:00Z", "2025-09-06T23:59:59Z", "2025-09-07T07:00:00Z",
    "2025-09-20T00:00:00Z", "",
)  # fmt: skip


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty archive with outlets and feeds, in which rows may refer to none."""
    with closing(Archive.open(tmp_path / "archive.db")) as archive:
        archive.connection.execute("pragma foreign_keys = off")
        for outlet, feed in zip(OUTLETS, FEEDS, strict=True):
            archive.connection.execute(
                "insert into outlets (key, name, first_seen) values (?, ?, ?)",
                [outlet, outlet, TIME],
            )
            archive.connection.execute(
                """
                insert into feeds (url, outlet, first_seen, since)
                values (?, ?, ?, ?)""",
                [feed, outlet, TIME, TIME],
            )
        yield archive.connection


class Writer:
    """Writes rows at random, as nobody would, but as anybody might."""

    def __init__(self, connection: sqlite3.Connection, seed: int) -> None:
        self.connection = connection
        self.chance = random.Random(seed)

    def one_step(self) -> None:
        steps: list[Callable[[], None]] = [
            self.add_article, self.change_article, self.add_version, self.change_version, self.add_change,
            self.change_change, self.add_event, self.add_capture, self.add_crawl, self.add_entry,
            self.change_entry, self.delete_some, self.rename_outlet, self.change_cluster,
        ]  # fmt: skip
        self.chance.choice(steps)()

    def _pick(self, *values: object) -> object:
        return self.chance.choice(values)

    def _number(self, limit: int = 4) -> int:
        return self.chance.randrange(1, limit)

    def _outlet(self) -> str:
        rows = self.connection.execute("select key from outlets").fetchall()
        return str(self.chance.choice(rows)[0])

    def _run(self, sql: str, **values: object) -> None:
        self.connection.execute(sql, values)

    def add_article(self) -> None:
        self._run(
            """
            insert or ignore into articles (key, url, reached, outlet, state, first_seen,
                last_seen, looked, outcome, version, versions, looks, copy_of)
            values (:key, '', '', :outlet, :state, :first_seen, '', '', 'new', :version,
                :version, :looks, :copy_of)""",
            first_seen=self._pick(*TIMES),
            key=self._pick(*KEYS),
            outlet=self._outlet(),
            state=self._pick("live", "suspect"),
            version=self._number(),
            looks=self._number(),
            copy_of=self._pick(None, KEYS[0]),
        )

    def change_article(self) -> None:
        self._run(
            """
            update or ignore articles
            set key = iif(key = :key, :new_key, key), state = :state, version = :version,
                versions = versions + :more,
                looks = looks + :more, copy_of = :copy_of, outlet = :outlet,
                first_seen = coalesce(:first_seen, first_seen)
            where key >= :key""",
            first_seen=self._pick(None, *TIMES),
            key=self._pick(*KEYS),
            new_key=self._pick(*KEYS),
            outlet=self._outlet(),
            state=self._pick("live", "removed", "returned"),
            version=self._number(),
            more=self._pick(0, 1, 2),
            copy_of=self._pick(None, KEYS[0], KEYS[1]),
        )

    def add_version(self) -> None:
        self._run(
            """
            insert or ignore into versions (article, number, sha256, wording, text_sha256,
                title, text, words, first_seen, last_seen, kind, access)
            values (:article, :number, :number, '', '', '', '', 0, :first_seen, '', :kind,
                :access)""",
            first_seen=self._pick(*TIMES),
            article=self._pick(*KEYS),
            number=self._number(),
            kind=self._pick("article", "live", "stub"),
            access=self._pick("free", "unknown"),
        )

    def change_version(self) -> None:
        self._run(
            """
            update or ignore versions
            set article = :article, number = :number, kind = :kind, access = :access,
                first_seen = :first_seen
            where id % 4 = :rest""",
            first_seen=self._pick(*TIMES),
            rest=self.chance.randrange(4),
            article=self._pick(*KEYS),
            number=self._pick(1, 2, 3, -7),
            kind=self._pick("article", "gallery"),
            access=self._pick("paywalled", "unknown"),
        )
        self._run("update or ignore versions set number = -id where number = 2")

    def add_change(self) -> None:
        self._run(
            """
            insert into changes (article, at, kind, before, after, back, class, silent)
            values (:article, :at, :kind, 1, 2, :back, :class, :silent)""",
            **self._change(),
        )

    def change_change(self) -> None:
        self._run(
            """
            update changes set article = :article, at = :at, kind = :kind,
                back = :back, class = :class, silent = :silent
            where id % 3 = :rest""",
            rest=self.chance.randrange(3),
            **self._change(),
        )

    def _change(self) -> dict[str, object]:
        return {
            "article": self._pick(*KEYS),
            "at": self._pick(*TIMES),
            "kind": self._pick("edited", "headline", "fields"),
            "back": self._pick(0, 1),
            "class": self._pick("", "typo", "correction"),
            "silent": self._pick(None, 0, 1),
        }

    def add_event(self) -> None:
        self._run(
            "insert into events (at, kind, outlet) values (:at, :kind, :outlet)",
            at=self._pick(*TIMES),
            kind=self._pick("edited", "removed", "returned"),
            outlet=self._pick("", self._outlet()),
        )
        self._run(
            "update events set kind = :kind, at = :at where id % 2 = 0",
            kind=self._pick("edited", "back", "removed"),
            at=self._pick(*TIMES),
        )
        self._run(
            "update events set outlet = :outlet where outlet <> '' and id % 3 = 0",
            outlet=self._outlet(),
        )

    def change_cluster(self) -> None:
        self._run(
            """
            insert into clusters (article, cluster, agency) values (:key, :key, :agency)
            on conflict (article) do update set agency = excluded.agency""",
            key=self._pick(*KEYS),
            agency=self._pick("", "AFP", "Reuters"),
        )
        self._run(
            "update or ignore clusters set article = :key where article >= :other",
            key=self._pick(*KEYS),
            other=self._pick(*KEYS),
        )

    def add_capture(self) -> None:
        self._run(
            """
            insert into captures (outlet, kind, url, reached, at, status, sha256, bytes)
            values (:outlet, :kind, '', '', '', 200, '', :bytes)""",
            outlet=self._pick("", self._outlet()),
            kind=self._pick("feed", "article"),
            bytes=self.chance.randrange(1000),
        )
        self._run(
            "update captures set kind = 'purged', bytes = 0 where id % 5 = :rest",
            rest=self.chance.randrange(5),
        )

    def add_crawl(self) -> None:
        self._run("insert into crawls (started, visits) values ('', 1)")
        self._run("update crawls set visits = visits + 3 where id % 2 = 0")

    def add_entry(self) -> None:
        self._run(
            """
            insert into entries (key, feed, first_seen, last_seen, outcome, reason)
            values (:key, :feed, '', '', :outcome, :reason)""",
            key=f"{self.chance.getrandbits(64):016x}",
            feed=self._pick(*FEEDS),
            **self._entry(),
        )

    def change_entry(self) -> None:
        self._run(
            """
            update entries set outcome = :outcome, reason = :reason
            where id % 3 = :rest""",
            rest=self.chance.randrange(3),
            **self._entry(),
        )

    def _entry(self) -> dict[str, object]:
        return {
            "outcome": self._pick("new", "unchanged", "failed", "waiting"),
            "reason": self._pick("", "not found", "too slow", "not visited yet"),
        }

    def delete_some(self) -> None:
        table = self._pick(
            "articles", "versions", "changes", "events", "captures", "crawls", "entries"
        )
        self._run(f"delete from {table} where rowid % 4 = 1")
        self._run("delete from clusters where article = :key", key=self._pick(*KEYS))

    def rename_outlet(self) -> None:
        previous = self._outlet()
        self.connection.execute("pragma foreign_keys = on")  # they rename too
        feeds.upsert_outlet(
            self.connection,
            f"{previous.partition('-')[0]}-{self._number(1000)}",
            previous,
            "",
            "",
            previous,
            TIME,
        )
        self.connection.execute("pragma foreign_keys = off")


@pytest.mark.parametrize("seed", range(12))
def test_triggers_count_what_is_there(
    connection: sqlite3.Connection, seed: int
) -> None:
    writer = Writer(connection, seed)
    for _ in range(150):
        writer.one_step()
        assert list(counts.find_wrong_counts(connection)) == []
    numbers = [row["number"] for row in connection.execute("select * from counts")]
    assert min(numbers) >= 0 and max(numbers) > 3


def test_what_a_transaction_undoes_is_not_counted(
    connection: sqlite3.Connection,
) -> None:
    Writer(connection, 1).add_crawl()
    before = counts.sum_counts(connection, "captures")
    connection.execute("begin")
    Writer(connection, 1).add_capture()
    assert counts.sum_counts(connection, "captures") == before + 1
    connection.execute("rollback")
    assert counts.sum_counts(connection, "captures") == before


def test_an_upgrade_counts_what_the_archive_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:8])
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 8)
    made = village(tmp_path)
    path = made.done()
    monkeypatch.undo()
    with closing(Archive.open(path)) as archive:
        kept = archive.connection.execute("select * from counts").fetchall()
        assert {row["what"] for row in kept} >= {"articles", "kinds", "edits", "events"}
        assert list(counts.find_wrong_counts(archive.connection)) == []


def test_a_wrong_count_is_named_and_mended(connection: sqlite3.Connection) -> None:
    writer = Writer(connection, 2)
    for _ in range(40):
        writer.one_step()
    writer.add_entry()
    connection.execute("update counts set number = number + 2 where what = 'captures'")
    connection.execute("update entry_counts set entries = 77")
    connection.execute("delete from counts where what = 'crawls'")
    wrong = list(counts.find_wrong_counts(connection))
    assert any("crawls" in message for message in wrong)
    assert any("entry_counts has 77" in message for message in wrong)
    assert counts.rebuild_counts(connection) >= len(wrong) - 2
    assert list(counts.find_wrong_counts(connection)) == []
    assert counts.rebuild_counts(connection) == 0


def test_verify_finds_a_wrong_count_and_doctor_mends_it(tmp_path: Path) -> None:
    path = village(tmp_path).done()
    before = run(tmp_path, "stats", "--json")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update counts set number = 41 where what = 'versions'")
        connection.execute("insert into entry_counts values ('', 'failed', 'x', 3)")
        connection.commit()
    assert run(tmp_path, "stats", "--json") != before
    broken = json.loads(run(tmp_path, "verify", "--quick", "--json", code=1))["broken"]
    messages = [fault["what"] for fault in broken]
    assert any("versions is" in one and "counts has 41" in one for one in messages)
    assert "the count of failed, x is 0, and entry_counts has 3" in messages
    assert "counts has 41" in run(tmp_path, "doctor", code=1)
    assert "counted anew" in run(tmp_path, "doctor", "--fix")
    assert run(tmp_path, "stats", "--json") == before
    run(tmp_path, "verify", "--quick")


def test_a_missing_trigger_is_created_and_what_it_missed_counted(
    tmp_path: Path,
) -> None:
    made = village(tmp_path)
    made.connection.execute("drop trigger captures_counted")
    made.row(
        "captures", kind="robots", url="", reached="", at=TIME, status=200,
        sha256="", bytes=7,
    )  # fmt: skip
    made.done()
    assert "trigger captures_counted is missing" in run(tmp_path, "doctor", code=1)
    assert "counted anew" in run(tmp_path, "doctor", "--fix")
    assert json.loads(run(tmp_path, "stats", "--json"))["captures"]["bytes"] == 7


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(
        cli, ["--settings", str(folder / "settings.toml"), *arguments]
    )
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


# ---- what is read of them does not grow

QUERIES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "status": report.list_outlets,
    "events of feeds": lambda connection: health_events.list_health_events(
        connection, 5
    ),
    "stats": report.get_stats,
    "checks": looks.count_checks_by_outlet,
    "edits": changes.count_edits_by_outlet,
    "edits of one": lambda connection: changes.count_edits_by_outlet(
        connection, "north"
    ),
    "edits since": lambda connection: changes.count_edits_by_outlet(
        connection, since=TIME
    ),
    "totals": overview.count_totals,
    "outcomes": lambda connection: overview.count_outcomes(connection, "north"),
    "latest of an outlet": lambda connection: overview.list_latest_articles(
        connection, 10, "north"
    ),
    "pages of twelve weeks": lambda connection: reading_health.list_outlet_health(
        connection, ("north",), 12, TIME
    ),
    "newest pages": lambda connection: reading_health.list_newest_pages(
        connection, "north", 30
    ),
    "events of an outlet": lambda connection: overview.list_latest_events(
        connection, ("edited", "removed"), 10, "north"
    ),
}
BOUNDED_LISTS = (
    "events of feeds",
    "latest of an outlet",
    "newest pages",
    "events of an outlet",
)
SMALL_TABLES = (
    "outlets",
    "feeds",
    "entry_counts",
    "o",
    "f",
    "p",
    "json_each",
    "k",  # of json_each
)


@pytest.mark.parametrize("name", QUERIES)
def test_no_table_that_grows_is_scanned(
    connection: sqlite3.Connection, name: str
) -> None:
    writer = Writer(connection, 3)
    for _ in range(100):
        writer.one_step()
    writer.add_entry()
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    QUERIES[name](connection)
    connection.set_trace_callback(None)
    plans = [
        str(row["detail"])
        for sql in statements
        if not sql.startswith("--")
        for row in connection.execute(f"explain query plan {sql}")
    ]
    assert plans
    if name in BOUNDED_LISTS:
        # But for the few rows whose ids another statement chose.
        sorting = [
            sql
            for sql in statements
            if "json_each" not in sql and not sql.startswith("--")
            for row in connection.execute(f"explain query plan {sql}")
            if "TEMP B-TREE" in row["detail"]
        ]
        assert sorting == []
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    # By an index of just these rows, or in its order as far as a limit: ends at once.
    indexes = ("hosts_not_before", "events_feed", "crawls_started")
    assert [
        plan
        for plan in scans
        if plan.split()[1] not in SMALL_TABLES
        and not any(index in plan for index in indexes)
    ] == []
