"""Measure polls of ten thousand feeds that have hardly changed, in one crawl process.

    python benchmarks/poll.py [--feeds 10000] [--outlets 2000] [--changed 0.01] [--rounds 1]

The feeds are spread over outlets, each at an address of its own (127.x.y.z), which counts
as a site of its own. They are served by a process whose cost is not counted. Everything
that the crawl does is included, with the delay of the settings' defaults. The first poll
takes longest, as 300,000 entries are stored. Measure on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import Cost, crawl, table

ENTRIES = 30  # of a feed
ROBOTS = b"User-agent: *\nDisallow: /private/\n"


def feed_body(path: str, version: int) -> bytes:
    """A feed of thirty entries, of which none is followed; a version has one more."""
    entries = "".join(
        f"<item><title>Entry {number}</title><link>mailto:{number}@x.example</link>"
        f"<guid isPermaLink='false'>{path}-{number}</guid></item>"
        for number in range(version + ENTRIES, version, -1)
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title>'
        f"<link>https://paper.example/</link>{entries}</channel></rss>"
    ).encode()


class Server:
    """Responds to conditional requests; a share of its feeds changes at each round."""

    def __init__(self, changed: float) -> None:
        self._every = round(1 / changed) if changed else 0
        self.round = 0
        self.request_count = 0

    async def handle(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.request_count += 1
                path = head.split(b" ", 2)[1].decode()
                writer.write(self._respond(path, head))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    def _respond(self, path: str, head: bytes) -> bytes:
        if path == "/robots.txt":
            return _response(200, ROBOTS, "text/plain")
        number = int(path.strip("/").removesuffix(".xml"))
        changes = self._every and number % self._every == 0
        version = self.round if changes else 0
        etag = f'"{number}-{version}"'
        if f"If-None-Match: {etag}".encode() in head:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        body = feed_body(path, version)
        return _response(200, body, "application/rss+xml", etag)


def _response(status: int, body: bytes, kind: str, etag: str = '""') -> bytes:
    head = (
        f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nETag: {etag}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def serve(changed: float, pipe: Any) -> None:
    """Serve until told to end, in a process of its own."""

    async def run() -> None:
        server = Server(changed)
        listening = await asyncio.start_server(
            server.handle,
            "0.0.0.0",
            0,
            backlog=1_000,
        )
        pipe.send(listening.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, pipe.recv) == "next":
            server.round += 1
            pipe.send(server.request_count)

    asyncio.run(run())


def write_settings(file: Path, port: int, feeds: int, outlets: int) -> None:
    """Outlets of as many feeds each, at addresses of their own."""
    lines = ['[archive]\npath = "archive.db"\n[crawl]']
    lines.append('allow_networks = ["127.0.0.0/8"]\nuser_agent = "bench/1 (+http://b)"')
    per_outlet = feeds / outlets
    for number in range(outlets):
        host = f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"
        numbers = range(int(number * per_outlet), int((number + 1) * per_outlet))
        urls = ", ".join(f'"http://{host}:{port}/{feed}.xml"' for feed in numbers)
        lines.append(f"[outlets.paper-{number}]\nfeeds = [{urls}]")
    file.write_text("\n".join(lines) + "\n")


def make_due(archive: Path) -> None:
    """Make all feeds due, as after some hours."""
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("update feeds set due = '2001-01-01T00:00:00Z'")


def rows_of(cost: Cost, feeds: int) -> list[tuple[str, str, str]]:
    """What a round of polls took."""
    lag = cost.lag
    return [
        ("  feeds read", f"{cost.counts['feeds']}", f"of {feeds}"),
        ("  processor time, ms a feed", f"{cost.cpu / feeds * 1000:.2f}", "aim: 1.7"),
        ("    of it the crawl process", f"{cost.own / feeds * 1000:.2f}", ""),
        ("  memory of all processes, MB", f"{cost.memory / 1e6:.0f}", "aim: 300"),
        (
            "  reactor lag p99 / max, ms",
            f"{lag.get('p99', 0) * 1000:.0f} / {lag.get('max', 0) * 1000:.0f}",
            "aim: 30 (p99)",
        ),
        ("  feeds a second", f"{feeds / cost.wall:.0f}", ""),
        ("  captures", f"{cost.counts['captures']}", ""),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--outlets", type=int, default=2_000)
    parser.add_argument(
        "--changed", type=float, default=0.01, help="share of feeds with a new entry"
    )
    parser.add_argument("--rounds", type=int, default=1, help="after the first poll")
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = spawn.Pipe()
        server = spawn.Process(
            target=serve, args=(options.changed, theirs), daemon=True
        )
        server.start()
        settings = Path(folder) / "settings.toml"
        write_settings(settings, ours.recv(), options.feeds, options.outlets)
        rows = [("first poll, all read and stored", "", "")]
        rows += rows_of(crawl(settings), options.feeds)
        for number in range(1, options.rounds + 1):
            ours.send("next")
            ours.recv()
            make_due(Path(folder) / "archive.db")
            cost = crawl(settings)
            rows.append((f"poll {number + 1}, {options.changed:.0%} changed", "", ""))
            rows += rows_of(cost, options.feeds)
        ours.send("end")
        server.join()
    rows.append(("load of the machine", f"{os.getloadavg()[0]:.1f}", "of others, too"))
    table(rows)


if __name__ == "__main__":
    main()
