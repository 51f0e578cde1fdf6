"""A harvest without a network: responses go to the keeper in this process."""

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
    "The council of Marlow has voted the budget of the town after a debate that went "
    "on until one in the morning.",
    "It gives 4.2 million to the schools, 310,000 to the library and 95,000 to the "
    "swimming pool in the lower town.",
    "The opposition left the hall before the vote, and its leader spoke of a night "
    "without any dignity at all.",
    "The mayor said that she had waited eleven years for this evening, and that the "
    "work begins in September.",
)
REGATTA = (
    "Forty boats crossed the start line at noon in a stiff breeze from the west, "
    "watched by some two thousand people.",
    "The first of them was back in the harbour 3 hours 12 minutes later, with a torn "
    "sail and a very tired crew.",
    "Two boats had to be towed in by the rescue service, and one sailor was taken to "
    "hospital with a broken wrist.",
    "The club will decide next week whether the race is to be held in June again, as "
    "it was until 2011.",
)
FERRY = (
    "The ferry to the islands will not sail before Monday, because the ramp on the "
    "mainland was damaged in the storm.",
    "Some 140 people wait in the school hall, where the fire brigade has put up beds "
    "and serves soup at night.",
    "A spare part is being brought by lorry from a yard 600 kilometres away, said "
    "the harbour master on Friday.",
)


def page(
    title: str, words: Sequence[str], canonical: str = "", extra: str = ""
) -> bytes:
    """An article's page."""
    link = f"<link rel='canonical' href='{canonical}'>" if canonical else ""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in words)
    return (
        f"<html lang='en'><head><title>{title}</title>{link}</head><body>"
        f"<article><h1>{title}</h1>{paragraphs}</article>{extra}</body></html>"
    ).encode()


class Observer:
    """An archive in a folder, and a newspaper.

    Its ``pages`` are bytes, the URL that one redirects to, or a status.
    """

    def __init__(self, folder: Path, captures: str = "captures") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = folder / "settings.toml"
        self.settings.write_text(
            f'[archive]\ncaptures = "{captures}"\n[outlets.paper]\nfeeds = ["{FEED}"]\n'
        )
        self.pages: dict[str, bytes | str | int] = {}
        self.listed: list[tuple[str, str, str]] = []  # URL, title, guid

    def put(
        self, url: str, page: bytes | str | int, title: str = "", guid: str = ""
    ) -> str:
        """Serve a page, which is in the feed if it has a title; returns its URL."""
        full = url if "://" in url else f"https://paper.example{url}"
        self.pages[full] = self.pages[normalise_url(full)] = page
        if title:
            self.listed.append((full, title, guid))
        return full

    def crawl(self, now: str, force: bool = True) -> dict[str, int]:
        """Visit everything, due or not (``force``); returns visits by outcome."""
        settings = load_settings(self.settings)
        archive = Archive.open(settings.archive, settings.captures)
        keeper = Keeper(archive, settings)
        keeper.sync_settings(now)
        keeper.begin_crawl(now)
        while visits := keeper.take_due_visits(now, force=force):
            for visit in visits:
                capture = self._fetch(visit.url, now)
                job = keeper.receive(visit, capture, now)
                keeper.keep(
                    visit, capture, prepare(job) if job is not None else None, now
                )
        keeper.end_crawl(now)
        counts = dict(keeper.counts.outcomes)
        keeper.close()
        return counts

    def _fetch(self, url: str, now: str) -> Capture:
        if url == FEED:
            return Capture(url, url, now, 200, RSS, self._feed_body())
        redirects: list[Redirect] = []
        reached, page = url, self.pages.get(url, 404)
        while isinstance(page, str):
            redirects.append(Redirect(reached, 301, page))
            reached, page = page, self.pages.get(page, 404)
        if isinstance(page, int):
            status, body = page, b"<html><body><h1>Not here</h1></body></html>"
        else:
            status, body = 200, page
        return Capture(url, reached, now, status, HTML, body, tuple(redirects))

    def _feed_body(self) -> bytes:
        entries = "".join(
            f"<item><title>{html.escape(title)}</title><link>{html.escape(link)}</link>"
            f"<guid>{html.escape(guid or link)}</guid></item>"
            for link, title, guid in self.listed
        )
        return (
            f"<rss version='2.0'><channel><title>Paper</title>{entries}</channel></rss>"
        ).encode()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to the archive."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command in this process; returns its output, or its error."""
        from click.testing import CliRunner

        from harvester.cli import cli
        from harvester.errors import HarvesterError

        result = CliRunner().invoke(cli, ["--settings", str(self.settings), *arguments])
        error = result.exception
        if isinstance(error, HarvesterError):
            assert error.exit_code == code, error
            return str(error)
        if error is not None and not isinstance(error, SystemExit):
            raise error
        assert result.exit_code == code, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.run(*arguments, "--json"))

    def article(self, url: str) -> str:
        """The key of the article at a URL or path."""
        url = url if "://" in url else f"https://paper.example{url}"
        return str(self.json("show", url)["article"])

    def check(self) -> None:
        """Check the file, the full-text index, the chain and the WARC records."""
        with self.reading() as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            connection.execute(
                "insert into versions_fts (versions_fts) values ('integrity-check')"
            )
            assert not connection.execute(
                """
                select 1 from articles where versions <> (
                    select count(*) from versions v where v.article = articles.key
                )
                """
            ).fetchall()
        result = self.json("verify")
        assert result["ok"], result["broken"]
