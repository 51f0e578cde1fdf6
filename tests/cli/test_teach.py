"""``harvest teach``: what a person says of single blocks cures the outlet's other pages, and makes no edit."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import profiles
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.newsroom import Newsroom
from tests.support import forked_program
from tests.support.papers import TYPE, Story

COUNT = 8


def pitch(number: int) -> str:
    """An advertisement that reads like the article, is another on each page, and so can only be seen by its place."""
    return f"The {Story(number + 3).title.split(': ')[0]} of {1900 + number} stood at the beginning of a long quarrel, of which our yearbook tells."


class Paper:
    """An archive of eight articles, each with a pitch in its text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str, typed: str = "", code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        done = forked_program.run(
            "harvester.cli",
            arguments,
            cwd=self.folder,
            typed=typed,
            environment={"COLUMNS": "160"},
            timeout=120,
        )
        assert "Traceback" not in done.stderr and done.returncode == code, (
            done.returncode,
            done.stdout,
            done.stderr,
        )
        return done

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def wrong(self) -> set[int]:
        """The articles that still have a pitch in their text, or have lost a paragraph."""
        rows = self.rows(
            "select a.url, v.text from articles a join versions v on v.article = a.key"
        )
        held = {
            int(row["url"].rstrip("/").rpartition("-")[2]): row["text"] for row in rows
        }
        assert len(held) == COUNT
        return {number for number, text in held.items() if text != Story(number).text}


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    with Newsroom() as room:
        paper = room.add_outlet("paper", "files", language="en")
        stories = [Story(n) for n in range(COUNT)]
        paper.serve_pages(
            [(one.path, one.page(pitch(one.number)), TYPE) for one in stories]
        )
        (folder / "settings.toml").write_text(room.settings_toml("."))
        assert '"new": 8' in Paper(folder)("once", "--json").stdout
    return folder


@pytest.fixture
def paper(harvested: Path, tmp_path: Path) -> Paper:
    shutil.copytree(harvested, tmp_path / "paper")
    return Paper(tmp_path / "paper")


def place_of(record: dict[str, Any], words: str) -> int:
    return next(one["place"] for one in record["blocks"] if words in one["text"])


def test_three_pages_corrected_by_number(paper: Paper) -> None:
    assert paper.wrong() == set(range(COUNT))
    pages = json.loads(paper("teach", "paper", "--json").stdout)
    assert len(pages) == 3 and not paper.rows("select 1 from labels")  # it only looks
    assert len({one["article"] for one in pages}) == 3
    places = [place_of(one, "our yearbook tells") for one in pages]
    kept = next(one for one in pages[0]["blocks"] if one["place"] == places[0])
    assert (
        kept["kept"]
        and kept["opinion"] > 0.5
        and kept["model"] > 0.5
        and kept["reason"] in ("model", "profile")
    )

    versions = paper.rows(
        "select number, sha256, first_seen, last_seen from versions order by id"
    )
    typed = f"d {places[0]}\n\n{places[1]}\n?\nnonsense\nk 9999\n\n{places[2]} {places[2]}-{places[2]}\nk {places[2]}\nd {places[2]}\n\n"
    done = paper("teach", "paper", typed=typed)
    assert (
        "'nonsense' is not the number" in done.stderr
        and "no such block 9999" in done.stderr
    )
    assert (
        "3 pages labelled; profile" in done.stdout
        and "8 articles read again, 8 changed" in done.stdout
    )
    assert paper.wrong() == set()
    assert (
        paper.rows(
            "select number, sha256, first_seen, last_seen from versions order by id"
        )
        == versions
    )
    assert not paper.rows("select 1 from changes") and not paper.rows(
        "select 1 from events"
    )
    (shown,) = json.loads(paper("profiles", "--json").stdout)
    assert (shown["labelled"], shown["taught"]) == (3, 3)
    assert "up to date" in paper("reread").stdout

    others = json.loads(
        paper("teach", "paper", "--json", "--pages", "20").stdout
    )  # those taught are not asked again
    assert len(others) == COUNT - 3 and not {one["article"] for one in others} & {
        one["article"] for one in pages
    }
    (place,) = {
        next(one["reason"] for one in other["blocks"] if "our yearbook" in one["text"])
        for other in others
    }
    assert place == "place"


def test_pages_found_right_are_labels(paper: Paper) -> None:
    done = paper("teach", "paper", "--pages", "2", typed="\ns\n")
    assert (
        "1 page labelled" in done.stdout
        and "labels count from 3 pages on; 1 so far" in done.stderr
    )
    (profile,) = paper.rows(
        "select labelled from profiles order by number desc limit 1"
    )
    assert profile["labelled"] == 1
    said = paper.rows(
        "select wanted, count(*) as count from labels group by wanted order by wanted"
    )
    assert [one["wanted"] for one in said] == [0, 1] and said[1]["count"] == len(
        Story(0).paragraphs
    ) + 1
    # Stopping, and the end of the input, keep what was said before; of the page at hand nothing.
    assert "no labels given" in paper("teach", "paper", typed="s\n3\n").stderr
    assert len(paper.rows("select distinct article from labels")) == 1
    assert "1 page labelled" in paper("teach", "paper", typed="\nq\n").stdout


def test_labels_from_a_program(paper: Paper) -> None:
    pages = json.loads(paper("teach", "paper", "--json", "--pages", str(COUNT)).stdout)
    by_number = {int(one["url"].rstrip("/").rpartition("-")[2]): one for one in pages}
    lines = [
        {
            "article": by_number[1]["article"],
            "unwanted": [place_of(by_number[1], "our yearbook")],
        },
        {"article": by_number[2]["url"], "text": Story(2).text},
        {
            "article": by_number[3]["article"][:10],
            "wanted": [],
            "unwanted": [place_of(by_number[3], "our yearbook")],
        },
    ]
    file = paper.folder / "labels.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    done = json.loads(paper("teach", "paper", "--labels", str(file), "--json").stdout)
    assert (done["taught"], done["read"], done["changed"], done["left"]) == (
        3,
        COUNT,
        COUNT,
        0,
    )
    assert (done["profile"]["labelled"], len(done["differ"])) == (3, COUNT)
    assert paper.wrong() == set()
    # Taught otherwise: what was said last of an article counts.
    line = json.dumps(
        {
            "article": by_number[2]["article"],
            "wanted": [place_of(by_number[2], "our yearbook")],
        }
    )
    again = json.loads(
        paper("teach", "paper", "--labels", "-", "--json", typed=line).stdout
    )
    assert again["taught"] == 1 and again["profile"]["taught"] == 3


WRONG = (
    ("{", "not JSON"),
    ("[]", 'not an object with "article"'),
    ('{"article": "KEY"}', "no labels"),
    ('{"article": "KEY", "want": []}', "unknown key 'want'"),
    ('{"article": "KEY", "wanted": ["3"]}', "must be lists of block numbers"),
    ('{"article": "KEY", "wanted": [true]}', "must be lists of block numbers"),
    ('{"article": "KEY", "wanted": [], "text": "x"}', "must be a non-empty string"),
    ('{"article": "KEY", "wanted": [99999]}', "unknown block 99999"),
    (
        '{"article": "KEY", "wanted": [3], "unwanted": [3]}',
        "block 3 is both wanted and unwanted",
    ),
    (
        '{"article": "KEY", "text": "Nothing of this stands anywhere on the page, not one single sentence."}',
        "is not that of",
    ),
    ('{"article": "ffffffffffff", "wanted": []}', "no article has a key"),
)


def test_labels_that_say_nothing(paper: Paper) -> None:
    key = paper.rows("select key from articles")[0]["key"]
    fine = json.dumps({"article": key, "unwanted": []})
    typed = "".join(f"{line.replace('KEY', key)}\n" for line, _ in WRONG)
    done = paper("teach", "paper", "--labels", "-", typed=f"{fine}\n{typed}", code=1)
    faults = [line for line in done.stderr.splitlines() if "line " in line]
    assert len(faults) == len(WRONG)
    for number, (fault, (_, said)) in enumerate(zip(faults, WRONG, strict=True), 2):
        assert f"line {number}: " in fault and said in fault
    assert "nothing was learned" in done.stderr and not paper.rows(
        "select 1 from labels"
    )


def test_what_was_taught_outlives_a_new_capture(paper: Paper) -> None:
    key = paper.rows("select key from articles")[0]["key"]
    paper(
        "teach",
        "paper",
        "--labels",
        "-",
        typed=json.dumps({"article": key, "unwanted": []}),
    )
    (taught,) = paper.rows("select distinct capture from labels")
    archive = Archive.open(paper.folder / "archive.db")
    try:
        archive.begin()
        other = archive.connection.execute(
            "select max(capture) from articles"
        ).fetchone()[0]
        archive.connection.execute(
            "update articles set capture = ? where key = ?", [other, key]
        )
        archive.commit()
        pages = {
            one.article: one.capture
            for one in profiles.list_training_pages(archive.connection, "paper", 40)
        }
        assert pages[key] == taught["capture"] and len(pages) == COUNT
        assert [
            one.article
            for one in profiles.list_training_pages(archive.connection, "paper", 1)
        ] == [key]  # the taught come first
        assert key not in {
            one.article
            for one in profiles.list_training_pages(
                archive.connection, "paper", 40, labelled=False
            )
        }
    finally:
        archive.close()


def test_what_cannot_be_taught(paper: Paper) -> None:
    assert "unknown outlet 'papre'" in paper("teach", "papre", code=2).stderr
    lock = Lock(paper.folder / "archive.db")
    lock.acquire(LockHolder(os.getpid(), "harvest run", "2025-09-06T06:12:45Z"))
    try:
        key = paper.rows("select key from articles")[0]["key"]
        line = json.dumps({"article": key, "unwanted": []})
        assert (
            "harvest run"
            in paper("teach", "paper", "--labels", "-", typed=line, code=4).stderr
        )
    finally:
        lock.release()
    settings = paper.folder / "settings.toml"
    settings.write_text(
        settings.read_text() + '\n[outlets.paper.rules]\ntext = ".story"\n'
    )
    assert (
        "the settings say what the text of paper is"
        in paper("teach", "paper", code=1).stderr
    )
