"""``harvest publish``: a static edition, as plain files for any web server."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_now,
    utc_timestamp,
)
from harvester.cli.options import ArticleOptions, article_options, json_object_option
from harvester.cli.output import (
    Progress,
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import HarvesterError, NotInArchive

if TYPE_CHECKING:
    import sqlite3
    from array import array

    from harvester.publish.edition import Summary
    from harvester.publish.folder import EditionFolder
    from harvester.publish.rendering import Choices

DEFAULT_DAYS = 30
MAX_LISTED = 5  # names in a message


class BaseUrlParamType(click.ParamType[str]):
    """The address of a folder; a slash at its end is added."""

    name = "URL"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """ "https://example.org/news"."""
        from harvester.render.page import safe_url

        if not safe_url(value) or any(mark in value for mark in "?#@"):
            self.fail(
                f"invalid URL {value!r}: write the address at which the folder will "
                "stand, as https://example.org/news/"
            )
        return f"{value.rstrip('/')}/"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@article_options
@click.option(
    "--text",
    "texts",
    type=click.Choice(["excerpt", "all"]),
    default="excerpt",
    show_default=True,
    help="How each text begins, or the whole texts of all versions.",
)
@click.option(
    "--title",
    default="The archive",
    show_default=True,
    help="What stands at the head of each page.",
)
@click.option(
    "--url",
    type=BaseUrlParamType(),
    default=None,
    help="Where the folder will stand: feeds then link to its pages.",
)
@click.option("--index", is_flag=True, help="Let search engines list the pages.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be written; write nothing."
)
@json_object_option
@pass_context
def publish(
    context: Context,
    folder: Path,
    articles: ArticleOptions,
    texts: str,
    title: str,
    url: str | None,
    index: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write a static edition for any web server.

    Today, days, changes, removals, outlets, a page an article with its headline, how it
    begins and its differences, and feeds. Without --query, --outlet, --since or --until
    the articles of the last 30 days.

    FOLDER: a new or empty folder, or one that this command has written. Only what changed
    is written again; what was purged is deleted. Outlets whose settings have a login,
    cookies or secret headers are left out. An interrupted run is completed by the next.

    Examples: `harvest publish site --since 2026-09 --title 'Our archive'`,
    `harvest publish site --query 'flood* valley' --url https://example.org/floods/`
    """
    from harvester.publish.folder import EditionFolder
    from harvester.publish.rendering import Choices

    closed = _list_closed_outlets(context, texts)
    choices = Choices(" ".join(title.split()), url or "", index, texts == "all")
    made_of = {"options": asdict(articles), **asdict(choices)}
    asked = articles
    if not any(asdict(articles).values()):
        start = (utc_now() - timedelta(days=DEFAULT_DAYS)).strftime(
            "%Y-%m-%dT00:00:00Z"
        )
        asked = ArticleOptions("", (), start, "")
        print_note(
            f"articles of the last {DEFAULT_DAYS} days; --since and --query say otherwise"
        )
    target = EditionFolder(folder, dry_run)
    with context.connect_read_only() as connection:
        article_ids = _list_articles(connection, asked)
        if not article_ids and target.former is None:
            raise NotInArchive("no articles match; nothing was written")
        with target:
            summary = _publish(
                connection, target, article_ids, closed, choices, made_of
            )
    if as_json:
        print_json({"folder": str(folder), "dry_run": dry_run, **asdict(summary)})
    else:
        _print_summary(folder, summary, dry_run, choices)


def _list_closed_outlets(context: Context, texts: str) -> frozenset[str]:
    """The outlets of which pages may have been received by a login."""
    outlets = context.settings.outlets
    if context.archive_file is None:
        return frozenset(key for key, outlet in outlets.items() if outlet.has_secrets)
    if texts == "all":
        raise HarvesterError(
            "without settings it is not known which outlets have logins, whose whole "
            "texts must not be published",
            "use --settings instead of --archive, or publish without --text all",
        )
    print_note(
        "without settings it is not known which outlets have logins; all are in it"
    )
    return frozenset()


def _list_articles(connection: sqlite3.Connection, asked: ArticleOptions) -> array[int]:
    from harvester.archive.queries.article_export import list_article_ids
    from harvester.schedule.times import format_time

    require_archived_outlets(connection, asked.outlets)
    now = utc_now()
    return list_article_ids(connection, asked.to_tree(now), format_time(now))


def _publish(
    connection: sqlite3.Connection,
    folder: EditionFolder,
    article_ids: array[int],
    closed_outlets: frozenset[str],
    choices: Choices,
    made_of: dict[str, Any],
) -> Summary:
    from harvester.publish import edition
    from harvester.publish.rendering import Renderer

    progresses: dict[str, Progress] = {}

    def report_progress(label: str, done: int, total: int) -> None:
        progresses.setdefault(label, Progress(label)).update(done, total)

    try:
        return edition.publish(
            connection,
            folder,
            article_ids,
            closed_outlets,
            Renderer(choices, utc_timestamp()),
            made_of,
            report_progress,
        )
    except KeyboardInterrupt:
        print_note("interrupted; the same command completes it")
        raise
    finally:
        for progress in progresses.values():
            progress.clear()


def _print_summary(
    folder: Path, summary: Summary, dry_run: bool, choices: Choices
) -> None:
    would = "would be " if dry_run else ""
    print_text(
        f"{clean(str(folder))}: {pluralize(summary.articles, 'article')}, "
        f"{pluralize(summary.files, 'file')}: {summary.written} {would}written, "
        f"{summary.unchanged} unchanged, {summary.deleted} {would}deleted"
    )
    for outlet, count in sorted(summary.left_out.items()):
        print_note(
            f"left out: {pluralize(count, 'article')} of {outlet}, whose settings have a "
            "login, cookies or secret headers"
        )
    if summary.nameless:
        print_note(
            f"left out: {pluralize(summary.nameless, 'article')} whose key is damaged; "
            "run `harvest verify`"
        )
    if summary.kept:
        names = ", ".join(summary.kept[:MAX_LISTED])
        more = len(summary.kept) - MAX_LISTED
        print_note(
            f"not written, since files of others are there: {names}"
            f"{f' and {more} more' if more > 0 else ''}"
        )
    if choices.is_indexed and not choices.url:
        print_note("no sitemap: its links need --url")
