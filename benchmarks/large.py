"""Measure the commands that must not grow with the archive, and an upgrade.

    python benchmarks/large.py FOLDER… [--times 5] [--upgrade]

``large_archive.py`` makes such a folder. Prints a row for each command, and for each
archive the processor time of the whole program: the median of several runs, after one
that does not count. ``--upgrade`` takes a copy of each archive back to the migration
before the counts, and upgrades it: duration, space and steps, against what is stated.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT
from harvester.archive.connection import Archive
from harvester.archive.schema import split_statements
from harvester.archive.upgrade import make_plan

AIMS = {"status": 0.5, "stats": 0.5, "looks": 0.5, "changes": 0.5, "search": 0.3}
MIGRATIONS = ROOT / "harvester/archive/migrations"
OLD_VERSION = 8  # the last one without counts
CREATED = re.compile(r"(?:--.*\n\s*)*create (table|index|trigger) (\w+)")
ADDED = re.compile(r"(?:--.*\n\s*)*alter table (\w+) add column (\w+)")


def processor_time(folder: Path, arguments: tuple[str, ...]) -> float:
    """Seconds of processor time of ``harvest`` in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harvester.cli", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{folder}: harvest {' '.join(arguments)} failed")
    return used.ru_utime + used.ru_stime


def choose_words(archive: Path) -> dict[str, str]:
    """A rare, a common and a frequent word of the archive, and the last day."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        connection.execute(
            "create virtual table temp.words using fts5vocab(main, versions_fts, row)"
        )
        (versions,) = connection.execute("select count(*) from versions").fetchone()
        # The largest of the archive's languages, of which words are in few texts.
        words = {
            name: connection.execute(
                """
                select term from temp.words
                where doc between ? and ? and length(term) > 2
                order by abs(doc - ?), term limit 1""",
                [low, high, (low + high) / 2],
            ).fetchone()[0]
            for name, low, high in (
                ("rare", 2, 4),
                ("common", versions // 200, versions // 50),
                ("second", versions // 60, versions // 30),
            )
        }
        words["frequent"] = connection.execute(
            "select term from temp.words order by doc desc limit 1"
        ).fetchone()[0]
        words["day"] = connection.execute(
            "select max(first_seen) from versions"
        ).fetchone()[0][:10]
        words["outlet"] = connection.execute(
            "select key from outlets order by key limit 1 offset 5"
        ).fetchone()[0]
    return words


def list_commands(words: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Name → arguments."""
    common, day = words["common"], words["day"]
    return {
        "status": ("status",),
        "stats": ("stats",),
        "looks": ("looks",),
        "changes --by outlet": ("changes", "--by", "outlet"),
        "changes --by … --since DAY": ("changes", "--by", "outlet", "--since", day),
        "changes": ("changes",),
        "changes --outlet": ("changes", "--outlet", words["outlet"]),
        "search RARE": ("search", words["rare"]),
        "search COMMON": ("search", common),
        "search FREQUENT": ("search", words["frequent"]),
        "search --rank COMMON": ("search", "--rank", common),
        "search PREFIX*": ("search", f"{common[:3]}*"),
        "search COMMON SECOND": ("search", common, words["second"]),
        "search COMMON --outlet": ("search", common, "--outlet", words["outlet"]),
        "search COMMON --since DAY": ("search", common, "--since", day),
        "search RARE --since DAY": ("search", words["rare"], "--since", day),
    }


def measure(folders: list[Path], times: int) -> None:
    """Print the table."""
    commands = [list_commands(choose_words(one / "archive.db")) for one in folders]
    print(f"{'':<34}" + "".join(f"{one.name:>12}" for one in folders) + f"{'aim':>8}")
    size = [(one / "archive.db").stat().st_size / 1e9 for one in folders]
    print(f"{'GB':<34}" + "".join(f"{one:>12.2f}" for one in size))
    for name in commands[0]:
        seconds = []
        for folder, chosen in zip(folders, commands, strict=True):
            runs = [processor_time(folder, chosen[name]) for _ in range(times + 1)]
            seconds.append(median(runs[1:]))
        aim = AIMS[name.split()[0]]
        over = "  over" if max(seconds) > aim else ""
        print(
            f"{name:<34}"
            + "".join(f"{one:>10.2f} s" for one in seconds)
            + f"{aim:>6.1f} s{over}",
            flush=True,
        )


def undo_migrations(archive: Path, version: int) -> None:
    """Take an archive back to an earlier version, the one before the counts or later."""
    statements = [
        statement
        for path in sorted(MIGRATIONS.glob("*.sql"))
        if int(path.name[:3]) > version
        for statement in split_statements(path.read_text("utf-8"))
    ]
    with closing(sqlite3.connect(archive)) as connection:
        for statement in reversed(statements):
            created = CREATED.match(statement)
            added = ADDED.match(statement)
            if created:
                connection.execute(f"drop {created[1]} if exists {created[2]}")
            elif added:
                connection.execute(f"alter table {added[1]} drop column {added[2]}")
        connection.execute(
            "delete from _sqlite_migrations where substr(name, 2, 3) > ?",
            [f"{version:03d}"],
        )
        connection.execute(f"pragma user_version = {version}")
        connection.commit()
        connection.execute("vacuum")


def upgrade(folder: Path) -> None:
    """Print what an upgrade takes, step by step."""
    copy = folder / "upgrade" / "archive.db"
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir()
    shutil.copy(folder / "archive.db", copy)
    undo_migrations(copy, OLD_VERSION)
    plan = make_plan(copy, OLD_VERSION)
    print(f"{folder.name}: {plan}")
    largest = [0]
    steps: list[tuple[str, float, float]] = []

    def report(step: str, _share: float) -> None:
        files = copy.parent.iterdir()
        largest[0] = max(largest[0], sum(one.stat().st_size for one in files))
        if not steps or steps[-1][0] != step:
            steps.append((step, time.process_time(), time.monotonic()))

    Archive.open(copy, None, report).close()
    ends = [*steps[1:], ("", time.process_time(), time.monotonic())]
    for (name, cpu, clock), (_, cpu_end, clock_end) in zip(steps, ends, strict=True):
        print(f"  {name[:60]:<60} {cpu_end - cpu:>7.1f} s {clock_end - clock:>7.1f} s")
    files = copy.parent.iterdir()
    largest[0] = max(largest[0], sum(one.stat().st_size for one in files))
    used = largest[0] - plan.size
    print(
        f"  in all {ends[-1][1] - steps[0][1]:.1f} s of processor time and "
        f"{ends[-1][2] - steps[0][2]:.1f} s, stated {plan.seconds:.1f} s; "
        f"{used / plan.size:.2f} of the archive's size of space, stated "
        f"{plan.needed / plan.size:.2f}"
    )
    shutil.rmtree(copy.parent)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--upgrade", action="store_true")
    options = parser.parse_args()
    folders = [one.resolve() for one in options.folders]
    if options.upgrade:
        for folder in folders:
            upgrade(folder)
    else:
        measure(folders, options.times)


if __name__ == "__main__":
    main()
