"""What an editor does with an outlet, and how it is made to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.faults import Fault, FaultKind
from harvester.newsroom.html_pieces import CORRECTION_LABELS, localized, slugify
from harvester.newsroom.outlet_state import OutletState
from harvester.newsroom.response_body import BodyPart
from harvester.newsroom.site import DEFAULT_SECTIONS
from harvester.newsroom.site_feeds import find_title, render_page_list_rss
from harvester.newsroom.site_shapes import SITE_TEMPLATES, SiteKind


class Outlet(OutletState):
    """Made by ``Newsroom.add_outlet``.

    The attributes of ``OutletState`` may be set at any time; all methods are
    thread-safe.
    """

    def __init__(
        self,
        key: str,
        kind: SiteKind,
        *,
        now: Callable[[], datetime],
        lock: threading.RLock,
        host: str,
        number_offset: int = 0,
        name: str = "",
        language: str = "",
        home_path: str = "/",
        sections: Sequence[str] = (),
        full_text: bool = False,
        feed_size: int = 30,
        page_bytes: int = 0,
        charset: str = "",
    ) -> None:
        template = SITE_TEMPLATES[kind]()
        language = language or ("en" if kind == "atom" else "fr")
        serves_files = kind == "files"
        super().__init__(
            key=key,
            name=name or key.replace("-", " ").title(),
            language=language,
            now=now,
            opened_at=now(),
            changed_at=now(),
            host=host,
            home_path=home_path,
            charset=charset or template.charset,
            page_type=template.page_type,
            menu_sections=tuple(sections) or localized(DEFAULT_SECTIONS, language),
            template=template,
            settings_lines="" if serves_files else template.settings_lines,
            feed_paths=[]
            if serves_files
            else [template.feed_path(section) for section in sections or ("",)],
            default_feed_path=template.feed_path(),
            feed_format={"atom": "atom", "plain": "rdf"}.get(kind, "rss"),
            feed_size=feed_size,
            full_text=full_text,
            page_bytes=page_bytes,
        )
        self._lock = lock
        self._number_offset = number_offset

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
        """Publish a new article; ``at``: its date of publication, if not now."""
        with self._lock:
            published = (at or self.now()).astimezone(UTC).replace(microsecond=0)
            article = Article(
                outlet=self,
                number=self._number_offset + len(self.articles) + 1,
                slug=slug or slugify(title),
                title=title,
                paragraphs=tuple(paragraphs),
                author=author,
                section=section or self.menu_sections[0],
                tags=tuple(tags),
                published=published,
                modified=published,
                changed_at=self.now(),
                image=image or "",
                agency=agency,
            )
            article.path = self.template.article_path(article)
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
        """Change the text.

        ``correction`` is a note below it, "" for none any more; ``silent`` leaves the
        stated date as it was.
        """
        with self._lock:
            if paragraphs is not None:
                article.paragraphs = tuple(paragraphs)
            if correction is not None:
                label = localized(CORRECTION_LABELS, self.language)
                article.correction = f"{label} {correction}" if correction else ""
            self._mark_changed(article, silent)

    def retitle(self, article: Article, title: str, silent: bool = False) -> None:
        """Change the headline; text and URL stay."""
        with self._lock:
            article.title = title
            self._mark_changed(article, silent)

    def announce(self, article: Article, title: str, teaser: str) -> None:
        """Change headline and teaser in the feeds alone; "" for the article's own."""
        with self._lock:
            article.feed_title, article.teaser = title, teaser
            self._mark_changed(article, silent=True)

    def move(self, article: Article, new_slug: str) -> None:
        """Move to another path, numbered if taken; the old one redirects (301)."""
        with self._lock:
            article.former_paths.append(article.path)
            article.slug = new_slug
            self._make_path_unique(article)
            self._register_path(article)
            self._mark_changed(article, silent=True)

    def withdraw(self, article: Article, status: int = 404) -> None:
        """Take it down, out of the feeds too: 404, 410, or 302 to the front page."""
        with self._lock:
            article.status = status
            self._mark_changed(article, silent=True)

    def restore(self, article: Article) -> None:
        """Put it back online as it was."""
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
        """Publish another outlet's article here: the same text at a URL of our own."""
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
        """Serve any bytes at any path; returns the URL."""
        with self._lock:
            target = quote(path, safe="/%?=&;+,@:~!$'()*")
            self.files[target] = BodyPart(body), content_type
            return self.absolute_url(path)

    def serve_pages(
        self,
        pages: Iterable[tuple[str, bytes, str]],
        feed_count: int = 1,
        titles: Mapping[str, str] | None = None,
        contents: Mapping[str, str] | None = None,
    ) -> tuple[str, ...]:
        """Serve pages (path, body, content type), and RSS feeds that list them.

        Each of ``feed_count`` feeds lists an equal share. ``contents``: path → the full
        text in the feed, as HTML. Returns the URLs of the feeds.
        """
        listed: list[tuple[str, str, str]] = []
        for path, body, content_type in pages:
            url = self.serve(path, body, content_type)
            title = (titles or {}).get(path) or find_title(body) or path
            listed.append((url, title, (contents or {}).get(path, "")))
        feed_urls: list[str] = []
        with self._lock:
            for share in range(feed_count):
                path = f"/pages-{len(self.feed_paths) + 1}.xml"
                feed = render_page_list_rss(self, listed[share::feed_count])
                feed_urls.append(
                    self.serve(path, feed, "application/rss+xml; charset=utf-8")
                )
                self.feed_paths.append(path)
        return tuple(feed_urls)

    # ---- misbehaviour

    def add_fault(self, path: str | Article, kind: FaultKind, **options: Any) -> Fault:
        """From now on requests for that path meet a fault; the newest fault wins.

        ``path``: a path, a URL, an article, or a pattern with ``*``. ``options``: the
        fields of ``Fault``.
        """
        target = path.path if isinstance(path, Article) else path
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return self._insert_fault(Fault(target, kind, **options))

    def add_page_fault(self, status: int) -> Fault:
        """All pages fail with a status; feeds and robots.txt do not."""
        unaffected = ("/robots.txt", *self.all_feeds())
        return self._insert_fault(
            Fault("*", "status", status=status, except_paths=unaffected)
        )

    def remove_fault(self, fault: Fault) -> None:
        """Remove a fault, unless it is over already."""
        with self._lock:
            if fault in self.faults:
                self.faults.remove(fault)

    def clear_faults(self) -> None:
        """Remove all faults."""
        with self._lock:
            self.faults.clear()

    def _insert_fault(self, fault: Fault) -> Fault:
        with self._lock:
            self.faults.insert(0, fault)
        return fault

    # ---- paths

    def _make_path_unique(self, article: Article) -> None:
        """Number its slug where its path is another article's, as WordPress does."""
        stem, count = article.slug, 1
        article.path = self.template.article_path(article)
        while self.articles_by_path.get(article.path, article) is not article:
            count += 1
            article.slug = f"{stem}-{count}"
            article.path = self.template.article_path(article)

    def _register_path(self, article: Article) -> None:
        if self.articles_by_path.setdefault(article.path, article) is not article:
            raise ValueError(f"{article.path} is taken")

    def _mark_changed(self, article: Article, silent: bool) -> None:
        article.changed_at = self.changed_at = self.now()
        if not silent:
            article.modified = max(article.changed_at, article.published)
        article.revision += 1
        self.revision += 1
