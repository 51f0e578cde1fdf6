"""HTML character references."""

from __future__ import annotations

import html
import re

# ``html.unescape`` raises ValueError for more digits than Python converts to a number.
# It would not be a character: HTML 13.2.5.80 replaces such references by U+FFFD.
_OVERLONG_REFERENCE = re.compile(r"&#[0-9]{100,};?")


def unescape(text: str) -> str:
    """Replace character references, once, by the characters they stand for."""
    return html.unescape(
        _OVERLONG_REFERENCE.sub("\ufffd", text) if "&#" in text else text
    )
