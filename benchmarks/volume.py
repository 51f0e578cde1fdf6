"""Simulate outlets of known rhythm, and count alarms of unusual volume.

    python benchmarks/volume.py [--outlets 100] [--weeks 52] [--seed 1000] [--real PATH]

The outlets are those of ``benchmarks/rhythm.py`` (news sites, sections, blogs, weeklies,
with days and nights, weekends, batches and bursts), and each has holidays besides: twelve
days a year on which it brings a part of what is usual. What it publishes does not change
otherwise, so each alarm is a false one. Then a change is made: from some time on, a
share of the articles is missing, or there are several times as many; reported are the
share of outlets whose alarm comes within a week, and after how long.

``--real``: a file with the times of an outlet's articles, one a line (ISO 8601); its
alarms are counted as well. The constants were chosen on seeds 1 to 3.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.rhythm import HOUR, START, WEEK, draw_feed
from harvester.schedule import volume
from harvester.schedule.volume import HourCount, VolumeChange

DAY = 24 * HOUR
HOLIDAYS = 12  # a year
HOLIDAY_SHARES = (0.3, 0.8)  # of what is usual
LEARNED_WEEKS = 6  # before a change
CHANGES = (0.0, 0.1, 0.25, 0.5, 2.0, 4.0, 10.0)  # articles in multiples of the usual


@dataclass(frozen=True)
class Outlet:
    """An outlet: when its articles are published."""

    kind: str
    times: Sequence[float]

    def per_week(self) -> float:
        """Articles a week."""
        if not self.times:
            return 0.0
        return len(self.times) / ((max(self.times) - min(self.times)) / WEEK + 1)


def draw_outlet(number: int, weeks: int, random_: random.Random) -> Outlet:
    """An outlet with holidays."""
    feed = draw_feed(number, weeks, random_)
    days = round(weeks / 52 * HOLIDAYS)
    holidays = {
        int(START // DAY) + random_.randrange(weeks * 7): random_.uniform(
            *HOLIDAY_SHARES
        )
        for _ in range(days)
    }
    times = [
        at
        for at in feed.times
        if at >= START and random_.random() < holidays.get(int(at // DAY), 1.0)
    ]
    return Outlet(feed.kind, times)


def count_hours(times: Sequence[float], begin: float, end: float) -> list[HourCount]:
    """Articles of each hour."""
    counts = Counter(int(at // HOUR) for at in times)
    return [
        HourCount(hour * HOUR, counts[hour])
        for hour in range(int(begin // HOUR), int(end // HOUR))
    ]


def change_times(
    times: Sequence[float], since: float, factor: float, random_: random.Random
) -> list[float]:
    """The times, with a part or a multiple of the articles from a time on."""
    changed = []
    for at in times:
        copies = 1
        if at >= since:
            copies = int(factor) + (random_.random() < factor % 1)
        changed += [at + random_.uniform(0, HOUR / 2) * n for n in range(copies)]
    return changed


def find_delay(outlet: Outlet, factor: float, random_: random.Random) -> float | None:
    """Hours until the alarm after a change; None: none within a week."""
    since = START + (LEARNED_WEEKS + random_.random()) * WEEK
    times = change_times(outlet.times, since, factor, random_)
    hours = count_hours(times, START, since + WEEK)
    _, changes = volume.follow(volume.Volume(), hours)
    wanted = "few" if factor < 1 else "many"
    for change in changes:
        if change.at > since and change.alarm == wanted and not change.ended:
            return (change.at - since) / HOUR
    return None


def read_real(file: Path) -> list[HourCount]:
    """Hours of an outlet whose times are in a file."""
    times = sorted(
        datetime.fromisoformat(line).replace(tzinfo=UTC).timestamp()
        if line[-1] not in "Z" and "+" not in line[10:]
        else datetime.fromisoformat(line).timestamp()
        for line in file.read_text().split()
    )
    return count_hours(times, times[0], times[-1] + HOUR)


def alarms_of(hours: Sequence[HourCount]) -> list[VolumeChange]:
    """The alarms that hours bring."""
    _, changes = volume.follow(volume.Volume(), hours)
    return [change for change in changes if not change.ended]


def report_false_alarms(outlets: Sequence[Outlet], weeks: int) -> None:
    """Print false alarms an outlet and year, by kind of outlet."""
    years: Counter[str] = Counter()
    alarms: Counter[tuple[str, str]] = Counter()
    started = time.process_time()
    for outlet in outlets:
        found = alarms_of(count_hours(outlet.times, START, START + weeks * WEEK))
        for kind in (outlet.kind, "all"):
            years[kind] += 1
            for alarm in found:
                alarms[kind, alarm.alarm] += 1
    hours = len(outlets) * weeks * 168
    cost = (time.process_time() - started) / hours * 1e6
    watched = (weeks - volume.MIN_WEEKS) / 52
    print(f"false alarms an outlet and year ({watched:.2f} years of each)")
    for kind, number in years.items():
        rates = [alarms[kind, name] / number / watched for name in ("few", "many")]
        print(
            f"  {kind:<10} {number:>4} outlets  few {rates[0]:5.3f}  many {rates[1]:5.3f}"
        )
    print(f"  {cost:.0f} µs an hour of an outlet")


def report_detection(outlets: Sequence[Outlet], seed: int) -> None:
    """Print how many changes are noticed within a week, and how soon."""
    print("noticed within a week, after hours (median)")
    for low, high in ((20, 70), (70, 350), (350, 10_000)):
        group = [outlet for outlet in outlets if low <= outlet.per_week() < high]
        parts = []
        for factor in CHANGES:
            random_ = random.Random(seed)
            delays = [find_delay(outlet, factor, random_) for outlet in group]
            noticed = [delay for delay in delays if delay is not None]
            middle = f"{statistics.median(noticed):.0f} h" if noticed else ""
            parts.append(
                f"×{factor:g}: {len(noticed) / max(len(group), 1):.0%} {middle}"
            )
        print(f"  {low} to {high} articles a week ({len(group)}): {', '.join(parts)}")


def main() -> None:
    """Run the simulation."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outlets", type=int, default=100)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--real", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    random_ = random.Random(arguments.seed)
    outlets = [
        draw_outlet(number, arguments.weeks, random_)
        for number in range(arguments.outlets)
    ]
    report_false_alarms(outlets, arguments.weeks)
    report_detection(outlets, arguments.seed)
    for file in arguments.real:
        hours = read_real(file)
        alarms = alarms_of(hours)
        print(f"{file.name}: {len(hours) / 8766:.2f} years, {len(alarms)} alarms")
        for alarm in alarms:
            at = datetime.fromtimestamp(alarm.at, UTC)
            print(
                f"  {at:%Y-%m-%d %H:%M} {alarm.alarm} {alarm.count} {alarm.usual:.0f}"
            )


if __name__ == "__main__":
    main()
