"""A machine with 400 MB for everything: pages of real size are harvested, what is too large has an outcome, and nothing crashes."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

MOST = 400_000_000  # bytes, of the crawl with all its processes
PAGES = 8


@pytest.fixture
def bounded() -> Iterator[Callable[[list[str]], list[str]]]:
    """A command as it runs in a cgroup of so much memory; where none can be made, each of its processes has a bound of its own."""
    group = next(
        (
            one
            for one in map(
                _group, (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/memory"))
            )
            if one
        ),
        None,
    )
    if group is None:
        yield lambda command: [
            "sh",
            "-c",
            f'ulimit -v {MOST * 4 // 1024} && exec "$@"',
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


def _group(root: Path) -> Path | None:
    """A cgroup with that limit, of either kind; None where this user may make none."""
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
            (group / limit).write_text(str(MOST))
            with contextlib.suppress(OSError):
                (group / swap).write_text("0" if limit == "memory.max" else str(MOST))
            return group
    group.rmdir()
    return None


def _pages() -> list[bytes]:
    """Pages of real size: real ones, where they are at hand."""
    folder = Path(os.environ.get("CORPORA", "nowhere")) / "pages"
    found = [
        gzip.decompress(one.read_bytes())
        for one in sorted(folder.glob("*/*.html.gz"))[:: max(1, 1_000 // PAGES)]
    ]
    return [one for one in found if len(one) > 50_000][:PAGES] or [
        _page(number) for number in range(PAGES)
    ]


def _page(number: int) -> bytes:
    text = "".join(f"<p class=t>House {n} of street {number} was sold last week, and nobody in the town knows for how much.</p>" for n in range(40))  # fmt: skip
    menu = "".join(f"<li class='menu item-{n}'><a href='/section/{n}' data-track='x{n}'>Section {n}</a><span></span></li>" for n in range(2_000))  # fmt: skip
    return f"<html lang=en><head><title>Street {number}</title></head><body><nav><ul>{menu}</ul></nav><article><h1>Street {number}</h1>{text}</article></body></html>".encode()


@pytest.mark.timeout(300)
def test_a_harvest_in_400_mb(
    world: Any, site: Any, bounded: Callable[[list[str]], list[str]]
) -> None:
    links = [site.answer(f"/page-{number}", body, **{"Content-Type": "text/html"}) for number, body in enumerate(_pages())]  # fmt: skip
    flood = "".join(
        f"<div class=a{n}><a href=/{n}>x {n}</a><p>y</p></div>" for n in range(100_000)
    )
    links.append(
        site.answer(
            "/flood",
            f"<html><body>{flood}</body></html>".encode(),
            **{"Content-Type": "text/html"},
        )
    )
    site.feed("/feed", links)
    world.outlets = {"paper": [site.url("/feed")]}
    command = bounded(world.command("--once"))
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=280,
        env=world.environment(),
        check=False,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, (
        done.returncode,
        done.stderr[-2_000:],
    )
    counts = json.loads(done.stdout.splitlines()[-1])["counts"]
    found = world.rows("select outcome, reason from entries")
    assert len(found) == len(links) and counts["visits"] == len(links) + 1
    assert all(outcome in ("new", "duplicate") or reason for outcome, reason in found)
    assert sum(outcome == "new" for outcome, _ in found) >= len(links) - 2
    with contextlib.closing(sqlite3.connect(world.folder / "archive.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
