"""Whether the harvester itself was silent, by when it crawled and what was due."""

from __future__ import annotations

import pytest

from harvester.schedule.downtime import describe_duration, find_downtime
from harvester.schedule.times import add_seconds

NOW = "2025-09-15T12:00:00Z"
HOUR = 3_600.0


def before(hours: float) -> str:
    return add_seconds(NOW, -hours * HOUR)


def crawls_every(hours: float, since: float) -> list[tuple[str, str | None]]:
    """Ten crawls, the last ended so many hours before now."""
    times = [since + hours * number for number in range(9, -1, -1)]
    return [(before(at + 0.05), before(at)) for at in times]


@pytest.mark.parametrize(
    ("every", "active", "due", "since"),
    [
        (0.25, 5, 4.8, 4.8),  # the daemon was off
        (0.25, 5, 6, 5),  # it was behind
        (0.25, 0.9, 0.7, None),
        (0.25, 9, 0.5, None),  # nothing was due
        (0.25, 9, -1, None),
        (24, 24, 23.7, None),  # cron, once a day
        (24, 73, 72.5, 72.5),
    ],
)
def test_it_is_by_what_is_usual(
    every: float, active: float, due: float, since: float | None
) -> None:
    found = find_downtime(crawls_every(every, active), before(active), before(due), NOW)
    assert found == (None if since is None else before(since))


def test_an_archive_without_crawls_was_not_silent() -> None:
    assert find_downtime([], None, before(3), NOW) is None
    assert find_downtime([(before(3), None)], before(3), None, NOW) is None
    assert find_downtime([(before(3), None)], before(3), before(2), NOW) == before(2)


def test_durations_for_people() -> None:
    assert describe_duration(before(49), NOW) == "2 days"
    assert describe_duration(before(5), NOW) == "5 hours"
    assert describe_duration(before(1.5), NOW) == "90 minutes"
