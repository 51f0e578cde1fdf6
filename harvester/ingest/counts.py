"""The result of one visit, and the counts of a crawl so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import harvester
from harvester.model import Outcome

PROGRAM = f"harvester/{harvester.__version__}"  # as crawls and WARC files name it


@dataclass(frozen=True, slots=True)
class VisitResult:
    """The result of one visit."""

    outcome: Outcome
    reason: str = ""
    learn_outlet: str = ""  # outlet whose profile is to be learned now
    again: bool = False  # the visit goes on with another request


@dataclass(slots=True)
class CrawlCounts:
    """What a crawl did so far. A visit reads a feed, or has one of the outcomes.

    An entry that gets its outcome without a request of its own counts as a visit too:
    the page of another entry answers for it, it is refused, or is an article by itself.
    """

    visits: int = 0
    captures: int = 0
    feeds: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, count: int = 1) -> None:
        """Count visits with an outcome."""
        self.visits += count
        if count:  # else the counter would have a name for nothing
            self.outcomes[outcome.value] += count

    def as_dict(self) -> dict[str, int]:
        """All counts by name; visits = feeds + the sum of all outcomes."""
        return {
            "visits": self.visits,
            "feeds": self.feeds,
            "captures": self.captures,
            **{outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
        }
