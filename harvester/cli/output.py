"""How things are printed: tables and lines for people, JSON and CSV for machines. Results on stdout, all else on stderr.

What outlets wrote is hostile: control characters, escape sequences and marks that turn the direction of text are taken out
of all that goes to a terminal, and written as ``\\u…`` in JSON. Not for: deciding what is printed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import click

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and the like: titles, links
    r"|\x1b[ -/]*[0-~]"
)
_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
# The second wall: colours as ``click.style`` writes them stay, all else goes.
_STYLE_OR_UNSAFE = re.compile(
    rf"(\x1b\[[0-9;]{{1,12}}m)|{_ESCAPE_SEQUENCES.pattern}|{_CONTROL_CHARACTERS.pattern}"
)
FORMULA_PREFIXES = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # with these a spreadsheet's formula begins
_ESCAPED_IN_JSON = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str, multiline: bool = False) -> str:
    """A text without what a terminal would obey; on one line unless ``lines``."""
    text = _CONTROL_CHARACTERS.sub("", _ESCAPE_SEQUENCES.sub("", text)).replace(
        "\t", " "
    )
    return text if multiline else " ".join(text.split())


def use_colours(stream: IO[str]) -> bool:
    """Whether to write colours there: only on a terminal, and not where NO_COLOR says no."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def print_text(text: str = "", err: bool = False) -> None:
    """A line for people. Its parts were cleaned, ``click.style`` may have been used on them; what else a terminal would obey goes."""
    text = _STYLE_OR_UNSAFE.sub(lambda match: match[1] or "", text)
    click.echo(text, err=err, color=use_colours(sys.stderr if err else sys.stdout))


def print_note(text: str) -> None:
    """Something that is not the result: a warning, a progress, a hint; on stderr."""
    print_text(clean(text, multiline=True), err=True)


def display_time(time: str | None) -> str:
    """A time for people: UTC, to the minute."""
    return time[:16].replace("T", " ") if time else ""


def terminal_width() -> int:
    """Columns of the terminal; wide where there is none, so that nothing is cut in a file."""
    return max(20, shutil.get_terminal_size((120, 24)).columns)


def format_json(value: object, indent: int | None = 2) -> str:
    """JSON that is safe to look at on a terminal too."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not unicode, indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(value: object) -> None:
    """One JSON value."""
    click.echo(format_json(value), color=True)


def print_json_lines(records: Iterable[Mapping[str, Any]]) -> None:
    """JSON, one record a line."""
    for record in records:
        click.echo(format_json(record, None), color=True)


def print_csv(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """CSV with a header. A field that a spreadsheet would take for a formula gets an apostrophe before it."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_csv_field(record[name]) for name in columns])


def _csv_field(value: object) -> str:
    if isinstance(value, list):
        value = "; ".join(str(one) for one in value)
    text = clean("" if value is None else str(value), multiline=True)
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def format_table(
    rows: Sequence[Sequence[object]],
    headers: Sequence[str],
    truncated_column: int | None = None,
) -> str:
    """A table as wide as the terminal; column ``wide`` (the last by default) is cut to fit."""
    from tabulate import tabulate

    texts = [[clean("" if cell is None else str(cell)) for cell in row] for row in rows]
    cut = len(headers) - 1 if truncated_column is None else truncated_column
    others = sum(
        max([len(headers[column]), *(len(row[column]) for row in texts)]) + 2
        for column in range(len(headers))
        if column != cut
    )
    room = max(20, terminal_width() - others)
    for row in texts:
        if len(row[cut]) > room:
            row[cut] = row[cut][: room - 1] + "…"
    numbers = [
        "right" if all(isinstance(row[column], int) for row in rows) else "left"
        for column in range(len(headers))
    ]
    made: str = tabulate(
        texts,
        headers=headers,
        tablefmt="simple",
        disable_numparse=True,
        colalign=numbers if rows else None,
    )
    return made


def wrap_text(text: str, indent: str = "") -> str:
    """Paragraphs of a text, broken to the width of the terminal."""
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


class Progress:
    """One line that is written over, on standard error; only on a terminal. ``what``: of which things, "articles read"."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._enabled = sys.stderr.isatty()
        self._last_update = 0.0

    def update(self, done: int, total: int) -> None:
        """Say how far it is, a few times a second."""
        if self._enabled and time.monotonic() - self._last_update > 0.2:
            self._last_update = time.monotonic()
            click.echo(
                f"\r{f'{done} of {total} {self._label}':<60}", err=True, nl=False
            )

    def clear(self) -> None:
        """Take the line away."""
        if self._last_update:
            click.echo(f"\r{'':<60}\r", err=True, nl=False)
