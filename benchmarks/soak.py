"""The daemon for some minutes in real time, against newspapers that change every second: its memory and open files must stay flat.

    python benchmarks/soak.py [--minutes 5] [--outlets 5]

`harvest run` as it is, with short intervals; measured are the daemon, its crawl process and its workers. Ends with 1 where they grow.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table
from benchmarks.month import sparkline
from harvester.newsroom import Newsroom
from tests.support.many_outlets import churn, create_outlets

EVERY = 2.0  # seconds between two measures
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Seen:
    """What was measured of one part of the tree."""

    rss: list[float] = field(default_factory=list)
    handles: list[float] = field(default_factory=list)

    def add(self, pid: int) -> None:
        """Measure a process."""
        with suppress(OSError):
            size = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
            self.handles.append(float(len(os.listdir(f"/proc/{pid}/fd"))))  # noqa: PTH208
            self.rss.append(size)

    def flat(self) -> bool:
        """Whether the last third is no more than a fifth above the second."""
        third = len(self.rss) // 3
        return third < 2 or all(
            max(one[-third:]) <= 1.2 * max(one[third : 2 * third]) + 10
            for one in (self.rss, self.handles)
        )


def children(pid: int) -> list[int]:
    """The processes that it started."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(one) for one in (task / "children").read_text().split()]
    return found


def soak(minutes: float, outlets: int) -> tuple[dict[str, Seen], int, int]:
    """Run it. What was seen of daemon, crawl and workers; articles published and held."""
    seen = {"daemon": Seen(), "crawl": Seen(), "worker": Seen()}
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
        end, number = time.monotonic() + minutes * 60, 0
        while time.monotonic() < end:
            time.sleep(EVERY)
            number += 1
            churn(
                newsroom,
                number,
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
        published = sum(len(one.articles) for one in newsroom.outlets.values())
        return seen, published, held(Path(folder) / "archive.db")


def held(archive: Path) -> int:
    """Articles in it."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(archive)) as connection:
        return int(connection.execute("select count(*) from articles").fetchone()[0])


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--outlets", type=int, default=5)
    given = options.parse_args()
    seen, published, articles = soak(given.minutes, given.outlets)
    rows = [
        (
            "articles held",
            f"{articles} of {published}",
            "published, some of them in the last second",
        )
    ]
    for name, one in seen.items():
        if one.rss:
            third = max(len(one.rss) // 3, 1)
            for what, values, unit in (
                ("memory", one.rss, "MB"),
                ("open files", one.handles, ""),
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
    bad = [name for name, one in seen.items() if not one.flat()]
    print(f"growing: {', '.join(bad)}" if bad else "flat")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
