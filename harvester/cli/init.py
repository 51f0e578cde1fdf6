"""``harvest init``: a new settings.toml."""

from __future__ import annotations

import os
from pathlib import Path

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import clean, print_text

_NEXT_STEPS = """\
  harvest add https://newspaper.example    finds its feeds and adds it
  harvest import subscriptions.opml        adds what a feed reader exported
  harvest once                             checks everything that is due, once
  harvest run                              goes on doing so"""
_WHO = "  first say who you are: [crawl] user_agent, at the top of the file"


@click.command()
@click.option(
    "--contact",
    default="",
    metavar="URL|EMAIL",
    help="How outlets can reach you; sent with every request.",
)
@pass_context
def init(context: Context, contact: str) -> None:
    """Write a settings.toml, and say what to do next.

    All settings are explained in it. It is written where --settings or HARVESTER_SETTINGS
    says, else here. A file that exists is never overwritten.

    Examples: `harvest init --contact https://example.org/who-we-are`,
    `harvest --settings news.toml init`
    """
    from harvester.settings.edit import create_settings
    from harvester.settings.starter import starter_settings

    file = context.settings_file or Path(
        os.environ.get("HARVESTER_SETTINGS") or "settings.toml"
    )
    create_settings(file, starter_settings(contact))
    print_text(f"wrote {clean(str(file))}; next:")
    if not contact:
        print_text(_WHO)
    print_text(_NEXT_STEPS)
