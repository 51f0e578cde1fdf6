"""``harvest watch``: articles that are looked at more often because a person wants it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import click

from harvester.cli.context import Context, pass_context, resolve_article, utc_now
from harvester.cli.output import (
    display_time,
    format_table,
    print_json,
    print_json_lines,
    print_note,
    print_text,
)


@click.command()
@click.argument("article", required=False)
@click.option(
    "--for",
    "length",
    default="30 days",
    show_default=True,
    metavar="DURATION",
    help="For so long.",
)
@click.option("--stop", is_flag=True, help="Watch it no longer.")
@click.option("--list", "listing", is_flag=True, help="The articles that are watched.")
@click.option(
    "--json", "form", flag_value="json", help="JSON: of --list a list, else one object."
)
@click.option("--nl", "form", flag_value="nl", help="Of --list: objects, one a line.")
@pass_context
def watch(
    context: Context,
    article: str | None,
    length: str,
    stop: bool,
    listing: bool,
    form: str | None,
) -> None:
    """Look at an article often, at least once a day, whatever `revisit` says.

    ARTICLE: a key, a unique beginning of one, or any of the article's addresses. Works while `harvest run` runs.
    """
    if listing == (article is not None) or (listing and stop):
        raise click.UsageError("name an article, or ask with --list which are watched")
    if article is None:
        _print_watches(context, form)
        return
    from harvester.archive.records import looks
    from harvester.identity.urls import mask_secrets
    from harvester.schedule.times import format_time
    from harvester.settings import parse_duration

    try:
        moment, seconds = utc_now(), parse_duration(length)
        until = format_time(moment + timedelta(seconds=seconds))
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from error
    with context.connect_read_only() as connection:
        row = resolve_article(connection, article)
    with _open_for_writing(context) as connection:
        was = looks.delete_watch(connection, row["key"]) if stop else False
        if not stop:
            looks.add_watch(connection, row["key"], format_time(moment), until)
    record: dict[str, Any] = {
        "article": row["key"],
        "url": mask_secrets(row["url"]),
        "watched": not stop,
        "until": None if stop else until,
    }
    if form:
        print_json(record)
    elif stop:
        print_text(
            f"{row['key']} is watched no longer"
            if was
            else f"{row['key']} was not watched"
        )
    else:
        print_text(
            f"{row['key']} is watched until {display_time(until)} UTC; the first look is due now"
        )


def _print_watches(context: Context, form: str | None) -> None:
    from harvester.archive.records import looks
    from harvester.identity.urls import mask_secrets
    from harvester.schedule.times import format_time

    with context.connect_read_only() as connection:
        records = [
            {**one, "url": mask_secrets(one["url"])}
            for one in looks.list_watches(connection, format_time(utc_now()))
        ]
    if form == "nl":
        print_json_lines(records)
    elif form:
        print_json(records)
    elif not records:
        print_note("no article is watched; `harvest watch ARTICLE` begins")
    else:
        rows = [
            [
                one["article"],
                one["outlet"],
                one["looks"],
                display_time(one["due"]),
                display_time(one["until"]),
                one["title"],
            ]
            for one in records
        ]
        print_text(
            format_table(
                rows, ["article", "outlet", "looks", "next look", "until", "title"]
            )
        )


@contextmanager
def _open_for_writing(context: Context) -> Iterator[sqlite3.Connection]:
    """The archive, for one short write. Beside the daemon too: it writes in transactions of a second at most, and has
    brought the archive's tables up to date."""
    from harvester.archive.connection import Archive, translate_sqlite_errors
    from harvester.archive.lock import Lock, LockHolder, get_lock_holder
    from harvester.schedule.times import format_time

    path = context.settings.archive
    lock = Lock(path) if get_lock_holder(path) is None else None
    if lock is not None:
        lock.acquire(LockHolder(os.getpid(), "harvest watch", format_time(utc_now())))
    try:
        with translate_sqlite_errors(path), closing(Archive.open(path)) as archive:
            archive.begin()
            yield archive.connection
            archive.commit()
    finally:
        if lock is not None:
            lock.release()
