"""Invented newspapers of all kinds, each with the feeds that are right to take.

Their addresses and words are made up; how they announce their feeds is how sites do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"
XML = "application/xml"
NOW = datetime.fromisoformat("2025-09-06T08:00:00Z")
HOST = "https://www.courier.example"
_LONG = "The council of the valley met again on the bridge and its cost. " * 20


def story_path(number: int) -> str:
    """The path of an article, which no other site has."""
    return f"/2025/09/story-{number}"


def _times(count: int, every: timedelta, newest: datetime) -> list[datetime]:
    return [newest - every * index for index in range(count)]


def rss(
    numbers: Sequence[int],
    *,
    title: str = "The Courier",
    language: str = "en",
    every: timedelta = timedelta(hours=3),
    newest: datetime = NOW,
    full: bool = False,
    fragment: str = "",
    prefix: str = "",
) -> str:
    """RSS 2.0 of articles."""
    items = "".join(
        f"<item><title>Story {number}</title>"
        f"<link>{HOST}{prefix}{story_path(number)}{fragment}</link>"
        f"<guid>{HOST}/?p={number}{fragment}</guid>"
        f"<pubDate>{time:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
        f"<description>{_LONG if full else 'The council met once more last night.'}"
        f"</description></item>"
        for number, time in zip(
            numbers, _times(len(numbers), every, newest), strict=True
        )
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{escape(title)}"
        f"</title><link>{HOST}{prefix}/</link><description>d</description>"
        f"<language>{language}</language>{items}</channel></rss>"
    )


def atom(numbers: Sequence[int], title: str = "The Courier") -> str:
    """Atom of articles."""
    times = _times(len(numbers), timedelta(hours=3), NOW)
    entries = "".join(
        f"<entry><id>urn:{number}</id><title>Story {number}</title>"
        f"<link href='{HOST}{story_path(number)}'/><updated>{time.isoformat()}</updated>"
        f"<published>{time.isoformat()}</published><summary>s</summary></entry>"
        for number, time in zip(numbers, times, strict=True)
    )
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>{title}</title>"
        f"<updated>{NOW.isoformat()}</updated>{entries}</feed>"
    )


def rdf(numbers: Sequence[int]) -> str:
    """RSS 1.0 of articles."""
    items = "".join(
        f"<item rdf:about='{HOST}{story_path(number)}'><title>Story {number}</title>"
        f"<link>{HOST}{story_path(number)}</link></item>"
        for number in numbers
    )
    return (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>The Courier"
        f"</title><link>{HOST}/</link></channel>{items}</rdf:RDF>"
    )


def json_feed(numbers: Sequence[int]) -> str:
    """JSON Feed of articles."""
    items = [
        {
            "id": str(number),
            "url": f"{HOST}{story_path(number)}",
            "title": f"Story {number}",
            "date_published": (NOW - timedelta(hours=number)).isoformat(),
        }
        for number in numbers
    ]
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "The Courier",
            "items": items,
        }
    )


def news_sitemap(
    numbers: Sequence[int], every: timedelta = timedelta(minutes=30)
) -> str:
    """A news sitemap of articles."""
    times = _times(len(numbers), every, NOW)
    urls = "".join(
        f"<url><loc>{HOST}{story_path(number)}</loc><news:news><news:publication>"
        "<news:name>The Courier</news:name><news:language>en</news:language>"
        f"</news:publication><news:publication_date>{time.isoformat()}"
        f"</news:publication_date><news:title>Story {number}</news:title>"
        "</news:news></url>"
        for number, time in zip(numbers, times, strict=True)
    )
    return (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>"
    )


def sitemap(numbers: Sequence[int]) -> str:
    """A sitemap of a whole site, without titles."""
    urls = "".join(
        f"<url><loc>{HOST}{story_path(number)}</loc><lastmod>2025-01-01</lastmod></url>"
        for number in numbers
    )
    return (
        f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"
    )


def sitemap_index(paths: Sequence[str]) -> str:
    """A sitemap of sitemaps."""
    maps = "".join(f"<sitemap><loc>{HOST}{path}</loc></sitemap>" for path in paths)
    return (
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        f"{maps}</sitemapindex>"
    )


def page(
    *announced: str,
    body: str = "",
    head: str = "",
    name: str = "The Courier",
    language: str = "en",
) -> str:
    """A page; ``announced``: "path" or "path|title" of feeds in its head."""
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{escape(title)}" '
        f'href="{path}">'
        for path, _, title in (text.partition("|") for text in announced)
    )
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><title>{name} - news</title>'
        f'<meta property="og:site_name" content="{name}">{links}{head}</head><body>'
        f'<nav><a href="/politics/">Politics</a> <a href="/culture/">Culture</a></nav>'
        f"<p>{_LONG}</p>{body}</body></html>"
    )


def posts(numbers: Sequence[int]) -> str:
    """Posts as the REST interface of WordPress lists them."""
    times = _times(len(numbers), timedelta(hours=3), NOW)
    return json.dumps(
        [
            {
                "id": number,
                "date_gmt": f"{time:%Y-%m-%dT%H:%M:%S}",
                "modified_gmt": f"{time:%Y-%m-%dT%H:%M:%S}",
                "status": "publish",
                "link": f"{HOST}{story_path(number)}",
                "title": {"rendered": f"Story {number}"},
                "content": {"rendered": f"<p>{_LONG}</p>"},
            }
            for number, time in zip(numbers, times, strict=True)
        ]
    )


@dataclass(frozen=True)
class Site:
    """A site: what it serves, what a person types, and which feeds are right."""

    files: Mapping[str, tuple[str, str]]  # path → body, type
    right: tuple[str, ...]  # paths of the feeds to take, in any order
    address: str = HOST + "/"
    redirects: Mapping[str, str] = field(default_factory=dict)  # path → path, 301
    robots: str = ""
    name: str = "The Courier"
    key: str = "courier"
    most_requests: int = 15


def _site(
    files: Mapping[str, str | tuple[str, str]], *right: str, **options: object
) -> Site:
    typed = {
        path: content
        if isinstance(content, tuple)
        else (content, HTML if content.startswith("<!DOCTYPE") else RSS)
        for path, content in files.items()
    }
    return Site(typed, right, **options)  # type: ignore[arg-type]


def _news(count: int = 10, start: int = 1) -> range:
    return range(start, start + count)


MAIN = rss(_news())
SITES: Mapping[str, Site] = {
    "announced": _site(
        {"/": page("/feed/"), "/feed/": MAIN}, "/feed/", most_requests=3
    ),
    "wordpress with comments": _site(
        {
            "/": page(
                "/feed/|The Courier » Feed",
                "/comments/feed/|The Courier » Comments Feed",
            ),
            "/feed/": MAIN,
            "/comments/feed/": rss(_news(), fragment="#comment-7"),
        },
        "/feed/",
        most_requests=3,
    ),
    "wordpress, its REST interface open": _site(
        {
            "/": page(
                "/feed/", head='<link rel="https://api.w.org/" href="/wp-json/">'
            ),
            "/feed/": MAIN,
            "/wp-json/wp/v2/posts": (posts(_news()), "application/json"),
        },
        "/feed/",
        "/wp-json/wp/v2/posts",
        most_requests=4,
    ),
    "wordpress, its REST interface closed": _site(
        {
            "/": page(
                "/feed/", head='<link rel="https://api.w.org/" href="/?rest_route=/">'
            ),
            "/feed/": MAIN,
            "/?rest_route=/wp/v2/posts": ('{"code": "rest_disabled"}', "text/json"),
        },
        "/feed/",
    ),
    "comments by what is in it": _site(
        {
            "/": page("/talk.xml", "/all.xml"),
            "/talk.xml": rss(_news(), fragment="#comment-7"),
            "/all.xml": MAIN,
        },
        "/all.xml",
    ),
    "an article's own feed": _site(
        {
            "/": page("/feed/"),
            "/feed/": MAIN,
            "/2025/09/story-3/": page("/feed/", "/2025/09/story-3/feed/"),
            "/2025/09/story-3/feed/": rss([3] * 4, fragment="#comment-1"),
        },
        "/feed/",
        address=f"{HOST}/2025/09/story-3/",
    ),
    "a link for readers": _site(
        {"/": page(body='<a href="/rss.php">RSS</a>'), "/rss.php": MAIN}, "/rss.php"
    ),
    "a picture as link": _site(
        {
            "/": page(body='<a href="/x/123"><img src="r.png" alt="RSS"></a>'),
            "/x/123": MAIN,
        },
        "/x/123",
    ),
    "a page that lists feeds": _site(
        {
            "/": page(body='<a href="/services/rss">Our RSS feeds</a>'),
            "/services/rss": page(body='<a href="/rss/all.xml">All news</a>'),
            "/rss/all.xml": MAIN,
        },
        "/rss/all.xml",
    ),
    "a reader's button": _site(
        {
            "/": page(
                body='<a href="https://feedly.com/i/subscription/feed/'
                'https%3A%2F%2Fwww.courier.example%2Fout.xml">Feedly</a>'
            ),
            "/out.xml": MAIN,
        },
        "/out.xml",
    ),
    "nothing said, usual path": _site({"/": page(), "/feed/": MAIN}, "/feed/"),
    "drupal, nothing said": _site(
        {
            "/": page(head='<meta name="Generator" content="Drupal 10">'),
            "/rss.xml": MAIN,
        },
        "/rss.xml",
        most_requests=3,
    ),
    "an old site": _site(
        {
            "/": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><html>'
            '<head><title>The Courier</title></head><body><table><tr><td valign="top">'
            f"<font>{_LONG}</font></td></tr></table></body></html>",
            "/index.rdf": (rdf(_news()), XML),
        },
        "/index.rdf",
    ),
    "rss and atom of the same": _site(
        {
            "/": page("/rss.xml", "/atom.xml"),
            "/rss.xml": MAIN,
            "/atom.xml": atom(_news()),
        },
        "/rss.xml",
    ),
    "two addresses of one feed": _site(
        {
            "/": page("/feed", "/feed/", "/feed/?x=1"),
            "/feed/": MAIN,
            "/feed/?x=1": MAIN,
        },
        "/feed/",
        redirects={"/feed": "/feed/"},
    ),
    "feed and the same as news sitemap": _site(
        {
            "/": page("/feed/"),
            "/feed/": rss(_news(20), every=timedelta(hours=2)),
            "/news.xml": (news_sitemap(_news(18), timedelta(hours=2)), XML),
        },
        "/feed/",
        robots=f"Sitemap: {HOST}/news.xml",
    ),
    "a short feed and a long news sitemap": _site(
        {
            "/": page("/feed/"),
            "/feed/": rss(_news(10), every=timedelta(minutes=10)),
            "/news.xml": (news_sitemap(_news(120), timedelta(minutes=10)), XML),
        },
        "/feed/",
        "/news.xml",
        robots=f"Sitemap: {HOST}/news.xml",
    ),
    "only a news sitemap": _site(
        {"/": page(), "/google-news.xml": (news_sitemap(_news(40)), XML)},
        "/google-news.xml",
        robots=f"Sitemap: {HOST}/sitemap.xml\nSitemap: {HOST}/google-news.xml",
    ),
    "a news sitemap in an index": _site(
        {
            "/": page(),
            "/sitemaps.xml": (sitemap_index(["/posts.xml", "/latest.xml"]), XML),
            "/latest.xml": (news_sitemap(_news(40)), XML),
            "/posts.xml": (sitemap(_news(400)), XML),
        },
        "/latest.xml",
        robots=f"Sitemap: {HOST}/sitemaps.xml",
    ),
    "an index at its usual place": _site(
        {
            "/": page(),
            "/sitemap.xml": (sitemap_index(["/posts.xml", "/news-map.xml"]), XML),
            "/news-map.xml": (news_sitemap(_news(40)), XML),
        },
        "/news-map.xml",
    ),
    "json feed": _site(
        {
            "/": page(
                head='<link rel="alternate" type="application/feed+json" '
                'href="/feed.json">'
            ),
            "/feed.json": (json_feed(_news()), "application/feed+json"),
        },
        "/feed.json",
    ),
    "a dead feed is still announced": _site(
        {
            "/": page("/old.xml", body='<a href="/new.rss">RSS</a>'),
            "/old.xml": rss(
                _news(), newest=datetime.fromisoformat("2021-03-01T00:00:00Z")
            ),
            "/new.rss": rss(_news(10, 50)),
        },
        "/new.rss",
    ),
    "only old news": _site(
        {
            "/": page("/feed.xml"),
            "/feed.xml": rss(
                _news(), newest=datetime.fromisoformat("2021-03-01T00:00:00Z")
            ),
        },
        "/feed.xml",
        most_requests=4,
    ),
    "sections without a main feed": _site(
        {
            "/": page("/a.xml|Politics", "/b.xml|Culture", "/c.xml|Sport"),
            "/a.xml": rss(_news(8, 100)),
            "/b.xml": rss(_news(8, 200)),
            "/c.xml": rss(_news(8, 300)),
        },
        "/a.xml",
        "/b.xml",
        "/c.xml",
    ),
    "sections that the main feed covers": _site(
        {
            "/": page("/all.xml|All", "/sport.xml|Sport", "/art.xml|Art"),
            "/all.xml": rss(range(1, 41), every=timedelta(hours=1)),
            # Every second article, reaching back twice as far.
            "/sport.xml": rss(range(1, 80, 2), every=timedelta(hours=2)),
            "/art.xml": rss(range(2, 80, 2), every=timedelta(hours=2)),
        },
        "/all.xml",
    ),
    "a section announced before the whole": _site(
        {
            "/": page("/sport.xml|Sport", "/all.xml|All"),
            "/all.xml": rss(range(1, 41), every=timedelta(hours=1)),
            "/sport.xml": rss(range(1, 40, 4), every=timedelta(hours=4)),
        },
        "/all.xml",
    ),
    "another language": _site(
        {
            "/": page("/en.xml|English", "/fr.xml|Français", language="fr"),
            "/en.xml": rss(_news(10, 100), language="en-GB"),
            "/fr.xml": rss(_news(10, 200), language="fr-FR"),
        },
        "/fr.xml",
    ),
    "a podcast beside": _site(
        {
            "/": page("/podcast.xml|The Courier Podcast", "/feed/"),
            "/podcast.xml": rss(_news(10, 100), title="The Courier Podcast"),
            "/feed/": MAIN,
        },
        "/feed/",
    ),
    "what is announced is gone": _site(
        {"/": page("/old-feed.xml"), "/feed/": MAIN}, "/feed/"
    ),
    "what is announced is empty": _site(
        {
            "/": page("/empty.xml", body='<a href="/rss/news">RSS</a>'),
            "/empty.xml": rss([]),
            "/rss/news": MAIN,
        },
        "/rss/news",
    ),
    "a feed that calls itself HTML": _site(
        {"/": page("/feed/"), "/feed/": (MAIN, HTML)}, "/feed/"
    ),
    "a relative address and a base": _site(
        {"/": page("out/rss", head='<base href="/x/">'), "/x/out/rss": MAIN},
        "/x/out/rss",
    ),
    "the feed itself": _site(
        {"/": page("/feed/"), "/feed/": MAIN, "/sport/feed/": rss(_news(8, 90))},
        "/sport/feed/",
        address=f"{HOST}/sport/feed/",
        most_requests=3,
    ),
    "no scheme": _site(
        {"/": page("/feed/"), "/feed/": MAIN}, "/feed/", address="www.courier.example"
    ),
    "without www": _site(
        {"/": page("/feed/"), "/feed/": MAIN}, "/feed/", address="courier.example"
    ),
    "a page that is gone": _site(
        {"/": page("/feed/"), "/feed/": MAIN}, "/feed/", address=f"{HOST}/moved/page"
    ),
    "a section's page": _site(
        {
            "/": page("/feed/"),
            "/feed/": rss(range(1, 41), every=timedelta(hours=1)),
            "/sport/": page("/feed/", "/sport/feed/"),
            "/sport/feed/": rss(range(1, 40, 4), every=timedelta(hours=4)),
        },
        "/feed/",
        address=f"{HOST}/sport/",
    ),
    "a paper in a university's folder": _site(
        {
            "/": page("/uni.xml", name="University of Ashby"),
            "/uni.xml": rss(_news(10, 500)),
            "/papers/courier/": page("/papers/courier/feed.xml"),
            "/papers/courier/feed.xml": MAIN,
        },
        "/papers/courier/feed.xml",
        address=f"{HOST}/papers/courier/",
    ),
    "no feed, but a front page": _site(
        {
            "/": page(
                body="".join(
                    f'<h2><a href="{story_path(number)}-council-and-the-bridge">The '
                    f"council meets on bridge {number} again</a></h2>"
                    for number in range(12)
                )
            )
        },
        "/",
    ),
    "nothing at all": _site({"/": page()}),
    "nothing but comments": _site(
        {"/": page("/c.xml"), "/c.xml": rss(_news(), fragment="#comment-3")}
    ),
}
