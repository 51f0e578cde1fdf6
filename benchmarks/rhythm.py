"""Simulate polls of 200 feeds of known rhythm, and compare schedules.

    python benchmarks/rhythm.py [--feeds 200] [--weeks 3] [--seed 1000] [--cold]

The clock is the simulation's own; there is no network. Feeds are news sites with days
and nights, weekends, batches and bursts, sections, blogs, weeklies and dead feeds; their
lists hold 10 to 100 entries, and some suddenly list hundreds from their past. Each
schedule learns for all weeks but the last, which is reported (``--cold``: the first, of
which nothing is known before): entries that left the list before a poll saw them, how
long the others waited, and how many requests it took.

Schedules beside ours: every 15 minutes; Media Cloud's rule (rss-fetcher, ``tasks.py``:
from the share of known entries in a list); the moving average of Urbansky et al. (ICWSM
2011, "min delay": the mean gap between the entries in the list), with our bounds, 5
minutes and a day; and ours with intervals stretched to about as many requests as that
takes. The constants of ours were chosen on seeds 1 to 6.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harvester.schedule import poll_rhythm
from harvester.schedule.poll_rhythm import PollResult, Rhythm

HOUR = 3_600.0
WEEK = 168 * HOUR
START = 1_757_894_400.0  # Monday, 2025-09-15T00:00:00Z
MAX_BATCH = 6  # entries at once: more than a list holds nobody could see
KINDS = (  # share of feeds
    ("news site", 0.35),
    ("section", 0.25),
    ("blog", 0.15),
    ("weekly", 0.10),
    ("dead", 0.15),
)


@dataclass(frozen=True)
class SimulatedFeed:
    """A feed: when its entries are published, and how many it lists."""

    name: str
    kind: str
    times: Sequence[float]  # ascending; also before the first poll
    listed: int
    flood: tuple[float, int] = (math.inf, 0)  # when it lists so many old entries


@dataclass
class Counts:
    """What came of polls in the weeks that count."""

    entries: int = 0
    missed: int = 0
    requests: int = 0
    fruitful: int = 0
    delays: list[float] = field(default_factory=list)


# ---- feeds


def draw_feed(number: int, weeks: int, random_: random.Random) -> SimulatedFeed:
    """A feed of one of the kinds."""
    kind = random_.choices(*zip(*KINDS, strict=True))[0]
    begin, end = START - 4 * WEEK, START + weeks * WEEK
    listed = random_.choice((10, 15, 20, 20, 25, 30, 40, 50, 50, 100))
    times: list[float] = []
    if kind == "news site":
        per_day = min(max(random_.lognormvariate(math.log(45), 0.9), 8), 300)
        # Editors let a list hold some hours of an ordinary day.
        listed = max(listed, 10 * math.ceil(per_day / 100))
        times = _draw_news(begin, end, per_day, random_)
    elif kind == "section":
        times = _draw_news(begin, end, random_.uniform(1, 10), random_)
    elif kind == "blog":
        times = _draw_news(begin, end, random_.uniform(1, 6) / 7, random_)
    elif kind == "weekly":
        issue = random_.uniform(0, WEEK)
        size = random_.randint(5, 30)
        listed = max(listed, size)
        while begin + issue < end:
            at = begin + issue + random_.gauss(0, HOUR)
            spread = random_.choice((0.0, 60.0, 600.0))
            times += [at + random_.uniform(0, spread) for _ in range(size)]
            issue += WEEK
    else:
        times = [begin - random_.uniform(0, 50 * WEEK) for _ in range(listed)]
    flood = (math.inf, 0)
    if random_.random() < 0.05:
        flood = random_.uniform(START, end), random_.randint(50, 600)
    return SimulatedFeed(
        f"https://{number}.example/feed", kind, sorted(times), listed, flood
    )


def _draw_news(
    begin: float, end: float, per_day: float, random_: random.Random
) -> list[float]:
    """Publications with days, nights, weekends, batches and bursts."""
    zone = random_.randint(-8, 10)
    morning, evening = random_.uniform(5, 9), random_.uniform(17, 23)
    night = random_.uniform(0.0, 0.15)
    weekend = random_.uniform(0.3, 0.9)
    batch = random_.choice((1, 1, 1, 2, 4))  # mean number at once
    shape = [
        (1.0 if morning <= hour < evening else night)
        * (1.4 if morning <= hour < morning + 3 else 1.0)
        for hour in range(24)
    ]
    scale = per_day / sum(shape)
    bursts = []
    at = begin
    while at < end and per_day >= 8:
        at += random_.expovariate(1 / (6 * 24 * HOUR))
        bursts.append(
            (at, at + random_.uniform(0.7, 3) * HOUR, random_.uniform(2.5, 7))
        )
    times = []
    hour_start = begin
    burst = 0
    while hour_start < end:
        local = int(hour_start // HOUR + zone + 72)
        rate = scale * shape[local % 24] * (weekend if local % 168 >= 120 else 1.0)
        while burst < len(bursts) and bursts[burst][1] < hour_start:
            burst += 1
        if burst < len(bursts) and bursts[burst][0] <= hour_start:
            # At night a burst is news for those who are awake.
            rate = max(rate, 0.5 * scale) * bursts[burst][2]
        at = hour_start
        while rate > 0:
            at += random_.expovariate(rate / batch / HOUR)
            if at >= hour_start + HOUR:
                break
            count = 1 if batch == 1 else 1 + int(random_.expovariate(1 / (batch - 0.5)))
            count = min(count, MAX_BATCH)
            times += [at + 20.0 * place for place in range(count)]
        hour_start += HOUR
    return times


# ---- schedules: what a poll brought → seconds until the next


@dataclass(frozen=True)
class Listing:
    """What a poll saw. ``times``: of listed entries, the newest first."""

    now: float
    times: Sequence[float]
    new: Sequence[float]
    has_gap: bool
    is_first: bool


class Fixed:
    """Every 15 minutes."""

    def __init__(self, feed: SimulatedFeed) -> None:
        pass

    def next_interval(self, listing: Listing) -> float:
        return 900.0


class MediaCloud:
    """rss-fetcher's rule: longer where most entries are known, shorter where few are."""

    DEFAULT, SMALL, LARGE, MIN, MAX = 360.0, 10.0, 60.0, 10.0, 1_440.0

    def __init__(self, feed: SimulatedFeed) -> None:
        self.minutes = self.DEFAULT
        self.last_new = START

    def next_interval(self, listing: Listing) -> float:
        if listing.new:
            self.last_new = listing.now
        if listing.is_first:
            return self.minutes * 60
        known = 1 - len(listing.new) / len(listing.times) if listing.times else 1.0
        if known >= 0.67:
            is_active = listing.now - self.last_new <= 31 * 24 * HOUR
            step = self.SMALL if is_active or known < 1 else self.LARGE
            self.minutes = min(self.minutes + step, self.MAX)
        elif known < 0.33:
            if self.minutes > self.DEFAULT:
                self.minutes = self.DEFAULT
            else:
                self.minutes = max(self.minutes - self.LARGE, self.MIN)
        return self.minutes * 60


class MovingAverage:
    """Urbansky et al.: the mean gap between entries; without news, up to now."""

    def __init__(self, feed: SimulatedFeed) -> None:
        pass

    def next_interval(self, listing: Listing) -> float:
        times = listing.times
        if len(times) < 2:
            return 1_800.0
        newest, oldest = times[0], times[-1]
        gaps = len(times) - 1
        average = (newest - oldest) / gaps
        if average <= 0:
            return poll_rhythm.MAX_SECONDS
        if not listing.new:
            average += (listing.now - newest - (newest - times[1])) / gaps
        return min(max(average, poll_rhythm.MIN_SECONDS), poll_rhythm.MAX_SECONDS)


class Learned:
    """Ours."""

    unit_hours = poll_rhythm.INTERVAL_HOURS_AT_UNIT_RATE

    def __init__(self, feed: SimulatedFeed) -> None:
        self.rhythm = Rhythm()
        self.name = feed.name

    def next_interval(self, listing: Listing) -> float:
        self.rhythm = poll_rhythm.learn(
            self.rhythm,
            PollResult(listing.now, listing.new, len(listing.times), listing.has_gap),
        )
        interval = poll_rhythm.learned_interval(self.rhythm, unit_hours=self.unit_hours)
        return poll_rhythm.jittered(interval, self.name, listing.now)


class LearnedRarely(Learned):
    """Ours, with so long intervals that it takes as many requests as Urbansky's."""

    unit_hours = 0.55


Schedule = Fixed | MediaCloud | MovingAverage | Learned
SCHEDULES: dict[str, Callable[[SimulatedFeed], Schedule]] = {
    "15 minutes": Fixed,
    "Media Cloud": MediaCloud,
    "Urbansky": MovingAverage,
    "ours": Learned,
    "ours, longer": LearnedRarely,
}


# ---- the simulation


def simulate(
    feed: SimulatedFeed,
    schedule: Schedule,
    begin: float,
    end: float,
    counts: Counts,
) -> None:
    """Poll a feed until ``end``; what happens from ``begin`` on counts."""
    offset = random.Random(feed.name).uniform(0, 900)
    now, seen, is_first, was_flooded = START + offset, 0, True, False
    while now < end:
        published = bisect_right(feed.times, now)
        start = max(published - feed.listed, 0)
        first_new = max(start, seen)
        new = feed.times[first_new:published]
        old: list[float] = []
        if now >= feed.flood[0] and not was_flooded and not is_first:
            old = [feed.flood[0] - 30 * WEEK - n * HOUR for n in range(feed.flood[1])]
            was_flooded = True
        has_gap = not is_first and start >= seen and published > seen
        if now >= begin and not is_first:
            counts.requests += 1
            counts.fruitful += bool(new)
            lost = feed.times[seen:first_new]
            counts.missed += sum(at >= begin for at in lost)
            fresh = [now - at for at in new if at >= begin]
            counts.delays += fresh
            counts.entries += sum(at >= begin for at in lost) + len(fresh)
        listing = Listing(
            now,
            [*feed.times[start:published][::-1], *old],
            [*new, *old],
            has_gap and not old,
            is_first,
        )
        seen, is_first = published, False
        now += schedule.next_interval(listing)


def quantile(values: list[float], share: float) -> float:
    """A quantile of sorted values; 0 without any."""
    return values[min(int(share * len(values)), len(values) - 1)] if values else 0.0


def run(
    feeds: Sequence[SimulatedFeed], name: str, begin: float, end: float
) -> dict[str, Counts]:
    """The counts of a schedule, by kind of feed."""
    by_kind: dict[str, Counts] = {kind: Counts() for kind, _ in KINDS}
    for feed in feeds:
        simulate(feed, SCHEDULES[name](feed), begin, end, by_kind[feed.kind])
    return by_kind


def total(by_kind: dict[str, Counts]) -> Counts:
    """The sum over all kinds."""
    sums = Counts()
    for counts in by_kind.values():
        sums.entries += counts.entries
        sums.missed += counts.missed
        sums.requests += counts.requests
        sums.fruitful += counts.fruitful
        sums.delays += counts.delays
    return sums


def describe(name: str, counts: Counts) -> str:
    """A row of the table."""
    delays = sorted(counts.delays)
    missed = counts.missed / max(counts.entries, 1)
    fruitful = counts.fruitful / max(counts.requests, 1)
    return (
        f"{name:<22}{counts.entries:>9,}{missed:>9.3%}"
        f"{quantile(delays, 0.5) / 60:>9.1f}{quantile(delays, 0.95) / 60:>9.1f}"
        f"{counts.requests:>11,}{fruitful:>10.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--cold", action="store_true", help="report the first week")
    parser.add_argument("--kinds", action="store_true", help="also by kind of feed")
    parser.add_argument("--only", choices=SCHEDULES)
    options = parser.parse_args()
    weeks = 1 if options.cold else options.weeks
    random_ = random.Random(options.seed)
    feeds = [draw_feed(number, weeks, random_) for number in range(options.feeds)]
    begin, end = START + (weeks - 1) * WEEK, START + weeks * WEEK
    print(f"{len(feeds)} feeds, week {weeks}, seed {options.seed}")
    print(
        f"{'':<22}{'entries':>9}{'missed':>9}{'p50 min':>9}{'p95 min':>9}"
        f"{'requests':>11}{'fruitful':>10}"
    )
    for name in SCHEDULES:
        if options.only in (None, name):
            started = time.process_time()
            by_kind = run(feeds, name, begin, end)
            spent = time.process_time() - started
            print(f"{describe(name, total(by_kind))}   {spent:.1f} s")
            if options.kinds:
                for kind, counts in by_kind.items():
                    print(describe(f"    {kind}", counts))


if __name__ == "__main__":
    main()
