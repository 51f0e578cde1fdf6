"""``harvest feed``: a feed of what a query finds, for any feed reader."""

from __future__ import annotations

from pathlib import Path

import click

from harvester.archive.records.event_ids import CHANGE_KINDS
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_now,
)
from harvester.cli.feeds import link_option
from harvester.cli.options import QueryCommand, limit_option, outlets_option


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@click.option("--changes", is_flag=True, help="Of changes, instead of new articles.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(CHANGE_KINDS),
    multiple=True,
    help="Of changes of this kind; may be repeated.",
)
@click.option("--silent", is_flag=True, help="Of unacknowledged edits alone.")
@outlets_option
@limit_option(50, "entries")
@click.option("--json-feed", is_flag=True, help="Print a JSON Feed instead of Atom.")
@link_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write to a file, which is replaced when the feed is complete.",
)
@pass_context
def feed(
    context: Context,
    query: tuple[str, ...],
    changes: bool,
    kinds: tuple[str, ...],
    silent: bool,
    outlets: tuple[str, ...],
    limit: int,
    json_feed: bool,
    link: str,
    output: Path | None,
) -> None:
    """Print a feed of what a query finds.

    QUERY is that of `harvest search`. An entry has the difference in it, and keeps its
    id. Without QUERY, the feed is of all changes.

    Examples: `harvest feed 'flood* outlet:courier' -o floods.xml`,
    `harvest feed --silent 'minister' --json-feed`
    """
    from harvester.archive.queries.changes import ChangeFilter, list_changes
    from harvester.archive.queries.search import search
    from harvester.cli import feeds
    from harvester.cli.output_file import redirect_output
    from harvester.query import parse_query
    from harvester.query.tree import narrow
    from harvester.render import feed_entries
    from harvester.schedule.times import format_time

    moment = utc_now()
    now, words = format_time(moment), QueryCommand.join_words(query)
    tree = parse_query(words, moment) if words else None
    form = "json-feed" if json_feed else "atom"
    with (
        context.connect_read_only() as connection,
        redirect_output(output, overwrite=True),
    ):
        outlets = require_archived_outlets(connection, outlets)
        if tree is None or changes or kinds or silent:
            chosen = ChangeFilter(tree, kinds, outlets, silent=silent or None)
            rows = list_changes(connection, chosen, now, limit)
            title = feed_entries.title_changes(chosen, words)
            key = feed_entries.key_changes(chosen, words)
            feeds.print_changes(context, rows, title, key, form, link)
            return
        hits = search(connection, narrow(tree, outlets), now, limit=limit)
        title = feed_entries.title_search(words, outlets)
        key = " ".join(("search", words, *outlets))
        feeds.print_hits(context, hits, title, key, form, link)
