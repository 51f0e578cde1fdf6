"""Reread all captures with a changed extractor: no edits, resumption, and throughput.

    python benchmarks/reread.py [--captures 10000] [--workers 2]

The archive holds real pages of all sets, each at several URLs, as read by an older
extractor that lost the last paragraph of every second page. ``harvest reread`` is killed
halfway. The rest is read twice: by the workers alone with jobs prepared beforehand, and
through the archive. On a busy machine the ratio of elapsed times means little; the ratio
of processor times is still valid, as this process takes its time from the workers.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, corpora, table
from benchmarks.copies import HTML, RSS
from benchmarks.scale_archive import Piece, papers, web
from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import Job, prepare
from harvester.ingest.reread import Rereading
from harvester.model import Capture, Extract, Prepared
from harvester.settings import Settings, load_settings
from harvester.workers.pool import WorkerPool

OLD = "an older extractor"
NOW, LATER = "2026-01-01T06:00:00Z", "2026-02-01T06:00:00Z"
FEED_ENTRIES = 500
CHUNK = 100  # jobs prepared before the workers alone are timed
COUNTS_SQL = """select (select count(*) from changes), (select count(*) from events),
    (select count(*) from sightings), (select count(*) from versions)"""
VERSIONS_SQL = (
    "select article, number, sha256, first_seen, last_seen from versions order by id"
)


def build(folder: Path, count: int) -> Path:
    """Build the archive; returns the path of its settings."""
    corpus = corpora()
    if corpus is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    pieces = [*papers(corpus / "outlets"), *web(corpus / "pages")]
    world = {
        f"https://press.example/news-{n}/": piece
        for n, piece in zip(range(count), itertools.cycle(pieces))
    }
    urls = list(world)
    feeds = {
        f"https://press.example/{at}.xml": urls[at : at + FEED_ENTRIES]
        for at in range(0, len(urls), FEED_ENTRIES)
    }
    settings_file = folder / "settings.toml"
    settings_file.write_text(
        f"[archive]\ncaptures = 'captures'\n[outlets.press]\nfeeds = {list(feeds)}\n"
    )
    settings = load_settings(settings_file)
    keeper = Keeper(Archive.open(settings.archive, settings.captures), settings)
    keeper.sync_settings(NOW)
    keeper.begin_crawl(NOW)
    page_count = 0
    while visits := keeper.take_due_visits(NOW):
        for visit in visits:
            if visit.kind == "feed":
                capture = Capture(
                    visit.url, visit.url, NOW, 200, RSS, _feed(feeds[visit.url])
                )
                job = keeper.receive(visit, capture, NOW)
                keeper.keep(visit, capture, prepare(job) if job else None, NOW)
                continue
            piece = world[visit.url]
            capture = Capture(visit.url, visit.url, NOW, 200, HTML, piece.body)
            keeper.receive(visit, capture, NOW)
            keeper.keep(
                visit, capture, Prepared(extract=_old_extract(piece, page_count)), NOW
            )
            page_count += 1
            if page_count % 500 == 0:
                keeper.archive.commit()
    # Near-duplicates are not measured here.
    keeper.connection.execute("delete from unsampled")
    keeper.end_crawl(NOW)
    keeper.close()
    return settings_file


def _feed(urls: list[str]) -> bytes:
    entries = "".join(
        f"<item><title>{url}</title><link>{url}</link></item>" for url in urls
    )
    return (
        f"<rss version='2.0'><channel><title>Press</title>{entries}</channel></rss>"
    ).encode()


def _old_extract(piece: Piece, number: int) -> Extract:
    lines = (piece.text or piece.title or "Nothing was read.").split("\n")
    text = "\n".join(lines[:-1] if number % 2 and len(lines) > 1 else lines)
    return Extract(
        "",
        piece.title or "Untitled",
        (),
        None,
        None,
        None,
        None,
        "en",
        (),
        (),
        "",
        "",
        f"{text}\n{number}",
        {},
        OLD,
    )


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    """Rows of the archive."""
    with closing(sqlite3.connect(settings.archive, timeout=60)) as connection:
        return connection.execute(sql).fetchall()


def stale(settings: Settings) -> int:
    """Number of versions whose current reading is by the old extractor."""
    sql = f"""select count(*) from versions v
        join readings r on r.id = (select max(id) from readings where version = v.id)
        where r.extractor = '{OLD}'"""
    (count,) = rows(settings, sql)[0]
    return int(str(count))


def killed_halfway(
    settings_file: Path, settings: Settings, count: int, workers: int
) -> int:
    """Run ``harvest reread`` and kill it once half is read; returns how many are left."""
    command = [
        sys.executable,
        "-m",
        "harvester.cli",
        "--settings",
        str(settings_file),
        "reread",
        "--workers",
        str(workers),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while process.poll() is None and (left := stale(settings)) > count / 2:
        time.sleep(1.0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return left


def alone(rereading: Rereading, workers: int) -> tuple[float, float]:
    """The workers with prepared jobs: elapsed seconds, and their processor seconds."""
    processes, wall = WorkerPool(workers), 0.0
    before = _children()
    for _ in [
        future.result()
        for future in [processes.submit(_first(rereading)) for _ in range(workers)]
    ]:
        pass  # warm up: imports are not counted
    for jobs in _chunks(rereading):
        began = time.monotonic()
        for future in [processes.submit(job) for job in jobs]:
            future.result()
        wall += time.monotonic() - began
    processes.close()
    return wall, _children() - before


def _first(rereading: Rereading) -> Job:
    job = rereading.start(next(rereading.stale_versions())).job
    assert job is not None
    return job


def _chunks(rereading: Rereading) -> Iterator[list[Job]]:
    jobs = (
        job
        for version in rereading.stale_versions()
        if (job := rereading.start(version).job) is not None
    )
    while chunk := list(itertools.islice(jobs, CHUNK)):
        yield chunk


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def through(settings: Settings, workers: int) -> tuple[int, float, float, float]:
    """Reread the rest through the archive.

    Returns versions, elapsed seconds, processor seconds of this process and of the
    workers.
    """
    processes = WorkerPool(workers)
    archive = Archive.open(settings.archive, settings.captures)
    rereading = Rereading(
        archive.connection,
        settings,
        LATER,
        worker_count=workers,
        begin_transaction=archive.begin,
    )
    before, began, own = _children(), time.monotonic(), time.process_time()
    done, committed = 0, time.monotonic()
    for _ in rereading.run(processes.submit):
        done += 1
        if time.monotonic() - committed > 2.0:
            rereading.commit()
            committed = time.monotonic()
    rereading.commit()
    wall, own = time.monotonic() - began, time.process_time() - own
    processes.close()
    archive.close()
    return done, wall, own, _children() - before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--captures", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings_file = build(Path(scratch), options.captures)
        settings = load_settings(settings_file)
        count = stale(settings)
        counts_before = rows(settings, COUNTS_SQL)
        versions_before = rows(settings, VERSIONS_SQL)
        left = killed_halfway(settings_file, settings, count, options.workers)
        with closing(
            sqlite3.connect(settings.archive, isolation_level=None)
        ) as connection:
            connection.row_factory = sqlite3.Row
            rereading = Rereading(
                connection, settings, LATER, worker_count=options.workers
            )
            alone_seconds, alone_cpu = alone(rereading, options.workers)
        done, archive_seconds, own_cpu, worker_cpu = through(settings, options.workers)
        counts_after = rows(settings, COUNTS_SQL)
        versions_after = rows(settings, VERSIONS_SQL)
        unread = stale(settings)
    table(
        [
            (
                "versions; left when killed; read after resuming",
                f"{count}; {left}; {done}",
                "the last two equal",
            ),
            (
                "still as the old extractor read them",
                str(unread),
                "only pages that yield no text",
            ),
            (
                "changes, events, sightings, versions before",
                str(counts_before[0]),
                "",
            ),
            ("and after", str(counts_after[0]), "equal"),
            (
                "digests, numbers and times of versions equal",
                str(versions_before == versions_after),
                "True",
            ),
            (
                "seconds: workers alone, through the archive",
                f"{alone_seconds:.1f}, {archive_seconds:.1f}",
                "",
            ),
            (
                "share of the limit, by elapsed time",
                f"{alone_seconds / archive_seconds:.3f}",
                "aim: 0.9, on an idle machine",
            ),
            (
                "ms a capture: workers alone; through; this process",
                f"{alone_cpu / left * 1000:.1f}; {worker_cpu / done * 1000:.1f};"
                f" {own_cpu / done * 1000:.2f}",
                "processor time",
            ),
            (
                "share of the limit, by processor time",
                f"{alone_cpu / left / ((worker_cpu + own_cpu) / done):.3f}",
                "aim: 0.9",
            ),
        ]
    )


if __name__ == "__main__":
    main()
