"""A replay as what was captured, or why it is not. Pure.

A web archive says of each replay when it was captured (Memento-Datetime, RFC 7089). What
does not say it is a page of the web archive itself: "not archived", a challenge, an
error. The headers of the capture are those with ``x-archive-orig-`` before their names
where the archive sends them, else all that are not its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from harvester.archive.records.compression import gunzip_complete
from harvester.identity.urls import normalise_url, url_key
from harvester.importing.wayback.addresses import ArchiveAddress
from harvester.importing.wayback.cdx import read_timestamp
from harvester.importing.wayback.selection import STATUSES
from harvester.model import Capture, Outcome
from harvester.schedule.times import format_time

ORIGINAL = "x-archive-orig-"
REDIRECTS = frozenset((301, 302, 303, 307, 308))
_OWN_HEADERS = re.compile(
    r"memento-datetime|link|vary|x-archive-.*|x-app-server|x-ts|x-tr|x-rl|x-na|x-nid|x-page-"
    r".*|x-location|x-cache-key|server-timing|set-cookie|preference-applied|date|server|age"
    r"|content-security-policy|connection|keep-alive|accept-ranges|access-control-.*"
    r"|warcserver-.*|content-location|transfer-encoding|content-encoding|content-length",
)
_REWRITTEN = re.compile(
    rb"BEGIN WAYBACK TOOLBAR|__wm\.wombat\(|/_static/js/bundle-playback|wombat\.js"
    rb"|wbinfo\.(?:top_url|is_live)",
)
_REWRITTEN_BYTES = 65_536  # in which it is looked for
_LINK_ORIGINAL = re.compile(r"<([^>]*)>\s*;[^,]*\brel=\"?original\"?")
_GZIP = b"\x1f\x8b"

REASON_OWN_PAGE = "a page of the web archive itself"
REASON_NOT_ARCHIVED = "the web archive does not have it"
REASON_OUTSIDE = "redirects out of the web archive"
REASON_OTHER_URL = "the web archive gave another URL"
REASON_OTHER_TIME = "the web archive gave a capture of another time"
REASON_REWRITTEN = "rewritten by the web archive"
REASON_TRUNCATED = "the transfer ended early"
REASON_STATUS = "another status than listed"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was captured, as received then."""

    url: str
    at: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: str  # where it was fetched


@dataclass(frozen=True, slots=True)
class Nearest:
    """The web archive names another capture of the same URL."""

    timestamp: str


@dataclass(frozen=True, slots=True)
class NotReplayed:
    """Why there is no capture; ``again``: another try may help."""

    reason: str
    again: bool = False
    retry_at: str = ""  # the web archive wants no request before


def read_replay(
    archive: ArchiveAddress, url: str, capture: Capture, now: str, max_bytes: int
) -> Replayed | Nearest | NotReplayed:
    """What a response of the web archive to a request for a capture of ``url`` is."""
    if problem := _read_problem(capture):
        return problem
    headers = {name.lower(): value for name, value in capture.headers}
    at = _read_memento_time(headers.get("memento-datetime", ""), now)
    if capture.status in REDIRECTS and not at:
        return _read_nearest(archive, url, capture, headers)
    if not at:
        return _read_own_page(capture.status)
    if capture.status not in STATUSES:
        return NotReplayed(f"{REASON_STATUS}: HTTP {capture.status}")
    original = _LINK_ORIGINAL.search(headers.get("link", ""))
    if original and not _is_same(original[1], url):
        return NotReplayed(REASON_OTHER_URL)
    body = capture.body
    if body.startswith(_GZIP):  # its Content-Encoding was left out
        body = gunzip_complete(body, max_bytes) or body
    if _REWRITTEN.search(body[:_REWRITTEN_BYTES]):
        return NotReplayed(REASON_REWRITTEN)
    received = _restore_headers(archive, url, capture)
    return Replayed(url, at, capture.status, received, body, capture.reached)


def _read_problem(capture: Capture) -> NotReplayed | None:
    """Why there is no response to look at, if there is none."""
    if capture.outcome is Outcome.WAITING:
        return NotReplayed(capture.error or "", True, capture.retry_at or "")
    if capture.outcome is not None:
        may_help = capture.outcome is Outcome.FAILED and not capture.status
        return NotReplayed(capture.error or "no response", may_help)
    if capture.status in (429, 503) or capture.status >= 500:
        headers = {name.lower() for name, _ in capture.headers}
        if "memento-datetime" not in headers:
            reason = f"HTTP {capture.status} of the web archive"
            return NotReplayed(reason, True, capture.retry_at or "")
    if capture.truncated:
        return NotReplayed(REASON_TRUNCATED, True)
    return None


def _read_own_page(status: int) -> NotReplayed:
    if status in (404, 410):
        return NotReplayed(REASON_NOT_ARCHIVED)
    return NotReplayed(f"{REASON_OWN_PAGE}: HTTP {status}")


def _read_nearest(
    archive: ArchiveAddress, url: str, capture: Capture, headers: dict[str, str]
) -> Nearest | NotReplayed:
    stated = headers.get("location", "")
    location = _join(capture.reached, stated) if stated else ""
    target = archive.read_replay_url(location)
    if target is None:
        return NotReplayed(REASON_OUTSIDE)
    timestamp, target_url = target
    if not _is_same(target_url, url):
        return NotReplayed(REASON_OTHER_URL)
    if not read_timestamp(timestamp):
        return NotReplayed(REASON_OTHER_TIME)
    return Nearest(timestamp)


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _is_same(url: str, other: str) -> bool:
    """Whether two URLs are forms of one; an escaped one may have lost its slashes."""
    url = re.sub(r"^(https?:)/+", r"\1//", url)
    return url_key(url) == url_key(other) or normalise_url(url) == normalise_url(other)


def _read_memento_time(text: str, now: str) -> str:
    """The time of a capture; "" if none is stated that can be."""
    try:
        moment = parsedate_to_datetime(text)
        at = format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    return at if "1990" < at <= now else ""


def _restore_headers(
    archive: ArchiveAddress, url: str, capture: Capture
) -> tuple[tuple[str, str], ...]:
    """The headers of a capture as they were received."""
    restored = tuple(
        (name[len(ORIGINAL) :], value)
        for name, value in capture.headers
        if name.lower().startswith(ORIGINAL)
    )
    if not restored:
        restored = tuple(
            (name, value)
            for name, value in capture.headers
            if not _OWN_HEADERS.fullmatch(name.lower())
        )
    names = {name.lower() for name, _ in restored}
    added = tuple(
        (name, value)
        for name, value in capture.headers
        if name.lower() in ("content-type", "location") and name.lower() not in names
    )
    return tuple(
        (name, _original_location(archive, url, value))
        if name.lower() == "location"
        else (name, value)
        for name, value in (*restored, *added)
    )


def _original_location(archive: ArchiveAddress, url: str, location: str) -> str:
    """Where a captured redirect led to, without the web archive's address."""
    absolute = location
    if location.startswith("/"):
        path = urlsplit(archive.replays).path
        if path and location.startswith(f"{path}/"):
            absolute = _join(archive.replays, location)
    target = archive.read_replay_url(absolute)
    return target[1] if target else location
