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
from harvester.model import Capture, Earlier, Further, Rules, Visit
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Outlet

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper

REREAD_MOST = 20  # earlier versions read again when the extractor changed; older ones wait for their own turn


def job_of(keeper: Keeper, visit: Visit, capture: Capture) -> Job:
    """What is to be read of an answer to a visit, with all that reading it depends on."""
    outlet = keeper.outlet(visit.outlet)
    if visit.kind == "feed":
        return Job("feed", capture, Rules(), keeper.settings.limits)
    if visit.kind == "entry":
        entry = feeds.entry(keeper.connection, visit.key)
        earlier: tuple[Earlier, ...] = ()
    else:
        entry = feeds.announcing(keeper.connection, visit.key)
        earlier = _earlier(keeper, visit.key, outlet)
    extra = feeds.extra(entry)
    content = str(extra.get("content", ""))
    title = entry["title"] if entry is not None else ""
    known = publication_date.known(
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
        profile=keeper.learning.profile(outlet.key)[1],
        studied=keeper.learning.soon(outlet.key),
    )


def _earlier(keeper: Keeper, key: str, outlet: Outlet) -> tuple[Earlier, ...]:
    """The captures of versions that were read by another extractor or other rules or with another profile than today's."""
    article = articles.article(keeper.connection, key)
    found = []
    for row in articles.versions(keeper.connection, key)[-REREAD_MOST:]:
        if row["method"] == unreadable.METHOD:  # it would cost this reading its time
            continue
        today = (EXTRACTOR, outlet.rules.name, keeper.learning.profile(outlet.key)[0])
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
                earlier(keeper.connection, keeper.archive.captures, row["id"], number)
            )
        except ArchiveError:
            continue  # its body is no longer kept: it is compared as it was read
    return tuple(found)


def earlier(
    connection: sqlite3.Connection, folder: Path | None, version: int, capture: int
) -> Earlier:
    """A capture with all its pages, to be read again. Raises ArchiveError where one is not kept any more."""
    body, headers, reached = captures.response(connection, folder, capture)
    further = []
    for number in captures.further(connection, capture):
        other, other_headers, url = captures.response(connection, folder, number)
        further.append(Further(other, url, other_headers))
    return Earlier(
        version,
        body,
        reached,
        headers,
        captures.received(connection, capture),
        tuple(further),
    )
