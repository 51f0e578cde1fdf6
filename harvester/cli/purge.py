"""``harvest purge``: one article taken out, with all its words; what stays says that it was, and keeps it out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.article import ARTICLE
from harvester.cli.context import Context, now, pass_context, resolve
from harvester.cli.output import Progress, at, clean, note, print_json, say, table

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.archive.takedown.purge import Plan


@click.command(
    help=f"""Take an article out: its words from every table, the full-text index, WARC files and free pages.

Feeds and pages of the outlet that carried its words are kept with these words blanked out. What stays is a tombstone without
content, which keeps the article from coming back. It cannot be undone.

ARTICLE: {ARTICLE}"""
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
        _list(context, as_json)
        return
    if not article and not finish:
        raise click.UsageError("name an article, or write --finish or --list")
    if article and not dry_run and not why.strip():
        raise click.UsageError("say why: --why TEXT")
    if dry_run:
        summary = _planned(context, article)
    else:
        if article and not yes:
            _ask(context, article)
        summary = _done(context, article, why.strip(), wait)
    if as_json:
        print_json(summary)
    else:
        _print(summary)
    if summary.get("to_do"):
        raise SystemExit(1)


def _list(context: Context, as_json: bool) -> None:
    from harvester.archive.takedown import blocklist

    with context.reading() as connection:
        found = blocklist.tombstones(connection)
    if as_json:
        print_json(found)
    elif not found:
        note("nothing was purged so far")
    else:
        say(
            table(
                [
                    [at(one["at"]), one["outlet"], one["article"], one["why"]]
                    for one in found
                ],
                ["at", "outlet", "article", "why"],
            )
        )


def _ask(context: Context, article: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: write --yes")
    _print(_planned(context, article))
    click.confirm("Take all of it out? It cannot be undone", abort=True, err=True)


def _planned(context: Context, article: str) -> dict[str, Any]:
    from harvester.archive.takedown import purge

    progress = Progress("captures looked at")
    with context.reading() as connection:
        key = resolve(connection, article)["key"]
        try:
            plan = purge.look(connection, context.settings.captures, key, progress.show)
        finally:
            progress.clear()
    removed = {
        "versions": len(plan.versions), "captures": len(plan.own), "captures blanked": len(plan.carrying),
        "entries": len(plan.entries), "loose records": len(plan.loose),
    }  # fmt: skip
    removed = {name: count for name, count in removed.items() if count}
    return {
        "article": key,
        "dry_run": True,
        "removed": removed,
        **_beside(context.settings.archive, plan),
    }


def _beside(path: Path, plan: Plan) -> dict[str, Any]:
    """What it does not reach: backups, and other articles with the same words."""
    backups = sorted(str(one) for one in path.parent.glob(f"{path.name}*.backup*"))
    return {"copies": plan.copies, "backups": backups}


def _done(context: Context, article: str, why: str, wait: bool) -> dict[str, Any]:
    from harvester.archive.takedown import article_rows, execute, purge
    from harvester.identity.wording import names
    from harvester.schedule.times import written

    summary: dict[str, Any] = {"dry_run": False}
    stamp = written(now())
    with _held(context, stamp, wait) as archive:
        execute.finish(archive, stamp)
        if article:
            key = resolve(archive.connection, article)["key"]
            progress = Progress("captures looked at")
            try:
                plan = purge.look(
                    archive.connection, archive.captures, key, progress.show
                )
            finally:
                progress.clear()
            summary |= {
                "article": key,
                "removed": execute.carry_out(archive, plan, why, stamp, names),
            }
            summary |= {
                "left": article_rows.left(archive.connection, plan.sentences),
                **_beside(archive.path, plan),
            }
        summary["to_do"] = execute.finish(archive, stamp)
    return summary


@contextmanager
def _held(context: Context, stamp: str, wait: bool) -> Iterator[Archive]:
    """The archive, held as every writer holds it."""
    from contextlib import closing

    from harvester.archive.connection import Archive, reader, translated
    from harvester.archive.lock import Holder, Lock

    settings = context.settings
    reader(settings.archive).close()  # there is one
    lock = Lock(settings.archive)
    lock.acquire(
        Holder(os.getpid(), "harvest purge", stamp),
        wait,
        lambda holder: note(f"waiting for {holder}"),
    )
    try:
        with (
            translated(settings.archive),
            closing(Archive.open(settings.archive, settings.captures)) as archive,
        ):
            yield archive
    finally:
        lock.release()


def _print(summary: dict[str, Any]) -> None:
    if "removed" in summary:
        would = "would be taken out" if summary["dry_run"] else "taken out"
        parts = [
            f"{count} {name.replace('_', ' ')}"
            for name, count in summary["removed"].items()
        ]
        say(f"{summary['article']} {would}: {', '.join(parts)}")
    for one in summary.get("left", []):
        say(
            f"some of its sentences stand in {one['table']}.{one['column']} of others still ({one['rows']} rows)"
        )
    if summary.get("copies"):
        note(
            f"other articles have the same text, and keep it: {', '.join(summary['copies'])}"
        )
    for backup in summary.get("backups", []):
        note(f"{clean(backup)} was made before, and is not changed: delete it yourself")
    for words in summary.get("to_do", []):
        note(words)
    if not summary["dry_run"] and not summary.get("to_do"):
        say(
            "nothing of it is left in the archive's files"
            if "removed" in summary
            else "all that was begun is ended"
        )
