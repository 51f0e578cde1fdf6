"""``harvest changes``: what was edited, removed and returned, of all articles; and how outlets edit."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from harvester.cli.context import MANY, Context, Since, known_outlet, now, pass_context
from harvester.cli.output import (
    at,
    note,
    print_csv,
    print_json,
    print_lines,
    say,
    table,
)

KINDS = ("edited", "headline", "back", "suspect", "removed", "returned", "paywalled")
LEDGER = ("suspect", "removed", "returned")  # kinds that come with their evidence
CLASSES = ("correction", "substantive", "headline", "typo", "date line", "cosmetic")
COLUMNS = (
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


class ChangeClass(click.Choice[str]):
    """A class of change; the space of its name may be a hyphen."""

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Its name."""
        return str(super().convert(value.replace("-", " "), param, ctx))


@click.command()
@click.option(
    "--limit", type=MANY, default=20, show_default=True, help="At most so many."
)
@click.option(
    "--since",
    type=Since(),
    default=None,
    help="Since a day, a time, or how long ago ('2 days').",
)
@click.option(
    "--kind", type=click.Choice(KINDS), default=None, help="Only of this kind."
)
@click.option(
    "--class",
    "classes",
    type=ChangeClass(CLASSES),
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
    from harvester.identity.urls import mask

    with context.reading() as connection:
        outlet = known_outlet(connection, outlet)
        if by:
            _print_counts(changes.by_outlet(connection, outlet, since or ""), form)
            return
        found = article_pages.changes(
            connection,
            limit=limit,
            since=since or "",
            kind=kind or "",
            outlet=outlet,
            classes=classes,
            silent=silent,
        )
        found = _with_evidence(connection, found, kind or "", since or "", outlet)
    if form == "atom":
        _print_atom(context, found, kind or "")
        return
    records = [{**record, "url": mask(record["url"])} for record in found]
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    elif form == "csv":
        print_csv(records, COLUMNS)
    elif not records:
        narrowed = kind or classes or silent is not None
        note(
            "nothing of that kind"
            if narrowed
            else "nothing was changed, removed or returned"
            + (" since then" if since else " so far")
        )
    else:
        rows = [
            [
                at(one["at"]),
                _kind(one),
                one["class"] or "",
                _said(one["silent"]),
                one["outlet"],
                one["article"],
                one["title"],
            ]
            for one in records
        ]
        say(
            table(rows, ["at", "kind", "class", "silent", "outlet", "article", "title"])
        )


def _with_evidence(
    connection: sqlite3.Connection,
    found: list[dict[str, Any]],
    kind: str,
    since: str,
    outlet: str,
) -> list[dict[str, Any]]:
    """Removals and returns with what was seen, where only these were asked for."""
    if kind not in LEDGER:
        return found
    from harvester.archive.records import looks

    rows = looks.removals(
        connection, limit=len(found) or 1, since=since, kind=kind, outlet=outlet
    )
    names = ("last_stood", "first_miss", "evidence")
    known = {
        (row["article"], row["at"]): {name: row[name] for name in names} for row in rows
    }
    return [
        {**one, **known.get((one["article"], one["at"]), dict.fromkeys(names))}
        for one in found
    ]


def _print_atom(context: Context, found: list[dict[str, Any]], kind: str) -> None:
    from harvester import atom
    from harvester.archive.queries import removals
    from harvester.identity.urls import mask
    from harvester.schedule.times import written

    title = removals.TITLES.get(kind, "What changed")
    name = f"{context.settings.archive.resolve()} {kind}"
    told = [removals.told(one, mask) for one in found]
    click.echo(atom.feed(title, name, told, written(now())), nl=False)


def _kind(record: dict[str, Any]) -> str:
    return f"{record['kind']}, back" if record["back"] else str(record["kind"])


def _said(silent: bool | None) -> str:
    return "" if silent is None else "silent" if silent else "admitted"


def _print_counts(found: list[dict[str, Any]], form: str | None) -> None:
    """How outlets edit, a row an outlet."""
    if form == "json":
        print_json(found)
    elif form == "nl":
        print_lines(found)
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
                    for name in CLASSES
                },
            }
            for one in found
        ]
        columns = ("outlet", "articles", "edits", "silent", "silent_share", *CLASSES)
        if form == "csv":
            print_csv(rows, columns)
        elif not rows:
            note("no edits are held")
        else:
            say(table([[row[name] for name in columns] for row in rows], list(columns)))
