"""``harvest changes``: edits, removals, what feeds changed; and how outlets edit."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import click

from harvester.archive.records.event_ids import ANNOUNCED, CHANGE_CLASSES, CHANGE_KINDS
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_now,
)
from harvester.cli.feeds import FEED_FORMS, feed_options, print_changes
from harvester.cli.options import (
    QueryCommand,
    TimeParamType,
    limit_option,
    list_options,
    outlets_option,
)
from harvester.cli.output import (
    display_time,
    format_table,
    pluralize,
    print_note,
    print_records,
    print_text,
    table_width,
)
from harvester.cli.table_layout import SHORT_KEY

if TYPE_CHECKING:
    from harvester.archive.queries.changes import Change, ChangeCursor, ChangeFilter

REMOVAL_KINDS = ("suspect", "removed", "returned")  # kinds that come with evidence


class ChangeClassChoice(click.Choice[str]):
    """A class of change; a hyphen may replace the space in its name."""

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name of the class."""
        return str(super().convert(value.replace("-", " "), param, ctx))


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@list_options
@feed_options
@limit_option(20, "changes")
@outlets_option
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
    type=ChangeClassChoice((*CHANGE_CLASSES, "post")),
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
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only changes since a day, a time, or for a duration ('2 days').",
)
@click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only changes up to a day, that day included.",
)
@click.option(
    "--after",
    metavar="CURSOR",
    default="",
    help="Go on behind the last change of a page; its cursor was printed with it.",
)
@click.option(
    "--exact", is_flag=True, help="Words as typed only, not their other forms."
)
@click.option(
    "--by",
    type=click.Choice(["outlet"]),
    default=None,
    help="Count edits by class, and unacknowledged ones, for each outlet.",
)
@pass_context
def changes(
    context: Context,
    query: tuple[str, ...],
    form: str | None,
    limit: int,
    outlets: tuple[str, ...],
    kinds: tuple[str, ...],
    classes: tuple[str, ...],
    silent: bool | None,
    since: str | None,
    until: str | None,
    after: str,
    exact: bool,
    by: str | None,
    link: str,
) -> int:
    """List edits, removals, returns and paywalls.

    The newest come first. A headline or teaser that was changed in the feed alone is of
    the kind `announced`.

    QUERY is that of `harvest search`: words stand in the article before or after the
    change; added: and removed: are words of the edit itself.

    Examples: `harvest changes --silent --since '2 days'`,
    `harvest changes 'removed:"without comment" outlet:mpi' --csv`
    """
    from harvester.archive.queries.changes import ChangeFilter, list_changes
    from harvester.identity.urls import mask_secrets
    from harvester.query import parse_query
    from harvester.render.feed_entries import key_changes, title_changes
    from harvester.render.records import (
        CHANGE_COLUMNS,
        flatten_change,
        make_change_record,
    )
    from harvester.schedule.times import format_time

    if by and (query or kinds or classes or silent is not None or until or after):
        raise click.UsageError(
            "--by counts all edits of each outlet: only --outlet and --since narrow it"
        )
    moment = utc_now()
    words = QueryCommand.join_words(query)
    tree = parse_query(words, moment) if words else None
    cursor = _parse_cursor(after)
    with context.connect_read_only() as connection:
        outlets = require_archived_outlets(connection, outlets)
        if by:
            return _print_outlet_counts(connection, outlets, since or "", form)
        chosen = ChangeFilter(
            tree,
            kinds,
            outlets,
            classes,
            silent,
            since or "",
            until or "",
            cursor,
            exact,
        )
        rows = list_changes(connection, chosen, format_time(moment), limit)
        has_evidence = bool(kinds) and set(kinds) <= set(REMOVAL_KINDS)
        records = [make_change_record(row, mask_secrets, has_evidence) for row in rows]
        notes = []
        if rows or form is None:  # cron mails whatever is printed
            notes = _list_notes(connection, chosen, format_time(moment), rows, limit)
    if form in FEED_FORMS:
        title, key = title_changes(chosen, words), key_changes(chosen, words)
        print_changes(context, rows, title, key, form or "", link)
    elif form in ("csv", "tsv"):
        print_records(list(map(flatten_change, records)), form, CHANGE_COLUMNS)
    elif not print_records(records, form) and records:
        _print_table(records)
    for note in notes:
        print_note(note)
    return len(records)


def _parse_cursor(text: str) -> ChangeCursor | None:
    from harvester.archive.queries.changes import ChangeCursor

    if not text:
        return None
    try:
        return ChangeCursor.parse(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}; the line below the changes has one", param_hint="--after"
        ) from error


def _list_notes(
    connection: sqlite3.Connection,
    chosen: ChangeFilter,
    now: str,
    rows: list[Change],
    limit: int,
) -> list[str]:
    """How many there are and how to go on, or why there are none."""
    from harvester.archive.queries.changes import count_changes
    from harvester.cli.counting import count_in_time

    if not rows:
        return _explain_nothing(connection, chosen, now)
    if len(rows) < limit:
        return []
    total = count_in_time(connection, lambda: count_changes(connection, chosen, now))
    shown = pluralize(len(rows), "change")
    if total == len(rows):
        return [f"{shown}, newest first"]
    shown = (
        f"the first {shown}" if total is None else f"{len(rows)} of {total:,} changes"
    )
    return [f"{shown}, newest first", f"next page: --after {rows[-1].cursor}"]


# Field of the filter → the option that sets it.
_OPTIONS = {
    "kinds": "--kind",
    "outlets": "--outlet",
    "classes": "--class",
    "silent": "--silent or --admitted",
    "since": "--since",
    "until": "--until",
}


def _explain_nothing(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> list[str]:
    """That there are none, and what to try."""
    from dataclasses import replace

    from harvester.archive.queries import no_changes
    from harvester.archive.queries.changes import ChangeFilter
    from harvester.query.text import to_text

    if chosen.after is not None:
        return ["no more changes"]
    if chosen == ChangeFilter():
        return ["no changes yet"]
    if chosen == replace(ChangeFilter(), since=chosen.since):
        return ["no changes since then"]
    explanation = no_changes.explain(connection, chosen, now)
    lines = ["no matching changes"]
    lines += [
        f"no version has {word!r}; did you mean {' or '.join(words)}?"
        for word, words in explanation.proposals.items()
    ]
    for part in explanation.blocking:
        name = _OPTIONS[part] if isinstance(part, str) else to_text(part)
        lines.append(f"without {name} there are matches")
    return lines


def _print_table(records: list[dict[str, Any]]) -> None:
    rows = [
        [
            display_time(record["at"]),
            _describe_change(record),
            record["outlet"],
            _name_version(record),
            record["title"],
        ]
        for record in records
    ]
    headers = ["at", "change", "outlet", "article version", "title"]
    print_text(format_table(rows, headers))


def _name_version(record: dict[str, Any]) -> str:
    """What `harvest diff` takes to show the change; short on a terminal."""
    key = record["article"] or ""
    if table_width() is not None:
        key = key[:SHORT_KEY]
    before, after = record["before"], record["after"]
    if before is None or before == after:
        return key
    # `diff` compares a version with the one of the number before, unless told otherwise.
    return f"{key}@{after}" if before == after - 1 else f"{key}@{before}..{after}"


def _describe_change(record: dict[str, Any]) -> str:
    """The class of an edit, and whether it is silent; else the kind."""
    if record["kind"] == ANNOUNCED:
        names = {"title": "headline", "summary": "teaser"}
        return f"{ANNOUNCED}: {', '.join(names[name] for name in record['fields'])}"
    parts = [record["class"] or record["kind"]]
    if record["silent"]:
        parts.append("silent")
    if record["back"]:
        parts.append(f"back to version {record['after']}")
    return ", ".join(parts)


def _print_outlet_counts(
    connection: sqlite3.Connection,
    outlets: tuple[str, ...],
    since: str,
    form: str | None,
) -> int:
    """Print how each outlet edits; returns how many outlets."""
    from harvester.archive.records import changes

    counts = [
        record
        for outlet in sorted(set(outlets)) or [""]
        for record in changes.count_edits_by_outlet(connection, outlet, since)
    ]
    if form in ("json", "nl"):
        print_records(counts, form)
        return len(counts)
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
        return len(rows)
    if rows:
        cells = [[row[name] for name in columns] for row in rows]
        print_text(format_table(cells, [name.replace("_", " ") for name in columns]))
    else:
        print_note("no edits yet")
    return len(rows)
