"""The settings as the rest of the program sees them, with defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from harvester.model import Limits, Rules
from harvester.settings.alert_targets import Target

AlertKind = Literal[
    "new", "edit", "headline", "removed", "returned", "silence", "missed", "volume"
]

# Headers of requests by which nobody is let in; any other may hold a secret.
OPEN_HEADERS = frozenset(
    "accept accept-language cache-control dnt from origin pragma referer save-data"
    " sec-gpc upgrade-insecure-requests x-requested-with".split()
)


def is_open_header(name: str) -> bool:
    """Whether the value of a header is no secret, by its name."""
    return name.lower() in OPEN_HEADERS


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """One feed of an outlet, and the section that its entries belong to."""

    url: str
    section: str = ""
    is_page: bool = False  # an HTML page whose links are the entries


@dataclass(frozen=True, slots=True)
class RemovedAfter:
    """How many checks, and how far apart, must fail to find a removed article."""

    looks: int = 2
    apart: float = 21_600.0  # seconds


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet. Durations in seconds."""

    key: str
    name: str
    home: str
    language: str
    feeds: tuple[FeedSettings, ...]  # and section pages
    every: float | Literal["auto"]  # between two polls of a feed
    revisit: tuple[float, ...] | Literal["auto"]
    looks: int  # checks per article, on average, if ``revisit`` is "auto"
    removed_after: RemovedAfter
    delay: float
    concurrency: int
    insecure: bool = False  # its certificates are not verified
    proxy: str = ""  # URL, or "environment"; "": none
    # "user:password"; like headers and cookies for the origins of its feeds and home.
    login: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_keys: tuple[str, ...] = ()  # that have secrets in the settings file itself
    user_agent: str = ""  # "": that of all
    timeout: float | None = None  # seconds for a whole response; None: as for all
    disabled: bool = False  # kept and searchable, not checked
    was: str = ""  # its former key
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    keep_params: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)

    def is_section_page(self, url: str) -> bool:
        """Whether one of its feeds is an HTML page."""
        return any(feed.is_page and feed.url == url for feed in self.feeds)

    @property
    def has_secrets(self) -> bool:
        """Whether any of its requests carries a login, or what may let others in."""
        return (
            bool(self.login or self.cookies)
            or not all(is_open_header(name) for name, _ in self.headers)
            or any("@" in urlsplit(feed.url).netloc for feed in self.feeds)
        )

    def is_own_origin(self, url: str) -> bool:
        """Whether a URL is of the origin (RFC 6454) of one of its feeds, or its home."""
        own_urls = (self.home, *(feed.url for feed in self.feeds))
        return url_origin(url) in map(url_origin, own_urls)


def url_origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL (RFC 6454)."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the daemon does for the archive besides harvesting."""

    backup: float | None  # seconds between two backups; None: it makes none
    backups: Path
    backup_captures: bool
    # Seconds after which a capture that shows no other wording is removed; None: never.
    thin_after: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A query, on what it rings, and where that is sent."""

    name: str
    query: str  # "": everything
    on: tuple[AlertKind, ...]
    targets: tuple[Target, ...]
    when: Literal["now", "hourly", "daily"]
    template: str  # of the line of words for each event
    secret: str = field(default="", repr=False)  # signs what webhooks get
    muted: bool = False
    location: str = ""  # of its query in the settings: file and line
    has_secret_in_file: bool = False  # in the settings file itself


@dataclass(frozen=True, slots=True)
class Settings:
    """All of settings.toml, with defaults filled in."""

    file: Path | None
    archive: Path
    captures: Path | None
    user_agent: str
    delay: float
    concurrency: int
    allow_networks: tuple[str, ...]
    workers: int
    limits: Limits
    upkeep: Upkeep
    outlets: Mapping[str, Outlet]
    requests: bool = False  # WARC files hold the requests too
    proxy: str = ""  # of requests that belong to no outlet; as ``Outlet.proxy``
    warnings: tuple[str, ...] = ()
    alerts: Mapping[str, Alert] = field(default_factory=dict)

    def user_agent_of(self, outlet: str) -> str:
        """The User-Agent of an outlet's requests; of those of none for ""."""
        settings = self.outlets.get(outlet)
        return (settings.user_agent if settings else "") or self.user_agent

    def timeout_of(self, outlet: str) -> float:
        """Seconds that a response may take to a request of an outlet, or of none."""
        settings = self.outlets.get(outlet)
        return (settings.timeout if settings else None) or self.limits.answer_time

    @property
    def enabled_outlets(self) -> tuple[str, ...]:
        """The keys of the outlets that are checked."""
        return tuple(key for key, outlet in self.outlets.items() if not outlet.disabled)
