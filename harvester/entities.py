"""References to characters, undone: ``html.unescape``, which raises ValueError where one has more digits than Python makes a number of."""

from __future__ import annotations

import html
import re

_OVERLONG_REFERENCE = re.compile(
    r"&#[0-9]{100,};?"
)  # no character; HTML 13.2.5.80 says what stands for it


def unescape(text: str) -> str:
    """The text with its references undone, once."""
    return html.unescape(
        _OVERLONG_REFERENCE.sub("\ufffd", text) if "&#" in text else text
    )
