"""Entries with a text and no page of their own are articles of their own."""

from __future__ import annotations

import gzip
import html
import json
import urllib.request
from pathlib import Path

import pytest

from harvester.model import Capture
from tests.support.datasette_server import start
from tests.support.observer import BUDGET, FEED, FERRY, REGATTA, RSS, Observer

NINE, TEN, ELEVEN = (f"2025-09-06T{hour:02}:00:00Z" for hour in (9, 10, 11))
HOME = "https://paper.example/"


def item(text: str = "", title: str = "", link: str = "", guid: str = "") -> str:
    """An item of RSS; what is empty is left out."""
    fields = {"title": title, "link": link, "guid": guid, "description": text}
    elements = (
        f"<{name}>{html.escape(value)}</{name}>"
        for name, value in fields.items()
        if value
    )
    return f"<item>{''.join(elements)}</item>"


class Bulletin(Observer):
    """A paper whose feed is written by the test; it has no pages."""

    items: tuple[str, ...] = ()
    channel = "<title>Paper</title>"
    requested: list[str]

    def lists(self, now: str, *items: str) -> None:
        """Let the feed list these items, and poll it."""
        self.items, self.requested = items, []
        self.crawl(now)
        self.check()

    def _fetch(self, url: str, now: str) -> Capture:
        self.requested.append(url)
        if url != FEED:
            return Capture(url, url, now, 404)
        body = f"<rss version='2.0'><channel>{self.channel}{''.join(self.items)}</channel></rss>"
        return Capture(url, url, now, 200, RSS, body.encode())

    def texts(self) -> list[str]:
        """The current texts of all articles, in the order in which they were added."""
        rows = self.rows(
            "select v.text from articles a join versions v"
            " on v.article = a.key and v.number = a.version order by a.id"
        )
        return [row["text"] for row in rows]

    def outcomes(self) -> list[str]:
        return [row["outcome"] for row in self.rows("select outcome from entries")]


@pytest.fixture
def bulletin(tmp_path: Path) -> Bulletin:
    return Bulletin(tmp_path)


def paragraphs(words: tuple[str, ...]) -> str:
    return "".join(f"<p>{words}</p>" for words in words)


@pytest.mark.parametrize("link", ["", HOME, f"{HOME}#today", FEED])
def test_a_text_without_a_page_of_its_own_is_an_article(
    bulletin: Bulletin, link: str
) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), "No ferry", link, "n1"))
    (article,) = bulletin.rows("select * from articles")
    assert bulletin.texts() == ["\n".join(FERRY)]
    assert article["url"].startswith("urn:harvester:")
    assert article["due"] is None
    assert bulletin.outcomes() == ["new"]
    assert set(bulletin.requested) == {FEED}


def test_it_is_found_shown_and_packed_by_its_urn(
    bulletin: Bulletin, tmp_path: Path
) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), "No ferry", guid="n1"))
    (hit,) = bulletin.json("search", "harbour master")
    shown = bulletin.json("show", hit["url"])
    assert shown["title"] == "No ferry"
    assert shown["url"] == hit["url"]
    bulletin.run("evidence", hit["url"], "-o", str(tmp_path / "evidence.zip"))
    from zipfile import ZipFile

    with ZipFile(tmp_path / "evidence.zip") as bundle:
        (body,) = [name for name in bundle.namelist() if ".body" in name]
        assert FERRY[0] in html.unescape(bundle.read(body).decode())


def test_a_text_that_changes_in_the_feed_is_an_edit(bulletin: Bulletin) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), "No ferry", guid="n1"))
    edited = (FERRY[0].replace("Monday", "Thursday"), *FERRY[1:])
    bulletin.lists(TEN, item(paragraphs(edited), "No ferry", guid="n1"))
    bulletin.lists(ELEVEN, item(paragraphs(edited), "No ferry", guid="n1"))
    (article,) = bulletin.rows("select * from articles")
    assert article["versions"] == 2
    assert article["last_seen"] == ELEVEN
    assert bulletin.texts() == ["\n".join(edited)]
    (change,) = bulletin.json("changes")
    assert change["kind"] == "edited"
    assert "Thursday" in bulletin.run("diff", article["url"])
    assert set(bulletin.requested) == {FEED}


def test_an_edit_far_behind_the_beginning_of_a_text(bulletin: Bulletin) -> None:
    words = tuple(f"{number}. {FERRY[number % 3]}" for number in range(90))
    assert len("".join(words)) > 8_000
    bulletin.lists(NINE, item(paragraphs(words), "No ferry", guid="n1"))
    bulletin.lists(TEN, item(paragraphs((*words, REGATTA[0])), "No ferry", guid="n1"))
    assert bulletin.texts() == ["\n".join((*words, REGATTA[0]))]
    assert len(bulletin.json("changes")) == 1


def test_an_entry_no_longer_listed_is_not_removed(bulletin: Bulletin) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), "No ferry", guid="n1"))
    bulletin.lists(TEN, item(paragraphs(REGATTA), "Regatta", guid="n2"))
    states = bulletin.rows("select state, last_seen from articles order by id")
    assert [row["state"] for row in states] == ["live", "live"]
    assert [row["last_seen"] for row in states] == [NINE, TEN]


TEXTS = (FERRY, REGATTA, BUDGET, (BUDGET[0], FERRY[1]))


@pytest.mark.parametrize(
    ("titles", "link", "guids"),
    [
        (("A", "B", "C", "D"), HOME, ("", "", "", "")),
        (("A", "B", "C", "D"), "", ("", "", "", "")),
        (("A", "A", "A", "A"), "", ("", "", "", "")),
        (("", "", "", ""), "", ("", "", "", "")),
        (("", "", "", ""), "", ("7", "7", "7", "7")),
        (("A", "A", "B", "B"), HOME, ("7", "7", "7", "7")),
    ],
)
def test_entries_that_only_their_texts_tell_apart(
    bulletin: Bulletin, titles: tuple[str, ...], link: str, guids: tuple[str, ...]
) -> None:
    items = [
        item(paragraphs(text), title, link, guid)
        for text, title, guid in zip(TEXTS, titles, guids, strict=True)
    ]
    wanted = ["\n".join(text) for text in TEXTS]
    bulletin.lists(NINE, *items)
    assert bulletin.texts() == wanted
    # They come and go, in another order: none is taken for another.
    bulletin.lists(TEN, items[3], items[1])
    bulletin.lists(ELEVEN, items[1])
    bulletin.lists("2025-09-06T12:00:00Z", *items[:3])
    assert bulletin.texts()[:4] == wanted
    assert bulletin.rows("select * from changes") == []
    assert set(bulletin.outcomes()) == {"new"}


def test_a_microblog_of_items_without_titles(bulletin: Bulletin) -> None:
    bulletin.lists(
        NINE,
        item("The 12:30 ferry does not sail today, says the harbour.", guid="1"),
        item("The 14:30 ferry sails again, with a delay of some minutes.", guid="2"),
    )
    assert len(bulletin.texts()) == 2
    (hit,) = bulletin.json("search", "delay")
    assert bulletin.json("show", hit["article"])["title"] == ""
    assert "delay of some minutes" in bulletin.run("show", hit["article"])


@pytest.mark.parametrize("link", ["", HOME])
def test_without_a_text_it_is_refused_with_its_reason(
    bulletin: Bulletin, link: str
) -> None:
    bulletin.lists(NINE, item("Read more", "A long headline of a short item", link))
    (entry,) = bulletin.rows("select * from entries")
    assert entry["outcome"] == "refused"
    assert entry["reason"] in ("without a URL", "URL of the front page")
    assert bulletin.texts() == []


def test_ids_that_change_at_every_poll_are_one_article(bulletin: Bulletin) -> None:
    for number, now in enumerate((NINE, TEN, ELEVEN)):
        bulletin.lists(now, item(paragraphs(FERRY), "No ferry", guid=f"x{number}"))
    assert len(bulletin.texts()) == 1
    assert len(bulletin.outcomes()) == 1


def test_a_page_that_comes_later_is_the_same_article(bulletin: Bulletin) -> None:
    from tests.support.observer import page

    class WithPage(Bulletin):
        def _fetch(self, url: str, now: str) -> Capture:
            if url == f"{HOME}ferry":
                return Capture(url, url, now, 200, body=page("No ferry", FERRY))
            return super()._fetch(url, now)

    bulletin.__class__ = WithPage
    bulletin.lists(NINE, item(paragraphs(FERRY), "No ferry", guid="n1"))
    bulletin.lists(
        TEN, item(paragraphs(FERRY), "No ferry", link=f"{HOME}ferry", guid="n1")
    )
    (article,) = bulletin.rows("select * from articles")
    assert article["reached"] == f"{HOME}ferry"
    assert article["due"] is not None
    assert article["versions"] == 1


def warc_bytes(folder: Path) -> bytes:
    return b"".join(
        gzip.decompress(path.read_bytes())
        for path in (folder / "captures").glob("*.warc.gz")
    )


@pytest.mark.parametrize("guid", ["n1", ""])
def test_a_purged_text_leaves_no_trace_and_does_not_return(
    bulletin: Bulletin, guid: str
) -> None:
    other = item(paragraphs(REGATTA), "Regatta", guid="n2" if guid else "")
    purged = item(paragraphs(FERRY), "No ferry this weekend", guid=guid)
    bulletin.lists(NINE, purged, other)
    urn = bulletin.rows("select url from articles order by id")[0]["url"]
    bulletin.run("purge", urn, "--yes", "--why", "asked to")
    bulletin.lists(TEN, other, purged)
    assert bulletin.texts() == ["\n".join(REGATTA)]
    stored = warc_bytes(bulletin.folder) + (bulletin.folder / "archive.db").read_bytes()
    for words in ("brought by lorry from a yard", "ramp on the mainland"):
        assert words.encode() not in stored
    assert b"Forty boats crossed the start line" in stored


def test_json_feeds_too(bulletin: Bulletin) -> None:
    class JsonBulletin(Bulletin):
        def _fetch(self, url: str, now: str) -> Capture:
            self.requested.append(url)
            feed = {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Paper",
                "items": [
                    {"id": "1", "content_text": "\n\n".join(FERRY)},
                    {"id": "2", "content_html": paragraphs(REGATTA)},
                ],
            }
            return Capture(url, url, now, 200, RSS, json.dumps(feed).encode())

    bulletin.__class__ = JsonBulletin
    bulletin.lists(NINE)
    assert bulletin.texts() == ["\n".join(FERRY), "\n".join(REGATTA)]


def test_archives_that_read_the_same_feed_are_merged(tmp_path: Path) -> None:
    here, there = Bulletin(tmp_path / "here"), Bulletin(tmp_path / "there")
    edited = (FERRY[0].replace("Monday", "Thursday"), *FERRY[1:])
    there.lists(NINE, item(paragraphs(FERRY), "No ferry", guid="n1"))
    here.lists(TEN, item(paragraphs(edited), "No ferry", guid="n1"))
    here.run("merge", str(there.folder / "archive.db"))
    (article,) = here.rows("select * from articles")
    assert (article["versions"], article["due"]) == (2, None)
    assert here.texts() == ["\n".join(edited)]
    here.check()


def test_the_browser_shows_it_without_a_link(bulletin: Bulletin) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), guid="n1"))
    (article,) = bulletin.rows("select * from articles")
    process, address, _ = start(bulletin.folder / "archive.db", bulletin.folder)
    try:
        path = f"{address}/-/article/{article['key']}"
        with urllib.request.urlopen(path, timeout=30) as response:
            shown = response.read().decode()
    finally:
        process.terminate()
        process.wait(10)
    assert article["url"] in shown
    assert 'href="urn:' not in shown
    assert "(no title)" in shown


def test_it_is_not_watched(bulletin: Bulletin) -> None:
    bulletin.lists(NINE, item(paragraphs(FERRY), guid="n1"))
    (article,) = bulletin.rows("select * from articles")
    bulletin.run("watch", article["key"], code=2)
    assert bulletin.json("watch", "--list") == []


def test_a_purge_leaves_the_other_entries_of_the_capture(bulletin: Bulletin) -> None:
    bulletin.lists(
        NINE,
        item(paragraphs(FERRY), "No ferry this weekend", guid="n1"),
        item(paragraphs(REGATTA), "Regatta", guid="n2"),
    )
    (before,) = bulletin.rows("select count(*) as n from captures where bytes > 0")
    urn = bulletin.rows("select url from articles order by id")[0]["url"]
    bulletin.run("purge", urn, "--yes", "--why", "asked to")
    (after,) = bulletin.rows(
        "select count(*) as n from captures where file is not null"
    )
    assert before == after
    assert b"with a torn sail" in warc_bytes(bulletin.folder)
    bulletin.check()
