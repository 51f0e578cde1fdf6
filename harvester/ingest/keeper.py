"""The keeper: the one writer of the archive during a crawl.

Hands out what is due, stores each response, and dispatches it to its handler
(``polls``, ``pages``, ``checks``). All methods are called in one thread, with the time
passed in. A capture is stored first, always; then it is decided what it means. Does not
fetch, read pages, or wait.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import (
    alert_deliveries,
    captures,
    crawls,
    due_visits,
    feeds,
    hosts,
)
from harvester.archive.records.background_visits import (
    get_next_background_due,
    list_background_visits,
)
from harvester.archive.records.origins import OriginOfResponse
from harvester.archive.records.word_forms import WordIndex
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.transactions import savepoint
from harvester.ingest import (
    backfills,
    copy_detection,
    damaged,
    edits,
    identify,
    offline,
    purged,
    truncation,
    unreadable,
    word_index,
    wordpress_polls,
)
from harvester.ingest.address_visits import find_visit
from harvester.ingest.alert_rings import AlertMonitor
from harvester.ingest.backfill_listing import handle_backfill
from harvester.ingest.capture_store import CaptureStore
from harvester.ingest.checks import handle_check
from harvester.ingest.counts import PROGRAM, CrawlCounts, VisitResult
from harvester.ingest.downtime import record_downtime
from harvester.ingest.feed_events import READ_OUTCOMES
from harvester.ingest.gap_filling import handle_gap
from harvester.ingest.host_reservations import HostReservations, tdmrep_text
from harvester.ingest.jobs import build_job
from harvester.ingest.layout_changes import LayoutMonitor
from harvester.ingest.pages import handle_page
from harvester.ingest.polls import NOT_VISITED_REASON, handle_poll
from harvester.ingest.prepare import Job, remember_precomputed
from harvester.ingest.profile_learner import ProfileLearner
from harvester.ingest.revisit_plans import RevisitPlans
from harvester.ingest.session import Session
from harvester.ingest.settings_sync import sync_settings
from harvester.ingest.visit import FetchedFeed, FetchedPage
from harvester.ingest.volumes import VolumeMonitor
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.parse.metadata.reservations import header_directives
from harvester.schedule.intervals import whole_since
from harvester.settings import Settings

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB must be parsed
FLUSHES_PER_COMPARISON = 10  # some seconds: then few new versions are compared too
FURTHER_PAGE_FIELDS = ("published", "authors")  # the first page's count


class Keeper:
    """Stores what one crawl receives. Called in the thread that opened the archive."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive = archive
        self.settings = settings
        self.connection = archive.connection
        self.counts = CrawlCounts()
        # Where the responses that are given next are imported from; None: received now.
        self.origin: OriginOfResponse | None = None
        self._store = CaptureStore(archive, settings)
        self._word_index = WordIndex(archive.connection)
        self._reservations = HostReservations(archive.connection, settings)
        self.profile_learner = ProfileLearner(archive, settings, self._store)
        self._session = Session(
            archive,
            settings,
            self._store,
            RevisitPlans(archive.connection, settings.outlets),
            self.profile_learner.current_profile,
        )
        self._layout_monitor = LayoutMonitor(self.connection)
        self._volume_monitor = VolumeMonitor(self.connection)
        self._crawl_id = 0
        self._started = ""
        self._now = ""  # of the last call that was told the time
        self._flush_count = 0
        # of visits in progress, by key: the capture with its digest, and the captures
        # of the article's further pages
        self._pending_captures: dict[str, tuple[int | None, str]] = {}
        self._whole_captures: dict[str, Capture] = {}  # with a wrong Content-Length
        self._further_captures: dict[str, list[int]] = {}
        # visits handed out and not settled: key → (outlet, site), and how many of each
        self._in_flight: dict[str, tuple[str, str]] = {}
        self._in_flight_counts: Counter[tuple[str, str]] = Counter()
        self._background_counts: Counter[str] = Counter()  # by outlet
        with translate_sqlite_errors(archive.path):
            due_visits.create_round_table(self.connection)

    # ---- the beginning of a crawl

    def sync_settings(self, now: str) -> None:
        """Store the outlets and feeds of the settings; deactivate all others."""
        self.archive.begin()
        sync_settings(self.connection, self.settings, now)
        self.archive.commit()

    def begin_crawl(self, now: str, booted: str = "") -> None:
        """Record the crawl, and complete what an older program wrote.

        ``booted``: when the machine was started, to explain why nothing was crawled.
        """
        self.archive.begin()
        self._now = now
        if self.settings.alerts:
            monitor = AlertMonitor(self.connection, self.settings.alerts)
            self.archive.before_commit = lambda: monitor.record(self._now)
        record_downtime(self.archive, now, booted)
        self._crawl_id = crawls.add_crawl(self.connection, now, PROGRAM)
        self._started = now
        identify.backfill(self.connection)
        edits.backfill_classifications(self.connection)
        unreadable.retry_unread(self.connection, now)
        proof.seal_rows(self.connection, now)
        self.archive.commit()

    # ---- what is due

    def take_due_visits(
        self,
        now: str,
        outlets: Sequence[str] = (),
        force: bool = False,
        limit: int = 500,
        backfills: Sequence[str] | None = (),
    ) -> list[Visit]:
        """Visits to make now; none twice in a round. ``force``: whether due or not.

        ``backfills``: outlets whose backfills go on meanwhile; None: all.
        """
        self.archive.begin()
        proof.seal_rows(self.connection, now)
        self._volume_monitor.check_if_due(now)
        visits = due_visits.list_due_visits(
            self.connection,
            now,
            outlets,
            force,
            limit,
            self._in_flight_counts,
            whole_since(now),
        )
        visits += list_background_visits(
            self.connection,
            now,
            backfills,
            limit - len(visits),
            self._background_counts,
        )
        return self._hand_out(visits, force)

    def take_visits_at(
        self, now: str, addresses: Sequence[tuple[str, str]]
    ) -> list[Visit]:
        """The visits to (outlet, URL) that a person names, due or not.

        Raises HarvesterError for what was purged.
        """
        self.archive.begin()
        proof.seal_rows(self.connection, now)
        visits = {
            visit.key: visit
            for outlet, url in addresses
            for visit in (
                find_visit(self.connection, self.settings.outlets[outlet], url),
            )
        }
        return self._hand_out(list(visits.values()), force=True)

    def _hand_out(self, visits: Sequence[Visit], force: bool) -> list[Visit]:
        visits = [wordpress_polls.next_visit(self.connection, each) for each in visits]
        for visit in visits:
            self._in_flight[visit.key] = visit.outlet, visit.site
            if visit.is_background:
                self._background_counts[visit.outlet] += 1
            else:
                self._in_flight_counts[visit.outlet, visit.site] += 1
        if force:
            self._session.forced_keys.update(visit.key for visit in visits)
        return visits

    def begin_round(self) -> None:
        """Begin a round: everything due is handed out again but what is in progress."""
        due_visits.begin_round(self.connection, self._in_flight)

    def close_backfills(self, now: str) -> None:
        """Close the backfills of which nothing is left to do."""
        self.archive.begin()
        backfills.close_finished(self.connection, now)

    def release_visit(self, visit: Visit) -> None:
        """End a visit, made or not; it is not handed out again in this round."""
        outlet_and_site = self._in_flight.pop(visit.key, None)
        if outlet_and_site is None:
            return
        if visit.is_background:
            self._background_counts[visit.outlet] -= 1
        else:
            self._in_flight_counts[outlet_and_site] -= 1
            if self._in_flight_counts[outlet_and_site] <= 0:
                del self._in_flight_counts[outlet_and_site]

    def next_due(self, now: str, backfills: Sequence[str] | None = ()) -> str | None:
        """When the next visit is due; None: there is none.

        ``backfills``: as of ``take_due_visits``.
        """
        due = due_visits.get_next_due(self.connection)
        background = self.next_backfill_due(now, backfills)
        return min(filter(None, (due, background)), default=None)

    def next_backfill_due(
        self, now: str, backfills: Sequence[str] | None
    ) -> str | None:
        """When a visit of these outlets' backfills is due; None: there is none."""
        return get_next_background_due(self.connection, now, backfills)

    # ---- one visit: first received, then kept

    def receive(self, visit: Visit, capture: Capture, now: str) -> Job | None:
        """Store a response; returns what is to be read of it.

        None: there is nothing to read; go on with ``keep``.
        """
        self.archive.begin()
        self._now = now
        kind: Literal["feed", "article"] = "feed" if visit.reads_feed else "article"
        self._store_redirects(capture, visit.outlet, now)
        digest = hashlib.sha256(capture.body).hexdigest()
        redacted = purged.redact_page_capture(self._session, visit, capture)
        capture_id = None
        if capture.status and capture.status != 304:  # also without a body
            stored_digest = digest if redacted is capture else ""
            capture_id = self._store_capture(
                redacted, kind, visit.outlet, stored_digest
            )
        self._pending_captures[visit.key] = capture_id, digest
        whole = truncation.without_wrong_length(
            self.connection, visit, redacted, digest
        )
        if whole is not redacted:
            redacted = capture = self._whole_captures[visit.key] = whole
        if not self._is_to_be_read(visit, capture, digest):
            return None
        return self._build_job(visit, redacted)

    def _is_to_be_read(self, visit: Visit, capture: Capture, digest: str) -> bool:
        """Whether a response may say something that is not known."""
        if not _is_readable(capture) or (
            digest == visit.sha256 and not capture.redirects
        ):
            return False
        return not unreadable.is_known_unread(self.connection, visit, digest)

    def job_if_profile_changed(
        self, visit: Visit, job: Job, prepared: Prepared
    ) -> Job | None:
        """The job once more, if the outlet's profile was learned meanwhile, or None.

        Like is compared with like. A page that could not be read is not read again.
        """
        is_unread = prepared.extract is None or prepared.outcome is not None
        profile = self.profile_learner.current_profile(visit.outlet)[1]
        if is_unread or job.profile == profile:
            return None
        return self._build_job(visit, job.capture)

    def _build_job(self, visit: Visit, capture: Capture) -> Job:
        for_training = not visit.reads_feed and (
            self.profile_learner.needs_training_page(visit.outlet)
        )
        return build_job(self._session, visit, capture, for_training)

    def receive_further_page(
        self, visit: Visit, capture: Capture, first_url: str
    ) -> Job | None:
        """Store a further page of an article; returns what is to be read of it."""
        self.archive.begin()
        self._store_redirects(capture, visit.outlet, capture.at)
        if not capture.status:
            return None
        capture_id = self._store_capture(capture, "article", visit.outlet)
        self._further_captures.setdefault(visit.key, []).append(capture_id)
        if not _is_readable(capture):
            return None
        return Job(
            "page",
            capture,
            self.settings.outlets[visit.outlet].rules,
            self.settings.limits,
            known_fields=FURTHER_PAGE_FIELDS,
            first_url=first_url,
            profile=self.profile_learner.current_profile(visit.outlet)[1],
        )

    def keep(
        self, visit: Visit, capture: Capture, prepared: Prepared | None, now: str
    ) -> VisitResult:
        """Decide what a response means, and write it.

        ``prepared``: what the job of ``receive`` gave.
        """
        self.archive.begin()
        self._now = now
        remember_precomputed(prepared)
        capture_id, digest = self._pending_captures.pop(visit.key, (None, ""))
        capture = self._whole_captures.pop(visit.key, capture)
        further_count = 0
        if prepared is not None:
            further_count = max(0, len(prepared.page_extracts) - 1)
        page_count = self._store.link_further_pages(
            self._further_captures.pop(visit.key, []), capture_id, further_count
        )
        capture = offline.resolve_offline(self.connection, visit, capture, now)
        self._session.settled_entries.clear()
        try:
            with savepoint(self.connection):
                result = self._keep_visit(
                    visit, capture, capture_id, digest, prepared, page_count, now
                )
        except damaged.DAMAGE_ERRORS:
            postponed = damaged.postpone_visit(self.connection, visit, now)
            if postponed is None:
                raise
            self._session.settled_entries.clear()
            result = postponed
        self.release_visit(visit)
        if result.again:
            due_visits.hand_out_again(self.connection, visit.key)
        self._count(visit, result)
        is_new = result.outcome in (Outcome.NEW, Outcome.DUPLICATE)
        if visit.kind == "entry" and self.profile_learner.is_due_after_entry(
            visit.outlet, is_new, now
        ):
            return replace(result, learn_outlet=visit.outlet)
        return result

    def _keep_visit(
        self,
        visit: Visit,
        capture: Capture,
        capture_id: int | None,
        digest: str,
        prepared: Prepared | None,
        page_count: int,
        now: str,
    ) -> VisitResult:
        if visit.kind == "feed":
            return self._keep_feed(visit, capture, capture_id, digest, prepared, now)
        if visit.kind in ("gap", "backfill"):
            handle = handle_gap if visit.kind == "gap" else handle_backfill
            return handle(self._session, visit, capture, capture_id, prepared, now)
        entry = (
            feeds.get_entry(self.connection, visit.key)
            if visit.kind == "entry"
            else feeds.get_announcing_entry(self.connection, visit.key)
        )
        page = FetchedPage(visit, capture, capture_id, now, entry, digest, page_count)
        return self._keep_page(page, prepared)

    def _keep_feed(
        self,
        visit: Visit,
        capture: Capture,
        capture_id: int | None,
        digest: str,
        prepared: Prepared | None,
        now: str,
    ) -> VisitResult:
        feed = feeds.get_feed(self.connection, visit.key)
        page = FetchedFeed(visit, capture, now, feed, digest, capture_id)
        handle = handle_poll
        if wordpress_polls.is_rest_feed(feed):
            handle = wordpress_polls.handle_rest_poll
        result = handle(self._session, page, prepared)
        if capture_id is not None and prepared is not None and prepared.error:
            captures.update_capture_page(
                self.connection, capture_id, f"unread: {result.reason}", ""
            )
        return result

    def _keep_page(self, page: FetchedPage, prepared: Prepared | None) -> VisitResult:
        handle = handle_page if page.visit.kind == "entry" else handle_check
        result = handle(self._session, page, prepared)
        if page.capture_id is not None and prepared is not None:
            self._record_page_kind(
                page.capture_id, page.final_url, page.visit.outlet, prepared, result
            )
            if prepared.packed_page:
                self.profile_learner.training_page_cache.add(
                    page.capture_id, prepared.packed_page
                )
        is_backfilled = page.entry is not None and page.entry.backfill is not None
        if page.visit.kind == "entry" and is_backfilled:
            backfills.close_finished(self.connection, page.now, page.visit.outlet)
        elif page.visit.kind == "entry" and prepared is not None:
            self._layout_monitor.add_page(page.visit.outlet, page.now)
        return result

    def _record_page_kind(
        self,
        capture_id: int,
        final_url: str,
        outlet: str,
        prepared: Prepared,
        result: VisitResult,
    ) -> None:
        """Record what a captured page is, with its text where that makes no version."""
        extract, text = prepared.extract, ""
        if unreadable.is_unread(prepared):
            kind = f"unread: {result.reason}"
        elif extract is None:
            return
        else:
            has_content = extract.text or extract.kind != "article"
            kind = extract.kind if has_content else "empty"
            makes_no_version = result.outcome in (
                Outcome.BLOCKED,
                Outcome.FAILED,
                Outcome.GONE,
            ) or (
                result.outcome is Outcome.UNCHANGED
                and bool(result.reason)
                and extract.kind in ("stub", "index")
            )
            text = extract.text if makes_no_version else ""
            captures.update_reserved(
                self.connection,
                capture_id,
                self._reservations.describe(final_url, extract.robots, outlet),
            )
        captures.update_capture_page(self.connection, capture_id, kind, text)

    def _count(self, visit: Visit, result: VisitResult) -> None:
        if visit.reads_feed and result.outcome in READ_OUTCOMES:
            self.counts.visits += 1
            self.counts.feeds += 1
        else:
            self.counts.add(result.outcome)
        for key, outcome in self._session.settled_entries:
            if key not in self._in_flight:  # its own visit counts
                self.counts.add(outcome)

    def _store_capture(
        self,
        capture: Capture,
        kind: str,
        outlet: str,
        digest: str = "",
        origin: OriginOfResponse | None = None,
    ) -> int:
        capture, digest = purged.redact_feed_capture(
            self._session, capture, kind, outlet, digest
        )
        self.counts.captures += 1
        sender = capture.url if kind == "redirect" else capture.reached or capture.url
        reserved = self._reservations.describe(
            sender, header_directives(capture.headers), outlet
        )
        return self._store.add(
            capture,
            kind,
            outlet,
            self._crawl_id or None,
            digest,
            reserved,
            origin or self.origin,
        )

    def _store_redirects(self, capture: Capture, outlet: str, now: str) -> None:
        """Store the redirects that led to a response, each as a capture of its own."""
        for number, hop in enumerate(capture.redirects):
            hop_capture = Capture(
                hop.url,
                hop.location,
                now,
                hop.status,
                hop.headers,
                hop.body,
                ip=hop.ip,
                request_headers=hop.request_headers,
            )
            origin = self.origin.of_redirect(number) if self.origin else None
            self._store_capture(hop_capture, "redirect", outlet, origin=origin)

    # ---- sites

    def get_robots(self, origin: str) -> hosts.StoredRobots:
        """The robots.txt of an origin as stored."""
        return hosts.get_robots(self.connection, origin)

    def store_robots(self, origin: str, site: str, capture: Capture, now: str) -> None:
        """Store a response to a request for robots.txt."""
        self.archive.begin()
        former_status = hosts.get_robots(self.connection, origin).status
        # A response without a body, "there is none", counts once.
        if capture.status and (capture.body or capture.status != former_status):
            self._store_redirects(capture, "", now)
            self._store_capture(capture, "robots", "")
        text = None
        status = 0 if capture.outcome else capture.status  # 0: it could not be read
        if 200 <= status < 300:
            text = capture.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
        elif 400 <= status < 500 and status != 429:
            text = ""  # RFC 9309, 2.3.1.3: unavailable, so everything may be fetched
        hosts.upsert_robots(self.connection, origin, site, status, text, now)
        self._reservations.update(origin)

    def get_tdmrep(self, origin: str) -> hosts.StoredTdmrep:
        """The tdmrep.json of an origin as stored."""
        return hosts.get_tdmrep(self.connection, origin)

    def store_tdmrep(self, origin: str, site: str, capture: Capture, now: str) -> None:
        """Store a response to a request for tdmrep.json.

        Kept as a capture where it differs from the one before: most hosts have none, and
        send a page that says so.
        """
        self.archive.begin()
        former = hosts.get_tdmrep(self.connection, origin)
        status = 0 if capture.outcome else capture.status
        text = tdmrep_text(capture) if 200 <= status < 300 else ""
        if not 200 <= status < 500 or status == 429:
            text = former.text or ""  # it cannot be fetched today
        is_news = (status, text) != (former.status, former.text or "")
        if capture.status and is_news:
            self._store_redirects(capture, "", now)
            self._store_capture(capture, "tdmrep", "")
        hosts.upsert_tdmrep(self.connection, origin, site, status, text, now)
        self._reservations.update(origin)

    def set_rate_limit(
        self, origin: str, site: str, until: str, reason: str, limited: float = 0.0
    ) -> None:
        """Fetch nothing of a site before ``until``.

        ``limited``: seconds, where the server states no time.
        """
        self.archive.begin()
        hosts.add_rate_limit(self.connection, origin, site, until, reason, limited)

    def unstated_limits(self) -> dict[str, tuple[float, str]]:
        """The last waits of sites that did not say how long: site → (seconds, end)."""
        return hosts.get_unstated_limits(self.connection)

    def rate_limits(self, now: str) -> dict[str, tuple[str, str]]:
        """Rate-limited sites: site → (until, reason)."""
        return hosts.get_rate_limits(self.connection, now)

    # ---- the end of a batch and of a crawl

    def flush(self) -> None:
        """Write captures to the disk, then commit the rows that point at them."""
        with translate_sqlite_errors(self.archive.path):
            self._flush_count += 1
            even_few = self._flush_count % FLUSHES_PER_COMPARISON == 0
            copy_detection.compare_pending_batch(self.archive, even_few)
            word_index.index_pending_batch(self.archive, self._word_index, even_few)
            self._store.flush()
            if self._crawl_id and self.connection.in_transaction:
                self._update_crawl(None)
        self.archive.commit()

    def has_due_alerts(self, now: str) -> bool:
        """Whether something that rang is being delivered, or ought to be."""
        if not self.settings.alerts:
            return False
        due = alert_deliveries.get_next_due(self.connection)
        return due is not None and due <= now

    def end_crawl(self, now: str, hurry: bool = False) -> dict[str, object]:
        """Flush, and close the crawl; returns its counts.

        ``hurry``: what can wait is left for the next crawl.
        """
        self.archive.begin()
        self._now = now
        self._layout_monitor.finish(now)
        if not hurry:
            self._volume_monitor.check(now)
        self.counts.add(
            Outcome.WAITING,
            feeds.count_unvisited_entries(
                self.connection, self._started, NOT_VISITED_REASON
            ),
        )
        self._update_crawl(now)
        proof.seal_rows(self.connection, now)
        self.flush()
        purged.redact_pending(self._session, now)
        if not hurry:
            copy_detection.compare_all_pending(self.archive)
            word_index.index_all_pending(self.archive, self._word_index)
        return dict(self.counts.as_dict())

    def _update_crawl(self, ended: str | None) -> None:
        crawls.update_crawl(
            self.connection,
            self._crawl_id,
            self.counts.visits,
            self.counts.captures,
            self.counts.as_dict(),
            ended,
        )

    def close(self) -> None:
        """Close the WARC file and the archive."""
        self._store.close()
        self.archive.close()


def _is_readable(capture: Capture) -> bool:
    """Whether a response has content to be read."""
    return not (
        capture.outcome
        or capture.truncated
        or not (200 <= capture.status < 300)
        or (capture.status == 206 and not capture.is_whole_success)
        or not capture.body
    )
