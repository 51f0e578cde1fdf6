"""Articles that turn out to be one: found by a check, joined, and compared.

Does not decide which article a new page is (``identify``), nor undo a join
(``split_article``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from harvester.archive.merging import joins, timeline
from harvester.archive.merging.timeline import Transition
from harvester.archive.records import addresses, articles, changes
from harvester.archive.records.articles import ArticleRow, NewChange
from harvester.identity import (
    change,
    significant_lines,
    url_sessions,
    version_decision,
    wording,
)
from harvester.ingest import edits
from harvester.ingest.identify import (
    CLAIMED_KINDS,
    is_variant_of,
    matches_article,
    page_addresses,
)
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedPage
from harvester.model import Extract, Outcome


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What the address of a checked page says."""

    outcome: Outcome
    reason: str
    other_key: str = ""  # of another article that is the same one
    join_reason: str = ""


def check_address(
    session: Session, page: FetchedPage, article: ArticleRow, extract: Extract
) -> AddressCheck | None:
    """Whether the page is at another article's address; None: nothing special."""
    connection, key = session.connection, article.key
    here = next(
        (
            candidate
            for candidate in page_addresses(session, page, extract)
            if candidate.stood
        ),
        None,
    )
    if not page.capture.redirects or here is None:
        return _find_same_article(session, page, article, extract)
    owner = addresses.get_address(connection, here.address)
    if owner is not None and owner.article == key:
        return _find_same_article(session, page, article, extract)
    if owner is None or owner.kind == "shared" or not owner.stood:
        is_session = url_sessions.differ_only_in_visit(page.visit.url, here.url)
        if is_session or matches_article(connection, key, extract):
            return _find_same_article(session, page, article, extract)
        return AddressCheck(Outcome.GONE, "redirects to another page with another text")
    if _is_same_article(connection, key, owner.article, extract):
        return _joined_with(owner.article, f"redirects to {here.url}")
    return AddressCheck(Outcome.GONE, f"redirects to another article, {owner.article}")


def _joined_with(other_key: str, join_reason: str) -> AddressCheck:
    return AddressCheck(
        Outcome.UNCHANGED, f"is the same article as {other_key}", other_key, join_reason
    )


def _find_same_article(
    session: Session, page: FetchedPage, article: ArticleRow, extract: Extract
) -> AddressCheck | None:
    """Another article that the page names, or at another form of its address.

    It must have the same words.
    """
    connection = session.connection
    own_addresses = page_addresses(session, page, extract)
    rows = addresses.get_addresses(connection, [own.address for own in own_addresses])
    candidates = [
        (rows[own.address].article, f"names {own.url} as its {own.kind} address")
        for own in own_addresses
        if own.kind in CLAIMED_KINDS and own.address in rows
    ]
    for own in own_addresses:
        if own.stood:
            candidates += [
                (row.article, f"is at another form of {row.url}")
                for row in addresses.list_related_addresses(
                    connection, article.outlet, own
                )
                if row.article != article.key
                and is_variant_of(connection, own, row, extract)
            ]
    tried = {article.key}
    for other_key, join_reason in candidates:
        if other_key not in tried and _is_same_article(
            connection, article.key, other_key, extract
        ):
            return _joined_with(other_key, join_reason)
        tried.add(other_key)
    return None


def _is_same_article(
    connection: sqlite3.Connection, key: str, other_key: str, extract: Extract
) -> bool:
    return (
        not addresses.are_marked_distinct(connection, key, other_key)
        and matches_article(connection, other_key, extract)
        and matches_article(connection, key, extract)
    )


def join_articles(
    session: Session, key: str, address_check: AddressCheck, now: str
) -> None:
    """Join an article with another; what differs between new neighbours is recorded."""
    _, transitions = joins.merge_articles(
        session.connection,
        key,
        address_check.other_key,
        address_check.join_reason,
        now,
    )
    compare_neighbours(session.connection, transitions, now)


def compare_neighbours(
    connection: sqlite3.Connection, transitions: list[Transition], now: str
) -> None:
    """Record what differs between versions that became neighbours.

    Where nothing significant differs, the two become one version.
    """
    equal_pairs: dict[str, tuple[int, int]] = {}
    for transition in transitions:
        versions = {
            stored.id: stored
            for stored in articles.list_versions(connection, transition.article)
        }
        before = versions[transition.before_id]
        after = versions[transition.after_id]
        if significant_lines.is_same_wording(
            edits.text_of_version(before), edits.text_of_version(after)
        ):
            kept, dropped = sorted(
                (before, after), key=lambda stored: (stored.first_seen, stored.sha256)
            )
            equal_pairs.setdefault(transition.article, (kept.id, dropped.id))
    recorded = [
        transition
        for transition in transitions
        if transition.article not in equal_pairs
    ]
    for transition in recorded:
        _record_change(connection, transition)
    changes.settle_return_events(
        connection, [transition.article for transition in recorded]
    )
    if equal_pairs:
        # One pair of an article at a time: what remains to compare follows from it.
        joins.merge_equal_versions(connection, list(equal_pairs.values()), now)
        timeline.select_articles(connection, equal_pairs)
        compare_neighbours(connection, timeline.rebuild_timelines(connection), now)


def _record_change(connection: sqlite3.Connection, transition: Transition) -> None:
    versions = {
        stored.id: stored
        for stored in articles.list_versions(connection, transition.article)
    }
    before, after = versions[transition.before_id], versions[transition.after_id]
    fields: dict[str, Any] = dict(
        version_decision.changed_fields(
            articles.parse_version_fields(before), articles.parse_version_fields(after)
        )
    )
    if wording.headline_key(before.title) != wording.headline_key(after.title):
        fields = {"title": [before.title, after.title], **fields}
    text_before, text_after = (
        edits.text_of_version(before),
        edits.text_of_version(after),
    )
    lines_before, lines_after = significant_lines.significant_lines(
        text_before, text_after
    )
    is_headline = significant_lines.is_same_text(text_before, text_after)
    edit = edits.make_edit(
        NewChange(
            transition.article,
            transition.at,
            "headline" if is_headline else "edited",
            transition.before_id,
            transition.after_id,
            fields,
            edits.sentence_changes(lines_before, lines_after),
            transition.is_revert,
        ),
        addresses.get_article_outlet(connection, transition.article),
        change.VersionText(
            before.title, lines_before, before.published, before.modified
        ),
        change.VersionText(after.title, lines_after, after.published, after.modified),
    )
    edits.store_edit(connection, edit)
