"""The keeper: owns the writing connection, hands out what is due, and keeps what came back.

All methods are called in one thread, with the time passed in. The capture is kept first, always; then it is decided
what it means (``feeds``, ``pages``). Not for: fetching, reading, or waiting.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from harvester.archive.connection import Archive, translate_sqlite_errors
from harvester.archive.integrity import proof
from harvester.archive.records import captures, crawls, due_visits, feeds, hosts
from harvester.identity import urls
from harvester.ingest import (
    duplicates,
    edits,
    identify,
    offline,
    purged,
    revisit_plans,
    unreadable,
)
from harvester.ingest.capture_store import PROGRAM, CaptureStore
from harvester.ingest.counts import CrawlCounts, VisitResult
from harvester.ingest.jobs import build_job
from harvester.ingest.layout_watch import LayoutMonitor
from harvester.ingest.prepare import Job, remember_precomputed
from harvester.ingest.profiles.tracker import ProfileLearner
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.schedule.times import add_seconds
from harvester.settings import Outlet, Settings

if TYPE_CHECKING:
    from harvester.archive.takedown import purge

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB must be parsed


class Keeper:
    """See the module. ``archive`` was opened by ``Archive.open`` in the thread that calls."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive = archive
        self.settings = settings
        self.connection = archive.connection
        self.counts = CrawlCounts()
        self.forced_keys: set[str] = set()
        self.pending_purges: list[
            purge.PurgePlan
        ] = []  # of articles that were purged, and came again: to be blanked when the crawl ends
        self._crawl_id = 0
        self._pending_captures: dict[
            str, tuple[int | None, str]
        ] = {}  # key of a visit under way → its capture, and its digest
        self._further_captures: dict[
            str, list[int]
        ] = {}  # key of a visit under way → the captures of the article's other pages
        self.plans = revisit_plans.RevisitPlans()
        self._in_flight_counts: Counter[tuple[str, str]] = (
            Counter()
        )  # outlet and site → visits handed out and not settled
        self._in_flight: dict[
            str, tuple[str, str]
        ] = {}  # key of a visit handed out and not settled → its outlet and site
        self.store = CaptureStore(archive)
        self.profile_learner = ProfileLearner(self)
        self._layout_monitor = LayoutMonitor(self.connection)
        with translate_sqlite_errors(archive.path):
            due_visits.create_round_table(self.connection)

    # ---- before

    def sync_settings(self, now: str) -> None:
        """Outlets and feeds of the settings into the archive; what is gone from them is kept, and no longer visited."""
        self.archive.begin()
        for outlet in self.settings.outlets.values():
            feeds.upsert_outlet(
                self.connection,
                outlet.key,
                outlet.name,
                outlet.home,
                outlet.language,
                outlet.was,
                now,
            )
            for one in outlet.feeds:
                feeds.upsert_feed(
                    self.connection,
                    one.url,
                    outlet.key,
                    one.section,
                    urls.site(one.url),
                    now,
                )
            feeds.bring_forward_feeds(
                self.connection, outlet.key, add_seconds(now, outlet.every)
            )
        known = [
            one.url for outlet in self.settings.outlets.values() for one in outlet.feeds
        ]
        feeds.deactivate_removed(self.connection, self.settings.outlets, known)
        self.archive.commit()

    def begin_crawl(self, now: str) -> None:
        """A row in ``crawls``."""
        self.archive.begin()
        self._crawl_id = crawls.add_crawl(self.connection, now, PROGRAM)
        identify.backfill(self.connection)
        edits.backfill_judgements(self.connection)
        unreadable.retry_unread(self.connection, now)
        proof.seal_rows(self.connection, now)
        self.archive.commit()

    def take_due_visits(
        self,
        now: str,
        outlets: Sequence[str] = (),
        force: bool = False,
        limit: int = 500,
    ) -> list[Visit]:
        """What to visit now; no address twice until ``renew``. ``force``: all of the outlets, due or not."""
        self.archive.begin()
        proof.seal_rows(self.connection, now)
        found = due_visits.list_due_visits(
            self.connection, now, outlets, force, limit, self._in_flight_counts
        )
        self._in_flight_counts.update((visit.outlet, visit.site) for visit in found)
        self._in_flight.update(
            (visit.key, (visit.outlet, visit.site)) for visit in found
        )
        if force:
            self.forced_keys.update(visit.key for visit in found)
        return found

    def begin_round(self) -> None:
        """A new round: addresses may come again, but for those under way."""
        due_visits.begin_round(self.connection, self._in_flight)

    def release_visit(self, visit: Visit) -> None:
        """A visit is not made after all; it is not handed out again in this round."""
        place = self._in_flight.pop(visit.key, None)
        if place is not None:
            self._in_flight_counts[place] -= 1
            if self._in_flight_counts[place] <= 0:
                del self._in_flight_counts[place]

    def next_due(self, now: str) -> str | None:
        """When the next thing is due; None: nothing ever."""
        return due_visits.get_next_due(self.connection)

    # ---- one visit: first received, then kept

    def receive(self, visit: Visit, capture: Capture, now: str) -> Job | None:
        """Keep a capture. Returns what is to be read of it; None: nothing, go on with ``keep``."""
        self.archive.begin()
        kind: Literal["feed", "article"] = "feed" if visit.kind == "feed" else "article"
        for hop in capture.redirects:
            if hop.body:
                answer = Capture(
                    hop.url, hop.location, now, hop.status, hop.headers, hop.body
                )
                self._store_capture(answer, "redirect", visit.outlet)
        digest = hashlib.sha256(capture.body).hexdigest()
        held = purged.redact_page_capture(self, visit, capture)
        same = digest if held is capture else ""
        row = (
            self._store_capture(held, kind, visit.outlet, same)
            if capture.status and capture.body
            else None
        )
        self._pending_captures[visit.key] = row, digest
        if (
            capture.outcome
            or capture.truncated
            or not 200 <= capture.status < 300
            or not capture.body
        ):
            return None
        if (
            digest == visit.sha256 and not capture.redirects
        ) or unreadable.is_known_unread(self.connection, visit, digest):
            return None
        return build_job(self, visit, held)

    def job_if_profile_changed(
        self, visit: Visit, job: Job, prepared: Prepared
    ) -> Job | None:
        """The reading of a look once more, where the outlet's profile was learned anew meanwhile: like is compared with like. What
        could not be read is not tried again."""
        unread = prepared.extract is None or prepared.outcome is not None
        if (
            unread
            or job.profile == self.profile_learner.current_profile(visit.outlet)[1]
        ):
            return None
        return build_job(self, visit, job.capture)

    def receive_further_page(
        self, visit: Visit, capture: Capture, first_url: str
    ) -> Job | None:
        """Keep a capture of another page of the article that begins at ``first``. Returns what is to be read of it."""
        self.archive.begin()
        if not capture.status or not capture.body:
            return None
        row = self._store_capture(capture, "article", visit.outlet)
        self._further_captures.setdefault(visit.key, []).append(row)
        if capture.outcome or capture.truncated or not 200 <= capture.status < 300:
            return None
        known = ("published", "authors")  # the first page's count
        rules = self.outlet(visit.outlet).rules
        job = Job(
            "page",
            capture,
            rules,
            self.settings.limits,
            known_fields=known,
            first_url=first_url,
        )
        return replace(
            job, profile=self.profile_learner.current_profile(visit.outlet)[1]
        )

    def keep(
        self, visit: Visit, capture: Capture, prepared: Prepared | None, now: str
    ) -> VisitResult:
        """Decide what an answer means, and write it. ``prepared`` is what the job of ``received`` gave."""
        from harvester.ingest.pages import handle_page
        from harvester.ingest.polls import handle_poll

        self.archive.begin()
        remember_precomputed(prepared)
        row, digest = self._pending_captures.pop(visit.key, (None, ""))
        others = max(0, len(prepared.page_extracts) - 1) if prepared is not None else 0
        joined = self.store.link_further_pages(
            self._further_captures.pop(visit.key, []), row, others
        )
        capture = offline.resolve_offline(self.connection, visit, capture, now)
        self.connection.execute("savepoint visit")
        try:
            if visit.kind == "feed":
                kept = handle_poll(self, visit, capture, digest, prepared, now)
                if row is not None and prepared is not None and prepared.error:
                    captures.update_capture_page(
                        self.connection, row, f"unread: {kept.reason}", ""
                    )
            else:
                kept = handle_page(
                    self, visit, capture, row, digest, prepared, now, joined
                )
                self._note_page_kind(row, prepared, kept)
                if row is not None and prepared is not None and prepared.packed_page:
                    self.profile_learner.training_page_cache.add(
                        row, prepared.packed_page
                    )
                if visit.kind == "entry" and prepared is not None:
                    self._layout_monitor.add_page(visit.outlet, now)
        except BaseException:
            self.connection.execute("rollback to visit")
            raise
        finally:
            self.connection.execute("release visit")
        self.release_visit(visit)
        self.counts.visits += 1
        if visit.kind == "feed" and kept.outcome in (
            Outcome.CHANGED,
            Outcome.UNCHANGED,
        ):
            self.counts.feeds += 1
        else:
            self.counts.outcomes[kept.outcome.value] += 1
        came = kept.outcome in (Outcome.NEW, Outcome.DUPLICATE)
        if visit.kind == "entry" and self.profile_learner.is_due_after_entry(
            visit.outlet, came, now
        ):
            return replace(kept, learn_outlet=visit.outlet)
        return kept

    def _note_page_kind(
        self, capture_id: int | None, prepared: Prepared | None, result: VisitResult
    ) -> None:
        """What the page turned out to be, beside its capture; with its text where that makes no version."""
        extract = prepared.extract if prepared is not None else None
        if (
            capture_id is not None
            and extract is None
            and unreadable.is_unread(prepared)
        ):
            captures.update_capture_page(
                self.connection, capture_id, f"unread: {result.reason}", ""
            )
        if capture_id is None or extract is None:
            return
        unkept = result.outcome in (Outcome.BLOCKED, Outcome.FAILED, Outcome.GONE) or (
            result.outcome is Outcome.UNCHANGED
            and bool(result.reason)
            and extract.kind in ("stub", "index")
        )
        kind = extract.kind if extract.text or extract.kind != "article" else "empty"
        if unreadable.is_unread(prepared):
            kind, unkept = f"unread: {result.reason}", False
        captures.update_capture_page(
            self.connection, capture_id, kind, extract.text if unkept else ""
        )

    # ---- sites

    def get_robots(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]:
        """robots.txt as held: text, status and time of the last answer, time of the text."""
        return hosts.get_robots(self.connection, origin)

    def store_robots(self, origin: str, site: str, capture: Capture, now: str) -> None:
        """An answer to a request for robots.txt."""
        self.archive.begin()
        if capture.status and capture.body:
            self._store_capture(capture, "robots", "")
        text = None
        if 200 <= capture.status < 300:
            text = capture.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
        elif 400 <= capture.status < 500 and capture.status != 429:
            text = ""  # RFC 9309, 2.3.1.3: unavailable means that anything may be asked
        hosts.upsert_robots(self.connection, origin, site, capture.status, text, now)

    def set_rate_limit(self, origin: str, site: str, until: str, reason: str) -> None:
        """Ask nothing of this site before ``until``."""
        self.archive.begin()
        hosts.add_rate_limit(self.connection, origin, site, until, reason)

    def rate_limits(self, now: str) -> dict[str, tuple[str, str]]:
        """Sites that are to be left alone: site → (until, reason)."""
        return hosts.get_rate_limits(self.connection, now)

    # ---- after

    def flush(self) -> None:
        """Captures onto the disk, then the rows that point at them."""
        with translate_sqlite_errors(self.archive.path):
            duplicates.compare_pending_batch(self.archive)
            self.store.flush()
            if self._crawl_id and self.connection.in_transaction:
                crawls.update_crawl(
                    self.connection,
                    self._crawl_id,
                    self.counts.visits,
                    self.counts.captures,
                    self.counts.as_dict(),
                    None,
                )
        self.archive.commit()

    def end_crawl(self, now: str, hurry: bool = False) -> dict[str, object]:
        """Flush, close the crawl's row, and say what was done. ``hurry``: what can wait is left for the next crawl."""
        self.archive.begin()
        self._layout_monitor.finish(now)
        counts = self.counts.as_dict()
        crawls.update_crawl(
            self.connection,
            self._crawl_id,
            self.counts.visits,
            self.counts.captures,
            counts,
            now,
        )
        proof.seal_rows(self.connection, now)
        self.flush()
        purged.redact_pending(self, now)
        if not hurry:
            duplicates.compare_all_pending(self.archive)
        return dict(counts)

    def close_capture_files(self) -> None:
        """Nothing writes to WARC files until the next capture, which begins a new one."""
        self.store.close()

    def close(self) -> None:
        """Let go of archive and captures."""
        self.store.close()
        self.archive.close()

    # ---- what feeds and pages need

    def outlet(self, key: str) -> Outlet:
        """The settings of an outlet."""
        return self.settings.outlets[key]

    def outlet_of_feed(self, feed_url: str) -> Outlet:
        """The settings of the outlet that a feed belongs to."""
        return self.outlet(feeds.get_feed(self.connection, feed_url)["outlet"])

    def _store_capture(
        self, capture: Capture, kind: str, outlet: str, digest: str = ""
    ) -> int:
        capture, digest = purged.redact_feed_capture(
            self, capture, kind, outlet, digest
        )
        self.counts.captures += 1
        return self.store.add(capture, kind, outlet, self._crawl_id or None, digest)
