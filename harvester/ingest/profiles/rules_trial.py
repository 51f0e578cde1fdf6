"""An outlet's rules tried on what is kept: how its articles would read with them, against how they are held. Writes nothing.

Not for: making it so (``reread``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.archive.queries import reading_health
from harvester.archive.records import articles, feeds
from harvester.errors import ArchiveError
from harvester.identity import version
from harvester.ingest import pages, publication_date
from harvester.ingest.jobs import earlier
from harvester.ingest.prepare import Job
from harvester.model import Capture, Extract, Limits, Prepared, Rules
from harvester.parse.content.extractor import EXTRACTOR

AHEAD = 4  # jobs under way: bodies of some megabytes are in memory
COMPARED = ("title", *version.FIELDS, "kind", "access")


@dataclass(frozen=True, slots=True)
class Trial:
    """One article. ``fields``: name → [as held, as it would read]; ``removed`` and ``added``: lines of the text."""

    article: str
    url: str
    title: str
    problem: str = ""  # why it could not be read
    other_extractor: bool = False  # it was read by another extractor: not all that differs is due to the rules
    fields: dict[str, list[Any]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether it would read differently."""
        return bool(self.fields or self.removed or self.added)


def run(
    connection: sqlite3.Connection,
    captures: Path | None,
    outlet: str,
    rules: Rules,
    limits: Limits,
    submit: Callable[[Job], Future[Prepared]],
    most: int,
) -> Iterator[Trial]:
    """The newest articles of an outlet, newest first."""
    waiting: deque[tuple[sqlite3.Row, Future[Prepared] | str]] = deque()
    for row in reading_health.shown_now(connection, outlet, most):
        waiting.append((row, _begun(connection, captures, row, rules, limits, submit)))
        while len(waiting) > AHEAD:
            yield _ended(connection, *waiting.popleft())
    while waiting:
        yield _ended(connection, *waiting.popleft())


def _begun(
    connection: sqlite3.Connection,
    captures: Path | None,
    row: sqlite3.Row,
    rules: Rules,
    limits: Limits,
    submit: Callable[[Job], Future[Prepared]],
) -> Future[Prepared] | str:
    try:
        one = earlier(connection, captures, row["id"], row["page"])
    except ArchiveError as error:
        return str(error)
    entry = feeds.announcing(connection, row["article"])
    known = publication_date.known(
        entry["published"] if entry else None, feeds.extra(entry).get("authors"), one.at
    )
    return submit(
        Job(
            "again",
            Capture("", "", one.at, 200),
            rules,
            limits,
            known=known,
            earlier=(one,),
        )
    )


def _ended(
    connection: sqlite3.Connection, row: sqlite3.Row, reading: Future[Prepared] | str
) -> Trial:
    named = row["article"], row["url"], row["title"]
    if isinstance(reading, str):
        return Trial(*named, reading)
    prepared = reading.result()
    extract = prepared.again.get(row["id"])
    if extract is None:
        return Trial(*named, prepared.error or "could not be read")
    extract = pages.complete(
        extract, feeds.announcing(connection, row["article"]), row["first_seen"]
    )
    if row["number"] > 1:
        extract = publication_date.keep_first(
            extract,
            *publication_date.dated(articles.versions(connection, row["article"])[0]),
        )
    return compare(row, extract)


def compare(row: sqlite3.Row, extract: Extract) -> Trial:
    """A version as held, and as it would read."""
    before = articles.fields(row)
    fields = {}
    for name in COMPARED:
        after = getattr(extract, name) or (
            before[name] if name == "title" else getattr(extract, name)
        )
        if before[name] != after:
            fields[name] = [before[name], after]
    held, read = row["text"].split("\n"), extract.text.split("\n")
    return Trial(
        row["article"], row["url"], row["title"], "", row["extractor"] != EXTRACTOR, fields, _beyond(held, read), _beyond(read, held)
    )  # fmt: skip


def _beyond(lines: list[str], others: list[str]) -> tuple[str, ...]:
    """The lines that do not stand among the others, each as often as it is missing there."""
    left = Counter(others)
    found = []
    for one in lines:
        if left[one] > 0:
            left[one] -= 1
        elif one:
            found.append(one)
    return tuple(found)
