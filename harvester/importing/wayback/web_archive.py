"""A web archive as it is asked: one request after the other, patiently.

robots.txt, the delay and all bounds are the fetcher's. Here is what is done when it says
"later": wait, with longer pauses where no time is stated, and not for ever.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.errors import HarvesterError
from harvester.model import Capture, Outcome
from harvester.schedule.times import parse_time

MAX_WAIT_SECONDS = 3_600.0  # for which one rate limit is waited
MAX_RATE_LIMITS = 8  # in a row
FIRST_PAUSE_SECONDS = 5.0
MAX_PAUSE_SECONDS = 300.0
MAX_REFUSALS = 3  # in a row, as by its robots.txt
MAX_FAILURES = 12  # in a row, of whatever is asked
CONTINUES = "the same command continues where this one stopped"


@dataclass(slots=True)
class WebArchive:
    """Asks a web archive for what it has, through a fetcher.

    ``fetch``: sends a request as a crawl would, without following redirects. ``clock``:
    the time now, in seconds since 1970. ``wait``: lets so many seconds pass.
    """

    fetch: Callable[[str], Capture]
    clock: Callable[[], float]
    wait: Callable[[float], None]
    report_wait: Callable[[str], None] = field(default=lambda reason: None)
    request_count: int = 0
    _failures: int = 0
    _refusals: int = 0

    def ask(self, url: str) -> Capture:
        """The response, after all rate limits.

        Raises HarvesterError if the web archive forbids all, limits the rate for longer
        than is waited for, or fails again and again.
        """
        limits = 0
        while True:
            capture = self.fetch(url)
            self.request_count += 1
            if not _is_limit(capture):
                break
            limits += 1
            self._wait_for(capture, limits)
        self._count_failure(capture)
        return capture

    def _wait_for(self, capture: Capture, limits: int) -> None:
        seconds = _pause(limits)
        if capture.retry_at:
            seconds = parse_time(capture.retry_at).timestamp() - self.clock() + 0.1
        reason = capture.error or f"HTTP {capture.status}"
        if seconds > MAX_WAIT_SECONDS or limits >= MAX_RATE_LIMITS:
            until = f" until {capture.retry_at}" if capture.retry_at else ""
            raise HarvesterError(
                f"the web archive limits the rate of requests{until} ({reason})",
                CONTINUES,
            )
        if seconds > 0:
            self.report_wait(
                f"waiting {math.ceil(seconds)} s for the web archive ({reason})"
            )
            self.wait(seconds)

    def _count_failure(self, capture: Capture) -> None:
        """Pause after failures: they may be of the web archive as a whole."""
        if capture.outcome is Outcome.REFUSED:
            self._refusals += 1
            if self._refusals >= MAX_REFUSALS:
                raise HarvesterError(
                    f"the web archive is not asked: {capture.error}", CONTINUES
                )
            return
        self._refusals = 0
        if capture.outcome is not Outcome.FAILED or capture.status:
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= MAX_FAILURES:
            raise HarvesterError(
                f"the web archive does not respond: {capture.error}", CONTINUES
            )
        if self._failures > 1:
            self.wait(_pause(self._failures - 1))


def _is_limit(capture: Capture) -> bool:
    if capture.outcome is Outcome.WAITING:
        return True
    names = {name.lower() for name, _ in capture.headers}
    # A captured 503 is a capture, not a limit.
    return capture.status in (429, 503) and "memento-datetime" not in names


def _pause(number: int) -> float:
    """Seconds of the first, second … pause in a row."""
    return float(min(FIRST_PAUSE_SECONDS * 2 ** (number - 1), MAX_PAUSE_SECONDS))
