"""The table of an alert, made of what is typed; the name of one, and of none."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import utc_now
from harvester.errors import QueryError

if TYPE_CHECKING:
    from harvester.settings import Settings
    from harvester.settings.types import Alert

MAX_NAME_CHARACTERS = 40  # of a name that is made of a query
DEFAULT_NAME = "everything"  # of an alert without a query


def build_table(
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


def check_name(name: str) -> None:
    from harvester.settings.alert_values import parse_alert_name

    try:
        parse_alert_name(name)
    except ValueError as error:
        raise click.UsageError(f"--name: {error}") from error


def choose_name(query: str, settings: Settings) -> str:
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


def require_alert(settings: Settings, name: str) -> Alert:
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
