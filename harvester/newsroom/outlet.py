"""One outlet: what an editor does with it, and what its server needs to know. Not for: HTTP, HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from harvester.newsroom.article import HERE, Article
from harvester.newsroom.faults import Fault
from harvester.newsroom.faults import Kind as FaultKind
from harvester.newsroom.html_pieces import NOTE, slug_of
from harvester.newsroom.response_body import Part
from harvester.newsroom.site_feeds import rss_of, title_in
from harvester.newsroom.site_shapes import KINDS

if TYPE_CHECKING:
    from harvester.newsroom.room import Newsroom
    from harvester.newsroom.server import Asked

ROBOTS = "User-agent: *\nDisallow: /wp-admin/\n"
MENU = {
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
        home: str = "/",
        sections: Sequence[str] = (),
        full_text: bool = False,
        feed_size: int = 30,
        page_bytes: int = 0,
        charset: str = "",
    ) -> None:
        self._newsroom, self._lock = newsroom, newsroom.lock
        self.key, self.kind, self.name = (
            key,
            KINDS[kind](),
            name or key.replace("-", " ").title(),
        )
        self.language = language or ("en" if kind == "atom" else "fr")
        self.home_path, self.full_text, self.feed_size, self.page_bytes = (
            home,
            full_text,
            feed_size,
            page_bytes,
        )
        self.charset = charset or self.kind.charset
        self.page_type = self.kind.page_type
        self.menu: tuple[str, ...] = tuple(sections) or MENU.get(
            self.language, MENU["en"]
        )
        self.zone = timezone(timedelta(hours=2 if self.language == "fr" else 1))
        self.table = (
            "" if kind == "files" else self.kind.table
        )  # lines for its table in settings.toml
        self.host, self.port = newsroom.host, 0
        own = {"atom": "atom", "plain": "rdf"}.get(kind, "rss")
        self.feed_form = own  # or "json", "sitemap": what its feeds are
        self.former_ports: set[int] = set()  # where it was before: answered with 301
        self.robots: tuple[int, str] = (200, ROBOTS)
        self.robots_delay = self.latency = 0.0  # seconds before each answer
        self.validators = self.sidebar = (
            True  # ETag and Last-Modified; the box of latest articles on each page
        )
        self.bumps = False  # what is edited stands at the head of its feeds again
        self.signed = False  # WordPress: the text closes with the author's name
        self.opened = self.changed = newsroom.clock
        self.revision = 0
        self.requests: list[Asked] = []  # as they came
        self.articles: list[Article] = []  # all that were ever published
        self.files: dict[str, tuple[Part, str]] = {}
        self.pages: dict[
            tuple[int, int], tuple[int, tuple[Part | str, ...]]
        ] = {}  # rendered, by number and page, of a revision
        self.common: dict[str, tuple[int, Part]] = {}
        self._paths: dict[str, Article] = {}
        self._feeds = (
            []
            if kind == "files"
            else [self.kind.feed_path(one) for one in sections or ("",)]
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
        return self.absolute((self._feeds or [self.kind.feed_path()])[0])

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """All feeds that settings name."""
        return tuple(self.absolute(one) for one in self._feeds)

    @property
    def locale(self) -> str:
        """The language as pages state it."""
        return {"fr": "fr-FR", "en": "en-GB"}.get(self.language, self.language)

    def absolute(self, path: str) -> str:
        """A path as an address."""
        return path if "://" in path else self.url + path.lstrip("/")

    def clock(self) -> datetime:
        """What time it is in the newsroom."""
        return self._newsroom.clock

    def wall(self, when: datetime) -> datetime:
        """In the outlet's own zone."""
        return when.astimezone(self.zone)

    def local(self, when: datetime) -> str:
        """The same as text, with the offset."""
        return self.wall(when).isoformat()

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
            now = self.clock()
            when = (at or now).astimezone(UTC).replace(microsecond=0)
            article = Article(
                self, len(self.articles) + 1, slug or slug_of(title), title, tuple(paragraphs), author,
                section or self.menu[0], tuple(tags), when, when, now, image or "", agency,
            )  # fmt: skip
            article.number += self._newsroom.numbers
            if not slug:
                self._number(article)
            self._enter(article)
            self.articles.append(article)
            self._touched(article, silent=True)
            return article

    def edit(
        self,
        article: Article,
        paragraphs: Sequence[str] | None = None,
        note: str | None = None,
        silent: bool = False,
    ) -> None:
        """Other words. ``note`` is a correction line below the text; ``silent`` leaves the stated date as it was."""
        with self._lock:
            if paragraphs is not None:
                article.paragraphs = tuple(paragraphs)
            if note is not None:
                label = NOTE["fr" if self.language == "fr" else "en"]
                article.note = (
                    f"{label}{' ' if label == NOTE['fr'] else ''}: {note}"
                    if note
                    else ""
                )
            self._touched(article, silent)

    def retitle(self, article: Article, title: str, silent: bool = False) -> None:
        """Another headline over the same words, at the same address."""
        with self._lock:
            article.title = title
            self._touched(article, silent)

    def move(self, article: Article, new_slug: str) -> None:
        """Another address, numbered where it is another's; the old one answers 301 from now on."""
        with self._lock:
            article.former.append(article.path)
            article.slug = new_slug
            self._number(article)
            self._enter(article)
            self._touched(article, silent=True)

    def withdraw(self, article: Article, status: int = 404) -> None:
        """Take it down: 404, 410, or 302 to the front page. It leaves the feed too."""
        with self._lock:
            article.status = status
            self._touched(article, silent=True)

    def restore(self, article: Article) -> None:
        """Put it back as it was."""
        self.withdraw(article, HERE)

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
        section = article.section if article.section in self.menu else ""
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
                Part(body),
                content_type,
            )
            return self.absolute(path)

    def serve_pages(
        self,
        pages: Iterable[tuple[str, bytes, str]],
        feeds: int = 1,
        titles: Mapping[str, str] | None = None,
        contents: Mapping[str, str] | None = None,
    ) -> tuple[str, ...]:
        """Pages (path, body, content type) and RSS feeds that list them all, in ``feeds`` equal shares; their addresses.

        ``contents``: path → the full text that the feed carries, as HTML.
        """
        listed: list[tuple[str, str, str]] = []
        for path, body, content_type in pages:
            address = self.serve(path, body, content_type)
            title = (titles or {}).get(path) or title_in(body) or path
            listed.append((address, title, (contents or {}).get(path, "")))
        found: list[str] = []
        with self._lock:
            for share in range(feeds):
                path = f"/pages-{len(self._feeds) + 1}.xml"
                found.append(
                    self.serve(
                        path,
                        rss_of(self, listed[share::feeds]),
                        "application/rss+xml; charset=utf-8",
                    )
                )
                self._feeds.append(path)
        return tuple(found)

    # ---- misbehaviour

    def fault(self, path: str | Article, kind: FaultKind, **options: Any) -> Fault:
        """From now on requests for that path (or address, article, pattern with ``*``) meet a fault; the newest first."""
        target = path.path if isinstance(path, Article) else path
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fault = Fault(target, kind, **options)
        with self._lock:
            self._faults.insert(0, fault)
        return fault

    def fault_on_pages(self, status: int) -> Fault:
        """The pages of articles are in trouble; feeds and robots.txt are as always."""
        fault = Fault(
            "*", "status", status=status, but=("/robots.txt", *self.feed_sections())
        )
        with self._lock:
            self._faults.insert(0, fault)
        return fault

    def heal(self, fault: Fault) -> None:
        """Take a fault back; nothing where it is over."""
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def clear_faults(self) -> None:
        """Heal everything."""
        with self._lock:
            self._faults.clear()

    def met_fault(self, target: str) -> Fault | None:
        """The fault that a request meets, if any; counts it. Called with the lock held."""
        for fault in self._faults:
            if fault.meets(target):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    # ---- what stands where

    def article(self, slug: str) -> Article:
        """The article that has, or had, that slug. Raises KeyError."""
        for one in reversed(self.articles):
            if one.slug == slug or any(
                slug in former.split("/") for former in one.former
            ):
                return one
        raise KeyError(slug)

    def at(self, path: str) -> Article | None:
        """The article that has, or had, that path."""
        return self._paths.get(path)

    def numbered(self, number: int) -> Article | None:
        """The article of that number."""
        return next((one for one in self.articles if one.number == number), None)

    def latest(self, most: int, section: str = "") -> list[Article]:
        """What a feed or front page lists: the newest first, nothing that was withdrawn."""
        standing = [
            one
            for one in self.articles
            if one.status == HERE and (not section or one.section == section)
        ]
        if self.bumps:
            return sorted(
                standing, key=lambda one: (one.modified, one.number), reverse=True
            )[:most]
        return sorted(
            standing, key=lambda one: (one.published, one.number), reverse=True
        )[:most]

    def feed_paths(self) -> dict[str, str]:
        """Paths of the feeds that settings name, with the section that each lists ("" for all)."""
        every = self.feed_sections()
        return {path: every[path] for path in self._feeds if path in every}

    def feed_sections(self) -> dict[str, str]:
        """Paths of all feeds there are, with the section that each lists ("" for all)."""
        return {self.kind.feed_path(one): one for one in ("", *self.menu)}

    def _number(self, article: Article) -> None:
        """Number its slug where its address is another article's, as WordPress does."""
        stem, count = article.slug, 1
        while self._paths.get(article.path, article) is not article:
            count += 1
            article.slug = f"{stem}-{count}"

    def _enter(self, article: Article) -> None:
        if self._paths.setdefault(article.path, article) is not article:
            raise ValueError(f"{article.path} is taken")

    def _touched(self, article: Article, silent: bool) -> None:
        article.touched = self.changed = self.clock()
        if not silent:
            article.modified = max(article.touched, article.published)
        article.revision += 1
        self.revision += 1
