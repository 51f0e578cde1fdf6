"""``harvest split``: what was wrongly taken for one article is parted."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import click

from harvester.cli.article import ARTICLE
from harvester.cli.context import Context, now, pass_context, resolve
from harvester.cli.output import clean, print_json, say


@click.command(
    help=f"""Undo a merge that was wrong: make some of an article's addresses or versions an article of their own.

ARTICLE: {ARTICLE}

ADDRESS|VERSION: addresses, or versions by number or beginning of their sha256. An address takes the versions with it that were
received there. Without any, what became part of the article last is parted again, under the key that it had.
The two are not joined again."""
)
@click.argument("article")
@click.argument("named", nargs=-1, metavar="[ADDRESS|VERSION]…")
@click.option(
    "--dry-run", is_flag=True, help="Say what would become of it; change nothing."
)
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds the archive."
)
@click.option("--json", "as_json", is_flag=True, help="A list of the two articles.")
@pass_context
def split(
    context: Context,
    article: str,
    named: tuple[str, ...],
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Part what is not one article."""
    from harvester.archive.connection import Archive, translated
    from harvester.archive.lock import Holder, Lock
    from harvester.cli.output import note
    from harvester.schedule.times import written

    with context.reading() as connection:
        key = resolve(connection, article)["key"]
    settings, at = context.settings, written(now())
    lock = Lock(settings.archive)
    lock.acquire(
        Holder(os.getpid(), "harvest split", at),
        wait,
        lambda holder: note(f"waiting for {holder}"),
    )
    try:
        with (
            translated(settings.archive),
            closing(Archive.open(settings.archive, settings.captures)) as archive,
        ):
            found = _part(archive, key, named, at)
            if not dry_run:
                archive.commit()
    finally:
        lock.release()
    if as_json:
        print_json(found)
    else:
        _print(found, dry_run)


def _part(
    archive: Any, key: str, named: tuple[str, ...], at: str
) -> list[dict[str, Any]]:
    from harvester.archive.merging import split
    from harvester.archive.records import articles
    from harvester.identity.urls import mask
    from harvester.ingest import join, split_article

    archive.begin()
    row = articles.article(archive.connection, key)
    assert row is not None
    parted = split_article.parted(archive.connection, row, named)
    join.compare(
        archive.connection, split.part(archive.connection, key, parted, at), at
    )
    found = split.described(archive.connection, [key, parted.key])
    return [{**one, "urls": [mask(url) for url in one["urls"]]} for one in found]


def _print(found: list[dict[str, Any]], dry_run: bool) -> None:
    for one, word in zip(
        found,
        ("stays", "would be of its own" if dry_run else "is of its own now"),
        strict=True,
    ):
        say(
            f"{one['article']} {word}: {len(one['versions'])} version{'s' if len(one['versions']) != 1 else ''}"
        )
        for url in one["urls"]:
            say(f"  {clean(url)}")
        for version in one["versions"]:
            say(
                f"  {version['number']}  {version['sha256'][:12]}  {clean(version['title'])}"
            )
