"""``harvest watch``: articles that are checked more often at a person's request."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from typing import Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    resolve_article,
    utc_now,
    utc_timestamp,
)
from harvester.cli.options import ARTICLE_HELP, list_options
from harvester.cli.output import (
    display_time,
    format_table,
    print_json,
    print_note,
    print_records,
    print_text,
)

CSV_COLUMNS = ("article", "outlet", "looks", "due", "until", "url", "title")


@click.command(
    help=f"""Check an article often, at least once a day.

This overrides `revisit`, and works while `harvest run` is running.

{ARTICLE_HELP}

Examples: `harvest watch 3f2a91 --for '7 days'`, `harvest watch --list`"""
)
@click.argument("article", required=False)
@click.option(
    "--for",
    "length",
    default="30 days",
    show_default=True,
    metavar="DURATION",
    help="How long to watch it.",
)
@click.option("--stop", is_flag=True, help="Stop watching it.")
@click.option("--list", "listing", is_flag=True, help="List the watched articles.")
@list_options
@pass_context
def watch(
    context: Context,
    article: str | None,
    length: str,
    stop: bool,
    listing: bool,
    form: str | None,
) -> int:
    """Check an article often."""
    if listing == (article is not None) or (listing and stop):
        raise click.UsageError("give an article, or --list")
    if article is None:
        return _print_watches(context, form)
    from harvester.archive.records import looks
    from harvester.identity.urls import mask_secrets
    from harvester.identity.urns import is_urn
    from harvester.schedule.times import format_time
    from harvester.settings import parse_duration

    try:
        now, seconds = utc_now(), parse_duration(length)
        until = format_time(now + timedelta(seconds=seconds))
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from error
    with context.connect_read_only() as connection:
        row = resolve_article(connection, article)
    key, was_watched = row["key"], False
    if is_urn(row["reached"]) and not stop:
        raise click.UsageError(
            f"{key} stands in its feed alone, and is compared at each poll of it"
        )
    with _open_for_writing(context) as connection:
        if stop:
            was_watched = looks.delete_watch(connection, key)
        else:
            looks.add_watch(connection, key, format_time(now), until)
    record: dict[str, Any] = {
        "article": key,
        "url": mask_secrets(row["url"]),
        "watched": not stop,
        "until": None if stop else until,
    }
    if form == "json":
        print_json(record)
    elif print_records([record], form):
        pass
    elif not stop:
        print_text(
            f"{key} is watched until {display_time(until)} UTC; its first check is due now"
        )
    elif was_watched:
        print_text(f"{key} is no longer watched")
    else:
        print_text(f"{key} was not watched")
    return 1


def _print_watches(context: Context, form: str | None) -> int:
    from harvester.archive.records import looks
    from harvester.identity.urls import mask_secrets

    with context.connect_read_only() as connection:
        records = [
            {**watch, "url": mask_secrets(watch["url"])}
            for watch in looks.list_watches(connection, utc_timestamp())
        ]
    if print_records(records, form, CSV_COLUMNS):
        return len(records)
    if not records:
        print_note("no articles are watched; `harvest watch ARTICLE` adds one")
        return 0
    rows = [
        [
            record["article"],
            record["outlet"],
            record["looks"],
            display_time(record["due"]),
            display_time(record["until"]),
            record["title"],
        ]
        for record in records
    ]
    headers = ["article", "outlet", "checks", "next check", "until", "title"]
    print_text(format_table(rows, headers))
    return len(records)


@contextmanager
def _open_for_writing(context: Context) -> Iterator[sqlite3.Connection]:
    """Open the archive for one short write, even while the daemon is running.

    The daemon has migrated the archive, and its transactions take a second at most.
    """
    from harvester.archive.connection import Archive
    from harvester.archive.sqlite_errors import translate_sqlite_errors
    from harvester.archive.writer_lock import get_lock_holder

    path = context.settings.archive
    with ExitStack() as stack:
        if get_lock_holder(path) is None:
            stack.enter_context(context.hold_lock("harvest watch", utc_timestamp()))
        stack.enter_context(translate_sqlite_errors(path))
        archive = stack.enter_context(closing(Archive.open(path)))
        archive.begin()
        yield archive.connection
        archive.commit()
