"""Measure what each page of the browser costs, and what malicious SQL can use.

    python benchmarks/browse.py ARCHIVE.db

A large archive is best; ``benchmarks/scale.py`` builds one. Pages are requested as a
reader would, and the processor time of Datasette is the mean of three requests. Then
each query of ``tests/support/sql_attacks.py`` runs with the settings of
``harvest browse``, as JSON, page and CSV; printed is the worst of the three.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from harvester.cli.browse import DATASETTE_SETTINGS
from tests.support.datasette_server import start
from tests.support.sql_attacks import ATTACKS, spent

MAX_PAGE_MS = 100  # processor time
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

        outlet = first_value(
            "select outlet from articles group by outlet order by count(*) desc limit 1"
        )
        most_edited = first_value(
            "select key from articles order by versions desc limit 1"
        )
        cluster = first_value(
            "select cluster from clusters group by cluster order by count(*) desc limit 1"
        )
        word = next(
            iter(
                re.findall(
                    r"\w{5,}",
                    first_value("select title from versions order by id desc limit 1"),
                )
            ),
            "news",
        )
    pages = [
        "/",
        "/-/changes",
        "/-/removals",
        "/-/changes.atom",
        "/-/copies",
        f"/-/article/{most_edited}",
        f"/-/outlet/{outlet}",
        f"/-/search?q={word}",
        f"/-/search?q={word}&order=newest",
    ]
    return (
        [*pages, f"/-/copies/{cluster}", f"/-/article/{cluster}"] if cluster else pages
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, help="archive database, read only")
    path = parser.parse_args().archive
    settings = [
        part
        for name, value in DATASETTE_SETTINGS.items()
        for part in ("--setting", name, value)
    ]
    with tempfile.TemporaryDirectory() as folder:
        process, address, _ = start(path, Path(folder), *settings)
        try:
            with httpx.Client(base_url=address, timeout=300) as client:
                _print_pages(client, process.pid, _pages(path))
                _print_attacks(
                    client, process.pid, next(iter(client.get("/.json").json()))
                )
        finally:
            process.terminate()
            process.wait(20)


def _print_pages(client: httpx.Client, pid: int, pages: list[str]) -> None:
    rows = []
    for page in pages:
        client.get(page)
        before, _ = spent(pid)
        responses = [client.get(page) for _ in range(3)]
        ms = (spent(pid)[0] - before) * 1_000 / 3
        rows.append(
            (
                page,
                f"{ms:.0f} ms, {len(responses[0].content) / 1_000:.0f} kB",
                _aim(ms <= MAX_PAGE_MS, f"at most {MAX_PAGE_MS} ms"),
            )
        )
    table(rows)


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
