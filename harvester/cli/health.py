"""``harvest health``: how well each outlet's pages are read, over time."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlet,
    utc_now,
)
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
    wrap_text,
)

FIELDS = ("title", "author", "published", "text")
BAR_CHARACTERS = "▁▂▃▄▅▆▇█"


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=12,
    show_default=True,
    help="So many weeks back.",
)
@click.option("--json", "as_json", is_flag=True, help="A list of objects.")
@pass_context
def health(
    context: Context, outlets: tuple[str, ...], weeks: int, as_json: bool
) -> None:
    """Show how much is found on the pages of each outlet: the share with title, author, date and text, and their length.

    What only the feed states is not counted. Of one outlet: week by week.
    """
    from harvester.archive.queries import reading_health
    from harvester.schedule.times import format_time

    with context.connect_read_only() as connection:
        for key in outlets:
            require_archived_outlet(connection, key)
        found = reading_health.list_outlet_health(
            connection, outlets, weeks, format_time(utc_now())
        )
    if as_json:
        print_json(found)
        return
    if len(found) == 1:
        _print_weeks(found[0])
    else:
        _print_outlets(found)
    for one in found:
        for event in one["breaks"][:1]:
            example = f" (see {event['article']})" if event["article"] else ""
            said = f"{one['outlet']}: the layout changed, seen {display_time(event['at'])}: {event['note']}{example}"
            print_text(click.style(wrap_text(clean(said)), fg="yellow"))
    if not any(one["pages"] for one in found):
        print_note(
            f"no page was read in the last {weeks} weeks"
            if found
            else "there is no outlet yet"
        )


def _print_outlets(outlets: list[dict[str, Any]]) -> None:
    rows = [
        [one["outlet"], one["pages"], *(_format_share(one[name]) for name in FIELDS), one["words"] or "", _sparkline(one["weeks"], "text"),
         _sparkline(one["weeks"], "author"), _length_sparkline(one["weeks"]), _format_other_kinds(one["kinds"])]
        for one in outlets
    ]  # fmt: skip
    if rows:
        print_text(
            format_table(
                rows,
                [
                    "outlet",
                    "pages",
                    *FIELDS,
                    "words",
                    "texts",
                    "authors",
                    "lengths",
                    "other than articles",
                ],
            )
        )


def _print_weeks(outlet: dict[str, Any]) -> None:
    rows = [
        [week["week"], week["pages"], *(f"{_format_share(week[name])} {_format_bar(week[name])}" for name in FIELDS), week["words"] or "",
         _format_other_kinds(week["kinds"])]
        for week in outlet["weeks"]
    ]  # fmt: skip
    print_text(click.style(clean(outlet["outlet"]), bold=True))
    if rows:
        print_text(
            format_table(
                rows, ["week of", "pages", *FIELDS, "words", "other than articles"]
            )
        )


def _format_share(value: float | None) -> str:
    return "" if value is None else f"{value:4.0%}"


def _format_bar(value: float | None) -> str:
    return (
        ""
        if value is None
        else BAR_CHARACTERS[
            min(len(BAR_CHARACTERS) - 1, int(value * len(BAR_CHARACTERS)))
        ]
    )


def _sparkline(weeks: list[dict[str, Any]], name: str) -> str:
    return "".join(_format_bar(week[name]) for week in weeks)


def _length_sparkline(weeks: list[dict[str, Any]]) -> str:
    most = max((week["words"] or 0 for week in weeks), default=0)
    return (
        "".join(_format_bar((week["words"] or 0) / most) for week in weeks)
        if most
        else ""
    )


def _format_other_kinds(kinds: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {kind}" for kind, count in kinds.items() if kind != "article"
    )
