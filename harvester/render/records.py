"""Hits and changes as records of JSON and rows of CSV, on the command line as in the browser.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harvester.archive.queries.changes import Change
from harvester.archive.queries.search import Hit

Mask = Callable[[str], str]  # hides secrets in a URL

HIT_COLUMNS = (
    "article",
    "version",
    "outlet",
    "url",
    "title",
    "authors",
    "published",
    "first_seen",
    "language",
    "snippet",
    "latest",
)
CHANGE_COLUMNS = (
    "article",
    "outlet",
    "kind",
    "class",
    "size",
    "silent",
    "at",
    "title",
    "url",
    "before",
    "after",
    "back",
    "note",
    "admitted",
    "published",
    "language",
    "state",
    "added",
    "removed",
    "changed",
    "moved",
    "before_title",
    "before_text",
    "after_text",
)


def make_hit_record(hit: Hit, mask: Mask) -> dict[str, Any]:
    """A hit as it is printed."""
    return {**hit.to_dict(), "url": mask(hit.url)}


def make_change_record(
    change: Change, mask: Mask, has_evidence: bool = False
) -> dict[str, Any]:
    """A change as it is printed; ``has_evidence``: of a removal or return."""
    record = {**change.to_dict(), "url": mask(change.url)}
    if has_evidence:
        record |= {
            "last_stood": change.last_stood,
            "first_miss": change.first_miss,
            "evidence": change.evidence,
        }
    return record


def flatten_change(record: dict[str, Any]) -> dict[str, Any]:
    """Sentences one a line; a changed one as it was, an arrow, and as it is now."""
    changed = [f"{before} → {after}" for before, after in record["changed"]]
    lines = {**record, "changed": changed}
    names = ("added", "removed", "changed", "moved")
    return {**record, **{name: "\n".join(lines[name]) for name in names}}
