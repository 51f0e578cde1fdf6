"""The format of log lines: time (UTC), level, message; on stderr.

The same for our own loggers and those of libraries. Results go to stdout, see
``cli.output``.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    r"\ud800-\udfff]+"
)


def configure_logging(level: int = logging.INFO) -> None:
    """Let the root logger write lines of this format."""
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
    """Format an event without control characters, as outlets wrote parts of it.

    A terminal obeys nothing in it, and a message is one line.
    """
    message = _CONTROL_CHARACTERS.sub(" ", str(event.pop("event", "")))
    line = f"{event['timestamp']} {event['level']:<7} {message}"
    traceback = "\n".join(
        _CONTROL_CHARACTERS.sub(" ", traceback_line)
        for traceback_line in str(event.pop("exception", "") or "").split("\n")
    )
    return f"{line}\n{traceback}" if traceback else line
