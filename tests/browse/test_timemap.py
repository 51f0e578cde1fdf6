"""TimeMaps, read by a parser made from the grammar of RFC 6690 and what RFC 7089 asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from harvester.archive.queries.mementos import Memento
from harvester.browse import timemap
from tests.support.datasette_server import start
from tests.support.warc_archive import Paper, day

URL = "https://courier.example/story"
KEYS = ("story", "feed only", "odd")

# RFC 6690, 2: Link = link-value-list; link-value = "<" URI-Reference ">" *( ";" param ).
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINK = re.compile(r"\s*<([^<>\s\"{}|\\^`\x00-\x20]*)>")
_PARAMETER = re.compile(rf'\s*;\s*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))')
# RFC 1123 dates as RFC 7231 has them.
_DATE = "%a, %d %b %Y %H:%M:%S GMT"


@dataclass
class Link:
    """A link-value: its target, and its parameters."""

    target: str
    parameters: dict[str, str]

    @property
    def relations(self) -> list[str]:
        return self.parameters["rel"].split(" ")

    @property
    def at(self) -> datetime:
        written = self.parameters["datetime"]
        parsed = datetime.strptime(written, _DATE).replace(tzinfo=UTC)
        assert parsed.strftime(_DATE) == written  # the day of the week too
        return parsed


def parse(text: str) -> list[Link]:
    """The links of a document; fails where it is not link-format."""
    links, position = [], 0
    while True:
        match = _LINK.match(text, position)
        assert match is not None, text[position : position + 80]
        target, position, parameters = match[1], match.end(), {}
        while parameter := _PARAMETER.match(text, position):
            name = parameter[1].lower()
            assert name not in parameters  # each at most once
            parameters[name] = parameter[2] or parameter[3] or ""
            position = parameter.end()
        links.append(Link(target, parameters))
        rest = text[position:].lstrip()
        if not rest:
            return links
        assert rest[0] == ",", rest[:80]
        position = len(text) - len(rest) + 1


def check(text: str) -> tuple[Link, Link, list[Link]]:
    """Original, self and mementos of a TimeMap; fails for what RFC 7089, 5 forbids."""
    links = parse(text)
    by_relation = {
        name: [link for link in links if name in link.relations]
        for name in ("original", "self", "memento", "first", "last")
    }
    assert all(link.target.startswith(("http://", "https://")) for link in links)
    (original,), (itself,) = by_relation["original"], by_relation["self"]
    listed = by_relation["memento"]
    assert len(links) == 2 + len(listed)
    assert itself.parameters["type"] == "application/link-format"
    times = [link.at for link in listed]
    assert times == sorted(times)
    assert len({link.target for link in listed}) == len(listed)
    if listed:
        assert by_relation["first"] == [listed[0]]
        assert by_relation["last"] == [listed[-1]]
        ends = (itself.parameters["from"], itself.parameters["until"])
        assert ends == tuple(listed[end].parameters["datetime"] for end in (0, -1))
    return original, itself, listed


@dataclass
class Archive:
    """A served archive, and the keys of its articles."""

    address: str
    keys: dict[str, str]
    ids: dict[str, int]

    def get(self, name: str) -> httpx.Response:
        return httpx.get(f"{self.address}/-/article/{self.keys[name]}.timemap")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("timemap")
    paper = Paper(folder)
    first = paper.capture(URL, b"<p>One</p>", day(1))
    ids = {
        "first": first,
        "redirect": paper.capture(URL, b"", day(2), kind="redirect", status=301),
        "gone": paper.capture(URL, b"<p>No</p>", day(2), status=404),
        "second": paper.capture(URL, b"<p>Two</p>", day(3)),
        "thinned": paper.capture(
            URL, b"<p>Three</p>", day(4), file=None, offset=None, thinned=day(5)
        ),
    }
    key = paper.article(URL, day(1))
    paper.version(key, "One", "One", first, day(1))
    paper.version(key, "Two", "Two", ids["second"], day(3))
    paper.version(key, "Three", "Three", ids["thinned"], day(4))
    only = paper.article("urn:feed:1", day(1))
    odd_url = 'https://courier.example/a>b"c d?x=1'
    odd = paper.article(odd_url, day(1))
    never = paper.article(f"{URL}/never", day(1))
    paper.warc.close()
    paper.archive.close()
    process, address, _ = start(folder / "archive.db", folder)
    keys = {"story": key, "feed only": only, "odd": odd, "never": never}
    yield Archive(address, keys, ids)
    process.terminate()
    process.wait(10)


def test_captures_are_mementos_and_versions_whose_capture_is_not_stored(
    served: Archive,
) -> None:
    response = served.get("story")
    assert response.headers["content-type"] == "application/link-format"
    original, itself, listed = check(response.text)
    assert original.target == URL
    assert itself.target == str(response.url)
    assert [(link.target, link.at.day) for link in listed] == [
        (f"{served.address}/-/capture/{served.ids['first']}", 1),
        (f"{served.address}/-/capture/{served.ids['second']}", 3),
        (f"{served.address}/-/article/{served.keys['story']}?version=3", 4),
    ]


def test_each_memento_says_its_time_and_its_original(served: Archive) -> None:
    original, itself, listed = check(served.get("story").text)
    for link in listed:
        response = httpx.get(link.target)
        assert response.status_code == 200
        said = {
            name: found.target
            for found in parse(response.headers["link"])
            for name in found.relations
        }
        assert said == {"original": original.target, "timemap": itself.target}
        written = link.parameters["datetime"]
        assert response.headers["memento-datetime"] == written


def test_the_page_of_an_article_announces_it(served: Archive) -> None:
    page = httpx.get(f"{served.address}/-/article/{served.keys['story']}")
    _, itself, _ = check(served.get("story").text)
    (announced,) = [
        link for link in parse(page.headers["link"]) if link.relations == ["timemap"]
    ]
    assert announced.target == itself.target
    path = f"/-/article/{served.keys['story']}.timemap"
    assert (
        f'<link rel="timemap" type="application/link-format" href="{path}">'
        in page.text
    )
    assert "memento-datetime" not in page.headers  # it is of today


def test_an_article_without_mementos_has_a_timemap(served: Archive) -> None:
    original, _, listed = check(served.get("never").text)
    assert (original.target, listed) == (f"{URL}/never", [])


def test_articles_without_an_address_have_none(served: Archive) -> None:
    for name in ("feed only", "odd"):
        assert served.get(name).status_code == 404
    response = httpx.get(f"{served.address}/-/article/ffffffffffff.timemap")
    assert response.status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://courier.example/é?q=ü",
        "https://courier.example/a>b",
        'https://courier.example/"; rel="first',
        "https://courier.example/a, <https://evil.example/>",
        "https://courier.example/%E2%82%AC#top",
    ],
)
def test_no_address_breaks_the_format(url: str) -> None:
    listed = [
        Memento("2025-09-01T10:00:00Z", capture=1),
        Memento("no time", capture=2),
        Memento("2025-09-02T10:00:00Z", version=2),
    ]
    text = timemap.render_timemap("https://archive.example", "ab12", url, listed)
    original, _, mementos = check(text)
    assert original.target.startswith("https://courier.example/")
    assert text.isascii() and len(mementos) == 2


def test_the_number_of_mementos_is_bounded(tmp_path: Path) -> None:
    from harvester.archive.queries import mementos

    paper = Paper(tmp_path)
    key = paper.article(URL, day(1))
    row = {"outlet": "courier", "kind": "article", "url": URL, "reached": URL}
    for index in range(mementos.MAX_MEMENTOS + 5):
        at = f"2025-09-{1 + index // 1000:02}T{index // 60 % 24:02}:{index % 60:02}:00Z"
        paper.row("captures", **row, at=at, status=200, sha256="", bytes=1, body=b"x")
    listed = mementos.list_mementos(paper.connection, key, with_files=False)
    paper.warc.close()
    paper.archive.close()
    assert len(listed) == mementos.MAX_MEMENTOS
    assert listed[-1].capture == mementos.MAX_MEMENTOS + 5  # the newest are kept
