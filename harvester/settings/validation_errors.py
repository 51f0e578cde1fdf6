"""What is wrong with a settings file, in words: file, line, and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harvester.errors import SettingsError
from harvester.settings import tables
from harvester.settings.line_numbers import KeyLines
from harvester.settings.types import Outlet
from harvester.settings.values import did_you_mean, is_private_address, redact_url

MAX_FAULTS_SHOWN, MAX_FAULTS_DESCRIBED = (
    100,
    1_000,
)  # that are told at once, and put in words at all
MIN_POLITE_DELAY_SECONDS = (
    1.0  # seconds between two requests to one site; below, a warning
)
MIN_POLITE_POLL_SECONDS = (
    60.0  # seconds between two polls of one feed; below, a warning
)
MINIMAL_EXAMPLE = 'write at least\n    [outlets.mpi]\n    feeds = ["https://www.medias-presse.info/feed/"]'


def describe_fault(error: Any, lines: KeyLines) -> tuple[int, str]:
    """One of pydantic's errors in our words, with its line."""
    place = tuple(str(part) for part in error["loc"] if part != "[key]")
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        said = f"unknown key{did_you_mean(place[-1], known) or '; known are ' + ', '.join(known)}"
    elif error["type"] == "missing":
        said = "is missing"
        if place[-1] == "feeds":
            said = "is missing: a list of addresses is needed"
        elif place == ("outlets",):
            said = f"there is no outlet; {MINIMAL_EXAMPLE}"
    elif error["type"] in ("model_type", "dict_type"):
        said = "must be a table"
    elif error["type"] == "list_type":
        said = "must be a list"
    elif error["type"] == "too_short":
        said = "there is none; write at least one"
    return lines.line_of(place), f"{'.'.join(place)}: {said}"


def _known_keys(table_path: tuple[str, ...]) -> list[str]:
    """The keys of the table at a place."""
    named: dict[str, type[tables.SettingsTable]] = {
        "": tables.SettingsFile, "archive": tables.ArchiveTable, "crawl": tables.CrawlTable, "limits": tables.LimitsTable,
        "removed_after": tables.RemovedAfterTable, "rules": tables.RulesTable,
        "earlier_rules": tables.EarlierRulesTable, "feeds": tables.FeedTable,
    }  # fmt: skip
    if len(table_path) == 2 and table_path[0] == "outlets":
        return list(tables.OutletTable.model_fields)
    names = [name for name in table_path if name in named]
    return list(named[names[-1] if names else ""].model_fields)


def settings_error(path: Path, faults: Iterable[tuple[int, str]]) -> SettingsError:
    found = sorted(set(faults))
    told = [f"{path}:{line}: {said}" for line, said in found[:MAX_FAULTS_SHOWN]]
    more = len(found) - len(told)
    return SettingsError(
        "\n".join(told + [f"{path}: and at least {more} faults more"] * bool(more))
    )


def find_contradictions(
    outlets: Mapping[str, Outlet], lines: KeyLines
) -> Iterable[tuple[int, str]]:
    """Faults between tables."""
    seen: dict[str, str] = {}
    for key, outlet in outlets.items():
        for feed in outlet.feeds:
            if feed.url in seen:
                yield (
                    lines.line_of(("outlets", key, "feeds")),
                    f"outlets.{key}.feeds: {redact_url(feed.url)} is a feed of {seen[feed.url]} already",
                )
            seen[feed.url] = key
        ends = [one.valid_until for one in outlet.rules.earlier_layouts]
        if twice := next((one for one in ends if ends.count(one) > 1), ""):
            yield (
                lines.line_of(("outlets", key, "earlier_rules")),
                f"outlets.{key}.earlier_rules: two layouts end on {twice}",
            )
        if outlet.was in outlets:
            yield (
                lines.line_of(("outlets", key, "was")),
                f"outlets.{key}.was: {outlet.was} is still an outlet of its own",
            )


def insecure_warnings(
    outlets: Mapping[str, Outlet], path: Path, lines: KeyLines
) -> Iterable[str]:
    for key, outlet in outlets.items():
        if outlet.insecure:
            where = (
                f"{path}:{lines.line_of(('outlets', key, 'insecure'))}: outlets.{key}"
            )
            yield f"{where}: insecure: its certificates are not verified, so anybody on the way can answer in its place"


def politeness_warnings(
    outlets: Mapping[str, Outlet], path: Path, lines: KeyLines
) -> Iterable[str]:
    for key, outlet in outlets.items():
        if is_private_address(outlet.feeds[0].url):
            continue
        where = f"{path}:{lines.line_of(('outlets', key))}: outlets.{key}"
        if outlet.delay < MIN_POLITE_DELAY_SECONDS:
            yield f"{where}: a delay under 1 second is rude to an outlet on the web"
        if outlet.every < MIN_POLITE_POLL_SECONDS:
            yield f"{where}: polling more often than once a minute is rude to an outlet on the web"
