"""What the handlers of one crawl share: archive, settings, captures, revisit plans."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.archive.connection import Archive
from harvester.archive.records.articles import Reading
from harvester.archive.takedown.purge import PurgePlan
from harvester.identity import wording
from harvester.ingest.capture_store import CaptureStore
from harvester.ingest.revisit_plans import RevisitPlans
from harvester.model import Extract, Outcome
from harvester.settings import Outlet, Settings


@dataclass(frozen=True, slots=True)
class Session:
    """One crawl's access to the archive, in the thread that writes it."""

    archive: Archive
    settings: Settings
    store: CaptureStore
    plans: RevisitPlans
    # outlet → name and JSON of its profile in force; "" for both if it has none
    current_profile: Callable[[str], tuple[str, str]]
    # keys of visits made on request, whether due or not
    forced_keys: set[str] = field(default_factory=set)
    # entries that got their outcome without a visit of their own: (key, outcome)
    settled_entries: list[tuple[str, Outcome]] = field(default_factory=list)
    # purged articles that reappeared: their text is redacted when the crawl ends
    pending_purges: list[PurgePlan] = field(default_factory=list)

    @property
    def connection(self) -> sqlite3.Connection:
        """The writing connection."""
        return self.archive.connection

    def outlet(self, key: str) -> Outlet:
        """The settings of an outlet."""
        return self.settings.outlets[key]

    def rules_fingerprint(self, outlet: str) -> str:
        """Fingerprint of the rules by which an outlet's pages are read."""
        return self.outlet(outlet).rules.fingerprint


def make_reading(
    extract: Extract, source: str, rules: str, capture_id: int | None, now: str
) -> Reading:
    """An extract with the digests of its wording, to be stored."""
    wording_digest, text_digest = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    return Reading(extract, wording_digest, text_digest, source, rules, capture_id, now)
