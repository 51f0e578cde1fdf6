"""Outlets with names of their own, and an archive that follows them, in this process.

The outlets are those of ``harvester.newsroom``, their pages are read and kept by the
harvester's own ways; only the network, robots.txt and delays are left out. Time passes
by ``Press.run_until`` alone. What is published is in ``simulated_week``.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Outcome, Redirect, Visit
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.response_body import join_parts, make_etag
from harvester.newsroom.routing import find_response
from harvester.newsroom.site_shapes import SiteKind
from harvester.schedule.times import format_time
from harvester.settings import parse_settings

MAX_REDIRECTS = 5
REFUSED_PATH = "/members/"  # what robots.txt disallows at every outlet


class NamedOutlet(Outlet):
    """An outlet whose pages state a name in place of an address on loopback."""

    @property
    def url(self) -> str:
        """Its origin with a slash."""
        return f"https://{self.host}/"


@dataclass(frozen=True, slots=True)
class Override:
    """What an address responds with, in place of what its outlet has."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    location: str = ""
    error: str = ""


@dataclass
class Press:
    """Outlets, what happens at them and when, and the archive that follows them."""

    folder: Path
    now: datetime
    outlets: dict[str, NamedOutlet] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)  # outlet → further lines
    overrides: dict[str, Override] = field(default_factory=dict)  # by URL
    moved_hosts: dict[str, str] = field(default_factory=dict)  # host → its new name
    _feed_urls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _sequence: Iterator[int] = field(default_factory=count)
    _actions: list[tuple[datetime, int, Callable[[], None]]] = field(
        default_factory=list
    )

    def open_outlet(
        self,
        key: str,
        kind: SiteKind,
        name: str,
        language: str,
        host: str,
        *,
        sections: tuple[str, ...] = (),
        menu: tuple[str, ...] = (),
        feed_size: int = 30,
        settings: str = "",
    ) -> NamedOutlet:
        """Open an outlet. ``sections``: of each there is a feed; ``menu``: of none."""
        outlet = NamedOutlet(
            key,
            kind,
            now=lambda: self.now,
            lock=threading.RLock(),
            host=host,
            number_offset=1_000,
            name=name,
            language=language,
            sections=sections,
            feed_size=feed_size,
        )
        outlet.menu_sections = menu or outlet.menu_sections
        outlet.has_sidebar = False
        self.outlets[key], self.settings[key] = outlet, settings
        self.freeze_feeds(outlet)
        return outlet

    def freeze_feeds(self, outlet: NamedOutlet) -> None:
        """Have the settings name the feeds that an outlet has now, also if it moves."""
        self._feed_urls[outlet.key] = outlet.feed_urls

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Have something happen at a time."""
        heapq.heappush(self._actions, (when, next(self._sequence), action))

    def run_until(
        self, end: datetime, step: timedelta, every: str, crawl: timedelta
    ) -> None:
        """Let time pass, with a crawl after the other, of which each lasts ``crawl``."""
        while self.now < end:
            with closing(self._open_keeper(every)) as keeper:
                keeper.sync_settings(format_time(self.now))
                keeper.begin_crawl(format_time(self.now))
                crawl_end = min(end, self.now + crawl)
                while self.now < crawl_end:
                    self.pass_time(min(self.now + step, crawl_end))
                    self._visit_due(keeper)
                keeper.end_crawl(format_time(self.now))

    def pass_time(self, until: datetime) -> None:
        """Let time pass while the harvester is off, or between two of its visits."""
        while self._actions and self._actions[0][0] <= until:
            when, _, action = heapq.heappop(self._actions)
            self.now = max(self.now, when)
            action()
        self.now = until

    def settings_text(self, every: str) -> str:
        """The settings that harvest all outlets."""
        lines = ['[archive]\npath = "archive.db"\ncaptures = "captures"']
        for outlet in self.outlets.values():
            feeds = ", ".join(f'"{url}"' for url in self._feed_urls[outlet.key])
            lines.append(
                f"[outlets.{outlet.key}]\n"
                f'name = "{outlet.name}"\nhome = "{outlet.url}"\n'
                f'language = "{outlet.language}"\nfeeds = [{feeds}]\n'
                f'every = "{every}"\n'
                f"{outlet.settings_lines}\n{self.settings[outlet.key]}"
            )
        return "\n\n".join((*lines, ""))

    # ---- the harvester

    def _open_keeper(self, every: str) -> Keeper:
        text, path = self.settings_text(every), self.folder / "settings.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)  # it has a login
        archive = Archive.open(self.folder / "archive.db", self.folder / "captures")
        archive.connection.execute("pragma synchronous = off")
        return Keeper(archive, parse_settings(text, path))

    def _visit_due(self, keeper: Keeper) -> None:
        keeper.begin_round()
        now = format_time(self.now)
        while visits := keeper.take_due_visits(now):
            for visit in visits:
                capture = self._fetch(visit, now)
                job = keeper.receive(visit, capture, now)
                prepared = prepare(job) if job is not None else None
                keeper.keep(visit, capture, prepared, now)
        keeper.flush()

    # ---- the network

    def _fetch(self, visit: Visit, now: str) -> Capture:
        url, hops = visit.url, list[Redirect]()
        while True:
            answer = self._respond(url, visit.etag)
            if isinstance(answer, Override):
                outcome = Outcome.REFUSED if REFUSED_PATH in url else Outcome.FAILED
                return Capture(
                    *(visit.url, url, now, 0), outcome=outcome, error=answer.error
                )
            status, headers, body = answer
            location = dict(headers).get("Location", "")
            if status // 100 != 3 or not location or len(hops) == MAX_REDIRECTS:
                return Capture(visit.url, url, now, status, headers, body, tuple(hops))
            target = urljoin(url, location)
            hops.append(Redirect(url, status, target, headers))
            url = target

    def _respond(
        self, url: str, etag: str
    ) -> Override | tuple[int, tuple[tuple[str, str], ...], bytes]:
        """Status, headers and body; an override with an error where there is none."""
        if REFUSED_PATH in url:
            return Override(error="robots.txt disallows it")
        if (override := self.overrides.get(url)) is not None:
            headers: tuple[tuple[str, str], ...] = (
                ("Content-Type", override.content_type),
            )
            if override.location:
                headers = (*headers, ("Location", override.location))
            return (
                override
                if override.error
                else (override.status, headers, override.body)
            )
        parts = urlsplit(url)
        if (new_host := self.moved_hosts.get(parts.netloc)) is not None:
            moved = parts._replace(netloc=new_host).geturl()
            return 301, (("Location", moved),), b""
        outlet = next(
            (each for each in self.outlets.values() if each.host == parts.netloc), None
        )
        if outlet is None:
            return Override(error=f"no address for {parts.netloc}")
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        response = find_response(outlet, target)
        headers = (("Content-Type", response.content_type), *response.headers)
        body = join_parts(response.parts)
        if response.last_modified is not None:
            validator = make_etag(response.parts)
            headers = (*headers, ("ETag", validator))
            if etag == validator:
                return 304, headers, b""
        return response.status, headers, body


def midnight(of: datetime) -> datetime:
    """The beginning of a day, UTC."""
    return of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
