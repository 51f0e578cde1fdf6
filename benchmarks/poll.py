"""Measure the processor time of polling a feed that has not changed.

    python benchmarks/poll.py [--feeds 1000]

Everything the crawl does is included. The aim is at most 4 ms a feed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import crawl, table


def serve(feeds: int, folder: str, pipe: Any) -> None:
    """Serve feeds of thirty entries with validators, in a separate process."""
    from harvester.newsroom import Newsroom

    entries = "".join(
        f"<item><title>Entry {n}</title><link>mailto:{n}@x.example</link></item>"
        for n in range(30)
    )
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
        f"{entries}</channel></rss>"
    ).encode()
    with Newsroom() as room:
        paper = room.add_outlet("paper", "files")
        addresses = [
            paper.serve(f"/feed-{number}.xml", body, "application/rss+xml")
            for number in range(feeds)
        ]
        settings = room.settings_toml(folder, crawl="concurrency = 16")
        pipe.send(
            settings.replace("feeds = []", f"feeds = {addresses!r}".replace("'", '"'))
        )
        pipe.recv()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=1000)
    count = parser.parse_args().feeds
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        paper = multiprocessing.get_context("spawn").Process(
            target=serve, args=(count, folder, theirs)
        )
        paper.start()
        settings = Path(folder) / "settings.toml"
        settings.write_text(ours.recv())
        first = crawl(settings)
        second = crawl(settings)
        ours.send("close")
        paper.join()
    table(
        [
            (
                "feeds read, then unchanged",
                f"{first.counts['feeds']}, {second.counts['feeds']}",
                f"of {count}",
            ),
            (
                "first poll, ms a feed",
                f"{first.cpu / count * 1000:.2f}",
                "read and stored",
            ),
            (
                "unchanged, ms a feed",
                f"{second.cpu / count * 1000:.2f}",
                "aim: at most 4",
            ),
            ("feeds a second, elapsed time", f"{count / second.wall:.0f}", ""),
            (
                "captures of the second poll",
                f"{second.counts['captures']}",
                "0: conditional requests",
            ),
            (
                "reactor lag p99 / max",
                f"{second.lag.get('p99', 0) * 1000:.0f}"
                f" / {second.lag.get('max', 0) * 1000:.0f} ms",
                "",
            ),
        ]
    )


if __name__ == "__main__":
    main()
