"""``harvest alerts``: be told when a query matches, or something happens."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_now, utc_timestamp
from harvester.cli.options import POSITIVE_INT, json_object_option, list_options
from harvester.cli.output import (
    display_time,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
)
from harvester.errors import ArchiveNotFound, ArchiveOutdated, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.settings import Settings
    from harvester.settings.types import Alert

MAX_NAME_CHARACTERS = 40  # of a name that is made of a query
LIST_COLUMNS = (
    *("name", "query", "on", "to", "when", "template", "signed", "muted", "last"),
    "deliveries",
)
LOG_COLUMNS = (
    *("at", "alert", "on", "outlet", "article", "url", "title", "note", "target"),
    *("state", "attempts", "due", "ended", "error", "id"),
)
DEFAULT_NAME = "everything"  # of an alert without a query


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
    table = _build_table(query, kinds, targets, when, template)
    if name:
        _check_name(name)
        if name in settings.alerts:
            raise click.UsageError(
                f"there is an alert {name!r} already; `harvest alerts remove {name}` "
                "removes it"
            )
    else:
        name = _choose_name(query, settings)
    changed = _edit(context, lambda text: toml_edit.add_alert(text, name, table))
    alert = changed.alerts[name]
    if as_json:
        print_json(_describe(alert))
        return
    print_text(f"alert {name} added to {changed.file}: {_summary(alert)}")
    print_note(
        f"`harvest alerts test {name}` sends a test; `harvest once` and `harvest run` "
        "deliver"
    )
    _print_daemon_note(changed)


def _build_table(
    query: str,
    kinds: tuple[str, ...],
    targets: tuple[str, ...],
    when: str,
    template: str,
) -> dict[str, Any]:
    """The table of an alert. Raises UsageError, also for a query that is invalid."""
    from harvester.query import parse_query
    from harvester.settings.alert_targets import parse_target
    from harvester.settings.alert_values import parse_kinds, parse_template

    query = " ".join(query.split())
    if query:
        try:
            parse_query(query, utc_now())
        except QueryError as error:
            raise click.UsageError(f"QUERY: {error}") from error
    names = [part.strip() for each in kinds for part in each.split(",") if part.strip()]
    try:
        on = list(parse_kinds(names)) if names else []
    except ValueError as error:
        raise click.UsageError(f"--on: {error}") from error
    for target in targets:
        try:
            parse_target(target)
        except ValueError as error:
            raise click.UsageError(f"--to: {error}") from error
    try:
        template = parse_template(template) if template else ""
    except ValueError as error:
        raise click.UsageError(f"--template: {error}") from error
    return {
        **({"query": query} if query else {}),
        **({"on": on} if on else {}),
        "to": list(dict.fromkeys(targets)),
        **({"when": when} if when != "now" else {}),
        **({"template": template} if template else {}),
    }


def _check_name(name: str) -> None:
    from harvester.settings.alert_values import parse_alert_name

    try:
        parse_alert_name(name)
    except ValueError as error:
        raise click.UsageError(f"--name: {error}") from error


def _choose_name(query: str, settings: Settings) -> str:
    """A name made of the words of a query, that no other alert has."""
    folded = unicodedata.normalize("NFKD", query.lower()).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", folded.decode())
    name = ""
    for word in words:
        if len(longer := f"{name}-{word}".strip("-")) > MAX_NAME_CHARACTERS:
            break
        name = longer
    name = name or "".join(words)[:MAX_NAME_CHARACTERS]
    name = name or (DEFAULT_NAME if not query.strip() else "alert")
    number, chosen = 1, name
    while chosen in settings.alerts:
        number += 1
        chosen = f"{name}-{number}"
    return chosen


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
        _require_alert(context.settings, name)

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


def _require_alert(settings: Settings, name: str) -> Alert:
    """The alert of that name. Raises UsageError, with the nearest name."""
    from harvester.settings import nearest_name

    if name in settings.alerts:
        return settings.alerts[name]
    nearest = nearest_name(name, settings.alerts)
    if nearest:
        hint = f"did you mean {nearest!r}?"
    elif settings.alerts:
        hint = f"the settings have {', '.join(settings.alerts)}"
    else:
        hint = "`harvest alerts add QUERY --to TARGET` adds one"
    raise click.UsageError(f"unknown alert {name!r}: {hint}")


# ---- what there is, and what rang


@alerts.command("list")
@list_options
@pass_context
def list_(context: Context, form: str | None) -> int:
    """List the alerts, when each rang last, and what became of it.

    Example: `harvest alerts list`
    """
    from harvester.archive.records import alert_deliveries

    rang: dict[str, str] = {}
    states: dict[str, dict[str, int]] = {}
    try:
        with context.connect_read_only() as connection:
            rang = alert_deliveries.get_last_rings(connection)
            states = alert_deliveries.count_states(connection)
    except (ArchiveNotFound, ArchiveOutdated):
        pass
    records = [
        {
            **_describe(alert),
            "last": rang.get(alert.name),
            "deliveries": states.get(alert.name, {}),
        }
        for alert in context.settings.alerts.values()
    ]
    if print_records(records, form, LIST_COLUMNS):
        return len(records)
    if not records:
        print_note("no alerts; `harvest alerts add QUERY --to TARGET` adds one")
        return 0
    rows = [
        [
            record["name"],
            record["query"] or "(everything)",
            ", ".join(record["on"]),
            ", ".join(record["to"]),
            _describe_state(record),
            display_time(record["last"]),
        ]
        for record in records
    ]
    headers = ["alert", "query", "on", "to", "state", "last"]
    print_text(format_table(rows, headers))
    return len(records)


def _describe(alert: Alert) -> dict[str, Any]:
    """An alert, without logins."""
    return {
        "name": alert.name,
        "query": alert.query,
        "on": list(alert.on),
        "to": [target.shown for target in alert.targets],
        "when": alert.when,
        "template": alert.template,
        "signed": bool(alert.secret),
        "muted": alert.muted,
    }


def _summary(alert: Alert) -> str:
    targets = ", ".join(target.shown for target in alert.targets)
    return f"{alert.query or 'everything'} ({', '.join(alert.on)}) to {targets}"


def _describe_state(record: dict[str, Any]) -> str:
    deliveries = record["deliveries"]
    parts = ["muted"] if record["muted"] else []
    if deliveries.get("given up"):
        parts.append(f"{deliveries['given up']} given up")
    if deliveries.get("failing"):
        parts.append(
            f"failing, {pluralize(deliveries['failing'], 'delivery', 'deliveries')} waiting"
        )
    elif deliveries.get("waiting"):
        parts.append(f"{deliveries['waiting']} waiting")
    if not parts:
        delivered = deliveries.get("delivered", 0)
        parts.append(f"{delivered} delivered" if delivered else "has not rung yet")
    return ", ".join(parts)


@alerts.command()
@click.argument("name", default="")
@click.option(
    "--failing", is_flag=True, help="Only what failed and waits, or was given up."
)
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=20,
    show_default=True,
    help="Maximum number of deliveries, newest first.",
)
@list_options
@pass_context
def log(
    context: Context, name: str, failing: bool, limit: int, form: str | None
) -> int:
    """List what rang, and whether it was delivered.

    Example: `harvest alerts log floods --failing`
    """
    from harvester.archive.records import alert_deliveries
    from harvester.identity.urls import mask_secrets

    states = ("waiting", "given up") if failing else ()
    with context.connect_read_only() as connection:
        records = alert_deliveries.list_log(connection, limit, name, states)
    records = [
        {
            **record,
            "url": mask_secrets(record["url"]) if record["url"] else None,
            "note": mask_secrets(record["note"]),
        }
        for record in records
        if not failing or record["attempts"]
    ]
    if print_records(records, form, LOG_COLUMNS):
        return len(records)
    if not records:
        if name:
            _require_alert(context.settings, name)
        print_note("nothing failed" if failing else "nothing rang yet")
        return 0
    rows = [
        [
            display_time(record["at"]),
            record["alert"],
            record["on"],
            record["outlet"],
            record["title"] or record["note"],
            record["target"],
            _describe_delivery(record),
        ]
        for record in records
    ]
    headers = ["seen", "alert", "on", "outlet", "title", "to", "state"]
    print_text(format_table(rows, headers))
    return len(records)


def _describe_delivery(record: dict[str, Any]) -> str:
    state: str = record["state"]
    if state == "waiting" and record["attempts"]:
        attempts = pluralize(record["attempts"], "attempt")
        return f"failed ({attempts}): {record['error']}; again {display_time(record['due'])}"
    if state == "given up":
        return f"given up: {record['error']}"
    return state


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

    alert = _require_alert(context.settings, name)
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
        _require_alert(context.settings, name)
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
