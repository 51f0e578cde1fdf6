"""Polls of a REST interface of WordPress: what each response means for the archive.

Which requests a poll consists of is decided in ``wordpress_requests``. Where the
interface is closed, or lists something else, the outlet's other feeds do without it: it
is asked once a week, and ``harvest status`` says why.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from harvester.archive.records import articles, feeds
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.feeds import EntryRow, FeedRow, FeedUpdate
from harvester.ingest import dated_hints, polls
from harvester.ingest import wordpress_requests as requests
from harvester.ingest.counts import VisitResult
from harvester.ingest.poll_schedule import Listing
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.ingest.wordpress_requests import Progress, Step
from harvester.model import Feed, Outcome, Prepared, Visit
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.schedule.intervals import next_poll, next_poll_of_gone, poll_interval
from harvester.schedule.times import add_seconds

BAD_REQUEST = 400  # an unknown parameter, or a page behind the last one
# Outcomes that say that the interface is not for everybody, and will not be tomorrow.
CLOSED_OUTCOMES = (Outcome.BLOCKED, Outcome.GONE, Outcome.REFUSED)
MAX_FAILURES = 3  # in a row; then it counts as closed, whatever the reason
KNOWN_SECONDS = 90 * 86_400.0  # for how long known posts are asked for


def is_rest_feed(feed: FeedRow) -> bool:
    """Whether a feed is a list of posts of WordPress's REST interface, by its URL."""
    return is_posts_url(feed.url)


def next_visit(connection: sqlite3.Connection, visit: Visit) -> Visit:
    """A visit with what its feed is asked now; unchanged where it is no such feed."""
    if visit.kind != "feed" or not is_posts_url(visit.key):
        return visit
    progress = requests.parse_progress(feeds.get_feed(connection, visit.key).progress)
    url = requests.request_url(visit.url, progress)
    return replace(visit, url=url, etag="", last_modified="", sha256="")


def handle_rest_poll(
    session: Session, page: FetchedFeed, prepared: Prepared | None
) -> VisitResult:
    """Store what one response of a REST interface brought."""
    progress = requests.parse_progress(page.feed.progress)
    page = _as_plain_poll(page)
    feed = prepared.feed if prepared is not None else None
    if feed is not None and feed.kind != "wordpress":
        prepared, feed = _refuse(f"not a list of posts, but {feed.kind}"), None
    if prepared is None or feed is None:
        return _handle_failure(session, page, prepared, progress)
    if progress.step == "presence":
        result, step = _handle_presence(session, page, feed, progress)
        listing = Listing()
    else:
        result, step, listing = _handle_listing(session, page, prepared, progress)
    step = _fill_in_posts(session.connection, page, step)
    _, update = polls.decide_poll(session, page, prepared, listing)
    update |= _rest_update(session, page, str(update.due), step)
    result = _as_part_of_poll(result, page, progress, step)
    _record(session, page, result, update)
    return result


def _refuse(reason: str) -> Prepared:
    return Prepared(outcome=Outcome.FAILED, error=reason)


def _as_plain_poll(page: FetchedFeed) -> FetchedFeed:
    """The poll as if the feed's URL had been asked, without what was added to it.

    So that a permanent redirect leads to a URL, and not to one request's.
    """
    base_url = page.feed.asked or page.feed.url
    capture = page.capture
    reached, hops = base_url, capture.redirects
    if hops:
        reached = requests.without_parameters(capture.reached)
        hops = (
            replace(hops[0], url=base_url),
            *(
                replace(hop, url=requests.without_parameters(hop.url))
                for hop in hops[1:]
            ),
        )
    capture = replace(capture, url=base_url, reached=reached, redirects=hops)
    return replace(page, visit=replace(page.visit, url=base_url), capture=capture)


def _rest_update(
    session: Session, page: FetchedFeed, due: str, step: Step
) -> FeedUpdate:
    """What is set otherwise than for a feed that lists the same window each time.

    ``due``: when such a feed would be polled again.
    """
    if not step.is_done:
        due = page.now
    elif session.outlet(page.visit.outlet).every == "auto":
        due = max(due, add_seconds(page.now, requests.MIN_INTERVAL_SECONDS))
    return FeedUpdate(
        due=due,
        progress=step.progress.to_json(),
        # A post that is not in this response is still watched.
        listed=page.feed.listed or page.now,
        etag="",
        last_modified="",
        sha256="",
    )


# ---- lists of posts


def _handle_listing(
    session: Session, page: FetchedFeed, prepared: Prepared, progress: Progress
) -> tuple[VisitResult, Step, Listing]:
    """Store a list of changed or new posts; returns what it lists, too."""
    feed, extracts = prepared.feed, prepared.entry_extracts
    assert feed is not None
    stored = _stored_entries(session, page, feed)
    if _has_missed_change(progress, feed, stored):
        progress = replace(progress, is_window=True)
    is_known = all(
        row is not None and row.updated == entry.updated
        for row, entry in zip(stored, feed.entries, strict=True)
    )
    listing = polls.store_entries(session, page, feed, extracts)
    if listing.new_count:
        _prompt_outdated(session, page, feed)
    step = requests.after_listing(progress, feed.entries, is_known, page.now)
    if step.left_out:
        event = NewEvent(
            "entries cut",
            page.visit.outlet,
            page.now,
            step.left_out,
            feed=page.feed.url,
        )
        articles.add_event(session.connection, event)
    if not feed.entries:
        reason = f"no {_listing_name(progress, 0)}"
        return VisitResult(Outcome.UNCHANGED, reason), step, listing
    count = len(feed.entries)
    reason = f"{count} {_listing_name(progress, count)}, {listing.new_count} new"
    return VisitResult(Outcome.CHANGED, reason), step, listing


def _listing_name(progress: Progress, count: int) -> str:
    name = "latest post" if progress.step == "posts" else "changed post"
    name = name if count == 1 else f"{name}s"
    return f"{name} (page {progress.page})" if progress.page > 1 else name


def _as_part_of_poll(
    result: VisitResult, page: FetchedFeed, progress: Progress, step: Step
) -> VisitResult:
    """The result with what the poll's requests before this one brought."""
    is_first = progress.step == "edits" and progress.page == 1
    parts = [result.reason] if is_first else [page.feed.reason, result.reason]
    if step.is_done and (notes := requests.describe(step.progress)):
        parts.append(notes)
    reason = "; ".join(parts)
    return replace(result, reason=reason, again=not step.is_done)


def _stored_entries(
    session: Session, page: FetchedFeed, feed: Feed
) -> list[EntryRow | None]:
    """Each of the feed's entries as stored."""
    keys = feeds.entry_keys(page.feed.url, feed.entries)
    return [feeds.get_entry(session.connection, key) for key in keys]


def _has_missed_change(
    progress: Progress, feed: Feed, stored: Sequence[EntryRow | None]
) -> bool:
    """Whether ``modified_after`` left out a change that a whole list shows."""
    if progress.step != "edits" or not progress.is_whole or not progress.read_to:
        return False
    return any(
        row is not None
        and entry.updated is not None
        and (row.updated or "") < entry.updated < progress.since
        for row, entry in zip(stored, feed.entries, strict=True)
    )


def _prompt_outdated(session: Session, page: FetchedFeed, feed: Feed) -> None:
    """Look at articles that changed after they were last seen, by posts new here."""
    rows = _stored_entries(session, page, feed)
    for row, entry in zip(rows, feed.entries, strict=True):
        if row is None or row.first_seen != page.now or row.article is None:
            continue
        article = articles.get_article(session.connection, row.article)
        if article is not None and (entry.updated or "") > article.looked:
            dated_hints.prompt_look(session, article.key, page.now)


# ---- whether known posts are there


def _handle_presence(
    session: Session, page: FetchedFeed, feed: Feed, progress: Progress
) -> tuple[VisitResult, Step]:
    """Look at the articles of posts that are missing: their pages decide."""
    presence = requests.after_presence(
        progress, [int(entry.id) for entry in feed.entries]
    )
    if presence.newly_missing:
        keys = feeds.list_articles_of_posts(
            session.connection, page.feed.url, presence.newly_missing
        )
        for key in keys:
            dated_hints.prompt_look(session, key, page.now)
    missing = len(presence.newly_missing) or "none"
    reason = f"{len(progress.asked)} known posts asked for, {missing} missing"
    return VisitResult(Outcome.UNCHANGED, reason), presence.step


def _fill_in_posts(
    connection: sqlite3.Connection, page: FetchedFeed, step: Step
) -> Step:
    """The step with the known posts to ask for, where it is to ask for them."""
    progress = step.progress
    if progress.step != "presence" or progress.asked:
        return step
    known = feeds.list_known_posts(
        connection,
        page.feed.url,
        progress.below_id,
        requests.MAX_PAGE_SIZE,
        add_seconds(page.now, -KNOWN_SECONDS),
    )
    return requests.with_asked(progress, known)


# ---- responses that are no list of posts


def _handle_failure(
    session: Session, page: FetchedFeed, prepared: Prepared | None, progress: Progress
) -> VisitResult:
    if page.capture.status == BAD_REQUEST and (
        step := _step_after_refusal(page, progress)
    ):
        step = _fill_in_posts(session.connection, page, step)
        interval = poll_interval(session.outlet(page.visit.outlet).every, 0)
        due = next_poll(page.now, interval, 0)
        update = _rest_update(session, page, due, step) | FeedUpdate(failures=0)
        result = VisitResult(Outcome.UNCHANGED, "no changed posts")
        result = _as_part_of_poll(result, page, progress, step)
        _record(session, page, result, update)
        return result
    result, update = polls.decide_poll(session, page, prepared, Listing())
    # The next poll begins anew; what was read to stays.
    progress = replace(progress, step="edits", page=1, reached="", asked=())
    update |= FeedUpdate(progress=progress.to_json())
    failures = update.failures if isinstance(update.failures, int) else 0
    if result.outcome in CLOSED_OUTCOMES or failures >= MAX_FAILURES:
        update |= FeedUpdate(due=next_poll_of_gone(page.now, page.feed.url))
    _record(session, page, result, update)
    return result


def _step_after_refusal(page: FetchedFeed, progress: Progress) -> Step | None:
    """What to ask after "bad request"; None where nothing else can be asked."""
    if progress.page > 1:  # it was the last page: rest_post_invalid_page_number
        return requests.after_last_page(progress, page.now)
    if progress.step == "presence":
        return requests.after_presence(
            replace(progress, ignores_include=True), progress.asked
        ).step
    if progress.step == "edits" and progress.is_filtered:
        return Step(replace(progress, is_window=True), False)
    return None


def _record(
    session: Session, page: FetchedFeed, result: VisitResult, update: FeedUpdate
) -> None:
    """Store the result of a request.

    Without an event where the outlet has other feeds, which do without this one.
    """
    outlet = session.outlet(page.visit.outlet)
    if all(is_posts_url(feed.url) for feed in outlet.feeds):
        polls.record_poll(session, page, result, update)
        return
    feeds.update_feed_after_poll(
        session.connection,
        page.feed.url,
        update,
        result.outcome,
        result.reason,
        page.now,
    )
