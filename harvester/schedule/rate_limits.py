"""How long a site is left alone that answers 429 and does not say for how long. Pure.

The wait is doubled by each further 429, up to a day, and halved for each such time that
then passes without one.
"""

from __future__ import annotations

from harvester.schedule.poll_rhythm import jittered

FIRST_LIMIT_SECONDS = 60.0
MAX_LIMIT_SECONDS = 86_400.0
MAX_SLOWED_DELAY_SECONDS = 30.0  # as for Crawl-delay of robots.txt


def next_limit(last_seconds: float, elapsed: float) -> float:
    """Seconds to wait after a 429 without a time.

    ``last_seconds``: of the last such wait, 0: none; ``elapsed``: since its end. A 429
    while it lasts is the answer to a request that was sent before: nothing is added.
    """
    if not last_seconds:
        return FIRST_LIMIT_SECONDS
    if elapsed < 0:
        return last_seconds
    doubled = 2 * remaining_limit(last_seconds, elapsed)
    return min(max(doubled, FIRST_LIMIT_SECONDS), MAX_LIMIT_SECONDS)


def remaining_limit(last_seconds: float, elapsed: float) -> float:
    """What is left of a wait, for the next one; 0 once it is forgotten."""
    if elapsed < 0 or not last_seconds:
        return last_seconds
    left = last_seconds / 2.0 ** min(elapsed // last_seconds, 60)
    return left if left >= FIRST_LIMIT_SECONDS else 0.0


def slowed_delay(delay: float, limit_seconds: float) -> float:
    """Seconds between two requests to a site after such a wait: twice, 4 times … more."""
    if not limit_seconds:
        return delay
    slowed = max(delay, 1.0) * 2 * limit_seconds / FIRST_LIMIT_SECONDS
    return max(delay, min(slowed, MAX_SLOWED_DELAY_SECONDS))


def with_jitter(seconds: float, site: str) -> float:
    """A wait made longer a little, so that not all come back at once."""
    return min(jittered(seconds, site, seconds), MAX_LIMIT_SECONDS)
