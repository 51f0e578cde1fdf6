"""``harvest changes``: what was edited, removed and returned, of all articles."""

from __future__ import annotations

import click

from harvester.cli.context import Context, Since, known_outlet, pass_context
from harvester.cli.output import at, note, print_csv, print_json, print_lines, say, table

KINDS = ("edited", "headline", "removed", "returned", "paywalled")
COLUMNS = ("article", "outlet", "kind", "at", "title", "url", "before", "after", "back", "note")


@click.command()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@click.option("--since", type=Since(), default=None, help="Since a day, a time, or how long ago ('2 days').")
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Only of this kind.")
@click.option("--outlet", default="", help="Only of this outlet.")
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@click.option("--csv", "form", flag_value="csv", help="For spreadsheets.")
@pass_context
def changes(context: Context, limit: int, since: str | None, kind: str | None, outlet: str, form: str | None) -> None:
    """List edits, new headlines, removals, returns and articles put behind a paywall, newest first."""
    from harvester.archive import read
    from harvester.identity.url import mask

    with context.reading() as connection:
        found = read.changes(
            connection, limit=limit, since=since or "", kind=kind or "", outlet=known_outlet(connection, outlet)
        )
    records = [{**record, "url": mask(record["url"])} for record in found]
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    elif form == "csv":
        print_csv(records, COLUMNS)
    elif not records:
        note("nothing was changed, removed or returned" + (" since then" if since else " so far"))
    else:
        rows = [[at(one["at"]), one["kind"], one["outlet"], one["article"], one["title"]] for one in records]
        say(table(rows, ["at", "kind", "outlet", "article", "title"]))
