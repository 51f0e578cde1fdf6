"""Which links an outlet's rules exclude: its ``allow`` and ``deny`` expressions.

A regular expression may take longer than anybody waits, and a match can be neither
interrupted nor ended by a signal: one link of an outlet would stop all outlets. So an
expression is matched by RE2, whose time is linear in the text, where it means the same
there; any other is matched by ``re`` in a process of its own, with a deadline.
"""

from __future__ import annotations

import json
import re
import selectors
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MATCH_SECONDS = 0.25  # of processor time that one match may take
STUCK_FACTOR = 40.0  # of elapsed time to that: the process gets little of the machine
# That all matches of an expression for one outlet may take, in one process; then it is
# not tried again there.
MAX_TOTAL_SECONDS = 1.0
UNCOUNTED_SECONDS = 0.001  # a match as fast as this is not counted
DENIED_REASON = "excluded by a deny rule of the settings"
NOT_ALLOWED_REASON = "not matched by any allow rule of the settings"

# What RE2 compiles, but understands otherwise than Python: POSIX classes, a repetition
# without a minimum, octal escapes.
_DIFFERENT_IN_RE2 = re.compile(r"\[:|\{,|\\\d")
# Of other characters RE2's classes and Python's differ: \d, \s, \w and \b.
_PLAIN_TEXT = re.compile(r"[\x21-\x7e]*")


class UndecidedMatchError(Exception):
    """A match took too long, or could not be tried; ``str`` says why, for people."""


class PatternProcess:
    """Matches by ``re`` in a process, which is replaced where a match does not end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._taken_seconds: dict[tuple[str, str], float] = {}  # by outlet and pattern
        self._lock = threading.Lock()

    def search(self, pattern: str, text: str, outlet: str) -> bool:
        """Whether a pattern is found in a text. Raises UndecidedMatchError."""
        with self._lock:
            taken = self._taken_seconds.get((outlet, pattern), 0.0)
            if taken >= MAX_TOTAL_SECONDS:
                raise UndecidedMatchError(_slow_reason(pattern))
            try:
                answer = self._ask(json.dumps([pattern, text, MATCH_SECONDS]))
            except OSError as error:  # no process can be started
                self._stop()
                raise UndecidedMatchError(
                    f"the rule {_short(pattern)} of the settings cannot be applied: "
                    f"{error.strerror}"
                ) from error
            if not answer:
                self._stop()
            is_found, seconds = json.loads(answer or f"[null, {MATCH_SECONDS}]")
            if seconds > UNCOUNTED_SECONDS:
                self._taken_seconds[outlet, pattern] = taken + seconds
        if is_found is None:
            raise UndecidedMatchError(_slow_reason(pattern))
        return bool(is_found)

    def _ask(self, request: str) -> str:
        """The answer to a request; "" if the process ended, or hangs."""
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._process is None:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    *("-I", "-S", "-W", "ignore"),
                    str(Path(__file__).with_name("pattern_process.py")),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(f"{request}\n")
        stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if not selector.select(MATCH_SECONDS * STUCK_FACTOR):
                return ""
        return stdout.readline()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _slow_reason(pattern: str) -> str:
    return f"the rule {_short(pattern)} of the settings takes too long for this URL"


def _short(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 60 else f"{pattern[:60]}…")


_PROCESS = PatternProcess()


@lru_cache(maxsize=1024)
def _compile_linear(pattern: str) -> Any | None:
    """The pattern as compiled by RE2; None where only ``re`` does what it says."""
    if _DIFFERENT_IN_RE2.search(pattern):
        return None
    try:
        import re2
    except ImportError:  # a system for which there is none
        return None
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:  # lookaround, references to groups, many repetitions …
        return None


def matches(pattern: str, text: str, outlet: str) -> bool:
    """Whether a pattern of an outlet's settings is found in a text.

    Takes bounded time. Raises UndecidedMatchError.
    """
    linear = _compile_linear(pattern) if _PLAIN_TEXT.fullmatch(text) else None
    if linear is not None:
        return linear.search(text) is not None
    return _PROCESS.search(pattern, text, outlet)


def refusal_reason(
    url: str, outlet: str, allow: tuple[str, ...], deny: tuple[str, ...]
) -> str:
    """Why a link is not followed, by the rules of its outlet; "" if it is.

    Rules apply to path and parameters. A link of which a rule cannot tell in time is not
    followed.
    """
    if not allow and not deny:
        return ""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        if any(matches(pattern, path, outlet) for pattern in deny):
            return DENIED_REASON
        if allow and not any(matches(pattern, path, outlet) for pattern in allow):
            return NOT_ALLOWED_REASON
    except UndecidedMatchError as error:
        return str(error)
    return ""
