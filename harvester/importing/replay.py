"""Gives the responses of an index to the keeper of a staging archive, in order of time.

Worker processes read ahead; what they read counts only if it is what the keeper wants
read once the turn of the response has come. So the result is that of one response after
the other. The position is committed together with what was replayed.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from harvester.archive.importing import position, workspace
from harvester.archive.importing.position import Position
from harvester.archive.importing.workspace import RecordRow
from harvester.archive.records.origins import OriginOfResponse
from harvester.archive.transactions import savepoint
from harvester.errors import HarvesterError
from harvester.identity.urls import mask_secrets
from harvester.importing.further_pages import FurtherPages
from harvester.importing.ownership import NOT_ALLOWED, PAGE_TYPES
from harvester.importing.replay_keeper import ReplayKeeper, is_unannounced
from harvester.importing.responses import Response, ResponseReader
from harvester.ingest import link_rules, multipage
from harvester.ingest.counts import VisitResult
from harvester.ingest.damaged import DAMAGE_ERRORS
from harvester.ingest.feed_events import READ_OUTCOMES
from harvester.ingest.outcomes import ALREADY_STORED_REASON
from harvester.ingest.prepare import Job
from harvester.model import Capture, Outcome, Prepared, Visit

MAX_AHEAD = 64  # responses that are read before their turn
MAX_AHEAD_BYTES = 64_000_000
COMMIT_SECONDS = 5.0  # what is replayed within it is replayed again after a crash
BATCH_TURNS = 500
MAX_REASONS = 100  # that are counted by their words
# kinds of counts
OUTCOME, SKIPPED, JOINED, REASON = "outcome", "skipped", "joined", "reason"
FEED_READ = "feed"
FURTHER_PAGE, REDIRECT = "further pages of an article", "redirects"
LONE_REDIRECT = "a redirect to what is not in the files"
PURGED_PAGE = "was purged from the archive"
UNKNOWN_PAGE = "HTTP {}, and no article is known there"
INTERNAL_ERROR = "internal error: {}; the log names the URL"
NOT_A_PAGE = "a redirect to what is not a page"
INDEX_PAGE = "an index page, not an article"
_ARTICLE_OUTCOMES = (
    Outcome.NEW,
    Outcome.CHANGED,
    Outcome.UNCHANGED,
    Outcome.DUPLICATE,
)

_LOG = logging.getLogger("harvester.import")

Submit = Callable[[Job], "Future[Prepared]"]


@dataclass(slots=True)
class _Pending:
    """A response that waits for its turn."""

    response: Response
    job: Job | None = None  # what is read ahead of it
    future: Future[Prepared] | None = None

    @property
    def size(self) -> int:
        """Bytes of memory that it takes."""
        capture = self.response.capture
        return len(capture.body) if capture is not None else 0


@dataclass(slots=True)
class Replay:
    """One replay; ``origins``: file of the index → (id, name) of its origin."""

    keeper: ReplayKeeper
    index: sqlite3.Connection
    reader: ResponseReader
    submit: Submit
    origins: dict[int, tuple[int, str]]
    position: Position = field(default_factory=Position)
    _window: deque[_Pending] = field(default_factory=deque)
    _window_bytes: int = 0
    _feeds_ahead: Counter[str] = field(default_factory=Counter)  # outlet → not kept yet
    _committed: float = 0.0

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Replay all turns after the position. What was replayed is committed."""
        self.keeper.archive.before_commit = self._store_position
        total = workspace.count_turns(self.index)
        self._committed = time.monotonic()
        turns = self._turns()
        # After an error nothing is committed: a turn counts whole or not at all.
        while self._fill(turns):
            self._finish(self._window.popleft())
            progress(self.position.turn, total)
            if time.monotonic() - self._committed > COMMIT_SECONDS:
                self._commit()
        self._commit()

    def _commit(self) -> None:
        self.keeper.flush()
        self._committed = time.monotonic()

    def _store_position(self) -> None:
        position.store_position(self.keeper.connection, self.position)

    def _turns(self) -> Iterator[RecordRow]:
        after = self.position.turn
        while batch := workspace.list_turns(self.index, after, BATCH_TURNS):
            yield from batch
            after = batch[-1].turn or after

    # ---- ahead of their turn

    def _fill(self, turns: Iterator[RecordRow]) -> bool:
        """Read ahead; whether there is a response whose turn has come."""
        while len(self._window) < MAX_AHEAD and self._window_bytes < MAX_AHEAD_BYTES:
            record = next(turns, None)
            if record is None:
                break
            pending = _Pending(self._read(record))
            self._window.append(pending)
            self._window_bytes += pending.size
            self._read_ahead(pending)
            if record.role == "feed":
                self._feeds_ahead[record.outlet] += 1
        return bool(self._window)

    def _read(self, record: RecordRow) -> Response:
        if record.role == "redirect" and record.next is None:
            return Response(record, None, LONE_REDIRECT, (record,))
        if record.role != "feed" and (reason := self._rule_against(record)):
            return Response(record, None, reason, (record,))
        response = self.reader.read(record)
        if response.last.role == "redirect":
            return replace(response, capture=None, problem=LONE_REDIRECT)
        return response

    def _rule_against(self, record: RecordRow) -> str:
        """Why the settings of its outlet leave a page out; "" if they do not."""
        outlet = self.keeper.settings.outlets[record.outlet]
        if link_rules.refusal_reason(record.url, outlet.key, outlet.allow, outlet.deny):
            return NOT_ALLOWED
        return ""

    def _read_ahead(self, pending: _Pending) -> None:
        """Begin to read a response, unless a feed before it may say something of it."""
        record, capture = pending.response.record, pending.response.capture
        if capture is None or self._feeds_ahead[record.outlet]:
            return
        if position.is_consumed(self.keeper.connection, record.id):
            return
        try:
            visit = self.keeper.find_visit(record.url, record.outlet, record.feed)
        except HarvesterError:  # told at its turn
            return
        if visit is None or (is_unannounced(visit) and not _is_success(capture)):
            return
        pending.job = self.keeper.peek(visit, capture)
        if pending.job is not None:
            pending.future = self.submit(pending.job)

    # ---- at their turn

    def _finish(self, pending: _Pending) -> None:
        """Replay one response. Everything it gives is in one transaction."""
        record = pending.response.record
        self._window_bytes -= pending.size
        self.keeper.archive.begin()
        try:
            with savepoint(self.keeper.connection):
                self._replay(pending)
        except DAMAGE_ERRORS as error:  # by this response, which costs itself only
            reason = INTERNAL_ERROR.format(type(error).__name__)
            self.position.counts[SKIPPED, reason] += 1
            _LOG.warning("not replayed: %s: %r", mask_secrets(record.url), error)
        chain_length = len(pending.response.chain)
        if chain_length > 1:
            self.position.counts[JOINED, REDIRECT] += chain_length - 1
        self.position.turn = record.turn or self.position.turn
        if record.role == "feed":
            self._feeds_ahead[record.outlet] -= 1
            if not self._feeds_ahead[record.outlet]:
                self._read_on(record.outlet)

    def _read_on(self, outlet: str) -> None:
        """Begin to read what waited for a feed of its outlet, up to the next one."""
        for pending in self._window:
            record = pending.response.record
            if record.outlet != outlet:
                continue
            if pending.future is None:
                self._read_ahead(pending)
            if record.role == "feed":
                return

    def _replay(self, pending: _Pending) -> None:
        response = pending.response
        record, capture = response.record, response.capture
        if position.is_consumed(self.keeper.connection, record.id):
            self.position.counts[JOINED, FURTHER_PAGE] += 1
            return
        if capture is None:
            self.position.counts[SKIPPED, response.problem] += 1
            return
        try:
            visit = self.keeper.find_visit(record.url, record.outlet, record.feed)
        except HarvesterError:
            self.position.counts[SKIPPED, PURGED_PAGE] += 1
            return
        if visit is None or (is_unannounced(visit) and not _is_success(capture)):
            reason = UNKNOWN_PAGE.format(capture.status)
            self.position.counts[SKIPPED, reason] += 1
            return
        media_type = capture.header("Content-Type").partition(";")[0].strip().lower()
        if is_unannounced(visit) and media_type not in PAGE_TYPES:
            # What a redirect led to; others were left out before.
            self.position.counts[SKIPPED, NOT_A_PAGE] += 1
            return
        self.keeper.origin = self._origin_of(response)
        self._keep(pending, visit, capture)

    def _origin_of(self, response: Response) -> OriginOfResponse:
        origin_id, name = self.origins[response.last.file]
        hops = tuple(hop.record for hop in response.chain[:-1])
        return OriginOfResponse(origin_id, name, response.last.record, hops)

    def _keep(self, pending: _Pending, visit: Visit, capture: Capture) -> None:
        now = capture.at
        job = self.keeper.receive(visit, capture, now)
        stored = self.keeper.stored_capture(visit)
        prepared = self._prepare(pending, job)
        if prepared is not None and multipage.next_page_url(prepared.extract):
            prepared = self._read_further_pages(pending, visit, capture, prepared)
        if prepared is not None and is_unannounced(visit):
            prepared = _without_index(prepared)
        result = self.keeper.keep(visit, capture, prepared, now)
        if visit.kind == "entry" and result.reason == ALREADY_STORED_REASON:
            result = self._check(visit, capture, stored) or result
        self._count(visit, result)

    def _prepare(self, pending: _Pending, job: Job | None) -> Prepared | None:
        if job is None:
            return None
        if pending.future is None or pending.job != job:
            pending.future = self.submit(job)
        return pending.future.result()

    def _read_further_pages(
        self, pending: _Pending, visit: Visit, capture: Capture, prepared: Prepared
    ) -> Prepared:
        pages = FurtherPages(self.keeper, self.index, self.reader, self.submit)
        joined, consumed = pages.read(pending.response, visit, capture, prepared)
        position.add_consumed(self.keeper.connection, consumed)
        return joined

    def _check(
        self, visit: Visit, capture: Capture, stored: tuple[int | None, str]
    ) -> VisitResult | None:
        """Compare a page with the stored article that it turned out to be."""
        check = self.keeper.find_prompted_check(capture)
        if check is None:
            return None
        job = self.keeper.receive_stored(check, capture, stored)
        prepared = self.submit(job).result() if job is not None else None
        return self.keeper.keep(check, capture, prepared, capture.at)

    def _count(self, visit: Visit, result: VisitResult) -> None:
        counts = self.position.counts
        if visit.kind == "feed" and result.outcome in READ_OUTCOMES:
            counts[OUTCOME, FEED_READ] += 1
            return
        counts[OUTCOME, result.outcome.value] += 1
        if result.outcome in _ARTICLE_OUTCOMES or not result.reason:
            return
        key = (REASON, f"{result.outcome.value}: {result.reason}"[:200])
        if key in counts or len(counts) < MAX_REASONS:
            counts[key] += 1


def _is_success(capture: Capture) -> bool:
    return 200 <= capture.status < 300


def _without_index(prepared: Prepared) -> Prepared:
    """What was read of a page, as no article if it only lists others."""
    extract = prepared.extract
    if extract is None or extract.kind != "index":
        return prepared
    return replace(
        prepared,
        extract=replace(extract, text=""),
        outcome=Outcome.EMPTY,
        error=INDEX_PAGE,
    )
