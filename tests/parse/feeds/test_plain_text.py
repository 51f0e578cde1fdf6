"""Escaped CDATA sections, titles, and plain texts as HTML."""

from __future__ import annotations

import time

import pytest

from harvester.parse.feeds.plain_text import (
    plain_to_text,
    text_to_html,
    title_to_text,
    unescape_markup,
    unwrap_cdata,
)


@pytest.mark.parametrize(
    ("text", "unwrapped"),
    [
        ("<![CDATA[Rain at last]]>", "Rain at last"),
        ("\n <![CDATA[ Rain at last ]]>\n", "Rain at last"),
        ("&lt;![CDATA[Rain at last]]&gt;", "Rain at last"),
        ("&amp;lt;![CDATA[Rain at last]]&amp;gt;", "Rain at last"),
        ("&lt;![CDATA[Rain &amp; wind]]>", "Rain &amp; wind"),
        ("<![CDATA[Rain]]><![CDATA[ at last]]>", "Rain at last"),
        ("<![CDATA[<![CDATA[Rain at last]]>]]>", "Rain at last"),
        ("<![CDATA[Rain at la", "Rain at la"),
        ("<p><![CDATA[Rain]]> at last</p>", "<p>Rain at last</p>"),
        ("Weather: <![CDATA[Rain at last]]>", "Weather: Rain at last"),
        # What only speaks of them stays.
        ("What <![CDATA[ means", "What <![CDATA[ means"),
        ("rows[columns[0]]>1", "rows[columns[0]]>1"),
        ("<pre>&lt;![CDATA[x]]&gt;</pre>", "<pre>&lt;![CDATA[x]]&gt;</pre>"),
        ("", ""),
    ],
)
def test_escaped_cdata(text: str, unwrapped: str) -> None:
    assert unwrap_cdata(text) == unwrapped


@pytest.mark.parametrize(
    ("stated", "is_markup", "title"),
    [
        # RFC 4287, 3.1.1.1: text is text.
        ("&lt;b&gt; in templates", False, "&lt;b&gt; in templates"),
        ("<b> in templates", False, "<b> in templates"),
        ("<b>Rain</b> at last", False, "<b>Rain</b> at last"),
        ("Q&amp;A", False, "Q&amp;A"),
        (" Rain\n at  last ", False, "Rain at last"),
        # RFC 4287, 3.1.1.2: HTML.
        ("<b>Rain</b> at last", True, "Rain at last"),
        ("<b>Rain at last", True, "Rain at last"),
        ("&lt;b&gt; in templates", True, "<b> in templates"),
        ("Rain<br>at last", True, "Rain at last"),
        ("Q&amp;A", True, "Q&A"),
        # Nothing stated: markup is what is complete.
        ("<b>Rain</b> at last", None, "Rain at last"),
        ("<p>Rain at last", None, "Rain at last"),
        ("Rain<br/>at last", None, "Rain at last"),
        ("Rain <img src='x.png'> at last", None, "Rain at last"),
        ("<a href='/rain'>Rain at last", None, "Rain at last"),
        ("<b> in templates", None, "<b> in templates"),
        ("Map<Key> and List<Item>", None, "Map<Key> and List<Item>"),
        ("&lt;b&gt; in templates", None, "<b> in templates"),
        ("&lt;b&gt;Rain&lt;/b&gt; at last", None, "Rain at last"),
        ("Q&amp;amp;A &amp;#8211; all", None, "Q&A – all"),
        ("3 < 4 > 2", None, "3 < 4 > 2"),
        ("</rain>", None, "</rain>"),
        ("", None, ""),
    ],
)
def test_titles(stated: str, is_markup: bool | None, title: str) -> None:
    assert title_to_text(stated, is_markup) == title


def test_plain_texts() -> None:
    assert plain_to_text("x < y and\n y > z", 100) == "x < y and y > z"
    assert plain_to_text("<p>Rain &amp; wind</p>", 100) == "Rain & wind"
    assert plain_to_text("Rain " * 100, 10) == "Rain Rain…"


def test_markup_that_was_escaped_once_too_often() -> None:
    assert unescape_markup("&lt;p&gt;A &amp;amp; b&lt;/p&gt;") == "<p>A &amp; b</p>"
    for right in ("<p>&lt;b&gt;</p>", "1 &lt; 2", "A &amp; b", "&lt;tag&gt;", ""):
        assert unescape_markup(right) == right


def test_plain_texts_become_paragraphs() -> None:
    assert text_to_html("a < b & c\nd\r\n\r\n \n e \n\n") == (
        "<p>a &lt; b &amp; c<br>d</p>\n<p>e</p>"
    )
    assert text_to_html(" \n\n ") == ""


@pytest.mark.parametrize(
    "flood",
    [
        "<",
        "<a ",
        "<br",
        "</a",
        "&amp;",
        "<![CDATA[",
        "]]>",
        "<p>",
        "\r\n",
        " \n",
        "<!--",
    ],
)
def test_floods_take_no_time(flood: str) -> None:
    text = flood * 100_000
    started = time.process_time()
    for is_markup in (None, True, False):
        title_to_text(text, is_markup)
    plain_to_text(text[:20_000], 5_000)
    unwrap_cdata(text)
    unwrap_cdata("<![CDATA[" + text)
    text_to_html(text)
    assert time.process_time() - started < 2
