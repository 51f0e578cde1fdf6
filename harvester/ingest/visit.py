"""The page or feed under way: a visit with its response."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.archive.records.feeds import EntryRow, FeedRow
from harvester.model import Capture, Visit


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """The response to a visit to an entry or an article."""

    visit: Visit
    capture: Capture
    capture_id: int | None  # captures.id; None: nothing was received
    now: str
    entry: EntryRow | None  # that announced it
    digest: str = ""  # sha256 of the body
    page_count: int = 1  # pages of the article that were read

    @property
    def final_url(self) -> str:
        """The URL after redirects."""
        return self.capture.reached or self.visit.url


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """The response to a poll."""

    visit: Visit
    capture: Capture
    now: str
    feed: FeedRow  # as it was before the poll
    digest: str = ""  # sha256 of the body
    capture_id: int | None = None  # captures.id; None: nothing was received

    @property
    def has_same_body(self) -> bool:
        """Whether the body is the one read at an earlier poll."""
        return (
            self.capture.is_whole_success
            and not self.capture.truncated
            and self.capture.outcome is None
            and bool(self.feed.sha256)
            and self.digest == self.feed.sha256
        )
