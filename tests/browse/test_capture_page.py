"""Captures as received: what an outlet sent neither runs, loads, nor leaves its page."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from harvester.archive.records import warc_records
from tests.support.datasette_server import start
from tests.support.warc_archive import HEADERS, Paper, day

TOKEN = "Zm9vYmFyc2VjcmV0"
URL = "https://courier.example/story"
ROOT = Path(__file__).parents[2]
POLICY = {
    "sandbox": [],
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
}


@dataclass
class Listener:
    """A host elsewhere: it remembers each connection to it, before any request."""

    socket: socket.socket = field(default_factory=socket.socket)
    connections: int = 0

    def __post_init__(self) -> None:
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


def hostile_page(elsewhere: str) -> bytes:
    """A page that tries all it can to run, to load, and to lead away."""
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>before</title>
<base href="{elsewhere}/"><meta http-equiv="refresh" content="0; url={elsewhere}/gone">
<meta http-equiv="Content-Security-Policy" content="default-src * data: 'unsafe-inline'">
<meta name="referrer" content="unsafe-url">
<link rel="stylesheet" href="{elsewhere}/style.css"><link rel="preload" as="image" href="{elsewhere}/p.png">
<link rel="icon" href="{elsewhere}/icon.png"><link rel="prefetch" href="{elsewhere}/next">
<style>@import url("{elsewhere}/more.css"); body {{ background: url("{elsewhere}/b.png"); color: rgb(1, 2, 3) }}</style>
<script>document.title = "ran"; top.location = "{elsewhere}/top"</script>
<script src="{elsewhere}/x.js"></script></head>
<body onload="document.title = 'ran'">
<svg xmlns="http://www.w3.org/2000/svg" onload="document.title = 'ran'"><script>document.title = 'ran'</script>
<image href="{elsewhere}/svg.png"/><animate onbegin="document.title = 'ran'" attributeName="x" dur="1s"/></svg>
<img src="{elsewhere}/i.png" onerror="document.title = 'ran'"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<video src="{elsewhere}/v.mp4" autoplay></video><iframe src="{elsewhere}/frame"></iframe><IFRAME/src="{elsewhere}/f2"></IFRAME>
<svg><foreignObject><iframe src="{elsewhere}/f3"></iframe></foreignObject></svg><link rel="preconnect" href="{elsewhere}">
<iframe srcdoc="<script>top.document.title = 'ran'</script>"></iframe>
<object data="{elsewhere}/o.swf"></object><embed src="{elsewhere}/e.pdf">
<form id="f" action="{elsewhere}/form"><input name="a" autofocus onfocus="document.title = 'ran'"><button id="send">Send</button></form>
<a id="run" href="javascript:document.title = 'ran'">run</a><a id="pop" target="_blank" href="{elsewhere}/pop">pop</a>
<p>What the outlet said.</p></body></html>""".encode()


@dataclass
class Captures:
    """A served archive, and the ids of its captures by name."""

    address: str
    ids: dict[str, int]
    elsewhere: Listener
    log: Path

    def get(self, name: str, query: str = "") -> httpx.Response:
        return httpx.get(f"{self.address}/-/capture/{self.ids[name]}{query}")


def build(folder: Path, elsewhere: str) -> dict[str, int]:
    """An archive with one capture of each sort."""
    paper = Paper(folder)
    feed = f"https://courier.example/private?token={TOKEN}"
    paper.row("feeds", url=feed, outlet="courier", first_seen=day(1), since=day(1))
    latin = "<html><title>Été</title><p>À l’œuvre : 5 €</p></html>".encode("cp1252")
    big = b"<p>long</p>" * 1_000_000
    ids = {
        "hostile": paper.capture(URL, hostile_page(elsewhere), day(1)),
        "latin": paper.capture(
            f"{URL}/2", latin, day(2), type="text/html; charset=ISO-8859-1"
        ),
        "undeclared": paper.capture(f"{URL}/3", latin, day(2), type="text/html"),
        "big": paper.capture(f"{URL}/4", big, day(2)),
        "svg": paper.capture(
            f"{URL}/5", b"<svg onload='alert(1)'/>", day(2), type="image/svg+xml"
        ),
        "json": paper.capture(
            f"{URL}/6", b'{"a": "<script>"}', day(2), type="application/json"
        ),
        "pdf": paper.capture(
            f"{URL}/7", b"%PDF-1.7 \xff\x00", day(2), type="application/pdf"
        ),
        "script": paper.capture(
            f"{URL}/8", b"alert(1)", day(2), type="text/javascript"
        ),
        "gzip": paper.capture(
            f"{URL}/9", gzip.compress(b"<p>x</p>" * 7_000_000), day(2)
        ),
        "untyped": paper.capture(f"{URL}/10", b"<script>x</script>", day(2), type=""),
        "feed": paper.capture(
            feed,
            f'<rss><link href="{feed}"/></rss>'.encode(),
            day(2),
            kind="feed",
            type="application/rss+xml",
        ),
        "empty": paper.capture(f"{URL}/11", b"", day(2), kind="redirect", status=301),
        "missing": paper.capture(f"{URL}/12", b"x", day(2), file="gone.warc.gz"),
        "outside": paper.capture(f"{URL}/13", b"x", day(2), file="../archive.db"),
        "other": paper.capture(f"{URL}/14", b"x", day(2), sha256="00" * 32),
        "unstored": paper.capture(
            f"{URL}/15", b"x", day(2), file=None, offset=None, length=None
        ),
        "thinned": paper.capture(
            f"{URL}/16", b"x", day(2), file=None, offset=None, thinned=day(3)
        ),
        "purged": paper.capture(
            "", b"x", day(2), kind="purged", reached="", type="", file=None
        ),
        "absent": 99_999,
    }
    ids["again"] = paper.capture_again(URL, hostile_page(elsewhere), day(4))
    ids["bomb"] = add_bomb(paper)
    key = paper.article(URL, day(1))
    paper.version(key, "Story", "What the outlet said.", ids["hostile"], day(1))
    paper.warc.close()
    paper.archive.close()
    return ids


def add_bomb(paper: Paper) -> int:
    """A record of 50 MB whose row says it is short, compressed within its record."""
    body = b"A" * 50_000_000
    block = warc_records.build_response(URL, day(5), 200, HEADERS, body, False)
    assert len(block) < 1_000_000
    file, offset, length, record = paper.warc.add_record(block, day(5))
    return paper.row(
        "captures",
        outlet="courier",
        kind="article",
        url=f"{URL}/bomb",
        reached=f"{URL}/bomb",
        at=day(5),
        status=200,
        type="text/html",
        sha256=hashlib.sha256(body).hexdigest(),
        bytes=100,
        file=file,
        offset=offset,
        length=length,
        record=record,
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captures]:
    """Plain ``datasette archive.db``, with the captures beside it."""
    folder = tmp_path_factory.mktemp("captures")
    elsewhere = Listener()
    ids = build(folder, elsewhere.address)
    process, address, log = start(folder / "archive.db", folder)
    yield Captures(address, ids, elsewhere, log)
    process.terminate()
    process.wait(10)
    elsewhere.socket.close()


def read_policy(response: httpx.Response) -> dict[str, list[str]]:
    (header,) = response.headers.get_list("content-security-policy")
    words = [part.split() for part in header.split(";")]
    return {name: values for name, *values in words}


def test_a_page_is_sent_as_received_into_a_sandbox(served: Captures) -> None:
    for name in ("hostile", "again"):
        response = served.get(name)
        sent = hostile_page(served.elsewhere.address)
        for tag in (b"iframe", b"IFRAME"):  # the only thing that is not as received
            sent = sent.replace(b"<" + tag, b"<x-" + tag)
            sent = sent.replace(b"</" + tag, b"</x-" + tag)
        assert response.content == sent
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert read_policy(response) == POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"
        assert "set-cookie" not in response.headers


def test_a_page_in_another_charset_reads_as_it_did(served: Captures) -> None:
    for name in ("latin", "undeclared"):
        response = served.get(name)
        assert "À l’œuvre : 5 €" in response.content.decode("utf-8")
        assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_the_source_is_plain_text(served: Captures) -> None:
    response = served.get("hostile", "?as=text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.content == hostile_page(served.elsewhere.address)
    assert read_policy(response) == POLICY


@pytest.mark.parametrize("name", ["svg", "json", "script", "untyped"])
def test_what_is_no_page_is_text(served: Captures, name: str) -> None:
    response = served.get(name)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert read_policy(response) == POLICY


@pytest.mark.parametrize("name", ["pdf", "gzip"])
def test_what_is_no_text_is_a_download(served: Captures, name: str) -> None:
    for query in ("", "?as=text"):
        response = served.get(name, query)
        assert response.headers["content-type"] == "application/octet-stream"
        suffix = "pdf" if name == "pdf" else "bin"
        assert response.headers["content-disposition"] == (
            f'attachment; filename="capture-{served.ids[name]}.{suffix}"'
        )
        assert read_policy(response) == POLICY
    if name == "pdf":
        assert response.content == b"%PDF-1.7 \xff\x00"


def test_the_secrets_of_feeds_are_masked(served: Captures) -> None:
    text = served.get("feed").text
    assert TOKEN not in text and "token=***" in text
    assert all(TOKEN not in value for value in served.get("feed").headers.values())


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("absent", 404, "There is no capture 99999"),
        ("unstored", 404, "is not stored"),
        ("missing", 404, "missing, damaged or too large"),
        ("outside", 404, "missing, damaged or too large"),
        ("other", 404, "missing, damaged or too large"),
        ("bomb", 404, "missing, damaged or too large"),
        ("purged", 410, "was taken out of this archive"),
        ("thinned", 410, "was thinned out"),
        ("big", 413, "11000000 bytes"),
        ("empty", 200, "The outlet answered 301 without a body"),
    ],
)
def test_what_cannot_be_shown_is_said(
    served: Captures, name: str, status: int, words: str
) -> None:
    response = served.get(name)
    assert (response.status_code, words in response.text) == (status, True)
    assert "sandbox" not in response.headers["content-security-policy"]
    assert str(served.log.parent) not in response.text  # no path of this machine


def test_ids_that_are_none_are_not_found(served: Captures) -> None:
    for path in ("0", "999999999999999999", "9" * 30, "x", "-1", "1;drop", "1.json"):
        response = httpx.get(f"{served.address}/-/capture/{path}")
        assert response.status_code == 404, path
    assert "Traceback" not in served.log.read_text()


def test_a_capture_says_of_which_address_and_time_it_is(served: Captures) -> None:
    response = served.get("hostile")
    assert response.headers["memento-datetime"] == "Mon, 01 Sep 2025 10:00:00 GMT"
    assert f'<{URL}>; rel="original"' in response.headers["link"]
    assert 'rel="timemap"' in response.headers["link"]


def test_nothing_runs_loads_or_leads_away(browser: Any, served: Captures) -> None:
    context = browser.new_context()
    page = context.new_page()
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    pages: list[Any] = []
    context.on("page", lambda opened: pages.append(opened))
    target = f"{served.address}/-/capture/{served.ids['hostile']}"
    page.goto(target)
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)  # a refresh would be under way
    assert page.title() == "before" and page.url == target
    assert "What the outlet said." in page.inner_text("body")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(1, 2, 3)"
    assert page.evaluate("self.origin") == "null"
    for selector in ("#run", "#send", "#pop"):
        page.click(selector, no_wait_after=True)
    page.wait_for_timeout(300)
    assert page.title() == "before" and page.url == target
    assert not pages or pages == [page]
    assert [url for url in answered if not url.startswith("data:")] == [target]
    assert served.elsewhere.connections == 0
    context.close()


def test_a_configured_folder_is_read(tmp_path: Path) -> None:
    ids = build(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "captures").rename(tmp_path / "elsewhere")
    configuration = tmp_path / "metadata.json"
    settings = {"captures": str(tmp_path / "elsewhere")}
    configuration.write_text(json.dumps({"plugins": {"news-harvester": settings}}))
    process, address, _ = start(
        tmp_path / "archive.db", tmp_path, "--metadata", str(configuration)
    )
    try:
        response = httpx.get(f"{address}/-/capture/{ids['json']}")
        assert response.json() == {"a": "<script>"}
    finally:
        process.terminate()
        process.wait(10)


def test_harvest_browse_knows_the_folder_from_the_settings(tmp_path: Path) -> None:
    ids = build(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "captures").rename(tmp_path / "warc")
    feeds = 'feeds = ["https://courier.example/feed/"]'
    (tmp_path / "settings.toml").write_text(
        f'[archive]\ncaptures = "warc"\n[outlets.courier]\n{feeds}\n'
    )
    command = [sys.executable, "-P", "-m", "harvester.cli", "browse", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().decode().split()[0]
        response = httpx.get(f"{address}-/capture/{ids['json']}", timeout=60)
        assert response.json() == {"a": "<script>"}
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
