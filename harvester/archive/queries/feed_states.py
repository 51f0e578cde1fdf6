"""How each feed does at present, in one word: for overviews of all feeds.

In full, with what to do about it: ``report``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.archive.records.feeds import GONE_POLLS
from harvester.model import Outcome

MAX_FEEDS = 5_000  # sitemaps of an index are many

Health = Literal["failing", "waiting", "well"]
HEALTH_ORDER: tuple[Health, ...] = ("failing", "waiting", "well")  # trouble first


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed that is polled."""

    outlet: str
    feed: str
    title: str
    outcome: str
    reason: str
    since: str  # of outcome and reason
    failures: int  # in a row
    is_gone: int

    @property
    def health(self) -> Health:
        """ "waiting": it was not read yet, for no fault of its own."""
        if self.outcome in (Outcome.CHANGED.value, Outcome.UNCHANGED.value):
            return "well"
        is_waiting = self.outcome == Outcome.WAITING.value and not self.failures
        return "waiting" if is_waiting else "failing"


def list_feed_states(
    connection: sqlite3.Connection, outlets: Sequence[str] = ()
) -> list[FeedState]:
    """The feeds of these outlets, or of all: failing ones first, the latest to fail first."""
    rows = connection.execute(
        """
        select f.outlet, f.url, f.title, f.outcome, f.reason, f.since, f.failures,
            f.gone_polls >= :gone_polls
        from feeds f join outlets o on o.key = f.outlet
        where f.active and o.active
            and (:outlets = '[]' or f.outlet in (select value from json_each(:outlets)))
        order by f.since desc, f.outlet, f.url
        limit :limit""",
        {
            "gone_polls": GONE_POLLS,
            "outlets": json.dumps(outlets),
            "limit": MAX_FEEDS,
        },
    )
    states = [FeedState(*row) for row in rows]
    return sorted(states, key=lambda state: HEALTH_ORDER.index(state.health))
