"""``harvest split``: undoes a merge of two articles into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    resolve_article,
    utc_timestamp,
)
from harvester.cli.options import ARTICLE_HELP, wait_option
from harvester.cli.output import clean, pluralize, print_json, print_text

if TYPE_CHECKING:
    from harvester.archive.connection import Archive


@click.command(
    help=f"""Split off part of an article as another article.

This undoes a wrong merge; the two are not merged again.

{ARTICLE_HELP}

ADDRESS|VERSION: addresses, or versions by number or prefix of their sha256. An address
takes along the versions received there. Without any, the most recent merge is undone:
what it added becomes an article again, with its former key.

Examples: `harvest split 3f2a91 https://example.org/news/other --dry-run`,
`harvest split 3f2a91 https://example.org/news/other`"""
)
@click.argument("article")
@click.argument("named", nargs=-1, metavar="[ADDRESS|VERSION]…")
@click.option("--dry-run", is_flag=True, help="Show what would result; change nothing.")
@wait_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list of the two articles."
)
@pass_context
def split(
    context: Context,
    article: str,
    named: tuple[str, ...],
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Split an article in two."""
    with context.connect_read_only() as connection:
        key = resolve_article(connection, article)["key"]
    at = utc_timestamp()
    with context.open_for_writing("harvest split", at, wait) as archive:
        articles = _split_article(archive, key, named, at)
        if not dry_run:
            archive.commit()
    if as_json:
        print_json(articles)
    else:
        _print_articles(articles, dry_run)


def _split_article(
    archive: Archive, key: str, selectors: tuple[str, ...], at: str
) -> list[dict[str, Any]]:
    from harvester.archive.merging import split
    from harvester.archive.records import articles
    from harvester.identity.urls import mask_secrets
    from harvester.ingest import join, split_article

    connection = archive.connection
    archive.begin()
    row = articles.get_article(connection, key)
    assert row is not None
    plan = split_article.plan_split(connection, row, selectors)
    neighbours = split.split_article(connection, key, plan, at)
    join.compare_neighbours(connection, neighbours, at)
    summaries = split.list_article_summaries(connection, [key, plan.new_key])
    return [
        {**summary, "urls": [mask_secrets(url) for url in summary["urls"]]}
        for summary in summaries
    ]


def _print_articles(articles: list[dict[str, Any]], dry_run: bool) -> None:
    verbs = ("keeps", "would get" if dry_run else "has now")
    for article, verb in zip(articles, verbs, strict=True):
        versions = pluralize(len(article["versions"]), "version")
        print_text(f"{article['article']} {verb} {versions}")
        for url in article["urls"]:
            print_text(f"  {clean(url)}")
        for version in article["versions"]:
            title = clean(version["title"])
            print_text(f"  {version['number']}  {version['sha256'][:12]}  {title}")
