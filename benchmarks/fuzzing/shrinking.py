"""Shrink a case that fails by cutting halves, quarters and so on.

Delta debugging, after Zeller and Hildebrandt 2002.
"""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 400
SECONDS = 40.0


def shrunk(
    body: bytes,
    fails: Callable[[bytes], bool],
    tries: int = TRIES,
    seconds: float = SECONDS,
) -> bytes:
    """Return a part of a body that still fails; bounded in tries and time."""
    ends = time.monotonic() + seconds
    parts = 2
    while len(body) > 1 and parts <= len(body):
        step = max(1, len(body) // parts)
        at, taken = 0, False
        while at < len(body):
            tries -= 1
            if tries < 0 or time.monotonic() > ends:
                return body
            less = body[:at] + body[at + step :]
            if less and fails(less):
                body, taken = less, True
            else:
                at += step
        if not taken:
            if step == 1:
                break
            parts *= 2
    return body
