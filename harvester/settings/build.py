"""Validated tables of settings.toml made into ``Settings``, with defaults filled in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from harvester.model import Limits, Rules
from harvester.settings import alert_targets, tables, validation_errors
from harvester.settings.request_headers import cookie_problem, header_problem
from harvester.settings.types import (
    Alert,
    FeedSettings,
    Outlet,
    RemovedAfter,
    Settings,
    Upkeep,
    is_open_header,
)
from harvester.settings.validation_errors import Sources
from harvester.settings.values import SecretReference, has_secret


def build_settings(
    file: tables.SettingsFile, sources: Sources, warnings: Iterable[str]
) -> Settings:
    """The settings of a file. Raises SettingsError for contradictions in it."""
    outlets = {
        key: _build_outlet(key, table, file.crawl, sources)
        for key, table in file.outlets.items()
    }
    validation_errors.check_contradictions(outlets, sources)
    captures = file.archive.captures
    return Settings(
        file=sources.file,
        archive=_resolve_path(file.archive.path, ("archive", "path"), sources),
        captures=_resolve_path(captures, ("archive", "captures"), sources)
        if captures
        else None,
        user_agent=file.crawl.user_agent,
        delay=file.crawl.delay,
        concurrency=file.crawl.concurrency,
        allow_networks=file.crawl.allow_networks,
        workers=file.crawl.workers,
        limits=_build_limits(file.limits),
        upkeep=Upkeep(
            file.upkeep.backup,
            _resolve_path(file.upkeep.backups, ("upkeep", "backups"), sources),
            file.upkeep.backup_captures,
            file.upkeep.thin_after,
        ),
        outlets=outlets,
        alerts={
            name: _build_alert(name, table, sources)
            for name, table in file.alerts.items()
        },
        requests=file.archive.requests,
        proxy=file.crawl.proxy,
        warnings=(
            *warnings,
            *validation_errors.politeness_warnings(outlets, sources),
            *validation_errors.insecure_warnings(outlets, sources),
        ),
    )


def _resolve_path(text: str, key_path: tuple[str, ...], sources: Sources) -> Path:
    """A path of the settings; relative ones are relative to their file."""
    try:
        return sources.file.parent / Path(text).expanduser()
    except RuntimeError as error:
        fault = sources.fault(key_path, f"no such user: {text}")
        raise validation_errors.settings_error([fault], sources) from error


def _build_limits(table: tables.LimitsTable) -> Limits:
    return Limits(
        page_bytes=table.page_size,
        feed_bytes=table.feed_size,
        entries=table.entries,
        redirects=table.redirects,
        answer_time=table.answer_time,
        read_time=table.read_time,
        read_memory=table.read_memory,
        header_bytes=table.header_size,
        url_length=table.url_length,
        pages=table.pages,
    )


def _build_outlet(
    key: str, table: tables.OutletTable, crawl: tables.CrawlTable, sources: Sources
) -> Outlet:
    feeds = (
        *(FeedSettings(feed.url, feed.section) for feed in table.feeds),
        *(FeedSettings(page.url, page.section, is_page=True) for page in table.pages),
    )
    parts = urlsplit(feeds[0].url)
    return Outlet(
        key=key,
        name=table.name or key,
        home=table.home or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
        language=table.language,
        feeds=feeds,
        every=crawl.every if table.every is None else table.every,
        revisit=crawl.revisit if table.revisit is None else table.revisit,
        looks=crawl.looks if table.looks is None else table.looks,
        removed_after=_build_removed_after(table.removed_after, crawl.removed_after),
        delay=crawl.delay if table.delay is None else table.delay,
        concurrency=table.concurrency or crawl.concurrency,
        insecure=table.insecure,
        proxy=crawl.proxy if table.proxy is None else table.proxy,
        login=_read_secret(table.login, ("outlets", key, "login"), sources),
        headers=_read_values(table, key, "headers", sources),
        cookies=_read_values(table, key, "cookies", sources),
        secret_keys=_secret_keys(table),
        user_agent=table.user_agent,
        timeout=table.timeout,
        disabled=table.disabled,
        was=table.was,
        allow=table.rules.allow,
        deny=table.rules.deny,
        keep_params=table.rules.keep_params,
        rules=_build_rules(table),
    )


def _read_secret(
    secret: str | SecretReference, key_path: tuple[str, ...], sources: Sources
) -> str:
    """A secret, from where the settings say it is."""
    if isinstance(secret, str):
        return secret
    problem = ""
    if secret.source == "env":
        value = os.environ.get(secret.name, "")
        problem = "" if value else f"environment variable {secret.name} is not set"
    else:
        path = _resolve_path(secret.name, key_path, sources)
        value = ""
        try:
            value = path.read_text("utf-8").strip()
            problem = "" if value else f"{path} is empty"
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            problem = f"{path} cannot be read: {reason}"
    if problem:
        fault = sources.fault(key_path, problem)
        raise validation_errors.settings_error([fault], sources)
    return value


def _read_values(
    table: tables.OutletTable, outlet: str, key: str, sources: Sources
) -> tuple[tuple[str, str], ...]:
    """The headers or the cookies of an outlet. Raises SettingsError."""
    is_cookie = key == "cookies"
    stated = table.cookies if is_cookie else table.headers
    find_problem = cookie_problem if is_cookie else header_problem
    values = []
    for name, secret in stated.items():
        key_path = ("outlets", outlet, key, name)
        value = _read_secret(secret, key_path, sources)
        if problem := find_problem(value):
            # A text in the settings themselves was checked as it was read.
            source = secret.name if isinstance(secret, SecretReference) else ""
            fault = sources.fault(key_path, f"what {source} has {problem}")
            raise validation_errors.settings_error([fault], sources)
        values.append((name, value))
    return tuple(values)


def _secret_keys(table: tables.OutletTable) -> tuple[str, ...]:
    """The keys of an outlet's table that have secrets in the settings file itself."""
    has_secret_header = any(
        isinstance(value, str) and not is_open_header(name)
        for name, value in table.headers.items()
    )
    has_cookie = any(isinstance(value, str) for value in table.cookies.values())
    present = {
        "login": isinstance(table.login, str) and bool(table.login),
        "headers": has_secret_header,
        "cookies": has_cookie,
    }
    return tuple(key for key, is_present in present.items() if is_present)


def _build_alert(name: str, table: tables.AlertTable, sources: Sources) -> Alert:
    def build_target(number: int, value: str | SecretReference) -> alert_targets.Target:
        key_path = ("alerts", name, "to")
        text = _read_secret(value, key_path, sources)
        try:
            target = alert_targets.parse_target(text)
            if target.kind == "file":
                path = _resolve_path(target.path, key_path, sources)
                target = alert_targets.Target("file", f"file:{path}")
        except ValueError as error:
            fault = sources.fault(key_path, f"target {number}: {error}")
            raise validation_errors.settings_error([fault], sources) from error
        return target

    targets = [build_target(number, value) for number, value in enumerate(table.to, 1)]
    return Alert(
        name=name,
        query=table.query,
        on=table.on,
        targets=tuple({target.text: target for target in targets}.values()),
        when=cast("Any", table.when),
        template=table.template,
        secret=_read_secret(table.secret, ("alerts", name, "secret"), sources),
        muted=table.muted,
        location=sources.location(("alerts", name, "query")),
        has_secret_in_file=(isinstance(table.secret, str) and bool(table.secret))
        or any(
            isinstance(value, str)
            and (target.kind == "apprise" or has_secret(target.text))
            for value, target in zip(table.to, targets, strict=True)
        ),
    )


def _build_removed_after(
    outlet: tables.RemovedAfterTable, crawl: tables.RemovedAfterTable
) -> RemovedAfter:
    """The outlet's values, else those of [crawl], else the defaults."""
    stated = {
        **crawl.model_dump(exclude_none=True),
        **outlet.model_dump(exclude_none=True),
    }
    return RemovedAfter(**stated)


def _build_rules(table: tables.OutletTable) -> Rules:
    def build_layout(
        layout: tables.LayoutTable,
        valid_until: str = "",
        earlier_layouts: tuple[Rules, ...] = (),
    ) -> Rules:
        return Rules(
            remove=layout.remove,
            language=table.language,
            text=layout.text,
            title=layout.title,
            author=layout.author,
            published=layout.published,
            extractor=table.extractor,
            valid_until=valid_until,
            earlier_layouts=earlier_layouts,
            captions=table.rules.captions,
        )

    earlier = sorted(table.earlier_rules, key=lambda layout: layout.valid_until)
    return build_layout(
        table.rules,
        earlier_layouts=tuple(
            build_layout(layout, layout.valid_until) for layout in earlier
        ),
    )
