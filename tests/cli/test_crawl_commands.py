"""The commands that harvest, against the newspaper on loopback: the real programs, started as users start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harvester.archive.writer_lock import get_lock_holder
from harvester.newsroom import Newsroom
from tests.support import ROOT

PARAGRAPHS = [
    "Le conseil municipal a voté mardi soir la réouverture de l’école du bourg, fermée depuis six ans faute d’élèves.",
    "Trente-deux enfants y sont inscrits, et deux institutrices ont été nommées par l’inspection. La cantine suivra en mars.",
    "« Nous n’y croyions plus », dit une mère. Le bâtiment sera repeint pendant l’été par des volontaires de la commune.",
]
OUTCOMES = {
    "new",
    "changed",
    "unchanged",
    "duplicate",
    "empty",
    "blocked",
    "gone",
    "failed",
    "refused",
    "waiting",
}
TEN_SECONDS = 10.0


@pytest.fixture
def newsroom(bare) -> Iterator[Newsroom]:
    with Newsroom() as room:
        gazette = room.add_outlet("gazette", "wordpress", language="fr")
        gazette.publish("Une école rouvre", PARAGRAPHS, slug="ecole")
        (bare.folder / "settings.toml").write_text(
            room.settings_toml("."), encoding="utf-8"
        )
        yield room


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.05)


def ended(process: subprocess.Popen[str], number: int) -> tuple[float, str]:
    """Send a signal; returns how long it took to end, and what was said."""
    began = time.monotonic()
    process.send_signal(number)
    said = "".join(process.communicate(timeout=30))
    return time.monotonic() - began, said


def test_once_ends_with_one_object_on_one_line(bare, newsroom: Newsroom) -> None:
    counts = json.loads(bare("once", "--json").stdout.splitlines()[-1])
    assert OUTCOMES | {"visits", "captures"} <= set(counts)
    assert (counts["new"], counts["feeds"], counts["visits"]) == (1, 1, 2)
    assert "1 feed read" in bare("once", "gazette", "--force").stdout
    text = bare("status").stdout
    assert "gazette" in text and "Traceback" not in text
    assert bare.json("search", "ecole")[0]["title"] == "Une école rouvre"


def test_an_edit_is_seen_and_shown(bare, newsroom: Newsroom) -> None:
    bare("once")
    gazette = newsroom.outlets["gazette"]
    article = gazette.find_article("ecole")
    newsroom.advance(hours=1)
    gazette.edit(
        article, [*PARAGRAPHS[:2], PARAGRAPHS[2].replace("l’été", "l’automne")]
    )
    assert json.loads(bare("once", "--json").stdout)["changed"] == 1
    (pair,) = bare.json("diff", article.url)["sentences"]["changed"]
    assert "l’été" in pair[0] and "l’automne" in pair[1]
    assert [one["kind"] for one in bare.json("changes")] == ["edited"]


def test_a_second_program_is_refused_with_4_and_told_who_is_there(
    bare, newsroom: Newsroom
) -> None:
    daemon = started(bare.folder, "run")
    try:
        until(
            lambda: (
                (held := get_lock_holder(bare.folder / "archive.db")) is not None
                and held.pid > 0
            ),
            "the daemon holds it",
        )
        for command in ("once", "run"):
            said = bare(command, code=4).stderr
            assert "harvest run" in said and str(daemon.pid) in said
        waiting = started(bare.folder, "once", "--wait", "--json")
        assert waiting.stderr is not None
        assert "waiting for" in waiting.stderr.readline()
        until(
            lambda: (
                (bare.folder / "archive.db").exists()
                and bare("stats", "--json", code=None).returncode == 0
            ),
            "an archive",
        )
        assert "harvest run" in bare("status", code=None).stdout
    finally:
        seconds, said = ended(daemon, signal.SIGTERM)
    assert (daemon.returncode, "Traceback" in said) == (0, False), said
    assert seconds < TEN_SECONDS
    out, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, json.loads(out)["failed"]) == (0, 0)
    assert get_lock_holder(bare.folder / "archive.db") is None


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for file in lists for one in file.read_text().split()]


def test_run_harvests_what_comes_and_takes_new_settings(
    bare, newsroom: Newsroom
) -> None:
    def articles() -> int:
        done = bare("--settings", "other.toml", "stats", "--json", code=None)
        return (
            int(json.loads(done.stdout)["articles"]["total"])
            if done.returncode == 0
            else 0
        )

    def trouble() -> str:
        return str(bare.json("--settings", "other.toml", "status")["holder"]["problem"])

    settings, copy = bare.folder / "settings.toml", bare.folder / "other.toml"
    good = newsroom.settings_toml(".", every="1 second", revisit=["1 day"])
    settings.write_text(good)
    copy.write_text(good)
    daemon = started(bare.folder, "run")
    try:
        until(lambda: articles() == 1, "the first article")
        settings.write_text(good.replace("delay", "dealy"))
        until(lambda: "dealy" in trouble(), "the fault is in status")
        until(lambda: bool(children(daemon.pid)), "a crawl")
        for one in children(daemon.pid):
            os.kill(one, signal.SIGKILL)
        until(lambda: "SIGKILL" in trouble(), "the crash is in status")
        newsroom.outlets["gazette"].publish(
            "La cantine suit", [one.replace("école", "cantine") for one in PARAGRAPHS]
        )
        until(
            lambda: articles() == 2,
            "the second article, in a new crawl with the old settings",
        )
        echo = newsroom.add_outlet("echo", "plain", language="fr")
        echo.publish(
            "Le pont est rouvert", [one.replace("école", "pont") for one in PARAGRAPHS]
        )
        settings.write_text(
            newsroom.settings_toml(".", every="1 second", revisit=["1 day"])
        )
        until(lambda: articles() == 3, "an article of the new outlet")
        assert trouble() == ""
    finally:
        seconds, said = ended(daemon, signal.SIGTERM)
    assert (daemon.returncode, "Traceback" in said) == (0, False), said
    assert seconds < TEN_SECONDS


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)],
)
def test_once_ends_cleanly_when_told_to(
    bare, newsroom: Newsroom, number: int, code: int
) -> None:
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("these tests were started with nohup, and so is what they start")
    newsroom.outlets["gazette"].add_fault("/feed/", "hang")
    process = started(bare.folder, "once", "--json")
    until(
        lambda: any(one.path == "/feed/" for one in newsroom.requests),
        "a request that is not answered",
    )
    seconds, said = ended(process, number)
    assert (process.returncode, "Traceback" in said) == (code, False), said
    assert seconds < TEN_SECONDS
    assert get_lock_holder(bare.folder / "archive.db") is None


def test_a_crawl_does_not_outlive_its_parent(bare, newsroom: Newsroom) -> None:
    newsroom.outlets["gazette"].add_fault("/feed/", "hang")
    process = started(bare.folder, "once")
    until(
        lambda: any(one.path == "/feed/" for one in newsroom.requests),
        "a request that is not answered",
    )
    process.kill()
    process.communicate()
    until(
        lambda: get_lock_holder(bare.folder / "archive.db") is None, "the lock is free"
    )


def test_check_understands_a_page_and_a_feed(bare, newsroom: Newsroom) -> None:
    gazette = newsroom.outlets["gazette"]
    article = gazette.find_article("ecole")
    page = bare.json("check", article.url)
    assert (page["kind"], page["title"], page["url"]) == (
        "article",
        "Une école rouvre",
        article.url,
    )
    assert "Trente-deux enfants" in page["text"]
    feed = bare.json("check", gazette.feed_url)
    assert [(one["title"], one["url"]) for one in feed["entries"]] == [
        ("Une école rouvre", article.url)
    ]
    assert {"id", "url", "title", "published"} <= set(feed["entries"][0])
    assert "404" in bare("check", gazette.absolute_url("/nothing"), code=1).stderr
    assert "Une école rouvre" in bare("check", article.url).stdout
    assert not (bare.folder / "archive.db").exists()
    assert [
        one for one in newsroom.requests if one.path == "/robots.txt"
    ] != []  # robots.txt is asked for here too


def test_check_refuses_what_the_harvest_would_refuse(bare, newsroom: Newsroom) -> None:
    gazette = newsroom.outlets["gazette"]
    gazette.robots_response = (200, "User-agent: *\nDisallow: /\n")
    assert "robots.txt" in bare("check", gazette.feed_url, code=1).stderr
    gazette.robots_response = (200, "")
    (bare.folder / "settings.toml").write_text(
        newsroom.settings_toml(".").replace("allow_networks", "# ")
    )
    assert "private" in bare("check", gazette.feed_url, code=1).stderr


def test_check_reads_a_file(bare, corpora: Path) -> None:
    folder = corpora / "mpi"
    truth = json.loads((folder / "expected.json").read_text("utf-8"))
    (bare.folder / "settings.toml").write_text(
        '[outlets.mpi]\nlanguage = "fr"\nfeeds = ["https://www.medias-presse.info/feed/"]\n[outlets.mpi.rules]\nremove = [".mpi-don"]\n'
    )
    page = bare.json("check", str(folder / "article.html"), "--url", truth["url"])
    for name in (
        "url",
        "title",
        "authors",
        "published",
        "language",
        "sections",
        "image",
        "text",
    ):
        assert page[name] == truth[name], name
    feed = bare.json(
        "check",
        str(folder / "feed.xml"),
        "--url",
        "https://www.medias-presse.info/feed/",
    )
    assert truth["url"] in [one["url"].partition("?")[0] for one in feed["entries"]]
    assert "cannot be read" in bare("check", "nothing.html", code=1).stderr


def test_check_needs_no_settings(bare, corpora: Path) -> None:
    page = bare(
        "check",
        str(corpora / "mpi" / "article.html"),
        "--json",
        HOME=str(bare.folder),
        XDG_CONFIG_HOME=str(bare.folder),
    )
    assert json.loads(page.stdout)["title"].startswith("Coalition des Volontaires")


def test_browse_prints_its_address_and_stays(bare, newsroom: Newsroom) -> None:
    bare("once")
    process = started(bare.folder, "browse", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split()[0]
    try:
        from urllib.request import urlopen

        with urlopen(
            address + "archive/articles.json?_shape=array", timeout=20
        ) as answer:
            assert len(json.load(answer)) == 1
    finally:
        seconds, said = ended(process, signal.SIGTERM)
    assert (process.returncode, "Traceback" in said) == (0, False), said
    assert seconds < TEN_SECONDS


def test_browse_says_that_a_port_is_taken(bare, newsroom: Newsroom) -> None:
    bare("once")
    assert (
        "in use"
        in bare(
            "browse", "--port", str(newsroom.outlets["gazette"].port), code=1
        ).stderr
    )
    assert (
        "harvest once"
        in bare(
            "--settings",
            "settings.toml",
            "browse",
            code=1,
            HARVESTER_ARCHIVE_PATH="no.db",
        ).stderr
    )
