"""``harvest profiles``: what was learned of each outlet."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import Context, pass_context, require_archived_outlet
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
)

RECENT_ARTICLES = 50  # articles of which is said by what they were read


@click.command()
@click.argument("outlet", default="")
@click.option("--json", "as_json", is_flag=True, help="A list of objects.")
@pass_context
def profiles(context: Context, outlet: str, as_json: bool) -> None:
    """Show the profile of each outlet: when it was learned, from how many pages, and how many of the last were read by it.

    Of one outlet: all its profiles, the newest first. A profile is learned unasked at 3, 10, 30 and 100 articles, and by
    `harvest teach`.
    """
    from harvester.archive.records import profiles

    with context.connect_read_only() as connection:
        require_archived_outlet(connection, outlet)
        found = profiles.list_profiles(connection, outlet, RECENT_ARTICLES)
        before = profiles.list_profile_history(connection, outlet) if outlet else []
    if as_json:
        print_json(
            [{**one, **({"history": before} if outlet else {})} for one in found]
        )
        return
    if not found:
        print_note("there is no outlet yet")
        return
    print_text(format_table([_table_row(one) for one in found],
              ["outlet", "articles", "profile", "learned", "pages", "labelled", "taught", "lines", "alone", "last read by"]))  # fmt: skip
    if len(before) > 1:
        rows = [
            [one["number"], one["name"], display_time(one["at"]), one["pages"], one["labelled"], one["repeated"],
             "yes" if one["sure"] else "no", one["extractor"]]
            for one in before
        ]  # fmt: skip
        print_text(f"\nall profiles of {clean(outlet)}")
        print_text(
            format_table(
                rows,
                [
                    "profile",
                    "name",
                    "learned",
                    "pages",
                    "labelled",
                    "lines",
                    "alone",
                    "by",
                ],
            )
        )
    for one in found:
        if one["number"] is None:
            print_note(
                f"{one['outlet']}: no profile yet; the first is learned at 3 articles that can be read by blocks"
            )


def _table_row(profile: dict[str, Any]) -> list[Any]:
    shares = ", ".join(f"{name} {count}" for name, count in profile["methods"].items())
    if profile["number"] is None:
        return [
            profile["outlet"],
            profile["articles"],
            "",
            "",
            "",
            "",
            profile["taught"],
            "",
            "",
            shares,
        ]
    return [profile["outlet"], profile["articles"], profile["number"], display_time(profile["at"]), profile["pages"], profile["labelled"], profile["taught"],
            profile["repeated"], "yes" if profile["sure"] else "no", shares]  # fmt: skip
