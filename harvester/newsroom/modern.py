"""The second shape of site: Open Graph and microdata, relative times, a newsletter box, an AMP twin. Not for: feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    SIDEBAR_MARK,
    TOP_MARK,
    escape,
    excerpt,
    format_age,
    format_date,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site_feeds import render_atom

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet

LABELS = {
    "en": {
        "by": "By", "published": "Published", "most": "Most read", "letter": "Sign up to our newsletter",
        "pitch": "The day’s stories in your inbox every morning. Free, and easy to leave.", "submit": "Sign up",
        "missing": "Sorry, we cannot find that page", "sorry": "It may have moved, or it may never have been here.",
        "more": "More on this story", "about": "About us", "search": "Search",
    },
    "fr": {
        "by": "Par", "published": "Publié", "most": "Les plus lus", "letter": "Recevez notre lettre",
        "pitch": "L’essentiel de la journée, chaque matin. Gratuit, et l’on s’en va quand on veut.", "submit": "S’inscrire",
        "missing": "Cette page est introuvable", "sorry": "Elle a pu être déplacée, ou n’avoir jamais existé.",
        "more": "Sur le même sujet", "about": "Qui sommes-nous", "search": "Rechercher",
    },
}  # fmt: skip


def _labels_for(outlet: Outlet) -> dict[str, str]:
    return LABELS["fr" if outlet.language == "fr" else "en"]


class ModernTemplate:
    """Paths, pages and moving parts of such a site."""

    name = "atom"
    charset = "utf-8"
    page_type = "text/html; charset=utf-8"
    feed_type = "application/atom+xml; charset=utf-8"
    settings_lines = ""
    render_feed = staticmethod(render_atom)

    def article_path(self, article: Article) -> str:
        """Section, date, slug."""
        return f"/{slugify_label(article.section or 'news')}/{article.published:%Y/%m/%d}/{article.slug}"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/{slugify_label(section)}"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/{slugify_label(section)}/atom.xml" if section else "/atom.xml"

    def render_dynamic(self, article: Article) -> str:
        """How long ago, by the newsroom's clock."""
        seconds = (article.outlet.now() - article.published).total_seconds()
        return format_age(seconds, article.outlet.language)

    def render_sidebar(self, outlet: Outlet, latest: Sequence[Article]) -> str:
        """What others read."""
        return f'<section class="most-read"><h2>{_labels_for(outlet)["most"]}</h2><ol>{render_links(latest)}</ol></section>'

    def render_article(self, article: Article) -> str:
        """The page of an article, with marks where its parts meet."""
        outlet, words = article.outlet, _labels_for(article.outlet)
        tags = "".join(
            f'<li><a href="/topic/{slugify_label(one)}">{escape(one)}</a></li>'
            for one in article.tags
        )
        figure = (
            f'<figure><img itemprop="image" src="{escape(article.image)}" alt=""><figcaption>{escape(outlet.name)}</figcaption></figure>'
            if article.image
            else ""
        )
        agency = (
            f'<p class="credit">{escape(article.agency)}</p>' if article.agency else ""
        )
        byline = (
            f'{words["by"]} <span itemprop="author" itemscope itemtype="https://schema.org/Person">'
            f'<span itemprop="name">{escape(article.author)}</span></span>'
            if article.author
            else ""
        )
        return (
            f"{self._render_head(article)}\n{self._render_opening(outlet)}"
            f'<main><article itemscope itemtype="https://schema.org/NewsArticle">\n'
            f'<meta itemprop="dateModified" content="{outlet.to_local_iso(article.modified)}">\n'
            f'<h1 itemprop="headline">{escape(article.title)}</h1>\n<div class="byline">{byline}</div>'
            f'<div class="dateline">{words["published"]} <time itemprop="datePublished" '
            f'datetime="{outlet.to_local_iso(article.published)}">{format_date(outlet.to_local_time(article.published), outlet.language)}</time>'
            f' <span class="ago">{DYNAMIC_MARK}</span></div>\n{figure}\n'
            f'<div class="story-body" itemprop="articleBody">\n{render_blocks(article, "correction")}\n{agency}</div>\n'
            f'<aside class="newsletter"><h3>{words["letter"]}</h3><p>{words["pitch"]}</p>'
            f'<form><input type="email"><button>{words["submit"]}</button></form></aside>\n'
            f'<ul class="topics">{tags}</ul></article>\n{SIDEBAR_MARK}</main>\n<footer>{BOTTOM_MARK}<a href="/about">{words["about"]}</a>'
            f" © 2025 {escape(outlet.name)}</footer>\n</body></html>\n"
        )

    def render_listing(
        self, outlet: Outlet, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a section."""
        cards = "".join(
            f'<article class="card"><h2><a href="{one.path}">{escape(one.title)}</a></h2><p>{escape(excerpt(one, 18))}</p></article>'
            for one in articles
        )
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
            f'<link rel="alternate" type="application/atom+xml" href="{outlet.feed_url}"></head>\n'
            f"{self._render_opening(outlet)}<main><h1>{escape(heading)}</h1>{cards}</main>{BOTTOM_MARK}</body></html>\n"
        )

    def render_not_found(self, outlet: Outlet) -> str:
        """The page for what is not there."""
        words = _labels_for(outlet)
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}"><head><meta charset="utf-8"><title>404</title></head>\n'
            f"{self._render_opening(outlet)}<main><h1>{words['missing']}</h1><p>{words['sorry']}</p></main></body></html>\n"
        )

    def _render_opening(self, outlet: Outlet) -> str:
        menu = "".join(
            f'<a href="{self.section_path(one)}">{escape(one)}</a> '
            for one in outlet.menu_sections
        )
        return (
            f'<body>\n<header class="masthead"><a class="logo" href="/">{escape(outlet.name)}</a><nav>{menu}</nav>'
            f'<form role="search"><input name="q"><button>{_labels_for(outlet)["search"]}</button></form></header>{TOP_MARK}\n'
        )

    def _render_head(self, article: Article) -> str:
        outlet = article.outlet
        title, summary = escape(article.title), escape(excerpt(article, 28))
        tags = "".join(
            f'<meta property="article:tag" content="{escape(one)}">'
            for one in article.tags
        )
        picture = (
            f'<meta property="og:image" content="{escape(outlet.absolute_url(article.image))}">'
            if article.image
            else ""
        )
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}">\n<head>\n<meta charset="utf-8">\n'
            f'<title>{title} | {escape(outlet.name)}</title>\n<link rel="canonical" href="{article.url}">\n'
            f'<link rel="amphtml" href="{article.url}/amp">\n<meta name="description" content="{summary}">\n'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
            f'<meta property="og:url" content="{article.url}"><meta property="og:description" content="{summary}">'
            f'<meta property="og:site_name" content="{escape(outlet.name)}">{picture}\n'
            f'<meta property="article:published_time" content="{outlet.to_local_iso(article.published)}">'
            f'<meta property="article:modified_time" content="{outlet.to_local_iso(article.modified)}">'
            f'<meta property="article:section" content="{escape(article.section)}">{tags}\n'
            f'<meta name="author" content="{escape(article.author)}">\n</head>'
        )
