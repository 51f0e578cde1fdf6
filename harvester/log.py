"""How a line of log looks: time (UTC), level, words. On stderr; the same for our lines and for those of libraries.

Not for: results (stdout), nor for what a person asked for (``cli.output``).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+"
)


def configure_logging(level: int = logging.INFO) -> None:
    """Let the root logger write such lines."""
    import structlog

    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper("%Y-%m-%dT%H:%M:%SZ", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _format_line,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _format_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """What outlets wrote may stand in it: nothing that a terminal would obey, and one line a line."""
    said = _CONTROL_CHARACTERS.sub(" ", str(event.pop("event", "")))
    trace = "\n".join(
        _CONTROL_CHARACTERS.sub(" ", line)
        for line in str(event.pop("exception", "") or "").split("\n")
    )
    return f"{event['timestamp']} {event['level']:<7} {said}" + (
        f"\n{trace}" if trace else ""
    )
