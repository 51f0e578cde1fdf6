"""``harvest changes``: edits, removals, what feeds changed; and how outlets edit."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from harvester.archive.records.event_ids import ANNOUNCED, CHANGE_CLASSES, CHANGE_KINDS
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_timestamp,
)
from harvester.cli.options import (
    POSITIVE_INT,
    TimeParamType,
    csv_form_option,
    json_form_option,
    nl_form_option,
)
from harvester.cli.output import (
    describe_count,
    display_time,
    format_table,
    print_note,
    print_records,
    print_text,
)

REMOVAL_KINDS = ("suspect", "removed", "returned")  # kinds that come with evidence
CSV_COLUMNS = (
    "article",
    "outlet",
    "kind",
    "class",
    "size",
    "silent",
    "at",
    "title",
    "url",
    "before",
    "after",
    "back",
    "note",
)


class ChangeClassChoice(click.Choice[str]):
    """A class of change; a hyphen may replace the space in its name."""

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name of the class."""
        return str(super().convert(value.replace("-", " "), param, ctx))


@click.command()
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=20,
    show_default=True,
    help="Maximum number of changes.",
)
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only changes since a day, a time, or for a duration ('2 days').",
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(CHANGE_KINDS),
    multiple=True,
    help="Only this kind; may be repeated.",
)
@click.option(
    "--class",
    "classes",
    type=ChangeClassChoice(CHANGE_CLASSES),
    multiple=True,
    help="Only edits of this class; may be repeated.",
)
@click.option(
    "--silent/--admitted",
    "silent",
    default=None,
    help="Only unacknowledged edits, or only acknowledged ones.",
)
@click.option(
    "--outlet",
    "outlets",
    multiple=True,
    help="Only this outlet; may be repeated.",
)
@click.option(
    "--by",
    type=click.Choice(["outlet"]),
    default=None,
    help="Count edits by class, and unacknowledged ones, for each outlet.",
)
@json_form_option
@nl_form_option
@csv_form_option
@click.option("--atom", "form", flag_value="atom", help="Print an Atom feed.")
@pass_context
def changes(
    context: Context,
    limit: int,
    since: str | None,
    kinds: tuple[str, ...],
    classes: tuple[str, ...],
    silent: bool | None,
    outlets: tuple[str, ...],
    by: str | None,
    form: str | None,
) -> None:
    """List edits, removals, returns, paywalls, and what feeds changed.

    The newest come first. A headline or teaser that was changed in the feed alone is of
    the kind `announced`.

    Example: `harvest changes --silent --since '2 days'`
    """
    from harvester.archive.queries import article_pages
    from harvester.archive.records import changes
    from harvester.identity.urls import mask_secrets

    with context.connect_read_only() as connection:
        outlets = require_archived_outlets(connection, outlets)
        if by:
            counts = [
                record
                for outlet in sorted(set(outlets)) or [""]
                for record in changes.count_edits_by_outlet(
                    connection, outlet, since or ""
                )
            ]
            _print_outlet_counts(counts, form)
            return
        records = article_pages.list_changes(
            connection,
            limit=limit,
            since=since or "",
            kinds=kinds,
            outlets=outlets,
            classes=classes,
            silent=silent,
        )
        if kinds and set(kinds) <= set(REMOVAL_KINDS):
            records = _add_evidence(connection, records, since or "")
    if form == "atom":
        _print_atom(context, records, kinds)
        return
    records = [{**record, "url": mask_secrets(record["url"])} for record in records]
    if print_records(records, form, CSV_COLUMNS):
        return
    if records:
        _print_table(records)
        if len(records) == limit:
            print_note(describe_count(limit, limit, "change"))
    elif kinds or classes or silent is not None:
        print_note("no matching changes")
    else:
        print_note("no changes since then" if since else "no changes yet")


def _print_table(records: list[dict[str, Any]]) -> None:
    rows = [
        [
            display_time(record["at"]),
            _describe_kind(record),
            record["class"] or "",
            _describe_silence(record["silent"]),
            record["outlet"],
            record["article"] or "",
            record["title"],
        ]
        for record in records
    ]
    headers = ["at", "kind", "class", "acknowledged", "outlet", "article", "title"]
    print_text(format_table(rows, headers))


def _describe_kind(record: dict[str, Any]) -> str:
    if record["kind"] == ANNOUNCED:
        names = {"title": "headline", "summary": "teaser"}
        return f"{ANNOUNCED}: {', '.join(names[name] for name in record['fields'])}"
    if not record["back"]:
        return str(record["kind"])
    return f"{record['kind']}, back to version {record['after']}"


def _add_evidence(
    connection: sqlite3.Connection, records: list[dict[str, Any]], since: str
) -> list[dict[str, Any]]:
    """Add the evidence to removals and returns."""
    from harvester.archive.records import looks

    names = ("last_stood", "first_miss", "evidence")
    evidence = {
        (row["article"], row["at"]): {name: row[name] for name in names}
        for kind, outlet in {(record["kind"], record["outlet"]) for record in records}
        for row in looks.list_removals(
            connection, limit=len(records), since=since, kind=kind, outlet=outlet
        )
    }
    return [
        {
            **record,
            **evidence.get((record["article"], record["at"]), dict.fromkeys(names)),
        }
        for record in records
    ]


def _print_atom(
    context: Context, records: list[dict[str, Any]], kinds: tuple[str, ...]
) -> None:
    from harvester import atom
    from harvester.archive.queries import removals
    from harvester.identity.urls import mask_secrets

    title = removals.FEED_TITLES.get(" ".join(kinds), "What changed")
    name = " ".join((str(context.archive_path.resolve()), *(kinds or [""])))
    entries = [removals.to_feed_entry(record, mask_secrets) for record in records]
    click.echo(atom.render_feed(title, name, entries, utc_timestamp()), nl=False)


def _describe_silence(silent: bool | None) -> str:
    return "" if silent is None else "no" if silent else "yes"


def _print_outlet_counts(counts: list[dict[str, Any]], form: str | None) -> None:
    """Print how each outlet edits."""
    if form in ("json", "nl"):
        print_records(counts, form)
        return
    columns: tuple[str, ...] = ("outlet", "articles", "edits", "silent", "silent_share")
    rows = [
        {
            **{name: outlet[name] for name in columns},
            **{
                name: outlet["classes"].get(name, {"edits": 0})["edits"]
                for name in CHANGE_CLASSES
            },
        }
        for outlet in counts
    ]
    columns += CHANGE_CLASSES
    if print_records(rows, form, columns):
        return
    if rows:
        cells = [[row[name] for name in columns] for row in rows]
        print_text(format_table(cells, [name.replace("_", " ") for name in columns]))
    else:
        print_note("no edits yet")
