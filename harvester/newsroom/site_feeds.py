"""Feeds: RSS 2.0 as WordPress writes it, Atom, RSS 1.0, JSON Feed, a news sitemap."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime

from harvester.newsroom.article import Article
from harvester.newsroom.html_pieces import escape, excerpt, render_blocks
from harvester.newsroom.site import Site

TRACKING_QUERY = "?utm_source=feed&utm_medium=atom&utm_campaign=headlines"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def render_rss(site: Site, path: str, articles: Sequence[Article]) -> str:
    """RSS 2.0, with the full text where the site has it in its feeds."""
    entries = "\n".join(_rss_entry(site, article) for article in articles)
    built = format_datetime(
        max((article.changed_at for article in articles), default=site.opened_at)
    )
    name = escape(site.name)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">\n'
        f"<channel><title>{name}</title>"
        f'<atom:link href="{escape(site.absolute_url(path))}" rel="self"'
        ' type="application/rss+xml" />'
        f"<link>{escape(site.url)}</link><description>{name}</description>"
        f"<lastBuildDate>{built}</lastBuildDate>"
        f"<language>{escape(site.locale)}</language>"
        "<sy:updatePeriod>hourly</sy:updatePeriod>"
        "<sy:updateFrequency>1</sy:updateFrequency>"
        "<generator>https://wordpress.org/?v=6.8.2</generator>\n"
        f"{entries}\n</channel></rss>\n"
    )


def _rss_entry(site: Site, article: Article) -> str:
    title, url = escape(article.announced_title), escape(article.url)
    categories = "".join(
        f"<category>{_cdata(escape(label))}</category>"
        for label in (article.section, *article.tags)
        if label
    )
    content = ""
    if site.full_text:
        closing = f'<p>&#8212; <a href="{url}">{title}</a> · {escape(site.name)}</p>'
        content = _content_element(render_blocks(article) + closing)
    return (
        f"<item><title>{title}</title><link>{url}</link>"
        f"<dc:creator>{_cdata(article.author)}</dc:creator>"
        f"<pubDate>{format_datetime(article.published)}</pubDate>{categories}"
        f'<guid isPermaLink="false">{escape(entry_id(site, article, "rss"))}</guid>'
        f"<description>{_cdata(f'<p>{escape(_teaser(article))}</p>')}</description>"
        f"{content}<slash:comments>{article.number % 4}</slash:comments></item>"
    )


def render_atom(site: Site, path: str, articles: Sequence[Article]) -> str:
    """Atom 1.0; links carry tracking parameters."""
    entries = "\n".join(_atom_entry(site, article) for article in articles)
    updated = max(
        (article.modified for article in articles), default=site.opened_at
    ).isoformat()
    url = escape(site.absolute_url(path))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(site.locale)}">\n'
        f"<title>{escape(site.name)}</title><id>{url}</id><updated>{updated}</updated>"
        f'<link rel="self" href="{url}"/>'
        f'<link rel="alternate" href="{escape(site.url)}"/>\n{entries}\n</feed>\n'
    )


def _atom_entry(site: Site, article: Article) -> str:
    categories = "".join(
        f'<category term="{escape(label)}"/>'
        for label in (article.section, *article.tags)
        if label
    )
    content = (
        f'<content type="html">{escape(render_blocks(article))}</content>'
        if site.full_text
        else ""
    )
    author = (
        f"<author><name>{escape(article.author)}</name></author>"
        if article.author
        else ""
    )
    return (
        f'<entry><title>{escape(article.announced_title)}</title><link rel="alternate"'
        f' type="text/html" href="{escape(article.url + TRACKING_QUERY)}"/>'
        f"<id>{escape(entry_id(site, article, 'atom'))}</id>"
        f"<published>{article.published.isoformat()}</published>"
        f"<updated>{article.modified.isoformat()}</updated>{author}{categories}"
        f'<summary type="text">{escape(_teaser(article))}</summary>{content}</entry>'
    )


def render_rdf(site: Site, path: str, articles: Sequence[Article]) -> str:
    """RSS 1.0, as sites of about 2003 still have it, in their charset."""
    entry_urls = "".join(
        f'<rdf:li rdf:resource="{escape(article.url)}"/>' for article in articles
    )
    entries = "\n".join(_rdf_entry(article) for article in articles)
    name = escape(site.name)
    return (
        f'<?xml version="1.0" encoding="{site.charset}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{escape(site.absolute_url(path))}"><title>{name}</title>'
        f"<link>{escape(site.url)}</link><description>{name}</description>"
        f"<dc:language>{escape(site.language)}</dc:language><items><rdf:Seq>"
        f"{entry_urls}</rdf:Seq></items></channel>\n{entries}\n</rdf:RDF>\n"
    )


def _rdf_entry(article: Article) -> str:
    url = escape(article.url)
    return (
        f'<item rdf:about="{url}"><title>{escape(article.announced_title)}</title>'
        f"<link>{url}</link><description>{escape(_teaser(article))}</description>"
        f"<dc:date>{article.published.isoformat()}</dc:date>"
        f"<dc:creator>{escape(article.author)}</dc:creator>"
        f"<dc:subject>{escape(article.section)}</dc:subject></item>"
    )


def render_json_feed(site: Site, path: str, articles: Sequence[Article]) -> str:
    """JSON Feed 1.1."""
    items = [
        {
            "id": entry_id(site, article, "json"),
            "url": article.url,
            "title": article.announced_title,
            "summary": _teaser(article),
            "date_published": article.published.isoformat(),
            "date_modified": article.modified.isoformat(),
            "authors": [{"name": article.author}] if article.author else [],
            "tags": list(article.tags),
            **({"content_html": render_blocks(article)} if site.full_text else {}),
        }
        for article in articles
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "home_page_url": site.url,
        "feed_url": site.absolute_url(path),
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False)


def render_sitemap(site: Site, path: str, articles: Sequence[Article]) -> str:
    """A news sitemap: URLs, titles and dates."""
    publication = (
        f"<news:publication><news:name>{escape(site.name)}</news:name>"
        f"<news:language>{escape(site.language)}</news:language></news:publication>"
    )
    entries = "\n".join(
        f"<url><loc>{escape(article.url)}</loc>"
        f"<lastmod>{_lastmod(site, article)}</lastmod><news:news>{publication}"
        f"<news:publication_date>{article.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(article.announced_title)}</news:title></news:news></url>"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        f"{entries}\n</urlset>\n"
    )


def _lastmod(site: Site, article: Article) -> str:
    changed = site.now() if site.dates_sitemap_now else article.modified
    return changed.isoformat()


def _teaser(article: Article) -> str:
    return article.teaser or excerpt(article)


FeedRenderer = Callable[[Site, str, Sequence[Article]], str]
# What an outlet may have in place of its template's own format, with the content type.
EXTRA_FORMATS: Mapping[str, tuple[FeedRenderer, str]] = {
    "json": (render_json_feed, "application/feed+json; charset=utf-8"),
    "sitemap": (render_sitemap, "application/xml; charset=utf-8"),
}


def entry_id(site: Site, article: Article, feed_format: str) -> str:
    """The id of an article's entry in a feed; its URL where the format has no ids.

    ``feed_format``: rss, atom, rdf, json or sitemap.
    """
    if feed_format == "rss":
        return site.absolute_url(f"/?p={article.number}")
    if feed_format == "atom":
        return f"tag:{site.key}.example,{article.published.year}:{article.number}"
    return str(article.number) if feed_format == "json" else article.url


def find_title(body: bytes) -> str:
    """The title element of a page; "" where it has none."""
    match = re.search(rb"<title[^>]*>([^<]{1,300})", body[:200_000], re.IGNORECASE)
    return " ".join(match[1].decode("utf-8", "replace").split()) if match else ""


def render_page_list_rss(site: Site, pages: Sequence[tuple[str, str, str]]) -> bytes:
    """RSS 2.0 of pages that are not articles: (URL, title, full text as HTML)."""
    opened = format_datetime(site.opened_at)
    entries = "\n".join(
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link>"
        f"<guid>{escape(url)}</guid><pubDate>{opened}</pubDate>"
        f"{_content_element(content)}</item>"
        for url, title, content in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{escape(site.name)}</title><link>{escape(site.url)}</link>"
        f"<description></description>\n{entries}\n</channel></rss>\n"
    ).encode()


def _content_element(html: str) -> str:
    return f"<content:encoded>{_cdata(html)}</content:encoded>" if html else ""
