"""The text of an article that is only in the data of a page's scripts."""

from __future__ import annotations

import html
import json
import time
from typing import Any

import pytest

from harvester.parse.content.state_text import find_state_text
from harvester.parse.html.dom import parse_html

TITLE = "Old mill to be a museum"
URL = "https://gazette.example/2024/old-mill-museum"
LINES = [
    "The town bought the old mill by the river on Monday, and wants to make a museum of it.",
    "Its wheel has not turned since the flood of 1987, when the miller gave up his trade.",
    "Volunteers have cleaned the rooms, and a school class painted the shutters “green”.",
    "The museum is to open in June of next year, if the roof is repaired before the winter.",
]
OTHER = [
    "The ferry to the island stops at noon for the next three weeks, the company said today.",
    "Passengers are taken by bus to the harbour in the north, from where another ferry runs.",
    "The reason is a leak in the hull that divers found when they looked for a lost anchor.",
    "Nobody was hurt, but the captain had to wait for six hours until the tug boat came out.",
    "It is the third time this year that the ferry, which is forty years old, has to be mended.",
]
MARKUP = "".join(f"<p>{line}</p>" for line in LINES)
ARTICLE = {"headline": TITLE, "body": MARKUP}
RELATED = {"headline": "Ferry stops at noon", "body": "\n\n".join(OTHER)}


def found(script: str) -> list[str]:
    tree = parse_html(f"<html><body><div id='root'></div>{script}</body></html>")
    assert tree is not None
    return find_state_text(tree, TITLE, URL)


def data_script(value: Any, attributes: str = "type='application/json'") -> str:
    return f"<script {attributes}>{json.dumps(value)}</script>"


def part(line: str) -> dict[str, Any]:
    words = line.split(" ")
    half = len(words) // 2
    return {
        "type": "paragraph",
        "children": [
            {"text": " ".join(words[:half]) + " "},
            {"text": " ".join(words[half:]), "bold": True},
        ],
    }


@pytest.mark.parametrize(
    "article",
    [
        ARTICLE,
        {"title": TITLE, "content": "\n\n".join(LINES)},
        {"slug": "old-mill-museum", "blocks": [{"text": line} for line in LINES]},
        {"headline": TITLE, "body": [part(line) for line in LINES]},
        {
            "headlines": {"basic": TITLE},
            "content_elements": [
                {
                    "type": "image",
                    "caption": "The mill in May",
                    "content": "No words here",
                },
                *({"type": "text", "content": line} for line in LINES),
            ],
        },
        {
            "title": {"rendered": f"{TITLE}"},
            "content": {
                "rendered": MARKUP + "<figcaption>The mill in May</figcaption>"
            },
        },
        {
            "name": TITLE,
            "body": [
                {"_type": "block", "children": [{"_type": "span", "text": line}]}
                for line in LINES
            ],
        },
        {
            "headline": TITLE,
            "richText": {
                "nodeType": "document",
                "content": [
                    {"nodeType": "paragraph", "content": [{"value": line}]}
                    for line in LINES
                ],
            },
        },
    ],
    ids=[
        "html",
        "plain",
        "blocks",
        "slate",
        "arc",
        "wordpress",
        "portable",
        "contentful",
    ],
)
def test_bodies_of_many_shapes(article: dict[str, Any]) -> None:
    state = {"props": {"pageProps": {"related": [RELATED], "article": article}}}
    assert (
        found(data_script(state, "id='__NEXT_DATA__' type='application/json'")) == LINES
    )


ESCAPED = json.dumps(json.dumps({"page": {"story": ARTICLE}, "more": [RELATED]}))


def devalue(value: Any) -> list[Any]:
    """A value as Nuxt 3 writes it: a pool of values that refer to each other."""
    pool: list[Any] = []

    def add(one: Any) -> int:
        index = len(pool)
        pool.append(None)
        if isinstance(one, dict):
            pool[index] = {key: add(inner) for key, inner in one.items()}
        elif isinstance(one, list):
            pool[index] = [add(inner) for inner in one]
        else:
            pool[index] = one
        return index

    add(value)
    return pool


@pytest.mark.parametrize(
    "script",
    [
        f"<script>window.__PRELOADED_STATE__ = {json.dumps({'a': ARTICLE})};</script>",
        f"<script>window.__STATE__=JSON.parse({ESCAPED})</script>",
        f"<script>(window.q=window.q||[]).push({json.dumps({'d': [ARTICLE]})})</script>",
        "<script>window.__APOLLO_STATE__ = "
        + json.dumps({"Article:1": ARTICLE, "Article:2": RELATED, "ROOT": {"a": 1}})
        + "</script>",
        "<script>window.__NUXT__=(function(a,b){return {data:[{story:{title:a,body:"
        + json.dumps(MARKUP).replace("<", "\\u003C")
        + "}}],late:b}}('x',void 0))</script>",
        data_script(
            devalue({"data": {"story": ARTICLE}}),
            "id='__NUXT_DATA__' type='application/json'",
        ),
        "<script>self.__next_f.push("
        + json.dumps(
            [1, "5:" + json.dumps(["$", "div", None, {"story": ARTICLE}]) + "\n"]
        )
        + ")</script>",
        f"<div data-props='{html.escape(json.dumps({'story': ARTICLE}), quote=True)}'></div>",
    ],
    ids=[
        "assigned",
        "string",
        "pushed",
        "apollo",
        "nuxt 2",
        "nuxt 3",
        "flight",
        "attribute",
    ],
)
def test_states_of_many_frameworks(script: str) -> None:
    assert found(script) == LINES


@pytest.mark.parametrize(
    "state",
    [
        {"related": [RELATED]},
        {"slug": "ferry-stops", "content": "\n".join(OTHER)},
        {"headline": TITLE, "body": "Too short."},
        {"headline": TITLE, "image": {"caption": " ".join(LINES)}},
        {"translations": {"text": "Accept"}, "headline": TITLE},
    ],
)
def test_what_is_not_the_article_is_not_read(state: dict[str, Any]) -> None:
    assert found(data_script(state)) == []


def test_hostile_states_cost_no_more_than_they_are_long() -> None:
    for text in (
        "<script>" + "={" * 200_000 + "</script>",
        "<script>x=" + "[" * 500_000 + "</script>",
        "<script>" + 'body:"' * 100_000 + "</script>",
        "<script type='application/json'>" + '{"a":' * 50_000 + "</script>",
        data_script([{"body": [{"text": "a"}] * 100}] * 2_000),
    ):
        started = time.process_time()
        assert found(text) == []
        assert time.process_time() - started < 4
