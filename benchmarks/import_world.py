"""Compare a world that was harvested live with the same world, imported.

    python benchmarks/import_world.py [--days 60] [--kills 10] [--seed 1] [--list 20]

Several weeks of the simulated press (articles, edits, headline changes, removals,
returns, moves) are harvested into one archive; its WARC files are imported into an empty
one, by a process that is killed at random instants and started again. Prints how many
articles, versions and changes differ.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from harvester.importing.run import find_files, import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.settings import Settings, load_settings
from tests.support import simulated_week

UNTIL = datetime(2025, 9, 20, 18, 0, tzinfo=UTC)
NOW = "2026-12-01T12:00:00Z"
# What is compared: columns that say what was published, and when it was seen.
COMPARED = {
    "articles": "key, url, outlet, state, version, versions, first_seen",
    "versions": "article, number, title, text, published, authors, first_seen, wording",
    "changes": """article, at, kind, fields, sentences, back,
        (select number from versions v where v.id = changes.before),
        (select number from versions v where v.id = changes.after)""",
    "events": "kind, article, at",
    "urls": "address, article, kind",
    "captures": "url, reached, at, status, sha256, kind",
}


def rows(path: Path, name: str, columns: str) -> set[tuple[Any, ...]]:
    """The rows of a table that are compared."""
    where = ""
    if name == "events":
        where = "where article is not null and kind <> 'layout changed'"
    if name == "captures":
        where = "where kind in ('article', 'feed', 'redirect')"
    with closing(sqlite3.connect(path)) as connection:
        known = {row[1] for row in connection.execute(f"pragma table_info({name})")}
        wanted = [
            part.strip()
            for part in columns.replace("\n", " ").split(", ")
            if part.strip().startswith("(") or part.strip() in known
        ]
        sql = f"select {', '.join(wanted)} from {name} {where}"
        return set(map(tuple, connection.execute(sql).fetchall()))


def run(settings: Settings, source: Path) -> ImportResult:
    """Import the files of a folder."""
    return import_files(
        settings,
        [ImportFile(path) for path in find_files([source])],
        ImportOptions(),
        NOW,
        lambda *_: None,
    )


def main() -> int:
    """Measure and print; 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=60, help="before the last week")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", type=int, default=20, help="rows that differ")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        live = Path(name) / "live"
        live.mkdir()
        week = simulated_week.build(live, UNTIL, options.days)
        settings = load_settings(live / "settings.toml")
        target = replace(
            settings,
            archive=Path(name) / "imported" / "archive.db",
            captures=Path(name) / "imported" / "captures",
        )
        source = live / "captures"
        rng, killed, started = random.Random(options.seed), 0, time.monotonic()
        context = multiprocessing.get_context("fork")
        for _ in range(options.kills):
            process = context.Process(target=run, args=(target, source))
            process.start()
            process.join(rng.uniform(0.2, 20.0))
            if process.is_alive():
                killed += 1
                process.kill()
            process.join()
        result = run(target, source)
        elapsed = time.monotonic() - started
        figures, differing = [], 0
        for what, columns in COMPARED.items():
            theirs = rows(week.path, what, columns)
            ours = rows(target.archive, what, columns)
            missing, more = theirs - ours, ours - theirs
            figures.append((f"{what}: harvested", f"{len(theirs)}", ""))
            figures.append((f"{what}: lacking", f"{len(missing)}", "0"))
            figures.append((f"{what}: more", f"{len(more)}", "0"))
            if what in ("articles", "versions", "changes"):
                differing += len(missing) + len(more)
            for sign, row in [
                *(("-", row) for row in sorted(missing, key=repr)),
                *(("+", row) for row in sorted(more, key=repr)),
            ][: options.list]:
                print(sign, what, *(repr(value)[:90] for value in row), file=sys.stderr)
        table(
            [
                *figures,
                ("kills", f"{killed}", ""),
                ("seconds", f"{elapsed:.0f}", ""),
            ]
        )
        print(f"outcomes: {dict(result.outcomes)}, {dict(result.joined)}")
        print(f"left out: {dict(result.skipped)}; {dict(result.reasons)}")
    return int(differing > 0)


if __name__ == "__main__":
    raise SystemExit(main())
