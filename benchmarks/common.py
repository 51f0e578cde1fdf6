"""What the benchmarks share: real pages, running the crawl, and measuring its cost."""

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
from typing import Any, BinaryIO, cast

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harvester.archive.connection import Archive  # noqa: E402 (they are beside us)
from harvester.settings import load_settings  # noqa: E402
from harvester.settings.handover import send_settings  # noqa: E402

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
    """The folder of real pages, or None if it does not exist."""
    folder = Path(os.environ.get("CORPORA") or ROOT.parent / "shared" / "corpora")
    return folder if folder.is_dir() else None


def real_pages(count: int) -> list[tuple[str, bytes]]:
    """(name, body) of real pages, taken evenly from all sets; empty without corpora."""
    folder = corpora()
    if folder is None:
        return []
    lists = [sorted((folder / "pages" / name).glob("*.html.gz")) for name in SETS]
    paths: list[Path] = []
    index = 0
    while len(paths) < count and any(index < len(files) for files in lists):
        paths += [files[index] for files in lists if index < len(files)]
        index += 1
    return [
        (f"{path.parent.name}-{path.name[:4]}", gzip.decompress(path.read_bytes()))
        for path in paths[:count]
    ]


@dataclass(slots=True)
class Cost:
    """What a program used: seconds of processor time and elapsed, and peak bytes of memory.

    The memory is that of its whole process tree: ``memory`` counts shared pages once,
    ``resident`` counts them in each process. ``own`` is the processor time of its first
    process alone, ``start`` that before its first request.
    """

    cpu: float
    wall: float
    memory: int
    counts: dict[str, Any]
    lag: dict[str, float]
    resident: int = 0
    own: float = 0.0
    start: float = 0.0


def crawl(settings: Path, *arguments: str) -> Cost:
    """Run the crawl process once, as ``harvest`` starts it: see ``crawl_process``.

    The archive is there: it is created once in its life, which takes .2 s.
    """
    loaded = load_settings(settings)
    Archive.open(loaded.archive, loaded.captures).close()
    command = [
        *(sys.executable, "-P", "-m", "spiders"),
        *("--settings", "-", "--once", *arguments),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
    )
    assert process.stdin is not None
    send_settings(loaded, cast("BinaryIO", process.stdin))
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
    lines = process.stdout.read().decode().strip().splitlines()
    code = process.wait()
    wall = time.monotonic() - started
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        raise SystemExit(f"the crawl failed with exit code {code}")
    end = json.loads(lines[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(
        cpu,
        wall,
        peak[0],
        end["counts"],
        end.get("lag", {}),
        peak[1],
        own,
        end.get("start", 0.0),
    )


def processor_time(pid: int) -> float:
    """Processor seconds of a process; 0 if it has ended or they are not available."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end_in_order() -> None:
    """On SIGTERM or SIGINT, raise, so that temporary files and processes are cleaned up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # A shell that starts a background job makes it ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def tree_memory(root: int) -> tuple[int, int]:
    """Bytes of a process tree: shared pages counted once (on Linux), and in each process."""
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
        ancestor: int | None = pid
        while ancestor and ancestor != root:
            ancestor = parents.get(ancestor)
        if ancestor == root:
            resident += size * page
            total += _proportional(pid) or size * page
    return total, resident


def _proportional(pid: int) -> int:
    """Proportional set size of a process in bytes; 0 if it is not available."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0
    )


def table(rows: list[tuple[str, str, str]]) -> None:
    """Print (name, value, aim) rows: what was measured beside the aim."""
    width = max(len(name) for name, _, _ in rows)
    for name, value, aim in rows:
        print(f"{name:<{width}}  {value:>22}  {aim}")
