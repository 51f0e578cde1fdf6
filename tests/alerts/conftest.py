"""An archive in which alerts rang, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harvester.alerts.deliverer import Deliverer, PassCounts
from harvester.archive.queries import happenings
from harvester.archive.records import alert_deliveries
from harvester.ingest import alert_rings
from harvester.settings import Settings, parse_settings
from tests.support.small_archive import SETTINGS, Building
from tests.support.webhook_receiver import Receiver, receive

NOW = "2025-09-06T08:20:00Z"


@dataclass
class Rung:
    """An archive, the alerts of its settings, and what rang."""

    folder: Path
    tables: str
    made: Building = field(init=False)
    settings: Settings = field(init=False)
    deliverer: Deliverer = field(init=False)

    def __post_init__(self) -> None:
        self.made = Building(self.folder)
        text = f"{SETTINGS}\n{self.tables}"
        (self.folder / "settings.toml").write_text(text)
        self.settings = parse_settings(text, self.folder / "settings.toml")
        self.deliverer = Deliverer(self.settings)

    def publish(self, number: int, title: str = "Floods", text: str = "water") -> str:
        """An article on which every alert rings; returns its key."""
        position = happenings.get_position(self.made.connection)
        key = self.made.article(f"https://mpi.example/{number}", at=NOW)
        self.made.version(key, title, text, at=NOW)
        self.ring(position)
        return key

    def ring(self, position: happenings.Position) -> None:
        for happening in happenings.list_happenings(
            self.made.connection, position, "2025"
        ):
            for alert in self.settings.alerts.values():
                event = alert_rings.build_event(alert, happening.kind, happening)
                deliveries = alert_rings.build_deliveries(alert, event.key, NOW)
                alert_deliveries.add_alert_events(
                    self.made.connection, [(event, deliveries)]
                )

    def run_pass(self, now: str = NOW) -> PassCounts:
        return self.deliverer.run_pass(now)

    def rows(self, sql: str) -> list[Any]:
        return self.made.connection.execute(sql).fetchall()

    def states(self) -> list[str]:
        return [row[0] for row in self.rows("select state from deliveries order by id")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver
