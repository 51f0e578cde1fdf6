"""Faults of the settings in words: where they are, and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harvester.errors import SettingsError
from harvester.settings import tables
from harvester.settings.file import MINIMAL_EXAMPLE
from harvester.settings.line_numbers import KeyLines
from harvester.settings.request_headers import repeated_name
from harvester.settings.types import Alert, Outlet, Settings
from harvester.settings.values import (
    did_you_mean,
    has_secret,
    is_private_address,
    redact_url,
)

MAX_FAULTS_SHOWN = 100
MAX_FAULTS_DESCRIBED = 1_000  # of which the first ones are shown
MIN_POLITE_DELAY_SECONDS = 1.0  # between two requests to one site
MIN_POLITE_POLL_SECONDS = 60.0  # between two polls of one feed
_TABLES: dict[str, type[tables.SettingsTable]] = {
    "": tables.SettingsFile,
    "archive": tables.ArchiveTable,
    "crawl": tables.CrawlTable,
    "limits": tables.LimitsTable,
    "removed_after": tables.RemovedAfterTable,
    "rules": tables.RulesTable,
    "earlier_rules": tables.EarlierRulesTable,
    "feeds": tables.FeedTable,
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault; ordered by its line, which is 0 for an environment variable."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings come from: lines of the file, environment variables."""

    file: Path
    lines: KeyLines
    variables: Mapping[tuple[str, ...], str]  # of (section, key)

    def location(self, key_path: tuple[str, ...]) -> str:
        return f"{self.file}:{self.lines.line_of(key_path)}"

    def fault(self, key_path: tuple[str, ...], problem: str) -> Fault:
        if variable := self.variables.get(key_path[:2]):
            return Fault(0, f"environment variable {variable}: {problem}")
        key = ".".join(key_path)
        message = f"{self.location(key_path)}: {key}: {problem}"
        return Fault(self.lines.line_of(key_path), message)


def invalid_file(error: ValidationError, sources: Sources) -> SettingsError:
    """The error of a file that does not have the form of ``tables``."""
    details = error.errors(include_url=False, include_context=False)
    faults = [_describe(detail, sources) for detail in details[:MAX_FAULTS_DESCRIBED]]
    return settings_error(faults, sources)


def settings_error(faults: Iterable[Fault], sources: Sources) -> SettingsError:
    """The error that shows all faults, in the order of the file."""
    messages = [fault.message for fault in sorted(set(faults))]
    shown = messages[:MAX_FAULTS_SHOWN]
    more = len(messages) - len(shown)
    if more:
        noun = "fault" if more == 1 else "faults"
        shown.append(f"{sources.file}: and at least {more} more {noun}")
    return SettingsError("\n".join(shown))


def _describe(detail: Any, sources: Sources) -> Fault:
    """One of pydantic's errors in our words."""
    key_path = tuple(str(part) for part in detail["loc"] if part != "[key]")
    return sources.fault(key_path, _problem(detail, key_path))


def _problem(detail: Any, key_path: tuple[str, ...]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(key_path[:-1])
            hint = did_you_mean(key_path[-1], known) or f"; known: {', '.join(known)}"
            return f"unknown key{hint}"
        case "missing" if key_path[-1] == "feeds":
            return "is missing: a list of URLs is required"
        case "missing" if key_path == ("outlets",):
            return f"no outlet is defined; add one with `harvest add URL`, or {MINIMAL_EXAMPLE}"
        case "missing":
            return "is missing"
        case "model_type" | "dict_type":
            return "must be a table"
        case "list_type":
            return "must be a list"
        case "too_short":
            return "is empty; write at least one"
        case _:
            return str(detail["msg"]).removeprefix("Value error, ")


def _known_keys(table_path: tuple[str, ...]) -> list[str]:
    """The keys of the table at a path."""
    if len(table_path) == 2 and table_path[0] == "outlets":
        return list(tables.OutletTable.model_fields)
    if len(table_path) == 2 and table_path[0] == "alerts":
        return list(tables.AlertTable.model_fields)
    name = next((part for part in reversed(table_path) if part in _TABLES), "")
    return list(_TABLES[name].model_fields)


def check_contradictions(outlets: Mapping[str, Outlet], sources: Sources) -> None:
    """Raise SettingsError for faults between tables."""
    if faults := list(_find_contradictions(outlets, sources)):
        raise settings_error(faults, sources)


def _find_contradictions(
    outlets: Mapping[str, Outlet], sources: Sources
) -> Iterator[Fault]:
    feed_outlets: dict[str, str] = {}
    for key, outlet in outlets.items():
        for feed in outlet.feeds:
            if feed.url in feed_outlets:
                other = feed_outlets[feed.url]
                yield sources.fault(
                    ("outlets", key, "feeds"),
                    f"{redact_url(feed.url)} is a feed of {other} already",
                )
            feed_outlets[feed.url] = key
        yield from _find_header_faults(key, outlet, sources)
        days = [layout.valid_until for layout in outlet.rules.earlier_layouts]
        if repeated := next((day for day in days if days.count(day) > 1), ""):
            yield sources.fault(
                ("outlets", key, "earlier_rules"), f"two layouts end on {repeated}"
            )
        if outlet.was in outlets:
            yield sources.fault(
                ("outlets", key, "was"), f"{outlet.was} is still an outlet of its own"
            )


def _find_header_faults(key: str, outlet: Outlet, sources: Sources) -> Iterator[Fault]:
    names = [name for name, _ in outlet.headers]
    if repeated := repeated_name(names):
        yield sources.fault(
            ("outlets", key, "headers", repeated), "is there twice, as case is ignored"
        )
    lower_names = {name.lower() for name in names}
    if outlet.login and "authorization" in lower_names:
        yield sources.fault(
            ("outlets", key, "login"), "headers have an Authorization too: write one"
        )


def unnamed_user_agent_warning(settings: Settings) -> str:
    """That outlets on the web are not told who harvests them; "" if they are."""
    from harvester.settings.starter import names_a_contact

    on_the_web = any(
        not outlet.user_agent and not is_private_address(feed.url)
        for outlet in settings.outlets.values()
        for feed in outlet.feeds
    )
    if names_a_contact(settings.user_agent) or not on_the_web:
        return ""
    return (
        "[crawl] user_agent does not say who you are: name a contact, as in "
        '"my-archive/1.0 (+https://your-site.net/about)"'
    )


def insecure_warnings(outlets: Mapping[str, Outlet], sources: Sources) -> Iterator[str]:
    """A warning for each outlet whose certificates are not verified."""
    for key, outlet in outlets.items():
        if outlet.insecure:
            location = sources.location(("outlets", key, "insecure"))
            yield (
                f"{location}: outlets.{key}: insecure: certificates are not verified, "
                "so responses may be forged"
            )


def exposed_secret_warnings(
    outlets: Mapping[str, Outlet], sources: Sources, is_public: bool
) -> Iterator[str]:
    """A warning for each outlet with a secret, if any user may read the settings file."""
    for key, outlet in outlets.items() if is_public else ():
        for name in outlet.secret_keys:
            location = sources.location(("outlets", key, name))
            yield (
                f"{location}: outlets.{key}: every user of this machine may read the "
                f"{name}: chmod 600 {sources.file}"
            )
        if any(has_secret(feed.url) for feed in outlet.feeds):
            location = sources.location(("outlets", key, "feeds"))
            yield (
                f"{location}: outlets.{key}: a URL has a login or a secret, and every "
                f"user of this machine may read the file: chmod 600 {sources.file}"
            )


def exposed_alert_warnings(
    alerts: Mapping[str, Alert], sources: Sources, is_public: bool
) -> Iterator[str]:
    """A warning for each alert with a secret, if any user may read the settings file."""
    for name, alert in alerts.items() if is_public else ():
        if alert.has_secret_in_file:
            location = sources.location(("alerts", name, "to"))
            yield (
                f"{location}: alerts.{name}: a target has a login, or the alert a secret, "
                f"and every user of this machine may read the file: chmod 600 "
                f'{sources.file}, or write {{ env = "NAME" }}'
            )


PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def ignored_proxy_warnings(
    settings: Settings, environment: Mapping[str, str]
) -> Iterator[str]:
    """A warning that the proxies of the environment are not used, if there are any."""
    if settings.proxy or any(outlet.proxy for outlet in settings.outlets.values()):
        return
    for name in PROXY_VARIABLES:
        if environment.get(name) or environment.get(name.lower()):
            yield (
                f"the proxy of {name} is not used; to use it, set [crawl] proxy = "
                '"environment"'
            )
            return


def politeness_warnings(
    outlets: Mapping[str, Outlet], sources: Sources
) -> Iterator[str]:
    """A warning for each outlet on the web that is requested too often."""
    for key, outlet in outlets.items():
        if is_private_address(outlet.feeds[0].url):
            continue
        where = f"{sources.location(('outlets', key))}: outlets.{key}"
        if outlet.delay < MIN_POLITE_DELAY_SECONDS:
            yield f"{where}: a delay under 1 second is impolite to an outlet on the web"
        if outlet.every != "auto" and outlet.every < MIN_POLITE_POLL_SECONDS:
            yield (
                f"{where}: polling more often than once a minute is impolite to an "
                "outlet on the web"
            )
