"""Measure a static edition: files a second and memory, each run as a process of its own.

    python benchmarks/publish.py ARCHIVE.db [--text all]

``large_archive.py`` makes an archive (``--articles 20000``); it is copied, and the copy is
edited. Prints a row for the first run, for one with nothing changed, and for one after
an edit of one article: files written, files a second, seconds and peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

ROOT = Path(__file__).resolve().parent.parent
MIN_FILES_PER_SECOND = 500  # of processor time, when all are written
MAX_MEGABYTES = 250
MAX_WRITTEN_BY_EDIT = 20


@dataclass(frozen=True)
class Run:
    """One run of the command."""

    summary: dict[str, Any]
    processor_seconds: float
    seconds: float
    megabytes: float  # resident, at most


def publish(archive: Path, folder: Path, options: list[str]) -> Run:
    """Publish all articles, in a process of its own."""
    settings = archive.with_name("settings.toml")
    command = [sys.executable, "-P", "-m", "harvester.cli", "--settings", str(settings)]
    command += ["publish", str(folder), "--since", "1990", "--json", *options]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    started = time.monotonic()
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return Run(
        json.loads(printed),
        usage.ru_utime + usage.ru_stime,
        time.monotonic() - started,
        usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
    )


def copy_archive(archive: Path, folder: Path) -> Path:
    """A copy with settings of its own, in which nothing has a login."""
    copy = folder / "archive.db"
    with (
        closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    (folder / "settings.toml").write_text(
        '[archive]\npath = "archive.db"\n\n[outlets.none]\n'
        'feeds = ["https://none.example/feed"]\n'
    )
    return copy


def edit_article(archive: Path) -> None:
    """Give the newest article another headline, as an edit does."""
    with closing(sqlite3.connect(archive)) as connection, connection:
        (key,) = connection.execute(
            "select key from articles order by id desc limit 1"
        ).fetchone()
        connection.execute(
            "update versions set title = title || ' (corrected)', wording = 'edited' "
            "where article = ?",
            [key],
        )


def main() -> None:
    """Measure three runs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--text", choices=["excerpt", "all"], default="excerpt")
    arguments = parser.parse_args()
    options = ["--text", arguments.text]
    folder = Path(tempfile.mkdtemp(prefix="harvester-publish-"))
    try:
        archive = copy_archive(arguments.archive, folder)
        runs = {"first": publish(archive, folder / "site", options)}
        runs["nothing changed"] = publish(archive, folder / "site", options)
        edit_article(archive)
        runs["one edit"] = publish(archive, folder / "site", options)
    finally:
        shutil.rmtree(folder)
    rows = [
        [
            name,
            run.summary["articles"],
            run.summary["files"],
            run.summary["written"],
            round(run.summary["written"] / run.processor_seconds),
            round(run.processor_seconds, 1),
            round(run.seconds, 1),
            round(run.megabytes),
        ]
        for name, run in runs.items()
    ]
    headers = ["run", "articles", "files", "written", "a processor second"]
    print(tabulate(rows, [*headers, "processor s", "s", "MB"]))
    print(
        f"aims: {MIN_FILES_PER_SECOND} files a processor second, at most "
        f"{MAX_MEGABYTES} MB, {MAX_WRITTEN_BY_EDIT} files written by one edit"
    )
    first, edited = runs["first"], runs["one edit"].summary
    if (
        first.summary["written"] / first.processor_seconds < MIN_FILES_PER_SECOND
        or max(run.megabytes for run in runs.values()) > MAX_MEGABYTES
        or runs["nothing changed"].summary["written"]
        or not 0 < edited["written"] <= MAX_WRITTEN_BY_EDIT
    ):
        sys.exit(1)


if __name__ == "__main__":
    main()
