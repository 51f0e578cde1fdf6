"""``harvest outlets`` and ``harvest remove``: what is harvested, and to stop it."""

from __future__ import annotations

import os
from typing import Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_configured_outlets,
)
from harvester.cli.options import list_options
from harvester.cli.output import (
    display_time,
    format_table,
    pluralize,
    print_note,
    print_records,
    print_text,
)
from harvester.errors import ArchiveNotFound, ArchiveOutdated

READ_OUTCOMES = ("changed", "unchanged")
CSV_COLUMNS = (
    "outlet",
    "name",
    "home",
    "feeds",
    "failing_feeds",
    "articles",
    "last_new",
    "state",
    "words",
)
NOT_CHECKED_YET = "not checked yet"


@click.command()
@click.option("--failing", is_flag=True, help="Only outlets with a feed that fails.")
@list_options
@pass_context
def outlets(context: Context, failing: bool, form: str | None) -> int:
    """List the outlets: feeds, articles, the newest.

    Outlets that are no longer in the settings, or disabled there, are listed too: their
    articles stay. `harvest status OUTLET` says more of one.

    Examples: `harvest outlets --failing`, `harvest outlets --csv -o outlets.csv`
    """
    records = _list_records(context)
    count = len(records)
    if failing:
        records = [record for record in records if record["failing_feeds"]]
    if print_records(records, form, CSV_COLUMNS):
        return len(records)
    rows = [
        [
            record["outlet"],
            record["name"],
            len(record["feeds"]),
            record["articles"],
            display_time(record["last_new"]),
            record["words"],
        ]
        for record in records
    ]
    if rows:
        headers = ["outlet", "name", "feeds", "articles", "last new", "state"]
        print_text(format_table(rows, headers))
    elif failing:
        print_note(f"none of {pluralize(count, 'outlet')} fails")
    return len(records)


def _list_records(context: Context) -> list[dict[str, Any]]:
    """All outlets: those of the settings in their order, then others of the archive."""
    from harvester.archive.queries import report
    from harvester.identity.urls import mask_secrets

    settings = context.settings
    try:
        with context.connect_read_only() as connection:
            archived = {row["outlet"]: row for row in report.list_outlets(connection)}
    except (ArchiveNotFound, ArchiveOutdated):
        archived = {}
    records = []
    for key, outlet in settings.outlets.items():
        row = archived.pop(key, None)
        record = _base_record(key, outlet.name, row)
        record["home"] = mask_secrets(outlet.home)
        record["feeds"] = [mask_secrets(feed.url) for feed in outlet.feeds]
        state, words = _describe(row, {feed.url for feed in outlet.feeds})
        if outlet.disabled:
            state = words = "disabled"
            record["failing_feeds"] = 0
        records.append({**record, "state": state, "words": words})
    for key, row in archived.items():
        record = {**_base_record(key, row["name"], row), "failing_feeds": 0}
        words = "not in the settings"
        records.append({**record, "state": "not configured", "words": words})
    return records


def _base_record(key: str, name: str, row: dict[str, Any] | None) -> dict[str, Any]:
    feeds = row["feeds"] if row is not None else ()
    return {
        "outlet": key,
        "name": name,
        "home": None,
        "feeds": [],
        "failing_feeds": sum(map(_is_failing, feeds)),
        "articles": row["articles"] if row is not None else 0,
        "last_new": row["newest"] if row is not None else None,
    }


def _is_failing(feed: dict[str, Any]) -> bool:
    return bool(
        feed["active"] and feed["polled"] and feed["outcome"] not in READ_OUTCOMES
    )


def _describe(row: dict[str, Any] | None, urls: set[str]) -> tuple[str, str]:
    """An outlet's state, and the same in words."""
    from harvester.identity.urls import mask_secrets

    feeds = [feed for feed in row["feeds"] if feed["feed"] in urls] if row else []
    if not any(feed["polled"] for feed in feeds):
        return "new", NOT_CHECKED_YET
    failing = [feed for feed in feeds if _is_failing(feed)]
    if not failing:
        return "fine", "fine"
    first = failing[0]
    problem = f"{first['outcome']}: {mask_secrets(first['reason'] or '')}"
    since = f" since {display_time(first['since'])}" if first["since"] else ""
    share = f"{len(failing)} of {pluralize(len(feeds), 'feed')} "
    return "failing", f"{share if len(feeds) > 1 else ''}{problem}{since}"


@click.command()
@click.argument(
    "keys",
    nargs=-1,
    required=True,
    metavar="OUTLET…",
    shell_complete=complete_outlets,
)
@pass_context
def remove(context: Context, keys: tuple[str, ...]) -> None:
    """Stop checking outlets. What is archived of them stays.

    Sets `disabled = true` in their tables of settings.toml; a running `harvest run` takes
    it up by itself. To go on, remove that line or `harvest add` the outlet again. To
    delete articles, see `harvest purge`.

    Examples: `harvest remove courier`, `harvest remove courier mpi`
    """
    from harvester.archive.writer_lock import get_lock_holder
    from harvester.settings import find_settings_file, toml_edit
    from harvester.settings.edit import edit_settings

    settings = context.settings
    require_configured_outlets(keys, list(settings.outlets))
    enabled = [key for key in keys if not settings.outlets[key].disabled]

    def disable(text: str) -> str:
        for key in enabled:
            text = toml_edit.set_outlet_key(text, key, "disabled", True)
        return text

    file = find_settings_file(context.settings_file)
    if enabled:
        edit_settings(file, disable, os.environ)
    for key in dict.fromkeys(keys):
        if key in enabled:
            print_text(
                f"outlet {key} is disabled in {file}: kept and searchable, "
                "not checked any more"
            )
        else:
            print_note(f"outlet {key} is disabled already")
    holder = get_lock_holder(settings.archive)
    if enabled and holder is not None and holder.command == "harvest run":
        print_note(f"{holder} takes it up within seconds")
