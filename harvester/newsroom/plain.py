"""A site of tables with hardly any metadata, in a charset that only its pages name."""

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
    format_date,
    localized,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site import Site
from harvester.newsroom.site_feeds import render_rdf

LABELS = {
    "fr": {
        "by": "par",
        "visits": "Visites",
        "latest": "Dernières nouvelles",
        "missing": "Cette page n'existe pas.",
    },
    "en": {
        "by": "by",
        "visits": "Visits",
        "latest": "Latest news",
        "missing": "This page does not exist.",
    },
}


class PlainTemplate:
    """Paths and pages of a plain site; see ``site_shapes.SiteTemplate``."""

    name = "plain"
    charset = "windows-1252"
    page_type = "text/html"  # the charset is only in the page
    feed_type = "application/rdf+xml"
    settings_lines = ""
    render_feed = staticmethod(render_rdf)

    def article_path(self, article: Article) -> str:
        """The path of an article: all are files of one folder."""
        return f"/articles/{article.slug}.htm"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/rubrique-{slugify_label(section)}.htm"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/backend-{slugify_label(section)}.rdf" if section else "/backend.rdf"

    def render_dynamic(self, article: Article) -> str:
        """The dynamic part of a page: its visit counter."""
        label = localized(LABELS, article.outlet.language)["visits"]
        return f"{label} : {4_000 + article.view_count}"

    def render_sidebar(self, site: Site, latest: Sequence[Article]) -> str:
        """The right-hand cell, with the latest articles."""
        heading = localized(LABELS, site.language)["latest"]
        return (
            f'<td width="180" valign="top"><b>{heading}</b>'
            f"<ul>{render_links(latest)}</ul></td>"
        )

    def render_article(self, article: Article, page: int = 1) -> str:
        """The page of an article, which is never split over several."""
        site = article.outlet
        local_time = site.to_local_time(article.published)
        date = format_date(local_time, site.language, with_weekday=True)
        by = localized(LABELS, site.language)["by"]
        byline = f"{by} {escape(article.author)}" if article.author else ""
        figure = (
            f'<img src="{escape(article.image)}" width="400" alt="">'
            if article.image
            else ""
        )
        agency = f"<p><i>{escape(article.agency)}</i></p>" if article.agency else ""
        meta = (
            f'<meta name="author" content="{escape(article.author)}">\n'
            f'<meta name="date" content="{article.published:%Y-%m-%d}">\n'
            f'<meta name="description" content="{escape(excerpt(article, 25))}">\n'
            f'<meta name="keywords" content="{escape(", ".join(article.tags))}">\n'
        )
        return (
            f"{self._render_opening(site, article.title, meta)}"
            f'<td valign="top" class="texte"><h1>{escape(article.title)}</h1>\n'
            f'<p class="date"><small>{date} {byline}</small></p>\n{figure}\n'
            f'<div id="content" class="corps">\n{render_blocks(article)}\n</div>{agency}'
            f"</td>\n{SIDEBAR_MARK}\n</tr></table>\n<hr>{BOTTOM_MARK}"
            f"<p><small>{escape(site.name)} - {DYNAMIC_MARK}</small></p>\n"
            f"</body>\n</html>\n"
        )

    def render_listing(
        self, site: Site, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a section."""
        entries = "".join(
            f'<p><a href="{article.path}"><b>{escape(article.title)}</b></a><br>'
            f"{escape(excerpt(article, 15))}</p>"
            for article in articles
        )
        return (
            f"{self._render_opening(site, heading, '')}<td>{entries}</td></tr></table>"
            f"{BOTTOM_MARK}</body></html>\n"
        )

    def render_not_found(self, site: Site) -> str:
        """The page for unknown paths."""
        return (
            f"{self._render_opening(site, '404', '')}"
            f"<td><p>{localized(LABELS, site.language)['missing']}</p></td></tr></table>"
            f"</body></html>\n"
        )

    def _render_opening(self, site: Site, title: str, meta: str) -> str:
        name = escape(site.name)
        menu = "".join(
            f'<a href="{self.section_path(section)}">{escape(section)}</a><br>'
            for section in site.menu_sections
        )
        return (
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n'
            "<html>\n<head>\n"
            '<meta http-equiv="Content-Type"'
            f' content="text/html; charset={site.charset}">\n'
            f"<title>{escape(title)} - {name}</title>\n{meta}</head>\n"
            f'<body bgcolor="#ffffff">\n<table width="100%"><tr><td colspan="3">'
            f'<a href="/"><b>{name}</b></a></td></tr></table>{TOP_MARK}\n'
            f'<table><tr><td width="120" valign="top">{menu}</td>\n'
        )
