"""``harvest import``: what others have, one module a source.

A file without the name of a source is a list of feeds, as it always was:
``harvest import subscriptions.opml``.
"""

from __future__ import annotations

import importlib

import click

from harvester.cli.verbosity import with_verbosity

# Source → module of its command; ``list`` says what was imported.
SOURCES = {
    "feeds": "import_feeds",
    "warc": "import_warc",
    "wayback": "import_wayback",
    "list": "import_list",
}
DEFAULT_SOURCE = "feeds"


class ImportGroup(click.Group):
    """A group whose commands are imported when they are called."""

    ignore_unknown_options = True  # they are those of the default source

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The default source says what is missing where there are no arguments."""
        return super().parse_args(ctx, args or [DEFAULT_SOURCE])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all sources, in the order of the help."""
        return list(SOURCES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a source."""
        if cmd_name not in SOURCES:
            return None
        module = importlib.import_module(f"harvester.cli.{SOURCES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("list", "list_"))
        return with_verbosity(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the source that is named first, or the default one."""
        if args[0] not in SOURCES:
            args = [DEFAULT_SOURCE, *args]
        return super().resolve_command(ctx, args)


@click.group("import", cls=ImportGroup)
def import_() -> None:
    """Bring in feeds, and what others received.

    Without the name of a source, FILE is a list of feeds: an OPML file of a feed
    reader, or one feed a line.

    Examples: `harvest import subscriptions.opml`, `harvest import warc news.warc.gz`
    """
