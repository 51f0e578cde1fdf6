"""``harvest split``: what was wrongly taken for one article is parted."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import click

from harvester.cli.article import ARTICLE_HELP
from harvester.cli.context import Context, pass_context, resolve_article, utc_now
from harvester.cli.output import clean, print_json, print_text


@click.command(
    help=f"""Undo a merge that was wrong: make some of an article's addresses or versions an article of their own.

ARTICLE: {ARTICLE_HELP}

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
    from harvester.archive.connection import Archive, translate_sqlite_errors
    from harvester.archive.lock import Lock, LockHolder
    from harvester.cli.output import print_note
    from harvester.schedule.times import format_time

    with context.connect_read_only() as connection:
        key = resolve_article(connection, article)["key"]
    settings, at = context.settings, format_time(utc_now())
    lock = Lock(settings.archive)
    lock.acquire(
        LockHolder(os.getpid(), "harvest split", at),
        wait,
        lambda holder: print_note(f"waiting for {holder}"),
    )
    try:
        with (
            translate_sqlite_errors(settings.archive),
            closing(Archive.open(settings.archive, settings.captures)) as archive,
        ):
            found = _split_article(archive, key, named, at)
            if not dry_run:
                archive.commit()
    finally:
        lock.release()
    if as_json:
        print_json(found)
    else:
        _print_articles(found, dry_run)


def _split_article(
    archive: Any, key: str, selectors: tuple[str, ...], at: str
) -> list[dict[str, Any]]:
    from harvester.archive.merging import split
    from harvester.archive.records import articles
    from harvester.identity.urls import mask_secrets
    from harvester.ingest import join, split_article

    archive.begin()
    row = articles.get_article(archive.connection, key)
    assert row is not None
    parted = split_article.plan_split(archive.connection, row, selectors)
    join.compare_neighbours(
        archive.connection, split.split_article(archive.connection, key, parted, at), at
    )
    found = split.list_article_summaries(archive.connection, [key, parted.new_key])
    return [
        {**one, "urls": [mask_secrets(url) for url in one["urls"]]} for one in found
    ]


def _print_articles(articles: list[dict[str, Any]], dry_run: bool) -> None:
    for one, word in zip(
        articles,
        ("stays", "would be of its own" if dry_run else "is of its own now"),
        strict=True,
    ):
        print_text(
            f"{one['article']} {word}: {len(one['versions'])} version{'s' if len(one['versions']) != 1 else ''}"
        )
        for url in one["urls"]:
            print_text(f"  {clean(url)}")
        for version in one["versions"]:
            print_text(
                f"  {version['number']}  {version['sha256'][:12]}  {clean(version['title'])}"
            )
