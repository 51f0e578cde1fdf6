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

from harvester.archive.connection import Archive, translated
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
from harvester.ingest.capture_store import PROGRAM, Store
from harvester.ingest.counts import Kept, Tally
from harvester.ingest.jobs import job_of
from harvester.ingest.layout_watch import Layouts
from harvester.ingest.prepare import Job, at_hand
from harvester.ingest.profiles.tracker import Learning
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.schedule.times import later
from harvester.settings import Outlet, Settings

if TYPE_CHECKING:
    from harvester.archive.takedown import purge

ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB must be parsed


class Keeper:
    """See the module. ``archive`` was opened by ``Archive.open`` in the thread that calls."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive = archive
        self.settings = settings
        self.connection = archive.connection
        self.tally = Tally()
        self.forced: set[str] = set()
        self.unwanted: list[
            purge.Plan
        ] = []  # of articles that were purged, and came again: to be blanked when the crawl ends
        self._crawl = 0
        self._captured: dict[
            str, tuple[int | None, str]
        ] = {}  # key of a visit under way → its capture, and its digest
        self._further: dict[
            str, list[int]
        ] = {}  # key of a visit under way → the captures of the article's other pages
        self.plans = revisit_plans.Plans()
        self._busy: Counter[tuple[str, str]] = (
            Counter()
        )  # outlet and site → visits handed out and not settled
        self._out: dict[
            str, tuple[str, str]
        ] = {}  # key of a visit handed out and not settled → its outlet and site
        self.store = Store(archive)
        self.learning = Learning(self)
        self._layouts = Layouts(self.connection)
        with translated(archive.path):
            due_visits.prepare_rounds(self.connection)

    # ---- before

    def sync(self, now: str) -> None:
        """Outlets and feeds of the settings into the archive; what is gone from them is kept, and no longer visited."""
        self.archive.begin()
        for outlet in self.settings.outlets.values():
            feeds.keep_outlet(
                self.connection,
                outlet.key,
                outlet.name,
                outlet.home,
                outlet.language,
                outlet.was,
                now,
            )
            for one in outlet.feeds:
                feeds.keep_feed(
                    self.connection,
                    one.url,
                    outlet.key,
                    one.section,
                    urls.site(one.url),
                    now,
                )
            feeds.sooner(self.connection, outlet.key, later(now, outlet.every))
        known = [
            one.url for outlet in self.settings.outlets.values() for one in outlet.feeds
        ]
        feeds.retire(self.connection, self.settings.outlets, known)
        self.archive.commit()

    def begin(self, now: str) -> None:
        """A row in ``crawls``."""
        self.archive.begin()
        self._crawl = crawls.begin_crawl(self.connection, now, PROGRAM)
        identify.fill(self.connection)
        edits.judge_earlier(self.connection)
        unreadable.again(self.connection, now)
        proof.seal(self.connection, now)
        self.archive.commit()

    def due(
        self,
        now: str,
        outlets: Sequence[str] = (),
        force: bool = False,
        most: int = 500,
    ) -> list[Visit]:
        """What to visit now; no address twice until ``renew``. ``force``: all of the outlets, due or not."""
        self.archive.begin()
        proof.seal(self.connection, now)
        found = due_visits.due(self.connection, now, outlets, force, most, self._busy)
        self._busy.update((visit.outlet, visit.site) for visit in found)
        self._out.update((visit.key, (visit.outlet, visit.site)) for visit in found)
        if force:
            self.forced.update(visit.key for visit in found)
        return found

    def renew(self) -> None:
        """A new round: addresses may come again, but for those under way."""
        due_visits.new_round(self.connection, self._out)

    def put_back(self, visit: Visit) -> None:
        """A visit is not made after all; it is not handed out again in this round."""
        place = self._out.pop(visit.key, None)
        if place is not None:
            self._busy[place] -= 1
            if self._busy[place] <= 0:
                del self._busy[place]

    def next_due(self, now: str) -> str | None:
        """When the next thing is due; None: nothing ever."""
        return due_visits.next_due(self.connection)

    # ---- one visit: first received, then kept

    def received(self, visit: Visit, capture: Capture, now: str) -> Job | None:
        """Keep a capture. Returns what is to be read of it; None: nothing, go on with ``keep``."""
        self.archive.begin()
        kind: Literal["feed", "article"] = "feed" if visit.kind == "feed" else "article"
        for hop in capture.hops:
            if hop.body:
                answer = Capture(
                    hop.url, hop.location, now, hop.status, hop.headers, hop.body
                )
                self._capture(answer, "redirect", visit.outlet)
        digest = hashlib.sha256(capture.body).hexdigest()
        held = purged.shown(self, visit, capture)
        same = digest if held is capture else ""
        row = (
            self._capture(held, kind, visit.outlet, same)
            if capture.status and capture.body
            else None
        )
        self._captured[visit.key] = row, digest
        if (
            capture.outcome
            or capture.truncated
            or not 200 <= capture.status < 300
            or not capture.body
        ):
            return None
        if (digest == visit.sha256 and not capture.hops) or unreadable.known(
            self.connection, visit, digest
        ):
            return None
        return job_of(self, visit, held)

    def once_more(self, visit: Visit, job: Job, prepared: Prepared) -> Job | None:
        """The reading of a look once more, where the outlet's profile was learned anew meanwhile: like is compared with like. What
        could not be read is not tried again."""
        unread = prepared.extract is None or prepared.outcome is not None
        if unread or job.profile == self.learning.profile(visit.outlet)[1]:
            return None
        return job_of(self, visit, job.capture)

    def further(self, visit: Visit, capture: Capture, first: str) -> Job | None:
        """Keep a capture of another page of the article that begins at ``first``. Returns what is to be read of it."""
        self.archive.begin()
        if not capture.status or not capture.body:
            return None
        row = self._capture(capture, "article", visit.outlet)
        self._further.setdefault(visit.key, []).append(row)
        if capture.outcome or capture.truncated or not 200 <= capture.status < 300:
            return None
        known = ("published", "authors")  # the first page's count
        rules = self.outlet(visit.outlet).rules
        job = Job(
            "page", capture, rules, self.settings.limits, known=known, first=first
        )
        return replace(job, profile=self.learning.profile(visit.outlet)[1])

    def keep(
        self, visit: Visit, capture: Capture, prepared: Prepared | None, now: str
    ) -> Kept:
        """Decide what an answer means, and write it. ``prepared`` is what the job of ``received`` gave."""
        from harvester.ingest.pages import keep_page
        from harvester.ingest.polls import keep_feed

        self.archive.begin()
        at_hand(prepared)
        row, digest = self._captured.pop(visit.key, (None, ""))
        others = max(0, len(prepared.pages) - 1) if prepared is not None else 0
        joined = self.store.join(self._further.pop(visit.key, []), row, others)
        capture = offline.judged(self.connection, visit, capture, now)
        self.connection.execute("savepoint visit")
        try:
            if visit.kind == "feed":
                kept = keep_feed(self, visit, capture, digest, prepared, now)
                if row is not None and prepared is not None and prepared.error:
                    captures.note_page(
                        self.connection, row, f"unread: {kept.reason}", ""
                    )
            else:
                kept = keep_page(
                    self, visit, capture, row, digest, prepared, now, joined
                )
                self._note(row, prepared, kept)
                if row is not None and prepared is not None and prepared.study:
                    self.learning.studies.add(row, prepared.study)
                if visit.kind == "entry" and prepared is not None:
                    self._layouts.page(visit.outlet, now)
        except BaseException:
            self.connection.execute("rollback to visit")
            raise
        finally:
            self.connection.execute("release visit")
        self.put_back(visit)
        self.tally.visits += 1
        if visit.kind == "feed" and kept.outcome in (
            Outcome.CHANGED,
            Outcome.UNCHANGED,
        ):
            self.tally.feeds += 1
        else:
            self.tally.outcomes[kept.outcome.value] += 1
        came = kept.outcome in (Outcome.NEW, Outcome.DUPLICATE)
        if visit.kind == "entry" and self.learning.due(visit.outlet, came, now):
            return replace(kept, learn=visit.outlet)
        return kept

    def _note(self, row: int | None, prepared: Prepared | None, kept: Kept) -> None:
        """What the page turned out to be, beside its capture; with its text where that makes no version."""
        extract = prepared.extract if prepared is not None else None
        if row is not None and extract is None and unreadable.of(prepared):
            captures.note_page(self.connection, row, f"unread: {kept.reason}", "")
        if row is None or extract is None:
            return
        unkept = kept.outcome in (Outcome.BLOCKED, Outcome.FAILED, Outcome.GONE) or (
            kept.outcome is Outcome.UNCHANGED
            and bool(kept.reason)
            and extract.kind in ("stub", "index")
        )
        kind = extract.kind if extract.text or extract.kind != "article" else "empty"
        if unreadable.of(prepared):
            kind, unkept = f"unread: {kept.reason}", False
        captures.note_page(self.connection, row, kind, extract.text if unkept else "")

    # ---- sites

    def robots(
        self, origin: str
    ) -> tuple[str | None, int | None, str | None, str | None]:
        """robots.txt as held: text, status and time of the last answer, time of the text."""
        return hosts.robots(self.connection, origin)

    def keep_robots(self, origin: str, site: str, capture: Capture, now: str) -> None:
        """An answer to a request for robots.txt."""
        self.archive.begin()
        if capture.status and capture.body:
            self._capture(capture, "robots", "")
        text = None
        if 200 <= capture.status < 300:
            text = capture.body[:ROBOTS_BYTES].decode("utf-8", "replace")
        elif 400 <= capture.status < 500 and capture.status != 429:
            text = ""  # RFC 9309, 2.3.1.3: unavailable means that anything may be asked
        hosts.keep_robots(self.connection, origin, site, capture.status, text, now)

    def hold(self, origin: str, site: str, until: str, reason: str) -> None:
        """Ask nothing of this site before ``until``."""
        self.archive.begin()
        hosts.hold(self.connection, origin, site, until, reason)

    def holds(self, now: str) -> dict[str, tuple[str, str]]:
        """Sites that are to be left alone: site → (until, reason)."""
        return hosts.holds(self.connection, now)

    # ---- after

    def flush(self) -> None:
        """Captures onto the disk, then the rows that point at them."""
        with translated(self.archive.path):
            duplicates.some(self.archive)
            self.store.flush()
            if self._crawl and self.connection.in_transaction:
                crawls.note_crawl(
                    self.connection,
                    self._crawl,
                    self.tally.visits,
                    self.tally.captures,
                    self.tally.counts(),
                    None,
                )
        self.archive.commit()

    def end(self, now: str, hurry: bool = False) -> dict[str, object]:
        """Flush, close the crawl's row, and say what was done. ``hurry``: what can wait is left for the next crawl."""
        self.archive.begin()
        self._layouts.end(now)
        counts = self.tally.counts()
        crawls.note_crawl(
            self.connection,
            self._crawl,
            self.tally.visits,
            self.tally.captures,
            counts,
            now,
        )
        proof.seal(self.connection, now)
        self.flush()
        purged.clear(self, now)
        if not hurry:
            duplicates.finish(self.archive)
        return dict(counts)

    def let_go_of_files(self) -> None:
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

    def outlet_of(self, feed: str) -> Outlet:
        """The settings of the outlet that a feed belongs to."""
        return self.outlet(feeds.feed(self.connection, feed)["outlet"])

    def _capture(
        self, capture: Capture, kind: str, outlet: str, digest: str = ""
    ) -> int:
        capture, digest = purged.unspoken(self, capture, kind, outlet, digest)
        self.tally.captures += 1
        return self.store.add(capture, kind, outlet, self._crawl or None, digest)
