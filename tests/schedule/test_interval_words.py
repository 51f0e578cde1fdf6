"""The interval of a feed, and why it is that, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.schedule.interval_words import explain_interval, format_interval
from harvester.schedule.poll_rhythm import DAY, PollResult, Rhythm, learn
from tests.schedule.test_poll_rhythm import MONDAY, evenly, poll_regularly

QUIET = learn(Rhythm(), PollResult(MONDAY, [MONDAY - 100 * DAY] * 20, 20))


@pytest.mark.parametrize(
    ("per_hour", "words"),
    [
        (9, "every 5 minutes on weekday mornings (UTC): 9 new entries an hour"),
        (2, " on weekday mornings (UTC): 2 new entries an hour"),
        (0.25, "minutes on weekday mornings (UTC): 6 new entries a day in all"),
        (1 / 168, ": 1 new entry a week"),
    ],
)
def test_the_reason_is_what_the_feed_brings(per_hour: float, words: str) -> None:
    rhythm = poll_regularly(evenly(per_hour, 3), 3, listed=100)
    rhythm = replace(rhythm, at=MONDAY + 21 * DAY + 9 * 3_600.0)
    assert explain_interval("auto", 0, "", rhythm)[1].endswith(words)


def test_settings_servers_gaps_and_bursts_are_named() -> None:
    busy = poll_regularly(evenly(1, 3), 3)
    gap = learn(busy, PollResult(busy.at + 900, [None] * 20, 20, has_gap=True))
    at = busy.at + 900
    burst = learn(busy, PollResult(at, [at - 60.0 * n for n in range(12)]))
    assert explain_interval(90.0, 900, "ttl 15", busy) == (
        90.0,
        "every 90 seconds, as the settings say",
    )
    assert explain_interval("auto", 7_200, "ttl 120", busy) == (
        7_200,
        "every 2 hours, as its server states: ttl 120",
    )
    assert explain_interval("auto", 31_557_600, "updated yearly", busy)[0] == DAY
    assert "may have been missed" in explain_interval("auto", 0, "", gap)[1]
    assert "more than usual" in explain_interval("auto", 0, "", burst)[1]
    assert "until it is known" in explain_interval("auto", 0, "", Rhythm())[1]
    assert "hardly any" in explain_interval("auto", 0, "", QUIET)[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (45, "45 seconds"),
        (60, "minute"),
        (90, "90 seconds"),
        (425, "7 minutes"),
        (3_600, "hour"),
        (5_000, "83 minutes"),
        (7_300, "2 hours"),
        (86_400, "day"),
        (604_800, "7 days"),
    ],
)
def test_intervals_for_people(seconds: float, words: str) -> None:
    assert format_interval(seconds) == words
