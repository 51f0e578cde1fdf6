"""Of several articles on a page, the text is that of the one at its address."""

from __future__ import annotations

import pytest

from harvester.parse.html.dom import parse_html
from harvester.parse.html.element_text import element_lines
from harvester.parse.kinds.other_articles import remove_other_articles

URL = "https://gazette.example/news/old-mill"
TITLE = "Old mill to be a museum"
OWN = "".join(
    f"<p>Paragraph {n} says that the town bought the old mill, and what will be in it.</p>"
    for n in range(6)
)
OTHER = (
    "<p>The ferry to the island stops at noon for the next three weeks, they said.</p>"
)
HEAD = f"<head><title>{TITLE} | The Gazette</title></head>"


def has(body: str, url: str = URL) -> tuple[bool, bool]:
    """Whether the page's own article, and another, are on a page afterwards."""
    tree = parse_html(f"<html>{HEAD}<body>{body}</body></html>")
    assert tree is not None
    remove_other_articles(tree, url)
    text = "\n".join(element_lines(tree.find("body")))
    return "old mill" in text, "ferry" in text


@pytest.mark.parametrize(
    "other",
    [
        f"<article><h2><a href='/news/ferry'>Ferry stops</a></h2>{OTHER}</article>",
        f"<article><a href='https://gazette.example/news/ferry'><h3>Ferry stops</h3></a>{OTHER}</article>",
        f"<article data-url='/news/ferry'><h2>Ferry stops</h2>{OTHER}</article>",
        f"<div class='a' data-permalink='/news/ferry'><h1>Ferry stops</h1>{OTHER}</div>",
        f"<section itemscope itemtype='https://schema.org/NewsArticle' itemid='/news/ferry'>{OTHER}</section>",
        f"<article><link rel='canonical' href='/news/ferry'><h1>Ferry stops</h1>{OTHER}</article>",
        f"<article><meta itemprop='mainEntityOfPage' content='/news/ferry'>{OTHER}</article>",
        f"<article><h2>Ferry</h2><a rel='bookmark' href='/news/ferry'><time>May 3</time></a>{OTHER}</article>",
        f"<article><h1>Ferry stops at noon</h1>{OTHER}</article>",
    ],
)
def test_another_article_goes(other: str) -> None:
    assert has(f"<article><h1>{TITLE}</h1>{OWN}</article>{other}") == (True, False)
    assert has(f"{other}<article data-url='{URL}'><h1>Mill</h1>{OWN}</article>") == (
        True,
        False,
    )


def test_a_teaser_inside_the_article_goes() -> None:
    teaser = f"<article><h3><a href='/news/ferry'>Ferry</a></h3>{OTHER}</article>"
    assert has(f"<article><h1>{TITLE}</h1>{OWN}{teaser}{OWN}</article>") == (
        True,
        False,
    )


@pytest.mark.parametrize(
    "body",
    [
        # parts of the article
        f"<article><h1>{TITLE}</h1>{OWN}</article><article><h2>The ferry</h2>{OTHER}</article>",
        f"<article><h1>{TITLE}</h1>{OWN}<article data-url='/news/old-mill#2'>{OTHER}</article></article>",
        f"<article><h1>{TITLE}</h1>{OWN}</article><article data-url='{URL}/post-2'>{OTHER}</article>",
        f"<article><h1>{TITLE}</h1>{OWN}<section itemtype='https://schema.org/Article'>{OTHER}</section></article>",
        # the text is elsewhere than the box that has the address
        f"<article data-url='{URL}'><h1>{TITLE}</h1></article><article data-url='/node/7'>{OWN}{OTHER}</article>",
        # a live blog
        "<div itemtype='https://schema.org/LiveBlogPosting'></div>"
        f"<article><h1>{TITLE}</h1>{OWN}<article data-url='/live/7'>{OTHER}</article></article>",
    ],
)
def test_what_is_of_the_article_stays(body: str) -> None:
    assert has(body) == (True, True)


def test_a_front_page_keeps_all_articles() -> None:
    articles = "".join(
        f"<article><h2><a href='/news/{name}'>{name}</a></h2>{text}</article>"
        for name, text in (("mill-again", OWN), ("ferry", OTHER))
    )
    assert has(articles, "https://gazette.example/") == (True, True)
    assert has(articles, "https://gazette.example/news") == (True, True)
