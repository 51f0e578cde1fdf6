"""A harvest without a network, for tests of what is kept: answers are handed to the keeper as the crawl does it, in this process."""

from __future__ import annotations

import html
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from harvester.archive.connection import Archive
from harvester.identity.urls import normalise_url
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Redirect
from harvester.settings import load_settings

FEED = "https://paper.example/feed.xml"
RSS = (("Content-Type", "application/rss+xml; charset=utf-8"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)

BUDGET = (
    "The council of Marlow has voted the budget of the town after a debate that went on until one in the morning.",
    "It gives 4.2 million to the schools, 310,000 to the library and 95,000 to the swimming pool in the lower town.",
    "The opposition left the hall before the vote, and its leader spoke of a night without any dignity at all.",
    "The mayor said that she had waited eleven years for this evening, and that the work begins in September.",
)
REGATTA = (
    "Forty boats crossed the start line at noon in a stiff breeze from the west, watched by some two thousand people.",
    "The first of them was back in the harbour 3 hours 12 minutes later, with a torn sail and a very tired crew.",
    "Two boats had to be towed in by the rescue service, and one sailor was taken to hospital with a broken wrist.",
    "The club will decide next week whether the race is to be held in June again, as it was until 2011.",
)
FERRY = (
    "The ferry to the islands will not sail before Monday, because the ramp on the mainland was damaged in the storm.",
    "Some 140 people wait in the school hall, where the fire brigade has put up beds and serves soup at night.",
    "A spare part is being brought by lorry from a yard 600 kilometres away, said the harbour master on Friday.",
)


def page(
    title: str, words: Sequence[str], canonical: str = "", extra: str = ""
) -> bytes:
    """An article's page."""
    link = f"<link rel='canonical' href='{canonical}'>" if canonical else ""
    paragraphs = "".join(f"<p>{one}</p>" for one in words)
    return (
        f"<html lang='en'><head><title>{title}</title>{link}</head><body><article><h1>{title}</h1>{paragraphs}</article>"
        f"{extra}</body></html>"
    ).encode()


class Observer:
    """An archive in a folder, and the paper as it stands: ``pages`` are bytes, the address that one redirects to, or a status."""

    def __init__(self, folder: Path, captures: str = "captures") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = folder / "settings.toml"
        self.settings.write_text(
            f'[archive]\ncaptures = "{captures}"\n[outlets.paper]\nfeeds = ["{FEED}"]\n'
        )
        self.pages: dict[str, bytes | str | int] = {}
        self.listed: list[tuple[str, str, str]] = []  # address, title, guid

    def put(
        self, url: str, page: bytes | str | int, title: str = "", guid: str = ""
    ) -> str:
        """A page, announced where it has a title."""
        full = url if "://" in url else f"https://paper.example{url}"
        self.pages[full] = self.pages[normalise_url(full)] = page
        if title:
            self.listed.append((full, title, guid))
        return full

    def crawl(self, now: str, force: bool = True) -> dict[str, int]:
        """One pass over everything, due or not (``force``); how many visits had each outcome."""
        settings = load_settings(self.settings)
        archive = Archive.open(settings.archive, settings.captures)
        keeper = Keeper(archive, settings)
        keeper.sync_settings(now)
        keeper.begin_crawl(now)
        while visits := keeper.take_due_visits(now, force=force):
            for visit in visits:
                capture = self._answer(visit.url, now)
                job = keeper.receive(visit, capture, now)
                keeper.keep(
                    visit, capture, prepare(job) if job is not None else None, now
                )
        keeper.end_crawl(now)
        counts = dict(keeper.counts.outcomes)
        keeper.close()
        return counts

    def _answer(self, url: str, now: str) -> Capture:
        if url == FEED:
            entries = "".join(
                f"<item><title>{html.escape(title)}</title><link>{html.escape(link)}</link><guid>{html.escape(guid or link)}</guid></item>"
                for link, title, guid in self.listed
            )
            return Capture(
                url,
                url,
                now,
                200,
                RSS,
                f"<rss version='2.0'><channel><title>Paper</title>{entries}</channel></rss>".encode(),
            )
        hops, found = [], self.pages.get(url, 404)
        asked = url
        while isinstance(found, str):
            hops.append(Redirect(url, 301, found))
            url, found = found, self.pages.get(found, 404)
        if isinstance(found, int):
            return Capture(
                asked,
                url,
                now,
                found,
                HTML,
                b"<html><body><h1>Not here</h1></body></html>",
                tuple(hops),
            )
        return Capture(asked, url, now, 200, HTML, found, tuple(hops))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The archive."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of it."""
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def run(self, *arguments: str, code: int = 0) -> str:
        """A command, in this process; its output."""
        from click.testing import CliRunner

        from harvester.cli import cli
        from harvester.errors import HarvesterError

        done = CliRunner().invoke(cli, ["--settings", str(self.settings), *arguments])
        if isinstance(done.exception, HarvesterError):
            assert done.exception.exit_code == code, done.exception
            return str(done.exception)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """What it prints with --json."""
        return json.loads(self.run(*arguments, "--json"))

    def article(self, url: str) -> str:
        """The key of the article at an address."""
        return str(
            self.json("show", url if "://" in url else f"https://paper.example{url}")[
                "article"
            ]
        )

    def check(self) -> None:
        """Whole: file, foreign keys, index, chain and records."""
        with self.reading() as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            connection.execute(
                "insert into versions_fts (versions_fts) values ('integrity-check')"
            )
            assert not connection.execute(
                "select 1 from articles where versions <> (select count(*) from versions v where v.article = articles.key)"
            ).fetchall()
        found = self.json("verify")
        assert found["ok"], found["broken"]
