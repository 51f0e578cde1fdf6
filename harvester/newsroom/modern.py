"""A site with Open Graph, microdata, relative times, a newsletter box and AMP pages."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.newsroom.article import Article
from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    SIDEBAR_MARK,
    TOP_MARK,
    escape,
    excerpt,
    format_age,
    format_date,
    localized,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site import Site
from harvester.newsroom.site_feeds import render_atom

LABELS = {
    "en": {
        "by": "By",
        "published": "Published",
        "most": "Most read",
        "letter": "Sign up to our newsletter",
        "pitch": "The day’s stories in your inbox every morning. Free, and easy to leave.",
        "submit": "Sign up",
        "missing": "Sorry, we cannot find that page",
        "sorry": "It may have moved, or it may never have been here.",
        "about": "About us",
        "search": "Search",
    },
    "fr": {
        "by": "Par",
        "published": "Publié",
        "most": "Les plus lus",
        "letter": "Recevez notre lettre",
        "pitch": "L’essentiel de la journée, chaque matin. Gratuit, et l’on s’en va quand "
        "on veut.",
        "submit": "S’inscrire",
        "missing": "Cette page est introuvable",
        "sorry": "Elle a pu être déplacée, ou n’avoir jamais existé.",
        "about": "Qui sommes-nous",
        "search": "Rechercher",
    },
}


class ModernTemplate:
    """Paths and pages of a modern site; see ``site_shapes.SiteTemplate``."""

    name = "atom"
    charset = "utf-8"
    page_type = "text/html; charset=utf-8"
    feed_type = "application/atom+xml; charset=utf-8"
    settings_lines = ""
    render_feed = staticmethod(render_atom)

    def article_path(self, article: Article) -> str:
        """The path of an article: section, date, slug."""
        section = slugify_label(article.section or "news")
        return f"/{section}/{article.published:%Y/%m/%d}/{article.slug}"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/{slugify_label(section)}"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/{slugify_label(section)}/atom.xml" if section else "/atom.xml"

    def render_dynamic(self, article: Article) -> str:
        """The dynamic part of a page: the article's age by the newsroom's clock."""
        seconds = (article.outlet.now() - article.published).total_seconds()
        return format_age(seconds, article.outlet.language)

    def render_sidebar(self, site: Site, latest: Sequence[Article]) -> str:
        """The box of the most read articles."""
        heading = localized(LABELS, site.language)["most"]
        return (
            f'<section class="most-read"><h2>{heading}</h2>'
            f"<ol>{render_links(latest)}</ol></section>"
        )

    def render_article(self, article: Article, page: int = 1) -> str:
        """The page of an article, which is never split over several."""
        site = article.outlet
        labels = localized(LABELS, site.language)
        topics = "".join(
            f'<li><a href="/topic/{slugify_label(tag)}">{escape(tag)}</a></li>'
            for tag in article.tags
        )
        agency = (
            f'<p class="credit">{escape(article.agency)}</p>' if article.agency else ""
        )
        return (
            f"{self._render_head(article)}\n{self._render_opening(site)}"
            f'<main><article itemscope itemtype="https://schema.org/NewsArticle">\n'
            f"{self._render_header(article)}"
            f'<div class="story-body" itemprop="articleBody">\n'
            f"{render_blocks(article, 'correction')}\n{agency}</div>\n"
            f'<aside class="newsletter"><h3>{labels["letter"]}</h3>'
            f'<p>{labels["pitch"]}</p><form><input type="email">'
            f"<button>{labels['submit']}</button></form></aside>\n"
            f'<ul class="topics">{topics}</ul></article>\n{SIDEBAR_MARK}</main>\n'
            f'<footer>{BOTTOM_MARK}<a href="/about">{labels["about"]}</a>'
            f" © 2025 {escape(site.name)}</footer>\n</body></html>\n"
        )

    def _render_header(self, article: Article) -> str:
        site = article.outlet
        labels = localized(LABELS, site.language)
        byline = (
            f'{labels["by"]} <span itemprop="author" itemscope'
            f' itemtype="https://schema.org/Person">'
            f'<span itemprop="name">{escape(article.author)}</span></span>'
            if article.author
            else ""
        )
        figure = (
            f'<figure><img itemprop="image" src="{escape(article.image)}" alt="">'
            f"<figcaption>{escape(site.name)}</figcaption></figure>"
            if article.image
            else ""
        )
        date = format_date(site.to_local_time(article.published), site.language)
        return (
            f'<meta itemprop="dateModified"'
            f' content="{site.to_local_iso(article.modified)}">\n'
            f'<h1 itemprop="headline">{escape(article.title)}</h1>\n'
            f'<div class="byline">{byline}</div>'
            f'<div class="dateline">{labels["published"]} '
            f'<time itemprop="datePublished"'
            f' datetime="{site.to_local_iso(article.published)}">{date}</time>'
            f' <span class="ago">{DYNAMIC_MARK}</span></div>\n{figure}\n'
        )

    def render_listing(
        self, site: Site, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a section."""
        cards = "".join(
            f'<article class="card"><h2><a href="{article.path}">'
            f"{escape(article.title)}</a></h2>"
            f"<p>{escape(excerpt(article, 18))}</p></article>"
            for article in articles
        )
        return (
            f'<!doctype html>\n<html lang="{site.locale}"><head><meta charset="utf-8">'
            f"<title>{escape(heading)}</title>"
            f'<link rel="alternate" type="application/atom+xml" href="{site.feed_url}">'
            f"</head>\n{self._render_opening(site)}"
            f"<main><h1>{escape(heading)}</h1>{cards}</main>{BOTTOM_MARK}</body></html>\n"
        )

    def render_not_found(self, site: Site) -> str:
        """The page for unknown paths."""
        labels = localized(LABELS, site.language)
        return (
            f'<!doctype html>\n<html lang="{site.locale}"><head><meta charset="utf-8">'
            f"<title>404</title></head>\n{self._render_opening(site)}"
            f"<main><h1>{labels['missing']}</h1><p>{labels['sorry']}</p></main>"
            f"</body></html>\n"
        )

    def _render_opening(self, site: Site) -> str:
        menu = "".join(
            f'<a href="{self.section_path(section)}">{escape(section)}</a> '
            for section in site.menu_sections
        )
        search = localized(LABELS, site.language)["search"]
        return (
            f'<body>\n<header class="masthead"><a class="logo" href="/">'
            f"{escape(site.name)}</a><nav>{menu}</nav>"
            f'<form role="search"><input name="q"><button>{search}</button></form>'
            f"</header>{TOP_MARK}\n"
        )

    def _render_head(self, article: Article) -> str:
        site = article.outlet
        title, summary = escape(article.title), escape(excerpt(article, 28))
        tags = "".join(
            f'<meta property="article:tag" content="{escape(tag)}">'
            for tag in article.tags
        )
        image = (
            f'<meta property="og:image"'
            f' content="{escape(site.absolute_url(article.image))}">'
            if article.image
            else ""
        )
        return (
            f'<!doctype html>\n<html lang="{site.locale}">\n<head>\n'
            f'<meta charset="utf-8">\n<title>{title} | {escape(site.name)}</title>\n'
            f'<link rel="canonical" href="{article.url}">\n'
            f'<link rel="amphtml" href="{article.url}/amp">\n'
            f'<meta name="description" content="{summary}">\n'
            f'<meta property="og:type" content="article">'
            f'<meta property="og:title" content="{title}">'
            f'<meta property="og:url" content="{article.url}">'
            f'<meta property="og:description" content="{summary}">'
            f'<meta property="og:site_name" content="{escape(site.name)}">{image}\n'
            f'<meta property="article:published_time"'
            f' content="{site.to_local_iso(article.published)}">'
            f'<meta property="article:modified_time"'
            f' content="{site.to_local_iso(article.modified)}">'
            f'<meta property="article:section" content="{escape(article.section)}">'
            f'{tags}\n<meta name="author" content="{escape(article.author)}">\n</head>'
        )
