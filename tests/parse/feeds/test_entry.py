"""What entries of RSS, RDF and Atom feeds say, kind by kind.

The expectations were written by hand, from the formats' specifications.
"""

from __future__ import annotations

import html

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
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
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
        ("<link>news.example.org/a/0</link>", A),
        ("<link>www.x.example/a?b=c</link>", "https://www.x.example/a?b=c"),
        ("<link>www.html</link>", "https://news.example.org/www.html"),
        (f"<link>http://{A}</link>", A),
        (f"<link>https://news.example.org</link><guid>{A}</guid>", A),
        (f"<link>https://news.example.org/</link><atom:link href='{A}'/>", A),
        ("<link>https://news.example.org/</link>", "https://news.example.org/"),
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
        (f"<link>tag:news.example.org,2023:0</link><guid>{A}</guid>", A),
        (f"<link>urn:uuid:0</link><atom:link href='{A}'/>", A),
        (f"<atom:link href='javascript:void(0)'/><link>{A}</link>", A),
        (f"<link>mailto:x@y.example</link><fb:origLink>{A}</fb:origLink>", A),
        (f"<link>&lt;![CDATA[{A}]]&gt;</link>", A),
        (f"<link>http://www.bing.com/news/apiclick.aspx?url={A}&amp;c=1</link>", A),
        (f"<guid>https://www.google.com/url?url={A}</guid>", A),
        (
            "<link>https://news.google.com/rss/articles/CBMi?oc=5</link>",
            "https://news.google.com/rss/articles/CBMi?oc=5",
        ),
        (f"<related><link>https://v.example/</link></related><link>{A}</link>", A),
        (f"<related><link>{A}</link></related>", A),
        (
            f"<author><name>x</name><link>https://x.example/</link></author><link>{A}"
            "</link>",
            A,
        ),
        ("<author><name>x</name><link>https://x.example/</link></author>", ""),
        (f"<link>N/A</link><guid>{A}</guid>", A),
        (f"<link>#</link><guid>{A}</guid>", A),
        (f"<link>#top</link><guid>{A}</guid>", A),
        ("<link>null</link>", ""),
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
        (
            f"<id>{A}</id><link href='https://news.example.org/'/>",
            "https://news.example.org/",
        ),
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
        ("<title>&lt;![CDATA[Rain &amp; wind]]&gt;</title>", "Rain & wind"),
        ("<title>&amp;lt;![CDATA[Rain]]&amp;gt;</title>", "Rain"),
        ("<title>Use &lt;b&gt; here</title>", "Use <b> here"),
        ("<title>Use &amp;lt;b&amp;gt; here</title>", "Use <b> here"),
        ("<title>&amp;lt;b&amp;gt;A&amp;lt;/b&amp;gt; B</title>", "A B"),
        ("<title>A <b>b</b> &lt;c&gt;</title>", "A b <c>"),
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
        ("<title type='text'>&amp;lt;b&amp;gt; here</title>", "&lt;b&gt; here"),
        ("<title type='text'>&lt;b&gt;A&lt;/b&gt;</title>", "<b>A</b>"),
        ("<title>&lt;b&gt;A&lt;/b&gt;</title>", "A"),  # nothing stated, and complete
        ("<title type='html'>&amp;lt;b&gt; here</title>", "<b> here"),
        ("<title>&lt;![CDATA[Rain]]&gt;</title>", "Rain"),
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
    identifier = "<dc:identifier>doi:10.1/x</dc:identifier>"
    assert rss(identifier).id == "doi:10.1/x"
    assert rss(f"{identifier}<guid>g</guid>").id == "g"


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
    assert rss("<category>&lt;![CDATA[A, b]]&gt;</category>").tags == ("A, b",)
    assert atom("<category term='7' label='A'/><category term='b'/>").tags == ("A", "b")
    assert atom(
        "<author><name>Ann</name><uri>https://a.example/</uri></author>"
    ).authors == ("Ann",)


def test_authors_of_the_feeds_own_elements_come_first() -> None:
    show = "<itunes:author>The Show</itunes:author>"
    assert rss(f"{show}<dc:creator>Ann Lee</dc:creator>").authors == ("Ann Lee",)
    assert rss(show).authors == ("The Show",)
    assert rss(
        "<author>desk@x.example</author><dc:creator>Ann Lee, Bob Ray</dc:creator>"
        "<dc:creator>&lt;![CDATA[Eve Fox]]&gt;</dc:creator>"
    ).authors == ("Ann Lee", "Bob Ray", "Eve Fox")
    assert rss("<author><name>Ann Lee</name></author>").authors == ("Ann Lee",)
    undeclared = "<a10:author><a10:name>Ann Lee</a10:name></a10:author>"
    assert rss(undeclared).authors == ("Ann Lee",)


def person(name: str, element: str = "author") -> str:
    return f"<{element}><name>{name}</name></{element}>"


@pytest.mark.parametrize(
    ("entry_xml", "authors"),
    [
        ("", ("Ann Lee", "Bob Ray")),
        (person("Eve Fox"), ("Eve Fox",)),
        (
            f"<source>{person('Sam Orr')}{person('Kim Tan')}</source>",
            ("Sam Orr", "Kim Tan"),
        ),
        (f"<source>{person('Sam Orr')}</source>{person('Eve Fox')}", ("Eve Fox",)),
        ("<source><title>S</title></source>", ("Ann Lee", "Bob Ray")),
        (person("Eve Fox", "contributor"), ("Ann Lee", "Bob Ray")),
        ("<author><name/><email>e@x.example</email></author>", ("e@x.example",)),
        ("<author>Eve Fox</author>", ("Eve Fox",)),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_authors_in_atom(
    entry_xml: str, authors: tuple[str, ...], is_first: bool
) -> None:
    """RFC 4287, 4.2.1: the entry's authors, else its source's, else the feed's."""
    entry = f"<entry><id>u</id>{entry_xml}</entry>"
    feed = person("Ann Lee") + person("Bob Ray")
    body = f"{feed}{entry}" if is_first else f"{entry}{feed}"
    read = read_feed(
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{body}</feed>".encode(), "", URL
    )
    assert read.entries[0].authors == authors


def test_rss_has_no_inherited_authors() -> None:
    channel = (
        "<managingEditor>e@x.example (Ann Lee)</managingEditor>"
        "<itunes:author>Bob Ray</itunes:author><dc:creator>Eve Fox</dc:creator>"
    )
    assert rss("<title>T</title>", channel).authors == ()


TEXT = "<content:encoded>&lt;p&gt;The text&lt;/p&gt;</content:encoded>"
CAPTION = (
    "<media:content url='https://x.example/p.jpg'><media:description>a gull"
    "</media:description></media:content>"
)


@pytest.mark.parametrize(
    ("others", "without"),
    [
        ("<itunes:summary>of the show</itunes:summary>", "of the show"),
        ("<itunes:subtitle>of the show</itunes:subtitle>", "of the show"),
        ("<dc:description>of the work</dc:description>", "of the work"),
        ("<media:description>of a film</media:description>", "of a film"),
        (
            (
                "<media:group><media:content url='x'/><media:description>of a film"
                "</media:description></media:group>"
            ),
            "of a film",
        ),
        (CAPTION, ""),
        (TEXT, "The text"),
        (TEXT + CAPTION, "The text"),
        (f"{TEXT}<media:description>of a film</media:description>", "The text"),
        (f"{TEXT}<itunes:summary>of the show</itunes:summary>", "of the show"),
    ],
)
def test_summaries(others: str, without: str) -> None:
    own = "<description>&lt;![CDATA[&lt;p&gt;Own&lt;/p&gt;]]&gt;</description>"
    assert rss(own + others).summary == rss(others + own).summary == "Own"
    assert rss(others).summary == rss(f"<description/>{others}").summary == without


def test_markup_that_has_the_names_of_the_feeds_elements() -> None:
    """Text in markup is text; what follows it still belongs to the entry."""
    markup = (
        "<div xmlns='http://www.w3.org/1999/xhtml'><details><summary>More</summary>"
        "<p>inside</p></details><video><source src='v'/></video><title>t</title>"
        "<svg xmlns='http://www.w3.org/2000/svg'><title>s</title></svg>"
        "<div>a</div><item>b</item><content>c</content><p>end</p></div>"
    )
    entry = atom(
        f"<title>T</title><content type='xhtml'>{markup}</content><link href='{A}'/>"
        f"<summary>Own</summary><author><name>Ann Lee</name></author>"
    )
    assert (entry.title, entry.url, entry.summary, entry.authors) == (
        "T",
        A,
        "Own",
        ("Ann Lee",),
    )
    entry = rss(
        f"<description>x<div>y<item>z</item></div></description><title>T</title>"
        f"<link>{A}</link>"
    )
    assert (entry.title, entry.url) == ("T", A)


def test_full_text_that_is_escaped_twice_or_plain() -> None:
    content = "1 &lt; 2. " + "A sentence of the text. " * 20
    escaped = html.escape(html.escape(f"<p>A &amp; b. {content}</p>"))
    assert rss(f"<content:encoded>{escaped}</content:encoded>").content.startswith(
        "<p>A &amp; b. 1"
    )
    assert atom(f"<content>{content}</content>").content.startswith("<p>1 &lt; 2. A")
    assert atom(f"<content>&lt;p&gt;{content}&lt;/p&gt;</content>").content.startswith(
        "<p>1 < 2. A"
    )


@pytest.mark.parametrize(
    "within",
    [
        "<item><title>V</title></item>",
        "<atom:entry><atom:title>V</atom:title><atom:id>v</atom:id></atom:entry>",
        "<s:list><s:item><s:title>V</s:title></s:item></s:list>",
        "<s:list><item><title>V</title><link>https://v.example/</link></item></s:list>",
        "<content:encoded><div><item><title>V</title></item></div></content:encoded>",
        "<description><item><title>V</title></item></description>",
        "<image><item><title>V</title></item></image>",
        "<atom:content type='application/xml'><item><guid>v</guid></item></atom:content>",
    ],
)
def test_entries_within_an_entry_are_not_counted(within: str) -> None:
    item = f"<item>{within}<title>T</title><link>{A}</link><guid>g</guid></item>"
    body = f"<rss version='2.0' {SPACES}><channel>{SITE}{item * 2}</channel></rss>"
    entries = read_feed(body.encode(), "", URL).entries
    assert [(entry.id, entry.url, entry.title) for entry in entries] == [
        ("g", A, "T")
    ] * 2


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
            "<rss version='2.0'><rss:channel><rss:item><rss:title>T</rss:title>"
            f"<rss:link>{A}</rss:link><rss:pubDate>{TIME}</rss:pubDate>"
            "</rss:item></rss:channel></rss>"
        ),
        (
            "<rss version='2.0' xmlns:rss='http://example.com/rss-of-ours'><channel>"
            f"<rss:item><rss:title>T</rss:title><rss:link>{A}</rss:link>"
            f"<rss:pubDate>{TIME}</rss:pubDate></rss:item></channel></rss>"
        ),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            "xmlns:rss='http://purl.org/rss/1.0/'><rss:channel/><rss:item>"
            f"<rss:title>T</rss:title><rss:link>{A}</rss:link>"
            f"<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>{TIME}</dc:date>"
            "</rss:item></rdf:RDF>"
        ),
        (
            "<?xml version='1.0'?><!-- one entry --><entry "
            "xmlns='http://www.w3.org/2005/Atom'><title>T</title>"
            f"<link href='{A}'/><updated>{TIME}</updated></entry>"
        ),
        (
            "<a:entry xmlns:a='http://www.w3.org/2005/Atom'><a:title>T</a:title>"
            f"<a:link href='{A}'/><a:updated>{TIME}</a:updated><x:y/></a:entry>"
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
