"""Run the daemon for minutes, and check that its memory and open files stay flat.

    python benchmarks/soak.py [--minutes 5] [--outlets 5]

``harvest run`` polls newspapers that change every second, with short intervals. The
daemon, its crawl process and its workers are measured. Exits with 1 if they grow.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table
from benchmarks.month import sparkline
from harvester.newsroom import Newsroom
from tests.support.many_outlets import churn, create_outlets

MEASURE_SECONDS = 2.0  # between two measurements
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Measurements:
    """Memory and open files of one part of the process tree, over time."""

    rss: list[float] = field(default_factory=list)
    handles: list[float] = field(default_factory=list)

    def add(self, pid: int) -> None:
        """Measure a process, unless it has ended."""
        with suppress(OSError):
            size = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
            self.handles.append(float(len(os.listdir(f"/proc/{pid}/fd"))))  # noqa: PTH208
            self.rss.append(size)

    def flat(self) -> bool:
        """Whether the last third is at most a fifth above the second."""
        third = len(self.rss) // 3
        return third < 2 or all(
            max(values[-third:]) <= 1.2 * max(values[third : 2 * third]) + 10
            for values in (self.rss, self.handles)
        )


def children(pid: int) -> list[int]:
    """Process ids of the direct children."""
    pids: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            pids += [int(child) for child in (task / "children").read_text().split()]
    return pids


def soak(minutes: float, outlets: int) -> tuple[dict[str, Measurements], int, int]:
    """Run the daemon.

    Returns the measurements of daemon, crawl and workers, and the numbers of articles
    published and archived.
    """
    seen = {"daemon": Measurements(), "crawl": Measurements(), "worker": Measurements()}
    with tempfile.TemporaryDirectory() as folder, Newsroom() as newsroom:
        create_outlets(newsroom, outlets, 10)
        settings = Path(folder) / "settings.toml"
        settings.write_text(
            newsroom.settings_toml(
                folder, every="3 seconds", revisit="auto", apart="5 seconds"
            )
        )
        command = [
            sys.executable,
            "-m",
            "harvester.cli",
            "--settings",
            str(settings),
            "run",
        ]
        daemon = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end, step = time.monotonic() + minutes * 60, 0
        while time.monotonic() < end:
            time.sleep(MEASURE_SECONDS)
            step += 1
            churn(
                newsroom,
                step,
                publish=0.01,
                edit=0.02,
                retitle=0.0,
                move=0.002,
                withdraw=0.005,
                syndicate=0.0,
            )
            seen["daemon"].add(daemon.pid)
            for crawl in children(daemon.pid):
                seen["crawl"].add(crawl)
                for worker in children(crawl):
                    seen["worker"].add(worker)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
        published = sum(len(outlet.articles) for outlet in newsroom.outlets.values())
        return seen, published, count_articles(Path(folder) / "archive.db")


def count_articles(archive: Path) -> int:
    """Number of articles in an archive."""
    with closing(sqlite3.connect(archive)) as connection:
        return int(connection.execute("select count(*) from articles").fetchone()[0])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--outlets", type=int, default=5)
    options = parser.parse_args()
    seen, published, articles = soak(options.minutes, options.outlets)
    rows = [
        (
            "articles archived",
            f"{articles} of {published}",
            "published, some in the last second",
        )
    ]
    for name, measured in seen.items():
        if measured.rss:
            third = max(len(measured.rss) // 3, 1)
            for what, values, unit in (
                ("memory", measured.rss, "MB"),
                ("open files", measured.handles, ""),
            ):
                value = f"{max(values[:third]):.0f} → {max(values[-third:]):.0f} {unit}"
                rows.append(
                    (
                        f"{name}: {what}",
                        value,
                        sparkline(values[:: max(len(values) // 60, 1)]),
                    )
                )
    table(rows)
    growing = [name for name, measured in seen.items() if not measured.flat()]
    print(f"growing: {', '.join(growing)}" if growing else "flat")
    return 1 if growing else 0


if __name__ == "__main__":
    sys.exit(main())
