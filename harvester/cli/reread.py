"""``harvest reread``: what was kept, read again as it would be read today."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, now, pass_context, resolve
from harvester.cli.crawl import known_outlets
from harvester.cli.output import Progress, clean, note, print_json, say, table

if TYPE_CHECKING:
    from harvester.ingest.reread import Again, Rereading
    from harvester.workers.pool import Workers

COMMIT = 2.0  # seconds between two commits: so much is read once more after a crash
LISTED = 30  # versions shown of those that read differently, or were left


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option(
    "--article",
    default="",
    metavar="ARTICLE",
    help="Only this one: a key, the beginning of one, an address.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would read differently; change nothing."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that read; default: as the settings say.",
)
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds the archive."
)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def reread(
    context: Context,
    outlets: tuple[str, ...],
    article: str,
    dry_run: bool,
    workers: int | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Read all kept captures again with today's extractor, rules and profiles.

    What is shown of a version becomes today's reading; its number and its times stay, and nothing counts as an edit. What was
    read so already is not read again: a second call goes on where the first one was ended.
    """
    known_outlets(outlets, list(context.settings.outlets))
    key = ""
    if article:
        with context.reading() as connection:
            key = resolve(connection, article)["key"]
    else:
        with context.reading():
            pass  # there is an archive
    with _rereading(
        context, outlets, key, dry_run, workers or context.settings.workers, wait
    ) as (one, processes):
        summary = _run(one, processes, dry_run)
    if as_json:
        print_json(summary)
    else:
        _print(summary, dry_run)


@contextmanager
def _rereading(
    context: Context,
    outlets: tuple[str, ...],
    article: str,
    dry_run: bool,
    workers: int,
    wait: bool,
) -> Iterator[tuple[Rereading, Workers]]:
    """The archive, held as every writer holds it (not where nothing is written), and processes that read."""
    from harvester.archive.connection import Archive, reader, translated
    from harvester.archive.lock import Holder, Lock
    from harvester.ingest.reread import Rereading
    from harvester.schedule.times import written
    from harvester.workers.pool import Workers

    settings, at = context.settings, written(now())
    lock = Lock(settings.archive)
    if not dry_run:
        lock.acquire(
            Holder(os.getpid(), "harvest reread", at),
            wait,
            lambda holder: note(f"waiting for {holder}"),
        )
    processes: Workers = Workers(workers, settings.limits.read_time)
    try:
        with translated(settings.archive):
            archive = (
                None if dry_run else Archive.open(settings.archive, settings.captures)
            )
            with closing(
                archive.connection if archive else reader(settings.archive)
            ) as connection:
                yield (
                    Rereading(
                        connection,
                        settings,
                        at,
                        outlets,
                        article,
                        workers,
                        archive.begin if archive else None,
                    ),
                    processes,
                )
    finally:
        processes.close()
        lock.release()


def _run(one: Rereading, processes: Workers, dry_run: bool) -> dict[str, Any]:
    """Read all; what was read is committed every few seconds, and when it is interrupted."""
    total, progress = one.count(), Progress("versions read")
    summary: dict[str, Any] = {
        "versions": total,
        "read": 0,
        "changed": 0,
        "left": 0,
        "differ": [],
        "problems": [],
    }
    committed = time.monotonic()
    try:
        for done, again in enumerate(one.run(processes.submit), 1):
            _count(summary, again)
            progress.show(done, total)
            if not dry_run and time.monotonic() - committed > COMMIT:
                one.commit()
                committed = time.monotonic()
    finally:
        progress.clear()
        if not dry_run:
            one.commit()
    return summary


def _count(summary: dict[str, Any], again: Again) -> None:
    named = {"article": again.article, "version": again.number, "outlet": again.outlet}
    if again.problem:
        summary["left"] += 1
        if len(summary["problems"]) < LISTED:
            summary["problems"].append({**named, "problem": again.problem})
        return
    summary["read"] += 1
    if again.changed:
        summary["changed"] += 1
        if len(summary["differ"]) < LISTED:
            before, after = again.words
            differing = {
                "title": again.title,
                "differ": list(again.changed),
                "words": [before, after],
            }
            summary["differ"].append({**named, **differing})


def _print(summary: dict[str, Any], dry_run: bool) -> None:
    if not summary["versions"]:
        say("all that was kept is read as it would be read today")
        return
    read = "would read" if dry_run else "read"
    say(
        f"{summary['read']} of {summary['versions']} versions read again: {summary['changed']} {read} differently"
    )
    if summary["differ"]:
        rows = [
            [
                one["article"],
                one["version"],
                ", ".join(one["differ"]),
                f"{one['words'][0]} → {one['words'][1]}",
                one["title"],
            ]
            for one in summary["differ"]
        ]
        say(table(rows, ["article", "version", "differ", "words", "title"]))
        if summary["changed"] > len(rows):
            say("…")
    if summary["left"]:
        note(f"{summary['left']} were left as they were, such as:")
        for one in summary["problems"][:3]:
            note(
                f"  {one['article']}, version {one['version']}: {clean(one['problem'])}"
            )
