"""Feeds: RSS 2.0 as WordPress writes it, Atom with tracked links, RSS 1.0 (RDF), JSON Feed, a news sitemap. Not for: pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import escape, excerpt, render_blocks

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet

TRACKING_QUERY = "?utm_source=feed&utm_medium=atom&utm_campaign=headlines"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def render_rss(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """RSS 2.0; the full text too where the outlet gives it."""
    entries = "\n".join(_rss_entry(outlet, one) for one in articles)
    built = format_datetime(
        max((one.changed_at for one in articles), default=outlet.opened_at)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">\n'
        f"<channel><title>{escape(outlet.name)}</title>"
        f'<atom:link href="{escape(outlet.absolute_url(path))}" rel="self" type="application/rss+xml" />'
        f"<link>{escape(outlet.url)}</link><description>{escape(outlet.name)}</description>"
        f"<lastBuildDate>{built}</lastBuildDate><language>{escape(outlet.locale)}</language>"
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
        f"<generator>https://wordpress.org/?v=6.8.2</generator>\n{entries}\n</channel></rss>\n"
    )


def _rss_entry(outlet: Outlet, article: Article) -> str:
    labels = "".join(
        f"<category>{_cdata(escape(one))}</category>"
        for one in (article.section, *article.tags)
        if one
    )
    full = ""
    if outlet.full_text:
        closing = f'<p>&#8212; <a href="{escape(article.url)}">{escape(article.title)}</a> · {escape(outlet.name)}</p>'
        full = f"<content:encoded>{_cdata(render_blocks(article) + closing)}</content:encoded>"
    return (
        f"<item><title>{escape(article.title)}</title><link>{escape(article.url)}</link>"
        f"<dc:creator>{_cdata(article.author)}</dc:creator><pubDate>{format_datetime(article.published)}</pubDate>{labels}"
        f'<guid isPermaLink="false">{escape(outlet.absolute_url(f"/?p={article.number}"))}</guid>'
        f"<description>{_cdata(f'<p>{escape(excerpt(article))}</p>')}</description>{full}"
        f"<slash:comments>{article.number % 4}</slash:comments></item>"
    )


def render_atom(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """Atom 1.0; links carry tracking parameters."""
    entries = "\n".join(_atom_entry(outlet, one) for one in articles)
    updated = max(
        (one.modified for one in articles), default=outlet.opened_at
    ).isoformat()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(outlet.locale)}">\n'
        f"<title>{escape(outlet.name)}</title><id>{escape(outlet.absolute_url(path))}</id><updated>{updated}</updated>"
        f'<link rel="self" href="{escape(outlet.absolute_url(path))}"/><link rel="alternate" href="{escape(outlet.url)}"/>\n'
        f"{entries}\n</feed>\n"
    )


def _atom_entry(outlet: Outlet, article: Article) -> str:
    labels = "".join(
        f'<category term="{escape(one)}"/>'
        for one in (article.section, *article.tags)
        if one
    )
    full = (
        f'<content type="html">{escape(render_blocks(article))}</content>'
        if outlet.full_text
        else ""
    )
    author = (
        f"<author><name>{escape(article.author)}</name></author>"
        if article.author
        else ""
    )
    return (
        f"<entry><title>{escape(article.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escape(article.url + TRACKING_QUERY)}"/>'
        f"<id>tag:{escape(outlet.key)}.example,{article.published.year}:{article.number}</id>"
        f"<published>{article.published.isoformat()}</published><updated>{article.modified.isoformat()}</updated>"
        f'{author}{labels}<summary type="text">{escape(excerpt(article))}</summary>{full}</entry>'
    )


def render_rdf(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """RSS 1.0, as sites of around 2003 still have it, in their charset."""
    listed = "".join(f'<rdf:li rdf:resource="{escape(one.url)}"/>' for one in articles)
    entries = "\n".join(
        f'<item rdf:about="{escape(one.url)}"><title>{escape(one.title)}</title><link>{escape(one.url)}</link>'
        f"<description>{escape(excerpt(one))}</description><dc:date>{one.published.isoformat()}</dc:date>"
        f"<dc:creator>{escape(one.author)}</dc:creator><dc:subject>{escape(one.section)}</dc:subject></item>"
        for one in articles
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.charset}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{escape(outlet.absolute_url(path))}"><title>{escape(outlet.name)}</title><link>{escape(outlet.url)}</link>'
        f"<description>{escape(outlet.name)}</description><dc:language>{escape(outlet.language)}</dc:language>"
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{entries}\n</rdf:RDF>\n"
    )


def render_json_feed(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
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
            **({"content_html": render_blocks(one)} if outlet.full_text else {}),
        }
        for one in articles
    ]
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.url,
    }
    return json.dumps(
        {**said, "feed_url": outlet.absolute_url(path), "items": items},
        ensure_ascii=False,
    )


def render_sitemap(outlet: Outlet, path: str, articles: Sequence[Article]) -> str:
    """A news sitemap: addresses, titles and dates."""
    entries = "\n".join(
        f"<url><loc>{escape(one.url)}</loc><lastmod>{one.modified.isoformat()}</lastmod><news:news><news:publication>"
        f"<news:name>{escape(outlet.name)}</news:name><news:language>{escape(outlet.language)}</news:language></news:publication>"
        f"<news:publication_date>{one.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(one.title)}</news:title></news:news></url>"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{entries}\n</urlset>\n'
    )


# Formats that an outlet may have in place of its shape's own: their writer, and the type that goes with them.
EXTRA_FORMATS: Mapping[
    str, tuple[Callable[[Outlet, str, Sequence[Article]], str], str]
] = {
    "json": (render_json_feed, "application/feed+json; charset=utf-8"),
    "sitemap": (render_sitemap, "application/xml; charset=utf-8"),
}


def entry_id(outlet: Outlet, article: Article, feed_format: str) -> str:
    """By what an entry of a feed is known: its guid, or its address where it has none. ``form``: rss, atom, rdf, json or sitemap."""
    if feed_format == "rss":
        return outlet.absolute_url(f"/?p={article.number}")
    if feed_format == "atom":
        return f"tag:{outlet.key}.example,{article.published.year}:{article.number}"
    return str(article.number) if feed_format == "json" else article.url


def find_title(body: bytes) -> str:
    """What a page calls itself; "" where it does not."""
    match = re.search(rb"<title[^>]*>([^<]{1,300})", body[:200_000], re.IGNORECASE)
    return " ".join(match[1].decode("utf-8", "replace").split()) if match else ""


def render_page_list_rss(
    outlet: Outlet, pages: Sequence[tuple[str, str, str]]
) -> bytes:
    """RSS 2.0 of addresses, titles and full texts as HTML ("" where there is none), for pages that are no articles of ours."""
    opened = format_datetime(outlet.opened_at)
    entries = "\n".join(
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid><pubDate>{opened}</pubDate>"
        f"{f'<content:encoded>{_cdata(content)}</content:encoded>' if content else ''}</item>"
        for url, title, content in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{escape(outlet.name)}</title>"
        f"<link>{escape(outlet.url)}</link><description></description>\n{entries}\n</channel></rss>\n"
    ).encode()
