"""Which captures of a list are worth a request. Pure.

A capture is left out for one reason, and counted under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from harvester.identity.link_shapes import article_evidence
from harvester.identity.urls import is_front_page, normalise_url, own_domain, url_key
from harvester.importing.wayback.cdx import Listed

PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml", "warc/revisit", ""))
REVISIT_TYPE = "warc/revisit"
# What shows that an article was removed; 0: not stated, as for revisits.
STATUSES = frozenset((0, 200, 301, 302, 303, 307, 308, 404, 410))
MAX_URL_LENGTH = 8_192
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|css|js|json|xml|rss|atom|pdf|mp[34]"
    r"|m4[av]|webm|ogg|wav|avi|mov|zip|gz|rar|docx?|xlsx?|pptx?|woff2?|ttf|eot|txt)$",
    re.IGNORECASE,
)

REASON_HOST = "of another site"
REASON_URL = "not a URL of a page"
REASON_TYPE = "not a page"
REASON_STATUS = "another status"
REASON_TIME = "of another time"
REASON_FRONT = "a front page"
REASON_NOT_ARTICLE = "does not look like an article"
REASON_SAME = "the same again"
REASON_HELD = "in the archive already"
REASON_ONLY_ERRORS = "errors of pages that are not known"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which captures are wanted: those of a domain, or of all that begins with a URL."""

    kind: str  # "domain", "host" or "prefix"
    value: str  # a registered domain, host:port, or a URL

    def contains(self, url: str) -> bool:
        """Whether a URL is within."""
        if self.kind == "domain":
            return own_domain(url) == self.value
        if self.kind == "host":
            return urlsplit(url).netloc.rpartition("@")[2].lower() == self.value
        key, prefix = url_key(url), url_key(self.value)
        if self.value.endswith("/"):
            return key == prefix or key.startswith(f"{prefix}/")
        return key.startswith(prefix)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A capture that may be requested, under the key of its URL."""

    key: str
    listed: Listed


def sift(
    listed: Listed, scopes: Iterable[Scope], since: str, until: str
) -> Candidate | str:
    """The capture as a candidate, or why it is none."""
    if len(listed.url) > MAX_URL_LENGTH or not listed.url.lower().startswith("http"):
        return REASON_URL
    url = normalise_url(listed.url)
    if not url or "@" in urlsplit(url).netloc:
        return REASON_URL
    if listed.mime not in PAGE_TYPES or _FILE.search(urlsplit(url).path):
        return REASON_TYPE
    if listed.status not in STATUSES:
        return REASON_STATUS
    if not _is_within(listed.at, since, until):
        return REASON_TIME
    if not any(scope.contains(url) for scope in scopes):
        return REASON_HOST
    if is_front_page(url):
        return REASON_FRONT
    return Candidate(url_key(url), listed)


def _is_within(at: str, since: str, until: str) -> bool:
    return (not since or at >= since) and (not until or at < until)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is done with one capture: requested if ``reason`` is ""."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate as the workspace has it."""

    id: int
    url: str
    at: str
    status: int
    mime: str
    digest: str


def choose(rows: list[Row], is_known: bool, held: frozenset[str]) -> Iterator[Choice]:
    """What is requested of the captures of one URL, which are in order of time.

    ``is_known``: the URL is an article's of the archive; ``held``: the times of what the
    archive has of it. In a row of equal digests the first is requested, and where the
    status changes, the first of each.
    """
    looks_like_article = is_known or any(article_evidence(row.url) for row in rows)
    has_page = any(row.status in (0, 200) for row in rows)
    before: tuple[str, int] | None = None
    for row in rows:
        signature = (row.digest, 0 if row.mime == REVISIT_TYPE else row.status)
        is_same = before is not None and (
            bool(row.digest)
            and row.digest == before[0]
            and (signature[1] == before[1] or not signature[1])
        )
        # Pages of errors may differ each time; that it is gone is one piece of evidence.
        is_same |= before is not None and row.status >= 300 and row.status == before[1]
        if is_same:
            yield Choice(row.id, REASON_SAME)
            continue
        before = (row.digest, row.status or (before[1] if before else 200))
        if not looks_like_article:
            yield Choice(row.id, REASON_NOT_ARTICLE)
        elif not is_known and not has_page:
            yield Choice(row.id, REASON_ONLY_ERRORS)
        elif row.at in held:
            yield Choice(row.id, REASON_HELD)
        else:
            yield Choice(row.id, "")
