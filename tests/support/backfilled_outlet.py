"""An outlet of a newsroom on loopback with years of posts, and its archive here."""

from __future__ import annotations

import http.client
import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harvester.archive.connection import Archive
from harvester.archive.records import backfills
from harvester.archive.records.backfills import BackfillRow
from harvester.ingest.backfills import begin_backfill
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Outcome, Visit
from harvester.newsroom import Newsroom
from harvester.newsroom.article import Article
from harvester.newsroom.outlet import Outlet
from harvester.schedule.times import add_seconds, format_time
from harvester.settings import parse_settings
from tests.support.prose import ProseGenerator

KEY = "gazette"
FIRST = datetime(2019, 5, 3, 8, 0, tzinfo=UTC)  # post 0; one a day follows
SINCE = "2019-01-01T00:00:00Z"


class BackfilledOutlet:
    """``count`` posts, one a day; the newest is of the day before the clock's."""

    def __init__(
        self, folder: Path, count: int = 40, more: str = "", has_feed: bool = True
    ) -> None:
        self.folder, self.count = folder, count
        self.newsroom = Newsroom(FIRST + timedelta(days=count, hours=1))
        self.outlet: Outlet = self.newsroom.add_outlet(KEY, "wordpress", feed_size=5)
        for number in range(count):
            self.publish(number, FIRST + timedelta(days=number))
        text = self.newsroom.settings_toml(folder, revisit="auto", every="1 hour")
        if not has_feed:
            home = self.outlet.absolute_url("/")
            text = re.sub(r"(?m)^feeds = .*$", f'pages = ["{home}"]', text)
        (folder / "settings.toml").write_text(text + more)
        self.settings = parse_settings(text + more, folder / "settings.toml")
        self.open()

    def close(self) -> None:
        """Stop the newsroom and close the archive."""
        self.keeper.close()
        self.newsroom.close()

    def open(self) -> None:
        """Open the archive, as a process does that begins."""
        self.archive = Archive.open(self.settings.archive, self.settings.captures)
        self.keeper = Keeper(self.archive, self.settings)
        self.keeper.sync_settings(self.now)
        self.keeper.begin_crawl(self.now)

    def crash(self) -> None:
        """Lose what is not committed, as a killed process does."""
        self.archive.connection.rollback()
        self.keeper.close()
        self.open()

    @property
    def now(self) -> str:
        """The newsroom's time."""
        return format_time(self.newsroom.now)

    def publish(self, number: int, at: datetime) -> Article:
        """Publish a post of its own words."""
        prose = ProseGenerator(number, "en")
        return self.outlet.publish(
            f"{prose.title()} ({number})", prose.article_paragraphs(4), at=at
        )

    def begin(self, since: str = SINCE) -> BackfillRow:
        """Begin a backfill."""
        self.archive.begin()
        begin_backfill(
            self.archive.connection, self.settings.outlets[KEY], since, self.now
        )
        self.archive.commit()
        return self.backfill

    @property
    def backfill(self) -> BackfillRow:
        """The latest backfill."""
        return backfills.list_backfills(self.archive.connection)[0]

    def run(self, limit: int = 1_000, pages: bool = True) -> BackfillRow:
        """Make the visits that are due, of the backfill too; at most ``limit``.

        Without ``pages``, only what lists entries.
        """
        self.keeper.begin_round()
        while limit > 0 and (visits := self.take(limit)):
            for visit in visits:
                if limit > 0 and (pages or visit.reads_feed):
                    self.visit(visit)
                    limit -= 1
                else:
                    self.keeper.release_visit(visit)
        self.keeper.close_backfills(self.now)
        self.keeper.flush()
        return self.backfill

    def take(self, limit: int = 100) -> list[Visit]:
        """What is due, of backfills too."""
        return self.keeper.take_due_visits(self.now, limit=limit, backfills=None)

    def visit(self, visit: Visit) -> None:
        """Make a visit over HTTP."""
        capture = self.fetch(visit.url)
        job = self.keeper.receive(visit, capture, self.now)
        prepared = prepare(job) if job is not None else None
        self.keeper.keep(visit, capture, prepared, self.now)

    def fetch(self, url: str) -> Capture:
        """A response, as a crawl makes a capture of it."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        with closing(connection):
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path)
            response = connection.getresponse()
            headers = tuple(response.getheaders())
            body = response.read()
        capture = Capture(url, url, self.now, response.status, headers, body)
        seconds = capture.header("Retry-After")
        if response.status in (429, 503) and seconds:
            return Capture(
                url,
                url,
                self.now,
                response.status,
                headers,
                body,
                outcome=Outcome.WAITING,
                retry_at=add_seconds(self.now, float(seconds)),
            )
        return capture

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        return [dict(row) for row in self.archive.connection.execute(sql, values)]

    def found(self) -> set[str]:
        """The addresses of all articles in the archive."""
        return {row["reached"] for row in self.rows("select reached from articles")}

    def online(self) -> set[str]:
        """The addresses of all posts."""
        return {article.url for article in self.outlet.articles}

    def sources(self) -> dict[str, tuple[int, int]]:
        """Source → requests that were sent to it, and entries that they brought."""
        rows = self.rows(
            """
            select source, count(*) as count, sum(new) as new from backfill_requests
            where state in ('read', 'failed') group by source order by min(step)
            """
        )
        return {row["source"]: (row["count"], row["new"]) for row in rows}

    def reasons(self, source: str) -> Sequence[str]:
        """Why requests to a source brought no more."""
        rows = self.rows(
            "select reason from backfill_requests where source = ? and reason <> ''",
            source,
        )
        return [row["reason"] for row in rows]
