"""The command line: ``harvest``. One file a command group; ``commands`` finds the command."""

from harvester.cli.commands import COMMANDS, cli, main

__all__ = ["COMMANDS", "cli", "main"]
