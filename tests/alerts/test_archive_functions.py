"""Purge, merge, split, verify, repair and backup know what rang."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from harvester.archive.connection import open_reader
from harvester.archive.merging import joins
from tests.alerts.conftest import NOW, Rung
from tests.support.harvest_command import Harvest

TABLE = '[alerts.floods]\nto = "file:rang.jsonl"\n'


def test_a_purge_removes_what_rang_and_names_what_was_told(tmp_path: Path) -> None:
    rung = Rung(tmp_path, TABLE)
    told = rung.publish(1, "Purple zebras of Marlow", "a text of zebras")
    kept = rung.publish(2)
    rung.run_pass()
    waiting = rung.publish(3, "Purple zebras again", "another text of zebras")
    rung.made.archive.close()
    harvest = Harvest(tmp_path)
    planned = harvest.json("purge", told, "--dry-run")
    done = harvest.json("purge", told, "--why", "order", "--yes")
    for summary in (planned, done):
        (delivered,) = summary["delivered"]
        assert delivered["alert"] == "floods"
        assert delivered["target"] == f"file:{tmp_path / 'rang.jsonl'}" or (
            delivered["target"].endswith("rang.jsonl")
        )
    assert done["removed"]["deliveries"] == done["removed"]["alert_events"] == 1
    # What waits is not sent after its article was purged.
    text = harvest("purge", waiting, "--why", "order", "--yes").stdout
    assert "1 alert event" in text and "1 delivery" in text
    for path in tmp_path.glob("archive.db*"):
        assert b"zebras" not in path.read_bytes()
    with closing(open_reader(tmp_path / "archive.db")) as connection:
        rows = connection.execute("select article from alert_events").fetchall()
        assert [row[0] for row in rows] == [kept]
        assert not connection.execute("pragma foreign_key_check").fetchall()


def test_articles_that_become_one_take_along_what_rang(tmp_path: Path) -> None:
    rung = Rung(tmp_path, TABLE)
    keys = [rung.publish(number, f"Floods {number}") for number in (1, 2)]
    connection = rung.made.connection
    connection.execute("begin")
    stays, _ = joins.merge_articles(connection, *keys, "test", NOW)
    connection.execute("commit")
    assert {row[0] for row in rung.rows("select article from alert_events")} == {stays}
    assert rung.run_pass().delivered == 2
    assert not connection.execute("pragma foreign_key_check").fetchall()


def test_what_rang_in_another_archive_stays_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    here, there = Rung(tmp_path / "a", TABLE), Rung(tmp_path / "b", TABLE)
    here.publish(1)
    there.publish(2)
    here.made.archive.close()
    there.made.archive.close()
    Harvest(tmp_path / "a")("merge", str(tmp_path / "b" / "archive.db"))
    with closing(open_reader(tmp_path / "a" / "archive.db")) as connection:
        articles, events = (
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("articles", "alert_events")
        )
    assert (articles, events) == (2, 1)


def test_verify_and_a_backup_with_what_rang(tmp_path: Path) -> None:
    rung = Rung(tmp_path, TABLE)
    rung.publish(1)
    rung.run_pass()
    rung.made.archive.close()
    harvest = Harvest(tmp_path)
    harvest("verify", code=None)
    harvest("backup", str(tmp_path / "copy.db"))
    with closing(open_reader(tmp_path / "copy.db")) as connection:
        (state,) = connection.execute("select state from deliveries").fetchone()
    assert state == "delivered"


def test_doctor_removes_what_names_lost_rows(tmp_path: Path) -> None:
    rung = Rung(tmp_path, TABLE)
    rung.publish(1)
    rung.publish(2)
    connection = rung.made.connection
    connection.execute("pragma foreign_keys = off")
    connection.execute("delete from alert_events where id = 1")
    rung.made.archive.close()
    harvest = Harvest(tmp_path)
    harvest("doctor", "--fix", code=None)
    with closing(open_reader(tmp_path / "archive.db")) as reader:
        assert not reader.execute("pragma foreign_key_check").fetchall()
        assert reader.execute("select count(*) from deliveries").fetchone()[0] == 1
