"""Other programs read and replay what is kept: warcio, cdxj-indexer, pywb.

What a server can send is in one archive: redirects, bodies in every encoding, damaged
and cut ones, none at all, odd headers, the same again.

pywb has an environment of its own, see ``tests.support.pywb_server``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd
from warcio.archiveiterator import ArchiveIterator

from tests.support.crawl_harness import SITE_FILES, CrawlHarness, Site
from tests.support.pywb_server import PYWB, Replay, needs_pywb, run_in

HTML = {"Content-Type": "text/html; charset=utf-8"}
COMPRESS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}
NOT_BROTLI = b"\x8b this is not what its header says \x00\xff" * 30


def _page(title: str) -> bytes:
    words = f"The harbour master of {title} counts the ferries that arrive each day. "
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body>"
        f"<article><h1>{title}</h1><p>{words * 30}</p></article></body></html>"
    ).encode()


def _write_raw(head: bytes, body: bytes) -> Any:
    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head + b"\r\n\r\n" + body)

    return write


def _serve(site: Site) -> dict[str, bytes]:
    """Serve everything; returns path → the body that is to be replayed there."""
    bodies = {f"/{name}": _page(name) for name in (*COMPRESS, "plain", "again")}
    for name, compress in COMPRESS.items():
        body = compress(bodies[f"/{name}"])
        site.respond(f"/{name}", body, Content_Encoding=name, **HTML)
    site.respond("/plain", bodies["/plain"], **HTML)
    site.respond("/again", bodies["/again"], **HTML)
    site.respond("/broken", NOT_BROTLI, Content_Encoding="br", **HTML)
    bodies["/broken"] = NOT_BROTLI
    cut = _page("cut")[:900]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000"
    site.respond_raw("/cut", _write_raw(head, cut))
    bodies["/cut"] = cut
    odd = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
    odd += "X-Ort: Zürich \u2019 東京\r\nX-Latin: ".encode() + "Zürich".encode(
        "latin-1"
    )
    bodies["/odd"] = _page("odd")
    site.respond_raw("/odd", _write_raw(odd, bodies["/odd"]))
    site.respond("/none", status=204)
    site.respond("/empty", **HTML)
    bodies["/none"] = bodies["/empty"] = b""
    site.respond("/gone", b"<h1>Gone</h1>", status=410, **HTML)
    bodies["/gone"] = b"<h1>Gone</h1>"
    site.respond("/first", status=301, Location="/second")
    site.respond("/second", b"moved", status=302, Location=site.url("/last"))
    bodies["/last"] = _page("last")
    site.respond("/last", bodies["/last"], **HTML)
    links = [*(path for path in site.paths if path not in ("/second", "/last"))]
    site.feed("/feed", [site.url(path) for path in links])
    return bodies


@pytest.fixture(scope="module")
def crawled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[CrawlHarness, Site, dict[str, bytes]]]:
    """An archive of all this, crawled twice, with the site still open."""
    harness, site = CrawlHarness(tmp_path_factory.mktemp("replay")), Site()
    harness.archive = {"requests": True}
    harness.outlets = {"paper": [site.url("/feed")]}
    bodies = _serve(site)
    harness.once()
    harness.once("--force", "--fresh")
    yield harness, site, bodies
    site.close()


def _files(harness: CrawlHarness) -> list[str]:
    return sorted(str(path) for path in (harness.folder / "captures").glob("*.warc.gz"))


def test_every_response_has_a_record_and_warcio_finds_no_fault(
    crawled: tuple[CrawlHarness, Site, dict[str, bytes]],
) -> None:
    harness, site, bodies = crawled
    report = run_in(
        harness.folder,
        *(sys.executable, "-m", "warcio.cli", "check", "-v", *_files(harness)),
    )
    assert "digest pass" in report and "fail" not in report
    kinds: dict[str, list[str]] = {}
    for name in _files(harness):
        with Path(name).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type in ("response", "revisit"):
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    kinds.setdefault(url, []).append(record.rec_type)
    expected = {site.url(path) for path in (*bodies, "/first", "/second", "/feed")}
    expected |= {site.url(path) for path in SITE_FILES}
    assert expected <= kinds.keys()
    assert kinds[site.url("/again")] == ["response", "revisit"]


@needs_pywb
def test_cdxj_indexer_indexes_each_record(
    crawled: tuple[CrawlHarness, Site, dict[str, bytes]],
) -> None:
    harness, site, bodies = crawled
    indexer = str(PYWB / "bin" / "cdxj-indexer")
    lines = run_in(harness.folder, indexer, *_files(harness)).splitlines()
    entries = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert {entry["url"] for entry in entries} >= {site.url(path) for path in bodies}
    mimes = [entry["mime"] for entry in entries if entry["url"] == site.url("/again")]
    assert sorted(mimes) == ["text/html", "warc/revisit"]
    assert len(entries) == sum(
        1
        for (count,) in harness.rows("select 1 from captures where file is not null")
        if count
    )


@pytest.fixture(scope="module")
def replay(
    crawled: tuple[CrawlHarness, Site, dict[str, bytes]],
) -> Iterator[Replay]:
    """pywb with the files of that archive."""
    harness, _, _ = crawled
    opened = Replay(harness.folder, _files(harness))
    try:
        opened.wait()
        yield opened
    finally:
        opened.close()


@needs_pywb
def test_pywb_replays_each_body_at_its_own_url(
    replay: Replay, crawled: tuple[CrawlHarness, Site, dict[str, bytes]]
) -> None:
    _, site, bodies = crawled
    for path, body in bodies.items():
        status, replayed, headers = replay.get(site.url(path))
        assert replayed == body, path
        assert status == {"/gone": 410, "/none": 204}.get(path, 200)
        assert "content-encoding" not in headers
    for path, content in (("/feed", b"<rss"), ("/robots.txt", b"nothing here")):
        assert content in replay.get(site.url(path))[1]


@needs_pywb
def test_pywb_replays_redirects_as_redirects(
    replay: Replay, crawled: tuple[CrawlHarness, Site, dict[str, bytes]]
) -> None:
    _, site, _ = crawled
    status, body, headers = replay.get(site.url("/first"))
    assert status == 301 and body == b""
    assert headers["location"].endswith(("/second", site.url("/second")))
    status, body, headers = replay.get(site.url("/second"))
    assert status == 302 and body == b"moved"
    assert headers["location"].endswith(site.url("/last"))


@needs_pywb
def test_pywb_replays_a_revisit_with_the_body_of_the_first(
    replay: Replay, crawled: tuple[CrawlHarness, Site, dict[str, bytes]]
) -> None:
    harness, site, bodies = crawled
    rows = harness.rows(
        "select at, sha256, body_of from captures where url = ? order by id",
        site.url("/again"),
    )
    assert [row[2] is None for row in rows] == [True, False]
    for at, digest, _ in rows:
        stamp = "".join(filter(str.isdigit, at))
        status, body, _ = replay.get(site.url("/again"), stamp)
        assert (status, body) == (200, bodies["/again"])
        assert hashlib.sha256(body).hexdigest() == digest


@needs_pywb
def test_an_evidence_bundle_is_replayed_as_its_readme_says(
    tmp_path: Path, crawled: tuple[CrawlHarness, Site, dict[str, bytes]]
) -> None:
    harness, site, bodies = crawled
    bundle = tmp_path / "evidence.zip"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "harvester.cli"),
            *("--settings", str(harness.settings), "evidence", site.url("/last")),
            *("-o", str(bundle)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", bundle, tmp_path], check=True
    )
    subprocess.run([sys.executable, "check.py"], cwd=tmp_path, check=True)
    records = sorted((tmp_path / "captures").glob("*.warc.gz"))
    joined = tmp_path / "article.warc.gz"
    joined.write_bytes(b"".join(path.read_bytes() for path in records))
    opened = Replay(tmp_path, [str(joined)])
    try:
        opened.wait()
        assert opened.get(site.url("/first"))[0] == 301
        assert opened.get(site.url("/last"))[:2] == (200, bodies["/last"])
        for path in SITE_FILES:
            assert opened.get(site.url(path))[1] == b"nothing here"
    finally:
        opened.close()
