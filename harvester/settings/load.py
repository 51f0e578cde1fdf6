"""The text of a settings file, and what the environment says over it, made into ``Settings``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from harvester.errors import SettingsError
from harvester.model import Limits, Rules
from harvester.settings import tables, validation_errors
from harvester.settings.line_numbers import KeyLines
from harvester.settings.types import (
    FeedSettings,
    Outlet,
    RemovedAfter,
    Settings,
    Upkeep,
)
from harvester.settings.values import did_you_mean

INTEGER_KEYS = ("concurrency", "workers", "entries", "redirects", "url_length", "page_size", "feed_size", "pages", "looks",
         "header_size", "read_memory")  # fmt: skip


def parse_settings(
    text: str, path: Path, environment: Mapping[str, str] | None = None
) -> Settings:
    """Validate the text of a settings file; ``path`` is only named, and relative paths are relative to it."""
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+)", str(error))
        line = match[1] if match else str(text.count("\n") + 1)
        raise SettingsError(
            f"{path}:{line}: {str(error).partition(' (at ')[0]}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise SettingsError(
            f"{path}:1: this is not TOML that can be read: {type(error).__name__}"
        ) from error
    lines = KeyLines(text)
    warnings = _apply_environment(table, environment or {})
    try:
        file = tables.SettingsFile.model_validate(table)
    except ValidationError as error:
        said = error.errors(include_url=False, include_context=False)[
            : validation_errors.MAX_FAULTS_DESCRIBED
        ]
        found = [validation_errors.describe_fault(one, lines) for one in said]
        raise validation_errors.settings_error(path, found) from error
    outlets = {
        key: _build_outlet(key, one, file.crawl) for key, one in file.outlets.items()
    }
    if found := list(validation_errors.find_contradictions(outlets, lines)):
        raise validation_errors.settings_error(path, found)
    return Settings(
        file=path,
        archive=_resolve_path(path, file.archive.path),
        captures=_resolve_path(path, file.archive.captures)
        if file.archive.captures
        else None,
        user_agent=file.crawl.user_agent,
        delay=file.crawl.delay,
        concurrency=file.crawl.concurrency,
        allow_networks=file.crawl.allow_networks,
        workers=file.crawl.workers,
        limits=Limits(
            page_bytes=file.limits.page_size,
            feed_bytes=file.limits.feed_size,
            entries=file.limits.entries,
            redirects=file.limits.redirects,
            answer_time=file.limits.answer_time,
            read_time=file.limits.read_time,
            read_memory=file.limits.read_memory,
            header_bytes=file.limits.header_size,
            url_length=file.limits.url_length,
            pages=file.limits.pages,
        ),
        upkeep=Upkeep(
            file.upkeep.backup,
            _resolve_path(path, file.upkeep.backups),
            file.upkeep.backup_captures,
        ),
        outlets=outlets,
        warnings=(
            *warnings,
            *validation_errors.politeness_warnings(outlets, path, lines),
            *validation_errors.insecure_warnings(outlets, path, lines),
        ),
    )


def _resolve_path(settings_file: Path, path_text: str) -> Path:
    """A path of the settings: relative ones are relative to their file."""
    try:
        return settings_file.parent / Path(path_text).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{settings_file}: {path_text}: there is no such user"
        ) from error


def _apply_environment(
    table: dict[str, Any], environment: Mapping[str, str]
) -> list[str]:
    """What the environment says over what the file says. Returns warnings of names that are not known."""
    sections: tuple[tuple[str, type[tables.SettingsTable]], ...] = (
        ("archive", tables.ArchiveTable), ("crawl", tables.CrawlTable), ("limits", tables.LimitsTable), ("upkeep", tables.UpkeepTable),
    )  # fmt: skip
    known = {
        f"HARVESTER_{section}_{key}".upper(): (section, key)
        for section, model in sections
        for key in model.model_fields
        if key != "removed_after"
    }
    warnings = []
    for name, value in sorted(environment.items()):
        if not name.startswith("HARVESTER_") or name == "HARVESTER_SETTINGS":
            continue
        if name not in known:
            warnings.append(
                f"the environment's {name} is not known{did_you_mean(name, known)}"
            )
            continue
        section, key = known[name]
        given: Any = value
        if key in INTEGER_KEYS and re.fullmatch(r"[0-9]{1,18}", value):
            given = int(value)
        if key in ("revisit", "allow_networks") and value != "auto":
            given = [one.strip() for one in value.split(",") if one.strip()]
        if isinstance(table.setdefault(section, {}), dict):
            table[section][key] = given
    return warnings


def _build_outlet(
    key: str, table: tables.OutletTable, crawl: tables.CrawlTable
) -> Outlet:
    parts = urlsplit(table.feeds[0].url)
    default = RemovedAfter()
    misses, apart = (
        next((given for given in (getattr(table.removed_after, name), getattr(crawl.removed_after, name)) if given is not None),
             getattr(default, name))
        for name in ("looks", "apart")
    )  # fmt: skip
    return Outlet(
        key=key,
        name=table.name or key,
        home=table.home or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
        language=table.language,
        feeds=tuple(FeedSettings(feed.url, feed.section) for feed in table.feeds),
        every=crawl.every if table.every is None else table.every,
        revisit=crawl.revisit if table.revisit is None else table.revisit,
        looks=crawl.looks if table.looks is None else table.looks,
        removed_after=RemovedAfter(misses, apart),
        delay=crawl.delay if table.delay is None else table.delay,
        concurrency=table.concurrency or crawl.concurrency,
        insecure=table.insecure,
        was=table.was,
        allow=table.rules.allow,
        deny=table.rules.deny,
        keep_params=table.rules.keep_params,
        rules=_build_rules(table),
    )


def _build_rules(table: tables.OutletTable) -> Rules:
    def layout(
        one: tables.LayoutTable, until: str = "", earlier: tuple[Rules, ...] = ()
    ) -> Rules:
        return Rules(
            one.remove,
            table.language,
            one.text,
            one.title,
            one.author,
            one.published,
            table.extractor,
            until,
            earlier,
            table.rules.captions,
        )

    ended = sorted(table.earlier_rules, key=lambda one: one.valid_until)
    return layout(table.rules, "", tuple(layout(one, one.valid_until) for one in ended))
