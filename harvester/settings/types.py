"""The settings as the rest of the program sees them, with defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from harvester.model import Limits, Rules


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
    # "user:password" for the origins of its feeds and its home.
    login: str = field(default="", repr=False)
    has_login_in_file: bool = False  # in the settings file itself
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
    def has_login(self) -> bool:
        """Whether any of its requests carries a login."""
        return bool(self.login) or any(
            "@" in urlsplit(feed.url).netloc for feed in self.feeds
        )


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the daemon does for the archive besides harvesting."""

    backup: float | None  # seconds between two backups; None: it makes none
    backups: Path
    backup_captures: bool
    # Seconds after which a capture that shows no other wording is removed; None: never.
    thin_after: float | None = None


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

    @property
    def enabled_outlets(self) -> tuple[str, ...]:
        """The keys of the outlets that are checked."""
        return tuple(key for key, outlet in self.outlets.items() if not outlet.disabled)
