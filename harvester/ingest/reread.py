"""The kept captures of all versions, read again with today's extractor, rules and profile.

What is shown of a version becomes today's reading of it; its number, its name and its times stay, and nothing of it is an
edit or an event. Not for: looks, which compare what stands there now (``looks``), nor for the processes that read.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harvester.archive.records import articles, feeds, readings
from harvester.errors import ArchiveError
from harvester.identity import version, wording
from harvester.ingest import multipage, pages, publication_date
from harvester.ingest.jobs import earlier
from harvester.ingest.prepare import Job, at_hand
from harvester.ingest.profiles import training_set
from harvester.model import Capture, Extract, Prepared
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Settings

BATCH = 500  # versions asked for at once
AHEAD = 4  # jobs a worker has waiting: bodies of some megabytes are in memory


@dataclass(frozen=True, slots=True)
class Again:
    """How one version read today."""

    article: str
    number: int
    outlet: str
    title: str = ""
    problem: str = ""  # why it was left as it was
    changed: tuple[str, ...] = ()  # title, text and fields that read differently
    words: tuple[int, int] = (0, 0)  # before and today


@dataclass(frozen=True, slots=True)
class Begun:
    """A version to be read; no job: there is a problem."""

    stale: readings.Stale
    job: Job | None
    at: str = ""  # when its capture was received
    problem: str = ""


@dataclass(slots=True)
class Rereading:
    """One pass over an archive."""

    connection: sqlite3.Connection
    settings: Settings
    now: str
    outlets: Sequence[str] = ()
    article: str = ""
    workers: int = 1
    begin: Callable[[], None] | None = (
        None  # of a transaction; None: nothing is written
    )
    _today: dict[str, tuple[str, str]] = field(default_factory=dict)
    _profiles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, outlet in self.settings.outlets.items():
            if not self.outlets or key in self.outlets:
                name, self._profiles[key] = training_set.in_force(
                    self.connection, key, outlet.rules
                )
                self._today[key] = (outlet.rules.name, name)

    def count(self) -> int:
        """How many versions are to be read."""
        return readings.count_stale(
            self.connection, EXTRACTOR, self._today, self.article
        )

    def commit(self) -> None:
        """Make what was read last."""
        if self.connection.in_transaction:
            self.connection.execute("commit")

    def run(self, submit: Callable[[Job], Future[Prepared]]) -> Iterator[Again]:
        """Read them, oldest first. What was yielded is written, and committed when the caller says so."""
        waiting: deque[tuple[Begun, Future[Prepared] | None]] = deque()
        for one in self.stale():
            begun = self.begun(one)
            waiting.append((begun, submit(begun.job) if begun.job else None))
            while len(waiting) > AHEAD * self.workers:
                yield self._settled(*waiting.popleft())
        while waiting:
            yield self._settled(*waiting.popleft())

    def _settled(self, begun: Begun, reading: Future[Prepared] | None) -> Again:
        return self.ended(begun, reading.result() if reading else None)

    def stale(self) -> Iterator[readings.Stale]:
        """The versions that are to be read."""
        after = 0
        while found := readings.stale(
            self.connection, EXTRACTOR, self._today, self.article, after, BATCH
        ):
            yield from found
            after = found[-1].version

    def begun(self, one: readings.Stale) -> Begun:
        """What is to be read, or why there can be nothing."""
        folder: Path | None = self.settings.captures
        wanted = {one.version: one.newest or one.capture}
        if one.number == 1 and one.newest not in (None, one.capture):
            wanted[-one.version] = (
                one.capture
            )  # the first publication date is that of the first capture
        found, problem = [], ""
        for number, capture in wanted.items():
            try:
                found.append(earlier(self.connection, folder, number, capture))
            except ArchiveError as error:
                problem = str(error)
        if not found:
            return Begun(one, None, "", problem)
        if len(found) == 1:
            found = [replace(found[0], version=one.version)]
        at = found[0].at
        entry = feeds.announcing(self.connection, one.article)
        known = publication_date.known(
            entry["published"] if entry else None, feeds.extra(entry).get("authors"), at
        )
        limits, rules = self.settings.limits, self.settings.outlets[one.outlet].rules
        job = Job(
            "again",
            Capture("", "", at, 200),
            rules,
            limits,
            known=known,
            earlier=tuple(found),
        )
        return Begun(one, replace(job, profile=self._profiles[one.outlet]), at)

    def ended(self, begun: Begun, prepared: Prepared | None) -> Again:
        """Write what was read."""
        one = begun.stale
        again = Again(one.article, one.number, one.outlet)
        if prepared is None:
            return replace(again, problem=begun.problem)
        at_hand(prepared)
        extract = prepared.again.get(one.version)
        if extract is None or not extract.text:
            said = (
                extract.error or "no text found"
                if extract is not None
                else prepared.error
            )
            return replace(again, problem=said or "could not be read")
        row = readings.version(self.connection, one.version)
        extract = self._completed(
            one, row, extract, prepared.again.get(-one.version), begun.at
        )
        if self.begin is not None:
            self.begin()
            self._written(one, extract)
        words = (row["words"], len(extract.text.split()))
        return replace(
            again, title=extract.title, changed=_differing(row, extract), words=words
        )

    def _completed(
        self,
        one: readings.Stale,
        row: sqlite3.Row,
        extract: Extract,
        first: Extract | None,
        at: str,
    ) -> Extract:
        """With what the feed says, and the publication date first seen: that of the first version's own capture, as it reads
        today. ``first``: that capture, where the extract is of a newer one."""
        extract = pages.complete(
            extract, feeds.announcing(self.connection, one.article), at
        )
        if not extract.title:
            extract = replace(extract, title=row["title"])
        held = publication_date.dated(
            row
            if one.number == 1
            else readings.first_version(self.connection, one.article)
        )
        if one.number > 1 or (
            held[2] == extract.sources.get("published") == "feed"
        ):  # feeds rewrite their dates too
            return publication_date.keep_first(extract, *held)
        if first is not None and first.published:
            source = first.sources.get("published", "")
            return publication_date.keep_first(
                extract, first.published, first.published_local, source
            )
        return extract

    def _written(self, one: readings.Stale, extract: Extract) -> None:
        rules = self._today[one.outlet][0]
        name, text = wording.names(extract.title, extract.text, extract.authors)
        articles.reread_version(self.connection, one.version, extract, name, text)
        capture = one.newest or one.capture
        reading = articles.add_reading(
            self.connection,
            one.article,
            one.version,
            capture,
            extract,
            "page",
            rules,
            name,
            self.now,
        )
        if one.newest is None:
            return
        changed: dict[str, Any] = {"reading": reading}
        if multipage.following(
            extract
        ):  # its other pages were not asked for then: the next look asks without conditions
            changed |= {"etag": "", "last_modified": "", "sha256": ""}
        articles.change_article(self.connection, one.article, **changed)


def _differing(row: sqlite3.Row, extract: Extract) -> tuple[str, ...]:
    """The names of what reads differently."""
    before = articles.fields(row)
    return tuple(
        name
        for name in ("title", "text", *version.FIELDS)
        if before.get(name) != getattr(extract, name)
    )
