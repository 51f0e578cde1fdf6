"""``harvest profiles``: what was learned of each outlet."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import Context, known_outlet, pass_context
from harvester.cli.output import at, clean, note, print_json, say, table

LAST = 50  # articles of which is said by what they were read


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

    with context.reading() as connection:
        known_outlet(connection, outlet)
        found = profiles.overview(connection, outlet, LAST)
        before = profiles.history(connection, outlet) if outlet else []
    if as_json:
        print_json(
            [{**one, **({"history": before} if outlet else {})} for one in found]
        )
        return
    if not found:
        note("there is no outlet yet")
        return
    say(table([_row(one) for one in found],
              ["outlet", "articles", "profile", "learned", "pages", "labelled", "taught", "lines", "alone", "last read by"]))  # fmt: skip
    if len(before) > 1:
        rows = [
            [one["number"], one["name"], at(one["at"]), one["pages"], one["labelled"], one["repeated"],
             "yes" if one["sure"] else "no", one["extractor"]]
            for one in before
        ]  # fmt: skip
        say(f"\nall profiles of {clean(outlet)}")
        say(
            table(
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
            note(
                f"{one['outlet']}: no profile yet; the first is learned at 3 articles that can be read by blocks"
            )


def _row(one: dict[str, Any]) -> list[Any]:
    shares = ", ".join(f"{name} {count}" for name, count in one["methods"].items())
    if one["number"] is None:
        return [
            one["outlet"],
            one["articles"],
            "",
            "",
            "",
            "",
            one["taught"],
            "",
            "",
            shares,
        ]
    return [one["outlet"], one["articles"], one["number"], at(one["at"]), one["pages"], one["labelled"], one["taught"],
            one["repeated"], "yes" if one["sure"] else "no", shares]  # fmt: skip
