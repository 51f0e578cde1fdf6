"""Text whose line breaks and indentation count: ``pre``, code, verse, chat."""

from __future__ import annotations

import re
from textwrap import dedent

from harvester.parse.html.charset import REMOVED_CHARS
from harvester.parse.html.style_sheets import JOINS_LINES, KEEPS_LINES

PREFORMATTED_TAGS = frozenset(("pre", "listing", "xmp", "plaintext"))
MAX_INDENT = 200  # characters
_LONG_INDENT = re.compile(rf"^[^\S\n]{{{MAX_INDENT},}}", re.MULTILINE)


def keeps_lines(tag: str, style: str, is_inherited: bool) -> bool:
    """Whether an element keeps line breaks: by its tag, its style or its parent."""
    if style and "white-space" in style.lower():
        if KEEPS_LINES.search(style):
            return True
        if JOINS_LINES.search(style):
            return False
    return is_inherited or tag in PREFORMATTED_TAGS


def preformatted_text(text: str, max_length: int) -> str:
    """Text with its lines and their indentation, without empty lines.

    What all lines are indented by is dropped.
    """
    text = REMOVED_CHARS.sub("", text[:max_length]).replace("\xa0", " ")
    lines = (line.rstrip() for line in text.split("\n"))
    text = "\n".join(line for line in lines if line)
    return dedent(_LONG_INDENT.sub(" " * MAX_INDENT, text)).strip()
