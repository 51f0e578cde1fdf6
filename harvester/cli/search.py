"""``harvest search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harvester.cli.context import (
    POSITIVE_INT,
    Context,
    TimeParamType,
    pass_context,
    require_archived_outlet,
)
from harvester.cli.output import (
    clean,
    display_time,
    print_csv,
    print_json,
    print_json_lines,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.archive.queries.search import Hit

CSV_COLUMNS = (
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
    "--limit",
    type=POSITIVE_INT,
    default=20,
    show_default=True,
    help="At most so many hits.",
)
@click.option("--outlet", default="", help="Only of this outlet.")
@click.option(
    "--since",
    type=TimeParamType(),
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
            raise click.NoSuchOption(word, possibilities=_similar_options(word))
    with context.connect_read_only() as connection:
        hits = search.search(
            connection,
            " ".join(query),
            limit=limit,
            outlet=require_archived_outlet(connection, outlet),
            since=since or "",
            rank=not newest,
            scope="current"
            if which == "current"
            else "all"
            if which == "all"
            else "articles",
            collapse_duplicates=unique,
        )
    if cjk.has_unspaced_words(" ".join(query)):
        print_note(cjk.describe_scan(" ".join(query)))
    records = [_masked_record(hit) for hit in hits]
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    elif form == "csv":
        print_csv(records, CSV_COLUMNS)
    else:
        _print_hits(hits)


def _similar_options(word: str) -> list[str]:
    import difflib

    known = [
        name
        for option in search.params
        for name in option.opts
        if name.startswith("--")
    ]
    return difflib.get_close_matches(word, known, 2)


def _masked_record(hit: Hit) -> dict[str, object]:
    from harvester.identity.urls import mask_secrets

    return {**hit.to_dict(), "url": mask_secrets(hit.url)}


def _print_hits(hits: list[Hit]) -> None:
    from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
    from harvester.identity.urls import mask_secrets

    for hit in hits:
        old = "" if hit.latest else click.style("  (an earlier wording)", fg="yellow")
        old += (
            "" if hit.kind == "article" else click.style(f"  ({hit.kind})", fg="yellow")
        )
        print_text(f"{click.style(clean(hit.title), bold=True)}{old}")
        by = f", {clean(', '.join(hit.authors))}" if hit.authors else ""
        print_text(
            f"  {hit.article} version {hit.version}  {clean(hit.outlet)}  {display_time(hit.published or hit.first_seen)}{by}"
        )
        parts = hit.highlighted.replace(HIGHLIGHT_END, HIGHLIGHT_START).split(
            HIGHLIGHT_START
        )
        line = "".join(
            click.style(_clean_keeping_spaces(part), fg="red", bold=True)
            if place % 2
            else _clean_keeping_spaces(part)
            for place, part in enumerate(parts)
        )
        print_text(f"  {line.strip()}")
        print_text(f"  {click.style(clean(mask_secrets(hit.url)), dim=True)}")
        print_text()
    print_note(
        f"{len(hits)} hit{'' if len(hits) == 1 else 's'}" if hits else "nothing found"
    )


def _clean_keeping_spaces(part: str) -> str:
    """Cleaned, with the spaces at its ends kept."""
    return f"{' ' if part[:1] == ' ' else ''}{clean(part)}{' ' if part[-1:] == ' ' and part.strip() else ''}"
