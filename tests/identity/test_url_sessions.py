"""What in a URL is of one visit, and what is the page's own."""

from __future__ import annotations

import pytest

from harvester.identity.url_sessions import (
    differ_only_in_visit,
    differing_parameters,
    has_visit,
    without_visit,
)
from harvester.identity.urls import article_key, normalise_url

HEX = "2a90a29b9fa5ff5180bc0dbc0e15637e"
OTHER_HEX = "f89a50f8a8e9bb8bdb5eba456bf92d5d"


@pytest.mark.parametrize(
    ("path", "other_path", "page"),
    [
        ("/s/8f3a1c/article", "/s/77c0de/article", "/article"),
        (f"/s/{HEX}/budget", f"/s/{OTHER_HEX}/budget", "/budget"),
        (
            f"/session/{HEX}/news/budget.html",
            f"/session/{OTHER_HEX}/news/budget.html",
            "/news/budget.html",
        ),
        (f"/{HEX}/news/budget", f"/{OTHER_HEX}/news/budget", "/news/budget"),
        (f"/news/sess-{HEX}/budget", f"/news/sess-{OTHER_HEX}/budget", "/news/budget"),
        (
            f"/n.php?id=7&sid={HEX}&token=a4acdd7f9f",
            f"/n.php?id=7&sid={OTHER_HEX}&token=0b53cc1d2e",
            "/n.php?id=7",
        ),
        (
            "/n.php?id=7&sid=36252768&token=142362462",
            "/n.php?id=7&sid=43582464&token=589266673",
            "/n.php?id=7",
        ),
        ("/budget?t=1733126098", "/budget?t=1733178258", "/budget"),
        ("/budget?x=1733126098123", "/budget?x=1733178258456", "/budget"),
        ("/budget?r=0.837263", "/budget?r=0.192837", "/budget"),
        ("/budget?visitor=Ab34xQ9z81kL", "/budget?visitor=Zz81kLm2Qx7P", "/budget"),
    ],
)
def test_what_is_of_a_visit(path: str, other_path: str, page: str) -> None:
    url, other = (f"https://paper.example{one}" for one in (path, other_path))
    assert without_visit(url) == f"https://paper.example{page}"
    assert has_visit(url) and differ_only_in_visit(url, other)


@pytest.mark.parametrize(
    "path",
    [
        f"/articles/{HEX}",  # the last segment names the page
        f"/articles/{HEX}/",
        "/2024/03/12/the-budget-of-2024-and-2025-for-3-towns/comments",
        "/covid-19-live-2021-12-03-updates/page",
        "/s/budget/article",
        "/article.php?sid=1234",
        "/viewtopic.php?t=1234",
        f"/show?article={HEX}",
        f"/show?id={HEX}",
        "/watch?v=dQw4w9WgXcQ",
        "/search?q=budget2024town",
        "/page?version=3",
    ],
)
def test_what_names_the_page(path: str) -> None:
    assert not has_visit(f"https://paper.example{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/(S(lit3py55t21z5v55vlm25s55))/news/budget.aspx",
        "/(X(1)S(lit3py55t21z5v55vlm25s55)F(AAA-_1))/news/budget.aspx",
        "/news/(S(abc))/budget.aspx",
        "/news/budget.aspx;jsessionid=1A2B?utm_source=x",
        "/news/budget.aspx?cachebuster=1234&nocache=1&_ga=2",
    ],
)
def test_what_is_of_a_visit_for_certain_is_in_no_key(path: str) -> None:
    url = f"https://paper.example{path}"
    assert normalise_url(url) == "https://paper.example/news/budget.aspx"
    assert article_key(url) == article_key("https://paper.example/news/budget.aspx")


def test_other_brackets_stay() -> None:
    for path in ("/wiki/Marlow_(town)", "/news/(S(abc)", "/a(S(b))c/d"):
        assert normalise_url(f"https://paper.example{path}").endswith(path)


def test_parameters_with_other_values() -> None:
    base = "https://paper.example/n?id=7"
    assert differing_parameters(f"{base}&x=1", f"{base}&x=22") == {"x"}
    assert differing_parameters(f"{base}&x=1&y=2", f"{base}&y=3&x=4") == {"x", "y"}
    assert not differing_parameters(f"{base}&x=1", f"{base}&x=1")
    assert not differing_parameters(f"{base}&x=1", f"{base}&y=1")
    assert not differing_parameters(f"{base}&x=1", "https://paper.example/m?id=7&x=2")
