"""Measure what each page of the browser costs, and what malicious SQL can use.

    python benchmarks/browse.py ARCHIVE.db [--requests 9] [--pages]

A large archive is best; ``benchmarks/scale.py`` builds one. Pages are requested as a
reader would, one after another: the first time, then ``--requests`` times, of which the
median and the 95th percentile on the clock and the mean of Datasette's processor time
are printed. The machine must be idle for times on the clock. Then, unless ``--pages`` is
given, each query of ``tests/support/sql_attacks.py`` runs with the settings of
``harvest browse``, as JSON, page and CSV; printed is the worst of the three.
"""

from __future__ import annotations

import argparse
import math
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
from datasette.utils import tilde_encode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from harvester.cli.browse import DATASETTE_SETTINGS
from tests.support.datasette_server import start
from tests.support.sql_attacks import ATTACKS, spent

MAX_PAGE_MS = 300  # on the clock, the 95th percentile
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
        edited = first_value("select article from changes order by id desc limit 1")
        cluster = first_value("select cluster from clusters limit 1")
        text = first_value("select text from versions order by id desc limit 1")
        frequent = Counter(re.findall(r"\w+", text.lower())).most_common(1)[0][0]
        rare = first_value("select title from versions order by id limit 1 offset 9")
        rare = max(re.findall(r"\w+", rare) or ["news"], key=len)
    database = tilde_encode(path.stem)
    lists = ("changes", "removals", "copies")
    pages = [
        "/",
        *(f"/-/outlet/{outlet}" for outlet in outlets),
        *(f"/-/{page}" for page in lists),
        *(f"/-/{page}?outlet={outlet}" for page in lists for outlet in outlets),
        "/-/removals?kind=returned",
        "/-/changes.atom",
        f"/-/article/{edited}",
        f"/-/search?q={rare}",
        f"/-/search?q={frequent}",
        f"/-/search?q={frequent}&order=newest",
        f"/-/search?q={frequent[:2]}*",
        f"/-/search?q={frequent}+{rare}",
        *(f"/-/search?q={frequent}&outlet={outlet}" for outlet in outlets),
        *(f"/-/search?q={rare}&outlet={outlet}" for outlet in outlets),
    ]
    if cluster:
        pages += [f"/-/copies/{cluster}", f"/-/article/{cluster}"]
    tables = ("articles", "versions", "captures", "outlet_stats", "feed_health")
    return [*pages, f"/{database}", *(f"/{database}/{table}" for table in tables)]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, help="archive database, read only")
    parser.add_argument("--requests", type=int, default=9, help="of each page")
    parser.add_argument("--pages", action="store_true", help="leave out the attacks")
    options = parser.parse_args()
    path = options.archive
    settings = [
        part
        for name, value in DATASETTE_SETTINGS.items()
        for part in ("--setting", name, value)
    ]
    with tempfile.TemporaryDirectory() as folder:
        process, address, _ = start(path, Path(folder), *settings)
        try:
            with httpx.Client(base_url=address, timeout=300) as client:
                _print_pages(client, process.pid, _pages(path), options.requests)
                if not options.pages:
                    database = next(iter(client.get("/.json").json()))
                    _print_attacks(client, process.pid, database)
        finally:
            process.terminate()
            process.wait(20)


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
        aim = _aim(p95 <= MAX_PAGE_MS, f"at most {MAX_PAGE_MS} ms")
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
