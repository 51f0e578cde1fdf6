"""The job for a worker: what is to be read of a response, and what to read again.

Does not read (``prepare``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from harvester.archive.records import articles, backfills, captures, feeds, gaps
from harvester.errors import ArchiveError
from harvester.ingest import publication_date, section_pages, unreadable
from harvester.ingest.backfill_requests import MAX_SITEMAP_ENTRIES
from harvester.ingest.prepare import Job
from harvester.ingest.session import Session
from harvester.model import Capture, EarlierCapture, FurtherPage, Visit
from harvester.parse.content.extractor import EXTRACTOR

# Earlier versions read again when the extractor changed; older ones wait for `reread`.
MAX_REREAD_VERSIONS = 20


def build_job(
    session: Session, visit: Visit, capture: Capture, for_training: bool = False
) -> Job:
    """What is to be read of the response to a visit, with all that it depends on.

    ``for_training``: the outlet's profile will soon be learned from the page.
    """
    outlet, limits = session.outlet(visit.outlet), session.settings.limits
    if visit.kind == "gap":
        gap = gaps.get_gap_of_visit(session.connection, visit.key)
        return Job(
            "feed", capture, outlet.rules, limits, home=outlet.home, feed_url=gap.feed
        )
    if visit.kind == "backfill":
        request = backfills.get_request_of_visit(session.connection, visit.key)
        limits = replace(limits, entries=max(limits.entries, MAX_SITEMAP_ENTRIES))
        return Job(
            "feed",
            capture,
            outlet.rules,
            limits,
            home=outlet.home,
            feed_url=request.feed,
        )
    if visit.kind == "feed":
        return Job(
            "feed",
            capture,
            outlet.rules,
            limits,
            home=outlet.home,
            feed_url=visit.key,
            section=section_pages.hints_for(session.connection, outlet, visit.key)
            if outlet.is_section_page(visit.key)
            else None,
        )
    earlier_captures: tuple[EarlierCapture, ...] = ()
    if visit.kind == "entry":
        entry = feeds.get_entry(session.connection, visit.key)
    else:
        entry = feeds.get_announcing_entry(session.connection, visit.key)
        earlier_captures = _captures_to_reread(session, visit.key, visit.outlet)
    return Job(
        "page",
        capture,
        outlet.rules,
        limits,
        title=entry.title if entry is not None else "",
        content=feeds.parse_entry_extra(entry).content,
        known_fields=publication_date.known_fields(entry, capture.at),
        earlier_captures=earlier_captures,
        profile=session.current_profile(outlet.key)[1],
        for_training=for_training,
    )


def _captures_to_reread(
    session: Session, key: str, outlet: str
) -> tuple[EarlierCapture, ...]:
    """The captures of versions that were not read as they would be today."""
    article = articles.get_article(session.connection, key)
    today = (
        EXTRACTOR,
        session.rules_fingerprint(outlet),
        session.current_profile(outlet)[0],
    )
    earlier_captures = []
    versions = articles.list_versions(session.connection, key)
    for stored in versions[-MAX_REREAD_VERSIONS:]:
        if (
            stored.method == unreadable.VISIBLE_METHOD  # it would take all the time
            or (stored.extractor, stored.rules, stored.profile) == today
            or stored.source != "page"
        ):
            continue
        capture_id = stored.capture
        if article is not None and stored.number == article.version:
            capture_id = article.capture
        try:
            session.store.flush()
            earlier_captures.append(
                load_earlier_capture(
                    session.connection,
                    session.archive.captures_folder,
                    stored.id,
                    capture_id,
                )
            )
        except ArchiveError:
            continue  # its body is no longer stored: it is compared as it was read
    return tuple(earlier_captures)


def load_earlier_capture(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    version_id: int,
    capture_id: int | None,
) -> EarlierCapture:
    """A capture with its further pages. Raises ArchiveError where one is not stored."""
    if capture_id is None:
        raise ArchiveError(f"version {version_id} has no capture")
    body, headers, reached = captures.get_response(
        connection, captures_folder, capture_id
    )
    further_pages = []
    for further_id in captures.list_further_pages(connection, capture_id):
        further_body, further_headers, url = captures.get_response(
            connection, captures_folder, further_id
        )
        further_pages.append(FurtherPage(further_body, url, further_headers))
    return EarlierCapture(
        version_id,
        body,
        reached,
        headers,
        captures.get_received_time(connection, capture_id),
        tuple(further_pages),
    )
