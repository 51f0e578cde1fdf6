"""The smallest part of a case that still fails: cuts by halves, quarters … as long as some cut can be taken (Zeller, Hildebrandt 2002)."""

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
    """A part of a body for which ``fails`` still holds; bounded in tries and time."""
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
