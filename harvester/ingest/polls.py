"""What the response to a poll means for the feed, and for each entry it announces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive.records import articles, feeds
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.feeds import (
    EMPTY_FEED,
    GONE_POLLS,
    SITEMAP_INDEX,
    EntryRow,
    EntryUpdate,
    FeedRow,
    FeedUpdate,
    NewEntry,
)
from harvester.identity import urls, urns
from harvester.ingest import (
    dated_hints,
    feed_addresses,
    feed_articles,
    feed_gaps,
    feed_wordings,
    gap_plans,
    identify,
    link_rules,
    old_entries,
    outcomes,
    poll_schedule,
    publication_date,
    purged,
    retired_sitemaps,
    revisits,
    section_pages,
    sitemap_indexes,
)
from harvester.ingest.counts import VisitResult
from harvester.ingest.entry_pairing import LastPoll
from harvester.ingest.feed_events import decide_feed_events
from harvester.ingest.outcomes import ALREADY_STORED_REASON
from harvester.ingest.poll_schedule import GONE_STATUS, Listing
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedFeed
from harvester.model import Capture, Entry, Extract, Feed, Outcome, Prepared
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.schedule.intervals import next_poll, next_poll_of_gone, poll_interval
from harvester.settings import Outlet

FRONT_PAGE = "redirects to the front page"
NOT_VISITED_REASON = "not visited yet"
MAX_CONTENT_LENGTH = 500_000  # characters of an entry's full text that are stored
SECTION_PAGE = "page"  # kind of a feed that is an HTML page
RETRIED_OUTCOMES = (Outcome.EMPTY, Outcome.GONE, Outcome.BLOCKED, Outcome.FAILED)


def handle_poll(
    session: Session, page: FetchedFeed, prepared: Prepared | None
) -> VisitResult:
    """Store what a poll brought."""
    listing = Listing()
    prepared = section_pages.apply_rules(session.outlet(page.visit.outlet), prepared)
    if prepared is not None and prepared.feed is not None:
        listing = store_entries(session, page, prepared.feed, prepared.entry_extracts)
    result, update = decide_poll(session, page, prepared, listing)
    if result.outcome is Outcome.UNCHANGED:
        feed_articles.extend_sightings(session, page.feed, page.now)
    result, update = retired_sitemaps.retire_sitemap(session, page, result, update)
    feed = prepared.feed if prepared is not None else None
    result, update = sitemap_indexes.follow_index(session, page, feed, result, update)
    record_poll(session, page, result, update)
    return result


def record_poll(
    session: Session, page: FetchedFeed, result: VisitResult, update: FeedUpdate
) -> None:
    """Store the result of a poll, and what is worth telling of the feed."""
    for event in decide_feed_events(page.feed, result, update, page.now):
        articles.add_event(session.connection, event)
    feeds.update_feed_after_poll(
        session.connection,
        page.feed.url,
        update,
        result.outcome,
        result.reason,
        page.now,
    )


def decide_poll(
    session: Session, page: FetchedFeed, prepared: Prepared | None, listing: Listing
) -> tuple[VisitResult, FeedUpdate]:
    """What a poll means for the feed."""
    outlet, capture = session.outlet(page.visit.outlet), page.capture
    feed = prepared.feed if prepared is not None else None
    has_nothing_new = capture.status == 304 or page.has_same_body
    if feed is None and not has_nothing_new:
        return _decide_failed_poll(outlet, page, prepared)
    wished_seconds, wished = _wished_interval(capture, feed)
    if feed is None:
        wished_seconds = max(wished_seconds, page.feed.wished_seconds)
    update = FeedUpdate(failures=0, gone_polls=0, read_at=page.now)
    if page.feed.watched_since is None:
        update |= FeedUpdate(watched_since=page.now)
    update |= poll_schedule.schedule_next_poll(
        outlet, page, feed, listing, wished_seconds
    )
    update |= feed_addresses.address_after_reading(
        page.feed, page.visit.url, capture, feed.new_url if feed else "", page.now
    )
    if feed is None:
        lasts = page.feed.reason.startswith((SITEMAP_INDEX, EMPTY_FEED))
        reason = page.feed.reason if lasts else "nothing new"
        return VisitResult(Outcome.UNCHANGED, reason), update | _renewed(page)
    # Validators belong to the URL that sent them, and to responses that were read.
    update |= FeedUpdate(
        listed=page.now,
        kind=feed.kind,
        title=feed.title,
        etag=capture.validator("ETag"),
        last_modified=capture.validator("Last-Modified"),
        answered_by=capture.reached or page.visit.url,
        full_at=page.now,
        wished_seconds=wished_seconds,
        wished=wished,
        sha256=page.digest,
    )
    if listing.new_count:
        update |= FeedUpdate(new_at=page.now)
    reason = f"{len(feed.entries)} entries, {listing.new_count} new"
    if not feed.entries and not is_posts_url(page.feed.url):
        reason = EMPTY_FEED
    if feed.index:
        reason = _describe_sitemap_index(feed)
    if capture.note:
        reason = f"{reason}; {capture.note}"
    return VisitResult(Outcome.CHANGED, reason), update


def _decide_failed_poll(
    outlet: Outlet, page: FetchedFeed, prepared: Prepared | None
) -> tuple[VisitResult, FeedUpdate]:
    """What a poll that gave no feed means for it."""
    capture, feed, now = page.capture, page.feed, page.now
    outcome, reason = outcomes.outcome_of_response(capture, prepared)
    if outcome is Outcome.WAITING:  # this says nothing of the feed
        due = capture.retry_at or next_poll(
            now, poll_interval(outlet.every, feed.wished_seconds), feed.failures
        )
        return VisitResult(outcome, reason), FeedUpdate(failures=feed.failures, due=due)
    if urls.is_front_page(capture.reached or page.visit.url, outlet.home):
        if outcome is Outcome.GONE:
            reason = FRONT_PAGE
        elif capture.redirects and outcome is Outcome.FAILED:
            reason = f"{reason}: {FRONT_PAGE}"
    moved = feed_addresses.address_after_failure(feed, page.visit.url)
    if isinstance(moved.asked, str) and moved.asked:
        # Its own URL was asked now and then, and the new one is known.
        result = VisitResult(Outcome.WAITING, f"{reason}: it moved to {moved.asked}")
        return result, moved | FeedUpdate(due=now)
    failures = feed.failures + 1
    gone_polls = feed.gone_polls + 1 if capture.status == GONE_STATUS else 0
    due = poll_schedule.schedule_retry(outlet, page, outcome, failures)
    if gone_polls >= GONE_POLLS:
        due = next_poll_of_gone(now, feed.url)
    update = FeedUpdate(failures=failures, gone_polls=gone_polls, due=due)
    return VisitResult(outcome, reason), moved | update


def _wished_interval(capture: Capture, feed: Feed | None) -> tuple[float, str]:
    """Seconds between two polls that server and feed ask for, and in which words."""
    max_age = capture.max_age()
    stated = [(max_age, f"max-age={max_age:.0f}")] if max_age else []
    if feed is not None and feed.interval:
        stated.append((feed.interval, feed.interval_words))
    seconds = max((seconds for seconds, _ in stated), default=0.0)
    return seconds, ", ".join(words for _, words in stated)


def _describe_sitemap_index(feed: Feed) -> str:
    """What a sitemap index is, with the sitemap to poll in its place."""
    newest = max(
        enumerate(feed.entries),
        key=lambda numbered: (numbered[1].updated or "", numbered[0]),
        default=None,
    )
    count = f"{SITEMAP_INDEX} of {len(feed.entries)} sitemaps, which are not followed"
    return f"{count}; the newest: {newest[1].url}" if newest else count


def _renewed(page: FetchedFeed) -> FeedUpdate:
    """The validators that a response without news brings (RFC 9111, 4.3.4)."""
    etag = page.capture.validator("ETag")
    last_modified = page.capture.validator("Last-Modified")
    url = page.capture.reached or page.visit.url
    update = FeedUpdate(answered_by=url) if etag or last_modified else FeedUpdate()
    if page.capture.status != 304:
        update |= FeedUpdate(full_at=page.now)
    if etag:
        update |= FeedUpdate(etag=etag)
    if last_modified:
        update |= FeedUpdate(last_modified=last_modified)
    return update


# ---- all entries of a feed


def store_entries(
    session: Session, page: FetchedFeed, feed: Feed, extracts: Mapping[int, Extract]
) -> Listing:
    """Store all entries; see ``Listing``. A sitemap index has none.

    ``extracts``: position → what an entry is that is an article by itself.
    """
    if feed.index:
        return Listing()
    entries = [
        replace(entry, url="") if position in extracts else entry
        for position, entry in enumerate(feed.entries)
    ]
    keys = feeds.entry_keys(page.feed.url, entries)
    announced_keys = frozenset(keys)
    last_poll = LastPoll(session.connection, page.feed, keys, entries)
    listed: dict[str, feed_gaps.ListedEntry] = {}
    for position, (key, entry) in enumerate(zip(keys, entries, strict=True)):
        announced = _Announcement(
            key,
            entry,
            position,
            announced_keys,
            last_poll,
            extracts.get(position),
            feed.entries[position].url,
        )
        listed_entry = _store_entry(session, page, announced)
        if listed_entry is not None:
            listed.setdefault(key, listed_entry)
    delay = session.outlet(page.visit.outlet).delay
    old = old_entries.find_old_entries(page, listed, delay)
    if old is not None:
        feeds.postpone_new_entries(session.connection, old.due, page.now)
        articles.add_event(session.connection, old.event)
    old_keys = old.due if old is not None else {}
    recent = [entry for key, entry in listed.items() if key not in old_keys]
    missed_event = _decide_missed_event(session, page, feed, recent)
    for event in (_decide_cut_event(session, page, feed), missed_event):
        if event is not None:
            articles.add_event(session.connection, event)
    if missed_event is not None:
        gap_plans.open_gap(session, page, feed, _oldest_new(page, recent))
    return Listing(list(listed.values()), has_gap=missed_event is not None)


def store_missed_entries(
    session: Session, page: FetchedFeed, feed: Feed, extracts: Mapping[int, Extract]
) -> dict[str, str | None]:
    """Store entries that a feed dropped before it was polled, as another source has them.

    Returns the date of each that is new to the archive, by key.
    """
    entries = [
        replace(entry, url="") if position in extracts else entry
        for position, entry in enumerate(feed.entries)
    ]
    keys = feeds.entry_keys(page.feed.url, entries)
    announced_keys = frozenset(keys)
    last_poll = LastPoll(session.connection, page.feed, keys, entries)
    stored: dict[str, str | None] = {}
    for position, (key, entry) in enumerate(zip(keys, entries, strict=True)):
        announced = _Announcement(
            key,
            entry,
            None,
            announced_keys,
            last_poll,
            extracts.get(position),
            feed.entries[position].url,
        )
        listed = _store_entry(session, page, announced)
        if listed is not None and listed.is_new:
            stored[key] = listed.published
    return stored


def _oldest_new(
    page: FetchedFeed, listed_entries: list[feed_gaps.ListedEntry]
) -> str | None:
    """The date of the oldest entry that came since the last poll; None: not stated."""
    dates = [entry.published or "" for entry in listed_entries if entry.is_new]
    if any(len(date) <= publication_date.DATE_LENGTH for date in dates):
        return None
    since = page.feed.read_at or ""
    return min((date for date in dates if date > since), default=None)


def _decide_cut_event(
    session: Session, page: FetchedFeed, feed: Feed
) -> NewEvent | None:
    """The event that not all of a feed was read."""
    if not feed.cut and not feed.missing:
        return None
    limit = session.settings.limits.entries
    cut = f"{feed.cut} entries beyond the limit of {limit} were left out"
    note = "; ".join(filter(None, (cut if feed.cut else "", feed.missing)))
    outlet = page.visit.outlet
    return NewEvent("entries cut", outlet, page.now, note, feed=page.feed.url)


def _decide_missed_event(
    session: Session,
    page: FetchedFeed,
    feed: Feed,
    listed_entries: list[feed_gaps.ListedEntry],
) -> NewEvent | None:
    """The event that entries may have come and gone between two polls."""
    if (
        not page.feed.sha256
        or feed.cut
        or not _has_missed_entries(session, page, listed_entries)
    ):
        return None
    total = len(listed_entries)
    new_count = sum(entry.is_new for entry in listed_entries)
    if new_count == total:
        which, doubt = f"all {total} entries are new", ""
    else:
        which = f"{new_count} of {total} entries are new"
        doubt = ", and the others do not show that it reaches back"
    note = (
        f"{which} since {page.feed.read_at}{doubt}: "
        "some may have come and gone between the two polls"
    )
    outlet = page.visit.outlet
    return NewEvent("items missed", outlet, page.now, note, feed=page.feed.url)


def _has_missed_entries(
    session: Session, page: FetchedFeed, listed_entries: list[feed_gaps.ListedEntry]
) -> bool:
    if all(entry.is_new for entry in listed_entries):
        return bool(listed_entries)
    if page.feed.kind == SECTION_PAGE:  # editors place its links, not the clock
        return False
    if not feed_gaps.has_gap(listed_entries):
        return False
    # Only now: these queries are expensive.
    if page.feed.listed and not feeds.has_dropped_entries(
        session.connection, page.feed.url, page.feed.listed, page.now
    ):
        return False  # all that it listed then is still there
    newest_known = feeds.get_newest_publication(
        session.connection, page.feed.url, page.now
    )
    return feed_gaps.has_gap(listed_entries, newest_known)


# ---- one entry


@dataclass(frozen=True, slots=True)
class _Announcement:
    """An entry at its position in a feed."""

    key: str
    entry: Entry
    position: int | None  # None: the feed does not list it
    announced_keys: frozenset[str]  # of all entries that the feed lists now
    last_poll: LastPoll
    extract: Extract | None = None  # the article that it is by itself
    stated_url: str = ""  # of such an entry too: the front page, say
    url: str = ""  # normalised
    address: str = ""


def _store_entry(
    session: Session, page: FetchedFeed, announced: _Announcement
) -> feed_gaps.ListedEntry | None:
    """Store one entry of a feed; None: its article was purged, and it is refused."""
    connection, feed = session.connection, page.feed
    outlet = session.outlet(page.visit.outlet)
    entry = publication_date.without_late_dates(announced.entry, page.now)
    announced = replace(announced, entry=entry)
    if entry.url:
        url = urls.normalise_url(entry.url, outlet.keep_params)
        address = urls.url_key(url, outlet.keep_params) if url else ""
        announced = replace(announced, url=url, address=address)
    stored = _find_stored(session, feed, announced)
    if announced.extract is not None:
        key = stored.key if stored is not None else announced.key
        announced = replace(announced, key=key, address=urns.entry_urn(key))
    if purged.refuse_entry(
        session, feed.url, announced.key, entry, announced.address, page.now
    ):
        if announced.extract is not None and not entry.id:
            feed_articles.redact_refused_text(
                session, page, announced.key, announced.extract
            )
        if stored is None:
            session.settled_entries.append((announced.key, Outcome.REFUSED))
        return None
    if stored is None:
        new_entry = _decide_new_entry(session, page, announced)
        feeds.add_entry(connection, new_entry)
        outcome = Outcome(new_entry.outcome)
        if announced.extract is not None:
            outcome = feed_articles.store_entry_text(
                session, page, announced.key, announced.extract
            )
        if outcome is not Outcome.WAITING:
            session.settled_entries.append((announced.key, outcome))
        return feed_gaps.ListedEntry(entry.published, is_new=True)
    is_changed, hint = _update_entry(session, page, stored, announced)
    if announced.extract is not None:
        # Of a long text the row has only the beginning.
        if is_changed or entry.teaser or stored.article is None:
            outcome = feed_articles.store_entry_text(
                session, page, stored.key, announced.extract
            )
            if outcome is not Outcome.UNCHANGED:
                session.settled_entries.append((stored.key, outcome))
        else:
            feed_articles.extend_sighting(session, stored.article, page.now)
    was_listed = bool(feed.listed and stored.last_seen >= feed.listed)
    return feed_gaps.ListedEntry(
        entry.published,
        previous_position=stored.place if was_listed else None,
        is_changed=bool(hint),
    )


def _find_stored(
    session: Session, feed: FeedRow, announced: _Announcement
) -> EntryRow | None:
    """The entry as stored; by its URL where an outlet's guids change at every fetch.

    Where its URL changes as well, by what else it has in common with the last poll.
    Without a URL of its own, by its text.
    """
    stored = feeds.get_entry(session.connection, announced.key)
    if announced.extract is not None:
        return _find_stored_text(session, feed, announced, stored)
    if stored is not None or not announced.entry.url:
        return stored
    url = announced.url or announced.entry.url
    if not announced.last_poll.is_shared(url):
        stored = _find_by_url(session, feed, announced, url)
    return stored or announced.last_poll.find(announced.entry, announced.url)


def _find_by_url(
    session: Session, feed: FeedRow, announced: _Announcement, url: str
) -> EntryRow | None:
    stored = feeds.get_entry_by_url(session.connection, feed.url, url)
    if stored is not None and stored.key in announced.announced_keys:
        return None  # it is listed too: two entries with one URL
    is_named = bool(announced.entry.id) or announced.key == feeds.entry_key(
        feed.url, announced.entry
    )
    if stored is not None and not is_named and stored.title != announced.entry.title:
        return None  # several entries have this URL, and the title tells them apart
    return stored


def _find_stored_text(
    session: Session, feed: FeedRow, announced: _Announcement, stored: EntryRow | None
) -> EntryRow | None:
    """The entry without a URL that had this text at the last poll, else that key.

    Its key may have changed: with its guid, or as others that have the same guid or
    title came or went.
    """
    entry = announced.entry
    if stored is not None and (stored.title, stored.summary) == (
        entry.title,
        entry.summary,
    ):
        return stored
    by_text = feeds.get_entry_by_text(
        session.connection,
        feed.url,
        ("", urls.normalise_url(announced.stated_url)),
        entry.title,
        entry.summary,
        feed.listed or "",
    )
    if by_text is not None and by_text.key not in announced.announced_keys:
        return by_text
    return stored


def _decide_new_entry(
    session: Session, page: FetchedFeed, announced: _Announcement
) -> NewEntry:
    entry, now, article_key = announced.entry, page.now, None
    outlet = session.outlet(page.visit.outlet)
    refusal = _refusal_reason(session, outlet, announced)
    if announced.address and not refusal:
        article_key = articles.get_article_key(session.connection, announced.address)
    if refusal:
        outcome, reason = Outcome.REFUSED, refusal
    elif article_key:
        outcome, reason = Outcome.UNCHANGED, ALREADY_STORED_REASON
    else:
        outcome, reason = Outcome.WAITING, NOT_VISITED_REASON
    return NewEntry(
        key=announced.key,
        feed=page.feed.url,
        first_seen=now,
        last_seen=now,
        guid=entry.id,
        url=announced.url or entry.url[: session.settings.limits.url_length],
        address="" if refusal else announced.address,
        site=urls.site(announced.url) if announced.url else "",
        title=entry.title,
        summary=entry.summary,
        published=entry.published,
        updated=entry.updated,
        extra=_extra_json(entry),
        outcome=outcome,
        reason=reason,
        article=article_key,
        due=now if outcome is Outcome.WAITING and announced.url else None,
        place=announced.position,
    )


def _extra_json(entry: Entry, unread_page: list[str] | None = None) -> str:
    """What else an entry states; ``unread_page``: as stored, see ``unreadable``."""
    extra: dict[str, Any] = {
        "authors": list(entry.authors),
        "tags": list(entry.tags),
        "published_local": entry.published_local,
        "content": entry.content[:MAX_CONTENT_LENGTH],
        "unread": unread_page,
    }
    stated = {name: value for name, value in extra.items() if value}
    return json.dumps(stated, ensure_ascii=False)


def _update_entry(
    session: Session,
    page: FetchedFeed,
    stored: EntryRow,
    announced: _Announcement,
) -> tuple[bool, revisits.EditHint]:
    """Store a known entry as it is now; whether it changed, and what of it.

    A changed title, summary or date makes a check due; a new URL is another address of
    the same article.
    """
    connection, entry, now = session.connection, announced.entry, page.now
    outlet = session.outlet(page.visit.outlet)
    unread_page = feeds.get_unread_page(connection, stored.key)
    stated = EntryUpdate(
        title=entry.title,
        summary=entry.summary,
        published=entry.published,
        updated=entry.updated,
        extra=_extra_json(entry, unread_page),
    )
    has_moved = (
        bool(announced.url)
        and announced.address != stored.address
        and not _refusal_reason(session, outlet, announced)
    )
    hint = revisits.find_edit_hint(stored, stated)
    is_of_visit = has_moved and _follow_session(session, stored, announced)
    article_at_address = None
    if has_moved and not is_of_visit:
        article_at_address = articles.get_article_key(connection, announced.address)
    elif stored.article is not None and announced.extract is None and hint:
        dated_hints.handle_hint(session, page.feed, stored, hint, now)
    is_changed = _is_restated(stored, stated) or stated.extra != stored.extra
    update = EntryUpdate(last_seen=max(now, stored.last_seen))
    if announced.position is not None:
        update |= EntryUpdate(place=announced.position)
    if is_changed:
        update |= stated
        if announced.extract is None:  # else the feed's words are a version's
            update |= feed_wordings.keep_wording(session, stored, entry, now)
    if has_moved:
        update |= EntryUpdate(
            url=announced.url,
            address=announced.address,
            site=urls.site(announced.url),
        )
    elif announced.extract is not None and not stored.address:
        update |= EntryUpdate(url="", address=announced.address, site="")
    is_elsewhere = has_moved and not is_of_visit
    is_worth_it = _is_worth_a_visit(stored, stated, is_elsewhere, article_at_address)
    if is_worth_it:
        update |= EntryUpdate(due=now, attempts=0)
    if stored.backfill is not None and (is_worth_it or stored.article is None):
        update |= EntryUpdate(backfill=None)  # the feed announces it: it is news
    feeds.update_entry(connection, stored.key, update)
    return is_changed, hint


def _follow_session(
    session: Session, stored: EntryRow, announced: _Announcement
) -> bool:
    """Whether the URL is that of a stored article in another session: checked next."""
    if stored.article is None or not identify.is_at_another_visit(
        session.connection, stored.article, stored.url, announced.url
    ):
        return False
    revisits.follow_session(session, stored.article, announced.url)
    return True


def _is_restated(stored: EntryRow, stated: EntryUpdate) -> bool:
    """Whether the title, the summary or a date differs from what was stated before."""
    return (stated.title, stated.summary, stated.published, stated.updated) != (
        stored.title,
        stored.summary,
        stored.published,
        stored.updated,
    )


def _is_worth_a_visit(
    stored: EntryRow,
    stated: EntryUpdate,
    has_moved: bool,
    article_at_address: str | None,
) -> bool:
    """Whether to fetch the page now: it has moved, or the outlet touched its entry."""
    if has_moved:
        return article_at_address is None or stored.article is None
    return (
        stored.article is None
        and stored.due is None
        and stored.outcome in RETRIED_OUTCOMES
        and _is_restated(stored, stated)
    )


def _refusal_reason(session: Session, outlet: Outlet, announced: _Announcement) -> str:
    """Why an entry is not followed; "" if it is."""
    if announced.extract is not None:
        return ""
    entry, url = announced.entry, announced.url
    max_length = session.settings.limits.url_length
    if not entry.url:
        return "without a URL"
    if len(entry.url) > max_length:
        return f"URL longer than {max_length} characters"
    if not url:
        return "not an http or https URL"
    if urls.is_front_page(url, outlet.home):
        return "URL of the front page"
    return link_rules.refusal_reason(url, outlet.key, outlet.allow, outlet.deny)
