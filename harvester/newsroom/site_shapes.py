"""What a shape of site must be able to say, and which shapes there are. Not for: the shapes themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from harvester.newsroom.modern import ModernTemplate
from harvester.newsroom.plain import PlainTemplate
from harvester.newsroom.wordpress import WordPressTemplate

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet


class SiteTemplate(Protocol):
    """What a shape of site has to say."""

    name: str
    charset: str
    page_type: str
    feed_type: str
    settings_lines: str  # lines for the outlet's table in settings.toml

    @property
    def render_feed(self) -> Callable[[Outlet, str, Sequence[Article]], str]: ...
    def article_path(self, article: Article) -> str: ...
    def section_path(self, section: str) -> str: ...
    def feed_path(self, section: str = "") -> str: ...
    def render_article(self, article: Article) -> str: ...
    def render_dynamic(self, article: Article) -> str: ...
    def render_sidebar(self, outlet: Outlet, latest: Sequence[Article]) -> str: ...
    def render_listing(
        self, outlet: Outlet, heading: str, articles: Sequence[Article]
    ) -> str: ...
    def render_not_found(self, outlet: Outlet) -> str: ...


SITE_TEMPLATES: Mapping[str, Callable[[], SiteTemplate]] = {
    "wordpress": WordPressTemplate,
    "atom": ModernTemplate,
    "plain": PlainTemplate,
    "files": WordPressTemplate,
}
