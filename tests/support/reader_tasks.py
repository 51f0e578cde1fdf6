"""What readers come for, done on the simulated week by links and forms alone."""

from __future__ import annotations

from collections.abc import Callable

import feedparser
import httpx

from tests.support.reader import Reader
from tests.support.simulated_week import Week

MAX_CLICKS = 2


def find_silent_edits(reader: Reader, week: Week) -> None:
    """Unacknowledged edits of an outlet, yesterday."""
    reader.follow("Changes", "/-/changes")
    reader.submit(
        "/-/changes", outlet="courier", silent="1", from_="yesterday", to="yesterday"
    )
    assert "3.1 million" in reader.text
    assert "Old bridge to close on Monday" in reader.text
    for elsewhere in ("نصف متر", "半米", "half a metre"):
        assert elsewhere not in reader.text


def find_copies(reader: Reader, week: Week) -> None:
    """Who copied an article."""
    reader.follow("Copies", "/-/copies")
    reader.follow("Towns agree on the ferry line")
    assert "The Harbour Log" in reader.text and "The Valley Lantern" in reader.text


def find_gone(reader: Reader, week: Week) -> None:
    """What was removed in the last seven days."""
    reader.follow("Removals", "/-/removals")
    reader.follow("last 7 days")
    assert "Trust to sell the north pier" in reader.text


def find_article(reader: Reader, week: Week) -> None:
    """An article on a subject, of an outlet, from a month."""
    month = week.day_before.strftime("%Y-%m")
    reader.submit("/-/search", q="bridge")
    reader.submit("/-/search", outlet="courier", from_=month, to=month)
    assert "Old bridge closes for the winter" in reader.text


def find_csv(reader: Reader, week: Week) -> None:
    """A list as a table for a spreadsheet."""
    reader.follow("Changes", "/-/changes")
    reader.follow("CSV")
    assert reader.response.headers["content-type"].startswith("text/csv")
    assert len(reader.response.text.splitlines()) > 20


def subscribe(reader: Reader, week: Week) -> None:
    """A feed of what is searched for."""
    reader.submit("/-/search", q="ferry")
    reader.follow("Feed")
    feed = feedparser.parse(reader.response.content)
    assert any("ferry" in entry.title.lower() for entry in feed.entries)


TASKS: dict[str, Callable[[Reader, Week], None]] = {
    "silent edits of an outlet yesterday": find_silent_edits,
    "who copied this": find_copies,
    "gone this week": find_gone,
    "an article about X from Y in a month": find_article,
    "CSV": find_csv,
    "subscribe": subscribe,
}


def do_task(client: httpx.Client, week: Week, name: str) -> Reader:
    """Do a task from the start page; returns the reader, who knows the clicks."""
    reader = Reader(client)
    reader.open("/")
    TASKS[name](reader, week)
    return reader
