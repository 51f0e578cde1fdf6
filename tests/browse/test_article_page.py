"""An article's page: its time line, its versions compared, and the same on a telephone and in print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import copies, looks
from harvester.schedule.times import add_seconds
from tests.support.datasette_server import Served, start
from tests.support.hostile_archive import START, Builder, extract

PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}
HOUR, DAY = 3_600, 86_400
PARAGRAPHS = (
    "The old bridge over the Arle will close on Monday for repairs.",
    "The survey found cracks in two of the five piers. It cost a small fortune to make.",
    "The mayor refused to answer questions from the press on Tuesday.",
    "Traffic will be led over the northern crossing until spring.",
)
MOVED = "It cost a small fortune to make."


def build(folder: Path) -> dict[str, str]:
    """An article of five versions that was removed and returned, and its copy."""
    path = folder / "archive.db"
    archive = Archive.open(path, folder / "captures")
    builder = Builder(archive)
    builder.outlet("courier", "The Arle Courier", "en")
    builder.outlet("gazette", "La Gazette", "fr")
    first = "\n".join(PARAGRAPHS)
    second = first.replace("two of", "three of")
    third = second.replace(f" {MOVED}", "") + f" {MOVED}"
    fourth = third.replace("Monday", "Tuesday")
    connection = archive.connection
    key = builder.article(
        "courier", "bridge", START, extract("Bridge to close", first, at=START)
    )
    texts = [(second, "Bridge to close"), (third, "Bridge to close")]
    texts += [(fourth, "Bridge to close"), (fourth, "Bridge closes at last")]
    for number, (text, title) in enumerate(texts, 1):
        builder.edit(key, add_seconds(START, number * HOUR), extract(title, text))
    connection.execute(
        "update changes set class = 'correction', silent = 0, admitted = 'note' where id = 1"
    )
    connection.execute(
        "update changes set class = 'substantive', silent = 1 where id = 2"
    )
    builder.state(key, add_seconds(START, 30 * DAY), "removed", "404 Not Found")
    builder.state(key, add_seconds(START, 31 * DAY), "returned")
    connection.execute(
        "update articles set last_seen = ? where key = ?",
        [add_seconds(START, 31 * DAY), key],
    )
    for number in range(5):
        at = add_seconds(START, number * DAY + 60)
        looks.add_check(connection, looks.NewCheck(key, at, "unchanged", 200))
    copy = builder.article(
        "gazette", "pont", add_seconds(START, 3 * HOUR), extract("Le pont", first)
    )
    other = builder.article(
        "courier", "other", add_seconds(START, HOUR), extract("Something else", "Else.")
    )
    rows = connection.execute("select article, id from versions where number = 1")
    ids = {row["article"]: row["id"] for row in rows}
    connection.execute(
        "insert into copies values (?, ?, ?, ?, ?, ?)",
        [copy, key, 0.9, 0.8, ids[copy], ids[key]],
    )
    copies.merge_clusters(connection, {key: "", copy: ""})
    connection.commit()
    archive.close()
    return {"bridge": key, "copy": copy, "other": other}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("article")
    keys = build(folder)
    process, address, log = start(folder / "archive.db", folder)
    yield Served(address, folder / "archive.db", keys, log)
    process.terminate()
    process.wait(10)


@pytest.fixture
def here(served: Served) -> str:
    return f"{served.address}/-/article/{served.keys['bridge']}"


class _Page(HTMLParser):
    """The links, ids and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._in_title = tag == "title" and not self.title
        if tag == "a":
            self.hrefs.append(values.get("href") or "")
        if values.get("id"):
            self.ids.append(values["id"] or "")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False


def read(url: str) -> tuple[str, _Page]:
    response = httpx.get(url)
    assert response.status_code == 200
    page = _Page()
    page.feed(response.text)
    return response.text, page


def test_the_time_line_leads_to_each_version(here: str, served: Served) -> None:
    text, page = read(here)
    path = here.removeprefix(served.address)
    for number in range(1, 5):
        assert f"{path}?version={number}" in page.hrefs
    assert text.count('class="plot versions') == 2  # wide, narrow
    assert "Version 2: a correction, acknowledged by a correction note" in text
    assert "Version 3: substantive, unacknowledged" in text
    assert "Removed (404 Not Found)" in text and "Online again" in text
    assert "29 days" in text or "30 days" in text  # the pause that is left out
    assert '<th scope="row">20 Nov 2026, 07:00</th>' in text  # the same as a table


def test_each_link_of_the_page_leads_somewhere(here: str, served: Served) -> None:
    _, page = read(here)
    paths = {href for href in page.hrefs if href.startswith("/-/article/")}
    assert len(paths) >= 10
    for path in paths:
        assert httpx.get(served.address + path).status_code == 200, path


def test_versions_lead_to_their_neighbours(here: str, served: Served) -> None:
    path = here.removeprefix(served.address)
    text, page = read(f"{here}?version=3")
    assert f"{path}?version=2" in page.hrefs and f"{path}?version=4" in page.hrefs
    assert f"{path}?from=2&to=3" in page.hrefs
    assert "Version 3 of 5" in text and "Version 3 · Bridge to close" in page.title
    text, page = read(f"{here}?from=2&to=3")
    assert f"{path}?from=1&to=2" in page.hrefs and f"{path}?from=3&to=4" in page.hrefs
    _, page = read(f"{here}?from=2&to=3&view=side")
    assert f"{path}?from=3&to=4&view=side" in page.hrefs  # the view stays
    assert page.title.startswith("Versions 2 and 3, side by side · Bridge to close · ")
    _, page = read(f"{here}?from=4&to=5")
    assert not any("from=5" in href for href in page.hrefs)


@pytest.mark.parametrize("view", ["", "&view=side"])
def test_a_moved_sentence_says_where_to(here: str, view: str) -> None:
    text, page = read(f"{here}?from=2&to=3{view}")
    assert f"<mark>{MOVED}</mark>" in text
    assert "<mark>1 sentence</mark> moved" in text
    assert re.search(r'Moved to <a href="#p-a4">paragraph 4</a>', text)
    assert re.search(r'Moved here from <a href="#p-b2">paragraph 2</a>', text)
    assert "p-a4" in page.ids and "p-b2" in page.ids
    assert len(page.ids) == len(set(page.ids))
    assert ">0 words" not in text


def test_a_comparison_says_what_kind_of_edit_it_was(here: str) -> None:
    text, _ = read(f"{here}?from=1&to=2")
    assert "A correction, acknowledged by a correction note:" in text
    assert "<del>two</del><ins>three</ins>" in text
    text, _ = read(f"{here}?from=1&to=2&view=side")
    assert "found cracks in <del>two</del> of" in text
    assert "found cracks in <ins>three</ins> of" in text
    text, _ = read(f"{here}?from=1&to=4")
    assert "acknowledged:" not in text  # of several edits nothing is said


def test_copies_say_when_and_what_they_changed(here: str, served: Served) -> None:
    key, copy = served.keys["bridge"], served.keys["copy"]
    text, page = read(here)
    assert f"/-/copies/{key}?with={copy}#changed" in page.hrefs
    assert "3 hours later" in text and "1 copy after this article" in text
    assert 'class="copy first"' not in text
    text, page = read(f"{served.address}/-/article/{copy}")
    assert "3 hours earlier" in text and 'class="copy first"' in text
    assert "diamond: copy (filled: the first)" in text
    assert f"/-/copies/{key}?with={copy}#changed" in page.hrefs
    assert httpx.get(f"{served.address}/-/copies/{key}?with={copy}").status_code == 200


def test_hashes_are_folded_and_the_history_stands_above_them(here: str) -> None:
    text, _ = read(here)
    history, digest = text.index('id="history"'), text.index("Version digest")
    assert history < digest
    assert '<details class="fold"><summary><h2>Proof</h2></summary>' in text
    assert '<details class="fold"><summary><h2>Addresses</h2></summary>' in text


def test_pages_are_light(here: str) -> None:
    for query in ("", "?from=1&to=4&view=side", "?version=2"):
        text, _ = read(here + query)
        drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
        assert sum(map(len, drawings)) <= 30_000
        assert len(text) <= 60_000


def test_an_article_with_one_version(served: Served) -> None:
    text, _ = read(f"{served.address}/-/article/{served.keys['other']}")
    assert 'aria-label="Versions"' not in text
    assert text.count('class="plot versions') == 2


def test_strange_queries_are_answered(here: str) -> None:
    for query, status in (
        ("version=0", 200),  # the current one
        ("version=-1", 200),
        ("version=99", 404),
        ("from=3&to=1", 200),
        ("from=1&to=1", 200),
        ("from=x&to=2", 200),
        ("to=1", 200),
        ("view=side", 200),
        ("from=1&to=3&view=<b>", 200),
    ):
        assert httpx.get(f"{here}?{query}").status_code == status, query


# ---- in a real browser


def visible(page: Any, selector: str) -> int:
    elements = page.query_selector_all(selector)
    return sum(element.is_visible() for element in elements)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("query", ["", "?from=2&to=3", "?from=1&to=4&view=side"])
def test_nothing_scrolls_sideways_and_one_drawing_is_shown(
    browser: Any, here: str, size: dict[str, int], query: str
) -> None:
    context = browser.new_context(viewport=size)
    page = context.new_page()
    page.goto(here + query)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]
    assert visible(page, "svg.versions") == 1
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("svg.versions text")]
        .filter(text => text.checkVisibility()).map(text =>
            parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
    )
    assert smallest >= 9.5  # of a time line's words, in pixels
    context.close()


def test_side_by_side_becomes_inline_on_a_telephone(browser: Any, here: str) -> None:
    for size, beside in ((DESK, True), (PHONE, False)):
        context = browser.new_context(viewport=size)
        page = context.new_page()
        page.goto(f"{here}?from=1&to=2&view=side")
        assert visible(page, "tr.changed .before") == int(beside)
        assert visible(page, "tr.changed .both") == int(not beside)
        assert visible(page, "tr.same .after") == 3
        assert visible(page, "tr.same .before") == (3 if beside else 0)
        context.close()


def test_versions_are_reached_by_keyboard(browser: Any, here: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(here)
    for _ in range(60):
        page.keyboard.press("Tab")
        href = page.evaluate("document.activeElement.getAttribute('href')")
        if href and href.endswith("?version=2"):
            break
    else:
        raise AssertionError("version 2 was not reached")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**?version=2")
    context.close()


def test_what_is_printed_says_what_it_is(browser: Any, here: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    for query in ("", "?from=1&to=2"):
        page.goto(here + query)
        assert not page.is_visible(".printed")
        page.emulate_media(media="print")
        printed = page.inner_text(".printed")
        for words in (
            "From the archive: The Arle Courier",
            "courier.example/news/bridge",
            "SHA-256 of its wording: ",
            "was seen from 20 Nov 2026",
        ):
            assert words in printed
        assert visible(page, "nav") == 0 and visible(page, "form") == 0
        assert page.is_visible("h1") and page.is_visible(".text")
        page.emulate_media(media="screen")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_serious(
    browser: Any, here: str, size: dict[str, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # Its own injection is a script, which the policy of our pages refuses.
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for query in ("", "?from=2&to=3", "?from=1&to=4&view=side", "?version=1"):
        page.goto(here + query)
        page.evaluate(
            "document.querySelectorAll('details').forEach(one => one.open = true)"
        )
        found = axe.run(page).response["violations"]
        serious = [
            (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("critical", "serious")
        ]
        assert not serious, (query, serious)
    context.close()
