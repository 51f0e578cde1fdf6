"""``harvest search``: full-text search of all versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from harvester.cli.context import Context, pass_context, require_archived_outlets
from harvester.cli.options import (
    POSITIVE_INT,
    TimeParamType,
    csv_form_option,
    json_form_option,
    nl_form_option,
)
from harvester.cli.output import (
    clean,
    describe_count,
    display_time,
    print_note,
    print_records,
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
@json_form_option
@nl_form_option
@csv_form_option
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=20,
    show_default=True,
    help="Maximum number of results.",
)
@click.option(
    "--outlet",
    "outlets",
    multiple=True,
    help="Only this outlet; may be repeated.",
)
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only versions first seen since a day, a time, or for a duration ('2 days').",
)
@click.option(
    "--newest/--rank",
    default=True,
    show_default=True,
    help="Newest first, or the best of the newest 2,000 matches (with a prefix: 500).",
)
@click.option(
    "--current", "which", flag_value="current", help="Search current versions only."
)
@click.option(
    "--all-versions",
    "which",
    flag_value="all",
    help="List every matching version, not one per article.",
)
@click.option(
    "--unique", is_flag=True, help="Collapse near-duplicates to the earliest."
)
@pass_context
def search(
    context: Context,
    query: tuple[str, ...],
    form: str | None,
    limit: int,
    outlets: tuple[str, ...],
    since: str | None,
    newest: bool,
    which: Literal["current", "all"] | None,
    unique: bool,
) -> None:
    """Search every version of every article, even text removed since.

    Words are joined by AND. Also: "a phrase", prefix*, OR, NOT (or -word), parentheses.
    Accents do not matter. Chinese, Japanese and Thai words match inside longer text, in
    the newest versions.

    Example: `harvest search 'flood* AND (valley OR river)' --since '2 days'`
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
            outlets=require_archived_outlets(connection, outlets),
            since=since or "",
            rank=not newest,
            scope=which or "articles",
            collapse_duplicates=unique,
        )
    if cjk.has_unspaced_words(" ".join(query)):
        print_note(cjk.describe_scan(" ".join(query)))
    records = [_masked_record(hit) for hit in hits]
    if not print_records(records, form, CSV_COLUMNS):
        _print_hits(hits, limit)


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


def _print_hits(hits: list[Hit], limit: int) -> None:
    from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
    from harvester.identity.urls import mask_secrets

    for hit in hits:
        marks = ([] if hit.latest else ["an earlier version"]) + (
            [] if hit.kind == "article" else [hit.kind]
        )
        suffix = "".join(click.style(f"  ({mark})", fg="yellow") for mark in marks)
        print_text(
            f"{click.style(clean(hit.title) or '(no title)', bold=True)}{suffix}"
        )
        authors = f", {clean(', '.join(hit.authors))}" if hit.authors else ""
        print_text(
            f"  {hit.article} version {hit.version}  {clean(hit.outlet)}"
            f"  {display_time(hit.published or hit.first_seen)}{authors}"
        )
        parts = hit.highlighted.replace(HIGHLIGHT_END, HIGHLIGHT_START).split(
            HIGHLIGHT_START
        )
        line = "".join(
            click.style(_clean_keeping_spaces(part), fg="red", bold=True)
            if position % 2
            else _clean_keeping_spaces(part)
            for position, part in enumerate(parts)
        )
        print_text(f"  {line.strip()}")
        print_text(f"  {click.style(clean(mask_secrets(hit.url)), dim=True)}")
        print_text()
    print_note(describe_count(len(hits), limit, "result") if hits else "no matches")


def _clean_keeping_spaces(part: str) -> str:
    """Cleaned, with one space kept at either end."""
    before = " " if part[:1] == " " else ""
    after = " " if part[-1:] == " " and part.strip() else ""
    return f"{before}{clean(part)}{after}"
