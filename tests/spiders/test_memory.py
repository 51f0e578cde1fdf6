"""With 400 MB of memory, real pages are harvested, and larger ones do not crash it."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.crawl_harness import CrawlHarness, Site

MAX_BYTES = 400_000_000  # for the crawl with all its processes
PAGE_COUNT = 8


@pytest.fixture
def bounded() -> Iterator[Callable[[list[str]], list[str]]]:
    """Makes a command run in a cgroup with a memory limit.

    Where no cgroup can be made, each of its processes has a limit of its own.
    """
    group = _create_cgroup(Path("/sys/fs/cgroup")) or _create_cgroup(
        Path("/sys/fs/cgroup/memory")
    )
    if group is None:
        yield lambda command: [
            "sh",
            "-c",
            f'ulimit -v {MAX_BYTES * 4 // 1024} && exec "$@"',
            "sh",
            *command,
        ]
        return
    yield lambda command: [
        "sh",
        "-c",
        f'echo $$ > {group}/cgroup.procs && exec "$@"',
        "sh",
        *command,
    ]
    with contextlib.suppress(OSError):
        group.rmdir()


def _create_cgroup(root: Path) -> Path | None:
    """A cgroup (version 1 or 2) with the limit; None where this user may not."""
    group = root / f"harvester-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    for limit, swap in (
        ("memory.max", "memory.swap.max"),
        ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
    ):
        if (group / limit).exists():
            (group / limit).write_text(str(MAX_BYTES))
            with contextlib.suppress(OSError):
                (group / swap).write_text(
                    "0" if limit == "memory.max" else str(MAX_BYTES)
                )
            return group
    group.rmdir()
    return None


def _pages() -> list[bytes]:
    """Real pages if there are corpora, else made-up pages of real size."""
    folder = Path(os.environ.get("CORPORA", "nowhere")) / "pages"
    files = sorted(folder.glob("*/*.html.gz"))[:: max(1, 1_000 // PAGE_COUNT)]
    pages = [gzip.decompress(file.read_bytes()) for file in files]
    return [page for page in pages if len(page) > 50_000][:PAGE_COUNT] or [
        _page(number) for number in range(PAGE_COUNT)
    ]


def _page(number: int) -> bytes:
    text = "".join(
        f"<p class=t>House {n} of street {number} was sold last week, and nobody in the "
        "town knows for how much.</p>"
        for n in range(40)
    )
    menu = "".join(
        f"<li class='menu item-{n}'><a href='/section/{n}' data-track='x{n}'>"
        f"Section {n}</a><span></span></li>"
        for n in range(2_000)
    )
    return (
        f"<html lang=en><head><title>Street {number}</title></head><body>"
        f"<nav><ul>{menu}</ul></nav><article><h1>Street {number}</h1>{text}</article>"
        "</body></html>"
    ).encode()


@pytest.mark.timeout(300)
def test_a_harvest_in_400_mb(
    harness: CrawlHarness, site: Site, bounded: Callable[[list[str]], list[str]]
) -> None:
    links = [
        site.respond(f"/page-{number}", body, Content_Type="text/html")
        for number, body in enumerate(_pages())
    ]
    flood = "".join(
        f"<div class=a{n}><a href=/{n}>x {n}</a><p>y</p></div>" for n in range(100_000)
    )
    links.append(
        site.respond(
            "/flood",
            f"<html><body>{flood}</body></html>".encode(),
            Content_Type="text/html",
        )
    )
    site.feed("/feed", links)
    harness.outlets = {"paper": [site.url("/feed")]}
    process = subprocess.run(
        bounded(harness.command("--once")),
        capture_output=True,
        text=True,
        timeout=280,
        env=harness.environment(),
        check=False,
    )
    assert process.returncode == 0 and "Traceback" not in process.stderr, (
        process.returncode,
        process.stderr[-2_000:],
    )
    counts = json.loads(process.stdout.splitlines()[-1])["counts"]
    entries = harness.rows("select outcome, reason from entries")
    assert len(entries) == len(links) and counts["visits"] == len(links) + 1
    assert all(outcome in ("new", "duplicate") or reason for outcome, reason in entries)
    assert sum(outcome == "new" for outcome, _ in entries) >= len(links) - 2
    with contextlib.closing(
        sqlite3.connect(harness.folder / "archive.db")
    ) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
