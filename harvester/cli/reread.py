"""``harvest reread``: reads stored captures again as they would be read today."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_configured_outlets,
    resolve_article,
    utc_timestamp,
)
from harvester.cli.options import json_object_option, wait_option
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.ingest.reread import Rereading, RereadResult
    from harvester.workers.pool import WorkerPool

COMMIT_INTERVAL_SECONDS = 2.0  # what is read within it is read again after a crash
MAX_LISTED = 30  # versions that read differently, or could not be read


@click.command()
@click.argument(
    "outlets", nargs=-1, metavar="[OUTLET]…", shell_complete=complete_outlets
)
@click.option(
    "--article",
    default="",
    metavar="ARTICLE",
    help="Only this article: a key, a prefix of one, or a URL.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would read differently; change nothing."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    show_default="as in the settings",
    help="Number of worker processes.",
)
@wait_option
@json_object_option
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
    """Read stored captures again, with today's rules.

    Profiles are today's too. Versions then show today's reading; their numbers and
    times stay, and no edits are recorded. What was already read this way is skipped, so
    an interrupted run continues where it stopped.

    Examples: `harvest reread courier --dry-run`, `harvest reread`
    """
    require_configured_outlets(outlets, list(context.settings.outlets))
    key = ""
    with context.connect_read_only() as connection:
        if article:
            key = resolve_article(connection, article)["key"]
    with _open_rereading(
        context, outlets, key, dry_run, workers or context.settings.workers, wait
    ) as (rereading, pool):
        summary = _reread_versions(rereading, pool, dry_run)
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
    """The rereading, and worker processes; locked unless nothing is written."""
    from harvester.archive.connection import open_reader
    from harvester.archive.sqlite_errors import translate_sqlite_errors
    from harvester.ingest.reread import Rereading
    from harvester.workers.pool import WorkerPool

    settings, at = context.settings, utc_timestamp()
    with ExitStack() as stack:
        begin = None
        if dry_run:
            stack.enter_context(translate_sqlite_errors(settings.archive))
            connection = stack.enter_context(closing(open_reader(settings.archive)))
        else:
            archive = stack.enter_context(
                context.open_for_writing("harvest reread", at, wait)
            )
            connection, begin = archive.connection, archive.begin
        workers = stack.enter_context(
            closing(WorkerPool(worker_count, settings.limits.read_time))
        )
        rereading = Rereading(
            connection, settings, at, outlets, article, worker_count, begin
        )
        yield rereading, workers


def _reread_versions(
    rereading: Rereading, workers: WorkerPool, dry_run: bool
) -> dict[str, Any]:
    """Read all; commit every few seconds, and when interrupted."""
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
        for done, result in enumerate(rereading.run(workers.submit), 1):
            _add_result(summary, result)
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
    version = {
        "article": result.article,
        "version": result.number,
        "outlet": result.outlet,
    }
    if result.problem:
        summary["left"] += 1
        if len(summary["problems"]) < MAX_LISTED:
            summary["problems"].append({**version, "problem": result.problem})
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
            summary["differ"].append({**version, **differing})


def _print_summary(summary: dict[str, Any], dry_run: bool) -> None:
    if not summary["versions"]:
        print_text("up to date: nothing to read again")
        return
    verb = "would read" if dry_run else "read"
    versions = pluralize(summary["versions"], "version")
    print_text(
        f"{summary['read']} of {versions} read again: "
        f"{summary['changed']} {verb} differently"
    )
    if summary["differ"]:
        rows = [
            [
                version["article"],
                version["version"],
                ", ".join(version["differ"]),
                f"{version['words'][0]} → {version['words'][1]}",
                version["title"],
            ]
            for version in summary["differ"]
        ]
        headers = ["article", "version", "differ", "words", "title"]
        print_text(format_table(rows, headers))
        if summary["changed"] > len(rows):
            print_text("…")
    if summary["left"]:
        print_note(f"{pluralize(summary['left'], 'version')} left unchanged, such as:")
        for version in summary["problems"][:3]:
            print_note(
                f"  {version['article']}, version {version['version']}: "
                f"{clean(version['problem'])}"
            )
