"""What the commands share: the settings, a reading connection, the article that a name means, and times as typed.

Not for: printing (``output``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harvester.settings import Settings


@dataclass
class Context:
    """One call of the program. The settings are read when they are first needed."""

    settings_file: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """settings.toml. Raises SettingsError."""
        from harvester.settings import load_settings

        return load_settings(self.settings_file)

    @contextmanager
    def connect_read_only(self) -> Iterator[sqlite3.Connection]:
        """The archive, as it stands at this moment. Raises ArchiveError."""
        from harvester.archive.connection import open_reader, translate_sqlite_errors
        from harvester.archive.queries.article_pages import begin_snapshot

        path = self.settings.archive
        with translate_sqlite_errors(path), closing(open_reader(path)) as connection:
            begin_snapshot(connection)
            yield connection


pass_context = click.make_pass_decorator(Context)
POSITIVE_INT = click.IntRange(
    1, 1_000_000_000
)  # SQLite has no number for what people type in beyond


def require_archived_outlet(connection: sqlite3.Connection, key: str) -> str:
    """An outlet of the archive. Raises UsageError with the nearest name."""
    if not key:
        return ""
    from harvester.archive.queries.article_pages import list_outlet_keys
    from harvester.settings import nearest_name

    known = list_outlet_keys(connection)
    if key not in known:
        close = nearest_name(key, known)
        also = (
            f"did you mean {close!r}?"
            if close
            else f"there are {', '.join(known)}"
            if known
            else "there is none yet"
        )
        raise click.UsageError(f"there is no outlet {key!r} in the archive: {also}")
    return key


def resolve_article(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    """The article that a key, a unique beginning of one, or an address means. Raises NotHeld."""
    from harvester.errors import NotInArchive

    name = name.strip()
    try:
        return _find_article(connection, name)
    except NotInArchive as error:
        why = _purge_reason(connection, name)
        if why:
            raise NotInArchive(
                f"{name} {why}", "`harvest purge --list` says why"
            ) from error
        raise


def _find_article(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    from harvester.archive.queries import article_pages
    from harvester.errors import NotInArchive
    from harvester.identity import urls

    if not any(mark in name for mark in "/.:"):
        return article_pages.get_article_by_key(connection, name)
    full = name if "://" in name else f"https://{name}"
    try:
        return article_pages.get_article_by_address(
            connection, urls.url_key(full), urls.mask_secrets(name)
        )
    except NotInArchive:  # an outlet may keep parameters that look like tracking
        return article_pages.get_article_by_address(
            connection,
            urls.url_key(full, urls.parameter_names(full)),
            urls.mask_secrets(name),
        )


def _purge_reason(connection: sqlite3.Connection, name: str) -> str:
    """Why an article is not held any more; "" where it never was."""
    from harvester.archive.takedown import blocklist
    from harvester.identity import urls

    if not any(mark in name for mark in "/.:"):
        return blocklist.get_block_reason_by_key(connection, name)
    address = urls.url_key(name if "://" in name else f"https://{name}")
    return blocklist.get_block_reason(
        connection, [blocklist.blocklist_digest("address", address)]
    )


def utc_now() -> datetime:
    """The time. Only the rim asks."""
    return datetime.now(UTC)


class TimeParamType(click.ParamType[str]):
    """A day, a time, or how long ago; becomes a time as the archive writes it."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """ "2025-09-06", "2025-09-06T08:00:00+02:00", or "2 days"."""
        from harvester.schedule.times import format_time
        from harvester.settings import parse_duration

        text = value.strip().lower().removesuffix(" ago")
        try:
            at = datetime.fromisoformat(text.upper())
        except ValueError:
            try:
                return format_time(utc_now() - timedelta(seconds=parse_duration(text)))
            except ValueError:
                self.fail(
                    f"{value!r} is no time: write a day (2025-09-06), a time (2025-09-06T08:00Z) or how long ago (2 days)"
                )
        try:
            return format_time(at if at.tzinfo else at.replace(tzinfo=UTC))
        except OverflowError:
            self.fail(f"{value!r} is no time that can be written in UTC")
