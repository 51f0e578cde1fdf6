"""What a shape of site must be able to say, and which shapes there are. Not for: the shapes themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from harvester.newsroom.modern import Modern
from harvester.newsroom.plain import Plain
from harvester.newsroom.wordpress import WordPress

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet


class Kind(Protocol):
    """What a shape of site has to say."""

    name: str
    charset: str
    page_type: str
    feed_type: str
    table: str  # lines for the outlet's table in settings.toml

    @property
    def feed(self) -> Callable[[Outlet, str, Sequence[Article]], str]: ...
    def article_path(self, article: Article) -> str: ...
    def section_path(self, section: str) -> str: ...
    def feed_path(self, section: str = "") -> str: ...
    def article(self, article: Article) -> str: ...
    def moving(self, article: Article) -> str: ...
    def side(self, outlet: Outlet, latest: Sequence[Article]) -> str: ...
    def listing(
        self, outlet: Outlet, heading: str, articles: Sequence[Article]
    ) -> str: ...
    def missing(self, outlet: Outlet) -> str: ...


KINDS: Mapping[str, Callable[[], Kind]] = {
    "wordpress": WordPress,
    "atom": Modern,
    "plain": Plain,
    "files": WordPress,
}
