"""A newspaper, its archive and the keeper in this process, with a clock of its own: what months of looks make of an article."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Redirect, Visit
from harvester.schedule.times import add_seconds
from harvester.settings import parse_settings
from tests.support.papers import Story

HOME = "https://lantern.example"
HOUR = 3_600.0


@dataclass
class Answer:
    """What stands at an address."""

    body: bytes = b""
    status: int = 200
    to: str = ""  # redirects there
    error: str = ""


@dataclass
class World:
    """One outlet; ``now`` moves only by hand."""

    folder: Path
    more: str = ""  # of the outlet's settings
    now: str = "2025-09-06T06:00:00Z"
    pages: dict[str, Answer] = field(default_factory=dict)
    updated: dict[str, str] = field(
        default_factory=dict
    )  # path → as the feed states it
    feed: list[Story] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # (when, address)

    def __post_init__(self) -> None:
        text = f'[archive]\npath = "a.db"\n[outlets.lantern]\nfeeds = ["{HOME}/feed"]\nevery = "15 minutes"\n{self.more}\n'
        self.settings = parse_settings(text, self.folder / "settings.toml")
        (self.folder / "settings.toml").write_text(text)
        self.archive = Archive.open(self.folder / "a.db", None)
        self.keeper = Keeper(self.archive, self.settings)
        self.keeper.sync_settings(self.now)
        self.keeper.begin_crawl(self.now)

    def publish(self, number: int) -> str:
        """A story, in the feed and at its address; returns its path."""
        story = Story(number)
        self.feed.append(story)
        self.updated[story.path] = self.now
        self.pages[story.path] = Answer(story.page())
        return story.path

    def edit(self, number: int, words: str, tell: bool = False) -> None:
        """Other words; ``tell``: the feed says when."""
        story = Story(number)
        self.pages[story.path] = Answer(
            story.page()
            .replace(b"last night", f"last night, {words},".encode())
            .replace(b"</p>", f" {words}.</p>".encode(), 1)
        )
        if tell:
            self.updated[story.path] = self.now

    def visit(self) -> int:
        """Make all visits that are due; how many."""
        self.keeper.begin_round()
        made = 0
        while found := self.keeper.take_due_visits(self.now):
            for one in found:
                self._one(one)
                made += 1
        self.keeper.flush()
        return made

    def run(self, hours: float, step: float = 0.25) -> None:
        """Let time pass."""
        for _ in range(round(hours / step)):
            self.now = add_seconds(self.now, step * HOUR)
            self.visit()

    def _one(self, visit: Visit) -> None:
        capture = self._answer(visit.url)
        self.asked.append((self.now, visit.url))
        job = self.keeper.receive(visit, capture, self.now)
        self.keeper.keep(
            visit, capture, prepare(job) if job is not None else None, self.now
        )

    def _answer(self, url: str) -> Capture:
        path = url.removeprefix(HOME)
        if path == "/feed":
            items = "".join(
                f"<entry><id>{one.path}</id><title>{escape(one.title)}</title><updated>{self.updated[one.path]}</updated>"
                f"<link href='{HOME}{one.path}'/></entry>"
                for one in self.feed
            )
            body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Lantern</title>{items}</feed>"
            return Capture(
                url,
                url,
                self.now,
                200,
                (("Content-Type", "application/atom+xml"),),
                body.encode(),
            )
        answer = self.pages.get(path, Answer(status=404))
        hops: tuple[Redirect, ...] = ()
        reached = url
        if answer.to:
            hops = (Redirect(url, 302, answer.to),)
            reached, answer = (
                answer.to,
                self.pages.get(answer.to.removeprefix(HOME), Answer(b"<p>Hello</p>")),
            )
        if answer.error:
            from harvester.model import Outcome

            return Capture(
                url, reached, self.now, 0, outcome=Outcome.FAILED, error=answer.error
            )
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        return Capture(
            url, reached, self.now, answer.status, headers, answer.body, hops
        )

    def article(self, number: int) -> dict[str, Any]:
        """Its row."""
        row = self.archive.connection.execute(
            "select * from articles where url = ?",
            [f"{HOME}{Story(number).path.rstrip('/')}"],
        ).fetchone()
        row = (
            row
            or self.archive.connection.execute(
                "select * from articles where url like ?",
                [f"%{Story(number).path.rstrip('/')}%"],
            ).fetchone()
        )
        return dict(row)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        return [dict(row) for row in self.archive.connection.execute(sql, values)]
