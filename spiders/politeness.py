"""What holds for each site (registered domain): its delay and concurrency, and until when it is to be left alone.

One budget a site, shared by feeds, articles and robots.txt of all outlets. Not for: keeping holds across restarts (the archive does).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from harvester.identity.urls import site as site_of
from harvester.schedule.times import format_time, parse_time

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader

    from harvester.settings import Settings

MAX_CRAWL_DELAY_SECONDS = (
    30.0  # seconds; what robots.txt asks beyond that is taken as this
)
MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0  # seconds; the same for Retry-After
CROSS_OUTLET_EVERY_NTH = (
    5  # each fifth request to a site may be one that another outlet redirected there
)
DEFAULT_RETRY_AFTER_SECONDS = 60.0  # seconds to wait after a 429 that names no time


def utc_now_iso() -> str:
    """Now, as the archive writes it."""
    return format_time(datetime.now(UTC))


def boottime_seconds() -> float:
    """Seconds by a clock that is never set, and runs while the machine sleeps."""
    return (
        time.clock_gettime(time.CLOCK_BOOTTIME)
        if hasattr(time, "CLOCK_BOOTTIME")
        else time.monotonic()
    )


def parse_retry_after(status: int, header: str, now: datetime) -> str | None:
    """Until when an answer asks to be left alone; None where it does not."""
    if status not in (429, 503):
        return None
    seconds = _parse_retry_after_seconds(header.strip(), now)
    if seconds is None:
        seconds = DEFAULT_RETRY_AFTER_SECONDS if status == 429 else None
    if seconds is None or (seconds <= 0 and status == 503):
        return None
    return format_time(
        datetime.fromtimestamp(
            now.timestamp() + min(max(seconds, 1.0), MAX_RETRY_AFTER_SECONDS), UTC
        )
    )


def _parse_retry_after_seconds(header: str, now: datetime) -> float | None:
    if header.isascii() and header.isdigit():
        return float(header[:12])
    try:
        at = parsedate_to_datetime(header)
        return (
            at if at.tzinfo else at.replace(tzinfo=UTC)
        ).timestamp() - now.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class Politeness:
    """Pace and holds of all sites met in this crawl."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots: dict[str, dict[str, Any]] = {}  # as Scrapy's downloader reads them
        self._holds: dict[
            str, tuple[float, str, str]
        ] = {}  # until when by a clock that is never set, until when, why
        self._downloader: Downloader | None = None
        self._sites_by_outlet = {
            key: frozenset(
                site_of(url) for url in (one.home, *(feed.url for feed in one.feeds))
            )
            for key, one in settings.outlets.items()
        }
        self._next_cross_outlet_turn: dict[
            str, float
        ] = {}  # when the next redirect to a site of another outlet may go there

    def is_own_site(self, site: str, outlet: str) -> bool:
        """Whether it is one of the outlet's own, by its settings."""
        return site in self._sites_by_outlet.get(outlet, ())

    def belongs_to_any_outlet(self, site: str) -> bool:
        """Whether it is some outlet's own."""
        return any(site in homes for homes in self._sites_by_outlet.values())

    def is_insecure(self, site: str, outlet: str) -> bool:
        """Whether certificates of a site are not verified: its own outlet wants that, and it is that outlet that asks, or nobody
        in particular (robots.txt)."""
        lax = [
            key
            for key, one in self._settings.outlets.items()
            if one.insecure and self.is_own_site(site, key)
        ]
        return outlet in lax if outlet else bool(lax)

    def attach(self, downloader: Downloader) -> None:
        """Have Scrapy's downloader keep this pace."""
        downloader.per_slot_settings = self._slots
        self._downloader = downloader

    def register_site(self, site: str, outlet: str) -> None:
        """A visit for this outlet goes to this site: where outlets differ, the more careful one counts."""
        known = self._settings.outlets.get(outlet)
        delay = known.delay if known else self._settings.delay
        concurrency = known.concurrency if known else self._settings.concurrency
        slot = self._slots.get(site)
        if slot is None:
            self._slots[site] = {
                "delay": delay,
                "concurrency": concurrency,
                "jitter": 0,
            }
        elif delay > slot["delay"] or concurrency < slot["concurrency"]:
            self._set_slot_limits(
                site, max(delay, slot["delay"]), min(concurrency, slot["concurrency"])
            )

    def delay(self, site: str) -> float:
        """Seconds between two requests."""
        slot = self._slots.get(site)
        return float(slot["delay"]) if slot else self._settings.delay

    def concurrency(self, site: str) -> int:
        """Requests at once."""
        slot = self._slots.get(site)
        return int(slot["concurrency"]) if slot else self._settings.concurrency

    def outlet_concurrency(self, outlet: str) -> int:
        """Requests of an outlet at once that its settings want."""
        known = self._settings.outlets.get(outlet)
        return known.concurrency if known else self._settings.concurrency

    def reserve_cross_outlet_turn(
        self, site: str, now: float, max_wait_seconds: float
    ) -> float | None:
        """Seconds that a redirect to the site of another outlet waits for its turn, a fifth of the site's; None: too many wait."""
        turn = max(now, self._next_cross_outlet_turn.get(site, 0.0))
        if turn - now > max_wait_seconds:
            return None
        self._next_cross_outlet_turn[site] = turn + CROSS_OUTLET_EVERY_NTH * self.delay(
            site
        )
        return turn - now

    def apply_crawl_delay(self, site: str, delay: float) -> None:
        """robots.txt asks for a delay."""
        self.register_site(site, "")
        wanted = min(delay, MAX_CRAWL_DELAY_SECONDS)
        if wanted > self._slots[site]["delay"]:
            self._set_slot_limits(site, wanted, self._slots[site]["concurrency"])

    def hold(self, site: str, until: str, reason: str) -> None:
        """Ask nothing of this site before ``until``."""
        end = (
            boottime_seconds()
            + parse_time(until).timestamp()
            - datetime.now(UTC).timestamp()
        )
        if end > self._holds.get(site, (boottime_seconds(), "", ""))[0]:
            self._holds[site] = (end, until, reason)

    def get_hold(self, site: str) -> tuple[str, str] | None:
        """(until, reason) where the site is to be left alone now."""
        found = self._holds.get(site)
        if found is None:
            return None
        if found[0] <= boottime_seconds():
            del self._holds[site]
            return None
        return found[1], found[2]

    def _set_slot_limits(self, site: str, delay: float, concurrency: int) -> None:
        self._slots[site] |= {"delay": delay, "concurrency": concurrency}
        slot = self._downloader.slots.get(site) if self._downloader else None
        if slot is not None:
            slot.delay, slot.concurrency = delay, concurrency
