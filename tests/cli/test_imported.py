"""Who received what was imported, as commands, the page and a bundle tell it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from harvester.archive.queries import capture_view, full_article, mementos
from harvester.browse.timemap import render_timemap
from tests.archive.merging.test_imports import bring_in, mark_imported, observe
from tests.support.datasette_server import start
from tests.support.observer import Observer

SAID = "received by Common Crawl (early.warc.gz), imported on 1 December 2026"


@pytest.fixture(scope="module")
def observer(tmp_path_factory: pytest.TempPathFactory) -> Observer:
    """An archive of today, with what others received before."""
    ours, early = (tmp_path_factory.mktemp(name) for name in ("ours", "early"))
    observe(early, (0, 2))
    mark_imported(early)
    observer = observe(ours, (4,))
    bring_in(ours, early)
    return observer


@pytest.fixture(scope="module")
def key(observer: Observer) -> str:
    return observer.article("/budget")


def test_show_and_history_say_who_received_it(observer: Observer, key: str) -> None:
    history = observer.json("history", key)
    assert [version["received_by"] for version in history] == [SAID, SAID, ""]
    assert observer.json("show", f"{key}@1")["received_by"] == SAID
    assert SAID in " ".join(observer.run("show", f"{key}@1").split())
    assert "imported" not in observer.run("show", key)


def test_stats_count_what_was_imported(observer: Observer) -> None:
    told = observer.json("stats")["captures"]["imported"]
    with observer.reading() as connection:
        sql = "select count(origin) from captures"
        assert connection.execute(sql).fetchone()[0] == told
    assert f"{told} of them imported" in observer.run("stats")


def test_the_page_and_the_timemap_say_it(observer: Observer, key: str) -> None:
    with observer.reading() as connection:
        row = connection.execute("select * from articles where key = ?", [key])
        article = row.fetchone()
        captures = full_article._list_captures(connection, key)
        told = [(one.at, one.received_by) for one in captures if one.received_by]
        assert [at for at, _ in told] == sorted((at for at, _ in told), reverse=True)
        assert {text for _, text in told} == {SAID}
        assert captures[0].received_by == ""
        listed = mementos.list_mementos(connection, key, True)
        timemap = render_timemap("https://x.example", key, article["url"], listed)
        assert timemap.count(f'title="{SAID}"') == len(told)
        capture, _ = capture_view.get_capture(
            connection, observer.folder / "captures", captures[-1].id, 10_000_000
        )
        assert capture.received_by == SAID


def test_the_browser_says_it(observer: Observer, key: str) -> None:
    process, address, _ = start(observer.folder / "archive.db", observer.folder)
    try:
        page = httpx.get(f"{address}/-/article/{key}?version=1", timeout=60)
        assert page.status_code == 200
        assert (
            f'<dt>Received</dt><dd dir="auto">{SAID.removeprefix("received ")}'
            in page.text
        )
        assert f'<p class="note" dir="auto">{SAID}</p>' in page.text
        [capture, *_] = re.findall(r'/-/capture/\d+(?=" rel)', page.text)[::-1]
        response = httpx.get(f"{address}{capture}", timeout=60)
        assert response.headers["X-Archive-Received-By"] == SAID
        timemap = httpx.get(f"{address}/-/article/{key}.timemap", timeout=60)
        assert f'title="{SAID}"' in timemap.text
    finally:
        process.terminate()
        process.wait(10)


def test_a_bundle_proves_who_received_it(
    observer: Observer, key: str, tmp_path: Path
) -> None:
    observer.crawl("2026-12-02T09:00:00Z")  # closes the day of the import
    observer.run("evidence", key, "-o", str(tmp_path / "x.zip"))
    with zipfile.ZipFile(tmp_path / "x.zip") as bundle:
        bundle.extractall(tmp_path)
    article = json.loads((tmp_path / "article.json").read_text())
    [origin] = article["origins"]
    assert (origin["name"], origin["receiver"]) == ("early.warc.gz", "Common Crawl")
    assert {one["received_by"] for one in article["captures"]} == {SAID, ""}
    assert check(tmp_path) == 0
    path = tmp_path / "article.json"
    path.write_text(path.read_text().replace('"Common Crawl"', '"the court"'))
    (tmp_path / "SHA256SUMS").write_text("")
    assert check(tmp_path) == 1


def check(folder: Path) -> int:
    command = [sys.executable, str(folder / "check.py")]
    return subprocess.run(command, capture_output=True, check=False).returncode
