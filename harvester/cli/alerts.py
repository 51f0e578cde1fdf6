"""``harvest alerts``: be told when a query matches, or something happens."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from typing import TYPE_CHECKING

import click

from harvester.cli.alert_log import describe, list_, log, summary
from harvester.cli.alert_tables import (
    build_table,
    check_name,
    choose_name,
    require_alert,
)
from harvester.cli.context import Context, pass_context, utc_now, utc_timestamp
from harvester.cli.options import json_object_option
from harvester.cli.output import (
    pluralize,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.settings import Settings
    from harvester.settings.types import Alert


@click.group()
def alerts() -> None:
    """Be told when a query matches or articles change.

    Alerts are tables of settings.toml; `harvest once` and `harvest run` deliver them.

    Examples: `harvest alerts add 'flood* outlet:mpi' --to https://hook.example/x`,
    `harvest alerts list`
    """


# ---- writing the settings


@alerts.command()
@click.argument("query", default="")
@click.option(
    "--on",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="new, edit, headline, removed, returned, silence, missed or volume; several: "
    "with commas.  [default: new,edit]",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    required=True,
    metavar="TARGET",
    help="https://…, file:PATH, exec:PROGRAM or an address of Apprise (mailto://…); may "
    "be given several times.",
)
@click.option("--name", default="", help="Its name; by default made of the query.")
@click.option(
    "--when",
    type=click.Choice(["now", "hourly", "daily"]),
    default="now",
    show_default=True,
    help="At once, or as a digest.",
)
@click.option("--template", default="", help="The line of words for each event.")
@json_object_option
@pass_context
def add(
    context: Context,
    query: str,
    kinds: tuple[str, ...],
    targets: tuple[str, ...],
    name: str,
    when: str,
    template: str,
    as_json: bool,
) -> None:
    """Add an alert to settings.toml.

    QUERY is one of `harvest search`; without it, everything rings. `added:` and
    `removed:` ring when words appear in an article or disappear from it.

    Example: `harvest alerts add 'removed:"state of emergency"' --on edit --to
    file:alerts.jsonl`
    """
    from harvester.settings import toml_edit

    settings = context.settings
    table = build_table(query, kinds, targets, when, template)
    if name:
        check_name(name)
        if name in settings.alerts:
            raise click.UsageError(
                f"there is an alert {name!r} already; `harvest alerts remove {name}` "
                "removes it"
            )
    else:
        name = choose_name(query, settings)
    changed = _edit(context, lambda text: toml_edit.add_alert(text, name, table))
    alert = changed.alerts[name]
    if as_json:
        print_json(describe(alert))
        return
    print_text(f"alert {name} added to {changed.file}: {summary(alert)}")
    print_note(
        f"`harvest alerts test {name}` sends a test; `harvest once` and `harvest run` "
        "deliver"
    )
    _print_daemon_note(changed)


@alerts.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_context
def mute(context: Context, names: tuple[str, ...]) -> None:
    """Send nothing of alerts; what rings is recorded.

    Example: `harvest alerts mute floods`
    """
    from harvester.settings import toml_edit

    _change_all(
        context,
        names,
        lambda text, name: toml_edit.set_alert_key(text, name, "muted", True),
        "is muted: what rings is in `harvest alerts log`, and is not sent",
    )


@alerts.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_context
def unmute(context: Context, names: tuple[str, ...]) -> None:
    """Send what rings from now on.

    Example: `harvest alerts unmute floods`
    """
    from harvester.settings import toml_edit

    _change_all(
        context,
        names,
        lambda text, name: toml_edit.remove_alert_key(text, name, "muted"),
        "is sent again",
    )


@alerts.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_context
def remove(context: Context, names: tuple[str, ...]) -> None:
    """Remove alerts from settings.toml; what rang stays in the log.

    Example: `harvest alerts remove floods`
    """
    from harvester.settings import toml_edit

    _change_all(context, names, toml_edit.remove_alert, "is removed")


def _change_all(
    context: Context,
    names: tuple[str, ...],
    change: Callable[[str, str], str],
    done: str,
) -> None:
    names = tuple(dict.fromkeys(names))
    for name in names:
        require_alert(context.settings, name)

    def change_text(text: str) -> str:
        for name in names:
            text = change(text, name)
        return text

    changed = _edit(context, change_text)
    for name in names:
        print_text(f"alert {name} {done}")
    _print_daemon_note(changed)


def _edit(context: Context, change: Callable[[str], str]) -> Settings:
    from harvester.settings import find_settings_file
    from harvester.settings.edit import edit_settings

    return edit_settings(find_settings_file(context.settings_file), change, os.environ)


def _print_daemon_note(settings: Settings) -> None:
    from harvester.archive.writer_lock import get_lock_holder

    holder = get_lock_holder(settings.archive)
    if holder is not None and holder.command == "harvest run":
        print_note(f"{holder} takes it up within seconds")


alerts.add_command(list_)
alerts.add_command(log)


# ---- trying


@alerts.command()
@click.argument("name")
@click.option(
    "--dry-run", is_flag=True, help="Print the newest matching article; send nothing."
)
@json_object_option
@pass_context
def test(context: Context, name: str, dry_run: bool, as_json: bool) -> None:
    """Send a test to the targets of an alert, now.

    It has no article's words. --dry-run prints what would be sent of the newest article
    that matches instead. Ends with 1 if a target fails.

    Example: `harvest alerts test floods`
    """
    from harvester.alerts import channels, messages
    from harvester.alerts.alert_file import AlertFiles

    alert = require_alert(context.settings, name)
    if dry_run:
        _print_newest(context, alert)
        return
    files = AlertFiles()
    message = messages.build_test_message(secrets.token_hex(16), alert, utc_timestamp())
    results = [
        (target, channels.send(target, message, alert.secret, files))
        for target in alert.targets
    ]
    if as_json:
        print_json(
            {
                "alert": name,
                "id": message.id,
                "targets": [
                    {
                        "to": target.shown,
                        "delivered": not attempt.error,
                        "error": attempt.error,
                    }
                    for target, attempt in results
                ],
            }
        )
    else:
        for target, attempt in results:
            print_text(f"{target.shown}: {attempt.error or 'delivered'}")
    if any(attempt.error for _, attempt in results):
        raise SystemExit(1)


def _print_newest(context: Context, alert: Alert) -> None:
    """What would be sent of the newest article that the query finds."""
    from harvester.alerts import messages
    from harvester.archive.queries import alert_messages, search
    from harvester.query import parse_query

    query = alert.query.strip() or "seen:>=1970"
    now = utc_timestamp()
    with context.connect_read_only() as connection:
        hits = search.search(connection, parse_query(query, utc_now()), now, limit=1)
        if not hits or not hits[0].article:
            print_note(f"no article in the archive matches {query}")
            return
        hit = hits[0]
        record = alert_messages.load_article(
            connection, hit.article, hit.version, alert.name
        )
    message = messages.build_message("0" * messages.ID_DIGITS, alert, record)
    print_json(dict(message.record))


@alerts.command()
@click.argument("name", default="")
@pass_context
def retry(context: Context, name: str) -> None:
    """Send again what failed or was given up: of one alert, or of all.

    Example: `harvest alerts retry floods`
    """

    from harvester.archive.records import alert_deliveries
    from harvester.archive.sqlite_errors import translate_sqlite_errors
    from harvester.archive.transactions import open_beside, short_transaction

    if name:
        require_alert(context.settings, name)
    with context.connect_read_only():
        pass  # the archive is there, and of this version
    path = context.settings.archive
    with (
        translate_sqlite_errors(path),
        closing(open_beside(path)) as connection,
        short_transaction(connection),
    ):
        count = alert_deliveries.retry_now(connection, name, utc_timestamp())
    if count:
        print_text(
            f"{pluralize(count, 'delivery', 'deliveries')} due now: `harvest once` sends "
            "them, or a running `harvest run`"
        )
    else:
        print_note("nothing failed")
