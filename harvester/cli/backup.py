"""``harvest backup`` and ``harvest restore``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.options import json_object_option, wait_option
from harvester.cli.output import pluralize, print_text
from harvester.errors import SettingsError

if TYPE_CHECKING:
    from harvester.archive.upkeep.backups import Backup


def _captures_folder(backup_file: Path) -> Path:
    """The folder of a backup's captures, beside it."""
    return backup_file.with_name(f"{backup_file.name}.captures")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--captures", is_flag=True, help="Copy the WARC files too, to FILE.captures."
)
@json_object_option
@pass_context
def backup(context: Context, file: Path, captures: bool, as_json: bool) -> None:
    """Copy the archive to FILE, and verify the copy.

    The daemon may go on writing. FILE must not exist. With --captures, WARC files that
    an earlier backup left in FILE.captures are not copied again.

    Examples: `harvest backup backups/2025-09-06.db --captures`,
    `harvest backup /mnt/disk/archive.db`
    """
    from harvester.archive.upkeep import backups, known_backups

    settings = context.settings
    if captures and settings.captures is None:
        raise SettingsError(
            "the settings keep no captures",
            "leave out --captures, or set [archive] captures",
        )
    copy = backups.create_backup(
        settings.archive,
        file,
        settings.captures if captures else None,
        _captures_folder(file) if captures else None,
    )
    known_backups.record_backup(
        settings.archive, file, _captures_folder(file) if captures else None
    )
    if as_json:
        click.echo(json.dumps({**asdict(copy), "path": str(copy.path), "ok": True}))
        return
    files = (
        f", and {pluralize(copy.files, 'WARC file')} in {_captures_folder(file)}"
        if captures
        else ""
    )
    size = f"{copy.bytes / 1e6:.1f} MB"
    print_text(f"{file}: {_describe_backup(copy)}, {size}, verified{files}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@wait_option
@pass_context
def restore(context: Context, file: Path, wait: bool) -> None:
    """Replace the archive by the backup FILE.

    The present archive is kept beside it. Captures missing here are copied back from
    FILE.captures.

    Examples: `harvest restore backups/2025-09-06.db`,
    `harvest restore /mnt/disk/archive.db`
    """
    from harvester.archive.upkeep import backups

    settings, at = context.settings, utc_timestamp()
    with context.hold_lock("harvest restore", at, wait):
        source = _captures_folder(file) if _captures_folder(file).is_dir() else None
        previous = backups.restore_backup(
            file, settings.archive, at, settings.captures, source
        )
    restored = backups.verify_backup(settings.archive)
    kept = f"; the archive from before is now {previous.name}" if previous else ""
    print_text(f"{settings.archive}: {_describe_backup(restored)}{kept}")


def _describe_backup(copy: Backup) -> str:
    articles = pluralize(copy.articles, "article")
    return f"{articles}, {pluralize(copy.versions, 'version')}"
