"""What entries of RSS, RDF and Atom feeds say, kind by kind.

The expectations were written by hand, from the formats' specifications.
"""

from __future__ import annotations

import pytest

from harvester.model import Entry
from harvester.parse.feeds.feed import read_feed

URL = "https://news.example.org/feeds/main.xml"
SPACES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:atom='http://www.w3.org/2005/Atom' "
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    "xmlns:dcterms='http://purl.org/dc/terms/' xmlns:s='urn:s' "
    "xmlns:fb='http://rssnamespace.org/feedburner/ext/1.0' "
    "xmlns:pheedo='http://www.pheedo.com/namespace/pheedo'"
)
A, SITE = "https://news.example.org/a/0", "<link>https://news.example.org/</link>"
TIME = "2023-09-04T10:00:00Z"


def rss(entry_xml: str, channel: str = SITE) -> Entry:
    body = (
        f"<rss version='2.0' {SPACES}><channel><title>N</title>{channel}<item>"
        f"{entry_xml}</item></channel></rss>"
    )
    return read_feed(body.encode(), "", URL).entries[0]


def atom(entry_xml: str, base: str = "") -> Entry:
    body = (
        f"<feed xmlns='http://www.w3.org/2005/Atom' {base}><title>N</title><link "
        f"href='https://news.example.org/'/><entry>{entry_xml}</entry></feed>"
    )
    return read_feed(body.encode(), "", URL).entries[0]


@pytest.mark.parametrize(
    ("entry_xml", "url"),
    [
        (f"<link>\n  {A}\n </link>", A),
        (f"<link><![CDATA[ {A}?b=1&c=2 ]]></link>", f"{A}?b=1&c=2"),
        (f"<link>{A}?b=1&c=2</link>", f"{A}?b=1&c=2"),
        (f"<link>{A}?b=1&amp;amp;c=2</link>", f"{A}?b=1&c=2"),
        ("<link>https://x.example/a b</link>", "https://x.example/a%20b"),
        ("<link>//news.example.org/a/0</link>", A),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>data:text/html,x</link>", ""),
        ("<link>a/0</link>", A),
        (f"<atom:link rel='self' href='https://x.example/s'/><link>{A}</link>", A),
        (f"<atom:link href='{A}'/>", A),
        (f"<link/><guid>{A}</guid>", A),
        (f"<guid isPermaLink='True'>{A}</guid>", A),
        (f"<guid isPermaLink='false'>{A}</guid>", ""),
        ("<guid>https://news.example.org</guid>", ""),
        ("<guid>/a/0</guid>", ""),
        ("<guid>12345</guid>", ""),
        (f"<guid>{A}</guid><enclosure url='{A}' length='1' type='audio/mpeg'/>", ""),
        ("<comments>https://x.example/c</comments>", ""),
        (f"<link>https://x.example/</link><fb:origLink>{A}</fb:origLink>", A),
        (f"<link>https://x.example/</link><pheedo:origLink>{A}</pheedo:origLink>", A),
        (
            (
                "<image><url>x</url><link>https://i.example/</link></image><link>"
                f"{A}</link>"
            ),
            A,
        ),
        (f"<s:v><s:link>https://v.example/</s:link></s:v><link>{A}</link>", A),
        (f"<v xmlns='urn:v'><link>https://v.example/</link></v><link>{A}</link>", A),
    ],
)
def test_urls_in_rss(entry_xml: str, url: str) -> None:
    assert rss(f"<title>T</title>{entry_xml}").url == url


def test_bases_in_rss() -> None:
    assert (
        rss("<link>b</link>", "<link>https://s.example/sub/</link>").url
        == "https://s.example/sub/b"
    )
    assert (
        rss("<link>b</link>", "<link>/sub/</link>").url
        == "https://news.example.org/sub/b"
    )
    assert rss("<link>b</link>", "").url == "https://news.example.org/feeds/b"
    assert (
        rss("<link xml:base='https://b.example/x/'>b</link>").url
        == "https://b.example/x/b"
    )
    assert (
        rss(
            "<link>b</link>",
            f"{SITE}<atom:link rel='self' href='https://f.example/f'/>",
        ).url
        == "https://news.example.org/b"
    )


@pytest.mark.parametrize(
    ("entry_xml", "url"),
    [
        (
            (
                "<link rel='edit' href='https://n.example/e'/><link rel='self' "
                "href='https://n.example/s'/><link rel='replies' "
                f"href='https://n.example/r'/><link href='{A}'/>"
            ),
            A,
        ),
        ("<link rel='self' href='https://n.example/s'/>", ""),
        (
            (
                "<link type='application/json' href='https://n.example/j'/><link "
                f"type='text/html' href='{A}'/>"
            ),
            A,
        ),
        (
            "<link type='application/pdf' href='https://n.example/p'/>",
            "https://n.example/p",
        ),
        (f"<link rel='Alternate' href='{A}'/>", A),
        (
            (
                "<link rel='http://www.iana.org/assignments/relation/alternate' "
                f"href='{A}'/>"
            ),
            A,
        ),
        ("<link href='../a/0'/>", A),
        ("<link href=''/>", URL),
        (f"<link xml:base='{A}/' href='../0'/>", A),
        (f"<id>{A}</id>", A),
        ("<id>tag:x,2023:0</id>", ""),
        ("<id>/a/0</id>", ""),
        ("<content type='text/html' src='https://c.example/x'/>", ""),
        (
            (
                "<source><id>o</id><link href='https://o.example/'/></source><link "
                f"href='{A}'/>"
            ),
            A,
        ),
        (
            (
                "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><a "
                f"href='https://z.example/'>z</a></div></content><link href='{A}'/>"
            ),
            A,
        ),
    ],
)
def test_urls_in_atom(entry_xml: str, url: str) -> None:
    assert atom(f"<title>T</title>{entry_xml}").url == url


def test_nested_bases_are_composed() -> None:
    assert (
        atom(
            "<link xml:base='a/' href='0'/>", "xml:base='https://news.example.org/'"
        ).url
        == A
    )


@pytest.mark.parametrize(
    ("entry_xml", "title"),
    [
        ("<title><![CDATA[A & B <b>c</b>]]></title>", "A & B c"),
        ("<title>A &amp;amp; B &amp;#8217;</title>", "A & B ’"),
        ("<title>&lt;b&gt;A&lt;/b&gt; B</title>", "A B"),
        ("<title>1 &lt; 2</title>", "1 < 2"),
        ("<title>A\n   B\tC</title>", "A B C"),
        ("<title/>", ""),
        ("<media:title>M</media:title><title>T</title>", "T"),
        (
            (
                "<title>T</title><media:content url='x'><media:title>M</media:title>"
                "</media:content>"
            ),
            "T",
        ),
        ("<itunes:title>I</itunes:title><title>T</title>", "T"),
        ("<title>T</title><dc:title>D</dc:title>", "T"),
        ("<dc:title>D</dc:title>", "D"),
        ("<media:title>M</media:title>", "M"),
        ("<image><title>I</title></image><title>T</title>", "T"),
        ("<title>T</title><s:v><s:title>V</s:title></s:v>", "T"),
        ("<v xmlns='urn:v'><title>V</title></v><title>T</title>", "T"),
        ("<title>T</title><source url='https://o.example/f'>Other</source>", "T"),
    ],
)
def test_titles_in_rss(entry_xml: str, title: str) -> None:
    assert rss(entry_xml).title == title


@pytest.mark.parametrize(
    ("entry_xml", "title"),
    [
        ("<title type='html'>AT&amp;amp;T &lt;b&gt;x&lt;/b&gt;</title>", "AT&T x"),
        (
            (
                "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <em>"
                "b</em> &amp; c</div></title>"
            ),
            "A b & c",
        ),
        (
            "<title type='text'>Use &lt;b&gt; here</title>",
            "Use <b> here",
        ),  # RFC 4287, 3.1.1.1
        ("<source><title>Other</title></source><title>T</title>", "T"),
    ],
)
def test_titles_in_atom(entry_xml: str, title: str) -> None:
    assert atom(entry_xml).title == title


@pytest.mark.parametrize(
    ("entry_xml", "published"),
    [
        ("", None),
        ("<pubDate>soon</pubDate>", None),
        (f"<pubDate>soon</pubDate><dc:date>{TIME}</dc:date>", TIME),
        (f"<dc:date>{TIME}</dc:date>", TIME),
        (
            (
                "<pubDate>Mon, 04 Sep 2023 10:00:00 GMT</pubDate><dc:date>"
                "2020-01-01T00:00:00Z</dc:date>"
            ),
            TIME,
        ),
        (f"<dcterms:created>{TIME}</dcterms:created>", TIME),
        ("<pubdate><![CDATA[ Mon, 04 Sep 2023 12:00:00 CEST ]]></pubdate>", TIME),
        ("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>", None),
        ("<pubDate>0000-00-00 00:00:00</pubDate>", None),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", None),
        ("<pubDate>Fri, 04 Sep 2099 10:00:00 GMT</pubDate>", "2099-09-04T10:00:00Z"),
    ],
)
def test_dates_in_rss(entry_xml: str, published: str | None) -> None:
    assert rss(f"<title>T</title>{entry_xml}").published == published


def test_dates_in_atom() -> None:
    both = atom(f"<updated>2023-09-05T10:00:00Z</updated><published>{TIME}</published>")
    assert (both.published, both.updated) == (TIME, "2023-09-05T10:00:00Z")
    assert atom("<updated>2023-09-04T12:00:00+02:00</updated>").published == TIME
    assert (
        atom("<source><updated>2020-01-01T00:00:00Z</updated></source>").published
        is None
    )


def test_ids_are_verbatim() -> None:
    assert (
        rss("<guid isPermaLink='false'>https://x.example/?a=1&amp;b=2</guid>").id
        == "https://x.example/?a=1&b=2"
    )
    assert rss("<guid><![CDATA[ g 0 ]]></guid>").id == "g 0"
    assert atom("<id>/a/0</id>", "xml:base='https://news.example.org/'").id == "/a/0"
    assert rss("<title>T</title>").id == ""


def test_authors_and_tags() -> None:
    entry = rss(
        "<dc:creator>Ann</dc:creator><author>b@x.example (Bob)</author>"
        "<itunes:author>Ann</itunes:author>"
    )
    assert set(entry.authors) == {"Ann", "Bob"}
    for stated in (
        "Ann &lt;a@x.example&gt;",
        "Ann (a@x.example)",
        "a@x.example (Ann)",
        "<![CDATA[Ann <a@x.example>]]>",
    ):
        assert rss(f"<author>{stated}</author>").authors == ("Ann",)
    assert rss("<author>a@x.example</author>").authors == ("a@x.example",)
    assert rss(
        "<category>A</category><category>B</category><category>A</category>"
    ).tags == ("A", "B")
    assert atom(
        "<author><name>Ann</name><uri>https://a.example/</uri></author>"
    ).authors == ("Ann",)


RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
    "xmlns='{space}' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
    "<channel rdf:about='x'><title>N</title><link>https://news.example.org/</link>"
    "</channel><image><title>I</title><link>l</link></image>"
    "<item rdf:about='https://x.example/i'><title>T</title><link>"
    "https://news.example.org/a/0</link><dc:date>2023-09-04T10:00:00Z</dc:date>"
    "</item></rdf:RDF>"
)


@pytest.mark.parametrize(
    "space",
    [
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
    ],
)
def test_rdf(space: str) -> None:
    feed = read_feed(RDF.format(space=space).encode(), "", URL)
    (entry,) = feed.entries
    assert (
        feed.kind,
        feed.title,
        entry.id,
        entry.url,
        entry.title,
        entry.published,
    ) == (
        "rdf",
        "N",
        "https://x.example/i",
        A,
        "T",
        TIME,
    )


@pytest.mark.parametrize(
    "body",
    [
        (
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>"
            f"T</a:title><a:link href='{A}'/><a:updated>{TIME}</a:updated></a:entry>"
            "</a:feed>"
        ),
        (
            f"<feed><entry><title>T</title><link href='{A}'/><updated>"
            f"{TIME}</updated></entry></feed>"
        ),
        (
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title "
            "mode='base64' type='text/html'>VA==</title><link rel='alternate' "
            f"href='{A}'/><issued>{TIME}</issued></entry></feed>"
        ),
        (
            "<r:rss xmlns:r='http://backend.userland.com/rss2'><r:channel><r:item>"
            f"<r:title>T</r:title><r:link>{A}</r:link><r:pubDate>{TIME}</r:pubDate>"
            "</r:item></r:channel></r:rss>"
        ),
        (
            "<rss xmlns='http://example.com/own'><channel><item><title>T</title>"
            f"<link>{A}</link><pubDate>{TIME}</pubDate></item></channel></rss>"
        ),
        (
            f"<RSS><CHANNEL><ITEM><TITLE>T</TITLE><LINK>{A}</LINK><PUBDATE>"
            f"{TIME}</PUBDATE></ITEM></CHANNEL></RSS>"
        ),
        (
            f"<rss><channel/><item><title>T</title><link>{A}</link><pubDate>"
            f"{TIME}</pubDate></item></rss>"
        ),
        (
            "<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><item><title>"
            f"T</title><a:link href='{A}'/><a:updated>{TIME}</a:updated></item>"
            "</channel></rss>"
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><d:deleted-entry "
            "xmlns:d='http://purl.org/atompub/tombstones/1.0' ref='x'/><entry>"
            f"<title>T</title><link href='{A}'/><updated>{TIME}</updated></entry>"
            "</feed>"
        ),
    ],
)
def test_vocabularies_and_prefixes(body: str) -> None:
    (entry,) = read_feed(body.encode(), "", URL).entries
    assert (entry.title, entry.url, entry.published) == ("T", A, TIME)
