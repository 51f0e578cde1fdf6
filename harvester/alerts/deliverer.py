"""Deliver what is due, and record what came of it.

One pass: what is due is read, sent target by target (several at once, so that a slow one
delays no other), and each result is committed when it is known. Killed in between, the
next pass sends the same again, with the same ids. The time is passed in.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from harvester.alerts import channels, messages
from harvester.alerts.alert_file import AlertFiles
from harvester.alerts.channels import Attempt
from harvester.alerts.messages import Message
from harvester.archive.connection import open_reader
from harvester.archive.queries import alert_messages
from harvester.archive.records import alert_deliveries, articles
from harvester.archive.records.alert_deliveries import (
    DELIVERED,
    DROPPED,
    GIVEN_UP,
    MUTED,
    WAITING,
    Delivery,
)
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.transactions import open_beside, short_transaction
from harvester.errors import ArchiveNotFound, ArchiveOutdated
from harvester.schedule.times import add_seconds
from harvester.settings import Settings
from harvester.settings.alert_targets import Target
from harvester.settings.types import Alert

MAX_PER_PASS = 1_000  # deliveries
MAX_TARGETS_AT_ONCE = 4
# Seconds before each further attempt; the first comes with the next pass, which is at
# most a second away. In all about three days, as mail servers have it.
RETRY_SECONDS = (0.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, *(43_200.0,) * 5)

log = logging.getLogger("harvester.alerts")


@dataclass(slots=True)
class PassCounts:
    """What one pass did, in deliveries."""

    delivered: int = 0
    failed: int = 0  # and tried again later
    given_up: int = 0
    errors: dict[str, str] = field(default_factory=dict)  # alert and target → last

    def add(self, other: PassCounts) -> None:
        """Add what another pass did."""
        self.delivered += other.delivered
        self.failed += other.failed
        self.given_up += other.given_up
        self.errors |= other.errors


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One message and the deliveries that it is made of: several for a digest."""

    deliveries: tuple[Delivery, ...]
    message: Message

    @property
    def ids(self) -> list[str]:
        return [delivery.id for delivery in self.deliveries]

    @property
    def attempts(self) -> int:
        return self.deliveries[0].attempts


@dataclass(frozen=True, slots=True)
class _Route:
    """An alert of the settings and one of its targets, with what is to go there."""

    alert: Alert
    target: Target
    parcels: tuple[_Parcel, ...]

    @property
    def name(self) -> str:
        return f"{self.alert.name}: {self.target.shown}"


class Deliverer:
    """Delivers what rang in one archive. Its methods are called by one thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._files = AlertFiles()

    def run_pass(self, now: str, stopping: threading.Event | None = None) -> PassCounts:
        """Send what is due, once. Raises ArchiveError, also if it cannot be written.

        ``stopping``: nothing more is sent once it is set.
        """
        counts = PassCounts()
        path = self.settings.archive
        try:
            with (
                translate_sqlite_errors(path),
                closing(open_reader(path)) as reader,
            ):
                due = alert_deliveries.list_due(reader, now, MAX_PER_PASS)
        except (ArchiveNotFound, ArchiveOutdated):
            return counts  # the crawl creates or upgrades it
        if not due:
            return counts
        with translate_sqlite_errors(path), closing(open_beside(path)) as writer:
            routes = self._plan(writer, due, now)
            for route, parcels, attempt in _send_all(
                routes, self._files, stopping or threading.Event()
            ):
                self._record(writer, route, parcels, attempt, now, counts)
        return counts

    def list_failing(self) -> tuple[int, dict[str, str]]:
        """How many deliveries wait after a failure, and the last error by target."""
        path = self.settings.archive
        try:
            with (
                translate_sqlite_errors(path),
                closing(open_reader(path)) as reader,
            ):
                rows = alert_deliveries.list_problems(reader)
        except (ArchiveNotFound, ArchiveOutdated):
            return 0, {}
        rows = [row for row in rows if row["state"] == WAITING]
        return (
            sum(row["deliveries"] for row in rows),
            {f"{row['alert']}: {row['target']}": row["error"] for row in rows},
        )

    # ---- what is sent

    def _plan(
        self, writer: sqlite3.Connection, due: Sequence[Delivery], now: str
    ) -> list[_Route]:
        """The messages by target; closes what is no longer wanted."""
        groups: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        for delivery in due:
            groups[delivery.alert, delivery.address].append(delivery)
        routes = []
        for (name, address), deliveries in groups.items():
            alert = self.settings.alerts.get(name)
            target = _find_target(alert, address)
            ids = [delivery.id for delivery in deliveries]
            if alert is None or target is None or alert.muted:
                state = MUTED if alert is not None and alert.muted else DROPPED
                with short_transaction(writer):
                    alert_deliveries.close_deliveries(writer, ids, state, now)
                continue
            parcels = (
                _pack_each(writer, alert, deliveries)
                if alert.when == "now"
                else _pack_digests(writer, alert, deliveries)
            )
            routes.append(_Route(alert, target, tuple(parcels)))
        return routes

    # ---- what came of it

    def _record(
        self,
        writer: sqlite3.Connection,
        route: _Route,
        parcels: Sequence[_Parcel],
        attempt: Attempt,
        now: str,
        counts: PassCounts,
    ) -> None:
        """Commit what came of one attempt, for all that it speaks for."""
        ids = [id for parcel in parcels for id in parcel.ids]
        if not attempt.error:
            with short_transaction(writer):
                alert_deliveries.close_deliveries(writer, ids, DELIVERED, now)
            counts.delivered += len(ids)
            return
        counts.errors[route.name] = attempt.error
        hopeless = [
            id
            for parcel in parcels
            if parcel.attempts + 1 >= len(RETRY_SECONDS)
            for id in parcel.ids
        ]
        with short_transaction(writer):
            for parcel in parcels:
                seconds = RETRY_SECONDS[min(parcel.attempts, len(RETRY_SECONDS) - 1)]
                alert_deliveries.postpone_deliveries(
                    writer,
                    parcel.ids,
                    add_seconds(now, max(seconds, attempt.retry_after)),
                    attempt.error,
                )
            if hopeless:
                note = (
                    f"{route.name}: {attempt.error}; given up after "
                    f"{len(RETRY_SECONDS)} attempts: {len(hopeless)} of its events"
                )
                alert_deliveries.close_deliveries(writer, hopeless, GIVEN_UP, now)
                event = articles.NewEvent(
                    alert_deliveries.GIVEN_UP_EVENT, "", now, note
                )
                articles.add_event(writer, event)
                log.error("alert %s", note)
        counts.given_up += len(hopeless)
        counts.failed += len(ids) - len(hopeless)


def _find_target(alert: Alert | None, address: str) -> Target | None:
    targets = alert.targets if alert is not None else ()
    return next((target for target in targets if target.digest == address), None)


def _pack_each(
    connection: sqlite3.Connection, alert: Alert, deliveries: Sequence[Delivery]
) -> Iterator[_Parcel]:
    records = alert_messages.load_records(
        connection, [delivery.event for delivery in deliveries]
    )
    for delivery in deliveries:
        if delivery.event in records:
            record = records[delivery.event]
            message = messages.build_message(delivery.id, alert, record)
            yield _Parcel((delivery,), message)


def _pack_digests(
    writer: sqlite3.Connection, alert: Alert, deliveries: Sequence[Delivery]
) -> Iterator[_Parcel]:
    """Digests: those begun before, and new ones of all else.

    Which deliveries belong to a digest is committed before it is sent, so that it has
    the same id at each attempt.
    """
    by_digest: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_digest[delivery.digest].append(delivery)
    new = by_digest.pop("", [])
    for start in range(0, len(new), messages.MAX_DIGEST_EVENTS):
        part = new[start : start + messages.MAX_DIGEST_EVENTS]
        ids = [delivery.id for delivery in part]
        digest = messages.digest_id(ids)
        with short_transaction(writer):
            alert_deliveries.set_digest(writer, ids, digest)
        by_digest[digest] = part
    for digest in by_digest:
        # All of it, also what does not fit into this pass.
        part = alert_deliveries.list_of_digest(writer, digest)
        records = alert_messages.load_records(
            writer, [delivery.event for delivery in part]
        )
        told = [
            (delivery.id, records[delivery.event])
            for delivery in part
            if delivery.event in records
        ]
        if told:
            message = messages.build_digest(digest, alert, told)
            yield _Parcel(tuple(part), message)


# ---- sending, target by target


def _send_all(
    routes: Sequence[_Route], files: AlertFiles, stopping: threading.Event
) -> Iterator[tuple[_Route, Sequence[_Parcel], Attempt]]:
    """Send everything; yields each attempt, with the parcels that it speaks for.

    After a target fails, the rest of what is to go there waits as well.
    """
    waiting: queue.Queue[_Route] = queue.Queue()
    results: queue.Queue[tuple[_Route, Sequence[_Parcel], Attempt] | None] = (
        queue.Queue()
    )
    for route in routes:
        waiting.put(route)

    def work() -> None:
        try:
            while not stopping.is_set():
                route = waiting.get_nowait()
                for result in _send_route(route, files, stopping):
                    results.put(result)
        except queue.Empty:
            pass
        finally:
            results.put(None)

    threads = [
        threading.Thread(target=work, name="alert", daemon=True)
        for _ in range(min(MAX_TARGETS_AT_ONCE, len(routes)))
    ]
    for thread in threads:
        thread.start()
    running = len(threads)
    while running:
        result = results.get()
        if result is None:
            running -= 1
        else:
            yield result


def _send_route(
    route: _Route, files: AlertFiles, stopping: threading.Event
) -> Iterator[tuple[_Route, Sequence[_Parcel], Attempt]]:
    for number, parcel in enumerate(route.parcels):
        if stopping.is_set():
            return
        try:
            attempt = channels.send(
                route.target, parcel.message, route.alert.secret, files
            )
        except Exception as error:  # noqa: BLE001 (its words may hold a login)
            attempt = Attempt(f"internal error: {type(error).__name__}")
        if attempt.error and not attempt.is_refused:
            yield route, route.parcels[number:], attempt
            return
        yield route, (parcel,), attempt
