"""Whether an outlet brings unusually few or many articles for the hour of the week. Pure.

Learned of each outlet: how many articles it publishes in each hour of the week, and how
much more that varies than by chance (a Poisson process). From then on, each hour adds to
two sums (CUSUM; Page 1954): how much better what came is explained by a quarter of what
is usual, and by four times as much, than by the usual; as logarithms of likelihoods,
divided by that variation. A sum that passes ``THRESHOLD`` is an alarm; it ends when the
sum is back at zero. Few articles are compared with at most what the weekend brings, down
to half of the usual: a holiday is like a Sunday.

Times are seconds since 1970, UTC; rates are articles an hour. The constants were chosen
with ``benchmarks/volume.py``, on other seeds than those that it reports.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from harvester.schedule.poll_rhythm import (
    CLASS_PRIOR_HOURS,
    DAY,
    HOUR,
    HOUR_PRIOR_HOURS,
    HOURS_OF_WEEK,
    MAX_NUMBER,
    MEAN_PRIOR_HOURS,
    MIN_RATE,
    PRIOR_RATE,
    WEEK,
    hour_of_week,
)

Alarm = Literal["", "few", "many"]

MIN_WEEKS = 3.0  # of history, before there is any alarm
HALF_LIFE_WEEKS = 6.0  # of what was counted
RATIO = 4.0  # times less or more than usual, which is to be noticed soonest
THRESHOLD = 9.0
MIN_HOURS = 8  # unusual ones, whatever they bring: a burst of news is no alarm
MIN_FEW_SHARE = 0.5  # of the usual, for the comparison with the weekend
WARM_UP_WEEKS = 1.0  # before what varies is learned
PRIOR_DISPERSION = 2.0  # of an outlet of which nothing is known
PRIOR_ARTICLES = 40.0  # its weight
MIN_WATCHED_HOURS = 36.0  # of a weekday, before it is told what it usually brings
MAX_ALARM_SECONDS = 28 * DAY  # from then on it is what is usual


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an alarm, since its sum last was zero."""

    score: float = 0.0
    since: float = 0.0
    count: float = 0.0  # articles
    usual: float = 0.0  # articles that were expected


@dataclass(frozen=True, slots=True)
class Volume:
    """What was learned of an outlet up to ``closed``; 0: nothing yet."""

    closed: float = 0.0  # end of the last hour that was counted
    faded_at: float = 0.0  # when the counts were last reduced
    known_hours: float = 0.0  # that were counted in all
    feeds: str = ""  # fingerprint of the feeds that it is about
    hours: tuple[float, ...] = (0.0,) * HOURS_OF_WEEK  # articles in each, from Monday
    watched: tuple[float, ...] = (0.0,) * HOURS_OF_WEEK  # how often each was watched
    # Squared differences from what was expected, and that; of hours and of days.
    hour_squares: float = 0.0
    hour_usual: float = 0.0
    day_squares: float = 0.0
    low_squares: float = 0.0  # of days with less than was expected
    day_usual: float = 0.0
    day_count: float = 0.0  # of the current day so far
    day_expected: float = 0.0
    alarm: Alarm = ""
    few: Evidence = field(default_factory=Evidence)
    many: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class HourCount:
    """Articles that were published in an hour. ``watched``: all its feeds were read."""

    start: float
    count: int
    watched: bool = True


@dataclass(frozen=True, slots=True)
class VolumeChange:
    """An alarm began or ended. ``lasted``: it ended because it is what is usual now."""

    alarm: Alarm
    ended: bool
    at: float
    since: float
    count: float
    usual: float
    lasted: bool = False


def weeks(volume: Volume) -> float:
    """Weeks of history."""
    return volume.known_hours / HOURS_OF_WEEK


def usual_rate(volume: Volume, hour: int) -> float:
    """Articles that are usual in an hour of the week.

    Shrunk to the same hour of other weekdays, or of the other day of the weekend, and
    that to the mean of the week.
    """
    mean = (sum(volume.hours) + MEAN_PRIOR_HOURS * PRIOR_RATE) / (
        sum(volume.watched) + MEAN_PRIOR_HOURS
    )
    of_class = _class_rate(volume, hour, mean)
    near = (hour - 1, hour, (hour + 1) % HOURS_OF_WEEK)
    count, watched = (
        0.5 * values[near[0]] + values[near[1]] + 0.5 * values[near[2]]
        for values in (volume.hours, volume.watched)
    )
    rate = (count + HOUR_PRIOR_HOURS * of_class) / (watched + HOUR_PRIOR_HOURS)
    return max(rate, MIN_RATE)


def usual_day(volume: Volume, weekday: int) -> float:
    """Articles that are usual on a day of the week, as counted; Monday is 0.

    0 where too little was watched of it to tell.
    """
    hours = range(24 * weekday, 24 * weekday + 24)
    watched = sum(volume.watched[hour] for hour in hours)
    if watched < MIN_WATCHED_HOURS:
        return 0.0
    return 24.0 * sum(volume.hours[hour] for hour in hours) / watched


def _class_rate(volume: Volume, hour: int, mean: float) -> float:
    first, days = (0, 5) if hour < 120 else (120, 2)
    count, watched = (
        sum(values[first + hour % 24 : first + 24 * days : 24])
        for values in (volume.hours, volume.watched)
    )
    return (count + CLASS_PRIOR_HOURS * mean) / (watched + CLASS_PRIOR_HOURS)


def _quiet_rate(volume: Volume, hour: int, usual: float) -> float:
    """What an hour brings at least on holidays."""
    weekend = _class_rate(volume, 120 + hour % 24, usual)
    return min(usual, max(weekend, MIN_FEW_SHARE * usual))


def dispersion(volume: Volume) -> float:
    """Variance of counts in multiples of what chance alone makes: at least 1."""
    return max(
        1.0,
        _ratio(volume.hour_squares, volume.hour_usual),
        _ratio(volume.day_squares, volume.day_usual),
    )


def low_dispersion(volume: Volume) -> float:
    """The same of days with little: bursts of news say nothing of these."""
    return max(1.0, _ratio(2 * volume.low_squares, volume.day_usual))


def _ratio(squares: float, usual: float) -> float:
    prior = PRIOR_ARTICLES * PRIOR_DISPERSION
    return (squares + prior) / (usual + PRIOR_ARTICLES)


def follow(
    volume: Volume, hours: Sequence[HourCount]
) -> tuple[Volume, list[VolumeChange]]:
    """What is known after further hours, in order, and the alarms that they bring."""
    changes = []
    for hour in hours:
        volume, change = _follow_hour(volume, hour)
        if change is not None:
            changes.append(change)
    return volume, changes


def _follow_hour(volume: Volume, hour: HourCount) -> tuple[Volume, VolumeChange | None]:
    volume = _fade(volume, hour.start)
    end = hour.start + HOUR
    if not hour.watched:  # a sum that grew before goes on after it
        return replace(volume, closed=end, day_count=0.0, day_expected=0.0), None
    number = hour_of_week(hour.start)
    usual = usual_rate(volume, number)
    change = None
    if weeks(volume) >= MIN_WEEKS:
        before = alarm_evidence(volume)
        volume = _weigh(volume, hour, usual, _quiet_rate(volume, number, usual))
        volume, change = _decide(volume, before, end)
    if not volume.alarm:
        volume = _learn(volume, hour, number, usual)
    return replace(volume, closed=end), change


def _weigh(volume: Volume, hour: HourCount, usual: float, quiet: float) -> Volume:
    """Add what an hour says for each alarm."""
    gain = math.log(RATIO)
    few = (quiet * (1 - 1 / RATIO) - hour.count * gain) / low_dispersion(volume)
    many = (hour.count * gain - usual * (RATIO - 1)) / dispersion(volume)
    most = THRESHOLD / MIN_HOURS
    return replace(
        volume,
        few=_add_evidence(volume.few, min(few, most), hour, usual),
        many=_add_evidence(volume.many, min(many, most), hour, usual),
    )


def _add_evidence(
    evidence: Evidence, score: float, hour: HourCount, usual: float
) -> Evidence:
    total = min(evidence.score + score, THRESHOLD + 1.0)  # it must be able to end
    if total <= 0.0:
        return Evidence()
    return Evidence(
        total,
        evidence.since or hour.start,
        evidence.count + hour.count,
        evidence.usual + usual,
    )


def _decide(
    volume: Volume, before: Evidence, now: float
) -> tuple[Volume, VolumeChange | None]:
    """Begin or end an alarm. ``before``: the evidence for it until this hour."""
    evidence = alarm_evidence(volume)
    if volume.alarm and not evidence.since:
        change = _change(volume.alarm, before, now, ended=True)
        return replace(volume, alarm=""), change
    if volume.alarm and now - evidence.since >= MAX_ALARM_SECONDS:
        change = _change(volume.alarm, evidence, now, ended=True)
        return Volume(feeds=volume.feeds), replace(change, lasted=True)
    if volume.alarm:
        return volume, None
    kinds: tuple[Alarm, Alarm] = ("few", "many")
    for alarm in kinds:
        evidence = alarm_evidence(replace(volume, alarm=alarm))
        if evidence.score >= THRESHOLD:
            return replace(volume, alarm=alarm), _change(alarm, evidence, now)
    return volume, None


def _change(
    alarm: Alarm, evidence: Evidence, now: float, ended: bool = False
) -> VolumeChange:
    return VolumeChange(
        alarm, ended, now, evidence.since, evidence.count, evidence.usual
    )


def _learn(volume: Volume, hour: HourCount, number: int, usual: float) -> Volume:
    """Count an hour, and how far it was from what was expected."""
    if weeks(volume) >= WARM_UP_WEEKS:
        volume = _learn_dispersion(volume, hour, usual)
    counts, watched = list(volume.hours), list(volume.watched)
    counts[number] += hour.count
    watched[number] += 1.0
    return replace(
        volume,
        hours=tuple(counts),
        watched=tuple(watched),
        known_hours=volume.known_hours + 1.0,
    )


def _learn_dispersion(volume: Volume, hour: HourCount, usual: float) -> Volume:
    day_count = volume.day_count + hour.count
    day_expected = volume.day_expected + usual
    day_squares, day_usual = volume.day_squares, volume.day_usual
    low_squares = volume.low_squares
    if (hour.start + HOUR) % DAY < HOUR:
        day_squares += (day_count - day_expected) ** 2
        low_squares += min(day_count - day_expected, 0.0) ** 2
        day_usual += day_expected
        day_count = day_expected = 0.0
    return replace(
        volume,
        hour_squares=volume.hour_squares + (hour.count - usual) ** 2,
        hour_usual=volume.hour_usual + usual,
        day_squares=day_squares,
        low_squares=low_squares,
        day_usual=day_usual,
        day_count=day_count,
        day_expected=day_expected,
    )


def _fade(volume: Volume, now: float) -> Volume:
    """Reduce the counts for the time since that was done, once it is a day."""
    elapsed = now - volume.faded_at
    if not volume.faded_at or elapsed < 0:
        return replace(volume, faded_at=now)
    if elapsed < DAY:
        return volume
    factor = math.pow(0.5, elapsed / WEEK / HALF_LIFE_WEEKS)
    return replace(
        volume,
        faded_at=now,
        hours=tuple(count * factor for count in volume.hours),
        watched=tuple(count * factor for count in volume.watched),
        hour_squares=volume.hour_squares * factor,
        hour_usual=volume.hour_usual * factor,
        day_squares=volume.day_squares * factor,
        low_squares=volume.low_squares * factor,
        day_usual=volume.day_usual * factor,
    )


# ---- words


def describe_counts(alarm: Alarm, count: float, usual: float) -> str:
    """In words: "unusually few articles: 3, where 41 were usual for these hours"."""
    return (
        f"unusually {alarm} articles: {count:.0f}, where {usual:.0f} "
        f"{'was' if round(usual) == 1 else 'were'} usual for these hours of the week"
    )


def alarm_evidence(volume: Volume) -> Evidence:
    """What speaks for the alarm that there is."""
    return volume.many if volume.alarm == "many" else volume.few


# ---- stored form


def to_json(volume: Volume) -> str:
    """A volume as JSON, in one or two kilobytes."""
    record = asdict(volume)
    for name in ("few", "many"):
        record[name] = [_short(value) for value in record[name].values()]
    for name in ("hours", "watched"):
        record[name] = [_short(value) for value in record[name]]
    numbers = {
        name: float(f"{value:.12g}")
        for name, value in record.items()
        if isinstance(value, float)
    }
    return json.dumps(record | numbers, separators=(",", ":"))


def _short(value: float) -> float:
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def from_json(text: str) -> Volume:
    """The volume of ``to_json``; one that knows nothing where the text is none."""
    try:
        record = json.loads(text) if text else {}
        values: dict[str, Any] = {
            name.name: _number(record[name.name])
            for name in fields(Volume)
            if name.type == "float"
        }
        few, many = (Evidence(*map(_number, record[name])) for name in ("few", "many"))
        hours = tuple(map(_number, record["hours"]))
        watched = tuple(map(_number, record["watched"]))
        alarm, feeds = record["alarm"], str(record["feeds"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Volume()
    if len(hours) != HOURS_OF_WEEK or len(watched) != HOURS_OF_WEEK:
        return Volume()
    if alarm not in ("", "few", "many"):
        return Volume()
    known = Volume(hours=hours, watched=watched, alarm=alarm, feeds=feeds)
    return replace(known, few=few, many=many, **values)


def _number(value: object) -> float:
    """A finite number that is not negative; else ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if not 0.0 <= value <= MAX_NUMBER:
        raise ValueError("not a count or time")
    return float(value)
