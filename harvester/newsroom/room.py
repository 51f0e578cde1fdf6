"""The newsroom: a clock, its outlets, and the settings that harvest them."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from harvester.newsroom.outlet import Outlet
from harvester.newsroom.outlet_state import LoggedRequest
from harvester.newsroom.server import Server
from harvester.newsroom.site_shapes import SiteKind
from harvester.newsroom.web_archive import WebArchive

DEFAULT_START = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
FIRST_NUMBER_OFFSET = 1_000  # a real site's articles are not numbered from 1


class Newsroom:
    """Outlets on loopback, each on a port of its own."""

    def __init__(
        self, start: datetime = DEFAULT_START, host: str = "127.0.0.1"
    ) -> None:
        self.lock = threading.RLock()
        self.host = host
        self.now = start.astimezone(UTC)
        self.outlets: dict[str, Outlet] = {}
        self._server = Server()

    def __enter__(self) -> Newsroom:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop all connections and stop listening."""
        self._server.close()

    def advance(self, **units: float) -> datetime:
        """Let time pass: ``advance(hours=3)``."""
        with self.lock:
            self.now += timedelta(**units)
            return self.now

    def add_outlet(
        self,
        key: str,
        kind: SiteKind = "wordpress",
        *,
        name: str = "",
        language: str = "",
        home_path: str = "/",
        sections: Sequence[str] = (),
        full_text: bool = False,
        feed_size: int = 30,
        page_bytes: int = 0,
        charset: str = "",
        host: str = "",
        port: int = 0,
    ) -> Outlet:
        """Open an outlet.

        ``sections``: one feed for each instead of one for all; ``page_bytes``: how
        large pages are made.
        """
        if key in self.outlets:
            raise ValueError(f"outlet {key!r} exists already")
        outlet = Outlet(
            key,
            kind,
            now=lambda: self.now,
            lock=self.lock,
            host=host or self.host,
            number_offset=FIRST_NUMBER_OFFSET,
            name=name,
            language=language,
            home_path=home_path,
            sections=sections,
            full_text=full_text,
            feed_size=feed_size,
            page_bytes=page_bytes,
            charset=charset,
        )
        outlet.port = self._server.listen(outlet, self.lock, port)
        self.outlets[key] = outlet
        return outlet

    def add_web_archive(self, key: str = "web-archive", host: str = "") -> WebArchive:
        """Open a web archive of what the outlets serve; it is no outlet of settings."""
        outlet = self.add_outlet(key, "files", host=host)
        del self.outlets[key]
        return WebArchive(outlet, lambda: list(self.outlets.values()), lambda: self.now)

    def move_domain(self, outlet: Outlet) -> None:
        """Move an outlet to another port; the old one redirects there (301)."""
        port = self._server.listen(outlet, self.lock, 0)
        with self.lock:
            outlet.former_ports.add(outlet.port)
            outlet.port, outlet.changed_at = port, self.now
            outlet.revision += 1
            outlet.page_cache.clear()
            outlet.shared_parts.clear()

    @property
    def requests(self) -> list[LoggedRequest]:
        """All requests to all outlets, in the order of their arrival."""
        return sorted(
            (
                request
                for outlet in self.outlets.values()
                for request in outlet.requests
            ),
            key=lambda request: request.received_at,
        )

    def settings_toml(
        self,
        archive_dir: Path | str,
        *,
        delay: str = "0 seconds",
        every: str = "0 seconds",
        revisit: Sequence[str] | str = ("0 seconds",) * 10,
        looks: int = 2,
        apart: str = "0 seconds",
        captures: str = "captures",
        crawl: str = "",
        extra: str = "",
    ) -> str:
        """The text of a settings.toml that harvests all outlets into ``archive_dir``.

        ``crawl``: further lines of the table [crawl]; ``extra``: further tables, at the
        end.
        """
        folder = Path(archive_dir)
        captures_path = str(folder / captures) if captures else ""
        lines = [
            "[archive]",
            f"path = {_toml_literal(str(folder / 'archive.db'))}",
            f"captures = {_toml_literal(captures_path)}",
            "\n[crawl]",
            'user_agent = "harvester/1.0 (+https://example.org/newsroom)"',
            f"delay = {_toml_literal(delay)}",
            'allow_networks = ["127.0.0.0/8"]',
            crawl,
        ]
        if not isinstance(revisit, str):
            revisit = list(revisit)
        removed_after = f"{{ looks = {looks}, apart = {_toml_literal(apart)} }}"
        for outlet in self.outlets.values():
            lines += [
                f"\n[outlets.{outlet.key}]",
                f"name = {_toml_literal(outlet.name)}",
                f"home = {_toml_literal(outlet.absolute_url(outlet.home_path))}",
                f"language = {_toml_literal(outlet.language)}",
                f"feeds = {_toml_literal(list(outlet.feed_urls))}",
                f"every = {_toml_literal(every)}",
                f"revisit = {_toml_literal(revisit)}",
                f"removed_after = {removed_after}",
                outlet.settings_lines,
            ]
        return "\n".join((*lines, extra, ""))


def _toml_literal(value: str | list[str]) -> str:
    # JSON's strings and lists are TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
