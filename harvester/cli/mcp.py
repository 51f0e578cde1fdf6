"""``harvest mcp``: the archive for language models."""

from __future__ import annotations

import click

from harvester.cli.context import Context, pass_context


@click.command()
@pass_context
def mcp(context: Context) -> None:
    """Serve the archive to a language model (MCP).

    A program that speaks it starts this command, and asks on its standard input. It only
    reads, opens no port, and marks what outlets wrote as untrusted. Needs the extra
    `mcp`.

    Examples, as the command of a server in such a program: `harvest mcp`,
    `harvest --archive /srv/news/archive.db mcp`
    """
    from harvester.mcp_server import serve

    serve(context.archive_path)
