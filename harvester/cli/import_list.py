"""``harvest import list``: what was imported, when, and who had received it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.options import json_object_option
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.archive.records.origins import OriginCounts


@click.command("list")
@json_object_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """List what was imported, and who had received it.

    Examples: `harvest import list`, `harvest import list --json`
    """
    from harvester.archive.records.origins import list_origins
    from harvester.importing.workspaces import list_workspaces

    context.requires_outlets = False
    unfinished = [path.name for path in list_workspaces(context.archive_path)]
    with context.connect_read_only() as connection:
        records = [_describe(counts) for counts in list_origins(connection)]
    if as_json:
        print_json({"imports": records, "unfinished": unfinished})
        return
    headers = ["imported", "kind", "name", "received by", "captures", "first", "last"]
    rows = [
        [
            display_time(record["at"]),
            record["kind"],
            clean(record["name"]),
            clean(record["receiver"]),
            record["captures"],
            display_time(record["first"]),
            display_time(record["last"]),
        ]
        for record in records
    ]
    print_text(format_table(rows, headers, 2) if rows else "nothing was imported")
    for name in unfinished:
        print_note(
            f"{clean(name)}: an import that is not finished; its command continues it, or "
            "remove the folder"
        )


def _describe(counts: OriginCounts) -> dict[str, Any]:
    origin = counts.origin
    return {
        "kind": origin.kind,
        "name": origin.name,
        "receiver": origin.receiver,
        "sha256": origin.sha256,
        "bytes": origin.bytes,
        "at": origin.at,
        "captures": counts.captures,
        "first": counts.first_at,
        "last": counts.last_at,
    }
