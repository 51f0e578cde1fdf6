"""``harvest backup`` and ``harvest restore``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import print_text
from harvester.errors import SettingsError


def _captures_folder(backup_file: Path) -> Path:
    """Where the captures of a backup are: beside it."""
    return backup_file.with_name(f"{backup_file.name}.captures")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--captures",
    is_flag=True,
    help="The WARC files too, into the folder FILE.captures.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_context
def backup(context: Context, file: Path, captures: bool, as_json: bool) -> None:
    """Copy the archive to FILE while the daemon goes on writing, and check the copy.

    FILE must not be there yet. With --captures, WARC files that an earlier backup left in FILE.captures are not copied again.
    """
    from harvester.archive.upkeep import backups

    settings = context.settings
    if captures and settings.captures is None:
        raise SettingsError(
            "the settings keep no captures",
            "leave --captures out, or set [archive] captures",
        )
    found = backups.create_backup(
        settings.archive,
        file,
        settings.captures if captures else None,
        _captures_folder(file) if captures else None,
    )
    if as_json:
        click.echo(json.dumps({**asdict(found), "path": str(found.path), "ok": True}))
        return
    files = (
        f", and {found.files} WARC files in {_captures_folder(file)}"
        if captures
        else ""
    )
    print_text(
        f"{file}: {found.articles} articles in {found.versions} versions, {found.bytes / 1e6:.1f} MB, "
        f"opened and found whole{files}"
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wait", is_flag=True, help="For the program that holds the archive.")
@pass_context
def restore(context: Context, file: Path, wait: bool) -> None:
    """Put the backup FILE in the archive's place; what was there is kept beside it.

    Captures in FILE.captures that are missing are copied back too.
    """
    from harvester.archive.lock import Lock, LockHolder
    from harvester.archive.upkeep import backups
    from harvester.schedule.times import format_time

    settings, now = context.settings, format_time(datetime.now(UTC))
    lock = Lock(settings.archive)
    lock.acquire(
        LockHolder(os.getpid(), "harvest restore", now),
        wait,
        lambda who: print_text(f"waiting for {who}"),
    )
    try:
        source = _captures_folder(file) if _captures_folder(file).is_dir() else None
        aside = backups.restore_backup(
            file, settings.archive, now, settings.captures, source
        )
    finally:
        lock.release()
    found = backups.verify_backup(settings.archive)
    was = f"; what was there is now {aside.name}" if aside else ""
    print_text(
        f"{settings.archive}: {found.articles} articles in {found.versions} versions{was}"
    )
