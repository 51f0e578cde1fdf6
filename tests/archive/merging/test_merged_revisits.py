"""Captures that share a body, in an archive that is merged.

Both archives are written row by row, as of crawls that stored equal bodies once.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.archive.records import captures
from harvester.cli import cli
from harvester.errors import ArchiveError
from harvester.ingest.merge_archives import merge_archives
from tests.support.warc_archive import FEED, Paper, day, page

pytestmark = pytest.mark.long

BODY = b"<rss><channel><title>Courier</title></channel></rss>"
URL = "https://courier.example/ferry"
PAGE = page("The ferry is late", "The ferry was late again.\nThe crew blames the tide.")


def write(folder: Path, *received: tuple[str, bytes, str, bool]) -> Path:
    """Write an archive: URL, body, time, whether as a revisit record."""
    folder.mkdir()
    paper = Paper(folder)
    for url, body, at, is_revisit in received:
        kind = "feed" if url == FEED else "article"
        if is_revisit:
            paper.capture_again(url, body, at, kind)
        else:
            paper.capture(url, body, at, kind)
    paper.close()
    return folder


def merge(
    ours: Path, theirs: Path, their_captures: Path | None = None
) -> dict[str, Any]:
    return merge_archives(
        ours / "archive.db",
        ours / "captures",
        theirs / "archive.db",
        their_captures or theirs / "captures",
        day(9),
        lambda step: None,
    )


def contents(folder: Path) -> dict[str, tuple[bytes, str | None]]:
    """Time of each capture → its body (b"" if it is lost), and when it was thinned."""
    found = {}
    with closing(Archive.open(folder / "archive.db", folder / "captures")) as archive:
        for row in archive.connection.execute("select * from captures order by at"):
            try:
                body = captures.get_body(
                    archive.connection, archive.captures_folder, row["id"]
                )
            except ArchiveError:
                body = b""
            found[row["at"]] = body, row["thinned"]
    return found


def holders(folder: Path) -> dict[str, str | None]:
    """Time of each capture → time of the one that holds its body, if another does."""
    with closing(Archive.open(folder / "archive.db")) as archive:
        rows = archive.connection.execute(
            """
            select c.at, o.at as holder from captures c
            left join captures o on o.id = c.body_of order by c.at
            """
        )
        return {row["at"]: row["holder"] for row in rows}


def assert_sound(folder: Path) -> None:
    done = CliRunner().invoke(
        cli, ["--settings", str(folder / "settings.toml"), "verify"]
    )
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("is_reversed", [False, True])
def test_references_are_those_of_the_merged_archive(
    tmp_path: Path, is_reversed: bool
) -> None:
    first = write(
        tmp_path / "first",
        (URL, PAGE, day(1), False),
        (FEED, BODY, day(1, "11:00:00"), False),
        (FEED, BODY, day(1, "12:00:00"), True),
    )
    second = write(
        tmp_path / "second",
        (FEED, BODY, day(2, "11:00:00"), False),
        (FEED, BODY, day(2, "12:00:00"), True),
        (FEED, BODY, day(2, "13:00:00"), True),
    )
    ours, theirs = (second, first) if is_reversed else (first, second)
    assert merge(ours, theirs)["missing"] == 0
    assert_sound(ours)
    assert set(contents(ours).values()) == {(PAGE, None), (BODY, None)}
    assert holders(ours) == {
        day(1): None,
        day(1, "11:00:00"): None,
        day(1, "12:00:00"): day(1, "11:00:00"),
        day(2, "11:00:00"): None,
        day(2, "12:00:00"): day(2, "11:00:00"),
        day(2, "13:00:00"): day(2, "11:00:00"),
    }
    before = holders(ours)
    assert merge(ours, theirs)["records"] == 0
    assert holders(ours) == before


def test_what_both_hold_is_referred_to_where_we_hold_it(tmp_path: Path) -> None:
    """Their whole record is a revisit record of ours: it refers to ours."""
    shared = (FEED, BODY, day(2), True)
    ours = write(tmp_path / "ours", (FEED, BODY, day(1), False), shared)
    theirs = write(
        tmp_path / "theirs", (FEED, BODY, day(2), False), (FEED, BODY, day(3), True)
    )
    result = merge(ours, theirs)
    assert (result["records"], result["missing"]) == (1, 0)
    assert holders(ours) == {day(1): None, day(2): day(1), day(3): day(1)}
    assert_sound(ours)


def test_a_record_that_refers_to_a_lost_one_is_lost_too(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", (URL, PAGE, day(1), False))
    theirs = write(
        tmp_path / "theirs", (FEED, BODY, day(2), False), (FEED, BODY, day(3), True)
    )
    (path,) = (theirs / "captures").iterdir()
    whole = path.read_bytes()
    with closing(Archive.open(theirs / "archive.db")) as archive:
        (offset,) = archive.connection.execute(
            "select offset from captures order by id limit 1"
        ).fetchone()
    path.write_bytes(whole[: offset + 40] + b"\0" * 40 + whole[offset + 80 :])
    result = merge(ours, theirs)
    assert (result["records"], result["missing"]) == (0, 2)
    assert contents(ours)[day(3)] == (b"", None)
    assert_sound(ours)
    path.write_bytes(whole)  # found again: nothing is lost for good
    assert merge(ours, theirs)["records"] == 2
    assert contents(ours)[day(3)] == (BODY, None)
    assert holders(ours)[day(3)] == day(2)
    assert_sound(ours)


def test_a_purged_article_does_not_come_back_by_a_reference(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        paper = Paper(folder)
        capture = paper.capture(URL, PAGE, day(1))
        key = paper.article(URL, day(1))
        paper.version(key, "The ferry is late", "The ferry was late.", capture, day(1))
        paper.capture_again(URL, PAGE, day(2))
        if folder == theirs:
            paper.capture_again(URL, PAGE, day(3))
        paper.close()
    done = CliRunner().invoke(
        cli,
        [
            "--settings",
            str(ours / "settings.toml"),
            "purge",
            URL,
            "--why",
            "x",
            "--yes",
        ],
    )
    assert done.exit_code == 0, done.output
    merge(ours, theirs)
    assert all(body == b"" for body, _ in contents(ours).values())
    assert_sound(ours)


def test_what_one_has_thinned_out_comes_back_from_the_other(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", (URL, PAGE, day(1), False))
    theirs = write(tmp_path / "theirs", (URL, PAGE, day(1), False))
    thin = "update captures set thinned = ?, file = null, offset = null, length = null"
    with closing(Archive.open(ours / "archive.db")) as archive:
        archive.connection.execute(thin, [day(5)])
    assert contents(ours) == {day(1): (b"", day(5))}
    merge(ours, theirs)
    assert contents(ours) == {day(1): (PAGE, None)}
    for folder, at in ((ours, day(7)), (theirs, day(6))):
        with closing(Archive.open(folder / "archive.db")) as archive:
            archive.connection.execute(thin, [at])
    merge(ours, theirs)
    assert contents(ours) == {day(1): (b"", day(6))}
