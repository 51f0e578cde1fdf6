"""What outlets reserve, who sent a response, and what was sent: kept with each capture."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

TDMREP = "/.well-known/tdmrep.json"
TDMREP_BODY = json.dumps(
    [
        {"location": "/free/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"},
    ]
).encode()
MINING = "text and data mining (tdmrep.json, policy https://a.example/p)"


def _reserved(harness: CrawlHarness) -> dict[str, str]:
    rows = harness.rows("select url, reserved from captures where kind = 'article'")
    return {"/" + url.split("/", 3)[3]: reserved for url, reserved in rows}


def _records(folder: Path) -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    """(type, URL, WARC headers, HTTP headers) of all records; digests are checked."""
    found = []
    for path in sorted((folder / "captures").glob("*.warc.gz")):
        stream = io.BytesIO(path.read_bytes())
        for record in ArchiveIterator(stream, check_digests="raise"):
            record.content_stream().read()
            http = record.http_headers.headers if record.http_headers else []
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            warc = dict(record.rec_headers.headers)
            found.append((record.rec_type, url, warc, dict(http)))
    return found


def test_what_is_reserved_is_recorded_and_not_obeyed(
    site: Site, harness: CrawlHarness
) -> None:
    site.respond(
        "/robots.txt", b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"
    )
    site.respond(TDMREP, TDMREP_BODY, Content_Type="application/json")
    links = [
        site.article("/news/1", "One"),
        site.article("/free/2", "Two", **{"X-Robots-Tag": "noarchive"}),
        site.article("/news/3", "Three", **{"tdm-reservation": "0"}),
    ]
    site.feed("/feed", links)
    assert harness.once().counts["new"] == 3
    signal = "ai-train=no (robots.txt)"
    assert _reserved(harness) == {
        "/news/1": f"{MINING}; {signal}",
        "/free/2": f"noarchive; {signal}",
        "/news/3": signal,
    }
    [(host, status, asked)] = harness.rows(
        "select reserved, tdmrep_status, tdmrep_at from hosts"
    )
    assert host == (
        "text and data mining (tdmrep.json, /, policy https://a.example/p); " + signal
    )
    assert status == 200 and asked
    kinds = dict(harness.rows("select kind, count(*) from captures group by kind"))
    assert kinds == {"feed": 1, "article": 3, "robots": 1, "tdmrep": 1}


def test_tdmrep_is_asked_for_once_a_day_and_once_a_week_where_there_is_none(
    site: Site, harness: CrawlHarness
) -> None:
    site.feed("/feed", [site.article("/news/1")])
    harness.once()
    harness.once("--force")
    assert site.requested_paths.count(TDMREP) == 1
    assert harness.rows("select tdmrep_status, tdmrep, reserved from hosts") == [
        (404, "", "")
    ]
    for age, count in (("-6 days", 1), ("-8 days", 2)):
        with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
            connection.execute(
                "update hosts set tdmrep_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)",
                [age],
            )
            connection.commit()
        harness.once("--force")
        assert site.requested_paths.count(TDMREP) == count
    # The page that says that there is none is kept once.
    assert harness.rows("select count(*) from captures where kind = 'tdmrep'") == [(1,)]


def test_robots_txt_forbids_tdmrep_too(site: Site, harness: CrawlHarness) -> None:
    site.respond("/robots.txt", b"User-agent: *\nDisallow: /.well-known/\n")
    site.feed("/feed", [site.article("/news/1")])
    assert harness.once().counts["new"] == 1
    assert TDMREP not in site.requested_paths


def test_whatever_is_in_the_place_of_tdmrep_harms_nothing(
    site: Site, harness: CrawlHarness
) -> None:
    bodies = [b"<html>Welcome</html>", b"[" * 200_000, b"\xff\xfe[", b"{}" * 600_000]
    for number, body in enumerate(bodies):
        site.respond(TDMREP, body, Content_Type="text/html")
        site.feed("/feed", [site.article(f"/news/{number}", f"Title {number}")])
        assert harness.once("--force").counts["new"] == 1
        assert harness.rows("select tdmrep, reserved from hosts") == [("", "")]
        with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
            connection.execute("update hosts set tdmrep_at = '2001-01-01T00:00:00Z'")
            connection.commit()
    site.respond_raw(TDMREP, lambda handler: handler.wfile.write(b"no HTTP at all"))
    site.feed("/feed", [site.article("/news/9", "Title 9")])
    assert harness.once("--force").counts["new"] == 1
    assert harness.rows("select tdmrep_status from hosts") == [(0,)]


def test_a_record_names_the_address_that_sent_it(
    site: Site, harness: CrawlHarness
) -> None:
    site.article("/news/1")
    site.respond("/go", status=302, Location="/news/1")
    site.respond("/robots.txt", status=301, Location="/rules.txt")
    site.respond("/rules.txt", b"User-agent: *\n")
    site.feed("/feed", [site.url("/go")])
    assert harness.once().counts["new"] == 1
    records = [record for record in _records(harness.folder) if record[0] == "response"]
    assert {url.removeprefix(site.url()) for _, url, _, _ in records} == {
        *("robots.txt", "rules.txt", "feed", "go", "news/1"),
        ".well-known/tdmrep.json",
    }
    assert {warc["WARC-IP-Address"] for _, _, warc, _ in records} == {"127.0.0.1"}
    assert harness.rows("select distinct ip from captures") == [("127.0.0.1",)]


def test_requests_are_kept_on_request_without_secrets(
    site: Site, harness: CrawlHarness
) -> None:
    site.article("/news/1", **{"Set-Cookie": "session=abc; Path=/"})
    site.respond(
        "/go", status=302, Location="/news/1", **{"Set-Cookie": "visitor=xyz; Path=/"}
    )
    site.feed("/feed", [site.url("/go")])
    harness.archive = {"requests": True}
    harness.outlets["paper"] = [site.url("/feed").replace("//", "//reader:secret@")]
    assert harness.once().counts["new"] == 1
    sent = dict(zip(site.requested_paths, site.request_headers, strict=True))
    assert sent["/news/1"]["authorization"] and sent["/news/1"]["cookie"]
    records = _records(harness.folder)
    responses = {url: warc for kind, url, warc, _ in records if kind == "response"}
    requests = {r[1]: r for r in records if r[0] == "request"}
    assert requests.keys() == responses.keys()
    for kind, url, warc, http in requests.values():
        assert kind == "request"
        assert warc["WARC-Concurrent-To"] == responses[url]["WARC-Record-ID"]
        assert http["Host"] == f"{site.host}:{site.port}" and http["User-Agent"]
    left_out = requests[site.url("/news/1")][3]["X-Archive-Left-Out"]
    assert set(left_out.split(", ")) == {"Authorization", "Cookie"}
    plain = b"".join(
        gzip.decompress(path.read_bytes())
        for path in (harness.folder / "captures").iterdir()
    )
    assert b"HTTP/1.1 302" in plain
    for secret in (b"session=abc", b"visitor=xyz", b"cmVhZGVy", b"secret"):
        assert secret not in plain
    for _, url, _, http in records:
        if url == site.url("/go") and "Location" in http:
            assert http["X-Archive-Left-Out"] == "Set-Cookie"


def test_cookies_of_outlets_without_a_login_are_the_outlets_words(
    site: Site, harness: CrawlHarness
) -> None:
    site.feed("/feed", [site.article("/news/1", **{"Set-Cookie": "visitor=xyz"})])
    harness.once()
    [http] = [r[3] for r in _records(harness.folder) if r[1] == site.url("/news/1")]
    assert http["Set-Cookie"] == "visitor=xyz"
    assert "request" not in {r[0] for r in _records(harness.folder)}


def test_a_changed_robots_txt_is_kept_each_time_and_none_once(
    site: Site, harness: CrawlHarness
) -> None:
    site.feed("/feed", [site.article("/news/1")])
    site.respond("/robots.txt", status=404)
    answers = [(404, b""), (404, b""), (200, b"User-agent: *\n"), (200, b"# new\n")]
    for status, body in answers:
        site.paths["/robots.txt"] = CannedResponse(body, status)
        harness.once("--force")
        with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
            connection.execute("update hosts set robots_at = '2001-01-01T00:00:00Z'")
            connection.commit()
    rows = harness.rows("select status, bytes from captures where kind = 'robots'")
    assert rows == [(404, 0), (200, 14), (200, 6)]
    [(sealed,)] = harness.rows(
        """
        select count(*) from seals s join captures c on s.row = c.id
        where s.kind = 'capture' and c.kind = 'robots'"""
    )
    assert sealed == 3


def _harvest(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "harvester.cli"),
            *("--settings", str(folder / "settings.toml"), *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_requests_follow_their_responses_into_evidence_merge_and_purge(
    site: Site, harness: CrawlHarness, tmp_path: Path
) -> None:
    site.respond(TDMREP, TDMREP_BODY)
    urls = [site.article(f"/news/quay-{n}", f"Quay number {n} closes") for n in (1, 2)]
    site.feed("/feed", urls)
    harness.archive = {"requests": True}
    assert harness.once().counts["new"] == 2

    bundle = tmp_path / "evidence.zip"
    _harvest(harness.folder, "evidence", urls[0], "-o", str(bundle))
    with zipfile.ZipFile(bundle) as zipped:
        [article] = harness.rows("select id from captures where url = ?", urls[0])
        assert f"captures/{article[0]}.request.warc.gz" in zipped.namelist()
        described = json.loads(zipped.read("article.json"))["captures"]
        assert {c["kind"] for c in described} == {"article", "robots", "tdmrep"}
        assert MINING in zipped.read("index.html").decode()

    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.toml").write_text(harness.settings.read_text())
    _harvest(other, "merge", str(harness.folder / "archive.db"))
    assert {kind for kind, *_ in _records(other)} == {"response", "request"}
    assert _harvest(other, "verify")
    with closing(sqlite3.connect(other / "archive.db")) as connection:
        merged = connection.execute(
            "select url, ip, reserved, request from captures order by url"
        ).fetchall()
    assert merged == harness.rows(
        "select url, ip, reserved, request from captures order by url"
    )

    _harvest(harness.folder, "purge", urls[0], "--yes", "--why", "a court said so")
    assert _harvest(harness.folder, "verify")
    for path in (harness.folder / "captures").iterdir():
        assert b"quay-1" not in gzip.decompress(path.read_bytes())
    left = [url for kind, url, *_ in _records(harness.folder) if kind == "request"]
    assert urls[1] in left and urls[0] not in left
    assert harness.rows(
        "select ip, reserved, request from captures where kind = 'purged'"
    ) == [("", "", None)]


def test_what_is_reserved_is_shown(site: Site, harness: CrawlHarness) -> None:
    site.respond(TDMREP, TDMREP_BODY)
    url = site.article("/news/1", "One")
    site.feed("/feed", [url])
    harness.once()
    assert f"reserved   {MINING}" in _harvest(harness.folder, "show", url)
    status = " ".join(_harvest(harness.folder, "status", "paper").split())
    assert "robots.txt answered 404, read" in status
    assert "reserved, which is recorded and not obeyed: text and data mining" in status
