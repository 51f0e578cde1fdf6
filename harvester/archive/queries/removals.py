"""The ledger of removals in words: what happened to an article, with its evidence, as a happening of a feed.

Not for: asking the archive (``looks.removals``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harvester.atom import AtomEntry

REMOVAL_KINDS = ("suspect", "removed", "returned")
KIND_LABELS = {"suspect": "Not found", "removed": "Removed", "returned": "Returned", "paywalled": "Put behind a paywall",
        "edited": "Edited", "headline": "New headline", "back": "An earlier wording came back"}  # fmt: skip

FEED_TITLES = {
    "": "What changed",
    "suspect": "Articles that were not found",
    "removed": "Removed articles",
    "returned": "Articles that came back",
    "paywalled": "Articles put behind a paywall",
}


def to_feed_entry(row: Mapping[str, Any], mask: Callable[[str], str]) -> AtomEntry:
    """A row of the ledger, or another happening of an article, as an entry of a feed. ``mask`` hides secrets in addresses."""
    name = f"{row['article']} {row['kind']} {row['at']}"
    title = f"{KIND_LABELS.get(row['kind'], str(row['kind']).capitalize())}: {row['title'] or '(no title)'}"
    outlet = str(row.get("outlet_name") or row["outlet"])
    return AtomEntry(name, row["at"], title, mask(row["url"]), outlet, _entry_text(row))


def _entry_text(row: Mapping[str, Any]) -> str:
    lines = [str(row["note"])] if row["note"] else []
    if row.get("last_stood"):
        lines.append(f"last seen standing there {row['last_stood']}")
    if row.get("evidence"):
        lines.append(f"seen: {row['evidence']}")
    return "; ".join(lines) or KIND_LABELS.get(str(row["kind"]), str(row["kind"]))
