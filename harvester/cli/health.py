"""``harvest health``: how well each outlet's pages are read, over time."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import Context, known_outlet, now, pass_context
from harvester.cli.output import at, clean, note, print_json, say, table, wrapped

FIELDS = ("title", "author", "published", "text")
BARS = "▁▂▃▄▅▆▇█"


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
    from harvester.schedule.times import written

    with context.reading() as connection:
        for key in outlets:
            known_outlet(connection, key)
        found = reading_health.outlets(connection, outlets, weeks, written(now()))
    if as_json:
        print_json(found)
        return
    if len(found) == 1:
        _print_weeks(found[0])
    else:
        _print_all(found)
    for one in found:
        for event in one["breaks"][:1]:
            example = f" (see {event['article']})" if event["article"] else ""
            said = f"{one['outlet']}: the layout changed, seen {at(event['at'])}: {event['note']}{example}"
            say(click.style(wrapped(clean(said)), fg="yellow"))
    if not any(one["pages"] for one in found):
        note(
            f"no page was read in the last {weeks} weeks"
            if found
            else "there is no outlet yet"
        )


def _print_all(found: list[dict[str, Any]]) -> None:
    rows = [
        [one["outlet"], one["pages"], *(_share(one[name]) for name in FIELDS), one["words"] or "", _sparks(one["weeks"], "text"),
         _sparks(one["weeks"], "author"), _lengths(one["weeks"]), _others(one["kinds"])]
        for one in found
    ]  # fmt: skip
    if rows:
        say(
            table(
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


def _print_weeks(one: dict[str, Any]) -> None:
    rows = [
        [week["week"], week["pages"], *(f"{_share(week[name])} {_bar(week[name])}" for name in FIELDS), week["words"] or "",
         _others(week["kinds"])]
        for week in one["weeks"]
    ]  # fmt: skip
    say(click.style(clean(one["outlet"]), bold=True))
    if rows:
        say(table(rows, ["week of", "pages", *FIELDS, "words", "other than articles"]))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:4.0%}"


def _bar(value: float | None) -> str:
    return "" if value is None else BARS[min(len(BARS) - 1, int(value * len(BARS)))]


def _sparks(weeks: list[dict[str, Any]], name: str) -> str:
    return "".join(_bar(week[name]) for week in weeks)


def _lengths(weeks: list[dict[str, Any]]) -> str:
    most = max((week["words"] or 0 for week in weeks), default=0)
    return "".join(_bar((week["words"] or 0) / most) for week in weeks) if most else ""


def _others(kinds: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {kind}" for kind, count in kinds.items() if kind != "article"
    )
