"""Feeds: RSS 2.0 as WordPress writes it, Atom with tracked links, RSS 1.0 (RDF), JSON Feed, a news sitemap. Not for: pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import blocks, esc, excerpt

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet

TRACKING = "?utm_source=feed&utm_medium=atom&utm_campaign=headlines"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def rss(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """RSS 2.0; the full text too where the outlet gives it."""
    entries = "\n".join(_rss_entry(outlet, one) for one in articles)
    built = format_datetime(
        max((one.touched for one in articles), default=outlet.opened)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">\n'
        f"<channel><title>{esc(outlet.name)}</title>"
        f'<atom:link href="{esc(outlet.absolute(path))}" rel="self" type="application/rss+xml" />'
        f"<link>{esc(outlet.url)}</link><description>{esc(outlet.name)}</description>"
        f"<lastBuildDate>{built}</lastBuildDate><language>{esc(outlet.locale)}</language>"
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
        f"<generator>https://wordpress.org/?v=6.8.2</generator>\n{entries}\n</channel></rss>\n"
    )


def _rss_entry(outlet: Outlet, article: Article) -> str:
    labels = "".join(
        f"<category>{_cdata(esc(one))}</category>"
        for one in (article.section, *article.tags)
        if one
    )
    full = ""
    if outlet.full_text:
        closing = f'<p>&#8212; <a href="{esc(article.url)}">{esc(article.title)}</a> · {esc(outlet.name)}</p>'
        full = f"<content:encoded>{_cdata(blocks(article) + closing)}</content:encoded>"
    return (
        f"<item><title>{esc(article.title)}</title><link>{esc(article.url)}</link>"
        f"<dc:creator>{_cdata(article.author)}</dc:creator><pubDate>{format_datetime(article.published)}</pubDate>{labels}"
        f'<guid isPermaLink="false">{esc(outlet.absolute(f"/?p={article.number}"))}</guid>'
        f"<description>{_cdata(f'<p>{esc(excerpt(article))}</p>')}</description>{full}"
        f"<slash:comments>{article.number % 4}</slash:comments></item>"
    )


def atom(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """Atom 1.0; links carry tracking parameters."""
    entries = "\n".join(_atom_entry(outlet, one) for one in articles)
    updated = max((one.modified for one in articles), default=outlet.opened).isoformat()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{esc(outlet.locale)}">\n'
        f"<title>{esc(outlet.name)}</title><id>{esc(outlet.absolute(path))}</id><updated>{updated}</updated>"
        f'<link rel="self" href="{esc(outlet.absolute(path))}"/><link rel="alternate" href="{esc(outlet.url)}"/>\n'
        f"{entries}\n</feed>\n"
    )


def _atom_entry(outlet: Outlet, article: Article) -> str:
    labels = "".join(
        f'<category term="{esc(one)}"/>'
        for one in (article.section, *article.tags)
        if one
    )
    full = (
        f'<content type="html">{esc(blocks(article))}</content>'
        if outlet.full_text
        else ""
    )
    author = (
        f"<author><name>{esc(article.author)}</name></author>" if article.author else ""
    )
    return (
        f"<entry><title>{esc(article.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{esc(article.url + TRACKING)}"/>'
        f"<id>tag:{esc(outlet.key)}.example,{article.published.year}:{article.number}</id>"
        f"<published>{article.published.isoformat()}</published><updated>{article.modified.isoformat()}</updated>"
        f'{author}{labels}<summary type="text">{esc(excerpt(article))}</summary>{full}</entry>'
    )


def rdf(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """RSS 1.0, as sites of around 2003 still have it, in their charset."""
    listed = "".join(f'<rdf:li rdf:resource="{esc(one.url)}"/>' for one in articles)
    entries = "\n".join(
        f'<item rdf:about="{esc(one.url)}"><title>{esc(one.title)}</title><link>{esc(one.url)}</link>'
        f"<description>{esc(excerpt(one))}</description><dc:date>{one.published.isoformat()}</dc:date>"
        f"<dc:creator>{esc(one.author)}</dc:creator><dc:subject>{esc(one.section)}</dc:subject></item>"
        for one in articles
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.charset}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{esc(outlet.absolute(path))}"><title>{esc(outlet.name)}</title><link>{esc(outlet.url)}</link>'
        f"<description>{esc(outlet.name)}</description><dc:language>{esc(outlet.language)}</dc:language>"
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{entries}\n</rdf:RDF>\n"
    )


def json_feed(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """JSON Feed 1.1."""
    items = [
        {
            "id": str(one.number),
            "url": one.url,
            "title": one.title,
            "summary": excerpt(one),
            "date_published": one.published.isoformat(),
            "date_modified": one.modified.isoformat(),
            "authors": [{"name": one.author}] if one.author else [],
            "tags": list(one.tags),
            **({"content_html": blocks(one)} if outlet.full_text else {}),
        }
        for one in articles
    ]
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.url,
    }
    return json.dumps(
        {**said, "feed_url": outlet.absolute(path), "items": items}, ensure_ascii=False
    )


def sitemap(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """A news sitemap: addresses, titles and dates."""
    entries = "\n".join(
        f"<url><loc>{esc(one.url)}</loc><lastmod>{one.modified.isoformat()}</lastmod><news:news><news:publication>"
        f"<news:name>{esc(outlet.name)}</news:name><news:language>{esc(outlet.language)}</news:language></news:publication>"
        f"<news:publication_date>{one.published.isoformat()}</news:publication_date>"
        f"<news:title>{esc(one.title)}</news:title></news:news></url>"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{entries}\n</urlset>\n'
    )


# Formats that an outlet may have in place of its shape's own: their writer, and the type that goes with them.
OTHERS: Mapping[str, tuple[Callable[[Outlet, str, Sequence[Article]], str], str]] = {
    "json": (json_feed, "application/feed+json; charset=utf-8"),
    "sitemap": (sitemap, "application/xml; charset=utf-8"),
}


def entry_name(outlet: Outlet, article: Article, form: str) -> str:
    """By what an entry of a feed is known: its guid, or its address where it has none. ``form``: rss, atom, rdf, json or sitemap."""
    if form == "rss":
        return outlet.absolute(f"/?p={article.number}")
    if form == "atom":
        return f"tag:{outlet.key}.example,{article.published.year}:{article.number}"
    return str(article.number) if form == "json" else article.url


def title_in(body: bytes) -> str:
    """What a page calls itself; "" where it does not."""
    match = re.search(rb"<title[^>]*>([^<]{1,300})", body[:200_000], re.IGNORECASE)
    return " ".join(match[1].decode("utf-8", "replace").split()) if match else ""


def rss_of(outlet: Outlet, listed: Sequence[tuple[str, str, str]]) -> bytes:
    """RSS 2.0 of addresses, titles and full texts as HTML ("" where there is none), for pages that are no articles of ours."""
    opened = format_datetime(outlet.opened)
    entries = "\n".join(
        f"<item><title>{esc(title)}</title><link>{esc(url)}</link><guid>{esc(url)}</guid><pubDate>{opened}</pubDate>"
        f"{f'<content:encoded>{_cdata(content)}</content:encoded>' if content else ''}</item>"
        for url, title, content in listed
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{esc(outlet.name)}</title>"
        f"<link>{esc(outlet.url)}</link><description></description>\n{entries}\n</channel></rss>\n"
    ).encode()
