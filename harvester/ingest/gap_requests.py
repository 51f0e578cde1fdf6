"""What is asked to fill a gap of a feed, one request after the other. Pure.

A gap is the time between two polls of a feed in which entries may have come and gone.
Sources, in this order: the archive documents that the feed names, then its next pages
(RFC 5005), the pages of a WordPress feed (``?paged=2``) and WordPress's REST interface,
the outlet's sitemaps, those with news first. A source is read until it reaches back to
what was known before; one that does not is left for the next.

All is bounded: requests, pages of one source, entries, time. No URL is asked twice, and
none of another site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.archive import stored_json
from harvester.archive.records.gaps import GapState
from harvester.identity import urls
from harvester.ingest.wordpress_requests import FIELDS, MAX_PAGE_SIZE
from harvester.schedule.times import add_seconds

Source = Literal[
    "archived feed", "paged feed", "WordPress feed", "WordPress REST", "sitemap"
]
SOURCES: tuple[Source, ...] = (
    "archived feed",
    "paged feed",
    "WordPress feed",
    "WordPress REST",
    "sitemap",
)
# What the archive knows of an entry that a source lists, see ``ListedThere``.
Seen = Literal["", "before", "since", "other"]
SITE_LISTS = ("WordPress REST", "sitemap")  # of the whole site, not of the feed
MAX_REQUESTS = 20  # of a gap
MAX_PAGES = 10  # of one source
MAX_SITEMAPS = 3  # of an index, and of those that a site names
MAX_ENTRIES = 500  # of a gap
MAX_TRIES = 3  # of a request that fails as the server is down
BATCH_REQUESTS = 3  # one after the other, then there is a pause
PAUSE_SECONDS = 300.0
LATE_SITEMAP_SECONDS = 86_400.0  # many sitemaps are made once a day
# Clocks differ, and some outlets backdate; what is older was before the gap.
SLACK_SECONDS = 3_600.0
# Posts are asked for from before the gap, so that there is one that is known.
REST_BEFORE_SECONDS = 86_400.0
REST_AFTER_SECONDS = 3 * 3_600.0  # some sites take the times for their own zone's
DATE_LENGTH = len("2025-09-06")
MAX_NOTE_LENGTH = 200  # characters
MIN_KNOWN_ENTRIES = 3  # so many prove that a page reaches back, whatever its order
_WORDPRESS_FEED = re.compile(r"(?:.*/)?feed/?(?:(?:rss2?|atom|rdf)/?)?", re.IGNORECASE)
_WORDPRESS_ROOT_FEED = re.compile(r"(/?)feed/?(?:(?:rss2?|atom|rdf)/?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GapRequest:
    """A request that may fill a gap."""

    source: Source
    url: str
    page: int = 1  # of the source; the poll that found the gap was page 1 of the feed


@dataclass(frozen=True, slots=True)
class Progress:
    """What is asked next, and what was: the first of ``queue`` is under way."""

    queue: tuple[GapRequest, ...] = ()
    asked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # why sources did not fill it
    brought: int = 0  # entries that the source under way brought
    pages: int = 0  # of it that were read
    tries: int = 0  # of the request under way
    back_to: str = ""  # time back to which the entries are known; "": not at all

    def to_json(self) -> str:
        """As it is stored."""
        record = {
            "queue": [[each.source, each.url, each.page] for each in self.queue],
            "asked": self.asked,
            "notes": self.notes,
            "brought": self.brought,
            "pages": self.pages,
            "tries": self.tries,
            "back_to": self.back_to,
        }
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def parse_progress(stored: str) -> Progress:
    """Progress as stored; without what cannot be read."""
    record = stored_json.parse_object(stored)
    queue = []
    listed = record.get("queue")
    for each in listed if isinstance(listed, list) else []:
        match each:
            case [str(source), str(url), int(page)] if source in SOURCES and page > 0:
                queue.append(GapRequest(source, url, page))
    counts = (record.get(name) for name in ("brought", "pages", "tries"))
    brought, pages, tries = (
        count if type(count) is int and count > 0 else 0 for count in counts
    )
    back_to = record.get("back_to")
    return Progress(
        tuple(queue[:MAX_REQUESTS]),
        stored_json.texts_of(record.get("asked"))[:MAX_REQUESTS],
        stored_json.texts_of(record.get("notes"))[:MAX_REQUESTS],
        brought,
        pages,
        tries,
        back_to if isinstance(back_to, str) else "",
    )


# ---- which sources a feed has


@dataclass(frozen=True, slots=True)
class FeedSources:
    """What is known of a feed when a gap is found."""

    url: str  # that was asked
    archive_url: str = ""
    next_url: str = ""
    is_wordpress: bool = False
    rest_url: str = ""  # a REST feed of the outlet, if the settings name one
    is_section: bool = False  # lists of the whole site would bring what it never lists
    sitemaps: Sequence[str] = ()


def plan_requests(feed: FeedSources, since: str, found: str) -> tuple[GapRequest, ...]:
    """What to ask, in order; nothing of another site."""
    requests = []
    if feed.archive_url not in ("", feed.url):
        requests.append(GapRequest("archived feed", feed.archive_url))
    if feed.next_url not in ("", feed.url):
        requests.append(GapRequest("paged feed", feed.next_url))
    elif feed.is_wordpress:
        requests.append(GapRequest("WordPress feed", wordpress_page(feed.url, 2), 2))
    if not feed.is_section:
        rest_url = feed.rest_url or (
            guessed_rest_url(feed.url) if feed.is_wordpress else ""
        )
        if rest_url:
            url = rest_page(rest_url, since, found, 1)
            requests.append(GapRequest("WordPress REST", url))
        requests += [
            GapRequest("sitemap", url)
            for url in dict.fromkeys(feed.sitemaps)
            if url != feed.url
        ][:MAX_SITEMAPS]
    site = urls.site(feed.url)
    return tuple(each for each in requests if urls.site(each.url) == site)


def is_wordpress_feed(url: str, generator: str, guids: Sequence[str]) -> bool:
    """Whether a feed is WordPress's: it says so, its ids do, or its address does."""
    parts = urlsplit(url)
    return (
        "wordpress" in generator.lower()
        or any(urls.wordpress_id(guid) for guid in guids)
        or _WORDPRESS_FEED.fullmatch(parts.path) is not None
        or any(name == "feed" for name, _ in parse_qsl(parts.query))
    )


def wordpress_page(url: str, page: int) -> str:
    """The URL of a page of a WordPress feed."""
    return _with_parameters(url, {"paged": str(page)})


def guessed_rest_url(feed_url: str) -> str:
    """The list of posts of the site whose main feed this is; "" if it is not the main."""
    parts = urlsplit(feed_url)
    root, slash, last = parts.path.rstrip("/").rpartition("/feed")
    if slash and last in ("", "/rss", "/rss2", "/atom", "/rdf") and "/" not in root[1:]:
        path = f"{root}/wp-json/wp/v2/posts"
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return ""


def rest_page(rest_url: str, since: str, found: str, page: int) -> str:
    """The URL of a page of a site's posts from the time of a gap."""
    added = {
        "per_page": str(MAX_PAGE_SIZE),
        "orderby": "date",
        "order": "desc",
        "after": add_seconds(since, -REST_BEFORE_SECONDS),
        "before": add_seconds(found, REST_AFTER_SECONDS),
        "_embed": "author",
        "_fields": FIELDS,
        "page": str(page) if page > 1 else "",
    }
    return _with_parameters(rest_url, added)


def _with_parameters(url: str, added: dict[str, str]) -> str:
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in added
    ]
    pairs = [*kept, *((name, value) for name, value in added.items() if value)]
    return urlunsplit(parts._replace(query=urlencode(pairs, safe="/,:")))


# ---- what a response lists


@dataclass(frozen=True, slots=True)
class ListedThere:
    """An entry that a source lists.

    ``seen``: "" if it is new to the archive; "before": up to the gap alone; "since": by
    the poll that found the gap, too, which proves nothing, or later. "other": it is not
    of this feed.
    """

    date: str | None  # published; in a sitemap without it, changed
    seen: Seen = ""

    @property
    def earliest(self) -> str:
        """The earliest time that the date can mean: some are days; "" without one."""
        return self._at("00:00:00")

    @property
    def latest(self) -> str:
        """The latest time that it can mean."""
        return self._at("23:59:59")

    def _at(self, clock: str) -> str:
        date = self.date or ""
        return f"{date}T{clock}Z" if len(date) == DATE_LENGTH else date


@dataclass(frozen=True, slots=True)
class SourcePage:
    """What a response to a request lists."""

    entries: Sequence[ListedThere] = ()
    archive_url: str = ""
    next_url: str = ""
    is_cut: bool = False  # not all of it was read, and not only its oldest left out
    # Of a sitemap index: its sitemaps with their dates of change.
    sitemaps: Sequence[tuple[str, str | None]] | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """The time in question."""

    since: str
    until: str
    found: str
    entries: int = 0  # that were found before this response
    requests: int = 0  # that were sent, with this one


def missed_positions(request: GapRequest, page: SourcePage, gap: Gap) -> list[int]:
    """Which entries of a page are those that the feed dropped: their positions."""
    earliest = add_seconds(gap.since, -SLACK_SECONDS)
    latest = add_seconds(gap.found, SLACK_SECONDS)
    is_site_list = request.source in SITE_LISTS
    if is_site_list and not _has_known_entries(page):
        return []
    entries, missed = page.entries, []
    numbers: Sequence[int] = range(len(entries))
    if not is_site_list and _is_oldest_first(entries):
        numbers = numbers[::-1]
    known = 0
    for number in numbers:
        entry = entries[number]
        known += entry.seen == "before"
        if entry.seen:
            continue
        if entry.date is None:
            # In its place among the others, if the source is the feed itself.
            is_missed = not is_site_list and not known
        else:
            is_missed = earliest <= entry.latest and entry.earliest <= latest
        if is_missed:
            missed.append(number)
    return missed[: max(0, MAX_ENTRIES - gap.entries)]


def _has_known_entries(page: SourcePage) -> bool:
    """Whether a list has anything the archive knows; else it may be of anything."""
    return any(entry.seen in ("before", "since") for entry in page.entries)


def _is_oldest_first(entries: Sequence[ListedThere]) -> bool:
    dates = [entry.date for entry in entries if entry.date]
    ascending = sum(date < following for date, following in pairwise(dates))
    return ascending * 2 > len(dates) - 1 > 0


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a response."""

    progress: Progress
    state: GapState = "open"
    source: Source | None = None  # that filled it
    pause: float = 0.0  # seconds until the next request


def after_page(
    progress: Progress, page: SourcePage, gap: Gap, missed: Sequence[int]
) -> Step:
    """What to ask after a response; ``missed``: positions of the entries it brought."""
    request = progress.queue[0]
    progress = replace(
        progress,
        brought=progress.brought + len(missed),
        pages=progress.pages + 1,
        tries=0,
    )
    if gap.entries + len(missed) >= MAX_ENTRIES:
        note = f"more than {MAX_ENTRIES} entries"
        return _give_up(_noted(progress, request, note))
    if page.sitemaps is not None:
        return _after_index(progress, page.sitemaps, gap)
    if request.source in SITE_LISTS:
        return _after_site_list(progress, page, gap, missed)
    return _after_feed_page(progress, page, gap, missed)


def _after_feed_page(
    progress: Progress, page: SourcePage, gap: Gap, missed: Sequence[int]
) -> Step:
    """After a page that continues the feed's list."""
    request = progress.queue[0]
    if _reaches_back(page.entries, gap.since):
        return Step(progress, "filled", request.source)
    if not missed:
        same = "it lists the same entries again" if page.entries else "an empty page"
        return _next_source(progress, gap, same)
    dates = [page.entries[number].latest for number in missed]
    if all(dates):
        progress = _known_back_to(progress, gap, min(dates))
    url = {
        "archived feed": page.archive_url,
        "paged feed": page.next_url,
        "WordPress feed": wordpress_page(request.url, request.page + 1),
    }[request.source]
    if not url:
        # What was known before is not on it: many keep only so many pages.
        return _next_source(progress, gap, "its last page does not reach back")
    if urls.site(url) != urls.site(request.url):
        return _next_source(progress, gap, "its next page is on another site")
    if url in progress.asked or url == request.url:
        return _next_source(progress, gap, "its pages are a loop")
    return _next_page(progress, gap, url)


def _reaches_back(entries: Sequence[ListedThere], since: str) -> bool:
    """Whether a page has what was known before the gap, at its end."""
    if _is_oldest_first(entries):
        entries = entries[::-1]
    if sum(entry.seen == "before" for entry in entries) >= MIN_KNOWN_ENTRIES:
        return True
    if not entries:
        return False
    last = entries[-1]
    return last.seen == "before" or "" < last.latest < since


def _after_site_list(
    progress: Progress, page: SourcePage, gap: Gap, missed: Sequence[int]
) -> Step:
    """After a page of all that a site published: posts, or a sitemap."""
    request = progress.queue[0]
    dated = [entry for entry in page.entries if entry.date]
    if not page.entries and request.source == "WordPress REST":
        return after_last_posts(progress, gap, "it lists nothing")
    if not dated:
        note = "it states no dates" if page.entries else "it lists nothing"
        return _next_source(progress, gap, note)
    if not _has_known_entries(page):
        return _next_source(progress, gap, "nothing in it is known")
    oldest = min(entry.latest for entry in dated)
    if request.source == "sitemap":
        newest = max(entry.earliest for entry in dated)
        return _after_sitemap(progress, page, gap, oldest, newest)
    if oldest <= gap.since:
        return Step(progress, "filled", request.source)
    if not missed and request.page > 1:
        return _next_source(progress, gap, "it lists the same posts again")
    progress = _known_back_to(progress, gap, oldest)
    parts = dict(parse_qsl(urlsplit(request.url).query))
    added = parts | {"page": str(request.page + 1)}
    return _next_page(progress, gap, _with_parameters(request.url, added))


def after_last_posts(progress: Progress, gap: Gap, note: str) -> Step:
    """After a page of posts that is behind the last one.

    Those before it were all from that time, however short they were.
    """
    if progress.queue[0].page > 1:
        return Step(progress, "filled", progress.queue[0].source)
    return _next_source(progress, gap, note)


def _after_sitemap(
    progress: Progress, page: SourcePage, gap: Gap, oldest: str, newest: str
) -> Step:
    """After a sitemap with these dates; one that is late is asked once more, last."""
    request = progress.queue[0]
    if newest < gap.until:
        if request.page > 1:
            return _next_source(progress, gap, f"its newest entry is of {newest}")
        queue = (*progress.queue[1:], replace(request, page=2))
        progress = replace(progress, queue=queue, brought=0, pages=0)
        return _bounded(progress, gap)
    if oldest <= gap.since and not page.is_cut:
        return Step(progress, "filled", request.source)
    progress = _known_back_to(progress, gap, oldest)
    return _next_source(progress, gap, f"its oldest entry is of {oldest}")


def _known_back_to(progress: Progress, gap: Gap, oldest: str) -> Progress:
    back_to = min(oldest, progress.back_to or gap.until)
    return replace(progress, back_to=max(back_to, gap.since))


def _after_index(
    progress: Progress, sitemaps: Sequence[tuple[str, str | None]], gap: Gap
) -> Step:
    """After a sitemap index: its sitemaps that may have entries of the gap."""
    request = progress.queue[0]
    site = urls.site(request.url)
    own = [
        (url, changed)
        for url, changed in sitemaps
        if urls.site(url) == site and (not changed or changed >= gap.since)
    ]
    own.sort(key=lambda each: ("news" in each[0].lower(), each[1] or ""), reverse=True)
    known = {*progress.asked, *(each.url for each in progress.queue)}
    added = [GapRequest("sitemap", url) for url, _ in own if url not in known]
    if not added:
        return _next_source(progress, gap, "an index without new sitemaps")
    queue = (*added[:MAX_SITEMAPS], *progress.queue[1:])
    return _bounded(_done(progress, queue), gap)


def after_failure(
    progress: Progress, gap: Gap, note: str, is_temporary: bool = False
) -> Step:
    """After a response that is no list; ``is_temporary``: of a server that is down."""
    if is_temporary and progress.tries + 1 < MAX_TRIES:
        progress = replace(progress, tries=progress.tries + 1)
        if gap.requests < MAX_REQUESTS:
            return Step(progress, pause=PAUSE_SECONDS * 2.0**progress.tries)
    return _next_source(progress, gap, note)


def _next_page(progress: Progress, gap: Gap, url: str) -> Step:
    request = progress.queue[0]
    if progress.pages >= MAX_PAGES:
        return _next_source(progress, gap, f"more than {MAX_PAGES} pages")
    following = GapRequest(request.source, url, request.page + 1)
    return _bounded(_done(progress, (following, *progress.queue[1:])), gap)


def _next_source(progress: Progress, gap: Gap, note: str) -> Step:
    request = progress.queue[0]
    progress = _noted(progress, request, note)
    queue = tuple(
        each
        for each in progress.queue[1:]
        if each.source == "sitemap" or each.source != request.source
    )
    progress = replace(_done(progress, queue), brought=0, pages=0)
    return _bounded(progress, gap) if queue else _give_up(progress)


def _done(progress: Progress, queue: tuple[GapRequest, ...]) -> Progress:
    """The progress with the request under way done, and this queue."""
    asked = tuple(dict.fromkeys([*progress.asked, progress.queue[0].url]))
    return replace(progress, queue=queue, asked=asked, tries=0)


def _bounded(progress: Progress, gap: Gap) -> Step:
    """The next request, or none where there were enough."""
    if gap.requests >= MAX_REQUESTS:
        note = f"{MAX_REQUESTS} requests were sent"
        return _give_up(replace(progress, notes=(*progress.notes, note)))
    following = progress.queue[0]
    pause = PAUSE_SECONDS if gap.requests % BATCH_REQUESTS == 0 else 0.0
    if following.source == "sitemap" and following.page > 1:
        pause = LATE_SITEMAP_SECONDS
    return Step(progress, pause=pause)


def _noted(progress: Progress, request: GapRequest, note: str) -> Progress:
    words = f"{request.source}: {note}"[:MAX_NOTE_LENGTH]
    return replace(progress, notes=(*progress.notes, words))


def _give_up(progress: Progress) -> Step:
    state: GapState = "partly" if progress.back_to else "unfilled"
    return Step(replace(progress, queue=()), state)
