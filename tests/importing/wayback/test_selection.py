"""What is worth a request, and the one reason for which anything else is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.importing.wayback import selection
from harvester.importing.wayback.cdx import Listed
from harvester.importing.wayback.selection import Candidate, Row, Scope, choose, sift

DOMAIN = (Scope("domain", "courier.example"),)
URL = "https://www.courier.example/news/2020/02/bridge-of-ashby-closed/"
LISTED = Listed(URL, "2020-02-03T04:05:06Z", 200, "text/html", "AAA", 0, -1, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "https://evil.example/news/2020/02/bridge/"}, selection.REASON_HOST),
        ({"url": "https://courier.example.evil.org/a"}, selection.REASON_HOST),
        ({"url": "https://evil.org\\@courier.example/a"}, selection.REASON_HOST),
        ({"url": "https://a:b@courier.example/a"}, selection.REASON_URL),
        ({"url": "ftp://courier.example/a"}, selection.REASON_URL),
        ({"url": "dns:courier.example"}, selection.REASON_URL),
        ({"url": "http://"}, selection.REASON_URL),
        ({"url": URL + "x" * 9_000}, selection.REASON_URL),
        ({"mime": "image/jpeg"}, selection.REASON_TYPE),
        ({"url": "https://courier.example/a/photo.JPG"}, selection.REASON_TYPE),
        ({"status": 500}, selection.REASON_STATUS),
        ({"at": "2019-12-31T23:59:59Z"}, selection.REASON_TIME),
        ({"at": "2021-01-01T00:00:00Z"}, selection.REASON_TIME),
        ({"url": "https://courier.example/"}, selection.REASON_FRONT),
    ],
)
def test_what_is_no_candidate_has_a_reason(
    changes: dict[str, object], reason: str
) -> None:
    listed = replace(LISTED, **changes)  # type: ignore[arg-type]
    since, until = "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"
    assert sift(listed, DOMAIN, since, until) == reason


def test_forms_of_one_url_have_one_key() -> None:
    for url in (URL, URL.replace("https", "http"), URL + "?utm_source=x", URL[:-1]):
        sifted = sift(replace(LISTED, url=url), DOMAIN, "", "")
        assert isinstance(sifted, Candidate)
        assert sifted.key == "www.courier.example/news/2020/02/bridge-of-ashby-closed"


def test_a_prefix_ends_at_a_folder_only_if_it_says_so() -> None:
    folder = Scope("prefix", "https://uni.example/courier/")
    assert folder.contains("http://uni.example/courier/a")
    assert not folder.contains("https://uni.example/courier-old/a")
    assert Scope("prefix", "https://uni.example/courier").contains(
        "https://uni.example/courier-old/a"
    )
    assert Scope("host", "127.0.0.1:80").contains("http://127.0.0.1:80/a")


def rows(
    *stated: tuple[int, str], url: str = URL, mime: str = "text/html"
) -> list[Row]:
    return [
        Row(number, url, f"2020-01-{number:02}T00:00:00Z", status, mime, digest)
        for number, (status, digest) in enumerate(stated, 1)
    ]


def chosen(found: list[Row], known: bool = False, held: str = "") -> list[str]:
    return [choice.reason for choice in choose(found, known, frozenset([held]))]


def test_the_first_of_equal_digests_in_a_row_is_requested() -> None:
    same = selection.REASON_SAME
    found = rows((200, "A"), (200, "A"), (200, "B"), (200, "A"), (0, "A"))
    assert chosen(found) == ["", same, "", "", same]
    assert chosen(rows((200, ""), (200, ""))) == ["", ""]  # it is not known whether


def test_removal_is_evidence_once_and_return_is_a_page() -> None:
    same = selection.REASON_SAME
    found = rows((200, "A"), (404, "B"), (404, "C"), (200, "A"))
    assert chosen(found) == ["", "", same, ""]


def test_errors_alone_are_of_use_for_known_articles_only() -> None:
    only = selection.REASON_ONLY_ERRORS
    assert chosen(rows((404, "A"), (410, "B"))) == [only, only]
    assert chosen(rows((404, "A"), (410, "B")), known=True) == ["", ""]


def test_what_looks_like_no_article_is_requested_if_it_is_one() -> None:
    page = rows((200, "A"), url="https://courier.example/sport")
    assert chosen(page) == [selection.REASON_NOT_ARTICLE]
    assert chosen(page, known=True) == [""]


def test_what_the_archive_has_is_not_requested() -> None:
    found = rows((200, "A"), (200, "B"))
    assert chosen(found, held="2020-01-02T00:00:00Z") == ["", selection.REASON_HELD]
