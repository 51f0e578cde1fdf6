"""Where a web archive has its list and its replays. Pure.

The replay of a capture is at ``ADDRESS/<timestamp>id_/<URL>`` (``id_``: as it was
received, not rewritten), in Wayback Machine, pywb and OpenWayback alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urljoin, urlsplit

from harvester.errors import HarvesterError
from harvester.identity.urls import normalise_url, site
from harvester.importing.wayback.selection import Scope

LIST_ROWS = 5_000  # asked for at once
_REPLAY = re.compile(r"(?P<timestamp>[0-9]{4,14})(?P<flags>[a-z]{2}_)?/(?P<url>.+)")
_PAGES = "mimetype:(text/html|application/xhtml.*|warc/revisit|unk|-)"
# Of the Wayback Machine, whose list is not below its replays.
_WAYBACK_LIST = "/cdx/search/cdx"


@dataclass(frozen=True, slots=True)
class ArchiveAddress:
    """A web archive: where its replays are, and its list."""

    replays: str  # without slash at its end
    list: str

    @property
    def host(self) -> str:
        """Who received its captures, as far as its address says it."""
        return urlsplit(self.replays).netloc

    def replay_url(self, url: str, timestamp: str) -> str:
        """Where a capture is replayed as it was received."""
        safe = quote(url, safe="/:?=&;+,@~!$'()*%[]-._#".replace("#", ""))
        return f"{self.replays}/{timestamp}id_/{safe}"

    def read_replay_url(self, url: str) -> tuple[str, str] | None:
        """The timestamp and URL that a replay's address names; None: it is none."""
        if not url.startswith(f"{self.replays}/"):
            return None
        match = _REPLAY.fullmatch(url[len(self.replays) + 1 :])
        return (match["timestamp"], match["url"]) if match else None

    def list_url(self, scope: Scope, since: str, until: str, resume_key: str) -> str:
        """Where the captures of a scope are listed; times are ours, "" for open."""
        values = {
            "url": scope.value,
            "matchType": scope.kind,
            "output": "json",
            "collapse": "digest",
            "limit": str(LIST_ROWS),
            "showResumeKey": "true",
        }
        if since:
            values["from"] = _digits(since)
        if until:
            values["to"] = _digits(until)
        if self.list.endswith(_WAYBACK_LIST):
            values["filter"] = _PAGES
        if resume_key:
            values["resumeKey"] = resume_key
        return f"{self.list}?{urlencode(values)}"


def _digits(at: str) -> str:
    return "".join(filter(str.isdigit, at))


def parse_address(replays: str, list_address: str = "") -> ArchiveAddress:
    """The web archive at an address that a person names. Raises HarvesterError."""
    replays = _checked(replays).rstrip("/").removesuffix("/*")
    if list_address:
        return ArchiveAddress(replays, _checked(list_address).rstrip("/?"))
    parts = urlsplit(replays)
    if parts.path == "/web" and site(replays).endswith("archive.org"):
        return ArchiveAddress(replays, urljoin(replays, _WAYBACK_LIST))
    return ArchiveAddress(replays, f"{replays}/cdx")


def _checked(address: str) -> str:
    if not normalise_url(address) or urlsplit(address).query:
        raise HarvesterError(
            f"{address!r} is not the address of a web archive",
            "name where its replays are, such as https://archive.example/web",
        )
    return address.strip()
