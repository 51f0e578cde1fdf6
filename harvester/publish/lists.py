"""What lists are made of: articles and changes in their order, and rows of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harvester.archive.queries import edition, overview
from harvester.archive.queries.edition import EDITION_KINDS, Card
from harvester.archive.queries.overview import ArticleEvent, OutletInfo
from harvester.publish.rendering import Renderer
from harvester.publish.survey import Survey, group_by_day

REMOVED, RETURNED = map(EDITION_KINDS.index, ("removed", "returned"))
EDITS = tuple(map(EDITION_KINDS.index, ("edited", "headline", "back")))


@dataclass(frozen=True, slots=True)
class Page:
    """A file, what it is made of, and what makes it."""

    file: str
    parts: tuple[object, ...]
    render: Callable[[], str | bytes]


@dataclass(frozen=True)
class Lists:
    """All lists of an edition."""

    connection: sqlite3.Connection
    survey: Survey
    renderer: Renderer

    @cached_property
    def articles(self) -> list[int]:
        """Indexes of articles, the last published first."""
        return self.survey.list_newest_articles()

    @cached_property
    def events(self) -> list[int]:
        """Indexes of changes, newest first."""
        return self.survey.list_newest_events()

    @cached_property
    def removals(self) -> list[int]:
        """Indexes of removals and returns, newest first."""
        kinds = self.survey.event_kinds
        return [index for index in self.events if kinds[index] in (REMOVED, RETURNED)]

    @cached_property
    def outlet_events(self) -> dict[int, list[int]]:
        """Changes by the number of their outlet, newest first."""
        return _split(self.events, self.survey.event_outlets)

    @cached_property
    def outlet_articles(self) -> dict[int, list[int]]:
        """Articles by the number of their outlet, the last published first."""
        return _split(self.articles, self.survey.article_outlets)

    @cached_property
    def article_days(self) -> dict[str, list[int]]:
        """Articles by day, the newest first."""
        return dict(group_by_day(self.articles, self.survey.article_times))

    @cached_property
    def event_days(self) -> dict[str, list[int]]:
        """Changes by day, the newest first."""
        return dict(group_by_day(self.events, self.survey.event_times))

    @cached_property
    def infos(self) -> Mapping[str, OutletInfo]:
        """Outlets by key."""
        return {info.key: info for info in overview.list_outlet_infos(self.connection)}

    def load_cards(self, indexes: Sequence[int]) -> list[Card]:
        """Articles as lists show them."""
        ids = [self.survey.article_ids[index] for index in indexes]
        return edition.list_cards(self.connection, ids)

    def load_events(self, indexes: Sequence[int]) -> list[ArticleEvent]:
        """Changes as lists show them."""
        ids = [self.survey.event_ids[index] for index in indexes]
        return overview.load_events(self.connection, ids)

    def sign_cards(self, indexes: Sequence[int]) -> tuple[int, ...]:
        """What cards are made of."""
        return tuple(self.survey.card_signatures[index] for index in indexes)

    def sign_events(self, indexes: Sequence[int]) -> tuple[int, ...]:
        """What rows of changes are made of."""
        return tuple(self.survey.event_signatures[index] for index in indexes)


def _split(indexes: Sequence[int], outlets: Sequence[int]) -> dict[int, list[int]]:
    """Indexes by outlet, in their order."""
    groups: dict[int, list[int]] = {}
    for index in indexes:
        groups.setdefault(outlets[index], []).append(index)
    return groups
