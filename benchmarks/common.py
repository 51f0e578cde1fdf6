"""What the benchmarks share: real pages, the crawl as a program, and what it cost."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETS = (
    "fundus",
    "fundus-evaluation",
    "scrapinghub",
    "postlight",
    "readability",
    "wcxb",
    "trafilatura",
)


def corpora() -> Path | None:
    """The folder of real pages; None where there is none."""
    folder = Path(os.environ.get("CORPORA") or ROOT.parent / "shared" / "corpora")
    return folder if folder.is_dir() else None


def real_pages(count: int) -> list[tuple[str, bytes]]:
    """(name, body) of real pages, evenly from all sets; empty without corpora."""
    folder = corpora()
    if folder is None:
        return []
    lists = [sorted((folder / "pages" / name).glob("*.html.gz")) for name in SETS]
    paths: list[Path] = []
    place = 0
    while len(paths) < count and any(place < len(one) for one in lists):
        paths += [one[place] for one in lists if place < len(one)]
        place += 1
    return [
        (f"{path.parent.name}-{path.name[:4]}", gzip.decompress(path.read_bytes()))
        for path in paths[:count]
    ]


@dataclass(slots=True)
class Cost:
    """What a program cost: seconds of processor time and on the clock, bytes of memory of its whole tree: ``memory`` counts what its
    processes share once, ``resident`` as often as they have it. ``own``: of the processor time that of its first process alone."""

    cpu: float
    wall: float
    memory: int
    counts: dict[str, Any]
    lag: dict[str, float]
    resident: int = 0
    own: float = 0.0


def crawl(settings: Path, *arguments: str) -> Cost:
    """Run the crawl once, as a program."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "spiders",
        "--settings",
        str(settings),
        "--once",
        *arguments,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )
    peak, own = [0, 0], 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal own
        while not done.wait(0.1):
            peak[:] = map(max, peak, tree_memory(process.pid))
            own = max(own, processor_time(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.stdout is not None
    lines = process.stdout.read().strip().splitlines()
    code = process.wait()
    wall = time.monotonic() - started
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        raise SystemExit(f"the crawl ended with {code}")
    end = json.loads(lines[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, peak[0], end["counts"], end.get("lag", {}), peak[1], own)


def processor_time(pid: int) -> float:
    """Seconds that a process has had; 0 where it is gone, or the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end_in_order() -> None:
    """Told to end, end as at an error: with what was begun taken back."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # A shell that starts a job in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def tree_memory(root: int) -> tuple[int, int]:
    """Bytes of a process and all below it: with what they share counted once (on Linux), and as often as they have it."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - a hot loop of names
        if entry.isdigit():
            try:
                fields = (
                    Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                )
            except OSError:
                continue
            parents[int(entry)], sizes[int(entry)] = int(fields[1]), int(fields[21])
    total = resident = 0
    page = os.sysconf("SC_PAGE_SIZE")
    for pid, size in sizes.items():
        one: int | None = pid
        while one and one != root:
            one = parents.get(one)
        if one == root:
            resident += size * page
            total += _proportional(pid) or size * page
    return total, resident


def _proportional(pid: int) -> int:
    """Bytes of a process, each page that it shares with others divided by their number; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(
        (int(one.split()[1]) * 1024 for one in lines if one.startswith("Pss:")), 0
    )


def table(rows: list[tuple[str, str, str]]) -> None:
    """Print what was measured beside what was aimed at."""
    width = max(len(name) for name, _, _ in rows)
    for name, value, aim in rows:
        print(f"{name:<{width}}  {value:>22}  {aim}")
