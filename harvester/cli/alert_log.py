"""``harvest alerts list`` and ``log``: what there is, what rang, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.alert_tables import require_alert
from harvester.cli.context import Context, pass_context
from harvester.cli.options import POSITIVE_INT, list_options
from harvester.cli.output import (
    display_time,
    format_table,
    pluralize,
    print_note,
    print_records,
    print_text,
)
from harvester.errors import ArchiveNotFound, ArchiveOutdated

if TYPE_CHECKING:
    from harvester.settings.types import Alert

LIST_COLUMNS = (
    *("name", "query", "on", "to", "when", "template", "signed", "muted", "last"),
    "deliveries",
)
LOG_COLUMNS = (
    *("at", "alert", "on", "outlet", "article", "url", "title", "note", "target"),
    *("state", "attempts", "due", "ended", "error", "id"),
)


@click.command("list")
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
            **describe(alert),
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


def describe(alert: Alert) -> dict[str, Any]:
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


def summary(alert: Alert) -> str:
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


@click.command()
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
            require_alert(context.settings, name)
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
