"""``-q`` and ``-v``, before a command and behind it: how much is said beside results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_KEY = (
    "harvester.verbosity"  # in click's ``meta``, which a command shares with its group
)


def is_quiet() -> bool:
    """Whether only results and errors are printed."""
    return _level() < 0


def is_verbose() -> bool:
    """Whether it is told what is done."""
    return _level() > 0


def _level() -> int:
    context = click.get_current_context(silent=True)
    return context.meta.get(_KEY, 0) if context is not None else 0


def _set_level(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_KEY] = 1 if parameter.name == "verbose" else -1


def _options(hidden: bool) -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            hidden=hidden,
            expose_value=False,
            callback=_set_level,
            help="Print results and errors only.",
        ),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            hidden=hidden,
            expose_value=False,
            callback=_set_level,
            help="Also print what is done.",
        ),
    ]


def verbosity_options(function: Any) -> Any:
    """The options of the group."""
    for option in reversed(_options(hidden=False)):
        function = option(function)
    return function


def with_verbosity(command: click.Command) -> click.Command:
    """A command that takes the options too; its help leaves them to the group's."""
    taken = {name for parameter in command.params for name in parameter.opts}
    if not {"-q", "-v"} & taken:
        for option in _options(hidden=True):
            option(command)
    return command
