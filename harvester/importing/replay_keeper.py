"""The keeper of a staging archive, which is given responses of the past.

What a crawl does and a replay must not: it learns no profiles, rings no alerts, and tells
nothing of volumes, layouts and times when nothing was crawled. Nor does it index words
and compare copies: the archive does, once the staging archive is merged into it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from harvester.archive.connection import Archive
from harvester.archive.records import addresses, articles, due_visits
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.identity import urls
from harvester.ingest import purged
from harvester.ingest.address_visits import UNANNOUNCED, find_visit
from harvester.ingest.keeper import Keeper
from harvester.ingest.layout_changes import LayoutMonitor
from harvester.ingest.prepare import Job
from harvester.ingest.profile_learner import ProfileLearner
from harvester.model import Capture, Visit
from harvester.settings import Settings


class FixedProfiles(ProfileLearner):
    """The profiles that are in force, and stay so."""

    def needs_training_page(self, outlet: str) -> bool:
        """Nothing is learned."""
        return False

    def is_due_after_entry(self, outlet: str, became_article: bool, now: str) -> bool:
        """Nothing is learned."""
        return False


class NoLayoutMonitor(LayoutMonitor):
    """A layout that changed long ago needs nobody's attention."""

    def add_page(self, outlet: str, now: str) -> None:
        """Nothing is told."""


class ReplayKeeper(Keeper):
    """Stores what others received. Called in the thread that opened the archive."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        super().__init__(archive, settings)
        self.profile_learner = FixedProfiles(archive, settings, self._store)
        self._layout_monitor = NoLayoutMonitor(archive.connection)
        # Pages are found by URL: which responses are a feed's is decided before.
        self._outlets = {
            key: replace(outlet, feeds=()) for key, outlet in settings.outlets.items()
        }

    def find_visit(self, url: str, outlet: str, feed: str) -> Visit | None:
        """What a response to a request for a URL is; None: the feed is not watched."""
        if feed:
            return due_visits.get_visit(self.connection, "feed", feed)
        return find_visit(self.connection, self._outlets[outlet], url)

    def peek(self, visit: Visit, capture: Capture) -> Job | None:
        """What ``receive`` would return now; nothing is stored."""
        digest = hashlib.sha256(capture.body).hexdigest()
        if not self._is_to_be_read(visit, capture, digest):
            return None
        return self._build_job(visit, capture)

    def find_prompted_check(self, capture: Capture) -> Visit | None:
        """The check of the article that a page has just turned out to be, if it is due.

        In a crawl, another request follows: the page is a stored article's, and its text
        may be another one.
        """
        address = addresses.get_address(
            self.connection, urls.url_key(capture.reached or capture.url)
        )
        if address is None or address.kind == "shared":
            return None
        article = articles.get_article(self.connection, address.article)
        check = due_visits.get_visit(self.connection, "article", address.article)
        if article is None or check is None or not article.prompted:
            return None
        return replace(check, sha256="")

    def redact_purged(self, now: str) -> None:
        """Take out what was purged and appeared at another address, at the end."""
        purged.redact_pending(self._session, now)

    def stored_capture(self, visit: Visit) -> tuple[int | None, str]:
        """Id and digest of the capture of a visit that was received and is not kept."""
        return self._pending_captures[visit.key]

    def receive_stored(
        self, visit: Visit, capture: Capture, stored: tuple[int | None, str]
    ) -> Job | None:
        """Receive a capture that is stored already, for another visit."""
        self._pending_captures[visit.key] = stored
        return self.peek(visit, capture)

    def flush(self) -> None:
        """Write captures to the disk, then commit the rows that point at them."""
        with translate_sqlite_errors(self.archive.path):
            self._store.flush()
        self.archive.commit()


def is_unannounced(visit: Visit) -> bool:
    """Whether a page is visited that neither a feed nor an article names."""
    return visit.key.startswith(UNANNOUNCED)
