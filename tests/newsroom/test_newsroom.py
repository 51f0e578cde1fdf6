"""The newspaper on loopback: it serves what was published, and its faults are faults."""

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

PARAGRAPHS = [
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


class Fetched:
    """A response, decompressed."""

    def __init__(self, response: http.client.HTTPResponse, body: bytes) -> None:
        self.status, self.headers = response.status, response.headers
        is_gzip = response.headers["Content-Encoding"] == "gzip"
        self.body = gzip.decompress(body) if is_gzip else body


def get(
    outlet: Outlet, path: str, method: str = "GET", timeout: float = 5, **headers: str
) -> Fetched:
    connection = http.client.HTTPConnection(outlet.host, outlet.port, timeout=timeout)
    try:
        connection.request(
            method,
            path,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        response = connection.getresponse()
        return Fetched(response, response.read())
    finally:
        connection.close()


def text(outlet: Outlet, article: Article) -> str:
    response = get(outlet, article.path)
    assert response.status == 200
    return response.body.decode(outlet.charset)


def feed_links(outlet: Outlet, url: str = "") -> list[str]:
    path = "/" + (url or outlet.feed_url).removeprefix(outlet.url)
    root = ElementTree.fromstring(get(outlet, path).body)
    return [
        href
        for entry in root.iter()
        if entry.tag.rpartition("}")[2] in ("item", "entry")
        for link in entry
        if link.tag.rpartition("}")[2] == "link"
        if (href := link.get("href") or link.text)
    ]


# ---- what an editor does


@pytest.mark.parametrize("kind", KINDS)
def test_an_article_is_in_the_feed_on_the_front_page_and_at_its_url(
    newsroom: Newsroom, kind: SiteKind
) -> None:
    outlet = newsroom.add_outlet("paper", kind, language="fr")
    article = outlet.publish(
        "Une école & un toit",
        PARAGRAPHS,
        author="Maëlle Roux",
        section="Culture",
        tags=["Écoles"],
    )
    page = text(outlet, article)
    assert all(
        expected in page
        for expected in (
            "L’église a rouvert",
            "&amp; l’œuvre",
            "Maëlle Roux",
            "Une école &amp; un toit",
        )
    )
    assert article.text == "\n".join(line.lstrip("#>- ") for line in PARAGRAPHS)
    assert [link.partition("?")[0] for link in feed_links(outlet)] == [article.url]
    assert article.path.encode() in get(outlet, "/").body
    assert (
        article.path.encode()
        in get(outlet, outlet.template.section_path("Culture")).body
    )
    missing = get(outlet, "/no-such-page")
    assert (missing.status, len(missing.body) > 100) == (404, True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_shows(newsroom: Newsroom, kind: SiteKind) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    article = outlet.publish("Ancien titre", PARAGRAPHS)
    old_path = article.path
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
    assert article.path != old_path
    assert (
        get(outlet, old_path).status,
        get(outlet, old_path).headers["Location"],
    ) == (
        301,
        article.url,
    )
    assert outlet.find_article("autre-part") is article
    for status in (404, 410, 302):
        outlet.withdraw(article, status)
        response = get(outlet, article.path)
        assert response.status == status
        assert response.headers["Location"] == (outlet.url if status == 302 else None)
        assert feed_links(outlet) == []
    outlet.restore(article)
    assert "Tout autre chose." in text(outlet, article)


def test_a_silent_edit_leaves_the_stated_date(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", PARAGRAPHS)
    before = get(outlet, article.path).headers
    newsroom.advance(days=1)
    outlet.edit(article, ["Autre."], silent=True)
    assert article.modified == article.published
    after = get(outlet, article.path).headers
    assert after["ETag"] != before["ETag"]
    assert parsedate_to_datetime(after["Last-Modified"]) == newsroom.now


def test_a_syndicated_copy_has_the_same_text_at_another_url(newsroom: Newsroom) -> None:
    first, second = newsroom.add_outlet("one"), newsroom.add_outlet("two", "plain")
    article = first.publish("Dépêche", PARAGRAPHS, author="Agence")
    copy = second.syndicate(article, title="Dépêche reprise", agency="Avec l’agence")
    assert (copy.text, copy.url != article.url) == (article.text, True)
    assert "Avec l’agence" in text(second, copy)


def test_equal_titles_get_paths_of_their_own(newsroom: Newsroom) -> None:
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
    article = outlet.publish("Titre", PARAGRAPHS)
    short = get(outlet, f"/?p={article.number}")
    assert (short.status, short.headers["Location"]) == (301, article.url)
    assert get(outlet, article.path.rstrip("/")).status == 301
    first, second = get(outlet, article.path), get(outlet, article.path)
    assert first.body != second.body
    assert first.headers["ETag"] == second.headers["ETag"]  # the counter is not an edit
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


def test_the_plain_site_has_a_charset_that_only_the_page_names(
    newsroom: Newsroom,
) -> None:
    outlet = newsroom.add_outlet("paper", "plain")
    article = outlet.publish("L’été", ["Cœur « œuvre » à 5 €, et un 漢."])
    response = get(outlet, article.path)
    assert response.headers["Content-Type"] == "text/html"
    assert b"charset=windows-1252" in response.body
    assert "Cœur « œuvre » à 5 €, et un &#28450;." in response.body.decode(
        "windows-1252"
    )
    assert "L’été" in "".join(
        ElementTree.fromstring(get(outlet, "/backend.rdf").body).itertext()
    )


def test_feeds_can_be_split_and_are_limited(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", sections=("Sport", "Culture"), feed_size=2)
    for number in range(3):
        newsroom.advance(hours=1)
        outlet.publish(f"Match {number}", ["But."], section="Sport")
    concert = outlet.publish("Concert", ["Do."], section="Culture")
    sport, culture = outlet.feed_urls
    assert feed_links(outlet, culture) == [concert.url]
    assert [link.split("/")[3] for link in feed_links(outlet, sport)] == [
        "match-2",
        "match-1",
    ]


def test_any_pages_are_served_as_they_are(newsroom: Newsroom) -> None:
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
    response = get(outlet, "/p/3.html")
    assert (response.body, response.headers["Content-Type"]) == (
        pages[3][1],
        "text/html; charset=latin-1",
    )
    outlet.serve_pages(pages[:2], contents={"/p/1.html": "<p>Whole & ]]> entire</p>"})
    tree = ElementTree.fromstring(get(outlet, outlet.feed_urls[2]).body)
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert [item.findtext(encoded) for item in tree.iter("item")] == [
        None,
        "<p>Whole & ]]> entire</p>",
    ]


# ---- HTTP


@pytest.mark.parametrize("kind", KINDS)
def test_validators(newsroom: Newsroom, kind: SiteKind) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    article = outlet.publish("Titre", PARAGRAPHS)
    for path in (article.path, outlet.template.feed_path()):
        validators = get(outlet, path).headers
        for headers in (
            {"If_None_Match": validators["ETag"]},
            {"If_Modified_Since": validators["Last-Modified"]},
        ):
            response = get(outlet, path, "GET", 5, **headers)
            assert (response.status, response.body, response.headers["ETag"]) == (
                304,
                b"",
                validators["ETag"],
            )
        assert (
            get(
                outlet,
                path,
                If_None_Match='"other"',
                If_Modified_Since=validators["Last-Modified"],
            ).status
            == 200
        )
    newsroom.advance(minutes=1)
    outlet.edit(article, ["Autre."])
    assert get(outlet, article.path, If_None_Match=validators["ETag"]).status == 200
    outlet.sends_validators = False
    assert get(outlet, article.path).headers["ETag"] is None
    assert get(outlet, article.path, If_None_Match="*").status == 200


def test_gzip_head_and_persistent_connections(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", page_bytes=100_000)
    article = outlet.publish("Titre", PARAGRAPHS * 20)
    connection = http.client.HTTPConnection(outlet.host, outlet.port, timeout=5)
    bodies: list[bytes] = []
    for encoding in ("gzip", "identity"):
        connection.request("GET", article.path, headers={"Accept-Encoding": encoding})
        response = connection.getresponse()
        bodies.append(response.read())
        assert int(response.headers["Content-Length"]) == len(bodies[-1])
        article.view_count = 0  # so that the counter is the same again
    assert gzip.decompress(bodies[0]) == bodies[1]
    assert 80_000 < len(bodies[1]) < 120_000
    assert len(bodies[0]) < len(bodies[1]) / 3
    connection.request("HEAD", article.path)
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(bodies[1])
    connection.request("POST", "/", body=b"x")
    assert connection.getresponse().status == 405
    connection.close()
    assert [(request.method, request.status) for request in outlet.requests] == [
        ("GET", 200),
        ("GET", 200),
        ("HEAD", 200),
        ("POST", 405),
    ]
    assert outlet.requests[0].headers["accept-encoding"] == "gzip"
    assert outlet.requests[0].path == article.path
    assert newsroom.requests == outlet.requests


def test_robots_txt_can_be_set(newsroom: Newsroom) -> None:
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


def fetch_raw(outlet: Outlet, path: str = "/", max_bytes: int = 1 << 20) -> bytes:
    """What comes over the socket."""
    with socket.create_connection((outlet.host, outlet.port), timeout=5) as link:
        link.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        received = b""
        while len(received) < max_bytes and (piece := link.recv(65_536)):
            received += piece
        return received


def test_statuses_with_retry_after_that_end(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/feed/", "status", status=429, retry_after=90, times=2)
    assert [get(outlet, "/feed/?x=1").status for _ in range(3)] == [429, 429, 200]
    later = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
    outlet.add_fault(outlet.absolute_url("/"), "status", retry_after=later)
    response = get(outlet, "/")
    assert (response.status, response.headers["Retry-After"]) == (
        503,
        "Sun, 04 May 2031 03:02:01 GMT",
    )
    outlet.add_fault("*", "status", status=451)
    assert get(outlet, "/robots.txt").status == 451
    outlet.clear_faults()
    assert get(outlet, "/").status == 200


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "/loop",
        "//[::1]/",
        "data:text/html,x",
        "http://é.example/ü",
    ],
)
def test_redirects_to_anywhere(newsroom: Newsroom, location: str) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/loop", "redirect", location=location, status=307)
    response = fetch_raw(outlet, "/loop", max_bytes=200)
    assert response.startswith(b"HTTP/1.1 307 ")
    assert f"\r\nLocation: {location}\r\n".encode() in response


def test_faulty_bodies(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", PARAGRAPHS)
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
    statuses = [request.status for request in outlet.requests]
    assert statuses == [200, 200, 200, 200, 0, 0, 200, 200]


def test_a_decompression_bomb(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    article = outlet.publish("Titre", PARAGRAPHS)
    outlet.add_fault(article, "bomb", size=20 << 20)
    compressed = fetch_raw(outlet, article.path).partition(b"\r\n\r\n")[2]
    assert len(compressed) < 100_000
    body = gzip.decompress(compressed)  # checks length and checksum
    assert len(body) > 20 << 20
    assert "L’église".encode() in body


def test_bodies_that_do_not_end(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper")
    outlet.add_fault("/endless", "endless")
    outlet.add_fault("/slow", "slow", interval_seconds=0.05)
    assert len(fetch_raw(outlet, "/endless", max_bytes=3 << 20)) >= 3 << 20
    before = time.monotonic()
    body = fetch_raw(outlet, "/slow", max_bytes=200).partition(b"\r\n\r\n")[2]
    assert time.monotonic() - before >= 0.04 * len(body)
    assert get(outlet, "/").status == 200  # other requests do not wait


def test_closing_does_not_wait_for_clients() -> None:
    with Newsroom() as newsroom:
        outlet = newsroom.add_outlet("paper")
        outlet.add_fault("/hang", "hang")
        outlet.add_fault("/endless", "endless")
        links = [
            socket.create_connection((outlet.host, outlet.port), timeout=5)
            for _ in range(20)
        ]
        for number, link in enumerate(links):
            path = ("hang", "endless", "x")[number % 3]
            link.sendall(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while len(outlet.requests) < len(links):
            get(outlet, "/robots.txt")
        before = time.monotonic()
    assert time.monotonic() - before < 2
    for link in links:
        link.close()
    with pytest.raises(OSError):
        socket.create_connection((outlet.host, outlet.port), timeout=1)
    newsroom.close()  # a second time does nothing


# ---- settings, demo, many outlets


def test_the_settings_it_writes_are_valid(newsroom: Newsroom, tmp_path: Path) -> None:
    first = newsroom.add_outlet(
        "one", name='L’« Écho » "\\', sections=("Sport", "Culture")
    )
    second = newsroom.add_outlet("two", "atom", home_path="/home")
    text = newsroom.settings_toml(
        tmp_path,
        every="5 minutes",
        revisit=["1 hour"],
        looks=3,
        apart="1 minute",
        crawl="workers = 1",
        extra="[limits]\nredirects = 3\n",
    )
    settings = parse_settings(text, tmp_path / "settings.toml")
    assert (settings.archive, settings.captures) == (
        tmp_path / "archive.db",
        tmp_path / "captures",
    )
    assert (settings.workers, settings.limits.redirects) == (1, 3)
    assert settings.allow_networks == ("127.0.0.0/8",)
    outlet = settings.outlets["one"]
    assert outlet.name == first.name
    assert tuple(feed.url for feed in outlet.feeds) == first.feed_urls
    assert (outlet.every, outlet.revisit) == (300.0, (3600.0,))
    assert outlet.removed_after.looks == 3
    assert outlet.rules.remove == (".soutien-don",)
    assert settings.outlets["two"].home == second.absolute_url("/home")
    text = newsroom.settings_toml(tmp_path, captures="")
    assert parse_settings(text, tmp_path / "settings.toml").captures is None


def test_the_demo_has_its_own_ports_if_they_are_free(newsroom: Newsroom) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    ports = {"ponant": free}
    storyline.publish_initial_articles(newsroom, ports)
    assert newsroom.outlets["ponant"].port == free
    with Newsroom() as second:
        storyline.publish_initial_articles(second, ports)
        taken = second.outlets["ponant"]
        assert taken.port != free
        assert get(taken, "/feed/").status == 200


def test_the_demo_does_what_it_says(newsroom: Newsroom) -> None:
    before = storyline.publish_initial_articles(newsroom)
    outlets = list(newsroom.outlets.values())
    assert [(len(outlet.articles), outlet.template.name) for outlet in outlets] == [
        (7, "wordpress"),
        (6, "atom"),
        (6, "plain"),
    ]
    articles = [article for outlet in outlets for article in outlet.articles]
    assert all(4 <= len(article.paragraphs) <= 8 for article in articles)
    ponant, post, echo = outlets

    def body(url: str) -> str:
        outlet = next(outlet for outlet in outlets if url.startswith(outlet.url))
        response = get(outlet, "/" + url.removeprefix(outlet.url))
        if response.status != 200:
            return str(response.status)
        return response.body.decode(outlet.charset)

    assert before.removed_word in body(before.edited_url)
    assert sum(before.search_word in body(article.url) for article in articles) == 3
    wire = ponant.find_article(storyline.WIRE_SLUG)
    assert echo.find_article(storyline.WIRE_COPY_SLUG).text == wire.text
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
    texts = [article.text for outlet in outlets for article in outlet.articles]
    assert storyline.REMOVED_WORD not in "".join(texts)


def test_churn_is_repeatable_and_reported_truly() -> None:
    def run() -> tuple[list[str], dict[str, list[Any]]]:
        with Newsroom() as newsroom:
            outlets = many_outlets.create_outlets(
                newsroom, 3, 12, seed=4, page_bytes=100_000
            )
            before = {
                article: (article.title, article.text, article.path, article.status)
                for outlet in outlets
                for article in outlet.articles
            }
            result = many_outlets.churn(
                newsroom,
                5,
                edit=0.3,
                publish=0.2,
                withdraw=0.2,
                move=0.1,
                retitle=0.1,
                syndicate=0.1,
            )
            second_result = many_outlets.churn(newsroom, 6, restore=1.0)
            assert set(second_result.restored) == set(result.withdrawn)
            for article in (*result.edited, *result.retitled, *result.moved):
                after = (article.title, article.text, article.path)
                assert after != before[article][:3]
            for original, copy in result.syndicated:
                assert original.outlet is not copy.outlet
            sizes = [
                len(get(newsroom.outlets[article.outlet.key], article.path).body)
                for article in before
                if article.status == 200
            ]
            assert all(80_000 < size < 140_000 for size in sizes), sizes
            slugs = {
                name: [str(article.slug) for article in getattr(result, name)]
                for name in ("edited", "withdrawn", "moved")
            }
            return [text for _, text, _, _ in before.values()], slugs

    first, second = run(), run()
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
def test_a_path_that_another_article_has_is_numbered(
    newsroom: Newsroom, kind: SiteKind
) -> None:
    outlet = newsroom.add_outlet("paper", kind)
    first, second = (outlet.publish(title, PARAGRAPHS) for title in ("One", "Two"))
    outlet.move(first, "elsewhere")
    outlet.move(second, "elsewhere")
    outlet.move(first, "elsewhere")
    assert first.slug == "elsewhere"
    assert first.path != second.path
    assert (get(outlet, first.path).status, get(outlet, second.path).status) == (
        200,
        200,
    )
