"""Inputs as large as the limits allow, each with one kind of trouble.

Floods of one element, deep nests, runs of one character, floods of attributes, and
structures that grow when they are read. ``size`` is that of a page in bytes; feeds are
twice as large.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

from benchmarks.fuzzing.seeds import PARAGRAPHS, PROSE, RSS

HEAD = (
    b"<!doctype html><html lang=en><head><title>The old bridge "
    b"closes</title></head><body><article><h1>The old bridge closes</h1>"
)
TAIL = PARAGRAPHS.encode() + b"</article></body></html>"
FLOODS = (
    "br", "p", "div", "span", "a href=/x", "a rel=author href=/authors/x", "b", "td", "table",
    "tr><td", "li", "ul><li", "h1", "h2", "time datetime=2025-09-06", "img src=a.jpg", "figure",
    "figcaption", "article", "section class=live-post", "meta property=og:title content=x",
    "meta name=author content='By A B'", "link rel=alternate type=application/rss+xml href=/f",
    "script type=application/ld+json", "script", "style", "input type=password", "option",
    "svg", "title", "base href=/b", "font", "blockquote", "nav", "pre", "object", "noscript",
    "template", "iframe", "q", "div itemprop=author", "div class='byline author date'", "!----",
    "?x", "p class=caption", "form", "select", "textarea", "area", "center", "dl><dt",
    "ruby><rt", "x-y", "a:b", "frameset", "header", "aside class=related",
)  # fmt: skip
TEXTS = (
    b"9", b"a", b"a ", b". ", b"- ", b"A. ", b"1/", b"12:", b"6 September ", b"(", b"&amp;",
    b"&#0;", b"&", b"<", b">", b"\n", b"\xc2\xa0", b"\xe6\xa9\x8b", b"\xcc\x81", b"a@a.",
    b"by ", b"By A ", b"...", b"\xe2\x80\xa6", b"Read more ", b"cookies ", b"http://a.b/",
    b"| ", b" - ", b"&nbsp;", b"\"", b"'", b"Correction: ", b"<!--", b"<![CDATA[", b"</p>",
    b"</", b"\0", b"\xff", b"\xed\xa0\x80", b"AFP ", b"et ", b"[", b"\\", b"=", b"2025-09-06 ",
    b"Subscribe now ", b"\xe2\x80\xae", b"page not ", b"is not ", b"Mr. ", b"M", b"1 ", b"a\n",
    b"/2025/", b"\xef\xbc\xa1",
)  # fmt: skip
FEED_HEAD = (
    b'<?xml version="1.0"?><rss version="2.0" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    b'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title><link>'
    b"http://a.example/</link>"
)
FEED_TAIL = b"</channel></rss>"
FEED_FLOODS = (
    b"<item>", b"<item/>", b"<item><title>x</title></item>", b"<entry>", b"<a>", b"<a/>",
    b"<category>x</category>", b"<link>http://a.example/</link>", b"<author>a@a (b)</author>",
    b"<title>x</title>", b"<description>x</description>", b"<media:content url='x'/>",
    b"<media:group>", b"<dc:date>2025-09-06</dc:date>", b"<pubDate>x</pubDate>",
    b"<guid>x</guid>", b"<enclosure url='x'/>", b"<!-- x -->", b"<!--", b"<![CDATA[x]]>",
    b"<![CDATA[", b"]]>", b"<?x?>", b"&amp;", b"&x;", b"&#0;", b"&", b"<", b">", b"<x:y>",
    b"<x:y/>", b"<image><url>x</url></image>", b"<source url='x'>", b"<content:encoded>",
    b"<textinput>", b"<itunes:category text='x'/>", b"<x xmlns='urn:y'>", b"<x xml:base='a/'>",
    b"<p>x", b"</x>", b"\0", b"\xff", b"<cloud/>", b"<contributor>",
    b"<georss:point>1 2</georss:point>", b"<media:credit>x</media:credit>",
    b"<media:title>x</media:title>", b"<item xmlns:a='b'><title>t", b"<rss>", b"<channel>",
)  # fmt: skip


def _fill(one: bytes, size: int) -> bytes:
    return one * max(1, size // len(one))


def pages(size: int) -> Iterator[tuple[str, bytes]]:
    for name in FLOODS:
        tag = name.split(" ")[0].split(">")[0]
        for what, one in (
            ("open", f"<{name}>"),
            ("texts", f"<{name}>x"),
            ("closed", f"<{name}>x y z.</{tag}>"),
            ("prose", f"<{name}>{PROSE[0]}</{tag}>"),
        ):
            if what == "prose" and name.split(" ")[0] not in (
                "p",
                "div",
                "li",
                "td",
                "span",
                "br",
                "h2",
                "title",
                "time",
                "script",
                "div",
                "blockquote",
                "option",
                "meta",
            ):
                continue
            yield f"{what} {name}", HEAD + _fill(one.encode(), size) + TAIL
    for text in TEXTS:
        yield f"text {text!r}", HEAD + b"<p>" + _fill(text, size) + TAIL
    for text in TEXTS[::4]:
        yield (
            f"title {text!r}",
            HEAD.replace(b"The old", _fill(text, size // 2), 1) + TAIL,
        )
        yield (
            f"attribute {text!r}",
            HEAD
            + b"<div class='"
            + _fill(text, size // 2).replace(b"'", b"")
            + b"'><time>"
            + TAIL,
        )
        yield (
            f"meta {text!r}",
            b"<meta name=author content='"
            + _fill(text, size).replace(b"'", b"")
            + b"'>"
            + HEAD
            + TAIL,
        )
    yield (
        "attributes",
        HEAD
        + b"<div "
        + b" ".join(b"a%d=1" % n for n in range(size // 10))
        + b">"
        + TAIL,
    )
    yield (
        "namespaces",
        HEAD
        + b"<div "
        + b" ".join(b"xmlns:a%d='b'" % n for n in range(size // 16))
        + b">"
        + TAIL,
    )
    yield (
        "classes",
        HEAD
        + b"".join(b"<p class='a%d author'>x" % n for n in range(size // 24))
        + TAIL,
    )
    yield (
        "ids",
        HEAD
        + b"".join(b"<p id=i%d-%d>Words %d." % (n, n * 7, n) for n in range(size // 26))
        + TAIL,
    )
    yield (
        "links",
        HEAD
        + b"".join(b"<a href=/%d>x%d</a> " % (n, n) for n in range(size // 26))
        + TAIL,
    )
    yield "cells", HEAD + b"<table>" + _fill(b"<tr><td>a<td>b", size) + TAIL
    yield "lines", HEAD + b"<pre>" + _fill(b"a b c\n", size) + TAIL
    yield (
        "paragraphs",
        HEAD
        + b"".join(
            b"<p>The council voted %d times on bridge %d, after a debate.</p>"
            % (n, n * 3)
            for n in range(size // 62)
        )
        + TAIL,
    )
    yield (
        "dates",
        HEAD
        + b"".join(
            b"<span class=date>%d September 2025</span>" % (n % 28 + 1)
            for n in range(size // 44)
        )
        + TAIL,
    )
    yield (
        "names",
        HEAD
        + b"".join(
            b"<span class=author>By Anne N%d</span>" % n for n in range(size // 40)
        )
        + TAIL,
    )
    yield (
        "wrappers",
        HEAD + b"".join(b"<div><p>a<div><span>" for n in range(size // 20)) + TAIL,
    )
    yield "deep b p", HEAD + _fill(b"<b><p>", size) + TAIL
    yield "deep a div", HEAD + _fill(b"<a href=x><div>x", size) + TAIL
    yield "utf-16", (HEAD + _fill(b"<p>x", size // 2) + TAIL).decode().encode("utf-16")
    yield "latin", HEAD + _fill(b"\xe9", size) + TAIL
    yield (
        "charsets",
        _fill(b"<meta charset=x", 4096) + _fill(b"charset=hz ", size) + TAIL,
    )
    yield "no tag", _fill(b"words and words ", size)
    yield "declaration", b"<?xml" + _fill(b" a", size)
    yield (
        "doctype",
        b"<!doctype html ["
        + _fill(b"<!ENTITY a '&a;&a;'>", size)
        + b"]>"
        + HEAD
        + TAIL,
    )


def json_ld(size: int) -> Iterator[tuple[str, bytes]]:
    def page(text: bytes) -> bytes:
        return (
            b"<html><head><script type='application/ld+json'>"
            + text
            + b"</script></head>"
            + HEAD
            + TAIL
        )

    article = (
        b'{"@type":"NewsArticle","headline":"x","mainEntityOfPage":"/a",'
        b'"author":{"@id":"#p"}}'
    )
    yield "nested lists", page(_fill(b"[", size))
    yield "nested objects", page(_fill(b'{"@graph":', size))
    yield "objects", page(b"[" + _fill(article + b",", size) + article + b"]")
    yield "graphs", page(_fill(b'{"@graph":[' + article + b",", size // 2))
    yield (
        "blocks",
        _fill(b"<script type='application/ld+json'>[" + article + b"]</script>", size)
        + HEAD
        + TAIL,
    )
    yield (
        "authors",
        page(
            b'{"@type":"NewsArticle","headline":"x","author":['
            + _fill(b'{"name":"Anne Roux"},', size)
            + b"1]}"
        ),
    )
    yield (
        "digits",
        page(b'{"@type":"NewsArticle","wordCount":' + _fill(b"9", size) + b"}"),
    )
    yield (
        "short digits",
        page(
            b'{"@type":"NewsArticle","headline":"x","wordCount":'
            + b"9" * 4_000
            + b',"position":1e999999}'
        ),
    )
    yield "commas", page(_fill(b",  ", size))
    yield "trailing", page(b"[" + _fill(b"1, ]", size))
    yield "spaces", page(b'{"a":1,' + _fill(b" ", size) + b"x}")
    yield (
        "string",
        page(
            b'{"@type":"NewsArticle","headline":"'
            + _fill(b"A. ", size)
            + b'","articleBody":"x"}'
        ),
    )
    yield (
        "body",
        page(
            b'{"@type":"NewsArticle","headline":"x","articleBody":"'
            + _fill(b"<p>a &amp; ", size)
            + b'"}'
        ),
    )
    yield (
        "keywords",
        page(
            b'{"@type":"NewsArticle","headline":"x","keywords":"'
            + _fill(b"a, ", size)
            + b'"}'
        ),
    )
    yield (
        "updates",
        page(
            b'{"@type":"LiveBlogPosting","liveBlogUpdate":['
            + _fill(b'{"headline":"x","datePublished":"2025","articleBody":"a"},', size)
            + b"1]}"
        ),
    )
    yield (
        "selectors",
        page(
            b"["
            + _fill(
                b'{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".a"},',
                size,
            )
            + b"1]"
        ),
    )
    yield (
        "ids",
        page(
            b'{"@graph":['
            + b",".join(
                b'{"@id":"#%d","@type":"NewsArticle","headline":"x","author":[{"@id":"#%d"}]}'
                % (n, n + 1)
                for n in range(size // 70)
            )
            + b"]}"
        ),
    )


def feeds(size: int) -> Iterator[tuple[str, bytes]]:
    item = RSS[RSS.index("<item>") : RSS.index("</item>") + 7].encode()
    for one in FEED_FLOODS:
        yield f"channel {one!r}", FEED_HEAD + _fill(one, size) + FEED_TAIL
        yield (
            f"item {one!r}",
            FEED_HEAD
            + b"<item><title>x</title>"
            + _fill(one, size)
            + b"</item>"
            + item
            + FEED_TAIL,
        )
        yield (
            f"broken {one!r}",
            FEED_HEAD
            + b"<item><title>x & y</title></b>"
            + _fill(one, size // 2)
            + item,
        )
    for text in (
        b"a@a.",
        b"a.",
        b"a ",
        b"&amp;",
        b"&lt;",
        b"&lt;p&gt;",
        b"\xc3\xa9",
        b"9",
        b"]]&gt;",
        b"&#x41;",
        b"(",
        b"a@a (b) ",
        b"\xc3\x83\xc2\xa9",
        b"http://",
        b"a, ",
        b"...",
        b"/../",
        b"% ",
    ):
        for name in (
            b"title",
            b"description",
            b"author",
            b"pubDate",
            b"link",
            b"guid",
            b"category",
            b"content:encoded",
            b"dc:creator",
        ):
            yield (
                f"{name.decode()} of {text!r}",
                FEED_HEAD
                + b"<item><"
                + name
                + b">"
                + _fill(text, size // 8)
                + b"</"
                + name
                + b"></item>"
                + item
                + FEED_TAIL,
            )
    yield "whole entries", FEED_HEAD + _fill(item, size) + FEED_TAIL
    yield (
        "entries quoted",
        FEED_HEAD
        + _fill(b"<item><description><![CDATA[<item>]]></description></item>", size)
        + FEED_TAIL,
    )
    yield (
        "attributes",
        FEED_HEAD
        + b"<item "
        + b" ".join(b"a%d='1'" % n for n in range(size // 12))
        + b"><title>x</title></item>"
        + FEED_TAIL,
    )
    yield (
        "attributes broken",
        FEED_HEAD
        + b"<item "
        + b" ".join(b"a%d=1" % n for n in range(size // 12))
        + b"><title>x & y</title></item>",
    )
    yield (
        "namespaces",
        FEED_HEAD
        + b"<item "
        + b" ".join(b"xmlns:a%d='b%d'" % (n, n) for n in range(size // 22))
        + b"><title>x</title></item>"
        + FEED_TAIL,
    )
    yield (
        "prefixes",
        FEED_HEAD + b"".join(b"<a%d:b/>" % n for n in range(size // 11)) + FEED_TAIL,
    )
    yield (
        "names",
        FEED_HEAD + b"".join(b"<a%d/>" % n for n in range(size // 9)) + FEED_TAIL,
    )
    yield (
        "long attribute",
        FEED_HEAD
        + b"<item><link href='"
        + _fill(b"a", size)
        + b"'/></item>"
        + FEED_TAIL,
    )
    yield "nested base", FEED_HEAD + _fill(b"<a xml:base='b/'>", size // 4) + FEED_TAIL
    yield (
        "entities",
        b'<!DOCTYPE rss [<!ENTITY a0 "aaaaaaaaaa">'
        + b"".join(
            b'<!ENTITY a%d "&a%d;&a%d;&a%d;">' % (n, n - 1, n - 1, n - 1)
            for n in range(1, 40)
        )
        + b"]>"
        + FEED_HEAD
        + b"<item><title>&a39;</title></item>"
        + FEED_TAIL,
    )
    yield (
        "one entity",
        b'<!DOCTYPE rss [<!ENTITY a "'
        + b"a" * 450
        + b'">]>'
        + FEED_HEAD
        + b"<item><title>"
        + _fill(b"&a;", size)
        + b"</title></item>"
        + FEED_TAIL,
    )
    yield (
        "declared",
        b"<!DOCTYPE rss ["
        + b"".join(b"<!ENTITY a%d 'b'>" % n for n in range(size // 20))
        + b"]>"
        + FEED_HEAD
        + FEED_TAIL,
    )
    yield "before root", _fill(b"<!-- -->\n", size) + FEED_HEAD + FEED_TAIL
    yield "before root spaces", _fill(b" ", size) + FEED_HEAD + FEED_TAIL
    yield "before root open", _fill(b"<!--", size) + FEED_HEAD + FEED_TAIL
    yield "before root doctypes", _fill(b"<!DOCTYPE x>", size) + FEED_HEAD + FEED_TAIL
    yield (
        "atom",
        b'<feed xmlns="http://www.w3.org/2005/Atom">'
        + _fill(
            (
                b"<entry><title type='xhtml'><div "
                b"xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div></title>"
                b"<link href='x'/></entry>"
            ),
            size,
        )
        + b"</feed>",
    )
    yield (
        "xhtml",
        (
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content '
            b'type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        )
        + _fill(b"<p class='a'>x</p>", size)
        + b"</div></content></entry></feed>",
    )
    yield (
        "atom links",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>'
        + _fill(b"<link href='x'/>", size)
        + b"</entry></feed>",
    )
    yield (
        "atom authors",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>'
        + _fill(b"<author><name>x</name><email>a@b</email></author>", size)
        + b"</entry></feed>",
    )
    yield (
        "rdf",
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            b'xmlns="http://purl.org/rss/1.0/">'
        )
        + _fill(b"<item rdf:about='x'/>", size)
        + b"</rdf:RDF>",
    )
    yield (
        "json items",
        b'{"version":"https://jsonfeed.org/version/1","items":['
        + _fill(b'{"id":1,"url":"/x"},', size)
        + b"1]}",
    )
    yield (
        "json nested",
        b'{"version":"https://jsonfeed.org/version/1","items":' + _fill(b"[", size),
    )
    yield "json objects", _fill(b'{"items":', size)
    yield (
        "json digits",
        b'{"version":"https://jsonfeed.org/version/1","items":[{"id":'
        + _fill(b"9", size)
        + b"}]}",
    )
    yield (
        "json text",
        b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_html":"'
        + _fill(b"<p>a</p>", size)
        + b'"}]}',
    )
    yield (
        "json authors",
        b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"authors":['
        + _fill(b'{"name":"a"},', size)
        + b"1]}]}",
    )
    yield (
        "gzip",
        gzip.compress(
            FEED_HEAD + _fill(b"<item><title>x</title></item>", size * 3) + FEED_TAIL
        ),
    )


def sitemaps(size: int) -> Iterator[tuple[str, bytes]]:
    one = b"<url><loc>http://a.example/1</loc><lastmod>2025-09-06</lastmod></url>"
    yield "pages", b"<urlset>" + _fill(one, size) + b"</urlset>"
    yield "empty", b"<urlset>" + _fill(b"<url/>", size) + b"</urlset>"
    yield "nested", b"<urlset>" + _fill(b"<url>", size) + b"</urlset>"
    yield (
        "locs",
        b"<urlset><url>"
        + _fill(b"<loc>http://a.example/</loc>", size)
        + b"</url></urlset>",
    )
    yield (
        "news",
        b"<urlset><url><loc>http://a.example/1</loc>"
        + _fill(b"<news><title>x</title></news>", size)
        + b"</url></urlset>",
    )
    yield (
        "keywords",
        b"<urlset><url><loc>http://a.example/1</loc><news><keywords>"
        + _fill(b"a,", size)
        + b"</keywords></news></url></urlset>",
    )
    yield (
        "loc",
        b"<urlset><url><loc>http://a.example/"
        + _fill(b"a", size)
        + b"</loc></url></urlset>",
    )
    yield "gzip", gzip.compress(b"<urlset>" + _fill(one, size * 2) + b"</urlset>")
    yield "gzip bomb", gzip.compress(b"<urlset>" + b" " * 200_000_000)
    yield (
        "entities",
        b"<!DOCTYPE urlset [<!ENTITY a 'x'>]><urlset><url><loc>http://a.example/"
        + _fill(b"&a;", size)
        + b"</loc></url></urlset>",
    )


def robots(size: int) -> Iterator[tuple[str, bytes]]:
    size = 512_000
    for one in (
        b"User-agent: *\n",
        b"Disallow: /*a*b*c$\n",
        b"Allow: /\n",
        b"*",
        b"a",
        b"\n",
        b"User-agent: harvester\nDisallow: /\n",
        b"Disallow: /%41\n",
        b"Crawl-delay: 9\n",
        b"Sitemap: http://a\n",
        b"user agent ",
        b"#",
        b" ",
        b": ",
    ):
        yield f"flood {one!r}", b"User-agent: *\n" + _fill(one, size)
        yield (
            f"one line {one!r}",
            b"User-agent: *\nDisallow: /" + _fill(one.strip() or one, size),
        )
    yield (
        "stars",
        b"User-agent: *\n" + _fill(b"Disallow: " + b"/*" * 1_000 + b"\n", size),
    )
    yield "stars and letters", b"User-agent: *\nDisallow: " + b"*a" * 20_000 + b"b\n"
    yield (
        "delay",
        b"User-agent: *\nCrawl-delay: "
        + b"9" * 5_000
        + b"\nRequest-rate: 1/9999999999999999999s 0000-9999\nVisit-time: 99-99\n",
    )


def settings(size: int) -> Iterator[tuple[str, bytes]]:
    size = min(size, 1_000_000)
    tail = b"\n[outlets.a]\nfeeds = ['http://a.example/']\n"
    for name, one in (
        ("lists", b"["),
        ("tables", b"{a="),
        ("dots", b"a."),
        ("quotes", b'"'),
        ("digits", b"9"),
        ("spaces", b" "),
        ("comments", b"#\n"),
        ("lines", b"\n"),
        ("underscores", b"1_"),
        ("brackets", b"[["),
        ("escapes", b"\\"),
        ("letters", b"a"),
        ("backs", b'"\\"'),
    ):
        yield name, b"a = " + _fill(one, size) + tail
        yield f"key {name}", _fill(one, size) + b" = 1" + tail
    yield "keys", b"".join(b"a%d = 1\n" % n for n in range(size // 12)) + tail
    yield (
        "outlets",
        b"".join(
            b"[outlets.a%d]\nfeeds = ['http://a%d.example/']\n" % (n, n)
            for n in range(size // 60)
        ),
    )
    yield (
        "feeds",
        b"[outlets.a]\nfeeds = ["
        + b",".join(b"'http://a.example/%d'" % n for n in range(size // 28))
        + b"]",
    )
    yield (
        "faults",
        b"[outlets.a]\nfeeds = ["
        + b",".join(b"'x%d'" % n for n in range(size // 28))
        + b"]",
    )
    yield "table headers", b"".join(b"[a.b%d]\n" % n for n in range(size // 10)) + tail
    yield (
        "same outlet keys",
        b"[outlets.a]\n" + b"".join(b"feedz%d = 1\n" % n for n in range(size // 12)),
    )
    yield (
        "pattern",
        b"[outlets.a]\nfeeds=['http://a.example/']\n[outlets.a.rules]\nallow = ['"
        + b"(a|" * 2_000
        + b"']",
    )
    yield (
        "selector",
        b"[outlets.a]\nfeeds=['http://a.example/']\n[outlets.a.rules]\nremove = ['"
        + b":not(" * 2_000
        + b"']",
    )
    yield "duration", b"[crawl]\ndelay = '" + b"1 s " * 20_000 + b"'" + tail
    yield (
        "size",
        b"[limits]\npage_size = '"
        + b"9" * 5_000
        + b" GB'\nentries = "
        + b"9" * 4_000
        + tail,
    )


def queries(size: int) -> Iterator[tuple[str, bytes]]:
    for one in (
        b"(",
        b")",
        b"a ",
        b"NOT ",
        b"- ",
        b'"',
        b'"a" ',
        b"a*",
        b"*",
        b"a OR ",
        b"(a ",
        b"\xe2\x80\x9c",
        b"'",
        b"\xcc\x81",
        b"a.",
        b"(((a)))",
        b"-(",
        b"NOT(a b)",
        b"\xe6\xa9\x8b",
    ):
        for length in (300, 19_900, 200_000):
            yield f"{length} of {one!r}", _fill(one, length)


def wordings(size: int) -> Iterator[tuple[str, bytes]]:
    """Two texts with a NUL between them."""
    size //= 50  # the time of a comparison grows with the lines
    for text in (
        b"a",
        b"a ",
        b"9 ",
        b". ",
        b"A. ",
        b"a. B ",
        b"a\n",
        b"\xe6\xa9\x8b",
        b"\xe6\xa9\x8b\xe3\x80\x82",
        b"6 September 2025 ",
        b"Correction: ",
        b"Updated 10:30 ",
        b"http://a.b/ ",
        b"(",
        b"\xe2\x80\x9ca ",
        b"- ",
        b"12 comments\n",
        b"Mr. X ",
        b"by ",
    ):
        yield (
            f"against prose {text!r}",
            "\n".join(PROSE).encode() + b"\0" + _fill(text, size),
        )
        yield (
            f"one more {text!r}",
            _fill(text, size)
            + b"\0"
            + _fill(text, size)[: -len(text)]
            + b"word. Another",
        )
    for name, line in (
        ("lines", b"Line %d is here.\n"),
        ("sentences", b"Sentence %d is here. "),
        ("words", b"w%d "),
        ("numbers", b"%d "),
    ):
        one = b"".join(line % n for n in range(size // (len(line) + 4)))
        yield (
            f"{name} reversed",
            one
            + b"\0"
            + b"".join(line % n for n in range(size // (len(line) + 4), 0, -1)),
        )
        yield (
            f"{name} renumbered",
            one
            + b"\0"
            + b"".join(line % (n * 2) for n in range(size // (len(line) + 4))),
        )
        yield (
            f"{name} interleaved",
            one
            + b"\0"
            + b"".join(
                line % (n if n % 2 else n + 10**6)
                for n in range(size // (len(line) + 4))
            ),
        )


SETS: dict[str, Callable[[int], Iterator[tuple[str, bytes]]]] = {
    "page": pages, "json-ld": json_ld, "feed": lambda size: feeds(size * 2),
    "sitemap": lambda size: sitemaps(size * 2), "robots": robots, "settings": settings,
    "query": queries, "wording": wordings,
}  # fmt: skip


def attacks(kinds: tuple[str, ...], size: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield (kind, name, bytes) of all attacks on these kinds."""
    for kind in kinds:
        for name, body in SETS[kind](size) if kind in SETS else ():
            yield kind, name, body
