"""Check the archive files of ``benchmarks/month.py``, and the cost of each day."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.month_truth import HOUR, SETTLING, Truth, Verdict, harvest, some

if TYPE_CHECKING:
    from benchmarks.month import Day, Run


def whole(run: Run) -> Iterator[Verdict]:
    """Check the archive files."""
    with closing(sqlite3.connect(run.folder / "archive.db")) as connection:
        sound = connection.execute("pragma integrity_check").fetchone()[0]
        keys = connection.execute("pragma foreign_key_check").fetchall()
        try:
            connection.execute(
                "insert into versions_fts (versions_fts) values ('integrity-check')"
            )
            index = "sound"
        except sqlite3.Error as error:
            index = str(error)
    yield Verdict(
        "the archive's file is sound",
        sound == "ok" and not keys and index == "sound",
        sound,
        f"{len(keys)} keys that point nowhere, full-text index {index}",
    )
    done = harvest(run, "verify", "--json")
    said: dict[str, Any] = json.loads(done.stdout or "{}")
    yield Verdict(
        "harvest verify: every record and every seal",
        bool(said.get("ok")),
        str(said.get("captures", said.get("checked", ""))),
        str(said.get("broken", done.stderr))[:200],
    )
    done = harvest(run, "doctor")
    wrong = [line for line in done.stdout.splitlines() if "WRONG" in line]
    yield Verdict(
        "harvest doctor finds no problem", done.returncode == 0, "", some(wrong)
    )
    log = (run.folder / "crawl.log").read_text()
    yield Verdict(
        "the crawl logged nothing",
        not log,
        f"{len(log.splitlines())} lines",
        log[:300],
    )


def flat(run: Run) -> Iterator[Verdict]:
    """Only what must grow does."""
    from benchmarks.month import CALM, periods

    days = run.days
    faults = [f"day {one.day}: {one.fault}" for one in days if one.fault]
    yield Verdict(
        "the counts agree on every day",
        not faults,
        f"{len(days)} days",
        some(faults),
    )
    yield Verdict(
        "nothing is due for ever",
        run.crawl.rounds <= 10,
        f"{run.crawl.rounds} rounds",
        "maximum at one instant",
    )
    parts = periods(days)
    calm = days[round(len(days) * (CALM + 0.05)) :] or days[-1:]
    half = -(-len(calm) // 2)

    def maximum(part: list[Day], name: str) -> float:
        return max(float(getattr(one, name)) for one in part)

    for name, words, unit, more in (
        ("rss", "memory of the crawl", 1e6, 12e6),
        ("workers", "memory of a worker", 1e6, 12e6),
        (
            "handles",
            "open files",
            1.0,
            len(run.life.patterns),
        ),  # a connection more or less to each
    ):
        before, after = maximum(calm[:half], name), maximum(calm[half:] or calm, name)
        value = f"{before / unit:.0f} → {after / unit:.0f}{' MB' if unit > 1 else ''}"
        yield Verdict(
            f"{words}: flat",
            after <= before * 1.1 + more,
            value,
            f"one process, {len(calm)} days",
        )
    log = maximum(days, "log")
    yield Verdict(
        "the write-ahead log is bounded", log <= 64e6, f"{log / 1e6:.1f} MB", "maximum"
    )
    yield from _costs(run, parts)
    late = maximum(days, "late")
    yield Verdict(
        "nothing waits that is due",
        late <= 1.0,
        f"{late:.2f} h",
        "maximum, at outlets without faults",
    )
    yield _polled(run)


def _costs(run: Run, parts: list[list[Day]]) -> Iterator[Verdict]:
    costs, before = [], None
    for part in parts:
        visits = part[-1].visits - (before.visits if before else 0)
        costs.append(
            (part[-1].cpu - (before.cpu if before else 0.0)) * 1_000 / max(visits, 1)
        )
        before = part[-1]
    steady = len(costs) < 3 or costs[-1] <= 1.5 * max(costs[1], 1.0)
    yield Verdict(
        "a visit costs what it did",
        steady,
        f"{costs[min(1, len(costs) - 1)]:.1f} → {costs[-1]:.1f} ms",
        "of processor time, with its share of reading",
    )
    last = run.days[-1]
    (row,) = run.rows(
        "select count(*) as captures, coalesce(sum(bytes), 0) as bytes from captures"
    )
    a_version, a_capture = (
        last.archive / max(last.versions, 1),
        last.captures / max(row["captures"], 1),
    )
    share = last.captures / max(row["bytes"], 1)
    held = run.rows(
        "select coalesce(sum(length(cast(text as blob))), 0) as bytes from versions"
    )[0]["bytes"] / max(last.versions, 1)
    small = a_version <= 20_000 + 6 * held and share <= 0.7
    yield Verdict(
        "the archive is as large as expected",
        small,
        f"{a_version / 1e3:.1f} kB a version",
        (
            f"of {held / 1e3:.1f} kB of text; WARC {a_capture / 1e3:.1f} kB a "
            f"capture, {share:.2f} of the bodies, {row['captures']} captures"
        ),
    )


def _polled(run: Run) -> Verdict:
    """The longest time between two reads of a feed, without faults and sleep."""
    longest, which = timedelta(), ""
    truth = Truth(run)
    for feed, reads in run.reads.items():
        outlet = feed.partition("/")[0]
        for one, other in pairwise(sorted(set(reads))):
            calm = not truth.troubled(outlet, one - SETTLING, other)
            awake = not any(begin <= other and end >= one for begin, end in run.asleep)
            if calm and awake and other - one > longest:
                longest, which = other - one, f"{feed}, {one:%d %H:%M}"
    return Verdict(
        "no feed is forgotten, whatever the clock says",
        longest <= 4 * HOUR,
        f"{longest / HOUR:.1f} h",
        f"maximum between two reads: {which}",
    )
