"""What became of one visit, and of all visits of a crawl so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from harvester.model import Outcome


@dataclass(frozen=True, slots=True)
class VisitResult:
    """What became of a visit."""

    outcome: Outcome
    reason: str = ""
    learn_outlet: str = ""  # the outlet of which a profile is to be learned now


@dataclass(slots=True)
class CrawlCounts:
    """What a crawl has done so far. A visit is a feed that was read, or has one of the outcomes."""

    visits: int = 0
    captures: int = 0
    feeds: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, int]:
        """visits = feeds + the sum of all outcomes."""
        return {
            "visits": self.visits,
            "feeds": self.feeds,
            "captures": self.captures,
            **{outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
        }
