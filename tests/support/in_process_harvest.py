"""A newspaper, its archive and the keeper in this process, with a clock set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Outcome, Redirect, Visit
from harvester.schedule.times import add_seconds
from harvester.settings import parse_settings
from tests.support.papers import Story

HOME = "https://lantern.example"
HOUR = 3_600.0


@dataclass
class Answer:
    """What a URL responds with."""

    body: bytes = b""
    status: int = 200
    to: str = ""
    error: str = ""


@dataclass
class World:
    """One outlet and its archive; ``now`` moves only by hand."""

    folder: Path
    more: str = ""  # of the outlet's settings
    now: str = "2025-09-06T06:00:00Z"
    pages: dict[str, Answer] = field(default_factory=dict)
    updated: dict[str, str] = field(default_factory=dict)  # path → time in the feed
    # path → title and summary in the feed, where they are not the story's own
    announced: dict[str, tuple[str, str]] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)  # path → full text in it
    feed: list[Story] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # (time, URL)
    keeps_records: bool = False  # WARC files

    def __post_init__(self) -> None:
        text = (
            '[archive]\npath = "a.db"\n[outlets.lantern]\n'
            f'feeds = ["{HOME}/feed"]\nevery = "15 minutes"\n{self.more}\n'
        )
        self.settings = parse_settings(text, self.folder / "settings.toml")
        (self.folder / "settings.toml").write_text(text)
        captures = self.settings.captures if self.keeps_records else None
        self.archive = Archive.open(self.folder / "a.db", captures)
        self.keeper = Keeper(self.archive, self.settings)
        self.keeper.sync_settings(self.now)
        self.keeper.begin_crawl(self.now)

    def publish(self, number: int) -> str:
        """Publish a story, in the feed too; returns its path."""
        story = Story(number)
        self.feed.append(story)
        self.updated[story.path] = self.now
        self.pages[story.path] = Answer(story.page())
        return story.path

    def edit(self, number: int, words: str, tell: bool = False) -> None:
        """Add words to a story; ``tell``: the feed says when."""
        story = Story(number)
        self.pages[story.path] = Answer(
            story.page()
            .replace(b"last night", f"last night, {words},".encode())
            .replace(b"</p>", f" {words}.</p>".encode(), 1)
        )
        if tell:
            self.updated[story.path] = self.now

    def announce(self, number: int, title: str, summary: str = "") -> None:
        """Give a story another title and summary in the feed alone."""
        self.announced[Story(number).path] = (title, summary)

    def visit(self) -> int:
        """Make all visits that are due; returns how many."""
        self.keeper.begin_round()
        count = 0
        while visits := self.keeper.take_due_visits(self.now):
            for visit in visits:
                self._make_visit(visit)
                count += 1
        self.keeper.flush()
        return count

    def run(self, hours: float, step: float = 0.25) -> None:
        """Let time pass."""
        for _ in range(round(hours / step)):
            self.now = add_seconds(self.now, step * HOUR)
            self.visit()

    def _make_visit(self, visit: Visit) -> None:
        capture = self._fetch(visit.url)
        self.asked.append((self.now, visit.url))
        job = self.keeper.receive(visit, capture, self.now)
        self.keeper.keep(
            visit, capture, prepare(job) if job is not None else None, self.now
        )

    def _fetch(self, url: str) -> Capture:
        path = url.removeprefix(HOME)
        if path == "/feed":
            headers = (("Content-Type", "application/atom+xml"),)
            return Capture(url, url, self.now, 200, headers, self._feed_body())
        page = self.pages.get(path, Answer(status=404))
        redirects: tuple[Redirect, ...] = ()
        reached = url
        if page.to:
            redirects = (Redirect(url, 302, page.to, (("Location", page.to),)),)
            reached = page.to
            default = Answer(b"<p>Hello</p>")
            page = self.pages.get(reached.removeprefix(HOME), default)
        if page.error:
            return Capture(
                url, reached, self.now, 0, outcome=Outcome.FAILED, error=page.error
            )
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        return Capture(
            url, reached, self.now, page.status, headers, page.body, redirects
        )

    def _feed_body(self) -> bytes:
        entries = "".join(map(self._feed_entry, self.feed))
        return (
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>Lantern</title>"
            f"{entries}</feed>"
        ).encode()

    def _feed_entry(self, story: Story) -> str:
        title, summary = self.announced.get(story.path, (story.title, ""))
        content = escape(self.content.get(story.path, ""))
        return (
            f"<entry><id>{story.path}</id><title>{escape(title)}</title>"
            f"<updated>{self.updated[story.path]}</updated>"
            + (f"<summary>{escape(summary)}</summary>" if summary else "")
            + (f"<content type='html'>{content}</content>" if content else "")
            + f"<link href='{HOME}{story.path}'/></entry>"
        )

    def article(self, number: int) -> dict[str, Any]:
        """The row of a story."""
        path = Story(number).path.rstrip("/")
        sql = "select * from articles where url = ? or url like ? order by url <> ?"
        url = f"{HOME}{path}"
        return self.rows(f"{sql} limit 1", url, f"%{path}%", url)[0]

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        return [dict(row) for row in self.archive.connection.execute(sql, values)]
