"""Whether a feed is silent that used to bring entries."""

from __future__ import annotations

import pytest

from harvester.schedule.poll_rhythm import DAY, PollResult, Rhythm, learn
from harvester.schedule.silence import describe_silence
from tests.schedule.test_poll_rhythm import MONDAY, evenly, poll_regularly


def silent_after(per_day: float) -> int:
    """After how many days without news a feed counts as silent, polled twice a day."""
    rhythm = poll_regularly(evenly(per_day / 24, 4), 4)
    last = rhythm.at
    for half_day in range(1, 200):
        now = last + half_day * DAY / 2
        rhythm = learn(rhythm, PollResult(now, ()))
        if describe_silence(rhythm, last, now):
            return half_day // 2
    return 1_000


@pytest.mark.parametrize(
    ("per_day", "at_least", "at_most"),
    [(100, 3, 3), (5, 3, 4), (1, 11, 24), (1 / 7, 60, 90)],
)
def test_the_more_a_feed_brings_the_sooner_it_is_silent(
    per_day: float, at_least: int, at_most: int
) -> None:
    assert at_least <= silent_after(per_day) <= at_most


def test_it_is_said_for_how_long_and_what_was_usual() -> None:
    rhythm = poll_regularly(evenly(1, 3), 3)
    last = rhythm.at
    now = last + 9.5 * DAY
    assert describe_silence(rhythm, last, now) == "", "it was not polled since"
    rhythm = learn(rhythm, PollResult(now, ()))
    silence = describe_silence(rhythm, last, now)
    assert silence.startswith("nothing new for 9 days, where 16")
    assert "were usual" in silence
    assert describe_silence(rhythm, now - DAY, now) == ""
    assert describe_silence(Rhythm(), None, now) == ""
    assert describe_silence(Rhythm(), MONDAY - 100 * DAY, MONDAY)
