"""``harvest merge``: another archive is joined into this one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from harvester.cli.context import Context, now, pass_context
from harvester.cli.output import clean, note, print_json, say

BESIDE = "captures"  # the folder of WARC files, where the settings say nothing else


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
    from harvester.archive.lock import Holder, Lock
    from harvester.ingest.merge_archives import merged
    from harvester.schedule.times import written

    settings, at = context.settings, written(now())
    if captures is None and (other.parent / BESIDE).is_dir():
        captures = other.parent / BESIDE
    lock = Lock(settings.archive)
    lock.acquire(
        Holder(os.getpid(), "harvest merge", at),
        wait,
        lambda holder: note(f"waiting for {holder}"),
    )
    try:
        summary = merged(
            settings.archive, settings.captures, other, captures, at, _tell, dry_run
        )
    finally:
        lock.release()
    if as_json:
        print_json(summary)
    else:
        _print(summary)


def _tell(stage: str) -> None:
    if sys.stderr.isatty():
        note(f"{stage} …")


def _print(summary: dict[str, Any]) -> None:
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
    say(f"{'would be added' if summary['dry_run'] else 'added'}: {counts or 'nothing'}")
    if summary["joined"]:
        say(
            f"{summary['joined']} articles were known by several keys: each is one now, and takes all of them"
        )
    if summary["missing"]:
        note(
            f"{summary['missing']} captures came without their WARC records: name their folder with --captures, again if need be"
        )
    if summary["purged_here"]:
        note(
            f"{len(summary['purged_here'])} articles were purged here, and did not come back"
        )
    if summary["purged_there"]:
        keys = ", ".join(summary["purged_there"][:5])
        note(
            f"purged there, and still held here: {clean(keys)}: `harvest purge` takes them out"
        )
    if summary["backup"]:
        note(f"this archive as it was: {clean(summary['backup'])}")
