"""Tables that fit a width in columns of a terminal. Pure: text in, text out.

What is too wide gives way in this order: keys are cut to what commands still accept, and
digests go; titles are cut; keys go; other columns are cut, the widest first. Characters
of East Asian scripts take two columns, combining ones none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

GAP = "  "
SHORT_KEY = 8  # characters; commands accept 6, if they are unique
MIN_TITLE = 20  # columns, as long as a key can go instead
MIN_COLUMN = 4
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
    right_aligned: frozenset[int] = frozenset(),
) -> str:
    """A table at most ``width`` columns wide; None: as wide as it is.

    ``cut_column``: the column that is cut first.
    """
    widths = [
        max(map(display_width, cells)) for cells in zip(headers, *rows, strict=True)
    ]
    if width is not None:
        _fit(widths, headers, width, cut_column)
    columns = [column for column, size in enumerate(widths) if size]
    lines = [
        _format_line(headers, columns, widths, right_aligned),
        GAP.join("-" * widths[column] for column in columns),
        *(_format_line(row, columns, widths, right_aligned) for row in rows),
    ]
    return "\n".join(lines)


def _fit(
    widths: list[int], headers: Sequence[str], width: int, cut_column: int
) -> None:
    """Narrow columns down to ``width``; a column that goes is 0 wide."""
    columns = range(len(widths))
    digests = [column for column in columns if headers[column] in DIGEST_HEADERS]
    keys = [column for column in columns if headers[column] in KEY_HEADERS]
    for column in keys:
        if _excess(widths, width):
            widths[column] = min(
                widths[column], max(SHORT_KEY, display_width(headers[column]))
            )
    for column in digests:
        if _excess(widths, width):
            widths[column] = 0
    _narrow(widths, cut_column, width, MIN_TITLE)
    for column in reversed(keys):
        if _excess(widths, width) and column != cut_column:
            widths[column] = 0
    while _excess(widths, width):
        widest = max(columns, key=lambda column: widths[column])
        if widths[widest] <= MIN_COLUMN:
            last = max(column for column in columns if widths[column])
            if last == 0:
                widths[0] = min(widths[0], width)
                return
            widths[last] = 0
            continue
        second = sorted(widths)[-2] if len(widths) > 1 else 0
        _narrow(widths, widest, width, max(MIN_COLUMN, min(second, widths[widest] - 1)))


def _excess(widths: Sequence[int], width: int) -> int:
    """Columns by which a table is too wide."""
    shown = [size for size in widths if size]
    return max(0, sum(shown) + len(GAP) * (len(shown) - 1) - width)


def _narrow(widths: list[int], column: int, width: int, least: int) -> None:
    """Cut a column as far as is needed, but not below ``least``."""
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
    """Cut; a key without an ellipsis, so that it can be copied."""
    if len(text) > columns and _is_key(text):
        return text[: min(SHORT_KEY, columns)]
    return truncate(text, columns)


def _is_key(text: str) -> bool:
    return len(text) == 16 and all(
        character in "0123456789abcdef" for character in text
    )
