"""Finds the command that was typed, runs it, and turns errors into messages.

Commands are imported when they are called: ``harvest search`` must start without
Scrapy, trafilatura, APScheduler, sqlite-utils or Datasette. Commands decide nothing;
they call the rooms below and print.
"""

from __future__ import annotations

import importlib
import keyword
import os
import sys
import time
from pathlib import Path

import click

import harvester
from harvester.cli.context import Context
from harvester.cli.output import clean, print_detail, use_colours
from harvester.cli.verbosity import verbosity_options, with_verbosity
from harvester.errors import HarvesterError

# Section of the help → its commands, each with its module.
SECTIONS = {
    "Begin": {
        "help": "help",
        "demo": "demo",
        "init": "init",
        "add": "add",
        "import": "import_command",
    },
    "Ask the archive": {
        "search": "search",
        "show": "article",
        "history": "article",
        "diff": "diff",
        "changes": "changes",
        "feed": "feed",
        "similar": "similar",
        "quote": "similar",
        "export": "export",
        "publish": "publish",
        "browse": "browse",
        "mcp": "mcp",
        "stats": "stats",
    },
    "Collect": {
        "outlets": "outlets",
        "remove": "outlets",
        "once": "crawl",
        "run": "crawl",
        "backfill": "backfill",
        "status": "status",
        "watch": "watch",
        "alerts": "alerts",
        "looks": "looks",
    },
    "How pages are read": {
        "check": "check",
        "health": "health",
        "teach": "teach",
        "profiles": "profiles",
        "rules": "rules",
        "reread": "reread",
        "split": "split",
    },
    "Keep, prove and take down": {
        "verify": "proof",
        "evidence": "proof",
        "backup": "backup",
        "restore": "backup",
        "merge": "merge",
        "purge": "purge",
        "doctor": "doctor",
    },
}
COMMANDS = {
    name: module for section in SECTIONS.values() for name, module in section.items()
}
# Commands that only read, and so need an archive but no settings.
READING_COMMANDS = frozenset(SECTIONS["Ask the archive"]) | {
    "status",
    "looks",
    "profiles",
    "verify",
    "evidence",
}
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the help."""
        return list(COMMANDS)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """The commands by section, each with its summary."""
        width = max(map(len, COMMANDS))
        limit = formatter.width - 6 - width
        for section, names in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(
                    [
                        (name.ljust(width), command.get_short_help_str(limit))
                        for name in names
                        if (command := self.get_command(ctx, name)) is not None
                    ]
                )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"harvester.cli.{COMMANDS[cmd_name]}")
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(module, name)
        return with_verbosity(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest name for an unknown command."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from harvester.cli.other_names import explain_command

            following = args[1] if len(args) > 1 else ""
            ctx.fail(
                f"unknown command {name!r}{explain_command(name, following, COMMANDS)}"
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    show_default="./settings.toml",
    help="The settings file.",
)
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read this archive, without settings.",
)
@verbosity_options
@click.version_option(harvester.__version__, prog_name="harvester")
@click.pass_context
def cli(ctx: click.Context, settings: Path | None, archive: Path | None) -> None:
    """Archive what news outlets publish, and how they change it afterwards.

    Start with `harvest demo`; or `harvest add https://newspaper.example`.
    `harvest help COMMAND` explains a command.
    """
    ctx.obj = ctx.obj or Context(settings)
    is_reading = ctx.invoked_subcommand in READING_COMMANDS
    if archive is not None and not is_reading and ctx.invoked_subcommand:
        names = ", ".join(sorted(READING_COMMANDS))
        raise click.UsageError(f"--archive is for commands that only read: {names}")
    if archive is None and is_reading:
        archive = _find_lone_archive(settings)
    ctx.obj.archive_file = archive
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _find_lone_archive(settings: Path | None) -> Path | None:
    """The archive in this folder, if there are no settings that would name one."""
    from harvester.settings.file import DEFAULT_ARCHIVE, has_settings_file

    path = Path(DEFAULT_ARCHIVE)
    return path if not has_settings_file(settings) and path.is_file() else None


def main() -> None:
    """Run ``harvest``; its exit codes are those of ``harvester.errors``."""
    if os.name == "nt":
        print_error(
            "harvest: Windows is not supported",
            "install it in the Windows Subsystem for Linux (WSL)",
        )
        sys.exit(1)
    _ensure_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())


def _ensure_standard_streams() -> None:
    """Open /dev/null for standard streams that our parent closed.

    Otherwise the next file that is opened, such as the archive, would become stdout.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, stream)


def run() -> int:
    """Run the command that was typed; returns its exit code."""
    context: Context | None = None
    try:
        if "_HARVEST_COMPLETE" in os.environ:
            cli.main(prog_name="harvest")  # a shell completes a command
        # Not cli.main: it exits with 1 when a pipe is closed.
        with cli.make_context("harvest", sys.argv[1:]) as ctx:
            # The context of the command has it once the group is invoked.
            context = ctx.obj = Context(ctx.params.get("settings"))
            started = time.monotonic()
            cli.invoke(ctx)
            print_detail(f"took {time.monotonic() - started:.2f} s")
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "harvest"
        message = clean(_explain_usage(error, command))
        print_error(f"{command}: {message} (see `{command} --help`)")
        return 2
    except HarvesterError as error:
        print_error(f"harvest: {error}", error.hint)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; nothing can be said, and nothing need be.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        print_error(f"harvest: {error.filename or 'a file'}: {reason}")
        return 1
    except Exception as error:
        explanation = _explain_error(context, error)
        if explanation is None:
            raise
        print_error(f"harvest: {explanation}", explanation.hint)
        return explanation.exit_code


def _explain_usage(error: click.UsageError, command: str) -> str:
    """What was wrong, and what people meant who typed an option of other programs."""
    if isinstance(error, click.NoSuchOption):
        from harvester.cli.other_names import explain_option

        hint = explain_option(command.partition(" ")[2], error.option_name)
        if error.possibilities and not hint:
            hint = f"did you mean {' or '.join(sorted(error.possibilities))}?"
        return f"unknown option {error.option_name}{': ' if hint else ''}{hint}"
    return error.format_message()


def _explain_error(context: Context | None, error: Exception) -> HarvesterError | None:
    """Whether a damaged value of the archive explains an unexpected error."""
    if context is None:
        return None
    from harvester.archive.integrity.values import explain_error

    try:
        return explain_error(context.archive_path, error)
    except HarvesterError:  # there are no settings
        return None


def print_error(message: str, hint: str = "") -> None:
    """Print an error on stderr, and below it what to do."""
    text = clean(message, multiline=True)
    if hint:
        text += f"\n  {clean(hint, multiline=True)}"
    click.echo(text, err=True, color=use_colours(sys.stderr))
