"""Inputs of each kind by a grammar: its tokens in any order, with common mistakes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.fuzzing import mutations, seeds

TEXTS = (
    "The council voted on the bridge. ", "x", "&amp;", "6 September 2025", "By Anne Roux",
    "<!-- c -->", "\n", "\0", "é", "Read more", "] ]>", "&#8217;", "Subscribe to read. ",
    "12:30 ", "橋", "a@a.example (Anne)", "2025-09-06T08:12:45Z", "https://a.example/x?a=1&b=2",
)  # fmt: skip
ELEMENTS = (
    "p", "div class='byline author'", "div", "span", "article", "h1", "h2", "ul", "li", "table",
    "tr", "td", "a href=/x", "a rel=author href=/authors/x", "b", "br",
    "time datetime=2025-09-06", "figure", "figcaption", "img src=x.jpg width=0",
    "section class=live-post", "script", "style", "svg", "title", "body", "html", "head",
    "form", "input type=password", "aside", "nav", "footer", "blockquote", "pre",
    "meta property=og:title content=x", "link rel=next href=?page=2", "noscript", "template",
    "iframe", "option", "frameset", "base href=/b/", "math", "o:p", "amp-img", "button",
)  # fmt: skip
FEED_ELEMENTS = (
    "item", "entry", "title", "link", "link href='/x' rel='alternate'",
    "guid isPermaLink='true'", "description", "content:encoded", "pubDate", "updated", "author",
    "name", "dc:creator", "category term='a'", "media:group", "media:content url='/x'",
    "enclosure url='/x'", "id", "source", "image", "textinput", "content type='xhtml'",
    "summary type='html'", "div xmlns='http://www.w3.org/1999/xhtml'", "x:y", "channel",
    "a xml:base='b/'", "georss:where", "itunes:owner", "psc:chapter start='1'", "cloud",
    "generator uri='x'", "contributor", "media:rating", "gml:Point srsDimension='9'",
    "dcterms:modified", "cc:license rdf:resource='x'", "language", "podcast:person",
)  # fmt: skip
LD_KEYS = (
    "@type", "@graph", "@id", "@context", "headline", "author", "name", "datePublished",
    "dateModified", "mainEntityOfPage", "mainEntity", "hasPart", "itemListElement", "image",
    "url", "publisher", "keywords", "articleSection", "wordCount", "isAccessibleForFree",
    "cssSelector", "liveBlogUpdate", "articleBody", "inLanguage", "caption", "description",
    "@value", "coverageStartTime",
)  # fmt: skip
JSON_KEYS = (
    "version", "title", "items", "id", "url", "external_url", "content_html", "content_text",
    "authors", "author", "name", "date_published", "tags", "home_page_url", "summary",
    "language", "feed_url",
)  # fmt: skip
QUERY = (
    "a", "b*", "AND", "OR", "NOT", "-", "(", ")", '"', "“", "l'église", "NEAR", "^a", "a:b",
    "10:30", "*", "橋", "--", "'", "\0", "\u0301", "{", "}", "+", ",", "\ud800", "title:x", "🏳",
)  # fmt: skip
DATE = (
    "2025", "09", "6", "Sep", "September", "Samstag,", "T", ":", "-", "/", ".", "+02:00", "Z",
    "GMT", "PM", "h", "年", "月", "日", "下午", "12", "99", "0", "10000", " ", ",", "1757139165",
    "W36", "²", "٣", "24", "60", "uhr", "th", "à", "ET", "-0000", "+24:00",
)  # fmt: skip
SELECTOR = (
    "div", ".a", "#b", " ", ">", "~", "+", ",", "*", "[a=b]", "[a", "]", ":not(", ")",
    ":nth-child(2n+1)", ":has(", "::before", "\\31", "'", '"', "|", ":is(p)", ":contains('x')",
    ":lang(fr)", ":scope", "@", "é", "9", ":nth-last-of-type(n of p)", "!",
)  # fmt: skip
ADDRESS = (
    "http://", "https://", "//", "/", "courier.example", ":", "@", "?", "#", "&", "=", "%",
    "..", ".", "[", "]", "::1", "80", "xn--", "é", "%2e", "\t", " ", "utm_source=x", "amp", ";",
    "\\", "ｅ", "127.1", "feed:", "a" * 70, "\ud800", "!", "\u200d", "65536", "İ",
)  # fmt: skip


def ld(rng: Random) -> bytes:
    text = mutations.json_value(rng, LD_KEYS)
    if rng.random() < 0.5:
        text = (
            f'{{"@type":"NewsArticle","headline":"x",'
            f'"{rng.choice(LD_KEYS)}":{text},'
            f'"{rng.choice(LD_KEYS)}":{mutations.json_value(rng, LD_KEYS)}}}'
        )
    return (
        f"<html><head><script type='application/ld+json'>{text}</script>"
        f"</head><body><p>{seeds.PROSE[0]}"
    ).encode()


def json_feed(rng: Random) -> bytes:
    items = ",".join(mutations.json_value(rng, JSON_KEYS, 2) for _ in range(3))
    return (
        f'{{"version":"https://jsonfeed.org/version/1.1",'
        f'"{rng.choice(JSON_KEYS)}":{mutations.json_value(rng, JSON_KEYS)},"items":[{items}]}}'
    ).encode()


def xml_feed(rng: Random) -> bytes:
    root = rng.choice(
        (
            "<rss version='2.0'><channel>",
            "<feed xmlns='http://www.w3.org/2005/Atom'>",
            "<rdf:RDF xmlns='http://purl.org/rss/1.0/'>",
            "<rss>",
        )
    )
    return root.encode() + mutations.document(
        rng, FEED_ELEMENTS, (*TEXTS, "<![CDATA[<p>x</p>]]>")
    )


def sitemap(rng: Random) -> bytes:
    return b"<urlset>" + mutations.document(
        rng,
        (
            "url",
            "loc",
            "lastmod",
            "news:news",
            "news:title",
            "sitemap",
            "keywords",
            "image:loc",
            "urlset",
        ),
        TEXTS,
    )


def settings(rng: Random) -> bytes:
    tokens = (
        "[", "]", "a", "outlets", ".", "=", '"x"', "'y'", "1", "{", "}", ",", "\n", "feeds",
        "#", '"""', "crawl", "delay", "true", "2024-05-01", "[[", "]]", "rules", "remove",
        "inf", "0x1", "\\", "é", "limits", "'10 MB'", "['http://a/']",
    )  # fmt: skip
    return mutations.words(rng, tokens, 60)


def words(tokens: tuple[str, ...], maximum: int = 12) -> Callable[[Random], bytes]:
    return lambda rng: mutations.words(rng, tokens, maximum)


def wordings(rng: Random) -> bytes:
    one = mutations.mutated(rng, seeds.WORDINGS)
    return (
        one.replace(b"\0", b"")[:60_000]
        + b"\0"
        + mutations.mutated(rng, (one[:60_000], *seeds.WORDINGS))
    )


def markup(rng: Random) -> bytes:
    return mutations.document(rng, ELEMENTS, TEXTS)
