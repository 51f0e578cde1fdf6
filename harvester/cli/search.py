"""``harvest search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harvester.cli.context import MANY, Context, Since, known_outlet, pass_context
from harvester.cli.output import (
    at,
    clean,
    note,
    print_csv,
    print_json,
    print_lines,
    say,
)

if TYPE_CHECKING:
    from harvester.archive.queries.search import Hit

COLUMNS = (
    "article",
    "version",
    "outlet",
    "url",
    "title",
    "authors",
    "published",
    "first_seen",
    "language",
    "snippet",
    "latest",
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@click.option("--csv", "form", flag_value="csv", help="For spreadsheets.")
@click.option(
    "--limit", type=MANY, default=20, show_default=True, help="At most so many hits."
)
@click.option("--outlet", default="", help="Only of this outlet.")
@click.option(
    "--since",
    type=Since(),
    default=None,
    help="Only wordings first seen since a day, a time, or '2 days'.",
)
@click.option(
    "--newest/--rank",
    default=True,
    help="Newest first (default), or the best of the newest 2,000.",
)
@click.option(
    "--current",
    "which",
    flag_value="current",
    help="Only wordings that stand there now.",
)
@click.option(
    "--all-versions",
    "which",
    flag_value="all",
    help="A hit for every wording, not one an article.",
)
@click.option(
    "--unique",
    is_flag=True,
    help="Of articles with the same report only the one seen first.",
)
@pass_context
def search(
    context: Context,
    query: tuple[str, ...],
    form: str | None,
    limit: int,
    outlet: str,
    since: str | None,
    newest: bool,
    which: str | None,
    unique: bool,
) -> None:
    """Search all versions of all articles.

    Words are joined by AND. Also: "a phrase", begin*, OR, NOT (or -word), brackets. Accents do not matter.
    Words of scripts written without spaces are found within others too, in the newest wordings.
    """
    from harvester.archive.queries import cjk, search

    for word in query:
        if word.startswith("--") and word[2:3].isalpha():
            raise click.NoSuchOption(word, possibilities=_options(word))
    with context.reading() as connection:
        hits = search.search(
            connection,
            " ".join(query),
            limit=limit,
            outlet=known_outlet(connection, outlet),
            since=since or "",
            rank=not newest,
            which="current"
            if which == "current"
            else "all"
            if which == "all"
            else "articles",
            unique=unique,
        )
    if cjk.has(" ".join(query)):
        note(cjk.told(" ".join(query)))
    records = [_masked(hit) for hit in hits]
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    elif form == "csv":
        print_csv(records, COLUMNS)
    else:
        _print(hits)


def _options(word: str) -> list[str]:
    import difflib

    known = [
        name
        for option in search.params
        for name in option.opts
        if name.startswith("--")
    ]
    return difflib.get_close_matches(word, known, 2)


def _masked(hit: Hit) -> dict[str, object]:
    from harvester.identity.urls import mask

    return {**hit.record(), "url": mask(hit.url)}


def _print(hits: list[Hit]) -> None:
    from harvester.archive.queries.search import BEGIN, END
    from harvester.identity.urls import mask

    for hit in hits:
        old = "" if hit.latest else click.style("  (an earlier wording)", fg="yellow")
        old += (
            "" if hit.kind == "article" else click.style(f"  ({hit.kind})", fg="yellow")
        )
        say(f"{click.style(clean(hit.title), bold=True)}{old}")
        by = f", {clean(', '.join(hit.authors))}" if hit.authors else ""
        say(
            f"  {hit.article} version {hit.version}  {clean(hit.outlet)}  {at(hit.published or hit.first_seen)}{by}"
        )
        parts = hit.marked.replace(END, BEGIN).split(BEGIN)
        line = "".join(
            click.style(_spaced(part), fg="red", bold=True)
            if place % 2
            else _spaced(part)
            for place, part in enumerate(parts)
        )
        say(f"  {line.strip()}")
        say(f"  {click.style(clean(mask(hit.url)), dim=True)}")
        say()
    note(f"{len(hits)} hit{'' if len(hits) == 1 else 's'}" if hits else "nothing found")


def _spaced(part: str) -> str:
    """Cleaned, with the spaces at its ends kept."""
    return f"{' ' if part[:1] == ' ' else ''}{clean(part)}{' ' if part[-1:] == ' ' and part.strip() else ''}"
