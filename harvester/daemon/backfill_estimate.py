"""What a backfill would find, by asking as little as possible: `harvest backfill --dry-run`.

WordPress states how many posts there are in a year; sitemaps are counted. Nothing is
stored, and the archive is not locked. Robots.txt, delays and limits are those of a crawl.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harvester.daemon.fetch_process import Fetched
from harvester.ingest import (
    backfill_plans,
    backfill_requests,
    outcomes,
    wordpress_requests,
)
from harvester.ingest.backfill_requests import (
    FEED,
    REST,
    SITEMAP,
    Listed,
    PlannedRequest,
)
from harvester.ingest.prepare import Job, prepare
from harvester.model import Capture, Feed, Limits, Prepared, Rules
from harvester.parse.metadata.machine_dates import date_in_url
from harvester.schedule.times import add_seconds
from harvester.settings import Outlet

MAX_REQUESTS = 60  # robots.txt and redirects among them
MAX_SITEMAPS = 25  # that are counted
UNDATED = ""  # in place of a year


@dataclass(slots=True)
class Estimate:
    """What there is to be had. ``by_year``: year, "" where none is stated → entries."""

    source: str = ""  # that says so; "": none does
    by_year: Counter[str] = field(default_factory=Counter)
    is_partial: bool = False  # there is more
    list_requests: int = 0  # that a backfill would send to list it
    sent: int = 0  # requests of this estimate
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Entries in all."""
        return sum(self.by_year.values())


class Estimator:
    """Asks one outlet. ``fetch`` is given a URL, and may send ``MAX_REQUESTS``."""

    def __init__(
        self,
        outlet: Outlet,
        fetch: Callable[[str], Fetched],
        since: str,
        until: str,
    ) -> None:
        self._outlet, self._fetch = outlet, fetch
        self._since, self._until = since, until
        self._sitemaps: tuple[str, ...] = ()  # that robots.txt names
        self.estimate = Estimate()

    def run(self) -> Estimate:
        """The estimate by the first source that tells."""
        planned = backfill_plans.plan_begin(self._outlet, self._since, self._until)
        requests = [request for _, request in planned]
        rest = [request for request in requests if request.source == REST]
        for request in requests:
            if request.source == FEED:
                rest += self._ask_feed(request)
                break
        if rest and self._count_posts(rest[0]):
            return self.estimate
        self._count_sitemaps()
        return self.estimate

    def _ask_feed(self, request: PlannedRequest) -> list[PlannedRequest]:
        """The REST interface that a feed leads to; notes the sitemaps of its site."""
        _, feed, note = self._read(request.url)
        if feed is None:
            self.estimate.notes.append(f"{request.url}: {note}")
        generator = feed.generator if feed is not None else ""
        guids = [entry.id for entry in feed.entries] if feed is not None else []
        return backfill_plans.rest_of_feed(
            self._outlet, request.url, generator, guids, self._since, self._until
        )

    # ---- WordPress

    def _count_posts(self, request: PlannedRequest) -> bool:
        """Count the posts of each year; false where WordPress does not tell."""
        total = self._total(request, self._since, self._until)
        if total is None:
            return False
        estimate = self.estimate
        estimate.source = REST
        estimate.list_requests = 1 + -(-total // (wordpress_requests.MAX_PAGE_SIZE - 1))
        first, last = int(self._since[:4]), int(self._until[:4])
        left = total
        for year in range(last, first - 1, -1):
            if not left:
                break
            begin = max(f"{year}-01-01T00:00:00Z", self._since)
            end = min(f"{year + 1}-01-01T00:00:00Z", self._until)
            count = left if year == first else self._total(request, begin, end)
            if count is None:
                estimate.by_year[UNDATED] += left
                break
            count = min(count, left)
            if count:
                estimate.by_year[str(year)] += count
            left -= count
        return True

    def _total(self, request: PlannedRequest, since: str, until: str) -> int | None:
        url = backfill_requests.with_parameters(
            request.url,
            {
                "per_page": "1",
                "after": add_seconds(since, -1),
                "before": until,
                "_fields": "id",
                "_embed": "",
            },
        )
        capture, _, note = self._read(url)
        total = backfill_requests.stated_total(capture)
        if total is None and not any(REST in each for each in self.estimate.notes):
            self.estimate.notes.append(f"{REST}: {note or 'it states no total'}")
        return total

    # ---- sitemaps

    def _count_sitemaps(self) -> None:
        estimate = self.estimate
        home = self._outlet.home or self._outlet.feeds[0].url
        queue = [
            PlannedRequest(SITEMAP, url)
            for url in self._sitemaps or backfill_plans.guessed_sitemaps(home)
        ]
        asked: set[str] = set()
        addresses: set[str] = set()
        read = 0
        while queue:
            request = queue.pop(0)
            if request.url in asked:
                continue
            asked.add(request.url)
            if read >= MAX_SITEMAPS:
                estimate.is_partial = True
                estimate.list_requests += 1
                continue
            _, feed, note = self._read(request.url)
            if feed is None:
                estimate.notes.append(f"{request.url}: {note}")
                continue
            estimate.list_requests += 1
            if feed.index:
                stated = [(entry.url, entry.updated or "") for entry in feed.entries]
                step = backfill_requests.after_index(request, stated, self._since)
                queue = [*step.requests, *queue]
                continue
            read += 1
            self._count_entries(feed, addresses)
        if addresses:
            estimate.source = SITEMAP

    def _count_entries(self, feed: Feed, addresses: set[str]) -> None:
        for entry in feed.entries:
            url_date = date_in_url(entry.url)
            listed = Listed(entry.url, entry.published or "", entry.updated or "")
            if entry.url in addresses or backfill_requests.is_outside(
                listed, url_date, self._since, self._until
            ):
                continue
            addresses.add(entry.url)
            date = listed.date or url_date or listed.changed
            self.estimate.by_year[date[:4]] += 1

    # ---- responses

    def _read(self, url: str) -> tuple[Capture, Feed | None, str]:
        """A response, what it lists, and why it lists nothing."""
        fetched = self._fetch(url)
        self.estimate.sent = fetched.request_count
        self._sitemaps = self._sitemaps or fetched.sitemaps
        capture = fetched.capture
        prepared: Prepared | None = None
        if capture.is_whole_success and capture.outcome is None:
            limits = Limits(entries=backfill_requests.MAX_SITEMAP_ENTRIES)
            prepared = prepare(Job("feed", capture, Rules(), limits))
        if prepared is not None and prepared.feed is not None:
            return capture, prepared.feed, ""
        return capture, None, outcomes.outcome_of_response(capture, prepared)[1]


def known_of(estimate: Estimate, known: Mapping[str, int]) -> dict[str, int]:
    """Year → how many of an estimate's entries the archive probably has."""
    return {
        year: min(count, known.get(year, 0)) for year, count in estimate.by_year.items()
    }
