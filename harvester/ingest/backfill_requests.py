"""What a backfill asks next, by what a source listed. Pure.

A backfill looks for all that an outlet published from one time to another. Sources, in
this order: WordPress's REST interface, the archive documents that a feed names, then its
next pages (RFC 5005), the pages of a WordPress feed (``?paged=2``), the outlet's
sitemaps. What one source does not reach is left to the next.

Posts are asked for by their dates, and not by page numbers, so that what is published or
withdrawn meanwhile shifts nothing: the next request is for what is older than the oldest
post of this one. The post at the boundary is listed by both. Where it is missing, the
server takes times for those of another zone, and is asked for half a day more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.archive import stored_json
from harvester.identity import urls
from harvester.ingest.wordpress_requests import FIELDS, MAX_PAGE_SIZE
from harvester.model import Capture
from harvester.schedule.times import add_seconds

# Sources in the order in which they are asked. "feed": the outlet's own feeds, which say
# what else there is.
FEED, REST, ARCHIVED, PAGED, WORDPRESS, SITEMAP = SOURCES = (
    "feed",
    "WordPress REST",
    "archived feed",
    "paged feed",
    "WordPress feed",
    "sitemap",
)
FEED_PAGES = (ARCHIVED, PAGED, WORDPRESS)  # sources that continue one feed
MAX_REQUESTS = 20_000  # of a backfill, to list entries
MAX_ENTRIES = 1_000_000  # of a backfill; then nothing more is listed
MAX_SITEMAPS = 10_000  # of one index
MAX_INDEX_DEPTH = 3  # an index in an index in an index
MAX_TRIES = 4  # of a request that fails as the server is down
RETRY_SECONDS = 300.0  # after the first; doubled after each more
MAX_SITEMAP_ENTRIES = 50_000  # by the protocol
# Half a day and more: farthest from the site's own zone to UTC.
ZONE_SECONDS = 14 * 3_600.0
DATE_LENGTH = len("2019-05-03")
MAX_NOTE_LENGTH = 200  # characters
# Sitemaps of what is no article, as the common plugins call them.
_OTHER_SITEMAP = re.compile(
    r"(?:^|[-_./])(?:categor(?:y|ies)|(?:post[-_])?tags?|taxonom(?:y|ies)|authors?|users?"
    r"|images?|videos?|pages?(?=[-_]sitemap)|posts-page)(?:$|[-_./0-9])",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\s*(\d{1,9})\s*")
_PERIOD = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[-_/]?(?P<month>0[1-9]|1[0-2]))?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry that a source lists.

    ``date``: published, "" if it is not stated. ``changed``: the same of its last change.
    """

    url: str
    date: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """What is known of a source when it is asked; which fields, its kind says."""

    is_main: bool = False  # it lists the whole site
    page: int = 1  # of WordPress, in the present bound
    before: str = ""  # REST: posts older than that are asked for
    oldest: str = ""  # date of the oldest entry of the last page
    last: str = ""  # digest of that entry's address
    listing: str = ""  # digest of all addresses of the last page
    seen: int = 0  # REST: posts of the present bound that were listed
    is_wide: bool = False  # REST: times are taken for those of another zone
    is_plain: bool = False  # REST: not in the order of dates; asked page by page
    depth: int = 0  # of a sitemap: indexes above it

    def to_json(self) -> str:
        """As it is stored: what is not as in the beginning."""
        begin = SourceProgress()
        values = {
            name: value
            for name, value in asdict(self).items()
            if value != getattr(begin, name)
        }
        return json.dumps(values, separators=(",", ":"))


def parse_progress(stored: str) -> SourceProgress:
    """Progress as stored; without what cannot be read."""
    record, begin = stored_json.parse_object(stored), SourceProgress()
    known: dict[str, Any] = {}
    for name in (part.name for part in fields(SourceProgress)):
        value, default = record.get(name), getattr(begin, name)
        if type(value) is type(default) and (not isinstance(value, int) or value >= 0):
            known[name] = value
    return SourceProgress(**known)


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """A request to list entries."""

    source: str
    url: str
    progress: SourceProgress = field(default_factory=SourceProgress)
    changed: str = ""  # of a sitemap, as its index states

    @property
    def step(self) -> int:
        """Its position: requests of lower steps are sent first."""
        return SOURCES.index(self.source)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a response.

    ``is_complete``: the source listed all of the time. Else ``note`` says why it goes no
    further, if it does not.
    """

    requests: tuple[PlannedRequest, ...] = ()
    is_complete: bool = False
    note: str = ""


# ---- times


def is_outside(listed: Listed, url_date: str, since: str, until: str) -> bool:
    """Whether an entry was published at another time, as far as is stated.

    ``url_date``: the day that its URL names, "" if none.
    """
    date = listed.date or url_date
    if date:
        return latest(date) < since or earliest(date) > until
    return bool(listed.changed) and latest(listed.changed) < since


def earliest(date: str) -> str:
    """The earliest time that a date can mean: some are days."""
    return f"{date}T00:00:00Z" if len(date) == DATE_LENGTH else date


def latest(date: str) -> str:
    """The latest time that it can mean."""
    return f"{date}T23:59:59Z" if len(date) == DATE_LENGTH else date


def digest(*addresses: str) -> str:
    """A short name of addresses: they are not to be found in the archive by it."""
    joined = "\n".join(addresses).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:16]


# ---- WordPress's REST interface


def begin_rest(rest_url: str, since: str, until: str) -> PlannedRequest:
    """The first request for a site's posts."""
    before = add_seconds(until, ZONE_SECONDS)
    progress = SourceProgress(is_main=True, before=before)
    return PlannedRequest(REST, rest_page(rest_url, since, progress), progress)


def rest_page(rest_url: str, since: str, progress: SourceProgress) -> str:
    """The URL of a page of posts, the latest first."""
    added = {
        "per_page": str(MAX_PAGE_SIZE),
        "orderby": "date",
        "order": "desc",
        "after": add_seconds(since, -ZONE_SECONDS),
        "before": progress.before,
        "_embed": "author",
        "_fields": FIELDS,
        "page": str(progress.page) if progress.page > 1 else "",
    }
    return with_parameters(rest_url, added)


def after_posts(
    url: str,
    progress: SourceProgress,
    posts: Sequence[Listed],
    total: int | None,
    since: str,
) -> Step:
    """What to ask after a page of posts; ``total``: of its bound, as the server says."""
    digests = [digest(post.url) for post in posts]
    lacks_boundary = bool(progress.last) and progress.last not in digests
    if (
        lacks_boundary
        and progress.page == 1
        and not (progress.is_wide or progress.is_plain)
    ):
        before = add_seconds(progress.oldest, ZONE_SECONDS)
        wide = replace(progress, before=before, is_wide=True, seen=0, listing="")
        return Step((_rest_request(url, since, wide),))
    if not posts:
        is_end = bool(progress.oldest)
        return Step(is_complete=is_end, note="" if is_end else "it lists nothing")
    listing = digest(*digests)
    if listing == progress.listing:
        if len(posts) == 1 and not progress.is_plain:
            return Step(is_complete=True)  # the post at the boundary alone
        if not progress.is_plain and progress.page == 1:  # it ignores the bounds
            following = replace(progress, is_plain=True, page=2, seen=len(posts))
            return Step((_rest_request(url, since, following),))
        return Step(note="it lists the same posts again")
    dates = [post.date for post in posts]
    in_order = all(dates) and all(one >= other for one, other in pairwise(dates))
    oldest = min(filter(None, dates), default="")
    seen = progress.seen + len(posts)
    is_cursor = in_order and not progress.is_plain
    following = replace(
        progress,
        oldest=oldest,
        last=digests[-1],
        listing=listing,
        seen=seen,
        is_plain=not is_cursor,
    )
    if is_cursor and oldest <= since:
        return Step(is_complete=True)
    if total is not None and seen >= total:
        return Step(is_complete=True)
    slack = ZONE_SECONDS + 1 if progress.is_wide else 1.0
    before = add_seconds(oldest, slack) if is_cursor else progress.before
    if before < progress.before:
        following = replace(following, before=before, page=1, seen=0)
    else:
        following = replace(following, page=progress.page + 1)
    return Step((_rest_request(url, since, following),))


def _rest_request(url: str, since: str, progress: SourceProgress) -> PlannedRequest:
    return PlannedRequest(REST, rest_page(url, since, progress), progress)


def stated_total(capture: Capture) -> int | None:
    """How many posts there are in the bounds of a request, as WordPress states it."""
    match = _TOTAL.fullmatch(capture.header("X-WP-Total"))
    return int(match[1]) if match else None


# ---- pages of a feed


def after_feed_page(
    request: PlannedRequest,
    entries: Sequence[Listed],
    archive_url: str,
    next_url: str,
    since: str,
) -> Step:
    """What to ask after a page that continues a feed's list, the latest first."""
    progress = request.progress
    if not entries:
        return Step(note=_end_note(progress))
    listing = digest(*(digest(entry.url) for entry in entries))
    if listing == progress.listing:
        return Step(note="it lists the same entries again")
    dates = [earliest(entry.date) for entry in entries if entry.date]
    oldest = min(dates, default="")
    following = replace(
        progress, oldest=oldest, listing=listing, page=progress.page + 1
    )
    # All of a page was published before: single entries may be out of their order.
    if len(dates) == len(entries) and max(dates) < since:
        return Step(is_complete=True)
    url = {
        ARCHIVED: archive_url,
        PAGED: next_url,
        WORDPRESS: wordpress_page(request.url, following.page),
    }[request.source]
    if not url:  # many keep only so many pages
        return Step(note=f"its last page goes back to {oldest or 'an unknown time'}")
    if urls.site(url) != urls.site(request.url):
        return Step(note="its next page is on another site")
    return Step((PlannedRequest(request.source, url, following),))


def wordpress_page(url: str, page: int) -> str:
    """The URL of a page of a WordPress feed."""
    return with_parameters(url, {"paged": str(page)})


# ---- sitemaps


def after_index(
    request: PlannedRequest, sitemaps: Sequence[tuple[str, str]], since: str
) -> Step:
    """The sitemaps of an index that may list what was published since: (URL, changed)."""
    depth = request.progress.depth + 1
    if depth > MAX_INDEX_DEPTH:
        return Step(note="an index too deep in others")
    site = urls.site(request.url)
    own = [
        (url, changed)
        for url, changed in sitemaps
        if urls.site(url) == site and may_list_articles(url, changed, since)
    ]
    own.sort(key=lambda each: (each[1], each[0]), reverse=True)
    note = ""
    if len(own) > MAX_SITEMAPS:
        note = f"an index of {len(own)} sitemaps; the latest {MAX_SITEMAPS} are read"
    progress = SourceProgress(depth=depth)
    return Step(
        tuple(
            PlannedRequest(SITEMAP, url, progress, changed)
            for url, changed in own[:MAX_SITEMAPS]
        ),
        note=note,
    )


def may_list_articles(url: str, changed: str, since: str) -> bool:
    """Whether a sitemap may list articles since a time, by its name and date."""
    if changed and latest(changed) < since:
        return False
    parts = urlsplit(url)
    if _OTHER_SITEMAP.search(parts.path.rpartition("/")[2]):
        return False
    periods = list(_PERIOD.finditer(f"{parts.path}?{parts.query}"))
    if len(periods) != 1:
        return True
    year, month = periods[0]["year"], periods[0]["month"]
    # One that is named by a month or a year may have what was published in its zone.
    end = f"{year}-{month or '12'}-31T23:59:59Z"
    return end >= add_seconds(since, -2 * 86_400.0)


# ---- failures


def after_failure(request: PlannedRequest, reason: str, is_gone: bool) -> Step:
    """After a response that is no list. ``is_gone``: there is no such page.

    Behind the last page of a feed there is none.
    """
    if is_gone and is_behind_first_page(request):
        if request.source == REST:
            return Step(is_complete=True)
        return Step(note=_end_note(request.progress))
    return Step(note=reason[:MAX_NOTE_LENGTH])


def is_behind_first_page(request: PlannedRequest) -> bool:
    """Whether a list was read that this request continues by page numbers."""
    return bool(request.progress.listing) and request.progress.page > 1


def _end_note(progress: SourceProgress) -> str:
    if not progress.oldest:
        return "it lists nothing"
    return f"its last page goes back to {progress.oldest}"


def retry_pause(tries: int) -> float | None:
    """Seconds until a request is sent again that failed so often; None: it is not."""
    return RETRY_SECONDS * 2.0 ** (tries - 1) if tries < MAX_TRIES else None


def with_parameters(url: str, added: dict[str, str]) -> str:
    """A URL with these parameters in place of its own of that name; without empty ones."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in added
    ]
    pairs = [*kept, *((name, value) for name, value in added.items() if value)]
    return urlunsplit(parts._replace(query=urlencode(pairs, safe="/,:")))
