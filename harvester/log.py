"""The format of log lines: time (UTC), level, message; on stderr.

The same for our own loggers and those of libraries. Results go to stdout, see
``cli.output``.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    r"\ud800-\udfff]+"
)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr; calls ``before_line`` first, which may clear a line there."""

    def __init__(self, before_line: Callable[[], None] | None) -> None:
        super().__init__(sys.stderr)
        self._before_line = before_line

    def emit(self, record: logging.LogRecord) -> None:
        if self._before_line is not None:
            self._before_line()
        super().emit(record)


def configure_logging(
    level: int = logging.INFO, before_line: Callable[[], None] | None = None
) -> None:
    """Let the root logger write lines of this format.

    ``before_line`` is called before each, such as to clear a line of progress.
    """
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
    handler = _Handler(before_line)
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
