"""The shapes of site that there are, and what each of them must be able to render."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from harvester.newsroom.article import Article
from harvester.newsroom.modern import ModernTemplate
from harvester.newsroom.plain import PlainTemplate
from harvester.newsroom.site import Site
from harvester.newsroom.wordpress import WordPressTemplate

SiteKind = Literal["wordpress", "atom", "plain", "files"]


class SiteTemplate(Protocol):
    """Paths, pages and feed of one shape of site.

    ``render_article`` leaves marks (see ``html_pieces``) where shared and dynamic parts
    of a page go.
    """

    name: str
    charset: str
    page_type: str
    feed_type: str
    settings_lines: str  # for the outlet's table in settings.toml

    @property
    def render_feed(self) -> Callable[[Site, str, Sequence[Article]], str]: ...
    def article_path(self, article: Article) -> str: ...
    def section_path(self, section: str) -> str: ...
    def feed_path(self, section: str = "") -> str: ...
    def render_article(self, article: Article, page: int = 1) -> str: ...
    def render_dynamic(self, article: Article) -> str: ...
    def render_sidebar(self, site: Site, latest: Sequence[Article]) -> str: ...
    def render_listing(
        self, site: Site, heading: str, articles: Sequence[Article]
    ) -> str: ...
    def render_not_found(self, site: Site) -> str: ...


SITE_TEMPLATES: Mapping[str, Callable[[], SiteTemplate]] = {
    "wordpress": WordPressTemplate,
    "atom": ModernTemplate,
    "plain": PlainTemplate,
    "files": WordPressTemplate,
}
