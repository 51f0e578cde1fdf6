"""Gaps of feeds are filled: entries that came and went between two polls are looked for.

What is asked is planned in ``gap_plans`` and decided in ``gap_requests``. Entries that
are found are stored as those of the feed, and fetched like others. Each request is a
visit of its own, and what it brought is written in one transaction with what is asked
next, so that a crash costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from harvester.archive.records import articles, feeds, gaps
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.feeds import FeedRow
from harvester.archive.records.gaps import GapRow, GapState, GapUpdate
from harvester.identity import urls
from harvester.ingest import gap_requests, old_entries, outcomes, polls
from harvester.ingest.counts import VisitResult
from harvester.ingest.feed_events import READ_OUTCOMES
from harvester.ingest.gap_plans import common_directory
from harvester.ingest.gap_requests import (
    SITE_LISTS,
    Gap,
    GapRequest,
    ListedThere,
    Progress,
    Seen,
    SourcePage,
    Step,
)
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.ingest.wordpress_polls import BAD_REQUEST
from harvester.model import Capture, Entry, Feed, Outcome, Prepared, Visit
from harvester.schedule.times import add_seconds

MAX_AGE_SECONDS = 3 * 86_400.0  # since a gap was found; then it stays
RETRY_SECONDS = 600.0  # while the site is rate-limited, or the machine is offline
EVENT_FILLED, EVENT_NOT_FILLED = "gap filled", "gap not filled"


# ---- a response


def handle_gap(
    session: Session,
    visit: Visit,
    capture: Capture,
    capture_id: int | None,
    prepared: Prepared | None,
    now: str,
) -> VisitResult:
    """Store what a request for missed entries brought, and decide what is asked next."""
    row = gaps.get_gap_of_visit(session.connection, visit.key)
    progress = gap_requests.parse_progress(row.progress)
    if not progress.queue or progress.queue[0].url != row.url:
        progress = Progress()
    is_too_late = now > add_seconds(row.found, MAX_AGE_SECONDS)
    if not progress.queue or is_too_late:
        note = "there was no answer in time" if is_too_late else "nothing left to ask"
        _close(session, row, progress, "unfilled", now, note)
        return VisitResult(Outcome.FAILED, note)
    outcome, reason = _outcome(visit, capture, prepared)
    if outcome is Outcome.WAITING:
        due = max(capture.retry_at or "", add_seconds(now, RETRY_SECONDS))
        gaps.update_gap(session.connection, row.id, GapUpdate(due=due))
        return VisitResult(outcome, reason)
    gap = Gap(row.since, row.until, row.found, row.entries, row.requests + 1)
    feed = prepared.feed if prepared is not None else None
    if prepared is None or feed is None or outcome not in READ_OUTCOMES:
        is_down = not capture.status or capture.status >= 500
        is_temporary = outcome is Outcome.FAILED and is_down
        step = gap_requests.after_failure(progress, gap, reason, is_temporary)
        is_rest = progress.queue[0].source == "WordPress REST"
        if capture.status == BAD_REQUEST and is_rest:
            step = gap_requests.after_last_posts(progress, gap, reason)
        found = 0
    else:
        page = FetchedFeed(
            visit,
            capture,
            now,
            feeds.get_feed(session.connection, row.feed),
            capture_id=capture_id,
        )
        step, found = _read_page(session, page, row, prepared, progress, gap)
        outcome = Outcome.CHANGED if found else Outcome.UNCHANGED
        count = len(feed.entries)
        reason = f"{count} entries, {found} that the feed had dropped"
    update = GapUpdate(requests=gap.requests, entries=row.entries + found)
    gaps.update_gap(session.connection, row.id, update)
    row = replace(row, requests=gap.requests, entries=row.entries + found)
    if step.state == "open":
        return replace(
            _continue(session, row, step, now), outcome=outcome, reason=reason
        )
    _close(session, row, step.progress, step.state, now, source=step.source or "")
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


def _continue(session: Session, row: GapRow, step: Step, now: str) -> VisitResult:
    following = step.progress.queue[0]
    update = GapUpdate(
        progress=step.progress.to_json(),
        back_to=step.progress.back_to or None,
        url=following.url,
        site=urls.site(following.url),
        due=add_seconds(now, step.pause),
    )
    gaps.update_gap(session.connection, row.id, update)
    return VisitResult(Outcome.UNCHANGED, again=not step.pause)


def _close(
    session: Session,
    row: GapRow,
    progress: Progress,
    state: GapState,
    now: str,
    note: str = "",
    source: str = "",
) -> None:
    """Record that a gap is filled, or that nothing filled it, with an event."""
    if state == "unfilled" and progress.back_to:
        state = "partly"
    notes = [*progress.notes, *([note] if note else [])]
    reason = _describe(row, state, source, progress.back_to, notes)
    update = GapUpdate(
        state=state,
        source=source,
        back_to=row.since if state == "filled" else progress.back_to or None,
        reason=reason,
        progress="{}",
        url="",
        due=None,
    )
    gaps.update_gap(session.connection, row.id, update)
    kind = EVENT_FILLED if state == "filled" else EVENT_NOT_FILLED
    feed = feeds.get_feed(session.connection, row.feed)
    event = NewEvent(
        kind, feed.outlet, now, f"{row.since} to {row.until}: {reason}", feed=row.feed
    )
    articles.add_event(session.connection, event)


def _describe(
    row: GapRow, state: GapState, source: str, back_to: str, notes: Sequence[str]
) -> str:
    entries = "1 entry was" if row.entries == 1 else f"{row.entries} entries were"
    requests = "1 request" if row.requests == 1 else f"{row.requests} requests"
    if state == "filled":
        if row.entries:
            return f"{entries} found in the {source} ({requests})"
        return f"nothing was missed, as the {source} shows ({requests})"
    words = "; ".join(notes)
    if state == "partly":
        return f"{entries} found, back to {back_to} ({requests}); {words}"
    found = f"{entries} found; " if row.entries else ""
    return f"{found}{words} ({requests})"


# ---- what a source lists


def _read_page(
    session: Session,
    page: FetchedFeed,
    row: GapRow,
    prepared: Prepared,
    progress: Progress,
    gap: Gap,
) -> tuple[Step, int]:
    """Store the entries of a page that the feed dropped; what follows, and how many."""
    feed, request = prepared.feed, progress.queue[0]
    assert feed is not None
    if feed.index:
        stated = [(entry.url, entry.updated) for entry in feed.entries]
        index = SourcePage(sitemaps=stated)
        return gap_requests.after_page(progress, index, gap, ()), 0
    listed = SourcePage(
        _list_entries(session, page, row, feed, request),
        feed.archive_url,
        feed.next_url,
        bool(feed.missing),
    )
    missed = gap_requests.missed_positions(request, listed, gap)
    step = gap_requests.after_page(progress, listed, gap, missed)
    extracts = {
        place: prepared.entry_extracts[position]
        for place, position in enumerate(missed)
        if position in prepared.entry_extracts
    }
    entries = tuple(feed.entries[position] for position in missed)
    stored = polls.store_missed_entries(
        session, page, replace(feed, entries=entries), extracts
    )
    delay = session.outlet(page.visit.outlet).delay
    due = old_entries.spread_visits(stored, page.now, delay)
    feeds.postpone_new_entries(session.connection, due, page.now)
    return step, len(stored)


def _list_entries(
    session: Session,
    page: FetchedFeed,
    row: GapRow,
    feed: Feed,
    request: GapRequest,
) -> list[ListedThere]:
    """The entries of a page, with what the archive knows of each.

    Of a list of the whole site, those that the feed would not list count as known.
    """
    connection, outlet = session.connection, session.outlet(page.visit.outlet)
    keys = feeds.entry_keys(page.feed.url, feed.entries)
    is_site_list = request.source in SITE_LISTS
    addresses = [
        urls.url_key(entry.url, outlet.keep_params) if entry.url else ""
        for entry in feed.entries
    ]
    by_address: dict[str, str] = {}
    directory = ""
    if is_site_list:
        by_address = gaps.list_first_seen_by_address(
            connection, filter(None, addresses)
        )
        listed = gaps.list_listed_urls(connection, page.feed.url, row.found)
        directory = common_directory(listed)
    there = []
    for key, address, entry in zip(keys, addresses, feed.entries, strict=True):
        date = entry.published or (entry.updated if is_site_list else None)
        seen: Seen = ""
        if is_site_list:
            if address in by_address:
                seen = "before" if by_address[address] < row.found else "since"
            elif not address or not _is_in(entry, directory):
                seen = "other"
        else:
            seen = _seen(session, page.feed, key, entry, row.found)
        there.append(ListedThere(date, seen))
    return there


def _seen(session: Session, feed: FeedRow, key: str, entry: Entry, found: str) -> Seen:
    stored = feeds.get_entry(session.connection, key)
    if stored is None and entry.url:
        keep_params = session.outlet(feed.outlet).keep_params
        url = urls.normalise_url(entry.url, keep_params) or entry.url
        stored = feeds.get_entry_by_url(session.connection, feed.url, url)
    if stored is None:
        return ""
    return "before" if max(stored.first_seen, stored.last_seen) < found else "since"


def _is_in(entry: Entry, directory: str) -> bool:
    return not directory or urlsplit(entry.url).path.startswith(f"/{directory}/")
