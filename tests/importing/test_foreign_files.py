"""Files of other crawlers: whose pages they are, what is taken, and what is left out."""

from __future__ import annotations

import gzip
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import brotli
import pytest

from harvester.errors import HarvesterError
from harvester.importing import index, ownership, replay, responses
from harvester.importing.run import find_files, import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.settings import Settings, parse_settings
from tests.importing import foreign_files as files
from tests.support.papers import Story

NOW = "2026-12-01T12:00:00Z"
HOME = files.HOME
SETTINGS = f"""
[archive]
path = "a.db"
[limits]
page_size = "1 MB"
[outlets.lantern]
home = "{HOME}/"
feeds = ["{HOME}/feed"]
[outlets.lantern.rules]
deny = ["/shop/"]
"""


def at(hour: int) -> str:
    return f"2026-09-{1 + hour // 24:02}T{hour % 24:02}:00:00Z"


def url(number: int) -> str:
    return f"{HOME}{Story(number).path}"


def page(number: int, hour: int, more: str = "", **headers: str) -> bytes:
    return files.response(url(number), at(hour), Story(number).page(more), **headers)


def settings_in(folder: Path) -> Settings:
    return parse_settings(SETTINGS, folder / "settings.toml", {})


def run(folder: Path, *paths: Path, **options: Any) -> ImportResult:
    chosen = [ImportFile(path) for path in find_files(paths, folder / "captures")]
    return import_files(
        settings_in(folder),
        chosen,
        ImportOptions(workers=1, **options),
        NOW,
        lambda *_: None,
    )


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "a.db")) as connection:
        return connection.execute(sql).fetchall()


def assert_all_accounted(result: ImportResult) -> None:
    """Each response is counted exactly once."""
    replayed = sum(result.outcomes.values()) + sum(result.joined.values())
    assert replayed + sum(result.skipped.values()) == result.responses


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportResult]:
    """One import of everything that another crawler may write."""
    folder = tmp_path_factory.mktemp("foreign")
    body = Story(5).page()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    revisit = {
        "WARC_Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC_Payload_Digest": files.sha1(Story(1).page()),
        "WARC_Refers_To_Target_URI": url(1),
        "WARC_Refers_To_Date": at(2),
    }
    unmodified = {
        "WARC_Profile": "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    }
    bomb = gzip.compress(b"\0" * 30_000_000)
    first = [
        files.info(),
        page(1, 2),
        page(0, 1),
        page(0, 30, "The mayor then said that nothing of this was agreed at all."),
        # as it was sent: chunked, compressed in one way and another
        files.record("response", url(5), at(3), files.http(chunked, "200 OK", "text/html", "Transfer-Encoding: chunked")),
        files.record("response", url(6), at(3), files.http(gzip.compress(Story(6).page()), "200 OK", "text/html", "Content-Encoding: gzip")),
        files.record("response", url(7), at(3), files.http(brotli.compress(Story(7).page()), "200 OK", "text/html", "Content-Encoding: br")),
        files.record("response", url(8), at(3), files.http(zlib.compress(Story(8).page()), "200 OK", "text/html", "Content-Encoding: deflate")),
        # the headers of a body that was decoded already
        files.record("response", url(9), at(3), files.http(Story(9).page(), "200 OK", "text/html", "Content-Encoding: gzip", "Transfer-Encoding: chunked", "Content-Length: 200")),
        files.record("response", url(10), at(3), files.http(Story(10).page(), "200 OK", "text/html", "X-Archive-Orig-Content-Encoding: gzip", "bad header: x", "no header")),
        # the same again, by revisit records
        files.record("revisit", url(1), at(40), files.http(b""), **revisit),
        files.record("revisit", url(1), at(50), b"", **unmodified),
        # it was removed, and seen so twice
        files.record("response", url(6), at(60), files.http(b"gone", "404 Not Found")),
        files.record("response", url(6), at(90), files.http(b"gone", "410 Gone")),
        # redirects: to what is there, and to what is not
        files.record("response", f"{HOME}/old/11", at(5), files.http(b"", "301 Moved", "text/html", f"Location: {url(11)}")),
        page(11, 5),
        files.record("response", f"{HOME}/older", at(5), files.http(b"", "302 Found", "text/html", "Location: /older.xml")),
        files.record("response", f"{HOME}/older.xml", at(5), files.http(b"<rss/>", "200 OK", "application/rss+xml")),
        # a removal: it leads to the front page
        page(12, 5),
        files.record("response", url(12), at(60), files.http(b"", "302 Found", "text/html", "Location: /")),
        files.record("response", f"{HOME}/", at(60), files.http(b"<p>news</p>")),
        files.record("response", url(12), at(90), files.http(b"", "302 Found", "text/html", "Location: /")),
        files.record("response", f"{HOME}/", at(90), files.http(b"<p>news</p>")),
        files.record("response", f"{HOME}/old/12", at(5), files.http(b"", "302 Found", "text/html", "Location: /nowhere")),
        files.record("response", f"{HOME}/loop/a", at(5), files.http(b"", "302 Found", "text/html", "Location: /loop/b")),
        files.record("response", f"{HOME}/loop/b", at(5), files.http(b"", "302 Found", "text/html", "Location: /loop/a")),
    ]  # fmt: skip
    second = [
        files.record("warcinfo", "", at(0), b""),
        files.record("request", url(1), at(2), b"GET / HTTP/1.1\r\n\r\n"),
        files.record("metadata", url(1), at(2), b"a: b\r\n"),
        files.record("resource", url(1), at(2), b"x"),
        # what is left out
        files.record("response", url(13), "", files.http(Story(13).page())),
        page(13, 0).replace(b"2026-09-01", b"2099-09-01"),
        page(13, 0).replace(b"2026-09-01", b"1900-09-01"),
        files.record("response", url(13), at(6), files.http(Story(13).page()), WARC_Payload_Digest=files.sha1(b"other")),
        files.record("response", url(13), at(6), b"not http at all"),
        files.record("response", "dns:lantern.example", at(6), b"20260901 1.2.3.4"),
        files.record("response", "ftp://lantern.example/x", at(6), files.http(b"x")),
        files.record("response", f"{HOME}/{'x' * 9000}", at(6), files.http(b"x")),
        files.response("https://elsewhere.example/a", at(6), Story(3).page()),
        files.response("https://elsewhere.example/b", at(6), Story(3).page()),
        files.response(f"{HOME}/robots.txt", at(6), b"User-agent: *"),
        files.response(f"{HOME}/", at(6), Story(3).page()),
        files.response(f"{HOME}/shop/a", at(6), Story(3).page()),
        files.record("response", f"{HOME}/a.jpg", at(6), files.http(b"x", "200 OK", "image/jpeg")),
        files.record("response", f"{HOME}/nothing", at(6), files.http(b"x", "404 Not Found")),
        files.record("revisit", url(2), at(6), b"", WARC_Profile="http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        # what is kept and gives no article
        files.record("response", f"{HOME}/bomb", at(6), files.http(bomb, "200 OK", "text/html", "Content-Encoding: gzip")),
        files.record("response", f"{HOME}/corrupt", at(6), files.http(b"\x1f\x8bxx", "200 OK", "text/html", "Content-Encoding: gzip")),
        files.response(f"{HOME}/cut", at(6), Story(4).page()[:700], WARC_Truncated="length"),
        files.record("response", f"{HOME}/short", at(6), files.http(Story(4).page()[:700], "200 OK", "text/html", "Content-Length: 9000")),
    ]  # fmt: skip
    files.write(folder / "b\n../evil.warc.gz".replace("/", "_"), first)
    files.write(folder / "a.warc.gz", second, "one")
    files.write(folder / "c.warc", [page(2, 7)], "plain")
    files.write(folder / "d.warc.gz", [page(2, 7)], "members")
    files.write(folder / "e.warc.zst", [page(3, 7)], "zstd")
    return folder, run(folder, folder)


def test_what_was_sent_becomes_articles(imported: tuple[Path, ImportResult]) -> None:
    folder, result = imported
    found = rows(folder, "select url, versions from articles order by url")
    stories = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12)
    expected = {url(number).rstrip("/"): 2 if number == 0 else 1 for number in stories}
    assert {address.rstrip("/"): count for address, count in found} == expected
    texts = rows(folder, "select text from versions where number = 1")
    for number in stories:
        assert any(Story(number).paragraphs[0] in text for (text,) in texts), number
    assert_all_accounted(result)


def test_versions_have_the_time_of_their_response(
    imported: tuple[Path, ImportResult],
) -> None:
    folder, _ = imported
    sql = f"select first_seen from versions where article in (select key from articles where url like '{url(0).rstrip('/')}%') order by number"
    assert rows(folder, sql) == [(at(1),), (at(30),)]
    late = rows(folder, "select count(*) from captures where at >= '2026-10'")
    assert late == [(0,)]
    for table in ("articles", "entries", "feeds"):
        assert rows(folder, f"select count(*) from {table} where due is not null") in (
            [(0,)],
            [(1,)],  # the feed of the settings, which is to be polled
        )


def test_removals_and_revisits_are_checks(imported: tuple[Path, ImportResult]) -> None:
    folder, result = imported
    for number in (6, 12):
        sql = f"select state from articles where url like '%story-{number}%'"
        assert rows(folder, sql) == [("removed",)], number
    sql = f"select max(until) from sightings where article in (select key from articles where url like '{url(1).rstrip('/')}%')"
    assert rows(folder, sql) == [(at(50),)]
    # one by its own, and the page that a redirect led to is found by both URLs
    assert result.joined == {replay.REDIRECT: 5}
    sql = "select address from urls where article in (select key from articles where url like '%story-11%')"
    assert any("old/11" in address for (address,) in rows(folder, sql))


def test_what_is_left_out_is_told_with_its_reason(
    imported: tuple[Path, ImportResult],
) -> None:
    _, result = imported
    assert result.skipped == {
        index.BAD_DATE: 1,
        index.FUTURE_DATE: 1,
        index.OLD_DATE: 1,
        responses.WRONG_DIGEST: 1,
        "it is not an HTTP response": 1,
        ownership.NOT_HTTP_URL: 2,
        ownership.LONG_URL: 1,
        ownership.NO_OUTLET: 2,
        ownership.SITE_FILE: 1,
        ownership.FRONT_PAGE: 1,
        ownership.NOT_ALLOWED: 1,
        "not a page, by its type: image": 1,
        "HTTP 404, and no article is known there": 1,
        responses.NO_ORIGINAL: 1,
        replay.LONE_REDIRECT: 2,
        replay.NOT_A_PAGE: 1,
    }
    assert result.domains == {"elsewhere.example": 2}
    assert result.other_records == {
        "warcinfo": 2,
        "request": 1,
        "metadata": 1,
        "resource": 1,
    }


def test_what_cannot_be_read_is_kept_and_makes_no_article(
    imported: tuple[Path, ImportResult],
) -> None:
    folder, result = imported
    sql = "select url from captures where url like ? or url like ?"
    for name in ("bomb", "corrupt", "cut", "short"):
        assert rows(folder, sql.replace("?", f"'%/{name}'")) == [(f"{HOME}/{name}",)]
    assert result.outcomes["failed"] == 4


def test_who_received_them_is_remembered(imported: tuple[Path, ImportResult]) -> None:
    folder, result = imported
    found = rows(
        folder, "select name, receiver, length(sha256) from origins order by 1"
    )
    assert ("b\n.._evil.warc.gz", "Common Crawl", 64) in found and len(found) == 5
    assert rows(folder, "select count(*) from captures where origin is null") == [(0,)]
    assert all(file.status == "imported" for file in result.files)


def test_a_file_is_imported_once(
    imported: tuple[Path, ImportResult], tmp_path: Path
) -> None:
    """Also under another name; with ``again`` it is read, and changes nothing."""
    folder, _ = imported
    before = {
        table: rows(folder, f"select count(*) from {table}")
        for table in (
            "captures",
            "versions",
            "changes",
            "origins",
            "events",
            "sightings",
        )
    }
    copy = tmp_path / "copy.warc"
    copy.write_bytes((folder / "c.warc").read_bytes())
    result = run(folder, folder, copy)
    assert {file.status for file in result.files} == {"known"}
    assert result.responses == 0
    result = run(folder, folder / "c.warc", folder / "a.warc.gz", again=True)
    assert result.outcomes["new"] == 1
    assert before == {
        table: rows(folder, f"select count(*) from {table}") for table in before
    }


def test_outlets_are_made_of_domains(tmp_path: Path) -> None:
    source = files.write(
        tmp_path / "x.warc.gz",
        [
            files.response("https://news.elsewhere.example/a", at(1), Story(1).page()),
            files.response("https://other.example/b", at(2), Story(2).page()),
            page(3, 3),
        ],
    )
    result = run(tmp_path, source, dry_run=True, all_outlets=True)
    assert len(result.days) == 3 and not (tmp_path / "a.db").exists()
    run(tmp_path, source, all_outlets=True)
    found = rows(tmp_path, "select key, active from outlets order by key")
    assert found == [("elsewhere-example", 0), ("lantern", 1), ("other-example", 0)]
    assert rows(tmp_path, "select count(*) from articles") == [(3,)]


def test_everything_is_of_one_outlet_that_is_named(tmp_path: Path) -> None:
    source = files.write(
        tmp_path / "x.warc.gz",
        [
            files.response("https://mirror.example/a", at(1), Story(1).page()),
            page(3, 3),
        ],
    )
    result = run(tmp_path, source, outlet="lantern", until=at(2))
    assert rows(tmp_path, "select outlet from articles") == [("lantern",)]
    assert result.skipped == {index.TOO_LATE: 1}


def test_nothing_is_remembered_of_a_file_without_anything_wanted(
    tmp_path: Path,
) -> None:
    source = files.write(
        tmp_path / "x.warc.gz",
        [files.response("https://mirror.example/a", at(1), Story(1).page())],
    )
    assert run(tmp_path, source).domains == {"mirror.example": 1}
    assert not (tmp_path / "a.db").exists()


def test_what_is_no_warc_file_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.warc.gz"
    wrong.write_bytes(b"PK")
    result = run(tmp_path, wrong)
    assert result.files[0].problem == "it is not a WARC file"
    (tmp_path / "empty").mkdir()
    with pytest.raises(HarvesterError, match="has no WARC files"):
        run(tmp_path, tmp_path / "empty")
