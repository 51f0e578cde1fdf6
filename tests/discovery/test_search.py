"""Feeds are found at newspapers of all kinds, and the right ones taken."""

from __future__ import annotations

import pytest

from harvester.discovery.choice import choose_feeds
from harvester.discovery.draft import draft_outlet
from harvester.discovery.search import MAX_REQUESTS, complete_addresses
from tests.support.site_search import AT, search_site
from tests.support.sites import HOST, SITES


@pytest.mark.parametrize("name", SITES)
def test_the_right_feeds_are_taken(name: str) -> None:
    site = SITES[name]
    search = search_site(site)
    language = search.page.language if search.page else ""
    choices = choose_feeds(search.feeds, language, AT)
    taken = [choice.feed for choice in choices if choice.is_taken]
    assert {feed.url for feed in taken} == {f"{HOST}{path}" for path in site.right}, [
        (choice.feed.url, choice.reason) for choice in choices
    ]
    assert search.request_count <= min(MAX_REQUESTS, site.most_requests), search.tried
    assert all(choice.reason for choice in choices if not choice.is_taken)
    if taken:
        outlet = draft_outlet(search, taken, ())
        assert (outlet.name, outlet.key) == (site.name, site.key)
        assert outlet.home.startswith(HOST)


def test_what_else_a_site_has_is_named() -> None:
    search = search_site(SITES["nothing at all"])
    assert [link.text for link in search.sections] == ["Politics", "Culture"]
    assert search.tried[0].words == "a page" and len(search.tried) > 8


@pytest.mark.parametrize(
    ("address", "urls"),
    [
        ("paper.example", ["https://paper.example", "http://paper.example"]),
        (" https://paper.example/x ", ["https://paper.example/x"]),
        ("feed:https://paper.example/f", ["https://paper.example/f"]),
        ("feed://paper.example/f", ["http://paper.example/f"]),
        ("127.0.0.1:81/a", ["http://127.0.0.1:81/a", "https://127.0.0.1:81/a"]),
        ("paper", []),
        ("", []),
        ("ftp://paper.example", []),
        ("me@paper.example", []),
        ("two words.example", []),
        ("http://", []),
        ("https://[::1", []),
        ("https://a.example:99999/", []),
    ],
)
def test_addresses_are_completed(address: str, urls: list[str]) -> None:
    assert complete_addresses(address) == urls
