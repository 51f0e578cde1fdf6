"""The second shape of site: Open Graph and microdata, relative times, a newsletter box, an AMP twin. Not for: feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import (
    BOTTOM,
    MOVING,
    SIDE,
    TOP,
    ago,
    blocks,
    day,
    esc,
    excerpt,
    links,
    name_of,
)
from harvester.newsroom.site_feeds import atom

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet

WORDS = {
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


def _words(outlet: Outlet) -> dict[str, str]:
    return WORDS["fr" if outlet.language == "fr" else "en"]


class Modern:
    """Paths, pages and moving parts of such a site."""

    name = "atom"
    charset = "utf-8"
    page_type = "text/html; charset=utf-8"
    feed_type = "application/atom+xml; charset=utf-8"
    table = ""
    feed = staticmethod(atom)

    def article_path(self, article: Article) -> str:
        """Section, date, slug."""
        return f"/{name_of(article.section or 'news')}/{article.published:%Y/%m/%d}/{article.slug}"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/{name_of(section)}"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/{name_of(section)}/atom.xml" if section else "/atom.xml"

    def moving(self, article: Article) -> str:
        """How long ago, by the newsroom's clock."""
        seconds = (article.outlet.clock() - article.published).total_seconds()
        return ago(seconds, article.outlet.language)

    def side(self, outlet: Outlet, latest: Sequence[Article]) -> str:
        """What others read."""
        return f'<section class="most-read"><h2>{_words(outlet)["most"]}</h2><ol>{links(latest)}</ol></section>'

    def article(self, article: Article) -> str:
        """The page of an article, with marks where its parts meet."""
        outlet, words = article.outlet, _words(article.outlet)
        tags = "".join(
            f'<li><a href="/topic/{name_of(one)}">{esc(one)}</a></li>'
            for one in article.tags
        )
        figure = (
            f'<figure><img itemprop="image" src="{esc(article.image)}" alt=""><figcaption>{esc(outlet.name)}</figcaption></figure>'
            if article.image
            else ""
        )
        agency = (
            f'<p class="credit">{esc(article.agency)}</p>' if article.agency else ""
        )
        byline = (
            f'{words["by"]} <span itemprop="author" itemscope itemtype="https://schema.org/Person">'
            f'<span itemprop="name">{esc(article.author)}</span></span>'
            if article.author
            else ""
        )
        return (
            f"{self._head(article)}\n{self._opening(outlet)}"
            f'<main><article itemscope itemtype="https://schema.org/NewsArticle">\n'
            f'<meta itemprop="dateModified" content="{outlet.local(article.modified)}">\n'
            f'<h1 itemprop="headline">{esc(article.title)}</h1>\n<div class="byline">{byline}</div>'
            f'<div class="dateline">{words["published"]} <time itemprop="datePublished" '
            f'datetime="{outlet.local(article.published)}">{day(outlet.wall(article.published), outlet.language)}</time>'
            f' <span class="ago">{MOVING}</span></div>\n{figure}\n'
            f'<div class="story-body" itemprop="articleBody">\n{blocks(article, "correction")}\n{agency}</div>\n'
            f'<aside class="newsletter"><h3>{words["letter"]}</h3><p>{words["pitch"]}</p>'
            f'<form><input type="email"><button>{words["submit"]}</button></form></aside>\n'
            f'<ul class="topics">{tags}</ul></article>\n{SIDE}</main>\n<footer>{BOTTOM}<a href="/about">{words["about"]}</a>'
            f" © 2025 {esc(outlet.name)}</footer>\n</body></html>\n"
        )

    def listing(self, outlet: Outlet, heading: str, articles: Sequence[Article]) -> str:
        """The front page, or the page of a section."""
        cards = "".join(
            f'<article class="card"><h2><a href="{one.path}">{esc(one.title)}</a></h2><p>{esc(excerpt(one, 18))}</p></article>'
            for one in articles
        )
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}"><head><meta charset="utf-8"><title>{esc(heading)}</title>'
            f'<link rel="alternate" type="application/atom+xml" href="{outlet.feed_url}"></head>\n'
            f"{self._opening(outlet)}<main><h1>{esc(heading)}</h1>{cards}</main>{BOTTOM}</body></html>\n"
        )

    def missing(self, outlet: Outlet) -> str:
        """The page for what is not there."""
        words = _words(outlet)
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}"><head><meta charset="utf-8"><title>404</title></head>\n'
            f"{self._opening(outlet)}<main><h1>{words['missing']}</h1><p>{words['sorry']}</p></main></body></html>\n"
        )

    def _opening(self, outlet: Outlet) -> str:
        menu = "".join(
            f'<a href="{self.section_path(one)}">{esc(one)}</a> ' for one in outlet.menu
        )
        return (
            f'<body>\n<header class="masthead"><a class="logo" href="/">{esc(outlet.name)}</a><nav>{menu}</nav>'
            f'<form role="search"><input name="q"><button>{_words(outlet)["search"]}</button></form></header>{TOP}\n'
        )

    def _head(self, article: Article) -> str:
        outlet = article.outlet
        title, summary = esc(article.title), esc(excerpt(article, 28))
        tags = "".join(
            f'<meta property="article:tag" content="{esc(one)}">'
            for one in article.tags
        )
        picture = (
            f'<meta property="og:image" content="{esc(outlet.absolute(article.image))}">'
            if article.image
            else ""
        )
        return (
            f'<!doctype html>\n<html lang="{outlet.locale}">\n<head>\n<meta charset="utf-8">\n'
            f'<title>{title} | {esc(outlet.name)}</title>\n<link rel="canonical" href="{article.url}">\n'
            f'<link rel="amphtml" href="{article.url}/amp">\n<meta name="description" content="{summary}">\n'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
            f'<meta property="og:url" content="{article.url}"><meta property="og:description" content="{summary}">'
            f'<meta property="og:site_name" content="{esc(outlet.name)}">{picture}\n'
            f'<meta property="article:published_time" content="{outlet.local(article.published)}">'
            f'<meta property="article:modified_time" content="{outlet.local(article.modified)}">'
            f'<meta property="article:section" content="{esc(article.section)}">{tags}\n'
            f'<meta name="author" content="{esc(article.author)}">\n</head>'
        )
