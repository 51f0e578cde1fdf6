"""Measure what the pages of the browser cost, alone and with many readers.

    python benchmarks/browse.py ARCHIVE.db [--requests 9] [--pages | --readers 50 | --tasks]

A large archive is best; ``benchmarks/large_archive.py`` builds one. Without an option all
of this is done, one after the other:

``--pages``: each page, and each table and view that the page of the database links to,
is requested as a reader would: the first time, then ``--requests`` times, of which the
median and the 95th percentile on the clock and the mean of Datasette's processor time
are printed. The machine must be idle for times on the clock.

``--readers N``: so many readers click on a link of the page that they see each five
seconds, for ``--seconds`` (``browse_readers.py``).

``--tasks``: what readers come for, on a simulated week, and the clicks that it takes
(``tests/support/reader_tasks.py``); it takes no archive.

``--attacks``: each query of ``tests/support/sql_attacks.py`` runs with the settings of
``harvest browse``, as JSON, page and CSV; printed is the worst of the three.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from datasette.utils import tilde_encode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import browse_readers
from benchmarks.common import table
from harvester.cli.browse import DATASETTE_SETTINGS
from tests.support import reader_tasks, simulated_week
from tests.support.datasette_server import start
from tests.support.sql_attacks import ATTACKS, spent

MAX_PAGE_MS = 150  # on the clock, the 95th percentile
MAX_TABLE_MS = 500  # the same of Datasette's own
MAX_READER_MS = 1_000  # the same with many readers
# Processor time: Datasette's limit of two seconds, the watchdog's, and the page itself.
MAX_ATTACK_SECONDS = 4.0
MAX_MEMORY_MB = 600


def _pages(path: Path) -> list[str]:
    with closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    ) as connection:

        def first_value(sql: str) -> str:
            row = connection.execute(sql).fetchone()
            return str(row[0]) if row else ""

        outlets = [
            first_value(
                f"""
                select outlet from articles
                group by outlet
                order by count(*) {order}
                limit 1"""
            )
            for order in ("desc", "asc")
        ]
        newest = first_value("select max(first_seen) from articles")[:10]
        edited = first_value("select article from changes order by id desc limit 1")
        cluster = first_value("select cluster from clusters limit 1")
        text = first_value("select text from versions order by id desc limit 1")
        frequent = Counter(re.findall(r"\w+", text.lower())).most_common(1)[0][0]
        rare = first_value("select title from versions order by id limit 1 offset 9")
        rare = max(re.findall(r"\w+", rare) or ["news"], key=len)
    lists = ("articles", "changes", "removals", "copies")
    week = f"from={newest[:8]}01&to={newest}"
    pages = [
        "/",
        f"/?day={newest}",
        *(f"/-/outlet/{outlet}" for outlet in outlets),
        "/-/health",
        *(f"/-/{page}" for page in lists),
        *(f"/-/{page}?outlet={outlet}" for page in lists for outlet in outlets),
        *(f"/-/{page}?{week}" for page in lists),
        f"/-/changes?outlet={outlets[0]}&silent=1&{week}",
        f"/-/changes?class=correction&q={frequent}",
        f"/-/articles?state=removed&outlet={outlets[0]}",
        "/-/removals?kind=returned",
        "/-/changes.atom",
        f"/-/article/{edited}",
        f"/-/article/{edited}?from=1&to=2",
        f"/-/article/{edited}?from=1&to=2&view=side",
        f"/-/article/{edited}.timemap",
        f"/-/search?q={rare}",
        f"/-/search?q={frequent}",
        f"/-/search?q={frequent}&order=newest",
        f"/-/search?q={frequent}&sort=newest",
        f"/-/search?q={frequent}&every=1",
        f"/-/search?q={frequent}&{week}",
        f"/-/search?q={frequent[:2]}*",
        f"/-/search?q={frequent}+{rare}",
        *(f"/-/search?q={frequent}&outlet={outlet}" for outlet in outlets),
        *(f"/-/search?q={rare}&outlet={outlet}" for outlet in outlets),
        f"/-/trend?q={rare}",
        f"/-/trend?q={frequent}&q={rare}",
        f"/-/trend?q={frequent}&by=outlet",
    ]
    if cluster:
        pages += [f"/-/copies/{cluster}", f"/-/article/{cluster}"]
    return pages


def _tables(client: httpx.Client, database: str) -> list[str]:
    """The page of the database, and every table, view and query that it links to."""
    home = f"/{database}"
    found = re.findall(rf'href="({re.escape(home)}/[^"#?]+)"', client.get(home).text)
    return [home, *dict.fromkeys(link for link in found if "." not in link)]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "archive", type=Path, nargs="?", help="archive database, read only"
    )
    parser.add_argument("--requests", type=int, default=9, help="of each page")
    parser.add_argument("--pages", action="store_true", help="the time of each page")
    parser.add_argument("--readers", type=int, metavar="N", help="who click at once")
    parser.add_argument("--seconds", type=float, default=60, help="for which they do")
    parser.add_argument("--tasks", action="store_true", help="clicks of each task")
    parser.add_argument("--attacks", action="store_true", help="malicious SQL")
    options = parser.parse_args()
    path = options.archive
    everything = not (
        options.pages or options.readers or options.tasks or options.attacks
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if everything or options.tasks:
            _print_tasks(folder)
        if path is None:
            return
        with (
            _serve(path, folder) as (address, pid),
            httpx.Client(base_url=address, timeout=300) as client,
        ):
            database = str(tilde_encode(path.stem))
            if everything or options.pages:
                pages = [*_pages(path), *_tables(client, database)]
                _print_pages(client, pid, pages, options.requests)
            if everything or options.readers:
                _print_readers(address, pid, options.readers or 50, options.seconds)
            if everything or options.attacks:
                _print_attacks(client, pid, database)


@contextmanager
def _serve(path: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """The archive as ``harvest browse`` serves it: URL and process."""
    settings = [
        part
        for name, value in DATASETTE_SETTINGS.items()
        for part in ("--setting", name, value)
    ]
    process, address, _ = start(path, folder, *settings)
    try:
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _print_tasks(folder: Path) -> None:
    (folder / "week").mkdir()
    week = simulated_week.build(folder / "week", datetime.now(UTC))
    rows = []
    with (
        _serve(week.path, folder) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        for name in reader_tasks.TASKS:
            try:
                reader = reader_tasks.do_task(client, week, name)
            except AssertionError as error:
                rows.append((name, "impossible", f"{error}"[:90]))
                continue
            met = reader.clicks <= reader_tasks.MAX_CLICKS
            aim = _aim(met, f"at most {reader_tasks.MAX_CLICKS}")
            rows.append((name, f"{reader.clicks} clicks", aim))
            rows += [("", "", f"  {step}") for step in reader.path]
    table(rows)


def _print_readers(address: str, pid: int, readers: int, seconds: float) -> None:
    before, _ = spent(pid)
    clicks = asyncio.run(browse_readers.click(address, readers, seconds))
    processor_ms = (spent(pid)[0] - before) * 1_000 / max(1, clicks.count)
    times = [took for took, _ in clicks.times] or [0.0]
    p50, p95 = statistics.median(times), _percentile(times, 0.95)
    refused = sum(clicks.refused.values())
    table([
        (f"{readers} readers", f"{clicks.count} clicks", ""),
        ("median, p95, slowest", f"{p50:.0f}, {p95:.0f}, {max(times):.0f} ms",
         _aim(p95 <= MAX_READER_MS, f"p95 at most {MAX_READER_MS} ms")),
        ("refused", f"{refused}", _aim(not refused, "none")),
        ("processor time of a click", f"{processor_ms:.0f} ms", ""),
        ("clicks that came late", f"{clicks.late}", "0, else the machine is too busy"),
        *((f"  {name}", f"{count} clicks", f"slowest {slowest:.0f} ms")
          for name, count, slowest in browse_readers.count_kinds(clicks)),
        *((f"  {why}", f"{count} times", "refused")
          for why, count in clicks.refused.most_common(10)),
    ])  # fmt: skip


def _print_pages(
    client: httpx.Client, pid: int, pages: list[str], requests: int
) -> None:
    width = max(map(len, pages))
    print(
        f"{'page':<{width}}  status  first    p50    p95  processor     size",
        flush=True,
    )
    for page in pages:
        first_ms, response = _time_request(client, page)
        before, _ = spent(pid)
        times = [_time_request(client, page)[0] for _ in range(requests)]
        processor_ms = (spent(pid)[0] - before) * 1_000 / requests
        p50, p95 = statistics.median(times), _percentile(times, 0.95)
        is_ours = page == "/" or page.startswith(("/-/", "/?"))
        most = MAX_PAGE_MS if is_ours else MAX_TABLE_MS
        aim = _aim(p95 <= most and response.is_success, f"at most {most} ms")
        print(
            f"{page:<{width}}  {response.status_code:>6}  {first_ms:>5.0f}  {p50:>5.0f}"
            f"  {p95:>5.0f}  {processor_ms:>6.0f} ms  {len(response.content) / 1e3:>3.0f}"
            f" kB  {aim}",
            flush=True,
        )


def _time_request(client: httpx.Client, page: str) -> tuple[float, httpx.Response]:
    """Milliseconds on the clock, and the response."""
    began = time.perf_counter()
    response = client.get(page)
    return (time.perf_counter() - began) * 1_000, response


def _percentile(values: list[float], share: float) -> float:
    """The least value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _print_attacks(client: httpx.Client, pid: int, database: str) -> None:
    rows = []
    for name, sql in ATTACKS.items():
        longest = 0.0
        for form in (".json", "", ".csv"):
            before, _ = spent(pid)
            client.get(f"/{database}{form}", params={"sql": sql})
            longest = max(longest, spent(pid)[0] - before)
        memory = spent(pid)[1]
        met = longest <= MAX_ATTACK_SECONDS and memory <= MAX_MEMORY_MB
        rows.append(
            (
                name,
                f"{longest:.1f} s, {memory} MB",
                _aim(
                    met,
                    f"at most {MAX_ATTACK_SECONDS:.0f} s, {MAX_MEMORY_MB} MB peak so far",
                ),
            )
        )
    table(rows)


def _aim(met: bool, aim: str) -> str:
    return aim if met else f"{aim}: NOT MET"


if __name__ == "__main__":
    main()
