"""How long a site is left alone that answers 429 without Retry-After."""

from __future__ import annotations

import pytest

from harvester.schedule.rate_limits import (
    next_limit,
    remaining_limit,
    slowed_delay,
    with_jitter,
)


def test_it_is_doubled_by_each_further_one_up_to_a_day() -> None:
    limits = [next_limit(0.0, 0.0)]
    for _ in range(14):
        limits.append(next_limit(limits[-1], 1.0))
    assert limits[:5] == [60, 120, 240, 480, 960]
    assert limits[-1] == limits[-2] == 86_400


def test_it_is_halved_while_none_comes() -> None:
    assert next_limit(960, 959) == 1_920
    assert next_limit(960, 961) == 960
    assert next_limit(960, 2 * 960) == 480
    assert next_limit(960, 90 * 86_400) == 60
    assert remaining_limit(960, 4 * 960) == 60
    assert remaining_limit(960, 5 * 960) == 0
    assert remaining_limit(960, -5) == 960


def test_one_that_was_under_way_adds_nothing() -> None:
    assert next_limit(240, -3.0) == 240


@pytest.mark.parametrize(
    ("delay", "limit", "slowed"),
    [(2, 0, 2), (2, 60, 4), (2, 120, 8), (2, 960, 30), (0.1, 60, 2), (60, 120, 60)],
)
def test_requests_are_spaced_meanwhile(
    delay: float, limit: float, slowed: float
) -> None:
    assert slowed_delay(delay, limit) == slowed


def test_jitter_differs_by_site_and_is_small() -> None:
    waits = {with_jitter(600, f"site{number}.example") for number in range(20)}
    assert len(waits) == 20
    assert min(waits) >= 600 and max(waits) <= 660
    assert with_jitter(86_400, "a.example") == 86_400
