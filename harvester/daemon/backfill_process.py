"""Run the backfill of an outlet: crawl processes, until nothing of it is due.

Whatever else is due, of all outlets, is fetched meanwhile, and first: the archive is
locked for as long as this takes. While `harvest run` holds it, a backfill is only begun
or stopped here, and that program goes on with it. Does not decide what is asked
(``ingest.backfills``).
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from harvester.archive.connection import Archive
from harvester.archive.records.background_visits import get_next_background_due
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.writer_lock import Lock, LockHolder, get_lock_holder
from harvester.daemon.crawl_process import (
    CrawlProcess,
    ProgressCallback,
    StoppedError,
    delivering,
    stop_on_signals,
    utc_now_iso,
)
from harvester.ingest.backfills import STOPPED_REASON, stop_backfills
from harvester.ingest.settings_sync import sync_settings
from harvester.settings import Settings

DAEMON_COMMAND = "harvest run"
COMMAND = "harvest backfill"
# Called with a connection for writing and the time, in a transaction.
Change = Callable[[sqlite3.Connection, str], None]


def change_backfills(settings: Settings, change: Change) -> LockHolder | None:
    """Write a change, as a backfill that is begun; returns who goes on with it.

    That is `harvest run`, if it is running; None: nobody does by itself. Raises
    ArchiveLocked if another program holds the archive.
    """
    holder = get_lock_holder(settings.archive)
    with ExitStack() as stack:
        if holder is None or holder.command != DAEMON_COMMAND:
            holder = None
            stack.enter_context(_locked(settings))
        with _open(settings) as archive:
            _write(archive, settings, change)
    return holder


def run_backfill(
    settings: Settings,
    outlet: str,
    change: Change,
    *,
    wait: bool = False,
    on_progress: ProgressCallback | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_upgrade: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Begin or continue a backfill, and crawl until nothing of it is due.

    Returns the counts of all crawls. A signal stops it: raises StoppedError. Raises
    ArchiveLocked, or the error that made a crawl fail; the next start goes on.
    """
    total: Counter[str] = Counter()
    with _locked(settings, wait, on_wait) as lock, delivering(settings) as finish:
        with _open(settings, on_upgrade) as archive:
            _write(archive, settings, change)
        while True:
            process = CrawlProcess(
                settings, lock, ("--backfill", outlet), on_progress=on_progress
            )
            with stop_on_signals(process.stop) as received:
                counts = process.run()
            numbers = {
                name: count for name, count in counts.items() if type(count) is int
            }
            total.update(numbers)
            if received:
                _stop(settings, outlet)
                raise StoppedError(received[0], {**counts, **total})
            if not counts["visits"] or not _is_due(settings, outlet):
                return {**counts, **total, **finish()}


def _stop(settings: Settings, outlet: str) -> None:
    def change(connection: sqlite3.Connection, _: str) -> None:
        stop_backfills(connection, outlet, STOPPED_REASON)

    with _open(settings) as archive:
        _write(archive, settings, change)


def _is_due(settings: Settings, outlet: str) -> bool:
    now = utc_now_iso()
    with _open(settings) as archive:
        due = get_next_background_due(archive.connection, now, [outlet])
    return due is not None and due <= now


@contextmanager
def _locked(
    settings: Settings,
    wait: bool = False,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[Lock]:
    lock = Lock(settings.archive)
    lock.acquire(LockHolder(os.getpid(), COMMAND, utc_now_iso()), wait, on_wait)
    try:
        yield lock
    finally:
        lock.release()


@contextmanager
def _open(
    settings: Settings, on_upgrade: Callable[[str, float], None] | None = None
) -> Iterator[Archive]:
    with (
        translate_sqlite_errors(settings.archive),
        closing(
            Archive.open(settings.archive, settings.captures, on_upgrade)
        ) as archive,
    ):
        yield archive


def _write(archive: Archive, settings: Settings, change: Change) -> None:
    now = utc_now_iso()
    archive.begin()
    sync_settings(archive.connection, settings, now)
    change(archive.connection, now)
    archive.commit()
