"""Measure an export: articles a second and memory, for each format, as a process of its own.

    python benchmarks/export.py ARCHIVE.db [--formats jsonl,csv,parquet] [--times 3]

``large_archive.py`` makes an archive (``--articles 100000``). Prints a row for each format:
articles a second of processor time and of the clock (best of several runs), the most
memory that the process held, the size of the file, and whether two runs gave the same
bytes. The clock says what else the machine does; the aim is on processor time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

ROOT = Path(__file__).resolve().parent.parent
MIN_ARTICLES_PER_SECOND = 5_000
MAX_MEGABYTES = 150


@dataclass(frozen=True)
class Run:
    """One export."""

    articles: int
    processor_seconds: float
    seconds: float
    megabytes: float  # resident, at most
    size: int
    digest: str


def export(archive: Path, target: Path, options: list[str]) -> Run:
    """Export in a process of its own."""
    command = [sys.executable, "-P", "-m", "harvester.cli", "--archive", str(archive)]
    command += ["export", "-o", str(target), *options]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Run(
        int(printed.rpartition(": ")[2].split()[0]),
        usage.ru_utime + usage.ru_stime,
        seconds,
        usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
        target.stat().st_size,
        digest,
    )


def main() -> None:
    """Measure each format and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--formats", default="jsonl,csv,parquet")
    parser.add_argument("--times", type=int, default=2)
    arguments = parser.parse_args()
    rows, missed = [], False
    with tempfile.TemporaryDirectory(prefix="harvester-") as folder:
        for name in arguments.formats.split(","):
            for options in ([], ["--changes", "--copies"]):
                runs = []
                for number in range(arguments.times):
                    target = Path(folder) / f"{number}.{name}"
                    runs.append(export(arguments.archive, target, options))
                    target.unlink()
                best = min(run.processor_seconds for run in runs)
                rate = runs[0].articles / best
                memory = max(run.megabytes for run in runs)
                missed |= rate < MIN_ARTICLES_PER_SECOND or memory > MAX_MEGABYTES
                rows.append(
                    [
                        " ".join([name, *options]),
                        runs[0].articles,
                        round(rate),
                        round(runs[0].articles / min(run.seconds for run in runs)),
                        round(memory),
                        round(runs[0].size / 1e6),
                        len({run.digest for run in runs}) == 1,
                    ]
                )
    headers = ["format", "articles", "a processor second", "a second", "MB", "file MB"]
    print(tabulate(rows, [*headers, "same bytes"]))
    print(f"aim: {MIN_ARTICLES_PER_SECOND} a second, at most {MAX_MEGABYTES} MB")
    if missed:
        sys.exit(1)


if __name__ == "__main__":
    main()
