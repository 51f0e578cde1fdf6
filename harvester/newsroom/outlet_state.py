"""What an outlet serves now and how: its articles, files, feeds and faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.faults import Fault
from harvester.newsroom.response_body import BodyPart, Response
from harvester.newsroom.site import Site
from harvester.newsroom.site_shapes import SiteTemplate

DEFAULT_ROBOTS_TXT = "User-agent: *\nDisallow: /wp-admin/\n"


class LoggedRequest(NamedTuple):
    """One request as it was logged; ``status`` 0: the response was not HTTP."""

    received_at: float  # monotonic
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    status: int
    method: str
    fault_kind: str = ""  # of the fault that was applied; "" if none


@dataclass(slots=True, kw_only=True, eq=False)
class OutletState(Site):
    """An outlet as its server sees it; used with the newsroom's lock held."""

    template: SiteTemplate
    settings_lines: str  # extra lines for its table in settings.toml
    home_path: str = "/"
    feed_format: str  # "rss", "atom", "rdf", "json" or "sitemap"
    feed_size: int = 30
    page_bytes: int = 0  # pages are padded to about this size
    has_sidebar: bool = True  # the latest articles, on each page
    bumps_edited: bool = False  # edited articles move to the head of its feeds
    rest_quirks: frozenset[str] = frozenset()  # see ``wordpress_rest.RestQuirk``
    lists: frozenset[str] = frozenset()  # see ``wordpress_lists.ListName``
    sends_validators: bool = True  # ETag and Last-Modified
    robots_response: tuple[int, str] = (200, DEFAULT_ROBOTS_TXT)
    latency_seconds: float = 0.0  # before each response
    robots_delay_seconds: float = 0.0  # before robots.txt, in addition
    # Asked before the site: path and query → response, or None for what the site has.
    responder: Callable[[str], Response | None] | None = None
    former_ports: set[int] = field(default_factory=set)  # redirected with 301
    changed_at: datetime
    revision: int = 0
    requests: list[LoggedRequest] = field(default_factory=list)  # in order
    articles: list[Article] = field(default_factory=list)  # all ever published
    articles_by_path: dict[str, Article] = field(default_factory=dict)
    files: dict[str, tuple[BodyPart, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)  # the first that matches counts
    # (article number, page) → (revision, rendered parts and marks)
    page_cache: dict[tuple[int, int], tuple[int, tuple[BodyPart | str, ...]]] = field(
        default_factory=dict
    )
    shared_parts: dict[str, tuple[int, BodyPart]] = field(default_factory=dict)

    def find_article(self, slug: str) -> Article:
        """The article that has, or had, that slug. Raises KeyError."""
        for article in reversed(self.articles):
            if article.slug == slug or any(
                slug in path.split("/") for path in article.former_paths
            ):
                return article
        raise KeyError(slug)

    def find_by_path(self, path: str) -> Article | None:
        """The article that has, or had, that path; None if there is none."""
        return self.articles_by_path.get(path)

    def find_by_number(self, number: int) -> Article | None:
        """The article with that number, or None."""
        return next(
            (article for article in self.articles if article.number == number), None
        )

    def latest(self, limit: int, section: str = "") -> list[Article]:
        """The newest articles, without withdrawn ones, for a feed or front page."""
        online = [
            article
            for article in self.articles
            if article.status == ONLINE_STATUS
            and (not section or article.section == section)
        ]

        def sort_key(article: Article) -> tuple[datetime, int]:
            at = article.modified if self.bumps_edited else article.published
            return at, article.number

        return sorted(online, key=sort_key, reverse=True)[:limit]

    def configured_feeds(self) -> dict[str, str]:
        """Path → section ("": all) of the feeds that settings name."""
        feeds = self.all_feeds()
        return {path: feeds[path] for path in self.feed_paths if path in feeds}

    def all_feeds(self) -> dict[str, str]:
        """Path → section ("": all) of all feeds there are."""
        return {
            self.template.feed_path(section): section
            for section in ("", *self.menu_sections)
        }

    def take_fault(self, target: str) -> Fault | None:
        """The fault that applies to a request, or None; uses up one of its times."""
        for fault in self.faults:
            if fault.matches(target):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None
