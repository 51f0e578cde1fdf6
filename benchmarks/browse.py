"""The archive in the browser: what each page costs, and what SQL that means harm can take of the machine.

    python benchmarks/browse.py ARCHIVE.db          # an archive, the larger the better: benchmarks/scale.py makes one

The pages are asked as a reader would (processor time of Datasette, the mean of three); then each attack of ``tests/support/sql_attacks.py``
with the settings of ``harvest browse``, as JSON, page and CSV: the longest and the largest of the three.
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

PAGE = 100  # ms of processor time
ATTACK = 4.0  # seconds of processor time: Datasette's limit of two, the watcher's, and the page
MEMORY = 600  # MB


def _pages(path: Path) -> list[str]:
    with closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    ) as connection:

        def one(sql: str) -> str:
            row = connection.execute(sql).fetchone()
            return str(row[0]) if row else ""

        outlet = one(
            "select outlet from articles group by outlet order by count(*) desc limit 1"
        )
        most = one("select key from articles order by versions desc limit 1")
        first = one(
            "select cluster from clusters group by cluster order by count(*) desc limit 1"
        )
        word = next(
            iter(
                re.findall(
                    r"\w{5,}",
                    one("select title from versions order by id desc limit 1"),
                )
            ),
            "news",
        )
    ours = ["/", "/-/changes", "/-/removals", "/-/changes.atom", "/-/copies", f"/-/article/{most}", f"/-/outlet/{outlet}",
            f"/-/search?q={word}", f"/-/search?q={word}&order=newest"]  # fmt: skip
    return [*ours, f"/-/copies/{first}", f"/-/article/{first}"] if first else ours


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("archive", type=Path)
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
        answers = [client.get(page) for _ in range(3)]
        ms = (spent(pid)[0] - before) * 1_000 / 3
        rows.append(
            (
                page,
                f"{ms:.0f} ms, {len(answers[0].content) / 1_000:.0f} kB",
                _aim(ms <= PAGE, f"at most {PAGE} ms"),
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
        met = longest <= ATTACK and memory <= MEMORY
        rows.append(
            (
                name,
                f"{longest:.1f} s, {memory} MB",
                _aim(met, f"at most {ATTACK:.0f} s, {MEMORY} MB at once so far"),
            )
        )
    table(rows)


def _aim(met: bool, aim: str) -> str:
    return aim if met else f"{aim}: NOT MET"


if __name__ == "__main__":
    main()
