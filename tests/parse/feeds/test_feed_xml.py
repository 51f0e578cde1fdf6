"""Feeds' bytes: charsets, what surrounds the XML, and broken XML.

The expectations were written by hand.
"""

from __future__ import annotations

import codecs
import gzip

import pytest

from harvester.errors import InvalidResponse
from harvester.parse.feeds.feed import read_feed

URL = "https://news.example.org/feeds/main.xml"
ITEM = (
    "<item><title>{title}</title><link>https://news.example.org/a/{n}</link><guid "
    "isPermaLink='false'>g-{n}</guid>"
    "<pubDate>Mon, 04 Sep 2023 10:0{n}:00 GMT</pubDate>{more}</item>"
)
FIRST = ("g-0", "https://news.example.org/a/0", "2023-09-04T10:00:00Z")


def item(title: str = "T", n: int = 0, more: str = "") -> str:
    return ITEM.format(title=title, n=n, more=more)


def rss(items: str, head: str = "<?xml version='1.0' encoding='UTF-8'?>") -> str:
    return (
        f"{head}<rss version='2.0'><channel><title>N</title><link>"
        "https://news.example.org/</link><description>d</description>"
        f"{items}</channel></rss>"
    )


def titles(body: str | bytes, content_type: str = "") -> list[str]:
    """The titles of a feed; the first entry's id, URL and time must be right."""
    feed = read_feed(
        body.encode() if isinstance(body, str) else body, content_type, URL
    )
    entry = feed.entries[0]
    assert (entry.id, entry.url, entry.published) == FIRST
    return [entry.title for entry in feed.entries]


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("iso-8859-1", "Été"),
        ("windows-1252", "5 €"),
        ("iso-8859-15", "5 €"),
        ("iso-8859-2", "Łódź"),
        ("windows-1251", "Привет"),
        ("koi8-r", "Привет"),
        ("shift_jis", "日本語"),
        ("euc-jp", "日本語"),
        ("iso-2022-jp", "日本語"),
        ("gb2312", "中文"),
        ("gb18030", "中文"),
        ("big5", "中文"),
        ("euc-kr", "한국어"),
        ("cp437", "Été"),
        ("utf-16-le", "Été"),
        ("utf-16-be", "Été"),
        ("utf-32-le", "Été"),
        ("utf-32-be", "Été"),
        ("cp037", "Ete"),
    ],
)
def test_declared_charsets(charset: str, title: str) -> None:
    head = f"<?xml version='1.0' encoding='{charset}'?>"
    assert titles(rss(item(title), head).encode(charset)) == [title]


@pytest.mark.parametrize(
    ("declared", "header", "written", "title"),
    [
        (
            "utf-8",
            "windows-1251",
            "windows-1251",
            "Привет",
        ),  # the header counts more than the declaration
        ("iso-8859-1", "", "utf-8", "Été"),  # valid UTF-8 is UTF-8, whatever is said
        ("utf-8", "iso-8859-1", "utf-8", "Été"),
        ("utf-16", "", "utf-8", "Été"),
        ("x-nonsense", "us-ascii", "utf-8", "Été"),
        ("iso-8859-1", "", "windows-1252", "L’été"),  # as browsers read the label
        ("gb2312", "", "gbk", "镕基"),
        ("utf-8", "", "latin-1", "Été"),
        ("macintosh", "", "mac-roman", "Été"),
    ],
)
def test_charsets_that_contradict(
    declared: str, header: str, written: str, title: str
) -> None:
    body = rss(item(title), f"<?xml version='1.0' encoding='{declared}'?>").encode(
        written
    )
    assert titles(body, f"text/xml; charset={header}" if header else "text/xml") == [
        title
    ]


def test_byte_order_marks_and_mixed_encodings() -> None:
    marks = (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    )
    for mark, charset in marks:
        assert titles(
            mark
            + rss(item("Été"), "<?xml version='1.0' encoding='iso-8859-1'?>").encode(
                charset
            )
        ) == ["Été"]
    assert (
        titles(
            rss(item("Été à la mer") + item("\udce9", 1)).encode(
                "utf-8", "surrogateescape"
            )
        )[0]
        == "Été à la mer"
    )
    assert titles(rss(item("Été".encode().decode("latin-1")))) == [
        "Été"
    ]  # read as Latin-1 and written again
    assert titles(rss(item("L&#146;été &#150; 5 &#128;"))) == ["L’été – 5 €"]


PLAIN = rss(item())


@pytest.mark.parametrize(
    "body",
    [
        "\n\n " + PLAIN,
        "\ufeff\n\ufeff" + PLAIN,
        PLAIN.partition("?>")[2],
        "<?xml version='1.1'?>" + PLAIN.partition("?>")[2],
        (
            "<br />\n<b>Warning</b>:  Cannot modify header in <b>/var/www/x.php</b> "
            "on line <b>3</b><br />\n"
        )
        + PLAIN,
        "<?xml version='1.0'?>\n" + PLAIN,
        "<!-- cached <html> -->" + PLAIN,
        PLAIN + "<!-- in 0.3s -- by x -->",
        PLAIN + "\0\0",
        PLAIN + "<script>alert(1)</script></body></html>",
        "<?xml version='1.0'?><!--" + "x" * 30_000 + "-->" + PLAIN.partition("?>")[2],
        "<?xml-stylesheet href='a.xsl'?><?php echo ?>" + PLAIN.partition("?>")[2],
        PLAIN.replace("><", ">\r\n<"),
        (
            "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' "
            "'http://my.netscape.com/rss.dtd'>"
        )
        + PLAIN.partition("?>")[2],
        gzip.compress(PLAIN.encode(), mtime=0),
    ],
)
def test_what_surrounds_the_xml(body: str | bytes) -> None:
    assert titles(body, "text/html") == ["T"]


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("AT&T and R&D & co", "AT&T and R&D & co"),
        ("a&nbsp;b &eacute;t&eacute; &hellip;", "a b été …"),
        ("a\x02b\x0bc", "abc"),
        ("a&#2;b&#x1F;c", "abc"),
        ("a&#xD83D;b", "ab"),
        ("a&#xD83D;&#xDE00;b", "a😀b"),
        ("a&#55357;&#56832;b", "a😀b"),
        ("a&#x110000;b&#99999999999;c", "abc"),
        ("3 < 4 and 5 <6", "3 < 4 and 5 <6"),
        ("nul\0byte", "nulbyte"),
    ],
)
def test_characters_that_break_xml(stated: str, title: str) -> None:
    assert titles(rss(item(stated))) == [title]


@pytest.mark.parametrize(
    "items",
    [
        item(more="<description><p>un <b>bold<br>x</p></description>") + item("U", 1),
        item().replace("</item>", "") + item("U", 1),
        item(more="<description>a</descriptio>") + item("U", 1),
        item().replace("'false'", "false") + item("U", 1),
        item(more="<enclosure url='http://x.example/a.mp3' url='b' type='audio/mpeg'/>")
        + item("U", 1),
        item(more="<description><![CDATA[a <![CDATA[ b ]]> c ]]></description>")
        + item("U", 1),
        item().replace("<title>", "<title><![CDATA[") + item("U", 1),
        item(more="<description><![CDATA[<p>a") + item("U", 1),
        item(more="<dc:creator>Ann</dc:creator><x:y z:a='b'/>") + item("U", 1),
    ],
)
def test_broken_xml_loses_no_entry(items: str) -> None:
    assert titles(rss(items)) == ["T", "U"]


SECTION = "<description><![CDATA[<p>b</p>]]></description>"


@pytest.mark.parametrize(
    "items",
    [
        # The section ends with that of the next entry, and the XML is well-formed.
        item(more="<description><![CDATA[<p>a</p></description>")
        + item("U", 1, SECTION),
        item(more="<description><![CDATA[<p>a</p>") + item("U", 1, SECTION),
        item().replace("<title>", "<title><![CDATA[")
        + item("U", 1).replace("U", "<![CDATA[U]]>"),
    ],
)
def test_an_open_section_swallows_no_other_entry(items: str) -> None:
    more = item("V", 2, SECTION) + item("W", 3, SECTION)
    assert titles(rss(items + more)) == ["T", "U", "V", "W"]
    feed = read_feed(rss(items + more).encode(), "", URL)
    assert feed.entries[2].summary == "b"


def test_a_section_may_quote_an_entry() -> None:
    quoted = "<description><![CDATA[<p>Write <i></item></i>]]></description>"
    feed = read_feed(rss(item(more=quoted) + item("U", 1, SECTION)).encode(), "", URL)
    assert [entry.summary for entry in feed.entries] == ["Write </item>", "b"]


def test_a_truncated_feed() -> None:
    whole = rss(item() + item("U", 1) + item("V", 2))
    for end in (
        whole.rfind("<guid") + 6,
        whole.rfind("<pubDate>") + 12,
        whole.rfind("</channel>"),
    ):
        assert titles(whole[:end])[:2] == ["T", "U"]


def test_a_feeds_own_entities() -> None:
    head = (
        "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY co \"Company &#38; Sons\">"
        "\n<!ENTITY e '&#233;'><!ENTITY q 'x \"y\"'><!ENTITY n SYSTEM "
        "'file:///etc/passwd'>]>"
    )
    assert titles(rss(item("&e;t&e; &q;"), head)) == ['été x "y"']
    assert "root:" not in titles(rss(item("T &n;"), head))[0]


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><body><item><title>x</title></item></body></html>",
        "  \n",
        "hello",
        "%PDF-1.4",
        (
            "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 "
            "Strict//EN' 'x'><html xmlns='http://www.w3.org/1999/xhtml'></html>"
        ),
        '{"error":"not found"}',
        "[1,2]",
        '{"version": "https://jsonfeed.org/version/1", ',
        '{"items":[]}',
        "<rss",
        (
            "<?xml version='1.0'?><opml version='2.0'><body><outline "
            "xmlUrl='https://x.example/feed'/></body></opml>"
        ),
        "<svg xmlns='http://www.w3.org/2000/svg'><title>x</title></svg>",
        "<entry><title>x</title></entry>",
        "<words><entry xmlns='http://www.w3.org/2005/Atom'/></words>",
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        (
            "<html><body><code><rss version='2.0'><channel><item><title>y</title>"
            "</item></channel></rss></code></body></html>"
        ),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            "xmlns:f='http://xmlns.com/foaf/0.1/'><f:Person/></rdf:RDF>"
        ),
        bytes(range(256)),
        b"\x1f\x8b\x08junk",
    ],
)
def test_what_is_not_a_feed(body: str | bytes) -> None:
    with pytest.raises(InvalidResponse):
        read_feed(
            body.encode() if isinstance(body, str) else body, "application/rss+xml", URL
        )


@pytest.mark.parametrize(
    "more", ["<b xmlns='u v'>1</b>", "<u:b xmlns:u='http://u.example/ '>1</u:b>"]
)
def test_a_namespace_with_a_space_costs_no_entry(more: str) -> None:
    assert titles(rss(item("First", more=more) + item("Second", 1))) == [
        "First",
        "Second",
    ]
