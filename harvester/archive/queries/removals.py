"""The ledger of removals in words: what happened to an article, with its evidence, as a happening of a feed.

Not for: asking the archive (``looks.removals``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harvester.atom import Told

KINDS = ("suspect", "removed", "returned")
SAID = {"suspect": "Not found", "removed": "Removed", "returned": "Returned", "paywalled": "Put behind a paywall",
        "edited": "Edited", "headline": "New headline", "back": "An earlier wording came back"}  # fmt: skip

TITLES = {
    "": "What changed",
    "suspect": "Articles that were not found",
    "removed": "Removed articles",
    "returned": "Articles that came back",
    "paywalled": "Articles put behind a paywall",
}


def told(row: Mapping[str, Any], mask: Callable[[str], str]) -> Told:
    """A row of the ledger, or another happening of an article, as an entry of a feed. ``mask`` hides secrets in addresses."""
    name = f"{row['article']} {row['kind']} {row['at']}"
    title = f"{SAID.get(row['kind'], str(row['kind']).capitalize())}: {row['title'] or '(no title)'}"
    outlet = str(row.get("outlet_name") or row["outlet"])
    return Told(name, row["at"], title, mask(row["url"]), outlet, _text(row))


def _text(row: Mapping[str, Any]) -> str:
    lines = [str(row["note"])] if row["note"] else []
    if row.get("last_stood"):
        lines.append(f"last seen standing there {row['last_stood']}")
    if row.get("evidence"):
        lines.append(f"seen: {row['evidence']}")
    return "; ".join(lines) or SAID.get(str(row["kind"]), str(row["kind"]))
