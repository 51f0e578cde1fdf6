"""The newspaper on loopback, asked over real sockets: what it serves is what was published, and its faults are faults."""

from __future__ import annotations

import gzip
import http.client
import socket
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from harvester.newsroom import Article, Newsroom, Outlet, storyline
from harvester.newsroom.site_shapes import SiteKind
from harvester.settings import parse_settings
from tests.support import many_outlets

WORDS = [
    "L’église a rouvert à 9 h 30 & l’œuvre est « sauve ».",
    "## Un intertitre",
    "> Une citation.",
    "- Un point.",
]
KINDS: tuple[SiteKind, ...] = ("wordpress", "atom", "plain")


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as opened:
        yield opened


class Got:
    """An answer, decoded as far as gzip goes."""

    def __init__(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.status, self.headers = answer.status, answer.headers
        self.body = (
            gzip.decompress(body)
            if answer.headers["Content-Encoding"] == "gzip"
            else body
        )


def get(
    outlet: Outlet, path: str, method: str = "GET", timeout: float = 5, **headers: str
) -> Got:
    connection = http.client.HTTPConnection(outlet.host, outlet.port, timeout=timeout)
    try:
        connection.request(
            method,
            path,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        answer = connection.getresponse()
        return Got(answer, answer.read())
    finally:
        connection.close()


def text(outlet: Outlet, article: Article) -> str:
    got = get(outlet, article.path)
    assert got.status == 200
    return got.body.decode(outlet.charset)


def feed_links(outlet: Outlet, url: str = "") -> list[str]:
    path = "/" + (url or outlet.feed_url).removeprefix(outlet.url)
    root = ElementTree.fromstring(get(outlet, path).body)
    return [
        found
        for one in root.iter()
        if one.tag.rpartition("}")[2] in ("item", "entry")
        for link in one
        if link.tag.rpartition("}")[2] == "link"
        if (found := link.get("href") or link.text)
    ]


# ---- what an editor does


@pytest.mark.parametrize("kind", KINDS)
def test_an_article_stands_in_feed_front_page_and_at_its_address(
    newsroom: Newsroom, kind: SiteKind
) -> None:
    outlet = newsroom.add_outlet("paper", kind, language="fr")
    article = outlet.publish(
        "Une école & un toit",
        WORDS,
        author="Maëlle Roux",
        section="Culture",
        tags=["Écoles"],
    )
    page = text(outlet, article)
    assert all(
        one in page
        for one in (
            "L’église a rouvert",
            "&amp; l’œuvre",
            "Maëlle Roux",
            "Une école &amp; un toit",
        )
    )
    assert article.text == "\n".join(one.lstrip("#>- ") for one in WORDS)
    assert [one.partition("?")[0] for one in feed_links(outlet)] == [article.url]
    assert article.path.encode() in get(outlet, "/").body
    assert (
        article.path.encode()
        in get(outlet, outlet.template.section_path("Culture")).body
    )
    missing = get(outlet, "/no-such-page")
    assert (missing.status, len(missing.body) > 100) == (404, True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_act_shows(newsroom: Newsroom, kind: SiteKind) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    article = outlet.publish("Ancien titre", WORDS)
    old = article.path
    newsroom.advance(hours=2)
    outlet.edit(article, ["Tout autre chose."], correction="une erreur de date")
    assert "Tout autre chose." in text(outlet, article)
    assert article.lines[-1].endswith("une erreur de date")
    assert article.lines[-1] in text(outlet, article)
    assert article.modified - article.published == timedelta(hours=2)
    outlet.retitle(article, "Nouveau titre")
    assert "Nouveau titre" in text(outlet, article)
    assert "Ancien titre" not in text(outlet, article)
    outlet.move(article, "autre-part")
    assert article.path != old
    assert (get(outlet, old).status, get(outlet, old).headers["Location"]) == (
        301,
        article.url,
    )
    assert outlet.find_article("autre-part") is article
    for status in (404, 410, 302):
        outlet.withdraw(article, status)
        gone = get(outlet, article.path)
        assert gone.status == status
        assert gone.headers["Location"] == (outlet.url if status == 302 else None)
        assert feed_links(outlet) == []
    outlet.restore(article)
    assert "Tout autre chose." in text(outlet, article)


def test_a_silent_edit_leaves_the_stated_date(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", WORDS)
    before = get(outlet, article.path).headers
    newsroom.advance(days=1)
    outlet.edit(article, ["Autre."], silent=True)
    assert article.modified == article.published
    after = get(outlet, article.path).headers
    assert after["ETag"] != before["ETag"]
    assert parsedate_to_datetime(after["Last-Modified"]) == newsroom.now


def test_wire_copy_has_the_same_words_at_another_address(newsroom: Newsroom) -> None:
    one, two = newsroom.add_outlet("one"), newsroom.add_outlet("two", "plain")
    article = one.publish("Dépêche", WORDS, author="Agence")
    copy = two.syndicate(article, title="Dépêche reprise", agency="Avec l’agence")
    assert (copy.text, copy.url != article.url) == (article.text, True)
    assert "Avec l’agence" in text(two, copy)


def test_equal_titles_get_addresses_of_their_own(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", "plain")
    first, second = (
        outlet.publish("Météo", ["Pluie."]),
        outlet.publish("Météo", ["Soleil."]),
    )
    assert first.path != second.path
    assert "Soleil." in text(outlet, second)
    with pytest.raises(ValueError, match="taken"):
        outlet.publish("Autre", ["x"], slug="meteo")


# ---- three shapes of site


def test_wordpress_has_a_shortlink_a_counter_and_a_full_text_feed(
    newsroom: Newsroom,
) -> None:
    outlet = newsroom.add_outlet("paper", full_text=True)
    article = outlet.publish("Titre", WORDS)
    short = get(outlet, f"/?p={article.number}")
    assert (short.status, short.headers["Location"]) == (301, article.url)
    assert get(outlet, article.path.rstrip("/")).status == 301
    first, second = get(outlet, article.path), get(outlet, article.path)
    assert first.body != second.body
    assert first.headers["ETag"] == second.headers["ETag"]  # the counter is no edit
    assert b"Une citation." in get(outlet, "/feed/").body


def test_the_modern_site_tells_relative_times_and_tracks_its_feed(
    newsroom: Newsroom,
) -> None:
    outlet = newsroom.add_outlet("paper", "atom")
    article = outlet.publish("Title", ["Words."])
    newsroom.advance(hours=3)
    assert "3 hours ago" in text(outlet, article)
    assert "utm_source" in feed_links(outlet)[0]
    assert get(outlet, f"{article.path}?utm_source=feed").status == 200
    assert get(outlet, f"{article.path}/amp").status == 200


def test_the_plain_site_speaks_an_8_bit_charset_that_only_the_page_names(
    newsroom: Newsroom,
) -> None:
    outlet = newsroom.add_outlet("paper", "plain")
    article = outlet.publish("L’été", ["Cœur « œuvre » à 5 €, et un 漢."])
    got = get(outlet, article.path)
    assert got.headers["Content-Type"] == "text/html"
    assert b"charset=windows-1252" in got.body
    assert "Cœur « œuvre » à 5 €, et un &#28450;." in got.body.decode("windows-1252")
    assert "L’été" in "".join(
        ElementTree.fromstring(get(outlet, "/backend.rdf").body).itertext()
    )


def test_feeds_can_be_split_and_are_bounded(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", sections=("Sport", "Culture"), feed_size=2)
    for number in range(3):
        newsroom.advance(hours=1)
        outlet.publish(f"Match {number}", ["But."], section="Sport")
    concert = outlet.publish("Concert", ["Do."], section="Culture")
    sport, culture = outlet.feed_urls
    assert feed_links(outlet, culture) == [concert.url]
    assert [one.split("/")[3] for one in feed_links(outlet, sport)] == [
        "match-2",
        "match-1",
    ]


def test_pages_of_others_are_served_as_they_are(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("others", "files")
    pages = [
        (
            f"/p/{n}.html",
            b"<title>Page\x00 %d</title>\xff" % n,
            "text/html; charset=latin-1",
        )
        for n in range(5)
    ]
    assert outlet.serve_pages(pages, feed_count=2) == outlet.feed_urls
    listed = [link for url in outlet.feed_urls for link in feed_links(outlet, url)]
    assert sorted(listed) == [outlet.absolute_url(path) for path, _, _ in pages]
    got = get(outlet, "/p/3.html")
    assert (got.body, got.headers["Content-Type"]) == (
        pages[3][1],
        "text/html; charset=latin-1",
    )
    outlet.serve_pages(pages[:2], contents={"/p/1.html": "<p>Whole & ]]> entire</p>"})
    tree = ElementTree.fromstring(get(outlet, outlet.feed_urls[2]).body)
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert [one.findtext(encoded) for one in tree.iter("item")] == [
        None,
        "<p>Whole & ]]> entire</p>",
    ]


# ---- HTTP


@pytest.mark.parametrize("kind", KINDS)
def test_validators(newsroom: Newsroom, kind: SiteKind) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    article = outlet.publish("Titre", WORDS)
    for path in (article.path, outlet.template.feed_path()):
        said = get(outlet, path).headers
        for headers in (
            {"If_None_Match": said["ETag"]},
            {"If_Modified_Since": said["Last-Modified"]},
        ):
            held = get(outlet, path, "GET", 5, **headers)
            assert (held.status, held.body, held.headers["ETag"]) == (
                304,
                b"",
                said["ETag"],
            )
        assert (
            get(
                outlet,
                path,
                If_None_Match='"other"',
                If_Modified_Since=said["Last-Modified"],
            ).status
            == 200
        )
    newsroom.advance(minutes=1)
    outlet.edit(article, ["Autre."])
    assert get(outlet, article.path, If_None_Match=said["ETag"]).status == 200
    outlet.sends_validators = False
    assert get(outlet, article.path).headers["ETag"] is None
    assert get(outlet, article.path, If_None_Match="*").status == 200


def test_gzip_head_and_one_connection_for_many_requests(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", page_bytes=100_000)
    article = outlet.publish("Titre", WORDS * 20)
    connection = http.client.HTTPConnection(outlet.host, outlet.port, timeout=5)
    bodies: list[bytes] = []
    for encoding in ("gzip", "identity"):
        connection.request("GET", article.path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        bodies.append(answer.read())
        assert int(answer.headers["Content-Length"]) == len(bodies[-1])
        article.view_count = 0  # so that the counter stands where it stood
    assert gzip.decompress(bodies[0]) == bodies[1]
    assert 80_000 < len(bodies[1]) < 120_000
    assert len(bodies[0]) < len(bodies[1]) / 3
    connection.request("HEAD", article.path)
    answer = connection.getresponse()
    assert (answer.status, answer.read(), int(answer.headers["Content-Length"])) == (
        200,
        b"",
        len(bodies[1]),
    )
    connection.request("POST", "/", body=b"x")
    assert connection.getresponse().status == 405
    connection.close()
    assert [(one.method, one.status) for one in outlet.requests] == [
        ("GET", 200), ("GET", 200), ("HEAD", 200), ("POST", 405),
    ]  # fmt: skip
    assert outlet.requests[0].headers["accept-encoding"] == "gzip"
    assert outlet.requests[0].path == article.path
    assert newsroom.requests == outlet.requests


def test_robots_can_be_set(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    assert get(outlet, "/robots.txt").status == 200
    outlet.robots_response = (503, "later")
    assert (get(outlet, "/robots.txt").status, get(outlet, "/robots.txt").body) == (
        503,
        b"later",
    )
    outlet.robots_response, outlet.robots_delay_seconds = (
        (200, "User-agent: *\nDisallow: /\n"),
        0.2,
    )
    before = time.monotonic()
    assert b"Disallow: /" in get(outlet, "/robots.txt").body
    assert time.monotonic() - before >= 0.2


# ---- misbehaviour


def raw(outlet: Outlet, path: str = "/", most: int = 1 << 20) -> bytes:
    """What comes over the socket, up to ``most`` bytes."""
    with socket.create_connection((outlet.host, outlet.port), timeout=5) as link:
        link.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        found = b""
        while len(found) < most and (piece := link.recv(65_536)):
            found += piece
        return found


def test_statuses_with_retry_after_that_heal(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/feed/", "status", status=429, retry_after=90, times=2)
    assert [get(outlet, "/feed/?x=1").status for _ in range(3)] == [429, 429, 200]
    later = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
    outlet.add_fault(outlet.absolute_url("/"), "status", retry_after=later)
    got = get(outlet, "/")
    assert (got.status, got.headers["Retry-After"]) == (
        503,
        "Sun, 04 May 2031 03:02:01 GMT",
    )
    outlet.add_fault("*", "status", status=451)
    assert get(outlet, "/robots.txt").status == 451
    outlet.clear_faults()
    assert get(outlet, "/").status == 200


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "/loop",
        "//[::1]/",
        "data:text/html,x",
        "http://é.example/ü",
    ],
)
def test_redirects_to_anywhere(newsroom: Newsroom, to: str) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/loop", "redirect", location=to, status=307)
    got = raw(outlet, "/loop", most=200)
    assert got.startswith(b"HTTP/1.1 307 ")
    assert f"\r\nLocation: {to}\r\n".encode() in got


def test_bodies_that_lie(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", WORDS)
    outlet.add_fault(article, "charset", charset="rot13", times=1)
    assert (
        get(outlet, article.path).headers["Content-Type"] == "text/html; charset=rot13"
    )
    outlet.add_fault("/feed/", "html", times=1)
    assert b"guest network" in get(outlet, "/feed/").body
    outlet.add_fault("/feed/", "body", body=b"<rss/>", times=1)
    assert get(outlet, "/feed/").body == b"<rss/>"
    outlet.add_fault(article, "truncate", times=1)
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(outlet, article.path)
    assert len(caught.value.partial) > 500
    outlet.add_fault(article, "garbage", times=1)
    with pytest.raises(http.client.BadStatusLine):
        get(outlet, article.path)
    outlet.add_fault(article, "reset", times=1)
    with pytest.raises(ConnectionResetError):
        get(outlet, article.path)
    outlet.add_fault(article, "headers", size=5_000, times=1)
    with pytest.raises(http.client.HTTPException):  # more than 100 lines
        get(outlet, article.path)
    assert get(outlet, article.path).status == 200
    assert [one.status for one in outlet.requests] == [
        200,
        200,
        200,
        200,
        0,
        0,
        200,
        200,
    ]


def test_a_bomb_unfolds_to_what_it_was_asked_for(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", WORDS)
    outlet.add_fault(article, "bomb", size=20 << 20)
    packed = raw(outlet, article.path).partition(b"\r\n\r\n")[2]
    assert len(packed) < 100_000
    body = gzip.decompress(packed)  # checks length and checksum
    assert len(body) > 20 << 20
    assert "L’église".encode() in body


def test_bodies_that_do_not_end(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/endless", "endless")
    outlet.add_fault("/slow", "slow", interval_seconds=0.05)
    assert len(raw(outlet, "/endless", most=3 << 20)) >= 3 << 20
    before = time.monotonic()
    body = raw(outlet, "/slow", most=200).partition(b"\r\n\r\n")[2]
    assert time.monotonic() - before >= 0.04 * len(body)
    assert get(outlet, "/").status == 200  # nobody else waits


def test_closing_does_not_wait_for_anyone() -> None:
    with Newsroom() as newsroom:
        outlet = newsroom.add_outlet("paper")
        outlet.add_fault("/hang", "hang")
        outlet.add_fault("/endless", "endless")
        links = [
            socket.create_connection((outlet.host, outlet.port), timeout=5)
            for _ in range(20)
        ]
        for number, link in enumerate(links):
            link.sendall(
                f"GET /{('hang', 'endless', 'x')[number % 3]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            )
        while len(outlet.requests) < len(links):
            get(outlet, "/robots.txt")
        before = time.monotonic()
    assert time.monotonic() - before < 2
    for link in links:
        link.close()
    with pytest.raises(OSError):
        socket.create_connection((outlet.host, outlet.port), timeout=1)
    newsroom.close()  # a second time does nothing


# ---- settings, demo, world


def test_the_settings_it_writes_are_understood(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    one = newsroom.add_outlet(
        "one", name='L’« Écho » "\\', sections=("Sport", "Culture")
    )
    two = newsroom.add_outlet("two", "atom", home_path="/home")
    written = newsroom.settings_toml(
        tmp_path, every="5 minutes", revisit=["1 hour"], looks=3, apart="1 minute", crawl="workers = 1",
        extra="[limits]\nredirects = 3\n",
    )  # fmt: skip
    found = parse_settings(written, tmp_path / "settings.toml")
    assert (found.archive, found.captures) == (
        tmp_path / "archive.db",
        tmp_path / "captures",
    )
    assert (found.workers, found.limits.redirects, found.allow_networks) == (
        1,
        3,
        ("127.0.0.0/8",),
    )
    read_one, read_two = found.outlets["one"], found.outlets["two"]
    assert (read_one.name, tuple(feed.url for feed in read_one.feeds)) == (
        one.name,
        one.feed_urls,
    )
    assert (read_one.every, read_one.revisit, read_one.removed_after.looks) == (
        300.0,
        (3600.0,),
        3,
    )
    assert read_one.rules.remove == (".soutien-don",)
    assert read_two.home == two.absolute_url("/home")
    assert (
        parse_settings(
            newsroom.settings_toml(tmp_path, captures=""), tmp_path / "settings.toml"
        ).captures
        is None
    )


def test_the_demo_does_what_it_says(newsroom: Newsroom) -> None:
    before = storyline.publish_initial_articles(newsroom)
    outlets = list(newsroom.outlets.values())
    assert [(len(one.articles), one.template.name) for one in outlets] == [
        (7, "wordpress"),
        (6, "atom"),
        (6, "plain"),
    ]
    assert all(
        4 <= len(article.paragraphs) <= 8 for one in outlets for article in one.articles
    )
    ponant, post, echo = outlets

    def body(url: str) -> str:
        outlet = next(one for one in outlets if url.startswith(one.url))
        got = get(outlet, "/" + url.removeprefix(outlet.url))
        return got.body.decode(outlet.charset) if got.status == 200 else str(got.status)

    assert before.removed_word in body(before.edited_url)
    assert (
        sum(
            before.search_word in body(article.url)
            for one in outlets
            for article in one.articles
        )
        == 3
    )
    assert (
        len(
            {
                ponant.find_article(storyline.WIRE_SLUG).text,
                echo.find_article(storyline.WIRE_COPY_SLUG).text,
            }
        )
        == 1
    )
    headline = post.find_article(storyline.RETITLED_SLUG).title
    after = storyline.make_changes(newsroom)
    assert before.removed_word not in body(after.edited_url)
    assert "310 000 euros" in body(after.edited_url)
    assert headline not in body(after.retitled_url)
    assert body(after.withdrawn_url) == "410"
    assert after.published_url in feed_links(ponant)
    assert len(after.syndicated_urls) == 2
    assert all("412 tuyaux" in body(url) for url in after.syndicated_urls)
    assert body(storyline.pass_quiet_hours(newsroom).withdrawn_url) == "410"
    found = "".join(article.text for one in outlets for article in one.articles)
    assert storyline.REMOVED_WORD not in found


def test_a_world_is_repeatable_and_its_churn_is_true() -> None:
    def live() -> tuple[list[str], dict[str, list[Any]]]:
        with Newsroom() as newsroom:
            outlets = many_outlets.create_outlets(
                newsroom, 3, 12, seed=4, page_bytes=100_000
            )
            before = {
                one: (one.title, one.text, one.path, one.status)
                for at in outlets
                for one in at.articles
            }
            done = many_outlets.churn(
                newsroom,
                5,
                edit=0.3,
                publish=0.2,
                withdraw=0.2,
                move=0.1,
                retitle=0.1,
                syndicate=0.1,
            )
            again = many_outlets.churn(newsroom, 6, restore=1.0)
            assert set(again.restored) == set(done.withdrawn)
            for one in (*done.edited, *done.retitled, *done.moved):
                now = (one.title, one.text, one.path)
                assert [a != b for a, b in zip(now, before[one], strict=False)].count(
                    True
                ) >= 1
            for original, copy in done.syndicated:
                assert original.outlet is not copy.outlet
            sizes = [
                len(get(one.outlet, one.path).body)
                for one in before
                if one.status == 200
            ]
            assert all(80_000 < size < 140_000 for size in sizes), sizes
            acts = {
                name: [str(one.slug) for one in getattr(done, name)]
                for name in ("edited", "withdrawn", "moved")
            }
            return [words for _, words, _, _ in before.values()], acts

    first, second = live(), live()
    assert first == second
    assert len(set(first[0])) == 36
    assert all(first[1].values())


def test_it_imports_no_other_room() -> None:
    folder = Path(storyline.__file__).parent
    for file in folder.glob("*.py"):
        for line in file.read_text("utf-8").splitlines():
            if line.strip().startswith(("from harvester", "import harvester")):
                assert line.split()[1].startswith(
                    ("harvester.newsroom", "harvester.errors", "harvester.model")
                ), (
                    file,
                    line,
                )


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_another_article_has_is_numbered(
    newsroom: Newsroom, kind: SiteKind
) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    first, second = (outlet.publish(title, WORDS) for title in ("One", "Two"))
    outlet.move(first, "elsewhere")
    outlet.move(second, "elsewhere")
    outlet.move(first, "elsewhere")
    assert first.slug == "elsewhere"
    assert first.path != second.path
    assert (get(outlet, first.path).status, get(outlet, second.path).status) == (
        200,
        200,
    )
