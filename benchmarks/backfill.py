"""Backfill a site of thousands of posts over each source alone, killed again and again.

    python benchmarks/backfill.py [--posts 5000] [--kills 10] [--source rest] [--seed 1]

A newspaper on WordPress on loopback has a post for each hour of the past. The real
command (`harvest backfill`) fetches all of it, over WordPress's REST interface, the pages
of its feed or its sitemaps, the others being closed. At random instants all its processes
are killed with SIGKILL, and it is started again. The aim: all posts, none twice; the
requests are stated. Without --source, all three, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, end_in_order, table
from benchmarks.machine.kills import below
from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from tests.support.prose import ProseGenerator

KEY = "gazette"
FEED_SIZE = 30
# Source → what else of the newspaper is closed, and the lists that it has.
SOURCES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "rest": (frozenset(), frozenset()),
    "paged": (frozenset(["closed"]), frozenset(["paged"])),
    "sitemap": (frozenset(["closed"]), frozenset(["sitemaps"])),
}
MAX_STARTS = 200


@dataclass
class Run:
    """What a backfill brought, and what it cost."""

    posts: int
    found: int = 0
    articles: int = 0
    doubles: int = 0
    open_entries: int = 0
    lists: Counter[str] = field(default_factory=Counter)  # requests by what they list
    pages: int = 0  # requests for pages of posts
    kills: int = 0
    starts: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether nothing is lost or double, and the counts add up."""
        record = self.record
        counted = record["new"] + record["known"] + record["outside"]
        return (
            self.found == self.articles == self.posts
            and not self.doubles
            and not self.open_entries
            and record["state"] == "finished"
            and record["listed"] == counted
        )


def publish(outlet: Outlet, posts: int, now: datetime) -> None:
    """A post for each hour before now, each of its own words."""
    for number in range(posts):
        prose = ProseGenerator(number, "fr")
        outlet.publish(
            f"{prose.title()} ({number})",
            prose.article_paragraphs(5),
            at=now - timedelta(hours=posts - number),
        )


def backfill(folder: Path, source: str, options: argparse.Namespace) -> Run:
    """Fetch all posts over one source; the command is killed now and then."""
    now = datetime.now(UTC)
    run, chance = Run(options.posts), random.Random(f"{options.seed} {source}")
    with Newsroom(now) as newsroom:
        outlet = newsroom.add_outlet(KEY, feed_size=FEED_SIZE)
        publish(outlet, options.posts, now)
        outlet.rest_quirks, outlet.lists = SOURCES[source]
        settings = folder / "settings.toml"
        text = newsroom.settings_toml(folder, every="1 hour", revisit="auto")
        settings.write_text(text)
        since = f"{now - timedelta(hours=options.posts + 48):%Y-%m-%d}"
        before, started = _children_cpu(), time.monotonic()
        while run.starts < MAX_STARTS:
            run.starts += 1
            kill_after = None
            if run.kills < options.kills:
                kill_after = chance.uniform(1.0, options.longest)
            if _start(settings, since, kill_after):
                break
            run.kills += 1
            _show(f"{source}: killed {run.kills} times")
        run.wall, run.cpu = time.monotonic() - started, _children_cpu() - before
        _count(run, outlet, folder / "archive.db", settings)
    return run


def _command(settings: Path, *arguments: str) -> list[str]:
    begin = (sys.executable, "-P", "-m", "harvester.cli", "--settings", str(settings))
    return [*begin, "backfill", *arguments]


def _start(settings: Path, since: str, kill_after: float | None) -> bool:
    """Run the command; false if it was killed before its end."""
    process = subprocess.Popen(
        _command(settings, KEY, "--since", since, "--wait"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        _, errors = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        for pid in [process.pid, *below(process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()
        return False
    if process.returncode:
        raise SystemExit(errors.decode())
    return True


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _count(run: Run, outlet: Outlet, archive: Path, settings: Path) -> None:
    posts = {article.path: article.url for article in outlet.articles}
    with closing(sqlite3.connect(archive)) as connection:

        def values(sql: str) -> list[Any]:
            return [row[0] for row in connection.execute(sql)]

        reached = values("select reached from articles")
        entries = values("select url from entries")
        run.open_entries = values("select count(*) from entries where due is not null")[
            0
        ]
    run.articles, run.found = len(reached), len(set(reached) & set(posts.values()))
    run.doubles = len(entries) - len(set(entries)) + len(reached) - len(set(reached))
    for request in outlet.requests:
        path = request.path.partition("?")[0]
        if path in posts:
            run.pages += 1
        elif "wp-json" in path:
            run.lists["REST"] += 1
        elif "paged=" in request.path:
            run.lists["pages of the feed"] += 1
        elif "sitemap" in path:
            run.lists["sitemaps"] += 1
        elif path == "/feed/":
            run.lists["the feed"] += 1
    answer = subprocess.run(
        _command(settings, "--json"), capture_output=True, check=True
    )
    run.record = json.loads(answer.stdout)[0]


def _show(words: str) -> None:
    print(f"\r{words:<40}", end="", file=sys.stderr)


def main() -> int:
    """Backfill, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=10, help="of each backfill")
    parser.add_argument("--source", choices=SOURCES, help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--longest",
        type=float,
        default=30.0,
        help="seconds after which a process is killed at the latest",
    )
    options = parser.parse_args()
    end_in_order()
    wrong = 0
    for source in [options.source] if options.source else SOURCES:
        with tempfile.TemporaryDirectory() as folder:
            run = backfill(Path(folder), source, options)
        _show("")
        lists = ", ".join(f"{count} {name}" for name, count in run.lists.items())
        table(
            [
                (source, f"{run.found} of {run.posts} found", "aim: all"),
                ("entries or articles twice", str(run.doubles), "aim: 0"),
                ("entries without an outcome", str(run.open_entries), "aim: 0"),
                ("killed", f"{run.kills} times", f"{run.starts} starts"),
                ("requests for lists", str(sum(run.lists.values())), lists),
                ("requests for pages", str(run.pages), "more: lost by kills"),
                (
                    "processor time an article",
                    f"{run.cpu / max(run.articles, 1) * 1000:.0f} ms",
                    f"{run.wall:.0f} s in all, with what kills cost",
                ),
            ]
        )
        print()
        wrong += not run.is_right
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
