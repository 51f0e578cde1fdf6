"""``harvest check - --nl``: a list in, a record a line out, in the same order, whatever the lines name."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

TEXT = "".join(
    f"<p>Le conseil municipal a voté hier soir la proposition numéro {n}, selon le maire.</p>"
    for n in range(6)
)
PAGE = f"<html lang=fr><head><title>Le pont</title></head><body><article><h1>Le pont</h1>{TEXT}</article></body></html>"
FEED = (
    "<rss version='2.0'><channel><title>Le fil</title><item><guid>a-1</guid><title>Un</title><link>/a</link>"
    "<pubDate>Sat, 06 Sep 2087 08:12:45 +0200</pubDate></item></channel></rss>"
)
EXTRACT = (
    "kind, title, authors, published, published_local, modified, language, sections, tags, image, description, url, access, "
    "feeds, text, sources, cpu_ms"
)


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "harvester.cli", *arguments]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def read_all(folder: Path, lines: list[Any], *arguments: str) -> list[dict[str, Any]]:
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    out, err = start(folder, *arguments, "check", "-", "--nl").communicate(
        text.encode(), timeout=120
    )
    assert b"Traceback" not in err, err.decode()
    return [json.loads(line) for line in out.splitlines()]


def test_a_record_a_line_in_order(tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (tmp_path / "feed").write_text(FEED)
    (tmp_path / "broken.gz").write_bytes(gzip.compress(PAGE.encode())[:-20])
    (tmp_path / "bare").write_text("<html><body></body></html>")
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    page = {
        "file": "page.html.gz",
        "url": "https://example.org/pont",
        "headers": {"X-Robots-Tag": "noarchive"},
    }
    made = read_all(
        tmp_path,
        [
            page,
            {
                "file": "feed",
                "url": "https://example.org/feed",
                "content_type": "text/html",
            },
            "{not json",
            '["a"]',
            "",
            {"file": "nothing"},
            {"file": 3},
            {"file": "."},
            {"file": "broken.gz"},
            {"file": "bare", "content_type": None, "headers": None},
            {"file": "picture", "content_type": "image/png"},
            {"file": "page.html.gz", "at": "yesterday"},
            page,
        ],
    )
    first, feed, *wrong, bare, picture, when, again = made
    assert not set(EXTRACT.split(", ")) - set(first)
    assert (first["title"], first["language"], first["url"]) == (
        "Le pont",
        "fr",
        "https://example.org/pont",
    )
    assert first["robots"] == ["noarchive"] and len(first["text"].splitlines()) == 6
    assert first["cpu_ms"] > 0
    assert (feed["kind"], feed["title"]) == ("rss", "Le fil")
    (entry,) = feed["entries"]
    assert {"id", "url", "title", "published", "updated", "summary", "authors"} <= set(
        entry
    )
    # What a feed states is shown as stated, however far in the future.
    assert (entry["id"], entry["url"], entry["published"]) == (
        "a-1",
        "https://example.org/a",
        "2087-09-06T06:12:45Z",
    )
    said = (
        "not JSON",
        "not a JSON object",
        "No such file",
        "not a string",
        "directory",
        "gzip",
    )
    assert len(wrong) == len(said)
    for one, words in zip(wrong, said, strict=True):
        assert one["outcome"] == "failed" and words in one["error"], one
    assert (
        picture["outcome"] == "refused"
        and "image/png" in picture["error"]
        and "text" not in picture
    )
    assert bare["outcome"] == "empty" and (bare["text"], bare["feeds"]) == (
        "",
        [],
    )  # a page, with nothing in it
    assert "yesterday" in when["error"]
    assert {**again, "cpu_ms": 0} == {**first, "cpu_ms": 0}
    assert (
        again["cpu_ms"] < 10 * max(first["cpu_ms"], 10) and first["cpu_ms"] < 300
    )  # imports are on no page's account


def test_a_page_that_is_too_slow_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        '[limits]\nread_time = "0.3 seconds"\n[outlets.paper]\nfeeds = ["https://example.org/feed"]\n'
        '[outlets.paper.rules]\nremove = [".don"]\n'
    )
    # As many paragraphs as are read at most: what is nested too deeply is cut off, and then soon read.
    words = "La mairie ferme le pont ce mois-ci, dit le maire. " * 5
    slow = "".join(f"<p>{n} {words}" for n in range(29_000))
    (tmp_path / "slow.html").write_text(f"<article>{slow}</article>")
    (tmp_path / "page.html").write_text(
        PAGE.replace("</article>", "<p class=don>Soutenez ce journal.</p></article>")
    )
    url = "https://elsewhere.example/pont"
    made = read_all(
        tmp_path,
        [
            {"file": "page.html", "url": url, "outlet": "paper"},
            {"file": "slow.html", "url": "https://example.org/lent"},
            {"file": "page.html", "url": "https://example.org/pont"},
            {"file": "page.html", "url": url, "outlet": "unheard-of"},
        ],
    )
    assert "too slow" in made[1]["error"] and made[1]["outcome"] == "failed"
    named, here, other = made[0], made[2], made[3]
    assert "Soutenez" not in named["text"] and "Soutenez" not in here["text"]
    assert "Soutenez" in other["text"]


def test_records_come_as_they_are_made(tmp_path: Path) -> None:
    """The list may be longer than memory, and its end may be far away."""
    (tmp_path / "page.html").write_text(PAGE)
    process = start(tmp_path, "check", "-", "--nl")
    assert process.stdin is not None and process.stdout is not None
    line = (
        json.dumps({"file": "page.html", "url": "https://example.org/pont"}).encode()
        + b"\n"
    )
    stuck = threading.Timer(60, process.kill)
    stuck.start()
    for _ in range(3):
        process.stdin.write(line)
        process.stdin.flush()
        assert (
            json.loads(process.stdout.readline())["title"] == "Le pont"
        )  # while the list goes on
    stuck.cancel()
    out, err = process.communicate(timeout=60)
    assert (out, err, process.returncode) == (b"", b"", 0)


def test_nobody_reads_on(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    process = start(tmp_path, "check", "-", "--nl")
    assert (
        process.stdin is not None
        and process.stdout is not None
        and process.stderr is not None
    )
    process.stdout.close()
    process.stdin.write(json.dumps({"file": "page.html"}).encode() + b"\n")
    process.stdin.flush()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""


def test_one_page_on_standard_input(tmp_path: Path) -> None:
    out, _ = start(
        tmp_path, "check", "-", "--url", "https://example.org/pont", "--json"
    ).communicate(PAGE.encode(), 60)
    assert json.loads(out)["title"] == "Le pont"


def test_every_feed_is_read_as_one(tmp_path: Path, corpora: Path) -> None:
    from harvester.parse.feeds.sniff import sniff_kind

    cases = json.loads((corpora / "feeds" / "cases.json").read_text("utf-8"))["cases"]
    wrong = [
        case["file"]
        for case in cases
        if (
            sniff_kind(
                (corpora / "feeds" / case["file"]).read_bytes(),
                case["content_type"] or "",
            )
            == "feed"
        )
        == bool(case["expect"].get("reject"))
    ]
    assert wrong == []
    pages = sorted((corpora / "feeds" / "autodiscovery").iterdir())
    assert pages and all(sniff_kind(page.read_bytes()) == "page" for page in pages)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://", "https://paper.example:99999/", "http://a b/"]
)
def test_what_is_no_address_is_said_at_once(bare: Any, url: str) -> None:
    done = bare("check", url, code=2)
    assert "is not a URL that can be fetched" in done.stderr
    assert "settings.toml" not in done.stderr
