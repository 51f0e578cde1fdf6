"""The links of a page, and which of them are articles, where a site is not known yet."""

from __future__ import annotations

import pytest

from harvester.errors import InvalidResponse
from harvester.ingest.section_links import SectionHints, choose_entries
from harvester.parse.feeds.section_page import MAX_LINKS, read_page_links

URL = "https://www.lantern.example/politics"


def titles(body: str, hints: SectionHints | None = None, url: str = URL) -> list[str]:
    """The titles of the entries of a page."""
    page = read_page_links(body.encode(), "text/html; charset=utf-8", url)
    return [e.title for e in choose_entries(page.links, url, hints or SectionHints())]


def test_the_headline_of_a_link_is_that_of_its_heading() -> None:
    body = (
        '<a href="/2025/09/06/flood"><img alt="A river"></a>'
        '<a href="/2025/09/06/flood"><span>Live</span><h3>The flood  came</h3>'
        "<time>2 hours ago</time></a>"
        '<h2><a href="/2025/09/06/boat#comments">The boat race</a></h2>'
        '<a href="/2025/09/06/boat">3 comments on this</a>'
        '<a href="/2025/09/06/bridge" title="The old bridge"><img></a>'
    )
    assert titles(body) == ["The flood came", "The boat race", "The old bridge"]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://other.example/2025/09/06/flood">The flood came last night</a>',
        '<a href="//lantern.example.evil.example/2025/09/06/x">The flood came by</a>',
        '<a href="mailto:ada@lantern.example">Write to Ada about the flood</a>',
        '<a href="javascript:go(4711)">The flood came last night</a>',
        '<a href="/politics#2025/09/06">The flood came last night</a>',
        '<a href="/politics?utm_source=menu">The flood came last night</a>',
        '<a href="/">All of the news of today</a>',
        '<nav><a href="/2025/09/06/flood">The flood came last night</a></nav>',
        '<div class="site-footer"><a href="/2025/flood-4711">Flood last night</a></div>',
        '<a href="/tag/flood-of-the-century-2025">Flood of the century in all</a>',
        '<a href="/sport">All of the sports of today</a>',
        '<a href="/2025/09/06/flood.pdf">The flood as a document</a>',
        '<a href="/2025/09/06/flood"></a>',
    ],
)
def test_what_is_no_article_of_the_site(link: str) -> None:
    assert titles(f"<main>{link}</main>") == []


def test_a_subdomain_is_the_same_site() -> None:
    body = '<a href="https://sport.lantern.example/2025/09/06/boat">The boat race</a>'
    assert titles(body) == ["The boat race"]


def test_a_list_decides_on_a_link_that_shows_little() -> None:
    cards = "".join(
        f'<div class="card"><h3><a href="/news/{name}">{title}</a></h3></div>'
        for name, title in (
            ("a-flood-in-the-valley-at-night", "A flood in the valley"),
            ("the-boat-race-is-won-by-ada", "The boat race is won"),
            ("why-bridges-fall-down-so-often", "Why bridges fall so often"),
            ("budget", "The budget of the town is short"),
        )
    )
    other = '<p><a href="/news/live">Follow our live coverage here</a></p>'
    found = titles(f"<main>{cards}</main>{other}")
    assert found[-1] == "The budget of the town is short"
    assert len(found) == 4


def test_what_is_known_outweighs_what_a_url_looks_like() -> None:
    body = (
        '<main><a href="/n/flood">Flood</a><a href="/n/4711">Boat race today</a></main>'
    )
    known = tuple(f"https://www.lantern.example/n/x{n}" for n in "abc")
    assert titles(body) == ["Boat race today"]
    assert titles(body, SectionHints(known=known)) == ["Flood", "Boat race today"]
    refused = tuple(f"https://www.lantern.example/n/{n}" for n in (4712, 4713, 4714))
    hints = SectionHints(known=known, refused=refused)
    assert titles(body, hints) == ["Flood"]


def test_base_charset_and_broken_markup() -> None:
    body = (
        '<head><base href="/2025/09/06/"><title>Für alle</title><body><ul><li>'
        '<a href=flut>Die Flut über Nacht</a><li><a href="boot">Ein Boot kommt an'
    )
    page = read_page_links(body.encode("latin-1"), "text/html; charset=latin-1", URL)
    assert page.title == "Für alle"
    assert [link.url.rpartition("/")[2] for link in page.links] == ["flut", "boot"]
    assert page.links[0].text == "Die Flut über Nacht"


def test_a_flood_of_links_is_bounded() -> None:
    body = "".join(f"<div class=menu><a href=/a/{n}>x</a>" for n in range(20_000))
    page = read_page_links(body.encode(), "text/html", URL)
    assert len(page.links) <= MAX_LINKS


@pytest.mark.parametrize("body", [b"%PDF-1.7 x", b"", b"plain words"])
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        read_page_links(body, "text/html", URL)
