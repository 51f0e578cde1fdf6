"""``harvest purge``: one article taken out, with all its words; what stays says that it was, and keeps it out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.article import ARTICLE_HELP
from harvester.cli.context import Context, pass_context, resolve_article, utc_now
from harvester.cli.output import (
    Progress,
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.archive.takedown.purge import PurgePlan


@click.command(
    help=f"""Take an article out: its words from every table, the full-text index, WARC files and free pages.

Feeds and pages of the outlet that carried its words are kept with these words blanked out. What stays is a tombstone without
content, which keeps the article from coming back. It cannot be undone.

ARTICLE: {ARTICLE_HELP}"""
)
@click.argument("article", required=False, default="")
@click.option(
    "--why",
    default="",
    metavar="TEXT",
    help="The reason; it stands in the tombstone for ever.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would be taken out; change nothing."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--finish", is_flag=True, help="Go on with what an earlier purge could not end."
)
@click.option("--list", "listed", is_flag=True, help="What was purged, when, and why.")
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds the archive."
)
@click.option("--json", "as_json", is_flag=True, help="One object; with --list a list.")
@pass_context
def purge(
    context: Context,
    article: str,
    why: str,
    dry_run: bool,
    yes: bool,
    finish: bool,
    listed: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Take an article out."""
    if listed:
        _print_tombstones(context, as_json)
        return
    if not article and not finish:
        raise click.UsageError("name an article, or write --finish or --list")
    if article and not dry_run and not why.strip():
        raise click.UsageError("say why: --why TEXT")
    if dry_run:
        summary = _dry_run_summary(context, article)
    else:
        if article and not yes:
            _confirm(context, article)
        summary = _purge_article(context, article, why.strip(), wait)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)
    if summary.get("to_do"):
        raise SystemExit(1)


def _print_tombstones(context: Context, as_json: bool) -> None:
    from harvester.archive.takedown import blocklist

    with context.connect_read_only() as connection:
        found = blocklist.list_tombstones(connection)
    if as_json:
        print_json(found)
    elif not found:
        print_note("nothing was purged so far")
    else:
        print_text(
            format_table(
                [
                    [display_time(one["at"]), one["outlet"], one["article"], one["why"]]
                    for one in found
                ],
                ["at", "outlet", "article", "why"],
            )
        )


def _confirm(context: Context, article: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: write --yes")
    _print_summary(_dry_run_summary(context, article))
    click.confirm("Take all of it out? It cannot be undone", abort=True, err=True)


def _dry_run_summary(context: Context, article: str) -> dict[str, Any]:
    from harvester.archive.takedown import purge

    progress = Progress("captures looked at")
    with context.connect_read_only() as connection:
        key = resolve_article(connection, article)["key"]
        try:
            plan = purge.plan_purge(
                connection, context.settings.captures, key, progress.update
            )
        finally:
            progress.clear()
    removed = {
        "versions": len(plan.version_ids), "captures": len(plan.own_captures), "captures blanked": len(plan.other_captures),
        "entries": len(plan.entry_keys), "loose records": len(plan.unreferenced_records),
    }  # fmt: skip
    removed = {name: count for name, count in removed.items() if count}
    return {
        "article": key,
        "dry_run": True,
        "removed": removed,
        **_untouched_copies(context.settings.archive, plan),
    }


def _untouched_copies(path: Path, plan: PurgePlan) -> dict[str, Any]:
    """What it does not reach: backups, and other articles with the same words."""
    backups = sorted(str(one) for one in path.parent.glob(f"{path.name}*.backup*"))
    return {"copies": plan.copy_keys, "backups": backups}


def _purge_article(
    context: Context, article: str, reason: str, wait: bool
) -> dict[str, Any]:
    from harvester.archive.takedown import article_rows, execute, purge
    from harvester.identity.wording import wording_and_text_digests
    from harvester.schedule.times import format_time

    summary: dict[str, Any] = {"dry_run": False}
    stamp = format_time(utc_now())
    with _open_for_writing(context, stamp, wait) as archive:
        execute.finish_purge(archive, stamp)
        if article:
            key = resolve_article(archive.connection, article)["key"]
            progress = Progress("captures looked at")
            try:
                plan = purge.plan_purge(
                    archive.connection, archive.captures_folder, key, progress.update
                )
            finally:
                progress.clear()
            summary |= {
                "article": key,
                "removed": execute.execute_purge(
                    archive, plan, reason, stamp, wording_and_text_digests
                ),
            }
            summary |= {
                "left": article_rows.find_remaining_text(
                    archive.connection, plan.sentences
                ),
                **_untouched_copies(archive.path, plan),
            }
        summary["to_do"] = execute.finish_purge(archive, stamp)
    return summary


@contextmanager
def _open_for_writing(
    context: Context, timestamp: str, wait: bool
) -> Iterator[Archive]:
    """The archive, held as every writer holds it."""
    from contextlib import closing

    from harvester.archive.connection import (
        Archive,
        open_reader,
        translate_sqlite_errors,
    )
    from harvester.archive.lock import Lock, LockHolder

    settings = context.settings
    open_reader(settings.archive).close()  # there is one
    lock = Lock(settings.archive)
    lock.acquire(
        LockHolder(os.getpid(), "harvest purge", timestamp),
        wait,
        lambda holder: print_note(f"waiting for {holder}"),
    )
    try:
        with (
            translate_sqlite_errors(settings.archive),
            closing(Archive.open(settings.archive, settings.captures)) as archive,
        ):
            yield archive
    finally:
        lock.release()


def _print_summary(summary: dict[str, Any]) -> None:
    if "removed" in summary:
        would = "would be taken out" if summary["dry_run"] else "taken out"
        parts = [
            f"{count} {name.replace('_', ' ')}"
            for name, count in summary["removed"].items()
        ]
        print_text(f"{summary['article']} {would}: {', '.join(parts)}")
    for one in summary.get("left", []):
        print_text(
            f"some of its sentences stand in {one['table']}.{one['column']} of others still ({one['rows']} rows)"
        )
    if summary.get("copies"):
        print_note(
            f"other articles have the same text, and keep it: {', '.join(summary['copies'])}"
        )
    for backup in summary.get("backups", []):
        print_note(
            f"{clean(backup)} was made before, and is not changed: delete it yourself"
        )
    for words in summary.get("to_do", []):
        print_note(words)
    if not summary["dry_run"] and not summary.get("to_do"):
        print_text(
            "nothing of it is left in the archive's files"
            if "removed" in summary
            else "all that was begun is ended"
        )
