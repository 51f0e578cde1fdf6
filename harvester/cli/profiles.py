"""``harvest profiles``: what was learned about each outlet."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import Context, pass_context, require_archived_outlets
from harvester.cli.options import list_options
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_note,
    print_records,
    print_text,
)

RECENT_ARTICLES = 50  # whose extraction methods are counted
FIRST_PROFILE_ARTICLES = 3
CSV_COLUMNS = (
    "outlet",
    "articles",
    "number",
    "name",
    "at",
    "pages",
    "labelled",
    "taught",
    "repeated",
    "sure",
    "methods",
    "extractor",
)


@click.command()
@click.argument("outlet", default="", shell_complete=complete_outlets)
@list_options
@pass_context
def profiles(context: Context, outlet: str, form: str | None) -> int:
    """Show what was learned about the pages of outlets.

    Also how its most recent articles were extracted. With OUTLET, all its profiles,
    newest first. Profiles are learned automatically at 3, 10, 30 and 100 articles, and
    by `harvest teach`.

    Examples: `harvest profiles courier`, `harvest profiles --csv`
    """
    from harvester.archive.records import profiles

    with context.connect_read_only() as connection:
        require_archived_outlets(connection, [outlet])
        current = profiles.list_profiles(connection, outlet, RECENT_ARTICLES)
        history = profiles.list_profile_history(connection, outlet) if outlet else []
    more = {"history": history} if outlet else {}
    records = [{**profile, **more} for profile in current]
    if print_records(records, form, CSV_COLUMNS):
        return len(records)
    if not current:
        print_note("no outlets yet")
        return 0
    headers = [
        "outlet",
        "articles",
        "profile",
        "learned",
        "pages",
        "labelled",
        "taught",
        "lines",
        "alone",
        "recent methods",
    ]
    rows = [_table_row(profile) for profile in current]
    optional = ("alone", "lines", "learned", "taught")
    print_text(format_table(rows, headers, optional=optional))
    if len(history) > 1:
        _print_history(outlet, history)
    for profile in current:
        if profile["number"] is None:
            print_note(
                f"{profile['outlet']}: no profile yet; the first is learned at "
                f"{FIRST_PROFILE_ARTICLES} articles"
            )
    return len(records)


def _table_row(profile: dict[str, Any]) -> list[Any]:
    learned = profile["number"] is not None
    methods = ", ".join(f"{name} {count}" for name, count in profile["methods"].items())
    return [
        profile["outlet"],
        profile["articles"],
        profile["number"] if learned else "",
        display_time(profile["at"]) if learned else "",
        profile["pages"] if learned else "",
        profile["labelled"] if learned else "",
        profile["taught"],
        profile["repeated"] if learned else "",
        _yes_or_no(profile["sure"]) if learned else "",
        methods,
    ]


def _print_history(outlet: str, history: list[dict[str, Any]]) -> None:
    rows = [
        [
            profile["number"],
            profile["name"],
            display_time(profile["at"]),
            profile["pages"],
            profile["labelled"],
            profile["repeated"],
            _yes_or_no(profile["sure"]),
            profile["extractor"],
        ]
        for profile in history
    ]
    headers = ["profile", "name", "learned", "pages", "labelled", "lines", "alone"]
    print_text(f"\nall profiles of {clean(outlet)}")
    print_text(format_table(rows, [*headers, "extractor"]))


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
