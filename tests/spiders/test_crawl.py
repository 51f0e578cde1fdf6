"""One pass over what is due, by the real program, against a site on loopback."""

from __future__ import annotations

import contextlib
import gzip
import resource
import socket
import subprocess
import time
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

ARTICLE = (
    "<html><head><title>Le titre</title></head><body><article><h1>Le titre</h1>"
    + "<p>Une phrase assez longue pour être lue comme un texte.</p>" * 20
    + "</article></body></html>"
).encode()


def test_a_feed_and_its_articles_are_stored_and_not_fetched_again(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [site.article(f"/a{n}", f"Titre {n}") for n in range(5)])
    first = harness.once()
    assert first.exit_code == 0
    assert first.stderr == ""
    assert (first.counts["visits"], first.counts["feeds"], first.counts["new"]) == (
        6,
        1,
        5,
    )
    assert sorted(site.page_paths()) == ["/a0", "/a1", "/a2", "/a3", "/a4", "/feed"]
    second = harness.once()
    assert (second.counts["visits"], second.counts["new"]) == (1, 0)
    assert site.page_paths()[6:] == ["/feed"]
    assert site.requested_paths.count("/robots.txt") == 1  # the archive has it


def test_each_line_of_standard_output_is_an_object_and_the_last_is_the_end(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [site.article("/a")])
    lines = harness.once().events
    assert {line["event"] for line in lines[:-1]} <= {"progress"}
    assert lines[-1]["event"] == "end"


def test_conditional_requests(harness: CrawlHarness, site: Site) -> None:
    site.feed(
        "/feed", [], ETag='"one"', **{"Last-Modified": "Sat, 06 Sep 2025 06:12:45 GMT"}
    )
    harness.once()
    site.respond("/feed", status=304)
    assert harness.once().counts["feeds"] == 1
    headers = site.request_headers[-1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == (
        '"one"',
        "Sat, 06 Sep 2025 06:12:45 GMT",
    )
    assert harness.feed_row() == ("unchanged", "lists no entries")


def test_a_url_is_fetched_once_a_pass_however_many_entries_name_it(
    harness: CrawlHarness, site: Site
) -> None:
    link = site.article("/a")
    site.feed("/feed", [link, link + "#more"])
    site.feed("/feed2", [link])
    harness.outlets["paper"].append(site.url("/feed2"))
    harness.crawl["revisit"] = ["0 seconds"]
    assert harness.once().counts["new"] == 1
    assert site.page_paths().count("/a") == 1
    assert all(
        outcome in ("new", "unchanged")
        for (outcome,) in harness.rows("select outcome from entries")
    )


def test_force_fetches_what_is_not_due(harness: CrawlHarness, site: Site) -> None:
    harness.crawl["every"] = "1 day"
    site.feed("/feed", [site.article("/a")])
    harness.once()
    assert harness.once().counts["visits"] == 0
    forced = harness.once("--force")
    assert (forced.counts["feeds"], forced.counts["unchanged"]) == (1, 1)
    # What is due at the same time has no order.
    assert sorted(site.page_paths()) == ["/a", "/a", "/feed", "/feed"]


@pytest.mark.parametrize(
    "encoding", ["gzip", "br", "deflate", "gzip, gzip", "x-unknown"]
)
def test_bodies_are_stored_decoded_with_the_headers_as_received(
    harness: CrawlHarness, site: Site, encoding: str
) -> None:
    compress = {
        "gzip": gzip.compress,
        "br": brotli.compress,
        "deflate": zlib.compress,
        "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
        "x-unknown": lambda body: body,
    }[encoding]
    link = site.respond(
        "/a", compress(ARTICLE), Content_Type="text/html", Content_Encoding=encoding
    )
    site.feed("/feed", [link])
    assert harness.once().counts["new"] == 1
    [warc] = (harness.folder / "captures").glob("*.warc.gz")
    records = gzip.decompress(warc.read_bytes())
    assert ARTICLE in records
    assert f"X-Archive-Orig-Content-Encoding: {encoding}".encode() in records


@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "no-such-thing"])
def test_an_unknown_charset(harness: CrawlHarness, site: Site, charset: str) -> None:
    for path, encoding in (("/a", ""), ("/b", "gzip")):
        body = ARTICLE.replace(b"Le titre", path.encode())
        site.respond(path, body, Content_Type=f"text/html; charset={charset}")
        if encoding:
            response = site.canned_response(path)
            response.body = gzip.compress(body)
            response.headers["Content-Encoding"] = encoding
    site.feed("/feed", [site.url("/a"), site.url("/b")])
    counts = harness.once().counts
    assert counts["new"] + counts["duplicate"] == 2, harness.entries()


def test_redirects_are_recorded_and_carry_no_login_or_validators(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    site.feed("/feed", [site.article("/a")], ETag='"one"')
    harness.outlets["paper"] = [
        site.url("/feed").replace("http://", "http://reader:secret@")
    ]
    harness.once()
    other_site.feed("/moved", [])
    site.respond("/feed", b"gone there", status=301, Location=other_site.url("/moved"))
    harness.once()
    assert site.request_headers[1]["authorization"] == "Basic cmVhZGVyOnNlY3JldA=="
    assert other_site.requested_paths == ["/robots.txt", "/moved"]  # its own robots.txt
    assert all(
        not set(headers) & {"if-none-match", "authorization", "referer", "cookie"}
        for headers in other_site.request_headers
    )
    assert harness.rows(
        "select kind, reached from captures where kind = 'redirect'"
    ) == [("redirect", other_site.url("/moved"))]


@pytest.mark.parametrize(
    ("location", "outcome", "reason"),
    [
        ("/feed", "failed", "redirect loop"),
        (
            "file:///etc/passwd",
            "refused",
            "redirects to another scheme: only http and https URLs are fetched",
        ),
        (
            "data:text/plain,hello",
            "refused",
            "redirects to another scheme: only http and https URLs are fetched",
        ),
        ("http://[::1", "failed", "redirects to an invalid URL"),
        (
            "http://10.1.2.3/",
            "refused",
            "10.1.2.3 is a private address not listed in allow_networks",
        ),
        ("/?" + "x" * 5000, "refused", "the URL is longer than 2048 characters"),
    ],
)
def test_redirects_that_are_not_followed(
    harness: CrawlHarness, site: Site, location: str, outcome: str, reason: str
) -> None:
    site.respond("/feed", status=302, Location=location)
    assert harness.once().exit_code == 0
    assert harness.feed_row() == (outcome, reason)


def test_too_many_redirects(harness: CrawlHarness, site: Site) -> None:
    harness.limits["redirects"] = 3
    for n in range(9):
        site.respond("/feed" if not n else f"/{n}", status=302, Location=f"/{n + 1}")
    harness.once()
    assert harness.feed_row() == ("failed", "more than 3 redirects")
    assert len(site.page_paths()) == 4


def _write(*parts: bytes, pause: float = 0.0) -> Any:
    def write(handler: Any) -> None:
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(pause)

    return write


def _headers(handler: Any) -> None:
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\n"
        + b"X-Some: header of thirty bytes\r\n" * 300_000
        + b"\r\n"
    )


def _flood(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        handler.wfile.write(b"x" * 100_000)


OK = b"HTTP/1.1 200 OK\r\n"
GZIP, BROTLI = b"Content-Encoding: gzip\r\n", b"Content-Encoding: br\r\n"
HTML = b"Content-Type: text/html\r\n"
CLOSE = b"Connection: close\r\n\r\n"


def test_successes_other_than_200(harness: CrawlHarness, site: Site) -> None:
    """RFC 9110: 203 is a success (15.3.4), so is a 206 whose range is the whole."""
    links = {}
    for path, status, last in (("/a", 203, 0), ("/b", 206, 0), ("/c", 206, 9)):
        links[path] = site.article(path, f"Titre {path}")
        response = site.canned_response(path)
        response.status, size = status, len(response.body)
        response.headers["Content-Range"] = f"bytes 0-{size - 1}/{size + last}"
    site.feed("/feed", list(links.values()))
    harness.once()
    entries = harness.entries()
    assert (entries["/a"][0], entries["/b"][0]) == ("new", "new")
    assert entries["/c"] == (
        "failed",
        "answered 206 Partial Content: a part of what was asked for",
    )


@pytest.mark.parametrize(
    "line", [b"X Powered By: magic", "‘Cache’: *".encode(), b"no colon here"]
)
def test_a_line_that_is_no_header_is_left_out(
    harness: CrawlHarness, site: Site, line: bytes
) -> None:
    site.article("/a")
    body = site.canned_response("/a").body
    head = OK + HTML + b"Connection: close\r\n" + line + b"\r\n\r\n"
    site.respond_raw("/a", _write(head + body))
    site.feed("/feed", [site.url("/a")])
    assert harness.once().counts["new"] == 1


def test_bytes_that_cannot_be_decompressed_are_kept_as_received(
    harness: CrawlHarness, site: Site
) -> None:
    plain = site.article("/plain", Content_Encoding="gzip")  # and is not
    site.canned_response("/plain").headers["Content-Encoding"] = "gzip"
    broken = site.respond("/broken", b"\x1f\x8bnot gzip", Content_Encoding="gzip")
    site.feed("/feed", [plain, broken])
    harness.once()
    entries = harness.entries()
    assert entries["/plain"][0] == "new"
    assert entries["/broken"] == ("failed", "the gzip body is corrupt")
    [warc] = (harness.folder / "captures").glob("*.warc.gz")
    assert b"\x1f\x8bnot gzip" in gzip.decompress(warc.read_bytes())
    assert len(harness.rows("select 1 from captures where url = ?", broken)) == 1


def test_bytes_are_never_taken_for_text(harness: CrawlHarness, site: Site) -> None:
    site.article("/gzip")
    site.canned_response("/gzip").body = gzip.compress(ARTICLE)  # and no header says so
    pdf = b"%PDF-1.7\n" + bytes(range(256)) * 20 + b" some words in between " * 20
    site.respond("/pdf", pdf, Content_Type="text/html")
    site.feed("/feed", [site.url("/gzip"), site.url("/pdf")])
    harness.once()
    assert harness.entries() == {
        "/gzip": ("new", ""),
        "/pdf": ("refused", "no page: application/pdf"),
    }
    assert harness.rows("select title from versions") == [("Le titre",)]


ZEROS = bytes(80_000_000)
# Path → what is written, and the reason that is stored (None: any).
BAD_RESPONSES = {
    "drip": (
        _write(OK + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 100, pause=0.1),
        "no complete response within 2 seconds",
    ),
    "silent": (_write(pause=4), None),
    "hang": (
        _write(b"HTTP/1.1 200", b"", pause=3),
        "no complete response within 2 seconds",
    ),
    "not-http": (_write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "the response is not HTTP"),
    "headers": (_headers, "headers larger than 256 KiB"),
    "endless-header": (
        _write(OK + b"X: ", b"x" * 3_000_000),
        "a header line longer than 16 KiB",
    ),
    "flood": (_flood, "larger than 1 MB"),
    "announced-too-long": (
        _write(OK + b"Content-Length: 99999999\r\n\r\nx"),
        "larger than 1 MB",
    ),
    "cut": (
        _write(OK + HTML + b"Content-Length: 9999\r\n\r\n<p>Half"),
        "the response broke off after 7 bytes",
    ),
    "cut-chunk": (
        _write(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<p>Ha"),
        "the response broke off after 5 bytes",
    ),
    "cut-gzip": (
        _write(OK + GZIP + b"\r\n" + gzip.compress(b"abc" * 9999)[:-20]),
        None,
    ),
    "bad-gzip": (
        _write(OK + GZIP + b"Content-Length: 9\r\n\r\nnot gzip!"),
        "the gzip body is corrupt",
    ),
    "bad-coding": (_write(OK + b"Transfer-Encoding: sevenfold\r\n\r\nabc"), None),
    "closed": (_write(), "the connection was lost"),
    "bomb": (
        _write(OK + GZIP + CLOSE + gzip.compress(ZEROS)),
        "larger than 1 MB after decompression",
    ),
    "br-bomb": (
        _write(OK + BROTLI + CLOSE + brotli.compress(ZEROS, quality=1)),
        "larger than 1 MB after decompression",
    ),
}


def test_bad_responses_fail_alone_and_with_a_reason(
    harness: CrawlHarness, site: Site
) -> None:
    harness.limits |= {"answer_time": "2 seconds", "page_size": "1 MB"}
    harness.crawl["concurrency"] = 32
    links = [
        site.respond_raw(f"/{name}", write)
        for name, (write, _) in BAD_RESPONSES.items()
    ]
    with socket.socket() as closed:  # bound, but not listening
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        site.feed(
            "/feed", [*links, site.article("/good"), f"http://127.0.0.1:{port}/page"]
        )
        start = time.monotonic()
        result = harness.once()
    assert result.exit_code == 0
    assert result.stderr == ""
    assert time.monotonic() - start < 60
    entries = harness.entries()
    assert entries.pop("/good")[0] == "new"
    assert entries.pop("/page") == (
        "failed",
        "robots.txt cannot be fetched (connection refused); nothing is fetched",
    )
    for path, (outcome, reason) in entries.items():
        expected = BAD_RESPONSES[path[1:]][1]
        assert outcome == "failed", (path, reason)
        assert expected is None or reason == expected, (path, reason)
        assert reason


def test_invalid_settings(harness: CrawlHarness) -> None:
    harness.crawl["dely"] = "2 seconds"
    result = harness.once()
    assert (result.exit_code, result.events) == (2, [])
    assert "settings.toml" in result.stderr


def test_an_unknown_outlet(harness: CrawlHarness) -> None:
    result = harness.once("papier")
    assert result.exit_code == 2
    assert "papier" in result.stderr


def test_an_archive_that_cannot_be_opened(harness: CrawlHarness) -> None:
    (harness.folder / "archive.db").mkdir()
    result = harness.once()
    assert (result.exit_code, result.events) == (1, [])
    assert "archive.db" in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_a_full_disk(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [site.article(f"/a{n}") for n in range(200)])
    process = subprocess.run(
        harness.command("--once"),
        capture_output=True,
        text=True,
        timeout=120,
        env=harness.environment(),
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (400_000, 400_000)
        ),
        check=False,
    )
    assert process.returncode == 1, (process.stdout, process.stderr)
    assert "Traceback" not in process.stderr
    assert str(harness.folder) in process.stderr
    assert harness.once().exit_code == 0  # there is room again: all is completed
    assert harness.rows(
        "select count(*) from entries where outcome in ('new', 'duplicate')"
    ) == [(200,)]
    assert harness.rows("pragma integrity_check") == [("ok",)]


def test_proxies_of_the_environment_are_ignored(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [])
    assert (
        harness.once(
            http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"
        ).counts["feeds"]
        == 1
    )


def _is_command_with(folder: Path, word: str) -> bool:
    """Whether the command line of a process contains a word."""
    try:
        return word.encode() in (folder / "cmdline").read_bytes()
    except OSError:  # it has ended
        return False


def _open_files(folder: Path) -> list[str]:
    """What a process has open."""
    links = []
    with contextlib.suppress(OSError):
        for descriptor in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                links.append(str(descriptor.readlink()))
    return links


def test_nothing_listens(harness: CrawlHarness, site: Site) -> None:
    """No console and no port, while it waits for a response."""
    checks: list[bool] = []

    def check_sockets(handler: Any) -> CannedResponse:
        sockets = [
            line.split()
            for file in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]
        ]
        listening = {f"socket:[{fields[9]}]" for fields in sockets if fields[3] == "0A"}
        ours = {
            link
            for folder in Path("/proc").glob("[0-9]*")
            if _is_command_with(folder, str(harness.settings))
            for link in _open_files(folder)
        }
        checks.append(
            any(link.startswith("socket:") for link in ours) and not ours & listening
        )
        return response

    site.feed("/feed", [])
    response = site.canned_response("/feed")
    site.paths["/feed"] = check_sockets
    harness.once(START_PROGRAMS="1")  # its command line tells which process it is
    assert checks == [True]


def test_the_user_agent_and_no_cookies(harness: CrawlHarness, site: Site) -> None:
    harness.crawl["user_agent"] = "observer/2.0 (+https://example.org/observer)"
    link = site.article("/a", **{"Set-Cookie": "seen=1"})
    site.feed("/feed", [link], **{"Set-Cookie": "seen=1"})
    harness.once()
    assert {headers["user-agent"] for headers in site.request_headers} == {
        "observer/2.0 (+https://example.org/observer)"
    }
    assert not any(
        "cookie" in headers or "referer" in headers for headers in site.request_headers
    )
