"""Tables that fit a width in columns of a terminal. Pure: text in, text out.

What is too wide gives way in this order: keys are cut to what commands still accept, and
digests go; headers take two lines; titles are cut; columns that are optional go, and
keys; other columns are cut, then go, the last first. Characters of East Asian scripts
take two columns, combining ones none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

GAP = "  "
SHORT_KEY = 8  # characters; commands accept 6, if they are unique
MIN_TITLE = 20  # columns, as long as a key can go instead
MIN_COLUMN = 4
DAY_COLUMNS = 10  # of a time, which may be cut to it
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
KEY_HEADERS = frozenset({"article", "key", "copied from", "other"})
DIGEST_HEADERS = frozenset({"sha256", "digest"})


def display_width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def truncate(text: str, columns: int) -> str:
    """The text, cut to a number of columns; an ellipsis says so."""
    if display_width(text) <= columns:
        return text
    kept, width = "", 1  # the ellipsis
    for character in text:
        width += _character_width(character)
        if width > columns:
            break
        kept += character
    return f"{kept.rstrip()}…" if columns > 0 else ""


def layout_table(
    rows: Sequence[Sequence[str]],
    headers: Sequence[str],
    *,
    width: int | None,
    cut_column: int,
    optional: Sequence[str] = (),
    right_aligned: frozenset[int] = frozenset(),
) -> str:
    """A table at most ``width`` columns wide; None: as wide as it is.

    ``cut_column``: the column that is cut first, and goes last. ``optional``: headers of
    columns that may go, the first of them first.
    """
    widths = [
        max(map(display_width, cells)) for cells in zip(headers, *rows, strict=True)
    ]
    if width is not None:
        _fit(widths, rows, headers, width, cut_column, optional)
    columns = [column for column, size in enumerate(widths) if size]
    heads = [_wrap_header(headers[column], widths[column]) for column in columns]
    height = max(map(len, heads))
    head_rows = [["" for _ in headers] for _ in range(height)]
    for column, lines in zip(columns, heads, strict=True):
        for line, text in enumerate(reversed(lines)):
            head_rows[height - 1 - line][column] = text
    lines = [
        *(_format_line(row, columns, widths, right_aligned) for row in head_rows),
        GAP.join("-" * widths[column] for column in columns),
        *(_format_line(row, columns, widths, right_aligned) for row in rows),
    ]
    return "\n".join(lines)


def _narrowest_header(header: str) -> int:
    """Columns of a header on two lines."""
    words = header.split()
    splits = [
        max(
            display_width(" ".join(words[:place])),
            display_width(" ".join(words[place:])),
        )
        for place in range(len(words))
    ]
    return min(splits, default=0)


def _wrap_header(header: str, columns: int) -> list[str]:
    lines = [""]
    for word in header.split():
        joined = f"{lines[-1]} {word}".strip()
        if display_width(joined) <= columns:
            lines[-1] = joined
        else:
            lines.append(word)
    return [line for line in lines if line] or [""]


def _fit(
    widths: list[int],
    rows: Sequence[Sequence[str]],
    headers: Sequence[str],
    width: int,
    cut_column: int,
    optional: Sequence[str],
) -> None:
    """Narrow columns down to ``width``; a column that goes is 0 wide."""
    columns = range(len(widths))
    least = [_narrowest_header(header) for header in headers]
    for column in columns:
        if any(_TIME.fullmatch(row[column]) for row in rows):
            least[column] = max(least[column], DAY_COLUMNS)
    keys = [column for column in columns if headers[column] in KEY_HEADERS]
    for column in keys:
        _narrow(widths, column, width, max(SHORT_KEY, least[column]))
    digests = [column for column in columns if headers[column] in DIGEST_HEADERS]
    _drop(widths, digests, width)
    for column in columns:  # a header on two lines
        content = max((display_width(row[column]) for row in rows), default=0)
        _narrow(widths, column, width, max(content, least[column]))
    _narrow(widths, cut_column, width, MIN_TITLE)
    _drop(widths, [headers.index(name) for name in optional], width)
    _drop(widths, [column for column in keys[::-1] if column != cut_column], width)
    for column in sorted(columns, key=lambda column: -widths[column]):
        _narrow(widths, column, width, max(least[column], MIN_TITLE))
    for column in sorted(columns, key=lambda column: -widths[column]):
        _narrow(widths, column, width, max(least[column], SHORT_KEY))
    _drop(widths, [column for column in columns[:0:-1] if column != cut_column], width)
    for column in (cut_column, 0):
        _narrow(widths, column, width, MIN_COLUMN)


def _drop(widths: list[int], columns: Sequence[int], width: int) -> None:
    """Let columns go, in their order, as long as the table is too wide."""
    for column in columns:
        if _excess(widths, width):
            widths[column] = 0


def _excess(widths: Sequence[int], width: int) -> int:
    """Columns by which a table is too wide."""
    shown = [size for size in widths if size]
    return max(0, sum(shown) + len(GAP) * (len(shown) - 1) - width)


def _narrow(widths: list[int], column: int, width: int, least: int) -> None:
    """Cut a column that is shown as far as is needed, but not below ``least``."""
    narrowed = max(widths[column] - _excess(widths, width), least)
    widths[column] = min(widths[column], narrowed)


def _format_line(
    cells: Sequence[str],
    columns: Sequence[int],
    widths: Sequence[int],
    right_aligned: frozenset[int],
) -> str:
    parts = []
    for column in columns:
        text = _cut(cells[column], widths[column])
        padding = " " * (widths[column] - display_width(text))
        parts.append(f"{padding}{text}" if column in right_aligned else text + padding)
    return GAP.join(parts).rstrip()


def _cut(text: str, columns: int) -> str:
    """Cut; a key without an ellipsis, so that it can be copied; a time to its day."""
    if len(text) > columns and _is_key(text):
        return text[: min(SHORT_KEY, columns)]
    if DAY_COLUMNS <= columns < len(text) and _TIME.fullmatch(text):
        return text[:DAY_COLUMNS]
    return truncate(text, columns)


def _is_key(text: str) -> bool:
    return len(text) == 16 and all(
        character in "0123456789abcdef" for character in text
    )
