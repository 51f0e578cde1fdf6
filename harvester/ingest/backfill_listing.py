"""Backfills: what an outlet published before is listed, and its pages are fetched.

What is asked is decided in ``backfill_requests``, and planned in ``backfill_plans``. Each
request is a visit of its own, and what it brought is written in one transaction with
what is asked next: a crash costs nothing, and nothing is stored twice. Entries that are
found are stored as those of a feed, and fetched when their site has nothing else to do,
the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harvester.archive.records import backfills, feeds
from harvester.archive.records.backfills import (
    BackfillRow,
    BackfillUpdate,
    RequestRow,
    RequestUpdate,
)
from harvester.identity import link_shapes, urls
from harvester.ingest import backfill_plans, backfill_requests, outcomes, polls
from harvester.ingest.backfill_requests import (
    FEED,
    FEED_PAGES,
    MAX_ENTRIES,
    MAX_REQUESTS,
    REST,
    SITEMAP,
    Listed,
    PlannedRequest,
    Step,
)
from harvester.ingest.backfills import add_requests, close_finished
from harvester.ingest.counts import VisitResult
from harvester.ingest.feed_events import READ_OUTCOMES
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.ingest.wordpress_polls import BAD_REQUEST
from harvester.model import Capture, Entry, Feed, Outcome, Prepared, Visit
from harvester.parse.metadata.machine_dates import date_in_url
from harvester.schedule.times import add_seconds

ENOUGH_REASON = "another source listed it"
STOPPED_REASON = "stopped"
REPLACED_REASON = "another backfill of the outlet was begun"


# ---- a response


@dataclass(frozen=True, slots=True)
class _Counts:
    """What became of the entries that a response lists."""

    listed: int = 0
    new: int = 0
    known: int = 0
    outside: int = 0


def handle_backfill(
    session: Session,
    visit: Visit,
    capture: Capture,
    capture_id: int | None,
    prepared: Prepared | None,
    now: str,
) -> VisitResult:
    """Store what a request lists, and decide what is asked next."""
    connection = session.connection
    row = backfills.get_request_of_visit(connection, visit.key)
    backfill = backfills.get_backfill(connection, row.backfill)
    if row.state != "waiting":
        return VisitResult(Outcome.UNCHANGED, "its response was stored before")
    outcome, reason = _outcome(visit, capture, prepared)
    if outcome is Outcome.WAITING:
        due = capture.retry_at or add_seconds(now, backfill_requests.RETRY_SECONDS)
        backfills.update_request(
            connection, row.id, RequestUpdate(due=due, reason=reason)
        )
        return VisitResult(outcome, reason)
    backfill = replace(backfill, requests=backfill.requests + 1)
    backfills.update_backfill(
        connection, backfill.id, BackfillUpdate(requests=backfill.requests)
    )
    feed = prepared.feed if prepared is not None else None
    if prepared is None or feed is None or outcome not in READ_OUTCOMES:
        pause = _retry_pause(row, capture, outcome)
        if pause is not None:
            update = RequestUpdate(
                due=add_seconds(now, pause), tries=row.tries + 1, reason=reason
            )
            backfills.update_request(connection, row.id, update)
            return VisitResult(outcome, reason)
        _handle_failure(session, backfill, row, capture, outcome, reason, now)
    else:
        page = FetchedFeed(
            visit,
            capture,
            now,
            feeds.get_feed(connection, row.feed),
            capture_id=capture_id,
        )
        counts = _read_page(session, page, backfill, row, prepared)
        outcome = Outcome.CHANGED if counts.new else Outcome.UNCHANGED
        reason = f"{counts.listed} entries, {counts.new} new to the archive"
    close_finished(connection, now, backfill.outlet)
    return VisitResult(outcome, reason)


def _outcome(
    visit: Visit, capture: Capture, prepared: Prepared | None
) -> tuple[Outcome, str]:
    if prepared is not None and prepared.feed is not None:
        reached = capture.reached or visit.url
        if urls.site(reached) != urls.site(visit.url):
            return Outcome.GONE, "redirects to another site"
        return Outcome.CHANGED, ""
    return outcomes.outcome_of_response(capture, prepared)


def _retry_pause(row: RequestRow, capture: Capture, outcome: Outcome) -> float | None:
    """Seconds until a request is sent again; None where that would not help."""
    is_down = not capture.status or capture.status in (408, 425, 429)
    is_down = is_down or capture.status >= 500 or capture.truncated
    if outcome is not Outcome.FAILED or not is_down:
        return None
    return backfill_requests.retry_pause(row.tries + 1)


def _handle_failure(
    session: Session,
    backfill: BackfillRow,
    row: RequestRow,
    capture: Capture,
    outcome: Outcome,
    reason: str,
    now: str,
) -> None:
    request = _planned(row)
    is_gone = outcome is Outcome.GONE or (
        capture.status == BAD_REQUEST and row.source == REST
    )
    step = backfill_requests.after_failure(request, reason, is_gone)
    is_end = is_gone and backfill_requests.is_behind_first_page(request)
    state: backfills.RequestState = "read" if is_end else "failed"
    update = RequestUpdate(state=state, due=None, reason=reason)
    backfills.update_request(session.connection, row.id, update)
    if row.source == FEED:
        # robots.txt was read before: what it names may be asked for instead.
        outlet = session.outlet(backfill.outlet)
        planned = backfill_plans.plan_without_feed(
            session, outlet, row.feed, backfill.since, backfill.until
        )
        add_requests(session.connection, backfill.id, row.feed, planned, now)
    _follow(session, backfill, row, step, now)


def _follow(
    session: Session, backfill: BackfillRow, row: RequestRow, step: Step, now: str
) -> None:
    """Plan what a step asks for; drop what it made needless."""
    connection = session.connection
    requests = step.requests
    if step.is_complete:
        if _planned(row).progress.is_main:
            backfills.drop_requests(connection, backfill.id, ENOUGH_REASON)
        else:
            backfills.drop_requests(
                connection, backfill.id, ENOUGH_REASON, row.feed, FEED_PAGES
            )
        return
    if limit := _reached_limit(backfill):
        backfills.drop_requests(connection, backfill.id, limit)
        backfills.update_request(connection, row.id, RequestUpdate(reason=limit))
        return
    added = add_requests(connection, backfill.id, row.feed, requests, now)
    note = step.note
    if requests and not added and row.source != SITEMAP:
        note = "its pages are a loop"
    if note:
        backfills.update_request(connection, row.id, RequestUpdate(reason=note))


def _reached_limit(backfill: BackfillRow) -> str:
    """Why nothing more is listed; "" if more is."""
    if backfill.requests >= MAX_REQUESTS:
        return f"{MAX_REQUESTS} requests were sent"
    return f"{backfill.new} entries were found" if backfill.new >= MAX_ENTRIES else ""


def _planned(row: RequestRow) -> PlannedRequest:
    """A request as it was planned."""
    progress = backfill_requests.parse_progress(row.progress)
    return PlannedRequest(row.source, row.url, progress, row.changed)


# ---- what a source lists


def _read_page(
    session: Session,
    page: FetchedFeed,
    backfill: BackfillRow,
    row: RequestRow,
    prepared: Prepared,
) -> _Counts:
    """Store the entries of a page that belong to a backfill, and what follows from it."""
    feed, connection = prepared.feed, session.connection
    assert feed is not None
    counts = _Counts()
    listed = _list_entries(session, page, feed)
    if not feed.index:
        counts = _store(session, page, backfill, prepared, listed)
    update = RequestUpdate(state="read", due=None, reason="")
    update |= RequestUpdate(listed=counts.listed, new=counts.new)
    backfills.update_request(connection, row.id, update)
    total = backfill_requests.stated_total(page.capture)
    change = BackfillUpdate(
        listed=backfill.listed + counts.listed,
        new=backfill.new + counts.new,
        known=backfill.known + counts.known,
        outside=backfill.outside + counts.outside,
    )
    if row.source == REST and backfill.expected is None and total is not None:
        change |= BackfillUpdate(expected=total)
    backfills.update_backfill(connection, backfill.id, change)
    step = _decide_step(session, page, backfill, _planned(row), feed, listed, total)
    _follow(session, backfill, row, step, page.now)
    return counts


def _decide_step(
    session: Session,
    page: FetchedFeed,
    backfill: BackfillRow,
    request: PlannedRequest,
    feed: Feed,
    listed: Sequence[Listed],
    total: int | None,
) -> Step:
    since = backfill.since
    if feed.index:
        stated = [(entry.url, entry.updated or "") for entry in feed.entries]
        return backfill_requests.after_index(request, stated, since)
    if request.source == FEED:
        outlet = session.outlet(backfill.outlet)
        planned = backfill_plans.plan_sources(
            session, outlet, page, feed, since, backfill.until
        )
        return Step(tuple(planned))
    if request.source == REST:
        return backfill_requests.after_posts(
            request.url, request.progress, listed, total, since
        )
    if request.source == SITEMAP or feed.kind == "sitemap":
        cut = f"{feed.cut} entries beyond the limit" if feed.cut else ""
        return Step(note="; ".join(filter(None, (cut, feed.missing))))
    return backfill_requests.after_feed_page(
        request, listed, feed.archive_url, feed.next_url, since
    )


def _list_entries(session: Session, page: FetchedFeed, feed: Feed) -> list[Listed]:
    keep_params = session.outlet(page.visit.outlet).keep_params
    return [
        Listed(
            _address(entry, keep_params),
            entry.published or "",
            (entry.updated or "") if feed.kind == "sitemap" else "",
        )
        for entry in feed.entries
    ]


def _address(entry: Entry, keep_params: tuple[str, ...]) -> str:
    url = urls.normalise_url(entry.url, keep_params) if entry.url else ""
    return urls.url_key(url, keep_params) if url else ""


def _store(
    session: Session,
    page: FetchedFeed,
    backfill: BackfillRow,
    prepared: Prepared,
    listed: Sequence[Listed],
) -> _Counts:
    """Store the entries that are new to the archive and of the backfill's time."""
    feed = prepared.feed
    assert feed is not None
    connection = session.connection
    known = backfills.list_known_addresses(
        connection, [entry.url for entry in listed if entry.url]
    )
    chosen: list[int] = []
    known_count = outside_count = 0
    for position, (entry, stated) in enumerate(zip(feed.entries, listed, strict=True)):
        is_text = position in prepared.entry_extracts
        if _is_outside(feed, entry, stated, backfill):
            outside_count += 1
        elif not is_text and (not stated.url or stated.url in known):
            known_count += bool(stated.url)
            outside_count += not stated.url
        else:
            chosen.append(position)
            known.add(stated.url)
    extracts = {
        place: prepared.entry_extracts[position]
        for place, position in enumerate(chosen)
        if position in prepared.entry_extracts
    }
    entries = tuple(feed.entries[position] for position in chosen)
    stored = polls.store_missed_entries(
        session, page, replace(feed, entries=entries), extracts
    )
    backfills.mark_entries(connection, backfill.id, stored)
    known_count += len(chosen) - len(stored)
    return _Counts(len(listed), len(stored), known_count, outside_count)


def _is_outside(
    feed: Feed, entry: Entry, stated: Listed, backfill: BackfillRow
) -> bool:
    """Whether an entry is none of the backfill's: of another time, or no article."""
    url_date = "" if stated.date else date_in_url(entry.url)
    if backfill_requests.is_outside(stated, url_date, backfill.since, backfill.until):
        return True
    return feed.kind == "sitemap" and link_shapes.is_never_article(entry.url)
