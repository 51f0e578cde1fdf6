"""What a web archive sends, as the outlet's response or as none."""

from __future__ import annotations

import gzip

import pytest

from harvester.importing.wayback import replayed
from harvester.importing.wayback.addresses import ArchiveAddress, parse_address
from harvester.importing.wayback.replayed import (
    Nearest,
    NotReplayed,
    Replayed,
    read_replay,
)
from harvester.model import Capture, Outcome

NOW = "2026-01-15T12:00:00Z"
ARCHIVE = parse_address("https://web.archive.org/web/")
URL = "https://courier.example/a/bridge?id=7"
MEMENTO = ("Memento-Datetime", "Mon, 03 Feb 2020 04:05:06 GMT")
PAGE = b"<html><body><p>The bridge is closed.</p></body></html>"


def read(
    status: int = 200,
    *headers: tuple[str, str],
    body: bytes = PAGE,
    archive: ArchiveAddress = ARCHIVE,
    **fields: object,
) -> Replayed | Nearest | NotReplayed:
    asked = archive.replay_url(URL, "20200203040506")
    capture = Capture(asked, asked, NOW, status, headers, body, **fields)  # type: ignore[arg-type]
    return read_replay(archive, URL, capture, NOW, 10_000)


def test_where_the_lists_are() -> None:
    assert ARCHIVE.list == "https://web.archive.org/cdx/search/cdx"
    pywb = parse_address("http://127.0.0.1:8080/news")
    assert pywb.list == "http://127.0.0.1:8080/news/cdx"
    asked = ARCHIVE.replay_url(URL, "20200203040506")
    assert asked == f"https://web.archive.org/web/20200203040506id_/{URL}"
    assert ARCHIVE.read_replay_url(asked) == ("20200203040506", URL)


def test_headers_are_those_that_were_received() -> None:
    found = read(
        200,
        MEMENTO,
        ("Content-Type", "text/html"),
        ("Server", "nginx of the web archive"),
        ("x-archive-orig-server", "Apache"),
        ("x-archive-orig-content-type", "text/html; charset=iso-8859-1"),
    )
    assert isinstance(found, Replayed)
    assert found.at == "2020-02-03T04:05:06Z" and found.body == PAGE
    assert dict(found.headers) == {
        "server": "Apache",
        "content-type": "text/html; charset=iso-8859-1",
    }


def test_without_originals_the_web_archives_own_headers_go() -> None:
    found = read(
        200,
        MEMENTO,
        ("Content-Type", "text/html"),
        ("Link", f'<{URL}>; rel="original", <x>; rel="timemap"'),
        ("Set-Cookie", "theirs=1"),
        ("X-Powered-By", "PHP"),
    )
    assert isinstance(found, Replayed)
    assert dict(found.headers) == {"Content-Type": "text/html", "X-Powered-By": "PHP"}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, replayed.REASON_NOT_ARCHIVED),
        (200, replayed.REASON_OWN_PAGE),
        (403, replayed.REASON_OWN_PAGE),
        (451, replayed.REASON_OWN_PAGE),
    ],
)
def test_a_page_of_the_web_archive_itself_is_never_the_outlets(
    status: int, reason: str
) -> None:
    found = read(status, ("Content-Type", "text/html"))
    assert isinstance(found, NotReplayed) and not found.again
    assert found.reason.startswith(reason)


def test_a_captured_404_is_one() -> None:
    found = read(404, MEMENTO)
    assert isinstance(found, Replayed) and found.status == 404


def test_a_redirect_to_another_time_is_followed_by_its_time() -> None:
    target = f"/web/20200301000000id_/{URL}"
    assert read(302, ("Location", target)) == Nearest("20200301000000")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.1/admin", replayed.REASON_OUTSIDE),
        ("https://courier.example/login", replayed.REASON_OUTSIDE),
        ("https://web.archive.org/account", replayed.REASON_OUTSIDE),
        ("/web/20200301000000id_/http://10.0.0.1/", replayed.REASON_OTHER_URL),
        ("/web/20201399000000id_/" + URL, replayed.REASON_OTHER_TIME),
        ("http://[", replayed.REASON_OUTSIDE),
        ("", replayed.REASON_OUTSIDE),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(location: str, reason: str) -> None:
    assert read(302, ("Location", location)) == NotReplayed(reason)


@pytest.mark.parametrize(
    "headers",
    [
        [("Location", "/web/20200203040506id_/https://courier.example/new")],
        [("Location", "https://courier.example/new")],
        [
            ("Location", "https://web.archive.org/web/20200203040506id_/x://y"),
            ("X-Archive-Orig-Location", "https://courier.example/new"),
        ],
    ],
)
def test_a_captured_redirect_leads_where_it_did(headers: list[tuple[str, str]]) -> None:
    found = read(301, MEMENTO, *headers)
    assert isinstance(found, Replayed) and found.status == 301
    assert {name.lower(): value for name, value in found.headers}["location"] == (
        "https://courier.example/new"
    )


@pytest.mark.parametrize(
    "stated",
    ["", "yesterday", "Mon, 03 Feb 2099 04:05:06 GMT", "Mon, 03 Feb 1901 04:05:06 GMT"],
)
def test_a_time_that_cannot_be_is_none(stated: str) -> None:
    assert isinstance(read(200, ("Memento-Datetime", stated)), NotReplayed)


def test_what_is_rewritten_or_another_urls_is_refused() -> None:
    toolbar = b"<html><!-- BEGIN WAYBACK TOOLBAR INSERT -->" + PAGE
    assert read(200, MEMENTO, body=toolbar) == NotReplayed(replayed.REASON_REWRITTEN)
    other = ("Link", '<https://courier.example/other>; rel="original"')
    assert read(200, MEMENTO, other) == NotReplayed(replayed.REASON_OTHER_URL)


def test_a_body_whose_encoding_was_left_out_is_decompressed() -> None:
    found = read(200, MEMENTO, body=gzip.compress(PAGE))
    assert isinstance(found, Replayed) and found.body == PAGE
    bomb = gzip.compress(b" " * 50_000)
    found = read(200, MEMENTO, body=bomb)
    assert isinstance(found, Replayed) and found.body == bomb


def test_what_may_succeed_later_is_tried_again() -> None:
    assert read(503) == NotReplayed("HTTP 503 of the web archive", True)
    cut = read(200, MEMENTO, truncated=True)
    assert cut == NotReplayed(replayed.REASON_TRUNCATED, True)
    lost = read(0, outcome=Outcome.FAILED, error="the connection was lost")
    assert lost == NotReplayed("the connection was lost", True)
    refused = read(0, outcome=Outcome.REFUSED, error="robots.txt")
    assert refused == NotReplayed("robots.txt")
    corrupt = read(200, MEMENTO, outcome=Outcome.FAILED, error="corrupt")
    assert corrupt == NotReplayed("corrupt")
