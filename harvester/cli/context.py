"""What commands share: the settings, the archive, and finding articles and outlets."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli.output import StepProgress, print_detail, print_note

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.archive.writer_lock import LockHolder
    from harvester.settings import Settings


@dataclass
class Context:
    """One run of the program. The settings are read when they are first needed."""

    settings_file: Path | None = None
    archive_file: Path | None = None  # to be read without settings
    requires_outlets: bool = True  # that settings name none is a fault

    @cached_property
    def settings(self) -> Settings:
        """settings.toml, or for an archive without it the defaults.

        Raises SettingsError.
        """
        from harvester.settings import load_settings, parse_settings

        if self.archive_file is None:
            settings = load_settings(
                self.settings_file, require_outlets=self.requires_outlets
            )
            print_detail(f"settings {settings.file}")
            return settings
        text = f"[archive]\npath = {json.dumps(str(self.archive_file.resolve()))}\n"
        beside = self.archive_file.resolve().with_name("settings.toml")
        return parse_settings(text, beside, require_outlets=False)

    @cached_property
    def archive_path(self) -> Path:
        """Where the archive is. Raises SettingsError."""
        if self.archive_file is not None:
            return self.archive_file
        if "settings" not in self.__dict__:  # not loaded yet: that is expensive
            from harvester.settings.file import find_settings_file, peek_archive

            path = peek_archive(find_settings_file(self.settings_file))
            if path is not None:
                return path
        return self.settings.archive

    @cached_property
    def captures_folder(self) -> Path | None:
        """Where the WARC files are. Raises SettingsError for a file that is no TOML."""
        from harvester.settings.file import find_settings_file, peek_captures

        if self.archive_file is not None:
            return None
        return peek_captures(find_settings_file(self.settings_file))

    def contact_warnings(self) -> list[str]:
        """That the settings do not say who harvests, if they do not."""
        from harvester.settings.validation_errors import unnamed_user_agent_warning

        warning = unnamed_user_agent_warning(self.settings)
        return [warning] if warning else []

    @contextmanager
    def connect_read_only(self) -> Iterator[sqlite3.Connection]:
        """A snapshot of the archive. Raises ArchiveError."""
        from harvester.archive.connection import open_reader
        from harvester.archive.queries.article_pages import begin_snapshot
        from harvester.archive.sqlite_errors import translate_sqlite_errors

        path, is_foreign = self.archive_path, self.archive_file is not None
        with (
            translate_sqlite_errors(path),
            closing(open_reader(path, is_foreign=is_foreign)) as connection,
        ):
            print_detail(f"archive {path}, read-only")
            begin_snapshot(connection)
            yield connection

    @contextmanager
    def hold_lock(self, command: str, at: str, wait: bool = False) -> Iterator[None]:
        """Hold the archive's lock, as every writer does. Raises ArchiveLocked."""
        from harvester.archive.writer_lock import Lock, LockHolder

        lock = Lock(self.settings.archive)
        lock.acquire(LockHolder(os.getpid(), command, at), wait, print_waiting)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def open_for_writing(
        self, command: str, at: str, wait: bool = False
    ) -> Iterator[Archive]:
        """The archive, locked and open for writing. Raises ArchiveError."""
        from harvester.archive.connection import Archive
        from harvester.archive.sqlite_errors import translate_sqlite_errors

        settings = self.settings
        print_detail(f"archive {settings.archive}, for writing")
        with (
            self.hold_lock(command, at, wait),
            translate_sqlite_errors(settings.archive),
            closing(
                Archive.open(settings.archive, settings.captures, StepProgress())
            ) as archive,
        ):
            yield archive


MAX_LISTED_OUTLETS = 20  # in a message

pass_context = click.make_pass_decorator(Context)


def print_waiting(holder: LockHolder | str) -> None:
    """Say which program has the archive locked."""
    print_note(f"waiting for {holder}")


def require_archived_outlets(
    connection: sqlite3.Connection, keys: Collection[str]
) -> tuple[str, ...]:
    """The outlets named. Raises UsageError, with the nearest name, for unknown ones."""
    keys = tuple(key for key in keys if key)
    if not keys:
        return ()
    from harvester.archive.queries.article_pages import list_outlet_keys

    known = list_outlet_keys(connection)
    _require_known(
        keys,
        known,
        f"the archive has {', '.join(known)}"
        if known
        else "the archive has no outlets yet",
    )
    return keys


def require_configured_outlets(keys: Collection[str], configured: list[str]) -> None:
    """Raises UsageError, with the nearest name, for an outlet not in the settings."""
    otherwise = f"the settings have {', '.join(configured)}"
    if len(configured) > MAX_LISTED_OUTLETS:
        otherwise = "`harvest outlets` lists those of the settings"
    for key in keys:
        if key not in configured and ("://" in key or "/" in key or "." in key):
            raise click.UsageError(
                f"{mask_url(key)!r} is an address, not the key of an outlet: `harvest add "
                "URL` adds a site, `harvest check URL` reads one page or feed"
            )
    _require_known(keys, configured, otherwise)


def mask_url(url: str) -> str:
    """An address for a message, without secrets."""
    from harvester.identity.urls import mask_secrets

    return mask_secrets(url)


def require_enabled_outlets(settings: Settings, keys: Collection[str]) -> None:
    """Raises UsageError for an outlet that the settings do not name, or disable."""
    require_configured_outlets(keys, list(settings.outlets))
    for key in keys:
        if settings.outlets[key].disabled:
            raise click.UsageError(
                f"outlet {key!r} is disabled: remove `disabled = true` from its table "
                f"in {settings.file}"
            )


def _require_known(keys: Collection[str], known: list[str], otherwise: str) -> None:
    from harvester.settings import nearest_name

    for key in keys:
        if key not in known:
            nearest = nearest_name(key, known)
            hint = f"did you mean {nearest!r}?" if nearest else otherwise
            raise click.UsageError(f"unknown outlet {key!r}: {hint}")


def resolve_article(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    """The article with a key, a unique prefix of one, or an address.

    Raises NotInArchive, with the reason if the article was purged.
    """
    from harvester.archive.queries import article_names

    return article_names.resolve_article(connection, name)


def utc_now() -> datetime:
    """The time. Only commands read the clock; the rooms below take it as an argument."""
    return datetime.now(UTC)


def utc_timestamp() -> str:
    """The time, as the archive writes it."""
    from harvester.schedule.times import format_time

    return format_time(utc_now())
