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
from harvester.ingest.jobs import load_earlier_capture
from harvester.ingest.prepare import Job, remember_precomputed
from harvester.ingest.profiles import training_set
from harvester.model import Capture, Extract, Prepared
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Settings

BATCH_SIZE = 500  # versions asked for at once
MAX_PENDING_JOBS_PER_WORKER = (
    4  # jobs a worker has waiting: bodies of some megabytes are in memory
)


@dataclass(frozen=True, slots=True)
class RereadResult:
    """How one version read today."""

    article: str
    number: int
    outlet: str
    title: str = ""
    problem: str = ""  # why it was left as it was
    changed_fields: tuple[str, ...] = ()  # title, text and fields that read differently
    word_counts: tuple[int, int] = (0, 0)  # before and today


@dataclass(frozen=True, slots=True)
class PendingReread:
    """A version to be read; no job: there is a problem."""

    stale_version: readings.StaleVersion
    job: Job | None
    received_at: str = ""  # when its capture was received
    problem: str = ""


@dataclass(slots=True)
class Rereading:
    """One pass over an archive."""

    connection: sqlite3.Connection
    settings: Settings
    now: str
    outlets: Sequence[str] = ()
    article: str = ""
    worker_count: int = 1
    begin_transaction: Callable[[], None] | None = (
        None  # of a transaction; None: nothing is written
    )
    _current_readers: dict[str, tuple[str, str]] = field(default_factory=dict)
    _profile_texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, outlet in self.settings.outlets.items():
            if not self.outlets or key in self.outlets:
                name, self._profile_texts[key] = training_set.current_profile(
                    self.connection, key, outlet.rules
                )
                self._current_readers[key] = (outlet.rules.fingerprint, name)

    def count_stale(self) -> int:
        """How many versions are to be read."""
        return readings.count_stale_versions(
            self.connection, EXTRACTOR, self._current_readers, self.article
        )

    def commit(self) -> None:
        """Make what was read last."""
        if self.connection.in_transaction:
            self.connection.execute("commit")

    def run(self, submit: Callable[[Job], Future[Prepared]]) -> Iterator[RereadResult]:
        """Read them, oldest first. What was yielded is written, and committed when the caller says so."""
        waiting: deque[tuple[PendingReread, Future[Prepared] | None]] = deque()
        for one in self.stale_versions():
            begun = self.start(one)
            waiting.append((begun, submit(begun.job) if begun.job else None))
            while len(waiting) > MAX_PENDING_JOBS_PER_WORKER * self.worker_count:
                yield self._wait_and_finish(*waiting.popleft())
        while waiting:
            yield self._wait_and_finish(*waiting.popleft())

    def _wait_and_finish(
        self, pending: PendingReread, future: Future[Prepared] | None
    ) -> RereadResult:
        return self.finish(pending, future.result() if future else None)

    def stale_versions(self) -> Iterator[readings.StaleVersion]:
        """The versions that are to be read."""
        after = 0
        while found := readings.list_stale_versions(
            self.connection,
            EXTRACTOR,
            self._current_readers,
            self.article,
            after,
            BATCH_SIZE,
        ):
            yield from found
            after = found[-1].version_id

    def start(self, stale: readings.StaleVersion) -> PendingReread:
        """What is to be read, or why there can be nothing."""
        folder: Path | None = self.settings.captures
        wanted = {stale.version_id: stale.newest_capture or stale.capture}
        if stale.number == 1 and stale.newest_capture not in (None, stale.capture):
            wanted[-stale.version_id] = (
                stale.capture
            )  # the first publication date is that of the first capture
        found, problem = [], ""
        for number, capture in wanted.items():
            try:
                found.append(
                    load_earlier_capture(self.connection, folder, number, capture)
                )
            except ArchiveError as error:
                problem = str(error)
        if not found:
            return PendingReread(stale, None, "", problem)
        if len(found) == 1:
            found = [replace(found[0], version_id=stale.version_id)]
        at = found[0].at
        entry = feeds.get_announcing_entry(self.connection, stale.article)
        known = publication_date.known_fields(
            entry["published"] if entry else None,
            feeds.parse_entry_extra(entry).get("authors"),
            at,
        )
        limits, rules = self.settings.limits, self.settings.outlets[stale.outlet].rules
        job = Job(
            "again",
            Capture("", "", at, 200),
            rules,
            limits,
            known_fields=known,
            earlier_captures=tuple(found),
        )
        return PendingReread(
            stale, replace(job, profile=self._profile_texts[stale.outlet]), at
        )

    def finish(self, pending: PendingReread, prepared: Prepared | None) -> RereadResult:
        """Write what was read."""
        one = pending.stale_version
        again = RereadResult(one.article, one.number, one.outlet)
        if prepared is None:
            return replace(again, problem=pending.problem)
        remember_precomputed(prepared)
        extract = prepared.rereads.get(one.version_id)
        if extract is None or not extract.text:
            said = (
                extract.error or "no text found"
                if extract is not None
                else prepared.error
            )
            return replace(again, problem=said or "could not be read")
        row = readings.get_version(self.connection, one.version_id)
        extract = self._complete(
            one,
            row,
            extract,
            prepared.rereads.get(-one.version_id),
            pending.received_at,
        )
        if self.begin_transaction is not None:
            self.begin_transaction()
            self._write(one, extract)
        words = (row["words"], len(extract.text.split()))
        return replace(
            again,
            title=extract.title,
            changed_fields=_changed_fields(row, extract),
            word_counts=words,
        )

    def _complete(
        self,
        stale: readings.StaleVersion,
        row: sqlite3.Row,
        extract: Extract,
        first_reading: Extract | None,
        received_at: str,
    ) -> Extract:
        """With what the feed says, and the publication date first seen: that of the first version's own capture, as it reads
        today. ``first``: that capture, where the extract is of a newer one."""
        extract = pages.complete_from_feed(
            extract,
            feeds.get_announcing_entry(self.connection, stale.article),
            received_at,
        )
        if not extract.title:
            extract = replace(extract, title=row["title"])
        held = publication_date.publication_date(
            row
            if stale.number == 1
            else readings.get_first_version(self.connection, stale.article)
        )
        if stale.number > 1 or (
            held[2] == extract.sources.get("published") == "feed"
        ):  # feeds rewrite their dates too
            return publication_date.keep_first_date(extract, *held)
        if first_reading is not None and first_reading.published:
            source = first_reading.sources.get("published", "")
            return publication_date.keep_first_date(
                extract, first_reading.published, first_reading.published_local, source
            )
        return extract

    def _write(self, stale: readings.StaleVersion, extract: Extract) -> None:
        rules = self._current_readers[stale.outlet][0]
        name, text = wording.wording_and_text_digests(
            extract.title, extract.text, extract.authors
        )
        articles.update_version(self.connection, stale.version_id, extract, name, text)
        capture = stale.newest_capture or stale.capture
        reading = articles.add_reading(
            self.connection,
            stale.article,
            stale.version_id,
            capture,
            extract,
            "page",
            rules,
            name,
            self.now,
        )
        if stale.newest_capture is None:
            return
        changed: dict[str, Any] = {"reading": reading}
        if multipage.next_page_url(
            extract
        ):  # its other pages were not asked for then: the next look asks without conditions
            changed |= {"etag": "", "last_modified": "", "sha256": ""}
        articles.update_article(self.connection, stale.article, **changed)


def _changed_fields(row: sqlite3.Row, extract: Extract) -> tuple[str, ...]:
    """The names of what reads differently."""
    before = articles.parse_version_fields(row)
    return tuple(
        name
        for name in ("title", "text", *version.COMPARED_FIELDS)
        if before.get(name) != getattr(extract, name)
    )
