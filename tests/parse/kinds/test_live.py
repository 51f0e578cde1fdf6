"""Live blogs: all posts are text, in the order of the page."""

from __future__ import annotations

import json

from harvester.model import Extract, Rules
from harvester.parse.article import read_article

URL = "https://gazette.example/sport/live-blog/regatta-day-two"
AT = "2024-06-02T18:00:00Z"
INTRO = (
    "The second day of the regatta brought wind from the north and two protests, "
    "and the old club leads by a length before the last race of the day."
)
POSTS = [
    (
        f"2024-06-02T{17 - number}:0{number}:00Z",
        f"Race number {17 - number} is over",
        (
            f"Boat {number + 3} crossed the line first, while the crew from the lake "
            f"district came in {number + 2} minutes later with a torn sail."
        ),
    )
    for number in range(8)
]


def element(at: str, title: str, body: str) -> str:
    return (
        f"<article class='liveblog-post' data-url='/sport/live-blog/post-{at[11:13]}'>"
        f"<time datetime='{at}'>{at[11:16]}</time><h3>{title}</h3><p>{body}</p>"
        "<p class='share'>Share this post with all of your friends</p></article>"
    )


def statement(at: str, title: str, body: str) -> dict[str, str]:
    return {
        "@type": "BlogPosting",
        "datePublished": at,
        "headline": title,
        "articleBody": body,
    }


def read(posts_on_page: int, posts_stated: int) -> Extract:
    data = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        "headline": "Regatta, day two",
        "coverageStartTime": "2024-06-02T08:00:00Z",
        "liveBlogUpdate": [statement(*post) for post in POSTS[:posts_stated]],
    }
    page = (
        "<html lang='en'><head><title>Regatta, day two</title>"
        f"<script type='application/ld+json'>{json.dumps(data)}</script></head><body>"
        f"<main><h1>Regatta, day two</h1><p>{INTRO}</p>"
        + "".join(element(*post) for post in POSTS[:posts_on_page])
        + "</main><footer><p>All rights reserved</p></footer></body></html>"
    )
    return read_article(page.encode(), URL, (), Rules(), AT)


def expected(count: int) -> list[str]:
    return [
        INTRO,
        *(line for _, title, body in POSTS[:count] for line in (title, body)),
    ]


def test_all_posts_are_text_in_the_order_of_the_page() -> None:
    extract = read(posts_on_page=8, posts_stated=0)
    assert extract.kind == "live"
    assert extract.text.split("\n") == expected(8)
    assert [post.at for post in extract.parts] == [at for at, *_ in POSTS]


def test_posts_that_only_the_metadata_has_follow() -> None:
    extract = read(posts_on_page=5, posts_stated=8)
    assert extract.text.split("\n") == expected(8)
    assert [post.title for post in extract.parts] == [title for _, title, _ in POSTS]
