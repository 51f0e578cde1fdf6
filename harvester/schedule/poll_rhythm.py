"""When to poll a feed again, as learned from what its polls brought. Pure.

Learned of each feed: how many entries it announces in each hour of the week, how many
lately, how many at most in an hour and in a day, and how many it lists. Feeds that bring
more are polled more, but less than in proportion: that is how the entries of all feeds
wait the shortest time for a number of requests. Polls are denser where the list would
otherwise turn over unseen, as expected or in a burst like those seen before; and at once
after a gap, when nothing of the last poll was left in the list.

Times are seconds since 1970, UTC; rates are entries an hour. The constants were chosen
with ``benchmarks/rhythm.py``, on other seeds than those that it reports.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

HOUR = 3_600.0
DAY = 86_400.0
HOURS_OF_WEEK = 168
WEEK = HOURS_OF_WEEK * HOUR
_MONDAY_OFFSET = 72  # hours from the first Monday to 1970-01-01, a Thursday

MIN_SECONDS = 300.0
MIN_UNPROVED_SECONDS = 900.0  # of a feed that has not proved that it brings more
MAX_SECONDS = 86_400.0
MIN_WISHED_SECONDS = 60.0  # however often a server says that it may be polled
PROOF_ENTRIES = 6.0  # new entries found by polls, before any interval is shorter
FIRST_DAY_SECONDS = 900.0  # at most, while nothing is known of a feed's past

INTERVAL_HOURS_AT_UNIT_RATE = 0.19  # where a feed brings one entry an hour
# Of the rate that an interval is divided by. With the root entries wait least on average;
# with a little more than that, half of them wait less, for as many requests.
RATE_EXPONENT = 0.55
HALF_LIFE_WEEKS = 4.0  # of what was counted
RECENT_HALF_LIFE_HOURS = 1.0
DAY_HALF_LIFE_HOURS = 12.0
RECENT_PRIOR_HOURS = 1.0  # weight of the hour of the week against what is recent
CLASS_PRIOR_HOURS = 1.0  # of the mean against an hour of weekdays or of weekends
HOUR_PRIOR_HOURS = 4.0  # of that against an hour of the week
MEAN_PRIOR_HOURS = 8.0  # of ``PRIOR_RATE`` against what was counted
PRIOR_RATE = 1 / 8  # of a feed of which nothing is known
MIN_RATE = 1 / 2_000  # of one that brings nothing
# Shares of the list that may turn over between two polls: at the expected rate, and at
# the highest that was seen.
EXPECTED_SHARE = 0.2
PEAK_SHARE = 0.5
MAX_LISTING_WEEKS = 2.0  # of the past that is learned from a first listing
OLD_SECONDS = 2 * DAY  # published so long before the last poll: listed late, no news
JITTER = 0.1  # of an interval
MAX_NUMBER = 1e15  # that a stored rhythm can have


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was learned of a feed up to ``at``, its last poll; 0: never polled."""

    at: float = 0.0
    faded_at: float = 0.0  # when the counts were last reduced
    weeks: float = 0.0  # that were watched
    hours: tuple[float, ...] = (0.0,) * HOURS_OF_WEEK  # entries in each, from Monday
    found: float = 0.0  # new entries that polls found, without the first listing
    recent: float = 0.0  # entries lately
    recent_hours: float = 0.0  # that were watched lately
    day: float = 0.0  # entries in about a day
    peak: float = 0.0  # highest recent rate
    peak_day: float = 0.0  # highest number in about a day
    listed: float = 0.0  # entries in its list
    bound: float = 0.0  # seconds to the next poll at most, since a gap; 0: none


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll brought."""

    at: float
    published: Sequence[float | None] = ()  # of new entries; None: not stated
    listed: int | None = None  # entries in the list; None: as before
    has_gap: bool = False  # nothing of the last poll was left


def hour_of_week(at: float) -> int:
    """The hour of the week, from 0: Monday, midnight to one, UTC."""
    return int(at // HOUR + _MONDAY_OFFSET) % HOURS_OF_WEEK


# ---- learning


def learn(rhythm: Rhythm, poll: PollResult) -> Rhythm:
    """The rhythm with what another poll brought."""
    if not rhythm.at:
        return _learn_listing(rhythm, poll)
    rhythm = _fade(rhythm, poll.at)
    elapsed = max(poll.at - rhythm.at, 1.0)  # the clock may have been set back
    times = _times_of_new_entries(poll, poll.at - elapsed)
    watched = elapsed
    if poll.has_gap and times:  # nothing is known of the time before the list begins
        watched = min(elapsed, max(poll.at - min(times), MIN_WISHED_SECONDS))
    recent = _kept(rhythm.recent, elapsed, RECENT_HALF_LIFE_HOURS) + sum(
        _kept(1.0, poll.at - time, RECENT_HALF_LIFE_HOURS) for time in times
    )
    mean_life = RECENT_HALF_LIFE_HOURS / math.log(2.0)
    recent_hours = _kept(rhythm.recent_hours, elapsed, RECENT_HALF_LIFE_HOURS)
    recent_hours += mean_life * (1 - _kept(1.0, watched, RECENT_HALF_LIFE_HOURS))
    day = _kept(rhythm.day, elapsed, DAY_HALF_LIFE_HOURS) + sum(
        _kept(1.0, poll.at - time, DAY_HALF_LIFE_HOURS) for time in times
    )
    return replace(
        rhythm,
        at=poll.at,
        weeks=rhythm.weeks + watched / WEEK,
        hours=_with_times(rhythm.hours, times),
        found=rhythm.found + len(times),
        recent=recent,
        recent_hours=recent_hours,
        day=day,
        peak=max(rhythm.peak, recent / max(recent_hours, mean_life / 2)),
        peak_day=max(rhythm.peak_day, day),
        listed=rhythm.listed if poll.listed is None else poll.listed,
        bound=_bound_after(rhythm.bound, elapsed, poll.has_gap),
    )


def _bound_after(bound: float, elapsed: float, has_gap: bool) -> float:
    """The longest interval after a poll: short after a gap, then doubled until a day."""
    if has_gap:
        return min(MIN_UNPROVED_SECONDS, elapsed / 2)
    return 2 * bound if 2 * bound < MAX_SECONDS else 0.0


def _learn_listing(rhythm: Rhythm, poll: PollResult) -> Rhythm:
    """What a first list tells of the time before: as far as its dates go."""
    earliest = poll.at - MAX_LISTING_WEEKS * WEEK
    times = [
        time
        for time in poll.published
        if time is not None and earliest < time <= poll.at
    ]
    weeks = (poll.at - min(times)) / WEEK if times else 0.0
    if poll.published and not times and None not in poll.published:
        weeks = MAX_LISTING_WEEKS  # all entries are older
    return replace(
        rhythm,
        at=poll.at,
        faded_at=poll.at,
        weeks=weeks,
        hours=_with_times(rhythm.hours, times),
        listed=poll.listed or 0,
    )


def _times_of_new_entries(poll: PollResult, since: float) -> list[float]:
    """When new entries came: as stated, if that was since the last poll.

    Others are spread evenly over that time: some dates are days, or when the writing
    began. Old ones that a feed lists late are no news.
    """
    times: list[float] = []
    unknown = 0
    for time in poll.published:
        if time is None or time > poll.at or since - OLD_SECONDS < time <= since:
            unknown += 1
        elif time > since:
            times.append(time)
    step = (poll.at - since) / (unknown + 1)
    return times + [since + step * (number + 1) for number in range(unknown)]


def _with_times(hours: tuple[float, ...], times: Sequence[float]) -> tuple[float, ...]:
    if not times:
        return hours
    counts = list(hours)
    for time in times:
        counts[hour_of_week(time)] += 1.0
    return tuple(counts)


def _fade(rhythm: Rhythm, now: float) -> Rhythm:
    """Reduce the counts for the time since that was done, once it is a day."""
    elapsed = now - rhythm.faded_at
    if elapsed < 0:  # the clock was set back
        return replace(rhythm, faded_at=now)
    if elapsed < DAY:
        return rhythm
    factor = math.pow(0.5, elapsed / WEEK / HALF_LIFE_WEEKS)
    return replace(
        rhythm,
        faded_at=now,
        weeks=rhythm.weeks * factor,
        hours=tuple(count * factor for count in rhythm.hours),
        found=rhythm.found * factor,
        peak=rhythm.peak * factor,
        peak_day=rhythm.peak_day * factor,
    )


def _kept(count: float, elapsed: float, half_life_hours: float) -> float:
    return count * math.pow(0.5, elapsed / HOUR / half_life_hours)


# ---- deciding


def mean_rate(rhythm: Rhythm) -> float:
    """Entries an hour, on the mean of the week."""
    return (sum(rhythm.hours) + MEAN_PRIOR_HOURS * PRIOR_RATE) / (
        HOURS_OF_WEEK * rhythm.weeks + MEAN_PRIOR_HOURS
    )


def expected_rate(rhythm: Rhythm, hour: int) -> float:
    """Entries an hour that are usual in an hour of the week.

    Shrunk to the same hour of other weekdays, or of the other day of the weekend, and
    that to the mean of the week.
    """
    return _rate_of_hour(rhythm, hour, mean_rate(rhythm))


def _rate_of_hour(rhythm: Rhythm, hour: int, mean: float) -> float:
    counts, weeks = rhythm.hours, rhythm.weeks
    first, days = (0, 5) if hour < 120 else (120, 2)
    same_hours = counts[first + hour % 24 : first + 24 * days : 24]
    of_class = (sum(same_hours) + CLASS_PRIOR_HOURS * mean) / (
        days * weeks + CLASS_PRIOR_HOURS
    )
    near = (
        counts[hour] + 0.5 * counts[hour - 1] + 0.5 * counts[(hour + 1) % HOURS_OF_WEEK]
    )
    rate = (near + HOUR_PRIOR_HOURS * of_class) / (2 * weeks + HOUR_PRIOR_HOURS)
    return max(rate, MIN_RATE)


def current_rate(rhythm: Rhythm) -> float:
    """Entries an hour as of the last poll: what is usual, and what came lately."""
    usual = expected_rate(rhythm, hour_of_week(rhythm.at))
    return (rhythm.recent + RECENT_PRIOR_HOURS * usual) / (
        rhythm.recent_hours + RECENT_PRIOR_HOURS
    )


def learned_interval(
    rhythm: Rhythm,
    shortest: float = MIN_SECONDS,
    unit_hours: float = INTERVAL_HOURS_AT_UNIT_RATE,
) -> float:
    """Seconds from the last poll to the next, by what was learned.

    ``shortest``: not below it, however much the feed brings.
    """
    if rhythm.found < PROOF_ENTRIES:
        shortest = max(shortest, MIN_UNPROVED_SECONDS)
    longest = max(min(MAX_SECONDS, _peak_bound(rhythm)), shortest)
    if rhythm.bound:
        longest = max(min(longest, rhythm.bound), shortest)
    if rhythm.weeks * WEEK < DAY:
        longest = max(min(longest, FIRST_DAY_SECONDS), shortest)
    excess = current_rate(rhythm) - expected_rate(rhythm, hour_of_week(rhythm.at))
    turnover_left = EXPECTED_SHARE * max(rhythm.listed, 1.0)
    waited, at, mean = 0.0, rhythm.at, mean_rate(rhythm)
    while at - rhythm.at < longest:
        step = max(min(HOUR - at % HOUR, rhythm.at + longest - at), 1.0)
        ahead = (at + step / 2 - rhythm.at) / HOUR
        usual = _rate_of_hour(rhythm, hour_of_week(at), mean)
        rate = max(
            usual + excess * _kept(1.0, ahead * HOUR, RECENT_HALF_LIFE_HOURS), MIN_RATE
        )
        # The share of an interval that passes in this step, as the rate changes.
        added = step / HOUR * math.pow(rate, RATE_EXPONENT) / unit_hours
        entries = step / HOUR * rate
        share = min((1.0 - waited) / added, turnover_left / entries)
        if share <= 1.0:
            return max(at + step * share - rhythm.at, shortest)
        waited, turnover_left, at = waited + added, turnover_left - entries, at + step
    return longest


def _peak_bound(rhythm: Rhythm) -> float:
    """Seconds in which the list would nearly turn over in the largest burst seen."""
    if rhythm.peak_day <= PEAK_SHARE * rhythm.listed or not rhythm.peak:
        return MAX_SECONDS
    return PEAK_SHARE * rhythm.listed / rhythm.peak * HOUR


def jittered(seconds: float, key: str, at: float) -> float:
    """An interval made longer a little, always alike for a feed and poll."""
    share = zlib.crc32(f"{key} {at:.0f}".encode("utf-8", "surrogatepass")) / 2**32
    return seconds * (1 + JITTER * share)


# ---- stored form


_NUMBERS = tuple(field.name for field in fields(Rhythm) if field.name != "hours")
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def to_json(rhythm: Rhythm) -> str:
    """A rhythm as JSON, in about half a kilobyte."""
    record: dict[str, object] = {
        name: float(f"{getattr(rhythm, name):.12g}") for name in _NUMBERS
    }
    record["hours"] = [_short(count) if count else 0 for count in rhythm.hours]
    return _ENCODER.encode(record)


def _short(count: float) -> float:
    rounded = round(count, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def from_json(text: str) -> Rhythm:
    """The rhythm of ``to_json``; one that knows nothing where the text is none."""
    try:
        record = json.loads(text) if text else {}
        hours = tuple(map(float, record["hours"]))
        values = {name: _number(record[name]) for name in _NUMBERS}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Rhythm()
    are_counts = all(0.0 <= count <= MAX_NUMBER for count in hours)
    is_whole = len(hours) == HOURS_OF_WEEK and are_counts
    return Rhythm(hours=hours, **values) if is_whole else Rhythm()


def _number(value: object) -> float:
    """A finite number that is not negative; else ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if not 0.0 <= value <= MAX_NUMBER:
        raise ValueError("not a count or time")
    return float(value)
