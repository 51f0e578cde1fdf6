"""``harvest export``: articles for other programs; ``harvest export opml``: the feeds."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_now,
)
from harvester.cli.options import (
    QueryCommand,
    TimeParamType,
    json_object_option,
    outlets_option,
)
from harvester.cli.output import (
    Progress,
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import NotInArchive

if TYPE_CHECKING:
    import sqlite3

    from harvester.archive.queries.article_export import Texts
    from harvester.export.articles import Export, ExportSummary
    from harvester.query.tree import Node

# As in ``export.formats``, which is imported once it is needed.
FORMAT_NAMES = (
    "jsonl",
    "csv",
    "tsv",
    "parquet",
    "markdown",
    "text",
    "warc",
    "wacz",
    "sqlite",
)


class ExportGroup(QueryCommand, click.Group):
    """A command with a query, and commands that may stand in its place: ``opml``."""

    allow_interspersed_args = True

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context of the command that is named first, or that of the query."""
        if args and args[0] in self.commands:
            command = self.commands[args[0]]
            path = f"{info_name} {args[0]}"
            return command.make_context(path, args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.group(cls=ExportGroup, invoke_without_command=True, subcommand_metavar="")
@click.argument("query", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER|-",
    help="Where to; '-' is standard output. The ending says the format.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMAT_NAMES),
    help="The format, where the ending does not say it.",
)
@click.option(
    "--text",
    "texts",
    type=click.Choice(["latest", "all", "none"]),
    default="latest",
    show_default=True,
    help="Texts of current versions, all versions (one row each), or no texts.",
)
@click.option("--changes", is_flag=True, help="Also what was changed, and when.")
@click.option("--copies", is_flag=True, help="Also which articles share the text.")
@outlets_option
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only what was published since a day, a time, or for a duration ('2 days').",
)
@click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only what was published up to a day, that day included.",
)
@click.option(
    "--exact", is_flag=True, help="Words as typed only, not their other forms."
)
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@json_object_option
@pass_context
def export(
    context: Context,
    query: tuple[str, ...],
    output: Path | None,
    format_name: str | None,
    texts: Texts,
    changes: bool,
    copies: bool,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    exact: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write articles to a file or folder.

    For other programs; without QUERY all.

    QUERY is that of `harvest search`: an article is written if any of its versions
    matches. Formats by ending: .jsonl, .csv, .tsv, .parquet, .warc.gz, .wacz, .db (an
    archive of its own); or a folder with --format markdown or text. An interrupted
    export goes on when it is called again. What is in the archive decides every byte.

    `harvest export opml` writes the feeds of the settings; to export what matches the
    word, write `harvest export -o FILE -- opml`.

    Examples: `harvest export 'flood* valley' -o floods.jsonl --changes`,
    `harvest export outlet:mpi -o mpi.wacz`
    """
    from harvester.export import articles
    from harvester.export.formats import choose_format

    if output is None:
        raise click.UsageError("where to? Name a file or folder with -o")
    is_stream = str(output) == "-"
    chosen = choose_format(output, format_name or ("jsonl" if is_stream else ""))
    if is_stream and chosen.name not in articles.STREAMED_FORMATS:
        formats = ", ".join(articles.STREAMED_FORMATS)
        raise click.UsageError(f"-o - writes lines: --format {formats}")
    plan = articles.Export(output, chosen, texts, changes, copies, overwrite)
    if not is_stream:
        articles.check_export(plan)
    with context.connect_read_only() as connection:
        outlets = require_archived_outlets(connection, outlets)
        article_ids = _list_articles(
            connection, QueryCommand.join_words(query), outlets, since, until, exact
        )
        if is_stream:
            articles.stream_articles(connection, plan, article_ids, sys.stdout.buffer)
            return
        if not article_ids:
            raise NotInArchive("no articles match; nothing was written")
        summary = _write(context, connection, plan, article_ids)
    if as_json:
        print_json(_record(summary))
    else:
        _print_summary(summary)


def _list_articles(
    connection: sqlite3.Connection,
    query: str,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    exact: bool,
) -> array[int]:
    """The articles that are chosen by a query and options."""
    from harvester.archive.queries.article_export import list_article_ids
    from harvester.query import parse_query
    from harvester.query.tree import make_filter, narrow
    from harvester.schedule.times import format_time

    now = utc_now()
    options = (outlets, since or "", until or "")
    if query.strip():
        tree: Node | None = narrow(parse_query(query, now), *options)
    else:
        tree = make_filter(*options)
    return list_article_ids(connection, tree, format_time(now), exact)


def _write(
    context: Context,
    connection: sqlite3.Connection,
    plan: Export,
    article_ids: array[int],
) -> ExportSummary:
    """Write the articles; says how to go on where that is interrupted."""
    from harvester.export import articles

    progress = Progress("articles written")
    try:
        return articles.write_articles(
            connection,
            articles.Source(context.archive_path, context.settings.captures),
            plan,
            article_ids,
            progress.update,
        )
    except KeyboardInterrupt:
        progress.clear()
        print_note("interrupted; the same command goes on where it stopped")
        raise
    finally:
        progress.clear()


def _record(summary: ExportSummary) -> dict[str, Any]:
    return {
        "file": summary.file,
        "format": summary.format,
        "articles": summary.articles,
        "records": summary.records,
        "missing": summary.missing,
        "continued": summary.continued,
        "described_by": summary.described_by or None,
    }


def _print_summary(summary: ExportSummary) -> None:
    parts = [pluralize(summary.articles, "article")]
    if summary.records:
        parts.append(pluralize(summary.records, "record"))
    print_text(f"{clean(summary.file)}: {', '.join(parts)}")
    if summary.continued:
        print_note(f"{summary.continued} of them were written before the interruption")
    if summary.described_by:
        print_note(f"what the columns mean: {summary.described_by}")
    if summary.missing:
        captures = pluralize(summary.missing, "capture has", "captures have")
        print_note(f"{captures} no record in the archive, or a damaged one")


@export.command()
@click.option(
    "--secrets",
    is_flag=True,
    help="Write logins, headers and cookies too that stand in the settings themselves.",
)
@pass_context
def opml(context: Context, secrets: bool) -> None:
    """Write the feeds of the settings as OPML.

    Feed readers import it.

    `harvest import --trust` of it gives the same settings again.

    Examples: `harvest export opml > subscriptions.opml`, `harvest export opml --secrets`
    """
    from harvester.discovery.opml import write_opml
    from harvester.settings.file import find_settings_file, parse_toml, read_text

    context.settings  # noqa: B018 - it says what is wrong with them
    file = find_settings_file(context.settings_file)
    tables = parse_toml(read_text(file), file)["outlets"]
    left_out: list[str] = []
    if not secrets:
        tables = {
            key: _without_secrets(key, table, left_out) for key, table in tables.items()
        }
    click.echo(write_opml(tables.items(), "harvester"), nl=False)
    if left_out:
        print_note(f"left out: {', '.join(left_out)}; --secrets writes them")


def _without_secrets(
    key: str, table: dict[str, Any], left_out: list[str]
) -> dict[str, Any]:
    """A table without secrets: where they are may be told, what they are not."""
    from harvester.settings.types import is_open_header

    table = dict(table)
    if isinstance(table.get("login"), str):
        del table["login"]
        left_out.append(f"the login of {key}")
    for name in ("headers", "cookies"):
        values = {
            header: value
            for header, value in table.get(name, {}).items()
            if not isinstance(value, str)
            or (name == "headers" and is_open_header(header))
        }
        if len(values) < len(table.get(name, {})):
            left_out.append(f"{name} of {key}")
        table.pop(name, None)
        if values:
            table[name] = values
    for name in ("feeds", "pages"):
        if name in table:
            table[name] = [_without_login(feed, key, left_out) for feed in table[name]]
    return table


def _without_login(
    feed: str | dict[str, str], key: str, left_out: list[str]
) -> str | dict[str, str]:
    from harvester.identity.urls import strip_login

    url = feed if isinstance(feed, str) else feed["url"]
    bare = strip_login(url)
    if bare != url:
        left_out.append(f"the login in a feed's URL of {key}")
    return bare if isinstance(feed, str) else {**feed, "url": bare}
