"""Removals and other changes of articles as entries of an Atom feed.

Does not query the archive; see ``archive.records.looks.list_removals``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harvester.atom import AtomEntry

REMOVAL_KINDS = ("suspect", "removed", "returned")
KIND_LABELS = {
    "suspect": "Not found",
    "removed": "Removed",
    "returned": "Returned",
    "paywalled": "Put behind a paywall",
    "edited": "Edited",
    "headline": "New headline",
    "back": "An earlier version came back",
    "announced": "Changed in its feed",
}
FIELD_LABELS = {"title": "headline", "summary": "teaser"}  # of what feeds announce
FEED_TITLES = {
    "": "What changed",
    "suspect": "Articles that were not found",
    "removed": "Removed articles",
    "returned": "Articles that came back",
    "paywalled": "Articles put behind a paywall",
    "announced": "Headlines and teasers that feeds changed",
}


def to_feed_entry(row: Mapping[str, Any], mask: Callable[[str], str]) -> AtomEntry:
    """A removal, or another event of an article, as an entry of a feed.

    ``mask`` hides secrets in URLs.
    """
    kind = "back" if row.get("back") else str(row["kind"])
    label = KIND_LABELS.get(kind, kind.capitalize())
    return AtomEntry(
        f"{row['article'] or row['url']} {row['kind']} {row['at']}",
        row["at"],
        f"{label}: {row['title'] or '(no title)'}",
        mask(row["url"]),
        str(row.get("outlet_name") or row["outlet"]),
        _format_summary(row),
    )


def _format_summary(row: Mapping[str, Any]) -> str:
    parts = [str(row["note"])] if row["note"] else []
    for name, (before, after) in row.get("fields", {}).items():
        parts.append(f"{FIELD_LABELS[name]} before: {before}")
        parts.append(f"{FIELD_LABELS[name]} now: {after or '(none)'}")
    if row.get("last_stood"):
        parts.append(f"last seen online {row['last_stood']}")
    if row.get("evidence"):
        parts.append(f"seen: {row['evidence']}")
    return "; ".join(parts) or KIND_LABELS.get(str(row["kind"]), str(row["kind"]))
