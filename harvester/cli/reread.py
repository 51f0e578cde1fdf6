"""``harvest reread``: what was kept, read again as it would be read today."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, resolve_article, utc_now
from harvester.cli.crawl import require_configured_outlets
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.ingest.reread import Rereading, RereadResult
    from harvester.workers.pool import WorkerPool

COMMIT_INTERVAL_SECONDS = (
    2.0  # seconds between two commits: so much is read once more after a crash
)
MAX_LISTED = 30  # versions shown of those that read differently, or were left


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
    require_configured_outlets(outlets, list(context.settings.outlets))
    key = ""
    if article:
        with context.connect_read_only() as connection:
            key = resolve_article(connection, article)["key"]
    else:
        with context.connect_read_only():
            pass  # there is an archive
    with _open_rereading(
        context, outlets, key, dry_run, workers or context.settings.workers, wait
    ) as (one, processes):
        summary = _reread_versions(one, processes, dry_run)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary, dry_run)


@contextmanager
def _open_rereading(
    context: Context,
    outlets: tuple[str, ...],
    article: str,
    dry_run: bool,
    worker_count: int,
    wait: bool,
) -> Iterator[tuple[Rereading, WorkerPool]]:
    """The archive, held as every writer holds it (not where nothing is written), and processes that read."""
    from harvester.archive.connection import (
        Archive,
        open_reader,
        translate_sqlite_errors,
    )
    from harvester.archive.lock import Lock, LockHolder
    from harvester.ingest.reread import Rereading
    from harvester.schedule.times import format_time
    from harvester.workers.pool import WorkerPool

    settings, at = context.settings, format_time(utc_now())
    lock = Lock(settings.archive)
    if not dry_run:
        lock.acquire(
            LockHolder(os.getpid(), "harvest reread", at),
            wait,
            lambda holder: print_note(f"waiting for {holder}"),
        )
    processes: WorkerPool = WorkerPool(worker_count, settings.limits.read_time)
    try:
        with translate_sqlite_errors(settings.archive):
            archive = (
                None if dry_run else Archive.open(settings.archive, settings.captures)
            )
            with closing(
                archive.connection if archive else open_reader(settings.archive)
            ) as connection:
                yield (
                    Rereading(
                        connection,
                        settings,
                        at,
                        outlets,
                        article,
                        worker_count,
                        archive.begin if archive else None,
                    ),
                    processes,
                )
    finally:
        processes.close()
        lock.release()


def _reread_versions(
    rereading: Rereading, workers: WorkerPool, dry_run: bool
) -> dict[str, Any]:
    """Read all; what was read is committed every few seconds, and when it is interrupted."""
    total, progress = rereading.count_stale(), Progress("versions read")
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
        for done, again in enumerate(rereading.run(workers.submit), 1):
            _add_result(summary, again)
            progress.update(done, total)
            if not dry_run and time.monotonic() - committed > COMMIT_INTERVAL_SECONDS:
                rereading.commit()
                committed = time.monotonic()
    finally:
        progress.clear()
        if not dry_run:
            rereading.commit()
    return summary


def _add_result(summary: dict[str, Any], result: RereadResult) -> None:
    named = {
        "article": result.article,
        "version": result.number,
        "outlet": result.outlet,
    }
    if result.problem:
        summary["left"] += 1
        if len(summary["problems"]) < MAX_LISTED:
            summary["problems"].append({**named, "problem": result.problem})
        return
    summary["read"] += 1
    if result.changed_fields:
        summary["changed"] += 1
        if len(summary["differ"]) < MAX_LISTED:
            before, after = result.word_counts
            differing = {
                "title": result.title,
                "differ": list(result.changed_fields),
                "words": [before, after],
            }
            summary["differ"].append({**named, **differing})


def _print_summary(summary: dict[str, Any], dry_run: bool) -> None:
    if not summary["versions"]:
        print_text("all that was kept is read as it would be read today")
        return
    read = "would read" if dry_run else "read"
    print_text(
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
        print_text(
            format_table(rows, ["article", "version", "differ", "words", "title"])
        )
        if summary["changed"] > len(rows):
            print_text("…")
    if summary["left"]:
        print_note(f"{summary['left']} were left as they were, such as:")
        for one in summary["problems"][:3]:
            print_note(
                f"  {one['article']}, version {one['version']}: {clean(one['problem'])}"
            )
