"""The clock is set during a crawl or between two: due times follow the time that passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import due_visits
from harvester.archive.upkeep import optimise
from harvester.ingest.clock import ClockMonitor
from harvester.ingest.keeper import Keeper
from harvester.schedule.times import add_seconds, clock_jump
from tests.support.in_process_harvest import World

HOUR = 3_600.0
TO_1970 = -20_000 * 24 * HOUR
FEED = "https://lantern.example/feed"


@dataclass
class Machine:
    """A world with a clock that may be set, and a monotonic one."""

    world: World
    running: float = 100.0
    polls: list[int] = field(
        default_factory=list
    )  # of the feed, in each hour that passed
    clock: ClockMonitor = field(init=False)

    def __post_init__(self) -> None:
        self.clock = ClockMonitor(self.world.keeper, self.world.now, self.running)

    def hour(self, set_by: float = 0.0) -> None:
        """An hour, looked at every five minutes; the clock is set in the middle of it."""
        before = len(self.world.asked)
        for place in range(12):
            self.running += 300.0
            self.world.now = add_seconds(
                self.world.now, 300.0 + (set_by if place == 5 else 0.0)
            )
            self.clock.check(self.world.now, self.running)
            self.world.visit()
        self.polls.append(
            sum(address == FEED for _, address in self.world.asked[before:])
        )

    def notes(self) -> list[str]:
        return [
            row["note"]
            for row in self.world.rows(
                "select note from events where kind = 'clock set' order by id"
            )
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    world = World(tmp_path)
    for number in range(3):
        world.publish(number)
    world.visit()
    return Machine(world)


def test_a_jump_is_what_the_two_clocks_differ_by() -> None:
    at = "2025-09-06T06:00:00Z"
    assert clock_jump((at, 5.0), (add_seconds(at, 90.0), 95.4)) == 0.0
    assert (
        clock_jump((at, 5.0), (add_seconds(at, 86_400.0), 86_405.0)) == 0.0
    )  # it slept for a day
    assert clock_jump((at, 5.0), (add_seconds(at, -3 * HOUR), 6.0)) == pytest.approx(
        -3 * HOUR - 1
    )
    assert clock_jump((at, 5.0), (add_seconds(at, 2 * HOUR), 6.0)) == pytest.approx(
        2 * HOUR - 1
    )


def test_polls_go_on_by_the_time_that_passed(machine: Machine) -> None:
    for set_by in (
        0.0,
        -3 * HOUR,
        0.0,
        2 * HOUR,
        0.0,
        HOUR,
        -HOUR,
        0.0,
        TO_1970,
        0.0,
        -TO_1970,
        0.0,
    ):
        machine.hour(set_by)
    assert machine.polls == [4] * len(
        machine.polls
    )  # every 15 minutes: neither stopped, nor a storm
    assert len(machine.notes()) == 6
    assert (
        "back by 3 hours" in machine.notes()[0]
        and "forward by 20000 days" in machine.notes()[-1]
    )
    looks = [address for _, address in machine.world.asked if address != FEED]
    assert len(looks) <= 3 * 8
    for table in ("articles", "versions", "entries", "urls"):
        assert not machine.world.rows(
            f"select * from {table} where last_seen < first_seen"
        )
    assert not machine.world.rows("select 1 from sightings where until < since")


def test_there_are_as_many_checks_as_without_a_jump(tmp_path: Path) -> None:
    asked = []
    for name, steps in (
        ("right", [0.0] * 8),
        ("wrong", [0.0, -3 * HOUR, 2 * HOUR, 0.0, HOUR, 0.0, 5 * HOUR, 0.0]),
    ):
        (tmp_path / name).mkdir()
        world = World(tmp_path / name)
        world.publish(1)
        world.visit()
        machine = Machine(world)
        for set_by in steps:
            machine.hour(set_by)
        asked.append(len([address for _, address in world.asked if address != FEED]))
    assert abs(asked[0] - asked[1]) <= 1 and asked[0] > 1


def test_it_was_set_back_between_two_crawls(machine: Machine) -> None:
    world = machine.world
    machine.hour(5 * 365 * 24 * HOUR)  # the clock was wrong: five years too late
    wrong = world.now
    world.keeper.end_crawl(wrong)
    world.keeper.close()
    world.now = "2025-09-06T09:00:00Z"
    archive = Archive.open(world.folder / "a.db", None)
    assert (
        due_visits.get_seconds_ahead(archive.connection, world.now)
        > 4 * 365 * 24 * HOUR
    )
    assert optimise.is_anything_due(
        archive.connection, world.now
    )  # the daemon does not wait for five years
    world.archive, world.keeper = archive, Keeper(archive, world.settings)
    machine.clock = ClockMonitor(world.keeper, world.now, machine.running)
    world.keeper.sync_settings(world.now)
    world.keeper.begin_crawl(world.now)
    assert due_visits.get_seconds_ahead(archive.connection, world.now) == 0.0
    machine.polls.clear()
    machine.hour()
    machine.hour()
    assert machine.polls == [4, 4] and "back by 18" in machine.notes()[-1]
    assert not world.rows(
        "select 1 from articles where due > ?", add_seconds(world.now, 366 * 24 * HOUR)
    )
    assert not world.rows("select 1 from articles where last_seen < first_seen")


def test_after_a_day_of_sleep_everything_is_fetched_once(machine: Machine) -> None:
    machine.hour()
    machine.running += 24 * HOUR
    machine.world.now = add_seconds(machine.world.now, 24 * HOUR)
    before = len(machine.world.asked)
    machine.clock.check(machine.world.now, machine.running)
    machine.world.visit()
    asked = [address for _, address in machine.world.asked[before:]]
    assert FEED in asked and len(asked) == len(set(asked)) <= 4
    assert machine.notes() == []
