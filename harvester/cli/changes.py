"""``harvest changes``: what was edited, removed and returned, of all articles; and how outlets edit."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from harvester.cli.context import (
    POSITIVE_INT,
    Context,
    TimeParamType,
    pass_context,
    require_archived_outlet,
    utc_now,
)
from harvester.cli.output import (
    display_time,
    format_table,
    print_csv,
    print_json,
    print_json_lines,
    print_note,
    print_text,
)

EVENT_KINDS = (
    "edited",
    "headline",
    "back",
    "suspect",
    "removed",
    "returned",
    "paywalled",
)
REMOVAL_KINDS = (
    "suspect",
    "removed",
    "returned",
)  # kinds that come with their evidence
CHANGE_CLASSES = (
    "correction",
    "substantive",
    "headline",
    "typo",
    "date line",
    "cosmetic",
)
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
    """A class of change; the space of its name may be a hyphen."""

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Its name."""
        return str(super().convert(value.replace("-", " "), param, ctx))


@click.command()
@click.option(
    "--limit", type=POSITIVE_INT, default=20, show_default=True, help="At most so many."
)
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Since a day, a time, or how long ago ('2 days').",
)
@click.option(
    "--kind", type=click.Choice(EVENT_KINDS), default=None, help="Only of this kind."
)
@click.option(
    "--class",
    "classes",
    type=ChangeClassChoice(CHANGE_CLASSES),
    multiple=True,
    help="Only edits of this class (several times: of these).",
)
@click.option(
    "--silent/--admitted",
    "silent",
    default=None,
    help="Only edits that the outlet did not admit, or did.",
)
@click.option("--outlet", default="", help="Only of this outlet.")
@click.option(
    "--by",
    type=click.Choice(["outlet"]),
    default=None,
    help="Counts instead: edits by class, and how many were silent.",
)
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@click.option("--csv", "form", flag_value="csv", help="For spreadsheets.")
@click.option(
    "--atom", "form", flag_value="atom", help="An Atom feed, of what is listed."
)
@pass_context
def changes(
    context: Context,
    limit: int,
    since: str | None,
    kind: str | None,
    classes: tuple[str, ...],
    silent: bool | None,
    outlet: str,
    by: str | None,
    form: str | None,
) -> None:
    """List edits, new headlines, removals, returns and articles put behind a paywall, newest first."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import changes
    from harvester.identity.urls import mask_secrets

    with context.connect_read_only() as connection:
        outlet = require_archived_outlet(connection, outlet)
        if by:
            _print_outlet_counts(
                changes.count_edits_by_outlet(connection, outlet, since or ""), form
            )
            return
        found = article_pages.list_changes(
            connection,
            limit=limit,
            since=since or "",
            kind=kind or "",
            outlet=outlet,
            classes=classes,
            silent=silent,
        )
        found = _add_evidence(connection, found, kind or "", since or "", outlet)
    if form == "atom":
        _print_atom(context, found, kind or "")
        return
    records = [{**record, "url": mask_secrets(record["url"])} for record in found]
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    elif form == "csv":
        print_csv(records, CSV_COLUMNS)
    elif not records:
        narrowed = kind or classes or silent is not None
        print_note(
            "nothing of that kind"
            if narrowed
            else "nothing was changed, removed or returned"
            + (" since then" if since else " so far")
        )
    else:
        rows = [
            [
                display_time(one["at"]),
                _format_kind(one),
                one["class"] or "",
                _format_silent(one["silent"]),
                one["outlet"],
                one["article"],
                one["title"],
            ]
            for one in records
        ]
        print_text(
            format_table(
                rows, ["at", "kind", "class", "silent", "outlet", "article", "title"]
            )
        )


def _add_evidence(
    connection: sqlite3.Connection,
    records: list[dict[str, Any]],
    kind: str,
    since: str,
    outlet: str,
) -> list[dict[str, Any]]:
    """Removals and returns with what was seen, where only these were asked for."""
    if kind not in REMOVAL_KINDS:
        return records
    from harvester.archive.records import looks

    rows = looks.list_removals(
        connection, limit=len(records) or 1, since=since, kind=kind, outlet=outlet
    )
    names = ("last_stood", "first_miss", "evidence")
    known = {
        (row["article"], row["at"]): {name: row[name] for name in names} for row in rows
    }
    return [
        {**one, **known.get((one["article"], one["at"]), dict.fromkeys(names))}
        for one in records
    ]


def _print_atom(context: Context, records: list[dict[str, Any]], kind: str) -> None:
    from harvester import atom
    from harvester.archive.queries import removals
    from harvester.identity.urls import mask_secrets
    from harvester.schedule.times import format_time

    title = removals.FEED_TITLES.get(kind, "What changed")
    name = f"{context.settings.archive.resolve()} {kind}"
    told = [removals.to_feed_entry(one, mask_secrets) for one in records]
    click.echo(atom.render_feed(title, name, told, format_time(utc_now())), nl=False)


def _format_kind(record: dict[str, Any]) -> str:
    return f"{record['kind']}, back" if record["back"] else str(record["kind"])


def _format_silent(silent: bool | None) -> str:
    return "" if silent is None else "silent" if silent else "admitted"


def _print_outlet_counts(outlet_counts: list[dict[str, Any]], form: str | None) -> None:
    """How outlets edit, a row an outlet."""
    if form == "json":
        print_json(outlet_counts)
    elif form == "nl":
        print_json_lines(outlet_counts)
    else:
        rows = [
            {
                "outlet": one["outlet"],
                "articles": one["articles"],
                "edits": one["edits"],
                "silent": one["silent"],
                "silent_share": one["silent_share"],
                **{
                    name: one["classes"].get(name, {"edits": 0})["edits"]
                    for name in CHANGE_CLASSES
                },
            }
            for one in outlet_counts
        ]
        columns = (
            "outlet",
            "articles",
            "edits",
            "silent",
            "silent_share",
            *CHANGE_CLASSES,
        )
        if form == "csv":
            print_csv(rows, columns)
        elif not rows:
            print_note("no edits are held")
        else:
            print_text(
                format_table(
                    [[row[name] for name in columns] for row in rows], list(columns)
                )
            )
