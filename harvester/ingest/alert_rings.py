"""What rings: after each batch, the alerts of the settings are asked of what it brought.

Their events and deliveries are written in the transaction of that batch: whatever is
committed has rung, and nothing else. Does not match queries
(``archive.queries.alert_matcher``), nor send (``alerts``).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from harvester.archive.queries import happenings
from harvester.archive.queries.alert_matcher import AlertMatcher
from harvester.archive.queries.happenings import Happening
from harvester.archive.records import alert_deliveries
from harvester.archive.records.alert_deliveries import NewAlertEvent, NewDelivery
from harvester.errors import QueryError, SettingsError
from harvester.query import parse_query
from harvester.query.tree import Node, Times, walk
from harvester.schedule.times import add_seconds, format_time, parse_time
from harvester.settings import Settings
from harvester.settings.alert_targets import Target
from harvester.settings.types import Alert

MAX_AGE_SECONDS = 86_400.0  # of what rings: older events come from imports and joins
DIGEST_HOUR = 6  # UTC, of daily digests
UNTOLD_CLASSES = ("cosmetic", "date line")  # of edits, unless a query names a class
KEY_DIGITS = 32


def check_alerts(settings: Settings, now: str) -> None:
    """Raise SettingsError for queries that cannot be read, with file and line."""
    faults = []
    for alert in settings.alerts.values():
        try:
            _parse(alert, now)
        except QueryError as error:
            faults.append(f"{alert.location}: alerts.{alert.name}.query: {error}")
    if faults:
        raise SettingsError("\n".join(faults))


def _parse(alert: Alert, now: str) -> Node | None:
    if not alert.query.strip():
        return None
    return parse_query(alert.query, parse_time(now))


def match_alerts(
    connection: sqlite3.Connection,
    alerts: Mapping[str, Alert],
    matcher: AlertMatcher,
    happened: Sequence[Happening],
    now: str,
) -> list[tuple[Alert, str, Happening]]:
    """What rings: the alert, the kind as which it rings, and what happened."""
    matched = matcher.match(connection, happened, now)
    rings = []
    for alert in alerts.values():
        numbers = (
            matched.get(alert.name, ()) if alert.query.strip() else range(len(happened))
        )
        for number in numbers:
            if kind := decide_kind(alert, happened[number]):
                rings.append((alert, kind, happened[number]))
    return rings


def decide_kind(alert: Alert, happening: Happening) -> str:
    """As what an alert rings on a happening that its query means; "": it does not."""
    if happening.kind != "edit":
        return happening.kind if happening.kind in alert.on else ""
    if happening.new_headline and "headline" in alert.on:
        return "headline"
    if "edit" not in alert.on:
        return ""
    is_untold = happening.change_class in UNTOLD_CLASSES
    return "" if is_untold and not asks_for_class(alert) else "edit"


def asks_for_class(alert: Alert) -> bool:
    """Whether the query names a class of edits."""
    return "class:" in alert.query.lower()


def build_event(alert: Alert, kind: str, happening: Happening) -> NewAlertEvent:
    """The row of a ring; its key is equal for one happening, whenever it is made."""
    subject = happening.article or f"{happening.outlet} {happening.feed or ''}"
    detail = happening.note if happening.article is None else ""
    parts = (alert.name, kind, subject, *happening.digests, happening.at, detail)
    return NewAlertEvent(
        key=_digest(*parts),
        alert=alert.name,
        kind=kind,
        at=happening.at,
        outlet=happening.outlet,
        article=happening.article,
        before=happening.before,
        version=happening.version,
        feed=happening.feed,
        note=happening.note,
    )


def build_deliveries(alert: Alert, key: str, now: str) -> list[NewDelivery]:
    """One delivery for each target of an alert."""
    return [
        NewDelivery(
            _digest(key, target.text),
            *_name_target(target),
            alert_deliveries.MUTED if alert.muted else alert_deliveries.WAITING,
            None if alert.muted else compute_due(alert, now),
            now if alert.muted else None,
        )
        for target in alert.targets
    ]


@lru_cache(maxsize=10_000)
def _name_target(target: Target) -> tuple[str, str]:
    """A target as it is shown, and its digest."""
    return target.shown, target.digest


def compute_due(alert: Alert, now: str) -> str:
    """When it is to be sent: now, at the next full hour, or the next morning."""
    moment = parse_time(now)
    if alert.when == "now":
        return now
    hour = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if alert.when == "hourly":
        return format_time(hour)
    morning = hour.replace(hour=DIGEST_HOUR)
    return format_time(morning if morning > moment else morning + timedelta(days=1))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY_DIGITS]


class AlertMonitor:
    """The alerts of one crawl. Called in the thread that writes the archive.

    What other programs wrote before (a merge, an import) is behind its position from
    the beginning, and does not ring.
    """

    def __init__(
        self, connection: sqlite3.Connection, alerts: Mapping[str, Alert]
    ) -> None:
        self._connection = connection
        self._alerts = alerts
        self._matcher: AlertMatcher | None = None
        self._compiled_at = ""
        self._has_times = False
        self._position = happenings.get_position(connection)

    def record(self, now: str) -> int:
        """Write what rang since the last call, in the open transaction; how many."""
        position = self._position
        self._position = happenings.get_position(self._connection)
        if position == self._position:
            return 0
        happened = happenings.list_happenings(
            self._connection, position, add_seconds(now, -MAX_AGE_SECONDS)
        )
        if not happened:
            return 0
        rings = match_alerts(
            self._connection, self._alerts, self._get_matcher(now), happened, now
        )
        built = []
        for alert, kind, happening in rings:
            event = build_event(alert, kind, happening)
            built.append((event, build_deliveries(alert, event.key, now)))
        return alert_deliveries.add_alert_events(self._connection, built)

    def _get_matcher(self, now: str) -> AlertMatcher:
        """The compiled queries; anew each hour where they name times ("yesterday")."""
        is_stale = self._has_times and now[:13] != self._compiled_at[:13]
        if self._matcher is None or is_stale:
            trees = {}
            for alert in self._alerts.values():
                tree = _parse(alert, now)
                if tree is not None:
                    trees[alert.name] = tree
            self._has_times = any(
                isinstance(node, Times)
                for tree in trees.values()
                for node in walk(tree)
            )
            self._matcher, self._compiled_at = AlertMatcher(trees), now
        return self._matcher
