"""The newspaper on loopback and the keeper in this process, at the newspaper's time.

Requests are real, by HTTP on loopback; only robots.txt and delays are left out.
"""

from __future__ import annotations

import http.client
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Redirect, Visit
from harvester.newsroom import Newsroom
from harvester.schedule.times import format_time
from harvester.settings import parse_settings

MAX_REDIRECTS = 5


class KeptNewsroom:
    """An archive of all outlets of a newsroom; time passes by ``run`` alone."""

    def __init__(self, room: Newsroom, folder: Path, settings: str = "") -> None:
        self.room = room
        self.folder = folder
        text = settings or room.settings_toml(folder, every="auto", revisit="auto")
        (folder / "settings.toml").write_text(text)
        self.settings = parse_settings(text, folder / "settings.toml")
        self.archive = Archive.open(folder / "archive.db", None)
        self.keeper = Keeper(self.archive, self.settings)
        self.keeper.sync_settings(self.now)
        self.keeper.begin_crawl(self.now)
        self.requested: list[tuple[str, Visit]] = []  # (time, visit)

    @property
    def now(self) -> str:
        """The newspaper's time."""
        return format_time(self.room.now)

    def run(self, **units: float) -> None:
        """Let time pass, in steps of at most a quarter of an hour."""
        left = timedelta(**units)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=15))
            self.room.advance(seconds=step.total_seconds())
            left -= step
            self.visit()

    def visit(self) -> int:
        """Make all visits that are due; returns how many."""
        self.keeper.begin_round()
        count = 0
        while visits := self.keeper.take_due_visits(self.now):
            for visit in visits:
                self._make_visit(visit)
                count += 1
        self.keeper.flush()
        self.archive.commit()
        return count

    def _make_visit(self, visit: Visit) -> None:
        self.requested.append((self.now, visit))
        capture = self._fetch(visit)
        job = self.keeper.receive(visit, capture, self.now)
        prepared = prepare(job) if job is not None else None
        self.keeper.keep(visit, capture, prepared, self.now)

    def _fetch(self, visit: Visit) -> Capture:
        url, hops = visit.url, list[Redirect]()
        while True:
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc, timeout=20)
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            headers = {"If-None-Match": visit.etag} if visit.etag else {}
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            body = response.read()
            connection.close()
            location = response.getheader("Location")
            pairs = tuple(response.getheaders())
            if (
                response.status // 100 != 3
                or not location
                or len(hops) == MAX_REDIRECTS
            ):
                return Capture(
                    visit.url, url, self.now, response.status, pairs, body, tuple(hops)
                )
            hops.append(Redirect(url, response.status, urljoin(url, location), pairs))
            url = urljoin(url, location)

    def count_requests(self, since: str = "") -> Counter[str]:
        """Requests by kind of visit, since a time."""
        return Counter(visit.kind for at, visit in self.requested if at > since)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        return [dict(row) for row in self.archive.connection.execute(sql, values)]

    def feed(self, part: str) -> dict[str, Any]:
        """The row of the only feed whose URL contains a text."""
        sql = "select * from feeds where instr(url, ?)"
        [row] = self.rows(sql, part)
        return row
