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

from harvester.newsroom.article import HERE, Article
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.prose import Prose
from harvester.newsroom.room import Newsroom, SiteKind
from harvester.newsroom.site_feeds import entry_name
from harvester.newsroom.world import allow_files, other_words

# Age in hours by which so large a share of the edits that follow no other one has come.
WHEN = (
    (0.0, 0.05),
    (0.05, 0.3),
    (0.19, 1.0),
    (0.58, 5.0),
    (0.87, 20.0),
    (0.94, 168.0),
    (1.0, 720.0),
)
GONE = (404, 410, 302)
COMPANY, SOON = (
    0.7,
    4.0,
)  # so many of the further edits come soon after one, within so many hours in the mean
PARAGRAPHS = (4, 9)
SOME = 10  # articles of an outlet at the beginning, at most


@dataclass(frozen=True, slots=True)
class Habit:
    """How an outlet publishes, edits, and what its feed is."""

    kind: SiteKind = "wordpress"
    form: str = ""  # "json", "sitemap" in place of the kind's own feed
    weight: float = 1.0  # of all articles
    listed: int = 30  # entries of its feed
    sections: tuple[str, ...] = ()  # one feed each
    full_text: bool = False
    edited: float = 0.35  # share of articles
    times: float = 1.97
    slower: float = 1.0  # all ages times that
    silent: float = 0.5  # share of edits that leave the stated date as it was
    moved: float = 0.02  # share of articles
    withdrawn: float = 0.04
    restored: float = 0.4  # of those
    reprinted: float = 0.04  # share of articles that another outlet takes over
    moves_house: float = 0.0  # part of the whole time after which all of it is at another domain; 0: never
    validators: bool = True
    bumps: bool = False  # what is edited stands at the head of its feed again


HABITS = (
    Habit(
        "atom",
        weight=2.5,
        listed=60,
        edited=0.6,
        times=3.0,
        slower=0.5,
        silent=0.1,
        reprinted=0.12,
    ),
    Habit("wordpress", full_text=True),
    Habit("plain", listed=20, edited=0.2),
    Habit("wordpress", form="json", silent=0.2),
    Habit("atom", form="sitemap", listed=80, weight=1.5),
    Habit("wordpress", sections=("Région", "Sport"), edited=0.5, times=2.5),
    Habit("atom", moves_house=0.4),
    Habit(
        "wordpress", listed=6, weight=1.5, silent=0.1, bumps=True
    ),  # what is new leaves its feed soon
    Habit("plain", edited=0.05, times=1.2),
    Habit("atom", edited=0.7, times=3.0, silent=1.0),
    Habit("wordpress", weight=0.2, listed=10, slower=4.0),
    Habit("atom", form="json", full_text=True, withdrawn=0.15, restored=0.7),
    Habit("wordpress", moved=0.15, silent=0.3),
    Habit("plain", form="sitemap", listed=50, silent=0.0),
    Habit("atom", validators=False, weight=0.6),
    Habit("wordpress", edited=0.0, withdrawn=0.0, moved=0.0),
    Habit("atom", weight=0.4, full_text=True, silent=0.0),
    Habit("wordpress", form="sitemap", moved=0.05),
    Habit("plain", withdrawn=0.1, restored=0.0),
    Habit("atom", slower=0.3, edited=0.5),
)


@dataclass(frozen=True, slots=True)
class Stood:
    """What stood there from a time on."""

    at: datetime
    status: int
    title: str
    text: str

    @property
    def words(self) -> tuple[str, str]:
        """The wording."""
        return self.title, self.text


@dataclass(slots=True)
class Listed:
    """An entry as a feed announced it, and of what; ``spans``: first and last of the moments at which somebody could have seen it."""

    feed: str
    name: str
    article: Article
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def stood(self, at: datetime) -> bool:
        """Whether it was announced then."""
        return any(since <= at <= until for since, until in self.spans)


@dataclass(slots=True)
class Chronicle:
    """The truth of all that happened."""

    stood: dict[Article, list[Stood]] = field(default_factory=dict)
    listed: dict[tuple[str, str], Listed] = field(default_factory=dict)
    reprints: list[tuple[Article, Article]] = field(default_factory=list)

    def note(self, article: Article, at: datetime) -> None:
        """An article as it stands now."""
        self.stood.setdefault(article, []).append(
            Stood(at, article.status, article.title, article.text)
        )

    def then(self, article: Article, at: datetime) -> Stood | None:
        """What stood there at a time; None before it was published."""
        return next(
            (one for one in reversed(self.stood[article]) if one.at <= at), None
        )


class Life:
    """See the module. The same acts for the same seed."""

    def __init__(
        self,
        newsroom: Newsroom,
        *,
        outlets: int = 20,
        articles: int = 20_000,
        days: float = 30.0,
        seed: int = 1,
        habits: Sequence[Habit] = HABITS,
    ) -> None:
        self.newsroom, self.days = newsroom, days
        self.chronicle = Chronicle()
        self.chance = random.Random(seed)  # noqa: S311 - repeatable on purpose, no secret
        self.habits: dict[Outlet, Habit] = {}
        self.begin = newsroom.clock
        self._prose: dict[Outlet, Prose] = {}
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self._told: dict[Outlet, int] = {}
        self._open: dict[Outlet, list[Listed]] = {}
        allow_files(outlets * 16)
        chosen = [habits[place % len(habits)] for place in range(outlets)]
        whole = sum(one.weight for one in chosen)
        for place, habit in enumerate(chosen):
            outlet = self._founded(place, habit, seed)
            own = round(articles * habit.weight / whole / (1 + habit.reprinted))
            for number in range(own):
                if number < min(
                    SOME, own // 3
                ):  # some were there before anybody looked
                    self._publish(outlet, self.begin - timedelta(hours=SOME - number))
                else:
                    self._at(
                        self.begin + timedelta(days=self._waking()),
                        partial(self._publish, outlet),
                    )
            if habit.moves_house:
                away = self.begin + timedelta(days=days * habit.moves_house)
                self._at(away, partial(newsroom.rehouse, outlet))

    def until(self, at: datetime) -> None:
        """All that happens up to a time happens; then it is that time."""
        while self._coming and self._coming[0][0] <= at:
            when, _, act = heapq.heappop(self._coming)
            with self.newsroom.lock:
                self.newsroom.clock = max(when, self.newsroom.clock)
                act()
        self.newsroom.clock = at

    def look(self) -> None:
        """Somebody may look now: what the feeds announce is noted."""
        for outlet in self.habits:
            if self._told.get(outlet) != outlet.revision:
                self._told[outlet] = outlet.revision
                before = {id(one) for one in self._open.get(outlet, ())}
                self._open[outlet] = list(self._announced(outlet))
                for one in self._open[outlet]:
                    if id(one) not in before:
                        one.spans.append((self.newsroom.clock, self.newsroom.clock))
            for one in self._open[outlet]:
                one.spans[-1] = one.spans[-1][0], self.newsroom.clock

    def later(self, hours: float, act: Callable[[], None]) -> None:
        """Something else happens so much later."""
        self._at(self.newsroom.clock + timedelta(hours=hours), act)

    # ---- what happens

    def _founded(self, place: int, habit: Habit, seed: int) -> Outlet:
        outlet = self.newsroom.outlet(
            f"outlet-{place:02}", habit.kind, language="en" if habit.kind == "atom" else "fr",
            sections=habit.sections, full_text=habit.full_text, feed_size=habit.listed,
        )  # fmt: skip
        outlet.feed_form = habit.form or outlet.feed_form
        outlet.validators, outlet.bumps = habit.validators, habit.bumps
        outlet.sidebar = place % 3 == 0  # there, pages change with every article
        self.habits[outlet] = habit
        self._prose[outlet] = Prose(f"{seed} {outlet.key}", outlet.language)
        return outlet

    def _announced(self, outlet: Outlet) -> Iterator[Listed]:
        for path, section in outlet.feed_paths().items():
            for one in outlet.latest(outlet.feed_size, section):
                feed, name = (
                    f"{outlet.key}{path}",
                    entry_name(outlet, one, outlet.feed_form),
                )
                yield self.chronicle.listed.setdefault(
                    (feed, name), Listed(feed, name, one)
                )

    def _publish(self, outlet: Outlet, at: datetime | None = None) -> None:
        prose, chance = self._prose[outlet], self.chance
        article = outlet.publish(
            prose.title(), prose.article(chance.randint(*PARAGRAPHS)), author=prose.person(),
            section=chance.choice(outlet.menu), tags=[prose.person().split()[1]], at=at,
        )  # fmt: skip
        self._published(outlet, article)
        if chance.random() < self.habits[outlet].reprinted:
            others = [
                one
                for one in self.habits
                if one is not outlet and one.language == outlet.language
            ]
            if others:
                other = chance.choice(others)
                self.later(
                    chance.expovariate(1 / 3.0), lambda: self._reprint(article, other)
                )

    def _published(self, outlet: Outlet, article: Article) -> None:
        """The article's future."""
        habit, chance, prose = self.habits[outlet], self.chance, self._prose[outlet]
        self.chronicle.note(article, article.touched)
        for age in _edits(chance, habit):
            self.later(age, lambda: self._edit(outlet, article, prose))
        if chance.random() < habit.moved:
            self.later(
                chance.expovariate(1 / 20.0), lambda: self._move(outlet, article)
            )
        if chance.random() < habit.withdrawn:
            self.later(
                0.5 + chance.expovariate(1 / 40.0),
                lambda: self._withdraw(outlet, article),
            )

    def _reprint(self, article: Article, other: Outlet) -> None:
        if article.status == HERE:
            copy = other.syndicate(article)
            self.chronicle.reprints.append((article, copy))
            self._published(other, copy)

    def _edit(self, outlet: Outlet, article: Article, prose: Prose) -> None:
        if article.status != HERE:
            return
        silent = self.chance.random() < self.habits[outlet].silent
        if self.chance.random() < 0.2:
            outlet.retitle(article, f"{prose.title()} ({prose.number()})", silent)
        else:
            outlet.edit(
                article, other_words(article, prose, self.chance), silent=silent
            )
        self.chronicle.note(article, self.newsroom.clock)

    def _move(self, outlet: Outlet, article: Article) -> None:
        if article.status == HERE:
            outlet.move(article, f"{article.slug}-{article.revision}")

    def _withdraw(self, outlet: Outlet, article: Article) -> None:
        outlet.withdraw(article, self.chance.choice(GONE))
        self.chronicle.note(article, self.newsroom.clock)
        if self.chance.random() < self.habits[outlet].restored:
            self.later(
                6.0 + self.chance.expovariate(1 / 60.0),
                lambda: self._restore(outlet, article),
            )

    def _restore(self, outlet: Outlet, article: Article) -> None:
        outlet.restore(article)
        self.chronicle.note(article, self.newsroom.clock)

    # ---- when it happens

    def _at(self, when: datetime, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._coming, (when.replace(microsecond=0), self._number, act))

    def _waking(self) -> float:
        """A day and hour of it: few articles come at night."""
        while True:
            day = self.chance.random() * self.days
            if (
                self.chance.random()
                < 0.15 + 0.85 * max(math.sin(2 * math.pi * (day % 1.0)), 0.0) ** 0.5
            ):
                return day


def _edits(chance: random.Random, habit: Habit) -> list[float]:
    """Ages in hours."""
    if chance.random() >= habit.edited:
        return []
    found = [_age(chance) * habit.slower]
    while chance.random() > 1 / habit.times:
        soon = chance.random() < COMPANY
        found.append(
            found[-1] + chance.expovariate(1 / SOON)
            if soon
            else _age(chance) * habit.slower
        )
    return found


def _age(chance: random.Random) -> float:
    part = chance.random()
    for (low, young), (high, old) in pairwise(WHEN):
        if part <= high:
            return math.exp(
                math.log(young) + (part - low) / (high - low) * math.log(old / young)
            )
    return WHEN[-1][1]
