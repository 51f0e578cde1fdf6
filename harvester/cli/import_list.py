"""``harvest import list``: what was imported, and from whom."""

from __future__ import annotations

import click

from harvester.cli.context import Context, pass_context


@click.command("list")
@pass_context
def list_(context: Context) -> None:
    """List what was imported.

    Example: `harvest import list`
    """
