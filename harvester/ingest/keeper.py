"""The keeper: owns the writing connection, hands out what is due, and keeps what came back.

All methods are called in one thread, with the time passed in. The capture is kept first, always; then it is decided
what it means (``feeds``, ``pages``). Not for: fetching, reading, or waiting.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import harvester
from harvester.archive import Archive, articles, captures, feeds, health, proof, readings, translated, visits
from harvester.identity import url as addresses
from harvester.ingest import addresses as which
from harvester.ingest import breaks, changes, copies, dating, offline, plans, profiles, takedown, unread
from harvester.ingest.prepare import Job, at_hand
from harvester.model import Capture, Earlier, Further, Outcome, Prepared, Rules, Visit
from harvester.parse.extractor import EXTRACTOR
from harvester.schedule import later
from harvester.settings import Outlet, Settings

if TYPE_CHECKING:
    from harvester.archive.takedown import purge
    from harvester.ingest.reread import Rereading

PROGRAM = f"harvester/{harvester.__version__}"
ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB must be parsed
FRESH = 5  # new pages of an outlet after which it is looked whether its layout changed
REREAD_MOST = 20  # earlier versions read again when the extractor changed; older ones wait for their own turn


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a visit."""

    outcome: Outcome
    reason: str = ""
    learn: str = ""  # the outlet of which a profile is to be learned now


@dataclass(slots=True)
class Tally:
    """What a crawl has done so far. A visit is a feed that was read, or has one of the outcomes."""

    visits: int = 0
    captures: int = 0
    feeds: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """visits = feeds + the sum of all outcomes."""
        return {
            "visits": self.visits,
            "feeds": self.feeds,
            "captures": self.captures,
            **{outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
        }


@dataclass(slots=True)
class Learning:
    """How far the learning of an outlet's profile is."""

    articles: int
    since: int  # articles that came since it was last learned
    learned_at: str | None
    under_way: bool = False


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
        self._captured: dict[str, tuple[int | None, str]] = {}  # key of a visit under way → its capture, and its digest
        self._further: dict[str, list[int]] = {}  # key of a visit under way → the captures of the article's other pages
        self._fresh: Counter[str] = Counter()  # outlet → new pages since it was last looked whether its layout changed
        self._profiles: dict[str, tuple[str, str]] = {}
        self.plans = plans.Plans()
        self._learning: dict[str, Learning] = {}
        self._studies = profiles.Studies()
        self._busy: Counter[tuple[str, str]] = Counter()  # outlet and site → visits handed out and not settled
        self._out: dict[str, tuple[str, str]] = {}  # key of a visit handed out and not settled → its outlet and site
        self._warc = captures.WarcFiles(archive.captures, PROGRAM) if archive.captures else None
        with translated(archive.path):
            visits.prepare_rounds(self.connection)
            last = visits.last_record(self.connection)
            if self._warc and last:
                self._warc.resume(*last)

    # ---- before

    def sync(self, now: str) -> None:
        """Outlets and feeds of the settings into the archive; what is gone from them is kept, and no longer visited."""
        self.archive.begin()
        for outlet in self.settings.outlets.values():
            feeds.keep_outlet(self.connection, outlet.key, outlet.name, outlet.home, outlet.language, outlet.was, now)
            for one in outlet.feeds:
                feeds.keep_feed(self.connection, one.url, outlet.key, one.section, addresses.site(one.url), now)
            feeds.sooner(self.connection, outlet.key, later(now, outlet.every))
        known = [one.url for outlet in self.settings.outlets.values() for one in outlet.feeds]
        feeds.retire(self.connection, self.settings.outlets, known)
        self.archive.commit()

    def begin(self, now: str) -> None:
        """A row in ``crawls``."""
        self.archive.begin()
        self._crawl = visits.begin_crawl(self.connection, now, PROGRAM)
        which.fill(self.connection)
        changes.judge_earlier(self.connection)
        unread.again(self.connection, now)
        proof.seal(self.connection, now)
        self.archive.commit()

    def due(self, now: str, outlets: Sequence[str] = (), force: bool = False, most: int = 500) -> list[Visit]:
        """What to visit now; no address twice until ``renew``. ``force``: all of the outlets, due or not."""
        self.archive.begin()
        proof.seal(self.connection, now)
        found = visits.due(self.connection, now, outlets, force, most, self._busy)
        self._busy.update((visit.outlet, visit.site) for visit in found)
        self._out.update((visit.key, (visit.outlet, visit.site)) for visit in found)
        if force:
            self.forced.update(visit.key for visit in found)
        return found

    def renew(self) -> None:
        """A new round: addresses may come again, but for those under way."""
        visits.new_round(self.connection, self._out)

    def put_back(self, visit: Visit) -> None:
        """A visit is not made after all; it is not handed out again in this round."""
        place = self._out.pop(visit.key, None)
        if place is not None:
            self._busy[place] -= 1
            if self._busy[place] <= 0:
                del self._busy[place]

    def next_due(self, now: str) -> str | None:
        """When the next thing is due; None: nothing ever."""
        return visits.next_due(self.connection)

    # ---- one visit: first received, then kept

    def received(self, visit: Visit, capture: Capture, now: str) -> Job | None:
        """Keep a capture. Returns what is to be read of it; None: nothing, go on with ``keep``."""
        self.archive.begin()
        kind: Literal["feed", "article"] = "feed" if visit.kind == "feed" else "article"
        for hop in capture.hops:
            if hop.body:
                answer = Capture(hop.url, hop.location, now, hop.status, hop.headers, hop.body)
                self._capture(answer, "redirect", visit.outlet)
        digest = hashlib.sha256(capture.body).hexdigest()
        held = takedown.shown(self, visit, capture)
        same = digest if held is capture else ""
        row = self._capture(held, kind, visit.outlet, same) if capture.status and capture.body else None
        self._captured[visit.key] = row, digest
        if capture.outcome or capture.truncated or not 200 <= capture.status < 300 or not capture.body:
            return None
        if (digest == visit.sha256 and not capture.hops) or unread.known(self.connection, visit, digest):
            return None
        return self._job(visit, held)

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
        job = Job("page", capture, rules, self.settings.limits, known=known, first=first)
        return replace(job, profile=self.profile(visit.outlet)[1])

    def keep(self, visit: Visit, capture: Capture, prepared: Prepared | None, now: str) -> Kept:
        """Decide what an answer means, and write it. ``prepared`` is what the job of ``received`` gave."""
        from harvester.ingest.feeds import keep_feed
        from harvester.ingest.pages import keep_page

        self.archive.begin()
        at_hand(prepared)
        row, digest = self._captured.pop(visit.key, (None, ""))
        joined = self._join(self._further.pop(visit.key, []), row, prepared)
        capture = offline.judged(self.connection, visit, capture, now)
        self.connection.execute("savepoint visit")
        try:
            if visit.kind == "feed":
                kept = keep_feed(self, visit, capture, digest, prepared, now)
                if row is not None and prepared is not None and prepared.error:
                    visits.note_page(self.connection, row, f"unread: {kept.reason}", "")
            else:
                kept = keep_page(self, visit, capture, row, digest, prepared, now, joined)
                self._note(row, prepared, kept)
                if row is not None and prepared is not None and prepared.study:
                    self._studies.add(row, prepared.study)
                if visit.kind == "entry" and prepared is not None:
                    self._fresh[visit.outlet] += 1
                if self._fresh[visit.outlet] >= FRESH:
                    self._look_for_breaks(visit.outlet, now)
        except BaseException:
            self.connection.execute("rollback to visit")
            raise
        finally:
            self.connection.execute("release visit")
        self.put_back(visit)
        self.tally.visits += 1
        if visit.kind == "feed" and kept.outcome in (Outcome.CHANGED, Outcome.UNCHANGED):
            self.tally.feeds += 1
        else:
            self.tally.outcomes[kept.outcome.value] += 1
        came = kept.outcome in (Outcome.NEW, Outcome.DUPLICATE)
        if visit.kind == "entry" and self._to_learn(visit.outlet, came, now):
            return replace(kept, learn=visit.outlet)
        return kept

    def _note(self, row: int | None, prepared: Prepared | None, kept: Kept) -> None:
        """What the page turned out to be, beside its capture; with its text where that makes no version."""
        extract = prepared.extract if prepared is not None else None
        if row is not None and extract is None and unread.of(prepared):
            visits.note_page(self.connection, row, f"unread: {kept.reason}", "")
        if row is None or extract is None:
            return
        unkept = kept.outcome in (Outcome.BLOCKED, Outcome.FAILED, Outcome.GONE) or (
            kept.outcome is Outcome.UNCHANGED and bool(kept.reason) and extract.kind in ("stub", "index")
        )
        kind = extract.kind if extract.text or extract.kind != "article" else "empty"
        if unread.of(prepared):
            kind, unkept = f"unread: {kept.reason}", False
        visits.note_page(self.connection, row, kind, extract.text if unkept else "")

    def _look_for_breaks(self, outlet: str, now: str) -> None:
        """Whether the outlet's pages read worse of a sudden; told once."""
        del self._fresh[outlet]
        rows = health.newest(self.connection, outlet, breaks.RECENT + breaks.BEFORE)
        seen = [
            breaks.Seen(
                row["article"],
                row["at"],
                bool(row["title"]),
                bool(row["author"]),
                bool(row["published"]),
                bool(row["text"]),
                row["words"],
            )
            for row in rows
        ]
        if (broken := breaks.found(seen)) is not None:
            note = f"since {broken.since}: {broken.note}"
            articles.add_event(self.connection, health.BROKEN, outlet, now, note, article=broken.article)

    # ---- what is known of outlets

    def profile(self, outlet: str) -> tuple[str, str]:
        """The outlet's profile in force: its name, and itself as text; "" where there is none."""
        if outlet not in self._profiles:
            self._profiles[outlet] = profiles.in_force(self.connection, outlet, self.outlet(outlet).rules)
        return self._profiles[outlet]

    def newest(self, outlet: str, job: Job) -> Job:
        """A job made a while ago, with the profile in force. The one method that may be called in any thread."""
        held = self._profiles.get(outlet)
        return job if held is None or held[1] == job.profile else replace(job, profile=held[1])

    def _to_learn(self, outlet: str, came: bool, now: str) -> bool:
        """One entry more is settled, and ``came`` to be an article: whether the outlet's profile is to be learned now."""
        if not profiles.used(self.outlet(outlet).rules):
            return False
        state = self._state(outlet)
        if came:
            state.articles += 1
            state.since += 1
        return self.to_learn_again(outlet, now)

    def _state(self, outlet: str) -> Learning:
        if outlet not in self._learning:
            self._learning[outlet] = Learning(*profiles.standing(self.connection, outlet))
        return self._learning[outlet]

    def to_learn_again(self, outlet: str, now: str) -> bool:
        """Whether enough came, perhaps while the profile was being learned, to learn it now: while few are held, once those
        that are on their way have come too, so that nothing is read twice."""
        state = self._state(outlet)
        if state.under_way or not profiles.due(state.articles, state.learned_at, state.since, now):
            return False
        return state.articles >= profiles.ENOUGH or not feeds.expected(self.connection, outlet, now)

    def lessons(self, outlet: str) -> Job:
        """What the outlet's profile is to be learned from."""
        state = self._state(outlet)
        state.under_way, state.since = True, 0
        if self._warc:
            self._warc.flush()
        found = profiles.lessons(self.connection, self.archive.captures, outlet, studies=self._studies)
        rules = self.outlet(outlet).rules
        return Job("learn", Capture("", "", "", 200), rules, self.settings.limits, lessons=found)

    def learned(self, outlet: str, prepared: Prepared, now: str) -> Rereading | None:
        """Keep what was learned. Returns what is to be read again with it; None: nothing.

        What reads the same is said to have been read with it: only what differs, or came meanwhile, is read again.
        """
        from harvester.ingest.reread import Rereading

        state = self._learning[outlet]
        state.under_way = False
        if not prepared.profile:
            return None
        self.archive.begin()
        state.learned_at = now
        if not profiles.keep(self.connection, outlet, prepared.profile, now):
            return None
        self._profiles.pop(outlet, None)
        readings.adopt(
            self.connection, prepared.same, self.profile(outlet)[0], EXTRACTOR, self.outlet(outlet).rules.name
        )
        if self._warc:
            self._warc.flush()
        return Rereading(self.connection, self.settings, now, (outlet,), begin=self.archive.begin)

    # ---- sites

    def robots(self, origin: str) -> tuple[str | None, int | None, str | None, str | None]:
        """robots.txt as held: text, status and time of the last answer, time of the text."""
        return visits.robots(self.connection, origin)

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
        visits.keep_robots(self.connection, origin, site, capture.status, text, now)

    def hold(self, origin: str, site: str, until: str, reason: str) -> None:
        """Ask nothing of this site before ``until``."""
        self.archive.begin()
        visits.hold(self.connection, origin, site, until, reason)

    def holds(self, now: str) -> dict[str, tuple[str, str]]:
        """Sites that are to be left alone: site → (until, reason)."""
        return visits.holds(self.connection, now)

    # ---- after

    def flush(self) -> None:
        """Captures onto the disk, then the rows that point at them."""
        with translated(self.archive.path):
            copies.some(self.archive)
            if self._warc:
                self._warc.flush()
            if self._crawl and self.connection.in_transaction:
                visits.note_crawl(
                    self.connection, self._crawl, self.tally.visits, self.tally.captures, self.tally.counts(), None
                )
        self.archive.commit()

    def end(self, now: str, hurry: bool = False) -> dict[str, object]:
        """Flush, close the crawl's row, and say what was done. ``hurry``: what can wait is left for the next crawl."""
        self.archive.begin()
        for outlet in list(self._fresh):
            self._look_for_breaks(outlet, now)
        counts = self.tally.counts()
        visits.note_crawl(self.connection, self._crawl, self.tally.visits, self.tally.captures, counts, now)
        proof.seal(self.connection, now)
        self.flush()
        takedown.clear(self, now)
        if not hurry:
            copies.finish(self.archive)
        return dict(counts)

    def let_go_of_files(self) -> None:
        """Nothing writes to WARC files until the next capture, which begins a new one."""
        if self._warc:
            self._warc.close()

    def close(self) -> None:
        """Let go of archive and captures."""
        if self._warc:
            self._warc.close()
        self.archive.close()

    # ---- what feeds and pages need

    def outlet(self, key: str) -> Outlet:
        """The settings of an outlet."""
        return self.settings.outlets[key]

    def outlet_of(self, feed: str) -> Outlet:
        """The settings of the outlet that a feed belongs to."""
        return self.outlet(feeds.feed(self.connection, feed)["outlet"])

    def forget_body(self, capture: int | None) -> None:
        """Where no WARC files are kept, only the newest body of an article stays."""
        if self._warc is None and capture is not None:
            visits.drop_body(self.connection, capture)

    def _join(self, rows: list[int], first: int | None, prepared: Prepared | None) -> int:
        """Note which captures are the article's other pages. How many pages it has in all."""
        joined = rows[: len(prepared.pages) - 1] if prepared is not None and prepared.pages else []
        if joined and first is not None:
            captures.join(self.connection, first, joined)
        for row in rows[len(joined) :]:
            self.forget_body(row)
        return len(joined) + 1

    def _capture(self, capture: Capture, kind: str, outlet: str, digest: str = "") -> int:
        capture, digest = takedown.unspoken(self, capture, kind, outlet, digest)
        asked = addresses.without_login(capture.url)
        with translated(self.archive.path):
            file, offset, length, record = (
                self._warc.add(asked, capture.at, capture.status, capture.headers, capture.body, capture.truncated)
                if self._warc
                else (None, None, None, "")
            )
        kept_here = self._warc is None and kind == "article" and capture.status == 200
        self.tally.captures += 1
        return visits.add_capture(
            self.connection,
            {
                "crawl": self._crawl or None,
                "outlet": outlet,
                "kind": kind,
                "url": asked,
                "reached": addresses.without_login(capture.reached) or asked,
                "at": capture.at,
                "status": capture.status,
                "type": capture.header("Content-Type")[:200],
                "sha256": digest or hashlib.sha256(capture.body).hexdigest(),
                "bytes": len(capture.body),
                "truncated": int(capture.truncated),
                "robots": capture.header("X-Robots-Tag")[:200],
                "file": file,
                "offset": offset,
                "length": length,
                "record": record,
                "body": zlib.compress(capture.body, captures.LEVEL) if kept_here else None,
            },
        )

    def _job(self, visit: Visit, capture: Capture) -> Job:
        outlet = self.outlet(visit.outlet)
        if visit.kind == "feed":
            return Job("feed", capture, Rules(), self.settings.limits)
        if visit.kind == "entry":
            entry = feeds.entry(self.connection, visit.key)
            earlier: tuple[Earlier, ...] = ()
        else:
            entry = feeds.announcing(self.connection, visit.key)
            earlier = self._earlier(visit.key, outlet)
        extra = feeds.extra(entry)
        content = str(extra.get("content", ""))
        title = entry["title"] if entry is not None else ""
        known = dating.known(entry["published"] if entry is not None else None, extra.get("authors"), capture.at)
        job = Job("page", capture, outlet.rules, self.settings.limits, title, content, known, earlier)
        studied = profiles.used(outlet.rules) and profiles.soon(self._state(outlet.key).articles)
        return replace(job, profile=self.profile(outlet.key)[1], studied=studied)

    def _earlier(self, key: str, outlet: Outlet) -> tuple[Earlier, ...]:
        """The captures of versions that were read by another extractor or other rules or with another profile than today's."""
        from harvester.errors import ArchiveError

        article = articles.article(self.connection, key)
        found = []
        for row in articles.versions(self.connection, key)[-REREAD_MOST:]:
            if row["method"] == unread.METHOD:  # it would cost this reading its time
                continue
            today = (EXTRACTOR, outlet.rules.name, self.profile(outlet.key)[0])
            if (row["extractor"], row["rules"], row["profile"]) == today or row["source"] != "page":
                continue
            current = article is not None and row["number"] == article["version"]
            number = article["capture"] if article is not None and current else row["capture"]
            try:
                if self._warc:
                    self._warc.flush()
                found.append(earlier(self.connection, self.archive.captures, row["id"], number))
            except ArchiveError:
                continue  # its body is no longer kept: it is compared as it was read
        return tuple(found)


def earlier(connection: sqlite3.Connection, folder: Path | None, version: int, capture: int) -> Earlier:
    """A capture with all its pages, to be read again. Raises ArchiveError where one is not kept any more."""
    body, headers, reached = captures.response(connection, folder, capture)
    further = []
    for number in captures.further(connection, capture):
        other, other_headers, url = captures.response(connection, folder, number)
        further.append(Further(other, url, other_headers))
    return Earlier(version, body, reached, headers, captures.received(connection, capture), tuple(further))
