"""Checks, edit counts, watches and removals in the archive, also of an older program."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from harvester.archive import schema
from harvester.archive.connection import Archive
from harvester.archive.records import looks
from harvester.cli import cli
from tests.support.small_archive import MARKET, Building, key_of, village

ATOM = "{http://www.w3.org/2005/Atom}"
NOW = "2025-09-10T00:00:00Z"


def run(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(
        cli, ["--settings", str(folder / "settings.toml"), *arguments]
    )
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def add_check(made: Building, key: str, at: str, saw: str = "") -> None:
    looks.add_check(
        made.connection,
        looks.NewCheck(
            key,
            at,
            "gone" if saw else "unchanged",
            404 if saw == "404" else 200,
            saw,
            int(bool(saw)),
            note=f"answered {saw}" if saw else "",
        ),
    )


@pytest.fixture
def made(tmp_path: Path) -> Building:
    """The village's archive, with checks of its market."""
    made = village(tmp_path)
    key = key_of(MARKET)
    add_check(made, key, "2025-09-06T20:00:00Z")
    add_check(made, key, "2025-09-07T01:00:00Z", "404")
    add_check(made, key, "2025-09-07T08:00:00Z", "soft 404")
    return made


def test_removals_show_their_evidence(made: Building) -> None:
    made.done()
    (one,) = json.loads(run(made.folder, "changes", "--kind", "removed", "--json"))
    assert (one["last_stood"], one["first_miss"]) == (
        "2025-09-06T20:00:00Z",
        "2025-09-07T01:00:00Z",
    )
    assert (
        one["evidence"]
        == "404 at 2025-09-07T01:00:00Z; soft 404 at 2025-09-07T08:00:00Z"
    )
    assert [
        row["kind"]
        for row in json.loads(
            run(made.folder, "changes", "--kind", "suspect", "--json")
        )
    ] == ["suspect"]
    assert "suspect" not in {
        row["kind"] for row in json.loads(run(made.folder, "changes", "--json"))
    }
    shown = json.loads(run(made.folder, "show", key_of(MARKET), "--json"))["ledger"]
    assert [look["saw"] for look in shown] == ["", "404", "soft 404"] and shown[1][
        "missed"
    ] is True
    text = run(made.folder, "show", key_of(MARKET))
    assert "soft 404 (evidence of removal)" in text and "online again" not in text


def test_the_feed_of_removals_is_atom_with_stable_ids(made: Building) -> None:
    made.connection.execute(
        "update versions set title = 'A <b>title</b> & \x1b[31m more' where article = ?",
        [key_of(MARKET)],
    )
    made.done()
    documents = [
        run(made.folder, "changes", "--kind", "removed", "--atom") for _ in range(2)
    ]
    roots = [ElementTree.fromstring(one.encode()) for one in documents]
    entries = [root.findall(f"{ATOM}entry") for root in roots]
    assert [len(one) for one in entries] == [1, 1]
    names = [one[0].findtext(f"{ATOM}id") for one in entries]
    assert names[0] == names[1] and str(names[0]).startswith("urn:uuid:")
    entry = entries[0][0]
    assert entry.findtext(f"{ATOM}title") == "Removed: A <b>title</b> & [31m more"
    assert (
        entry.findtext(f"{ATOM}updated")
        == "2025-09-07T08:00:00Z"
        == roots[0].findtext(f"{ATOM}updated")
    )
    assert "soft 404 at 2025-09-07T08:00:00Z" in str(entry.findtext(f"{ATOM}summary"))
    link = entry.find(f"{ATOM}link")
    assert (
        link is not None
        and link.get("href") == MARKET
        and entry.findtext(f"{ATOM}author/{ATOM}name")
    )


def test_watches(made: Building) -> None:
    key = made.done() and key_of(MARKET)
    record = json.loads(run(made.folder, "watch", key[:8], "--for", "2 days", "--json"))
    assert record["article"] == key and record["watched"] is True
    (one,) = json.loads(run(made.folder, "watch", "--list", "--json"))
    assert (one["article"], one["looks"]) == (key, 0) and one["due"] <= one["until"]
    assert "no longer watched" in run(made.folder, "watch", MARKET, "--stop")
    assert json.loads(run(made.folder, "watch", "--list", "--json")) == []
    wrong = CliRunner().invoke(cli, ["--settings", str(made.settings), "watch"])
    assert wrong.exit_code == 2


def test_the_command_looks_shows_edit_counts(made: Building) -> None:
    looks.add_outlet_counts(
        made.connection, "mpi", {"articles": (50.0, 0.0), "2 h": (20.0, 0.0)}
    )
    made.done()
    found = {
        one["outlet"]: one for one in json.loads(run(made.folder, "looks", "--json"))
    }
    assert set(found) == {"mpi", "courier"}
    assert (
        found["mpi"]["edits"] < 0.1 < found["courier"]["edits"]
        and found["mpi"]["budget"] == 8
    )
    assert all(0 <= one["promise"]["edits"] <= 1 for one in found.values())
    assert "forecast" in run(made.folder, "looks", "mpi")


def test_edit_counts_decay(made: Building) -> None:
    made.archive.begin()  # one transaction, not one fsync for each count
    for _ in range(3_000):
        looks.decay_outlet_counts(made.connection, "mpi")
        looks.add_outlet_counts(made.connection, "mpi", {"articles": (1.0, 2.0)})
    tried, found = looks.get_outlet_counts(made.connection, "mpi")["articles"]
    assert 450 < tried < 550 and found == pytest.approx(2 * tried)


def test_reading_needs_no_heavy_imports(made: Building) -> None:
    import subprocess

    made.done()
    script = (
        "import sys; from harvester.cli import cli\n"
        "try: cli(['looks', '--json'])\n"
        "except SystemExit: pass\n"
        "print([one for one in ('scrapy', 'trafilatura', 'sqlite_utils', 'apscheduler') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=made.folder,
        check=True,
    )
    assert done.stdout.rstrip().endswith("[]"), done.stdout[-300:]


def test_an_older_archive_keeps_its_evidence_and_its_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:2])
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    made = village(tmp_path)
    made.connection.execute("update articles set looked = '2025-09-08T07:00:00Z'")
    made.event("returned", key_of(MARKET), "2025-09-08T08:00:00Z")
    path = made.done()
    monkeypatch.undo()
    connection: sqlite3.Connection = Archive.open(path).connection
    found = connection.execute("select * from removals order by id desc").fetchall()
    assert [(row["kind"], row["first_miss"]) for row in found] == [
        ("returned", "2025-09-07T01:00:00Z"), ("removed", "2025-09-07T01:00:00Z"), ("suspect", "2025-09-07T01:00:00Z")
    ]  # fmt: skip
    assert (
        found[1]["evidence"]
        == "404 at 2025-09-07T01:00:00Z; 404 at 2025-09-07T08:00:00Z"
    )
    counts = looks.get_outlet_counts(connection, "mpi")
    assert counts["articles"] == (1.0, 2.0)
    assert (
        counts["1 h"][1] == 1 and counts["24 h"][1] == 1
    )  # after two hours, and after 26
    assert counts["24 h"][0] == pytest.approx(0.0285 * 24 / 48) and "72 h" not in counts
