"""What outlets wrote as plain text and as cells of CSV: nothing that is obeyed. Pure."""

from __future__ import annotations

import json
import re

ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    # OSC and the like: titles, links
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ufeff\ufffe\uffff\ud800-\udfff]"
)
# A spreadsheet takes text that starts with one of these as a formula.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def clean(text: str, multiline: bool = False) -> str:
    """Text without what a terminal would obey; on one line unless ``multiline``."""
    text = CONTROL_CHARACTERS.sub("", ESCAPE_SEQUENCES.sub("", text)).replace("\t", " ")
    return text if multiline else " ".join(text.split())


def make_cell(value: object) -> str:
    """A value as a cell of CSV; an apostrophe precedes what looks like a formula."""
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(part, dict | list) for part in value)
    ):
        value = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list):
        value = "; ".join(str(part) for part in value)
    text = clean("" if value is None else str(value), multiline=True)
    is_number = isinstance(value, int | float)  # -1 is no formula
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) and not is_number else text
