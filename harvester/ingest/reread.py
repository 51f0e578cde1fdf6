"""Reads the stored captures of all versions again, with today's extractor and settings.

What is shown of a version becomes today's reading of it; its number, name and times
stay, and there is neither an edit nor an event. Does not compare with what is online
(``checks``), nor read pages itself (``workers``).
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from harvester.archive import transactions
from harvester.archive.records import articles, feeds, readings
from harvester.archive.records.articles import ArticleUpdate, VersionRow
from harvester.archive.records.readings import StaleVersion
from harvester.errors import ArchiveError
from harvester.identity import version_decision
from harvester.ingest import multipage, pages, publication_date
from harvester.ingest.jobs import load_earlier_capture
from harvester.ingest.prepare import Job, remember_precomputed
from harvester.ingest.profiles import training_set
from harvester.ingest.session import make_reading
from harvester.model import Capture, Extract, Prepared
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Settings

BATCH_SIZE = 500  # versions queried at once
MAX_PENDING_JOBS_PER_WORKER = 4  # they hold bodies of some megabytes in memory


@dataclass(frozen=True, slots=True)
class RereadResult:
    """How one version reads today."""

    article: str
    number: int
    outlet: str
    title: str = ""
    problem: str = ""  # why it was left as it was
    changed_fields: tuple[str, ...] = ()  # title, text and fields that read differently
    word_counts: tuple[int, int] = (0, 0)  # before and today


@dataclass(frozen=True, slots=True)
class PendingReread:
    """A version to be read; without a job there is a problem."""

    stale_version: StaleVersion
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
    begin_transaction: Callable[[], None] | None = None  # None: nothing is written
    # outlet → fingerprint of its rules, and name of its profile; and the profile's JSON
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
        """Commit the open transaction."""
        transactions.commit(self.connection)

    def run(self, submit: Callable[[Job], Future[Prepared]]) -> Iterator[RereadResult]:
        """Read them, oldest first. What was yielded is written; the caller commits."""
        pending: deque[tuple[PendingReread, Future[Prepared] | None]] = deque()
        for stale in self.stale_versions():
            started = self.start(stale)
            pending.append((started, submit(started.job) if started.job else None))
            while len(pending) > MAX_PENDING_JOBS_PER_WORKER * self.worker_count:
                yield self._wait_and_finish(*pending.popleft())
        while pending:
            yield self._wait_and_finish(*pending.popleft())

    def _wait_and_finish(
        self, pending: PendingReread, future: Future[Prepared] | None
    ) -> RereadResult:
        return self.finish(pending, future.result() if future else None)

    def stale_versions(self) -> Iterator[StaleVersion]:
        """The versions that are to be read."""
        after_id = 0
        while batch := readings.list_stale_versions(
            self.connection,
            EXTRACTOR,
            self._current_readers,
            self.article,
            after_id,
            BATCH_SIZE,
        ):
            yield from batch
            after_id = batch[-1].version_id

    def start(self, stale: StaleVersion) -> PendingReread:
        """What is to be read of a version, or the problem."""
        wanted = {stale.version_id: stale.newest_capture or stale.capture}
        if stale.number == 1 and stale.newest_capture not in (None, stale.capture):
            # The first publication date is that of the first capture.
            wanted[-stale.version_id] = stale.capture
        loaded, problem = [], ""
        for version_id, capture_id in wanted.items():
            try:
                loaded.append(
                    load_earlier_capture(
                        self.connection, self.settings.captures, version_id, capture_id
                    )
                )
            except ArchiveError as error:
                problem = str(error)
        if not loaded:
            return PendingReread(stale, None, "", problem)
        if len(loaded) == 1:
            loaded = [replace(loaded[0], version_id=stale.version_id)]
        received_at = loaded[0].at
        entry = feeds.get_announcing_entry(self.connection, stale.article)
        job = Job(
            "again",
            Capture("", "", received_at, 200),
            self.settings.outlets[stale.outlet].rules,
            self.settings.limits,
            known_fields=publication_date.known_fields(entry, received_at),
            earlier_captures=tuple(loaded),
            profile=self._profile_texts[stale.outlet],
        )
        return PendingReread(stale, job, received_at)

    def finish(self, pending: PendingReread, prepared: Prepared | None) -> RereadResult:
        """Write what was read of a version."""
        stale = pending.stale_version
        result = RereadResult(stale.article, stale.number, stale.outlet)
        if prepared is None:
            return replace(result, problem=pending.problem)
        remember_precomputed(prepared)
        extract = prepared.rereads.get(stale.version_id)
        if extract is None or not extract.text:
            problem = (
                extract.error or "no text found"
                if extract is not None
                else prepared.error
            )
            return replace(result, problem=problem or "could not be read")
        stored = articles.get_version(self.connection, stale.version_id)
        extract = self._complete(
            stale,
            stored,
            extract,
            prepared.rereads.get(-stale.version_id),
            pending.received_at,
        )
        if self.begin_transaction is not None:
            self.begin_transaction()
            self._write(stale, extract)
        return replace(
            result,
            title=extract.title,
            changed_fields=_changed_fields(stored, extract),
            word_counts=(stored.words, len(extract.text.split())),
        )

    def _complete(
        self,
        stale: StaleVersion,
        stored: VersionRow,
        extract: Extract,
        first_reading: Extract | None,
        received_at: str,
    ) -> Extract:
        """The extract with what the feed states, and the publication date first seen.

        That of the first version's own capture, as it reads today. ``first_reading``: of
        that capture, where the extract is of a newer one.
        """
        entry = feeds.get_announcing_entry(self.connection, stale.article)
        extract = pages.complete_from_feed(extract, entry, received_at)
        if not extract.title:
            extract = replace(extract, title=stored.title)
        first = stored
        if stale.number > 1:
            first = articles.get_first_version(self.connection, stale.article)
        first_date = publication_date.publication_date(first)
        is_from_feed = first_date[2] == extract.sources.get("published") == "feed"
        if stale.number > 1 or is_from_feed:  # feeds rewrite their dates too
            return publication_date.keep_first_date(extract, *first_date)
        if first_reading is not None and first_reading.published:
            source = first_reading.sources.get("published", "")
            return publication_date.keep_first_date(
                extract, first_reading.published, first_reading.published_local, source
            )
        return extract

    def _write(self, stale: StaleVersion, extract: Extract) -> None:
        rules = self._current_readers[stale.outlet][0]
        capture_id = stale.newest_capture or stale.capture
        reading = make_reading(extract, "page", rules, capture_id, self.now)
        articles.update_version(self.connection, stale.version_id, reading)
        reading_id = articles.add_reading(
            self.connection, stale.article, stale.version_id, reading
        )
        if stale.newest_capture is None:
            return
        update = ArticleUpdate(reading=reading_id)
        if multipage.next_page_url(extract):
            # Its other pages were not fetched: the next check is unconditional.
            update |= ArticleUpdate(etag="", last_modified="", sha256="")
        articles.update_article(self.connection, stale.article, update)


def _changed_fields(stored: VersionRow, extract: Extract) -> tuple[str, ...]:
    """The names of the fields that read differently."""
    before = articles.parse_version_fields(stored)
    return tuple(
        name
        for name in ("title", "text", *version_decision.COMPARED_FIELDS)
        if before.get(name) != getattr(extract, name)
    )
