"""What is to be read of an answer: the job for a worker, with the earlier captures that are to be read again beside it.

Not for: reading (``prepare``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.archive.records import articles, captures, feeds
from harvester.errors import ArchiveError
from harvester.ingest import publication_date, unreadable
from harvester.ingest.prepare import Job
from harvester.model import Capture, EarlierCapture, FurtherPage, Rules, Visit
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Outlet

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper

MAX_REREAD_VERSIONS = 20  # earlier versions read again when the extractor changed; older ones wait for their own turn


def build_job(keeper: Keeper, visit: Visit, capture: Capture) -> Job:
    """What is to be read of an answer to a visit, with all that reading it depends on."""
    outlet = keeper.outlet(visit.outlet)
    if visit.kind == "feed":
        return Job("feed", capture, Rules(), keeper.settings.limits)
    if visit.kind == "entry":
        entry = feeds.get_entry(keeper.connection, visit.key)
        earlier: tuple[EarlierCapture, ...] = ()
    else:
        entry = feeds.get_announcing_entry(keeper.connection, visit.key)
        earlier = _captures_to_reread(keeper, visit.key, outlet)
    extra = feeds.parse_entry_extra(entry)
    content = str(extra.get("content", ""))
    title = entry["title"] if entry is not None else ""
    known = publication_date.known_fields(
        entry["published"] if entry is not None else None,
        extra.get("authors"),
        capture.at,
    )
    job = Job(
        "page",
        capture,
        outlet.rules,
        keeper.settings.limits,
        title,
        content,
        known,
        earlier,
    )
    return replace(
        job,
        profile=keeper.profile_learner.current_profile(outlet.key)[1],
        for_training=keeper.profile_learner.needs_training_page(outlet.key),
    )


def _captures_to_reread(
    keeper: Keeper, key: str, outlet: Outlet
) -> tuple[EarlierCapture, ...]:
    """The captures of versions that were read by another extractor or other rules or with another profile than today's."""
    article = articles.get_article(keeper.connection, key)
    found = []
    for row in articles.list_versions(keeper.connection, key)[-MAX_REREAD_VERSIONS:]:
        if (
            row["method"] == unreadable.VISIBLE_METHOD
        ):  # it would cost this reading its time
            continue
        today = (
            EXTRACTOR,
            outlet.rules.fingerprint,
            keeper.profile_learner.current_profile(outlet.key)[0],
        )
        if (row["extractor"], row["rules"], row["profile"]) == today or row[
            "source"
        ] != "page":
            continue
        current = article is not None and row["number"] == article["version"]
        number = (
            article["capture"] if article is not None and current else row["capture"]
        )
        try:
            keeper.store.flush()
            found.append(
                load_earlier_capture(
                    keeper.connection, keeper.archive.captures_folder, row["id"], number
                )
            )
        except ArchiveError:
            continue  # its body is no longer kept: it is compared as it was read
    return tuple(found)


def load_earlier_capture(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    version_id: int,
    capture_id: int,
) -> EarlierCapture:
    """A capture with all its pages, to be read again. Raises ArchiveError where one is not kept any more."""
    body, headers, reached = captures.get_response(
        connection, captures_folder, capture_id
    )
    further = []
    for number in captures.list_further_pages(connection, capture_id):
        other, other_headers, url = captures.get_response(
            connection, captures_folder, number
        )
        further.append(FurtherPage(other, url, other_headers))
    return EarlierCapture(
        version_id,
        body,
        reached,
        headers,
        captures.get_received_time(connection, capture_id),
        tuple(further),
    )
