"""The third shape of site: tables, hardly any metadata, an 8-bit charset that only the page names. Not for: feeds."""

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
    format_date,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site_feeds import render_rdf

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet


def _is_french(outlet: Outlet) -> bool:
    return outlet.language == "fr"


class PlainTemplate:
    """Paths and pages of such a site; nothing moves but the visit counter at its foot."""

    name = "plain"
    charset = "windows-1252"
    page_type = "text/html"  # the charset stands in the page only
    feed_type = "application/rdf+xml"
    settings_lines = ""
    render_feed = staticmethod(render_rdf)

    def article_path(self, article: Article) -> str:
        """One folder, one file an article."""
        return f"/articles/{article.slug}.htm"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/rubrique-{slugify_label(section)}.htm"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/backend-{slugify_label(section)}.rdf" if section else "/backend.rdf"

    def render_dynamic(self, article: Article) -> str:
        """The visit counter."""
        return f"{'Visites' if _is_french(article.outlet) else 'Visits'} : {4_000 + article.view_count}"

    def render_sidebar(self, outlet: Outlet, latest: Sequence[Article]) -> str:
        """The right-hand cell."""
        heading = "Dernières nouvelles" if _is_french(outlet) else "Latest news"
        return f'<td width="180" valign="top"><b>{heading}</b><ul>{render_links(latest)}</ul></td>'

    def render_article(self, article: Article) -> str:
        """The page of an article, with marks where its parts meet."""
        outlet = article.outlet
        when = format_date(
            outlet.to_local_time(article.published), outlet.language, with_weekday=True
        )
        by = (
            f"{'par' if _is_french(outlet) else 'by'} {escape(article.author)}"
            if article.author
            else ""
        )
        figure = (
            f'<img src="{escape(article.image)}" width="400" alt="">'
            if article.image
            else ""
        )
        agency = f"<p><i>{escape(article.agency)}</i></p>" if article.agency else ""
        meta = (
            f'<meta name="author" content="{escape(article.author)}">\n<meta name="date" content="{article.published:%Y-%m-%d}">\n'
            f'<meta name="description" content="{escape(excerpt(article, 25))}">\n'
            f'<meta name="keywords" content="{escape(", ".join(article.tags))}">\n'
        )
        return (
            f"{self._render_opening(outlet, article.title, meta)}"
            f'<td valign="top" class="texte"><h1>{escape(article.title)}</h1>\n<p class="date"><small>{when} {by}</small></p>\n'
            f'{figure}\n<div id="content" class="corps">\n{render_blocks(article)}\n</div>{agency}</td>\n{SIDEBAR_MARK}\n</tr></table>\n'
            f"<hr>{BOTTOM_MARK}<p><small>{escape(outlet.name)} - {DYNAMIC_MARK}</small></p>\n</body>\n</html>\n"
        )

    def render_listing(
        self, outlet: Outlet, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a section."""
        found = "".join(
            f'<p><a href="{one.path}"><b>{escape(one.title)}</b></a><br>{escape(excerpt(one, 15))}</p>'
            for one in articles
        )
        return f"{self._render_opening(outlet, heading, '')}<td>{found}</td></tr></table>{BOTTOM_MARK}</body></html>\n"

    def render_not_found(self, outlet: Outlet) -> str:
        """The page for what is not there."""
        words = (
            "Cette page n'existe pas."
            if _is_french(outlet)
            else "This page does not exist."
        )
        return f"{self._render_opening(outlet, '404', '')}<td><p>{words}</p></td></tr></table></body></html>\n"

    def _render_opening(self, outlet: Outlet, title: str, meta: str) -> str:
        menu = "".join(
            f'<a href="{self.section_path(one)}">{escape(one)}</a><br>'
            for one in outlet.menu_sections
        )
        return (
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n<html>\n<head>\n'
            f'<meta http-equiv="Content-Type" content="text/html; charset={outlet.charset}">\n'
            f'<title>{escape(title)} - {escape(outlet.name)}</title>\n{meta}</head>\n<body bgcolor="#ffffff">\n'
            f'<table width="100%"><tr><td colspan="3"><a href="/"><b>{escape(outlet.name)}</b></a></td></tr></table>{TOP_MARK}\n'
            f'<table><tr><td width="120" valign="top">{menu}</td>\n'
        )
