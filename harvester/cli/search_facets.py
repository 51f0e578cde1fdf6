"""``harvest search --facet``: how many results each outlet, month, author … has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from harvester.cli.output import clean, pluralize, print_note, print_records, print_text
from harvester.cli.time_limit import interrupt_after

if TYPE_CHECKING:
    import sqlite3

    from harvester.archive.queries.facets import Facets
    from harvester.archive.queries.search import SearchScope
    from harvester.query.tree import Node

MAX_SECONDS = 0.3
CSV_COLUMNS = ("facet", "value", "articles")


def parse_facets(typed: Sequence[str]) -> tuple[str, ...]:
    """Names of facets, several separated by commas. Raises BadParameter."""
    from harvester.archive.queries.facets import FACETS

    names = [name.strip().lower() for text in typed for name in text.split(",")]
    for name in names:
        if name not in FACETS:
            nearest = difflib.get_close_matches(name, FACETS, 1)
            meant = (
                f"did you mean {nearest[0]}?"
                if nearest
                else f"known are {', '.join(FACETS)}"
            )
            raise click.BadParameter(
                f"unknown facet {name!r}; {meant}", param_hint="--facet"
            )
    return tuple(dict.fromkeys(names))


def print_facets(
    connection: sqlite3.Connection,
    tree: Node,
    now: str,
    names: Sequence[str],
    scope: SearchScope,
    exact: bool,
    form: str | None,
) -> int:
    """Print the counts; returns how many there are."""
    from harvester.archive.queries.facets import count_facets

    with interrupt_after(connection, MAX_SECONDS):
        facets = count_facets(connection, tree, now, names, scope, exact)
    records = [value.to_dict() for value in facets.values]
    if not print_records(records, form, CSV_COLUMNS):
        _print_lists(facets)
    _print_notes(facets)
    return len(records)


def _print_lists(facets: Facets) -> None:
    last = ""
    for value in facets.values:
        if value.facet != last:
            if last:
                print_text()
            print_text(click.style(value.facet, bold=True))
            last = value.facet
        print_text(f"{value.articles:>8,}  {clean(value.value) or '(none)'}")


def _print_notes(facets: Facets) -> None:
    if facets.is_complete and not facets.versions:
        print_note("no matches")
    if not facets.is_complete:
        print_note(f"counted in the newest {facets.versions:,} matching versions alone")
    for facet, count in facets.further.items():
        print_note(f"{facet}: {pluralize(count, 'further value')}")
