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
from harvester.ingest.jobs import load_earlier_capture
from harvester.ingest.prepare import Job
from harvester.model import Capture, Extract, Limits, Prepared, Rules
from harvester.parse.content.extractor import EXTRACTOR

MAX_PENDING_JOBS = 4  # jobs under way: bodies of some megabytes are in memory
COMPARED_FIELDS = ("title", *version.COMPARED_FIELDS, "kind", "access")


@dataclass(frozen=True, slots=True)
class RulesTrial:
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


def try_rules(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    outlet: str,
    rules: Rules,
    limits: Limits,
    submit: Callable[[Job], Future[Prepared]],
    limit: int,
) -> Iterator[RulesTrial]:
    """The newest articles of an outlet, newest first."""
    waiting: deque[tuple[sqlite3.Row, Future[Prepared] | str]] = deque()
    for row in reading_health.list_current_versions(connection, outlet, limit):
        waiting.append(
            (row, _start(connection, captures_folder, row, rules, limits, submit))
        )
        while len(waiting) > MAX_PENDING_JOBS:
            yield _finish(connection, *waiting.popleft())
    while waiting:
        yield _finish(connection, *waiting.popleft())


def _start(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    row: sqlite3.Row,
    rules: Rules,
    limits: Limits,
    submit: Callable[[Job], Future[Prepared]],
) -> Future[Prepared] | str:
    try:
        one = load_earlier_capture(connection, captures_folder, row["id"], row["page"])
    except ArchiveError as error:
        return str(error)
    entry = feeds.get_announcing_entry(connection, row["article"])
    known = publication_date.known_fields(
        entry["published"] if entry else None,
        feeds.parse_entry_extra(entry).get("authors"),
        one.at,
    )
    return submit(
        Job(
            "again",
            Capture("", "", one.at, 200),
            rules,
            limits,
            known_fields=known,
            earlier_captures=(one,),
        )
    )


def _finish(
    connection: sqlite3.Connection, row: sqlite3.Row, future: Future[Prepared] | str
) -> RulesTrial:
    named = row["article"], row["url"], row["title"]
    if isinstance(future, str):
        return RulesTrial(*named, future)
    prepared = future.result()
    extract = prepared.rereads.get(row["id"])
    if extract is None:
        return RulesTrial(*named, prepared.error or "could not be read")
    extract = pages.complete_from_feed(
        extract,
        feeds.get_announcing_entry(connection, row["article"]),
        row["first_seen"],
    )
    if row["number"] > 1:
        extract = publication_date.keep_first_date(
            extract,
            *publication_date.publication_date(
                articles.list_versions(connection, row["article"])[0]
            ),
        )
    return compare_reading(row, extract)


def compare_reading(row: sqlite3.Row, extract: Extract) -> RulesTrial:
    """A version as held, and as it would read."""
    before = articles.parse_version_fields(row)
    fields = {}
    for name in COMPARED_FIELDS:
        after = getattr(extract, name) or (
            before[name] if name == "title" else getattr(extract, name)
        )
        if before[name] != after:
            fields[name] = [before[name], after]
    held, read = row["text"].split("\n"), extract.text.split("\n")
    return RulesTrial(
        row["article"], row["url"], row["title"], "", row["extractor"] != EXTRACTOR, fields, _lines_missing_from(held, read), _lines_missing_from(read, held)
    )  # fmt: skip


def _lines_missing_from(lines: list[str], others: list[str]) -> tuple[str, ...]:
    """The lines that do not stand among the others, each as often as it is missing there."""
    left = Counter(others)
    found = []
    for one in lines:
        if left[one] > 0:
            left[one] -= 1
        elif one:
            found.append(one)
    return tuple(found)
