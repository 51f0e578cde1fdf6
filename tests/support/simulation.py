"""Weeks of publishing, each change at its own time, with a record of what was where.

Outlets have patterns of their own. Articles are published, edited soon and late and in
bursts, retitled, moved, withdrawn, restored, and reprinted by others; one outlet moves
to another domain. For faults see ``fault_injection``; for one hour of changes,
``many_outlets``.
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

# (share of the edits that follow no other edit, article's age in hours by then)
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
FOLLOW_UP_SHARE = 0.7  # of the further edits come soon after another one …
FOLLOW_UP_HOURS = 4.0  # … after so many hours on average
PARAGRAPH_RANGE = (4, 9)
MAX_INITIAL_ARTICLES = 10  # of an outlet, at the beginning


@dataclass(frozen=True, slots=True)
class PublishingPattern:
    """How an outlet publishes and edits, and what its feeds are."""

    kind: SiteKind = "wordpress"
    feed_format: str = ""  # "json", "sitemap": instead of the kind's own
    article_weight: float = 1.0  # its share of all articles, compared with others
    feed_size: int = 30
    sections: tuple[str, ...] = ()  # one feed for each
    full_text: bool = False
    edited_share: float = 0.35  # of articles
    mean_edits: float = 1.97  # of an edited article
    age_factor: float = 1.0  # for the ages at which it edits
    silent_share: float = 0.5  # of edits
    moved_share: float = 0.02  # of articles
    withdrawn_share: float = 0.04  # of articles
    restored_share: float = 0.4  # of withdrawn articles
    reprinted_share: float = 0.04  # of articles, by another outlet
    # Part of the whole time after which it moves to another domain; 0: never.
    domain_move_fraction: float = 0.0
    sends_validators: bool = True
    bumps_edited: bool = False


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
    # New articles leave this feed soon.
    PublishingPattern(
        "wordpress",
        feed_size=6,
        article_weight=1.5,
        silent_share=0.1,
        bumps_edited=True,
    ),
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
    """An article from a time on."""

    at: datetime
    status: int
    title: str
    text: str

    @property
    def wording(self) -> tuple[str, str]:
        """Title and text."""
        return self.title, self.text


@dataclass(slots=True)
class FeedListing:
    """An entry of a feed, and when it was there."""

    feed: str
    entry_id: str
    article: Article
    # (first, last) of the times at which somebody could have seen it
    visible_spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def is_listed_at(self, at: datetime) -> bool:
        """Whether it was in the feed then."""
        return any(since <= at <= until for since, until in self.visible_spans)


@dataclass(slots=True)
class GroundTruth:
    """The truth about all that was published."""

    states: dict[Article, list[ArticleState]] = field(default_factory=dict)
    listings: dict[tuple[str, str], FeedListing] = field(default_factory=dict)
    reprints: list[tuple[Article, Article]] = field(default_factory=list)

    def record(self, article: Article, at: datetime) -> None:
        """Record an article as it is now."""
        self.states.setdefault(article, []).append(
            ArticleState(at, article.status, article.title, article.text)
        )

    def state_at(self, article: Article, at: datetime) -> ArticleState | None:
        """An article as it was at a time; None before it was published."""
        return next(
            (state for state in reversed(self.states[article]) if state.at <= at), None
        )


class Simulation:
    """Outlets that publish for ``days``; the same for the same seed."""

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
        chosen = [patterns[index % len(patterns)] for index in range(outlet_count)]
        total_weight = sum(pattern.article_weight for pattern in chosen)
        for index, pattern in enumerate(chosen):
            outlet = self._open_outlet(index, pattern, seed)
            share = pattern.article_weight / total_weight
            self._plan_articles(
                outlet, round(article_count * share / (1 + pattern.reprinted_share))
            )
            if pattern.domain_move_fraction:
                move_at = self.started_at + timedelta(
                    days=days * pattern.domain_move_fraction
                )
                self._schedule_at(move_at, partial(newsroom.move_domain, outlet))

    def run_until(self, at: datetime) -> None:
        """Let time pass up to ``at``, with all that happens until then."""
        while self._scheduled_actions and self._scheduled_actions[0][0] <= at:
            when, _, action = heapq.heappop(self._scheduled_actions)
            with self.newsroom.lock:
                self.newsroom.now = max(when, self.newsroom.now)
                action()
        self.newsroom.now = at

    def record_listings(self) -> None:
        """Record what the feeds list now; call it whenever somebody may poll them."""
        now = self.newsroom.now
        for outlet in self.patterns:
            if self._announced_revisions.get(outlet) != outlet.revision:
                self._announced_revisions[outlet] = outlet.revision
                before = {id(item) for item in self._open_listings.get(outlet, ())}
                self._open_listings[outlet] = list(self._current_listings(outlet))
                for listing in self._open_listings[outlet]:
                    if id(listing) not in before:
                        listing.visible_spans.append((now, now))
            for listing in self._open_listings[outlet]:
                listing.visible_spans[-1] = listing.visible_spans[-1][0], now

    def schedule_in(self, hours: float, action: Callable[[], None]) -> None:
        """Call ``action`` so many hours later."""
        self._schedule_at(self.newsroom.now + timedelta(hours=hours), action)

    # ---- what happens

    def _open_outlet(self, index: int, pattern: PublishingPattern, seed: int) -> Outlet:
        outlet = self.newsroom.add_outlet(
            f"outlet-{index:02}",
            pattern.kind,
            language="en" if pattern.kind == "atom" else "fr",
            sections=pattern.sections,
            full_text=pattern.full_text,
            feed_size=pattern.feed_size,
        )
        outlet.feed_format = pattern.feed_format or outlet.feed_format
        outlet.sends_validators = pattern.sends_validators
        outlet.bumps_edited = pattern.bumps_edited
        # With it, all pages of an outlet change with every new article.
        outlet.has_sidebar = index % 3 == 0
        self.patterns[outlet] = pattern
        self._prose[outlet] = ProseGenerator(f"{seed} {outlet.key}", outlet.language)
        return outlet

    def _plan_articles(self, outlet: Outlet, count: int) -> None:
        """Publish some articles before the start, and schedule the others."""
        initial_count = min(MAX_INITIAL_ARTICLES, count // 3)
        for hours in range(MAX_INITIAL_ARTICLES, 0, -1)[:initial_count]:
            self._publish(outlet, self.started_at - timedelta(hours=hours))
        for _ in range(count - initial_count):
            at = self.started_at + timedelta(days=self._random_publication_day())
            self._schedule_at(at, partial(self._publish, outlet))

    def _current_listings(self, outlet: Outlet) -> Iterator[FeedListing]:
        for path, section in outlet.configured_feeds().items():
            feed = f"{outlet.key}{path}"
            for article in outlet.latest(outlet.feed_size, section):
                key = feed, entry_id(outlet, article, outlet.feed_format)
                yield self.ground_truth.listings.setdefault(
                    key, FeedListing(*key, article)
                )

    def _publish(self, outlet: Outlet, at: datetime | None = None) -> None:
        prose, rng = self._prose[outlet], self.rng
        article = outlet.publish(
            prose.title(),
            prose.article_paragraphs(rng.randint(*PARAGRAPH_RANGE)),
            author=prose.person(),
            section=rng.choice(outlet.menu_sections),
            tags=[prose.person().split()[1]],
            at=at,
        )
        self._plan_future(outlet, article)
        if rng.random() < self.patterns[outlet].reprinted_share:
            others = [
                other
                for other in self.patterns
                if other is not outlet and other.language == outlet.language
            ]
            if others:
                reprinter = rng.choice(others)
                self.schedule_in(
                    rng.expovariate(1 / 3.0), lambda: self._reprint(article, reprinter)
                )

    def _plan_future(self, outlet: Outlet, article: Article) -> None:
        """Record a new article, and schedule what happens to it."""
        pattern, rng, prose = self.patterns[outlet], self.rng, self._prose[outlet]
        self.ground_truth.record(article, article.changed_at)
        for age in _random_edit_ages(rng, pattern):
            self.schedule_in(age, lambda: self._edit(outlet, article, prose))
        if rng.random() < pattern.moved_share:
            self.schedule_in(
                rng.expovariate(1 / 20.0), lambda: self._move(outlet, article)
            )
        if rng.random() < pattern.withdrawn_share:
            self.schedule_in(
                0.5 + rng.expovariate(1 / 40.0),
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
        """When an article appears, in days from the start: rarely at night."""
        while True:
            day = self.rng.random() * self.days
            if (
                self.rng.random()
                < 0.15 + 0.85 * max(math.sin(2 * math.pi * (day % 1.0)), 0.0) ** 0.5
            ):
                return day


def _random_edit_ages(rng: random.Random, pattern: PublishingPattern) -> list[float]:
    """An article's ages at its edits, in hours."""
    if rng.random() >= pattern.edited_share:
        return []
    ages = [_random_edit_age(rng) * pattern.age_factor]
    while rng.random() > 1 / pattern.mean_edits:
        follows_soon = rng.random() < FOLLOW_UP_SHARE
        ages.append(
            ages[-1] + rng.expovariate(1 / FOLLOW_UP_HOURS)
            if follows_soon
            else _random_edit_age(rng) * pattern.age_factor
        )
    return ages


def _random_edit_age(rng: random.Random) -> float:
    """An age in hours, interpolated between the quantiles on a logarithmic scale."""
    share = rng.random()
    for (low, young), (high, old) in pairwise(EDIT_AGE_QUANTILES):
        if share <= high:
            return math.exp(
                math.log(young) + (share - low) / (high - low) * math.log(old / young)
            )
    return EDIT_AGE_QUANTILES[-1][1]
