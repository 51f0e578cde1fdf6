"""Unusually few or many articles, against an outlet's own history."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from benchmarks.rhythm import START
from benchmarks.volume import alarms_of, count_hours, draw_outlet
from harvester.schedule import volume
from harvester.schedule.poll_rhythm import DAY, HOUR, WEEK
from harvester.schedule.volume import HourCount, Volume, VolumeChange, follow
from tests.schedule.test_poll_rhythm import MONDAY

Rate = Callable[[float], float]


def daily(at: float) -> float:
    """Articles an hour of a paper that sleeps at night, and does less on weekends."""
    day = (at - MONDAY) % WEEK // DAY
    awake = 6 <= (at - MONDAY) % DAY // HOUR < 22
    return (4.0 if day < 5 else 2.0) if awake else 0.2


def publish(since: float, hours: int, rate: Rate, seed: int = 1) -> list[HourCount]:
    """Hours with articles that come by chance (Poisson) at a rate."""
    chance = random.Random(f"{seed} {since}")
    counts = []
    for number in range(hours):
        at, count = since + number * HOUR, 0
        waited = chance.expovariate(1.0)
        while waited < rate(at):
            count, waited = count + 1, waited + chance.expovariate(1.0)
        counts.append(HourCount(at, count))
    return counts


def learned(weeks: float, rate: Rate = daily) -> tuple[Volume, float]:
    """A volume after weeks as usual, and when they ended; there is no alarm."""
    known, changes = follow(Volume(), publish(MONDAY, round(weeks * 168), rate))
    assert changes == [], "a false alarm"
    return known, MONDAY + round(weeks * 168) * HOUR


def changes_of(factor: float, days: float, weeks: float = 5) -> list[VolumeChange]:
    known, now = learned(weeks)
    hours = publish(now, round(days * 24), lambda at: factor * daily(at))
    return follow(known, hours)[1]


@pytest.mark.parametrize(
    ("factor", "alarm", "at_most_hours"),
    [(0.0, "few", 24), (0.15, "few", 48), (4.0, "many", 24), (10.0, "many", 16)],
)
def test_an_alarm_comes_soon_and_says_since_when(
    factor: float, alarm: str, at_most_hours: float
) -> None:
    (change,) = changes_of(factor, 3)
    now = MONDAY + 5 * WEEK
    assert (change.alarm, change.ended) == (alarm, False)
    assert 8 * HOUR <= change.at - now <= at_most_hours * HOUR
    assert abs(change.since - now) <= 8 * HOUR
    assert (change.count < change.usual / 2) is (alarm == "few")


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.0, 1.3, 1.7])
def test_what_varies_a_little_is_no_alarm(factor: float) -> None:
    assert changes_of(factor, 14) == []


def test_there_is_no_alarm_before_three_weeks() -> None:
    assert changes_of(0.0, 4, weeks=2) == []
    assert changes_of(0.0, 4, weeks=3.5)


def test_a_holiday_is_like_a_sunday() -> None:
    known, now = learned(6)
    sunday = publish(now + 2 * DAY, 24, lambda at: daily(at + 4 * DAY))
    before = publish(now, 48, daily)
    after = publish(now + 3 * DAY, 72, daily)
    assert follow(known, [*before, *sunday, *after])[1] == []


def test_one_burst_of_news_is_no_alarm() -> None:
    known, now = learned(5)
    usual = publish(now, 60, daily)
    burst = [HourCount(usual[number].start, 40) for number in (33, 34, 35)]
    assert follow(known, [*usual[:33], *burst, *usual[36:]])[1] == []


def test_it_ends_when_as_many_come_as_usual() -> None:
    known, now = learned(5)
    known, (began,) = follow(known, publish(now, 48, lambda at: 0.0))
    evidence = volume.alarm_evidence(known)
    words = volume.describe_counts(known.alarm, evidence.count, evidence.usual)
    assert words.startswith("unusually few articles: 0, where ")
    assert (
        "were usual for these hours of the week" in words
        and evidence.since == began.since
    )
    known, (ended,) = follow(known, publish(now + 2 * DAY, 72, daily))
    assert ended.alarm == "few" and ended.ended and not ended.lasted
    assert ended.since == began.since
    assert known.alarm == ""


def test_what_lasts_for_four_weeks_is_usual_from_then_on() -> None:
    known, now = learned(5)
    known, changes = follow(known, publish(now, 35 * 24, lambda at: daily(at) / 8))
    assert [(change.ended, change.lasted) for change in changes] == [
        (False, False),
        (True, True),
    ]
    assert volume.weeks(known) < 2


def test_hours_that_were_not_watched_do_not_count() -> None:
    known, now = learned(5)
    silent = [HourCount(now + hour * HOUR, 0, watched=False) for hour in range(400)]
    after, changes = follow(known, silent)
    assert changes == []
    assert after.closed == now + 400 * HOUR
    back = publish(after.closed, 100, daily)
    assert follow(after, back)[1] == []


def test_an_outlet_that_brings_hardly_anything_has_no_alarm() -> None:
    known, now = learned(8, lambda at: 1 / 100)
    assert follow(known, publish(now, 168, lambda at: 0.0))[1] == []


def test_false_alarms_are_rare() -> None:
    """Of 12 outlets in 40 weeks each, as ``benchmarks/volume.py`` draws them."""
    chance = random.Random(5)
    outlets = [draw_outlet(number, 40, chance) for number in range(12)]
    alarms = [
        alarm
        for outlet in outlets
        for alarm in alarms_of(count_hours(outlet.times, START, START + 40 * WEEK))
    ]
    assert len(alarms) <= 2, alarms


def test_the_stored_form_is_bounded_and_damage_is_no_error() -> None:
    known, now = learned(40, lambda at: 30 * daily(at))
    known, _ = follow(known, publish(now, 48, lambda at: 0.0))
    text = volume.to_json(known)
    assert len(text) < 4_000
    again = volume.from_json(text)
    assert again.alarm == "few"
    assert volume.usual_rate(again, 10) == pytest.approx(
        volume.usual_rate(known, 10), rel=1e-3
    )
    before, after = volume.alarm_evidence(known), volume.alarm_evidence(again)
    assert (after.since, after.count) == (before.since, before.count)
    assert after.usual == pytest.approx(before.usual, abs=0.01)
    record = json.loads(text)
    for damaged in (
        "",
        "{}",
        "[]",
        "nonsense",
        "[" * 100_000,
        json.dumps(record | {"hours": [1]}),
        json.dumps(record | {"closed": "x"}),
        json.dumps(record | {"few": [1, 2, 3, -4]}),
        json.dumps(record | {"few": [1] * 9}),
        json.dumps(record | {"alarm": "loud"}),
        json.dumps(record | {"day_usual": 1e300}),
    ):
        assert volume.from_json(damaged) == Volume()
