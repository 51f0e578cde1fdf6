"""The command line, ``harvest``: one file a command group, found by ``commands``."""

from harvester.cli.commands import COMMANDS, cli, main

__all__ = ["COMMANDS", "cli", "main"]
