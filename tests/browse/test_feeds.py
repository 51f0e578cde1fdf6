"""The feeds that pages announce, as Datasette serves them and feed readers parse them."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import feedparser
import httpx
import pytest

from tests.support.datasette_server import Served


def get(served: Served, path: str) -> httpx.Response:
    return httpx.get(served.address + path)


def entries(served: Served, path: str) -> list[Any]:
    response = get(served, path)
    assert response.status_code == 200, path
    assert response.headers["content-type"].startswith("application/atom+xml")
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return list(parsed.entries)


PAGES = (
    "/",
    "/-/changes",
    "/-/changes?kind=headline",
    "/-/removals",
    "/-/search?q=bridge",
    "/-/outlet/courier",
)


def test_each_page_announces_its_feed(served: Served) -> None:
    for page in (*PAGES, f"/-/article/{served.keys['bridge']}"):
        html = get(served, page).text
        links = re.findall(
            r'<link rel="alternate" type="([^"]+)" title="[^"]*" href="([^"]+)">', html
        )
        assert [kind for kind, _ in links[:2]] == [
            "application/atom+xml",
            "application/feed+json",
        ]
        atom, feed = (unescape(address) for _, address in links[:2])
        found = entries(served, atom)
        assert found, page
        response = get(served, feed)
        assert response.headers["content-type"].startswith("application/feed+json")
        document = json.loads(response.text)
        assert [item["id"] for item in document["items"]] == [one.id for one in found]
        assert [item["title"] for item in document["items"]] == [
            one.title for one in found
        ]
        assert document["feed_url"].endswith(feed)


def test_entries_link_to_both_pages_and_have_the_difference(served: Served) -> None:
    (entry, *_) = entries(served, f"/-/article/{served.keys['bridge']}.atom")
    related = [link.href for link in entry.links if link.rel == "related"]
    assert (
        related
        and get(served, related[0].partition("/-/")[2].join(("/-/", ""))).status_code
        == 200
    )
    everything = "".join(
        one.content[0].value for one in entries(served, "/-/changes.atom?kind=")
    )
    assert "<ins>" in everything and "<del>" in everything


def test_filters_of_the_feed_of_changes(served: Served) -> None:
    whole = {one.id for one in entries(served, "/-/changes.atom?kind=")}
    assert {one.id for one in entries(served, "/-/outlet/courier.atom")} <= whole
    for query in (
        "q=bridge",
        "silent=1",
        "kind=removed",
        "class=substantive",
        "outlet=courier&kind=",
    ):
        assert {
            one.id for one in entries(served, f"/-/changes.atom?{query}")
        } <= whole, query
    assert len(entries(served, "/-/changes.atom?q=nothinglikeit")) == 0
    removed = entries(served, "/-/changes.atom?kind=removed")
    assert [one.title for one in entries(served, "/-/changes.atom")] == [
        one.title for one in removed
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/-/changes.atom?kind=nosuch", 404), ("/-/changes.atom?outlet=nosuch", 404), ("/-/outlet/nosuch.atom", 404),
        ("/-/article/0123456789abcdef.atom", 404), ("/-/search.atom?q=titel:x", 400), ("/-/search.atom", 400),
        ("/-/changes.atom?q=%22", 400), ("/-/changes.feed.json?q=(", 400),
    ],
)  # fmt: skip
def test_what_is_no_feed(served: Served, path: str, status: int) -> None:
    assert get(served, path).status_code == status


def test_the_page_of_changes_takes_the_same_filters(served: Served) -> None:
    whole = get(served, "/-/changes").text
    assert whole.count('<article class="event') > 3
    for query in (
        "q=bridge",
        "silent=1",
        "q=added:zebra",
        "outlet=courier&kind=headline",
    ):
        html = get(served, f"/-/changes?{query}").text
        listed = len(
            entries(
                served,
                f"/-/changes.atom?{query}" + ("" if "kind" in query else "&kind="),
            )
        )
        assert (
            html.count('<article class="event')
            == listed
            < whole.count('<article class="event')
        ), query
    response = get(served, "/-/changes?q=titel:x")
    assert response.status_code == 400 and "did you mean title" in response.text
    assert get(served, "/-/changes?after=nonsense").status_code == 200
