"""Which captures are thinned out, what stays of them, and what a kill leaves.

The archives are written row by row, as of crawls of a page whose advertisements change.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import captures
from harvester.archive.takedown import execute, thinning, warc_rewrite
from harvester.cli import cli
from harvester.errors import ArchiveError
from tests.support.warc_archive import FEED, Paper, day, page

URL = "https://courier.example/ferry"
TITLE, TEXT = (
    "The ferry is late",
    "The ferry was late again.\nThe crew blames the tide.",
)
NOW, BEFORE = day(25), day(20)


def with_advertisement(number: int, text: str = TEXT) -> bytes:
    """The page with something else beside its text each time."""
    aside = f"<aside>{'Buy now! ' * 40}{number}</aside></body>".encode()
    return page(TITLE, text).replace(b"</body>", aside)


class Story:
    """An article that is checked once a day, from the second on."""

    def __init__(self, folder: Path, rotate: int = 1_000_000) -> None:
        self.paper = Paper(folder, rotate)
        first = self.paper.capture(URL, with_advertisement(1), day(1))
        self.key = self.paper.article(URL, day(1))
        self.version = self.paper.version(self.key, TITLE, TEXT, first, day(1))
        self.captures = {1: first}

    def check(self, number: int, body: bytes | None = None, **columns: Any) -> int:
        """A check that finds the same wording; returns its capture."""
        paper, at = self.paper, day(number)
        body = with_advertisement(number) if body is None else body
        try:
            capture = paper.capture_again(URL, body, at)
        except AssertionError:
            capture = paper.capture(URL, body, at)
        values = {"outcome": "unchanged", "capture": capture, **columns}
        paper.row("looks", article=self.key, at=at, **values)
        paper.connection.execute(
            "update sightings set until = ? where version = ?", [at, self.version]
        )
        paper.connection.execute(
            "update articles set capture = ? where key = ?", [capture, self.key]
        )
        self.captures[number] = capture
        return capture

    def edit(self, number: int) -> None:
        """A check that finds another wording."""
        text = f"{TEXT}\nIt is day {number}."
        capture = self.paper.capture(URL, with_advertisement(number, text), day(number))
        self.paper.row(
            "looks",
            article=self.key,
            at=day(number),
            outcome="changed",
            capture=capture,
        )
        self.version = self.paper.version(self.key, TITLE, text, capture, day(number))
        self.captures[number] = capture

    def close(self) -> None:
        proof.seal_rows(self.paper.connection, NOW)
        self.paper.close()


def thin(folder: Path, before: str = BEFORE) -> int:
    """Thin out all files; returns how many captures."""
    total, next_id = 0, 0
    with closing(Archive.open(folder / "archive.db", folder / "captures")) as archive:
        while done := thinning.thin_next_file(archive, next_id, before, NOW):
            total, next_id = total + done.captures, done.next_id
    return total


def thinned_days(folder: Path) -> list[int]:
    with closing(Archive.open(folder / "archive.db")) as archive:
        rows = archive.connection.execute(
            "select at from captures where thinned is not null order by at"
        )
        return [int(row["at"][8:10]) for row in rows]


def run(folder: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(
        cli, ["--settings", str(folder / "settings.toml"), *arguments, "--json"]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_first_and_last_of_each_sighting_stay(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(2, 6):
        story.check(number)
    story.edit(6)
    for number in range(7, 11):
        story.check(number)
    story.close()
    assert thin(tmp_path) == 6
    assert thinned_days(tmp_path) == [2, 3, 4, 7, 8, 9]
    assert thin(tmp_path) == 0


def test_what_is_young_stays(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(2, 8):
        story.check(number)
    story.close()
    thin(tmp_path, before=day(5))
    assert thinned_days(tmp_path) == [2, 3, 4]


def test_what_anything_refers_to_stays(tmp_path: Path) -> None:
    story = Story(tmp_path)
    paper = story.paper
    for number in range(2, 12):
        story.check(number)
    paper.read(story.key, story.version, story.captures[2], "none", day(2))
    paper.row(
        "labels",
        article=story.key,
        capture=story.captures[3],
        place=0,
        mark="0" * 16,
        wanted=1,
        at=day(3),
    )
    paper.row(
        "changes",
        article=story.key,
        at=day(4),
        kind="fields",
        before=story.version,
        after=story.version,
    )
    paper.row("events", at=day(5), kind="edited", outlet="courier", article=story.key)
    paper.row(
        "looks",
        article=paper.article("https://courier.example/other", day(6)),
        at=day(6),
        outcome="unchanged",
        capture=story.captures[6],
    )
    again = story.check(12, with_advertisement(7))
    (body_of,) = paper.connection.execute(
        "select body_of from captures where id = ?", [again]
    ).fetchone()
    assert body_of == story.captures[7]
    story.check(13)
    story.close()
    thin(tmp_path)
    assert thinned_days(tmp_path) == [8, 9, 10, 11]


@pytest.mark.parametrize(
    "columns",
    [
        {"outcome": "failed"},
        {"saw": "paywall"},
        {"note": "the page alternates"},
        {"missed": 1},
    ],
)
def test_what_may_be_more_than_the_same_wording_stays(
    tmp_path: Path, columns: dict[str, Any]
) -> None:
    story = Story(tmp_path)
    story.check(2)
    story.check(3, **columns)
    story.check(4)
    story.check(5)
    story.close()
    thin(tmp_path)
    assert thinned_days(tmp_path) == [2, 4]


def test_further_pages_go_with_the_first(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in (2, 3, 4):
        first = story.check(number)
        story.paper.capture(
            f"{URL}?page=2", with_advertisement(40 + number), day(number), first=first
        )
    story.close()
    assert thin(tmp_path) == 4
    assert thinned_days(tmp_path) == [2, 2, 3, 3]


def test_a_file_is_rewritten_only_if_enough_of_it_can_go(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.check(2)
    story.check(3)
    for number in range(30):
        story.paper.capture(f"{URL}/{number}", with_advertisement(number), day(4))
    story.close()
    assert thin(tmp_path) == 0
    assert thinned_days(tmp_path) == []


@pytest.mark.parametrize("rotate", [1_000_000, 1])
def test_what_is_left_and_what_is_said(tmp_path: Path, rotate: int) -> None:
    story = Story(tmp_path, rotate)
    for number in range(2, 6):
        story.check(number)
    story.close()
    size = sum(path.stat().st_size for path in (tmp_path / "captures").iterdir())
    noted = run(tmp_path, "verify")
    assert thin(tmp_path) == 3
    files = list((tmp_path / "captures").iterdir())
    assert sum(path.stat().st_size for path in files) < size
    report = run(tmp_path, "verify", *_known(noted))
    assert report["checked"]["thinned"] == 3
    assert report["checked"]["captures"] == noted["checked"]["captures"]
    assert run(tmp_path, "status")["thinned"] == {
        "captures": 3,
        "bytes": 3 * len(with_advertisement(2)),
        "last": NOW,
    }
    evidence = run(tmp_path, "evidence", story.key, "-o", str(tmp_path / "b.zip"))
    assert len(evidence["missing"]) == 3
    assert f"was thinned out at {NOW}" in evidence["missing"][0]["why"]
    with closing(
        Archive.open(tmp_path / "archive.db", tmp_path / "captures")
    ) as archive:
        tombstones = archive.connection.execute("select * from tombstones").fetchall()
        assert {(row["kind"], row["outlet"]) for row in tombstones} == {
            ("thin", "courier")
        }
        removed = [json.loads(row["removed"])["bodies"] for row in tombstones]
        assert sum(removed) == 3
        row = archive.connection.execute(
            "select * from captures where id = ?", [story.captures[3]]
        ).fetchone()
        assert (row["bytes"], len(row["sha256"]), len(row["record"])) == (
            len(with_advertisement(3)),
            64,
            64,
        )
        with pytest.raises(ArchiveError, match="was thinned out"):
            captures.get_body(archive.connection, archive.captures_folder, row["id"])
        for number in (1, 5):
            assert captures.get_body(
                archive.connection, archive.captures_folder, story.captures[number]
            ) == with_advertisement(number)


def _known(report: dict[str, Any]) -> list[str]:
    return ["--known", report["head"]["digest"]] if report["head"] else []


def test_a_thinned_article_can_be_purged(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(2, 6):
        story.check(number)
    story.paper.row(
        "entries",
        key="e1",
        feed=FEED,
        guid=URL,
        url=URL,
        address=URL.partition("://")[2],
        title=TITLE,
        first_seen=day(1),
        last_seen=day(5),
        outcome="new",
        article=story.key,
    )
    story.close()
    assert thin(tmp_path) == 3
    report = run(tmp_path, "purge", URL, "--why", "a promise", "--yes")
    assert report["removed"]["captures"] == 5
    assert not report["left"]
    assert thinned_days(tmp_path) == []
    run(tmp_path, "verify")


def test_a_damaged_record_stays_to_be_found(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(2, 6):
        story.check(number)
    row = story.paper.connection.execute(
        "select * from captures where id = ?", [story.captures[3]]
    ).fetchone()
    story.close()
    path = tmp_path / "captures" / row["file"]
    content = bytearray(path.read_bytes())
    content[row["offset"] + row["length"] // 2] ^= 1
    path.write_bytes(content)
    assert thin(tmp_path) == 2
    assert thinned_days(tmp_path) == [2, 4]
    done = CliRunner().invoke(
        cli, ["--settings", str(tmp_path / "settings.toml"), "verify", "--json"]
    )
    (broken,) = json.loads(done.stdout)["broken"]
    assert broken["row"] == story.captures[3]


class KilledError(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize(
    ("step", "call"),
    [
        ("write_file", 1),
        ("add_leftovers", 1),
        ("add_leftovers", 2),
        ("delete_leftovers", 1),
        ("delete_leftover_files", 1),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int, when: str
) -> None:
    story = Story(tmp_path)
    for number in range(2, 6):
        story.check(number)
    story.close()
    original, calls = getattr(warc_rewrite, step), 0

    def kill(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            raise KilledError
        result = original(*arguments)
        if calls == call:
            raise KilledError
        return result

    with monkeypatch.context() as patched:
        patched.setattr(warc_rewrite, step, kill)
        with pytest.raises(KilledError):
            thin(tmp_path)
    run(tmp_path, "verify")
    with closing(
        Archive.open(tmp_path / "archive.db", tmp_path / "captures")
    ) as archive:
        execute.clear_leftovers(archive, NOW)
        assert not execute.has_leftover_files(archive.connection)
    thin(tmp_path)
    assert thinned_days(tmp_path) == [2, 3, 4]
    assert len(list((tmp_path / "captures").iterdir())) == 1
    run(tmp_path, "verify")
