"""Numbers with too many digits for Python, and digits that are not decimal, anywhere."""

from __future__ import annotations

import pytest

from harvester.entities import unescape
from harvester.model import Rules
from harvester.parse.article import read_article
from harvester.parse.feeds.feed import read_feed

NUMBERS = {
    "endless": "9" * 6_000,
    "long": "9" * 400,
    "superscript": "²",
    "arabic": "٩٩",
    "negative": "-" + "9" * 6_000,
}
WORDS = (
    "<p>"
    + "Le conseil municipal a voté hier soir le budget de la ville après trois heures de débat. "
    * 6
    + "</p>"
)
PAGE = """<html><head><meta property="og:title" content="Budget &amp;#{0};"><meta http-equiv="refresh" content="{0}">
<meta property="article:published_time" content="{0}-{0}-{0}T{0}:{0}"><link rel="next" href="/a?page={0}">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Le budget &#{0};", "wordCount": "{0}", "datePublished": "{0}"}}</script>
</head><body><article><h1>Le budget</h1><time datetime="{0}">{0} mai {0}</time><img src="/a.jpg" width="{0}" height="{0}">
<table><tr><td colspan="{0}">a</td></tr></table>{1}<ol start="{0}"><li value="{0}">{2}</li></ol></article></body></html>"""
RSS = """<rss version="2.0"><channel><title>Journal &amp;#{0};</title><ttl>{0}</ttl><item><title>Le pont &amp;#{0}; &#{0};</title>
<link>https://paper.example/1</link><description>&lt;p&gt;Le pont &amp;#{0};</description><pubDate>{0} Jan {0} {0}:00</pubDate>
<enclosure url="/a" length="{0}"/></item></channel></rss>"""


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_a_page_is_read_whatever_its_numbers_are(number: str) -> None:
    body = PAGE.format(number, WORDS, "Le pont ferme. " * 9)
    extract = read_article(
        body.encode(), "https://paper.example/a", (), Rules(), "2026-01-01T00:00:00Z"
    )
    assert "après trois heures de débat" in extract.text
    assert extract.published is None


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_a_feed_is_read_whatever_its_numbers_are(number: str) -> None:
    feed = read_feed(RSS.format(number).encode(), "", "https://paper.example/feed")
    assert [entry.url for entry in feed.entries] == ["https://paper.example/1"]
    assert feed.entries[0].title.startswith("Le pont")
    assert feed.entries[0].published is None


def test_an_endless_character_reference_gives_a_replacement_character() -> None:
    assert (
        unescape(f"a &#{'9' * 5_000}; b &amp; &#65; &#{'0' * 50}65;")
        == "a \ufffd b & A A"
    )
