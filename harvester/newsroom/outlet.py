"""One outlet: what an editor does with it, and what its server needs to know. Not for: HTTP, HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.faults import Fault
from harvester.newsroom.faults import FaultKind as FaultKind
from harvester.newsroom.html_pieces import CORRECTION_LABELS, slugify
from harvester.newsroom.response_body import BodyPart
from harvester.newsroom.site_feeds import find_title, render_page_list_rss
from harvester.newsroom.site_shapes import SITE_TEMPLATES

if TYPE_CHECKING:
    from harvester.newsroom.room import Newsroom
    from harvester.newsroom.server import LoggedRequest

DEFAULT_ROBOTS_TXT = "User-agent: *\nDisallow: /wp-admin/\n"
DEFAULT_SECTIONS = {
    "fr": ("Région", "Culture", "Économie", "Sport"),
    "en": ("Local", "Culture", "Business", "Sport"),
}


class Outlet:
    """Made by ``Newsroom.outlet``. Public attributes may be changed at any time; all methods are thread-safe."""

    def __init__(
        self,
        newsroom: Newsroom,
        key: str,
        kind: str,
        *,
        name: str = "",
        language: str = "",
        home_path: str = "/",
        sections: Sequence[str] = (),
        full_text: bool = False,
        feed_size: int = 30,
        page_bytes: int = 0,
        charset: str = "",
    ) -> None:
        self._newsroom, self._lock = newsroom, newsroom.lock
        self.key, self.template, self.name = (
            key,
            SITE_TEMPLATES[kind](),
            name or key.replace("-", " ").title(),
        )
        self.language = language or ("en" if kind == "atom" else "fr")
        self.home_path, self.full_text, self.feed_size, self.page_bytes = (
            home_path,
            full_text,
            feed_size,
            page_bytes,
        )
        self.charset = charset or self.template.charset
        self.page_type = self.template.page_type
        self.menu_sections: tuple[str, ...] = tuple(sections) or DEFAULT_SECTIONS.get(
            self.language, DEFAULT_SECTIONS["en"]
        )
        self.time_zone = timezone(timedelta(hours=2 if self.language == "fr" else 1))
        self.settings_lines = (
            "" if kind == "files" else self.template.settings_lines
        )  # lines for its table in settings.toml
        self.host, self.port = newsroom.host, 0
        own = {"atom": "atom", "plain": "rdf"}.get(kind, "rss")
        self.feed_format = own  # or "json", "sitemap": what its feeds are
        self.former_ports: set[int] = set()  # where it was before: answered with 301
        self.robots_response: tuple[int, str] = (200, DEFAULT_ROBOTS_TXT)
        self.robots_delay_seconds = self.latency_seconds = (
            0.0  # seconds before each answer
        )
        self.sends_validators = self.has_sidebar = (
            True  # ETag and Last-Modified; the box of latest articles on each page
        )
        self.bumps_edited = (
            False  # what is edited stands at the head of its feeds again
        )
        self.signs_articles = False  # WordPress: the text closes with the author's name
        self.opened_at = self.changed_at = newsroom.now
        self.revision = 0
        self.requests: list[LoggedRequest] = []  # as they came
        self.articles: list[Article] = []  # all that were ever published
        self.files: dict[str, tuple[BodyPart, str]] = {}
        self.page_cache: dict[
            tuple[int, int], tuple[int, tuple[BodyPart | str, ...]]
        ] = {}  # rendered, by number and page, of a revision
        self.shared_parts: dict[str, tuple[int, BodyPart]] = {}
        self._articles_by_path: dict[str, Article] = {}
        self._configured_feed_paths = (
            []
            if kind == "files"
            else [self.template.feed_path(one) for one in sections or ("",)]
        )
        self._faults: list[Fault] = []

    # ---- addresses

    @property
    def url(self) -> str:
        """The front page's origin, with a slash: "http://127.0.0.1:40123/"."""
        return f"http://{self.host}:{self.port}/"

    @property
    def feed_url(self) -> str:
        """The first feed."""
        return self.absolute_url(
            (self._configured_feed_paths or [self.template.feed_path()])[0]
        )

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """All feeds that settings name."""
        return tuple(self.absolute_url(one) for one in self._configured_feed_paths)

    @property
    def locale(self) -> str:
        """The language as pages state it."""
        return {"fr": "fr-FR", "en": "en-GB"}.get(self.language, self.language)

    def absolute_url(self, path: str) -> str:
        """A path as an address."""
        return path if "://" in path else self.url + path.lstrip("/")

    def now(self) -> datetime:
        """What time it is in the newsroom."""
        return self._newsroom.now

    def to_local_time(self, when: datetime) -> datetime:
        """In the outlet's own zone."""
        return when.astimezone(self.time_zone)

    def to_local_iso(self, when: datetime) -> str:
        """The same as text, with the offset."""
        return self.to_local_time(when).isoformat()

    # ---- what an editor does

    def publish(
        self,
        title: str,
        paragraphs: Sequence[str],
        *,
        author: str = "",
        section: str = "",
        tags: Sequence[str] = (),
        slug: str | None = None,
        at: datetime | None = None,
        image: str | None = None,
        agency: str = "",
    ) -> Article:
        """A new article; ``at`` is when it says it was published (the newsroom's clock)."""
        with self._lock:
            now = self.now()
            when = (at or now).astimezone(UTC).replace(microsecond=0)
            article = Article(
                self, len(self.articles) + 1, slug or slugify(title), title, tuple(paragraphs), author,
                section or self.menu_sections[0], tuple(tags), when, when, now, image or "", agency,
            )  # fmt: skip
            article.number += self._newsroom.post_number_offset
            if not slug:
                self._make_path_unique(article)
            self._register_path(article)
            self.articles.append(article)
            self._mark_changed(article, silent=True)
            return article

    def edit(
        self,
        article: Article,
        paragraphs: Sequence[str] | None = None,
        correction: str | None = None,
        silent: bool = False,
    ) -> None:
        """Other words. ``note`` is a correction line below the text; ``silent`` leaves the stated date as it was."""
        with self._lock:
            if paragraphs is not None:
                article.paragraphs = tuple(paragraphs)
            if correction is not None:
                label = CORRECTION_LABELS["fr" if self.language == "fr" else "en"]
                article.correction = (
                    f"{label}{' ' if label == CORRECTION_LABELS['fr'] else ''}: {correction}"
                    if correction
                    else ""
                )
            self._mark_changed(article, silent)

    def retitle(self, article: Article, title: str, silent: bool = False) -> None:
        """Another headline over the same words, at the same address."""
        with self._lock:
            article.title = title
            self._mark_changed(article, silent)

    def move(self, article: Article, new_slug: str) -> None:
        """Another address, numbered where it is another's; the old one answers 301 from now on."""
        with self._lock:
            article.former_paths.append(article.path)
            article.slug = new_slug
            self._make_path_unique(article)
            self._register_path(article)
            self._mark_changed(article, silent=True)

    def withdraw(self, article: Article, status: int = 404) -> None:
        """Take it down: 404, 410, or 302 to the front page. It leaves the feed too."""
        with self._lock:
            article.status = status
            self._mark_changed(article, silent=True)

    def restore(self, article: Article) -> None:
        """Put it back as it was."""
        self.withdraw(article, ONLINE_STATUS)

    def syndicate(
        self,
        article: Article,
        *,
        title: str = "",
        slug: str | None = None,
        agency: str = "",
        at: datetime | None = None,
    ) -> Article:
        """Publish another outlet's article here: the same words at an address of our own."""
        section = article.section if article.section in self.menu_sections else ""
        return self.publish(
            title or article.title,
            article.paragraphs,
            author=article.author,
            section=section,
            tags=article.tags,
            slug=slug,
            agency=agency,
            at=at,
        )

    def serve(
        self, path: str, body: bytes, content_type: str = "text/html; charset=utf-8"
    ) -> str:
        """Any bytes at any path; returns the address."""
        with self._lock:
            self.files[quote(path, safe="/%?=&;+,@:~!$'()*")] = (
                BodyPart(body),
                content_type,
            )
            return self.absolute_url(path)

    def serve_pages(
        self,
        pages: Iterable[tuple[str, bytes, str]],
        feed_count: int = 1,
        titles: Mapping[str, str] | None = None,
        contents: Mapping[str, str] | None = None,
    ) -> tuple[str, ...]:
        """Pages (path, body, content type) and RSS feeds that list them all, in ``feeds`` equal shares; their addresses.

        ``contents``: path → the full text that the feed carries, as HTML.
        """
        listed: list[tuple[str, str, str]] = []
        for path, body, content_type in pages:
            address = self.serve(path, body, content_type)
            title = (titles or {}).get(path) or find_title(body) or path
            listed.append((address, title, (contents or {}).get(path, "")))
        found: list[str] = []
        with self._lock:
            for share in range(feed_count):
                path = f"/pages-{len(self._configured_feed_paths) + 1}.xml"
                found.append(
                    self.serve(
                        path,
                        render_page_list_rss(self, listed[share::feed_count]),
                        "application/rss+xml; charset=utf-8",
                    )
                )
                self._configured_feed_paths.append(path)
        return tuple(found)

    # ---- misbehaviour

    def add_fault(self, path: str | Article, kind: FaultKind, **options: Any) -> Fault:
        """From now on requests for that path (or address, article, pattern with ``*``) meet a fault; the newest first."""
        target = path.path if isinstance(path, Article) else path
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fault = Fault(target, kind, **options)
        with self._lock:
            self._faults.insert(0, fault)
        return fault

    def add_page_fault(self, status: int) -> Fault:
        """The pages of articles are in trouble; feeds and robots.txt are as always."""
        fault = Fault(
            "*",
            "status",
            status=status,
            except_paths=("/robots.txt", *self.all_feeds()),
        )
        with self._lock:
            self._faults.insert(0, fault)
        return fault

    def remove_fault(self, fault: Fault) -> None:
        """Take a fault back; nothing where it is over."""
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def clear_faults(self) -> None:
        """Heal everything."""
        with self._lock:
            self._faults.clear()

    def take_fault(self, target: str) -> Fault | None:
        """The fault that a request meets, if any; counts it. Called with the lock held."""
        for fault in self._faults:
            if fault.matches(target):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    # ---- what stands where

    def find_article(self, slug: str) -> Article:
        """The article that has, or had, that slug. Raises KeyError."""
        for one in reversed(self.articles):
            if one.slug == slug or any(
                slug in former.split("/") for former in one.former_paths
            ):
                return one
        raise KeyError(slug)

    def find_by_path(self, path: str) -> Article | None:
        """The article that has, or had, that path."""
        return self._articles_by_path.get(path)

    def find_by_number(self, number: int) -> Article | None:
        """The article of that number."""
        return next((one for one in self.articles if one.number == number), None)

    def latest(self, limit: int, section: str = "") -> list[Article]:
        """What a feed or front page lists: the newest first, nothing that was withdrawn."""
        standing = [
            one
            for one in self.articles
            if one.status == ONLINE_STATUS and (not section or one.section == section)
        ]
        if self.bumps_edited:
            return sorted(
                standing, key=lambda one: (one.modified, one.number), reverse=True
            )[:limit]
        return sorted(
            standing, key=lambda one: (one.published, one.number), reverse=True
        )[:limit]

    def configured_feeds(self) -> dict[str, str]:
        """Paths of the feeds that settings name, with the section that each lists ("" for all)."""
        every = self.all_feeds()
        return {
            path: every[path] for path in self._configured_feed_paths if path in every
        }

    def all_feeds(self) -> dict[str, str]:
        """Paths of all feeds there are, with the section that each lists ("" for all)."""
        return {self.template.feed_path(one): one for one in ("", *self.menu_sections)}

    def _make_path_unique(self, article: Article) -> None:
        """Number its slug where its address is another article's, as WordPress does."""
        stem, count = article.slug, 1
        while self._articles_by_path.get(article.path, article) is not article:
            count += 1
            article.slug = f"{stem}-{count}"

    def _register_path(self, article: Article) -> None:
        if self._articles_by_path.setdefault(article.path, article) is not article:
            raise ValueError(f"{article.path} is taken")

    def _mark_changed(self, article: Article, silent: bool) -> None:
        article.changed_at = self.changed_at = self.now()
        if not silent:
            article.modified = max(article.changed_at, article.published)
        article.revision += 1
        self.revision += 1
