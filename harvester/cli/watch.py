"""``harvest watch``: articles that are looked at more often because a person wants it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import click

from harvester.cli.context import Context, now, pass_context, resolve
from harvester.cli.output import at, note, print_json, print_lines, say, table


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
        _list(context, form)
        return
    from harvester.archive.records import looks
    from harvester.identity.urls import mask
    from harvester.schedule.times import written
    from harvester.settings import duration

    try:
        moment, seconds = now(), duration(length)
        until = written(moment + timedelta(seconds=seconds))
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from error
    with context.reading() as connection:
        row = resolve(connection, article)
    with _writing(context) as connection:
        was = looks.unwatch(connection, row["key"]) if stop else False
        if not stop:
            looks.watch(connection, row["key"], written(moment), until)
    record: dict[str, Any] = {
        "article": row["key"],
        "url": mask(row["url"]),
        "watched": not stop,
        "until": None if stop else until,
    }
    if form:
        print_json(record)
    elif stop:
        say(
            f"{row['key']} is watched no longer"
            if was
            else f"{row['key']} was not watched"
        )
    else:
        say(f"{row['key']} is watched until {at(until)} UTC; the first look is due now")


def _list(context: Context, form: str | None) -> None:
    from harvester.archive.records import looks
    from harvester.identity.urls import mask
    from harvester.schedule.times import written

    with context.reading() as connection:
        records = [
            {**one, "url": mask(one["url"])}
            for one in looks.watches(connection, written(now()))
        ]
    if form == "nl":
        print_lines(records)
    elif form:
        print_json(records)
    elif not records:
        note("no article is watched; `harvest watch ARTICLE` begins")
    else:
        rows = [
            [
                one["article"],
                one["outlet"],
                one["looks"],
                at(one["due"]),
                at(one["until"]),
                one["title"],
            ]
            for one in records
        ]
        say(table(rows, ["article", "outlet", "looks", "next look", "until", "title"]))


@contextmanager
def _writing(context: Context) -> Iterator[sqlite3.Connection]:
    """The archive, for one short write. Beside the daemon too: it writes in transactions of a second at most, and has
    brought the archive's tables up to date."""
    from harvester.archive.connection import Archive, translated
    from harvester.archive.lock import Holder, Lock, held_by
    from harvester.schedule.times import written

    path = context.settings.archive
    lock = Lock(path) if held_by(path) is None else None
    if lock is not None:
        lock.acquire(Holder(os.getpid(), "harvest watch", written(now())))
    try:
        with translated(path), closing(Archive.open(path)) as archive:
            archive.begin()
            yield archive.connection
            archive.commit()
    finally:
        if lock is not None:
            lock.release()
