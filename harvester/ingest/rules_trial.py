"""Tries an outlet's rules on its stored captures: what would read differently.

Writes nothing; ``reread`` applies rules.
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
from harvester.identity import version_decision
from harvester.ingest import pages, publication_date
from harvester.ingest.jobs import load_earlier_capture
from harvester.ingest.prepare import Job
from harvester.model import Capture, Extract, Limits, Prepared, Rules
from harvester.parse.content.extractor import EXTRACTOR

MAX_PENDING_JOBS = 4  # they hold bodies of some megabytes in memory
COMPARED_FIELDS = ("title", *version_decision.COMPARED_FIELDS, "kind", "access")


@dataclass(frozen=True, slots=True)
class RulesTrial:
    """One article as stored, and as it would read."""

    article: str
    url: str
    title: str
    problem: str = ""  # why it could not be read
    other_extractor: bool = False  # as stored: not all differences come from the rules
    fields: dict[str, list[Any]] = field(default_factory=dict)  # → [stored, would be]
    removed: tuple[str, ...] = ()  # lines of the text
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
    """Try rules on the newest articles of an outlet, newest first."""
    pending: deque[tuple[sqlite3.Row, Future[Prepared] | str]] = deque()
    for row in reading_health.list_current_versions(connection, outlet, limit):
        pending.append(
            (row, _start(connection, captures_folder, row, rules, limits, submit))
        )
        while len(pending) > MAX_PENDING_JOBS:
            yield _finish(connection, *pending.popleft())
    while pending:
        yield _finish(connection, *pending.popleft())


def _start(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    row: sqlite3.Row,
    rules: Rules,
    limits: Limits,
    submit: Callable[[Job], Future[Prepared]],
) -> Future[Prepared] | str:
    """The reading that was begun, or the problem."""
    try:
        earlier = load_earlier_capture(
            connection, captures_folder, row["id"], row["page"]
        )
    except ArchiveError as error:
        return str(error)
    entry = feeds.get_announcing_entry(connection, row["article"])
    return submit(
        Job(
            "again",
            Capture("", "", earlier.at, 200),
            rules,
            limits,
            known_fields=publication_date.known_fields(entry, earlier.at),
            earlier_captures=(earlier,),
        )
    )


def _finish(
    connection: sqlite3.Connection, row: sqlite3.Row, future: Future[Prepared] | str
) -> RulesTrial:
    if isinstance(future, str):
        return _failed(row, future)
    prepared = future.result()
    extract = prepared.rereads.get(row["id"])
    if extract is None:
        return _failed(row, prepared.error or "could not be read")
    entry = feeds.get_announcing_entry(connection, row["article"])
    extract = pages.complete_from_feed(extract, entry, row["first_seen"])
    if row["number"] > 1:
        first = articles.get_first_version(connection, row["article"])
        extract = publication_date.keep_first_date(
            extract, *publication_date.publication_date(first)
        )
    return compare_reading(row, extract)


def _failed(row: sqlite3.Row, problem: str) -> RulesTrial:
    return RulesTrial(row["article"], row["url"], row["title"], problem)


def compare_reading(row: sqlite3.Row, extract: Extract) -> RulesTrial:
    """A version as stored, and as it would read."""
    before = articles.parse_version_fields(row)
    fields = {}
    for name in COMPARED_FIELDS:
        after = getattr(extract, name)
        if name == "title" and not after:
            after = before[name]
        if before[name] != after:
            fields[name] = [before[name], after]
    stored_lines, read_lines = row["text"].split("\n"), extract.text.split("\n")
    return RulesTrial(
        row["article"],
        row["url"],
        row["title"],
        other_extractor=row["extractor"] != EXTRACTOR,
        fields=fields,
        removed=_lines_missing_from(stored_lines, read_lines),
        added=_lines_missing_from(read_lines, stored_lines),
    )


def _lines_missing_from(lines: list[str], others: list[str]) -> tuple[str, ...]:
    """The lines that are not among the others, each as often as it is missing there."""
    left = Counter(others)
    missing = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        elif line:
            missing.append(line)
    return tuple(missing)
