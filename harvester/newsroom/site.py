"""What the pages and feeds of an outlet say of it: a record, without its articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

DEFAULT_SECTIONS = {
    "fr": ("Région", "Culture", "Économie", "Sport"),
    "en": ("Local", "Culture", "Business", "Sport"),
}


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """An outlet as its templates see it."""

    key: str
    name: str
    language: str
    now: Callable[[], datetime]  # the newsroom's clock
    opened_at: datetime
    host: str
    port: int = 0
    charset: str
    page_type: str  # Content-Type of its pages
    menu_sections: tuple[str, ...]
    feed_paths: list[str]  # of the feeds that settings name
    default_feed_path: str  # where settings name none
    full_text: bool = False  # in its feeds
    dates_sitemap_now: bool = False  # each `lastmod` is the time of the request
    signs_articles: bool = False  # WordPress: the text ends with the author's name

    @property
    def url(self) -> str:
        """Its origin with a slash: "http://127.0.0.1:40123/"."""
        return f"http://{self.host}:{self.port}/"

    @property
    def feed_url(self) -> str:
        """The URL of its first feed."""
        return self.absolute_url((self.feed_paths or [self.default_feed_path])[0])

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """The URLs of all feeds that settings name."""
        return tuple(self.absolute_url(path) for path in self.feed_paths)

    @property
    def locale(self) -> str:
        """Its language as pages state it."""
        return {"fr": "fr-FR", "en": "en-GB"}.get(self.language, self.language)

    @property
    def time_zone(self) -> timezone:
        """The zone in which its pages write times."""
        return timezone(timedelta(hours=2 if self.language == "fr" else 1))

    def absolute_url(self, path: str) -> str:
        """The URL of a path; a URL stays as it is."""
        return path if "://" in path else self.url + path.lstrip("/")

    def to_local_time(self, when: datetime) -> datetime:
        """A time in its own zone."""
        return when.astimezone(self.time_zone)

    def to_local_iso(self, when: datetime) -> str:
        """The same as text, with the offset."""
        return self.to_local_time(when).isoformat()
