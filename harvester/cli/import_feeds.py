"""``harvest import feeds``: lists of subscriptions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.listing import read_file
from harvester.cli.options import json_object_option
from harvester.cli.output import (
    clean,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.discovery.grouping import Folders, Plan
    from harvester.discovery.opml import Subscriptions
    from harvester.settings import Settings

MAX_PROBLEMS_SHOWN = 20
MAX_ROWS_SHOWN = 100


@click.command("feeds")
@click.argument("source", metavar="FILE|-")
@click.option(
    "--folders",
    type=click.Choice(["none", "sections", "outlets"]),
    default="none",
    show_default=True,
    help="Make a folder the section of its feeds, or an outlet of its own.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Take logins, headers, proxies and delays too that our own OPML has.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be written; write nothing."
)
@json_object_option
@pass_context
def feeds(
    context: Context,
    source: str,
    folders: str,
    trust: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add the feeds of a feed reader (OPML) or a list.

    A list has one feed a line. Feeds of one publisher become one outlet. Nothing is
    fetched: `harvest once` does so. Feeds that the settings have already stay as they
    are, so a list can be imported again. For a list of sites whose feeds are not known,
    see `harvest add`. The word `feeds` may be left out.

    Examples: `harvest import subscriptions.opml`, `harvest import feeds.txt --dry-run`
    """
    from harvester.discovery.grouping import plan_import
    from harvester.discovery.opml import read_subscriptions
    from harvester.settings.edit import load_or_begin
    from harvester.settings.file import settings_file_to_write

    file = settings_file_to_write(context.settings_file)
    settings = load_or_begin(file, os.environ)
    stream = sys.stdin.buffer if source == "-" else None
    path = Path("standard input" if source == "-" else source)
    try:
        found = read_subscriptions(read_file(path, stream))
    except HarvesterError as error:
        if str(error).startswith(str(path)):
            raise
        raise HarvesterError(f"{path}: {error}", error.hint) from error
    plan = plan_import(
        found.feeds,
        found.outlets,
        settings.outlets,
        cast("Folders", folders),
        trust=trust,
    )
    if not dry_run and plan.feed_count:
        _write(file, plan)
    if as_json:
        print_json(_record(plan, found, file, dry_run))
    else:
        _print_plan(settings, plan, file, dry_run)
        _print_problems(plan, found)
    if not plan.feed_count and not plan.known_count:
        raise HarvesterError(f"{path} has no feed that can be added")


def _write(file: Path, plan: Plan) -> None:
    from harvester.settings import toml_edit
    from harvester.settings.edit import edit_or_create

    def change(text: str) -> str:
        for key, feeds in plan.more.items():
            text = toml_edit.add_feeds(text, key, feeds)
        return toml_edit.add_outlets(text, plan.new) if plan.new else text

    _, is_new = edit_or_create(file, change, os.environ)
    if is_new:
        print_note(f"wrote {file}: say in it who you are, as [crawl] user_agent")


def _record(
    plan: Plan, found: Subscriptions, file: Path, dry_run: bool
) -> dict[str, Any]:
    from harvester.identity.urls import mask_secrets

    def urls(feeds: Any) -> list[str]:
        return [
            mask_secrets(feed if isinstance(feed, str) else feed["url"])
            for feed in feeds
        ]

    return {
        "file": str(file),
        "written": not dry_run and bool(plan.feed_count),
        "new_outlets": [
            {
                "outlet": key,
                "name": table.get("name", ""),
                "home": table.get("home", ""),
                "feeds": urls([*table.get("feeds", ()), *table.get("pages", ())]),
            }
            for key, table in plan.new.items()
        ],
        "extended_outlets": [
            {"outlet": key, "feeds": urls(feeds)} for key, feeds in plan.more.items()
        ],
        "known_feeds": plan.known_count,
        "left_out": [*found.problems, *plan.dropped],
    }


def _print_plan(settings: Settings, plan: Plan, file: Path, dry_run: bool) -> None:
    rows = [
        [
            key,
            table.get("name", ""),
            len(table.get("feeds", ())) + len(table.get("pages", ())),
            table.get("home", ""),
        ]
        for key, table in plan.new.items()
    ]
    rows += [
        [key, settings.outlets[key].name, len(feeds), "has more feeds now"]
        for key, feeds in plan.more.items()
    ]
    if rows:
        headers = ["outlet", "name", "feeds", "home"]
        print_text(format_table(rows[:MAX_ROWS_SHOWN], headers))
        if len(rows) > MAX_ROWS_SHOWN:
            print_text(f"and {len(rows) - MAX_ROWS_SHOWN} more")
        would = "would be " if dry_run else ""
        print_text(
            f"\n{pluralize(len(plan.new), 'outlet')} and "
            f"{pluralize(plan.feed_count, 'feed')} {would}added to {clean(str(file))}"
        )
    if plan.known_count:
        are = "is" if plan.known_count == 1 else "are"
        print_note(
            f"{pluralize(plan.known_count, 'feed')} {are} in the settings already"
        )
    if rows and not dry_run:
        print_note("`harvest once` checks them; a running `harvest run` takes them up")


def _print_problems(plan: Plan, found: Subscriptions) -> None:
    from harvester.identity.urls import mask_secrets

    for problem in found.problems[:MAX_PROBLEMS_SHOWN]:
        print_note(f"left out: {mask_secrets(problem)}")
    if len(found.problems) > MAX_PROBLEMS_SHOWN:
        print_note(f"left out: {len(found.problems) - MAX_PROBLEMS_SHOWN} more")
    if plan.dropped:
        print_note(
            f"left out, as the file may be somebody else's: {', '.join(plan.dropped)}; "
            "--trust takes them"
        )
