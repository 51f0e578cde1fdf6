"""All captures read again with a changed extractor: no edit comes of it, it goes on where it was killed, and how near it is to what the
same processes could read at all.

    python benchmarks/reread.py [--captures 10000] [--workers 2]

The archive: real pages of all sets, each under several addresses, as an older extractor read them: it lost the last paragraph of
every second one. ``harvest reread`` is killed halfway; the rest is read twice: by the processes alone, their jobs made beforehand, and through the
archive. On a machine that has other things to do the ratio of times on the clock means little; that of processor time holds: what
this process spends is what the processes that read cannot have.
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
A_FEED = 500
CHUNK = 100  # jobs made before the processes alone are timed
COUNTED = "select (select count(*) from changes), (select count(*) from events), (select count(*) from sightings), (select count(*) from versions)"
NAMED = (
    "select article, number, sha256, first_seen, last_seen from versions order by id"
)


def build(folder: Path, count: int) -> Path:
    """The archive; returns the path of its settings."""
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
        f"https://press.example/{at}.xml": urls[at : at + A_FEED]
        for at in range(0, len(urls), A_FEED)
    }
    settings_file = folder / "settings.toml"
    settings_file.write_text(
        f"[archive]\ncaptures = 'captures'\n[outlets.press]\nfeeds = {list(feeds)}\n"
    )
    settings = load_settings(settings_file)
    keeper = Keeper(Archive.open(settings.archive, settings.captures), settings)
    keeper.sync_settings(NOW)
    keeper.begin_crawl(NOW)
    kept = 0
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
            keeper.keep(visit, capture, Prepared(extract=_as_of_old(piece, kept)), NOW)
            kept += 1
            if kept % 500 == 0:
                keeper.archive.commit()
    keeper.connection.execute(
        "delete from unsampled"
    )  # who copied whom is not what is measured
    keeper.end_crawl(NOW)
    keeper.close()
    return settings_file


def _feed(urls: list[str]) -> bytes:
    entries = "".join(
        f"<item><title>{url}</title><link>{url}</link></item>" for url in urls
    )
    return f"<rss version='2.0'><channel><title>Press</title>{entries}</channel></rss>".encode()


def _as_of_old(piece: Piece, number: int) -> Extract:
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
    """How many versions are still shown as the old extractor read them."""
    sql = f"select count(*) from versions v join readings r on r.id = (select max(id) from readings where version = v.id) where r.extractor = '{OLD}'"
    (count,) = rows(settings, sql)[0]
    return int(str(count))


def killed_halfway(
    settings_file: Path, settings: Settings, count: int, workers: int
) -> int:
    """Run ``harvest reread`` and kill it with all below it once half is read. How many versions are left."""
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
    """The processes with jobs made beforehand: seconds on the clock, and of their processor time."""
    processes, wall = WorkerPool(workers), 0.0
    before = _children()
    for _ in [
        future.result()
        for future in [processes.submit(_first(rereading)) for _ in range(workers)]
    ]:
        pass  # their imports are on nobody's account
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
    """The rest through the archive: versions, seconds on the clock, processor time of this process, of the others."""
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
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--captures", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings_file = build(Path(scratch), options.captures)
        settings = load_settings(settings_file)
        count, before, named = (
            stale(settings),
            rows(settings, COUNTED),
            rows(settings, NAMED),
        )
        left = killed_halfway(settings_file, settings, count, options.workers)
        with closing(
            sqlite3.connect(settings.archive, isolation_level=None)
        ) as connection:
            connection.row_factory = sqlite3.Row
            rereading = Rereading(
                connection, settings, LATER, worker_count=options.workers
            )
            wall, spent = alone(rereading, options.workers)
        done, time_there, own, theirs = through(settings, options.workers)
        after, names_after = rows(settings, COUNTED), rows(settings, NAMED)
        unread = stale(settings)
    table(
        [
            ("versions; left where it was killed; read when it went on", f"{count}; {left}; {done}", "the last two equal"),
            ("left as the old extractor read them", str(unread), "those that read as nothing"),
            ("changes, events, sightings, versions before", str(before[0]), ""),
            ("and after", str(after[0]), "the same"),
            ("names, numbers and times of versions the same", str(named == names_after), "True"),
            ("seconds: the processes alone, through the archive", f"{wall:.1f}, {time_there:.1f}", ""),
            ("of the limit, by the clock", f"{wall / time_there:.3f}", "aim 0.9, on a quiet machine"),
            ("processor time a capture: alone; there; of that this process", f"{spent / left * 1000:.1f}; {theirs / done * 1000:.1f}; {own / done * 1000:.2f} ms", ""),
            ("of the limit, by processor time", f"{spent / left / ((theirs + own) / done):.3f}", "aim 0.9"),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
