"""Which JSON-LD object is this page's article, and which another page's."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import jsonld
from harvester.parse.metadata.jsonld import PageFacts, find_article, find_page

URL = "https://paper.example/news/dike?id=7"
HEADLINE = "Dike breached at dawn"
PAGE = PageFacts(
    urls=("", URL), titles=(f"{HEADLINE} | The Paper",), days=("2025-09-06", "")
)


def article(headline: str = HEADLINE, **fields: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "headline": headline, **fields}


OTHER = article("Bakers on strike again", url="https://paper.example/news/bakers")
TEASER = article("Bakers on strike again", datePublished="2021-01-05")
OWN = article(author="Anne Roux")


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "ItemList", "itemListElement": list(items)}


def found(*objects: dict[str, Any], page: PageFacts = PAGE) -> dict[str, Any]:
    tree = parse_html(
        "".join(
            f"<script type='application/ld+json'>{json.dumps(node)}</script>"
            for node in objects
        )
    )
    assert tree is not None
    return find_article(jsonld.parse_objects(tree.iter("script")), page)


@pytest.mark.parametrize(
    "objects",
    [
        (listed(TEASER), OWN),
        (OTHER, OWN),
        (TEASER, OWN),
        ({"@graph": [listed(OTHER, TEASER), OWN]},),
        (listed({"@type": "ListItem", "position": 1, "item": TEASER}), OWN),
        (listed(TEASER, {**OWN, "url": URL}),),  # its own place in the list
        (listed({"@type": "ListItem", "item": {**OWN, "url": URL}}, OTHER),),
    ],
)
def test_the_article_of_the_page_among_others(objects: tuple[Any, ...]) -> None:
    assert found(*objects)["author"] == "Anne Roux"


@pytest.mark.parametrize(
    "objects",
    [
        (listed(TEASER),),
        (listed({"@type": "ListItem", "item": OTHER}),),
        (OTHER,),
        # the same script, another article
        (
            article(
                "Bakers on strike again", url="https://paper.example/news/dike?id=8"
            ),
        ),
        (article("Bakers on strike again", mainEntityOfPage={"@id": "/news/bakers"}),),
        (TEASER,),  # contradicts headline and day
        (listed({**TEASER, "headline": ""}),),
        ({"@type": "WebSite", "name": HEADLINE},),
    ],
)
def test_an_article_of_another_page_is_not_taken(objects: tuple[Any, ...]) -> None:
    assert found(*objects) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"headline": "Water over the fields", "url": URL},  # written for search engines
        {"headline": "Water over the fields", "@id": f"{URL}#article"},
        {
            "headline": "Water over the fields",
            "url": "https://paper.example/news/dike/amp",
        },
        {
            "headline": "Water over the fields",
            "mainEntityOfPage": "https://paper.example/",
        },
        {"headline": "Water over the fields", "datePublished": "2025-09-05T23:00:00Z"},
        {"headline": "Water over the fields"},  # no day to contradict
        {"url": "https://paper.example/2025/09/a-short-link"},  # the same headline
        {"headline": "", "url": "https://paper.example/2025/09/a-short-link"},
        {"headline": "DIKE BREACHED: at dawn!"},
    ],
)
def test_what_may_be_the_article_of_the_page_is_taken(fields: dict[str, Any]) -> None:
    assert found({**OWN, **fields})["author"] == "Anne Roux"


def test_a_page_that_says_nothing_else_takes_the_first_with_a_headline() -> None:
    page = PageFacts(urls=("",))
    assert found(article("", author="Jean Petit"), OWN, page=page) == OWN


def test_titles_without_spaces() -> None:
    page = PageFacts(
        urls=(URL,), titles=("黎明时分堤坝决口_海湾网",), days=("2025-09-06",)
    )
    own = article("黎明时分堤坝决口", author="王小明")
    teaser = article("面包师再次罢工", datePublished="2021-01-05")
    assert found(teaser, own, page=page) == own
    assert found(teaser, page=page) == {}


def test_several_values_in_one_script() -> None:
    tree = parse_html(
        "<script type='application/ld+json'>"
        f'{{"@type":"WebSite"}}{json.dumps(OWN)}</script>'
    )
    assert tree is not None
    objects = jsonld.parse_objects(tree.iter("script"))
    assert [node["@type"] for node in objects] == ["WebSite", "NewsArticle"]


def test_an_organisation_with_an_and_in_its_name_is_one_name() -> None:
    organisation = {"@type": "Organization", "name": "Roux & Petit"}
    assert jsonld.get_authors(organisation) == ((), ("Roux & Petit",))
    assert jsonld.get_authors("Anne Roux & Jean Petit") == (
        ("Anne Roux", "Jean Petit"),
        (),
    )


@pytest.mark.parametrize(
    "author",
    [
        {"givenName": "Anne", "familyName": "Roux"},
        {
            "name": "https://paper.example/anne",
            "givenName": "Anne",
            "familyName": "Roux",
        },
    ],
)
def test_given_and_family_name(author: dict[str, str]) -> None:
    assert jsonld.get_authors(author)[0] == ("Anne Roux",)


def web_page(**fields: Any) -> dict[str, Any]:
    return {"@type": "WebPage", "author": {"name": "Anne Roux"}, **fields}


@pytest.mark.parametrize(
    ("node", "is_own"),
    [
        (web_page(url=URL), True),
        (web_page(name=f"{HEADLINE} | The Paper"), True),
        (web_page(), False),
        (web_page(url="https://paper.example/news/bakers", name=HEADLINE), False),
        (web_page(url=URL, name="Bakers on strike again"), False),
        ({"@type": "Product", "url": URL}, False),
    ],
)
def test_the_object_of_a_page_that_is_no_article(
    node: dict[str, Any], is_own: bool
) -> None:
    assert find_page([node], PAGE) == (node if is_own else {})


def test_the_names_of_times_in_any_case() -> None:
    assert jsonld.get_time({"DatePublished": "2025-09-06"}, "datePublished") == (
        "2025-09-06"
    )


def test_a_page_of_articles_takes_little_time() -> None:
    block = json.dumps([article(f"a {number}") for number in range(500)])
    tree = parse_html(f"<script type='application/ld+json'>{block}</script>" * 200)
    assert tree is not None
    objects = jsonld.parse_objects(tree.iter("script"))
    page = PageFacts(urls=(URL,), titles=("words " * 200,) * 20)
    started = time.process_time()
    find_article(objects, page)
    assert time.process_time() - started < 2
