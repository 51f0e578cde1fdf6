"""What a page is about, and whose it is, as numbers of its blocks."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.parse.content.context import TreeIndex
from harvester.parse.content.families import (
    TEXT_FAMILIES,
    TEXT_WORD_BITS,
    families_of_phrases,
)
from harvester.parse.content.features import FEATURE_NAMES
from harvester.parse.content.page_blocks import split_into_blocks
from harvester.parse.content.subject import (
    MAX_TERMS,
    SUBJECT_FEATURES,
    subject_features,
)
from harvester.parse.html.dom import parse_html

BRIDGE = (
    "The bridge across the estuary was closed yesterday, because engineers found "
    "cracks below its northern carriageway."
)
APPEAL = (
    "Want to hear more from us? You can call our office, write to "
    "news@quayside.example, or join thousands of happy customers of Quayside Post!"
)


def columns_of(
    body: str, title: str = "", description: str = "", url: str = ""
) -> dict[str, Any]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    page = split_into_blocks(tree)
    columns = subject_features(TreeIndex.from_page(page), title, description, url)
    return {
        name: [float(column)] * len(page.blocks)
        if isinstance(column, float)
        else list(column)
        for name, column in zip(SUBJECT_FEATURES, columns, strict=True)
    }


def test_which_element_has_the_words_of_the_headline() -> None:
    title = "Bridge closed because of cracks"
    columns = columns_of(
        f"<main><h1>{title}</h1><section><p>{BRIDGE}</p><p>A second one.</p></section>"
        f"</main><aside><p>{APPEAL}</p></aside>",
        title=title,
        description="Engineers found cracks below the carriageway.",
    )
    assert columns["headline_words"] == [4, 4, 0, 0]
    assert columns["headline_own"] == [0, 1, 0, 0]  # the headline does not count
    assert columns["headline_parent"] == [1, 1, 1, 0]
    assert columns["headline_grand"] == [1, 1, 1, 1]
    assert columns["of_description"][0] == pytest.approx(1 / 5)  # cracks
    assert columns["of_description"][1:] == [1, 0, 0]


def test_without_a_headline_and_a_description() -> None:
    columns = columns_of(f"<p>{BRIDGE}</p><p>{APPEAL}</p>")
    for name in SUBJECT_FEATURES[:5]:
        assert columns[name] == [0, 0], name
    columns = columns_of(f"<p>{BRIDGE}</p>", description="The estuary and its bridge")
    assert columns["headline_grand"] == [0] and columns["of_description"] == [1]
    long = " ".join(f"word{number}" for number in range(3 * MAX_TERMS))
    assert columns_of(f"<p>{long}</p>", long)["headline_words"] == [MAX_TERMS]


def test_pairs_of_characters_are_words_where_there_are_no_spaces() -> None:
    columns = columns_of(
        "<p>昨天早上大桥关闭了。</p><p>版权所有不得转载</p>", title="大桥关闭"
    )
    assert columns["headline_words"] == [3, 0]


@pytest.mark.parametrize(
    ("url", "counts"),
    [
        ("https://www.quayside-post.example/a", [0, 1]),
        ("https://news.quayside.example/a", [0, 2]),
        ("https://abc.example/a", [-1, -1]),  # too short to tell
        ("", [-1, -1]),
        ("nonsense", [-1, -1]),
    ],
)
def test_how_often_a_block_names_the_site(url: str, counts: list[int]) -> None:
    columns = columns_of(f"<p>{BRIDGE}</p><p>{APPEAL}</p>", url=url)
    assert columns["names_site"] == counts


def test_links_and_images_around_a_block() -> None:
    columns = columns_of(
        "<div><section><img src=a><p>“No”, he said in 2011 and 2012</p></section>"
        "<p><a href=/a>One</a> and <a href=/b>two words more</a></p><img src=b></div>"
    )
    assert columns["link_words"] == [0, 3]
    assert columns["images_parent"] == [1, 2]
    assert columns["images_grand"] == [2, 2]


def test_the_model_has_the_columns() -> None:
    assert FEATURE_NAMES[-len(SUBJECT_FEATURES) :] == SUBJECT_FEATURES


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("комментарии", "comment"),
        ("Udostępnij", "share"),
        ("Διαβάστε περισσότερα", "read"),
        ("Фото агентство", "photo"),
        ("Nieuwsbrief", "subscribe"),
    ],
)
def test_words_of_more_languages(line: str, family: str) -> None:
    bits = [TEXT_WORD_BITS.get(word, 0) for word in line.lower().split()]
    assert any(one & 1 << TEXT_FAMILIES.index(family) for one in bits)


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("责任编辑：王小明", "author"),
        ("相关新闻", "read"),
        ("関連記事", "read"),
        ("網友留言", "comment"),
        ("관련기사 더보기", "read"),
        ("無断転載を禁じます", "rights"),
    ],
)
def test_phrases_of_languages_without_spaces(line: str, family: str) -> None:
    families, count = families_of_phrases(line)
    assert families & 1 << TEXT_FAMILIES.index(family) and count
    assert families_of_phrases("大桥昨天关闭了") == (
        families_of_phrases("昨天")[0],
        1,
    )
