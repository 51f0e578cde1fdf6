"""A first visit to an announced page: which article it is, or why there is none.

Does not handle visits to stored articles (``checks``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

from harvester.archive.records import addresses, articles, feeds
from harvester.archive.records.articles import (
    ArticleUpdate,
    NewArticle,
    Reading,
)
from harvester.archive.records.feeds import EntryRow, EntryUpdate
from harvester.identity import url_variants, urls, urns, wording
from harvester.ingest import (
    identify,
    interstitials,
    multipage,
    outcomes,
    publication_date,
    purged,
    revisits,
    section_pages,
    unreadable,
)
from harvester.ingest.counts import VisitResult
from harvester.ingest.outcomes import ALREADY_STORED_REASON
from harvester.ingest.prepare import choose_reading, feed_share_on_page
from harvester.ingest.session import Session, make_reading
from harvester.ingest.visit import FetchedPage
from harvester.model import Extract, Outcome, Prepared, Statement
from harvester.schedule.intervals import backoff_seconds
from harvester.schedule.times import add_seconds

# Tries of a page that fails, with back-off between them; then it waits until its feed
# changes, or for --force. An outlet may be down for days and its feed with it, so that
# nothing announces the page again; a page that was received and could not be read is
# fetched less often.
MAX_ATTEMPTS, MAX_UNREADABLE_ATTEMPTS = 14, 5
MAX_BACKFILL_ATTEMPTS = 4  # of one that a backfill found: it ends some day
MIN_ATTEMPTS_TO_BELIEVE = 9  # tries, over some four hours, until a strange page counts
MAX_MOVE_CHECKS = 3  # of articles with the text of a new one
KINDS_WITH_REASON = ("stub", "index")
REFUSED_RETRY_SECONDS = 86_400.0  # robots.txt may change
SETTLED = EntryUpdate(due=None)


def handle_page(
    session: Session, page: FetchedPage, prepared: Prepared | None
) -> VisitResult:
    """Store what the first visit to an entry's page brought."""
    result, update = _visit_entry(session, page, prepared)
    feeds.update_entry(session.connection, page.visit.key, update)
    return result


def _visit_entry(
    session: Session, page: FetchedPage, prepared: Prepared | None
) -> tuple[VisitResult, EntryUpdate]:
    if (
        prepared is None
        and page.entry is not None
        and unreadable.is_known_unread(session.connection, page.visit, page.digest)
    ):
        return VisitResult(Outcome.FAILED, page.entry.reason), SETTLED
    failure, reason = find_failure(session, page, prepared)
    if failure is not None and unreadable.is_unread(prepared):
        return _store_visible_text(session, page, prepared, reason)
    if failure is not None:
        was_read = prepared is not None and prepared.outcome is not None
        max_attempts = MAX_UNREADABLE_ATTEMPTS if was_read else MAX_ATTEMPTS
        result = VisitResult(failure, reason)
        return result, _failure_update(page, result, max_attempts)
    assert prepared is not None
    chosen = choose_reading(prepared)
    assert chosen is not None
    extract, source = chosen
    if source == "page" and (reason := _implausible_reason(page, extract)):
        result = VisitResult(Outcome.FAILED, reason)
        return result, _failure_update(page, result)
    other = section_pages.refuse_other_page(
        session, page.visit.outlet, page.entry, extract
    )
    if other is not None:
        settled = SETTLED | EntryUpdate(outcome=other.outcome, reason=other.reason)
        return other, settled
    extract = complete_from_feed(extract, page.entry, page.capture.at)
    refused = purged.refuse_page(session, page, extract)
    if refused is not None:
        return refused, EntryUpdate()
    identification = identify.identify_article(session, page, extract)
    if identification.outcome is not None:
        result = VisitResult(identification.outcome, identification.reason)
        update = _failure_update(page, result)
        if result.outcome is Outcome.WAITING:  # for another page of this very crawl
            update |= EntryUpdate(due=page.now)
        return result, update
    if identification.key is not None:
        key = identification.key
        _link_entry(session, page, extract, key)
        result = VisitResult(Outcome.UNCHANGED, ALREADY_STORED_REASON)
    else:
        result, key = _add_article(session, page, extract, source, prepared)
    return result, SETTLED | EntryUpdate(
        outcome=result.outcome, reason=result.reason, article=key
    )


# ---- pages that give no article


def find_failure(
    session: Session, page: FetchedPage, prepared: Prepared | None
) -> tuple[Outcome | None, str]:
    """Why there is nothing to compare or to store; (None, "") if there is something."""
    capture, visit = page.capture, page.visit
    was_received = capture.outcome is None and capture.is_whole_success
    if (
        was_received
        and capture.redirects
        and urls.is_front_page(page.final_url, session.outlet(visit.outlet).home)
    ):
        return Outcome.GONE, "redirects to the front page"
    if was_received and not capture.truncated and prepared is not None:
        outcome, reason = interstitials.interstitial_outcome(prepared.extract)
        if challenge := outcomes.challenge_reason(capture):
            outcome, reason = Outcome.BLOCKED, challenge
        feed_has_text = (
            visit.kind == "entry"
            and prepared.feed_extract is not None
            and bool(prepared.feed_extract.text)
        )
        if outcome is not None and not feed_has_text:
            return outcome, reason
        if (
            prepared.outcome in (None, Outcome.EMPTY)
            and choose_reading(prepared) is not None
        ):
            return None, ""
    return outcomes.outcome_of_response(capture, prepared)


def _implausible_reason(page: FetchedPage, extract: Extract) -> str:
    """Why the page is not believed to be the one announced; "" if it may be.

    After some hours of tries it is believed.
    """
    if (
        page.entry is None
        or not page.entry.title
        or page.entry.attempts + 1 >= MIN_ATTEMPTS_TO_BELIEVE
    ):
        return ""
    return interstitials.unrelated_text_reason(page.entry.title, "", extract)


def _failure_update(
    page: FetchedPage, result: VisitResult, max_attempts: int = MAX_ATTEMPTS
) -> EntryUpdate:
    """What a failed visit sets of its entry, and when it is tried again."""
    is_waiting = result.outcome is Outcome.WAITING
    attempts = page.entry.attempts if page.entry is not None else 0
    if page.entry is not None and page.entry.backfill is not None:
        max_attempts = min(max_attempts, MAX_BACKFILL_ATTEMPTS)
        if result.outcome in (Outcome.GONE, Outcome.REFUSED, Outcome.BLOCKED):
            max_attempts = 1
    attempts += not is_waiting
    due: str | None
    if is_waiting:
        due = page.capture.retry_at or add_seconds(page.now, backoff_seconds(1))
    elif attempts >= max_attempts:
        due = None
    elif result.outcome in (Outcome.REFUSED, Outcome.BLOCKED):
        due = add_seconds(page.now, REFUSED_RETRY_SECONDS)
    else:
        due = add_seconds(page.now, backoff_seconds(attempts))
    return EntryUpdate(
        outcome=result.outcome, reason=result.reason, due=due, attempts=attempts
    )


def _store_visible_text(
    session: Session, page: FetchedPage, prepared: Prepared | None, reason: str
) -> tuple[VisitResult, EntryUpdate]:
    """Store the visible text of a page that could not be read, so that it is found.

    The visit has failed; the page is not tried again until it or the extractor changes.
    """
    result = VisitResult(Outcome.FAILED, reason)
    unreadable.record_unread(session.connection, page.entry, page.digest)
    key: str | None = None
    if prepared is not None and prepared.extract is not None:
        extract = complete_from_feed(prepared.extract, page.entry, page.capture.at)
        refused = purged.refuse_page(session, page, extract)
        if refused is not None:
            return refused, EntryUpdate()
        identification = identify.identify_article(session, page, extract)
        if identification.outcome is None and identification.key is None:
            _, key = _add_article(session, page, extract, "page", prepared)
            articles.update_article(
                session.connection,
                key,
                ArticleUpdate(outcome=Outcome.FAILED, reason=reason),
            )
    return result, SETTLED | EntryUpdate(
        outcome=Outcome.FAILED, reason=reason, article=key
    )


# ---- what the feed adds to a page


def complete_from_feed(
    extract: Extract, entry: EntryRow | None, received_at: str
) -> Extract:
    """Fill in what the page does not state and its entry does.

    Not a publication date that is too late for a page received then.
    """
    if entry is None:
        return extract
    extra = feeds.parse_entry_extra(entry)
    published = entry.published
    stated = published or extra.published_local
    if stated and publication_date.is_too_late(stated, received_at):
        refused = Statement(
            "published", stated, "feed", publication_date.TOO_LATE_REASON
        )
        extract = replace(extract, statements=(*extract.statements, refused))
        published = None
    stated_by_feed = {
        "title": entry.title,
        "authors": extra.authors,
        "published": published,
        "tags": extra.tags,
        "description": entry.summary,
    }
    added: dict[str, Any] = {
        name: value
        for name, value in stated_by_feed.items()
        if value and not getattr(extract, name)
    }
    if (
        published
        and extract.published
        and len(extract.published) == publication_date.DATE_LENGTH
        and days_between(extract.published, published) <= 1
    ):
        added["published"] = published  # the page states the day, the feed the minute
    if not added:
        return extract
    sources = {**extract.sources, **dict.fromkeys(added, "feed")}
    if "published" in added:
        added["published_local"] = extra.published_local or published
    return replace(extract, **added, sources=sources)


def days_between(first: str, second: str) -> int:
    """Days between the dates of two times."""
    return abs((date.fromisoformat(first[:10]) - date.fromisoformat(second[:10])).days)


def record_feed_comparison(
    session: Session, page: FetchedPage, prepared: Prepared, key: str, version_id: int
) -> None:
    """Store how much of the feed's full text is on the page, where there are both."""
    share = feed_share_on_page(prepared)
    if share is None or prepared.feed_extract is None:
        return
    extract = replace(
        prepared.feed_extract,
        sources={},
        extractor=f"feed, {share:.3f} of it on the page",
    )
    wording_digest = wording.wording_digest(extract.title, extract.text)
    articles.add_reading(
        session.connection,
        key,
        version_id,
        Reading(
            extract, wording_digest, "", "feed-compared", "", page.capture_id, page.now
        ),
    )


# ---- pages of stored articles, and new articles


def _link_entry(
    session: Session, page: FetchedPage, extract: Extract, key: str
) -> None:
    """An announced page is a stored article: its URL is another address of it.

    Its text is compared by the article's own check, which is made due, so that like is
    compared with like.
    """
    connection = session.connection
    own_addresses = identify.record_addresses(session, page, extract, key)
    _settle_waiting_entries(session, page, own_addresses, key)
    article = articles.get_article(connection, key)
    assert article is not None
    identify.reread_from_first_page(session, page, extract, article)
    update = identify.find_current_address(session, page, article)
    current = next(
        stored
        for stored in articles.list_versions(connection, key)
        if stored.number == article.version
    )
    if current.wording != wording.wording_digest(
        extract.title, extract.text
    ) and not url_variants.is_further_page(page.capture.reached):
        update |= ArticleUpdate(due=page.now, prompted=1)
    articles.update_article(connection, key, update)


def _settle_waiting_entries(
    session: Session, page: FetchedPage, addresses: list[str], key: str
) -> None:
    """The page answers for all entries that wait for one at its addresses."""
    settled_keys = feeds.resolve_waiting_entries(
        session.connection, addresses, key, ALREADY_STORED_REASON, page.visit.key
    )
    session.settled_entries.extend((key, Outcome.UNCHANGED) for key in settled_keys)


def _add_article(
    session: Session,
    page: FetchedPage,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
) -> tuple[VisitResult, str]:
    """Add an article with its first version; returns the result and its key."""
    connection, now = session.connection, page.now
    outlet = session.outlet(page.visit.outlet)
    reached = identify.lasting_url(page, tuple(outlet.keep_params))
    key, canonical = identify.make_article_key(session, page, extract)
    reading = make_reading(
        extract, source, outlet.rules.fingerprint, page.capture_id, now
    )
    duplicate_of = articles.find_first_article_with_text(
        connection, reading.text_sha256, key
    )
    copy_of = duplicate_of or _find_original_by_canonical(session, extract, reached)
    result = _result_of_new_article(extract, prepared, duplicate_of, page.capture.note)
    first_check = revisits.schedule_first_check(session, page, key, extract.published)
    validators = validator_update(page, extract)
    articles.add_article(
        connection,
        NewArticle(
            key=key,
            url=canonical,
            reached=reached,
            outlet=outlet.key,
            site=urls.site(reached),
            first_seen=now,
            last_seen=now,
            looked=now,
            born=first_check.born,
            due=first_check.due,
            looks=first_check.looks,
            outcome=result.outcome,
            reason=result.reason,
            copy_of=copy_of,
        ),
    )
    version_id = articles.add_version(connection, key, 1, reading)
    reading_id = articles.add_reading(connection, key, version_id, reading)
    articles.update_article(
        connection, key, validators | ArticleUpdate(reading=reading_id)
    )
    record_feed_comparison(session, page, prepared, key, version_id)
    articles.add_first_sighting(connection, key, version_id, now)
    own_addresses = identify.record_addresses(session, page, extract, key)
    _settle_waiting_entries(session, page, own_addresses, key)
    if copy_of is not None:
        _schedule_move_checks(session, reading, copy_of, outlet.key, key, now)
    return result, key


def _result_of_new_article(
    extract: Extract, prepared: Prepared, duplicate_of: str | None, note: str
) -> VisitResult:
    if duplicate_of is not None:
        reason = f"has exactly the text of {duplicate_of}"
        return VisitResult(Outcome.DUPLICATE, reason)
    reason = prepared.missing_reason
    if not reason and extract.kind in KINDS_WITH_REASON:
        reason = extract.why
    return VisitResult(Outcome.NEW, reason or note)


def _find_original_by_canonical(
    session: Session, extract: Extract, reached: str
) -> str | None:
    """A canonical URL at another domain is evidence of a copy, never an alias."""
    if not extract.url or urls.site(extract.url) == urls.site(reached):
        return None
    return articles.get_article_key(session.connection, urls.url_key(extract.url))


def _schedule_move_checks(
    session: Session, reading: Reading, copy_of: str, outlet: str, key: str, now: str
) -> None:
    """Check the same outlet's articles with the same text: one may have moved here.

    The first article with the text may be another outlet's.
    """
    connection = session.connection
    others = addresses.list_articles_with_text(
        connection, outlet, reading.text_sha256, MAX_MOVE_CHECKS + 1
    )
    for other in dict.fromkeys((copy_of, *(other for other, _ in others))):
        article = articles.get_article(connection, other)
        if (
            article is not None
            and other != key
            and article.outlet == outlet
            and not urns.is_urn(article.reached)
        ):
            articles.update_article(
                connection, other, ArticleUpdate(due=now, prompted=1)
            )


def validator_update(page: FetchedPage, extract: Extract) -> ArticleUpdate:
    """Validators for the next request, of a page read at the URL requested then.

    An article of several pages is fetched without conditions: an unchanged first page
    says nothing about the others.
    """
    if page.page_count > 1 or multipage.next_page_url(extract):
        return ArticleUpdate(
            etag="",
            last_modified="",
            sha256="",
            capture=page.capture_id,
            full_at=page.now,
        )
    is_direct = not page.capture.redirects
    return ArticleUpdate(
        etag=page.capture.validator("ETag") if is_direct else "",
        last_modified=page.capture.validator("Last-Modified") if is_direct else "",
        sha256=page.digest,
        capture=page.capture_id,
        full_at=page.now,
    )
