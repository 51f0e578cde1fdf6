"""``harvest merge``: merges another archive into this one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.options import json_object_option, wait_option
from harvester.cli.output import (
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)

DEFAULT_CAPTURES_FOLDER = "captures"  # of WARC files, unless the settings name another


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
    show_default="'captures' beside it",
    help="The other archive's WARC files.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be added; change nothing."
)
@wait_option
@json_object_option
@pass_context
def merge(
    context: Context,
    other: Path,
    captures: Path | None,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Merge another archive into this one.

    OTHER.db is only read. The order of merges does not matter, and merging an archive
    again changes nothing. This archive is first copied to a file beside it.

    Examples: `harvest merge /mnt/laptop/archive.db --dry-run`,
    `harvest merge other.db --json`
    """
    from harvester.ingest.merge_archives import merge_archives

    settings, at = context.settings, utc_timestamp()
    if captures is None and (other.parent / DEFAULT_CAPTURES_FOLDER).is_dir():
        captures = other.parent / DEFAULT_CAPTURES_FOLDER
    with context.hold_lock("harvest merge", at, wait):
        summary = merge_archives(
            settings.archive,
            settings.captures,
            other,
            captures,
            at,
            _print_stage,
            dry_run,
        )
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


def _print_stage(stage: str) -> None:
    if sys.stderr.isatty():
        print_note(f"{stage} …")


def _print_summary(summary: dict[str, Any]) -> None:
    added = summary["added"]
    nouns = {
        "outlets": "outlet",
        "feeds": "feed",
        "articles": "article",
        "versions": "version",
        "captures": "capture",
        "changes": "change",
        "events": "event",
    }
    counts = [
        pluralize(added[name], noun) for name, noun in nouns.items() if added.get(name)
    ]
    if added.get("entries"):
        counts.insert(0, pluralize(added["entries"], "entry", "entries"))
    verb = "would be added" if summary["dry_run"] else "added"
    print_text(f"{verb}: {', '.join(counts) or 'nothing'}")
    if summary["joined"]:
        articles = pluralize(summary["joined"], "article")
        print_text(f"{articles} had several keys; they are merged, and all keys work")
    if summary["missing"]:
        captures = pluralize(summary["missing"], "capture")
        print_note(
            f"{captures} came without WARC records; name their folder with --captures, "
            "and merge again if need be"
        )
    if summary["purged_here"]:
        articles = pluralize(len(summary["purged_here"]), "article")
        print_note(f"{articles} purged here did not come back")
    if summary["purged_there"]:
        keys = ", ".join(summary["purged_there"][:5])
        print_note(
            f"purged there, but still stored here: {clean(keys)}; "
            "`harvest purge` removes them"
        )
    if summary["backup"]:
        print_note(f"backup of this archive: {clean(summary['backup'])}")
