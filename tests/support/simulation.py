"""Weeks in the life of a world: outlets with habits of their own, every act at its own time, and a chronicle of what stood where.

``Life.until`` lets time pass. Articles are published, edited soon and late and in company, retitled, moved, withdrawn, put back,
and reprinted by others; one outlet moves to another domain. Not for: misbehaviour (``weather``), or acts by the hour (``world``).
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.room import Newsroom
from harvester.newsroom.site_feeds import entry_id
from harvester.newsroom.site_shapes import SiteKind
from tests.support.many_outlets import raise_open_file_limit, reword
from tests.support.prose import ProseGenerator

# Age in hours by which so large a share of the edits that follow no other one has come.
EDIT_AGE_QUANTILES = (
    (0.0, 0.05),
    (0.05, 0.3),
    (0.19, 1.0),
    (0.58, 5.0),
    (0.87, 20.0),
    (0.94, 168.0),
    (1.0, 720.0),
)
WITHDRAWN_STATUSES = (404, 410, 302)
FOLLOW_UP_SHARE, FOLLOW_UP_HOURS = (
    0.7,
    4.0,
)  # so many of the further edits come soon after one, within so many hours in the mean
PARAGRAPH_RANGE = (4, 9)
MAX_INITIAL_ARTICLES = 10  # articles of an outlet at the beginning, at most


@dataclass(frozen=True, slots=True)
class PublishingPattern:
    """How an outlet publishes, edits, and what its feed is."""

    kind: SiteKind = "wordpress"
    feed_format: str = ""  # "json", "sitemap" in place of the kind's own feed
    article_weight: float = 1.0  # of all articles
    feed_size: int = 30  # entries of its feed
    sections: tuple[str, ...] = ()  # one feed each
    full_text: bool = False
    edited_share: float = 0.35  # share of articles
    mean_edits: float = 1.97
    age_factor: float = 1.0  # all ages times that
    silent_share: float = 0.5  # share of edits that leave the stated date as it was
    moved_share: float = 0.02  # share of articles
    withdrawn_share: float = 0.04
    restored_share: float = 0.4  # of those
    reprinted_share: float = 0.04  # share of articles that another outlet takes over
    domain_move_fraction: float = 0.0  # part of the whole time after which all of it is at another domain; 0: never
    sends_validators: bool = True
    bumps_edited: bool = False  # what is edited stands at the head of its feed again


PUBLISHING_PATTERNS = (
    PublishingPattern(
        "atom",
        article_weight=2.5,
        feed_size=60,
        edited_share=0.6,
        mean_edits=3.0,
        age_factor=0.5,
        silent_share=0.1,
        reprinted_share=0.12,
    ),
    PublishingPattern("wordpress", full_text=True),
    PublishingPattern("plain", feed_size=20, edited_share=0.2),
    PublishingPattern("wordpress", feed_format="json", silent_share=0.2),
    PublishingPattern("atom", feed_format="sitemap", feed_size=80, article_weight=1.5),
    PublishingPattern(
        "wordpress", sections=("Région", "Sport"), edited_share=0.5, mean_edits=2.5
    ),
    PublishingPattern("atom", domain_move_fraction=0.4),
    PublishingPattern(
        "wordpress",
        feed_size=6,
        article_weight=1.5,
        silent_share=0.1,
        bumps_edited=True,
    ),  # what is new leaves its feed soon
    PublishingPattern("plain", edited_share=0.05, mean_edits=1.2),
    PublishingPattern("atom", edited_share=0.7, mean_edits=3.0, silent_share=1.0),
    PublishingPattern("wordpress", article_weight=0.2, feed_size=10, age_factor=4.0),
    PublishingPattern(
        "atom",
        feed_format="json",
        full_text=True,
        withdrawn_share=0.15,
        restored_share=0.7,
    ),
    PublishingPattern("wordpress", moved_share=0.15, silent_share=0.3),
    PublishingPattern("plain", feed_format="sitemap", feed_size=50, silent_share=0.0),
    PublishingPattern("atom", sends_validators=False, article_weight=0.6),
    PublishingPattern(
        "wordpress", edited_share=0.0, withdrawn_share=0.0, moved_share=0.0
    ),
    PublishingPattern("atom", article_weight=0.4, full_text=True, silent_share=0.0),
    PublishingPattern("wordpress", feed_format="sitemap", moved_share=0.05),
    PublishingPattern("plain", withdrawn_share=0.1, restored_share=0.0),
    PublishingPattern("atom", age_factor=0.3, edited_share=0.5),
)


@dataclass(frozen=True, slots=True)
class ArticleState:
    """What stood there from a time on."""

    at: datetime
    status: int
    title: str
    text: str

    @property
    def wording(self) -> tuple[str, str]:
        """The wording."""
        return self.title, self.text


@dataclass(slots=True)
class FeedListing:
    """An entry as a feed announced it, and of what; ``spans``: first and last of the moments at which somebody could have seen it."""

    feed: str
    entry_id: str
    article: Article
    visible_spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def is_listed_at(self, at: datetime) -> bool:
        """Whether it was announced then."""
        return any(since <= at <= until for since, until in self.visible_spans)


@dataclass(slots=True)
class GroundTruth:
    """The truth of all that happened."""

    states: dict[Article, list[ArticleState]] = field(default_factory=dict)
    listings: dict[tuple[str, str], FeedListing] = field(default_factory=dict)
    reprints: list[tuple[Article, Article]] = field(default_factory=list)

    def record(self, article: Article, at: datetime) -> None:
        """An article as it stands now."""
        self.states.setdefault(article, []).append(
            ArticleState(at, article.status, article.title, article.text)
        )

    def state_at(self, article: Article, at: datetime) -> ArticleState | None:
        """What stood there at a time; None before it was published."""
        return next(
            (one for one in reversed(self.states[article]) if one.at <= at), None
        )


class Simulation:
    """See the module. The same acts for the same seed."""

    def __init__(
        self,
        newsroom: Newsroom,
        *,
        outlet_count: int = 20,
        article_count: int = 20_000,
        days: float = 30.0,
        seed: int = 1,
        patterns: Sequence[PublishingPattern] = PUBLISHING_PATTERNS,
    ) -> None:
        self.newsroom, self.days = newsroom, days
        self.ground_truth = GroundTruth()
        self.rng = random.Random(seed)
        self.patterns: dict[Outlet, PublishingPattern] = {}
        self.started_at = newsroom.now
        self._prose: dict[Outlet, ProseGenerator] = {}
        self._scheduled_actions: list[tuple[datetime, int, Callable[[], None]]] = []
        self._sequence = 0
        self._announced_revisions: dict[Outlet, int] = {}
        self._open_listings: dict[Outlet, list[FeedListing]] = {}
        raise_open_file_limit(outlet_count * 16)
        chosen = [patterns[place % len(patterns)] for place in range(outlet_count)]
        whole = sum(one.article_weight for one in chosen)
        for place, habit in enumerate(chosen):
            outlet = self._open_outlet(place, habit, seed)
            own = round(
                article_count
                * habit.article_weight
                / whole
                / (1 + habit.reprinted_share)
            )
            for number in range(own):
                if number < min(
                    MAX_INITIAL_ARTICLES, own // 3
                ):  # some were there before anybody looked
                    self._publish(
                        outlet,
                        self.started_at
                        - timedelta(hours=MAX_INITIAL_ARTICLES - number),
                    )
                else:
                    self._schedule_at(
                        self.started_at
                        + timedelta(days=self._random_publication_day()),
                        partial(self._publish, outlet),
                    )
            if habit.domain_move_fraction:
                away = self.started_at + timedelta(
                    days=days * habit.domain_move_fraction
                )
                self._schedule_at(away, partial(newsroom.move_domain, outlet))

    def run_until(self, at: datetime) -> None:
        """All that happens up to a time happens; then it is that time."""
        while self._scheduled_actions and self._scheduled_actions[0][0] <= at:
            when, _, act = heapq.heappop(self._scheduled_actions)
            with self.newsroom.lock:
                self.newsroom.now = max(when, self.newsroom.now)
                act()
        self.newsroom.now = at

    def record_listings(self) -> None:
        """Somebody may look now: what the feeds announce is noted."""
        for outlet in self.patterns:
            if self._announced_revisions.get(outlet) != outlet.revision:
                self._announced_revisions[outlet] = outlet.revision
                before = {id(one) for one in self._open_listings.get(outlet, ())}
                self._open_listings[outlet] = list(self._current_listings(outlet))
                for one in self._open_listings[outlet]:
                    if id(one) not in before:
                        one.visible_spans.append((self.newsroom.now, self.newsroom.now))
            for one in self._open_listings[outlet]:
                one.visible_spans[-1] = one.visible_spans[-1][0], self.newsroom.now

    def schedule_in(self, hours: float, action: Callable[[], None]) -> None:
        """Something else happens so much later."""
        self._schedule_at(self.newsroom.now + timedelta(hours=hours), action)

    # ---- what happens

    def _open_outlet(self, index: int, pattern: PublishingPattern, seed: int) -> Outlet:
        outlet = self.newsroom.add_outlet(
            f"outlet-{index:02}", pattern.kind, language="en" if pattern.kind == "atom" else "fr",
            sections=pattern.sections, full_text=pattern.full_text, feed_size=pattern.feed_size,
        )  # fmt: skip
        outlet.feed_format = pattern.feed_format or outlet.feed_format
        outlet.sends_validators, outlet.bumps_edited = (
            pattern.sends_validators,
            pattern.bumps_edited,
        )
        outlet.has_sidebar = index % 3 == 0  # there, pages change with every article
        self.patterns[outlet] = pattern
        self._prose[outlet] = ProseGenerator(f"{seed} {outlet.key}", outlet.language)
        return outlet

    def _current_listings(self, outlet: Outlet) -> Iterator[FeedListing]:
        for path, section in outlet.configured_feeds().items():
            for one in outlet.latest(outlet.feed_size, section):
                feed, name = (
                    f"{outlet.key}{path}",
                    entry_id(outlet, one, outlet.feed_format),
                )
                yield self.ground_truth.listings.setdefault(
                    (feed, name), FeedListing(feed, name, one)
                )

    def _publish(self, outlet: Outlet, at: datetime | None = None) -> None:
        prose, chance = self._prose[outlet], self.rng
        article = outlet.publish(
            prose.title(), prose.article_paragraphs(chance.randint(*PARAGRAPH_RANGE)), author=prose.person(),
            section=chance.choice(outlet.menu_sections), tags=[prose.person().split()[1]], at=at,
        )  # fmt: skip
        self._plan_future(outlet, article)
        if chance.random() < self.patterns[outlet].reprinted_share:
            others = [
                one
                for one in self.patterns
                if one is not outlet and one.language == outlet.language
            ]
            if others:
                other = chance.choice(others)
                self.schedule_in(
                    chance.expovariate(1 / 3.0), lambda: self._reprint(article, other)
                )

    def _plan_future(self, outlet: Outlet, article: Article) -> None:
        """The article's future."""
        habit, chance, prose = self.patterns[outlet], self.rng, self._prose[outlet]
        self.ground_truth.record(article, article.changed_at)
        for age in _random_edit_ages(chance, habit):
            self.schedule_in(age, lambda: self._edit(outlet, article, prose))
        if chance.random() < habit.moved_share:
            self.schedule_in(
                chance.expovariate(1 / 20.0), lambda: self._move(outlet, article)
            )
        if chance.random() < habit.withdrawn_share:
            self.schedule_in(
                0.5 + chance.expovariate(1 / 40.0),
                lambda: self._withdraw(outlet, article),
            )

    def _reprint(self, article: Article, reprinter: Outlet) -> None:
        if article.status == ONLINE_STATUS:
            copy = reprinter.syndicate(article)
            self.ground_truth.reprints.append((article, copy))
            self._plan_future(reprinter, copy)

    def _edit(self, outlet: Outlet, article: Article, prose: ProseGenerator) -> None:
        if article.status != ONLINE_STATUS:
            return
        silent = self.rng.random() < self.patterns[outlet].silent_share
        if self.rng.random() < 0.2:
            outlet.retitle(article, f"{prose.title()} ({prose.number()})", silent)
        else:
            outlet.edit(article, reword(article, prose, self.rng), silent=silent)
        self.ground_truth.record(article, self.newsroom.now)

    def _move(self, outlet: Outlet, article: Article) -> None:
        if article.status == ONLINE_STATUS:
            outlet.move(article, f"{article.slug}-{article.revision}")

    def _withdraw(self, outlet: Outlet, article: Article) -> None:
        outlet.withdraw(article, self.rng.choice(WITHDRAWN_STATUSES))
        self.ground_truth.record(article, self.newsroom.now)
        if self.rng.random() < self.patterns[outlet].restored_share:
            self.schedule_in(
                6.0 + self.rng.expovariate(1 / 60.0),
                lambda: self._restore(outlet, article),
            )

    def _restore(self, outlet: Outlet, article: Article) -> None:
        outlet.restore(article)
        self.ground_truth.record(article, self.newsroom.now)

    # ---- when it happens

    def _schedule_at(self, when: datetime, action: Callable[[], None]) -> None:
        self._sequence += 1
        heapq.heappush(
            self._scheduled_actions,
            (when.replace(microsecond=0), self._sequence, action),
        )

    def _random_publication_day(self) -> float:
        """A day and hour of it: few articles come at night."""
        while True:
            day = self.rng.random() * self.days
            if (
                self.rng.random()
                < 0.15 + 0.85 * max(math.sin(2 * math.pi * (day % 1.0)), 0.0) ** 0.5
            ):
                return day


def _random_edit_ages(rng: random.Random, pattern: PublishingPattern) -> list[float]:
    """Ages in hours."""
    if rng.random() >= pattern.edited_share:
        return []
    found = [_random_edit_age(rng) * pattern.age_factor]
    while rng.random() > 1 / pattern.mean_edits:
        soon = rng.random() < FOLLOW_UP_SHARE
        found.append(
            found[-1] + rng.expovariate(1 / FOLLOW_UP_HOURS)
            if soon
            else _random_edit_age(rng) * pattern.age_factor
        )
    return found


def _random_edit_age(rng: random.Random) -> float:
    part = rng.random()
    for (low, young), (high, old) in pairwise(EDIT_AGE_QUANTILES):
        if part <= high:
            return math.exp(
                math.log(young) + (part - low) / (high - low) * math.log(old / young)
            )
    return EDIT_AGE_QUANTILES[-1][1]
