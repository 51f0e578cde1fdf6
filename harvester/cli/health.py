"""``harvest health``: how well the pages of each outlet are extracted, over time."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_timestamp,
)
from harvester.cli.options import list_options
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    pluralize,
    print_note,
    print_records,
    print_text,
    wrap_text,
)

FIELDS = ("title", "author", "published", "text")
CSV_COLUMNS = ("outlet", "week", "pages", *FIELDS, "words", "kinds")
BAR_CHARACTERS = "▁▂▃▄▅▆▇█"


@click.command()
@click.argument(
    "outlets", nargs=-1, metavar="[OUTLET]…", shell_complete=complete_outlets
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=12,
    show_default=True,
    help="Number of weeks.",
)
@list_options
@pass_context
def health(
    context: Context, outlets: tuple[str, ...], weeks: int, form: str | None
) -> int:
    """Show how completely pages are extracted.

    That is the share of pages with a title, author, date and text, and text lengths.
    What only the feed states is not counted. For a single outlet: week by week.

    Examples: `harvest health courier --weeks 4`, `harvest health --csv -o health.csv`
    """
    from harvester.archive.queries import reading_health

    with context.connect_read_only() as connection:
        require_archived_outlets(connection, outlets)
        records = reading_health.list_outlet_health(
            connection, outlets, weeks, utc_timestamp()
        )
    if form in ("csv", "tsv"):
        weekly = [
            {"outlet": record["outlet"], **week}
            for record in records
            for week in record["weeks"]
        ]
        print_records(weekly, form, CSV_COLUMNS)
        return len(records)
    if print_records(records, form):
        return len(records)
    if len(records) == 1:
        _print_weeks(records[0])
    else:
        _print_outlets(records)
    for record in records:
        for event in record["breaks"][:1]:
            _print_layout_change(record["outlet"], event)
    if not any(record["pages"] for record in records):
        print_note(
            f"no pages were read in the last {pluralize(weeks, 'week')}"
            if records
            else "no outlets yet"
        )
    return len(records)


def _print_layout_change(outlet: str, event: dict[str, Any]) -> None:
    example = f" (see {event['article']})" if event["article"] else ""
    message = (
        f"{outlet}: the layout changed, seen {display_time(event['at'])}: "
        f"{event['note']}{example}"
    )
    print_text(click.style(wrap_text(clean(message)), fg="yellow"))


def _print_outlets(outlets: list[dict[str, Any]]) -> None:
    rows = [
        [
            outlet["outlet"],
            outlet["pages"],
            *(_format_share(outlet[name]) for name in FIELDS),
            outlet["words"] or "",
            _sparkline(outlet["weeks"], "text"),
            _sparkline(outlet["weeks"], "author"),
            _length_sparkline(outlet["weeks"]),
            _format_other_kinds(outlet["kinds"]),
        ]
        for outlet in outlets
    ]
    headers = ["outlet", "pages", *FIELDS, "words", "texts", "authors", "lengths"]
    if rows:
        print_text(
            format_table(
                rows,
                [*headers, "other kinds"],
                optional=("lengths", "authors", "other kinds", "texts"),
            )
        )


def _print_weeks(outlet: dict[str, Any]) -> None:
    rows = [
        [
            week["week"],
            week["pages"],
            *(
                f"{_format_share(week[name])} {_format_bar(week[name])}"
                for name in FIELDS
            ),
            week["words"] or "",
            _format_other_kinds(week["kinds"]),
        ]
        for week in outlet["weeks"]
    ]
    print_text(click.style(clean(outlet["outlet"]), bold=True))
    if rows:
        headers = ["week of", "pages", *FIELDS, "words", "other kinds"]
        print_text(format_table(rows, headers))


def _format_share(value: float | None) -> str:
    return "" if value is None else f"{value:4.0%}"


def _format_bar(value: float | None) -> str:
    if value is None:
        return ""
    position = int(value * len(BAR_CHARACTERS))
    return BAR_CHARACTERS[min(len(BAR_CHARACTERS) - 1, position)]


def _sparkline(weeks: list[dict[str, Any]], name: str) -> str:
    return "".join(_format_bar(week[name]) for week in weeks)


def _length_sparkline(weeks: list[dict[str, Any]]) -> str:
    maximum = max((week["words"] or 0 for week in weeks), default=0)
    if not maximum:
        return ""
    return "".join(_format_bar((week["words"] or 0) / maximum) for week in weeks)


def _format_other_kinds(kinds: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {kind}" for kind, count in kinds.items() if kind != "article"
    )
