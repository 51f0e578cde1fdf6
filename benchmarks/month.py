"""Simulate a month of many outlets and random faults, with the real crawl.

    python benchmarks/month.py [--days 30] [--outlets 20] [--articles 20000] [--seed 1]
                               [--folder DIR] [--json]

Outlets with feeds of all kinds publish, edit, retitle, rename, withdraw, restore and
reprint articles; one moves to another domain. Servers fail at random in every way. The
crawl is killed now and then (kill -9), the machine sleeps once, and the clock steps back
and forth. Spiders, workers, HTTP on loopback and the archive are real; only the time is
passed in, in steps of 15 minutes, and politeness takes none of it. Prints figures by
week and a verdict on each promise; the exit code is 1 if one is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from benchmarks.month_process import Crawl
from harvester.newsroom import Newsroom
from harvester.schedule.times import format_time
from tests.support.fault_injection import FaultInjector
from tests.support.simulation import Simulation

STEP = timedelta(minutes=15)
TROUBLES = 0.35  # an outlet and day
KILLS = 0.8  # a day, in the first part of the time
CALM = 0.6  # of the time; from then on one process lives to the end, and must not grow
PERIODS = 5
START = datetime(2025, 9, 6, 0, 0, tzinfo=UTC)
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Day:
    """What was measured at the end of a day."""

    day: int
    articles: int = 0
    versions: int = 0
    visits: int = 0
    cpu: float = 0.0  # of the tree, so far
    rss: int = 0  # bytes, of the crawl process
    workers: int = 0  # bytes, of the largest worker
    handles: int = 0
    archive: int = 0
    log: int = 0  # bytes of the write-ahead log, maximum of the day
    captures: int = 0
    # Maximum hours by which anything was overdue, at outlets without faults.
    late: float = 0.0
    fault: str = ""  # what is inconsistent


@dataclass(slots=True)
class Run:
    """What ``judge`` needs: the truth, and when the crawl read each feed."""

    life: Simulation
    weather: FaultInjector
    crawl: Crawl
    folder: Path
    said: dict[str, datetime] = field(
        default_factory=dict
    )  # the crawl's time → the true one
    reads: dict[str, list[datetime]] = field(
        default_factory=dict
    )  # feed → times at which it was served, and the response surely stored
    days: list[Day] = field(default_factory=list)
    kills: int = 0
    end: datetime = START
    asleep: list[tuple[datetime, datetime]] = field(default_factory=list)
    seconds: float = 0.0

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Rows of the archive."""
        with closing(
            sqlite3.connect(
                f"file:{self.folder / 'archive.db'}?mode=ro", uri=True, timeout=60
            )
        ) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()

    def true(self, at: str) -> datetime:
        """Return the true time of a time by the crawl's clock."""
        return self.said.get(at) or datetime.fromisoformat(at)


def simulate(
    folder: Path,
    days: float,
    outlets: int,
    articles: int,
    seed: int,
    newsroom: Newsroom,
) -> Run:
    """Run the whole simulation."""
    chance = random.Random(f"month {seed}")
    life = Simulation(
        newsroom, outlet_count=outlets, article_count=articles, days=days, seed=seed
    )
    weather = FaultInjector(list(life.patterns), life.schedule_in, TROUBLES, seed)
    settings = folder / "settings.toml"
    settings.write_text(
        newsroom.settings_toml(
            folder,
            every="30 minutes",
            revisit="auto",
            looks=2,
            apart="6 hours",
            crawl="concurrency = 4",
            extra='[limits]\nanswer_time = "3 seconds"\n',
        )
    )
    run = Run(life, weather, Crawl(settings, folder / "crawl.log"), folder)
    steps = round(timedelta(days=days) / STEP)
    sleep = range(int(steps * 0.55), int(steps * 0.55) + min(40, steps // 12))
    run.asleep = [(START + STEP * (sleep.start + 1), START + STEP * sleep.stop)]
    kills = set(chance.sample(range(2, int(steps * CALM)), max(1, round(days * KILLS))))
    begun = time.monotonic()
    day = Day(1)
    for number in range(1, steps + 1):
        now = START + STEP * number
        life.run_until(now)
        weather.inject(STEP / timedelta(days=1))
        life.record_listings()
        if number not in sleep:
            said = format_time(now + _step_of_the_clock(number / steps))
            run.said[said] = now
            elapsed = (now - START).total_seconds()
            alive = run.crawl.step(
                f"{said} {elapsed}", chance.random() * 0.6 if number in kills else None
            )
            if not alive:
                run.kills += 1
                run.crawl.step(f"{said} {elapsed}")
            _note_reads(run, now, alive)
            day.late = max(day.late, _late(run, said, now))
        day.log = max(day.log, _size(folder / "archive.db-wal"))
        if now >= START + timedelta(days=day.day) or number == steps:
            _measure(run, day)
            run.days.append(day)
            if os.isatty(2):
                print(
                    f"day {day.day}: {day.articles} articles, {day.visits} visits",
                    file=sys.stderr,
                )
            day = Day(day.day + 1)
    run.end, run.seconds = now, time.monotonic() - begun
    run.crawl.end()
    return run


def _step_of_the_clock(part: float) -> timedelta:
    """The clock is wrong for a while, twice; the odd seconds tell such times from true ones."""
    if 0.30 <= part < 0.33:
        return timedelta(hours=-3, seconds=7)
    return timedelta(hours=2, seconds=7) if 0.75 <= part < 0.77 else timedelta()


def _note_reads(run: Run, now: datetime, alive: bool) -> None:
    for outlet in run.life.patterns:
        with run.life.newsroom.lock:
            requests, outlet.requests[:] = outlet.requests[:], []
        for one in requests:
            path = one.path.partition("?")[0]
            if (
                alive
                and not one.fault_kind
                and one.status in (200, 304)
                and path in outlet.configured_feeds()
            ):
                run.reads.setdefault(f"{outlet.key}{path}", []).append(now)


def _late(run: Run, said: str, now: datetime) -> float:
    """Return the maximum hours by which anything is overdue without a reason."""
    troubled = {
        outlet
        for outlet, _, begin, end in run.weather.fault_periods
        if begin <= now <= end + timedelta(hours=26)
    }
    late = 0.0
    for row in run.rows(
        """select outlet, min(due) as due from feeds where active and due <= ? group by 1
        union all select f.outlet, min(e.due) from entries e join feeds f on f.url = \
e.feed where e.due <= ? group by 1
        union all select outlet, min(due) from articles where due <= ? group by 1""",
        *[said] * 3,
    ):
        if row["outlet"] not in troubled:
            late = max(
                late,
                (datetime.fromisoformat(said) - datetime.fromisoformat(row["due"]))
                / timedelta(hours=1),
            )
    return late


def _measure(run: Run, day: Day) -> None:
    folder = run.folder
    (row,) = run.rows(
        """select (select count(*) from articles) as articles, (select count(*) from \
versions) as versions,
        (select coalesce(sum(visits), 0) from crawls) as visits,
        (select count(*) from articles where versions <> (select count(*) from \
versions v where v.article = articles.key)) as wrong,
        (select count(*) from entries where outcome in ('new', 'duplicate', \
'changed') and article is null) as orphans,
        (select count(*) from entries where outcome = 'waiting' and due is null) as forgotten"""
    )
    day.articles, day.versions, day.visits = (
        row["articles"],
        row["versions"],
        row["visits"],
    )
    day.fault = ", ".join(
        f"{row[name]} {name}" for name in ("wrong", "orphans", "forgotten") if row[name]
    )
    day.cpu = run.crawl.spent + run.crawl.cpu()
    for place, pid in enumerate(run.crawl.tree()):
        with suppress(OSError):
            size = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
            if place == 0:
                day.rss, day.handles = size, len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
            else:
                day.workers = max(day.workers, size)
    day.archive = _size(folder / "archive.db")
    day.captures = sum(
        _size(one) for one in (folder / "captures").rglob("*") if one.is_file()
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def periods(days: list[Day], count: int = PERIODS) -> list[list[Day]]:
    """Split the days into weeks, or into parts if there are few."""
    length = 7 if len(days) > 14 else max(1, -(-len(days) // count))
    return [days[place : place + length] for place in range(0, len(days), length)]


def sparkline(values: list[float]) -> str:
    """Draw the values as a line of blocks; its base is 0."""
    maximum = max(values, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(int(8 * value / maximum), 7)] for value in values)


def show(run: Run) -> None:
    """Print figures by period, and lines over the days."""
    heads = (
        "days", "articles", "versions", "visits", "ms a visit", "crawl MB", "worker MB",
        "handles", "archive MB", "WARC MB", "log MB", "late h",
    )  # fmt: skip
    print("  ".join(f"{one:>10}" for one in heads))
    before = Day(0)
    for part in periods(run.days):
        last = part[-1]
        spent = (last.cpu - before.cpu) * 1_000 / max(last.visits - before.visits, 1)
        cells = (
            f"{part[0].day}-{last.day}", last.articles, last.versions, last.visits,
            f"{spent:.1f}", f"{max(one.rss for one in part) / 1e6:.0f}",
            f"{max(one.workers for one in part) / 1e6:.0f}", max(one.handles for one in part),
            f"{last.archive / 1e6:.1f}", f"{last.captures / 1e6:.1f}",
            f"{max(one.log for one in part) / 1e6:.1f}", f"{max(one.late for one in part):.2f}",
        )  # fmt: skip
        print("  ".join(f"{one!s:>10}" for one in cells))
        before = last
    for name in ("rss", "workers", "handles", "archive", "log", "late"):
        print(
            f"{name:>10}  {sparkline([float(getattr(one, name)) for one in run.days])}"
        )


def main() -> int:
    """Simulate, print, judge."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--days", type=float, default=30.0)
    options.add_argument("--outlets", type=int, default=20)
    options.add_argument("--articles", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, help="keep the archive there")
    options.add_argument("--json", action="store_true")
    arguments = options.parse_args()
    from benchmarks.month_checks import judge

    with tempfile.TemporaryDirectory() as temporary, Newsroom(START) as newsroom:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        run = simulate(
            folder,
            arguments.days,
            arguments.outlets,
            arguments.articles,
            arguments.seed,
            newsroom,
        )
        verdicts = list(judge(run))
    bad = [one for one in verdicts if not one.holds]
    if arguments.json:
        print(
            json.dumps(
                {
                    "days": [asdict(one) for one in run.days],
                    "verdicts": [asdict(one) for one in verdicts],
                }
            )
        )
        return 1 if bad else 0
    show(run)
    print(
        f"\n{run.seconds / 60:.1f} minutes; {run.kills} kills, "
        f"{run.crawl.starts} starts; troubles: {dict(run.weather.fault_counts)}\n"
    )
    table(
        [
            (
                "holds " if one.holds else "BROKEN",
                one.value,
                f"{one.name}{': ' + one.note if one.note else ''}",
            )
            for one in verdicts
        ]
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
