"""``harvest help``: the help of a command, as behind ``--help``."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]")
@click.pass_context
def help(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the commands, or explain one.

    Examples: `harvest help search`, `harvest help rules test`
    """
    group = ctx.find_root()
    context: click.Context = group
    for number, word in enumerate(words):
        command = context.command
        if not isinstance(command, click.Group):
            raise click.UsageError(
                f"{context.command_path} has no subcommands", context
            )
        _, found, _ = command.resolve_command(context, list(words[number:]))
        assert found is not None
        context = click.Context(found, info_name=word, parent=context)
    click.echo(context.get_help())
