"""Delay, concurrency and rate limits of each site (registered domain) in this crawl.

A site has one budget, shared by feeds, articles and robots.txt of all outlets. Does not
keep rate limits across crawls; the archive does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy.core.downloader import Downloader

from harvester.identity.urls import site as site_of
from harvester.schedule import rate_limits
from harvester.schedule.rate_limits import FIRST_LIMIT_SECONDS
from harvester.schedule.times import format_time, parse_time
from harvester.settings import Settings
from spiders.system_clock import boottime_seconds

MAX_CRAWL_DELAY_SECONDS = 30.0  # a longer Crawl-delay in robots.txt counts as this
MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0  # the same for Retry-After
# Every fifth request to a site may be one that another outlet redirected there.
CROSS_OUTLET_EVERY_NTH = 5


def parse_retry_after(
    status: int, header: str, now: datetime, unstated: float = FIRST_LIMIT_SECONDS
) -> str | None:
    """The time before which a 429 or 503 response wants no request; None: none.

    ``unstated``: seconds of a 429 that does not say it.
    """
    if status not in (429, 503):
        return None
    seconds = _parse_retry_after_seconds(header.strip(), now)
    if seconds is None:
        seconds = unstated if status == 429 else None
    if seconds is None or (seconds <= 0 and status == 503):
        return None
    seconds = min(max(seconds, 1.0), MAX_RETRY_AFTER_SECONDS)
    return format_time(datetime.fromtimestamp(now.timestamp() + seconds, UTC))


def states_no_time(status: int, header: str, now: datetime) -> bool:
    """Whether a response is a 429 that does not say for how long."""
    return status == 429 and _parse_retry_after_seconds(header.strip(), now) is None


def _parse_retry_after_seconds(header: str, now: datetime) -> float | None:
    """Seconds from now, of a number or a date (RFC 9110, 10.2.3)."""
    if header.isascii() and header.isdigit():
        return float(header[:12])
    try:
        at = parsedate_to_datetime(header)
        if not at.tzinfo:
            at = at.replace(tzinfo=UTC)
        return at.timestamp() - now.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _seconds_until(at: str) -> float:
    return parse_time(at).timestamp() - datetime.now(UTC).timestamp()


@dataclass(frozen=True, slots=True)
class _Hold:
    ends_at: float  # by ``boottime_seconds``
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class _UnstatedLimit:
    """The last wait of a site that did not say how long it is to be."""

    seconds: float
    ends_at: float  # by ``boottime_seconds``


class Politeness:
    """Pace and rate limits of all sites met in this crawl."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots: dict[str, dict[str, Any]] = {}  # as Scrapy's downloader reads them
        self._holds: dict[str, _Hold] = {}
        self._unstated_limits: dict[str, _UnstatedLimit] = {}
        self._downloader: Downloader | None = None
        self._sites_by_outlet = {
            key: frozenset(
                site_of(url)
                for url in (outlet.home, *(feed.url for feed in outlet.feeds))
            )
            for key, outlet in settings.outlets.items()
        }
        self._all_sites = frozenset().union(*self._sites_by_outlet.values())
        self._insecure_outlets = frozenset(
            key for key, outlet in settings.outlets.items() if outlet.insecure
        )
        # Site → when the next redirect from another outlet may go there.
        self._next_cross_outlet_turn: dict[str, float] = {}

    def is_own_site(self, site: str, outlet: str) -> bool:
        """Whether the outlet's settings name this site."""
        return site in self._sites_by_outlet.get(outlet, ())

    def belongs_to_any_outlet(self, site: str) -> bool:
        """Whether some outlet's settings name this site."""
        return site in self._all_sites

    def is_insecure(self, site: str, outlet: str) -> bool:
        """Whether a site's certificates are not verified.

        They are not for requests of an outlet whose settings say ``insecure``, to its
        own sites; and for robots.txt of these sites (``outlet`` is "").
        """
        if not self._insecure_outlets:
            return False
        if outlet:
            return outlet in self._insecure_outlets and self.is_own_site(site, outlet)
        return any(self.is_own_site(site, key) for key in self._insecure_outlets)

    def attach(self, downloader: Downloader) -> None:
        """Make Scrapy's downloader keep this pace."""
        downloader.per_slot_settings = self._slots
        self._downloader = downloader

    def register_site(self, site: str, outlet: str) -> None:
        """Requests of an outlet go to this site: the more careful settings apply."""
        settings = self._settings.outlets.get(outlet) or self._settings
        delay, concurrency = settings.delay, settings.concurrency
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
        """Seconds between two requests to a site."""
        slot = self._slots.get(site)
        return float(slot["delay"]) if slot else self._settings.delay

    def concurrency(self, site: str) -> int:
        """Requests to a site at once."""
        slot = self._slots.get(site)
        return int(slot["concurrency"]) if slot else self._settings.concurrency

    def outlet_concurrency(self, outlet: str) -> int:
        """Requests of an outlet at once, by its settings."""
        return (self._settings.outlets.get(outlet) or self._settings).concurrency

    def reserve_cross_outlet_turn(
        self, site: str, now: float, max_wait_seconds: float
    ) -> float | None:
        """Seconds until a redirect may go to another outlet's site; None: too long."""
        turn = max(now, self._next_cross_outlet_turn.get(site, 0.0))
        if turn - now > max_wait_seconds:
            return None
        self._next_cross_outlet_turn[site] = turn + CROSS_OUTLET_EVERY_NTH * self.delay(
            site
        )
        return turn - now

    def apply_crawl_delay(self, site: str, delay: float) -> None:
        """Keep the Crawl-delay of a site's robots.txt."""
        self.register_site(site, "")
        delay = min(delay, MAX_CRAWL_DELAY_SECONDS)
        if delay > self._slots[site]["delay"]:
            self._set_slot_limits(site, delay, self._slots[site]["concurrency"])

    def hold(self, site: str, until: str, reason: str) -> None:
        """Send nothing to this site before ``until``."""
        ends_at = boottime_seconds() + _seconds_until(until)
        current = self._holds.get(site)
        if ends_at > (current.ends_at if current else boottime_seconds()):
            self._holds[site] = _Hold(ends_at, until, reason)

    def remember_unstated_limit(self, site: str, seconds: float, ends: str) -> None:
        """A site's last wait of unstated length, in an earlier crawl: it is slower now."""
        ends_at = boottime_seconds() + _seconds_until(ends)
        self._unstated_limits[site] = _UnstatedLimit(seconds, ends_at)
        left = rate_limits.remaining_limit(seconds, boottime_seconds() - ends_at)
        if left:
            self._slow_down(site, left)

    def begin_unstated_limit(self, site: str) -> float:
        """Seconds to leave a site alone that answered 429 and does not say how long."""
        now = boottime_seconds()
        last = self._unstated_limits.get(site) or _UnstatedLimit(0.0, now)
        if last.seconds and now < last.ends_at:
            return max(last.ends_at - now, 1.0)
        seconds = rate_limits.next_limit(last.seconds, now - last.ends_at)
        wait = rate_limits.with_jitter(seconds, site)
        self._unstated_limits[site] = _UnstatedLimit(seconds, now + wait)
        self._slow_down(site, seconds)
        return wait

    def get_unstated_seconds(self, site: str) -> float:
        """How long the last such wait of a site is, without jitter; 0: there was none."""
        limit = self._unstated_limits.get(site)
        return limit.seconds if limit else 0.0

    def _slow_down(self, site: str, limit_seconds: float) -> None:
        """Space requests to a site, for the rest of the crawl."""
        self.register_site(site, "")
        slot = self._slots[site]
        # From the delay of the settings: not once more for each 429.
        usual = slot.setdefault("usual_delay", slot["delay"])
        delay = max(rate_limits.slowed_delay(usual, limit_seconds), slot["delay"])
        if delay > slot["delay"]:
            self._set_slot_limits(site, delay, slot["concurrency"])

    def get_hold(self, site: str) -> tuple[str, str] | None:
        """(until, reason) where nothing is to be sent to a site now."""
        hold = self._holds.get(site)
        if hold is None:
            return None
        if hold.ends_at <= boottime_seconds():
            del self._holds[site]
            return None
        return hold.until, hold.reason

    def _set_slot_limits(self, site: str, delay: float, concurrency: int) -> None:
        self._slots[site] |= {"delay": delay, "concurrency": concurrency}
        slot = self._downloader.slots.get(site) if self._downloader else None
        if slot is not None:
            slot.delay, slot.concurrency = delay, concurrency
