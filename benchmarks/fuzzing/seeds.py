"""Small inputs of each kind. All of them are invented."""

from __future__ import annotations

import gzip
import io

PROSE = (
    (
        "The council of Greyford voted late on Tuesday to close the old bridge for "
        "eight months, after engineers found cracks in two of its arches."
    ),
    (
        "“We have no choice,” said the mayor, Anne Holt, who had promised the "
        "opposite in spring. The work will cost 3.4 million euros."
    ),
    (
        "Le maire de la commune a promis l'ouverture d'une passerelle avant le 12 "
        "septembre 2025 ; les commerçants demandent à voir."
    ),
    (
        "Correction: an earlier version of this article said that the bridge was "
        "built in 1871. It was built in 1817."
    ),
)
PARAGRAPHS = "".join(
    f"<p class='story-text'>{one} ({number})</p>\n"
    for number, one in enumerate(PROSE * 2)
)
LD = """{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle",\
"headline":"The old bridge closes",
"datePublished":"2025-09-06T08:12:45+02:00","dateModified":"2025-09-07",\
"author":[{"@type":"Person","name":"Anne Roux"},{"@id":"#p"}],
"publisher":{"@type":"Organization","name":"The \
Courier"},"image":{"@type":"ImageObject","url":"/i.jpg","caption":"The bridge"},
"isAccessibleForFree":"False","hasPart":{"@type":"WebPageElement",\
"isAccessibleForFree":false,"cssSelector":".wall"},
"articleSection":["Town"],"keywords":"bridge, \
council","wordCount":312,"inLanguage":"en-GB"},{"@id":"#p","@type":"Person","name":"P. Quist"}]}"""
LIVE = """{"@type":"LiveBlogPosting","headline":"Live: the \
flood","coverageStartTime":"2025-09-06","liveBlogUpdate":[
{"@type":"BlogPosting","headline":"Water falls","datePublished":"2025-09-06T10:00:00Z",\
"articleBody":"The water falls."}]}"""


def _page(head: str = "", body: str = "", lang: str = "en") -> bytes:
    return (
        f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>The "
        f"old bridge closes - The Courier</title>{head}</head>"
        f"<body><nav><ul><li><a href='/'>Home</a><li><a "
        f"href='/town'>Town</a></ul></nav><article><h1>The old bridge closes</h1>"
        f"<p class=byline>By <a rel=author href='/authors/anne-roux'>Anne "
        f"Roux</a>, <time datetime='2025-09-06T08:12:45+02:00'>6 September 2025, 8:12</time></p>"
        f"{PARAGRAPHS}{body}</article><footer><p>© The Courier 2025. All rights "
        f"reserved.</p></footer></body></html>"
    ).encode()


PAGES = (
    _page(
        (
            f"<script type='application/ld+json'>{LD}</script><link rel=canonical "
            f"href='/2025/09/06/bridge'>"
            "<link rel=alternate type='application/rss+xml' href='/feed'><meta "
            "property='og:title' content='The old bridge closes'>"
            "<meta property='article:published_time' "
            "content='2025-09-06T08:12:45+02:00'><meta name=robots content='noarchive'>"
        ),
        (
            "<figure><img src='/i.jpg' srcset='/i.jpg 1x, /j.jpg 2x' alt='The "
            "bridge'><figcaption>The bridge in May. Photo: A. Holt</figcaption></figure>"
            "<table><tr><th>Arch<td>Cracks<tr><td>1<td>12</table><blockquote>No "
            "choice<br>at all</blockquote><ul><li>One<li>Two</ul>"
            "<a rel=next href='?page=2'>Next page</a><aside class=related><h3>Read "
            "more</h3><a href='/other'>The other bridge</a></aside>"
        ),
    ),
    _page(
        f"<script type='application/ld+json'>{LIVE}</script>",
        (
            "<section class=live-post><time>10:00</time><h2>Water falls</h2><p>The "
            "water falls.</p></section>"
        )
        * 4,
    ),
    (
        b"<html><head><title>404 Not Found</title></head><body><h1>Page not "
        b"found</h1><p>The page you requested does not exist.</p></body></html>"
    ),
    (
        b"<html lang=fr><head><title>Connexion</title></head><body><form><label>Mot "
        b"de passe<input type=password></label><button>Se connecter</button></form></body></html>"
    ),
    (
        b"<html><body><div class=cookie-consent><p>We and our partners use cookies. "
        b"Accept all cookies to continue.</p><button>Accept all</button></div></body></html>"
    ),
    _page(
        "<meta property='article:content_tier' content='locked'>",
        (
            "<div class=paywall><p>Subscribe to read the whole article. Already a "
            "subscriber? Log in.</p></div>"
        ),
        "de",
    ),
    (
        "<html><head><meta charset=shift_jis></head><body><h1>橋の閉鎖</h1><p>"
        "市議会は火曜日、古い橋を八か月閉鎖することを決めた。</p></body></html>"
    ).encode("cp932"),
    (
        "<html><body><p dir=rtl>قرر المجلس إغلاق الجسر القديم لمدة ثمانية أشهر بعد "
        "اكتشاف تشققات.</p></body></html>"
    ).encode(),
)

_ITEM = """<item><title>The old bridge closes</title><link>\
https://courier.example/2025/bridge?utm_source=rss</link>
<guid isPermaLink="false">tag:courier.example,2025:1</guid><pubDate>Sat, 06 Sep 2025 \
08:12:45 +0200</pubDate>
<author>desk@courier.example (Anne Roux)</author><dc:creator><![CDATA[Anne \
Roux]]></dc:creator><category>Town</category>
<description>&lt;p&gt;The council &amp;amp; the \
bridge&lt;/p&gt;</description><content:encoded><![CDATA[<p>The council \
voted.</p>]]></content:encoded>
<enclosure url="https://courier.example/i.jpg" type="image/jpeg" \
length="1"/><media:content url="/i.jpg"/></item>"""
RSS = (
    '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY rsquo '
    '"&#8217;">]><rss version="2.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    f'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>'
    f"Courier</title><link>https://courier.example/</link><language>en</language>"
    f"{_ITEM * 3}</channel></rss>"
)
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" \
xml:lang="fr" xml:base="https://courier.example/a/"><title type="html">Le \
&lt;b&gt;Courrier&lt;/b&gt;</title>
<link href="/"/><entry><id>urn:uuid:1</id><title>Le pont &amp; la mairie</title><link \
rel="alternate" href="pont"/><updated>2025-09-06T08:12:45+02:00</updated>
<author><name>Anne Roux</name><email>a@courier.example</email></author><category \
term="ville"/><summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Le \
pont</p></div></summary>
<content type="html">&lt;p&gt;Le conseil a voté.&lt;/p&gt;</content></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/\
22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://courier.example/"><title>Courier</title><link>\
https://courier.example/</link></channel>
<item rdf:about="https://courier.example/1"><title>The \
bridge</title><link>https://courier.example/1</link><dc:date>\
2025-09-06T08:12Z</dc:date><description>d</description></item></rdf:RDF>"""
JSON_FEED = """{"version":"https://jsonfeed.org/version/1.1","title":"Courier",\
"home_page_url":"https://courier.example/","language":"en","authors":[{"name":"Desk"}],
"items":[{"id":1,"url":"/1","title":"The \\u201cbridge\\u201d","content_html":"<p>The \
council voted.</p>","date_published":"2025-09-06T08:12:45+02:00","tags":["town"]},
{"id":"2","external_url":"https://other.example/","content_text":"Text","summary":"s",\
"author":{"name":"Anne"}}]}"""
FEEDS = tuple(one.encode() for one in (RSS, ATOM, RDF, JSON_FEED))

SITEMAPS = (
    b"""<?xml version="1.0" encoding="UTF-8"?><urlset \
xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" \
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://courier.example/1</loc><lastmod>2025-09-06</lastmod><news:news>\
<news:publication><news:name>Courier</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2025-09-06T08:12:45+02:00</news:publication_date><news:title>\
The bridge</news:title><news:keywords>bridge, town</news:keywords></news:news></url></urlset>""",
    (
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        b"<sitemap><loc>https://courier.example/s.xml.gz</loc><lastmod>2025-09</lastmod>"
        b"</sitemap></sitemapindex>"
    ),
    gzip.compress(
        b"<urlset><url><loc>https://courier.example/2</loc></url></urlset>", mtime=0
    ),
)
OPML = (
    b"""<?xml version="1.0"?><opml version="2.0"><head><title>Papers</title></head>\
<body><outline text="Town"><outline type="rss" text="Courier" \
xmlUrl="https://courier.example/feed" htmlUrl="https://courier.example/"/>
<outline text="Le Courrier" title="Le Courrier &amp; fils" type="rss" \
xmlUrl="https://courrier.example/rss?token=abc"/></outline></body></opml>""",
)
ROBOTS = (
    (
        b"User-agent: *\nDisallow: /private/\nAllow: /private/open$\nCrawl-delay: "
        b"2\nSitemap: https://courier.example/s.xml\n\nUser-agent: harvester/1.0 # "
        b"us\nDisallow: /*?page=*&x=*$\n"
    ),
    b"\xef\xbb\xbfuser agent harvester\r\ndisallow /\r\nUser-agent: Googlebot\rDisallow:\r",
)
SETTINGS = (
    b"""[archive]\npath = "archive.db"\ncaptures = ""\n[crawl]\nuser_agent = "us/1.0 \
(+https://us.example)"\ndelay = "2 seconds"\nrevisit = ["1 hour", "1 day"]
allow_networks = ["127.0.0.0/8"]\n[limits]\npage_size = "10 MB"\nentries = \
2000\n[outlets.mpi]\nname = "MPI"\nlanguage = "fr"\nfeeds = \
["https://mpi.example/feed/", { url = "https://mpi.example/s", section = "sport" }]
every = "5 minutes"\nremoved_after = { looks = 3, apart = "1 hour" \
}\n[outlets.mpi.rules]\nremove = ["aside.related", "div > p:nth-child(2)"]\nallow = \
["^/news/\\\\d+"]\n[[outlets.mpi.earlier_rules]]\nvalid_until = 2024-05-01\ntext = "div.story"\n""",
    b"""outlets = { a = { feeds = ["http://a.example/"], rules = { text = ".a" } } \
}\n[upkeep]\nbackup = "1 day"\n""",
)
QUERIES = tuple(
    one.encode()
    for one in (
        'flood* AND (valley OR river) NOT "last year"',
        "l'église -pont 10:30",
        "“bridge” OR council",
        "((a OR b) (c -d)) e*",
        "橋 閉鎖 OR قرر",
    )
)
DATES = tuple(
    one.encode()
    for one in (
        "Sat, 06 Sep 2025 08:12:45 +0200",
        "2025-09-06T08:12:45.123456Z",
        "6 septembre 2025 à 8h12",
        "09/06/2025 3:04 PM EST",
        "1757139165",
        "Samstag, 6. September 2025, 8.12 Uhr",
        "2025年9月6日 下午3時04分",
        "2025-W36-6",
        "Sept. 6, 2025, 8:12 a.m. ET",
        "20250906T081245+0200",
        "2025-249",
        "--09-06",
        "/2025/09/06/the-old-bridge.html",
        "12 tháng 9, 2025",
    )
)
SELECTORS = tuple(
    one.encode()
    for one in (
        "aside.related",
        "div#story > p:not(.x):nth-child(2n+1)",
        "a[href^='http'], .b ~ .c + d",
        "*:has(> p)",
        '[data-x|="y" i]',
        "p:contains('x'):first-of-type",
        "ns|div::before",
        "\\31 a",
    )
)
ADDRESSES = tuple(
    one.encode()
    for one in (
        "https://courier.example/2025/09/06/bridge?utm_source=x&id=7#!/a",
        "HTTP://user:pass@Courier.Example:80/a/../b/./c;jsessionid=1",
        "//[::ffff:127.0.0.1]:8080/%7Ea?b=%zz",
        "https://xn--bcher-kva.example/ü?q=ä+ö",
        "feed://courier.example/feed",
        "https://courier.example/bridge.amp.html?amp=1",
        "?page=2",
        "http://2130706433/",
        "https://ｃourier.example/",
        "https://courier.example./?p=210001&token=abc",
    )
)
NAMES = (
    b"a1b2c3",
    b"https://courier.example/2025/bridge",
    b"courier.example/2025/bridge?id=7",
    b"0" * 16,
    b"A1B2C3D4",
    b"bridge",
    b"feed:https://courier.example/",
    b"",
)
WORDINGS = (
    *("\n".join(PROSE * times).encode() for times in (1, 3)),
    "橋の閉鎖。市議会は火曜日、古い橋を八か月閉鎖することを決めた。\n更新：12時。".encode(),
    b"By Anne Roux\n6 September 2025\nUpdated: 10:30\n"
    + PROSE[0].encode()
    + b"\n12 comments\nRead more",
)


def warcs() -> tuple[bytes, ...]:
    """Records as we write them, and as others do: no HTTP, no digest, several members."""
    from harvester.archive.records.warc_records import build_response

    one = build_response(
        "https://courier.example/1",
        "2025-09-06T08:12:45Z",
        200,
        [("Content-Type", "text/html")],
        PAGES[2],
        False,
    )
    other = (
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: "
        b"urn:x\r\nWARC-Date: 2025-09-06T08:12:45Z\r\nWARC-Record-ID: "
        b"<urn:uuid:1>\r\nContent-Length: 5\r\n\r\nwords\r\n\r\n"
    )
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
        b"chunked\r\nContent-Encoding: gzip\r\n\r\n5\r\nwords\r\n0\r\n\r\n"
    )
    third = (
        (
            b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: "
            b"http://a.example/\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n"
        )
        % len(chunked)
        + chunked
        + b"\r\n\r\n"
    )
    folded = io.BytesIO()
    for plain in (other, third):
        folded.write(gzip.compress(plain, mtime=0))
    return (
        one,
        one + one,
        gzip.compress(other, mtime=0),
        gzip.compress(third, mtime=0),
        folded.getvalue(),
    )
