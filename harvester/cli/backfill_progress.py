"""The line that shows how far a backfill is, and when it may end."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.output import pluralize, shows_progress
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.archive.records.backfills import Standing

MIN_PAGES = 20  # that are fetched before their pace counts, and not the delay
UPDATE_SECONDS = 1.0


class BackfillProgress:
    """A line on stderr that is rewritten; only on a terminal. ``delay``: in seconds."""

    def __init__(self, archive: Path, outlet: str, delay: float) -> None:
        self._archive, self._outlet, self._delay = archive, outlet, delay
        self._enabled = shows_progress()
        self._line_shown = False
        self._last_update = 0.0
        # When pages were first to be fetched (monotonic), and how many were waiting.
        self._begin: tuple[float, int] | None = None

    def update(self, _: dict[str, Any]) -> None:
        """Rewrite the line, from what is in the archive now."""
        now = time.monotonic()
        if not self._enabled or now - self._last_update < UPDATE_SECONDS:
            return
        self._last_update = now
        with suppress(HarvesterError, OSError):
            standing = self._read()
            if standing is not None:
                line = self.describe(standing, now)
                click.echo(f"\r{line:<76}", err=True, nl=False)
                self._line_shown = True

    def _read(self) -> Standing | None:
        from harvester.archive.connection import open_reader
        from harvester.archive.records import backfills

        with closing(open_reader(self._archive)) as connection:
            rows = backfills.list_backfills(connection, [self._outlet])
            return backfills.get_standing(connection, rows[0]) if rows else None

    def describe(self, standing: Standing, now: float) -> str:
        """The line: "1200 found in WordPress REST", "340 of 4812 pages, 2 hours to go"."""
        row = standing.backfill
        if standing.open_requests:
            of = f" of about {row.expected}" if row.expected else ""
            listed = row.new + row.known
            return (
                f"listing: {listed}{of} found with "
                f"{pluralize(row.requests, 'request')}, {standing.source} next"
            )
        if self._begin is None:
            self._begin = now, standing.waiting
        begun, at_first = self._begin
        fetched = at_first - standing.waiting
        pace = self._delay
        if fetched >= MIN_PAGES:
            pace = (now - begun) / fetched
        left = format_seconds(standing.waiting * pace)
        return f"{row.new - standing.waiting} of {row.new} pages fetched, {left} to go"

    def clear(self) -> None:
        """Remove the line."""
        if self._line_shown:
            click.echo(f"\r{'':<76}\r", err=True, nl=False)
            self._line_shown = False


def format_seconds(seconds: float) -> str:
    """About how long: "40 seconds", "25 minutes", "3.5 hours", "2 days"."""
    for name, size in (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0)):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {name}s"
    return f"about {seconds:.0f} seconds"
