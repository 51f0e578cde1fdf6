"""``harvest stats``: what is stored, counted; and articles in groups, as table or plot."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    require_archived_outlets,
    utc_now,
)
from harvester.cli.options import (
    OVERWRITE,
    QueryCommand,
    list_options,
    outlets_option,
    published_since_option,
    published_until_option,
)
from harvester.cli.output import (
    display_state,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
)

if TYPE_CHECKING:
    from harvester.archive.queries.statistics import Group
    from harvester.query.tree import Node

MEASURES = (
    "articles",
    "words",
    "edits",
    "silent",
    "first_edit_hours",
    "removed",
    "copies",
    "agencies",
)
UNITS = {
    "articles": "articles",
    "words": "words",
    "edits": "edits",
    "silent": "silent edits",
    "first_edit_hours": "hours to the first edit (median)",
    "removed": "removed articles",
    "copies": "copies",
    "agencies": "articles that name an agency",
}
DIMENSION_NAMES = (
    "year, month, week, day, outlet, state, agency, lang, section, kind, access"
)
OUTLET_COLUMNS = ("outlet", "feeds", "entries", "articles", "versions", "edits")


class DimensionsParamType(click.ParamType[tuple[str, ...]]):
    """What to count by: names with commas between them."""

    name = "names"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """ "month,outlet"."""
        from harvester.archive.queries.statistics import DIMENSIONS
        from harvester.settings import nearest_name

        names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
        names = tuple({"language": "lang"}.get(name, name) for name in names)
        for name in names:
            if name not in DIMENSIONS:
                nearest = nearest_name(name, list(DIMENSIONS))
                hint = f"did you mean {nearest!r}?" if nearest else DIMENSION_NAMES
                self.fail(f"nothing is counted by {name!r}: {hint}")
        if not names or len(set(names)) < len(names):
            self.fail(f"write each name once: {DIMENSION_NAMES}")
        return names


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@click.option(
    "--by",
    type=DimensionsParamType(),
    default=None,
    help=f"Count articles by these, as month,outlet: {DIMENSION_NAMES}.",
)
@outlets_option
@published_since_option
@published_until_option
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Draw the groups as a plot too; --overwrite replaces a file.",
)
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    default="articles",
    show_default=True,
    help="What the plot shows.",
)
@list_options
@click.pass_context
def stats(
    ctx: click.Context,
    query: tuple[str, ...],
    by: tuple[str, ...] | None,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    plot: Path | None,
    measure: str,
    form: str | None,
) -> int:
    """Count what is stored, or articles in groups.

    Without QUERY and options: everything; every total is the sum of its parts. With
    --by: for each group its articles, the words of their current versions, their edits
    and silent edits, the median time to the first edit in hours, those that were
    removed, that copy an earlier text, or name an agency. Times are those of
    `published:`. QUERY is that of `harvest search`.

    Examples: `harvest stats`, `harvest stats flood* --by month,outlet --plot floods.svg`
    """
    context = ctx.ensure_object(Context)
    words = QueryCommand.join_words(query)
    if not (words or by or outlets or since or until):
        if plot is not None:
            raise click.UsageError("--plot needs --by, as --by month,outlet")
        return _print_everything(context, form)
    if plot is not None and not by:
        raise click.UsageError("--plot needs --by, as --by month,outlet")
    with context.connect_read_only() as connection:
        outlets = require_archived_outlets(connection, outlets)
        groups = _list_groups(connection, by or (), words, outlets, since, until)
    if plot is not None:
        title = f"{UNITS[measure].capitalize()} by {', '.join(by or ())}"
        title = f"{title}: {words}" if words else title
        _write_plot(plot, groups, by or (), measure, title, ctx.meta[OVERWRITE])
    records = [group.to_dict() for group in groups]
    if not print_records(records, form, (*(by or ()), *MEASURES)):
        _print_groups(groups, by or ())
    if any(group.words is None for group in groups):
        print_note(
            "words are not counted in so many articles: narrow them down with --since, "
            "--outlet or a query"
        )
    return len(records)


def _list_groups(
    connection: sqlite3.Connection,
    by: tuple[str, ...],
    words: str,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
) -> list[Group]:
    from harvester.archive.queries.statistics import list_groups
    from harvester.query import parse_query
    from harvester.query.tree import make_filter, narrow
    from harvester.schedule.times import format_time

    now = utc_now()
    options = (outlets, since or "", until or "")
    tree: Node | None = (
        narrow(parse_query(words, now), *options) if words else make_filter(*options)
    )
    return list_groups(connection, by, tree, format_time(now))


def _print_groups(groups: list[Group], by: tuple[str, ...]) -> None:
    if not groups:
        print_note("no matches")
        return
    rows = [
        [
            *group.names.values(),
            group.articles,
            group.words,
            group.edits,
            group.silent,
            _format_hours(group.first_edit_hours),
            group.removed,
            group.copies,
            group.agencies,
        ]
        for group in groups
    ]
    headers = [*by, "articles", "words", "edits", "silent", "first edit", "removed"]
    optional = ("agencies", "copies", "first edit", "words")
    cut = by.index("section") if "section" in by else 0
    print_text(format_table(rows, [*headers, "copies", "agencies"], cut, optional))


def _format_hours(hours: float | None) -> str:
    """The median time from when an article was first seen to its first edit."""
    if hours is None:
        return ""
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _write_plot(
    path: Path,
    groups: list[Group],
    by: tuple[str, ...],
    measure: str,
    title: str,
    overwrite: bool,
) -> None:
    from harvester.archive.queries.statistics import PERIODS
    from harvester.cli.output import clean
    from harvester.cli.output_file import redirect_output
    from harvester.errors import HarvesterError
    from harvester.export import plots

    period = next((name for name in by if name in PERIODS), "")
    axis = period or by[0]
    points = []
    for group in groups:
        series = [clean(value) for name, value in group.names.items() if name != axis]
        value = group.to_dict()[measure]
        if value is not None:
            at = clean(group.names[axis])
            points.append(plots.Point(at, " · ".join(series), value))
    try:
        are_sums = measure != "first_edit_hours"
        svg = plots.draw(points, clean(title), UNITS[measure], period, are_sums)
    except ValueError as error:
        raise HarvesterError(f"no plot: {error}") from error
    with redirect_output(path, overwrite):
        click.echo(svg, nl=False)


def _print_everything(context: Context, form: str | None) -> int:
    from harvester.archive.queries import report

    with context.connect_read_only() as connection:
        counts = report.get_stats(connection)
    archive = context.archive_path
    files = [archive, archive.with_name(f"{archive.name}-wal")]
    size = sum(file.stat().st_size for file in files if file.exists())
    record = {"archive": {"path": str(archive), "bytes": size}, **counts}
    outlets = [
        {
            "outlet": key,
            "feeds": outlet["feeds"],
            "entries": outlet["entries"]["total"],
            "articles": outlet["articles"]["total"],
            "versions": outlet["versions"],
            "edits": outlet["edits"]["total"],
            "removed": outlet["articles"]["removed"],
        }
        for key, outlet in record["outlets"].items()
    ]
    if form == "json":
        print_json(record)
    elif not print_records(outlets, form, (*OUTLET_COLUMNS, "removed")):
        _print_stats(record, outlets)
    return int(record["articles"]["total"])


def _print_stats(record: dict[str, Any], outlets: list[dict[str, Any]]) -> None:
    for name in ("entries", "articles", "edits"):
        parts = {
            display_state(part): count
            for part, count in record[name].items()
            if part != "total" and count
        }
        _print_count(name, record[name]["total"], _join_counts(parts))
    for name, usual in (("kinds", "article"), ("access", "unknown")):
        if set(record[name]) - {usual}:
            counts = record[name]
            _print_count(name, sum(counts.values()), _join_counts(counts))
    _print_count("versions", record["versions"])
    _print_count("duplicates", record["duplicates"], "articles with identical texts")
    captures, crawls = record["captures"], record["crawls"]
    imported = captures["imported"]
    of_others = f", {imported} of them imported" if imported else ""
    size = f"{_format_size(captures['bytes'])}{of_others}"
    _print_count("captures", captures["count"], size)
    _print_count("crawls", crawls["count"], pluralize(crawls["visits"], "visit"))
    _print_count("archive", _format_size(record["archive"]["bytes"]))
    if outlets:
        print_text()
        rows = [list(outlet.values()) for outlet in outlets]
        print_text(format_table(rows, (*OUTLET_COLUMNS, "removed"), 0))


def _print_count(name: str, count: int | str, parts: str = "") -> None:
    print_text(f"{name:<10}{count:>9}{'   ' + parts if parts else ''}")


def _join_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _format_size(byte_count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if byte_count < 1000:
            return (
                f"{byte_count:.0f} {unit}"
                if unit == "B"
                else f"{byte_count:.1f} {unit}"
            )
        byte_count /= 1000
    return f"{byte_count:.1f} TB"
