"""The time, as the crawl reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from harvester.schedule.times import format_time


def utc_now_iso() -> str:
    """The current time, as the archive writes it."""
    return format_time(datetime.now(UTC))


# Elsewhere than on Linux CLOCK_MONOTONIC runs on while the machine sleeps; Python's
# ``time.monotonic`` stops, on macOS too.
_BOOTTIME_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime_seconds() -> float:
    """Seconds by a clock that is never set, and runs while the machine sleeps."""
    return time.clock_gettime(_BOOTTIME_CLOCK)


def boot_time_iso() -> str:
    """When the machine was started."""
    return format_time(datetime.now(UTC) - timedelta(seconds=boottime_seconds()))
