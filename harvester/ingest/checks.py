"""A further look at an article that is held: its wording compared, like with like, and whether it still stands there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from harvester.archive.records import articles, captures
from harvester.identity import urls, version, wording
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
from harvester.ingest.pages import FetchedPage
from harvester.ingest.prepare import choose_reading
from harvester.model import Extract, Outcome, Prepared

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The article as held, and its versions as read today."""

    row: sqlite3.Row
    versions: list[sqlite3.Row]

    @property
    def current_version(self) -> sqlite3.Row:
        """The version that stood there last."""
        return next(
            row for row in self.versions if row["number"] == self.row["version"]
        )


def handle_check(
    keeper: Keeper, page: FetchedPage, prepared: Prepared | None
) -> VisitResult:
    """Keep what a look brought."""
    row = articles.get_article(keeper.connection, page.visit.key)
    if row is None:
        return VisitResult(
            Outcome.UNCHANGED, "it became one with another article meanwhile"
        )
    forced = page.visit.key in keeper.forced_keys
    changed: dict[str, Any] = {"looked": page.now, "prompted": 0}
    result: Outcome
    if page.capture.outcome is None and (
        page.capture.status == 304 or _has_same_body(page, row)
    ):
        result, reason = Outcome.UNCHANGED, ""
        article_state.record_online(keeper, row, page.now, changed)
        articles.add_sighting(
            keeper.connection, row["key"], _current_version_id(keeper, row), page.now
        )
    else:
        failed, reason = pages.find_failure(keeper, page, prepared)
        if (
            failed is not None
            and prepared is not None
            and prepared.extract is not None
            and _is_now_paywalled(keeper, row, prepared.extract)
        ):
            _record_paywalled_event(keeper, row, reason, page.now)
        if (
            failed is None
            and prepared is not None
            and _lacks_stored_pages(keeper, page, row, prepared)
        ):
            failed, reason = Outcome.FAILED, prepared.missing_reason
        if failed is not None:
            result = failed
        else:
            assert prepared is not None
            result, reason = _compare_with_stored(keeper, page, row, prepared, changed)
    saw, result, reason = article_state.assess_check(page, prepared, result, reason)
    revisits.schedule_next_check(keeper, page, row, result, forced, changed)
    missed = False
    if result is Outcome.GONE and (place := identify.find_later_address(keeper, row)):
        changed |= {**place, "due": page.now}
    elif result is Outcome.GONE:
        missed, reason = (
            True,
            article_state.record_miss(keeper, page, row, reason, changed),
        )
    articles.update_article(
        keeper.connection, row["key"], **changed, outcome=result, reason=reason
    )
    article_state.record_check(keeper, page, row, result, saw, reason, forced, missed)
    _drop_unneeded_bodies(keeper, row, changed)
    return VisitResult(result, reason)


def _has_same_body(page: FetchedPage, row: sqlite3.Row) -> bool:
    held = row["sha256"]
    whole = (
        page.capture.status == 200
        and not page.capture.truncated
        and not page.capture.redirects
    )
    return whole and held != "" and page.digest == held


def _current_version_id(keeper: Keeper, row: sqlite3.Row) -> int:
    return int(
        StoredArticle(
            row, articles.list_versions(keeper.connection, row["key"])
        ).current_version["id"]
    )


def _compare_with_stored(
    keeper: Keeper,
    page: FetchedPage,
    row: sqlite3.Row,
    prepared: Prepared,
    updates: dict[str, Any],
) -> tuple[Outcome, str]:
    """The page could be read: is it the article, and are its words those held?"""
    picked = choose_reading(prepared)
    assert picked is not None
    if (
        prepared.extract is not None
        and prepared.extract.profile
        != keeper.profile_learner.current_profile(row["outlet"])[0]
    ):
        return (
            Outcome.WAITING,
            "the outlet's profile was learned anew while it was read",
        )  # like with like
    extract, source = (
        pages.complete_from_feed(picked[0], page.entry, page.capture.at),
        picked[1],
    )
    moved = join.check_address(keeper, page, row, extract)
    if moved is not None:
        if moved.other_key:
            article_state.record_online(keeper, row, page.now, updates)
            join.join_articles(keeper, row["key"], moved, page.now)
        return moved.outcome, moved.reason
    _apply_rereadings(keeper, page, row, prepared)
    known = StoredArticle(row, articles.list_versions(keeper.connection, row["key"]))
    found = (
        interstitials.classify_check(
            known.current_version["kind"], known.current_version["text"], extract
        )
        if source == "page"
        else interstitials.CheckVerdict()
    )
    if found.action == "other" or (
        found.action == "compare"
        and (found := _verdict_on_other_article(keeper, known, extract)).action
        == "other"
    ):
        return Outcome.FAILED, found.reason
    if (
        found.action == "compare"
        and known.current_version["method"] == unreadable.VISIBLE_METHOD
    ):
        found = interstitials.CheckVerdict(
            "reread"
        )  # of the version held only the visible words could be read
    if found.action == "ignore":
        article_state.record_online(keeper, row, page.now, updates)
        if found.paywalled:
            _record_paywalled_event(keeper, row, found.reason, page.now)
        return Outcome.UNCHANGED, found.reason
    if source == "page" and (reason := _implausible_reason(row, known, extract)):
        return Outcome.FAILED, reason
    result = _record_version(
        keeper,
        page,
        known,
        extract,
        source,
        prepared,
        updates,
        found.action == "reread",
    )
    article_state.record_online(keeper, row, page.now, updates)
    identify.record_addresses(keeper, page, extract, row["key"])
    updates |= pages.validator_columns(page, extract)
    reached = urls.normalise_url(
        page.capture.reached or page.visit.url, keeper.outlet(row["outlet"]).keep_params
    )
    updates |= {"reached": reached, "site": urls.site(reached)}
    return result, prepared.missing_reason


def _implausible_reason(
    row: sqlite3.Row, stored: StoredArticle, extract: Extract
) -> str:
    """Why the page is not believed to be the article edited: a few words that are none of its own, unless all tries of the look
    before saw them too."""
    current = stored.current_version
    if current["kind"] not in interstitials.FULL_TEXT_KINDS or len(
        current["text"]
    ) < 2 * len(extract.text):
        return ""
    reason = interstitials.unrelated_text_reason(
        current["title"], current["text"], extract
    )
    stays = (row["outcome"], row["reason"], row["attempts"]) == (
        Outcome.FAILED,
        reason,
        0,
    )
    return "" if stays else reason


def _verdict_on_other_article(
    keeper: Keeper, stored: StoredArticle, extract: Extract
) -> interstitials.CheckVerdict:
    """Whether the page shows, word for word, another article that is held, and not this one."""
    _, text = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    other = (
        articles.find_first_article_with_text(
            keeper.connection, text, stored.row["key"]
        )
        if text
        else None
    )
    if other is None or other == stored.row["copy_of"]:
        return interstitials.CheckVerdict()
    if any(
        one["text_sha256"] == text
        or wording.shingle_containment(one["text"], extract.text)
        >= version.MIN_SAME_ARTICLE_SIMILARITY
        for one in stored.versions
    ):
        return interstitials.CheckVerdict()
    return interstitials.CheckVerdict(
        "other", f"shows the text of another article, {other}"
    )


def _is_now_paywalled(keeper: Keeper, row: sqlite3.Row, extract: Extract) -> bool:
    """Whether a wall of subscription stands now before an article that is held whole."""
    if (extract.kind, extract.access) != ("wall", "paywalled"):
        return False
    return (
        StoredArticle(
            row, articles.list_versions(keeper.connection, row["key"])
        ).current_version["kind"]
        in interstitials.FULL_TEXT_KINDS
    )


def _record_paywalled_event(
    keeper: Keeper, row: sqlite3.Row, reason: str, now: str
) -> None:
    """An event, once an article."""
    if not articles.has_event(keeper.connection, "paywalled", row["key"]):
        articles.add_event(
            keeper.connection,
            "paywalled",
            row["outlet"],
            now,
            reason,
            article_key=row["key"],
        )


def _stored_page_count(keeper: Keeper, row: sqlite3.Row) -> int:
    return 1 + len(captures.list_further_pages(keeper.connection, row["capture"]))


def _lacks_stored_pages(
    keeper: Keeper, page: FetchedPage, row: sqlite3.Row, prepared: Prepared
) -> bool:
    """Whether fewer pages could be read than are held: that must not look as if the outlet had shortened the article."""
    return bool(prepared.missing_reason) and page.page_count < _stored_page_count(
        keeper, row
    )


def _apply_rereadings(
    keeper: Keeper, page: FetchedPage, row: sqlite3.Row, prepared: Prepared
) -> None:
    """Versions read by another extractor or other rules are shown as today's read them, before anything is compared."""
    rules = keeper.outlet(row["outlet"]).rules.fingerprint
    for held in articles.list_versions(keeper.connection, row["key"]):
        extract = prepared.rereads.get(held["id"])
        if extract is None or not extract.text:
            continue
        extract = publication_date.keep_first_date(
            pages.complete_from_feed(extract, page.entry, page.capture.at),
            *publication_date.publication_date(held),
        )
        if not extract.title:
            extract = replace(extract, title=held["title"])
        name, text = wording.wording_and_text_digests(
            extract.title, extract.text, extract.authors
        )
        capture = (
            row["capture"] if held["number"] == row["version"] else held["capture"]
        )
        articles.update_version(keeper.connection, held["id"], extract, name, text)
        articles.add_reading(
            keeper.connection,
            row["key"],
            held["id"],
            capture,
            extract,
            "page",
            rules,
            name,
            page.now,
        )


def _record_version(
    keeper: Keeper,
    page: FetchedPage,
    stored: StoredArticle,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
    updates: dict[str, Any],
    is_better_reading: bool = False,
) -> Outcome:
    connection, key, now = keeper.connection, stored.row["key"], page.now
    current = stored.current_version
    if not extract.title:
        extract = replace(extract, title=current["title"])
    stated, extract = (
        extract,
        publication_date.keep_first_date(
            extract, *publication_date.publication_date(current)
        ),
    )
    name, text = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    held = edits.comparable_versions(stored.versions, extract, name)
    decided = version.decide_version(
        held,
        current["id"],
        name,
        extract.title,
        edits.has_same_text(current, extract),
        source,
    )
    if (
        decided.kind in ("edited", "headline")
        and decided.version_id is None
        and _only_adds_pages(keeper, page, stored, extract, prepared)
    ):
        decided = version.VersionDecision("reread")
    if is_better_reading and decided.kind != "same":
        decided = version.VersionDecision("reread")
    rules = keeper.outlet(stored.row["outlet"]).rules.fingerprint
    if decided.kind in ("same", "ignored"):
        articles.add_sighting(connection, key, current["id"], now)
        if decided.kind == "same":
            edits.record_field_changes(connection, key, current, stated, extract, now)
        return Outcome.UNCHANGED
    if decided.kind == "reread":
        articles.update_version(connection, current["id"], extract, name, text)
        updates["reading"] = articles.add_reading(
            connection,
            key,
            current["id"],
            page.capture_id,
            extract,
            source,
            rules,
            name,
            now,
        )
        articles.add_sighting(connection, key, current["id"], now)
        return Outcome.UNCHANGED
    if decided.version_id is None:
        number = len(stored.versions) + 1
        row = articles.add_version(
            connection, key, number, extract, name, text, page.capture_id or 0, now
        )
        updates |= {"version": number, "versions": number}
        updates["reading"] = articles.add_reading(
            connection, key, row, page.capture_id, extract, source, rules, name, now
        )
        pages.record_feed_comparison(keeper, page, prepared, key, row)
    else:
        row = decided.version_id
        updates["version"] = next(
            one["number"] for one in stored.versions if one["id"] == row
        )
    articles.add_sighting(connection, key, row, now, force_new=True)
    edits.record_edit(connection, stored.row, current, stated, decided, row, now)
    return Outcome.CHANGED


def _only_adds_pages(
    keeper: Keeper,
    page: FetchedPage,
    stored: StoredArticle,
    extract: Extract,
    prepared: Prepared,
) -> bool:
    """Whether this is the wording held with the pages that could not be read then: no edit."""
    held = _stored_page_count(keeper, stored.row)
    if not stored.current_version["unread"] or page.page_count <= held:
        return False
    part = multipage.join_pages(prepared.page_extracts[:held])
    return wording.wording_digest(extract.title, part.text) == str(
        stored.current_version["wording"]
    )


def _drop_unneeded_bodies(
    keeper: Keeper, row: sqlite3.Row, updates: dict[str, Any]
) -> None:
    """Where no WARC files are kept: only the newest body, and only while there are looks to come."""
    if updates.get("capture") and updates["capture"] != row["capture"]:
        keeper.store.drop_body(row["capture"])
    if updates.get("due") is None:
        keeper.store.drop_body(updates.get("capture") or row["capture"])
