"""How commands print: text and tables for people, JSON and CSV for programs.

Results go to stdout, everything else to stderr. What outlets wrote is hostile: control
characters, escape sequences and bidirectional marks are removed from everything that
goes to a terminal, and written as ``\\u…`` in JSON.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

import click

from harvester.cli import table_layout
from harvester.cli.table_layout import truncate as truncate
from harvester.cli.verbosity import is_quiet, is_verbose
from harvester.render.cells import CONTROL_CHARACTERS, ESCAPE_SEQUENCES, make_cell
from harvester.render.cells import clean as clean

# The second defence: colours as ``click.style`` writes them stay, all else goes.
_STYLE_OR_UNSAFE = re.compile(
    rf"(\x1b\[[0-9;]{{1,12}}m)|{ESCAPE_SEQUENCES.pattern}|{CONTROL_CHARACTERS.pattern}"
)
_ESCAPED_IN_JSON = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def use_colours(stream: IO[str]) -> bool:
    """Whether to write colours: only to a terminal, and not if NO_COLOR is set."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def print_text(text: str = "", err: bool = False) -> None:
    """Print a line for people. Colours from ``click.style`` stay."""
    text = _STYLE_OR_UNSAFE.sub(lambda match: match[1] or "", text)
    click.echo(text, err=err, color=use_colours(sys.stderr if err else sys.stdout))


def print_note(text: str) -> None:
    """Print what is not the result, such as a warning or a hint, on stderr.

    Not with --quiet.
    """
    if not is_quiet():
        print_text(clean(text, multiline=True), err=True)


def print_detail(text: str) -> None:
    """Print what is done, on stderr, with --verbose."""
    if is_verbose():
        print_text(clean(text, multiline=True), err=True)


def shows_progress() -> bool:
    """Whether to rewrite a line on stderr as work goes on."""
    return sys.stderr.isatty() and not is_quiet()


def pluralize(count: int, singular: str, plural: str = "") -> str:
    """1 visit, 2 visits."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def describe_count(count: int, limit: int, singular: str) -> str:
    """The number of results, and at the limit that there may be more."""
    more = "; there may be more, see --limit" if count == limit else ""
    return pluralize(count, singular) + more


def display_state(state: str) -> str:
    """An article's state for people."""
    return "online" if state == "live" else state


def display_time(timestamp: str | None) -> str:
    """A time for people: UTC, to the minute."""
    return timestamp[:16].replace("T", " ") if timestamp else ""


def terminal_width() -> int:
    """Columns of the terminal; 120 if there is none."""
    return max(20, shutil.get_terminal_size((120, 24)).columns)


def table_width() -> int | None:
    """Columns for a table; None: any number, as it is not for a terminal.

    ``COLUMNS`` in the environment holds there too.
    """
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return terminal_width()
    return None


def format_json(value: object, indent: int | None = 2) -> str:
    """JSON that is safe to print to a terminal."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not unicode, indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(value: object) -> None:
    """Print one JSON value."""
    click.echo(format_json(value), color=True)


def print_json_lines(records: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line."""
    for record in records:
        click.echo(format_json(record, None), color=True)


def print_csv(
    records: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    delimiter: str = ",",
) -> None:
    """Print CSV with a header; an apostrophe precedes what looks like a formula."""
    print_csv_rows(columns, delimiter)(records)


def print_csv_rows(
    columns: Sequence[str], delimiter: str = ","
) -> Callable[[Iterable[Mapping[str, Any]]], None]:
    """Print the header of CSV; returns what prints its rows."""
    import csv

    writer = csv.writer(sys.stdout, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)

    def print_rows(records: Iterable[Mapping[str, Any]]) -> None:
        for record in records:
            writer.writerow([make_cell(record.get(name)) for name in columns])

    return print_rows


def print_records(
    records: Sequence[Mapping[str, Any]],
    form: str | None,
    csv_columns: Sequence[str] = (),
) -> bool:
    """Print records as ``json``, ``nl``, ``csv`` or ``tsv``; false for another form.

    ``csv_columns``: of CSV and TSV; by default all names that the records have.
    """
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    elif form in ("csv", "tsv"):
        columns = csv_columns or list(
            dict.fromkeys(name for record in records for name in record)
        )
        print_csv(records, columns, "\t" if form == "tsv" else ",")
    else:
        return False
    return True


def format_table(
    rows: Sequence[Sequence[object]],
    headers: Sequence[str],
    truncated_column: int | None = None,
    optional: Sequence[str] = (),
) -> str:
    """A table that fits the terminal; ``truncated_column`` (default: last) is cut first.

    ``optional``: headers of columns that may go, the first of them first. Nothing is cut
    where standard output is no terminal. See ``table_layout``.
    """
    texts = [[clean("" if cell is None else str(cell)) for cell in row] for row in rows]
    return table_layout.layout_table(
        texts,
        headers,
        width=table_width(),
        cut_column=len(headers) - 1 if truncated_column is None else truncated_column,
        optional=optional,
        right_aligned=frozenset(
            column
            for column in range(len(headers))
            if rows and all(isinstance(row[column], int | None) for row in rows)
        ),
    )


def wrap_text(text: str, indent: str = "") -> str:
    """Paragraphs, wrapped to the width of the terminal."""
    import textwrap

    columns = min(terminal_width(), 100) - 1
    return "\n".join(
        textwrap.fill(
            line,
            columns,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        for line in clean(text, multiline=True).split("\n")
    )


class StepProgress:
    """The steps of long work on stderr; on a terminal with the share that is done.

    Called with the name of a step and the share of it that is done, from 0 to 1.
    """

    def __init__(self) -> None:
        self._enabled = shows_progress()
        self._step = ""
        self._last_update = 0.0

    def __call__(self, step: str, share: float) -> None:
        """Print a step when it begins, and rewrite its share a few times a second."""
        if step != self._step:
            self.clear()
            self._step = step
            print_note(step)
        elif self._enabled and time.monotonic() - self._last_update > 0.2:
            self._last_update = time.monotonic()
            click.echo(f"\r{f'{share:.0%}':<6}", err=True, nl=False)

    def clear(self) -> None:
        """Remove the share."""
        if self._last_update:
            click.echo("\r      \r", err=True, nl=False)
        self._last_update = 0.0


class Progress:
    """A line on stderr that is rewritten as work goes on; only on a terminal.

    ``label``: what is counted, such as "articles read".
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._enabled = shows_progress()
        self._last_update = 0.0

    def update(self, done: int, total: int) -> None:
        """Rewrite the line, a few times a second."""
        if self._enabled and time.monotonic() - self._last_update > 0.2:
            self._last_update = time.monotonic()
            click.echo(
                f"\r{f'{done} of {total} {self._label}':<60}", err=True, nl=False
            )

    def clear(self) -> None:
        """Remove the line."""
        if self._last_update:
            click.echo(f"\r{'':<60}\r", err=True, nl=False)
