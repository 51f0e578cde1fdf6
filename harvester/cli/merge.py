"""``harvest merge``: another archive is joined into this one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from harvester.cli.context import Context, pass_context, utc_now
from harvester.cli.output import clean, print_json, print_note, print_text

DEFAULT_CAPTURES_FOLDER = (
    "captures"  # the folder of WARC files, where the settings say nothing else
)


@click.command()
@click.argument(
    "other",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="OTHER.db",
)
@click.option(
    "--captures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The other archive's WARC files; default: the folder 'captures' beside it.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would be added; change nothing."
)
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds this archive."
)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def merge(
    context: Context,
    other: Path,
    captures: Path | None,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Join another archive into this one: everything that either knows, once.

    The other archive is only read. The order does not matter, and the same archive twice changes nothing. This archive is copied
    to a file beside it before.
    """
    from harvester.archive.lock import Lock, LockHolder
    from harvester.ingest.merge_archives import merge_archives
    from harvester.schedule.times import format_time

    settings, at = context.settings, format_time(utc_now())
    if captures is None and (other.parent / DEFAULT_CAPTURES_FOLDER).is_dir():
        captures = other.parent / DEFAULT_CAPTURES_FOLDER
    lock = Lock(settings.archive)
    lock.acquire(
        LockHolder(os.getpid(), "harvest merge", at),
        wait,
        lambda holder: print_note(f"waiting for {holder}"),
    )
    try:
        summary = merge_archives(
            settings.archive,
            settings.captures,
            other,
            captures,
            at,
            _print_stage,
            dry_run,
        )
    finally:
        lock.release()
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


def _print_stage(stage: str) -> None:
    if sys.stderr.isatty():
        print_note(f"{stage} …")


def _print_summary(summary: dict[str, Any]) -> None:
    added = summary["added"]
    names = (
        "outlets",
        "feeds",
        "entries",
        "articles",
        "versions",
        "captures",
        "changes",
        "events",
    )
    counts = ", ".join(f"{added[name]} {name}" for name in names if added.get(name))
    print_text(
        f"{'would be added' if summary['dry_run'] else 'added'}: {counts or 'nothing'}"
    )
    if summary["joined"]:
        print_text(
            f"{summary['joined']} articles were known by several keys: each is one now, and takes all of them"
        )
    if summary["missing"]:
        print_note(
            f"{summary['missing']} captures came without their WARC records: name their folder with --captures, again if need be"
        )
    if summary["purged_here"]:
        print_note(
            f"{len(summary['purged_here'])} articles were purged here, and did not come back"
        )
    if summary["purged_there"]:
        keys = ", ".join(summary["purged_there"][:5])
        print_note(
            f"purged there, and still held here: {clean(keys)}: `harvest purge` takes them out"
        )
    if summary["backup"]:
        print_note(f"this archive as it was: {clean(summary['backup'])}")
