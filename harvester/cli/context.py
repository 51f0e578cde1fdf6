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

    file: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """settings.toml. Raises SettingsError."""
        from harvester.settings import load

        return load(self.file)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The archive, as it stands at this moment. Raises ArchiveError."""
        from harvester.archive.connection import reader, translated
        from harvester.archive.queries.article_pages import snapshot

        path = self.settings.archive
        with translated(path), closing(reader(path)) as connection:
            snapshot(connection)
            yield connection


pass_context = click.make_pass_decorator(Context)
MANY = click.IntRange(
    1, 1_000_000_000
)  # SQLite has no number for what people type in beyond


def known_outlet(connection: sqlite3.Connection, key: str) -> str:
    """An outlet of the archive. Raises UsageError with the nearest name."""
    if not key:
        return ""
    from harvester.archive.queries.article_pages import outlet_keys
    from harvester.settings import nearest

    known = outlet_keys(connection)
    if key not in known:
        close = nearest(key, known)
        also = (
            f"did you mean {close!r}?"
            if close
            else f"there are {', '.join(known)}"
            if known
            else "there is none yet"
        )
        raise click.UsageError(f"there is no outlet {key!r} in the archive: {also}")
    return key


def resolve(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    """The article that a key, a unique beginning of one, or an address means. Raises NotHeld."""
    from harvester.errors import NotHeld

    name = name.strip()
    try:
        return _held(connection, name)
    except NotHeld as error:
        why = _purged(connection, name)
        if why:
            raise NotHeld(f"{name} {why}", "`harvest purge --list` says why") from error
        raise


def _held(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    from harvester.archive.queries import article_pages
    from harvester.errors import NotHeld
    from harvester.identity import urls

    if not any(mark in name for mark in "/.:"):
        return article_pages.by_key(connection, name)
    full = name if "://" in name else f"https://{name}"
    try:
        return article_pages.by_address(connection, urls.address(full), urls.mask(name))
    except NotHeld:  # an outlet may keep parameters that look like tracking
        return article_pages.by_address(
            connection, urls.address(full, urls.parameters(full)), urls.mask(name)
        )


def _purged(connection: sqlite3.Connection, name: str) -> str:
    """Why an article is not held any more; "" where it never was."""
    from harvester.archive.takedown import blocklist
    from harvester.identity import urls

    if not any(mark in name for mark in "/.:"):
        return blocklist.key(connection, name)
    address = urls.address(name if "://" in name else f"https://{name}")
    return blocklist.barred(connection, [blocklist.digest("address", address)])


def now() -> datetime:
    """The time. Only the rim asks."""
    return datetime.now(UTC)


class Since(click.ParamType[str]):
    """A day, a time, or how long ago; becomes a time as the archive writes it."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """ "2025-09-06", "2025-09-06T08:00:00+02:00", or "2 days"."""
        from harvester.schedule.times import written
        from harvester.settings import duration

        text = value.strip().lower().removesuffix(" ago")
        try:
            at = datetime.fromisoformat(text.upper())
        except ValueError:
            try:
                return written(now() - timedelta(seconds=duration(text)))
            except ValueError:
                self.fail(
                    f"{value!r} is no time: write a day (2025-09-06), a time (2025-09-06T08:00Z) or how long ago (2 days)"
                )
        try:
            return written(at if at.tzinfo else at.replace(tzinfo=UTC))
        except OverflowError:
            self.fail(f"{value!r} is no time that can be written in UTC")
