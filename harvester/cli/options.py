"""Options and types of arguments that several commands share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import utc_now
from harvester.cli.output import pluralize, print_note

if TYPE_CHECKING:
    from harvester.query.tree import Node

# SQLite has no integers beyond 64 bits.
POSITIVE_INT = click.IntRange(1, 1_000_000_000)
ARTICLE_HELP = (
    "ARTICLE: a key, a unique prefix of one with at least 6 characters, or any of the "
    "article's addresses."
)
VERSION_HELP = (
    f"{ARTICLE_HELP} ARTICLE@2, @first, @latest and @2025-09-06 (what was online then) "
    "name a version, ARTICLE@2..5 two."
)

json_object_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)
json_list_option = click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list."
)
json_form_option = click.option(
    "--json", "form", flag_value="json", help="Print a JSON list."
)
nl_form_option = click.option(
    "--nl", "form", flag_value="nl", help="Print one JSON object a line."
)
csv_form_option = click.option("--csv", "form", flag_value="csv", help="Print CSV.")
tsv_form_option = click.option(
    "--tsv", "form", flag_value="tsv", help="Print tab-separated values."
)
wait_option = click.option(
    "--wait", is_flag=True, help="Wait while another program has the archive locked."
)


def limit_option(default: int, noun: str = "results") -> Callable[[Any], Any]:
    """``--limit`` and ``-n``."""
    return click.option(
        "--limit",
        "-n",
        type=POSITIVE_INT,
        default=default,
        show_default=True,
        help=f"Maximum number of {noun}.",
    )


OVERWRITE = "harvester.overwrite"  # in click's ``meta``: whether files are replaced


def list_options(function: Callable[..., int]) -> Callable[..., None]:
    """What every command that prints a list has: --json, --nl, --csv, --tsv, -o …

    The command is given the form as ``form`` (see ``output.print_records``), and returns
    how many records it listed. With ``-o`` its standard output goes into the file.
    """

    @functools.wraps(function)
    def command(
        *args: Any,
        form: str | None,
        output: Path | None,
        overwrite: bool,
        exit_code: bool,
        **kwargs: Any,
    ) -> None:
        from harvester.cli.output_file import form_of_file, redirect_output

        click.get_current_context().meta[OVERWRITE] = overwrite
        with redirect_output(output, overwrite):
            count = function(*args, form=form or form_of_file(output), **kwargs)
        if output is not None and str(output) != "-":
            print_note(f"{output}: {pluralize(count, 'record')}")
        if exit_code and not count:
            raise click.exceptions.Exit(1)

    options = (
        json_form_option,
        nl_form_option,
        csv_form_option,
        tsv_form_option,
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
            metavar="FILE",
            help="Write to a file; its ending (.csv, .tsv, .json, .nl) names the form.",
        ),
        click.option("--overwrite", is_flag=True, help="Replace a FILE that exists."),
        click.option(
            "--exit-code", is_flag=True, help="Exit with 1 if nothing is listed."
        ),
    )
    for option in reversed(options):
        option(command)
    return command


class DurationParamType(click.ParamType[float]):
    """A duration in words, as in settings.toml; becomes seconds."""

    name = "duration"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """ "90 seconds", "1 hour"."""
        from harvester.settings import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TimeParamType(click.ParamType[str]):
    """A period or how long ago; becomes a time as the archive writes it.

    Of a period its beginning, or with ``is_end`` its end.
    """

    name = "time"

    def __init__(self, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """ "2025-09", "2025-09-06", "2025-09-06T08:00+02:00", "last week", "2 days"."""
        from harvester.query.time_ranges import parse_period
        from harvester.schedule.times import format_time

        text = " ".join(value.lower().split()).removesuffix(" ago")
        try:
            start, end = parse_period(text, utc_now())
            chosen = (end or start) if self._is_end else start
            moment = datetime.fromisoformat(chosen)
        except (ValueError, OverflowError):
            self.fail(
                f"invalid time {value!r}: write a day (2025-09-06), a month (2025-09), a "
                "time (2025-09-06T08:00Z), yesterday, 'last week', or how long ago (2 days)"
            )
        return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


published_since_option = click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only what was published since a day, a time, or for a duration ('2 days').",
)
published_until_option = click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only what was published up to a day, that day included.",
)
outlets_option = click.option(
    "--outlet",
    "outlets",
    multiple=True,
    shell_complete=complete_outlets,
    help="Only this outlet; may be repeated.",
)


_OPTION_WITH_VALUE = re.compile(r"--[a-z][a-z-]*=|-[no]\d+$")


@dataclass(frozen=True, slots=True)
class ArticleOptions:
    """Which articles: what ``--query``, ``--outlet``, ``--since`` and ``--until`` say."""

    query: str
    outlets: tuple[str, ...]
    since: str
    until: str

    def to_tree(self, now: datetime) -> Node | None:
        """As a query; None if they say nothing. Raises QueryError."""
        from harvester.query import parse_query
        from harvester.query.tree import make_filter, narrow

        options = (self.outlets, self.since, self.until)
        if self.query.strip():
            return narrow(parse_query(self.query, now), *options)
        return make_filter(*options)


def article_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that narrow a list down to articles; given as ``articles``."""

    @functools.wraps(function)
    def command(
        *args: Any,
        filter_query: str,
        outlets: tuple[str, ...],
        since: str | None,
        until: str | None,
        **kwargs: Any,
    ) -> Any:
        chosen = ArticleOptions(filter_query, outlets, since or "", until or "")
        return function(*args, articles=chosen, **kwargs)

    query_option = click.option(
        "--query",
        "filter_query",
        default="",
        help="Only articles that this query finds, as of `harvest search`.",
    )
    for option in (
        published_until_option,
        published_since_option,
        outlets_option,
        query_option,
    ):
        option(command)
    return command


class QueryCommand(click.Command):
    """A command whose arguments are a query: ``-word`` excludes the word.

    As an argument of its own, a dash and one character is an option.
    """

    _MARK = "\x1f"  # before what click must not take for options

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, excluded words aside."""
        options_end = args.index("--") if "--" in args else len(args)
        marked = [
            f"{self._MARK}{arg}" if _is_excluded_word(arg) else arg
            for arg in args[:options_end]
        ]
        return super().parse_args(ctx, marked + args[options_end:])

    @classmethod
    def join_words(cls, words: Iterable[str]) -> str:
        """The query of the arguments."""
        return " ".join(word.removeprefix(cls._MARK) for word in words)


def _is_excluded_word(argument: str) -> bool:
    """Whether click must not take an argument for an option.

    ``-word`` is one, ``-n5`` none; in one argument with spaces all is query.
    """
    if _OPTION_WITH_VALUE.match(argument) or len(argument) < 3:
        return False
    return argument[0] == "-" and (argument[1] != "-" or " " in argument)
