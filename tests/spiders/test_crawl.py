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

ARTICLE = (
    "<html><head><title>Le titre</title></head><body><article><h1>Le titre</h1>"
    + "<p>Une phrase assez longue pour être lue comme un texte.</p>" * 20
    + "</article></body></html>"
).encode()


def test_a_feed_and_its_articles_are_kept_and_not_asked_again(
    world: Any, site: Any
) -> None:
    site.feed("/feed", [site.article(f"/a{n}", f"Titre {n}") for n in range(5)])
    first = world.once()
    assert first.code == 0
    assert first.errors == ""
    assert (first.counts["visits"], first.counts["feeds"], first.counts["new"]) == (
        6,
        1,
        5,
    )
    assert sorted(site.pages()) == ["/a0", "/a1", "/a2", "/a3", "/a4", "/feed"]
    second = world.once()
    assert (second.counts["visits"], second.counts["new"]) == (1, 0)
    assert site.pages()[6:] == ["/feed"]
    assert site.asked.count("/robots.txt") == 1  # held in the archive


def test_each_line_of_standard_output_is_an_object_and_the_last_is_the_end(
    world: Any, site: Any
) -> None:
    site.feed("/feed", [site.article("/a")])
    lines = world.once().lines
    assert {line["event"] for line in lines[:-1]} <= {"progress"}
    assert lines[-1]["event"] == "end"


def test_conditional_requests(world: Any, site: Any) -> None:
    site.feed(
        "/feed", [], ETag='"one"', **{"Last-Modified": "Sat, 06 Sep 2025 06:12:45 GMT"}
    )
    world.once()
    site.answer("/feed", status=304)
    assert world.once().counts["feeds"] == 1
    asked = site.headers[-1]
    assert (asked["if-none-match"], asked["if-modified-since"]) == (
        '"one"',
        "Sat, 06 Sep 2025 06:12:45 GMT",
    )
    assert world.feed_row() == ("unchanged", "nothing new")


def test_an_address_is_asked_once_a_pass_however_many_entries_name_it(
    world: Any, site: Any
) -> None:
    link = site.article("/a")
    site.feed("/feed", [link, link + "#more"])
    site.feed("/feed2", [link])
    world.outlets["paper"].append(site.url("/feed2"))
    world.crawl["revisit"] = ["0 seconds"]
    assert world.once().counts["new"] == 1
    assert site.pages().count("/a") == 1
    assert all(
        outcome in ("new", "unchanged")
        for (outcome,) in world.rows("select outcome from entries")
    )


def test_force_visits_what_is_not_due(world: Any, site: Any) -> None:
    world.crawl["every"] = "1 day"
    site.feed("/feed", [site.article("/a")])
    world.once()
    assert world.once().counts["visits"] == 0
    forced = world.once("--force")
    assert (forced.counts["feeds"], forced.counts["unchanged"]) == (1, 1)
    assert sorted(site.pages()) == [
        "/a",
        "/a",
        "/feed",
        "/feed",
    ]  # what is due at once has no order


@pytest.mark.parametrize(
    "encoding", ["gzip", "br", "deflate", "gzip, gzip", "x-unknown"]
)
def test_bodies_are_kept_decoded_with_the_header_as_received(
    world: Any, site: Any, encoding: str
) -> None:
    fold = {
        "gzip": gzip.compress,
        "br": brotli.compress,
        "deflate": zlib.compress,
        "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
        "x-unknown": lambda body: body,
    }[encoding]
    link = site.answer(
        "/a", fold(ARTICLE), Content_Type="text/html", Content_Encoding=encoding
    )
    site.feed("/feed", [link])
    assert world.once().counts["new"] == 1
    [warc] = (world.folder / "captures").glob("*.warc.gz")
    written = gzip.decompress(warc.read_bytes())
    assert ARTICLE in written
    assert f"X-Archive-Orig-Content-Encoding: {encoding}".encode() in written


@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "no-such-thing"])
def test_a_charset_that_is_none(world: Any, site: Any, charset: str) -> None:
    for path, encoding in (("/a", ""), ("/b", "gzip")):
        body = ARTICLE.replace(b"Le titre", path.encode())
        headers = {"Content_Encoding": "gzip"} if encoding else {}
        site.answer(
            path,
            gzip.compress(body) if encoding else body,
            Content_Type=f"text/html; charset={charset}",
            **headers,
        )
    site.feed("/feed", [site.url("/a"), site.url("/b")])
    counts = world.once().counts
    assert counts["new"] + counts["duplicate"] == 2, world.entries()


def test_redirects_are_followed_recorded_and_do_not_carry_what_is_not_theirs(
    world: Any, site: Any, other: Any
) -> None:
    site.feed("/feed", [site.article("/a")], ETag='"one"')
    world.outlets["paper"] = [
        site.url("/feed").replace("http://", "http://reader:secret@")
    ]
    world.once()
    other.feed("/moved", [])
    site.answer("/feed", b"gone there", status=301, Location=other.url("/moved"))
    world.once()
    assert site.headers[1]["authorization"] == "Basic cmVhZGVyOnNlY3JldA=="
    assert other.asked == ["/robots.txt", "/moved"]  # its own robots.txt
    assert all(
        not set(headers) & {"if-none-match", "authorization", "referer", "cookie"}
        for headers in other.headers
    )
    assert world.rows("select kind, reached from captures where kind = 'redirect'") == [
        ("redirect", other.url("/moved"))
    ]


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
    world: Any, site: Any, location: str, outcome: str, reason: str
) -> None:
    site.answer("/feed", status=302, Location=location)
    assert world.once().code == 0
    assert world.feed_row() == (outcome, reason)


def test_too_many_redirects(world: Any, site: Any) -> None:
    world.limits["redirects"] = 3
    for n in range(9):
        site.answer("/feed" if not n else f"/{n}", status=302, Location=f"/{n + 1}")
    world.once()
    assert world.feed_row() == ("failed", "more than 3 redirects")
    assert len(site.pages()) == 4


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


BAD = {
    "drip": (_write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 100, pause=0.1), "no complete response within 2 seconds"),
    "silent": (_write(pause=4), None),
    "hang": (_write(b"HTTP/1.1 200", b"", pause=3), "no complete response within 2 seconds"),
    "not-http": (_write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "the response is not HTTP"),
    "headers": (_headers, "headers larger than 256 KiB"),
    "endless-header": (_write(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 3_000_000), "a header line longer than 16 KiB"),
    "flood": (_flood, "larger than 1 MB"),
    "said-too-long": (_write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx"), "larger than 1 MB"),
    "cut": (_write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>Half"), "the answer broke off after 7 bytes"),
    "cut-chunk": (_write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>Ha"), "the answer broke off after 5 bytes"),
    "cut-gzip": (_write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc" * 9999)[:-20]), None),
    "bad-gzip": (_write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"), "the gzip body is corrupt"),
    "bad-length": (_write(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"), None),
    "bad-coding": (_write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: sevenfold\r\n\r\nabc"), None),
    "closed": (_write(), "the connection was lost"),
    "bomb": (
        _write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(bytes(80_000_000))),
        "larger than 1 MB after decompression",
    ),
    "br-bomb": (
        _write(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nConnection: close\r\n\r\n" + brotli.compress(bytes(80_000_000), quality=1)),
        "larger than 1 MB after decompression",
    ),
}  # fmt: skip


def test_bad_answers_cost_themselves_only_and_are_named_in_words(
    world: Any, site: Any
) -> None:
    world.limits |= {"answer_time": "2 seconds", "page_size": "1 MB"}
    world.crawl["concurrency"] = 32
    links = [site.raw(f"/{name}", write) for name, (write, _) in BAD.items()]
    with socket.socket() as closed:  # bound, and nobody listens
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        site.feed(
            "/feed", [*links, site.article("/good"), f"http://127.0.0.1:{port}/page"]
        )
        begun = time.monotonic()
        ran = world.once()
    assert ran.code == 0
    assert ran.errors == ""
    assert time.monotonic() - begun < 60
    entries = world.entries()
    assert entries.pop("/good")[0] == "new"
    assert entries.pop("/page") == (
        "failed",
        "robots.txt cannot be fetched (connection refused); nothing is fetched",
    )
    for path, (outcome, reason) in entries.items():
        wanted = BAD[path[1:]][1]
        assert outcome == "failed", (path, reason)
        assert wanted is None or reason == wanted, (path, reason)
        assert reason


def test_settings_that_are_wrong(world: Any) -> None:
    world.crawl["dely"] = "2 seconds"
    ran = world.once()
    assert (ran.code, ran.lines) == (2, [])
    assert "settings.toml" in ran.errors


def test_an_outlet_that_is_not_in_the_settings(world: Any) -> None:
    ran = world.once("papier")
    assert ran.code == 2
    assert "papier" in ran.errors


def test_an_archive_that_cannot_be_opened(world: Any) -> None:
    (world.folder / "archive.db").mkdir()
    ran = world.once()
    assert (ran.code, ran.lines) == (1, [])
    assert "archive.db" in ran.errors
    assert len(ran.errors.splitlines()) <= 2


def test_a_disk_that_is_full(world: Any, site: Any) -> None:
    site.feed("/feed", [site.article(f"/a{n}") for n in range(200)])
    ran = subprocess.run(
        world.command("--once"),
        capture_output=True,
        text=True,
        timeout=60,
        env=world.environment(),
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (400_000, 400_000)
        ),
        check=False,
    )
    assert ran.returncode == 1, (ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    assert str(world.folder) in ran.stderr
    after = world.once()  # there is room again: everything is completed
    assert after.code == 0
    assert world.rows(
        "select count(*) from entries where outcome in ('new', 'duplicate')"
    ) == [(200,)]
    assert world.rows("pragma integrity_check") == [("ok",)]


def test_no_proxy_is_taken_from_the_environment(world: Any, site: Any) -> None:
    site.feed("/feed", [])
    assert (
        world.once(
            http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"
        ).counts["feeds"]
        == 1
    )


def _names(folder: Path, word: str) -> bool:
    """Whether the command of a process names that."""
    try:
        return word.encode() in (folder / "cmdline").read_bytes()
    except OSError:  # it has ended
        return False


def _open(folder: Path) -> list[str]:
    """What a process has open."""
    found = []
    with contextlib.suppress(OSError):
        for one in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(str(one.readlink()))
    return found


def test_nothing_listens(world: Any, site: Any) -> None:
    """No console, no port: looked at while it waits for an answer."""
    seen: list[bool] = []

    def look(handler: Any) -> Any:
        fields = [
            line.split()
            for file in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]
        ]
        listening = {f"socket:[{one[9]}]" for one in fields if one[3] == "0A"}
        ours = {
            link
            for folder in Path("/proc").glob("[0-9]*")
            if _names(folder, str(world.settings))
            for link in _open(folder)
        }
        seen.append(
            any(link.startswith("socket:") for link in ours) and not ours & listening
        )
        return answer

    site.feed("/feed", [])
    answer = site.paths["/feed"]
    site.paths["/feed"] = look
    world.once()
    assert seen == [True]


def test_the_user_agent_and_no_cookies(world: Any, site: Any) -> None:
    world.crawl["user_agent"] = "observer/2.0 (+https://example.org/observer)"
    link = site.article("/a", **{"Set-Cookie": "seen=1"})
    site.feed("/feed", [link], **{"Set-Cookie": "seen=1"})
    world.once()
    assert {headers["user-agent"] for headers in site.headers} == {
        "observer/2.0 (+https://example.org/observer)"
    }
    assert not any(
        "cookie" in headers or "referer" in headers for headers in site.headers
    )
