"""The third shape of site: tables, hardly any metadata, an 8-bit charset that only the page names. Not for: feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import (
    BOTTOM,
    MOVING,
    SIDE,
    TOP,
    blocks,
    day,
    esc,
    excerpt,
    links,
    name_of,
)
from harvester.newsroom.site_feeds import rdf

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet


def _french(outlet: Outlet) -> bool:
    return outlet.language == "fr"


class Plain:
    """Paths and pages of such a site; nothing moves but the visit counter at its foot."""

    name = "plain"
    charset = "windows-1252"
    page_type = "text/html"  # the charset stands in the page only
    feed_type = "application/rdf+xml"
    table = ""
    feed = staticmethod(rdf)

    def article_path(self, article: Article) -> str:
        """One folder, one file an article."""
        return f"/articles/{article.slug}.htm"

    def section_path(self, section: str) -> str:
        """The page of a section."""
        return f"/rubrique-{name_of(section)}.htm"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a section."""
        return f"/backend-{name_of(section)}.rdf" if section else "/backend.rdf"

    def moving(self, article: Article) -> str:
        """The visit counter."""
        return f"{'Visites' if _french(article.outlet) else 'Visits'} : {4_000 + article.views}"

    def side(self, outlet: Outlet, latest: Sequence[Article]) -> str:
        """The right-hand cell."""
        heading = "Dernières nouvelles" if _french(outlet) else "Latest news"
        return f'<td width="180" valign="top"><b>{heading}</b><ul>{links(latest)}</ul></td>'

    def article(self, article: Article) -> str:
        """The page of an article, with marks where its parts meet."""
        outlet = article.outlet
        when = day(outlet.wall(article.published), outlet.language, weekday=True)
        by = (
            f"{'par' if _french(outlet) else 'by'} {esc(article.author)}"
            if article.author
            else ""
        )
        figure = (
            f'<img src="{esc(article.image)}" width="400" alt="">'
            if article.image
            else ""
        )
        agency = f"<p><i>{esc(article.agency)}</i></p>" if article.agency else ""
        meta = (
            f'<meta name="author" content="{esc(article.author)}">\n<meta name="date" content="{article.published:%Y-%m-%d}">\n'
            f'<meta name="description" content="{esc(excerpt(article, 25))}">\n'
            f'<meta name="keywords" content="{esc(", ".join(article.tags))}">\n'
        )
        return (
            f"{self._opening(outlet, article.title, meta)}"
            f'<td valign="top" class="texte"><h1>{esc(article.title)}</h1>\n<p class="date"><small>{when} {by}</small></p>\n'
            f'{figure}\n<div id="content" class="corps">\n{blocks(article)}\n</div>{agency}</td>\n{SIDE}\n</tr></table>\n'
            f"<hr>{BOTTOM}<p><small>{esc(outlet.name)} - {MOVING}</small></p>\n</body>\n</html>\n"
        )

    def listing(self, outlet: Outlet, heading: str, articles: Sequence[Article]) -> str:
        """The front page, or the page of a section."""
        found = "".join(
            f'<p><a href="{one.path}"><b>{esc(one.title)}</b></a><br>{esc(excerpt(one, 15))}</p>'
            for one in articles
        )
        return f"{self._opening(outlet, heading, '')}<td>{found}</td></tr></table>{BOTTOM}</body></html>\n"

    def missing(self, outlet: Outlet) -> str:
        """The page for what is not there."""
        words = (
            "Cette page n'existe pas."
            if _french(outlet)
            else "This page does not exist."
        )
        return f"{self._opening(outlet, '404', '')}<td><p>{words}</p></td></tr></table></body></html>\n"

    def _opening(self, outlet: Outlet, title: str, meta: str) -> str:
        menu = "".join(
            f'<a href="{self.section_path(one)}">{esc(one)}</a><br>'
            for one in outlet.menu
        )
        return (
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n<html>\n<head>\n'
            f'<meta http-equiv="Content-Type" content="text/html; charset={outlet.charset}">\n'
            f'<title>{esc(title)} - {esc(outlet.name)}</title>\n{meta}</head>\n<body bgcolor="#ffffff">\n'
            f'<table width="100%"><tr><td colspan="3"><a href="/"><b>{esc(outlet.name)}</b></a></td></tr></table>{TOP}\n'
            f'<table><tr><td width="120" valign="top">{menu}</td>\n'
        )
