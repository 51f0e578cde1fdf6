"""Where a purge takes or redacts the capture that holds a body others refer to.

The archives are written row by row, as of a crawl that stored equal bodies once.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import captures
from tests.archive.takedown.test_purge import (
    MARKS,
    TEXT,
    TITLE,
    URL,
    assert_sound,
    build,
    purge_article,
    residue,
    run,
)
from tests.support.warc_archive import Paper, day, page

NEW_URL = "https://courier.example/harbour/board"


def list_captures(folder: Path) -> list[dict[str, Any]]:
    """All captures whose bodies remain, with them."""
    with closing(Archive.open(folder / "archive.db", folder / "captures")) as archive:
        rows = archive.connection.execute(
            "select * from captures where file is not null order by id"
        ).fetchall()
        return [
            {
                **dict(row),
                "body": captures.get_body(
                    archive.connection, archive.captures_folder, row["id"]
                ),
            }
            for row in rows
        ]


def assert_records_are_right(folder: Path) -> None:
    """warcio finds every digest right, and what each revisit record refers to."""
    digests, references = set(), []
    for path in sorted((folder / "captures").iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                record.content_stream().read()
                header = record.rec_headers.get_header
                digest = header("WARC-Payload-Digest")
                if record.rec_type == "revisit":
                    target = header("WARC-Refers-To-Target-URI")
                    references.append((target, header("WARC-Refers-To-Date"), digest))
                elif record.rec_type == "response":
                    digests.add(
                        (header("WARC-Target-URI"), header("WARC-Date"), digest)
                    )
    assert references
    assert set(references) <= digests


@pytest.mark.parametrize("rotate", [1_000_000, 1])
def test_what_was_shared_is_shared_without_the_words(
    tmp_path: Path, rotate: int
) -> None:
    build(tmp_path, rotate).close()
    before = {row["id"]: row["body_of"] for row in list_captures(tmp_path)}
    purge_article(tmp_path)
    assert residue(tmp_path) == {}
    rows = list_captures(tmp_path)
    assert {row["id"]: row["body_of"] for row in rows}.items() <= before.items()
    shared = [row for row in rows if row["body_of"]]
    assert [row["kind"] for row in shared] == ["feed", "article"]
    bodies = {row["id"]: row["body"] for row in rows}
    for row in shared:
        assert row["body"] == bodies[row["body_of"]]
        assert b"The ferry" in row["body"]
        assert not any(mark.encode() in row["body"] for mark in MARKS)
    assert_records_are_right(tmp_path)
    assert_sound(tmp_path)


def _moved_article(folder: Path, rotate: int) -> tuple[Paper, list[int]]:
    """The article's text at an address that is another article's since.

    It was read there first as a version of the one that is purged.
    """
    paper = build(folder, rotate)
    first = paper.capture(NEW_URL, page(TITLE, TEXT), day(2, "12:00:00"))
    key = paper.connection.execute(
        "select key from articles where url = ?", [URL]
    ).fetchone()["key"]
    paper.version(key, f"{TITLE}.", TEXT, first, day(2, "12:00:00"))
    again = [
        paper.capture_again(NEW_URL, page(TITLE, TEXT), day(2, f"{hour}:00:00"))
        for hour in (13, 14, 15)
    ]
    other = paper.article(NEW_URL, day(2, "13:00:00"))
    paper.version(other, TITLE, TEXT, again[0], day(2, "13:00:00"))
    proof.seal_rows(paper.connection, day(2, "16:00:00"))
    paper.warc.flush()
    return paper, again


@pytest.mark.parametrize("rotate", [1_000_000, 1])
def test_a_later_capture_that_stays_carries_the_body(
    tmp_path: Path, rotate: int
) -> None:
    paper, again = _moved_article(tmp_path, rotate)
    paper.close()
    report = purge_article(tmp_path)
    assert report["removed"]["captures rewritten"] == 3
    rows = {row["id"]: row for row in list_captures(tmp_path)}
    assert [rows[number]["body_of"] for number in again] == [None, again[0], again[0]]
    for number in again:
        assert rows[number]["body"] == page(TITLE, TEXT)
    assert_records_are_right(tmp_path)
    assert_sound(tmp_path)


def test_where_its_file_is_gone_the_next_one_carries_it(tmp_path: Path) -> None:
    paper, again = _moved_article(tmp_path, rotate=1)
    (lost,) = paper.connection.execute(
        "select file from captures where id = ?", [again[0]]
    ).fetchone()
    paper.close()
    (tmp_path / "captures" / lost).unlink()
    purge_article(tmp_path)
    rows = {row["id"]: row for row in list_captures(tmp_path)}
    assert again[0] not in rows
    assert [rows[number]["body_of"] for number in again[1:]] == [None, again[1]]
    assert rows[again[2]]["body"] == page(TITLE, TEXT)
    assert_sound(tmp_path)


@pytest.mark.parametrize("with_captures", [False, True])
def test_backups_keep_what_stays(tmp_path: Path, with_captures: bool) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    paper, again = _moved_article(folder, 1_000_000)
    paper.close()
    backup = tmp_path / "backup" / "archive.db"
    run(folder, "backup", str(backup), *(["--captures"] if with_captures else []))
    copied = backup.with_name("archive.db.captures")
    assert copied.is_dir() == with_captures
    report = run(folder, "purge", URL, "--why", "a promise", "--yes", "--backups")
    assert report["purged_backups"] == [str(backup)]
    assert report["to_do"] == []
    captures_folder = copied if with_captures else folder / "captures"
    with closing(Archive.open(backup, captures_folder)) as archive:
        assert [
            captures.get_body(archive.connection, captures_folder, number)
            for number in again
        ] == [page(TITLE, TEXT)] * 3
        texts = archive.connection.execute(
            "select body_of from captures where file is not null order by id"
        ).fetchall()
        assert {row["body_of"] for row in texts} >= {None, again[0]}
    settings = tmp_path / "backup" / "settings.toml"
    settings.write_text(
        (folder / "settings.toml")
        .read_text()
        .replace("[archive]", f'[archive]\ncaptures = "{captures_folder}"')
    )
    assert_sound(backup.parent)
