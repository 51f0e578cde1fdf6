"""Measure an import of WARC files, and compare it with reading the same pages alone.

    python benchmarks/import_warc.py [--megabytes 500] [--outlets 40] [--profile]

Makes files of real pages (generated ones without the corpora), each page with words of
its own, and imports them into an empty archive. The limit is what the same workers read
in this run when they do nothing else. On a machine that does other work too, compare
processor times: they hardly depend on it.
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import pstats
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import real_pages, table
from benchmarks.harvest import HTML, extraction_limit, invented_pages
from harvester.archive.records import warc_records
from harvester.importing.run import find_files, import_files
from harvester.importing.types import ImportFile, ImportOptions
from harvester.schedule.times import add_seconds
from harvester.settings import Settings, parse_settings

START = "2026-09-01T00:00:00Z"
NOW = "2026-12-01T12:00:00Z"
FILE_BYTES = 200_000_000
GOAL_BYTES = 20_000_000_000  # a day or two of CC-NEWS
AIM = 0.9


def variants(pages: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Pages without end: each time round, every page has other words."""
    round_number = 0
    while True:
        for name, body in pages:
            words = f" Edition {round_number} of {name}.</p>".encode()
            yield f"{name}-{round_number}", body.replace(b"</p>", words, 1)
        round_number += 1


def write_files(
    pages: list[tuple[str, bytes]], folder: Path, size: int, outlets: int
) -> list[tuple[str, bytes]]:
    """Write WARC files of so many bytes; returns the pages that are in them."""
    written: list[tuple[str, bytes]] = []
    total, file, at = 0, None, START
    for number, (name, body) in enumerate(variants(pages)):
        if total >= size:
            break
        if file is None or file.tell() > FILE_BYTES:
            path = folder / f"news-{number:06}.warc.gz"
            file = path.open("wb")
            file.write(warc_records.build_warcinfo(path.name, START, "a crawler/1"))
        at = add_seconds(at, 1)
        url = f"https://www.paper{number % outlets}.example/news/{name}.html"
        total += file.write(
            warc_records.build_response(url, at, 200, HTML, body, False)
        )
        written.append((name, body))
    if file is not None:
        file.close()
    return written


def build_settings(folder: Path, outlets: int) -> Settings:
    """An empty archive with the outlets."""
    text = '[archive]\npath = "archive.db"\ncaptures = "captures"\n' + "".join(
        f'[outlets.paper{n}]\nhome = "https://www.paper{n}.example/"\n'
        f'feeds = ["https://www.paper{n}.example/feed"]\n'
        for n in range(outlets)
    )
    return parse_settings(text, folder / "settings.toml", {})


class StageTimes:
    """Elapsed and own processor seconds of each stage of an import."""

    def __init__(self) -> None:
        self.elapsed: Counter[str] = Counter()
        self.own: Counter[str] = Counter()
        self._stage = "start"
        self._last = time.monotonic(), time.process_time()

    def __call__(self, stage: str, done: int, total: int) -> None:
        stage = stage.partition(":")[0]
        if stage == self._stage:
            return
        now = time.monotonic(), time.process_time()
        self.elapsed[self._stage] += now[0] - self._last[0]
        self.own[self._stage] += now[1] - self._last[1]
        self._stage, self._last = stage, now


def children_seconds() -> float:
    """Processor seconds of ended child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--pages", type=int, default=1_500, help="different ones")
    parser.add_argument("--outlets", type=int, default=40)
    parser.add_argument("--profile", action="store_true", help="of the main process")
    options = parser.parse_args()
    cores = multiprocessing.cpu_count()
    different = real_pages(options.pages) or invented_pages(options.pages)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warc = folder / "warc"
        warc.mkdir()
        size = options.megabytes * 1_000_000
        pages = write_files(different, warc, size, options.outlets)
        size = sum(path.stat().st_size for path in warc.iterdir())
        print(
            f"{len(pages)} pages, {size / 1e6:.0f} MB of WARC files, mean size "
            f"{sum(len(body) for _, body in pages) / len(pages) / 1000:.0f} kB, "
            f"{cores} cores",
            file=sys.stderr,
        )
        limit, reading = extraction_limit(pages, cores)
        count = len(pages)
        del pages
        settings = build_settings(folder, options.outlets)
        times, before = StageTimes(), children_seconds()
        started, own = time.monotonic(), time.process_time()
        profile = cProfile.Profile()
        if options.profile:
            profile.enable()
        result = import_files(
            settings,
            [ImportFile(path) for path in find_files([warc])],
            ImportOptions(workers=cores),
            NOW,
            times,
        )
        profile.disable()
        times("end", 0, 0)
        elapsed, own = time.monotonic() - started, time.process_time() - own
        workers = children_seconds() - before
        if options.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        shutil.rmtree(folder / "captures", ignore_errors=True)
    speed = count / elapsed
    used = own + workers
    table(
        [
            ("pages a second", f"{speed:.1f}", ""),
            ("read by the workers alone, a second", f"{limit:.1f}", ""),
            ("share of the limit, by the clock", f"{speed / limit:.2f}", f"{AIM}"),
            ("the same by processor time", f"{reading / used:.2f}", f"{AIM}"),
            ("processor time a page: workers", f"{workers / count * 1e3:.1f} ms", ""),
            ("reading alone", f"{reading / count * 1e3:.1f} ms", ""),
            ("own process", f"{own / count * 1e3:.1f} ms", ""),
            ("20 GB by the clock", f"{GOAL_BYTES / size * elapsed / 3600:.1f} h", ""),
            (
                "20 GB by processor time",
                f"{GOAL_BYTES / size * used / cores / 3600:.1f} h",
                "",
            ),
            *(
                (
                    f"stage: {stage}",
                    f"{times.elapsed[stage]:.1f} s",
                    f"own: {times.own[stage] / count * 1e3:.2f} ms a page",
                )
                for stage in times.elapsed
            ),
        ]
    )
    print(f"outcomes: {dict(result.outcomes)}")
    print(f"left out: {dict(result.skipped)}")


if __name__ == "__main__":
    main()
