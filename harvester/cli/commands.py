"""The command line: ``harvest``. One file a command group; this one finds the command, and says what went wrong.

Commands are imported when they are called: ``harvest search`` must start without Scrapy, trafilatura, APScheduler,
sqlite-utils or Datasette. Not for: deciding anything; commands ask the rooms below and print.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

import harvester
from harvester.cli.context import Context
from harvester.cli.output import clean, use_colours
from harvester.errors import HarvesterError

# In the order of the help: what people look for first stands first.
COMMANDS = {
    "search": "search",
    "show": "article",
    "history": "article",
    "diff": "diff",
    "changes": "changes",
    "similar": "similar",
    "quote": "similar",
    "status": "status",
    "stats": "status",
    "looks": "looks",
    "watch": "watch",
    "health": "health",
    "browse": "browse",
    "once": "crawl",
    "run": "crawl",
    "check": "check",
    "teach": "teach",
    "profiles": "profiles",
    "rules": "rules",
    "reread": "reread",
    "split": "split",
    "merge": "merge",
    "verify": "proof",
    "evidence": "proof",
    "purge": "purge",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "demo": "demo",
}
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"harvester.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of that name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, 1)
            also = (
                f": did you mean {close[0]!r}?"
                if close
                else "; `harvest --help` lists them"
            )
            ctx.fail(f"there is no command {name!r}{also}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False,
             invoke_without_command=True)  # fmt: skip
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="settings.toml; default: ./settings.toml",
)
@click.version_option(harvester.__version__, prog_name="harvester")
@click.pass_context
def cli(ctx: click.Context, settings: Path | None) -> None:
    """Watches news outlets and keeps what they publish, and how they change it."""
    ctx.obj = Context(settings)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """The program ``harvest``. Ends with the exit codes that ``harvester.errors`` names."""
    _ensure_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _ensure_standard_streams() -> None:
    """Whoever started us may have closed them: then a file of ours must not be taken for one of them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free
        if getattr(sys, name) is None:
            setattr(
                sys,
                name,
                Path(os.devnull).open("w" if number else "r", encoding="utf-8"),
            )  # noqa: SIM115 (for as long as we run)


def _run() -> int:
    try:
        if "_HARVEST_COMPLETE" in os.environ:
            cli.main(prog_name="harvest")  # a shell asks what could follow
        # Not cli.main: it takes a closed pipe for a failure.
        with cli.make_context("harvest", sys.argv[1:]) as ctx:
            cli.invoke(ctx)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "harvest"
        print_error(f"{where}: {clean(error.format_message())} (see `{where} --help`)")
        return 2
    except HarvesterError as error:
        print_error(f"harvest: {error}", error.hint)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough: nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print_error(
            f"harvest: {error.filename or 'a file'}: {os.strerror(error.errno or 0)}"
        )
        return 1


def print_error(message: str, hint: str = "") -> None:
    """One fault in words on stderr, and what to do about it."""
    text = clean(message, multiline=True)
    if hint:
        text += f"\n  {clean(hint, multiline=True)}"
    click.echo(text, err=True, color=use_colours(sys.stderr))
