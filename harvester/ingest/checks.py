"""A check of a stored article: is it online, and is its wording the stored one?

What a check found is decided first, as a ``CheckDecision``, and written then. One thing
is written before: versions read by another extractor, other rules or another profile are
shown as they read today, so that like is compared with like.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from harvester.archive.records import articles, captures, changes
from harvester.archive.records.articles import (
    ArticleRow,
    ArticleUpdate,
    NewEvent,
    Reading,
    VersionRow,
)
from harvester.archive.records.record_sql import UNSET
from harvester.identity import urls, version_decision, wording
from harvester.ingest import (
    article_state,
    edits,
    identify,
    interstitials,
    join,
    multipage,
    pages,
    publication_date,
    revisits,
    unreadable,
)
from harvester.ingest.counts import VisitResult
from harvester.ingest.interstitials import CheckVerdict
from harvester.ingest.prepare import choose_reading
from harvester.ingest.session import Session, make_reading
from harvester.ingest.visit import FetchedPage
from harvester.model import Extract, Outcome, Prepared

PAYWALLED_EVENT = "paywalled"  # kind of an event
NO_LONGER_STORED_REASON = "it was joined with another article meanwhile"
ALTERNATES_REASON = "alternates between two versions"
PROFILE_CHANGED_REASON = (
    "the outlet's profile was learned again while the page was read"
)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The article as stored, with its versions as they read today."""

    row: ArticleRow
    versions: list[VersionRow]

    @property
    def current_version(self) -> VersionRow:
        """The version that was online last."""
        return next(
            stored for stored in self.versions if stored.number == self.row.version
        )


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What a reading means for the versions of an article."""

    stored: StoredArticle
    decision: version_decision.VersionDecision
    stated: Extract  # as the outlet states it now
    reading: Reading  # as it is stored: with the publication date first seen
    is_alternation: bool = False  # it alternates between two versions, as before


@dataclass(frozen=True, slots=True)
class CheckDecision:
    """What a check found, and what is to be written of it."""

    result: VisitResult
    is_online: bool = False
    sighting: int | None = None  # versions.id of the version that is online, unchanged
    version_change: VersionChange | None = None
    joined: join.AddressCheck | None = None  # it is one with another article
    paywalled_note: str | None = None  # it is stored whole, and is sold now
    update: ArticleUpdate = field(default_factory=ArticleUpdate)


def handle_check(
    session: Session, page: FetchedPage, prepared: Prepared | None
) -> VisitResult:
    """Store what a check found."""
    article = articles.get_article(session.connection, page.visit.key)
    if article is None:
        return VisitResult(Outcome.UNCHANGED, NO_LONGER_STORED_REASON)
    decision = _decide_check(session, page, article, prepared)
    update = ArticleUpdate(looked=page.now, prompted=0)
    update |= _store_decision(session, page, article, decision, prepared)
    observation, outcome, reason = article_state.assess_check(
        page, prepared, decision.result.outcome, decision.result.reason
    )
    update |= revisits.schedule_next_check(session, page, article, outcome)
    is_miss = False
    if outcome is Outcome.GONE:
        if moved := identify.find_later_address(session, article, page.visit.url):
            update |= moved | ArticleUpdate(due=page.now)
        else:
            is_miss = True
            change, reason = article_state.decide_missing(
                session, article, reason, page.now
            )
            article_state.store_state_change(session, article, change, page.now)
            update |= change.update
    update |= ArticleUpdate(outcome=outcome, reason=reason)
    articles.update_article(session.connection, article.key, update)
    result = VisitResult(outcome, reason)
    article_state.store_check(session, page, article, observation, result, is_miss)
    _drop_unneeded_bodies(session, article, update)
    return result


# ---- deciding


def _decide_check(
    session: Session,
    page: FetchedPage,
    article: ArticleRow,
    prepared: Prepared | None,
) -> CheckDecision:
    if page.capture.outcome is None and (
        page.capture.status == 304 or _has_same_body(page, article)
    ):
        current = load_stored(session, article).current_version
        was_whole = page.capture.status != 304
        return CheckDecision(
            VisitResult(Outcome.UNCHANGED),
            is_online=True,
            sighting=current.id,
            update=ArticleUpdate(full_at=page.now) if was_whole else ArticleUpdate(),
        )
    failure, reason = pages.find_failure(session, page, prepared)
    if failure is not None:
        is_paywalled = prepared is not None and _is_now_paywalled(
            session, article, prepared.extract
        )
        return CheckDecision(
            VisitResult(failure, reason),
            paywalled_note=reason if is_paywalled else None,
        )
    assert prepared is not None
    if _lacks_stored_pages(session, page, article, prepared):
        return CheckDecision(VisitResult(Outcome.FAILED, prepared.missing_reason))
    return _decide_comparison(session, page, article, prepared)


def _has_same_body(page: FetchedPage, article: ArticleRow) -> bool:
    is_complete = (
        page.capture.is_whole_success
        and not page.capture.truncated
        and not page.capture.redirects
    )
    return is_complete and article.sha256 != "" and page.digest == article.sha256


def load_stored(session: Session, article: ArticleRow) -> StoredArticle:
    """The article with its versions."""
    return StoredArticle(
        article, articles.list_versions(session.connection, article.key)
    )


def _is_now_paywalled(
    session: Session, article: ArticleRow, extract: Extract | None
) -> bool:
    """Whether a subscription wall is shown in place of an article stored whole."""
    if extract is None or (extract.kind, extract.access) != ("wall", "paywalled"):
        return False
    current = load_stored(session, article).current_version
    return current.kind in interstitials.FULL_TEXT_KINDS


def _stored_page_count(session: Session, article: ArticleRow) -> int:
    further = captures.list_further_pages(session.connection, article.capture)
    return 1 + len(further)


def _lacks_stored_pages(
    session: Session, page: FetchedPage, article: ArticleRow, prepared: Prepared
) -> bool:
    """Whether fewer pages were read than are stored: that must not shorten the text."""
    return bool(prepared.missing_reason) and page.page_count < _stored_page_count(
        session, article
    )


def _decide_comparison(
    session: Session, page: FetchedPage, article: ArticleRow, prepared: Prepared
) -> CheckDecision:
    """The page could be read: is it the article, and is its wording a stored one?"""
    chosen = choose_reading(prepared)
    assert chosen is not None
    profile_name = session.current_profile(article.outlet)[0]
    if prepared.extract is not None and prepared.extract.profile != profile_name:
        return CheckDecision(VisitResult(Outcome.WAITING, PROFILE_CHANGED_REASON))
    source = chosen[1]
    extract = pages.complete_from_feed(chosen[0], page.entry, page.capture.at)
    address = join.check_address(session, page, article, extract)
    if address is not None:
        is_joined = bool(address.other_key)
        return CheckDecision(
            VisitResult(address.outcome, address.reason),
            is_online=is_joined,
            joined=address if is_joined else None,
        )
    _apply_rereadings(session, page, article, prepared)
    stored = load_stored(session, article)
    verdict = _classify_page(session, stored, extract, source)
    if verdict.action == "other":
        return CheckDecision(VisitResult(Outcome.FAILED, verdict.reason))
    if verdict.action == "ignore":
        return CheckDecision(
            VisitResult(Outcome.UNCHANGED, verdict.reason),
            is_online=True,
            paywalled_note=verdict.reason if verdict.paywalled else None,
        )
    if source == "page" and (reason := _implausible_reason(stored, extract)):
        return CheckDecision(VisitResult(Outcome.FAILED, reason))
    change = decide_version_change(
        session, page, stored, extract, source, prepared, verdict.action == "reread"
    )
    is_edit = change.decision.kind in ("edited", "headline") and (
        not change.is_alternation
    )
    reason = ALTERNATES_REASON if change.is_alternation else prepared.missing_reason
    keep_params = session.outlet(article.outlet).keep_params
    reached = identify.lasting_url(page, tuple(keep_params))
    return CheckDecision(
        VisitResult(Outcome.CHANGED if is_edit else Outcome.UNCHANGED, reason),
        is_online=True,
        version_change=change,
        update=pages.validator_update(page, extract)
        | ArticleUpdate(reached=reached, site=urls.site(reached)),
    )


def _classify_page(
    session: Session,
    stored: StoredArticle,
    extract: Extract,
    source: Literal["page", "feed"],
) -> CheckVerdict:
    """Whether the page shows the article, another one, or something in its place."""
    current, verdict = stored.current_version, CheckVerdict()
    if source == "page":
        verdict = interstitials.classify_check(current.kind, current.text, extract)
    if verdict.action == "compare":
        verdict = _verdict_on_other_article(session, stored, extract)
    if verdict.action == "compare" and current.method == unreadable.VISIBLE_METHOD:
        # Of the stored version only the visible text could be read.
        return CheckVerdict("reread")
    return verdict


def _verdict_on_other_article(
    session: Session, stored: StoredArticle, extract: Extract
) -> CheckVerdict:
    """Whether the page shows exactly the text of another article, and not this one."""
    _, text_digest = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    if not text_digest:
        return CheckVerdict()
    other = articles.find_first_article_with_text(
        session.connection, text_digest, stored.row.key
    )
    if other is None or other == stored.row.copy_of:
        return CheckVerdict()
    if any(
        earlier.text_sha256 == text_digest
        or wording.shingle_containment(earlier.text, extract.text)
        >= version_decision.MIN_SAME_ARTICLE_SIMILARITY
        for earlier in stored.versions
    ):
        return CheckVerdict()
    return CheckVerdict("other", f"shows the text of another article, {other}")


def _implausible_reason(stored: StoredArticle, extract: Extract) -> str:
    """Why the page is not believed to be an edit of the article; "" if it may be one.

    A few words, none of them the article's, are believed once all tries of the check
    before saw them too.
    """
    current, article = stored.current_version, stored.row
    if current.kind not in interstitials.FULL_TEXT_KINDS or len(current.text) < 2 * len(
        extract.text
    ):
        return ""
    reason = interstitials.unrelated_text_reason(current.title, current.text, extract)
    was_seen_before = (article.outcome, article.reason, article.attempts) == (
        Outcome.FAILED,
        reason,
        0,
    )
    return "" if was_seen_before else reason


def decide_version_change(
    session: Session,
    page: FetchedPage,
    stored: StoredArticle,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
    is_better_reading: bool,
) -> VersionChange:
    """What a reading means for the versions; ``is_better_reading``: it is no edit."""
    current = stored.current_version
    stated = extract
    if not stated.title:
        stated = replace(stated, title=current.title)
    reading = make_reading(
        publication_date.keep_first_date(
            stated, *publication_date.publication_date(current)
        ),
        source,
        session.rules_fingerprint(stored.row.outlet),
        page.capture_id,
        page.now,
    )
    decision = version_decision.decide_version(
        edits.comparable_versions(
            stored.versions, reading.extract, reading.wording_sha256
        ),
        current.id,
        reading.wording_sha256,
        reading.extract.title,
        edits.has_same_text(current, reading.extract),
        source,
    )
    is_new_version = (
        decision.kind in ("edited", "headline") and decision.version_id is None
    )
    if (
        is_new_version
        and _only_adds_pages(session, page, stored, reading.extract, prepared)
    ) or (is_better_reading and decision.kind != "same"):
        decision = version_decision.VersionDecision("reread")
    is_alternation = decision.version_id is not None and changes.has_recent_return(
        session.connection,
        stored.row.key,
        (current.id, decision.version_id),
        page.now,
    )
    return VersionChange(stored, decision, stated, reading, is_alternation)


def _only_adds_pages(
    session: Session,
    page: FetchedPage,
    stored: StoredArticle,
    extract: Extract,
    prepared: Prepared,
) -> bool:
    """Whether it is the stored wording with pages that could not be read before."""
    current = stored.current_version
    stored_count = _stored_page_count(session, stored.row)
    if not current.unread_page or page.page_count <= stored_count:
        return False
    beginning = multipage.join_pages(prepared.page_extracts[:stored_count])
    return wording.wording_digest(extract.title, beginning.text) == current.wording


# ---- writing


def _apply_rereadings(
    session: Session, page: FetchedPage, article: ArticleRow, prepared: Prepared
) -> None:
    """Show versions as today's extractor, rules and profile read them; no edit."""
    rules = session.rules_fingerprint(article.outlet)
    for stored in articles.list_versions(session.connection, article.key):
        extract = prepared.rereads.get(stored.id)
        if extract is None or not extract.text:
            continue
        extract = publication_date.keep_first_date(
            pages.complete_from_feed(extract, page.entry, page.capture.at),
            *publication_date.publication_date(stored),
        )
        if not extract.title:
            extract = replace(extract, title=stored.title)
        is_current = stored.number == article.version
        capture_id = article.capture if is_current else stored.capture
        reading = make_reading(extract, "page", rules, capture_id, page.now)
        articles.update_version(session.connection, stored.id, reading)
        articles.add_reading(session.connection, article.key, stored.id, reading)


def _store_decision(
    session: Session,
    page: FetchedPage,
    article: ArticleRow,
    decision: CheckDecision,
    prepared: Prepared | None,
) -> ArticleUpdate:
    """Write what a check found; returns what it sets of the article."""
    update = ArticleUpdate()
    if decision.version_change is not None and prepared is not None:
        update |= store_version_change(session, page, decision.version_change, prepared)
    if decision.is_online:
        change = article_state.decide_online(
            article, session.outlet(article.outlet).removed_after, page.now
        )
        article_state.store_state_change(session, article, change, page.now)
        update |= change.update
    if decision.sighting is not None:
        articles.add_sighting(
            session.connection, article.key, decision.sighting, page.now
        )
    if decision.paywalled_note is not None and not articles.has_event(
        session.connection, PAYWALLED_EVENT, article.key
    ):
        articles.add_event(
            session.connection,
            NewEvent(
                PAYWALLED_EVENT,
                article.outlet,
                page.now,
                decision.paywalled_note,
                article=article.key,
            ),
        )
    if decision.joined is not None:
        join.join_articles(session, article.key, decision.joined, page.now)
    if decision.version_change is not None:
        identify.record_addresses(
            session, page, decision.version_change.stated, article.key
        )
    return update | decision.update


def store_version_change(
    session: Session, page: FetchedPage, change: VersionChange, prepared: Prepared
) -> ArticleUpdate:
    """Write what a reading means for the versions, with its edit and sighting."""
    connection, key = session.connection, change.stored.row.key
    current = change.stored.current_version
    if change.decision.kind in ("edited", "headline"):
        return _store_edit(session, page, change, prepared)
    update = ArticleUpdate()
    if change.decision.kind == "reread":
        articles.update_version(connection, current.id, change.reading)
        reading_id = articles.add_reading(connection, key, current.id, change.reading)
        update = ArticleUpdate(reading=reading_id)
    articles.add_sighting(connection, key, current.id, page.now)
    if change.decision.kind == "same":
        edit = edits.describe_field_changes(
            connection, key, current, change.stated, page.now
        )
        if edit is not None:
            edits.store_edit(connection, edit)
            articles.update_version_fields(
                connection, current.id, change.reading.extract
            )
    return update


def _store_edit(
    session: Session, page: FetchedPage, change: VersionChange, prepared: Prepared
) -> ArticleUpdate:
    """Write a new version, or the return of an earlier one."""
    connection, stored = session.connection, change.stored
    key, version_id = stored.row.key, change.decision.version_id
    if version_id is None:
        number = len(stored.versions) + 1
        version_id = articles.add_version(connection, key, number, change.reading)
        update = ArticleUpdate(
            version=number,
            versions=number,
            reading=articles.add_reading(connection, key, version_id, change.reading),
        )
        pages.record_feed_comparison(session, page, prepared, key, version_id)
    else:
        number = next(row.number for row in stored.versions if row.id == version_id)
        update = ArticleUpdate(version=number)
    articles.add_sighting(connection, key, version_id, page.now, force_new=True)
    edit = edits.describe_edit(
        connection,
        stored.row,
        stored.current_version,
        change.stated,
        change.decision,
        version_id,
        page.now,
        change.is_alternation,
    )
    edits.store_edit(connection, edit)
    return update


def _drop_unneeded_bodies(
    session: Session, article: ArticleRow, update: ArticleUpdate
) -> None:
    """Without WARC files, keep only the newest body, and only while checks are due."""
    newest = update.capture if isinstance(update.capture, int) else None
    if newest and newest != article.capture:
        session.store.drop_body(article.capture)
    if update.due in (None, UNSET):
        session.store.drop_body(newest or article.capture)
