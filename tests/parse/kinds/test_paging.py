"""Which links lead to the next page of the same article."""

from __future__ import annotations

import time

import pytest

from harvester.parse.article import read_article
from harvester.parse.html.dom import parse_html
from harvester.parse.kinds.paging import find_next_page_url, page_number

from harvester.model import Rules  # isort: skip

SLUG = "https://paper.example/2025/09/le-budget-de-la-ville/"


def next_page(body: str, url: str = SLUG, first: str = "", head: str = "") -> str:
    tree = parse_html(
        f"<html><head>{head}</head><body><article>{body}</article></body></html>"
    )
    assert tree is not None
    return find_next_page_url(tree, url, first)


@pytest.mark.parametrize(
    ("url", "link", "expected"),
    [
        (
            SLUG,
            f'<a class="post-page-numbers" href="{SLUG}2/">2</a>',
            f"{SLUG}2/",
        ),  # WordPress, <!--nextpage-->
        (SLUG, '<a href="2/">Page suivante</a>', f"{SLUG}2/"),
        (
            f"{SLUG}?utm_source=rss&xtor=1",
            f'<a href="{SLUG}2/#debut">2</a>',
            f"{SLUG}2/",
        ),
        (
            "https://a.example/story-of-a-bridge",
            '<a href="?page=2" rel="next">Next</a>',
            "https://a.example/story-of-a-bridge?page=2",
        ),
        (
            "https://a.example/n/article.php?id=77",
            '<a href="article.php?page=2&amp;id=77">2</a>',
            "https://a.example/n/article.php?page=2&id=77",
        ),
        (
            "https://a.example/wirtschaft/neues-modell-16604622.html",
            '<a href="/wirtschaft/neues-modell-16604622-p2.html">Nächste Seite</a>',
            "https://a.example/wirtschaft/neues-modell-16604622-p2.html",
        ),
        (
            "https://a.example/2019/43/klima-banken-fracking",
            (
                '<a href="https://a.example/2019/43/klima-banken-fracking/seite-2">'
                "Seite 2: Was die Banken sagen</a>"
            ),
            "https://a.example/2019/43/klima-banken-fracking/seite-2",
        ),
        (
            "https://a.example/articles/1902/22/news089.html",
            '<a href="news089_2.html">次のページへ</a><a href="news089_2.html">2</a>',
            "https://a.example/articles/1902/22/news089_2.html",
        ),
        (
            "https://a.example/news/smart-grid-2404-184627.html",
            '<a href="/news/smart-grid-2404-184627-2.html">2</a>',
            "https://a.example/news/smart-grid-2404-184627-2.html",
        ),
        (
            "https://a.example/story-of-a-bridge/12/",
            '<a href="/story-of-a-bridge/12/2/">2</a>',
            "https://a.example/story-of-a-bridge/12/2/",
        ),
        (
            "https://a.example/story-of-a-bridge?page=1",
            '<a href="?page=2">2</a>',
            "https://a.example/story-of-a-bridge?page=2",
        ),
        (
            "http://www.a.example/story-of-a-bridge",
            '<a href="https://a.example/story-of-a-bridge/2">2</a>',
            "https://a.example/story-of-a-bridge/2",
        ),
    ],
)
def test_the_next_page(url: str, link: str, expected: str) -> None:
    assert next_page(link, url) == expected


@pytest.mark.parametrize(
    ("url", "link"),
    [
        # The next post, as WordPress links it.
        (
            SLUG,
            (
                '<a rel="next" href="https://paper.example/2025/09/'
                'la-regate-d-automne/">Article suivant</a>'
            ),
        ),
        (
            "https://blog.example/archives/7/",
            '<a rel="next" href="https://blog.example/archives/8/">»</a>',
        ),
        (
            "https://blog.example/?p=1",
            '<a rel="next" href="https://blog.example/?p=2">»</a>',
        ),
        (
            "https://a.example/post-number-1",
            '<a href="https://a.example/post-number-2">Next</a>',
        ),
        ("https://a.example/article.php?id=1", '<a href="article.php?id=2">Next</a>'),
        ("https://a.example/article.php?id=1", '<a href="article.php?page=2">2</a>'),
        (
            "https://a.example/article.php?reference=77",
            '<a href="article.php?reference=78&amp;page=2">2</a>',
        ),
        # The next page of a list.
        ("https://a.example/", '<a rel="next" href="/page/2/">Older posts</a>'),
        ("https://a.example/news/", '<a rel="next" href="/news/2/">Next</a>'),
        (
            "https://a.example/category/all-the-local-news/",
            '<a rel="next" href="page/2/">Next</a>',
        ),
        ("https://a.example/2025/09/", '<a rel="next" href="/2025/09/2/">Next</a>'),
        (
            "https://a.example/author/anne-marie-du-roux/",
            '<a href="/author/anne-marie-du-roux/2/">2</a>',
        ),
        (
            SLUG,
            (
                '<div class="wp-block-query-pagination"><a class="page-numbers" '
                f'href="{SLUG}page/2/">2</a></div>'
            ),
        ),
        # The next page of the comments.
        (SLUG, f'<div id="comments"><a href="{SLUG}?page=2">2</a></div>'),
        (SLUG, f'<a href="{SLUG}comment-page-2/#comments">Older comments</a>'),
        (SLUG, f'<a href="{SLUG}2/#comments">2</a>'),
        (
            "https://a.example/forum/threads/a-bridge-too-far.123/",
            '<a href="page-2">Next</a>',
        ),
        # Another article, whose URL only begins like this one's.
        (
            "https://a.example/visite-royale-a-rome.html",
            '<a href="/visite-royale-a-rome-2.html">Visite royale : la suite</a>',
        ),
        (
            SLUG,
            '<a href="https://other.example/2025/09/le-budget-de-la-ville/2/">2</a>',
        ),
        (SLUG, f'<a href="{SLUG}2025/">2025</a><a href="{SLUG}3/">3</a>'),
        (
            SLUG,
            (
                '<a href="javascript:page(2)">2</a><a href="mailto:2@a.example">2</a>'
                '<a href="http://[2/">2</a>'
            ),
        ),
    ],
)
def test_other_links_are_not_followed(url: str, link: str) -> None:
    assert next_page(link, url) == ""


def test_the_following_pages() -> None:
    first, body = (
        f"{SLUG}?utm_source=rss",
        "".join(f'<a href="{SLUG}{n}/">{n}</a>' for n in (1, 2, 3)),
    )
    assert next_page(body, first) == f"{SLUG}2/"
    assert next_page(body, f"{SLUG}2/", first) == f"{SLUG}3/"
    assert next_page(body, f"{SLUG}3/", first) == ""
    assert (
        next_page(body, "https://paper.example/elsewhere/", first) == ""
    )  # it redirected away
    assert [
        page_number(first, url) for url in (SLUG, f"{SLUG}2/", "https://paper.example/")
    ] == [1, 2, 0]


def test_a_link_in_the_head_and_a_base() -> None:
    assert next_page("", head=f'<link rel="next" href="{SLUG}2/">') == f"{SLUG}2/"
    assert next_page("", head=f'<link rel="prefetch" href="{SLUG}2/">') == ""
    base = '<base href="https://paper.example/">'
    assert (
        next_page('<a href="2025/09/le-budget-de-la-ville/2/">2</a>', head=base)
        == f"{SLUG}2/"
    )


def test_an_extract_has_the_next_page() -> None:
    page = (
        f'<html><body><p>Le budget de la ville est voté.</p><a href="{SLUG}2/">2</a>'
        "</body></html>"
    )
    extract = read_article(page.encode(), SLUG, (), Rules(), "2025-09-06T06:12:45Z")
    assert extract.next_page == f"{SLUG}2/"


def test_hostile_links_take_little_time() -> None:
    deep = "".join("<div class=x>" for _ in range(150))
    body = deep + "".join(
        f'<a href="{SLUG}{"2" * 900}/{n}">2</a>' for n in range(20_000)
    )
    started = time.process_time()
    assert next_page(body) == ""
    assert time.process_time() - started < 5
